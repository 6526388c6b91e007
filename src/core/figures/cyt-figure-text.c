/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <pango/pangocairo.h>

#include "figures/cyt-figure-text.h"

/* A text that is longer is not a name any more, and nothing of it would be seen. */
#define MAX_CHARS 20000

gboolean
cyt_figure_text_has_family (const char *family)
{
  static const char *const generic[] = { "sans-serif", "sans", "serif", "monospace", NULL };
  g_autofree PangoFontFamily **families = NULL;
  int n;

  if (g_strv_contains (generic, family))
    return TRUE;
  pango_font_map_list_families (pango_cairo_font_map_get_default (), &families, &n);
  for (int i = 0; i < n; i++)
    if (g_ascii_strcasecmp (pango_font_family_get_name (families[i]), family) == 0)
      return TRUE;
  return FALSE;
}

/* @text in one line, or with @keep_breaks in those that it has. (transfer full) */
static char *
clean (const char *text, gboolean keep_breaks)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new (NULL);
  guint n = 0;

  for (const char *p = valid; *p != '\0' && n < MAX_CHARS; p = g_utf8_next_char (p), n++)
    {
      gunichar c = g_utf8_get_char (p);
      gboolean is_break = c == '\n' || c == 0x2028 || c == 0x2029;

      g_string_append_unichar (out, is_break && keep_breaks ? '\n' : is_break || g_unichar_iscntrl (c) ? ' ' : c);
    }
  return g_string_free (out, FALSE);
}

static PangoLayout *
create_layout (cairo_t *cr, const CytFigureFont *font)
{
  PangoLayout *layout = pango_cairo_create_layout (cr);
  PangoContext *context = pango_layout_get_context (layout);
  PangoFontDescription *description = pango_font_description_from_string (font->family != NULL ? font->family : "sans-serif");
  cairo_font_options_t *options = cairo_font_options_create ();
  PangoAttrList *attributes = pango_attr_list_new ();

  /* Hinted, letters would stand elsewhere on paper than on screen. */
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options (context, options);
  pango_context_set_round_glyph_positions (context, FALSE);
  cairo_font_options_destroy (options);
  pango_font_description_set_family (description, font->family != NULL ? font->family : "sans-serif");
  pango_font_description_set_absolute_size (description, font->size * PANGO_SCALE);
  pango_font_description_set_weight (description, font->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description (layout, description);
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("liga=0")); /* "fi" is found as two letters */
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  pango_font_description_free (description);
  return layout;
}

void
cyt_figure_text_get_metrics (cairo_t *cr, const CytFigureFont *font, double *ascent, double *descent)
{
  g_autoptr (PangoLayout) layout = create_layout (cr, font);
  PangoRectangle logical;
  double baseline;

  /* Of a line, as pango_context_get_metrics() divides by the scale that cairo draws at. */
  pango_layout_set_text (layout, "X", -1);
  pango_layout_get_extents (layout, NULL, &logical);
  baseline = pango_layout_get_baseline (layout) / (double) PANGO_SCALE;
  if (ascent != NULL)
    *ascent = baseline;
  if (descent != NULL)
    *descent = logical.height / (double) PANGO_SCALE - baseline;
}

static double
get_line_width (PangoLayoutLine *line)
{
  PangoRectangle logical;

  pango_layout_line_get_extents (line, NULL, &logical);
  return logical.width / (double) PANGO_SCALE;
}

double
cyt_figure_text_measure (cairo_t *cr, const CytFigureFont *font, const char *text)
{
  g_autoptr (PangoLayout) layout = create_layout (cr, font);
  g_autofree char *line = clean (text, FALSE);

  pango_layout_set_text (layout, line, -1);
  return get_line_width (pango_layout_get_line_readonly (layout, 0));
}

static double
draw_line (cairo_t *cr, const CytFigureFont *font, double x, double y, double align, double width, const char *text,
           gboolean rimmed)
{
  g_autoptr (PangoLayout) layout = create_layout (cr, font);
  g_autofree char *cleaned = clean (text, FALSE);
  PangoLayoutLine *line;
  double advance;

  pango_layout_set_text (layout, cleaned, -1);
  if (get_line_width (pango_layout_get_line_readonly (layout, 0)) > width)
    {
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      pango_layout_set_width (layout, (int) (MAX (width, 0) * PANGO_SCALE));
    }
  line = pango_layout_get_line_readonly (layout, 0);
  advance = get_line_width (line);
  if (advance > width && width < 2 * font->size) /* not even "…" */
    return 0;
  if (rimmed)
    {
      cairo_save (cr);
      cairo_move_to (cr, x - align * advance, y);
      pango_cairo_layout_line_path (cr, line);
      cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_set_line_width (cr, 0.25 * font->size);
      cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
      cairo_stroke (cr);
      cairo_restore (cr);
    }
  cairo_move_to (cr, x - align * advance, y);
  pango_cairo_show_layout_line (cr, line);
  cairo_new_path (cr);
  return advance;
}

double
cyt_figure_text_draw (cairo_t *cr, const CytFigureFont *font, double x, double y, double align, double width,
                      const char *text)
{
  return draw_line (cr, font, x, y, align, width, text, FALSE);
}

double
cyt_figure_text_draw_rimmed (cairo_t *cr, const CytFigureFont *font, double x, double y, double align, double width,
                             const char *text)
{
  return draw_line (cr, font, x, y, align, width, text, TRUE);
}

double
cyt_figure_text_draw_paragraph (cairo_t *cr, const CytFigureFont *font, double x, double y, double width,
                                const char *text)
{
  g_autoptr (PangoLayout) layout = create_layout (cr, font);
  g_autofree char *cleaned = clean (text, TRUE);
  PangoRectangle logical;

  pango_layout_set_text (layout, cleaned, -1);
  pango_layout_set_width (layout, (int) (MAX (width, 1) * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  cairo_move_to (cr, x, y);
  pango_cairo_show_layout (cr, layout);
  cairo_new_path (cr);
  pango_layout_get_extents (layout, NULL, &logical);
  return logical.height / (double) PANGO_SCALE;
}
