/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-cells-page.h"
#include "cyt-accessible.h"
#include "cyt-format.h"
#include "cyt-gallery.h"
#include "cyt-keys.h"

struct _CytCellsPage
{
  GtkWidget parent_instance;

  CytSession *session;
  CytGalleryModel *model;
  GCancellable *table_cancellable;   /* of the table that is being loaded, or NULL */
  GCancellable *scores_cancellable;  /* of the scores */
  gint64 dataset;                    /* that was asked for last, 0: none */
  gsize n_failed;                    /* of it, by then */
  gint64 latent;                     /* whose scores were asked for last, -1: none */
  gboolean updating;

  GtkEditable *search;
  GtkDropDown *label;
  GtkDropDown *patient;
  GtkDropDown *disease;
  GtkToggleButton *failed;
  GtkDropDown *order;
  GtkLabel *count;
  GtkStack *stack;
  GtkLabel *problem;
  CytGallery *gallery;
};

G_DEFINE_FINAL_TYPE (CytCellsPage, cyt_cells_page, GTK_TYPE_WIDGET)

/* ---- Filters ---- */

/* The chosen word, or NULL where it is the first one: all. */
static const char *
get_choice (GtkDropDown *drop_down)
{
  GtkStringObject *item = gtk_drop_down_get_selected_item (drop_down);

  return item != NULL && gtk_drop_down_get_selected (drop_down) > 0 ? gtk_string_object_get_string (item) : NULL;
}

static int
find_label (const CytCellTable *table, const char *label)
{
  for (int i = 0; label != NULL && table->labels[i] != NULL; i++)
    if (g_str_equal (table->labels[i], label))
      return i;
  return -1;
}

static void
update_count (CytCellsPage *self)
{
  CytCellTable *table = cyt_gallery_model_get_table (self->model);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->model));
  g_autofree char *shown = cyt_format_count (n), *all = NULL, *text = NULL;

  if (table == NULL)
    {
      gtk_label_set_label (self->count, "");
      return;
    }
  all = cyt_format_count (table->n);
  if (n == table->n)
    text = g_strdup_printf (ngettext ("%s cell", "%s cells", n), all);
  else
    /* Translators: number of cells that show, number of all cells */
    text = g_strdup_printf (_("%s of %s cells"), shown, all);
  gtk_label_set_label (self->count, text);
  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "cells" : "nothing");
}

static void
filter_cb (CytCellsPage *self)
{
  CytGalleryFilter filter = CYT_GALLERY_FILTER_INIT;

  if (self->updating || cyt_gallery_model_get_table (self->model) == NULL)
    return;
  filter.label = find_label (cyt_gallery_model_get_table (self->model), get_choice (self->label));
  filter.patient = get_choice (self->patient);
  filter.disease = get_choice (self->disease);
  filter.failed = gtk_toggle_button_get_active (self->failed);
  filter.text = gtk_editable_get_text (self->search);
  cyt_gallery_model_set_filter (self->model, &filter);
  update_count (self);
}

static void
clear_filters (CytCellsPage *self)
{
  self->updating = TRUE;
  gtk_editable_set_text (self->search, "");
  gtk_drop_down_set_selected (self->label, 0);
  gtk_drop_down_set_selected (self->patient, 0);
  gtk_drop_down_set_selected (self->disease, 0);
  gtk_toggle_button_set_active (self->failed, FALSE);
  self->updating = FALSE;
  filter_cb (self);
}

static int
compare_words (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

/* The words that occur, behind one for all of them; the choice stays where its word does. */
static void
set_words (GtkDropDown *drop_down, const char *all, const char *const *words, gsize n)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  g_autoptr (GtkStringList) list = gtk_string_list_new ((const char *const[]) { all, NULL });
  g_autofree char *chosen = g_strdup (get_choice (drop_down));
  guint selected = 0;

  for (gsize i = 0; i < n; i++)
    if (words[i][0] != '\0' && g_hash_table_add (seen, (gpointer) words[i]))
      g_ptr_array_add (sorted, (gpointer) words[i]);
  g_ptr_array_sort (sorted, compare_words);
  for (guint i = 0; i < sorted->len; i++)
    {
      gtk_string_list_append (list, sorted->pdata[i]);
      if (g_strcmp0 (chosen, sorted->pdata[i]) == 0)
        selected = i + 1;
    }
  gtk_drop_down_set_model (drop_down, G_LIST_MODEL (list));
  gtk_drop_down_set_selected (drop_down, selected);
  gtk_widget_set_visible (GTK_WIDGET (drop_down), sorted->len > 0);
}

static void
update_words (CytCellsPage *self)
{
  const CytCellTable *table = cyt_gallery_model_get_table (self->model);
  gboolean any_failed = FALSE;

  self->updating = TRUE;
  set_words (self->label, _("All classes"), (const char *const *) table->labels, g_strv_length (table->labels));
  set_words (self->patient, _("All patients"), table->patient, table->n);
  set_words (self->disease, _("All diseases"), table->disease, table->n);
  for (gsize i = 0; i < table->n && !any_failed; i++)
    any_failed = table->failed[i];
  gtk_widget_set_visible (GTK_WIDGET (self->failed), any_failed);
  if (!any_failed)
    gtk_toggle_button_set_active (self->failed, FALSE);
  self->updating = FALSE;
}

/* ---- Scores ---- */

static void
scores_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytCellsPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytLatentScores) scores = self->session != NULL
                                         ? cyt_session_load_scores_finish (self->session, result, &error) : NULL;
  CytCellTable *table = cyt_gallery_model_get_table (self->model);

  if (scores != NULL && table != NULL && scores->table->dataset == table->dataset
      && (gint64) scores->latent == self->latent)
    cyt_gallery_model_set_scores (self->model, scores->scores);
}

static gboolean
is_by_score (CytCellsPage *self)
{
  return gtk_drop_down_get_selected (self->order) == CYT_GALLERY_BY_SCORE;
}

static void
load_scores (CytCellsPage *self)
{
  gint64 latent = cyt_latent_model_get_selected (cyt_session_get_latents (self->session));
  CytCellTable *table = cyt_gallery_model_get_table (self->model);

  if (!is_by_score (self) || table == NULL || latent == self->latent || latent < 0)
    return;
  self->latent = latent;
  g_cancellable_cancel (self->scores_cancellable);
  g_clear_object (&self->scores_cancellable);
  self->scores_cancellable = g_cancellable_new ();
  cyt_session_load_scores_async (self->session, table->dataset, latent, self->scores_cancellable, scores_cb,
                                 g_object_ref (self));
}

/* The order says of which latent the scores are. */
static void
update_orders (CytCellsPage *self)
{
  CytLatentModel *model = cyt_session_get_latents (self->session);
  gint64 latent = cyt_latent_model_get_selected (model);
  const CytConcept *concept = latent >= 0 && latent < (gint64) cyt_latent_model_get_n_latents (model)
                                ? cyt_latent_model_get_concept (model, latent) : NULL;
  g_autofree char *score = concept != NULL && concept->name[0] != '\0'
                             /* Translators: number and name of a latent */
                             ? g_strdup_printf (_("Score of #%d %s"), (int) latent, concept->name)
                           : latent >= 0 ? g_strdup_printf (_("Score of #%d"), (int) latent)
                                         : g_strdup (_("Score"));
  const char *const orders[] = { _("Position in the data set"), _("File name"), score, NULL };
  g_autoptr (GtkStringList) list = gtk_string_list_new (orders);
  guint selected = gtk_drop_down_get_selected (self->order);

  self->updating = TRUE;
  gtk_drop_down_set_model (self->order, G_LIST_MODEL (list));
  gtk_drop_down_set_selected (self->order, selected == GTK_INVALID_LIST_POSITION ? 0 : selected);
  self->updating = FALSE;
}

static void
order_cb (CytCellsPage *self)
{
  guint order = gtk_drop_down_get_selected (self->order);

  if (self->updating || self->session == NULL || order == GTK_INVALID_LIST_POSITION)
    return;
  if (order != CYT_GALLERY_BY_SCORE && cyt_gallery_model_get_table (self->model) != NULL)
    {
      cyt_gallery_model_set_scores (self->model, NULL);
      self->latent = -1;
    }
  cyt_gallery_model_set_order (self->model, order);
  load_scores (self);
}

/* ---- The table ---- */

static void
table_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytCellsPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCellTable) table = NULL;

  if (self->session == NULL)
    return;
  table = cyt_session_load_table_finish (self->session, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (table == NULL)
    {
      gtk_label_set_label (self->problem, error->message);
      gtk_stack_set_visible_child_name (self->stack, "problem");
      self->dataset = 0;
      return;
    }
  self->latent = -1;
  cyt_gallery_model_set_table (self->model, table);
  update_words (self);
  filter_cb (self);
  update_count (self);
  load_scores (self);
}

/* Read when the page is looked at, and again for another data set or when more images could not be read. */
static void
load (CytCellsPage *self)
{
  const CytDataset *dataset = self->session != NULL ? cyt_session_get_dataset (self->session) : NULL;

  if (dataset == NULL || cyt_session_get_state (self->session) != CYT_SESSION_OPEN
      || !gtk_widget_get_mapped (GTK_WIDGET (self))
      || (dataset->id == self->dataset && dataset->n_failed == self->n_failed))
    return;
  if (dataset->id != self->dataset)
    {
      cyt_gallery_model_set_table (self->model, NULL);
      update_count (self);
      gtk_stack_set_visible_child_name (self->stack, "waiting");
    }
  self->dataset = dataset->id;
  self->n_failed = dataset->n_failed;
  g_cancellable_cancel (self->table_cancellable);
  g_clear_object (&self->table_cancellable);
  self->table_cancellable = g_cancellable_new ();
  cyt_session_load_table_async (self->session, dataset->id, self->table_cancellable, table_cb, g_object_ref (self));
}

static void
latent_cb (CytCellsPage *self)
{
  update_orders (self);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    load_scores (self);
}

static void
activate_cb (CytCellsPage *self, CytCellItem *item)
{
  cyt_session_inspect_cell (self->session, cyt_cell_item_get_cell (item)->id);
}

static void
search_done_cb (CytCellsPage *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->gallery));
}

void
cyt_cells_page_set_session (CytCellsPage *self, CytSession *session)
{
  CytLatentModel *latents = cyt_session_get_latents (session);

  g_return_if_fail (CYT_IS_CELLS_PAGE (self) && self->session == NULL);

  self->session = g_object_ref (session);
  cyt_gallery_set_model (self->gallery, session, self->model);
  g_signal_connect_object (session, "notify::dataset", G_CALLBACK (load), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (load), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::n-failed", G_CALLBACK (load), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (latents, "notify::selected", G_CALLBACK (latent_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (latents, "values-changed", G_CALLBACK (update_orders), self, G_CONNECT_SWAPPED);
  update_orders (self);
}

/* ---- GObject ---- */

static void
cyt_cells_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (cyt_cells_page_parent_class)->map (widget);
  load (CYT_CELLS_PAGE (widget));
  if (CYT_CELLS_PAGE (widget)->session != NULL)
    load_scores (CYT_CELLS_PAGE (widget));
}

static gboolean
cyt_cells_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (CYT_CELLS_PAGE (widget)->gallery));
}

static gboolean
key_cb (CytCellsPage *self, guint key, guint code, GdkModifierType state)
{
  if (cyt_keys_is_typing (GTK_WIDGET (self)))
    {
      if (key != GDK_KEY_Escape)
        return GDK_EVENT_PROPAGATE;
      search_done_cb (self);
      return GDK_EVENT_STOP;
    }
  if (cyt_keys_has_modifier (state) || key != GDK_KEY_slash)
    return GDK_EVENT_PROPAGATE;
  return gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

static void
cyt_cells_page_dispose (GObject *object)
{
  CytCellsPage *self = CYT_CELLS_PAGE (object);
  GtkWidget *child;

  g_cancellable_cancel (self->table_cancellable);
  g_clear_object (&self->table_cancellable);
  g_cancellable_cancel (self->scores_cancellable);
  g_clear_object (&self->scores_cancellable);
  self->updating = TRUE;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_cells_page_parent_class)->dispose (object);
}

static void
cyt_cells_page_finalize (GObject *object)
{
  g_clear_object (&CYT_CELLS_PAGE (object)->model);
  G_OBJECT_CLASS (cyt_cells_page_parent_class)->finalize (object);
}

static void
cyt_cells_page_class_init (CytCellsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_cells_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_cells_page_finalize;
  widget_class->map = cyt_cells_page_map;
  widget_class->grab_focus = cyt_cells_page_grab_focus;
  widget_class->focus = cyt_accessible_focus_children;
  g_type_ensure (CYT_TYPE_GALLERY);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-cells-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CytCellsPage, search);
  gtk_widget_class_bind_template_child (widget_class, CytCellsPage, label);
  gtk_widget_class_bind_template_child (widget_class, CytCellsPage, patient);
  gtk_widget_class_bind_template_child (widget_class, CytCellsPage, disease);
  gtk_widget_class_bind_template_child (widget_class, CytCellsPage, failed);
  gtk_widget_class_bind_template_child (widget_class, CytCellsPage, order);
  gtk_widget_class_bind_template_child (widget_class, CytCellsPage, count);
  gtk_widget_class_bind_template_child (widget_class, CytCellsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, CytCellsPage, problem);
  gtk_widget_class_bind_template_child (widget_class, CytCellsPage, gallery);
  gtk_widget_class_bind_template_callback (widget_class, filter_cb);
  gtk_widget_class_bind_template_callback (widget_class, order_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_filters);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_done_cb);
}

static void
cyt_cells_page_init (CytCellsPage *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->model = cyt_gallery_model_new ();
  self->latent = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}
