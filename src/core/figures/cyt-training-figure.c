/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "figures/cyt-figure-plot.h"
#include "figures/cyt-training-figure.h"
#include "io/cyt-error.h"
#include "train/cyt-train-log.h"

#define MIN_PANEL 110.0      /* width, points */
#define ASPECT 0.75          /* of a panel */
#define MAX_POINTS 150       /* of a line */

typedef struct
{
  const char *title;
  CytTrainLogColumn column;
  CytAxisScale scale;
  gboolean percent;          /* a share of the latents */
  gboolean optional;         /* shown where it is not 0 throughout */
} Panel;

static const Panel panels[] = {
  { "Reconstruction error", CYT_TRAIN_LOG_MSE, CYT_AXIS_LOG, FALSE, FALSE },
  { "Error of the prefixes", CYT_TRAIN_LOG_NESTED, CYT_AXIS_LOG, FALSE, TRUE },
  { "L1 penalty", CYT_TRAIN_LOG_L1, CYT_AXIS_LOG, FALSE, TRUE },
  { "L0 penalty", CYT_TRAIN_LOG_L0_PENALTY, CYT_AXIS_LOG, FALSE, TRUE },
  { "Ghost term", CYT_TRAIN_LOG_GHOST, CYT_AXIS_LOG, FALSE, TRUE },
  { "AuxK term", CYT_TRAIN_LOG_AUX, CYT_AXIS_LOG, FALSE, TRUE },
  { "Active latents of a token (L0)", CYT_TRAIN_LOG_L0, CYT_AXIS_LOG, FALSE, FALSE },
  { "Explained variance", CYT_TRAIN_LOG_EXPLAINED, CYT_AXIS_LINEAR, FALSE, FALSE },
  { "Dead latents", CYT_TRAIN_LOG_N_DEAD, CYT_AXIS_LINEAR, TRUE, FALSE },
};

typedef struct
{
  GPtrArray *logs;           /* of CytTrainLog */
  gboolean by_image;         /* every log knows its batch; else by step */
  GArray *shown;             /* of guint: panels */
} Plot;

static void
plot_free (Plot *self)
{
  g_ptr_array_unref (self->logs);
  g_array_unref (self->shown);
  g_free (self);
}

static gsize
get_run (const CytTrainLog *log)
{
  return (log->n_steps + MAX_POINTS - 1) / MAX_POINTS;
}

/* Mean over steps @first … @first + @n − 1, as the panel shows it. */
static double
get_mean (const CytTrainLog *log, const Panel *panel, gsize first, gsize n)
{
  const double *values = log->values[panel->column];
  double sum = 0;

  for (gsize i = first; i < first + n; i++)
    sum += values[i];
  return sum / (double) n / (panel->percent ? (double) log->d_sae : 1);
}

/* ---- Drawing ---- */

/* Colour alone tells nothing: each line has dashes of its own. */
static void
set_line (cairo_t *cr, const CytFigureStyle *style, guint series)
{
  static const double dashes[4][4] = { { 0 }, { 4, 1.5 }, { 1, 1.2 }, { 5, 1.2, 1, 1.2 } };
  static const int n_dashes[] = { 0, 2, 2, 4 };
  double rgb[3], scaled[4];

  for (guint i = 0; i < 4; i++)
    scaled[i] = dashes[series % 4][i] * style->text_size / 6;
  cyt_figure_get_class_color (series, rgb);
  cyt_figure_set_color (cr, rgb);
  cairo_set_line_width (cr, style->line);
  cairo_set_dash (cr, scaled, n_dashes[series % 4], 0);
}

static void
draw_line (const Plot *self, cairo_t *cr, const CytTrainLog *log, const Panel *panel, const CytAxis *x, const CytAxis *y,
           const cairo_rectangle_t *plot)
{
  gsize run = get_run (log);

  cairo_save (cr);
  cairo_rectangle (cr, plot->x, plot->y, plot->width, plot->height);
  cairo_clip (cr);
  for (gsize first = 0; first < log->n_steps; first += run)
    {
      gsize n = MIN (run, log->n_steps - first);
      double unit = cyt_axis_to_unit (y, get_mean (log, panel, first, n));
      double at = ((double) first + (double) (n + 1) / 2) * (self->by_image ? (double) log->batch : 1);

      if (isnan (unit)) /* nothing on an axis of powers: the term is not there yet */
        cairo_new_sub_path (cr);
      else
        cairo_line_to (cr, plot->x + cyt_axis_to_unit (x, at) * plot->width, plot->y + (1 - unit) * plot->height);
    }
  cairo_stroke (cr);
  cairo_restore (cr);
}

static void
init_value_axis (const Plot *self, const Panel *panel, CytAxis *axis)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint l = 0; l < self->logs->len; l++)
    {
      const CytTrainLog *log = self->logs->pdata[l];

      for (gsize first = 0; first < log->n_steps; first += get_run (log))
        {
          double mean = get_mean (log, panel, first, MIN (get_run (log), log->n_steps - first));

          g_array_append_val (values, mean);
        }
    }
  cyt_axis_init_values (axis, panel->scale, panel->percent, (const double *) values->data, values->len, 0.05);
  /* The first steps reconstruct worse than nothing would; where they went from there is what the plot is about. */
  if (panel->column == CYT_TRAIN_LOG_EXPLAINED && axis->min < 0 && axis->max > 0)
    axis->min = 0;
  if (panel->percent)
    axis->min = 0;
}

static void
draw_panel (const Plot *self, cairo_t *cr, const CytFigureStyle *style, const Panel *panel, const CytAxis *x,
            const cairo_rectangle_t *outer)
{
  const CytFigureFont bold = CYT_FIGURE_TITLE (style);
  const char *x_title = self->by_image ? "Images" : "Steps";
  double ascent, descent;
  cairo_rectangle_t inner = *outer, plot;
  CytAxesStyle axes;
  CytAxis y;

  init_value_axis (self, panel, &y);
  cyt_figure_text_get_metrics (cr, &bold, &ascent, &descent);
  inner.y += ascent + descent;
  inner.height -= ascent + descent;
  cyt_axes_style_init_figure (&axes, style);
  cyt_axes_measure (cr, x, x_title, &y, NULL, &axes, &inner, &plot);
  for (guint l = 0; l < self->logs->len; l++)
    {
      set_line (cr, style, l);
      draw_line (self, cr, self->logs->pdata[l], panel, x, &y, &plot);
    }
  cairo_set_dash (cr, NULL, 0, 0);
  cyt_axes_draw (cr, x, x_title, &y, NULL, &axes, &plot);
  cyt_figure_set_color (cr, style->ink);
  cyt_figure_text_draw (cr, &bold, outer->x, outer->y + ascent, 0, outer->width, panel->title);
}

static char *
name_log (const CytTrainLog *log)
{
  return log->seed < 0 ? g_strdup (log->name) : g_strdup_printf ("%s, seed %" G_GINT64_FORMAT, log->name, log->seed);
}

/* Returns the height. */
static double
draw_legend (const Plot *self, cairo_t *cr, const CytFigureStyle *style, double width)
{
  const CytFigureFont text = CYT_FIGURE_TEXT (style);
  double ascent, descent, x = 0, y = 0;

  cyt_figure_text_get_metrics (cr, &text, &ascent, &descent);
  for (guint l = 0; l < self->logs->len; l++)
    {
      g_autofree char *name = name_log (self->logs->pdata[l]);
      double length = 3 * style->text_size, advance = length + style->gap + cyt_figure_text_measure (cr, &text, name);

      if (x > 0 && x + advance > width)
        {
          x = 0;
          y += ascent + descent + style->gap;
        }
      set_line (cr, style, l);
      cairo_move_to (cr, x, y + (ascent + descent) / 2);
      cairo_rel_line_to (cr, length, 0);
      cairo_stroke (cr);
      cyt_figure_set_color (cr, style->ink);
      cyt_figure_text_draw (cr, &text, x + length + style->gap, y + ascent, 0, MAX (1, width - x - length - style->gap), name);
      x += advance + 4 * style->gap;
    }
  cairo_set_dash (cr, NULL, 0, 0);
  return y + ascent + descent + 2 * style->gap;
}

static double
draw (cairo_t *cr, const CytFigureStyle *style, double width, gpointer data)
{
  const Plot *self = data;
  guint n_columns = (guint) CLAMP (floor (width / (MIN_PANEL * style->text_size / 6)), 1, 3);
  double gap = 4 * style->gap, panel = (width - (n_columns - 1) * gap) / n_columns, y, last = 0;
  CytAxis x;

  for (guint l = 0; l < self->logs->len; l++)
    {
      const CytTrainLog *log = self->logs->pdata[l];

      last = MAX (last, (double) log->n_steps * (self->by_image ? (double) log->batch : 1));
    }
  cyt_axis_init (&x, CYT_AXIS_LINEAR, FALSE, 0, last);
  y = draw_legend (self, cr, style, width);
  for (guint i = 0; i < self->shown->len; i++)
    {
      cairo_rectangle_t outer = { i % n_columns * (panel + gap), y + i / n_columns * (panel * ASPECT + gap), panel, panel * ASPECT };

      draw_panel (self, cr, style, &panels[g_array_index (self->shown, guint, i)], &x, &outer);
    }
  return y + (self->shown->len + n_columns - 1) / n_columns * (panel * ASPECT + gap) - gap + style->gap;
}

/* ---- What is drawn ---- */

static gboolean
is_shown (const Plot *self, const Panel *panel)
{
  gboolean known = !panel->optional;

  for (guint l = 0; l < self->logs->len; l++)
    {
      const CytTrainLog *log = self->logs->pdata[l];

      if (panel->percent && log->d_sae == 0)
        return FALSE;
      for (gsize i = 0; i < log->n_steps && !known; i++)
        known = log->values[panel->column][i] > 0;
    }
  return known;
}

static char *
make_caption (const Plot *self, gboolean simulated)
{
  GString *text = g_string_new (NULL);
  gsize run = 1;

  for (guint l = 0; l < self->logs->len; l++)
    run = MAX (run, get_run (self->logs->pdata[l]));
  g_string_append_printf (text, "Training of %u sparse %s, by %s. ", self->logs->len,
                          self->logs->len == 1 ? "autoencoder" : "autoencoders", self->by_image ? "images seen" : "steps");
  if (run > 1)
    g_string_append_printf (text, "Lines: means over up to %" G_GSIZE_FORMAT " steps. ", run);
  g_string_append (text, "Explained variance below 0 is not shown. Means over the last tenth of the steps: ");
  for (guint l = 0; l < self->logs->len; l++)
    {
      const CytTrainLog *log = self->logs->pdata[l];
      g_autofree char *name = name_log (log);
      gsize n = MAX (1, log->n_steps / 10);

      g_string_append_printf (text, "%s%s (", l > 0 ? "; " : "", name);
      if (log->variant != NULL)
        g_string_append_printf (text, "%s, ", log->variant);
      if (log->d_sae > 0)
        g_string_append_printf (text, "%" G_GSIZE_FORMAT " latents, ", log->d_sae);
      g_string_append_printf (text, "%" G_GSIZE_FORMAT " steps", log->n_steps);
      if (log->batch > 0)
        g_string_append_printf (text, " of %" G_GSIZE_FORMAT " images", log->batch);
      g_string_append (text, "):");
      for (guint s = 0; s < self->shown->len; s++)
        {
          const Panel *panel = &panels[g_array_index (self->shown, guint, s)];
          double mean = get_mean (log, panel, log->n_steps - n, n);
          g_autofree char *number = cyt_figure_format (panel->percent ? "%.1f" : "%.4g", panel->percent ? 100 * mean : mean);
          g_autofree char *title = g_utf8_strdown (panel->title, 1);

          g_string_append_printf (text, "%s %s%s %s%s", s > 0 ? "," : "", title, panel->title + 1, number,
                                  panel->percent ? " %" : "");
        }
    }
  g_string_append_c (text, '.');
  if (simulated)
    g_string_append (text, " Cells are SIMULATED.");
  return g_string_free (text, FALSE);
}

CytFigure *
cyt_training_figure_new (CytProject *project, const char *const *trainings, GError **error)
{
  g_autoptr (CytFigureProvenance) provenance = cyt_figure_provenance_new (project, "training", error);
  g_autoptr (GPtrArray) logs = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_train_log_free);
  CytFigure *figure;
  Plot *self;

  if (provenance == NULL)
    return NULL;
  if (g_strv_length ((char **) trainings) > CYT_TRAINING_FIGURE_MAX)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "at most %d trainings can be told apart in a figure",
                   CYT_TRAINING_FIGURE_MAX);
      return NULL;
    }
  for (guint i = 0; trainings[i] != NULL; i++)
    {
      CytTrainLog *log = cyt_train_log_read (trainings[i], error);

      if (log == NULL)
        return NULL;
      g_ptr_array_add (logs, log);
      cyt_figure_provenance_add_path (provenance, "--training", trainings[i]);
      provenance->simulated |= log->simulated;
    }
  self = g_new0 (Plot, 1);
  self->logs = g_steal_pointer (&logs);
  self->shown = g_array_new (FALSE, FALSE, sizeof (guint));
  self->by_image = TRUE;
  for (guint l = 0; l < self->logs->len; l++)
    self->by_image &= ((const CytTrainLog *) self->logs->pdata[l])->batch > 0;
  for (guint p = 0; p < G_N_ELEMENTS (panels); p++)
    if (is_shown (self, &panels[p]))
      g_array_append_val (self->shown, p);
  figure = cyt_figure_new (draw, self, (GDestroyNotify) plot_free, NULL);
  figure->title = g_strdup ("Training");
  figure->caption = make_caption (self, provenance->simulated);
  figure->provenance = g_steal_pointer (&provenance);
  return figure;
}
