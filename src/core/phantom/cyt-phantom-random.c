/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phantom/cyt-phantom-private.h"

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit of @z reaches every bit of the result. */
static guint64
mix (guint64 z)
{
  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

#define GOLDEN G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)

void
cyt_phantom_random_init (CytPhantomRandom *self, guint64 seed, guint64 index, CytPhantomStream stream)
{
  self->key = mix (mix (mix (seed + GOLDEN) ^ (index + 1) * GOLDEN) ^ (stream * GOLDEN));
  self->counter = 0;
}

guint64
cyt_phantom_random_bits (CytPhantomRandom *self)
{
  return mix (self->key + ++self->counter * GOLDEN);
}

double
cyt_phantom_random_in (CytPhantomRandom *self, double low, double high)
{
  return low + (high - low) * ((cyt_phantom_random_bits (self) >> 11) * (1.0 / 9007199254740992.0));
}

/* The sum of four uniform numbers has variance 1/3: bell-shaped, bounded, and exact everywhere. */
double
cyt_phantom_random_normal (CytPhantomRandom *self, double mean, double sd)
{
  double sum = 0;

  for (int i = 0; i < 4; i++)
    sum += cyt_phantom_random_in (self, -0.5, 0.5);
  return mean + sd * sum * 1.7320508075688772;
}

guint
cyt_phantom_random_int (CytPhantomRandom *self, guint low, guint high)
{
  return low + (guint) (((cyt_phantom_random_bits (self) >> 32) * ((guint64) high - low + 1)) >> 32);
}

gboolean
cyt_phantom_random_chance (CytPhantomRandom *self, double p)
{
  return cyt_phantom_random_in (self, 0, 1) < p;
}

/* Taylor's polynomial after reduction to [−π/4, π/4]; error below 1e-9, far below a pixel. */
static double
sin_cos (double x, int quarter)
{
  double turns = x / (CYT_PHANTOM_PI / 2), r, r2;
  gint64 n = (gint64) (turns < 0 ? turns - 0.5 : turns + 0.5);

  r = x - n * (CYT_PHANTOM_PI / 2);
  r2 = r * r;
  n += quarter;
  if (n & 1)
    r = 1 + r2 * (-1. / 2 + r2 * (1. / 24 + r2 * (-1. / 720 + r2 * (1. / 40320 - r2 / 3628800))));
  else
    r = r * (1 + r2 * (-1. / 6 + r2 * (1. / 120 + r2 * (-1. / 5040 + r2 / 362880))));
  return n & 2 ? -r : r;
}

double
cyt_phantom_sin (double x)
{
  return sin_cos (x, 0);
}

double
cyt_phantom_cos (double x)
{
  return sin_cos (x, 1);
}

/* ln x = e ln 2 + 2 artanh ((m − 1) / (m + 1)), m in [√½, √2]. */
double
cyt_phantom_log (double x)
{
  int e = 0;
  double t, t2;

  for (; x > 1.4142135623730951; e++)
    x *= 0.5;
  for (; x < 0.70710678118654757; e--)
    x *= 2;
  t = (x - 1) / (x + 1);
  t2 = t * t;
  return e * 0.69314718055994531 +
    2 * t * (1 + t2 * (1. / 3 + t2 * (1. / 5 + t2 * (1. / 7 + t2 * (1. / 9 + t2 / 11)))));
}
