/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-figure.h"
#include "cli-options.h"
#include "figures/cyt-cell-figure.h"

static CytFigure *
make (const CliFigureKind *self, char **argv, CliFigureOptions *options, GError **error)
{
  g_autofree char *latents_text = NULL, *maps_text = NULL, *name = NULL, *cell = NULL, *image = NULL, *path = NULL;
  g_auto (CliFigureOverlay) overlay = { 0 };
  gboolean scale_bar = FALSE;
  const GOptionEntry entries[] = {
    { "cell", 'c', 0, G_OPTION_ARG_FILENAME, &cell, "A cell of the data set: its path there", "PATH" },
    { "image", 'i', 0, G_OPTION_ARG_FILENAME, &image, "Or any picture of a cell", "FILE" },
    { "latents", 'k', 0, G_OPTION_ARG_FILENAME, &latents_text, "Maps of these, in this order (the cell's strongest)", "K,K,…" },
    { "maps", 'n', 0, G_OPTION_ARG_FILENAME, &maps_text, "How many maps without --latents (5)", "N" },
    { "dataset", 'd', 0, G_OPTION_ARG_FILENAME, &name, "Which data set (the first)", "NAME" },
    CLI_FIGURE_OVERLAY_ENTRIES (overlay),
    { "scale-bar", 0, 0, G_OPTION_ARG_NONE, &scale_bar, "With a scale bar, where the data set's pixel size is known", NULL },
    CLI_FIGURE_ENTRIES (options),
    { NULL },
  };
  CytCellFigureRequest request = CYT_CELL_FIGURE_REQUEST_INIT;
  g_autoptr (CytModelStore) store = cyt_model_store_new ();
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (GArray) latents = NULL;
  gint64 n_maps = request.n_maps;

  path = cli_figure_parse (self, entries, argv, options, error);
  if (path == NULL)
    return NULL;
  if ((cell == NULL) == (image == NULL))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "either --cell or --image is needed");
      return NULL;
    }
  if (!cli_parse_int ("--maps", maps_text, 1, CYT_CELL_FIGURE_MAX_MAPS, &n_maps, error)
      || !cli_require_utf8 ("--dataset", name, error) || !cli_figure_overlay_parse (&overlay, &request.overlay, error)
      || (project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error)) == NULL
      || (dataset = cli_pick_dataset (project, name, error)) == NULL)
    return NULL;
  if (latents_text != NULL
      && (latents = cli_parse_latents ("--latents", latents_text, cyt_project_get_d_sae (project), CYT_CELL_FIGURE_MAX_MAPS,
                                       error)) == NULL)
    return NULL;
  request.dataset = dataset->name;
  request.cell = cell;
  request.image = image;
  request.latents = latents != NULL ? (const guint32 *) (gpointer) latents->data : NULL;
  request.n_latents = latents != NULL ? latents->len : 0;
  request.n_maps = (guint) n_maps;
  request.scale_bar = scale_bar;
  return cyt_cell_figure_new (project, store, &request, NULL, error);
}

const CliFigureKind figure_cell = {
  .name = "cell",
  .summary = "One cell with the maps of some latents on it",
  .description
  = "The maps are computed with the project's models. Without --latents: the cell's strongest, those whose mean\n"
    "activation on the data set is above 0.1 left out.\n\n"
    "Example:\n  cytosae figure blood.cytosae cell --cell basophil/BA_102039.jpg --maps 7 --out cell.pdf\n",
  .make = make,
};
