/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli-commands.h"
#include "cli-project.h"
#include "figures/cyt-concept-figure.h"

#define DEFAULT_LATENTS 10
#define DEFAULT_CELLS 8
#define MAX_LATENTS 200
#define MAX_CELLS 100

/* Rare or ubiquitous latents say little, and those that fire on CLS have no map to show. */
#define MIN_FREQUENCY 0.005
#define MAX_FREQUENCY 0.2
#define MAX_CLS_SHARE 0.5

static gboolean
is_informative (const CytLatentRow *row)
{
  return row->frequency >= MIN_FREQUENCY && row->frequency <= MAX_FREQUENCY && !(row->cls_share >= MAX_CLS_SHARE);
}

/* Informative ones first, then by purity in steps of a tenth, then by mean activation: a clear latent with
 * one cell of another class shows more than a faint one without. */
static int
compare_rows (gconstpointer pa, gconstpointer pb, gpointer user_data)
{
  const CytLatentRow *rows = user_data;
  const CytLatentRow *a = &rows[*(const guint32 *) pa], *b = &rows[*(const guint32 *) pb];
  int purity_a = isnan (a->purity) ? 0 : (int) (10 * a->purity),
      purity_b = isnan (b->purity) ? 0 : (int) (10 * b->purity);

  if (is_informative (a) != is_informative (b))
    return is_informative (a) ? -1 : 1;
  if (purity_a != purity_b)
    return purity_a > purity_b ? -1 : 1;
  if (a->mean_act != b->mean_act)
    return a->mean_act > b->mean_act ? -1 : 1;
  return a->latent < b->latent ? -1 : 1;
}

/* The best latents to look at first, shared among the classes. */
static GArray *
choose_latents (const CliStatistics *statistics)
{
  g_autofree guint32 *order = g_new (guint32, statistics->n_rows);
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (guint));
  guint n_labels = g_strv_length (statistics->labels);
  guint max_of_class = MAX (2, (DEFAULT_LATENTS + n_labels - 1) / MAX (n_labels, 1));
  g_autofree guint *n_of_class = g_new0 (guint, n_labels + 1);

  for (gsize i = 0; i < statistics->n_rows; i++)
    order[i] = (guint32) i;
  g_qsort_with_data (order, (int) statistics->n_rows, sizeof *order, compare_rows, statistics->rows);
  for (gsize i = 0; i < statistics->n_rows && chosen->len < DEFAULT_LATENTS; i++)
    {
      const CytLatentRow *row = &statistics->rows[order[i]];
      guint class = row->majority >= 0 ? (guint) row->majority : n_labels;

      if (row->n_active == 0 || (class < n_labels && n_of_class[class] >= max_of_class))
        continue;
      n_of_class[class]++;
      g_array_append_val (chosen, row->latent);
    }
  return g_steal_pointer (&chosen);
}

static GArray *
parse_latents (const char *text, gsize d_sae, GError **error)
{
  g_autoptr (GArray) latents = g_array_new (FALSE, FALSE, sizeof (guint));
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);

  for (gsize i = 0; parts[i] != NULL; i++)
    {
      guint latent;

      if (!cli_parse_latent (g_strstrip (parts[i]), d_sae, &latent, error))
        return NULL;
      g_array_append_val (latents, latent);
    }
  if (latents->len == 0 || latents->len > MAX_LATENTS)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--latents: expected 1 to %d numbers, found %u", MAX_LATENTS,
                   latents->len);
      return NULL;
    }
  return g_steal_pointer (&latents);
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *latents_text = NULL, *out = NULL, *cells_text = NULL, *name = NULL;
  const GOptionEntry entries[] = {
    { "latents", 'k', 0, G_OPTION_ARG_FILENAME, &latents_text, "Which latents, in this order (the clearest ones)",
      "K,K,…" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "The picture to write", "FILE.png" },
    { "cells", 0, 0, G_OPTION_ARG_FILENAME, &cells_text, "Cells in a row (8)", "N" },
    { "dataset", 'd', 0, G_OPTION_ARG_FILENAME, &name, "Which data set (the first)", "NAME" },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (CliStatistics) statistics = NULL;
  g_autoptr (GArray) latents = NULL;
  const CytOverlayStyle style = CYT_OVERLAY_STYLE_INIT;
  g_autofree char *shown = NULL, *title = NULL;
  gint64 n_cells = DEFAULT_CELLS;

  if (args == NULL || !cli_require ("--out", out, error)
      || !cli_parse_int ("--cells", cells_text, 1, MAX_CELLS, &n_cells, error)
      || !cli_require_utf8 ("--dataset", name, error)
      || !cli_check_output (out, (const char *const[]) { args[0], NULL }, error))
    return FALSE;
  project = cyt_project_open (args[0], CYT_PROJECT_READ_ONLY, error);
  if (project == NULL || (dataset = cli_pick_dataset (project, name, error)) == NULL)
    return FALSE;

  if (latents_text != NULL)
    latents = parse_latents (latents_text, cyt_project_get_d_sae (project), error);
  else if ((statistics = cli_statistics_load (project, dataset->id, error)) != NULL)
    latents = choose_latents (statistics);
  if (latents == NULL)
    return FALSE;
  if (latents->len == 0)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: no latent fires on data set \"%s\"", args[0],
                   dataset->name);
      return FALSE;
    }

  if (!cyt_concept_figure_write_png (out, project, dataset->id, (const guint *) (gpointer) latents->data,
                                     latents->len, (guint) n_cells, &style, error))
    return FALSE;
  shown = cli_escape (out);
  title = cli_escape (dataset->name);
  printf ("%s: %u latents of data set \"%s\"\n", shown, latents->len, title);
  return TRUE;
}

const CliCommand cmd_figure = {
  .name = "figure",
  .arguments = "P.cytosae",
  .summary = "Draw latents with their top cells and maps as PNG",
  .description
  = "Without --latents: those that fire on 0.5 to 20 % of the cells and on patches, purest first, shared\n"
    "among the classes.\n\n"
    "Example:\n  cytosae figure blood.cytosae --latents 1742,311 --out concepts.png\n",
  .run = run,
};
