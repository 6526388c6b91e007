/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "figures/cyt-figure-plot.h"
#include "figures/cyt-map-figure.h"
#include "io/cyt-error.h"

#define N_BINS 48
#define HISTOGRAM 22.0       /* height of the bars, points */
#define MIN_DIAMETER 0.7     /* of a point; they grow with the plot */
#define MAX_DIAMETER 2.2
#define MANY 20000
#define COLORMAP CYT_COLORMAP_VIRIDIS

typedef struct
{
  guint32 latent;
  double x, y;
  double entropy;            /* NAN: undefined */
} Dot;

typedef struct
{
  GArray *dots;              /* of Dot, those without entropy first */
  GArray *labels;            /* of guint: places in dots */
  GPtrArray *names;          /* of char, of the labels */
  gboolean projected;
  CytAxis x, y, entropy;
  char *x_title, *y_title;
} Plot;

static void
plot_free (Plot *self)
{
  g_array_unref (self->dots);
  g_array_unref (self->labels);
  g_ptr_array_unref (self->names);
  g_free (self->x_title);
  g_free (self->y_title);
  g_free (self);
}

/* ---- Drawing ---- */

static double
get_diameter (const Plot *self, const cairo_rectangle_t *plot)
{
  double wanted = plot->width / (self->dots->len < MANY ? 170 : 340);

  return CLAMP (wanted, MIN_DIAMETER, MAX_DIAMETER);
}

static void
draw_dots (const Plot *self, cairo_t *cr, const cairo_rectangle_t *plot)
{
  g_autofree CytFigurePoint *points = g_new (CytFigurePoint, self->dots->len + 1);

  for (guint i = 0; i < self->dots->len; i++)
    {
      const Dot *dot = &g_array_index (self->dots, Dot, i);

      points[i] = (CytFigurePoint){ cyt_axis_to_unit (&self->x, dot->x), cyt_axis_to_unit (&self->y, dot->y), { 190, 190, 195 } };
      if (!isnan (dot->entropy))
        cyt_colormap_lookup (COLORMAP, cyt_axis_to_unit (&self->entropy, dot->entropy), points[i].rgb);
    }
  cyt_figure_draw_points (cr, plot, points, self->dots->len, get_diameter (self, plot));
}

/* Bars over the plot (@along_x) or at its right. */
static void
draw_histogram (const Plot *self, cairo_t *cr, const CytFigureStyle *style, gboolean along_x, const cairo_rectangle_t *plot)
{
  guint n[N_BINS] = { 0 }, most = 1;
  double width = (along_x ? plot->width : plot->height) / N_BINS;

  for (guint i = 0; i < self->dots->len; i++)
    {
      const Dot *dot = &g_array_index (self->dots, Dot, i);
      double unit = along_x ? cyt_axis_to_unit (&self->x, dot->x) : cyt_axis_to_unit (&self->y, dot->y);

      n[MIN (N_BINS - 1, (guint) (CLAMP (unit, 0, 1) * N_BINS))]++;
    }
  for (guint i = 0; i < N_BINS; i++)
    most = MAX (most, n[i]);
  cyt_figure_set_color (cr, style->rule);
  for (guint i = 0; i < N_BINS; i++)
    {
      double length = HISTOGRAM * n[i] / most;

      if (along_x)
        cairo_rectangle (cr, plot->x + i * width, plot->y - style->gap - length, width * 0.9, length);
      else
        cairo_rectangle (cr, plot->x + plot->width + style->gap, plot->y + plot->height - (i + 1) * width, length, width * 0.9);
    }
  cairo_fill (cr);
}

static void
draw_labels (const Plot *self, cairo_t *cr, const CytFigureStyle *style, const cairo_rectangle_t *plot)
{
  g_autoptr (CytFigureLabels) labels = cyt_figure_labels_new (plot);
  double reach = MAX (1.2, 0.75 * get_diameter (self, plot));

  for (guint i = 0; i < self->labels->len; i++)
    {
      const Dot *dot = &g_array_index (self->dots, Dot, g_array_index (self->labels, guint, i));
      double x = plot->x + cyt_axis_to_unit (&self->x, dot->x) * plot->width;
      double y = plot->y + (1 - cyt_axis_to_unit (&self->y, dot->y)) * plot->height;

      cyt_figure_set_color (cr, style->ink);
      cairo_set_line_width (cr, style->line);
      cairo_arc (cr, x, y, reach, 0, 2 * G_PI);
      cairo_stroke (cr);
      cyt_figure_labels_place (labels, cr, style, x, y, reach, self->names->pdata[i]);
    }
}

static double
draw (cairo_t *cr, const CytFigureStyle *style, double width, gpointer data)
{
  const Plot *self = data;
  const CytFigureFont small = CYT_FIGURE_SMALL (style);
  double histogram = self->projected ? 0 : HISTOGRAM + style->gap, ascent, descent, bar, height;
  cairo_rectangle_t outer, plot;
  CytAxesStyle axes;

  cyt_figure_text_get_metrics (cr, &small, &ascent, &descent);
  bar = MAX (cyt_figure_measure_value_bar (cr, style, &self->entropy),
             cyt_figure_text_measure (cr, &small, "Entropy (nats)")) + 3 * style->gap;
  cyt_axes_style_init_figure (&axes, style);
  outer = (cairo_rectangle_t){ 0, histogram, width - histogram - bar, 0.8 * (width - histogram - bar) };
  cyt_axes_measure (cr, &self->x, self->x_title, &self->y, self->y_title, &axes, &outer, &plot);
  height = outer.y + outer.height;
  if (self->projected) /* one unit as long on both axes */
    {
      double wanted = plot.width * (self->y.max - self->y.min) / (self->x.max - self->x.min);

      height += wanted - plot.height;
      plot.height = wanted;
    }
  draw_dots (self, cr, &plot);
  cyt_axes_draw (cr, &self->x, self->x_title, &self->y, self->y_title, &axes, &plot);
  if (!self->projected)
    {
      draw_histogram (self, cr, style, TRUE, &plot);
      draw_histogram (self, cr, style, FALSE, &plot);
    }
  draw_labels (self, cr, style, &plot);
  cyt_figure_draw_value_bar (cr, style, COLORMAP, &self->entropy, "Entropy (nats)",
                             plot.x + plot.width + histogram + 3 * style->gap, plot.y + ascent + descent,
                             MIN (plot.height - ascent - descent, 120));
  return height + style->gap;
}

/* ---- What is drawn ---- */

static int
compare_dots (gconstpointer a, gconstpointer b)
{
  const Dot *x = a, *y = b;

  if (isnan (x->entropy) != isnan (y->entropy))
    return isnan (x->entropy) ? -1 : 1;
  return (x->latent > y->latent) - (x->latent < y->latent);
}

static gboolean
collect_dots (Plot *self, CytProject *project, const CytMapFigureRequest *request, guint *n_ubiquitous, GError **error)
{
  gsize d_sae = cyt_project_get_d_sae (project);
  g_autofree CytLatentRow *rows = g_new0 (CytLatentRow, d_sae);

  if (!cyt_project_load_latent_rows (project, request->dataset, rows, error))
    return FALSE;
  *n_ubiquitous = 0;
  for (gsize k = 0; k < d_sae; k++)
    {
      Dot dot = { (guint32) k, rows[k].frequency, rows[k].mean_act, rows[k].entropy };

      if (!(rows[k].frequency > 0 && rows[k].mean_act > 0))
        continue;
      *n_ubiquitous += rows[k].mean_act > CYT_UBIQUITOUS_MEAN_ACT;
      if (request->projection != NULL)
        {
          dot.x = request->projection->xy[2 * k];
          dot.y = request->projection->xy[2 * k + 1];
        }
      g_array_append_val (self->dots, dot);
    }
  g_array_sort (self->dots, compare_dots);
  if (self->dots->len > 0)
    return TRUE;
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "%s: no latent fires on the data set",
               cyt_project_get_path (project));
  return FALSE;
}

static gssize
find_dot (const Plot *self, guint32 latent)
{
  for (guint i = 0; i < self->dots->len; i++)
    if (g_array_index (self->dots, Dot, i).latent == latent)
      return i;
  return -1;
}

static int
compare_frequency (gconstpointer a, gconstpointer b, gpointer data)
{
  const Plot *self = data;
  const Dot *x = &g_array_index (self->dots, Dot, *(const guint *) a), *y = &g_array_index (self->dots, Dot, *(const guint *) b);

  return x->x != y->x ? (x->x > y->x ? -1 : 1) : (x->latent > y->latent) - (x->latent < y->latent);
}

static gboolean
choose_labels (Plot *self, CytProject *project, const CytMapFigureRequest *request, GError **error)
{
  g_autoptr (GPtrArray) concepts = cyt_project_list_concepts (project, error);

  if (concepts == NULL)
    return FALSE;
  for (gsize i = 0; i < (request->labelled != NULL ? request->n_labelled : concepts->len); i++)
    {
      const CytConcept *concept = request->labelled != NULL ? NULL : concepts->pdata[i];
      gssize place = find_dot (self, concept != NULL ? concept->latent : request->labelled[i]);
      guint number = (guint) place;

      if (place >= 0 && (concept == NULL || concept->name[0] != '\0'))
        g_array_append_val (self->labels, number);
    }
  if (request->labelled == NULL)
    {
      g_array_sort_with_data (self->labels, compare_frequency, self);
      g_array_set_size (self->labels, MIN (self->labels->len, request->n_labels));
    }
  for (guint i = 0; i < self->labels->len; i++)
    {
      guint32 latent = g_array_index (self->dots, Dot, g_array_index (self->labels, guint, i)).latent;
      g_autoptr (CytConcept) concept = cyt_project_get_concept (project, latent, error);

      if (concept == NULL)
        return FALSE;
      g_ptr_array_add (self->names, concept->name[0] != '\0' ? g_strdup (concept->name) : g_strdup_printf ("#%u", latent));
    }
  return TRUE;
}

static char *
make_axis_title (const char *name, double share)
{
  g_autofree char *percent = isnan (share) ? NULL : cyt_figure_format ("%.1f", 100 * share);

  return percent != NULL ? g_strdup_printf ("%s (%s %% of the variance)", name, percent) : g_strdup (name);
}

static void
set_axes (Plot *self, const CytMapFigureRequest *request)
{
  CytAxisScale scale = self->projected ? CYT_AXIS_LINEAR : CYT_AXIS_LOG;
  g_autofree double *x = g_new (double, self->dots->len), *y = g_new (double, self->dots->len);
  double largest = 0;

  for (guint i = 0; i < self->dots->len; i++)
    {
      const Dot *dot = &g_array_index (self->dots, Dot, i);

      x[i] = dot->x;
      y[i] = dot->y;
      largest = isnan (dot->entropy) ? largest : MAX (largest, dot->entropy);
    }
  cyt_axis_init_values (&self->x, scale, !self->projected, x, self->dots->len, 0.03);
  cyt_axis_init_values (&self->y, scale, FALSE, y, self->dots->len, 0.03);
  cyt_axis_init (&self->entropy, CYT_AXIS_LINEAR, FALSE, 0, largest > 0 ? largest : 1);
  self->x_title = self->projected ? make_axis_title ("First principal component", request->projection->share[0])
                                  : g_strdup ("Share of cells on which the latent fires");
  self->y_title = self->projected ? make_axis_title ("Second principal component", request->projection->share[1])
                                  : g_strdup ("Mean activation where it fires");
}

static char *
make_caption (const Plot *self, CytProject *project, const CytDataset *dataset, guint n_ubiquitous, gboolean simulated)
{
  GString *text = g_string_new (NULL);
  guint n_entropy = 0;

  for (guint i = 0; i < self->dots->len; i++)
    n_entropy += !isnan (g_array_index (self->dots, Dot, i).entropy);
  g_string_append_printf (text,
                          "%s: the %u of %" G_GSIZE_FORMAT " latents that fire on the %" G_GSIZE_FORMAT " cells of data set "
                          "“%s”. Colour: entropy of the classes of a latent's ten best cells, weighted by score (%u latents; "
                          "grey: undefined). %u latents have a mean activation above %g.",
                          self->projected ? "Decoder directions on their first two principal components"
                                          : "How often latents fire against how strongly",
                          self->dots->len, cyt_project_get_d_sae (project), dataset->n_images, dataset->name, n_entropy,
                          n_ubiquitous, CYT_UBIQUITOUS_MEAN_ACT);
  if (simulated)
    g_string_append (text, " Cells are SIMULATED.");
  return g_string_free (text, FALSE);
}

/* The data set of that id. */
static CytDataset *
find_dataset (CytProject *project, gint64 id, GError **error)
{
  g_autoptr (GPtrArray) datasets = cyt_project_list_datasets (project, error);

  for (guint i = 0; datasets != NULL && i < datasets->len; i++)
    if (((const CytDataset *) datasets->pdata[i])->id == id)
      return cyt_project_find_dataset (project, ((const CytDataset *) datasets->pdata[i])->name, error);
  if (datasets != NULL)
    g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: no data set %" G_GINT64_FORMAT,
                 cyt_project_get_path (project), id);
  return NULL;
}

CytFigure *
cyt_map_figure_new (CytProject *project, const CytMapFigureRequest *request, GError **error)
{
  g_autoptr (CytDataset) dataset = find_dataset (project, request->dataset, error);
  g_autoptr (CytFigureProvenance) provenance = NULL;
  g_autofree guint32 *labelled = NULL;
  CytFigure *figure;
  guint n_ubiquitous;
  Plot *self;

  if (dataset == NULL || (provenance = cyt_figure_provenance_new (project, "map", error)) == NULL)
    return NULL;
  self = g_new0 (Plot, 1);
  self->dots = g_array_new (FALSE, FALSE, sizeof (Dot));
  self->labels = g_array_new (FALSE, FALSE, sizeof (guint));
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->projected = request->projection != NULL;
  if (!collect_dots (self, project, request, &n_ubiquitous, error) || !choose_labels (self, project, request, error))
    {
      plot_free (self);
      return NULL;
    }
  set_axes (self, request);
  cyt_figure_provenance_add_dataset (provenance, dataset);
  cyt_figure_provenance_add_argument (provenance, "--dataset", dataset->name);
  if (self->projected)
    cyt_figure_provenance_add_argument (provenance, "--projection", request->projection->method);
  labelled = g_new (guint32, self->labels->len + 1);
  for (guint i = 0; i < self->labels->len; i++)
    {
      labelled[i] = g_array_index (self->dots, Dot, g_array_index (self->labels, guint, i)).latent;
      cyt_figure_provenance_add_latent (provenance, labelled[i]);
    }
  if (self->labels->len > 0)
    cyt_figure_provenance_add_latents (provenance, "--latents", labelled, self->labels->len);
  else
    cyt_figure_provenance_add_int (provenance, "--labels", 0);
  figure = cyt_figure_new (draw, self, (GDestroyNotify) plot_free, NULL);
  g_free (figure->title);
  g_free (figure->caption);
  figure->title = g_strdup_printf ("Latents of data set “%s”", dataset->name);
  figure->caption = make_caption (self, project, dataset, n_ubiquitous, provenance->simulated);
  figure->provenance = g_steal_pointer (&provenance);
  return figure;
}
