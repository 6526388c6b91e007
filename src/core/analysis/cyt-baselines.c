/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-baselines.h"
#include "analysis/cyt-kmeans.h"
#include "analysis/cyt-measures-phase.h"
#include "analysis/cyt-pca.h"
#include "io/cyt-error.h"
#include "io/cyt-numpy-random.h"
#include "model/cyt-pipeline.h"
#include "model/cyt-token-latents.h"
#include "tensor/cyt-blas.h"
#include "train/cyt-train-kernels.h"

#define MAX_IMAGES 1024
#define MAX_TOKENS 32768
#define MAX_KMEANS_TOKENS 16384
#define KMEANS_ITERATIONS 25
#define KMEANS_TOLERANCE 1e-4 /* of the variance */
/* Directions whose pre-activations are made at a time. */
#define DIRECTIONS_AT_ONCE 64

/* The tokens that all are fitted to, and how often the SAE's latents fire on all tokens of the same images. */
typedef struct
{
  gsize d, n_latents;
  gsize n, n_most;
  gsize n_per_image;
  float *tokens;         /* (n, d) */
  gsize n_images;
  guint64 *n_active;     /* (n_latents) tokens with f > 0 */
  guint64 seed;
  CytProgress *progress;
} Sample;

gsize
cyt_baselines_get_n_images (gsize n)
{
  return MIN (n, MAX_IMAGES);
}

/* ---- The sample ---- */

static gboolean
add_image (CytPipelineResult *result, gpointer user_data, GError **error)
{
  Sample *sample = user_data;
  guint32 order[CYT_N_TOKENS];

  if (sample->progress != NULL)
    cyt_progress_advance (sample->progress, 1, result->error != NULL);
  if (result->error != NULL)
    return TRUE;
  sample->n_images++;
  for (guint i = 0; i < result->latents.n; i++)
    sample->n_active[result->latents.latent[i]] += result->latents.count[i];
  cyt_numpy_permutation (sample->seed + result->index, CYT_N_TOKENS, order);
  for (gsize i = 0; i < sample->n_per_image && sample->n < sample->n_most; i++)
    memcpy (sample->tokens + sample->n++ * sample->d, result->tokens + order[i] * sample->d, sample->d * sizeof (float));
  return TRUE;
}

static gboolean
take_sample (Sample *sample, const CytBaselinesOptions *options, const CytDictionary *sae, GCancellable *cancellable,
             GError **error)
{
  gsize n_images = cyt_baselines_get_n_images (cyt_image_list_get_n_items (options->list));
  g_autoptr (CytImageList) list = cyt_image_list_sample (options->list, n_images);
  CytPipelineOptions pipeline = { .encoder = options->encoder, .sae = sae->sae, .block = options->block, .tau = 0,
                                  .n_threads = options->n_threads, .want_tokens = TRUE };

  sample->d = sae->d;
  sample->n_latents = sae->n;
  sample->seed = options->seed;
  sample->n_per_image = MIN (CYT_N_TOKENS, (MAX_TOKENS + n_images - 1) / n_images);
  sample->n_most = MIN (MAX_TOKENS, sample->n_per_image * n_images);
  sample->tokens = g_new (float, sample->n_most * sample->d);
  sample->n_active = g_new0 (guint64, sample->n_latents);
  if (sample->progress != NULL)
    {
      cyt_progress_set_phase (sample->progress, CYT_MEASURES_PHASE_SAMPLE, "images", 0, 0, -1);
      cyt_progress_start (sample->progress, 0, n_images);
    }
  if (!cyt_pipeline_run (&pipeline, list, add_image, sample, cancellable, error))
    return FALSE;
  if (sample->n > 2 * options->n_centroids)
    return TRUE;
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY,
               "%s: the %" G_GSIZE_FORMAT " images that can be read are too few for baselines with %" G_GSIZE_FORMAT
               " centroids", options->list->root, sample->n_images, options->n_centroids);
  return FALSE;
}

/* ---- Dimensions and components ---- */

/* directions (n, d) and their opposites, about @centre (d, or NULL). */
static CytDictionary *
make_signed (const char *name, const float *directions, gsize n, gsize d, const float *centre)
{
  g_autofree float *both = g_new (float, 2 * n * d);
  CytSaeConfig config = { .kind = CYT_SAE_RELU, .d_in = d, .d_sae = 2 * n };

  memcpy (both, directions, n * d * sizeof *both);
  for (gsize i = 0; i < n * d; i++)
    both[n * d + i] = -directions[i];
  return cyt_dictionary_new (name, cyt_sae_new (name, &config, both, NULL, centre), both, centre);
}

static CytDictionary *
make_dimensions (const Sample *sample)
{
  g_autofree float *unit = g_new0 (float, sample->d * sample->d);

  for (gsize i = 0; i < sample->d; i++)
    unit[i * sample->d + i] = 1;
  return make_signed ("dimensions", unit, sample->d, sample->d, NULL);
}

static gboolean
read_tokens (gpointer user_data, gsize first, gsize n, float *out, GError **error)
{
  const Sample *sample = user_data;

  memcpy (out, sample->tokens + first * sample->d, n * sample->d * sizeof *out);
  return TRUE;
}

static CytDictionary *
make_pca (Sample *sample, const CytPca *pca, const float *mean)
{
  g_autofree float *directions = g_new (float, pca->n_components * sample->d);

  for (gsize i = 0; i < pca->n_components * sample->d; i++)
    directions[i] = (float) pca->components[i];
  return make_signed ("pca", directions, pca->n_components, sample->d, mean);
}

/* ---- Means ---- */

static CytDictionary *
make_kmeans (const Sample *sample, const CytBaselinesOptions *options, const float *mean, GCancellable *cancellable,
             GError **error)
{
  gsize d = sample->d, k = options->n_centroids, n = MIN (sample->n, MAX_KMEANS_TOKENS);
  g_autofree guint32 *order = g_new (guint32, sample->n);
  g_autofree double *points = g_new (double, n * d), *centres = g_new (double, k * d);
  g_autofree guint32 *labels = g_new (guint32, n);
  g_autofree float *directions = g_new (float, k * d), *bias = g_new (float, k);
  CytSaeConfig config = { .kind = CYT_SAE_TOPK, .d_in = d, .d_sae = k, .k = 1 };
  CytDictionary *dictionary;
  double inertia, variance = 0;

  cyt_numpy_permutation (options->seed, sample->n, order);
  for (gsize i = 0; i < n; i++)
    for (gsize c = 0; c < d; c++)
      {
        points[i * d + c] = sample->tokens[order[i] * d + c] - mean[c];
        variance += points[i * d + c] * points[i * d + c];
      }
  memcpy (centres, points, k * d * sizeof *centres);
  if (!cyt_kmeans_lloyd (points, n, d, k, KMEANS_TOLERANCE * variance / (double) n, KMEANS_ITERATIONS, centres, labels,
                         &inertia, sample->progress, cancellable, error))
    return NULL;
  /* (‖y‖² − ‖y − c‖²) / 2 = y·c − ‖c‖² / 2, largest for the nearest */
  for (gsize i = 0; i < k; i++)
    {
      double square = 0;

      for (gsize c = 0; c < d; c++)
        {
          directions[i * d + c] = (float) centres[i * d + c];
          square += centres[i * d + c] * centres[i * d + c];
        }
      bias[i] = (float) (-0.5 * square);
    }
  dictionary = cyt_dictionary_new ("kmeans", cyt_sae_new ("kmeans", &config, directions, bias, mean), directions, mean);
  dictionary->hard = TRUE;
  return dictionary;
}

/* ---- Random directions ---- */

/* x (n) standard normal, by G. Box and M. Muller (1958). */
static void
fill_normal (float *x, gsize n, guint64 seed)
{
  g_autofree float *uniform = g_new (float, n + n % 2);

  cyt_numpy_random (seed, n + n % 2, uniform);
  for (gsize i = 0; i < n; i += 2)
    {
      double radius = sqrt (-2 * log (1.0 - uniform[i])), angle = 2 * G_PI * uniform[i + 1];

      x[i] = (float) (radius * cos (angle));
      if (i + 1 < n)
        x[i + 1] = (float) (radius * sin (angle));
    }
}

/* The @rank-th largest of x (n), counted from 0, by C. Hoare's selection (1961); changes their order. */
static float
select_largest (float *x, gsize n, gsize rank)
{
  gssize low = 0, high = n - 1;

  while (low < high)
    {
      float pivot = x[low + (high - low) / 2];
      gssize i = low - 1, j = high + 1;

      while (TRUE)
        {
          float swap;

          do
            i++;
          while (x[i] > pivot);
          do
            j--;
          while (x[j] < pivot);
          if (i >= j)
            break;
          swap = x[i];
          x[i] = x[j];
          x[j] = swap;
        }
      /* x[low … j] ≥ pivot ≥ x[j + 1 … high] */
      if ((gssize) rank <= j)
        high = j;
      else
        low = j + 1;
    }
  return x[rank];
}

/* Biases that let each direction fire on as many of the centred tokens as its latent does on all. */
static gboolean
find_biases (const Sample *sample, const float *directions, const float *centred, float *bias, GCancellable *cancellable,
             GError **error)
{
  gsize n = sample->n, d = sample->d;
  double n_tokens = (double) sample->n_images * CYT_N_TOKENS;
  g_autofree float *h = g_new (float, n * DIRECTIONS_AT_ONCE), *column = g_new (float, n);

  if (sample->progress != NULL)
    cyt_progress_start (sample->progress, 0, sample->n_latents);
  for (gsize first = 0; first < sample->n_latents; first += DIRECTIONS_AT_ONCE)
    {
      gsize m = MIN (DIRECTIONS_AT_ONCE, sample->n_latents - first);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      cyt_blas_gemm_nt (h, m, centred, d, directions + first * d, d, n, m, d, 1, 0);
      for (gsize k = 0; k < m; k++)
        {
          gsize rank = (gsize) floor ((double) sample->n_active[first + k] / n_tokens * (double) n + 0.5);

          for (gsize i = 0; i < n; i++)
            column[i] = h[i * m + k];
          bias[first + k] = rank < n ? -select_largest (column, n, rank) : -select_largest (column, n, n - 1) + 1;
        }
      if (sample->progress != NULL)
        cyt_progress_advance (sample->progress, m, 0);
    }
  return TRUE;
}

/* The number by which Σ f w has to be multiplied to be nearest to x − x̄. */
static double
find_scale (const Sample *sample, const CytDictionary *dictionary, GCancellable *cancellable)
{
  g_autoptr (CytSaeWorkspace) ws = cyt_sae_workspace_new (dictionary->sae);
  g_autofree float *x_hat = g_new (float, sample->d);
  double product = 0, square = 0;

  for (gsize first = 0; first + CYT_N_TOKENS <= sample->n && !g_cancellable_is_cancelled (cancellable);
       first += CYT_N_TOKENS)
    {
      const float *tokens = sample->tokens + first * sample->d;
      g_autoptr (CytTokenLatents) latents = cyt_token_latents_new (dictionary->sae, ws, tokens, 0);

      for (gsize t = 0; t < CYT_N_TOKENS; t++)
        {
          memset (x_hat, 0, sample->d * sizeof *x_hat);
          for (gsize i = latents->start[t]; i < latents->start[t + 1]; i++)
            cyt_train_axpy (x_hat, latents->value[i], dictionary->w_dec + latents->latent[i] * sample->d, sample->d);
          for (gsize c = 0; c < sample->d; c++)
            {
              product += (double) x_hat[c] * (tokens[t * sample->d + c] - dictionary->b_dec[c]);
              square += (double) x_hat[c] * x_hat[c];
            }
        }
    }
  return square > 0 ? product / square : 1;
}

static CytDictionary *
make_random (const Sample *sample, const CytBaselinesOptions *options, const float *mean, GCancellable *cancellable,
             GError **error)
{
  gsize d = sample->d, n = sample->n_latents;
  g_autofree float *directions = g_new (float, n * d), *bias = g_new (float, n), *centred = g_new (float, sample->n * d);
  CytSaeConfig config = { .kind = CYT_SAE_RELU, .d_in = d, .d_sae = n };
  CytDictionary *dictionary;

  fill_normal (directions, n * d, options->seed + 1);
  for (gsize k = 0; k < n; k++)
    {
      float square = cyt_train_dot (directions + k * d, directions + k * d, d);

      cyt_train_scale (directions + k * d, 1 / sqrtf (square), d);
    }
  for (gsize i = 0; i < sample->n; i++)
    for (gsize c = 0; c < d; c++)
      centred[i * d + c] = sample->tokens[i * d + c] - mean[c];
  if (!find_biases (sample, directions, centred, bias, cancellable, error))
    return NULL;
  dictionary = cyt_dictionary_new ("random", cyt_sae_new ("random", &config, directions, bias, mean), directions, mean);
  cyt_train_scale (dictionary->w_dec, (float) find_scale (sample, dictionary, cancellable), n * d);
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    return dictionary;
  cyt_dictionary_free (dictionary);
  return NULL;
}

/* ---- All of them ---- */

static void
set_phase (Sample *sample, const char *phase, const char *unit)
{
  if (sample->progress != NULL)
    cyt_progress_set_phase (sample->progress, phase, unit, 0, 0, -1);
}

static gboolean
make_all (Sample *sample, const CytBaselinesOptions *options, GPtrArray *all, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytPca) pca = NULL;
  g_autofree float *mean = g_new (float, sample->d);
  CytDictionary *dictionary;

  set_phase (sample, CYT_MEASURES_PHASE_PCA, NULL);
  pca = cyt_pca_fit (read_tokens, sample, sample->n, sample->d, sample->d, cancellable, error);
  if (pca == NULL)
    return FALSE;
  for (gsize c = 0; c < sample->d; c++)
    mean[c] = (float) pca->mean[c];
  g_ptr_array_add (all, make_dimensions (sample));
  g_ptr_array_add (all, make_pca (sample, pca, mean));
  set_phase (sample, CYT_MEASURES_PHASE_KMEANS, "steps");
  if ((dictionary = make_kmeans (sample, options, mean, cancellable, error)) == NULL)
    return FALSE;
  g_ptr_array_add (all, dictionary);
  set_phase (sample, CYT_MEASURES_PHASE_RANDOM, "latents");
  if ((dictionary = make_random (sample, options, mean, cancellable, error)) == NULL)
    return FALSE;
  g_ptr_array_add (all, dictionary);
  return TRUE;
}

GPtrArray *
cyt_baselines_fit (const CytBaselinesOptions *options, const CytDictionary *sae, CytProgress *progress,
                   GCancellable *cancellable, GError **error)
{
  Sample sample = { .progress = progress };
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_dictionary_free);
  gboolean ok = take_sample (&sample, options, sae, cancellable, error)
                && make_all (&sample, options, all, cancellable, error);

  g_free (sample.tokens);
  g_free (sample.n_active);
  return ok ? g_steal_pointer (&all) : NULL;
}
