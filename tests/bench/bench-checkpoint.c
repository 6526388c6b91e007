/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <sys/resource.h>

#include "io/cyt-checkpoint.h"

/* Reads all tensors of a checkpoint as f32, keeping them as a program would, and prints time and peak memory:
 *   bench-checkpoint FILE */
int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCheckpoint) checkpoint = NULL;
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free);
  gint64 begin = g_get_monotonic_time (), opened;
  struct rusage usage;
  gsize n_bytes = 0;

  if (argc != 2)
    {
      g_printerr ("usage: bench-checkpoint FILE\n");
      return 2;
    }
  checkpoint = cyt_checkpoint_open (argv[1], &error);
  opened = g_get_monotonic_time ();
  for (gsize i = 0; checkpoint != NULL && i < cyt_checkpoint_get_n_tensors (checkpoint) && error == NULL; i++)
    {
      const CytTensorInfo *info = cyt_checkpoint_get_tensor (checkpoint, i);
      float *values = g_new (float, info->n_elements);

      g_ptr_array_add (kept, values);
      if (cyt_dtype_is_real (info->dtype))
        cyt_checkpoint_read_f32 (checkpoint, info, values, &error);
      n_bytes += info->n_elements * sizeof (float);
    }
  if (error != NULL)
    {
      g_print ("%s\n", error->message);
      return 0;
    }
  getrusage (RUSAGE_SELF, &usage);
  g_print ("opened in %.1f ms, %.0f MB as f32 read in %.2f s, peak memory %.0f MB = %.2f of that\n",
           (opened - begin) / 1e3, n_bytes / 1e6, (g_get_monotonic_time () - opened) / 1e6,
           usage.ru_maxrss * 1024 / 1e6, usage.ru_maxrss * 1024.0 / n_bytes);
  return 0;
}
