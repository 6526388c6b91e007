/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-npy.h"
#include "test-util.h"
#include "train/cyt-train-control.h"
#include "train/cyt-train-file.h"
#include "train/cyt-train-step.h"

/* ---- A small problem ---- */

typedef struct
{
  gsize d, k, n;          /* d_in, d_sae, tokens */
  CytTrainState *state;
  float *x;               /* (n, d) */
} Problem;

static float
normal (GRand *rand)
{
  return (float) (sqrt (-2 * log (1 - g_rand_double (rand))) * cos (2 * G_PI * g_rand_double (rand)));
}

/* Tokens that are sums of a few directions: something for latents to find. */
static void
fill_tokens (float *x, gsize n, gsize d, GRand *rand)
{
  const gsize n_directions = 2 * d;
  g_autofree float *directions = g_new (float, n_directions * d);
  g_autoptr (GRand) fixed = g_rand_new_with_seed (7);

  for (gsize i = 0; i < n_directions * d; i++)
    directions[i] = normal (fixed);
  for (gsize t = 0; t < n; t++)
    {
      float *row = x + t * d;

      for (gsize c = 0; c < d; c++)
        row[c] = 1 + 0.1f * normal (rand);
      for (guint i = 0; i < 3; i++)
        {
          const float *direction = directions + g_rand_int_range (rand, 0, n_directions) * d;
          float a = (float) g_rand_double_range (rand, 1, 3);

          for (gsize c = 0; c < d; c++)
            row[c] += a * direction[c];
        }
    }
}

static void
problem_init (Problem *p, gsize d, gsize k, gsize n, float bias, guint seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);

  *p = (Problem) { d, k, n, cyt_train_state_new (d, k), g_new (float, n * d) };
  for (gsize i = 0; i < k * d; i++)
    {
      p->state->w.w_enc[i] = normal (rand) / (float) sqrt (d);
      p->state->w.w_dec[i] = normal (rand) / (float) sqrt (d);
    }
  for (gsize i = 0; i < k; i++)
    p->state->w.b_enc[i] = bias + 0.1f * normal (rand);
  for (gsize c = 0; c < d; c++)
    p->state->w.b_dec[c] = 1 + 0.1f * normal (rand);
  fill_tokens (p->x, n, d, rand);
}

static void
problem_clear (Problem *p)
{
  cyt_train_state_free (p->state);
  g_free (p->x);
}

/* ---- The loss from its definition, in double ---- */

typedef struct
{
  double *w_enc, *b_enc, *w_dec, *b_dec;
} Weights;

static double *
widen (const float *x, gsize n)
{
  double *out = g_new (double, n);

  for (gsize i = 0; i < n; i++)
    out[i] = x[i];
  return out;
}

/* What the ghost term holds fixed, taken where the derivative is taken. */
typedef struct
{
  double *r;              /* (n, d) */
  double *s;              /* (n) */
  double *c;              /* (n, d) */
  gboolean known;
} Fixed;

static void
naive_loss (const Problem *p, const Weights *w, double l1, const guint8 *dead, Fixed *fixed, double *terms)
{
  gsize d = p->d;
  g_autofree double *f = g_new (double, p->k), *h = g_new (double, p->k), *x_hat = g_new (double, d), *g = g_new (double, d);

  terms[0] = terms[1] = terms[2] = 0;
  for (gsize t = 0; t < p->n; t++)
    {
      const float *x = p->x + t * d;
      double norm = 0, g_norm = 0, r_norm = 0;
      gboolean any = FALSE;

      for (gsize c = 0; c < d; c++)
        {
          norm += (double) x[c] * x[c];
          x_hat[c] = w->b_dec[c];
          g[c] = 0;
        }
      norm = sqrt (norm);
      for (gsize k = 0; k < p->k; k++)
        {
          h[k] = w->b_enc[k];
          for (gsize c = 0; c < d; c++)
            h[k] += (x[c] - w->b_dec[c]) * w->w_enc[k * d + c];
          f[k] = MAX (h[k], 0);
          terms[1] += l1 * f[k] / p->n;
          for (gsize c = 0; c < d; c++)
            x_hat[c] += f[k] * w->w_dec[k * d + c];
          if (dead != NULL && dead[k])
            for (gsize c = 0; c < d; c++)
              g[c] += exp (h[k]) * w->w_dec[k * d + c];
          any |= dead != NULL && dead[k];
        }
      for (gsize c = 0; c < d; c++)
        terms[0] += (x_hat[c] - x[c]) * (x_hat[c] - x[c]) / norm / (p->n * d);
      if (!any)
        continue;
      if (!fixed->known)
        {
          for (gsize c = 0; c < d; c++)
            {
              fixed->r[t * d + c] = x[c] - x_hat[c];
              r_norm += (x[c] - x_hat[c]) * (x[c] - x_hat[c]);
              g_norm += g[c] * g[c];
            }
          fixed->s[t] = sqrt (r_norm) / (1e-6 + 2 * sqrt (g_norm));
        }
      r_norm = 0;
      for (gsize c = 0; c < d; c++)
        r_norm += fixed->r[t * d + c] * fixed->r[t * d + c];
      for (gsize c = 0; c < d; c++)
        {
          double e = fixed->s[t] * g[c] - fixed->r[t * d + c], m = e * e / sqrt (r_norm);

          if (!fixed->known)
            fixed->c[t * d + c] = (x_hat[c] - x[c]) * (x_hat[c] - x[c]) / norm / (m + 1e-6);
          terms[2] += fixed->c[t * d + c] * m / (p->n * d);
        }
    }
  fixed->known = TRUE;
}

/* After the first step Adam's first moment is a tenth of the gradient. */
static void
check_gradient (const Problem *p, Weights *w, double *values, const float *moments, gsize n, double l1, const guint8 *dead,
                const Fixed *at, const double *project, const char *what)
{
  double largest = 0;

  for (gsize i = 0; i < n; i++)
    largest = MAX (largest, fabs (10.0 * moments[i]));
  for (gsize i = 0; i < n; i += 1 + n / 97)
    {
      gsize row = project != NULL ? i / p->d : 0, first = row * p->d, last = project != NULL ? first + p->d : first;
      double expected = 0, along = 0;

      /* W_dec: without the part along its row, for which the whole row's gradient is needed. */
      for (gsize j = project != NULL ? first : i; j < (project != NULL ? last : i + 1); j++)
        {
          const double eps = 1e-5;
          double value = values[j], terms[2][3], gradient = 0;
          Fixed fixed = *at;

          values[j] = value + eps;
          naive_loss (p, w, l1, dead, &fixed, terms[0]);
          values[j] = value - eps;
          naive_loss (p, w, l1, dead, &fixed, terms[1]);
          values[j] = value;
          for (guint term = 0; term < 3; term++)
            gradient += (terms[0][term] - terms[1][term]) / (2 * eps);
          if (j == i)
            expected = gradient;
          if (project != NULL)
            along += gradient * project[j];
        }
      if (project != NULL)
        expected -= along * project[i];
      if (!(fabs (10.0 * moments[i] - expected) <= 2e-4 * largest + 1e-9))
        g_error ("%s: gradient of element %zu is %g, expected %g (largest %g)", what, i, 10.0 * moments[i], expected, largest);
    }
}

static void
check_gradients (gsize d, gsize k, gsize n, float bias, gboolean ghost)
{
  Problem p;
  CytTrainRecipe recipe = CYT_TRAIN_RECIPE_INIT;
  g_autoptr (CytParallel) parallel = cyt_parallel_new (2);
  g_autoptr (CytTrainStep) step = NULL;
  g_autofree guint8 *dead = g_new0 (guint8, k);
  CytTrainLoss loss;
  Weights w;
  Fixed fixed = { g_new0 (double, n * d), g_new0 (double, n), g_new0 (double, n * d), FALSE };
  double terms[3];

  problem_init (&p, d, k, n, bias, 11);
  recipe.l1 = 0.05;
  recipe.ghost = ghost;
  for (gsize i = 0; ghost && i < k; i += 3)
    {
      p.state->since_fired[i] = recipe.dead_after + 1;
      dead[i] = TRUE;
    }
  step = cyt_train_step_new (&recipe, d, k, n, parallel);
  /* Rows of unit length beforehand: the derivative is taken there. */
  for (gsize i = 0; i < k; i++)
    {
      double square = 0;

      for (gsize c = 0; c < d; c++)
        square += p.state->w.w_dec[i * d + c] * p.state->w.w_dec[i * d + c];
      for (gsize c = 0; c < d; c++)
        p.state->w.w_dec[i * d + c] /= (float) sqrt (square);
    }
  w = (Weights) { widen (p.state->w.w_enc, k * d), widen (p.state->w.b_enc, k), widen (p.state->w.w_dec, k * d),
                  widen (p.state->w.b_dec, d) };
  naive_loss (&p, &w, recipe.l1, dead, &fixed, terms);
  cyt_train_step_run (step, p.state, p.x, n, &loss);

  g_assert_cmpfloat_with_epsilon (loss.mse, terms[0], 1e-5 * (1 + terms[0]));
  g_assert_cmpfloat_with_epsilon (loss.l1, terms[1], 1e-5 * (1 + terms[1]));
  g_assert_cmpfloat_with_epsilon (loss.ghost, terms[2], 1e-5 * (1 + terms[2]));
  g_assert_true (ghost == (loss.ghost > 0));
  check_gradient (&p, &w, w.w_enc, p.state->m.w_enc, k * d, recipe.l1, dead, &fixed, NULL, "W_enc");
  check_gradient (&p, &w, w.b_enc, p.state->m.b_enc, k, recipe.l1, dead, &fixed, NULL, "b_enc");
  check_gradient (&p, &w, w.w_dec, p.state->m.w_dec, k * d, recipe.l1, dead, &fixed, w.w_dec, "W_dec");
  check_gradient (&p, &w, w.b_dec, p.state->m.b_dec, d, recipe.l1, dead, &fixed, NULL, "b_dec");

  g_free (w.w_enc);
  g_free (w.b_enc);
  g_free (w.w_dec);
  g_free (w.b_dec);
  g_free (fixed.r);
  g_free (fixed.s);
  g_free (fixed.c);
  problem_clear (&p);
}

/* Much is active: blocks are multiplied as matrices. */
static void
test_gradients_dense (void)
{
  check_gradients (7, 13, 5, 0, FALSE);
  check_gradients (16, 24, 9, 0, TRUE);
}

/* Little is: they are walked through. */
static void
test_gradients_sparse (void)
{
  check_gradients (6, 40, 9, -9, FALSE);
  check_gradients (6, 40, 9, -9, TRUE);
}

/* ---- Threads ---- */

static void
test_threads (void)
{
  Problem p[2];

  for (guint i = 0; i < 2; i++)
    {
      CytTrainRecipe recipe = CYT_TRAIN_RECIPE_INIT;
      g_autoptr (CytParallel) parallel = cyt_parallel_new (1 + 2 * i);
      g_autoptr (CytTrainStep) step = NULL;
      CytTrainLoss loss;

      problem_init (&p[i], 24, 1100, 2300, -2, 3);
      recipe.dead_after = 1;
      step = cyt_train_step_new (&recipe, 24, 1100, 2300, parallel);
      for (guint s = 0; s < 4; s++)
        cyt_train_step_run (step, p[i].state, p[i].x, 2300 - 700 * s, &loss);
    }
  g_assert_cmpmem (p[0].state->w.w_enc, 1100 * 24 * sizeof (float), p[1].state->w.w_enc, 1100 * 24 * sizeof (float));
  g_assert_cmpmem (p[0].state->w.w_dec, 1100 * 24 * sizeof (float), p[1].state->w.w_dec, 1100 * 24 * sizeof (float));
  g_assert_cmpmem (p[0].state->w.b_dec, 24 * sizeof (float), p[1].state->w.b_dec, 24 * sizeof (float));
  problem_clear (&p[0]);
  problem_clear (&p[1]);
}

/* ---- Control ---- */

typedef struct
{
  CytTrainControl *control;
  GCancellable *cancellable;
  int returned; /* atomic */
} Waiting;

static gpointer
wait_thread (gpointer data)
{
  Waiting *w = data;

  cyt_train_control_wait (w->control, w->cancellable);
  g_atomic_int_set (&w->returned, TRUE);
  return NULL;
}

/* A pause ends by going on, by stopping and by cancelling, and not before. */
static void
test_control (void)
{
  for (guint end = 0; end < 3; end++)
    {
      g_autoptr (CytTrainControl) control = cyt_train_control_new ();
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Waiting w = { control, cancellable, FALSE };
      GThread *thread;

      cyt_train_control_wait (control, cancellable); /* not paused: returns at once */
      cyt_train_control_set_paused (control, TRUE);
      g_assert_true (cyt_train_control_get_paused (control));
      thread = g_thread_new ("wait", wait_thread, &w);
      g_usleep (50000);
      g_assert_false (g_atomic_int_get (&w.returned));
      if (end == 0)
        cyt_train_control_set_paused (control, FALSE);
      else if (end == 1)
        cyt_train_control_stop (control);
      else
        g_cancellable_cancel (cancellable);
      g_thread_join (thread);
      g_assert_true (cyt_train_control_get_stopped (control) == (end == 1));
    }
}

/* ---- The twin ---- */

static void
save (const char *folder, const char *name, const float *data, guint n_dims, const gint64 *shape)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  gsize n = 1;
  CytNpyWriter *writer = cyt_npy_writer_new (path, CYT_DTYPE_F32, n_dims, shape, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < n_dims; i++)
    n *= shape[i];
  g_assert_true (cyt_npy_writer_append (writer, data, n, &error));
  g_assert_true (cyt_npy_writer_close (writer, &error));
  cyt_npy_writer_free (writer);
}

/* From the same start and batches every term of 200 steps is PyTorch's to a thousandth. */
static void
test_twin (void)
{
  const gsize d = 32, k = 300, n = 400, n_steps = 200;
  g_autofree char *folder = cyt_test_make_tmpdir ();
  g_autofree float *x = g_new (float, n_steps * n * d);
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (CytParallel) parallel = cyt_parallel_new (2);
  g_autoptr (CytTrainStep) step = NULL;
  CytTrainRecipe recipe = CYT_TRAIN_RECIPE_INIT; /* as published */
  g_autofree float *expected = NULL, *w_dec = NULL;
  CytTensorInfo info;
  Problem p;
  gsize n_ghost = 0;
  double worst[4] = { 0 };

  problem_init (&p, d, k, n, 0, 2);
  for (gsize i = 0; i < k; i += 4)
    p.state->w.b_enc[i] = -30; /* dead from the start */
  fill_tokens (x, n_steps * n, d, rand);
  save (folder, "w_enc.npy", p.state->w.w_enc, 2, (gint64[]){ k, d });
  save (folder, "w_dec.npy", p.state->w.w_dec, 2, (gint64[]){ k, d });
  save (folder, "b_enc.npy", p.state->w.b_enc, 1, (gint64[]){ k });
  save (folder, "b_dec.npy", p.state->w.b_dec, 1, (gint64[]){ d });
  save (folder, "x.npy", x, 3, (gint64[]){ n_steps, n, d });
  cyt_test_run_reference ("train_twin.py", folder, "200", "8e-5", "4e-4", "500", "1", "64", NULL);
  {
    g_autofree char *path = g_build_filename (folder, "loss.npy", NULL);
    expected = cyt_test_load_npy (path, &info);
  }

  step = cyt_train_step_new (&recipe, d, k, n, parallel);
  for (gsize i = 0; i < n_steps; i++)
    {
      const float *e = expected + 5 * i;
      CytTrainLoss loss;
      double got[4];

      cyt_train_step_run (step, p.state, x + i * n * d, n, &loss);
      got[0] = loss.mse;
      got[1] = loss.l1;
      got[2] = loss.ghost;
      got[3] = loss.l0;

      for (guint term = 0; term < 4; term++)
        worst[term] = MAX (worst[term], fabs (got[term] - e[term]) / MAX (e[term], 1e-12));
      g_assert_cmpuint (loss.n_dead, ==, (gsize) e[4]);
      n_ghost += loss.ghost > 0;
    }
  g_test_message ("largest relative errors: mse %.2g, l1 %.2g, ghost %.2g, l0 %.2g", worst[0], worst[1], worst[2], worst[3]);
  for (guint term = 0; term < 4; term++)
    g_assert_true (worst[term] <= 1e-3);
  g_assert_cmpuint (n_ghost, >, 100);
  problem_clear (&p);
  cyt_test_remove_tree (folder);
}

/* States that somebody changed: values of another size would not fit where they are read to. */
static void
test_forged_state (void)
{
  static const struct
  {
    const char *header, *says;
  } forged[] = {
    { "{\"__metadata__\":{\"training\":\"t\",\"n_steps\":\"1\"},"
      "\"w.w_enc\":{\"dtype\":\"F64\",\"shape\":[400,20],\"data_offsets\":[0,64000]}}", "dtype" },
    { "{\"__metadata__\":{\"training\":\"t\",\"n_steps\":\"-1\"},"
      "\"w.w_enc\":{\"dtype\":\"F64\",\"shape\":[400,20],\"data_offsets\":[0,64000]}}", "n_steps" },
    { "{\"w.w_enc\":{\"dtype\":\"F64\",\"shape\":[400,20],\"data_offsets\":[0,64000]}}", "other images" },
  };
  g_autofree char *folder = cyt_test_make_tmpdir (), *path = g_build_filename (folder, "a.pt.training", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (forged); i++)
    {
      guint64 length = GUINT64_TO_LE ((guint64) strlen (forged[i].header));
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autofree guint8 *values = g_new0 (guint8, 64000);
      g_autoptr (GError) error = NULL;

      g_byte_array_append (bytes, (const guint8 *) &length, sizeof length);
      g_byte_array_append (bytes, (const guint8 *) forged[i].header, strlen (forged[i].header));
      g_byte_array_append (bytes, values, 64000);
      g_assert_true (g_file_set_contents (path, (const char *) bytes->data, bytes->len, &error));
      g_assert_null (cyt_train_file_load_state (path, 20, 400, "t", &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, "a.pt.training"));
      g_assert_nonnull (strstr (error->message, forged[i].says));
    }
  cyt_test_remove_tree (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/gradients/dense", test_gradients_dense);
  g_test_add_func ("/train/gradients/sparse", test_gradients_sparse);
  g_test_add_func ("/train/threads", test_threads);
  g_test_add_func ("/train/control", test_control);
  g_test_add_func ("/train/twin", test_twin);
  g_test_add_func ("/train/forged-state", test_forged_state);
  return g_test_run ();
}
