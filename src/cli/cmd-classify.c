/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/cyt-classification.h"
#include "analysis/cyt-patient-embeddings.h"
#include "io/cyt-error.h"
#include "io/cyt-hash.h"

#include "cli-analysis.h"
#include "cli-commands.h"
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

static const char *const feature_names[N_FEATURES + 1] = { "barcodes", "concepts-only", "mean-embedding", "cls" };

/* One row of the table: a kind of features, on the same folds as the others. */
typedef struct
{
  Features kind;
  gsize n_features;
  guint32 *latents;        /* (n_features) of what the columns are; NULL for embeddings */
  double *values;          /* (patients, n_features) */
  CytClassification *result;
} Entry;

static void
entry_free (Entry *entry)
{
  g_free (entry->latents);
  g_free (entry->values);
  cyt_classification_free (entry->result);
  g_free (entry);
}

/* ---- Features ---- */

/* Columns of the barcodes: all, or those of latents that an expert named and neither rejected nor calls an artefact. */
static gboolean
take_barcodes (Entry *entry, const CytBarcodes *barcodes, GPtrArray *concepts, GError **error)
{
  g_autofree guint8 *wanted = g_new0 (guint8, MAX (1, barcodes->d_sae));
  gsize n = barcodes->rows->len, column = 0;

  for (guint i = 0; i < concepts->len; i++)
    {
      const CytConcept *concept = concepts->pdata[i];

      wanted[concept->latent] = concept->name[0] != '\0' && concept->status != CYT_CONCEPT_ARTEFACT
                                && concept->status != CYT_CONCEPT_REJECTED;
    }
  entry->latents = g_new (guint32, MAX (1, barcodes->n_latents));
  for (gsize k = 0; k < barcodes->n_latents; k++)
    if (entry->kind == FEATURES_BARCODES || wanted[barcodes->latents[k]])
      entry->latents[entry->n_features++] = barcodes->latents[k];
  if (entry->n_features == 0)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY,
                   "concepts-only: no latent has a name yet: 'cytosae label' or the explorer give them");
      return FALSE;
    }
  entry->values = g_new (double, n * entry->n_features);
  for (gsize j = 0; j < entry->n_features; j++)
    {
      while (barcodes->latents[column] != entry->latents[j])
        column++;
      for (gsize i = 0; i < n; i++)
        entry->values[i * entry->n_features + j] = cyt_barcodes_get_row (barcodes, i)->values[column];
    }
  return TRUE;
}

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
  entry->n_features = cyt_encoder_get_config (encoder)->d;
  entry->values = g_new (double, barcodes->rows->len * entry->n_features);
  if (cyt_patients_embed (project, options->dataset, barcodes, encoder,
                          entry->kind == FEATURES_CLS ? CYT_EMBEDDING_CLS : CYT_EMBEDDING_MEAN, n_threads, entry->values,
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
      const GArray *evidence = r->evidence->pdata[i];

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
      for (guint e = 0; e < evidence->len; e++)
        {
          const CytEvidence *x = &g_array_index (evidence, CytEvidence, e);

          json_builder_begin_object (builder);
          cli_json_add_int (builder, entry->latents ? "latent" : "dimension",
                            entry->latents ? entry->latents[x->feature] : x->feature);
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
  cli_json_add_int (builder, "n_features", (gint64) entry->n_features);
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
print_json (GPtrArray *entries, const CytBarcodes *barcodes, const CytClassificationOptions *options)
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
      cli_table_add_int (table, (gint64) entry->n_features);
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

  entry->result = cyt_classification_run (barcodes, entry->values, entry->n_features, options,
                                          cli_progress_get_progress (progress), cli_progress_get_cancellable (progress), error);
  cli_progress_explain_cancel (error, "interrupted: nothing is kept");
  return entry->result != NULL;
}

static gboolean
run_all (CytProject *project, const CytBarcodesOptions *barcode_options, GPtrArray *entries, const CliAnalysis *analysis,
         const CytClassificationOptions *options, gboolean json, GError **error)
{
  g_autoptr (CytBarcodes) barcodes = cyt_barcodes_compute (project, barcode_options, NULL, error);
  g_autoptr (GPtrArray) concepts = barcodes != NULL ? cyt_project_list_concepts (project, error) : NULL;

  if (concepts == NULL)
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = entries->pdata[i];

      if (!(entry->kind <= FEATURES_CONCEPTS ? take_barcodes (entry, barcodes, concepts, error)
                                             : take_embeddings (entry, project, barcode_options, barcodes, analysis, error))
          || !classify (entry, barcodes, options, error))
        return FALSE;
    }
  cli_note_simulated (project, json);
  if (json)
    print_json (entries, barcodes, options);
  else
    print_text (entries, options);
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
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *target = NULL, *folds_text = NULL, *repeats_text = NULL, *features = NULL, *seed_text = NULL;
  g_autofree char *permutations_text = NULL;
  g_auto (CliAnalysis) analysis = { NULL };
  CytBarcodesOptions barcode_options = CYT_BARCODES_OPTIONS_INIT;
  CytClassificationOptions options = CYT_CLASSIFICATION_OPTIONS_INIT;
  gint64 n_folds = options.n_folds, n_repeats = options.n_repeats, n_permutations = options.n_permutations;
  gint64 seed = options.seed;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "target", 0, 0, G_OPTION_ARG_FILENAME, &target, "What to tell apart: disease", "WHAT" },
    { "folds", 0, 0, G_OPTION_ARG_FILENAME, &folds_text, "Parts of the cross-validation (5)", "N" },
    { "repeats", 0, 0, G_OPTION_ARG_FILENAME, &repeats_text, "Times it is done, with other folds (10)", "N" },
    { "features", 'f', 0, G_OPTION_ARG_FILENAME, &features,
      "barcodes, concepts-only, mean-embedding or cls, or several with commas (barcodes)", "WHAT" },
    { "permutations", 0, 0, G_OPTION_ARG_FILENAME, &permutations_text, "Shufflings of the diseases (100)", "N" },
    { "seed", 0, 0, G_OPTION_ARG_FILENAME, &seed_text, "Of folds, shufflings and bootstrap (1)", "S" },
    CLI_ANALYSIS_ENTRIES (analysis),
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  g_autoptr (GPtrArray) kinds = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  g_autoptr (CytProject) project = NULL;

  if (args == NULL || !cli_parse_int ("--folds", folds_text, 2, 1000, &n_folds, error)
      || !cli_parse_int ("--repeats", repeats_text, 1, 1000, &n_repeats, error)
      || !cli_parse_int ("--permutations", permutations_text, 0, 100000, &n_permutations, error)
      || !cli_parse_int ("--seed", seed_text, 0, G_MAXUINT32, &seed, error)
      || !parse_features (features != NULL ? features : "barcodes", kinds, error))
    return FALSE;
  if (target != NULL && !g_str_equal (target, "disease"))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--target: expected disease, found \"%s\"", target);
      return FALSE;
    }
  options = (CytClassificationOptions) { (guint) n_folds, (guint) n_repeats, (guint) n_permutations, (guint32) seed };
  return (project = cyt_project_open (args[0], CYT_PROJECT_READ_ONLY, error)) != NULL
         && cli_analysis_prepare (&analysis, project, &barcode_options, error)
         && run_all (project, &barcode_options, kinds, &analysis, &options, json, error);
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
    "Example:\n  cytosae classify cohort.cytosae --target disease --features barcodes,mean-embedding,cls\n",
  .run = run,
};
