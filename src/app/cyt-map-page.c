/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "cyt-format.h"
#include "cyt-keys.h"
#include "cyt-map-legend.h"
#include "cyt-map-page.h"
#include "cyt-scatter.h"
#include "cyt-status.h"

#define ZOOM_STEP 1.5
#define MARGIN 0.04             /* of the axes, about the points */

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
  MapColor color;
  int chosen;                   /* kind that was singled out in the legend, -1: none */
  CytAxis x, y;                 /* as given to the scatter */
  gboolean has_axes;

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

static void
color_point (CytMapPage *self, guint latent, double largest_entropy, CytScatterPoint *point)
{
  const CytLatentRow *row = cyt_latent_model_get_row (get_model (self), latent);

  switch (self->color)
    {
    case COLOR_CLASS:
      if (row->majority < 0)
        memset (point->rgb, 150, 3);
      else
        {
          cyt_palette_lookup (row->majority, point->rgb);
          point->marker = cyt_palette_get_marker (row->majority);
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
        cyt_colormap_lookup (CYT_COLORMAP_VIRIDIS, largest_entropy > 0 ? row->entropy / largest_entropy : 0, point->rgb);
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
      cyt_palette_lookup (i, kind->rgb);
      kind->marker = cyt_palette_get_marker (i);
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
        kind->name = g_strdup (cyt_latent_model_get_majority (model, i));
    }
  for (guint i = 0; i < kinds->len; i++)
    if (((CytMapKind *) kinds->pdata[i])->name == NULL)
      ((CytMapKind *) kinds->pdata[i])->name = g_strdup ("–");
  return kinds;
}

static void
update_legend (CytMapPage *self)
{
  g_autoptr (GPtrArray) kinds = NULL;
  double largest = get_largest_entropy (get_model (self));
  CytAxis axis;

  self->chosen = -1;
  switch (self->color)
    {
    case COLOR_CLASS:
      kinds = make_kinds (self);
      cyt_map_legend_show_kinds (self->legend, _("Prevailing class"),
                                 kinds->len > 0 ? _("The class with the largest share of the scores of a latent’s ten best cells; grey: undefined.")
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
                                 CYT_COLORMAP_VIRIDIS, &axis);
    }
}

/* ---- Points ---- */

static gboolean
is_same_axis (const CytAxis *a, const CytAxis *b)
{
  return a->scale == b->scale && a->min == b->min && a->max == b->max;
}

/* The axes move only when the numbers do, not when a filter changes. */
static void
update_axes (CytMapPage *self, const CytScatterPoint *points, gsize n)
{
  g_autofree double *values = g_new (double, MAX (1, n));
  CytAxis x, y;

  for (gsize i = 0; i < n; i++)
    values[i] = points[i].x;
  cyt_axis_init_values (&x, CYT_AXIS_LOG, TRUE, values, n, MARGIN);
  for (gsize i = 0; i < n; i++)
    values[i] = points[i].y;
  cyt_axis_init_values (&y, CYT_AXIS_LOG, FALSE, values, n, MARGIN);
  if (self->has_axes && is_same_axis (&x, &self->x) && is_same_axis (&y, &self->y))
    return;
  self->x = x;
  self->y = y;
  self->has_axes = TRUE;
  cyt_scatter_set_axes (self->scatter, &x, _("Frequency (share of cells)"), &y, _("Mean activation"), FALSE);
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
update (CytMapPage *self)
{
  CytLatentModel *model = get_model (self);
  gsize n = cyt_latent_model_get_n_latents (model), n_shown = 0;
  g_autofree CytScatterPoint *points = g_new0 (CytScatterPoint, MAX (1, n));
  g_autofree guint8 *candidates = g_new (guint8, MAX (1, n));
  double largest = get_largest_entropy (model);

  cyt_latent_model_mark_without_subset (model, candidates);
  for (gsize i = 0; i < n; i++)
    {
      const CytLatentRow *row = cyt_latent_model_get_row (model, i);
      CytScatterPoint *point = &points[i];
      gboolean shown = cyt_latent_model_find (model, i) != GTK_INVALID_LIST_POSITION;

      point->x = row->n_active > 0 ? row->frequency : NAN;
      point->y = row->mean_act;
      /* What only the subset hides can still be chosen: another box takes the place of the first. */
      point->locked = !candidates[i];
      point->faded = !shown || (self->chosen >= 0 && get_kind (self, i) != self->chosen);
      color_point (self, i, largest, point);
      n_shown += shown && row->n_active > 0;
    }
  update_axes (self, points, n);
  cyt_scatter_take_points (self->scatter, g_steal_pointer (&points), n);
  cyt_scatter_set_current (self->scatter, cyt_latent_model_get_selected (model));
  update_summary (self, n_shown);
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
zoom_in_cb (CytMapPage *self)
{
  cyt_scatter_zoom (self->scatter, ZOOM_STEP);
}

static void
zoom_out_cb (CytMapPage *self)
{
  cyt_scatter_zoom (self->scatter, 1 / ZOOM_STEP);
}

static void
zoom_all_cb (CytMapPage *self)
{
  cyt_scatter_zoom (self->scatter, 0);
}

/* ---- Public ---- */

void
cyt_map_page_set_session (CytMapPage *self, CytSession *session)
{
  CytLatentModel *model;

  g_return_if_fail (CYT_IS_MAP_PAGE (self) && self->session == NULL);

  self->session = g_object_ref (session);
  model = get_model (self);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "filter-changed", G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "values-changed", G_CALLBACK (values_changed_cb), self, G_CONNECT_SWAPPED);
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
  return gtk_widget_grab_focus (GTK_WIDGET (CYT_MAP_PAGE (widget)->scatter));
}

static void
cyt_map_page_dispose (GObject *object)
{
  CytMapPage *self = CYT_MAP_PAGE (object);
  GtkWidget *child;

  g_clear_handle_id (&self->update_source, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_map_page_parent_class)->dispose (object);
}

static void
cyt_map_page_class_init (CytMapPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_map_page_dispose;
  widget_class->map = cyt_map_page_map;
  widget_class->grab_focus = cyt_map_page_grab_focus;
  g_type_ensure (CYT_TYPE_SCATTER);
  g_type_ensure (CYT_TYPE_MAP_LEGEND);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-map-page.ui");
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
}
