/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli-project.h"
#include "figures/cyt-figure.h"
#include "figures/cyt-overlay.h"

G_BEGIN_DECLS

/* The options that every kind of figure has. */
typedef struct
{
  char *out;
  char *dpi;
  char *width;
  char *style;
  char *font;
  char *panel;
  gboolean again;           /* the command comes from a figure: it names no file to write */
  CytFigureLayout layout;   /* what they mean; set by cli_figure_parse() */
} CliFigureOptions;
void cli_figure_options_clear (CliFigureOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliFigureOptions, cli_figure_options_clear)

/* Entries of these options, for a kind's own array. */
#define CLI_FIGURE_ENTRIES(o)                                                                                        \
  { "out", 'o', 0, G_OPTION_ARG_FILENAME, &(o)->out, "The file to write: .png, .pdf or .svg", "FILE" },              \
  { "width", 'w', 0, G_OPTION_ARG_FILENAME, &(o)->width, "In mm, or a journal's column, such as nature-1 (183)",     \
    "MM" },                                                                                                          \
  { "dpi", 0, 0, G_OPTION_ARG_FILENAME, &(o)->dpi, "Dots per inch of a PNG (300)", "N" },                            \
  { "style", 0, 0, G_OPTION_ARG_FILENAME, &(o)->style, "nature (5 to 7 pt) or plain (larger)", "NAME" },             \
  { "font", 0, 0, G_OPTION_ARG_FILENAME, &(o)->font, "A font family that is installed (Helvetica or alike)",         \
    "FAMILY" },                                                                                                      \
  { "panel", 0, 0, G_OPTION_ARG_FILENAME, &(o)->panel, "Panel letter at the top left", "a" }

/* Entries for the overlay on cells; @v of CliFigureOverlay. */
typedef struct
{
  char *mode;
  char *colormap;
  char *opacity;
  char *scale;
} CliFigureOverlay;
void cli_figure_overlay_clear (CliFigureOverlay *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliFigureOverlay, cli_figure_overlay_clear)
#define CLI_FIGURE_OVERLAY_ENTRIES(v)                                                                                \
  { "overlay", 0, 0, G_OPTION_ARG_FILENAME, &(v).mode, "heat, outline or off (heat)", "MODE" },                      \
  { "colormap", 0, 0, G_OPTION_ARG_FILENAME, &(v).colormap, "viridis, cividis, magma or inferno (viridis)", "NAME" }, \
  { "opacity", 0, 0, G_OPTION_ARG_FILENAME, &(v).opacity, "Of the strongest patch, 0 to 1 (0.6)", "A" },             \
  { "scale", 0, 0, G_OPTION_ARG_FILENAME, &(v).scale, "Activation at the top of the colours (each latent's largest)", \
    "F" }
gboolean cli_figure_overlay_parse (const CliFigureOverlay *self, CytOverlayStyle *overlay, GError **error);

/* One kind: its words and its function live together in figure-NAME.c. @make gets "KIND P.cytosae OPTION…", calls
 * cli_figure_parse(), opens the project to read and gives the figure (transfer full). */
typedef struct _CliFigureKind CliFigureKind;
struct _CliFigureKind
{
  const char *name;
  const char *summary;     /* one line */
  const char *description; /* examples; below the options */
  CytFigure *(*make) (const CliFigureKind *self, char **argv, CliFigureOptions *options, GError **error);
};

/* Each in figure-NAME.c; their order is that of the table in cmd-figure.c. */
extern const CliFigureKind figure_barcodes;
extern const CliFigureKind figure_cell;
extern const CliFigureKind figure_compare;
extern const CliFigureKind figure_concepts;
extern const CliFigureKind figure_confusion;
extern const CliFigureKind figure_correlation;
extern const CliFigureKind figure_evidence;
extern const CliFigureKind figure_map;
extern const CliFigureKind figure_sweep;
extern const CliFigureKind figure_training;
extern const CliFigureKind figure_transfer;

/* Parses the command line (@entries: the kind's own with CLI_FIGURE_ENTRIES; --help is answered here) and checks the
 * common options. Returns the project's path (transfer full). */
char *cli_figure_parse (const CliFigureKind *kind, const GOptionEntry *entries, char **argv, CliFigureOptions *options,
                        GError **error);

/* "K,K,…", at most @max of them, of guint32 (transfer full). @option: for messages. */
GArray *cli_parse_latents (const char *option, const char *text, gsize d_sae, guint max, GError **error);

G_END_DECLS
