/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-column.h"
#include "cyt-format.h"
#include "cyt-patient-evidence.h"

/* ---- A row ---- */

#define CYT_TYPE_EVIDENCE_ROW (cyt_evidence_row_get_type ())
G_DECLARE_FINAL_TYPE (CytEvidenceRow, cyt_evidence_row, CYT, EVIDENCE_ROW, GObject)

struct _CytEvidenceRow
{
  GObject parent_instance;
  guint32 latent;
  double barcode, mean, contribution;
  gsize n_cells;
};

G_DEFINE_FINAL_TYPE (CytEvidenceRow, cyt_evidence_row, G_TYPE_OBJECT)

static void
cyt_evidence_row_class_init (CytEvidenceRowClass *klass)
{
}

static void
cyt_evidence_row_init (CytEvidenceRow *self)
{
}

/* ---- The list ---- */

struct _CytPatientEvidence
{
  GtkWidget parent_instance;

  CytSession *session;
  CytClassResult *result;         /* NULL: none */
  guint row;
  gboolean stale;                 /* what shows is not of result and row */
  int explained;                  /* class, -1: the predicted one */
  GCancellable *cancellable;
  GListStore *rows;
  GtkSingleSelection *selection;
  gboolean loading;

  GtkStack *stack;
  GtkLabel *message;
  GtkButton *classify;
  GtkLabel *decision;
  GtkDropDown *classes;
  GtkLabel *rest;
  GtkColumnView *table;
};

G_DEFINE_FINAL_TYPE (CytPatientEvidence, cyt_patient_evidence, GTK_TYPE_WIDGET)

enum
{
  PICKED,
  ACTIVATED,
  WANTED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
show_message (CytPatientEvidence *self, const char *text, gboolean offer)
{
  gtk_label_set_label (self->message, text);
  gtk_widget_set_visible (GTK_WIDGET (self->classify), offer);
  gtk_stack_set_visible_child_name (self->stack, "message");
}

static void
fill_rows (CytPatientEvidence *self, const CytEvidence *evidence)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < evidence->concepts->len; i++)
    {
      const CytEvidenceConcept *concept = evidence->concepts->pdata[i];
      CytEvidenceRow *row = g_object_new (CYT_TYPE_EVIDENCE_ROW, NULL);

      row->latent = concept->latent;
      row->barcode = concept->barcode;
      row->mean = concept->mean;
      row->contribution = concept->share.contribution;
      row->n_cells = concept->n_cells;
      g_ptr_array_add (rows, row);
    }
  self->loading = TRUE;
  g_list_store_splice (self->rows, 0, g_list_model_get_n_items (G_LIST_MODEL (self->rows)), rows->pdata, rows->len);
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  self->loading = FALSE;
}

/* With a sign in any case. (transfer full) */
static char *
format_signed (double value)
{
  g_autofree char *number = cyt_format_number (fabs (value));

  return g_strconcat (value < 0 ? "−" : "+", number, NULL);
}

static void
fill_decision (CytPatientEvidence *self, const CytEvidence *evidence)
{
  const char *predicted = evidence->classes[evidence->predicted];
  g_autofree char *score = cyt_format_number (evidence->scores[evidence->predicted]), *text = NULL, *rest = NULL;
  g_autofree char *others = format_signed (evidence->rest), *constant = format_signed (evidence->constant);
  g_autofree char *decision = format_signed (evidence->decision);
  g_autoptr (GtkStringList) names = gtk_string_list_new ((const char *const *) evidence->classes);

  if (evidence->disease == NULL)
    /* Translators: a disease and its score, 0 to 1 */
    text = g_strdup_printf (_("Predicted %s (score %s); the patient’s disease is not given. Research use only."), predicted, score);
  else
    /* Translators: a disease and its score, in how many repeats it was predicted, of how many; the true disease */
    text = g_strdup_printf (_("Predicted %s (score %s; in %u of %u repeats), given as %s. Research use only."), predicted, score,
                            evidence->n_predicted[evidence->predicted], evidence->n_repeats, evidence->disease);
  gtk_label_set_label (self->decision, text);
  /* Translators: what all other latents contribute, a constant, and the sum of all */
  rest = g_strdup_printf (_("All other latents %s, constant %s; the sum decides: %s"), others, constant, decision);
  gtk_label_set_label (self->rest, rest);
  self->loading = TRUE;
  gtk_drop_down_set_model (self->classes, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->classes, evidence->explained);
  self->loading = FALSE;
}

static void
loaded_cb (GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  g_autoptr (CytPatientEvidence) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytEvidence) evidence = NULL;

  if (self->session == NULL) /* the window was closed */
    return;
  evidence = cyt_session_load_evidence_finish (self->session, async_result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (evidence == NULL)
    {
      show_message (self, error->message, FALSE);
      return;
    }
  fill_decision (self, evidence);
  fill_rows (self, evidence);
  gtk_stack_set_visible_child_name (self->stack, "evidence");
}

static void
load (CytPatientEvidence *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->stale = FALSE;
  if (self->result == NULL || self->session == NULL)
    {
      show_message (self, _("What speaks for a disease is known once the patients are classified."), TRUE);
      return;
    }
  self->cancellable = g_cancellable_new ();
  cyt_session_load_evidence_async (self->session, self->result, self->row, self->explained, self->cancellable, loaded_cb,
                                   g_object_ref (self));
}

void
cyt_patient_evidence_set_session (CytPatientEvidence *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_PATIENT_EVIDENCE (self));
  g_set_object (&self->session, session);
}

void
cyt_patient_evidence_show (CytPatientEvidence *self, CytClassResult *result, guint row)
{
  g_return_if_fail (CYT_IS_PATIENT_EVIDENCE (self));

  if (result == self->result && row == self->row)
    return;
  if (result != NULL)
    cyt_class_result_ref (result);
  g_clear_pointer (&self->result, cyt_class_result_unref);
  self->result = result;
  self->row = row;
  self->explained = -1;
  self->stale = TRUE;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    load (self);
}

/* ---- What the user does ---- */

static void
class_cb (CytPatientEvidence *self)
{
  guint selected = gtk_drop_down_get_selected (self->classes);

  if (self->loading || selected == GTK_INVALID_LIST_POSITION)
    return;
  self->explained = (int) selected;
  load (self);
}

static void
classify_cb (CytPatientEvidence *self)
{
  g_signal_emit (self, signals[WANTED], 0);
}

static void
selected_cb (CytPatientEvidence *self)
{
  CytEvidenceRow *row = gtk_single_selection_get_selected_item (self->selection);

  if (!self->loading && row != NULL)
    g_signal_emit (self, signals[PICKED], 0, row->latent);
}

static void
activate_cb (CytPatientEvidence *self, guint position)
{
  g_autoptr (CytEvidenceRow) row = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (row != NULL)
    g_signal_emit (self, signals[ACTIVATED], 0, row->latent);
}

/* ---- Columns ---- */

static char *
get_name (gpointer item, gpointer user_data)
{
  CytPatientEvidence *self = user_data;
  guint latent = CYT_EVIDENCE_ROW (item)->latent;
  const CytConcept *concept = cyt_latent_model_get_concept (cyt_session_get_latents (self->session), latent);

  return concept != NULL && concept->name[0] != '\0' ? g_strdup_printf ("#%u  %s", latent, concept->name)
                                                     : g_strdup_printf ("#%u", latent);
}

static char *
get_contribution (gpointer item, gpointer user_data)
{
  return format_signed (CYT_EVIDENCE_ROW (item)->contribution);
}

static char *
get_barcode (gpointer item, gpointer user_data)
{
  return cyt_format_number (CYT_EVIDENCE_ROW (item)->barcode);
}

static char *
get_mean (gpointer item, gpointer user_data)
{
  return cyt_format_number (CYT_EVIDENCE_ROW (item)->mean);
}

static char *
get_n_cells (gpointer item, gpointer user_data)
{
  return cyt_format_count (CYT_EVIDENCE_ROW (item)->n_cells);
}

static void
add_column (CytPatientEvidence *self, GtkColumnViewColumn *column, gboolean expand)
{
  gtk_column_view_column_set_expand (column, expand);
  gtk_column_view_append_column (self->table, column);
  g_object_unref (column);
}

/* ---- GObject ---- */

static void
cyt_patient_evidence_map (GtkWidget *widget)
{
  CytPatientEvidence *self = CYT_PATIENT_EVIDENCE (widget);

  GTK_WIDGET_CLASS (cyt_patient_evidence_parent_class)->map (widget);
  if (self->stale)
    load (self);
}

static void
cyt_patient_evidence_dispose (GObject *object)
{
  CytPatientEvidence *self = CYT_PATIENT_EVIDENCE (object);
  GtkWidget *child;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->selection);
  g_clear_object (&self->rows);
  g_clear_object (&self->session);
  g_clear_pointer (&self->result, cyt_class_result_unref);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_patient_evidence_parent_class)->dispose (object);
}

static void
cyt_patient_evidence_class_init (CytPatientEvidenceClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_patient_evidence_dispose;
  widget_class->map = cyt_patient_evidence_map;
  signals[PICKED] = g_signal_new ("picked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[ACTIVATED] = g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[WANTED] = g_signal_new ("wanted", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-patient-evidence.ui");
  gtk_widget_class_bind_template_child (widget_class, CytPatientEvidence, stack);
  gtk_widget_class_bind_template_child (widget_class, CytPatientEvidence, message);
  gtk_widget_class_bind_template_child (widget_class, CytPatientEvidence, classify);
  gtk_widget_class_bind_template_child (widget_class, CytPatientEvidence, decision);
  gtk_widget_class_bind_template_child (widget_class, CytPatientEvidence, classes);
  gtk_widget_class_bind_template_child (widget_class, CytPatientEvidence, rest);
  gtk_widget_class_bind_template_child (widget_class, CytPatientEvidence, table);
  gtk_widget_class_bind_template_callback (widget_class, class_cb);
  gtk_widget_class_bind_template_callback (widget_class, classify_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
}

static void
cyt_patient_evidence_init (CytPatientEvidence *self)
{
  self->explained = -1;
  self->stale = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->rows = g_list_store_new (CYT_TYPE_EVIDENCE_ROW);
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->rows)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  add_column (self, cyt_column_new (_("Concept"), FALSE, get_name, NULL, self), TRUE);
  /* Translators: head of a column: what a concept contributes to a decision */
  add_column (self, cyt_column_new (_("Share"), TRUE, get_contribution, NULL, NULL), FALSE);
  add_column (self, cyt_column_new (_("Patient"), TRUE, get_barcode, NULL, NULL), FALSE);
  /* Translators: head of a column: mean over the patients that the model was trained on */
  add_column (self, cyt_column_new (_("Mean"), TRUE, get_mean, NULL, NULL), FALSE);
  add_column (self, cyt_column_new (_("Cells"), TRUE, get_n_cells, NULL, NULL), FALSE);
  gtk_column_view_set_model (self->table, GTK_SELECTION_MODEL (self->selection));
}
