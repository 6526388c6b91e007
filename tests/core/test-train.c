/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/cyt-npy.h"
#include "test-util.h"
#include "train/cyt-train-control.h"
#include "train/cyt-train-file.h"
#include "train/cyt-train-init.h"
#include "train/cyt-train-select.h"
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

enum
{
  MSE,
  NESTED,
  L1,
  L0_PENALTY,
  GHOST,
  AUX,
  N_TERMS
};

static void
list_terms (const CytTrainLoss *loss, double *terms)
{
  const double list[N_TERMS] = { loss->mse, loss->nested, loss->l1, loss->l0_penalty, loss->ghost, loss->aux };

  memcpy (terms, list, sizeof list);
}

typedef struct
{
  double *w_enc, *b_enc, *w_dec, *b_dec, *log_theta;
} Weights;

static double *
widen (const float *x, gsize n)
{
  double *out = g_new (double, n);

  for (gsize i = 0; i < n; i++)
    out[i] = x[i];
  return out;
}

/* What terms hold fixed, taken where the derivative is taken. */
typedef struct
{
  double *theta;          /* (k) */
  double *r;              /* (n, d) x − x̂ */
  double *s;              /* (n) of the ghost term */
  double *c;              /* (n, d) of the ghost term */
  gboolean known;
} Fixed;

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x > y ? -1 : x < y;
}

/* The @m-th largest of @values (n); −∞ when there are fewer. */
static double
find_mth (const double *values, gsize n, gsize m)
{
  g_autofree double *sorted = g_memdup2 (values, n * sizeof (double));

  if (m > n)
    return -INFINITY;
  qsort (sorted, n, sizeof (double), compare_doubles);
  return sorted[m - 1];
}

/* The kernel's integral. */
static double
get_share (double h, double theta, double width)
{
  return CLAMP ((h - theta) / width + 0.5, 0, 1);
}

/* f (n, k) from h. JumpReLU's straight-through estimators are derivatives of what stands in for the jump: where θ moves, f and
 * the number of active latents move by the integral of the kernel. */
static void
naive_activations (const Problem *p, const CytTrainRecipe *recipe, const Weights *w, const Fixed *fixed, const double *h,
                   double *f, double *n_active)
{
  double width = recipe->bandwidth * p->state->scale;
  double batch_bar = 0;

  if (recipe->variant == CYT_TRAIN_BATCH_TOPK || recipe->variant == CYT_TRAIN_MATRYOSHKA)
    batch_bar = find_mth (h, p->n * p->k, p->n * recipe->k);
  *n_active = 0;
  for (gsize t = 0; t < p->n; t++)
    {
      double bar = recipe->variant == CYT_TRAIN_TOPK ? find_mth (h + t * p->k, p->k, recipe->k) : batch_bar;

      for (gsize k = 0; k < p->k; k++)
        {
          double value = h[t * p->k + k];
          double *out = &f[t * p->k + k];

          if (recipe->variant == CYT_TRAIN_JUMPRELU)
            {
              double theta = fixed->theta[k];
              double moved = get_share (value, exp (w->log_theta[k]), width) - get_share (value, theta, width);

              *out = (value > theta ? value : 0) + theta * moved;
              *n_active += (value > theta) + moved;
              continue;
            }
          *out = recipe->variant == CYT_TRAIN_RELU || value >= bar ? MAX (value, 0) : 0;
          *n_active += *out > 0;
        }
    }
}

static void
naive_ghost (const Problem *p, const Weights *w, const guint8 *dead, const double *h, const double *x_hat, gsize t,
             double norm, Fixed *fixed, double *terms)
{
  gsize d = p->d;
  const float *x = p->x + t * d;
  const double *r = fixed->r + t * d;
  g_autofree double *g = g_new0 (double, d);
  double r_norm = 0, g_norm = 0;

  for (gsize k = 0; k < p->k; k++)
    for (gsize c = 0; dead[k] && c < d; c++)
      g[c] += exp (h[t * p->k + k]) * w->w_dec[k * d + c];
  for (gsize c = 0; c < d; c++)
    {
      r_norm += r[c] * r[c];
      g_norm += g[c] * g[c];
    }
  if (!fixed->known)
    fixed->s[t] = sqrt (r_norm) / (1e-6 + 2 * sqrt (g_norm));
  for (gsize c = 0; c < d; c++)
    {
      double e = fixed->s[t] * g[c] - r[c], m = e * e / sqrt (r_norm);

      if (!fixed->known)
        fixed->c[t * d + c] = (x_hat[c] - x[c]) * (x_hat[c] - x[c]) / norm / (m + 1e-6);
      terms[GHOST] += fixed->c[t * d + c] * m / (p->n * d);
    }
}

static void
naive_aux (const Problem *p, const CytTrainRecipe *recipe, const Weights *w, const guint8 *dead, const double *h, gsize t,
           double norm, const Fixed *fixed, double *terms)
{
  gsize d = p->d, n_dead = 0;
  g_autofree double *of_dead = g_new (double, p->k), *e = g_new0 (double, d);
  double bar;

  for (gsize k = 0; k < p->k; k++)
    if (dead[k])
      of_dead[n_dead++] = h[t * p->k + k];
  bar = find_mth (of_dead, n_dead, recipe->aux_k);
  for (gsize k = 0; k < p->k; k++)
    for (gsize c = 0; dead[k] && h[t * p->k + k] >= bar && c < d; c++)
      e[c] += MAX (h[t * p->k + k], 0) * w->w_dec[k * d + c];
  for (gsize c = 0; c < d; c++)
    terms[AUX] += recipe->aux_weight * (e[c] - fixed->r[t * d + c]) * (e[c] - fixed->r[t * d + c]) / norm / (p->n * d);
}

static void
naive_loss (const Problem *p, const CytTrainRecipe *recipe, const Weights *w, const guint8 *dead, Fixed *fixed,
            double *terms)
{
  gsize d = p->d;
  g_autofree double *h = g_new (double, p->n * p->k), *f = g_new (double, p->n * p->k), *x_hat = g_new (double, d);
  gboolean any = FALSE;
  double n_active;

  for (gsize i = 0; i < N_TERMS; i++)
    terms[i] = 0;
  for (gsize t = 0; t < p->n; t++)
    for (gsize k = 0; k < p->k; k++)
      {
        double *out = &h[t * p->k + k];

        *out = w->b_enc[k];
        for (gsize c = 0; c < d; c++)
          *out += (p->x[t * d + c] - w->b_dec[c]) * w->w_enc[k * d + c];
      }
  for (gsize k = 0; k < p->k; k++)
    any |= dead[k];
  naive_activations (p, recipe, w, fixed, h, f, &n_active);
  terms[L0_PENALTY] = recipe->l0 * n_active / p->n;
  for (gsize t = 0; t < p->n; t++)
    {
      const float *x = p->x + t * d;
      double norm = 0;
      guint prefix = 0;

      for (gsize c = 0; c < d; c++)
        {
          norm += (double) x[c] * x[c];
          x_hat[c] = w->b_dec[c];
        }
      norm = sqrt (norm);
      for (gsize k = 0; k < p->k; k++)
        {
          terms[L1] += recipe->l1 * f[t * p->k + k] / p->n;
          for (gsize c = 0; c < d; c++)
            x_hat[c] += f[t * p->k + k] * w->w_dec[k * d + c];
          if (k + 1 != recipe->prefixes[prefix])
            continue;
          for (gsize c = 0; c < d; c++)
            terms[prefix + 1 < recipe->n_prefixes ? NESTED : MSE]
              += (x_hat[c] - x[c]) * (x_hat[c] - x[c]) / norm / (p->n * d);
          prefix++;
        }
      for (gsize c = 0; !fixed->known && c < d; c++)
        fixed->r[t * d + c] = x[c] - x_hat[c];
      if (any && recipe->ghost)
        naive_ghost (p, w, dead, h, x_hat, t, norm, fixed, terms);
      if (any && recipe->aux_k > 0)
        naive_aux (p, recipe, w, dead, h, t, norm, fixed, terms);
    }
  fixed->known = TRUE;
}

/* ---- Gradients ---- */

typedef struct
{
  const Problem *p;
  const CytTrainRecipe *recipe;
  Weights w;
  const guint8 *dead;
  const Fixed *at;
} Point;

static double
differentiate (const Point *point, double *value)
{
  const double eps = 1e-5, middle = *value;
  double terms[2][N_TERMS], gradient = 0;
  Fixed fixed = *point->at;

  *value = middle + eps;
  naive_loss (point->p, point->recipe, &point->w, point->dead, &fixed, terms[0]);
  *value = middle - eps;
  naive_loss (point->p, point->recipe, &point->w, point->dead, &fixed, terms[1]);
  *value = middle;
  for (guint term = 0; term < N_TERMS; term++)
    gradient += (terms[0][term] - terms[1][term]) / (2 * eps);
  return gradient;
}

/* After the first step Adam's first moment is a tenth of the gradient. @is_decoder: without the part along its row, for
 * which the whole row's gradient is needed. */
static void
check_gradient (const Point *point, double *values, const float *moments, gsize n, gboolean is_decoder, const char *what)
{
  gsize d = point->p->d;
  double largest = 0;

  for (gsize i = 0; i < n; i++)
    largest = MAX (largest, fabs (10.0 * moments[i]));
  g_assert_cmpfloat (largest, >, 0);
  for (gsize i = 0; i < n; i += 1 + n / 97)
    {
      double expected = differentiate (point, &values[i]);

      for (gsize j = i / d * d; is_decoder && j < i / d * d + d; j++)
        expected -= differentiate (point, &values[j]) * values[j] * values[i];
      if (!(fabs (10.0 * moments[i] - expected) <= 2e-4 * largest + 1e-9))
        g_error ("%s, %s: gradient of element %zu is %g, expected %g (largest %g)",
                 cyt_train_variant_get_name (point->recipe->variant), what, i, 10.0 * moments[i], expected, largest);
    }
}

/* Each third latent is dead when @dead. */
static void
check_gradients (gsize d, gsize k, gsize n, float bias, CytTrainRecipe recipe, gboolean some_dead)
{
  Problem p;
  g_autoptr (CytParallel) parallel = cyt_parallel_new (2);
  g_autoptr (CytTrainStep) step = NULL;
  g_autofree guint8 *dead = g_new0 (guint8, k);
  g_autoptr (GError) error = NULL;
  CytTrainLoss loss;
  Fixed fixed = { NULL, g_new0 (double, n * d), g_new0 (double, n), g_new0 (double, n * d), FALSE };
  Point point;
  double terms[N_TERMS], got[N_TERMS];

  problem_init (&p, d, k, n, bias, 11);
  g_assert_true (cyt_train_recipe_complete (&recipe, d, k, &error));
  p.state->scale = 1;
  for (gsize i = 0; i < k; i++)
    p.state->w.theta[i] = recipe.variant == CYT_TRAIN_JUMPRELU ? (float) (recipe.threshold * (1 + 0.01 * (i % 7))) : 0;
  for (gsize i = 0; some_dead && i < k; i += 3)
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
  fixed.theta = widen (p.state->w.theta, k);
  point = (Point){ &p, &recipe,
                   { widen (p.state->w.w_enc, k * d), widen (p.state->w.b_enc, k), widen (p.state->w.w_dec, k * d),
                     widen (p.state->w.b_dec, d), widen (p.state->w.theta, k) },
                   dead, &fixed };
  for (gsize i = 0; i < k; i++)
    point.w.log_theta[i] = log (point.w.log_theta[i]);
  naive_loss (&p, &recipe, &point.w, dead, &fixed, terms);
  cyt_train_step_run (step, p.state, p.x, n, &loss);

  list_terms (&loss, got);
  for (guint i = 0; i < N_TERMS; i++)
    g_assert_cmpfloat_with_epsilon (got[i], terms[i], 1e-5 * (1 + terms[i]));
  g_assert_true ((recipe.ghost && some_dead) == (loss.ghost > 0));
  g_assert_true ((recipe.aux_k > 0 && some_dead) == (loss.aux > 0));
  g_assert_true ((recipe.n_prefixes > 1) == (loss.nested > 0));
  check_gradient (&point, point.w.w_enc, p.state->m.w_enc, k * d, FALSE, "W_enc");
  check_gradient (&point, point.w.b_enc, p.state->m.b_enc, k, FALSE, "b_enc");
  check_gradient (&point, point.w.w_dec, p.state->m.w_dec, k * d, TRUE, "W_dec");
  check_gradient (&point, point.w.b_dec, p.state->m.b_dec, d, FALSE, "b_dec");
  if (recipe.variant == CYT_TRAIN_JUMPRELU)
    check_gradient (&point, point.w.log_theta, p.state->m.theta, k, FALSE, "θ");

  g_free (point.w.w_enc);
  g_free (point.w.b_enc);
  g_free (point.w.w_dec);
  g_free (point.w.b_dec);
  g_free (point.w.log_theta);
  g_free (fixed.theta);
  g_free (fixed.r);
  g_free (fixed.s);
  g_free (fixed.c);
  problem_clear (&p);
}

/* Terms as heavy as the others, so that none hides. */
static CytTrainRecipe
make_recipe (CytTrainVariant variant)
{
  CytTrainRecipe recipe = CYT_TRAIN_RECIPE_INIT;

  recipe.variant = variant;
  recipe.l1 = 0.05;
  recipe.ghost = FALSE;
  recipe.k = 5;
  recipe.aux_k = 4;
  recipe.aux_weight = 1;
  recipe.l0 = 0.01;
  recipe.bandwidth = 0.7;
  recipe.threshold = 0.4;
  return recipe;
}

/* Much is active: blocks are multiplied as matrices. */
static void
test_gradients_dense (void)
{
  CytTrainRecipe recipe = make_recipe (CYT_TRAIN_RELU);

  check_gradients (7, 13, 5, 0, recipe, FALSE);
  recipe.ghost = TRUE;
  check_gradients (16, 24, 9, 0, recipe, TRUE);
  check_gradients (7, 40, 9, 0, make_recipe (CYT_TRAIN_JUMPRELU), FALSE);
}

/* Little is: they are walked through. */
static void
test_gradients_sparse (void)
{
  CytTrainRecipe recipe = make_recipe (CYT_TRAIN_RELU);

  check_gradients (6, 40, 9, -9, recipe, FALSE);
  recipe.ghost = TRUE;
  check_gradients (6, 40, 9, -9, recipe, TRUE);
  recipe = make_recipe (CYT_TRAIN_JUMPRELU);
  recipe.bandwidth = 0.4;
  check_gradients (6, 300, 9, -7.5f, recipe, FALSE);
}

/* Latents in several tiles, which end where prefixes do. */
static void
test_gradients_selected (void)
{
  CytTrainRecipe nested = make_recipe (CYT_TRAIN_MATRYOSHKA);

  nested.n_prefixes = 2;
  nested.prefixes[0] = 17;
  nested.prefixes[1] = 530;
  check_gradients (6, 40, 9, 0, make_recipe (CYT_TRAIN_TOPK), FALSE);
  check_gradients (7, 600, 8, 0, make_recipe (CYT_TRAIN_TOPK), TRUE);
  check_gradients (6, 40, 9, 0, make_recipe (CYT_TRAIN_BATCH_TOPK), FALSE);
  check_gradients (7, 600, 8, 0, make_recipe (CYT_TRAIN_BATCH_TOPK), TRUE);
  check_gradients (6, 64, 9, 0, make_recipe (CYT_TRAIN_MATRYOSHKA), FALSE);
  check_gradients (7, 600, 8, 0, nested, TRUE);
}

/* ---- Start and evaluation ---- */

/* What is as long as the tokens already stays; and an evaluation says what the step from there says, and changes nothing. */
static void
test_start (void)
{
  const CytTrainVariant variants[] = { CYT_TRAIN_TOPK, CYT_TRAIN_BATCH_TOPK, CYT_TRAIN_JUMPRELU, CYT_TRAIN_MATRYOSHKA };
  const gsize d = 24, k = 700, n = 300;

  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      CytTrainRecipe recipe = make_recipe (variants[i]);
      g_autoptr (CytParallel) parallel = cyt_parallel_new (2);
      g_autoptr (CytTrainStep) step = NULL;
      g_autofree float *w_enc = NULL;
      CytTrainLoss before, after, of_step;
      float scale, theta;
      Problem p;

      problem_init (&p, d, k, n, 0, 4);
      memset (p.state->w.b_enc, 0, k * sizeof (float));
      g_assert_true (cyt_train_recipe_complete (&recipe, d, k, NULL));
      cyt_train_init_weights (p.state, &recipe, 1);
      cyt_train_init_scale (p.state, &recipe, p.x, n);
      g_assert_cmpmem (p.state->w.w_enc, k * d * sizeof (float), p.state->w.w_dec, k * d * sizeof (float));
      g_assert_cmpfloat (p.state->scale, >, 1);
      step = cyt_train_step_new (&recipe, d, k, n, parallel);
      cyt_train_step_evaluate (step, p.state, p.x, n, &before);
      cyt_train_step_fit_start (step, p.state, p.x, n);
      cyt_train_step_evaluate (step, p.state, p.x, n, &after);
      g_assert_cmpfloat (after.mse, <, 0.9 * before.mse);
      g_assert_cmpfloat_with_epsilon (after.l0, before.l0, 1e-2 * before.l0); /* the same fire */
      w_enc = g_memdup2 (p.state->w.w_enc, k * d * sizeof (float));
      scale = p.state->scale;
      theta = p.state->w.theta[k - 1];
      g_assert_cmpfloat_with_epsilon (theta, recipe.threshold * scale, 1e-5);
      cyt_train_step_fit_start (step, p.state, p.x, n);
      g_assert_true (cyt_test_max_rel (p.state->w.w_enc, w_enc, k * d, 1e-3) <= 1e-4);
      g_assert_cmpfloat_with_epsilon (p.state->scale, scale, 1e-4);
      g_assert_cmpuint (p.state->n_steps, ==, 0);

      cyt_train_step_evaluate (step, p.state, p.x, n, &after);
      cyt_train_step_run (step, p.state, p.x, n, &of_step);
      g_assert_cmpfloat_with_epsilon (after.mse, of_step.mse, 1e-5 * after.mse);
      g_assert_cmpfloat_with_epsilon (after.nested, of_step.nested, 1e-5 * after.nested + 1e-9);
      g_assert_cmpfloat_with_epsilon (after.explained, of_step.explained, 1e-5);
      g_assert_true (after.l0 == of_step.l0);
      problem_clear (&p);
    }
}

/* ---- Selection ---- */

typedef struct
{
  float value;
  guint32 latent;
  guint32 token;
} Pair;

static int
compare_pairs (gconstpointer a, gconstpointer b)
{
  const Pair *x = a, *y = b;

  if (x->value != y->value)
    return x->value > y->value ? -1 : 1;
  if (x->latent != y->latent)
    return x->latent < y->latent ? -1 : 1;
  return x->token < y->token ? -1 : x->token > y->token;
}

/* What a sort of everything keeps: 1 where kept. */
static guint8 *
select_naively (const float *h, gsize n, gsize n_latents, gsize k, gboolean whole_batch)
{
  guint8 *kept = g_new0 (guint8, n * n_latents);
  g_autofree Pair *pairs = g_new (Pair, n * n_latents);
  gsize group = whole_batch ? n : 1;

  for (gsize t = 0; t < n; t++)
    for (gsize j = 0; j < n_latents; j++)
      pairs[t * n_latents + j] = (Pair){ h[t * n_latents + j], j, t };
  for (gsize t = 0; t < n; t += group)
    {
      qsort (pairs + t * n_latents, group * n_latents, sizeof (Pair), compare_pairs);
      for (gsize i = 0; i < group * k; i++)
        {
          const Pair *pair = &pairs[t * n_latents + i];

          kept[pair->token * n_latents + pair->latent] = pair->value > 0;
        }
    }
  return kept;
}

/* Few different values, so that many are equal; or all the same; or fewer positive ones than k. */
static void
test_select (void)
{
  const gsize n = 70, n_latents = 90, width = 40;
  g_autofree float *h = g_new (float, n * n_latents), *block = g_new (float, n * width);

  for (guint trial = 0; trial < 24; trial++)
    {
      gboolean whole_batch = trial % 2;
      gsize k = 1 + (trial / 2) * 3;
      guint kind = trial / 8;
      g_autoptr (GRand) rand = g_rand_new_with_seed (trial);
      g_autoptr (CytTrainSelect) select = cyt_train_select_new (k, whole_batch, n);
      g_autofree guint8 *kept = NULL;
      float smallest = INFINITY;

      for (gsize i = 0; i < n * n_latents; i++)
        h[i] = kind == 0 ? normal (rand) : kind == 1 ? (float) g_rand_int_range (rand, -3, 4) : normal (rand) - 2;
      kept = select_naively (h, n, n_latents, k, whole_batch);
      for (guint run = 0; run < 2; run++)
        {
          cyt_train_select_begin (select, n);
          for (gsize i = 0; i < 3; i++)
            {
              /* of a whole batch in any order */
              gsize first = (whole_batch && run ? 2 - i : i) * width, size = MIN (width, n_latents - first);

              for (gsize t = 0; t < n; t++)
                memcpy (block + t * size, h + t * n_latents + first, size * sizeof (float));
              cyt_train_select_add (select, block, 0, n / 2, first, size);
              cyt_train_select_add (select, block + n / 2 * size, n / 2, n - n / 2, first, size);
            }
          cyt_train_select_finish (select);
          for (gsize t = 0; t < n; t++)
            {
              gsize n_kept, i = 0;
              const CytTopEntry *entries = cyt_train_select_get (select, t, &n_kept);

              for (gsize j = 0; j < n_latents; j++)
                if (kept[t * n_latents + j])
                  {
                    g_assert_cmpuint (i, <, n_kept);
                    g_assert_cmpuint (entries[i].latent, ==, j);
                    g_assert_true (entries[i++].value == h[t * n_latents + j]);
                    smallest = MIN (smallest, h[t * n_latents + j]);
                  }
              g_assert_cmpuint (i, ==, n_kept);
            }
          g_assert_true (!whole_batch || cyt_train_select_get_smallest (select) == smallest);
        }
    }
}

/* ---- Recipes ---- */

static void
assert_incomplete (CytTrainRecipe recipe, gsize d_sae, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (cyt_train_recipe_complete (&recipe, 100, d_sae, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_recipe (void)
{
  CytTrainRecipe recipe = CYT_TRAIN_RECIPE_INIT;

  recipe.variant = CYT_TRAIN_MATRYOSHKA;
  g_assert_true (cyt_train_recipe_complete (&recipe, 768, 49152, NULL));
  g_assert_cmpuint (recipe.aux_k, ==, 512);
  g_assert_cmpuint (recipe.n_prefixes, ==, 5);
  g_assert_cmpuint (recipe.prefixes[0], ==, 1536);
  g_assert_cmpuint (recipe.prefixes[4], ==, 49152);
  g_assert_true (recipe.l1 == 0 && recipe.l0 == 0 && !recipe.ghost);
  assert_incomplete (recipe, 49151, "there are 49151 latents");
  assert_incomplete (recipe, 63, "1 to 63");
  recipe.prefixes[1] = 1536;
  assert_incomplete (recipe, 49152, "1536 comes after 1536");
  /* more prefixes than latents */
  recipe.k = 1;
  recipe.n_prefixes = 0;
  g_assert_true (cyt_train_recipe_complete (&recipe, 2, 3, NULL));
  g_assert_cmpuint (recipe.prefixes[recipe.n_prefixes - 1], ==, 3);
  recipe.k = 0;
  assert_incomplete (recipe, 3, "k is 0");
}

/* ---- Threads ---- */

static void
assert_same_weights (const CytTrainWeights *a, const CytTrainWeights *b, gsize d, gsize k)
{
  g_assert_cmpmem (a->w_enc, k * d * sizeof (float), b->w_enc, k * d * sizeof (float));
  g_assert_cmpmem (a->b_enc, k * sizeof (float), b->b_enc, k * sizeof (float));
  g_assert_cmpmem (a->w_dec, k * d * sizeof (float), b->w_dec, k * d * sizeof (float));
  g_assert_cmpmem (a->b_dec, d * sizeof (float), b->b_dec, d * sizeof (float));
  g_assert_cmpmem (a->theta, k * sizeof (float), b->theta, k * sizeof (float));
}

static void
test_threads (void)
{
  for (guint variant = 0; variant < CYT_N_TRAIN_VARIANTS; variant++)
    {
      Problem p[2];

      for (guint i = 0; i < 2; i++)
        {
          CytTrainRecipe recipe = make_recipe (variant);
          g_autoptr (CytParallel) parallel = cyt_parallel_new (1 + 2 * i);
          g_autoptr (CytTrainStep) step = NULL;
          CytTrainLoss loss;

          problem_init (&p[i], 24, 1100, 2300, -2, 3);
          recipe.ghost = TRUE;
          recipe.dead_after = 1;
          p[i].state->scale = 1;
          for (gsize k = 0; variant == CYT_TRAIN_JUMPRELU && k < 1100; k++)
            p[i].state->w.theta[k] = 0.5f;
          g_assert_true (cyt_train_recipe_complete (&recipe, 24, 1100, NULL));
          step = cyt_train_step_new (&recipe, 24, 1100, 2300, parallel);
          for (guint s = 0; s < 4; s++)
            cyt_train_step_run (step, p[i].state, p[i].x, 2300 - 700 * s, &loss);
        }
      assert_same_weights (&p[0].state->w, &p[1].state->w, 24, 1100);
      problem_clear (&p[0]);
      problem_clear (&p[1]);
    }
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

/* The recipe as train_twin.py takes it. */
static char *
write_recipe (const CytTrainRecipe *r, double scale)
{
  g_autoptr (GString) prefixes = g_string_new (NULL);

  for (guint i = 0; i < r->n_prefixes; i++)
    g_string_append_printf (prefixes, "%s%zu", i > 0 ? "," : "", r->prefixes[i]);
  return g_strdup_printf ("{\"variant\":\"%s\",\"lr\":%.17g,\"warm_up\":%u,\"dead_after\":%u,\"l1\":%.17g,\"ghost\":%s,\"k\":%zu,"
                          "\"aux_k\":%zu,\"aux_weight\":%.17g,\"l0\":%.17g,\"bandwidth\":%.17g,\"scale\":%.9g,\"prefixes\":[%s]}",
                          cyt_train_variant_get_name (r->variant), r->lr, r->warm_up, r->dead_after, r->l1,
                          r->ghost ? "true" : "false", r->k, r->aux_k, r->aux_weight, r->l0, r->bandwidth, scale,
                          prefixes->str);
}

static float *
load (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  CytTensorInfo info;

  return cyt_test_load_npy (path, &info);
}

/* From the same start and batches every term of 200 steps is PyTorch's to a thousandth. */
static void
check_twin (CytTrainRecipe recipe)
{
  const gsize d = 32, k = 300, n = 400, n_steps = 200;
  g_autofree char *folder = cyt_test_make_tmpdir (), *json = NULL;
  g_autofree float *x = g_new (float, n_steps * n * d), *expected = NULL, *theta = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (CytParallel) parallel = cyt_parallel_new (2);
  g_autoptr (CytTrainStep) step = NULL;
  Problem p;
  gsize n_pulled = 0;
  double worst[N_TERMS + 1] = { 0 };

  g_assert_true (cyt_train_recipe_complete (&recipe, d, k, NULL));
  problem_init (&p, d, k, n, 0, 2);
  p.state->scale = 2;
  for (gsize i = 0; i < k; i++)
    {
      if (i % 4 == 0)
        p.state->w.b_enc[i] = -30; /* dead from the start */
      p.state->w.theta[i] = (float) (recipe.threshold * p.state->scale);
    }
  fill_tokens (x, n_steps * n, d, rand);
  save (folder, "w_enc.npy", p.state->w.w_enc, 2, (gint64[]){ k, d });
  save (folder, "w_dec.npy", p.state->w.w_dec, 2, (gint64[]){ k, d });
  save (folder, "b_enc.npy", p.state->w.b_enc, 1, (gint64[]){ k });
  save (folder, "b_dec.npy", p.state->w.b_dec, 1, (gint64[]){ d });
  save (folder, "theta.npy", p.state->w.theta, 1, (gint64[]){ k });
  save (folder, "x.npy", x, 3, (gint64[]){ n_steps, n, d });
  json = write_recipe (&recipe, p.state->scale);
  cyt_test_run_reference ("train_twin.py", folder, "200", json, NULL);
  expected = load (folder, "loss.npy");
  theta = load (folder, "theta_out.npy");

  step = cyt_train_step_new (&recipe, d, k, n, parallel);
  for (gsize i = 0; i < n_steps; i++)
    {
      const float *e = expected + (N_TERMS + 2) * i;
      CytTrainLoss loss;
      double got[N_TERMS + 1];

      cyt_train_step_run (step, p.state, x + i * n * d, n, &loss);
      list_terms (&loss, got);
      got[N_TERMS] = loss.l0;
      for (guint term = 0; term < N_TERMS + 1; term++)
        worst[term] = MAX (worst[term], fabs (got[term] - e[term]) / MAX (e[term], 1e-12));
      g_assert_cmpuint (loss.n_dead, ==, (gsize) e[N_TERMS + 1]);
      n_pulled += loss.ghost > 0 || loss.aux > 0;
    }
  g_test_message ("%s: largest relative errors: mse %.2g, nested %.2g, l1 %.2g, l0 penalty %.2g, ghost %.2g, aux %.2g, l0 %.2g; "
                  "threshold %.2g", cyt_train_variant_get_name (recipe.variant), worst[MSE], worst[NESTED], worst[L1],
                  worst[L0_PENALTY], worst[GHOST], worst[AUX], worst[N_TERMS], cyt_test_max_rel (p.state->w.theta, theta, k, 1e-6));
  for (guint term = 0; term < N_TERMS + 1; term++)
    g_assert_true (worst[term] <= 1e-3);
  g_assert_true (cyt_test_max_rel (p.state->w.theta, theta, k, 1e-6) <= 1e-3);
  if (recipe.variant != CYT_TRAIN_JUMPRELU)
    g_assert_cmpuint (n_pulled, >, 100);
  problem_clear (&p);
  cyt_test_remove_tree (folder);
}

static void
test_twin (gconstpointer variant)
{
  CytTrainRecipe recipe = CYT_TRAIN_RECIPE_INIT; /* as published */

  recipe.variant = GPOINTER_TO_UINT (variant);
  recipe.k = 8;
  check_twin (recipe);
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
  g_test_add_func ("/train/gradients/selected", test_gradients_selected);
  g_test_add_func ("/train/start", test_start);
  g_test_add_func ("/train/select", test_select);
  g_test_add_func ("/train/recipe", test_recipe);
  g_test_add_func ("/train/threads", test_threads);
  g_test_add_func ("/train/control", test_control);
  for (guint variant = 0; variant < CYT_N_TRAIN_VARIANTS; variant++)
    {
      g_autofree char *path = g_strdup_printf ("/train/twin/%s", cyt_train_variant_get_name (variant));

      g_test_add_data_func (path, GUINT_TO_POINTER (variant), test_twin);
    }
  g_test_add_func ("/train/forged-state", test_forged_state);
  return g_test_run ();
}
