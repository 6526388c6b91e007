/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "tensor/cyt-bicubic.h"

#define OFFSET 0.1 /* DINOv2's, against rounding of the output size */
#define A -0.75

/* Keys' cubic convolution: weights of the four neighbours at distance 1 + t, t, 1 − t, 2 − t. */
static void
cubic_weights (double t, double w[4])
{
  double s = 1 - t;

  w[0] = ((A * (t + 1) - 5 * A) * (t + 1) + 8 * A) * (t + 1) - 4 * A;
  w[1] = ((A + 2) * t - (A + 3)) * t * t + 1;
  w[2] = ((A + 2) * s - (A + 3)) * s * s + 1;
  w[3] = ((A * (s + 1) - 5 * A) * (s + 1) + 8 * A) * (s + 1) - 4 * A;
}

static void
locate (gsize i, gsize n_out, gsize n_in, gsize index[4], double w[4])
{
  double source = (i + 0.5) * (n_in / (n_out + OFFSET)) - 0.5;
  double base = floor (source);

  cubic_weights (source - base, w);
  for (int j = 0; j < 4; j++)
    index[j] = (gsize) CLAMP (base - 1 + j, 0.0, (double) (n_in - 1));
}

void
cyt_bicubic_resize_grid (float *out, gsize n_out, const float *in, gsize n_in, gsize d)
{
  for (gsize y = 0; y < n_out; y++)
    {
      gsize rows[4], columns[4];
      double wy[4], wx[4];

      locate (y, n_out, n_in, rows, wy);
      for (gsize x = 0; x < n_out; x++)
        {
          locate (x, n_out, n_in, columns, wx);
          for (gsize c = 0; c < d; c++)
            {
              double value = 0;

              for (int j = 0; j < 4; j++)
                for (int i = 0; i < 4; i++)
                  value += wy[j] * wx[i] * in[(rows[j] * n_in + columns[i]) * d + c];
              out[(y * n_out + x) * d + c] = (float) value;
            }
        }
    }
}
