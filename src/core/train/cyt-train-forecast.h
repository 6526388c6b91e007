/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "train/cyt-trainer.h"

G_BEGIN_DECLS

/* What a training will cost on this machine, from a few of its own images and steps. */
typedef struct
{
  double encode_seconds;   /* for an image to become tokens, when all cores work */
  double dense_seconds;    /* of a step of a whole batch as they are at first: half of the latents are active */
  double sparse_seconds;   /* later, when no more than CYT_TRAIN_FORECAST_L0 are */
  guint64 n_steps;
  guint64 n_encoded;       /* images that go through the encoder: each once where its tokens are kept */
  double seconds;          /* in all */
  guint64 memory;          /* bytes: weights, moments, workspace, encoder */
  guint64 disk;            /* bytes that are needed at most while it runs: tokens, state, autoencoder */
} CytTrainForecast;

/* Active latents of a token that the sparse step is timed with, by lowering b_enc. */
#define CYT_TRAIN_FORECAST_L0 100.0
/* So many steps are reckoned as dense, three warm-ups: with λ = 8e-5 and 768 latents on tokens of 192 dimensions a half was
 * active at the start, 43 % after 350 steps, 28 % after 600. Other λ take longer or less. */
#define CYT_TRAIN_FORECAST_DENSE_STEPS 1500

/* Reads up to four images and takes a few steps with no more images than that; writes nothing. Of @options resume,
 * checkpoints and the output are not used. Errors: CYT_TABLE_ERROR_EMPTY (none of the first images can be read),
 * CYT_CHECKPOINT_ERROR_TOO_LARGE (memory), G_IO_ERROR_CANCELLED, those of cyt_token_source_new() and
 * cyt_train_recipe_complete(). */
gboolean cyt_train_forecast_measure (CytTrainForecast *self, const CytTrainOptions *options, GCancellable *cancellable,
                                     GError **error);

/* The bytes alone, without a measurement: fills n_steps, n_encoded, memory and disk. */
void cyt_train_forecast_sizes (CytTrainForecast *self, const CytTrainOptions *options);

G_END_DECLS
