/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-column.h"
#include "cyt-confound-view.h"
#include "cyt-format.h"
#include "cyt-status.h"

/* ---- A row ---- */

#define CYT_TYPE_CONFOUND_ROW (cyt_confound_row_get_type ())
G_DECLARE_FINAL_TYPE (CytConfoundRow, cyt_confound_row, CYT, CONFOUND_ROW, GObject)

struct _CytConfoundRow
{
  GObject parent_instance;
  CytConfound c;
};

G_DEFINE_FINAL_TYPE (CytConfoundRow, cyt_confound_row, G_TYPE_OBJECT)

static void
cyt_confound_row_class_init (CytConfoundRowClass *klass)
{
}

static void
cyt_confound_row_init (CytConfoundRow *self)
{
}

/* ---- The table ---- */

struct _CytConfoundView
{
  GtkWidget parent_instance;

  CytSession *session;
  GArray *confounds;              /* of CytConfound, NULL: not there */
  gboolean stale;
  gboolean skip_marked;
  GCancellable *cancellable;
  GListStore *rows;
  GtkMultiSelection *selection;

  GtkStack *stack;
  GtkLabel *message;
  GtkLabel *summary;
  GtkCheckButton *suspects_only;
  GtkButton *mark;
  GtkColumnView *table;
};

G_DEFINE_FINAL_TYPE (CytConfoundView, cyt_confound_view, GTK_TYPE_WIDGET)

enum
{
  ACTIVATED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static const CytConcept *
get_concept (CytConfoundView *self, guint latent)
{
  CytLatentModel *model = cyt_session_get_latents (self->session);

  return latent < cyt_latent_model_get_n_latents (model) ? cyt_latent_model_get_concept (model, latent) : NULL;
}

static gboolean
is_marked (CytConfoundView *self, guint latent)
{
  const CytConcept *concept = get_concept (self, latent);

  return concept != NULL && (concept->status == CYT_CONCEPT_ARTEFACT || concept->status == CYT_CONCEPT_REJECTED);
}

static void
fill (CytConfoundView *self)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *judged = NULL, *suspects = NULL, *text = NULL;
  gboolean suspects_only = gtk_check_button_get_active (self->suspects_only);
  guint n_suspects = 0, n_judged = 0;

  if (self->confounds == NULL)
    return;
  for (guint i = 0; i < self->confounds->len; i++)
    {
      const CytConfound *c = &g_array_index (self->confounds, CytConfound, i);
      CytConfoundRow *row;

      if (self->skip_marked && is_marked (self, c->latent))
        continue;
      n_judged++;
      n_suspects += c->largest >= CYT_CONFOUND_SUSPECT;
      if (suspects_only && !(c->largest >= CYT_CONFOUND_SUSPECT))
        continue;
      row = g_object_new (CYT_TYPE_CONFOUND_ROW, NULL);
      row->c = *c;
      g_ptr_array_add (rows, row);
    }
  g_list_store_splice (self->rows, 0, g_list_model_get_n_items (G_LIST_MODEL (self->rows)), rows->pdata, rows->len);
  gtk_selection_model_unselect_all (GTK_SELECTION_MODEL (self->selection));
  judged = cyt_format_count (n_judged);
  suspects = cyt_format_count (n_suspects);
  /* Translators: number of latents, number of suspects among them, an association (0.5) */
  text = g_strdup_printf (_("%s latents judged, %s suspects (an association of %.1f or more)"), judged, suspects,
                          CYT_CONFOUND_SUSPECT);
  gtk_label_set_label (self->summary, text);
  gtk_stack_set_visible_child_name (self->stack, "table");
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytConfoundView) self = user_data;
  g_autoptr (GError) error = NULL;
  GArray *confounds;

  if (self->session == NULL) /* the window was closed */
    return;
  confounds = cyt_session_load_confounds_finish (self->session, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (confounds == NULL)
    {
      gtk_label_set_label (self->message, error->message);
      gtk_stack_set_visible_child_name (self->stack, "message");
      return;
    }
  g_clear_pointer (&self->confounds, g_array_unref);
  self->confounds = confounds;
  fill (self);
}

static void
load (CytConfoundView *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->stale = FALSE;
  if (self->confounds == NULL)
    {
      gtk_label_set_label (self->message, _("Reading every cell…"));
      gtk_stack_set_visible_child_name (self->stack, "message");
    }
  self->cancellable = g_cancellable_new ();
  cyt_session_load_confounds_async (self->session, self->cancellable, loaded_cb, g_object_ref (self));
}

void
cyt_confound_view_reload (CytConfoundView *self)
{
  g_return_if_fail (CYT_IS_CONFOUND_VIEW (self));

  self->stale = TRUE;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    load (self);
}

void
cyt_confound_view_set_skip_marked (CytConfoundView *self, gboolean skip_marked)
{
  g_return_if_fail (CYT_IS_CONFOUND_VIEW (self));

  if (self->skip_marked == skip_marked)
    return;
  self->skip_marked = skip_marked;
  fill (self);
}

/* ---- What the user does ---- */

static void
selected_cb (CytConfoundView *self)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));

  gtk_widget_set_sensitive (GTK_WIDGET (self->mark), !gtk_bitset_is_empty (selected) && !cyt_session_is_read_only (self->session));
}

/* All that are selected, in one step. */
static void
mark_cb (CytConfoundView *self)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  g_autoptr (GArray) latents = g_array_new (FALSE, FALSE, sizeof (guint));
  const CytConcept values = { .status = CYT_CONCEPT_ARTEFACT };
  GtkBitsetIter iter;
  guint position;

  for (gboolean ok = gtk_bitset_iter_init_first (&iter, selected, &position); ok; ok = gtk_bitset_iter_next (&iter, &position))
    {
      g_autoptr (CytConfoundRow) row = g_list_model_get_item (G_LIST_MODEL (self->selection), position);
      guint latent = row->c.latent;

      g_array_append_val (latents, latent);
    }
  if (latents->len > 0)
    cyt_session_edit_concepts (self->session, latents, &values, CYT_CONCEPT_FIELD_STATUS);
}

static void
activate_cb (CytConfoundView *self, guint position)
{
  g_autoptr (CytConfoundRow) row = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (row != NULL)
    g_signal_emit (self, signals[ACTIVATED], 0, row->c.latent);
}

static void
changed_cb (CytConfoundView *self)
{
  fill (self);
}

/* ---- Columns ---- */

static char *
get_name (gpointer item, gpointer user_data)
{
  guint latent = CYT_CONFOUND_ROW (item)->c.latent;
  const CytConcept *concept = get_concept (user_data, latent);

  return concept != NULL && concept->name[0] != '\0' ? g_strdup_printf ("#%u  %s", latent, concept->name)
                                                     : g_strdup_printf ("#%u", latent);
}

/* What is wrong with it in words: the suspicion, or what an expert has said. */
static char *
get_verdict (gpointer item, gpointer user_data)
{
  const CytConfound *c = &CYT_CONFOUND_ROW (item)->c;
  const CytConcept *concept = get_concept (user_data, c->latent);
  const char *status = concept != NULL && concept->status != CYT_CONCEPT_UNREVIEWED ? cyt_status_get_label (concept->status) : "";

  if (!(c->largest >= CYT_CONFOUND_SUSPECT))
    return g_strdup (status);
  if (*status == '\0')
    return g_strconcat ("⚠ ", _("suspect"), NULL);
  return g_strconcat ("⚠ ", _("suspect"), " · ", status, NULL);
}

static char *
get_dataset (gpointer item, gpointer user_data)
{
  return cyt_format_number (CYT_CONFOUND_ROW (item)->c.dataset);
}

static char *
get_red (gpointer item, gpointer user_data)
{
  return cyt_format_number (CYT_CONFOUND_ROW (item)->c.color[0]);
}

static char *
get_green (gpointer item, gpointer user_data)
{
  return cyt_format_number (CYT_CONFOUND_ROW (item)->c.color[1]);
}

static char *
get_blue (gpointer item, gpointer user_data)
{
  return cyt_format_number (CYT_CONFOUND_ROW (item)->c.color[2]);
}

static char *
get_size (gpointer item, gpointer user_data)
{
  return cyt_format_number (CYT_CONFOUND_ROW (item)->c.size);
}

#define COMPARE(name, field)                                                                               \
  static int compare_##name (gconstpointer a, gconstpointer b, gpointer user_data)                         \
  {                                                                                                        \
    return cyt_column_compare_doubles (fabs (((const CytConfoundRow *) a)->c.field),                       \
                                       fabs (((const CytConfoundRow *) b)->c.field));                      \
  }
COMPARE (largest, largest)
COMPARE (dataset, dataset)
COMPARE (red, color[0])
COMPARE (green, color[1])
COMPARE (blue, color[2])
COMPARE (size, size)
#undef COMPARE

static void
add_column (CytConfoundView *self, GtkColumnViewColumn *column, gboolean expand)
{
  gtk_column_view_column_set_expand (column, expand);
  gtk_column_view_append_column (self->table, column);
  g_object_unref (column);
}

/* ---- GObject ---- */

void
cyt_confound_view_set_session (CytConfoundView *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_CONFOUND_VIEW (self) && self->session == NULL);

  self->session = g_object_ref (session);
  /* labels show in the table */
  g_signal_connect_object (session, "notify::save-state", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
}

static void
cyt_confound_view_map (GtkWidget *widget)
{
  CytConfoundView *self = CYT_CONFOUND_VIEW (widget);

  GTK_WIDGET_CLASS (cyt_confound_view_parent_class)->map (widget);
  if (self->stale && self->session != NULL)
    load (self);
}

static void
cyt_confound_view_dispose (GObject *object)
{
  CytConfoundView *self = CYT_CONFOUND_VIEW (object);
  GtkWidget *child;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->selection);
  g_clear_object (&self->rows);
  g_clear_object (&self->session);
  g_clear_pointer (&self->confounds, g_array_unref);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_confound_view_parent_class)->dispose (object);
}

static void
cyt_confound_view_class_init (CytConfoundViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_confound_view_dispose;
  widget_class->map = cyt_confound_view_map;
  signals[ACTIVATED] = g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-confound-view.ui");
  gtk_widget_class_bind_template_child (widget_class, CytConfoundView, stack);
  gtk_widget_class_bind_template_child (widget_class, CytConfoundView, message);
  gtk_widget_class_bind_template_child (widget_class, CytConfoundView, summary);
  gtk_widget_class_bind_template_child (widget_class, CytConfoundView, suspects_only);
  gtk_widget_class_bind_template_child (widget_class, CytConfoundView, mark);
  gtk_widget_class_bind_template_child (widget_class, CytConfoundView, table);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, mark_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
}

static void
cyt_confound_view_init (CytConfoundView *self)
{
  GtkSortListModel *sorted;

  self->stale = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->rows = g_list_store_new (CYT_TYPE_CONFOUND_ROW);
  add_column (self, cyt_column_new (_("Concept"), FALSE, get_name, NULL, self), TRUE);
  add_column (self, cyt_column_new (_("Judgement"), FALSE, get_verdict, compare_largest, self), FALSE);
  add_column (self, cyt_column_new (_("Data set"), TRUE, get_dataset, compare_dataset, NULL), FALSE);
  add_column (self, cyt_column_new (_("Red"), TRUE, get_red, compare_red, NULL), FALSE);
  add_column (self, cyt_column_new (_("Green"), TRUE, get_green, compare_green, NULL), FALSE);
  add_column (self, cyt_column_new (_("Blue"), TRUE, get_blue, compare_blue, NULL), FALSE);
  add_column (self, cyt_column_new (_("Size"), TRUE, get_size, compare_size, NULL), FALSE);
  sorted = gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (self->rows)),
                                    g_object_ref (gtk_column_view_get_sorter (self->table)));
  self->selection = gtk_multi_selection_new (G_LIST_MODEL (sorted));
  g_signal_connect_object (self->selection, "selection-changed", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  gtk_column_view_set_model (self->table, GTK_SELECTION_MODEL (self->selection));
  gtk_widget_set_sensitive (GTK_WIDGET (self->mark), FALSE);
}
