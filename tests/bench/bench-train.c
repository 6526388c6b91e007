/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/cyt-npy.h"
#include "train/cyt-train-init.h"
#include "train/cyt-train-step.h"

/* bench-train FOLDER N_TOKENS D_IN D_SAE N_STEPS L0 THREADS VARIANT: seconds of each step from a random autoencoder in which
 * L0 latents are active on a token, or are kept, and its loss. Start, tokens and recipe go to FOLDER as
 * tests/ref/train_twin.py reads them, so that compare_train.py can time PyTorch on the same. Prints and never fails. */

static void
save (const char *folder, const char *name, const float *data, guint n_dims, const gint64 *shape)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytNpyWriter) writer = cyt_npy_writer_new (path, CYT_DTYPE_F32, n_dims, shape, &error);
  gsize n = 1;

  for (guint i = 0; i < n_dims; i++)
    n *= shape[i];
  if (writer == NULL || !cyt_npy_writer_append (writer, data, n, &error) || !cyt_npy_writer_close (writer, &error))
    g_printerr ("%s\n", error->message);
}

static float
normal (GRand *rand)
{
  return (float) (sqrt (-2 * log (1 - g_rand_double (rand))) * cos (2 * G_PI * g_rand_double (rand)));
}

/* The point above which a standard normal number lies with probability @p. */
static double
upper_quantile (double p)
{
  double low = 0, high = 10;

  for (guint i = 0; i < 60; i++)
    {
      double middle = (low + high) / 2;

      if (0.5 * erfc (middle / sqrt (2)) > p)
        low = middle;
      else
        high = middle;
    }
  return low;
}

int
main (int argc, char **argv)
{
  gsize n, d, k, n_steps;
  double l0;
  g_autoptr (CytParallel) parallel = NULL;
  g_autoptr (CytTrainState) state = NULL;
  g_autoptr (CytTrainStep) step = NULL;
  CytTrainRecipe recipe = CYT_TRAIN_RECIPE_INIT;
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree float *x = NULL;

  for (recipe.variant = 0; argc == 9 && recipe.variant < CYT_N_TRAIN_VARIANTS; recipe.variant++)
    if (g_str_equal (argv[8], cyt_train_variant_get_name (recipe.variant)))
      break;
  if (argc != 9 || recipe.variant == CYT_N_TRAIN_VARIANTS)
    {
      g_printerr ("usage: bench-train FOLDER N_TOKENS D_IN D_SAE N_STEPS L0 THREADS VARIANT\n");
      return 0;
    }
  n = strtoul (argv[2], NULL, 10);
  d = strtoul (argv[3], NULL, 10);
  k = strtoul (argv[4], NULL, 10);
  n_steps = strtoul (argv[5], NULL, 10);
  l0 = strtod (argv[6], NULL);
  recipe.k = (gsize) l0;
  recipe.threshold = 1e-3;
  if (!cyt_train_recipe_complete (&recipe, d, k, NULL))
    return 0;
  parallel = cyt_parallel_new (atoi (argv[7]));
  state = cyt_train_state_new (d, k);
  x = g_new (float, n_steps * n * d);
  for (gsize i = 0; i < n_steps * n * d; i++)
    x[i] = normal (rand);
  cyt_train_init_weights (state, &recipe, 42);
  cyt_train_init_scale (state, &recipe, x, n);
  /* h is normal with the deviation √d · √(6 / d_sae) / √3, or 1 where W_enc has rows of unit length. */
  for (gsize i = 0; i < k && recipe.k == 0; i++)
    state->w.b_enc[i]
      = (float) (-upper_quantile (l0 / k) * (recipe.variant == CYT_TRAIN_RELU ? sqrt (2.0 * d / k) : 1));
  save (argv[1], "w_enc.npy", state->w.w_enc, 2, (gint64[]) { k, d });
  save (argv[1], "b_enc.npy", state->w.b_enc, 1, (gint64[]) { k });
  save (argv[1], "w_dec.npy", state->w.w_dec, 2, (gint64[]) { k, d });
  save (argv[1], "b_dec.npy", state->w.b_dec, 1, (gint64[]) { d });
  save (argv[1], "theta.npy", state->w.theta, 1, (gint64[]) { k });
  save (argv[1], "x.npy", x, 3, (gint64[]) { n_steps, n, d });

  step = cyt_train_step_new (&recipe, d, k, n, parallel);
  for (gsize i = 0; i < n_steps; i++)
    {
      gint64 start = g_get_monotonic_time ();
      CytTrainLoss loss;

      cyt_train_step_run (step, state, x + i * n * d, n, &loss);
      printf ("%.3f s  mse %.6g  nested %.6g  l1 %.6g  l0 %.4g\n", (g_get_monotonic_time () - start) / 1e6, loss.mse,
              loss.nested, loss.l1, loss.l0);
      fflush (stdout);
    }
  return 0;
}
