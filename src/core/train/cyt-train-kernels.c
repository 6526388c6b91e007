/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "train/cyt-train-kernels.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define KERNEL __attribute__ ((target_clones ("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif

/* glibc's vector mathematics, see tensor/cyt-kernels.c. */
#ifdef HAVE_LIBMVEC
__attribute__ ((simd ("notinbranch"))) extern float expf (float);
#endif

#define LANES 16

/* Adam's constants, PyTorch's defaults and CytoSAE's. */
#define BETA1 0.9f
#define BETA2 0.999f
#define EPS 1e-8f

KERNEL void
cyt_train_axpy (float *restrict y, float a, const float *restrict x, gsize d)
{
  for (gsize c = 0; c < d; c++)
    y[c] += a * x[c];
}

KERNEL float
cyt_train_dot (const float *restrict x, const float *restrict y, gsize d)
{
  float lane[LANES] = { 0 }, sum = 0;
  gsize c = 0;

  for (; c + LANES <= d; c += LANES)
    for (gsize l = 0; l < LANES; l++)
      lane[l] += x[c + l] * y[c + l];
  for (gsize l = 0; l < LANES; l++)
    sum += lane[l];
  for (; c < d; c++)
    sum += x[c] * y[c];
  return sum;
}

KERNEL void
cyt_train_scale (float *x, float a, gsize d)
{
  for (gsize c = 0; c < d; c++)
    x[c] *= a;
}

KERNEL double
cyt_train_residual (float *restrict grad, const float *restrict x, const float *restrict x_hat, float norm, double n,
                    gsize d)
{
  float scale = norm > 0 ? (float) (2 / (norm * n)) : 0;
  double sum = 0;

  for (gsize c = 0; c < d; c++)
    {
      float r = x_hat[c] - x[c];

      sum += r * r;
      grad[c] = scale * r;
    }
  return norm > 0 ? sum / norm : 0;
}

KERNEL double
cyt_train_ghost (float *restrict g, const float *restrict x, const float *restrict x_hat, float norm, double n,
                 gsize d)
{
  double g2 = 0, r2 = 0, sum = 0;
  float s, r_norm;

  for (gsize c = 0; c < d; c++)
    {
      float r = x[c] - x_hat[c];

      g2 += (double) g[c] * g[c];
      r2 += (double) r * r;
    }
  r_norm = (float) sqrt (r2);
  s = (float) (sqrt (r2) / (1e-6 + 2 * sqrt (g2)));
  if (!(norm > 0) || !(r_norm > 0))
    {
      for (gsize c = 0; c < d; c++)
        g[c] = 0;
      return 0;
    }
  for (gsize c = 0; c < d; c++)
    {
      float r = x[c] - x_hat[c];
      float e = s * g[c] - r;
      float m = e * e / r_norm;
      float scale = (r * r / norm) / (m + 1e-6f);

      sum += (double) scale * m;
      g[c] = (float) (scale * 2 * e / r_norm * s / n);
    }
  return sum;
}

KERNEL double
cyt_train_aux (float *restrict g, const float *restrict x, const float *restrict x_hat, float norm, float weight, double n,
               gsize d)
{
  float scale = norm > 0 ? (float) (2 * weight / (norm * n)) : 0;
  double sum = 0;

  for (gsize c = 0; c < d; c++)
    {
      float r = g[c] - (x[c] - x_hat[c]);

      sum += r * r;
      g[c] = scale * r;
    }
  return norm > 0 ? weight * sum / norm : 0;
}

KERNEL void
cyt_train_clamped_exp (float *x, float max, gsize n)
{
  for (gsize i = 0; i < n; i++)
    x[i] = expf (x[i] < max ? x[i] : max);
}

KERNEL void
cyt_train_adam (float *restrict w, float *restrict m, float *restrict v, const float *restrict g, float rate, float root,
                gsize d)
{
  for (gsize c = 0; c < d; c++)
    {
      m[c] = BETA1 * m[c] + (1 - BETA1) * g[c];
      v[c] = BETA2 * v[c] + (1 - BETA2) * g[c] * g[c];
      w[c] -= rate * m[c] / (sqrtf (v[c]) * root + EPS);
    }
}

KERNEL gsize
cyt_train_relu (float *restrict h, const float *restrict bias, gsize n_rows, gsize n)
{
  gsize n_active = 0;

  for (gsize i = 0; i < n_rows; i++)
    {
      float *row = h + i * n;
      guint32 active = 0;

      for (gsize c = 0; c < n; c++)
        {
          float f = row[c] + bias[c];

          f = f > 0 ? f : 0;
          active += f > 0;
          row[c] = f;
        }
      n_active += active;
    }
  return n_active;
}

KERNEL gsize
cyt_train_jumprelu (float *restrict h, const float *restrict bias, const float *restrict theta, float half, gsize n_rows,
                    gsize n, gsize *n_near)
{
  gsize n_active = 0, n_close = 0;

  for (gsize i = 0; i < n_rows; i++)
    {
      float *row = h + i * n;
      guint32 active = 0, near = 0;

      for (gsize c = 0; c < n; c++)
        {
          float f = row[c] + bias[c];
          gboolean is_active = f > theta[c], is_near = !is_active && theta[c] - f < half;

          active += is_active;
          near += is_near;
          row[c] = is_active ? f : is_near ? -1 : 0;
        }
      n_active += active;
      n_close += near;
    }
  *n_near = n_close;
  return n_active;
}
