/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "cyt-latent-model.h"

/* Prints how long the list of latents takes for a new order and for filters: bench-latent-list [N_LATENTS]. Of 15
 * runs the median, in milliseconds of processor time, and the shortest by the clock. */

#define N_RUNS 15

static const char *const sort_names[] = { "frequency", "mean activation", "maximum activation", "purity", "entropy",
                                          "class", "name", "status", "recently labelled", "number",
                                          "selectivity", "monosemanticity", "redundancy", "map precision" };
G_STATIC_ASSERT (G_N_ELEMENTS (sort_names) == CYT_LATENT_N_SORTS);

static double
get_cpu_ms (void)
{
  struct timespec t;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* Calls @set with TRUE, timed, and FALSE, not timed, in turn. */
static void
bench (CytLatentModel *model, const char *what, void (*set) (CytLatentModel *model, gboolean on, guint arg), guint arg)
{
  double cpu[N_RUNS], shortest = INFINITY;

  for (guint i = 0; i < N_RUNS; i++)
    {
      gint64 start;

      set (model, FALSE, arg);
      start = g_get_monotonic_time ();
      cpu[i] = get_cpu_ms ();
      set (model, TRUE, arg);
      cpu[i] = get_cpu_ms () - cpu[i];
      shortest = MIN (shortest, (g_get_monotonic_time () - start) / 1e3);
    }
  qsort (cpu, N_RUNS, sizeof *cpu, compare_doubles);
  printf ("%-32s %8.2f ms cpu %8.2f ms wall %8u shown\n", what, cpu[N_RUNS / 2], shortest,
          g_list_model_get_n_items (G_LIST_MODEL (model)));
}

static void
set_sort (CytLatentModel *model, gboolean on, guint arg)
{
  cyt_latent_model_set_sort (model, arg, on);
}

static void
set_search (CytLatentModel *model, gboolean on, guint arg)
{
  cyt_latent_model_set_search (model, on ? "granule" : "");
}

static void
set_range (CytLatentModel *model, gboolean on, guint arg)
{
  g_autoptr (CytLatentFilter) filter = cyt_latent_filter_new ();

  if (on)
    {
      filter->min[CYT_FILTER_FREQUENCY] = 0.01;
      filter->max[CYT_FILTER_ENTROPY] = 1;
      filter->majority = g_strdup ("class 3");
      filter->labelled = CYT_FILTER_UNLABELLED;
    }
  cyt_latent_model_set_filter (model, filter);
}

static void
set_label (CytLatentModel *model, gboolean on, guint arg)
{
  g_autoptr (CytConcept) concept = cyt_concept_new (77);

  concept->status = on ? CYT_CONCEPT_CONFIRMED : CYT_CONCEPT_REJECTED;
  cyt_latent_model_set_concept (model, concept);
}

static CytLatentTable *
make_table (gsize n)
{
  CytLatentRow *rows = g_new0 (CytLatentRow, n);
  GStrvBuilder *labels = g_strv_builder_new ();
  GStrv strings;
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < 11; i++)
    {
      g_autofree char *label = g_strdup_printf ("class %u", i);

      g_strv_builder_add (labels, label);
    }
  for (gsize i = 0; i < n; i++)
    {
      double frequency = pow (10, g_rand_double_range (rand, -4.2, 0));

      rows[i] = (CytLatentRow) { .latent = i, .n_active = 1 + 16198 * frequency, .frequency = frequency,
                                 .mean_act = pow (10, g_rand_double_range (rand, -5, -1)),
                                 .max_act = g_rand_double_range (rand, 0, 9),
                                 .purity = g_rand_double (rand), .entropy = g_rand_double_range (rand, 0, 2),
                                 .majority = g_rand_int_range (rand, 0, 11) };
    }
  strings = g_strv_builder_end (labels);
  g_strv_builder_unref (labels);
  return cyt_latent_table_new (1, "cells", rows, n, strings);
}

int
main (int argc, char **argv)
{
  gsize n = argc > 1 ? strtoul (argv[1], NULL, 10) : 49152;
  CytLatentModel *model = cyt_latent_model_new ();
  GPtrArray *tables = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_latent_table_free);
  g_autoptr (GPtrArray) concepts = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
  gint64 start = g_get_monotonic_time ();

  if (n == 0)
    {
      fprintf (stderr, "bench-latent-list: the number of latents must be at least 1\n");
      return 2;
    }
  g_ptr_array_add (tables, make_table (n));
  cyt_latent_model_take_tables (model, tables, 0);
  for (gsize i = 0; i < n; i += 20)
    {
      CytConcept *concept = cyt_concept_new (i);

      g_free (concept->name);
      concept->name = g_strdup_printf ("%s %zu", i % 40 ? "Granules" : "Nuclear rim", i);
      concept->edited_at = i + 1;
      g_ptr_array_add (concepts, concept);
    }
  cyt_latent_model_set_concepts (model, concepts);
  printf ("%zu latents, %u labels, made in %.0f ms\n", n, concepts->len,
          (g_get_monotonic_time () - start) / 1e3);
  for (guint i = 0; i < CYT_LATENT_N_SORTS; i++)
    bench (model, sort_names[i], set_sort, i);
  bench (model, "search", set_search, 0);
  bench (model, "ranges, class, unlabelled", set_range, 0);
  set_range (model, FALSE, 0);
  bench (model, "one label changed", set_label, 0);
  g_object_unref (model);
  return 0;
}
