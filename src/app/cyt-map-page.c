/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "analysis/cyt-decoder-map.h"
#include "io/cyt-error.h"

#include "cyt-accessible.h"
#include "cyt-class-matrix.h"
#include "cyt-format.h"
#include "cyt-map-legend.h"
#include "cyt-map-page.h"
#include "cyt-scatter.h"
#include "cyt-status.h"

#define ZOOM_STEP 1.5
#define MARGIN 0.04             /* of the axes, about the points */

typedef enum
{
  VIEW_STATISTICS,
  VIEW_DIRECTIONS,
  VIEW_CLASSES,
} MapView;

typedef enum
{
  COLOR_ENTROPY,
  COLOR_CLASS,
  COLOR_STATUS,
} MapColor;

struct _CytMapPage
{
  GtkWidget parent_instance;

  CytSession *session;
  guint update_source;
  MapView view;
  MapColor color;
  int chosen;                   /* kind that was singled out in the legend, -1: none */
  CytAxis x, y;                 /* as given to the scatter */
  MapView axes_view;            /* the view that they are for */
  gboolean has_axes;

  GCancellable *cancellable;    /* of the load under way; NULL: none */
  MapView loading;              /* what it is for */
  CytProjection *projection;    /* NULL until loaded */
  CytClassScores *scores;       /* likewise */
  gint64 scores_dataset;        /* what they are about */
  gsize scores_n_indexed;
  GError *errors[VIEW_CLASSES + 1]; /* why there is nothing to show */

  GtkToggleButton *view_statistics, *view_directions, *view_classes;
  GtkWidget *points_controls, *matrix_controls;
  GtkStack *stack;
  AdwStatusPage *message;
  GtkSpinner *spinner;
  CytClassMatrix *matrix;
  GtkDropDown *ranges;
  GtkAdjustment *n_best;
  CytScatter *scatter;
  CytMapLegend *legend;
  GtkDropDown *colors;
  GtkAdjustment *size;
  GtkLabel *summary;
  GtkWidget *selection;
  GtkLabel *subset;
  GtkToggleButton *tool_box, *tool_lasso, *tool_move;
};

G_DEFINE_FINAL_TYPE (CytMapPage, cyt_map_page, GTK_TYPE_WIDGET)

static CytLatentModel *
get_model (CytMapPage *self)
{
  return cyt_session_get_latents (self->session);
}

/* ---- What is known of a point ---- */

static char *
describe (guint latent, gpointer user_data)
{
  CytMapPage *self = user_data;
  CytLatentModel *model = get_model (self);
  const CytLatentRow *row = cyt_latent_model_get_row (model, latent);
  const CytConcept *concept = cyt_latent_model_get_concept (model, latent);
  const char *majority = cyt_latent_model_get_majority (model, latent);
  g_autofree char *frequency = cyt_format_percent (row->frequency);
  g_autofree char *mean = cyt_format_number (row->mean_act);
  g_autofree char *entropy = cyt_format_number (row->entropy);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "#%u", latent);
  if (concept != NULL && concept->name[0] != '\0')
    g_string_append_printf (text, "  %s", concept->name);
  g_string_append_c (text, '\n');
  /* Translators: statistics of a latent: share of cells, mean activation */
  g_string_append_printf (text, _("frequency %s · mean activation %s"), frequency, mean);
  if (!isnan (row->entropy))
    {
      g_string_append_c (text, '\n');
      /* Translators: statistics of a latent */
      g_string_append_printf (text, _("entropy %s"), entropy);
      if (majority != NULL)
        {
          g_autofree char *purity = cyt_format_percent (row->purity);

          g_string_append_printf (text, " · %s %s", majority, purity);
        }
    }
  return g_string_free (text, FALSE);
}

/* ---- Colours ---- */

static guint
count_classes (CytLatentModel *model)
{
  gsize n = cyt_latent_model_get_n_latents (model);
  int largest = -1;

  for (gsize i = 0; i < n; i++)
    largest = MAX (largest, cyt_latent_model_get_row (model, i)->majority);
  return largest + 1;
}

static double
get_largest_entropy (CytLatentModel *model)
{
  gsize n = cyt_latent_model_get_n_latents (model);
  double largest = 0;

  for (gsize i = 0; i < n; i++)
    {
      double entropy = cyt_latent_model_get_row (model, i)->entropy;

      if (entropy > largest)
        largest = entropy;
    }
  return largest;
}

static CytConceptStatus
get_status (CytLatentModel *model, guint latent)
{
  const CytConcept *concept = cyt_latent_model_get_concept (model, latent);

  return concept != NULL ? concept->status : CYT_CONCEPT_UNREVIEWED;
}

/* Unreviewed is quiet; the others differ by shape too. */
static void
style_status (CytConceptStatus status, guint8 *rgb, guint8 *marker)
{
  static const struct
  {
    guint color;
    CytMarker marker;
  } styles[] = {
    [CYT_CONCEPT_UNREVIEWED] = { 7, CYT_MARKER_RING },
    [CYT_CONCEPT_PROPOSED] = { 0, CYT_MARKER_DISC },
    [CYT_CONCEPT_CONFIRMED] = { 2, CYT_MARKER_DISC },
    [CYT_CONCEPT_REJECTED] = { 4, CYT_MARKER_DIAMOND },
    [CYT_CONCEPT_ARTEFACT] = { 3, CYT_MARKER_DIAMOND },
  };

  cyt_palette_lookup (styles[status].color, rgb);
  *marker = styles[status].marker;
}

/* Kind in the legend, -1: not listed there. */
static int
get_kind (CytMapPage *self, guint latent)
{
  CytLatentModel *model = get_model (self);

  switch (self->color)
    {
    case COLOR_CLASS:
      return cyt_latent_model_get_row (model, latent)->majority;
    case COLOR_STATUS:
      return get_status (model, latent);
    case COLOR_ENTROPY:
    default:
      return -1;
    }
}

/* Without the end of the map that cannot be told from the ground: 3:1 against dark, yellow not too pale on white. */
static CytMapColors
get_point_colors (void)
{
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());

  return (CytMapColors) { CYT_COLORMAP_VIRIDIS, dark ? 0.35 : 0, dark ? 1 : 0.92 };
}

static void
color_point (CytMapPage *self, guint latent, double largest_entropy, const CytMapColors *colors, CytScatterPoint *point)
{
  const CytLatentRow *row = cyt_latent_model_get_row (get_model (self), latent);

  switch (self->color)
    {
    case COLOR_CLASS:
      if (row->majority < 0)
        {
          memset (point->rgb, 150, 3);
          point->marker = CYT_MARKER_RING;
        }
      else
        {
          int number = cyt_latent_model_get_majority_class (get_model (self), latent);

          cyt_palette_lookup (number, point->rgb);
          point->marker = cyt_palette_get_marker (number);
        }
      break;
    case COLOR_STATUS:
      style_status (get_status (get_model (self), latent), point->rgb, &point->marker);
      point->raised = get_status (get_model (self), latent) != CYT_CONCEPT_UNREVIEWED;
      break;
    case COLOR_ENTROPY:
    default:
      if (isnan (row->entropy))
        memset (point->rgb, 150, 3);
      else
        cyt_map_colors_lookup (colors, largest_entropy > 0 ? row->entropy / largest_entropy : 0, point->rgb);
    }
}

/* ---- Legend ---- */

static GPtrArray *
make_kinds (CytMapPage *self)
{
  CytLatentModel *model = get_model (self);
  gsize n = cyt_latent_model_get_n_latents (model);
  guint n_kinds = self->color == COLOR_CLASS ? count_classes (model) : CYT_N_STATUSES;
  GPtrArray *kinds = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_map_kind_free);

  for (guint i = 0; i < n_kinds; i++)
    {
      CytMapKind *kind = g_new0 (CytMapKind, 1);

      g_ptr_array_add (kinds, kind);
      if (self->color == COLOR_STATUS)
        {
          kind->name = g_strdup (cyt_status_get_label (i));
          style_status (i, kind->rgb, &kind->marker);
          continue;
        }
    }
  for (gsize i = 0; i < n; i++)
    {
      const CytLatentRow *row = cyt_latent_model_get_row (model, i);
      int k = get_kind (self, i);
      CytMapKind *kind = k >= 0 ? kinds->pdata[k] : NULL;

      if (kind == NULL || row->n_active == 0)
        continue;
      kind->n++;
      if (kind->name == NULL)
        {
          int number = cyt_latent_model_get_majority_class (model, i);

          kind->name = g_strdup (cyt_latent_model_get_majority (model, i));
          cyt_palette_lookup (number, kind->rgb);
          kind->marker = cyt_palette_get_marker (number);
        }
    }
  for (guint i = 0; i < kinds->len; i++)
    if (((CytMapKind *) kinds->pdata[i])->name == NULL)
      ((CytMapKind *) kinds->pdata[i])->name = g_strdup ("–");
  return kinds;
}

static void
update_matrix_legend (CytMapPage *self)
{
  gboolean shared = gtk_drop_down_get_selected (self->ranges) == 1;
  double max = cyt_class_matrix_get_max (self->matrix);
  CytAxis axis;

  cyt_axis_init (&axis, CYT_AXIS_LINEAR, !shared, 0, shared && max > 0 ? max : 1);
  cyt_map_legend_show_scale (self->legend, _("Mean activation"),
                             shared ? _("Mean score of a latent over all cells of a class.")
                                    : _("Mean score of a latent over all cells of a class, as a share of its largest one."),
                             &(CytMapColors){ CYT_COLORMAP_VIRIDIS, 0, 1 }, &axis);
}

static void
update_legend (CytMapPage *self)
{
  g_autoptr (GPtrArray) kinds = NULL;
  double largest = get_largest_entropy (get_model (self));
  const CytMapColors colors = get_point_colors ();
  CytAxis axis;

  self->chosen = -1;
  if (self->view == VIEW_CLASSES)
    {
      update_matrix_legend (self);
      return;
    }
  switch (self->color)
    {
    case COLOR_CLASS:
      kinds = make_kinds (self);
      cyt_map_legend_show_kinds (self->legend, _("Prevailing class"),
                                 kinds->len > 0 ? _("The class with the largest share of the scores of a latent’s ten best cells; pale rings: undefined.")
                                                : _("The cells of this data set have no classes."),
                                 kinds);
      break;
    case COLOR_STATUS:
      kinds = make_kinds (self);
      cyt_map_legend_show_kinds (self->legend, _("Status"), _("What the raters decided about a concept."), kinds);
      break;
    case COLOR_ENTROPY:
    default:
      cyt_axis_init (&axis, CYT_AXIS_LINEAR, FALSE, 0, largest > 0 ? largest : 1);
      cyt_map_legend_show_scale (self->legend, _("Entropy"),
                                 _("How evenly the scores of a latent’s ten best cells spread over the classes, in nats: 0 is one class alone. Grey: undefined."),
                                 &colors, &axis);
    }
}

/* ---- Points ---- */

static gboolean
is_same_axis (const CytAxis *a, const CytAxis *b)
{
  return a->scale == b->scale && a->min == b->min && a->max == b->max;
}

/* "First component (3.4 % of the variance)". (transfer full) */
static char *
format_component (const char *name, double share)
{
  g_autofree char *percent = cyt_format_percent (share);

  if (isnan (share))
    return g_strdup (name);
  /* Translators: axis of a map: name of a principal component, its share of the variance */
  return g_strdup_printf (_("%s (%s of the variance)"), name, percent);
}

/* The axes move only when the numbers do, not when a filter changes. */
static void
update_axes (CytMapPage *self, const CytScatterPoint *points, gsize n)
{
  gboolean directions = self->view == VIEW_DIRECTIONS;
  CytAxisScale scale = directions ? CYT_AXIS_LINEAR : CYT_AXIS_LOG;
  g_autofree double *values = g_new (double, MAX (1, n));
  g_autofree char *x_title = NULL, *y_title = NULL;
  CytAxis x, y;

  for (gsize i = 0; i < n; i++)
    values[i] = points[i].x;
  cyt_axis_init_values (&x, scale, !directions, values, n, MARGIN);
  for (gsize i = 0; i < n; i++)
    values[i] = points[i].y;
  cyt_axis_init_values (&y, scale, FALSE, values, n, MARGIN);
  if (self->has_axes && self->axes_view == self->view && is_same_axis (&x, &self->x) && is_same_axis (&y, &self->y))
    return;
  self->x = x;
  self->y = y;
  self->axes_view = self->view;
  self->has_axes = TRUE;
  x_title = directions ? format_component (_("First principal component"), self->projection->share[0])
                       : g_strdup (_("Frequency (share of cells)"));
  y_title = directions ? format_component (_("Second principal component"), self->projection->share[1])
                       : g_strdup (_("Mean activation"));
  cyt_scatter_set_axes (self->scatter, &x, x_title, &y, y_title, directions);
}

static void
update_summary (CytMapPage *self, gsize n_shown)
{
  CytLatentModel *model = get_model (self);
  const CytLatentFilter *filter = cyt_latent_model_get_filter (model);
  gsize n_silent = cyt_latent_model_get_n_silent (model);
  g_autofree char *shown = cyt_format_count (n_shown);
  g_autofree char *all = cyt_format_count (cyt_latent_model_get_n_latents (model) - n_silent);
  g_autofree char *silent = cyt_format_count (n_silent);
  /* Translators: below the map: latents that pass the filter of the list, those that fire, those that never do */
  g_autofree char *text = g_strdup_printf (_("%s of %s latents pass the filter of the list · %s never fire"), shown, all,
                                           silent);

  gtk_label_set_label (self->summary, text);
  gtk_widget_set_visible (self->selection, filter->subset != NULL);
  gtk_label_set_label (self->subset, filter->subset != NULL ? filter->subset_name : "");
}

static void
update_points (CytMapPage *self)
{
  CytLatentModel *model = get_model (self);
  gsize n = cyt_latent_model_get_n_latents (model), n_shown = 0;
  g_autofree CytScatterPoint *points = g_new0 (CytScatterPoint, MAX (1, n));
  g_autofree guint8 *candidates = g_new (guint8, MAX (1, n));
  double largest = get_largest_entropy (model);
  const CytMapColors colors = get_point_colors ();

  cyt_latent_model_mark_without_subset (model, candidates);
  for (gsize i = 0; i < n; i++)
    {
      const CytLatentRow *row = cyt_latent_model_get_row (model, i);
      CytScatterPoint *point = &points[i];
      gboolean shown = cyt_latent_model_find (model, i) != GTK_INVALID_LIST_POSITION;

      if (self->view == VIEW_DIRECTIONS)
        {
          point->x = self->projection->xy[2 * i];
          point->y = self->projection->xy[2 * i + 1];
        }
      else
        {
          point->x = row->n_active > 0 ? row->frequency : NAN;
          point->y = row->mean_act;
        }
      /* What only the subset hides can still be chosen: another box takes the place of the first. */
      point->locked = !candidates[i];
      point->faded = !shown || (self->chosen >= 0 && get_kind (self, i) != self->chosen);
      color_point (self, i, largest, &colors, point);
      n_shown += shown && row->n_active > 0;
    }
  update_axes (self, points, n);
  cyt_scatter_take_points (self->scatter, g_steal_pointer (&points), n);
  cyt_scatter_set_current (self->scatter, cyt_latent_model_get_selected (model));
  update_summary (self, n_shown);
}

/* ---- The matrix ---- */

static int
number_class (const char *name, gpointer user_data)
{
  return cyt_latent_model_find_class (get_model (user_data), name);
}

static char *
name_column (guint latent, gpointer user_data)
{
  CytMapPage *self = user_data;
  const CytConcept *concept = cyt_latent_model_get_concept (get_model (self), latent);

  if (concept != NULL && concept->name[0] != '\0')
    return g_strdup_printf ("#%u %s", latent, concept->name);
  return g_strdup_printf ("#%u", latent);
}

static void
update_matrix (CytMapPage *self)
{
  CytLatentModel *model = get_model (self);
  gsize n = cyt_latent_model_get_n_latents (model);
  g_autofree guint8 *allowed = g_new0 (guint8, MAX (1, n));
  g_autoptr (GArray) picks = NULL;
  g_autofree char *text = NULL, *count = NULL;

  for (gsize i = 0; i < n; i++)
    allowed[i] = cyt_latent_model_find (model, i) != GTK_INVALID_LIST_POSITION;
  picks = cyt_class_scores_pick (self->scores, (guint) gtk_adjustment_get_value (self->n_best), allowed);
  cyt_class_matrix_set_scores (self->matrix, self->scores, picks);
  cyt_class_matrix_set_current (self->matrix, cyt_latent_model_get_selected (model));
  update_summary (self, 0);
  count = cyt_format_count (picks->len);
  /* Translators: below the matrix of classes: number of latents in it */
  text = g_strdup_printf (_("%s latents of those that pass the filter of the list, each under the class for which it is the most selective"),
                          count);
  gtk_label_set_label (self->summary, text);
  update_matrix_legend (self);
  if (picks->len == 0)
    gtk_label_set_label (self->summary, _("No latent that passes the filter of the list fires on a tenth of the cells of any class."));
}

/* ---- What is loaded ---- */

static gboolean
is_loaded (CytMapPage *self)
{
  const CytDataset *dataset = cyt_session_get_dataset (self->session);
  gsize n_latents = cyt_latent_model_get_n_latents (get_model (self));

  switch (self->view)
    {
    case VIEW_DIRECTIONS:
      return self->projection != NULL && self->projection->n == n_latents;
    case VIEW_CLASSES:
      /* Not anew with every commit of the indexer, but when it is done. */
      return self->scores != NULL && dataset != NULL && self->scores_dataset == dataset->id
             && self->scores->n_latents == n_latents
             && (self->scores_n_indexed == dataset->n_indexed || cyt_session_is_indexing (self->session));
    case VIEW_STATISTICS:
    default:
      return TRUE;
    }
}

static void
show_message (CytMapPage *self)
{
  const GError *error = self->errors[self->view];
  gboolean published = error != NULL
                       && (g_error_matches (error, CYT_MODELS_ERROR, CYT_MODELS_ERROR_PUBLISHED)
                           || cyt_session_is_published (self->session));
  gboolean directions = self->view == VIEW_DIRECTIONS;

  gtk_stack_set_visible_child_name (self->stack, "message");
  gtk_spinner_set_spinning (self->spinner, error == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), error == NULL);
  if (error == NULL)
    {
      adw_status_page_set_title (self->message, _("One Moment…"));
      adw_status_page_set_description (self->message, directions ? _("The directions of the latents are read from the decoder and laid out. This is done once.")
                                                                 : _("The activations of all cells are added up by class."));
    }
  else if (published)
    {
      adw_status_page_set_title (self->message, _("Not Published"));
      adw_status_page_set_description (self->message, directions ? _("This map is made of the model’s decoder, which is not part of published statistics.")
                                                                 : _("This matrix is made of the activations of single cells, which are not part of published statistics."));
    }
  else
    {
      adw_status_page_set_title (self->message, directions ? _("The Decoder Cannot Be Read") : _("Nothing to Compare"));
      adw_status_page_set_description (self->message, error->message);
    }
}

static void update (CytMapPage *self);

static void
end_load (CytMapPage *self, MapView view, GError *error)
{
  g_clear_object (&self->cancellable);
  g_clear_error (&self->errors[view]);
  self->errors[view] = error;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    update (self);
}

static void
projection_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytMapPage) self = user_data;
  g_autoptr (GError) error = NULL;
  CytProjection *projection;

  if (self->session == NULL)
    return;
  projection = cyt_session_load_projection_finish (self->session, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_pointer (&self->projection, cyt_projection_free);
  self->projection = projection;
  end_load (self, VIEW_DIRECTIONS, g_steal_pointer (&error));
}

static void
scores_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytMapPage) self = user_data;
  g_autoptr (GError) error = NULL;
  CytClassScores *scores;

  if (self->session == NULL)
    return;
  scores = cyt_session_load_class_scores_finish (self->session, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  cyt_class_matrix_set_scores (self->matrix, NULL, NULL);
  g_clear_pointer (&self->scores, cyt_class_scores_free);
  self->scores = scores;
  end_load (self, VIEW_CLASSES, g_steal_pointer (&error));
}

static void
cancel_load (CytMapPage *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
load (CytMapPage *self)
{
  const CytDataset *dataset = cyt_session_get_dataset (self->session);

  if (self->cancellable != NULL && self->loading == self->view)
    return;
  cancel_load (self);
  if (dataset == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  self->loading = self->view;
  if (self->view == VIEW_DIRECTIONS)
    cyt_session_load_projection_async (self->session, CYT_DECODER_MAP_PCA, self->cancellable, projection_cb,
                                       g_object_ref (self));
  else
    {
      self->scores_dataset = dataset->id;
      self->scores_n_indexed = dataset->n_indexed;
      cyt_session_load_class_scores_async (self->session, self->cancellable, scores_cb, g_object_ref (self));
    }
}

static void
update (CytMapPage *self)
{
  if (!is_loaded (self))
    {
      if (self->errors[self->view] == NULL)
        load (self);
      update_summary (self, 0);
      gtk_label_set_label (self->summary, "");
      show_message (self);
      return;
    }
  gtk_stack_set_visible_child_name (self->stack, self->view == VIEW_CLASSES ? "matrix" : "points");
  if (self->view == VIEW_CLASSES)
    update_matrix (self);
  else
    update_points (self);
}

/* Once for any number of changes, and not while nobody sees it. */
static gboolean
update_cb (gpointer user_data)
{
  CytMapPage *self = user_data;

  self->update_source = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
queue_update (CytMapPage *self)
{
  if (self->update_source == 0 && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->update_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, update_cb, self, NULL);
}

static void
values_changed_cb (CytMapPage *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    update_legend (self);
  queue_update (self);
}

static void
selected_cb (CytMapPage *self)
{
  cyt_scatter_set_current (self->scatter, cyt_latent_model_get_selected (get_model (self)));
  cyt_class_matrix_set_current (self->matrix, cyt_latent_model_get_selected (get_model (self)));
}

/* Another data set has other classes, and may be readable where the last one was not. */
static void
dataset_cb (CytMapPage *self)
{
  if (self->loading == VIEW_CLASSES)
    cancel_load (self);
  g_clear_error (&self->errors[VIEW_CLASSES]);
  queue_update (self);
}

/* ---- What the user does ---- */

static void
picked_cb (CytMapPage *self, guint latent)
{
  cyt_latent_model_set_selected (get_model (self), latent);
}

static void
activated_cb (CytMapPage *self, guint latent)
{
  cyt_session_show_latent (self->session, latent);
}

static void
region_cb (CytMapPage *self, GArray *latents)
{
  g_autofree char *count = cyt_format_count (latents->len);
  /* Translators: name of a filter: a number of latents that were selected on the map */
  g_autofree char *name = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s from the map", "%s from the map", latents->len),
                                           count);

  if (latents->len > 0)
    cyt_latent_model_set_subset (get_model (self), (const guint32 *) latents->data, latents->len, name);
  else
    cyt_latent_model_set_subset (get_model (self), NULL, 0, NULL);
}

static void
show_list_cb (CytMapPage *self)
{
  cyt_session_set_view (self->session, CYT_VIEW_CONCEPTS);
}

static void
clear_subset_cb (CytMapPage *self)
{
  cyt_latent_model_set_subset (get_model (self), NULL, 0, NULL);
}

static void
kind_chosen_cb (CytMapPage *self, int kind)
{
  self->chosen = kind;
  queue_update (self);
}

static void
color_cb (CytMapPage *self)
{
  self->color = gtk_drop_down_get_selected (self->colors);
  if (self->session == NULL)
    return;
  update_legend (self);
  queue_update (self);
}

static void
size_cb (CytMapPage *self)
{
  cyt_scatter_set_point_size (self->scatter, gtk_adjustment_get_value (self->size));
}

static void
tool_cb (CytMapPage *self)
{
  cyt_scatter_set_tool (self->scatter, gtk_toggle_button_get_active (self->tool_lasso)  ? CYT_SCATTER_LASSO
                                       : gtk_toggle_button_get_active (self->tool_move) ? CYT_SCATTER_MOVE
                                                                                        : CYT_SCATTER_BOX);
}

static void
view_cb (CytMapPage *self, GtkToggleButton *button)
{
  MapView view = gtk_toggle_button_get_active (self->view_directions) ? VIEW_DIRECTIONS
                 : gtk_toggle_button_get_active (self->view_classes)  ? VIEW_CLASSES
                                                                      : VIEW_STATISTICS;

  if (view == self->view || !gtk_toggle_button_get_active (button))
    return;
  self->view = view;
  gtk_widget_set_visible (self->points_controls, view != VIEW_CLASSES);
  gtk_widget_set_visible (self->matrix_controls, view == VIEW_CLASSES);
  /* Somebody may have put the decoder where it was missing. */
  g_clear_error (&self->errors[view]);
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  update_legend (self);
  update (self);
}

static void
range_cb (CytMapPage *self)
{
  cyt_class_matrix_set_shared (self->matrix, gtk_drop_down_get_selected (self->ranges) == 1);
  if (self->session != NULL)
    update_legend (self);
}

static void
zoom (CytMapPage *self, double factor)
{
  if (self->view == VIEW_CLASSES)
    cyt_class_matrix_zoom (self->matrix, factor);
  else
    cyt_scatter_zoom (self->scatter, factor);
}

static void
zoom_in_cb (CytMapPage *self)
{
  zoom (self, ZOOM_STEP);
}

static void
zoom_out_cb (CytMapPage *self)
{
  zoom (self, 1 / ZOOM_STEP);
}

static void
zoom_all_cb (CytMapPage *self)
{
  zoom (self, 0);
}

/* ---- Public ---- */

void
cyt_map_page_set_session (CytMapPage *self, CytSession *session)
{
  CytLatentModel *model;

  g_return_if_fail (CYT_IS_MAP_PAGE (self) && self->session == NULL);

  self->session = g_object_ref (session);
  model = get_model (self);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (values_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "filter-changed", G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "values-changed", G_CALLBACK (values_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::dataset", G_CALLBACK (dataset_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::indexing", G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "notify::selected", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
}

/* ---- GObject ---- */

static void
cyt_map_page_map (GtkWidget *widget)
{
  CytMapPage *self = CYT_MAP_PAGE (widget);

  GTK_WIDGET_CLASS (cyt_map_page_parent_class)->map (widget);
  if (self->session == NULL)
    return;
  update_legend (self);
  update (self);
}

static gboolean
cyt_map_page_grab_focus (GtkWidget *widget)
{
  CytMapPage *self = CYT_MAP_PAGE (widget);

  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "message") == 0)
    return gtk_widget_grab_focus (GTK_WIDGET (self->view_statistics));
  return gtk_widget_grab_focus (self->view == VIEW_CLASSES ? GTK_WIDGET (self->matrix) : GTK_WIDGET (self->scatter));
}

static void
cyt_map_page_dispose (GObject *object)
{
  CytMapPage *self = CYT_MAP_PAGE (object);
  GtkWidget *child;

  g_clear_handle_id (&self->update_source, g_source_remove);
  cancel_load (self);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_map_page_parent_class)->dispose (object);
}

static void
cyt_map_page_finalize (GObject *object)
{
  CytMapPage *self = CYT_MAP_PAGE (object);

  g_clear_pointer (&self->projection, cyt_projection_free);
  g_clear_pointer (&self->scores, cyt_class_scores_free);
  for (guint i = 0; i < G_N_ELEMENTS (self->errors); i++)
    g_clear_error (&self->errors[i]);
  G_OBJECT_CLASS (cyt_map_page_parent_class)->finalize (object);
}

static void
cyt_map_page_class_init (CytMapPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_map_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_map_page_finalize;
  widget_class->map = cyt_map_page_map;
  widget_class->grab_focus = cyt_map_page_grab_focus;
  widget_class->focus = cyt_accessible_focus_children;
  g_type_ensure (CYT_TYPE_CLASS_MATRIX);
  g_type_ensure (CYT_TYPE_SCATTER);
  g_type_ensure (CYT_TYPE_MAP_LEGEND);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-map-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, view_statistics);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, view_directions);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, view_classes);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, points_controls);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, matrix_controls);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, stack);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, message);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, matrix);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, ranges);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, n_best);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, scatter);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, legend);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, colors);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, size);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, summary);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, selection);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, subset);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, tool_box);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, tool_lasso);
  gtk_widget_class_bind_template_child (widget_class, CytMapPage, tool_move);
  gtk_widget_class_bind_template_callback (widget_class, picked_cb);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, region_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_list_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_subset_cb);
  gtk_widget_class_bind_template_callback (widget_class, kind_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, color_cb);
  gtk_widget_class_bind_template_callback (widget_class, size_cb);
  gtk_widget_class_bind_template_callback (widget_class, tool_cb);
  gtk_widget_class_bind_template_callback (widget_class, view_cb);
  gtk_widget_class_bind_template_callback (widget_class, range_cb);
  gtk_widget_class_bind_template_callback (widget_class, queue_update);
  gtk_widget_class_bind_template_callback (widget_class, zoom_in_cb);
  gtk_widget_class_bind_template_callback (widget_class, zoom_out_cb);
  gtk_widget_class_bind_template_callback (widget_class, zoom_all_cb);
}

static void
cyt_map_page_init (CytMapPage *self)
{
  self->chosen = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_scatter_set_describe_func (self->scatter, describe, self);
  cyt_class_matrix_set_name_func (self->matrix, name_column, self);
  cyt_class_matrix_set_class_func (self->matrix, number_class, self);
}
