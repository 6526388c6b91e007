/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "figures/cyt-figure-words.h"
#include "io/cyt-error.h"
#include "io/cyt-image.h"

CytDataset *
cyt_figure_find_dataset (CytProject *project, const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  CytDataset *dataset = cyt_project_find_dataset (project, name, &local);

  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (dataset == NULL)
    g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: has no data set \"%s\"",
                 cyt_project_get_path (project), name);
  return dataset;
}

char *
cyt_figure_describe_dataset (CytProject *project, const CytDataset *dataset)
{
  char threshold[G_ASCII_DTOSTR_BUF_SIZE];
  GString *text = g_string_new (NULL);

  g_string_printf (text, "among %" G_GSIZE_FORMAT " cells of data set \"%s\"", dataset->n_images, dataset->name);
  if (dataset->domain[0] != '\0')
    g_string_append_printf (text, " (%s)", dataset->domain);
  if (cyt_project_is_published (project))
    g_string_append (text, ", as published");
  else
    g_string_append_printf (text, " (τ = %s)", g_ascii_formatd (threshold, sizeof threshold, "%g", dataset->threshold));
  return g_string_free (text, FALSE);
}

char *
cyt_figure_describe_models (CytProject *project)
{
  const CytProjectModel *encoder = cyt_project_get_encoder (project), *sae = cyt_project_get_sae (project);
  gboolean simulated = FALSE;
  GString *text = g_string_new (NULL);

  if (encoder == NULL)
    g_string_printf (text, "Published statistics %.12s (SHA-256).", sae->sha256);
  else
    g_string_printf (text, "Encoder %.12s, block %d; SAE %.12s (SHA-256).", encoder->sha256, cyt_project_get_block (project),
                     sae->sha256);
  g_string_append (text, " CytoSAE Explorer " CYT_VERSION ".");
  if (cyt_project_is_simulated (project, &simulated, NULL) && simulated)
    g_string_append (text, " " CYT_IMAGE_SIMULATED_NOTICE ": these cells are drawn, not real.");
  return g_string_free (text, FALSE);
}

const char *
cyt_figure_overlay_mode_get_nick (CytOverlayMode mode)
{
  static const char *const nicks[] = { "off", "outline", "heat" };

  return nicks[mode];
}

void
cyt_figure_provenance_add_overlay (CytFigureProvenance *self, const CytOverlayStyle *overlay)
{
  cyt_figure_provenance_add_argument (self, "--overlay", cyt_figure_overlay_mode_get_nick (overlay->mode));
  if (overlay->mode != CYT_OVERLAY_HEAT)
    return;
  cyt_figure_provenance_add_argument (self, "--colormap", cyt_colormap_get_name (overlay->colormap));
  cyt_figure_provenance_add_double (self, "--opacity", overlay->opacity);
  if (overlay->scale_max > 0)
    cyt_figure_provenance_add_double (self, "--scale", overlay->scale_max);
}
