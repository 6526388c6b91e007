/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "cli-evidence.h"
#include "cli-options.h"
#include "cli-progress.h"

#define MAX_NAME 50 /* letters, of at most 4 bytes: a file's name has 255 */

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
load_models (const CliEvidenceSource *source, GCancellable *cancellable, GError **error)
{
  const CytProjectModel *encoder = cyt_project_get_encoder (source->project), *sae = cyt_project_get_sae (source->project);
  const CliAnalysis *analysis = source->analysis;
  g_autoptr (CytModelFiles) files
    = cyt_model_files_new (analysis->encoder != NULL ? analysis->encoder : encoder->path, encoder->sha256,
                           analysis->sae != NULL ? analysis->sae : sae->path, sae->sha256,
                           cyt_project_get_block (source->project));

  return cyt_model_store_get (source->store, files, cancellable, error);
}

static gboolean
compute_maps (const CliEvidenceSource *source, CytEvidence *evidence, GError **error)
{
  gsize n_missing = cyt_evidence_count_missing (evidence);
  g_autoptr (CliProgress) progress = NULL;
  g_autoptr (CytSharedModels) models = NULL;
  g_autoptr (GError) local = NULL;
  GCancellable *cancellable;
  guint n_threads = 0;

  if (n_missing == 0)
    return TRUE;
  if (!cli_parse_threads (source->analysis->threads, &n_threads, error))
    return FALSE;
  progress = cli_progress_new ("images");
  cancellable = cli_progress_get_cancellable (progress);
  models = load_models (source, cancellable, &local);
  if (models == NULL && !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_autofree char *note
        = g_strdup_printf ("patient \"%s\": which patches of %" G_GSIZE_FORMAT " cells is not told, as it needs the models "
                           "(--encoder, --sae): %s", evidence->patient, n_missing, local->message);

      cli_print_error (note);
      return TRUE;
    }
  if (models != NULL
      && cyt_evidence_compute_maps (evidence, source->project, models->models, n_threads,
                                    cli_progress_get_progress (progress), cancellable, &local))
    return TRUE;
  cli_progress_explain_cancel (&local, "interrupted: nothing is kept");
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

CytEvidence *
cli_evidence_new (const CliEvidenceSource *source, const CliAsked *asked, GError **error)
{
  g_autoptr (CytEvidence) evidence = NULL;
  int explained = -1;

  for (guint c = 0; asked->class != NULL && c < source->classification->n_classes; c++)
    if (g_str_equal (source->classification->classes[c], asked->class))
      explained = (int) c;
  evidence = cyt_evidence_new (source->project, &source->barcodes, source->patients, source->features, source->classification,
                               (gsize) cyt_barcodes_find_row (source->patients, asked->patient), explained,
                               (guint) asked->n_concepts, (guint) asked->n_cells, NULL, error);
  if (evidence == NULL || !compute_maps (source, evidence, error))
    return NULL;
  return g_steal_pointer (&evidence);
}

/* ---- Pages ---- */

CytFigure *
cli_evidence_make_page (const CliEvidenceSource *source, const CliAsked *asked, const char *controls, GError **error)
{
  CliAsked wanted = *asked;
  g_autoptr (CytEvidence) evidence = NULL;
  CytEvidenceFigureRequest request = {
    .barcodes = source->barcodes,
    .patients = source->patients,
    .classification = source->classification,
    .options = source->options,
    .concepts_only = source->concepts_only,
    .controls = controls,
  };

  wanted.n_concepts = CYT_EVIDENCE_FIGURE_N_CONCEPTS;
  wanted.n_cells = CYT_EVIDENCE_FIGURE_N_CELLS;
  if ((evidence = cli_evidence_new (source, &wanted, error)) == NULL)
    return NULL;
  request.evidence = evidence;
  return cyt_evidence_figure_new (source->project, &request, error);
}

/* "patient-P017.pdf": what a file's name cannot have becomes "_", what it cannot be long enough for is left out, and a number
 * tells those apart that are equal then. */
static char *
make_name (GHashTable *taken, const char *patient)
{
  g_autofree char *clean = g_utf8_strlen (patient, -1) > MAX_NAME ? g_utf8_substring (patient, 0, MAX_NAME) : g_strdup (patient);

  for (char *p = clean; *p != '\0'; p++)
    if (strchr ("/\\:*?\"<>|", *p) != NULL || g_ascii_iscntrl (*p))
      *p = '_';
  for (guint i = 1;; i++)
    {
      g_autofree char *name = i == 1 ? g_strdup_printf ("patient-%s.pdf", clean)
                                     : g_strdup_printf ("patient-%s-%u.pdf", clean, i);

      if (g_hash_table_add (taken, g_strdup (name)))
        return g_steal_pointer (&name);
    }
}

gboolean
cli_evidence_make_folder (const char *folder, GError **error)
{
  int code = g_mkdir_with_parents (folder, 0777) != 0 ? errno : 0;
  g_autofree char *display = g_filename_display_name (folder);

  if (code != 0)
    g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (code), "%s: the folder cannot be made: %s", display,
                 g_strerror (code));
  return code == 0;
}

gboolean
cli_evidence_write_pages (const CliEvidenceSource *source, const CliAsked *asked, const char *folder, gsize *n, GError **error)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  CytFigureLayout layout = { .width = CYT_EVIDENCE_FIGURE_WIDTH, .dpi = CYT_FIGURE_LAYOUT_DPI };

  *n = 0;
  if (!cyt_figure_style_init (&layout.style, CYT_EVIDENCE_FIGURE_STYLE, NULL, error))
    return FALSE;
  for (guint i = 0; i < source->patients->rows->len; i++)
    {
      const char *patient = cyt_barcodes_get_row (source->patients, i)->name;
      CliAsked one = { .patient = (char *) patient, .class = asked->class };
      g_autofree char *name = make_name (taken, patient), *path = g_build_filename (folder, name, NULL);
      g_autoptr (CytFigure) page = cli_evidence_make_page (source, &one, NULL, error);

      if (page == NULL || !cyt_figure_write (page, &layout, path, error))
        return FALSE;
      (*n)++;
    }
  return TRUE;
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
