/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-accessible.h"
#include "cyt-column.h"
#include "cyt-format.h"
#include "cyt-patient-item.h"
#include "cyt-patient-list.h"

struct _CytPatientList
{
  GtkWidget parent_instance;

  CytPatientsView *view;          /* NULL: none */
  CytClassResult *result;         /* NULL: none */
  GListStore *items;              /* of CytPatientItem */
  GtkSingleSelection *selection;
  char *wanted;                   /* name of the selected patient */
  gboolean loading;

  GtkColumnView *table;
  GtkColumnViewColumn *predicted; /* of the table */
};

G_DEFINE_FINAL_TYPE (CytPatientList, cyt_patient_list, GTK_TYPE_WIDGET)

enum
{
  SELECTED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
select_item (CytPatientList *self, gboolean (*fits) (CytPatientItem *item, gconstpointer key), gconstpointer key)
{
  GListModel *shown = G_LIST_MODEL (self->selection);

  for (guint i = 0; i < g_list_model_get_n_items (shown); i++)
    {
      g_autoptr (CytPatientItem) item = g_list_model_get_item (shown, i);

      if (!fits (item, key))
        continue;
      gtk_single_selection_set_selected (self->selection, i);
      return;
    }
}

static gboolean
has_name (CytPatientItem *item, gconstpointer name)
{
  return g_strcmp0 (item->name, name) == 0;
}

static gboolean
has_index (CytPatientItem *item, gconstpointer index)
{
  return item->index == *(const guint *) index;
}

void
cyt_patient_list_select (CytPatientList *self, guint index)
{
  g_return_if_fail (CYT_IS_PATIENT_LIST (self));
  select_item (self, has_index, &index);
}

int
cyt_patient_list_get_selected (CytPatientList *self)
{
  CytPatientItem *item = gtk_single_selection_get_selected_item (self->selection);

  return item != NULL ? (int) item->index : -1;
}

static void
selected_cb (CytPatientList *self)
{
  CytPatientItem *item;

  if (self->loading)
    return;
  item = gtk_single_selection_get_selected_item (self->selection);
  if (item == NULL)
    return;
  g_free (self->wanted);
  self->wanted = g_strdup (item->name);
  g_signal_emit (self, signals[SELECTED], 0, item->index);
}

/* The class that was predicted for a row while it was not in training, -1: none. */
static int
get_predicted_class (CytPatientList *self, guint row)
{
  const CytClassification *result = self->result != NULL ? self->result->results[CYT_FEATURES_BARCODES] : NULL;
  gssize place = result != NULL ? cyt_classification_find (result, row) : -1;

  return place >= 0 ? (int) result->predicted[place] : -1;
}

static void
fill (CytPatientList *self)
{
  const CytPatientsView *view = self->view;
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  const char *last = NULL;
  int number = -1;

  for (guint i = 0; view != NULL && i < view->barcodes->rows->len; i++)
    {
      const CytBarcode *row = cyt_barcodes_get_row (view->barcodes, i);
      g_autofree char *both = row->other_disease ? g_strdup_printf ("%s + %s", row->disease, row->other_disease) : NULL;
      int class = get_predicted_class (self, i);

      if (row->disease != NULL && g_strcmp0 (row->disease, last) != 0) /* rows are sorted by disease */
        number++;
      last = row->disease;
      g_ptr_array_add (items, cyt_patient_item_new (i, row->name, both ? both : row->disease, row->disease ? number : -1,
                                                    row->n_cells, view->outliers[i],
                                                    class >= 0 ? self->result->results[CYT_FEATURES_BARCODES]->classes[class] : NULL,
                                                    class));
    }
  self->loading = TRUE;
  g_list_store_splice (self->items, 0, g_list_model_get_n_items (G_LIST_MODEL (self->items)), items->pdata, items->len);
  if (self->wanted != NULL)
    select_item (self, has_name, self->wanted);
  self->loading = FALSE;
}

static void
take_result (CytPatientList *self, CytClassResult *result)
{
  if (result != NULL)
    cyt_class_result_ref (result);
  g_clear_pointer (&self->result, cyt_class_result_unref);
  self->result = result;
  fill (self);
  gtk_column_view_column_set_visible (self->predicted, result != NULL);
}

void
cyt_patient_list_set_view (CytPatientList *self, CytPatientsView *view, CytClassResult *result)
{
  g_return_if_fail (CYT_IS_PATIENT_LIST (self));

  if (view != NULL)
    cyt_patients_view_ref (view);
  g_clear_pointer (&self->view, cyt_patients_view_unref);
  self->view = view;
  take_result (self, result);
  selected_cb (self);
}

void
cyt_patient_list_set_result (CytPatientList *self, CytClassResult *result)
{
  g_return_if_fail (CYT_IS_PATIENT_LIST (self));

  if (result != self->result)
    take_result (self, result);
}

/* ---- Columns ---- */

static char *
get_name (gpointer item, gpointer user_data)
{
  return g_strdup (CYT_PATIENT_ITEM (item)->name);
}

static char *
get_disease (gpointer item, gpointer user_data)
{
  return g_strdup (CYT_PATIENT_ITEM (item)->disease);
}

static int
get_color (gpointer item, gpointer user_data)
{
  return CYT_PATIENT_ITEM (item)->disease_number;
}

/* What is wrong is told by a sign, not by colour alone. */
static char *
get_predicted (gpointer item, gpointer user_data)
{
  CytPatientItem *self = CYT_PATIENT_ITEM (item);

  if (self->predicted[0] != '\0' && self->predicted_number != self->disease_number)
    return g_strconcat ("≠ ", self->predicted, NULL);
  return g_strdup (self->predicted);
}

static int
get_predicted_color (gpointer item, gpointer user_data)
{
  return CYT_PATIENT_ITEM (item)->predicted_number;
}

static char *
get_n_cells (gpointer item, gpointer user_data)
{
  return cyt_format_count (CYT_PATIENT_ITEM (item)->n_cells);
}

static char *
get_outlier (gpointer item, gpointer user_data)
{
  return cyt_format_number (CYT_PATIENT_ITEM (item)->outlier);
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return g_utf8_collate (((const CytPatientItem *) a)->name, ((const CytPatientItem *) b)->name);
}

static int
compare_diseases (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return g_utf8_collate (((const CytPatientItem *) a)->disease, ((const CytPatientItem *) b)->disease);
}

/* Those that were not recognised first. */
static int
compare_predicted (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const CytPatientItem *x = a, *y = b;
  gboolean x_right = x->predicted_number == x->disease_number, y_right = y->predicted_number == y->disease_number;

  return x_right != y_right ? x_right - y_right : g_utf8_collate (x->predicted, y->predicted);
}

static int
compare_n_cells (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const CytPatientItem *x = a, *y = b;

  return (x->n_cells < y->n_cells) - (x->n_cells > y->n_cells);
}

static int
compare_outliers (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return cyt_column_compare_doubles (((const CytPatientItem *) a)->outlier, ((const CytPatientItem *) b)->outlier);
}

static void
add_column (CytPatientList *self, GtkColumnViewColumn *column, gboolean expand)
{
  gtk_column_view_column_set_expand (column, expand);
  gtk_column_view_append_column (self->table, column);
  g_object_unref (column);
}

/* ---- GObject ---- */

static gboolean
cyt_patient_list_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (CYT_PATIENT_LIST (widget)->table));
}

static void
cyt_patient_list_dispose (GObject *object)
{
  CytPatientList *self = CYT_PATIENT_LIST (object);
  GtkWidget *child;

  self->loading = TRUE; /* the table sorts once more when its columns go */
  g_clear_object (&self->selection);
  g_clear_object (&self->items);
  g_clear_pointer (&self->view, cyt_patients_view_unref);
  g_clear_pointer (&self->result, cyt_class_result_unref);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_patient_list_parent_class)->dispose (object);
}

static void
cyt_patient_list_finalize (GObject *object)
{
  g_free (CYT_PATIENT_LIST (object)->wanted);
  G_OBJECT_CLASS (cyt_patient_list_parent_class)->finalize (object);
}

static void
cyt_patient_list_class_init (CytPatientListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = cyt_patient_list_dispose;
  object_class->finalize = cyt_patient_list_finalize;
  GTK_WIDGET_CLASS (klass)->grab_focus = cyt_patient_list_grab_focus;
  GTK_WIDGET_CLASS (klass)->focus = cyt_accessible_focus_children;
  signals[SELECTED] = g_signal_new ("selected", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
cyt_patient_list_init (CytPatientList *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkSortListModel *sorted;

  self->items = g_list_store_new (CYT_TYPE_PATIENT_ITEM);
  self->table = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  add_column (self, cyt_column_new (_("Patient"), FALSE, get_name, compare_names, NULL), FALSE);
  add_column (self, cyt_column_new_colored (_("Disease"), get_disease, get_color, compare_diseases, NULL), TRUE);
  self->predicted = cyt_column_new_colored (_("Predicted"), get_predicted, get_predicted_color, compare_predicted, NULL);
  gtk_column_view_column_set_visible (self->predicted, FALSE);
  add_column (self, self->predicted, TRUE);
  add_column (self, cyt_column_new (_("Cells"), TRUE, get_n_cells, compare_n_cells, NULL), FALSE);
  /* Translators: head of a column: how far a patient lies from the others of the same disease, 1 is usual */
  add_column (self, cyt_column_new (_("Outlier"), TRUE, get_outlier, compare_outliers, NULL), FALSE);
  sorted = gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (self->items)),
                                    g_object_ref (gtk_column_view_get_sorter (self->table)));
  self->selection = gtk_single_selection_new (G_LIST_MODEL (sorted));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  gtk_column_view_set_model (self->table, GTK_SELECTION_MODEL (self->selection));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->table), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Patients"), -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->table),
                               _("Predicted: by a classification that was not trained on the patient, ≠ where it is another "
                                 "disease. Outlier: distance of a patient from the others of the same disease; 1 is usual, 2 "
                                 "twice as far"));
  gtk_widget_add_css_class (GTK_WIDGET (self->table), "data-table");
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->table));
  gtk_widget_set_parent (scroller, GTK_WIDGET (self));
}
