/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "model/cyt-pipeline.h"
#include "tensor/cyt-blas.h"

/* Images per second from file to latents (what indexing does but for the database), and the parts:
 *   bench-index ENCODER SAE N_THREADS REPEATS IMAGES…
 * tests/bench/compare.py runs it beside the PyTorch twin. */

static gboolean
count_sink (CytPipelineResult *result, gpointer user_data, GError **error)
{
  *(gsize *) user_data += result->latents.n;
  return result->error == NULL || (g_propagate_error (error, g_error_copy (result->error)), FALSE);
}

/* Peak resident memory since exec(); getrusage() would count the parent's before it. */
static double
peak_mb (void)
{
  g_autofree char *status = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL) || (line = strstr (status, "VmHWM:")) == NULL)
    return 0;
  return g_ascii_strtod (line + strlen ("VmHWM:"), NULL) / 1024;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytEncoder) encoder = NULL;
  g_autoptr (CytSae) sae = NULL;
  g_autoptr (CytImageList) list = NULL;
  g_autofree float *bar = NULL;

  if (argc < 6)
    {
      g_printerr ("usage: bench-index ENCODER SAE N_THREADS REPEATS IMAGES…\n");
      return 2;
    }
  cyt_blas_init ();
  if ((encoder = cyt_encoder_load (argv[1], &error)) == NULL || (sae = cyt_sae_load (argv[2], &error)) == NULL
      || (list = cyt_image_list_new ((const char *const *) argv + 5, &error)) == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  bar = g_new0 (float, cyt_sae_get_config (sae)->d_sae);
  g_print ("kernels %s\n", cyt_blas_get_kernels ());
  for (int r = 0; r < atoi (argv[4]); r++)
    {
      CytPipelineOptions options = { .encoder = encoder, .sae = sae, .block = -2, .tau = 0.2f,
                                     .n_threads = atoi (argv[3]), .thumbnail_size = 96, .want_hash = TRUE,
                                     .map_above = bar };
      gint64 start = g_get_monotonic_time ();
      gsize n_active = 0;

      if (!cyt_pipeline_run (&options, list, count_sink, &n_active, NULL, &error))
        {
          g_printerr ("%s\n", error->message);
          return 1;
        }
      g_print ("images/s %.3f\n",
               cyt_image_list_get_n_items (list) * (double) G_USEC_PER_SEC / (g_get_monotonic_time () - start));
    }
  g_print ("peak MB %.0f\n", peak_mb ());
  return 0;
}
