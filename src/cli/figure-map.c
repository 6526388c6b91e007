/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "analysis/cyt-decoder-map.h"
#include "cli-figure.h"
#include "cli-options.h"
#include "figures/cyt-map-figure.h"

/* Stored by the window, or computed now. */
static CytProjection *
get_projection (CytProject *project, const char *sae, GError **error)
{
  const CytProjectModel *model = cyt_project_get_sae (project);
  g_autoptr (CytProjection) projection = NULL;

  if (!cyt_project_get_projection (project, CYT_DECODER_MAP_PCA, &projection, error))
    return NULL;
  if (projection != NULL)
    return g_steal_pointer (&projection);
  if (cyt_project_is_published (project))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: published statistics know no decoder directions",
                   cyt_project_get_path (project));
      return NULL;
    }
  return cyt_decoder_map_compute (sae != NULL ? sae : model->path, model->sha256, cyt_project_get_d_sae (project),
                                  CYT_DECODER_MAP_PCA, NULL, error);
}

static CytFigure *
make (const CliFigureKind *self, char **argv, CliFigureOptions *options, GError **error)
{
  g_autofree char *latents_text = NULL, *labels = NULL, *name = NULL, *method = NULL, *sae = NULL, *path = NULL;
  const GOptionEntry entries[] = {
    { "projection", 0, 0, G_OPTION_ARG_FILENAME, &method, "pca: decoder directions (frequency against activation)", "HOW" },
    { "latents", 'k', 0, G_OPTION_ARG_FILENAME, &latents_text, "Name these", "K,K,…" },
    { "labels", 0, 0, G_OPTION_ARG_FILENAME, &labels, "Without --latents: name so many concepts, the most frequent (10)",
      "N" },
    { "dataset", 'd', 0, G_OPTION_ARG_FILENAME, &name, "Which data set (the first)", "NAME" },
    { "sae", 's', 0, G_OPTION_ARG_FILENAME, &sae, "The autoencoder, where a projection needs it (as indexed)", "PATH" },
    CLI_FIGURE_ENTRIES (options),
    { NULL },
  };
  CytMapFigureRequest request = CYT_MAP_FIGURE_REQUEST_INIT;
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (GArray) latents = NULL;
  g_autoptr (CytProjection) projection = NULL;
  gint64 n_labels = request.n_labels;

  if ((path = cli_figure_parse (self, entries, argv, options, error)) == NULL
      || !cli_parse_int ("--labels", labels, 0, CYT_MAP_FIGURE_MAX_LABELS, &n_labels, error)
      || !cli_require_utf8 ("--dataset", name, error))
    return NULL;
  if (method != NULL && !g_str_equal (method, CYT_DECODER_MAP_PCA))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--projection: expected pca, found \"%s\"", method);
      return NULL;
    }
  if ((project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error)) == NULL
      || (dataset = cli_pick_dataset (project, name, error)) == NULL
      || (latents_text != NULL
          && (latents = cli_parse_latents ("--latents", latents_text, cyt_project_get_d_sae (project),
                                           CYT_MAP_FIGURE_MAX_LABELS, error)) == NULL)
      || (method != NULL && (projection = get_projection (project, sae, error)) == NULL))
    return NULL;
  request.dataset = dataset->id;
  request.projection = projection;
  request.labelled = latents != NULL ? (const guint32 *) (gpointer) latents->data : NULL;
  request.n_labelled = latents != NULL ? latents->len : 0;
  request.n_labels = (guint) n_labels;
  return cyt_map_figure_new (project, &request, error);
}

const CliFigureKind figure_map = {
  .name = "map",
  .summary = "All latents at once: how often and how strongly they fire, or their directions",
  .description = "Coloured by the entropy of the classes of their ten best cells; latents that never fire have no point. More than\n"
                 "2,000 points are an image of 600 dpi in the PDF or SVG; axes and text stay vectors.\n\n"
                 "Example:\n  cytosae figure blood.cytosae map --latents 1742,311 --out map.pdf\n",
  .make = make,
};
