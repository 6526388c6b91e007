/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-progress.h"
#include "model/cyt-sae.h"

G_BEGIN_DECLS

/* Whether two SAEs of one encoder found the same concepts (METHODS §7): the unit decoder rows of A matched one to one
 * with those of B. */

#define CYT_SAE_STABILITY_NONE G_MAXUINT32
/* A pair with this cosine or more counts as the same concept. */
#define CYT_SAE_STABILITY_SAME 0.9

/* A pair, or a latent of either side that is in none. */
typedef struct
{
  guint32 a;                /* latent of A; CYT_SAE_STABILITY_NONE where B's has no partner; likewise: */
  guint32 b;
  double cosine;            /* −1…1; NAN where it is no pair */
  guint32 nearest_b;        /* the alive latent of B with the largest cosine with a, whoever else is matched with it;
                               CYT_SAE_STABILITY_NONE where there is no a */
  double nearest_b_cosine;  /* NAN where there is no a */
  guint32 nearest_a;        /* likewise of A, with b */
  double nearest_a_cosine;
} CytSaeStabilityRow;

typedef struct
{
  gsize d_in;
  gsize d_sae_a, d_sae_b;
  gsize n_alive_a, n_alive_b;   /* of those that were called alive, the ones whose decoder row is not zero */
  gsize n_pairs;                /* the smaller of the two */
  gsize n_same;                 /* pairs with a cosine >= CYT_SAE_STABILITY_SAME */
  double mean_cosine;           /* of the pairs: PW-MCC */
  double mmcs_a;                /* mean over A's latents of the largest cosine with one of B's */
  double mmcs_b;                /* the same from B's side */
  GArray *rows;                 /* of CytSaeStabilityRow, by a, then those without by b */
} CytSaeStability;
void cyt_sae_stability_free (CytSaeStability *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytSaeStability, cyt_sae_stability_free)

/* Computes all cosines, a tile of rows at a time, and keeps of each row the CYT_SAE_STABILITY_N_LISTED largest; then the
 * matching with the largest sum of them (cyt-assignment.h), exact whatever is listed: every latent of the side that has
 * fewer gets a partner, however bad.
 * in:  alive_a (d_sae of A), alive_b (d_sae of B): not 0 where the latent takes part; NULL: every latent
 * Time: n_a n_b d_in multiplications on every core, then at most n³ steps of one core for n alive latents of each, in
 * practice far fewer. Memory: both decoders' alive rows, 8 CYT_SAE_STABILITY_N_LISTED bytes a row, and what the
 * matching keeps; never all cosines.
 * Errors: CYT_CHECKPOINT_ERROR_MISMATCH for other d_in, or where nothing is alive; …_CORRUPT for numbers that are not
 * finite; G_IO_ERROR_CANCELLED. */
#define CYT_SAE_STABILITY_N_LISTED 512
CytSaeStability *cyt_sae_stability_compute (CytSaeDecoder *a, const guint8 *alive_a, CytSaeDecoder *b, const guint8 *alive_b,
                                     CytProgress *progress, GCancellable *cancellable, GError **error);

G_END_DECLS
