/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-format.h"
#include "cyt-line-plot.h"
#include "cyt-stability-view.h"

#define LEAST_SHOWN 0.8 /* correlation, unless some are lower */

struct _CytStabilityView
{
  GtkWidget parent_instance;

  CytSession *session;
  CytPatientsView *view;          /* NULL: nothing */
  char *patient;
  gboolean stale;
  GCancellable *cancellable;

  GtkLabel *summary;
  CytLinePlot *plot;
};

G_DEFINE_FINAL_TYPE (CytStabilityView, cyt_stability_view, GTK_TYPE_WIDGET)

static void
fill (CytStabilityView *self, const CytStability *stability)
{
  guint n = stability->points->len;
  g_autofree double *values = g_new (double, 3 * MAX (1, n));
  double *x = values, *mean = x + n, *low = mean + n;
  g_autofree char *all = cyt_format_count (stability->n_cells), *enough = cyt_format_count (stability->n_enough);
  g_autofree char *text = NULL;

  for (guint i = 0; i < n; i++)
    {
      const CytStabilityPoint *point = &g_array_index (stability->points, CytStabilityPoint, i);

      x[i] = (double) point->n_cells;
      mean[i] = point->mean;
      low[i] = point->low;
    }
  if (stability->n_enough > 0)
    /* Translators: number of cells that suffice, of all cells of a patient; a correlation; a number of draws */
    text = g_strdup_printf (_("%s of this patient’s %s cells suffice: 95 %% of %d draws of so many give a barcode that correlates "
                              "with that of all by %.2f or more"), enough, all, CYT_STABILITY_N_DRAWS, CYT_STABILITY_ENOUGH);
  else
    /* Translators: number of cells of a patient; number of draws; a correlation */
    text = g_strdup_printf (_("%s cells do not suffice: more than 5 %% of %d draws of so many give a barcode that correlates with "
                              "that of all by less than %.2f"), all, CYT_STABILITY_N_DRAWS, CYT_STABILITY_ENOUGH);
  gtk_label_set_label (self->summary, text);
  cyt_line_plot_set_points (self->plot, n, x, mean, low, mean, LEAST_SHOWN, CYT_STABILITY_ENOUGH, text);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytStabilityView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytStability) stability = NULL;

  if (self->session == NULL) /* the window was closed */
    return;
  stability = cyt_session_load_stability_finish (self->session, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (stability != NULL)
    fill (self, stability);
  else
    gtk_label_set_label (self->summary, error->message);
}

static void
load (CytStabilityView *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->stale = FALSE;
  cyt_line_plot_set_points (self->plot, 0, NULL, NULL, NULL, NULL, 0, NAN, "");
  gtk_label_set_label (self->summary, self->view != NULL ? _("Drawing cells…") : "");
  if (self->view == NULL || self->session == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  cyt_session_load_stability_async (self->session, self->view, self->patient, self->cancellable, loaded_cb,
                                    g_object_ref (self));
}

void
cyt_stability_view_set_session (CytStabilityView *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_STABILITY_VIEW (self));
  g_set_object (&self->session, session);
}

void
cyt_stability_view_show (CytStabilityView *self, CytPatientsView *view, const char *patient)
{
  g_return_if_fail (CYT_IS_STABILITY_VIEW (self) && (view == NULL || patient != NULL));

  if (view != NULL)
    cyt_patients_view_ref (view);
  g_clear_pointer (&self->view, cyt_patients_view_unref);
  self->view = view;
  g_free (self->patient);
  self->patient = g_strdup (patient);
  self->stale = TRUE;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    load (self);
}

/* ---- GObject ---- */

static void
cyt_stability_view_map (GtkWidget *widget)
{
  CytStabilityView *self = CYT_STABILITY_VIEW (widget);

  GTK_WIDGET_CLASS (cyt_stability_view_parent_class)->map (widget);
  if (self->stale)
    load (self);
}

static void
cyt_stability_view_dispose (GObject *object)
{
  CytStabilityView *self = CYT_STABILITY_VIEW (object);
  GtkWidget *child;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->session);
  g_clear_pointer (&self->view, cyt_patients_view_unref);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_stability_view_parent_class)->dispose (object);
}

static void
cyt_stability_view_finalize (GObject *object)
{
  g_free (CYT_STABILITY_VIEW (object)->patient);
  G_OBJECT_CLASS (cyt_stability_view_parent_class)->finalize (object);
}

static void
cyt_stability_view_class_init (CytStabilityViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cyt_stability_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_stability_view_finalize;
  GTK_WIDGET_CLASS (klass)->map = cyt_stability_view_map;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
}

static void
cyt_stability_view_init (CytStabilityView *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  self->summary = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->summary, TRUE);
  gtk_label_set_xalign (self->summary, 0);
  gtk_widget_set_margin_start (GTK_WIDGET (self->summary), 14);
  gtk_widget_set_margin_end (GTK_WIDGET (self->summary), 14);
  gtk_widget_set_parent (GTK_WIDGET (self->summary), GTK_WIDGET (self));
  self->plot = g_object_new (CYT_TYPE_LINE_PLOT, "vexpand", TRUE, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->plot), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Stability of the barcode"), -1);
  cyt_line_plot_set_titles (self->plot, _("Cells drawn, with replacement"), _("Correlation (mean, 5th percentile)"));
  gtk_widget_set_parent (GTK_WIDGET (self->plot), GTK_WIDGET (self));
}
