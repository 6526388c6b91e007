/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench-levels PROJECT: what every threshold at hand costs for the first data set of a copy of PROJECT, whose models have
 * to be where it says: the pass through them and the bytes in the file, then reading it once and a step of the slider
 * (barcodes, outliers, likeness). PROJECT itself is not changed. */
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "analysis/cyt-level-barcodes.h"
#include "analysis/cyt-patients.h"
#include "project/cyt-recount.h"

#define N_STEPS 20

static double
get_seconds (gint64 start)
{
  return (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

static gsize
get_size (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info = g_file_query_info (file, "standard::size", 0, NULL, NULL);

  return info != NULL ? (gsize) g_file_info_get_size (info) : 0;
}

static gboolean
bench (const char *path, GError **error)
{
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error);
  g_autoptr (CytModels) models = NULL;
  g_autoptr (GPtrArray) datasets = NULL;
  g_autoptr (CytLevelBarcodes) levels = NULL;
  const CytDataset *dataset;
  gsize size = get_size (path), n = 0;
  gint64 start;

  if (project == NULL || (datasets = cyt_project_list_datasets (project, error)) == NULL || datasets->len == 0
      || (models = cyt_models_load (cyt_project_get_encoder (project)->path, cyt_project_get_sae (project)->path, NULL, error)) == NULL)
    return FALSE;
  dataset = datasets->pdata[0];
  start = g_get_monotonic_time ();
  if (!cyt_recount_run_levels (path, models, dataset->name, 0, NULL, NULL, error))
    return FALSE;
  printf ("%" G_GSIZE_FORMAT " cells: %.1f s, %.1f kB a cell in the file\n", dataset->n_indexed, get_seconds (start),
          (double) (get_size (path) - size) / 1000.0 / (double) dataset->n_indexed);
  start = g_get_monotonic_time ();
  levels = cyt_level_barcodes_new (project, dataset->id, NULL, error);
  if (levels == NULL)
    return FALSE;
  printf ("read once: %.2f s, %.1f MB in memory\n", get_seconds (start), (double) cyt_level_barcodes_get_n_bytes (levels) / 1e6);
  for (guint part = 0; part < 3; part++)
    {
      static const char *const names[] = { "barcodes", "and outliers", "and likeness" };

      start = g_get_monotonic_time ();
      for (guint step = 0; step < N_STEPS; step++)
        {
          g_autoptr (CytBarcodes) barcodes = cyt_level_barcodes_get (levels, project, 5 * step, FALSE, error);
          g_autofree double *out = NULL;

          if (barcodes == NULL)
            return FALSE;
          n = barcodes->rows->len;
          out = g_new (double, n * n);
          if (part >= 1)
            cyt_patients_score_outliers (barcodes, out);
          if (part >= 2)
            cyt_patients_correlate (barcodes, out);
        }
      printf ("a step, %s: %.1f ms\n", names[part], get_seconds (start) / N_STEPS * 1000);
    }
  printf ("%" G_GSIZE_FORMAT " patients, %" G_GSIZE_FORMAT " latents\n", n, cyt_project_get_d_sae (project));
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autofree char *copy = NULL;
  g_autoptr (GFile) from = NULL, to = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok;

  if (argc != 2)
    {
      fprintf (stderr, "usage: %s PROJECT\n", argv[0]);
      return 2;
    }
  copy = g_strdup_printf ("%s.levels-%d", argv[1], (int) getpid ());
  from = g_file_new_for_path (argv[1]);
  to = g_file_new_for_path (copy);
  ok = g_file_copy (from, to, G_FILE_COPY_NONE, NULL, NULL, NULL, &error) && bench (copy, &error);
  g_file_delete (to, NULL, NULL);
  if (!ok)
    fprintf (stderr, "%s\n", error->message);
  return ok ? 0 : 1;
}
