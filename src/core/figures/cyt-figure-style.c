/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "figures/cyt-figure-style.h"
#include "io/cyt-error.h"

static const CytFigureStyle styles[] = {
  { .name = "nature",
    .title_size = 7, .text_size = 6, .small_size = 5, .panel_size = 8,
    .line = 0.5, .thin = 0.25, .gap = 3,
    .ink = { 0.07, 0.07, 0.08 }, .faint = { 0.38, 0.39, 0.42 }, .rule = { 0.82, 0.83, 0.85 },
    .accent = { 0, 0.447, 0.698 }, .warning = { 0.70, 0.12, 0.10 } },
  { .name = "plain",
    .title_size = 11, .text_size = 9, .small_size = 8, .panel_size = 13,
    .line = 0.75, .thin = 0.5, .gap = 5,
    .ink = { 0.07, 0.07, 0.08 }, .faint = { 0.38, 0.39, 0.42 }, .rule = { 0.82, 0.83, 0.85 },
    .accent = { 0, 0.447, 0.698 }, .warning = { 0.70, 0.12, 0.10 } },
};

/* The journals' guides to authors, as of 2024. */
static const CytFigureColumn columns[] = {
  { "nature-1", 89 }, { "nature-2", 183 },
  { "science-1", 57 }, { "science-2", 121 }, { "science-3", 184 },
  { "cell-1", 85 }, { "cell-1.5", 114 }, { "cell-2", 174 },
  { "elsevier-1", 90 }, { "elsevier-1.5", 140 }, { "elsevier-2", 190 },
  { "plos-1", 132 }, { "plos-2", 190.5 },
};

const CytFigureColumn *
cyt_figure_list_columns (gsize *n)
{
  *n = G_N_ELEMENTS (columns);
  return columns;
}

gboolean
cyt_figure_style_init (CytFigureStyle *self, const char *name, const char *font, GError **error)
{
  *self = styles[0];
  for (gsize i = 0; i < G_N_ELEMENTS (styles) && name != NULL; i++)
    {
      *self = styles[i];
      if (g_str_equal (name, styles[i].name))
        break;
      if (i + 1 == G_N_ELEMENTS (styles))
        {
          g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "style: expected nature or plain, found \"%s\"", name);
          return FALSE;
        }
    }
  if (font != NULL && (strlen (font) >= sizeof self->family || !cyt_figure_text_has_family (font)))
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "font: no family \"%.*s\" is installed",
                   CYT_FIGURE_MAX_FAMILY, font);
      return FALSE;
    }
  g_strlcpy (self->family, font != NULL ? font : CYT_FIGURE_DEFAULT_FAMILY, sizeof self->family);
  return TRUE;
}

CytFigureFont
cyt_figure_style_get_font (const CytFigureStyle *self, double size, gboolean bold)
{
  return (CytFigureFont){ self->family, size, bold };
}

void
cyt_figure_set_color (cairo_t *cr, const double *rgb)
{
  cairo_set_source_rgb (cr, rgb[0], rgb[1], rgb[2]);
}
