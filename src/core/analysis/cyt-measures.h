/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-dictionary.h"
#include "analysis/cyt-masks.h"
#include "index/cyt-measures-data.h"
#include "model/cyt-progress.h"

G_BEGIN_DECLS

/* How sparse, faithful and interpretable the latents of an SAE are on a list of images, and of baselines beside it, in
 * one walk through the encoder (METHODS §7). Needs no project. */
typedef struct
{
  const CytEncoder *encoder;
  int block;                            /* the hook; negative counts from the end */
  const CytImageList *list;             /* labels are the classes */
  const CytEncoder *embedding_encoder;  /* for monosemanticity; NULL: the encoder */
  int embedding_block;                  /* whose CLS token is the embedding: see cyt_measures_pick_block() */
  double tau;                           /* threshold of the overlap with masks */
  const CytMasks *masks;                /* of the list; NULL: none */
  guint n_threads;                      /* 0: one per core */
  const char *journal;                  /* file that keeps what was found in each image; NULL: none */
  const char *subject;                  /* with a journal: a text that tells encoders and dictionaries apart */
} CytMeasuresOptions;

/* The last block of the embedding encoder (NULL: the encoder), or the last but one where the encoder's hook is that very
 * block: the embedding has to be of another layer than the one explained. */
int cyt_measures_pick_block (const CytEncoder *encoder, int block, const CytEncoder *embedding_encoder);

/* One CytMeasures for each of the @dictionaries, in their order. @progress: a phase of images, then two
 * or, with masks, three of each dictionary, see cyt-measures-phase.h. With a journal that an earlier run of the same left, the
 * images that are in it are not looked at again, and the result is the same, bit by bit; the file stays: it is for who keeps
 * the result to remove it. Memory beside the models: 8
 * bytes for each pair of image and active latent, twice that at the end; the embeddings; of masked images all that fires.
 * Nothing of tokens × latents. The numbers do not depend on the number of threads.
 * Errors: CYT_CHECKPOINT_ERROR_MISMATCH (encoder, SAE, block), CYT_TABLE_ERROR_EMPTY (no image could be read),
 * those of the journal, G_IO_ERROR_CANCELLED. */
GPtrArray *cyt_measures_run (const CytMeasuresOptions *options, const CytDictionary *const *dictionaries,
                             gsize n_dictionaries, CytProgress *progress, GCancellable *cancellable, GError **error);

G_END_DECLS
