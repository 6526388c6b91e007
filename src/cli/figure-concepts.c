/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cli-figure.h"
#include "cli-options.h"
#include "figures/cyt-concepts-figure.h"

#define DEFAULT_LATENTS 7 /* with their captions they fit a page of a journal */

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
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (guint32));
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

static CytFigure *
make (const CliFigureKind *self, char **argv, CliFigureOptions *options, GError **error)
{
  g_autofree char *latents_text = NULL, *cells_text = NULL, *name = NULL, *path = NULL;
  g_auto (CliFigureOverlay) overlay = { 0 };
  gboolean scale_bar = FALSE;
  const GOptionEntry entries[] = {
    { "latents", 'k', 0, G_OPTION_ARG_FILENAME, &latents_text, "Which latents, in this order (the clearest ones)",
      "K,K,…" },
    { "cells", 0, 0, G_OPTION_ARG_FILENAME, &cells_text, "Cells of each (8)", "N" },
    { "dataset", 'd', 0, G_OPTION_ARG_FILENAME, &name, "Which data set (the first)", "NAME" },
    CLI_FIGURE_OVERLAY_ENTRIES (overlay),
    { "scale-bar", 0, 0, G_OPTION_ARG_NONE, &scale_bar, "With a scale bar, where the data set's pixel size is known", NULL },
    CLI_FIGURE_ENTRIES (options),
    { NULL },
  };
  CytConceptsFigureRequest request = CYT_CONCEPTS_FIGURE_REQUEST_INIT;
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (GArray) latents = NULL;
  gint64 n_cells = request.n_cells;

  path = cli_figure_parse (self, entries, argv, options, error);
  if (path == NULL || !cli_parse_int ("--cells", cells_text, 1, CYT_CONCEPTS_FIGURE_MAX_CELLS, &n_cells, error)
      || !cli_require_utf8 ("--dataset", name, error) || !cli_figure_overlay_parse (&overlay, &request.overlay, error)
      || (project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error)) == NULL
      || (dataset = cli_pick_dataset (project, name, error)) == NULL)
    return NULL;

  if (latents_text != NULL)
    latents = cli_parse_latents ("--latents", latents_text, cyt_project_get_d_sae (project), CYT_CONCEPTS_FIGURE_MAX_LATENTS,
                                 error);
  else
    {
      g_autoptr (CliStatistics) statistics = cli_statistics_load (project, dataset->id, error);

      latents = statistics != NULL ? choose_latents (statistics) : NULL;
    }
  if (latents == NULL)
    return NULL;
  if (latents->len == 0)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: no latent fires on data set \"%s\"", path, dataset->name);
      return NULL;
    }
  request.dataset = dataset->name;
  request.latents = (const guint32 *) (gpointer) latents->data;
  request.n_latents = latents->len;
  request.n_cells = (guint) n_cells;
  request.scale_bar = scale_bar;
  return cyt_concepts_figure_new (project, &request, NULL, error);
}

const CliFigureKind figure_concepts = {
  .name = "concepts",
  .summary = "Latents with their best cells, maps, names and scores",
  .description
  = "Without --latents: those that fire on 0.5 to 20 % of the cells and on patches, purest first, shared\n"
    "among the classes.\n\n"
    "Example:\n  cytosae figure blood.cytosae concepts --latents 1742,311 --width nature-2 --out concepts.pdf\n",
  .make = make,
};
