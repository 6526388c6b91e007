/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "analysis/cyt-neighbours.h"

/* bench-neighbours PROJECT DATASET LATENT [SAE]: how long it takes to find what is like a latent or a cell. */

static gint64 begun;

static void
begin (void)
{
  begun = g_get_monotonic_time ();
}

static void
say (const char *what, gsize n)
{
  printf ("%-28s %8.1f ms  (%" G_GSIZE_FORMAT ")\n", what, (g_get_monotonic_time () - begun) / 1000., n);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = argc >= 4 ? cyt_project_open (argv[1], CYT_PROJECT_READ_ONLY, &error) : NULL;
  g_autoptr (CytDataset) dataset = project != NULL ? cyt_project_find_dataset (project, argv[2], &error) : NULL;
  g_autoptr (CytLatentCells) cells = NULL;
  g_autoptr (GArray) coactive = NULL;
  guint latent = argc >= 4 ? atoi (argv[3]) : 0;

  if (dataset == NULL)
    {
      printf ("%s\n", error != NULL ? error->message : "bench-neighbours PROJECT DATASET LATENT [SAE]");
      return 0;
    }
  begin ();
  cells = cyt_project_get_latent_cells (project, dataset->id, latent, &error);
  say ("cells of the latent", cells != NULL ? cells->n : 0);
  begin ();
  coactive = cyt_neighbours_find_coactive (project, dataset->id, latent, 8, NULL, &error);
  say ("co-active latents", coactive != NULL ? coactive->len : 0);
  if (cells != NULL && cells->n > 0)
    {
      gint64 cell = cells->first_cell + cells->position[0];
      g_autoptr (GArray) similar = NULL;
      CytCellLatents latents;

      cyt_cell_latents_init (&latents);
      begin ();
      if (cyt_project_get_cell_latents (project, cell, &latents, &error))
        similar = cyt_neighbours_find_cells (project, dataset->id, &latents, cell, 12, NULL, &error);
      say ("similar cells", similar != NULL ? similar->len : 0);
      cyt_cell_latents_clear (&latents);
    }
  if (argc > 4)
    {
      g_autoptr (CytSaeDecoder) decoder = cyt_sae_decoder_open (argv[4], &error);
      g_autoptr (GArray) directions = NULL;

      begin ();
      if (decoder != NULL)
        directions = cyt_neighbours_find_directions (decoder, latent, 8, NULL, &error);
      say ("similar directions", directions != NULL ? directions->len : 0);
    }
  if (error != NULL)
    printf ("%s\n", error->message);
  return 0;
}
