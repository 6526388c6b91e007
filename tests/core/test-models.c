/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "io/cyt-error.h"
#include "model/cyt-pipeline.h"
#include "tensor/cyt-blas.h"
#include "test-util.h"

/* Encoder and SAE in every layout against PyTorch (tests/ref/vit.py), on real cells where they are there and
 * on drawn pictures otherwise. */

#define TAU 0.2f

static char *dir;   /* models and references */
static char *tiny;  /* made once: one model of each layout */

static char *
write_image_list (guint n)
{
  g_autofree char *cohort = cyt_test_shared_or_null ("cells/pbc/cohort.csv");
  char *list = g_build_filename (dir, "images.csv", NULL);
  g_autoptr (GString) csv = g_string_new ("image,label\n");

  if (cohort != NULL)
    {
      const char *const args[] = { cohort, NULL };
      g_autoptr (CytImageList) all = cyt_image_list_new (args, NULL);

      for (guint i = 0; i < n; i++)
        {
          g_autofree char *path = cyt_image_list_dup_path (all, i * 211 % cyt_image_list_get_n_items (all));

          g_string_append_printf (csv, "%s,\n", path);
        }
    }
  else
    {
      cyt_test_run_reference ("draw_images.py", dir, NULL);
      for (guint i = 0; i < n; i++)
        g_string_append_printf (csv, "drawn-%u.png,\n", i % 4);
    }
  g_assert_true (g_file_set_contents (list, csv->str, -1, NULL));
  return list;
}

typedef struct
{
  gsize d, d_sae, n;
  float *tokens, *scores, *counts, *cls, *max, *maps;
} Run;

static gboolean
collect (CytPipelineResult *result, gpointer user_data, GError **error)
{
  Run *run = user_data;
  gsize i = run->n++;
  const CytCellLatents *l = &result->latents;

  g_assert_null (result->error);
  g_assert_cmpuint (result->index, ==, i);
  memcpy (run->tokens + i * CYT_N_TOKENS * run->d, result->tokens, CYT_N_TOKENS * run->d * sizeof (float));
  for (guint k = 0; k < l->n; k++)
    {
      gsize at = i * run->d_sae + l->latent[k];

      g_assert_cmpuint (l->latent[k], <, run->d_sae);
      g_assert_true (k == 0 || l->latent[k] > l->latent[k - 1]);
      run->scores[at] = l->score[k];
      run->counts[at] = l->count[k];
      run->cls[at] = l->cls[k];
      run->max[at] = l->max[k];
    }
  for (guint m = 0; m < result->maps->len; m++)
    {
      const CytSparseMap *map = result->maps->pdata[m];
      float dense[CYT_N_PATCHES];

      cyt_sparse_map_to_dense (map, dense);
      for (gsize p = 0; p < CYT_N_PATCHES; p++)
        run->maps[(i * CYT_N_PATCHES + p) * run->d_sae + map->latent] = dense[p];
    }
  return TRUE;
}

static void
run_clear (Run *run)
{
  float *const arrays[] = { run->tokens, run->scores, run->counts, run->cls, run->max, run->maps };

  for (gsize i = 0; i < G_N_ELEMENTS (arrays); i++)
    g_free (arrays[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static float *
load (const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  CytTensorInfo info;

  return cyt_test_load_npy (path, &info);
}

/* Largest ‖a − b‖ / ‖b‖ over rows of @d. */
static double
worst_row (const float *a, const float *b, gsize n_rows, gsize d)
{
  double worst = 0;

  for (gsize i = 0; i < n_rows; i++)
    {
      double relative = sqrt (cyt_test_nmse (a + i * d, b + i * d, d));

      if (!(relative <= worst))
        worst = isnan (relative) ? INFINITY : relative;
    }
  return worst;
}

static void
compare (const char *encoder_path, const char *sae_path, int block, guint n_images)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytEncoder) encoder = cyt_encoder_load (encoder_path, &error);
  g_autoptr (CytSae) sae = NULL;
  g_autofree char *list_path = write_image_list (n_images), *block_text = g_strdup_printf ("%d", block);
  const char *const args[] = { list_path, NULL };
  g_autoptr (CytImageList) list = cyt_image_list_new (args, NULL);
  g_auto (Run) run = { 0 };
  g_autofree float *tokens = NULL, *scores = NULL, *low = NULL, *high = NULL, *certain = NULL, *cls = NULL, *max = NULL;
  g_autofree float *maps = NULL, *map_above = NULL;
  double token_error, score_error = 0, cls_error = 0, max_error = 0, map_error = 0, largest = 0;
  gsize n;

  g_assert_no_error (error);
  sae = cyt_sae_load (sae_path, &error);
  g_assert_no_error (error);
  cyt_test_run_reference ("vit.py", list_path, dir, encoder_path, block_text, sae_path, "0.2", NULL);

  run.d = cyt_encoder_get_config (encoder)->d;
  run.d_sae = cyt_sae_get_config (sae)->d_sae;
  n = n_images * run.d_sae;
  run.tokens = g_new0 (float, n_images *CYT_N_TOKENS *run.d);
  run.scores = g_new0 (float, n);
  run.counts = g_new0 (float, n);
  run.cls = g_new0 (float, n);
  run.max = g_new0 (float, n);
  if (run.d_sae <= 4096)
    {
      run.maps = g_new0 (float, n *CYT_N_PATCHES);
      map_above = g_new0 (float, run.d_sae);
      maps = load ("maps.npy");
    }
  {
    const CytPipelineOptions options = { .encoder = encoder, .sae = sae, .block = block, .tau = TAU, .n_threads = 2,
                                         .want_tokens = TRUE, .map_above = map_above };

    cyt_pipeline_run (&options, list, collect, &run, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (run.n, ==, n_images);
  }

  tokens = load ("tokens.npy");
  token_error = worst_row (run.tokens, tokens, n_images * CYT_N_TOKENS, run.d);
  g_test_message ("%s block %d: largest relative error of a token %.2g", encoder_path, block, token_error);
  g_assert_true (token_error <= 1e-4);

  scores = load ("scores.npy");
  low = load ("counts_low.npy");
  high = load ("counts_high.npy");
  certain = load ("certain.npy");
  cls = load ("cls.npy");
  max = load ("max.npy");
  for (gsize i = 0; i < n; i++)
    largest = MAX (largest, max[i]);
  for (gsize i = 0; i < n; i++)
    {
      if (!(certain[i] > 0))
        continue;
      score_error = MAX (score_error, fabs (run.scores[i] - scores[i]) / largest);
      cls_error = MAX (cls_error, fabs (run.cls[i] - cls[i]) / largest);
      max_error = MAX (max_error, fabs (run.max[i] - max[i]) / largest);
      g_assert_true (low[i] <= run.counts[i] && run.counts[i] <= high[i]);
      for (gsize p = 0; maps != NULL && p < CYT_N_PATCHES; p++)
        {
          gsize at = (i / run.d_sae * CYT_N_PATCHES + p) * run.d_sae + i % run.d_sae;

          map_error = MAX (map_error, fabs (run.maps[at] - maps[at]) / largest);
        }
    }
  g_test_message ("%s: errors of score %.2g, CLS %.2g, maximum %.2g, maps %.2g of the largest activation %.3g", sae_path,
                  score_error, cls_error, max_error, map_error, largest);
  g_assert_true (largest > 0 && score_error <= 1e-5 && cls_error <= 1e-5 && max_error <= 1e-5 && map_error <= 1e-5);
}

static char *
tiny_model (const char *name)
{
  return g_build_filename (tiny, name, NULL);
}

static void
test_encoder_layout (gconstpointer name)
{
  g_autofree char *encoder = tiny_model (name), *sae = tiny_model ("relu");

  compare (encoder, sae, -2, 3);
}

static void
test_sae_variant (gconstpointer name)
{
  g_autofree char *encoder = tiny_model ("dinov2.pth"), *sae = tiny_model (name);

  compare (encoder, sae, -2, 3);
}

static void
test_blocks (void)
{
  const int blocks[] = { 0, 2, 3, -1, -4 };
  g_autofree char *encoder = tiny_model ("dinov2.pth"), *sae = tiny_model ("relu.pt");
  g_autoptr (CytEncoder) loaded = cyt_encoder_load (encoder, NULL);
  gsize n;

  for (gsize i = 0; i < G_N_ELEMENTS (blocks); i++)
    compare (encoder, sae, blocks[i], 1);
  g_assert_true (cyt_encoder_resolve_block (loaded, -2, &n, NULL) && n == 3);
  g_assert_false (cyt_encoder_resolve_block (loaded, 4, &n, NULL));
  g_assert_false (cyt_encoder_resolve_block (loaded, -5, &n, NULL));
}

static void
test_real_size (gconstpointer size)
{
  g_autofree char *encoder = g_strdup_printf ("%s/%s.pth", dir, (const char *) size);
  g_autofree char *sae = g_strdup_printf ("%s/%s-sae.pt", dir, (const char *) size);

  cyt_test_run_reference ("make_models.py", dir, size, NULL);
  compare (encoder, sae, -2, 4);
  g_unlink (encoder);
  g_unlink (sae);
}

static void
test_shipped (void)
{
  g_autofree char *encoder = cyt_test_source ("data/models/pbc-tiny/encoder.safetensors");
  g_autofree char *sae = cyt_test_source ("data/models/pbc-tiny/sae");

  compare (encoder, sae, -2, 8);
}

static void
assert_refused (gboolean is_sae, const char *path, int code, const char *part)
{
  g_autoptr (GError) error = NULL;

  if (is_sae)
    g_assert_null (cyt_sae_load (path, &error));
  else
    g_assert_null (cyt_encoder_load (path, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, CYT_CHECKPOINT_ERROR, code);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, part));
  g_assert_null (strchr (error->message, '\n'));
}

/* Each file of make_misfits.py is named KIND-WHAT; the error must name what is wrong. */
static void
test_misfits (void)
{
  static const struct
  {
    const char *name;
    gboolean is_sae;
    int code;
    const char *part;
  } misfits[] = {
    { "missing.pth", FALSE, CYT_CHECKPOINT_ERROR_MISMATCH, "blocks.2.ls1.gamma is missing; expected shape (128)" },
    { "shape.pth", FALSE, CYT_CHECKPOINT_ERROR_MISMATCH, "blocks.1.attn.qkv.weight has shape (383, 128); expected (384, 128)" },
    { "hole.pth", FALSE, CYT_CHECKPOINT_ERROR_MISMATCH, "block 1 of 4 is missing" },
    { "stranger.pth", FALSE, CYT_CHECKPOINT_ERROR_MISMATCH, "blocks.0.attn.q_norm.weight" },
    { "patch16.pth", FALSE, CYT_CHECKPOINT_ERROR_MISMATCH, "(128, 3, 16, 16); expected (any, 3, 14, 14)" },
    { "grid.pth", FALSE, CYT_CHECKPOINT_ERROR_MISMATCH, "pos_embed" },
    { "nan.pth", FALSE, CYT_CHECKPOINT_ERROR_CORRUPT, "blocks.3.mlp.fc1.weight" },
    { "huge.pth", FALSE, CYT_CHECKPOINT_ERROR_TOO_LARGE, "out of proportion" },
    { "relu.pt", FALSE, CYT_CHECKPOINT_ERROR_MISMATCH, "not an encoder" },
    { "dinov2.pth", TRUE, CYT_CHECKPOINT_ERROR_MISMATCH, "not a sparse autoencoder" },
    { "transposed.pt", TRUE, CYT_CHECKPOINT_ERROR_MISMATCH, "W_enc has shape (1000, 128); expected (128, 1000)" },
    { "lying.pt", TRUE, CYT_CHECKPOINT_ERROR_MISMATCH, "d_in = 64" },
    { "gated", TRUE, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "gated" },
    { "normalised", TRUE, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "normalize_activations" },
    { "no-k", TRUE, CYT_CHECKPOINT_ERROR_MISMATCH, "whole number k" },
    { "no-threshold", TRUE, CYT_CHECKPOINT_ERROR_MISMATCH, "threshold" },
    { "infinite", TRUE, CYT_CHECKPOINT_ERROR_CORRUPT, "W_enc" },
  };

  cyt_test_run_reference ("make_misfits.py", tiny, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (misfits); i++)
    {
      g_autofree char *path = tiny_model (misfits[i].name);
      g_autofree char *named = misfits[i].is_sae && g_file_test (path, G_FILE_TEST_IS_DIR)
                                   ? g_strdup (path) : NULL;

      assert_refused (misfits[i].is_sae, named ? named : path, misfits[i].code, misfits[i].part);
    }
}

static void
test_mismatch (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *encoder_path = tiny_model ("dinov2.pth"), *sae_path = tiny_model ("wide.pt");
  g_autoptr (CytEncoder) encoder = cyt_encoder_load (encoder_path, NULL);
  g_autoptr (CytSae) sae = cyt_sae_load (sae_path, NULL);

  g_assert_false (cyt_sae_check_encoder (sae, encoder, &error));
  g_assert_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_MISMATCH);
  g_assert_nonnull (strstr (error->message, "192"));
  g_assert_nonnull (strstr (error->message, "128"));
}

static void
test_probe (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *encoder_path = tiny_model ("registers.pth"), *sae_path = tiny_model ("topk");
  g_autoptr (CytCheckpoint) checkpoint = cyt_checkpoint_open (encoder_path, NULL);
  CytEncoderConfig config;
  CytSaeConfig sae;

  g_assert_true (cyt_encoder_probe (checkpoint, &config, &error));
  g_assert_cmpuint (config.d, ==, 128);
  g_assert_cmpuint (config.n_blocks, ==, 4);
  g_assert_cmpuint (config.n_heads, ==, 2);
  g_assert_cmpuint (config.n_registers, ==, 4);
  g_assert_cmpuint (config.n_grid, ==, 37);
  g_assert_true (cyt_sae_probe (sae_path, &sae, &error));
  g_assert_cmpint (sae.kind, ==, CYT_SAE_TOPK);
  g_assert_cmpuint (sae.k, ==, 16);
  g_assert_cmpuint (sae.d_sae, ==, 1000);
  g_assert_cmpint (sae.block_layer, ==, CYT_SAE_DEFAULT_BLOCK);
  cyt_sae_config_clear (&sae);

  g_free (sae_path);
  sae_path = tiny_model ("first-block.pt");
  g_assert_true (cyt_sae_probe (sae_path, &sae, &error));
  g_assert_cmpint (sae.block_layer, ==, 0);
  cyt_sae_config_clear (&sae);
}

static gboolean
stop_after_two (CytPipelineResult *result, gpointer user_data, GError **error)
{
  if (++*(guint *) user_data < 2)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "enough");
  return FALSE;
}

static gboolean
cancel_after_two (CytPipelineResult *result, gpointer user_data, GError **error)
{
  static guint n = 0;

  if (++n == 2)
    g_cancellable_cancel (user_data);
  return TRUE;
}

static gboolean
keep_error (CytPipelineResult *result, gpointer user_data, GError **error)
{
  if (result->error != NULL)
    g_ptr_array_add (user_data, g_strdup_printf ("%zu %s", result->index, result->error->message));
  return TRUE;
}

static void
test_pipeline_ends (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *encoder_path = tiny_model ("dinov2.pth"), *list_path = write_image_list (40);
  g_autofree char *broken = g_build_filename (dir, "broken.csv", NULL), *not_image = g_build_filename (dir, "not.jpg", NULL);
  g_autoptr (CytEncoder) encoder = cyt_encoder_load (encoder_path, NULL);
  const char *const args[] = { list_path, NULL }, *const broken_args[] = { broken, NULL };
  g_autoptr (CytImageList) list = cyt_image_list_new (args, NULL), with_broken = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) errors = g_ptr_array_new_with_free_func (g_free);
  CytPipelineOptions options = { .encoder = encoder, .block = -2, .n_threads = 3 };
  guint n = 0;

  g_assert_false (cyt_pipeline_run (&options, list, stop_after_two, &n, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_cmpuint (n, ==, 2);
  g_clear_error (&error);

  g_assert_false (cyt_pipeline_run (&options, list, cancel_after_two, cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (cyt_pipeline_run (&options, list, keep_error, errors, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (not_image, "no image", -1, NULL));
  g_assert_true (g_file_set_contents (broken, "image\nabsent.png\nnot.jpg\n", -1, NULL));
  with_broken = cyt_image_list_new (broken_args, NULL);
  g_assert_true (cyt_pipeline_run (&options, with_broken, keep_error, errors, NULL, &error));
  g_assert_cmpuint (errors->len, ==, 2);
  g_assert_nonnull (strstr (errors->pdata[0], "absent.png"));
  g_assert_nonnull (strstr (errors->pdata[1], "not.jpg"));
}

/* The same image gives the same bits whatever runs beside it: what resuming an index rests on. */
static void
test_deterministic (void)
{
  g_autofree char *encoder_path = cyt_test_source ("data/models/pbc-tiny/encoder.safetensors");
  g_autofree char *sae_path = cyt_test_source ("data/models/pbc-tiny/sae"), *list_path = write_image_list (9);
  g_autoptr (CytEncoder) encoder = cyt_encoder_load (encoder_path, NULL);
  g_autoptr (CytSae) sae = cyt_sae_load (sae_path, NULL);
  const char *const args[] = { list_path, NULL };
  g_autoptr (CytImageList) list = cyt_image_list_new (args, NULL);
  g_autofree float *first_tokens = NULL, *first_scores = NULL;
  const guint threads[] = { 1, 2, 5 };

  for (gsize t = 0; t < G_N_ELEMENTS (threads); t++)
    {
      g_auto (Run) run = { .d = 192, .d_sae = 3072 };
      const CytPipelineOptions options = { .encoder = encoder, .sae = sae, .block = -2, .tau = TAU,
                                           .n_threads = threads[t], .want_tokens = TRUE };
      gsize n_tokens = 9 * CYT_N_TOKENS * run.d, n_scores = 9 * run.d_sae;

      run.tokens = g_new0 (float, n_tokens);
      run.scores = g_new0 (float, n_scores);
      run.counts = g_new0 (float, n_scores);
      run.cls = g_new0 (float, n_scores);
      run.max = g_new0 (float, n_scores);
      g_assert_true (cyt_pipeline_run (&options, list, collect, &run, NULL, NULL));
      if (t == 0)
        {
          first_tokens = g_steal_pointer (&run.tokens);
          first_scores = g_steal_pointer (&run.scores);
          continue;
        }
      g_assert_cmpmem (run.tokens, n_tokens * sizeof (float), first_tokens, n_tokens * sizeof (float));
      g_assert_cmpmem (run.scores, n_scores * sizeof (float), first_scores, n_scores * sizeof (float));
    }
}

int
main (int argc, char **argv)
{
  static const char *const layouts[]
      = { "dinobloom.pth", "dinov2.pth", "legacy.pth", "chunked.pth", "timm.safetensors", "hf.safetensors",
          "half.pth", "bfloat.safetensors", "registers.pth", "hf-registers.safetensors", "timm-registers.safetensors",
          "swiglu.pth", "hf-swiglu.safetensors", "timm-swiglu.safetensors" };
  static const char *const variants[]
      = { "relu.pt", "relu", "uncentred", "topk", "topk-scaled", "batchtopk", "jumprelu" };
  int result;

  g_test_init (&argc, &argv, NULL);
  cyt_blas_init ();
  dir = cyt_test_make_tmpdir ();
  tiny = g_build_filename (dir, "tiny", NULL);
  g_mkdir (tiny, 0700);
  cyt_test_run_reference ("make_models.py", tiny, "tiny", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      g_autofree char *path = g_strdup_printf ("/models/encoder/%s", layouts[i]);
      g_test_add_data_func (path, layouts[i], test_encoder_layout);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      g_autofree char *path = g_strdup_printf ("/models/sae/%s", variants[i]);
      g_test_add_data_func (path, variants[i], test_sae_variant);
    }
  g_test_add_func ("/models/blocks", test_blocks);
  g_test_add_data_func ("/models/size/S", "S", test_real_size);
  g_test_add_data_func ("/models/size/B", "B", test_real_size);
  g_test_add_func ("/models/shipped", test_shipped);
  g_test_add_func ("/models/misfits", test_misfits);
  g_test_add_func ("/models/mismatch", test_mismatch);
  g_test_add_func ("/models/probe", test_probe);
  g_test_add_func ("/pipeline/ends", test_pipeline_ends);
  g_test_add_func ("/pipeline/deterministic", test_deterministic);
  result = g_test_run ();
  cyt_test_remove_tree (dir);
  return result;
}
