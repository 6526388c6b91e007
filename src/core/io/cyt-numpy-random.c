/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "io/cyt-numpy-random.h"

/* ---- SeedSequence: a seed spread over a pool of four words ---- */

#define POOL_SIZE 4
#define INIT_A 0x43b0d7e5u
#define MULT_A 0x931e8875u
#define INIT_B 0x8b51f9ddu
#define MULT_B 0x58f38dedu
#define MIX_L 0xca01f9ddu
#define MIX_R 0x4973f715u
#define SHIFT 16

static guint32
hash (guint32 value, guint32 *constant, guint32 multiplier)
{
  value ^= *constant;
  *constant *= multiplier;
  value *= *constant;
  return value ^ value >> SHIFT;
}

static guint32
mix (guint32 x, guint32 y)
{
  guint32 result = MIX_L * x - MIX_R * y;

  return result ^ result >> SHIFT;
}

static void
fill_pool (guint32 *pool, guint64 seed)
{
  guint32 constant = INIT_A;

  /* a seed of one word leaves the others empty: a missing word counts as 0 */
  for (guint i = 0; i < POOL_SIZE; i++)
    pool[i] = hash (i < 2 ? (guint32) (seed >> 32 * i) : 0, &constant, MULT_A);
  for (guint from = 0; from < POOL_SIZE; from++)
    for (guint to = 0; to < POOL_SIZE; to++)
      if (from != to)
        pool[to] = mix (pool[to], hash (pool[from], &constant, MULT_A));
}

static void
draw_words (const guint32 *pool, guint64 *words, guint n)
{
  guint32 constant = INIT_B;

  for (guint i = 0; i < n; i++)
    {
      guint32 low = hash (pool[2 * i % POOL_SIZE], &constant, MULT_B);
      guint32 high = hash (pool[(2 * i + 1) % POOL_SIZE], &constant, MULT_B);

      words[i] = (guint64) high << 32 | low;
    }
}

/* ---- PCG64: a linear congruential generator of 128 bits, xorshift and rotation ---- */

__extension__ typedef unsigned __int128 Word128;

#define WORD128(high, low) ((Word128) G_GUINT64_CONSTANT (high) << 64 | G_GUINT64_CONSTANT (low))

typedef struct
{
  Word128 state;
  Word128 increment; /* odd */
  guint32 spare;     /* the upper half of the last output */
  gboolean has_spare;
} Pcg64;

static void
pcg64_step (Pcg64 *self)
{
  self->state = self->state * WORD128 (0x2360ed051fc65da4, 0x4385df649fccf645) + self->increment;
}

static void
pcg64_seed (Pcg64 *self, guint64 seed)
{
  guint32 pool[POOL_SIZE];
  guint64 words[4];

  fill_pool (pool, seed);
  draw_words (pool, words, G_N_ELEMENTS (words));
  *self = (Pcg64) { .increment = ((Word128) words[2] << 64 | words[3]) << 1 | 1 };
  pcg64_step (self);
  self->state += (Word128) words[0] << 64 | words[1];
  pcg64_step (self);
}

static guint32
pcg64_next_u32 (Pcg64 *self)
{
  guint64 folded, output;
  guint rotation;

  if (self->has_spare)
    {
      self->has_spare = FALSE;
      return self->spare;
    }
  pcg64_step (self);
  folded = (guint64) (self->state >> 64) ^ (guint64) self->state;
  rotation = (guint) (self->state >> 122);
  output = folded >> rotation | folded << (-rotation & 63);
  self->spare = (guint32) (output >> 32);
  self->has_spare = TRUE;
  return (guint32) output;
}

/* Uniform in 0 … @max: as many low bits as @max has, drawn anew while they are above it. */
static guint32
pcg64_next_below (Pcg64 *self, guint32 max)
{
  guint32 mask = G_MAXUINT32 >> (32 - g_bit_storage (max));
  guint32 value;

  do
    value = pcg64_next_u32 (self) & mask;
  while (value > max);
  return value;
}

void
cyt_numpy_permutation (guint64 seed, guint32 n, guint32 *out)
{
  Pcg64 random;

  pcg64_seed (&random, seed);
  for (guint32 i = 0; i < n; i++)
    out[i] = i;
  for (guint32 i = n; i-- > 1;)
    {
      guint32 j = pcg64_next_below (&random, i), held = out[i];

      out[i] = out[j];
      out[j] = held;
    }
}

void
cyt_numpy_random (guint64 seed, gsize n, float *out)
{
  Pcg64 random;

  pcg64_seed (&random, seed);
  for (gsize i = 0; i < n; i++)
    out[i] = (float) (pcg64_next_u32 (&random) >> 8) * 0x1p-24f;
}
