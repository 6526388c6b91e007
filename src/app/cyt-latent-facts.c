/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-class-chart.h"
#include "cyt-format.h"
#include "cyt-histogram-chart.h"
#include "cyt-latent-facts.h"
#include "cyt-latent-measures.h"
#include "cyt-neighbour-list.h"
#include "cyt-settings.h"

/* Who walks through the list with the arrows does not wait for what nobody looks at. */
#define LOAD_DELAY_MS 150

/* A share on CLS so near to 1 that only rounding keeps it from it: 257 scores are summed in f32. */
#define CLS_ALONE (1 - 1e-5)

/* Opacity of a chart while that of another latent is on its way: gone, it would make the card jump. */
#define PALE 0.35

#define KEY_ACTIVATION "card-activation"
#define KEY_CLASSES "card-classes"
#define KEY_COACTIVE "card-coactive"
#define KEY_SIMILAR "card-similar"

/* One of the two lists of neighbours. */
typedef struct
{
  GtkExpander *expander;
  CytNeighbourList *list;
  GCancellable *cancellable;  /* of the job under way, or NULL */
  gint64 latent;              /* whose neighbours are shown or loaded; -1: none */
  gint64 dataset;
} Neighbours;

struct _CytLatentFacts
{
  GtkWidget parent_instance;

  CytSession *session;
  guint load_source;
  GCancellable *profile_cancellable;
  gint64 profile_latent;      /* whose profile is shown or loaded; -1: none */
  gint64 profile_dataset;
  Neighbours neighbours[CYT_N_LIKENESSES];

  GtkLabel *notice;
  GtkLabel *frequency;
  GtkLabel *mean_act;
  GtkLabel *max_act;
  GtkLabel *cls_share;
  GtkLabel *mean_count;
  GtkLabel *entropy;
  GtkLabel *purity;
  CytLatentMeasures *measures;
  GtkWidget *datasets;
  GtkGrid *frequencies;
  GtkExpander *activation;
  CytHistogramChart *histogram;
  GtkLabel *histogram_message;
  GtkExpander *by_class;
  CytClassChart *classes;
  GtkLabel *classes_message;
  GtkExpander *coactive;
  CytNeighbourList *coactive_list;
  GtkExpander *similar;
  CytNeighbourList *similar_list;
};

G_DEFINE_FINAL_TYPE (CytLatentFacts, cyt_latent_facts, GTK_TYPE_WIDGET)

static CytLatentModel *
get_model (CytLatentFacts *self)
{
  return cyt_session_get_latents (self->session);
}

/* -1 where there is nothing to show yet. */
static gint64
get_latent (CytLatentFacts *self)
{
  gint64 latent = cyt_latent_model_get_selected (get_model (self));

  return latent < (gint64) cyt_latent_model_get_n_latents (get_model (self)) ? latent : -1;
}

/* ---- Numbers ---- */

/* Takes @text. */
static void
set_number (GtkLabel *label, char *text)
{
  gtk_label_set_label (label, text);
  g_free (text);
}

static void
show_notice (CytLatentFacts *self, const CytLatentRow *row)
{
  const char *text = NULL;

  if (row->n_active == 0)
    text = _("It never fires in this data set.");
  else if (cyt_session_is_published (self->session))
    text = _("From published statistics. They say nothing of single cells: no histogram, no classes, no likeness.");
  else if (row->cls_share >= CLS_ALONE)
    text = _("It fires on the CLS token alone: a concept of the whole cell, without a place in it.");
  gtk_label_set_label (self->notice, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->notice), text != NULL);
}

static void
show_numbers (CytLatentFacts *self, gint64 latent)
{
  const CytLatentRow *row = cyt_latent_model_get_row (get_model (self), latent);
  const char *majority = cyt_latent_model_get_majority (get_model (self), latent);

  show_notice (self, row);
  set_number (self->frequency, cyt_format_percent (row->frequency));
  set_number (self->mean_act, cyt_format_number (row->n_active > 0 ? row->mean_act : NAN));
  set_number (self->max_act, cyt_format_number (row->n_active > 0 ? row->max_act : NAN));
  set_number (self->cls_share, cyt_format_percent (row->n_active > 0 ? row->cls_share : NAN));
  set_number (self->mean_count, cyt_format_number (row->mean_count));
  if (isnan (row->entropy))
    set_number (self->entropy, cyt_format_number (NAN));
  else
    {
      g_autofree char *entropy = cyt_format_number (row->entropy);

      set_number (self->entropy, g_strdup_printf (_("%s nats"), entropy));
    }
  if (isnan (row->purity) || majority == NULL)
    set_number (self->purity, cyt_format_number (NAN));
  else
    {
      g_autofree char *purity = cyt_format_percent (row->purity);

      set_number (self->purity, g_strdup_printf ("%s %s", purity, majority));
    }
}

static void
show_frequencies (CytLatentFacts *self, gint64 latent)
{
  guint n = cyt_latent_model_get_n_tables (get_model (self));
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->frequencies))) != NULL)
    gtk_grid_remove (self->frequencies, child);
  gtk_widget_set_visible (self->datasets, n > 1); /* of one it stands above */
  for (guint i = 0; n > 1 && i < n; i++)
    {
      const CytLatentTable *table = cyt_latent_model_get_table (get_model (self), i);
      const CytLatentRow *row = &table->rows[latent];
      g_autofree char *share = cyt_format_percent (row->frequency);
      g_autofree char *count = cyt_format_count (row->n_active);
      g_autofree char *mean = cyt_format_number (row->n_active > 0 ? row->mean_act : NAN);
      /* Translators: number of cells, mean score */
      g_autofree char *hint = g_strdup_printf (ngettext ("fires in %s cell, mean activation %s",
                                                         "fires in %s cells, mean activation %s", row->n_active),
                                               count, mean);
      GtkWidget *name = gtk_label_new (table->name), *value = gtk_label_new (share);

      gtk_label_set_xalign (GTK_LABEL (name), 0);
      gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
      gtk_widget_set_hexpand (name, TRUE);
      gtk_widget_add_css_class (name, "dim-label");
      gtk_widget_set_tooltip_text (name, table->name);
      gtk_label_set_xalign (GTK_LABEL (value), 1);
      gtk_widget_add_css_class (value, "numeric");
      gtk_widget_set_tooltip_text (value, hint);
      gtk_grid_attach (self->frequencies, name, 0, i, 1, 1);
      gtk_grid_attach (self->frequencies, value, 1, i, 1, 1);
    }
}

/* ---- Histogram and classes ---- */

/* Whether there is anything to be known of single cells; if not, the notice says why. */
static gboolean
has_cells (CytLatentFacts *self, gint64 latent)
{
  return !cyt_session_is_published (self->session)
         && cyt_latent_model_get_row (get_model (self), latent)->n_active > 0;
}

/* Why nothing is known of single cells yet, or NULL: it is. */
static const char *
get_unknown (CytLatentFacts *self, gint64 latent)
{
  const CytDataset *dataset = cyt_session_get_dataset (self->session);

  if (dataset != NULL && has_cells (self, latent) && dataset->n_transposed == dataset->n_cells)
    return NULL;
  return _("Known when all cells are indexed.");
}

static void
set_profile_opacity (CytLatentFacts *self, double opacity)
{
  gtk_widget_set_opacity (GTK_WIDGET (self->histogram), opacity);
  gtk_widget_set_opacity (GTK_WIDGET (self->classes), opacity);
}

static guint *
number_classes (CytLatentFacts *self, char **labels)
{
  guint n = labels != NULL ? g_strv_length (labels) : 0, *numbers = g_new (guint, n + 1);

  for (guint i = 0; i < n; i++)
    numbers[i] = MAX (0, cyt_latent_model_find_class (get_model (self), labels[i]));
  return numbers;
}

static void
show_profile (CytLatentFacts *self, const CytLatentProfile *profile, const char *message)
{
  gboolean has_classes = profile != NULL && profile->labels[0] != NULL;
  g_autofree guint *numbers = number_classes (self, has_classes ? profile->labels : NULL);
  const char *no_classes = profile != NULL ? _("The cells of this data set have no classes.") : message;

  set_profile_opacity (self, 1);
  cyt_histogram_chart_set_histogram (self->histogram, profile != NULL ? profile->histogram : NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->histogram), message == NULL);
  gtk_label_set_label (self->histogram_message, message != NULL ? message : "");
  gtk_widget_set_visible (GTK_WIDGET (self->histogram_message), message != NULL);
  cyt_class_chart_set_classes (self->classes, has_classes ? (const char *const *) profile->labels : NULL, numbers,
                               has_classes ? profile->classes : NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->classes), has_classes);
  gtk_label_set_label (self->classes_message, no_classes != NULL ? no_classes : "");
  gtk_widget_set_visible (GTK_WIDGET (self->classes_message), !has_classes);
}

static void
profile_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytLatentFacts) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytLatentProfile) profile = NULL;

  if (self->session == NULL)
    return;
  profile = cyt_session_load_profile_finish (self->session, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->profile_cancellable);
  show_profile (self, profile, profile != NULL ? NULL : error->message);
}

static void
load_profile (CytLatentFacts *self)
{
  gint64 latent = get_latent (self);
  const CytDataset *dataset = cyt_session_get_dataset (self->session);

  if (latent < 0 || get_unknown (self, latent) != NULL
      || (!gtk_expander_get_expanded (self->activation) && !gtk_expander_get_expanded (self->by_class))
      || (self->profile_latent == latent && self->profile_dataset == dataset->id))
    return;
  g_cancellable_cancel (self->profile_cancellable);
  g_clear_object (&self->profile_cancellable);
  self->profile_latent = latent;
  self->profile_dataset = dataset->id;
  self->profile_cancellable = g_cancellable_new ();
  cyt_session_load_profile_async (self->session, latent, self->profile_cancellable, profile_loaded_cb,
                                  g_object_ref (self));
}

/* ---- Neighbours ---- */

typedef struct
{
  CytLatentFacts *self;     /* held */
  CytLikeness likeness;
} Loading;

static void
neighbours_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Loading *loading = user_data;
  g_autoptr (CytLatentFacts) self = loading->self;
  Neighbours *neighbours = &self->neighbours[loading->likeness];
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) latents = NULL;

  if (self->session == NULL)
    return;
  latents = cyt_session_load_neighbours_finish (self->session, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&neighbours->cancellable);
  if (latents != NULL)
    cyt_neighbour_list_set_latents (neighbours->list, latents);
  else
    cyt_neighbour_list_set_message (neighbours->list, error->message);
}

static const char *
get_no_neighbours (CytLatentFacts *self, CytLikeness likeness, gint64 latent)
{
  if (likeness == CYT_LIKENESS_COACTIVE)
    return get_unknown (self, latent);
  return NULL;
}

static void
load_neighbours (CytLatentFacts *self, CytLikeness likeness)
{
  Neighbours *neighbours = &self->neighbours[likeness];
  gint64 latent = get_latent (self);
  const CytDataset *dataset = cyt_session_get_dataset (self->session);
  Loading *loading;

  if (latent < 0 || dataset == NULL || cyt_session_is_published (self->session)
      || get_no_neighbours (self, likeness, latent) != NULL || !gtk_expander_get_expanded (neighbours->expander)
      || (neighbours->latent == latent && neighbours->dataset == dataset->id))
    return;
  g_cancellable_cancel (neighbours->cancellable);
  g_clear_object (&neighbours->cancellable);
  neighbours->latent = latent;
  neighbours->dataset = dataset->id;
  neighbours->cancellable = g_cancellable_new ();
  loading = g_new0 (Loading, 1);
  loading->self = g_object_ref (self);
  loading->likeness = likeness;
  cyt_session_load_neighbours_async (self->session, latent, likeness, neighbours->cancellable, neighbours_loaded_cb,
                                     loading);
}

/* ---- Together ---- */

static gboolean
load_cb (gpointer user_data)
{
  CytLatentFacts *self = user_data;

  self->load_source = 0;
  load_profile (self);
  for (guint i = 0; i < CYT_N_LIKENESSES; i++)
    load_neighbours (self, i);
  return G_SOURCE_REMOVE;
}

static void
load_soon (CytLatentFacts *self)
{
  g_clear_handle_id (&self->load_source, g_source_remove);
  self->load_source = g_timeout_add (LOAD_DELAY_MS, load_cb, self);
}

/* What is shown of another latent or data set goes; what was known all the time stays. */
static void
update (CytLatentFacts *self)
{
  gint64 latent = get_latent (self);
  const CytDataset *dataset = cyt_session_get_dataset (self->session);

  if (latent < 0 || dataset == NULL)
    return;
  show_numbers (self, latent);
  show_frequencies (self, latent);
  gtk_widget_set_visible (GTK_WIDGET (self->activation), has_cells (self, latent));
  gtk_widget_set_visible (GTK_WIDGET (self->by_class), has_cells (self, latent));
  gtk_widget_set_visible (GTK_WIDGET (self->coactive), has_cells (self, latent));
  /* of a silent latent too there is a direction */
  gtk_widget_set_visible (GTK_WIDGET (self->similar), !cyt_session_is_published (self->session));
  if (self->profile_latent != latent || self->profile_dataset != dataset->id || get_unknown (self, latent) != NULL)
    {
      g_cancellable_cancel (self->profile_cancellable);
      self->profile_latent = -1;
      if (get_unknown (self, latent) != NULL)
        show_profile (self, NULL, get_unknown (self, latent));
      else
        set_profile_opacity (self, PALE);
    }
  for (guint i = 0; i < CYT_N_LIKENESSES; i++)
    {
      Neighbours *neighbours = &self->neighbours[i];
      const char *unknown = get_no_neighbours (self, i, latent);

      if (neighbours->latent == latent && neighbours->dataset == dataset->id && unknown == NULL)
        {
          cyt_neighbour_list_update_names (neighbours->list);
          continue;
        }
      g_cancellable_cancel (neighbours->cancellable);
      neighbours->latent = -1;
      if (unknown != NULL)
        cyt_neighbour_list_set_message (neighbours->list, unknown);
      else
        cyt_neighbour_list_set_busy (neighbours->list);
    }
  load_soon (self);
}

void
cyt_latent_facts_set_session (CytLatentFacts *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_LATENT_FACTS (self) && self->session == NULL);

  self->session = g_object_ref (session);
  show_profile (self, NULL, NULL);
  cyt_latent_measures_set_session (self->measures, session);
  cyt_neighbour_list_set_session (self->coactive_list, session);
  cyt_neighbour_list_set_session (self->similar_list, session);
  g_signal_connect_object (get_model (self), "notify::selected", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_model (self), "values-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::dataset", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
remember_expander_cb (GtkExpander *expander, GParamSpec *pspec, gpointer key)
{
  cyt_settings_set_int (key, gtk_expander_get_expanded (expander));
}

static void
bind_expander (CytLatentFacts *self, GtkExpander *expander, const char *key)
{
  gtk_expander_set_expanded (expander, cyt_settings_get_int (key, 1) != 0);
  g_signal_connect (expander, "notify::expanded", G_CALLBACK (remember_expander_cb), (gpointer) key);
  g_signal_connect_object (expander, "notify::expanded", G_CALLBACK (load_soon), self, G_CONNECT_SWAPPED);
}

static void
cyt_latent_facts_dispose (GObject *object)
{
  CytLatentFacts *self = CYT_LATENT_FACTS (object);
  GtkWidget *child;

  g_clear_handle_id (&self->load_source, g_source_remove);
  g_cancellable_cancel (self->profile_cancellable);
  g_clear_object (&self->profile_cancellable);
  for (guint i = 0; i < CYT_N_LIKENESSES; i++)
    {
      g_cancellable_cancel (self->neighbours[i].cancellable);
      g_clear_object (&self->neighbours[i].cancellable);
    }
  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_latent_facts_parent_class)->dispose (object);
}

static void
cyt_latent_facts_class_init (CytLatentFactsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_latent_facts_dispose;
  gtk_widget_class_set_css_name (widget_class, "latentfacts");
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-latent-facts.ui");
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, notice);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, frequency);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, mean_act);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, max_act);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, cls_share);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, mean_count);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, entropy);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, purity);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, measures);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, datasets);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, frequencies);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, activation);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, histogram);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, histogram_message);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, by_class);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, classes);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, classes_message);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, coactive);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, coactive_list);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, similar);
  gtk_widget_class_bind_template_child (widget_class, CytLatentFacts, similar_list);
}

static void
cyt_latent_facts_init (CytLatentFacts *self)
{
  g_type_ensure (CYT_TYPE_CLASS_CHART);
  g_type_ensure (CYT_TYPE_HISTOGRAM_CHART);
  g_type_ensure (CYT_TYPE_LATENT_MEASURES);
  g_type_ensure (CYT_TYPE_NEIGHBOUR_LIST);
  self->profile_latent = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->neighbours[CYT_LIKENESS_COACTIVE] = (Neighbours){ self->coactive, self->coactive_list, NULL, -1, -1 };
  self->neighbours[CYT_LIKENESS_DIRECTION] = (Neighbours){ self->similar, self->similar_list, NULL, -1, -1 };
  bind_expander (self, self->activation, KEY_ACTIVATION);
  bind_expander (self, self->by_class, KEY_CLASSES);
  bind_expander (self, self->coactive, KEY_COACTIVE);
  bind_expander (self, self->similar, KEY_SIMILAR);
}
