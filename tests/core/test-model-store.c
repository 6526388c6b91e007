/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "io/cyt-error.h"
#include "io/cyt-hash.h"
#include "project/cyt-model-store.h"
#include "test-util.h"

static char *dir;     /* models of PyTorch's making */
static char *encoder; /* one that fits … */
static char *sae;     /* … this */
static char *encoder_sha256;
static char *sae_sha256;

static CytSharedModels *
get (CytModelStore *store, const char *encoder_path, const char *encoder_hash, const char *sae_path,
     const char *sae_hash, GError **error)
{
  g_autoptr (CytModelFiles) files = cyt_model_files_new (encoder_path, encoder_hash, sae_path, sae_hash, -2);

  return cyt_model_store_get (store, files, NULL, error);
}

static void
test_shared (void)
{
  g_autoptr (CytModelStore) store = cyt_model_store_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *other = g_build_filename (dir, "timm.safetensors", NULL);
  g_autoptr (CytSharedModels) by_path = get (store, encoder, NULL, sae, NULL, &error), by_identity = NULL,
                              elsewhere = NULL, another = NULL;

  g_assert_no_error (error);
  by_identity = get (store, encoder, encoder_sha256, sae, sae_sha256, &error);
  g_assert_true (by_identity == by_path);
  /* the same model under another name is the one that is loaded */
  elsewhere = get (store, "/nowhere/e.pth", encoder_sha256, "/nowhere/s.pt", sae_sha256, &error);
  g_assert_true (elsewhere == by_path);
  another = get (store, other, NULL, sae, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (another != by_path);
  /* still usable by who holds it */
  g_assert_cmpuint (cyt_encoder_get_config (by_path->models->encoder)->d, ==, 128);
}

static gpointer
get_thread (gpointer store)
{
  return get (store, encoder, encoder_sha256, sae, sae_sha256, NULL);
}

static void
test_threads (void)
{
  g_autoptr (CytModelStore) store = cyt_model_store_new ();
  GThread *threads[4];
  CytSharedModels *models[4];

  for (guint i = 0; i < 4; i++)
    threads[i] = g_thread_new ("get", get_thread, store);
  for (guint i = 0; i < 4; i++)
    models[i] = g_thread_join (threads[i]);
  for (guint i = 0; i < 4; i++)
    {
      g_assert_nonnull (models[i]);
      g_assert_true (models[i] == models[0]);
    }
  for (guint i = 0; i < 4; i++)
    cyt_shared_models_unref (models[i]);
}

static void
assert_refused (CytModelStore *store, const char *encoder_path, const char *encoder_hash, const char *sae_path,
                const char *sae_hash, int code, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (get (store, encoder_path, encoder_hash, sae_path, sae_hash, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, CYT_MODELS_ERROR, code);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_null (strchr (error->message, '\n'));
}

static void
test_missing (void)
{
  g_autoptr (CytModelStore) store = cyt_model_store_new ();

  assert_refused (store, "/nowhere/e.pth", encoder_sha256, sae, sae_sha256, CYT_MODELS_ERROR_ENCODER_MISSING,
                  "/nowhere/e.pth");
  assert_refused (store, encoder, encoder_sha256, "/nowhere/s.pt", sae_sha256, CYT_MODELS_ERROR_SAE_MISSING,
                  "/nowhere/s.pt");
}

static void
test_changed (void)
{
  g_autoptr (CytModelStore) store = cyt_model_store_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *other = g_build_filename (dir, "timm.safetensors", NULL), *wrong = g_build_filename (dir, "topk", NULL);
  g_autofree char *garbage = g_build_filename (dir, "garbage.pth", NULL), *good = NULL;
  g_autoptr (CytSharedModels) models = NULL;
  gsize n;

  /* another model, a file that is none, and one that is damaged: all are another file */
  assert_refused (store, other, encoder_sha256, sae, sae_sha256, CYT_MODELS_ERROR_ENCODER_CHANGED, "timm.safetensors");
  assert_refused (store, encoder, encoder_sha256, wrong, sae_sha256, CYT_MODELS_ERROR_SAE_CHANGED, "topk");
  g_assert_true (g_file_set_contents (garbage, "no checkpoint", -1, NULL));
  assert_refused (store, garbage, encoder_sha256, sae, sae_sha256, CYT_MODELS_ERROR_ENCODER_CHANGED, "garbage.pth");
  /* put right, it is read again */
  g_assert_true (g_file_get_contents (encoder, &good, &n, NULL));
  g_assert_true (g_file_set_contents (garbage, good, n, NULL));
  models = get (store, garbage, encoder_sha256, sae, sae_sha256, &error);
  g_assert_no_error (error);
  g_assert_nonnull (models);
}

/* A project that was made elsewhere with the built-in models finds those of this machine. */
static void
test_builtin (void)
{
  g_autoptr (CytModelStore) store = cyt_model_store_new ();
  g_autofree char *own_encoder = cyt_models_find_builtin ("encoder.safetensors"), *own_sae = cyt_models_find_builtin ("sae");
  g_autofree char *encoder_hash = cyt_hash_path (own_encoder, NULL, NULL), *sae_hash = cyt_hash_path (own_sae, NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytSharedModels) models = get (store, "/elsewhere/pbc-tiny/encoder.safetensors", encoder_hash,
                                            "/elsewhere/pbc-tiny/sae", sae_hash, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (cyt_sae_get_config (models->models->sae)->d_sae, ==, 3072);
}

static void
test_verify (void)
{
  g_autofree char *folder = g_build_filename (dir, "relu", NULL),
                  *weights = g_build_filename (folder, "sae_weights.safetensors", NULL);
  g_autofree char *hash = cyt_hash_path (folder, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (cyt_model_verify ("encoder", encoder, encoder_sha256, NULL, NULL));
  /* the weights in a SAELens folder stand for the folder */
  g_assert_true (cyt_model_verify ("sae", folder, hash, NULL, NULL));
  g_assert_true (cyt_model_verify ("sae", weights, hash, NULL, NULL));
  g_assert_false (cyt_model_verify ("sae", sae, hash, NULL, &error));
  g_assert_error (error, CYT_MODELS_ERROR, CYT_MODELS_ERROR_SAE_CHANGED);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  dir = cyt_test_make_tmpdir ();
  cyt_test_run_reference ("make_models.py", dir, "tiny", NULL);
  encoder = g_build_filename (dir, "dinov2.pth", NULL);
  sae = g_build_filename (dir, "relu.pt", NULL);
  encoder_sha256 = cyt_hash_path (encoder, NULL, NULL);
  sae_sha256 = cyt_hash_path (sae, NULL, NULL);
  g_test_add_func ("/model-store/shared", test_shared);
  g_test_add_func ("/model-store/threads", test_threads);
  g_test_add_func ("/model-store/missing", test_missing);
  g_test_add_func ("/model-store/changed", test_changed);
  g_test_add_func ("/model-store/builtin", test_builtin);
  g_test_add_func ("/model-store/verify", test_verify);
  result = g_test_run ();
  cyt_test_remove_tree (dir);
  g_free (encoder);
  g_free (sae);
  g_free (encoder_sha256);
  g_free (sae_sha256);
  g_free (dir);
  return result;
}
