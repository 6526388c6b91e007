/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "io/cyt-npy.h"
#include "tensor/cyt-bicubic.h"
#include "tensor/cyt-blas.h"
#include "tensor/cyt-kernels.h"
#include "test-util.h"

/* Each kernel beside its naive twin in double precision, on size 1, odd sizes, non-multiples of the vector
 * width and real sizes. The seed is GTest's, printed by it at the start. */

static const gsize sizes[][2] = { { 1, 1 }, { 1, 17 }, { 3, 16 }, { 5, 31 }, { 7, 257 }, { 257, 64 }, { 257, 768 } };

static float *
random_array (gsize n, double low, double high)
{
  float *x = g_new (float, MAX (n, 1));

  for (gsize i = 0; i < n; i++)
    x[i] = (float) g_test_rand_double_range (low, high);
  return x;
}

#define FOR_SIZES(rows, d)                                                                                    \
  for (gsize s_ = 0, rows = 0, d = 0;                                                                         \
       s_ < G_N_ELEMENTS (sizes) && (rows = sizes[s_][0], d = sizes[s_][1], TRUE); s_++)

static void
assert_close (const float *got, const double *expected, gsize n, double tolerance, const char *what, gsize rows, gsize d)
{
  for (gsize i = 0; i < n; i++)
    {
      double error = fabs (got[i] - expected[i]);

      if (!(error <= tolerance * (1 + fabs (expected[i]))))
        g_error ("%s (%zu, %zu): element %zu is %.9g, expected %.9g", what, rows, d, i, got[i], expected[i]);
    }
}

static void
test_layer_norm (void)
{
  FOR_SIZES (rows, d)
    {
      g_autofree float *x = random_array (rows * d, -3, 50), *gamma = random_array (d, -2, 2), *beta = random_array (d, -1, 1);
      g_autofree float *out = g_new (float, rows *d);
      g_autofree double *expected = g_new (double, rows *d);

      for (gsize i = 0; i < rows; i++)
        {
          double mean = 0, variance = 0;

          for (gsize c = 0; c < d; c++)
            mean += x[i * d + c] / (double) d;
          for (gsize c = 0; c < d; c++)
            variance += (x[i * d + c] - mean) * (x[i * d + c] - mean) / d;
          for (gsize c = 0; c < d; c++)
            expected[i * d + c] = (x[i * d + c] - mean) / sqrt (variance + 1e-6) * gamma[c] + beta[c];
        }
      cyt_layer_norm (out, x, gamma, beta, rows, d, 1e-6f);
      /* A single element has no variance: the mean's rounding is all there is, blown up by 1/√eps. */
      if (d > 1)
        assert_close (out, expected, rows * d, 1e-5, "layer norm", rows, d);
    }
}

static void
test_activations (void)
{
  FOR_SIZES (rows, d)
    {
      g_autofree float *x = random_array (rows * d, -12, 12), *bias = random_array (2 * d, -1, 1);
      g_autofree float *two = random_array (rows * 2 * d, -12, 12), *out = g_new (float, rows *d);
      g_autofree double *expected = g_new (double, rows *d);

      for (gsize i = 0; i < rows * d; i++)
        {
          double v = (double) x[i] + bias[i % d];

          expected[i] = 0.5 * v * (1 + erf (v / sqrt (2)));
        }
      cyt_bias_gelu (x, bias, rows, d);
      assert_close (x, expected, rows * d, 1e-6, "gelu", rows, d);

      for (gsize i = 0; i < rows; i++)
        for (gsize c = 0; c < d; c++)
          {
            double a = (double) two[i * 2 * d + c] + bias[c], b = (double) two[i * 2 * d + d + c] + bias[d + c];

            expected[i * d + c] = a / (1 + exp (-a)) * b;
          }
      cyt_bias_swiglu (out, two, bias, rows, d);
      assert_close (out, expected, rows * d, 2e-6, "swiglu", rows, d);
    }
}

static void
test_softmax (void)
{
  FOR_SIZES (rows, d)
    {
      g_autofree float *x = random_array (rows * d, -80, 80);
      g_autofree double *expected = g_new (double, rows *d);

      for (gsize i = 0; i < rows; i++)
        {
          double max = -INFINITY, sum = 0;

          for (gsize c = 0; c < d; c++)
            max = MAX (max, x[i * d + c]);
          for (gsize c = 0; c < d; c++)
            sum += exp (x[i * d + c] - max);
          for (gsize c = 0; c < d; c++)
            expected[i * d + c] = exp (x[i * d + c] - max) / sum;
        }
      cyt_softmax (x, rows, d);
      assert_close (x, expected, rows * d, 1e-6, "softmax", rows, d);
    }
}

static void
test_rows (void)
{
  FOR_SIZES (rows, d)
    {
      g_autofree float *x = random_array (rows * d, -3, 3), *y = random_array (rows * d, -3, 3);
      g_autofree float *bias = random_array (d, -1, 1), *gamma = random_array (d, -1, 1), *out = g_new (float, rows *d);
      g_autofree double *expected = g_new (double, rows *d);

      for (gsize i = 0; i < rows * d; i++)
        expected[i] = (double) x[i] - bias[i % d];
      cyt_subtract_row (out, x, bias, rows, d);
      assert_close (out, expected, rows * d, 1e-6, "subtract row", rows, d);

      for (gsize i = 0; i < rows * d; i++)
        expected[i] = x[i] + (double) gamma[i % d] * ((double) y[i] + bias[i % d]);
      cyt_add_scaled (x, y, bias, gamma, rows, d);
      assert_close (x, expected, rows * d, 1e-6, "add scaled", rows, d);

      for (gsize i = 0; i < rows * d; i++)
        expected[i] = (double) y[i] + bias[i % d];
      cyt_add_bias (y, bias, rows, d);
      assert_close (y, expected, rows * d, 1e-6, "add bias", rows, d);
    }
}

static void
test_gemm (void)
{
  const gsize shapes[][3] = { { 1, 1, 1 }, { 3, 5, 7 }, { 17, 33, 9 }, { 257, 64, 257 }, { 257, 300, 192 } };

  for (gsize s = 0; s < G_N_ELEMENTS (shapes); s++)
    {
      gsize m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
      gsize ld_a = k + 3, ld_bt = k + 1, ld_b = n + 2, ld_out = n + 5;
      g_autofree float *a = random_array (m * ld_a, -1, 1), *bt = random_array (n * ld_bt, -1, 1);
      g_autofree float *b = random_array (k * ld_b, -1, 1), *out = random_array (m * ld_out, -1, 1);
      g_autofree float *before = g_memdup2 (out, m * ld_out * sizeof (float));

      cyt_blas_gemm_nt (out, ld_out, a, ld_a, bt, ld_bt, m, n, k, 0.5f, 1);
      for (gsize i = 0; i < m; i++)
        for (gsize j = 0; j < ld_out; j++)
          {
            double expected = before[i * ld_out + j];

            for (gsize c = 0; c < k && j < n; c++)
              expected += 0.5 * a[i * ld_a + c] * bt[j * ld_bt + c];
            g_assert_true (fabs (out[i * ld_out + j] - expected) <= 1e-5 * sqrt (k));
          }
      cyt_blas_gemm_nn (out, ld_out, a, ld_a, b, ld_b, m, n, k, 1, 0);
      for (gsize i = 0; i < m; i++)
        for (gsize j = 0; j < n; j++)
          {
            double expected = 0;

            for (gsize c = 0; c < k; c++)
              expected += (double) a[i * ld_a + c] * b[c * ld_b + j];
            g_assert_true (fabs (out[i * ld_out + j] - expected) <= 1e-5 * sqrt (k));
          }
    }
  g_test_message ("OpenBLAS kernels: %s", cyt_blas_get_kernels ());
}

static void
test_sae_tile (void)
{
  const gsize n_tokens[] = { 1, 2, 33, 257 };

  for (gsize s = 0; s < G_N_ELEMENTS (n_tokens); s++)
    {
      gsize n = n_tokens[s], t = CYT_SAE_TILE;
      g_autofree float *h = random_array (n * t, -1, 1), *bias = random_array (t, -1, 0.5), *threshold = random_array (t, 0, 0.3);
      g_autofree float *before = g_memdup2 (h, n * t * sizeof (float));
      double sum[CYT_SAE_TILE];
      guint32 count[CYT_SAE_TILE];
      float max[CYT_SAE_TILE];

      h[0] = before[0] = NAN;
      cyt_sae_reduce_tile (sum, count, max, h, bias, threshold, 0.2f, n);
      for (gsize k = 0; k < t; k++)
        {
          double expected_sum = 0;
          guint32 expected_count = 0;
          float expected_max = 0;

          for (gsize i = 0; i < n; i++)
            {
              float pre = before[i * t + k] + bias[k], f = pre > threshold[k] ? pre : 0;

              g_assert_cmpfloat (h[i * t + k], ==, f);
              expected_sum += f;
              expected_count += f > 0.2f;
              expected_max = MAX (expected_max, f);
            }
          g_assert_true (fabs (sum[k] - expected_sum) <= 1e-12 * n);
          g_assert_cmpuint (count[k], ==, expected_count);
          g_assert_cmpfloat (max[k], ==, expected_max);
        }
    }
}

static void
test_finite (void)
{
  for (gsize n = 0; n < 70; n++)
    {
      g_autofree float *x = random_array (n, -1e30, 1e30);
      const float bad[] = { NAN, INFINITY, -INFINITY };

      g_assert_true (cyt_all_finite (x, n));
      for (gsize b = 0; b < G_N_ELEMENTS (bad) && n > 0; b++)
        {
          gsize at = g_test_rand_int_range (0, n);
          float kept = x[at];

          x[at] = bad[b];
          g_assert_false (cyt_all_finite (x, n));
          x[at] = kept;
        }
    }
}

static void
test_patchify (void)
{
  const double mean[] = { 0.485, 0.456, 0.406 }, std[] = { 0.229, 0.224, 0.225 };
  g_autofree guint8 *pixels = g_malloc (224 * 224 * 3);
  g_autofree float *out = g_new (float, 256 * 588);

  for (gsize i = 0; i < 224 * 224 * 3; i++)
    pixels[i] = g_test_rand_int_range (0, 256);
  cyt_patchify (out, pixels);
  for (gsize patch = 0; patch < 256; patch++)
    for (gsize c = 0; c < 3; c++)
      for (gsize y = 0; y < 14; y++)
        for (gsize x = 0; x < 14; x++)
          {
            guint8 p = pixels[((patch / 16 * 14 + y) * 224 + patch % 16 * 14 + x) * 3 + c];

            g_assert_true (fabs (out[patch * 588 + c * 196 + y * 14 + x] - (p / 255.0 - mean[c]) / std[c]) <= 1e-6);
          }
}

static void
write_npy (const char *path, const float *data, const gint64 *shape, guint n_dims)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytNpyWriter) writer = cyt_npy_writer_new (path, CYT_DTYPE_F32, n_dims, shape, &error);
  gsize n = 1;

  g_assert_no_error (error);
  for (guint i = 0; i < n_dims; i++)
    n *= shape[i];
  g_assert_true (cyt_npy_writer_append (writer, data, n, &error));
  g_assert_true (cyt_npy_writer_close (writer, &error));
}

static void
test_bicubic (void)
{
  const guint sides[][2] = { { 37, 16 }, { 16, 16 }, { 7, 16 }, { 14, 16 }, { 40, 16 }, { 1, 16 } };
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *in_path = g_build_filename (dir, "in.npy", NULL), *out_path = g_build_filename (dir, "out.npy", NULL);

  for (gsize s = 0; s < G_N_ELEMENTS (sides); s++)
    {
      guint n_in = sides[s][0], n_out = sides[s][1], d = 6;
      g_autofree float *in = random_array (n_in * n_in * d, -1, 1), *out = g_new (float, n_out *n_out *d), *expected = NULL;
      g_autofree char *n_text = g_strdup_printf ("%u", n_out);
      const gint64 shape[] = { n_in, n_in, d };
      CytTensorInfo info;

      write_npy (in_path, in, shape, 3);
      cyt_test_run_reference ("interpolate.py", in_path, out_path, n_text, NULL);
      expected = cyt_test_load_npy (out_path, &info);
      g_assert_cmpuint (info.n_elements, ==, n_out * n_out * d);
      cyt_bicubic_resize_grid (out, n_out, in, n_in, d);
      for (gsize i = 0; i < info.n_elements; i++)
        g_assert_true (fabsf (out[i] - expected[i]) <= 2e-5f);
    }
  cyt_test_remove_tree (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  cyt_blas_init ();
  g_test_add_func ("/kernels/layer-norm", test_layer_norm);
  g_test_add_func ("/kernels/activations", test_activations);
  g_test_add_func ("/kernels/softmax", test_softmax);
  g_test_add_func ("/kernels/rows", test_rows);
  g_test_add_func ("/kernels/gemm", test_gemm);
  g_test_add_func ("/kernels/sae-tile", test_sae_tile);
  g_test_add_func ("/kernels/finite", test_finite);
  g_test_add_func ("/kernels/patchify", test_patchify);
  g_test_add_func ("/kernels/bicubic", test_bicubic);
  return g_test_run ();
}
