/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The thresholds that are at hand without the encoder once every token's activation is known by its level: all of two
 * digits, 0, 0.01, … 1, then 1.1, … 10, then 11, … 75. At each of them counts are exact. */
#define CYT_N_LEVELS 256

/* The threshold of a level below CYT_N_LEVELS, ascending. */
double cyt_level_get_threshold (guint level);
/* The level with just this threshold, -1: there is none. */
int cyt_level_find (double threshold);
/* The level whose threshold is nearest, of two the lower one; @threshold is not NAN. */
guint cyt_level_find_nearest (double threshold);
/* The highest level whose threshold @f lies above; @f > 0. A token is counted at level l where cyt_level_of (f) >= l. */
guint8 cyt_level_of (float f);

/* The tokens on which a cell's latents fire, by level. */
typedef struct
{
  guint n;
  guint n_allocated;
  guint32 *latent;     /* (n) ascending, those with f > 0 on some token */
  guint16 *count;      /* (n) on how many, 1…257 */
  GByteArray *levels;  /* of these tokens, latent by latent, each latent's ascending */
} CytCellLevels;

void cyt_cell_levels_init (CytCellLevels *self);
void cyt_cell_levels_clear (CytCellLevels *self); /* frees the arrays */
void cyt_cell_levels_reset (CytCellLevels *self); /* empties them */
/* @levels: (count) in any order. */
void cyt_cell_levels_append (CytCellLevels *self, guint32 latent, const guint8 *levels, guint16 count);

G_END_DECLS
