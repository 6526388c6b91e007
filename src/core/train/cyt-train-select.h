/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tensor/cyt-top-k.h"

G_BEGIN_DECLS

/* Which pre-activations of a batch become activations, where that cannot be told from each alone: of positive ones
 *
 *   TopK       the k largest of each token (Gao et al. 2024, arXiv 2406.04093)
 *   BatchTopK  the k · n largest of all n tokens together (Bussmann et al. 2024, arXiv 2412.06410)
 *
 * Exact: of equal ones those of the lower latent, then of the lower token. They come block by block, and what cannot be
 * among the largest is forgotten at once: k entries of a token are kept, or at most 2 k · n and a block. */
typedef struct _CytTrainSelect CytTrainSelect;

CytTrainSelect *cyt_train_select_new (gsize k, gboolean whole_batch, gsize max_tokens);
void cyt_train_select_free (CytTrainSelect *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTrainSelect, cyt_train_select_free)

/* A batch of tokens begins. */
void cyt_train_select_begin (CytTrainSelect *self, gsize n_tokens);

/* A block h (n_rows, width): tokens first_token …, latents first_latent …; each block once. Threads may add blocks of
 * other tokens at once. */
void cyt_train_select_add (CytTrainSelect *self, const float *h, gsize first_token, gsize n_rows, guint32 first_latent,
                           gsize width);

/* All blocks have come. */
void cyt_train_select_finish (CytTrainSelect *self);

/* What is active of a token, ascending by latent (n). Threads may ask for other tokens at once. */
const CytTopEntry *cyt_train_select_get (CytTrainSelect *self, gsize token, gsize *n);

/* The smallest activation of the batch; 0 when there is none. Of a whole batch only. */
float cyt_train_select_get_smallest (const CytTrainSelect *self);

G_END_DECLS
