/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "analysis/cyt-sae-stability.h"
#include "cli-commands.h"
#include "cli-output.h"
#include "cli-progress.h"
#include "cli-project.h"
#include "io/cyt-csv.h"
#include "io/cyt-error.h"
#include "project/cyt-model-store.h"

#define DEFAULT_MIN_COSINE 0.7
/* Confidence of a label that was carried over. */
#define HIGH_COSINE CYT_SAE_STABILITY_SAME
#define MEDIUM_COSINE 0.8

/* What happened to A's labels. */
typedef struct
{
  gsize n_carried;
  gsize n_weak;      /* the latent has no partner, or one below --min-cosine */
  gsize n_kept;      /* its partner has a label of its own */
} Carried;

/* ---- Projects ---- */

/* Opens the project of the SAE at @sae, and no other's. NULL @path: none, which is no error. */
static gboolean
open_project (const char *path, CytProjectMode mode, const char *sae, GCancellable *cancellable, CytProject **project,
              GError **error)
{
  g_autoptr (CytProject) opened = NULL;

  if (path == NULL)
    return TRUE;
  opened = cyt_project_open (path, mode, error);
  if (opened == NULL)
    return FALSE;
  if (!cyt_model_verify ("sae", sae, cyt_project_get_sae (opened)->sha256, cancellable, error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  *project = g_steal_pointer (&opened);
  return TRUE;
}

/* (d_sae) 1 where the latent fires on a cell of any data set. @alive stays NULL where there is no project. */
static gboolean
find_alive (CytProject *project, gsize d_sae, guint8 **alive, GError **error)
{
  g_autoptr (GPtrArray) datasets = NULL;
  g_autofree CytLatentRow *rows = NULL;
  g_autofree guint8 *found = NULL;

  if (project == NULL)
    return TRUE;
  if (cyt_project_get_d_sae (project) != d_sae)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
                   "%s: expected %" G_GSIZE_FORMAT " latents, found %" G_GSIZE_FORMAT, cyt_project_get_path (project), d_sae,
                   cyt_project_get_d_sae (project));
      return FALSE;
    }
  datasets = cyt_project_list_datasets (project, error);
  if (datasets == NULL)
    return FALSE;
  rows = g_new (CytLatentRow, d_sae);
  found = g_new0 (guint8, d_sae);
  for (guint i = 0; i < datasets->len; i++)
    {
      const CytDataset *dataset = g_ptr_array_index (datasets, i);

      if (!cyt_project_load_latent_rows (project, dataset->id, rows, error))
        return FALSE;
      for (gsize k = 0; k < d_sae; k++)
        found[k] |= rows[k].n_active > 0;
    }
  *alive = g_steal_pointer (&found);
  return TRUE;
}

/* ---- Labels ---- */

static gboolean
has_label (const CytConcept *concept)
{
  return concept->status != CYT_CONCEPT_UNREVIEWED || *concept->name != '\0' || *concept->category != '\0'
         || *concept->tags != '\0' || *concept->note != '\0';
}

/* A label that somebody would want to see again: rejected ones are not. */
static gboolean
is_worth_carrying (const CytConcept *concept)
{
  return concept->status != CYT_CONCEPT_REJECTED
         && (*concept->name != '\0' || *concept->category != '\0' || *concept->tags != '\0');
}

static CytConceptConfidence
get_confidence (double cosine)
{
  if (cosine >= HIGH_COSINE)
    return CYT_CONCEPT_CONFIDENCE_HIGH;
  return cosine >= MEDIUM_COSINE ? CYT_CONCEPT_CONFIDENCE_MEDIUM : CYT_CONCEPT_CONFIDENCE_LOW;
}

static CytLabel *
make_label (const CytConcept *from, const CytSaeStabilityRow *row, const char *sha256)
{
  CytLabel *label = cyt_label_new (row->b);
  CytConcept *to = label->concept;
  char cosine[G_ASCII_DTOSTR_BUF_SIZE];

  cyt_concept_copy_fields (to, from, CYT_CONCEPT_FIELD_NAME | CYT_CONCEPT_FIELD_CATEGORY | CYT_CONCEPT_FIELD_TAGS);
  to->status = CYT_CONCEPT_PROPOSED;
  to->confidence = get_confidence (row->cosine);
  g_ascii_formatd (cosine, sizeof cosine, "%.4f", row->cosine);
  g_free (to->note);
  to->note = g_strdup_printf ("Carried over from latent %u of the SAE %s, cosine %s (there: %s%s%s).%s%s", row->a, sha256,
                              cosine, cyt_concept_status_get_nick (from->status), *from->rater != '\0' ? ", " : "",
                              from->rater, *from->note != '\0' ? "\n" : "", from->note);
  label->fields = CYT_CONCEPT_ALL_FIELDS;
  return label;
}

/* One edit of B's project; its own labels stay. */
static gboolean
carry_labels (CytProject *from, CytProject *to, const CytSaeStability *stability, double min_cosine, const char *rater,
              Carried *carried, GError **error)
{
  g_autoptr (GPtrArray) concepts = cyt_project_list_concepts (from, error);
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_label_free);
  g_autoptr (GHashTable) partners = g_hash_table_new (NULL, NULL);
  const CytProjectModel *sae = cyt_project_get_sae (from);
  g_autofree char *what = g_strdup_printf ("carry over from the SAE %s", sae->sha256);

  if (concepts == NULL)
    return FALSE;
  for (guint i = 0; i < stability->rows->len; i++)
    {
      CytSaeStabilityRow *row = &g_array_index (stability->rows, CytSaeStabilityRow, i);

      if (row->a != CYT_SAE_STABILITY_NONE)
        g_hash_table_insert (partners, GUINT_TO_POINTER (row->a), row);
    }
  for (guint i = 0; i < concepts->len; i++)
    {
      const CytConcept *concept = g_ptr_array_index (concepts, i);
      const CytSaeStabilityRow *row = g_hash_table_lookup (partners, GUINT_TO_POINTER (concept->latent));
      g_autoptr (CytConcept) there = NULL;

      if (!is_worth_carrying (concept))
        continue;
      if (row == NULL || !(row->cosine >= min_cosine))
        {
          carried->n_weak++;
          continue;
        }
      there = cyt_project_get_concept (to, row->b, error);
      if (there == NULL)
        return FALSE;
      if (has_label (there))
        carried->n_kept++;
      else
        g_ptr_array_add (labels, make_label (concept, row, sae->sha256));
    }
  carried->n_carried = labels->len;
  return cyt_project_set_labels (to, labels, rater, what, NULL, NULL, error);
}

/* ---- What is written ---- */

static void
append_latent (GString *out, gboolean first, guint32 latent)
{
  g_autofree char *text = latent == CYT_SAE_STABILITY_NONE ? g_strdup ("") : g_strdup_printf ("%u", latent);

  cyt_csv_append_field (out, first, text);
}

static void
append_number (GString *out, double value)
{
  g_autofree char *text = cli_format_exact (value);

  cyt_csv_append_field (out, FALSE, text);
}

static gboolean
write_csv (const CytSaeStability *self, const char *path, GError **error)
{
  g_autoptr (GString) out = g_string_new ("latent_a,latent_b,cosine,nearest_b,nearest_b_cosine,nearest_a,"
                                         "nearest_a_cosine\n");

  for (guint i = 0; i < self->rows->len; i++)
    {
      const CytSaeStabilityRow *row = &g_array_index (self->rows, CytSaeStabilityRow, i);

      append_latent (out, TRUE, row->a);
      append_latent (out, FALSE, row->b);
      append_number (out, row->cosine);
      append_latent (out, FALSE, row->nearest_b);
      append_number (out, row->nearest_b_cosine);
      append_latent (out, FALSE, row->nearest_a);
      append_number (out, row->nearest_a_cosine);
      g_string_append_c (out, '\n');
    }
  return g_file_set_contents_full (path, out->str, out->len, G_FILE_SET_CONTENTS_CONSISTENT, 0644, error);
}

static void
print_json (const CytSaeStability *self, const guint8 *alive_a, const guint8 *alive_b, const Carried *carried)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_json_add_int (builder, "d_in", (gint64) self->d_in);
  cli_json_add_int (builder, "d_sae_a", (gint64) self->d_sae_a);
  cli_json_add_int (builder, "d_sae_b", (gint64) self->d_sae_b);
  cli_json_add_boolean (builder, "alive_known_a", alive_a != NULL);
  cli_json_add_boolean (builder, "alive_known_b", alive_b != NULL);
  cli_json_add_int (builder, "n_alive_a", (gint64) self->n_alive_a);
  cli_json_add_int (builder, "n_alive_b", (gint64) self->n_alive_b);
  cli_json_add_int (builder, "n_pairs", (gint64) self->n_pairs);
  cli_json_add_double (builder, "pw_mcc", self->mean_cosine);
  cli_json_add_double (builder, "mmcs_a", self->mmcs_a);
  cli_json_add_double (builder, "mmcs_b", self->mmcs_b);
  cli_json_add_int (builder, "n_same", (gint64) self->n_same);
  cli_json_add_double (builder, "share_same", (double) self->n_same / (double) self->n_pairs);
  if (carried != NULL)
    {
      cli_json_add_int (builder, "n_carried", (gint64) carried->n_carried);
      cli_json_add_int (builder, "n_weak", (gint64) carried->n_weak);
      cli_json_add_int (builder, "n_kept", (gint64) carried->n_kept);
    }
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static void
print_text (const CytSaeStability *self, const guint8 *alive_a, const guint8 *alive_b, const Carried *carried,
            double min_cosine)
{
  g_autofree char *mcc = cli_format_double (self->mean_cosine), *mmcs_a = cli_format_double (self->mmcs_a),
                  *mmcs_b = cli_format_double (self->mmcs_b), *least = cli_format_double (min_cosine);

  printf ("A: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " latents%s; B: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT "%s\n",
          self->n_alive_a, self->d_sae_a, alive_a != NULL ? " alive" : " (no project: dead ones among them)",
          self->n_alive_b, self->d_sae_b, alive_b != NULL ? " alive" : " (no project: dead ones among them)");
  printf ("%" G_GSIZE_FORMAT " pairs, mean cosine (PW-MCC) %s\n", self->n_pairs, mcc);
  printf ("MMCS of A in B %s, of B in A %s\n", mmcs_a, mmcs_b);
  printf ("cosine of 0.9 or more: %" G_GSIZE_FORMAT " pairs, %.1f %%\n", self->n_same,
          100.0 * (double) self->n_same / (double) self->n_pairs);
  if (carried != NULL)
    printf ("labels: %" G_GSIZE_FORMAT " carried over as proposed, %" G_GSIZE_FORMAT " not matched at %s, %" G_GSIZE_FORMAT
            " kept back because the latent has a label\n", carried->n_carried, carried->n_weak, least, carried->n_kept);
}

/* ---- The command ---- */

typedef struct
{
  char *project_a, *project_b, *csv, *rater;
  double min_cosine;
  gboolean carry, json;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->project_a);
  g_free (self->project_b);
  g_free (self->csv);
  g_free (self->rater);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
check_options (const Options *self, char **args, const char *min_cosine, GError **error)
{
  const char *inputs[5] = { args[0], args[1] };
  guint n_inputs = 2;

  if (self->carry && (self->project_a == NULL || self->project_b == NULL))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--carry-labels: --project-a and --project-b are needed");
      return FALSE;
    }
  if (!self->carry && (min_cosine != NULL || self->rater != NULL))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "%s is for --carry-labels",
                   min_cosine != NULL ? "--min-cosine" : "--rater");
      return FALSE;
    }
  if (self->project_a != NULL)
    inputs[n_inputs++] = self->project_a;
  if (self->project_b != NULL)
    inputs[n_inputs++] = self->project_b;
  return self->csv == NULL || cli_check_output (self->csv, inputs, error);
}

static gboolean
compare (const Options *options, char **args, CliProgress *progress, GError **error)
{
  GCancellable *cancellable = cli_progress_get_cancellable (progress);
  g_autoptr (CytSaeDecoder) a = cyt_sae_decoder_open (args[0], error);
  g_autoptr (CytSaeDecoder) b = a != NULL ? cyt_sae_decoder_open (args[1], error) : NULL;
  g_autoptr (CytProject) project_a = NULL, project_b = NULL;
  g_autofree guint8 *alive_a = NULL, *alive_b = NULL;
  g_autoptr (CytSaeStability) stability = NULL;
  Carried carried = { 0 };

  if (b == NULL
      || !open_project (options->project_a, CYT_PROJECT_READ_ONLY, args[0], cancellable, &project_a, error)
      || !open_project (options->project_b, options->carry ? CYT_PROJECT_READ_WRITE : CYT_PROJECT_READ_ONLY, args[1],
                        cancellable, &project_b, error)
      || !find_alive (project_a, cyt_sae_decoder_get_config (a)->d_sae, &alive_a, error)
      || !find_alive (project_b, cyt_sae_decoder_get_config (b)->d_sae, &alive_b, error))
    return FALSE;
  stability = cyt_sae_stability_compute (a, alive_a, b, alive_b, cli_progress_get_progress (progress), cancellable, error);
  if (stability == NULL || (options->csv != NULL && !write_csv (stability, options->csv, error))
      || (options->carry
          && !carry_labels (project_a, project_b, stability, options->min_cosine, options->rater, &carried, error)))
    return FALSE;
  if (options->json)
    print_json (stability, alive_a, alive_b, options->carry ? &carried : NULL);
  else
    print_text (stability, alive_a, alive_b, options->carry ? &carried : NULL, options->min_cosine);
  return TRUE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_auto (Options) options = { .min_cosine = DEFAULT_MIN_COSINE };
  g_autofree char *min_cosine = NULL;
  const GOptionEntry entries[] = {
    { "project-a", 0, 0, G_OPTION_ARG_FILENAME, &options.project_a, "Tells which latents of A are alive", "PA.cytosae" },
    { "project-b", 0, 0, G_OPTION_ARG_FILENAME, &options.project_b, "Likewise of B", "PB.cytosae" },
    { "carry-labels", 0, 0, G_OPTION_ARG_NONE, &options.carry, "Propose A's labels in B's project", NULL },
    { "min-cosine", 0, 0, G_OPTION_ARG_FILENAME, &min_cosine, "Carry over to no worse match (0.7)", "C" },
    { "rater", 'r', 0, G_OPTION_ARG_FILENAME, &options.rater, "Who carries over (the user's name)", "NAME" },
    { "csv", 0, 0, G_OPTION_ARG_FILENAME, &options.csv, "Write the pairs", "FILE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "Print JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 2, 2, error);
  g_autoptr (CliProgress) progress = NULL;
  g_autoptr (GError) local = NULL;

  if (args == NULL || !cli_require_utf8 ("--rater", options.rater, error)
      || !cli_parse_double ("--min-cosine", min_cosine, 0, 1, &options.min_cosine, error)
      || !check_options (&options, args, min_cosine, error))
    return FALSE;
  if (options.rater == NULL)
    options.rater = cli_dup_user_name ();
  progress = cli_progress_new ("steps");
  if (compare (&options, args, progress, &local))
    return TRUE;
  cli_progress_explain_cancel (&local, "interrupted: nothing was written");
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

const CliCommand cmd_stability = {
  .name = "stability",
  .arguments = "A B",
  .summary = "Match the latents of two autoencoders, and carry labels over",
  .description
  = "A and B are SAEs of the same encoder, such as two seeds: files or folders. Their alive latents' decoder directions are\n"
    "matched one to one so that the sum of the cosines is largest (every latent of the side with fewer gets a partner).\n"
    "PW-MCC: mean cosine of the pairs; MMCS: mean over one side of the largest cosine with any latent of the other.\n"
    "Alive is what fires on a cell of the project; without a project, every latent whose direction is not zero.\n\n"
    "--carry-labels writes name, category and tags of A's labels, rejected ones left out, to the partners in PB.cytosae\n"
    "as proposed, all as one edit; latents with a label of their own keep it. Confidence: high from a cosine of 0.9,\n"
    "medium from 0.8, else low; the note holds the cosine and the SHA-256 of A.\n\n"
    "CSV: a row for each pair, then latents without partner: latent_a, latent_b, cosine, nearest_b, nearest_b_cosine,\n"
    "nearest_a, nearest_a_cosine (nearest_b: the latent of B most like latent_a, whoever else has it for a partner).\n"
    "JSON: d_in, d_sae_a, d_sae_b, alive_known_a, alive_known_b (a project told), n_alive_a, n_alive_b, n_pairs, pw_mcc,\n"
    "mmcs_a, mmcs_b, n_same and share_same (pairs with a cosine of 0.9 or more); with --carry-labels n_carried,\n"
    "n_weak (no partner at --min-cosine), n_kept (the partner has a label).\n\n"
    "Example:\n"
    "  cytosae stability old.safetensors new.safetensors --project-a old.cytosae --project-b new.cytosae --carry-labels\n",
  .run = run,
};
