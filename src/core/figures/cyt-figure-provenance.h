/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* Where a figure comes from, kept in its file: program, models, data sets, latents, threshold, and the command that makes
 * it again. In the file it is one line of JSON in ASCII; paths in the command are relative to the figure's folder. */
#define CYT_FIGURE_METADATA_KEY "cytosae-figure"
#define CYT_FIGURE_MAX_METADATA (1u << 20)   /* bytes of the JSON */
#define CYT_FIGURE_MAX_ARGUMENTS 1000

typedef struct
{
  char *name;
  gint64 n_indexed;     /* cells */
} CytFigureDataset;

typedef struct
{
  char *version;          /* of the program */
  char *encoder_sha256;   /* NULL where published */
  char *sae_sha256;
  GArray *datasets;       /* of CytFigureDataset */
  gint64 edit;            /* number of the last edit of labels, 0: none */
  GArray *latents;        /* of guint32: those shown; empty: all, or none in particular */
  double threshold;       /* τ; NAN where none is used */
  gboolean simulated;
  gboolean patients;      /* tells something about patients: "research use only" */
  gint64 seed;            /* -1: nothing is random */
  GPtrArray *command;     /* of char *: what follows "cytosae"; see the functions below */
  GArray *paths;          /* of guint: numbers of the arguments that are paths */
  char *project;          /* path of the project file as the command names it, or NULL: from the figure's folder */
} CytFigureProvenance;

/* What holds of any figure of @project, with the command "figure PROJECT KIND" so far. */
CytFigureProvenance *cyt_figure_provenance_new (CytProject *project, const char *kind, GError **error);
void cyt_figure_provenance_free (CytFigureProvenance *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytFigureProvenance, cyt_figure_provenance_free)

void cyt_figure_provenance_add_dataset (CytFigureProvenance *self, const CytDataset *dataset);
void cyt_figure_provenance_add_latent (CytFigureProvenance *self, guint32 latent);

/* The next arguments of the command: an option with its value, or with @value NULL a word alone; what is given must do
 * the same as what was given, with every choice that the program made spelled out. */
void cyt_figure_provenance_add_argument (CytFigureProvenance *self, const char *option, const char *value);
void cyt_figure_provenance_add_int (CytFigureProvenance *self, const char *option, gint64 value);
/* The shortest decimal that reads back as @value. */
void cyt_figure_provenance_add_double (CytFigureProvenance *self, const char *option, double value);
/* "1742,311". Nothing is added of an empty list. */
void cyt_figure_provenance_add_latents (CytFigureProvenance *self, const char *option, const guint32 *latents, gsize n);
/* A path of a file, as found from the current folder. */
void cyt_figure_provenance_add_path (CytFigureProvenance *self, const char *option, const char *path);

/* The JSON, for a figure in @folder, with @more arguments (NULL-terminated) behind the command. (transfer full) */
char *cyt_figure_provenance_to_json (const CytFigureProvenance *self, const char *folder, const char *const *more);
/* From JSON that anybody may have written: checked throughout, and the command is one of "figure PROJECT KIND …".
 * Its paths are left relative. @name: for messages (CYT_TABLE_ERROR). */
CytFigureProvenance *cyt_figure_provenance_parse (const char *json, const char *name, GError **error);
/* Reads it from a figure, PNG, PDF or SVG. */
CytFigureProvenance *cyt_figure_provenance_load (const char *path, GError **error);

/* What is not as it was when @before was made: a line for each difference that can make another picture (another
 * model, cells indexed since, labels edited since, another version). Empty when there is none. (transfer full) */
GStrv cyt_figure_provenance_compare (const CytFigureProvenance *before, const CytFigureProvenance *now);

G_END_DECLS
