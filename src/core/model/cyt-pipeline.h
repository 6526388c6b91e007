/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "io/cyt-image-list.h"
#include "model/cyt-sae.h"

G_BEGIN_DECLS

/* The walk of many cell images through the models: file → pixels → tokens → latents. Images run in
 * parallel, one worker thread and one set of workspaces each; results come back in list order. */

/* Called on a worker's thread with each image's tokens (257, d): what it returns is the result's "visit". */
typedef gpointer (*CytPipelineVisit) (gsize index, const float *tokens, gpointer user_data);

typedef struct
{
  const CytEncoder *encoder;
  const CytSae *sae;       /* NULL: stop at the tokens */
  int block;               /* hook, -2 by default in every caller */
  float tau;               /* threshold of the counts */
  guint n_threads;         /* 0: one per core */
  guint thumbnail_size;    /* px; 0: no thumbnails */
  gboolean want_hash;      /* SHA-256 of each image file */
  gboolean want_tokens;    /* keep the tokens in the result */
  const float *map_above;  /* see cyt_sae_run(); may be raised by the sink while the run goes on */
  const CytEncoder *embedding_encoder; /* NULL: no embedding; may be the encoder */
  int embedding_block;     /* its block whose CLS token is the embedding */
  CytPipelineVisit visit;  /* NULL: none */
  gpointer visit_data;
  GDestroyNotify visit_free; /* of what @visit returns */
  gsize first;             /* list positions [first, list's end) are processed */
} CytPipelineOptions;

/* One image's way; owned by the pipeline and valid during the sink's call. */
typedef struct
{
  gsize index;             /* position in the list */
  const GError *error;     /* why the image could not be read; then only index is set */
  guint width, height;     /* of the file's picture */
  double color[3];         /* mean red, green, blue of its (224, 224) pixels, 0…255: a measure of the stain */
  char sha256[65];         /* "" unless wanted */
  gboolean simulated;      /* the file says so, see cyt_image_is_simulated() */
  GBytes *thumbnail;       /* JPEG, or NULL; only when wanted, for images with at least one map when
                              map_above is given */
  const float *tokens;     /* (257, d), NULL unless wanted */
  const float *embedding;  /* (embedding encoder's d), NULL unless wanted */
  gpointer visit;          /* of the options' visit; a sink that keeps it sets NULL */
  CytCellLatents latents;  /* empty without an SAE */
  GPtrArray *maps;         /* of CytSparseMap */
} CytPipelineResult;

/* Called in list order, on the thread that called cyt_pipeline_run(). FALSE with an error stops. */
typedef gboolean (*CytPipelineSink) (CytPipelineResult *result, gpointer user_data, GError **error);

/* FALSE with the sink's error, G_IO_ERROR_CANCELLED, or a mismatch of encoder and SAE. An image that
 * cannot be read is never an error of the run. */
gboolean cyt_pipeline_run (const CytPipelineOptions *options, const CytImageList *list, CytPipelineSink sink,
                           gpointer user_data, GCancellable *cancellable, GError **error);

G_END_DECLS
