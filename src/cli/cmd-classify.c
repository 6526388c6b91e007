/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/cyt-patient-embeddings.h"
#include "io/cyt-error.h"
#include "io/cyt-hash.h"

#include "cli-analysis.h"
#include "cli-classification.h"
#include "cli-commands.h"
#include "cli-evidence.h"
#include "cli-progress.h"
#include "cli-project.h"

typedef enum
{
  FEATURES_BARCODES,
  FEATURES_CONCEPTS,
  FEATURES_MEAN,
  FEATURES_CLS,
  N_FEATURES,
} Features;

#define N_EVIDENCE 10 /* contributions listed of every patient */

static const char *const feature_names[N_FEATURES + 1] = { "barcodes", "concepts-only", "mean-embedding", "cls" };

/* One row of the table: a kind of features, on the same folds as the others. */
typedef struct
{
  Features kind;
  CytFeatures *features;
  CytClassification *result;
} Entry;

static void
entry_free (Entry *entry)
{
  cyt_features_free (entry->features);
  cyt_classification_free (entry->result);
  g_free (entry);
}

/* ---- Features ---- */

static gboolean
take_embeddings (Entry *entry, CytProject *project, const CytBarcodesOptions *options, const CytBarcodes *barcodes,
                 const CliAnalysis *analysis, GError **error)
{
  g_autoptr (CliProgress) progress = cli_progress_new ("images");
  GCancellable *cancellable = cli_progress_get_cancellable (progress);
  const char *path;
  g_autoptr (CytEncoder) encoder = NULL;
  g_autofree char *sha256 = NULL;
  guint n_threads = 0;

  if (cyt_project_is_published (project) || !cli_parse_threads (analysis->threads, &n_threads, error))
    return FALSE; /* published: the barcodes were refused before */
  path = analysis->encoder != NULL ? analysis->encoder : cyt_project_get_encoder (project)->path;
  if ((encoder = cyt_encoder_load (path, error)) == NULL || (sha256 = cyt_hash_path (path, cancellable, error)) == NULL)
    {
      g_prefix_error (error, "%s needs the encoder (--encoder): ", feature_names[entry->kind]);
      return FALSE;
    }
  if (!g_str_equal (sha256, cyt_project_get_encoder (project)->sha256))
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH, "%s: the project was made with another encoder than %s",
                   cyt_project_get_path (project), path);
      return FALSE;
    }
  entry->features = cyt_features_new (barcodes->rows->len, cyt_encoder_get_config (encoder)->d);
  if (cyt_patients_embed (project, options->dataset, barcodes, encoder,
                          entry->kind == FEATURES_CLS ? CYT_EMBEDDING_CLS : CYT_EMBEDDING_MEAN, n_threads, entry->features->values,
                          cli_progress_get_progress (progress), cancellable, error))
    return TRUE;
  cli_progress_explain_cancel (error, "interrupted: nothing is kept");
  g_prefix_error (error, "%s: ", feature_names[entry->kind]);
  return FALSE;
}

/* ---- Output ---- */

static void
add_estimate_json (JsonBuilder *builder, const char *name, const CytEstimate *e)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  cli_json_add_double (builder, "mean", e->mean);
  cli_json_add_double (builder, "deviation", e->deviation);
  cli_json_add_double (builder, "low", e->low);
  cli_json_add_double (builder, "high", e->high);
  json_builder_end_object (builder);
}

static void
add_patients_json (JsonBuilder *builder, const Entry *entry, const CytBarcodes *barcodes)
{
  const CytClassification *r = entry->result;

  json_builder_set_member_name (builder, "patients");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < r->n; i++)
    {
      const CytClassifier *model = cyt_classification_get_model (r, r->patients[i]);
      g_autoptr (GArray) evidence
        = cyt_classifier_explain (model, cyt_features_get_row (entry->features, r->patients[i]), r->predicted[i]);

      json_builder_begin_object (builder);
      cli_json_add_string (builder, "patient", cyt_barcodes_get_row (barcodes, r->patients[i])->name);
      cli_json_add_string (builder, "disease", r->classes[r->truth[i]]);
      cli_json_add_string (builder, "predicted", r->classes[r->predicted[i]]);
      json_builder_set_member_name (builder, "folds");
      json_builder_begin_array (builder);
      for (guint repeat = 0; repeat < r->n_repeats; repeat++)
        json_builder_add_int_value (builder, r->fold[repeat * r->n + i]);
      json_builder_end_array (builder);
      json_builder_set_member_name (builder, "predictions");
      json_builder_begin_array (builder);
      for (guint repeat = 0; repeat < r->n_repeats; repeat++)
        json_builder_add_string_value (builder, r->classes[r->predicted[repeat * r->n + i]]);
      json_builder_end_array (builder);
      json_builder_set_member_name (builder, "scores");
      json_builder_begin_array (builder);
      for (guint c = 0; c < r->n_classes; c++)
        json_builder_add_double_value (builder, r->scores[i * r->n_classes + c]);
      json_builder_end_array (builder);
      json_builder_set_member_name (builder, "evidence");
      json_builder_begin_array (builder);
      for (guint e = 0; e < MIN (evidence->len, N_EVIDENCE); e++)
        {
          const CytContribution *x = &g_array_index (evidence, CytContribution, e);

          json_builder_begin_object (builder);
          cli_json_add_int (builder, entry->features->latents ? "latent" : "dimension",
                            entry->features->latents ? entry->features->latents[x->feature] : x->feature);
          cli_json_add_double (builder, "weight", x->weight);
          cli_json_add_double (builder, "value", x->value);
          cli_json_add_double (builder, "contribution", x->contribution);
          json_builder_end_object (builder);
        }
      json_builder_end_array (builder);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_entry_json (JsonBuilder *builder, const Entry *entry, const CytBarcodes *barcodes)
{
  const CytClassification *r = entry->result;

  json_builder_begin_object (builder);
  cli_json_add_string (builder, "features", feature_names[entry->kind]);
  cli_json_add_int (builder, "n_features", (gint64) entry->features->n);
  add_estimate_json (builder, "weighted_f1", &r->weighted_f1);
  add_estimate_json (builder, "macro_f1", &r->macro_f1);
  add_estimate_json (builder, "balanced_accuracy", &r->balanced_accuracy);
  add_estimate_json (builder, "auroc", &r->auroc);
  cli_json_add_double (builder, "p", r->p);
  cli_json_add_double (builder, "shuffled_mean", r->shuffled_mean);
  cli_json_add_double (builder, "shuffled_deviation", r->shuffled_deviation);
  json_builder_set_member_name (builder, "confusion");
  json_builder_begin_array (builder);
  for (guint c = 0; c < r->n_classes; c++)
    {
      json_builder_begin_array (builder);
      for (guint k = 0; k < r->n_classes; k++)
        json_builder_add_double_value (builder, r->confusion[c * r->n_classes + k]);
      json_builder_end_array (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "c");
  json_builder_begin_array (builder);
  for (guint i = 0; i < r->n_repeats * r->n_folds; i++)
    json_builder_add_double_value (builder, r->c[i]);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "kept");
  json_builder_begin_array (builder);
  for (guint m = 0; m < r->masks->len; m++)
    {
      const CytMaskPoint *point = &g_array_index (r->masks, CytMaskPoint, m);

      json_builder_begin_object (builder);
      cli_json_add_int (builder, "n", point->n_kept);
      cli_json_add_double (builder, "mean", point->mean);
      cli_json_add_double (builder, "deviation", point->deviation);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  add_patients_json (builder, entry, barcodes);
  json_builder_end_object (builder);
}

static void
print_json (GPtrArray *entries, const CytBarcodes *barcodes, const CytClassificationOptions *options,
            const CytEvidence *evidence)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const CytClassification *first = ((const Entry *) entries->pdata[0])->result;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "classes");
  json_builder_begin_array (builder);
  for (guint c = 0; c < first->n_classes; c++)
    json_builder_add_string_value (builder, first->classes[c]);
  json_builder_end_array (builder);
  cli_json_add_int (builder, "n_patients", (gint64) first->n);
  cli_json_add_double (builder, "threshold", barcodes->threshold);
  cli_json_add_int (builder, "n_folds", options->n_folds);
  cli_json_add_int (builder, "n_repeats", options->n_repeats);
  cli_json_add_int (builder, "n_permutations", options->n_permutations);
  cli_json_add_int (builder, "seed", options->seed);
  json_builder_set_member_name (builder, "results");
  json_builder_begin_array (builder);
  for (guint i = 0; i < entries->len; i++)
    add_entry_json (builder, entries->pdata[i], barcodes);
  json_builder_end_array (builder);
  if (evidence != NULL)
    cli_evidence_add_json (evidence, builder);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static void
add_estimate (CliTable *table, const CytEstimate *e)
{
  g_autofree char *text = g_strdup_printf ("%.3f ± %.3f [%.3f, %.3f]", e->mean, e->deviation, e->low, e->high);

  cli_table_add (table, text);
}

static void
print_confusion (const CytClassification *r)
{
  g_autoptr (GPtrArray) headers = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (CliTable) table = NULL;

  g_ptr_array_add (headers, g_strdup ("true"));
  for (guint c = 0; c < r->n_classes; c++)
    g_ptr_array_add (headers, g_strdup_printf (">%s", r->classes[c]));
  g_ptr_array_add (headers, NULL);
  table = cli_table_new ((const char *const *) headers->pdata);
  for (guint c = 0; c < r->n_classes; c++)
    {
      cli_table_add (table, r->classes[c]);
      for (guint k = 0; k < r->n_classes; k++)
        cli_table_add_double (table, r->confusion[c * r->n_classes + k]);
    }
  cli_table_print (table, "  ");
}

static void
print_text (GPtrArray *entries, const CytClassificationOptions *options)
{
  static const char *const headers[] = { "features", ">number", "weighted F1", "macro F1", "balanced accuracy", "AUROC", ">p",
                                         "shuffled F1", NULL };
  g_autoptr (CliTable) table = cli_table_new (headers);
  const CytClassification *first = ((const Entry *) entries->pdata[0])->result;

  printf ("%" G_GSIZE_FORMAT " patients, %u diseases, %u folds × %u repeats; mean ± sd over folds [95 %% bootstrap]; "
          "research use only\n", first->n, first->n_classes, options->n_folds, options->n_repeats);
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = entries->pdata[i];
      const CytClassification *r = entry->result;
      g_autofree char *shuffled = g_strdup_printf ("%.3f ± %.3f", r->shuffled_mean, r->shuffled_deviation);

      cli_table_add (table, feature_names[entry->kind]);
      cli_table_add_int (table, (gint64) entry->features->n);
      add_estimate (table, &r->weighted_f1);
      add_estimate (table, &r->macro_f1);
      add_estimate (table, &r->balanced_accuracy);
      add_estimate (table, &r->auroc);
      cli_table_add_double (table, r->p);
      cli_table_add (table, isnan (r->p) ? "" : shuffled);
    }
  cli_table_print (table, "");
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = entries->pdata[i];

      printf ("\n%s: patients predicted as (mean over repeats)\n", feature_names[entry->kind]);
      print_confusion (entry->result);
      printf ("  weighted F1 with the strongest only:");
      for (guint m = 0; m < entry->result->masks->len; m++)
        {
          const CytMaskPoint *point = &g_array_index (entry->result->masks, CytMaskPoint, m);

          printf ("%s %u: %.3f", m > 0 ? "," : "", point->n_kept, point->mean);
        }
      putchar ('\n');
    }
}

/* ---- The command ---- */

static gboolean
classify (Entry *entry, const CytBarcodes *barcodes, const CytClassificationOptions *options, GError **error)
{
  g_autoptr (CliProgress) progress = cli_progress_new ("folds");

  entry->result = cyt_classification_run (barcodes, entry->features, options, cli_progress_get_progress (progress),
                                          cli_progress_get_cancellable (progress), error);
  cli_progress_explain_cancel (error, "interrupted: nothing is kept");
  return entry->result != NULL;
}

static gboolean
take_features (Entry *entry, CytProject *project, const CytBarcodesOptions *options, const CytBarcodes *barcodes,
               GPtrArray *concepts, const CliAnalysis *analysis, GError **error)
{
  if (entry->kind > FEATURES_CONCEPTS)
    return take_embeddings (entry, project, options, barcodes, analysis, error);
  entry->features = cyt_features_new_from_barcodes (barcodes, entry->kind == FEATURES_CONCEPTS ? concepts : NULL, error);
  return entry->features != NULL;
}

static gboolean
run_all (CytProject *project, const CytBarcodesOptions *barcode_options, GPtrArray *entries, const CliAnalysis *analysis,
         const CytClassificationOptions *options, const CliAsked *asked, const char *report, gboolean json, GError **error)
{
  g_autoptr (CytBarcodes) barcodes = cyt_barcodes_compute (project, barcode_options, NULL, error);
  g_autoptr (GPtrArray) concepts = barcodes != NULL ? cyt_project_list_concepts (project, error) : NULL;
  const Entry *first = entries->pdata[0];
  g_autoptr (CytEvidence) evidence = NULL;
  g_autoptr (CytModelStore) store = cyt_model_store_new ();
  CliEvidenceSource source = { project, analysis, *barcode_options, barcodes, NULL, first->kind == FEATURES_CONCEPTS, NULL,
                               options, store };
  gsize n_pages = 0;

  if (concepts == NULL || !cli_asked_check (asked, project, barcodes, error))
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = entries->pdata[i];

      if (!take_features (entry, project, barcode_options, barcodes, concepts, analysis, error)
          || !classify (entry, barcodes, options, error))
        return FALSE;
    }
  source.features = first->features;
  source.classification = first->result;
  if ((asked->patient != NULL && (evidence = cli_evidence_new (&source, asked, error)) == NULL)
      || (report != NULL && !cli_evidence_write_pages (&source, asked, report, &n_pages, error)))
    return FALSE;
  cli_note_simulated (project, json);
  if (json)
    print_json (entries, barcodes, options, evidence);
  else
    print_text (entries, options);
  if (!json && evidence != NULL)
    cli_evidence_print (evidence);
  if (!json && report != NULL)
    {
      g_autofree char *folder = cli_escape (report);

      printf ("\n%s: pages about %" G_GSIZE_FORMAT " patients\n", folder, n_pages);
    }
  return TRUE;
}

static gboolean
parse_features (const char *text, GPtrArray *entries, GError **error)
{
  g_auto (GStrv) names = g_strsplit (text, ",", -1);

  for (guint i = 0; names[i] != NULL; i++)
    {
      Entry *entry;
      guint kind = 0;

      while (kind < N_FEATURES && !g_str_equal (names[i], feature_names[kind]))
        kind++;
      if (kind == N_FEATURES)
        {
          g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                       "--features: expected barcodes, concepts-only, mean-embedding or cls, found \"%s\"", names[i]);
          return FALSE;
        }
      entry = g_new0 (Entry, 1);
      entry->kind = kind;
      g_ptr_array_add (entries, entry);
    }
  if (entries->len > 0)
    return TRUE;
  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--features: expected barcodes, concepts-only, mean-embedding or cls");
  return FALSE;
}

static gboolean
check_asked (const CliAsked *asked, gboolean report, const Entry *first, GError **error)
{
  if (asked->class != NULL && asked->patient == NULL && !report)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--class is for --evidence and --report");
      return FALSE;
    }
  if ((asked->patient != NULL || report) && first->kind > FEATURES_CONCEPTS)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   "%s is of the first of the features, which has to be barcodes or concepts-only, found %s",
                   report ? "--report" : "--evidence", feature_names[first->kind]);
      return FALSE;
    }
  return TRUE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *target = NULL, *features = NULL, *concepts_text = NULL, *cells_text = NULL, *report = NULL;
  g_auto (CliClassification) classification = { NULL };
  g_auto (CliAsked) asked = CLI_ASKED_INIT;
  g_auto (CliAnalysis) analysis = { NULL };
  CytBarcodesOptions barcode_options = CYT_BARCODES_OPTIONS_INIT;
  CytClassificationOptions options = CYT_CLASSIFICATION_OPTIONS_INIT;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "target", 0, 0, G_OPTION_ARG_FILENAME, &target, "What to tell apart: disease", "WHAT" },
    { "features", 'f', 0, G_OPTION_ARG_FILENAME, &features,
      "barcodes, concepts-only, mean-embedding or cls, or several with commas (barcodes)", "WHAT" },
    CLI_CLASSIFICATION_ENTRIES (classification),
    CLI_PERMUTATIONS_ENTRY (classification),
    { "evidence", 0, 0, G_OPTION_ARG_FILENAME, &asked.patient, "Why this patient was taken for the predicted disease",
      "PATIENT" },
    { "class", 0, 0, G_OPTION_ARG_FILENAME, &asked.class, "What speaks for this disease instead", "DISEASE" },
    { "concepts", 0, 0, G_OPTION_ARG_FILENAME, &concepts_text, "Concepts in the evidence (10)", "N" },
    { "cells", 0, 0, G_OPTION_ARG_FILENAME, &cells_text, "Cells of each concept (5)", "N" },
    { "report", 0, 0, G_OPTION_ARG_FILENAME, &report, "Write a page (PDF) of evidence about each patient", "FOLDER" },
    CLI_ANALYSIS_ENTRIES (analysis),
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  g_autoptr (GPtrArray) kinds = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  g_autoptr (CytProject) project = NULL;

  if (args == NULL || !cli_classification_parse (&classification, &options, error)
      || !cli_require_utf8 ("--evidence", asked.patient, error) || !cli_require_utf8 ("--class", asked.class, error)
      || !cli_parse_int ("--concepts", concepts_text, 1, 1000, &asked.n_concepts, error)
      || !cli_parse_int ("--cells", cells_text, 0, 1000, &asked.n_cells, error)
      || !parse_features (features != NULL ? features : "barcodes", kinds, error)
      || !check_asked (&asked, report != NULL, kinds->pdata[0], error))
    return FALSE;
  if (target != NULL && !g_str_equal (target, "disease"))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--target: expected disease, found \"%s\"", target);
      return FALSE;
    }
  return (project = cyt_project_open (args[0], CYT_PROJECT_READ_ONLY, error)) != NULL
         && cli_analysis_prepare (&analysis, project, &barcode_options, error)
         && (report == NULL || cli_evidence_make_folder (report, error))
         && run_all (project, &barcode_options, kinds, &analysis, &options, &asked, report, json, error);
}

const CliCommand cmd_classify = {
  .name = "classify",
  .arguments = "P.cytosae",
  .summary = "Tell patients' diseases apart from their barcodes, with baselines and evidence",
  .description
  = "L2 logistic regression (liblinear), cross-validated by patient and stratified by disease; scaling, weights and C\n"
    "(by an inner cross-validation) are fitted inside the training folds. Several kinds of features are measured on the\n"
    "same folds; embeddings are not in the project, so the images walk through the encoder once more. p: of shuffled\n"
    "diseases, whose mean F1 is the negative control. Refused when a disease has fewer patients than folds or a\n"
    "patient has two. Research use only. JSON: classes, n_patients, threshold, n_folds, n_repeats, n_permutations, seed,\n"
    "results [features, n_features, weighted_f1, macro_f1, balanced_accuracy, auroc {mean, deviation over folds; low,\n"
    "high of 95 % of 1,000 bootstrap draws of patients}, p, shuffled_mean, shuffled_deviation, confusion [true\n"
    "[predicted]], c [by repeat and fold], kept [n, mean, deviation of the weighted F1 with the n strongest features],\n"
    "patients [patient, disease, predicted, folds and predictions by repeat, and of the first repeat scores, evidence\n"
    "[latent, weight, value, contribution]]].\n\n"
    "--evidence: contribution (weight × scaled barcode) of the concepts that say most for and against the disease, by the\n"
    "model of the first repeat that was not trained on the patient, or of all patients with a disease where this one has\n"
    "none; the cells that carry each by tokens above the threshold, with their share of the patient's barcode; and which\n"
    "patches. Maps that the index does not hold are computed from the images. JSON: evidence {patient, disease, n_cells,\n"
    "predicted, class, scores, n_predicted (repeats, by class), c, constant, decision (constant + all contributions), rest\n"
    "(contributions not listed), n_concepts, concepts [latent, name, contribution, weight, value (scaled), barcode, mean (in\n"
    "training), n_cells (that carry it), cells [cell, image, label, count, share, score, patches [row, column, activation],\n"
    "null where not known, failure]]}. --report: pages as of 'cytosae figure P.cytosae evidence'.\n\n"
    "Examples:\n  cytosae classify cohort.cytosae --target disease --features barcodes,mean-embedding,cls\n"
    "  cytosae classify cohort.cytosae --permutations 0 --evidence P017 --class control\n",
  .run = run,
};
