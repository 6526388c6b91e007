/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-progress.h"
#include "train/cyt-token-source.h"
#include "train/cyt-train-control.h"
#include "train/cyt-train-step.h"

G_BEGIN_DECLS

/* Training of an autoencoder on the tokens of a list of images (cyt-train-recipe.h): epoch after epoch in NumPy's
 * permutation of default_rng (seed + 2 + epoch), a batch of images with all their tokens to a step. */
typedef struct
{
  const CytEncoder *encoder;
  const char *encoder_sha256;
  int block;                    /* the hook; negative counts from the end */
  const CytImageList *list;
  gsize d_sae;
  guint64 n_images;             /* to be seen in all, repeats counted; whole batches of them are */
  guint batch;                  /* images */
  CytTrainRecipe recipe;        /* is completed by the run */
  gboolean paper;               /* b_dec begins where the published code puts it: the geometric median of the first
                                   batch's images as points of 257 · d dimensions, averaged over tokens; else the
                                   geometric median of its tokens */
  guint64 seed;
  guint hold_out;               /* each so many-th image of the list is not trained on, but measured at the end; 0: none, or
                                   2 and more */
  CytTrainLoss *held_out;       /* out: their loss by the finished autoencoder, NAN without any; may be NULL */
  guint n_checkpoints;          /* the state is saved so many times, evenly, and when cancelled */
  CytTokenCacheFormat cache;
  guint64 max_cache_bytes;
  const char *tokens;           /* a file of tokens that outlives the run and that trainings on the same images share, one
                                   after the other; NULL: @out.tokens, which goes at the end */
  guint n_threads;              /* 0: one per core */
  gboolean resume;              /* go on with a state that an earlier run left */
  CytTrainControl *control;     /* pauses and stops it; NULL: nobody does */
} CytTrainOptions;

/* After each step, on the calling thread. May be NULL. Where a run goes on with a state, the steps before are in @out.csv. */
typedef void (*CytTrainFunc) (guint64 n_steps, const CytTrainLoss *loss, gpointer user_data);

/* Trains and writes @out (cyt_train_file_save_sae()), which must not exist, and beside it @out.csv, a row of the loss for
 * each step. While it runs, @out.training is the state and @out.tokens the tokens; both go when it is done.
 * Interrupted at any moment, also killed, and given again with resume, it ends with the same @out, bit by bit, on the
 * same kind of processor. Stopped through its control after a step at least, it writes @out as it is then, which says so
 * in its provenance ("stopped": "stopped early at step 12 of 40"). What was measured on held-out images is there, too. @progress counts images; @options' n_images rounded to
 * whole batches are its total. Errors: G_IO_ERROR_EXISTS, G_IO_ERROR_CANCELLED (the state is saved),
 * G_IO_ERROR_INVALID_ARGUMENT (the recipe does not fit the sizes),
 * CYT_CHECKPOINT_ERROR_MISMATCH (the state is of other images or settings), CYT_TABLE_ERROR_EMPTY (no image of a batch
 * can be read), G_FILE_ERROR. */
gboolean cyt_trainer_run (const char *out, const CytTrainOptions *options, CytProgress *progress, CytTrainFunc func,
                          gpointer user_data, GCancellable *cancellable, GError **error);

G_END_DECLS
