/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-evidence.h"
#include "cli-options.h"
#include "cli-progress.h"
#include "project/cyt-model-store.h"

/* ---- What is asked for ---- */

void
cli_asked_clear (CliAsked *self)
{
  g_free (self->patient);
  g_free (self->class);
}

gboolean
cli_asked_check (const CliAsked *self, CytProject *project, const CytBarcodes *patients, GError **error)
{
  g_auto (GStrv) diseases = cyt_barcodes_list_diseases (patients);

  if (self->patient != NULL && cyt_barcodes_find_row (patients, self->patient) < 0)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: has no patient \"%s\"", cyt_project_get_path (project),
                   self->patient);
      return FALSE;
    }
  if (self->class != NULL && !g_strv_contains ((const char *const *) diseases, self->class))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: no patient has the disease \"%s\"",
                   cyt_project_get_path (project), self->class);
      return FALSE;
    }
  return TRUE;
}

/* ---- Making it ---- */

/* The project's models, wherever they lie, verified. */
static CytSharedModels *
load_models (CytProject *project, const CliAnalysis *analysis, GCancellable *cancellable, GError **error)
{
  const CytProjectModel *encoder = cyt_project_get_encoder (project), *sae = cyt_project_get_sae (project);
  g_autoptr (CytModelStore) store = cyt_model_store_new ();
  g_autoptr (CytModelFiles) files
    = cyt_model_files_new (analysis->encoder != NULL ? analysis->encoder : encoder->path, encoder->sha256,
                           analysis->sae != NULL ? analysis->sae : sae->path, sae->sha256, cyt_project_get_block (project));

  return cyt_model_store_get (store, files, cancellable, error);
}

static gboolean
compute_maps (CytEvidence *evidence, CytProject *project, const CliAnalysis *analysis, GError **error)
{
  gsize n_missing = cyt_evidence_count_missing (evidence);
  g_autoptr (CliProgress) progress = NULL;
  g_autoptr (CytSharedModels) models = NULL;
  g_autoptr (GError) local = NULL;
  GCancellable *cancellable;
  guint n_threads = 0;

  if (n_missing == 0)
    return TRUE;
  if (!cli_parse_threads (analysis->threads, &n_threads, error))
    return FALSE;
  progress = cli_progress_new ("images");
  cancellable = cli_progress_get_cancellable (progress);
  models = load_models (project, analysis, cancellable, &local);
  if (models == NULL && !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_autofree char *note
        = g_strdup_printf ("which patches of %" G_GSIZE_FORMAT " cells is not told: it needs the models (--encoder, --sae): %s",
                           n_missing, local->message);

      cli_print_error (note);
      return TRUE;
    }
  if (models != NULL
      && cyt_evidence_compute_maps (evidence, project, models->models, n_threads, cli_progress_get_progress (progress),
                                    cancellable, &local))
    return TRUE;
  cli_progress_explain_cancel (&local, "interrupted: nothing is kept");
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

CytEvidence *
cli_evidence_new (const CliAsked *asked, CytProject *project, const CytBarcodesOptions *options, const CytBarcodes *patients,
                  const CytFeatures *features, const CytClassification *classification, const CliAnalysis *analysis,
                  GError **error)
{
  g_autoptr (CytEvidence) evidence = NULL;
  int explained = -1;

  for (guint c = 0; asked->class != NULL && c < classification->n_classes; c++)
    if (g_str_equal (classification->classes[c], asked->class))
      explained = (int) c;
  evidence = cyt_evidence_new (project, options, patients, features, classification,
                               (gsize) cyt_barcodes_find_row (patients, asked->patient), explained,
                               (guint) asked->n_concepts, (guint) asked->n_cells, NULL, error);
  if (evidence == NULL || !compute_maps (evidence, project, analysis, error))
    return NULL;
  return g_steal_pointer (&evidence);
}

/* ---- JSON ---- */

static void
add_patches_json (JsonBuilder *builder, const CytEvidenceCell *cell)
{
  json_builder_set_member_name (builder, "patches");
  if (!cell->has_map)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_array (builder);
  for (guint i = 0; i < cell->map.n; i++)
    {
      json_builder_begin_object (builder);
      cli_json_add_int (builder, "row", cell->map.patch[i] / CYT_N_PATCH_SIDE);
      cli_json_add_int (builder, "column", cell->map.patch[i] % CYT_N_PATCH_SIDE);
      cli_json_add_double (builder, "activation", cell->map.value[i]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_concept_json (JsonBuilder *builder, const CytEvidenceConcept *concept)
{
  json_builder_begin_object (builder);
  cli_json_add_int (builder, "latent", concept->latent);
  cli_json_add_string (builder, "name", concept->name);
  cli_json_add_double (builder, "contribution", concept->share.contribution);
  cli_json_add_double (builder, "weight", concept->share.weight);
  cli_json_add_double (builder, "value", concept->share.value);
  cli_json_add_double (builder, "barcode", concept->barcode);
  cli_json_add_double (builder, "mean", concept->mean);
  cli_json_add_int (builder, "n_cells", (gint64) concept->n_cells);
  json_builder_set_member_name (builder, "cells");
  json_builder_begin_array (builder);
  for (guint i = 0; i < concept->cells->len; i++)
    {
      const CytEvidenceCell *cell = concept->cells->pdata[i];

      json_builder_begin_object (builder);
      cli_json_add_int (builder, "cell", cell->cell);
      cli_json_add_string (builder, "image", cell->path);
      cli_json_add_string (builder, "label", cell->label);
      cli_json_add_int (builder, "count", cell->count);
      cli_json_add_double (builder, "share", cell->share);
      cli_json_add_double (builder, "score", cell->score);
      add_patches_json (builder, cell);
      cli_json_add_string (builder, "failure", cell->failure);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

void
cli_evidence_add_json (const CytEvidence *evidence, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "evidence");
  json_builder_begin_object (builder);
  cli_json_add_string (builder, "patient", evidence->patient);
  cli_json_add_string (builder, "disease", evidence->disease);
  cli_json_add_int (builder, "n_cells", (gint64) evidence->n_cells);
  cli_json_add_string (builder, "predicted", evidence->classes[evidence->predicted]);
  cli_json_add_string (builder, "class", evidence->classes[evidence->explained]);
  json_builder_set_member_name (builder, "scores");
  json_builder_begin_array (builder);
  for (guint c = 0; c < evidence->n_classes; c++)
    json_builder_add_double_value (builder, evidence->scores[c]);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "n_predicted");
  json_builder_begin_array (builder);
  for (guint c = 0; c < evidence->n_classes; c++)
    json_builder_add_int_value (builder, evidence->n_predicted[c]);
  json_builder_end_array (builder);
  cli_json_add_double (builder, "c", evidence->c);
  cli_json_add_double (builder, "constant", evidence->constant);
  cli_json_add_double (builder, "decision", evidence->decision);
  cli_json_add_double (builder, "rest", evidence->rest);
  cli_json_add_int (builder, "n_concepts", (gint64) evidence->n_concepts);
  json_builder_set_member_name (builder, "concepts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < evidence->concepts->len; i++)
    add_concept_json (builder, evidence->concepts->pdata[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/* ---- Text ---- */

/* Patches above @threshold, in reading order. */
static char *
describe_patches (const CytEvidenceCell *cell, double threshold)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (!cell->has_map)
    return g_strdup (cell->failure != NULL ? cell->failure : "not stored");
  for (guint i = 0; i < cell->map.n; i++)
    if (cell->map.value[i] > (float) threshold)
      {
        g_autofree char *value = cli_format_double (cell->map.value[i]);

        g_string_append_printf (text, "%s%u,%u %s", text->len > 0 ? "; " : "", cell->map.patch[i] / CYT_N_PATCH_SIDE,
                                cell->map.patch[i] % CYT_N_PATCH_SIDE, value);
      }
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : g_strdup ("CLS alone");
}

static void
print_concept (const CytEvidenceConcept *concept, gsize n_cells, double threshold)
{
  static const char *const headers[] = { "cell", "class", ">tokens", ">share", ">score", "patches (row,column activation)", NULL };
  g_autoptr (CliTable) table = cli_table_new (headers);
  g_autofree char *name = cli_escape (concept->name), *contribution = cli_format_double (concept->share.contribution),
                  *weight = cli_format_double (concept->share.weight), *value = cli_format_double (concept->share.value),
                  *barcode = cli_format_double (concept->barcode), *mean = cli_format_double (concept->mean);

  printf ("\n%u%s%s: contribution %s = weight %s × %s; barcode %s, in training %s; %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
          " cells carry it\n", concept->latent, *name != '\0' ? " " : "", name, contribution, weight, value, barcode, mean,
          concept->n_cells, n_cells);
  for (guint i = 0; i < concept->cells->len; i++)
    {
      const CytEvidenceCell *cell = concept->cells->pdata[i];
      g_autofree char *patches = describe_patches (cell, threshold);
      g_autofree char *share = g_strdup_printf ("%.1f %%", 100 * cell->share);

      cli_table_add (table, cell->path);
      cli_table_add (table, cell->label);
      cli_table_add_int (table, cell->count);
      cli_table_add (table, share);
      cli_table_add_double (table, cell->score);
      cli_table_add (table, patches);
    }
  if (concept->cells->len > 0)
    cli_table_print (table, "  ");
}

void
cli_evidence_print (const CytEvidence *evidence)
{
  g_autofree char *patient = cli_escape (evidence->patient), *disease = cli_escape (evidence->disease),
                  *predicted = cli_escape (evidence->classes[evidence->predicted]),
                  *explained = cli_escape (evidence->classes[evidence->explained]),
                  *decision = cli_format_double (evidence->decision), *constant = cli_format_double (evidence->constant),
                  *rest = cli_format_double (evidence->rest);

  printf ("\nEvidence (research use only): patient %s, %s, %" G_GSIZE_FORMAT " cells\n", patient,
          evidence->disease != NULL ? disease : "no disease given", evidence->n_cells);
  if (evidence->disease != NULL)
    printf ("predicted: %s in %u of %u repeats, by models that were not trained on the patient\n", predicted,
            evidence->n_predicted[evidence->predicted], evidence->n_repeats);
  else
    printf ("predicted: %s, by a model of all patients with a disease\n", predicted);
  fputs ("scores:", stdout);
  for (guint c = 0; c < evidence->n_classes; c++)
    {
      g_autofree char *class = cli_escape (evidence->classes[c]);

      printf ("%s %s %.3f", c > 0 ? "," : "", class, evidence->scores[c]);
    }
  printf ("\nfor %s (C %g): decision %s = constant %s + contributions of %" G_GSIZE_FORMAT " concepts, %s of them by %"
          G_GSIZE_FORMAT " that are not listed\n", explained, evidence->c, decision, constant, evidence->n_concepts, rest,
          evidence->n_concepts - evidence->concepts->len);
  for (guint i = 0; i < evidence->concepts->len; i++)
    print_concept (evidence->concepts->pdata[i], evidence->n_cells, evidence->threshold);
}
