/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "io/cyt-error.h"
#include "model/cyt-pipeline.h"
#include "model/cyt-token-latents.h"
#include "tensor/cyt-blas.h"
#include "test-util.h"

/* All latents of a cell by token, against the walk that indexing takes (bit by bit) and against PyTorch
 * (tests/ref/vit.py). */

#define TAU 0.2f
#define BLOCK (-2)
#define N_IMAGES 2

static char *dir;  /* images and references */
static char *tiny; /* one model of each layout */

typedef struct
{
  char *encoder_path;
  char *sae_path;
  CytEncoder *encoder;
  CytSae *sae;
  char *image_paths[N_IMAGES];
  char *list_path;
  CytTokenLatents *latents[N_IMAGES];
} Fixture;

static void
fixture_init (Fixture *f, char *encoder_path, char *sae_path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) csv = g_string_new ("image\n");

  f->encoder_path = encoder_path;
  f->sae_path = sae_path;
  f->encoder = cyt_encoder_load (encoder_path, &error);
  g_assert_no_error (error);
  f->sae = cyt_sae_load (sae_path, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < N_IMAGES; i++)
    {
      g_autoptr (CytImage) image = NULL;

      f->image_paths[i] = g_strdup_printf ("%s/drawn-%u.png", dir, i);
      g_string_append_printf (csv, "%s\n", f->image_paths[i]);
      image = cyt_image_load (f->image_paths[i], &error);
      g_assert_no_error (error);
      f->latents[i] = cyt_token_latents_compute (f->encoder, f->sae, BLOCK, TAU, image, &error);
      g_assert_no_error (error);
    }
  f->list_path = g_build_filename (dir, "images.csv", NULL);
  g_assert_true (g_file_set_contents (f->list_path, csv->str, -1, NULL));
}

static void
fixture_clear (Fixture *f)
{
  for (guint i = 0; i < N_IMAGES; i++)
    {
      g_free (f->image_paths[i]);
      cyt_token_latents_free (f->latents[i]);
    }
  cyt_encoder_free (f->encoder);
  cyt_sae_free (f->sae);
  g_free (f->encoder_path);
  g_free (f->sae_path);
  g_free (f->list_path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
check_layout (const CytTokenLatents *l, gsize d_sae)
{
  g_assert_cmpuint (l->start[0], ==, 0);
  g_assert_cmpuint (l->start[CYT_N_TOKENS], >, 0);
  for (gsize t = 0; t < CYT_N_TOKENS; t++)
    for (gsize i = l->start[t]; i < l->start[t + 1]; i++)
      {
        g_assert_cmpuint (l->latent[i], <, d_sae);
        g_assert_true (i == l->start[t] || l->latent[i] > l->latent[i - 1]);
        g_assert_true (l->value[i] > 0);
      }
  g_assert_cmpuint (cyt_token_latents_get_n_bytes (l), >, 8 * l->start[CYT_N_TOKENS]);
}

static void
check_ranking (GArray *ranked, gsize n_expected)
{
  g_assert_cmpuint (ranked->len, ==, n_expected);
  for (guint i = 1; i < ranked->len; i++)
    {
      const CytRankedLatent *a = &g_array_index (ranked, CytRankedLatent, i - 1),
                            *b = &g_array_index (ranked, CytRankedLatent, i);

      g_assert_true (a->value > b->value || (a->value == b->value && a->latent < b->latent));
    }
}

/* ---- The walk of indexing ---- */

static gboolean
compare_with_index (CytPipelineResult *result, gpointer user_data, GError **error)
{
  const Fixture *f = user_data;
  const CytTokenLatents *l = f->latents[result->index];
  const CytCellLatents *a = &l->cell, *b = &result->latents;

  g_assert_null (result->error);
  g_assert_cmpuint (a->n, ==, b->n);
  g_assert_cmpmem (a->latent, a->n * sizeof *a->latent, b->latent, b->n * sizeof *b->latent);
  g_assert_cmpmem (a->score, a->n * sizeof *a->score, b->score, b->n * sizeof *b->score);
  g_assert_cmpmem (a->count, a->n * sizeof *a->count, b->count, b->n * sizeof *b->count);
  g_assert_cmpmem (a->cls, a->n * sizeof *a->cls, b->cls, b->n * sizeof *b->cls);
  g_assert_cmpmem (a->max, a->n * sizeof *a->max, b->max, b->n * sizeof *b->max);
  g_assert_cmpuint (result->maps->len, ==, b->n);
  for (guint i = 0; i < b->n; i++)
    {
      const CytSparseMap *expected = result->maps->pdata[i];
      double sum = cyt_token_latents_get (l, 0, b->latent[i]);
      CytSparseMap map;

      cyt_token_latents_get_map (l, b->latent[i], &map);
      g_assert_cmpuint (map.latent, ==, expected->latent);
      g_assert_cmpuint (map.n, ==, expected->n);
      g_assert_cmpmem (map.patch, map.n, expected->patch, expected->n);
      g_assert_cmpmem (map.value, map.n * sizeof (float), expected->value, expected->n * sizeof (float));
      g_assert_true (cyt_token_latents_get (l, 0, b->latent[i]) == b->cls[i]);
      for (guint p = 0; p < map.n; p++)
        sum += map.value[p];
      g_assert_true (fabs (sum / CYT_N_TOKENS - b->score[i]) <= 1e-6 * b->score[i]);
    }
  return TRUE;
}

static void
check_index (Fixture *f)
{
  const char *const args[] = { f->list_path, NULL };
  g_autoptr (CytImageList) list = cyt_image_list_new (args, NULL);
  gsize d_sae = cyt_sae_get_config (f->sae)->d_sae;
  g_autofree float *map_above = g_new0 (float, d_sae);
  const CytPipelineOptions options = { .encoder = f->encoder, .sae = f->sae, .block = BLOCK, .tau = TAU,
                                       .n_threads = 1, .map_above = map_above };

  for (guint i = 0; i < N_IMAGES; i++)
    check_layout (f->latents[i], d_sae);
  g_assert_true (cyt_pipeline_run (&options, list, compare_with_index, f, NULL, NULL));
}

/* ---- PyTorch ---- */

static float *
load (const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  CytTensorInfo info;

  return cyt_test_load_npy (path, &info);
}

/* f of PyTorch at one token: its maps leave CLS out. */
static const float *
reference_row (const float *cls, const float *maps, guint image, guint token, gsize d_sae)
{
  return token == 0 ? cls + image * d_sae : maps + (image * CYT_N_PATCHES + token - 1) * d_sae;
}

/* The ranking holds all that fires, and what is ranked k-th is the k-th largest of PyTorch's. */
static void
check_token_ranking (const CytTokenLatents *l, guint token, const float *expected, const float *certain, gsize d_sae,
                     double tolerance)
{
  g_autoptr (GArray) ranked = cyt_token_latents_rank_token (l, token);
  double before = INFINITY;

  check_ranking (ranked, l->start[token + 1] - l->start[token]);
  for (guint i = 0; i < ranked->len; i++)
    {
      const CytRankedLatent *r = &g_array_index (ranked, CytRankedLatent, i);

      g_assert_true (r->value == cyt_token_latents_get (l, token, r->latent));
      if (!(certain[r->latent] > 0))
        continue;
      g_assert_true (expected[r->latent] <= before + tolerance);
      before = MIN (before, expected[r->latent] + tolerance);
    }
}

static void
check_torch (Fixture *f)
{
  gsize d_sae = cyt_sae_get_config (f->sae)->d_sae;
  g_autofree float *cls = NULL, *maps = NULL, *scores = NULL, *certain = NULL;
  double largest = 0, worst = 0, worst_score = 0;

  cyt_test_run_reference ("vit.py", f->list_path, dir, f->encoder_path, "-2", f->sae_path, "0.2", NULL);
  cls = load ("cls.npy");
  maps = load ("maps.npy");
  scores = load ("scores.npy");
  certain = load ("certain.npy");
  for (gsize i = 0; i < N_IMAGES * CYT_N_PATCHES * d_sae; i++)
    largest = MAX (largest, maps[i]);
  for (guint image = 0; image < N_IMAGES; image++)
    {
      const CytTokenLatents *l = f->latents[image];
      g_autoptr (GArray) whole = cyt_token_latents_rank_cell (l);
      const float *sure = certain + image * d_sae;

      check_ranking (whole, l->cell.n);
      for (guint i = 0; i < whole->len; i++)
        {
          const CytRankedLatent *r = &g_array_index (whole, CytRankedLatent, i);

          if (sure[r->latent] > 0)
            worst_score = MAX (worst_score, fabs (r->value - scores[image * d_sae + r->latent]) / largest);
        }
      for (guint token = 0; token < CYT_N_TOKENS; token++)
        {
          const float *expected = reference_row (cls, maps, image, token, d_sae);

          for (gsize k = 0; k < d_sae; k++)
            if (sure[k] > 0)
              worst = MAX (worst, fabs (cyt_token_latents_get (l, token, k) - expected[k]) / largest);
          check_token_ranking (l, token, expected, sure, d_sae, 2e-5 * largest);
        }
    }
  g_test_message ("%s: errors of f %.2g, of score %.2g of the largest activation %.3g", f->sae_path, worst, worst_score,
                  largest);
  g_assert_true (largest > 0 && worst <= 1e-5 && worst_score <= 1e-5);
}

static void
check (char *encoder_path, char *sae_path)
{
  g_auto (Fixture) f = { 0 };

  fixture_init (&f, encoder_path, sae_path);
  check_index (&f);
  check_torch (&f);
}

static void
test_shipped (void)
{
  check (cyt_test_source ("data/models/pbc-tiny/encoder.safetensors"), cyt_test_source ("data/models/pbc-tiny/sae"));
}

/* TopK keeps its latents in another way; JumpReLU has a threshold of its own for each. */
static void
test_variant (gconstpointer name)
{
  check (g_build_filename (tiny, "dinov2.pth", NULL), g_build_filename (tiny, name, NULL));
}

static void
test_misfit (void)
{
  g_autofree char *encoder_path = cyt_test_source ("data/models/pbc-tiny/encoder.safetensors"),
                  *sae_path = g_build_filename (tiny, "relu.pt", NULL);
  g_autofree char *right_path = cyt_test_source ("data/models/pbc-tiny/sae");
  g_autoptr (CytEncoder) encoder = cyt_encoder_load (encoder_path, NULL);
  g_autoptr (CytSae) sae = cyt_sae_load (sae_path, NULL), right = cyt_sae_load (right_path, NULL);
  g_autoptr (CytImage) image = cyt_image_new (30, 20);
  g_autoptr (GError) error = NULL;

  g_assert_null (cyt_token_latents_compute (encoder, sae, BLOCK, TAU, image, &error));
  g_assert_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_MISMATCH);
  g_clear_error (&error);
  g_assert_null (cyt_token_latents_compute (encoder, right, 77, TAU, image, &error));
  g_assert_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_MISMATCH);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  cyt_blas_init ();
  dir = cyt_test_make_tmpdir ();
  tiny = g_build_filename (dir, "tiny", NULL);
  g_mkdir (tiny, 0700);
  cyt_test_run_reference ("make_models.py", tiny, "tiny", NULL);
  cyt_test_run_reference ("draw_images.py", dir, NULL);
  g_test_add_func ("/token-latents/shipped", test_shipped);
  g_test_add_data_func ("/token-latents/topk", "topk", test_variant);
  g_test_add_data_func ("/token-latents/jumprelu", "jumprelu", test_variant);
  g_test_add_func ("/token-latents/misfit", test_misfit);
  result = g_test_run ();
  cyt_test_remove_tree (dir);
  g_free (tiny);
  g_free (dir);
  return result;
}
