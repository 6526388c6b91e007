/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "analysis/cyt-measures-csv.h"
#include "analysis/cyt-measuring.h"
#include "cli-commands.h"
#include "cli-output.h"
#include "cli-progress.h"
#include "cli-project.h"
#include "io/cyt-error.h"

/* ---- JSON ---- */

static void
add_best (JsonBuilder *builder, const char *member, GStrv names, const CytMeasuresBest *best, const CytMeasuresBest *ceiling)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (guint i = 0; names[i] != NULL; i++)
    {
      json_builder_begin_object (builder);
      cli_json_add_string (builder, "name", names[i]);
      if (best[i].latent >= 0)
        cli_json_add_int (builder, "latent", best[i].latent);
      else
        cli_json_add_json (builder, "latent", "null");
      cli_json_add_double (builder, "chosen", best[i].chosen);
      cli_json_add_double (builder, "scored", best[i].scored);
      cli_json_add_double (builder, "chance", best[i].chance);
      if (ceiling != NULL)
        {
          cli_json_add_double (builder, "overlap", best[i].overlap);
          cli_json_add_double (builder, "ceiling", ceiling[i].scored);
          cli_json_add_double (builder, "ceiling_overlap", ceiling[i].overlap);
        }
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_measures (JsonBuilder *builder, const CytMeasures *m)
{
  json_builder_begin_object (builder);
  cli_json_add_string (builder, "name", m->name);
  cli_json_add_int (builder, "n_latents", (gint64) m->n_latents);
  cli_json_add_int (builder, "n_alive", (gint64) m->n_alive);
  cli_json_add_double (builder, "dead_share", m->dead_share);
  cli_json_add_double (builder, "l0", m->l0);
  cli_json_add_double (builder, "explained_variance", m->explained);
  cli_json_add_double (builder, "monosemanticity", m->monosemanticity);
  cli_json_add_double (builder, "monosemanticity_chance", m->monosemanticity_chance);
  cli_json_add_double (builder, "selectivity", cyt_measures_get_selectivity (m));
  cli_json_add_double (builder, "entropy", m->entropy);
  cli_json_add_double (builder, "purity", m->purity);
  cli_json_add_double (builder, "cosine", m->cosine);
  cli_json_add_double (builder, "jaccard", m->jaccard);
  add_best (builder, "classes", m->classes, m->best_of_class, NULL);
  add_best (builder, "structures", m->structures, m->best_of_structure, m->ceiling);
  json_builder_end_object (builder);
}

static void
print_json (const CytMeasuring *self, const char *path)
{
  const CytMeasures *sae = self->measures->pdata[0];
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_json_add_string (builder, "project", path);
  cli_json_add_string (builder, "dataset", self->dataset);
  cli_json_add_int (builder, "n_images", (gint64) sae->n_images);
  cli_json_add_int (builder, "n_failed", (gint64) sae->n_failed);
  cli_json_add_int (builder, "n_labelled", (gint64) sae->n_labelled);
  cli_json_add_int (builder, "n_masked", (gint64) sae->n_masked);
  cli_json_add_string (builder, "embedding", self->embedding);
  json_builder_set_member_name (builder, "dictionaries");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->measures->len; i++)
    add_measures (builder, self->measures->pdata[i]);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "suggestions");
  json_builder_begin_array (builder);
  for (guint i = 0; self->suggestions != NULL && i < self->suggestions->suggestions->len; i++)
    {
      const CytSuggestion *s = &g_array_index (self->suggestions->suggestions, CytSuggestion, i);

      json_builder_begin_object (builder);
      cli_json_add_int (builder, "latent", s->latent);
      cli_suggestion_add_json (s, self->attributes, builder);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  if (self->suggestions != NULL)
    {
      cli_json_add_int (builder, "n_values_tested", (gint64) self->suggestions->n_values);
      cli_json_add_int (builder, "n_latents_tested", (gint64) self->suggestions->n_latents);
      cli_json_add_int (builder, "n_shuffles", CYT_SUGGESTIONS_N_SHUFFLES);
    }
  json_builder_end_object (builder);
  cli_print_json (builder);
}

/* ---- Text ---- */

static void
print_summary (const CytMeasuring *self)
{
  const char *headers[] = { "dictionary", ">latents", ">dead %", ">L0", ">explained", ">monosem.", ">chance", ">selectivity",
                            ">entropy", ">purity", ">cosine", ">jaccard", NULL };
  g_autoptr (CliTable) table = cli_table_new (headers);

  for (guint i = 0; i < self->measures->len; i++)
    {
      const CytMeasures *m = self->measures->pdata[i];

      cli_table_add (table, m->name);
      cli_table_add_int (table, (gint64) m->n_latents);
      cli_table_add_double (table, 100 * m->dead_share);
      cli_table_add_double (table, m->l0);
      cli_table_add_double (table, m->explained);
      cli_table_add_double (table, m->monosemanticity);
      cli_table_add_double (table, m->monosemanticity_chance);
      cli_table_add_double (table, cyt_measures_get_selectivity (m));
      cli_table_add_double (table, m->entropy);
      cli_table_add_double (table, m->purity);
      cli_table_add_double (table, m->cosine);
      cli_table_add_double (table, m->jaccard);
    }
  cli_table_print (table, "");
}

/* One row for each class or structure, one column for each dictionary's best latent. */
static void
print_best (const CytMeasuring *self, gboolean structures)
{
  const CytMeasures *sae = self->measures->pdata[0];
  GStrv names = structures ? sae->structures : sae->classes;
  g_autoptr (GPtrArray) headers = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (CliTable) table = NULL;

  if (names[0] == NULL)
    return;
  g_ptr_array_add (headers, g_strdup (structures ? "structure" : "class"));
  g_ptr_array_add (headers, g_strdup (">chance"));
  g_ptr_array_add (headers, g_strdup (">sae latent"));
  for (guint i = 0; i < self->measures->len; i++)
    g_ptr_array_add (headers, g_strconcat (">", ((CytMeasures *) self->measures->pdata[i])->name, NULL));
  if (structures)
    {
      g_ptr_array_add (headers, g_strdup (">ceiling"));
      g_ptr_array_add (headers, g_strdup (">sae IoU"));
      g_ptr_array_add (headers, g_strdup (">ceiling IoU"));
    }
  g_ptr_array_add (headers, NULL);
  table = cli_table_new ((const char *const *) headers->pdata);
  for (guint n = 0; names[n] != NULL; n++)
    {
      const CytMeasuresBest *first = structures ? &sae->best_of_structure[n] : &sae->best_of_class[n];

      cli_table_add (table, names[n]);
      cli_table_add_double (table, first->chance);
      if (first->latent >= 0)
        cli_table_add_int (table, first->latent);
      else
        cli_table_add (table, "–");
      for (guint i = 0; i < self->measures->len; i++)
        {
          const CytMeasures *m = self->measures->pdata[i];

          cli_table_add_double (table, structures ? m->best_of_structure[n].scored : m->best_of_class[n].scored);
        }
      if (structures)
        {
          cli_table_add_double (table, sae->ceiling[n].scored);
          cli_table_add_double (table, first->overlap);
          cli_table_add_double (table, sae->ceiling[n].overlap);
        }
    }
  printf ("\nAverage precision of the best latent for each %s, chosen on one half of the images, scored on the other:\n",
          structures ? "structure" : "class");
  cli_table_print (table, "  ");
}

static void
print_text (const CytMeasuring *self)
{
  const CytMeasures *sae = self->measures->pdata[0];
  g_autofree char *name = cli_escape (self->dataset), *embedding = cli_escape (self->embedding);

  printf ("data set %s: %" G_GSIZE_FORMAT " images", name, sae->n_images);
  if (sae->n_failed > 0)
    printf (", %" G_GSIZE_FORMAT " more could not be read", sae->n_failed);
  printf ("; monosemanticity by the %s\n\n", embedding);
  print_summary (self);
  print_best (self, FALSE);
  print_best (self, TRUE);
  if (self->suggestions != NULL)
    printf ("\n%u names suggested from %" G_GSIZE_FORMAT " values of %u attributes on %" G_GSIZE_FORMAT
            " cells (by chance no more than %.2g wrong values are to be expected): cytosae latent, or the window, shows them\n",
            self->suggestions->suggestions->len, self->suggestions->n_values, self->attributes->len,
            self->suggestions->n_cells, (double) self->suggestions->n_values / (CYT_SUGGESTIONS_N_SHUFFLES + 1));
}

/* ---- The command ---- */

static gboolean
measure (const char *path, const CytMeasuringOptions *options, const char *csv, gboolean json, GError **error)
{
  g_autoptr (CliProgress) progress = cli_progress_new ("images");
  g_autoptr (CytMeasuring) result = NULL;
  g_autoptr (CytProject) project = NULL;

  result = cyt_measuring_run (path, options, cli_progress_get_progress (progress), cli_progress_get_cancellable (progress),
                              error);
  g_clear_pointer (&progress, cli_progress_free);
  if (result == NULL)
    return FALSE;
  if ((csv != NULL && !cyt_measures_write_csv (result->measures, csv, error))
      || (project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error)) == NULL)
    return FALSE;
  cli_note_simulated (project, json);
  if (json)
    print_json (result, path);
  else
    print_text (result);
  return TRUE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *dataset = NULL, *embedding = NULL, *masks = NULL, *mask_names = NULL, *centroids = NULL, *max = NULL;
  g_autofree char *threads = NULL, *seed_text = NULL, *csv = NULL, *journal = NULL;
  gboolean json = FALSE;
  CytMeasuringOptions options = CYT_MEASURING_OPTIONS_INIT;
  const GOptionEntry entries[] = {
    { "dataset", 'd', 0, G_OPTION_ARG_FILENAME, &dataset, "Which data set (the first)", "NAME" },
    { "embedding-encoder", 0, 0, G_OPTION_ARG_FILENAME, &embedding,
      "Another encoder for monosemanticity (the last block of the project's)", "FILE" },
    { "masks", 0, 0, G_OPTION_ARG_FILENAME, &masks, "Masks of structures, named like the images", "DIR" },
    { "mask-names", 0, 0, G_OPTION_ARG_FILENAME, &mask_names, "What grey levels mean: 128=cytoplasm,255=nucleus", "L=NAME,…" },
    { "baselines", 'b', 0, G_OPTION_ARG_NONE, &options.baselines, "Measure what an SAE has to be better than, too", NULL },
    { "centroids", 0, 0, G_OPTION_ARG_FILENAME, &centroids, "Of the k-means baseline (256)", "K" },
    { "max-images", 0, 0, G_OPTION_ARG_FILENAME, &max, "No more images than this, evenly chosen (all)", "N" },
    { "seed", 0, 0, G_OPTION_ARG_FILENAME, &seed_text, "Of baselines and shuffles (42)", "N" },
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "Images in parallel (one per core)", "N" },
    { "csv", 0, 0, G_OPTION_ARG_FILENAME, &csv, "Write the measures of every latent", "FILE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  gint64 n_centroids = CYT_BASELINES_DEFAULT_CENTROIDS, max_images = 0, seed = 42;
  g_autoptr (GError) local = NULL;

  if (args == NULL || !cli_require_utf8 ("--dataset", dataset, error) || !cli_require_utf8 ("--mask-names", mask_names, error)
      || !cli_parse_int ("--centroids", centroids, 1, CYT_BASELINES_MAX_CENTROIDS, &n_centroids, error)
      || !cli_parse_int ("--max-images", max, 1, G_MAXINT32, &max_images, error)
      || !cli_parse_int ("--seed", seed_text, 0, G_MAXINT32, &seed, error)
      || !cli_parse_threads (threads, &options.n_threads, error))
    return FALSE;
  if (mask_names != NULL && masks == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--mask-names is for --masks");
      return FALSE;
    }
  if (csv != NULL && !cli_check_output (csv, (const char *const[]) { args[0], embedding, NULL }, error))
    return FALSE;
  options.dataset = dataset;
  options.embedding_encoder = embedding;
  options.masks = masks;
  options.mask_names = mask_names;
  options.n_centroids = (gsize) n_centroids;
  options.max_images = (gsize) max_images;
  options.seed = (guint64) seed;
  if (measure (args[0], &options, csv, json, &local))
    return TRUE;
  journal = cyt_measuring_dup_journal_path (args[0]);
  if (g_file_test (journal, G_FILE_TEST_EXISTS))
    {
      g_autofree char *kept = cli_escape (journal);

      cli_progress_explain_cancel (&local, "interrupted: the same command goes on where it stopped, with what is kept in %s", kept);
    }
  else
    cli_progress_explain_cancel (&local, "interrupted: nothing was written");
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

const CliCommand cmd_measure = {
  .name = "measure",
  .arguments = "P.cytosae",
  .summary = "Measure how sparse, faithful and interpretable the latents of a project are",
  .description
  = "Walks the images of a data set once and keeps in the project, of each latent: frequency (share of images), token_frequency\n"
    "(share of tokens), explained_variance (what is lost without it), entropy and purity of the ten best images' classes,\n"
    "auprc (average precision of its score for best_class; prevalence is chance), monosemanticity (Pach et al. 2025: how alike\n"
    "the images on which it fires are to an embedding of another layer), cosine with the nearest decoder direction, jaccard of\n"
    "the 16 best images with its twin's; with --masks map_precision (average precision of its map over pixels) and map_overlap\n"
    "(intersection over union of what is above the threshold) for the structure that it tells best, and map_chance.\n"
    "Of all together: L0 (latents a token), explained variance, dead share, means, and for each class and structure the\n"
    "best latent, chosen on one half of the images and scored on the other; selectivity is the mean of (scored − chance) /\n"
    "(1 − chance) over classes.\n"
    "--baselines: the same of dimensions (of the encoder, with either sign), pca, kmeans and random (an SAE of random\n"
    "directions, each as sparse as its latent).\n"
    "Attributes of the cells (columns of the CSV that was indexed) give names that the program proposes: values that a\n"
    "latent's score tells on cells that had no part in its choice, better than any latent tells shuffled ones.\n"
    "Interrupted, it keeps what it found in the images in P.cytosae.measuring, and the same command goes on from there, with the\n"
    "same result; with other options or images it begins anew. Baselines are fitted again, and what follows the images is\n"
    "computed again.\n"
    "Masks: NAME.png with grey levels, or NAME-STRUCTURE.png, for an image NAME, in the folders of the images.\n"
    "JSON: project, dataset, n_images, n_failed, n_labelled, n_masked, embedding, dictionaries [the above; classes,\n"
    "structures [name, latent, chosen, scored, chance; overlap, ceiling, ceiling_overlap]], suggestions [latent, attribute,\n"
    "value, auprc, prevalence, bound, n_cells, n_positive], n_values_tested, n_latents_tested, n_shuffles.\n\n"
    "Examples:\n"
    "  cytosae measure blood.cytosae --baselines --csv measures.csv\n"
    "  cytosae measure blood.cytosae --masks masks/ --mask-names 0=background,128=cytoplasm,255=nucleus\n",
  .run = run,
};
