/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "tensor/cyt-kernels.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define KERNEL __attribute__ ((target_clones ("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif

/* glibc's vector mathematics (libmvec, at most 4 ulp), which the compiler otherwise takes only under
 * -ffast-math. */
#ifdef HAVE_LIBMVEC
__attribute__ ((simd ("notinbranch"))) extern float erff (float);
__attribute__ ((simd ("notinbranch"))) extern float expf (float);
#endif

/* Independent partial sums: the order of additions is fixed, and the compiler may use vectors. */
#define LANES 16

KERNEL void
cyt_layer_norm (float *restrict out, const float *restrict x, const float *restrict gamma,
                const float *restrict beta, gsize n_rows, gsize d, float eps)
{
  for (gsize i = 0; i < n_rows; i++)
    {
      const float *row = x + i * d;
      float *o = out + i * d;
      float lane[LANES] = { 0 };
      double sum = 0, square = 0;
      float mean, scale;
      gsize c = 0;

      for (; c + LANES <= d; c += LANES)
        for (gsize l = 0; l < LANES; l++)
          lane[l] += row[c + l];
      for (gsize l = 0; l < LANES; l++)
        sum += lane[l];
      for (; c < d; c++)
        sum += row[c];
      mean = (float) (sum / d);

      for (gsize l = 0; l < LANES; l++)
        lane[l] = 0;
      for (c = 0; c + LANES <= d; c += LANES)
        for (gsize l = 0; l < LANES; l++)
          lane[l] += (row[c + l] - mean) * (row[c + l] - mean);
      for (gsize l = 0; l < LANES; l++)
        square += lane[l];
      for (; c < d; c++)
        square += (row[c] - mean) * (row[c] - mean);
      scale = (float) (1.0 / sqrt (square / d + eps));

      for (c = 0; c < d; c++)
        o[c] = (row[c] - mean) * scale * gamma[c] + beta[c];
    }
}

KERNEL void
cyt_bias_gelu (float *restrict x, const float *restrict bias, gsize n_rows, gsize d)
{
  for (gsize i = 0; i < n_rows; i++)
    for (gsize c = 0; c < d; c++)
      {
        float v = x[i * d + c] + bias[c];
        x[i * d + c] = 0.5f * v * (1.0f + erff (v * (float) G_SQRT2 * 0.5f));
      }
}

KERNEL void
cyt_bias_swiglu (float *restrict out, const float *restrict x, const float *restrict bias, gsize n_rows, gsize h)
{
  for (gsize i = 0; i < n_rows; i++)
    {
      const float *a = x + i * 2 * h, *b = a + h;

      for (gsize c = 0; c < h; c++)
        {
          float v = a[c] + bias[c];
          out[i * h + c] = v / (1.0f + expf (-v)) * (b[c] + bias[h + c]);
        }
    }
}

KERNEL void
cyt_add_bias (float *restrict x, const float *restrict bias, gsize n_rows, gsize d)
{
  for (gsize i = 0; i < n_rows; i++)
    for (gsize c = 0; c < d; c++)
      x[i * d + c] += bias[c];
}

KERNEL void
cyt_add_scaled (float *restrict x, const float *restrict y, const float *restrict bias,
                const float *restrict gamma, gsize n_rows, gsize d)
{
  for (gsize i = 0; i < n_rows; i++)
    for (gsize c = 0; c < d; c++)
      x[i * d + c] += gamma[c] * (y[i * d + c] + bias[c]);
}

KERNEL void
cyt_softmax (float *restrict x, gsize n_rows, gsize n)
{
  for (gsize i = 0; i < n_rows; i++)
    {
      float *row = x + i * n;
      float lane[LANES];
      float max, scale;
      double sum = 0;
      gsize c = 0;

      for (gsize l = 0; l < LANES; l++)
        lane[l] = row[0];
      for (; c + LANES <= n; c += LANES)
        for (gsize l = 0; l < LANES; l++)
          lane[l] = row[c + l] > lane[l] ? row[c + l] : lane[l];
      max = lane[0];
      for (gsize l = 1; l < LANES; l++)
        max = MAX (max, lane[l]);
      for (; c < n; c++)
        max = MAX (max, row[c]);

      for (c = 0; c < n; c++)
        row[c] = expf (row[c] - max);

      for (gsize l = 0; l < LANES; l++)
        lane[l] = 0;
      for (c = 0; c + LANES <= n; c += LANES)
        for (gsize l = 0; l < LANES; l++)
          lane[l] += row[c + l];
      for (gsize l = 0; l < LANES; l++)
        sum += lane[l];
      for (; c < n; c++)
        sum += row[c];
      scale = (float) (1.0 / sum);

      for (c = 0; c < n; c++)
        row[c] *= scale;
    }
}

KERNEL void
cyt_subtract_row (float *restrict out, const float *restrict x, const float *restrict b, gsize n_rows, gsize d)
{
  for (gsize i = 0; i < n_rows; i++)
    for (gsize c = 0; c < d; c++)
      out[i * d + c] = x[i * d + c] - b[c];
}

KERNEL void
cyt_sae_reduce_tile (double *restrict sum, guint32 *restrict count, float *restrict max, float *restrict h,
                     const float *restrict bias, const float *restrict threshold, float tau, gsize n_tokens)
{
  for (gsize k = 0; k < CYT_SAE_TILE; k++)
    {
      sum[k] = 0;
      count[k] = 0;
      max[k] = 0;
    }
  for (gsize t = 0; t < n_tokens; t++)
    {
      float *row = h + t * CYT_SAE_TILE;

      for (gsize k = 0; k < CYT_SAE_TILE; k++)
        {
          float pre = row[k] + bias[k];
          float f = pre > threshold[k] ? pre : 0.0f;

          row[k] = f;
          sum[k] += (double) f;
          count[k] += f > tau;
          max[k] = f > max[k] ? f : max[k];
        }
    }
}

KERNEL gboolean
cyt_all_finite (const float *x, gsize n)
{
  guint32 n_bad = 0;

  for (gsize i = 0; i < n; i++)
    n_bad |= !(fabsf (x[i]) <= G_MAXFLOAT);
  return n_bad == 0;
}

void
cyt_patchify (float *out, const guint8 *pixels)
{
  static const float mean[3] = { 0.485f, 0.456f, 0.406f };
  static const float std[3] = { 0.229f, 0.224f, 0.225f };

  for (gsize y = 0; y < 224; y++)
    for (gsize x = 0; x < 224; x++)
      for (gsize c = 0; c < 3; c++)
        {
          gsize patch = y / 14 * 16 + x / 14;
          gsize column = c * 196 + y % 14 * 14 + x % 14;

          out[patch * 588 + column] = (pixels[(y * 224 + x) * 3 + c] / 255.0f - mean[c]) / std[c];
        }
}
