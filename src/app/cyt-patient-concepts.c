/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-column.h"
#include "cyt-format.h"
#include "cyt-patient-concepts.h"

/* Rows of the table: nobody reads further, and the search of the page of concepts finds the others. */
#define N_ROWS 200

/* ---- A row ---- */

#define CYT_TYPE_PATIENT_CONCEPT (cyt_patient_concept_get_type ())
G_DECLARE_FINAL_TYPE (CytPatientConcept, cyt_patient_concept, CYT, PATIENT_CONCEPT, GObject)

struct _CytPatientConcept
{
  GObject parent_instance;
  CytPatientLatent entry;
};

G_DEFINE_FINAL_TYPE (CytPatientConcept, cyt_patient_concept, G_TYPE_OBJECT)

static void
cyt_patient_concept_class_init (CytPatientConceptClass *klass)
{
}

static void
cyt_patient_concept_init (CytPatientConcept *self)
{
}

/* ---- The table ---- */

struct _CytPatientConcepts
{
  GtkWidget parent_instance;

  CytSession *session;
  GArray *entries;                /* of CytPatientLatent */
  GListStore *rows;               /* of CytPatientConcept */
  GtkSingleSelection *selection;
  gint64 wanted;                  /* latent */
  gboolean loading;
  gboolean by_strength;

  GtkColumnView *table;
  GtkToggleButton *unusual, *strongest;
};

G_DEFINE_FINAL_TYPE (CytPatientConcepts, cyt_patient_concepts, GTK_TYPE_WIDGET)

enum
{
  PICKED,
  ACTIVATED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

void
cyt_patient_concepts_set_session (CytPatientConcepts *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_PATIENT_CONCEPTS (self));
  g_set_object (&self->session, session);
}

gint64
cyt_patient_concepts_get_selected (CytPatientConcepts *self)
{
  CytPatientConcept *row = gtk_single_selection_get_selected_item (self->selection);

  return row != NULL ? (gint64) row->entry.latent : -1;
}

static guint
find_row (CytPatientConcepts *self, gint64 latent)
{
  GListModel *shown = G_LIST_MODEL (self->selection);

  for (guint i = 0; i < g_list_model_get_n_items (shown); i++)
    {
      g_autoptr (CytPatientConcept) row = g_list_model_get_item (shown, i);

      if (row->entry.latent == latent)
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

static void
selected_cb (CytPatientConcepts *self)
{
  gint64 latent = cyt_patient_concepts_get_selected (self);

  if (self->loading || latent < 0)
    return;
  self->wanted = latent;
  g_signal_emit (self, signals[PICKED], 0, (guint) latent);
}

/* Largest first: by value or by z; equal ones by latent. */
static int
compare_entries (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const CytPatientLatent *x = a, *y = b;
  gboolean by_strength = GPOINTER_TO_INT (user_data);
  int order = by_strength ? cyt_column_compare_doubles (x->value, y->value) : cyt_column_compare_doubles (x->z, y->z);

  return order != 0 ? order : (x->latent > y->latent) - (x->latent < y->latent);
}

static void
fill (CytPatientConcepts *self)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GArray) sorted = NULL;
  guint place;

  if (self->entries != NULL)
    {
      sorted = g_array_copy (self->entries);
      g_array_sort_with_data (sorted, compare_entries, GINT_TO_POINTER (self->by_strength));
      for (guint i = 0; i < sorted->len && rows->len < N_ROWS; i++)
        {
          const CytPatientLatent *entry = &g_array_index (sorted, CytPatientLatent, i);
          CytPatientConcept *row;

          if (entry->value == 0)
            continue;
          row = g_object_new (CYT_TYPE_PATIENT_CONCEPT, NULL);
          row->entry = *entry;
          g_ptr_array_add (rows, row);
        }
    }
  self->loading = TRUE;
  g_list_store_splice (self->rows, 0, g_list_model_get_n_items (G_LIST_MODEL (self->rows)), rows->pdata, rows->len);
  place = self->wanted >= 0 ? find_row (self, self->wanted) : GTK_INVALID_LIST_POSITION;
  gtk_single_selection_set_selected (self->selection, place != GTK_INVALID_LIST_POSITION ? place : 0);
  self->loading = FALSE;
  selected_cb (self);
}

void
cyt_patient_concepts_set_entries (CytPatientConcepts *self, GArray *entries, gboolean keep_selected)
{
  g_return_if_fail (CYT_IS_PATIENT_CONCEPTS (self));

  g_clear_pointer (&self->entries, g_array_unref);
  self->entries = entries != NULL ? g_array_ref (entries) : NULL;
  if (!keep_selected)
    self->wanted = -1;
  fill (self);
}

void
cyt_patient_concepts_select (CytPatientConcepts *self, guint latent)
{
  guint place;

  g_return_if_fail (CYT_IS_PATIENT_CONCEPTS (self));
  place = find_row (self, latent);
  if (place != GTK_INVALID_LIST_POSITION)
    gtk_single_selection_set_selected (self->selection, place);
}

static void
activate_cb (CytPatientConcepts *self, guint position)
{
  gint64 latent = cyt_patient_concepts_get_selected (self);

  if (latent >= 0)
    g_signal_emit (self, signals[ACTIVATED], 0, (guint) latent);
}

static void
order_cb (CytPatientConcepts *self)
{
  gboolean by_strength = gtk_toggle_button_get_active (self->strongest);

  if (by_strength == self->by_strength)
    return;
  self->by_strength = by_strength;
  self->wanted = -1;
  fill (self);
}

/* ---- Columns ---- */

static char *
get_name (gpointer item, gpointer user_data)
{
  CytPatientConcepts *self = user_data;
  guint latent = CYT_PATIENT_CONCEPT (item)->entry.latent;
  const CytConcept *concept = self->session != NULL && latent < cyt_latent_model_get_n_latents (cyt_session_get_latents (self->session))
                                ? cyt_latent_model_get_concept (cyt_session_get_latents (self->session), latent)
                                : NULL;

  return concept != NULL && concept->name[0] != '\0' ? g_strdup_printf ("#%u  %s", latent, concept->name)
                                                     : g_strdup_printf ("#%u", latent);
}

static char *
get_value (gpointer item, gpointer user_data)
{
  return cyt_format_number (CYT_PATIENT_CONCEPT (item)->entry.value);
}

static char *
get_mean (gpointer item, gpointer user_data)
{
  return cyt_format_number (CYT_PATIENT_CONCEPT (item)->entry.mean);
}

static char *
get_z (gpointer item, gpointer user_data)
{
  return cyt_format_number (CYT_PATIENT_CONCEPT (item)->entry.z);
}

static void
add_column (CytPatientConcepts *self, GtkColumnViewColumn *column, gboolean expand)
{
  gtk_column_view_column_set_expand (column, expand);
  gtk_column_view_append_column (self->table, column);
  g_object_unref (column);
}

/* ---- GObject ---- */

static void
cyt_patient_concepts_dispose (GObject *object)
{
  CytPatientConcepts *self = CYT_PATIENT_CONCEPTS (object);
  GtkWidget *child;

  g_clear_object (&self->selection);
  g_clear_object (&self->rows);
  g_clear_object (&self->session);
  g_clear_pointer (&self->entries, g_array_unref);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_patient_concepts_parent_class)->dispose (object);
}

static void
cyt_patient_concepts_class_init (CytPatientConceptsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cyt_patient_concepts_dispose;
  signals[PICKED] = g_signal_new ("picked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[ACTIVATED] = g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass), "/org/cytosae/Explorer/ui/cyt-patient-concepts.ui");
  gtk_widget_class_bind_template_child (GTK_WIDGET_CLASS (klass), CytPatientConcepts, table);
  gtk_widget_class_bind_template_child (GTK_WIDGET_CLASS (klass), CytPatientConcepts, unusual);
  gtk_widget_class_bind_template_child (GTK_WIDGET_CLASS (klass), CytPatientConcepts, strongest);
  gtk_widget_class_bind_template_callback (GTK_WIDGET_CLASS (klass), activate_cb);
  gtk_widget_class_bind_template_callback (GTK_WIDGET_CLASS (klass), order_cb);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
cyt_patient_concepts_init (CytPatientConcepts *self)
{
  self->wanted = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->rows = g_list_store_new (CYT_TYPE_PATIENT_CONCEPT);
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->rows)));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  add_column (self, cyt_column_new (_("Concept"), FALSE, get_name, NULL, self), TRUE);
  /* Translators: head of a column: mean number of active tokens per image of this patient */
  add_column (self, cyt_column_new (_("Patient"), TRUE, get_value, NULL, NULL), FALSE);
  add_column (self, cyt_column_new (_("Controls"), TRUE, get_mean, NULL, NULL), FALSE);
  add_column (self, cyt_column_new (_("z"), TRUE, get_z, NULL, NULL), FALSE);
  gtk_column_view_set_model (self->table, GTK_SELECTION_MODEL (self->selection));
}
