/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench-phantom [OUT [N [SIZE]]]: milliseconds of one core to draw a cell of each class; with OUT, N pictures of
 * each are written there (OUT/CLASS/…), for sheets to look at. */
#include "config.h"

#include <stdio.h>
#include <time.h>

#include "phantom/cyt-phantom-private.h"

/* The thread's own time: other programs do not count. */
static double
cpu_ms (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

int
main (int argc, char **argv)
{
  const char *folder = argc > 1 ? argv[1] : NULL;
  guint n = argc > 2 ? (guint) g_ascii_strtoull (argv[2], NULL, 10) : 40;
  guint size = argc > 3 ? (guint) g_ascii_strtoull (argv[3], NULL, 10) : 224;
  CytPhantomCohort cohort = CYT_PHANTOM_COHORT_INIT;
  g_autoptr (CytPhantomScene) scene = cyt_phantom_scene_new (size);

  cohort.seed = 7;
  for (int c = 0; c < CYT_PHANTOM_N_CLASSES; c++)
    {
      double spent = 0;

      for (guint i = 0; i < n; i++)
        {
          gboolean second = c == CYT_PHANTOM_IG || c == CYT_PHANTOM_NEUTROPHIL;
          double start = cpu_ms ();
          CytPhantomStain stain;
          CytPhantomCell cell;

          cyt_phantom_cohort_get_stain (&cohort, i, &stain);
          stain.second_laboratory = second;
          cyt_phantom_cell_init (&cell, cohort.seed, i + 1000 * c, c,
                                 c == CYT_PHANTOM_ATYPICAL_PROMYELOCYTE ? CYT_PHANTOM_PML_RARA
                                 : c == CYT_PHANTOM_BLAST               ? i % CYT_PHANTOM_N_GROUPS
                                                                        : CYT_PHANTOM_CONTROL,
                                 CYT_PHANTOM_BLOOD, &stain);
          cyt_phantom_scene_draw (scene, &cell);
          spent += cpu_ms () - start;
          if (folder != NULL)
            {
              g_autoptr (GByteArray) bytes = cyt_phantom_encode_rgb (cyt_phantom_scene_get_image (scene), CYT_PHANTOM_JPEG, NULL);
              g_autofree char *sub = g_build_filename (folder, cyt_phantom_class_get_name (c), NULL);
              g_autofree char *path = g_strdup_printf ("%s/%04u.jpg", sub, i);

              g_mkdir_with_parents (sub, 0777);
              g_file_set_contents (path, (const char *) bytes->data, bytes->len, NULL);
            }
        }
      printf ("%-22s %6.2f ms\n", cyt_phantom_class_get_name (c), spent / n);
    }
  return 0;
}
