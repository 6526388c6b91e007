/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <adwaita.h>
#include <math.h>

#include "figures/cyt-palette.h"
#include "io/cyt-error.h"

#include "cyt-accessible.h"
#include "cyt-barcode-plot.h"
#include "cyt-classify-view.h"
#include "cyt-confound-view.h"
#include "cyt-disease-view.h"
#include "cyt-format.h"
#include "cyt-patient-cells.h"
#include "cyt-patient-concepts.h"
#include "cyt-patient-evidence.h"
#include "cyt-patient-list.h"
#include "cyt-patient-matrix.h"
#include "cyt-patients-page.h"
#include "cyt-session-figure.h"
#include "cyt-stability-view.h"
#include "cyt-threshold-bar.h"

#define WIDE 1300                   /* pixels, where there is room for a wider list */
#define LIST_WIDTH_CLASSIFIED 500

struct _CytPatientsPage
{
  GtkWidget parent_instance;

  CytSession *session;
  CytPatientsView *view;          /* NULL until loaded */
  gint64 dataset;                 /* that it is of, -1: none */
  gboolean stale;                 /* the numbers of the project have changed since */
  GCancellable *cancellable;      /* of what is being loaded, NULL: nothing */
  gboolean load_again;            /* a threshold was chosen while another one was being loaded */
  double threshold;               /* NAN: the index's */
  gboolean updating;              /* the page sets its own controls */
  char *controls;                 /* disease, NULL: all other patients */
  gboolean controls_chosen;       /* by the user */
  GStrv diseases;

  GtkStack *stack;
  AdwStatusPage *message;
  CytThresholdBar *threshold_bar;
  GtkDropDown *controls_drop_down;
  GtkCheckButton *skip_marked;
  GtkSpinner *spinner;
  GtkPaned *paned;
  CytPatientList *list;
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkStack *plots;
  CytBarcodePlot *plot;
  CytStabilityView *stability;
  GtkStack *reasons;
  CytPatientConcepts *concepts;
  CytPatientEvidence *evidence;
  CytPatientCells *cells;
  GtkStack *parts;
  CytPatientMatrix *matrix;
  CytDiseaseView *diseases_view;
  CytClassifyView *classify_view;
  CytConfoundView *confound_view;
  char *patient;                  /* that shows */
};

G_DEFINE_FINAL_TYPE (CytPatientsPage, cyt_patients_page, GTK_TYPE_WIDGET)

static void load (CytPatientsPage *self);

/* ---- One patient ---- */

static guint
get_disease_number (CytPatientsPage *self, const char *disease)
{
  for (guint i = 0; disease != NULL && self->diseases[i] != NULL; i++)
    if (g_str_equal (self->diseases[i], disease))
      return i;
  return CYT_PALETTE_N_COLORS - 1;
}

static void
update_title (CytPatientsPage *self, const CytBarcode *row)
{
  g_autofree char *count = cyt_format_count (row->n_cells);
  g_autofree char *cells = g_strdup_printf (ngettext ("%s cell", "%s cells", row->n_cells), count);
  g_autofree char *threshold = g_strdup_printf ("%g", self->view->barcodes->threshold);
  g_autofree char *text = NULL;

  gtk_label_set_label (self->title, row->name);
  if (self->controls != NULL)
    /* Translators: below a patient's name: disease, "25 cells", threshold, a disease */
    text = g_strdup_printf (_("%s · %s · tokens above %s per image; below the line: mean of %s"),
                            row->disease ? row->disease : _("no disease given"), cells, threshold, self->controls);
  else
    text = g_strdup_printf (_("%s · %s · tokens above %s per image; below the line: mean of all other patients"),
                            row->disease ? row->disease : _("no disease given"), cells, threshold);
  gtk_label_set_label (self->subtitle, text);
}

/* The values alone, where there is nothing to compare with. */
static GArray *
list_values (const CytBarcodes *barcodes, guint index)
{
  GArray *entries = g_array_new (FALSE, TRUE, sizeof (CytPatientLatent));

  for (gsize k = 0; k < barcodes->n_latents; k++)
    {
      CytPatientLatent entry = { barcodes->latents[k], cyt_barcodes_get_row (barcodes, index)->values[k], NAN, NAN, NAN };

      g_array_append_val (entries, entry);
    }
  return entries;
}

static void
show_patient (CytPatientsPage *self, guint index)
{
  const CytBarcodes *barcodes = self->view->barcodes;
  const CytBarcode *row = cyt_barcodes_get_row (barcodes, index);
  g_autoptr (GArray) entries = cyt_patients_compare_to_controls (barcodes, index, self->controls, NULL);
  g_autofree double *means = NULL;
  guint8 rgb[3];

  cyt_palette_lookup (get_disease_number (self, row->disease), rgb);
  if (entries != NULL)
    {
      means = g_new (double, MAX (1, barcodes->n_latents));
      for (gsize k = 0; k < barcodes->n_latents; k++)
        means[k] = g_array_index (entries, CytPatientLatent, k).mean;
    }
  else
    entries = list_values (barcodes, index);
  update_title (self, row);
  cyt_barcode_plot_set_values (self->plot, barcodes->d_sae, barcodes->n_latents, barcodes->latents, row->values, means, rgb);
  /* at another threshold the concept that was looked at stays */
  cyt_patient_concepts_set_entries (self->concepts, entries, g_strcmp0 (self->patient, row->name) == 0);
  g_free (self->patient);
  self->patient = g_strdup (row->name);
  cyt_stability_view_show (self->stability, self->view, row->name);
  cyt_patient_evidence_show (self->evidence, cyt_classify_view_get_result (self->classify_view), index);
}

static void
patient_cb (CytPatientsPage *self, guint index)
{
  if (self->view != NULL)
    show_patient (self, index);
}

static void
concept_picked_cb (CytPatientsPage *self, guint latent)
{
  int patient = cyt_patient_list_get_selected (self->list);

  if (patient < 0 || self->view == NULL)
    return;
  cyt_barcode_plot_set_current (self->plot, latent);
  /* The scale of the heatmaps is that of the selected latent, here as on the page of concepts. */
  cyt_latent_model_set_selected (cyt_session_get_latents (self->session), latent);
  cyt_patient_cells_show (self->cells, cyt_barcodes_get_row (self->view->barcodes, patient)->name, latent);
}

static void
peak_picked_cb (CytPatientsPage *self, guint latent)
{
  concept_picked_cb (self, latent);
  cyt_patient_concepts_select (self->concepts, latent);
}

static void
activated_cb (CytPatientsPage *self, guint latent)
{
  cyt_session_show_latent (self->session, latent);
}

static void
matrix_activated_cb (CytPatientsPage *self, guint index)
{
  cyt_patient_list_select (self->list, index);
  gtk_stack_set_visible_child_name (self->parts, "patient");
}

static char *
get_name (guint latent, gpointer user_data)
{
  CytPatientsPage *self = user_data;
  CytLatentModel *model = cyt_session_get_latents (self->session);
  const CytConcept *concept
    = latent < cyt_latent_model_get_n_latents (model) ? cyt_latent_model_get_concept (model, latent) : NULL;

  return g_strdup (concept != NULL ? concept->name : "");
}

/* ---- The controls of the page ---- */

static void
fill_controls (CytPatientsPage *self)
{
  g_autoptr (GtkStringList) texts = gtk_string_list_new (NULL);
  guint selected = 0;

  if (!self->controls_chosen || (self->controls != NULL
                                 && !g_strv_contains ((const char *const *) self->diseases, self->controls)))
    {
      g_free (self->controls);
      self->controls = g_strdup (cyt_patients_guess_controls (self->view->barcodes));
    }
  gtk_string_list_append (texts, _("All other patients"));
  for (guint i = 0; self->diseases[i] != NULL; i++)
    {
      gtk_string_list_append (texts, self->diseases[i]);
      if (g_strcmp0 (self->controls, self->diseases[i]) == 0)
        selected = i + 1;
    }
  gtk_drop_down_set_model (self->controls_drop_down, G_LIST_MODEL (texts));
  gtk_drop_down_set_selected (self->controls_drop_down, selected);
}

static void
controls_cb (CytPatientsPage *self)
{
  guint selected = gtk_drop_down_get_selected (self->controls_drop_down);
  int patient = cyt_patient_list_get_selected (self->list);

  if (self->updating || self->view == NULL || selected == GTK_INVALID_LIST_POSITION)
    return;
  g_free (self->controls);
  self->controls = selected > 0 ? g_strdup (self->diseases[selected - 1]) : NULL;
  self->controls_chosen = TRUE;
  if (patient >= 0)
    show_patient (self, patient);
}

/* The slider may move faster than a threshold is computed: then what it stands on in the end counts. */
static void
threshold_cb (CytPatientsPage *self, double threshold)
{
  self->threshold = threshold;
  if (self->cancellable != NULL)
    self->load_again = TRUE;
  else
    load (self);
}

static void
counted_cb (CytPatientsPage *self)
{
  load (self);
}

static void
classification_wanted_cb (CytPatientsPage *self)
{
  gtk_stack_set_visible_child_name (self->parts, "classification");
}

/* The list has a column more while there is a classification. */
static void
make_room (CytPatientsPage *self)
{
  if (cyt_classify_view_get_result (self->classify_view) != NULL
      && gtk_widget_get_width (GTK_WIDGET (self)) >= WIDE && gtk_paned_get_position (self->paned) < LIST_WIDTH_CLASSIFIED)
    gtk_paned_set_position (self->paned, LIST_WIDTH_CLASSIFIED);
}

/* There is another classification, or none, of what shows. */
static void
classified_cb (CytPatientsPage *self)
{
  int patient;

  if (self->view == NULL || self->updating)
    return;
  cyt_patient_list_set_result (self->list, cyt_classify_view_get_result (self->classify_view));
  make_room (self);
  patient = cyt_patient_list_get_selected (self->list);
  if (patient >= 0)
    cyt_patient_evidence_show (self->evidence, cyt_classify_view_get_result (self->classify_view), patient);
}

static void
skip_marked_cb (CytPatientsPage *self)
{
  cyt_confound_view_set_skip_marked (self->confound_view, gtk_check_button_get_active (self->skip_marked));
  if (!self->updating && self->view != NULL)
    load (self);
}

/* Which latents are left out changes with their labels. */
static void
saved_cb (CytPatientsPage *self)
{
  if (cyt_session_get_save_state (self->session) != CYT_SAVE_DONE || !gtk_check_button_get_active (self->skip_marked))
    return;
  self->stale = TRUE;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    load (self);
}

/* ---- Loading ---- */

static void
show_message (CytPatientsPage *self, const char *title, const char *text)
{
  adw_status_page_set_title (self->message, title);
  adw_status_page_set_description (self->message, text);
  gtk_stack_set_visible_child_name (self->stack, "message");
}

static void
forget (CytPatientsPage *self)
{
  g_clear_pointer (&self->view, cyt_patients_view_unref);
  g_clear_pointer (&self->diseases, g_strfreev);
  cyt_patient_list_set_view (self->list, NULL, NULL);
  cyt_patient_matrix_set_view (self->matrix, NULL);
  cyt_disease_view_set_view (self->diseases_view, NULL);
  cyt_classify_view_set_view (self->classify_view, NULL); /* there is no view to show it on */
  cyt_stability_view_show (self->stability, NULL, NULL);
  cyt_patient_evidence_show (self->evidence, NULL, 0);
  g_clear_pointer (&self->patient, g_free);
  cyt_patient_cells_show (self->cells, NULL, 0);
}

static void
take_view (CytPatientsPage *self, CytPatientsView *view)
{
  CytPatientsView *old = g_steal_pointer (&self->view);

  self->view = view;
  g_strfreev (self->diseases);
  self->diseases = cyt_barcodes_list_diseases (view->barcodes);
  self->updating = TRUE;
  fill_controls (self);
  cyt_classify_view_set_view (self->classify_view, view);
  self->updating = FALSE;
  cyt_threshold_bar_set_view (self->threshold_bar, view);
  gtk_stack_set_visible_child_name (self->stack, "patients");
  cyt_patient_list_set_view (self->list, view, cyt_classify_view_get_result (self->classify_view));
  cyt_patient_matrix_set_view (self->matrix, view);
  cyt_disease_view_set_view (self->diseases_view, view);
  g_clear_pointer (&old, cyt_patients_view_unref);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytPatientsPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytPatientsView) view = NULL;

  if (self->session == NULL) /* the window was closed */
    return;
  view = cyt_session_load_patients_finish (self->session, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->cancellable);
  gtk_spinner_stop (self->spinner);
  if (view != NULL)
    {
      take_view (self, g_steal_pointer (&view));
      if (self->load_again)
        load (self);
      return;
    }
  forget (self);
  if (g_error_matches (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY))
    show_message (self, _("No Patients"),
                  _("None of the cells says whose it is. Index a table (CSV) with the columns image, patient and disease to "
                    "compare patients here."));
  else
    show_message (self, _("No Barcodes"), error->message);
}

static void
load (CytPatientsPage *self)
{
  const CytDataset *dataset = self->session != NULL ? cyt_session_get_dataset (self->session) : NULL;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->stale = self->load_again = FALSE;
  if (dataset == NULL || dataset->n_indexed == 0)
    {
      forget (self);
      show_message (self, _("No Patients"), _("Patients appear as soon as their cells are indexed."));
      return;
    }
  if (cyt_session_is_published (self->session))
    {
      forget (self);
      show_message (self, _("No Patients"), _("Published statistics say nothing of single cells and their patients."));
      return;
    }
  if (self->dataset != dataset->id)
    {
      forget (self);
      self->dataset = dataset->id;
      self->threshold = NAN;
    }
  if (self->view == NULL)
    gtk_stack_set_visible_child_name (self->stack, "loading");
  gtk_spinner_start (self->spinner);
  self->cancellable = g_cancellable_new ();
  cyt_session_load_patients_async (self->session, self->threshold, gtk_check_button_get_active (self->skip_marked),
                                   self->cancellable, loaded_cb, g_object_ref (self));
}

/* Only while somebody looks: it reads every cell. */
static void
values_changed_cb (CytPatientsPage *self)
{
  self->stale = TRUE;
  cyt_confound_view_reload (self->confound_view);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)) && !cyt_session_is_indexing (self->session))
    load (self);
}

/* ---- GObject ---- */

static CytFigureChoice *
create_choice (CytPatientsPage *self, CytFigureKind kind)
{
  CytFigureChoice *choice = cyt_session_create_figure_choice (self->session, kind);
  int selected = cyt_patient_list_get_selected (self->list);

  choice->threshold = self->view->barcodes->threshold;
  choice->skip_marked = gtk_check_button_get_active (self->skip_marked);
  if (kind == CYT_FIGURE_BARCODES && selected >= 0)
    {
      const CytBarcode *row = g_ptr_array_index (self->view->barcodes->rows, selected);

      choice->rows = g_strdupv ((char *[]){ row->name, NULL });
    }
  else if (kind == CYT_FIGURE_COMPARE)
    cyt_disease_view_dup_diseases (self->diseases_view, &choice->a, &choice->b);
  return choice;
}

void
cyt_patients_page_offer_figures (CytPatientsPage *self, GPtrArray *choices)
{
  static const struct
  {
    CytFigureKind kind;
    const char *part;
  } kinds[] = { { CYT_FIGURE_BARCODES, "patient" }, { CYT_FIGURE_CORRELATION, "likeness" }, { CYT_FIGURE_COMPARE, "diseases" },
              { CYT_FIGURE_CONFUSION, "classification" } };
  const char *part = gtk_stack_get_visible_child_name (self->parts);
  int n = 0;

  if (self->view == NULL || self->view->barcodes->rows->len == 0)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (CytFigureChoice) choice = create_choice (self, kinds[i].kind);

      if ((kinds[i].kind == CYT_FIGURE_COMPARE && choice->a == NULL)
          || (kinds[i].kind == CYT_FIGURE_CONFUSION && cyt_classify_view_get_result (self->classify_view) == NULL))
        continue;
      g_ptr_array_insert (choices, g_strcmp0 (part, kinds[i].part) == 0 ? 0 : n, g_steal_pointer (&choice));
      n++;
    }
}

void
cyt_patients_page_set_session (CytPatientsPage *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_PATIENTS_PAGE (self) && self->session == NULL);

  self->session = g_object_ref (session);
  cyt_patient_concepts_set_session (self->concepts, session);
  cyt_patient_cells_set_session (self->cells, session);
  cyt_disease_view_set_session (self->diseases_view, session);
  cyt_threshold_bar_set_session (self->threshold_bar, session);
  cyt_classify_view_set_session (self->classify_view, session);
  cyt_confound_view_set_session (self->confound_view, session);
  cyt_patient_evidence_set_session (self->evidence, session);
  cyt_stability_view_set_session (self->stability, session);
  cyt_barcode_plot_set_name_func (self->plot, get_name, self);
  g_signal_connect_object (session, "notify::dataset", G_CALLBACK (values_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::save-state", G_CALLBACK (saved_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::indexing", G_CALLBACK (values_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
cyt_patients_page_map (GtkWidget *widget)
{
  CytPatientsPage *self = CYT_PATIENTS_PAGE (widget);

  GTK_WIDGET_CLASS (cyt_patients_page_parent_class)->map (widget);
  if (self->stale && self->session != NULL)
    load (self);
}

static gboolean
cyt_patients_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (CYT_PATIENTS_PAGE (widget)->list));
}

static void
cyt_patients_page_dispose (GObject *object)
{
  CytPatientsPage *self = CYT_PATIENTS_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (self), CYT_TYPE_PATIENTS_PAGE);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_patients_page_parent_class)->dispose (object);
}

static void
cyt_patients_page_finalize (GObject *object)
{
  CytPatientsPage *self = CYT_PATIENTS_PAGE (object);

  g_clear_pointer (&self->view, cyt_patients_view_unref);
  g_strfreev (self->diseases);
  g_free (self->controls);
  g_free (self->patient);
  G_OBJECT_CLASS (cyt_patients_page_parent_class)->finalize (object);
}

static void
cyt_patients_page_class_init (CytPatientsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_patients_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_patients_page_finalize;
  widget_class->map = cyt_patients_page_map;
  widget_class->grab_focus = cyt_patients_page_grab_focus;
  widget_class->focus = cyt_accessible_focus_children;
  g_type_ensure (CYT_TYPE_PATIENT_LIST);
  g_type_ensure (CYT_TYPE_BARCODE_PLOT);
  g_type_ensure (CYT_TYPE_PATIENT_CONCEPTS);
  g_type_ensure (CYT_TYPE_PATIENT_CELLS);
  g_type_ensure (CYT_TYPE_PATIENT_MATRIX);
  g_type_ensure (CYT_TYPE_DISEASE_VIEW);
  g_type_ensure (CYT_TYPE_CLASSIFY_VIEW);
  g_type_ensure (CYT_TYPE_CONFOUND_VIEW);
  g_type_ensure (CYT_TYPE_PATIENT_EVIDENCE);
  g_type_ensure (CYT_TYPE_STABILITY_VIEW);
  g_type_ensure (CYT_TYPE_THRESHOLD_BAR);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-patients-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, message);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, threshold_bar);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, controls_drop_down);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, skip_marked);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, paned);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, list);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, title);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, subtitle);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, plot);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, concepts);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, cells);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, parts);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, matrix);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, diseases_view);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, plots);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, stability);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, reasons);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, evidence);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, classify_view);
  gtk_widget_class_bind_template_child (widget_class, CytPatientsPage, confound_view);
  gtk_widget_class_bind_template_callback (widget_class, patient_cb);
  gtk_widget_class_bind_template_callback (widget_class, concept_picked_cb);
  gtk_widget_class_bind_template_callback (widget_class, peak_picked_cb);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, matrix_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, controls_cb);
  gtk_widget_class_bind_template_callback (widget_class, threshold_cb);
  gtk_widget_class_bind_template_callback (widget_class, counted_cb);
  gtk_widget_class_bind_template_callback (widget_class, classified_cb);
  gtk_widget_class_bind_template_callback (widget_class, classification_wanted_cb);
  gtk_widget_class_bind_template_callback (widget_class, skip_marked_cb);
}

static void
cyt_patients_page_init (CytPatientsPage *self)
{
  self->dataset = -1;
  self->stale = TRUE;
  self->threshold = NAN;
  gtk_widget_init_template (GTK_WIDGET (self));
}
