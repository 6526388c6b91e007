/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-pca.h"
#include "io/cyt-error.h"
#include "model/cyt-sae.h"
#include "test-util.h"

static gboolean
read_decoder (gpointer user_data, gsize first, gsize n, float *out, GError **error)
{
  return cyt_sae_decoder_read (user_data, first, n, out, error);
}

/* The built-in SAE's directions against NumPy's SVD. */
static void
test_decoder (void)
{
  g_autofree char *folder = cyt_test_source ("data/models/pbc-tiny/sae");
  g_autofree char *weights = g_build_filename (folder, "sae_weights.safetensors", NULL);
  g_autofree char *tmp = cyt_test_make_tmpdir ();
  g_autofree char *coordinates_path = g_build_filename (tmp, "pca-coordinates.npy", NULL);
  g_autofree char *share_path = g_build_filename (tmp, "pca-share.npy", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytSaeDecoder) decoder = cyt_sae_decoder_open (folder, &error);
  g_autoptr (CytPca) pca = NULL;
  g_autofree float *expected = NULL, *share = NULL, *found = NULL;
  CytTensorInfo info;
  gsize n, d;

  g_assert_no_error (error);
  n = cyt_sae_decoder_get_config (decoder)->d_sae;
  d = cyt_sae_decoder_get_config (decoder)->d_in;
  pca = cyt_pca_fit (read_decoder, decoder, n, d, 5, NULL, &error);
  g_assert_no_error (error);
  found = g_new (float, n * 5);
  g_assert_true (cyt_pca_project (pca, read_decoder, decoder, n, found, NULL, &error));
  g_assert_no_error (error);

  cyt_test_run_reference ("pca.py", weights, tmp, NULL);
  expected = cyt_test_load_npy (coordinates_path, &info);
  g_assert_cmpint (info.shape[0], ==, n);
  g_assert_cmpint (info.shape[1], ==, 5);
  share = cyt_test_load_npy (share_path, &info);
  g_assert_true (cyt_test_nmse (found, expected, n * 5) <= 1e-10);
  for (guint i = 0; i < 5; i++)
    g_assert_true (fabs (pca->share[i] - share[i]) <= 1e-6);
  cyt_test_remove_tree (tmp);
}

typedef struct
{
  gsize d;
  double *axes; /* (2, d) */
  gboolean same, bad;
} Made;

/* Row i lies at (3 cos, sin) of i on two orthogonal axes, about (1, 1, …). */
static gboolean
read_made (gpointer user_data, gsize first, gsize n, float *out, GError **error)
{
  Made *made = user_data;

  for (gsize i = 0; i < n; i++)
    for (gsize c = 0; c < made->d; c++)
      {
        double t = made->same ? 0 : 0.7 * (first + i);

        out[i * made->d + c] = (float) (1 + 3 * cos (t) * made->axes[c] + sin (t) * made->axes[made->d + c]);
        if (made->bad && first + i == 3)
          out[i * made->d + c] = NAN;
      }
  return TRUE;
}

static void
test_known_axes (void)
{
  double axes[2 * 7] = { 0.6, -0.8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
  Made made = { .d = 7, .axes = axes };
  g_autoptr (GError) error = NULL;
  g_autoptr (CytPca) pca = cyt_pca_fit (read_made, &made, 1801, 7, 3, NULL, &error);

  g_assert_no_error (error);
  /* -0.8 is the largest, so the axis is turned round. */
  g_assert_true (fabs (pca->components[0] + 0.6) < 1e-3 && fabs (pca->components[1] - 0.8) < 1e-3);
  g_assert_true (fabs (pca->components[7 + 6] - 1) < 1e-3);
  g_assert_true (fabs (pca->share[0] - 0.9) < 1e-2 && fabs (pca->share[1] - 0.1) < 1e-2 && pca->share[2] < 1e-9);
}

static void
test_odd (void)
{
  double axes[2 * 7] = { 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0 };
  Made made = { .d = 7, .axes = axes, .same = TRUE };
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (CytPca) same = cyt_pca_fit (read_made, &made, 40, 7, 7, NULL, &error);
  g_autoptr (CytPca) one = NULL;
  float out[40 * 7];

  g_assert_no_error (error);
  g_assert_true (isnan (same->share[0]));
  g_assert_true (cyt_pca_project (same, read_made, &made, 40, out, NULL, &error));
  for (guint i = 0; i < G_N_ELEMENTS (out); i++)
    g_assert_true (fabs (out[i]) < 1e-6);
  made.d = 1;
  one = cyt_pca_fit (read_made, &made, 1, 1, 1, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (isnan (one->share[0]));

  made.d = 7;
  made.bad = TRUE;
  g_assert_null (cyt_pca_fit (read_made, &made, 40, 7, 2, NULL, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_null (cyt_pca_fit (read_made, &made, 40, CYT_PCA_MAX_COLUMNS + 1, 2, NULL, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  made.bad = FALSE;
  g_assert_null (cyt_pca_fit (read_made, &made, 40, 7, 2, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pca/decoder", test_decoder);
  g_test_add_func ("/pca/known-axes", test_known_axes);
  g_test_add_func ("/pca/odd", test_odd);
  return g_test_run ();
}
