/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "analysis/cyt-measures-phase.h"

#include "cyt-format.h"
#include "cyt-job-bar.h"

#define POLL_MS 150

struct _CytJobBar
{
  GtkWidget parent_instance;

  char *what;
  CytProgress *progress;        /* borrowed; NULL: nothing runs */
  GCancellable *cancellable;
  guint poll_source;

  GtkLabel *label;
  GtkProgressBar *bar;
  GtkButton *cancel;
};

G_DEFINE_FINAL_TYPE (CytJobBar, cyt_job_bar, GTK_TYPE_WIDGET)

/* What a phase of the work is called; NULL where the work as a whole says enough. */
static const char *
name_phase (const char *phase)
{
  static const struct
  {
    const char *phase, *name;
  } names[] = {
    { "reading", N_("Reading cells") },
    { "explaining", N_("Computing explained variance") },
    { CYT_MEASURES_PHASE_SAMPLE, N_("Looking at cells for the baselines") },
    { CYT_MEASURES_PHASE_PCA, N_("Fitting principal components") },
    { CYT_MEASURES_PHASE_KMEANS, N_("Fitting k-means") },
    { CYT_MEASURES_PHASE_RANDOM, N_("Fitting random directions") },
    { CYT_MEASURES_PHASE_IMAGES, N_("Measuring cells") },
    { CYT_MEASURES_PHASE_LATENTS, N_("Describing latents") },
    { CYT_MEASURES_PHASE_NEIGHBOURS, N_("Finding similar latents") },
    { CYT_MEASURES_PHASE_MAPS, N_("Comparing maps with masks") },
    { CYT_MEASURES_PHASE_NAMES, N_("Looking for names to propose") },
    { CYT_MEASURES_PHASE_WRITING, N_("Writing") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (phase, names[i].phase) == 0)
      return _(names[i].name);
  return NULL;
}

static gboolean
poll_cb (gpointer user_data)
{
  CytJobBar *self = user_data;
  CytProgressState state;
  g_autoptr (GString) text = g_string_new (NULL);
  const char *phase;

  cyt_progress_get (self->progress, &state);
  phase = name_phase (state.phase);
  g_string_append (text, phase != NULL ? phase : self->what);
  if (g_cancellable_is_cancelled (self->cancellable))
    {
      gtk_label_set_label (self->label, _("Stopping…"));
      return G_SOURCE_CONTINUE;
    }
  if (state.n_total == 0)
    gtk_progress_bar_pulse (self->bar);
  else
    {
      g_autofree char *done = cyt_format_count (state.n_done), *total = cyt_format_count (state.n_total);

      gtk_progress_bar_set_fraction (self->bar, MIN (1, (double) state.n_done / (double) state.n_total));
      /* Translators: after what is being done: number of steps done, number of all steps */
      g_string_append_printf (text, _(" · %s of %s"), done, total);
      if (state.rate > 0)
        {
          g_autofree char *rate = cyt_format_number (state.rate);

          /* Translators: steps per second */
          g_string_append_printf (text, _(" · %s/s"), rate);
        }
      if (state.seconds_left >= 0 && state.n_done < state.n_total)
        {
          g_autofree char *left = cyt_format_duration (state.seconds_left);

          g_string_append (text, " · ");
          g_string_append_printf (text, _("%s left"), left);
        }
    }
  gtk_label_set_label (self->label, text->str);
  return G_SOURCE_CONTINUE;
}

GCancellable *
cyt_job_bar_start (CytJobBar *self, const char *what, CytProgress *progress)
{
  g_return_val_if_fail (CYT_IS_JOB_BAR (self) && self->progress == NULL, NULL);

  g_free (self->what);
  self->what = g_strdup (what);
  self->progress = progress;
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  gtk_progress_bar_set_fraction (self->bar, 0);
  self->poll_source = g_timeout_add (POLL_MS, poll_cb, self);
  gtk_widget_set_sensitive (GTK_WIDGET (self->cancel), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  poll_cb (self);
  return self->cancellable;
}

gboolean
cyt_job_bar_is_running (CytJobBar *self)
{
  g_return_val_if_fail (CYT_IS_JOB_BAR (self), FALSE);
  return self->progress != NULL;
}

void
cyt_job_bar_stop (CytJobBar *self)
{
  g_return_if_fail (CYT_IS_JOB_BAR (self));

  g_clear_handle_id (&self->poll_source, g_source_remove);
  self->progress = NULL;
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

static void
cancel_cb (CytJobBar *self)
{
  g_cancellable_cancel (self->cancellable);
  gtk_widget_set_sensitive (GTK_WIDGET (self->cancel), FALSE);
  poll_cb (self);
}

/* Nobody sees the end of the work any more. */
static void
cyt_job_bar_dispose (GObject *object)
{
  CytJobBar *self = CYT_JOB_BAR (object);
  GtkWidget *child;

  g_clear_handle_id (&self->poll_source, g_source_remove);
  self->progress = NULL;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_job_bar_parent_class)->dispose (object);
}

static void
cyt_job_bar_finalize (GObject *object)
{
  g_free (CYT_JOB_BAR (object)->what);
  G_OBJECT_CLASS (cyt_job_bar_parent_class)->finalize (object);
}

static void
cyt_job_bar_class_init (CytJobBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_job_bar_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_job_bar_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
}

static void
cyt_job_bar_init (CytJobBar *self)
{
  GtkBoxLayout *layout = GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self)));

  gtk_box_layout_set_spacing (layout, 8);
  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->label, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->label), "numeric");
  self->bar = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->bar), GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (GTK_WIDGET (self->bar), TRUE);
  gtk_widget_set_size_request (GTK_WIDGET (self->bar), 60, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Progress"), -1);
  self->cancel = GTK_BUTTON (gtk_button_new_with_mnemonic (_("_Cancel")));
  g_signal_connect_swapped (self->cancel, "clicked", G_CALLBACK (cancel_cb), self);
  gtk_widget_set_parent (GTK_WIDGET (self->label), GTK_WIDGET (self));
  gtk_widget_set_parent (GTK_WIDGET (self->bar), GTK_WIDGET (self));
  gtk_widget_set_parent (GTK_WIDGET (self->cancel), GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
