/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "io/cyt-image-list.h"
#include "model/cyt-encoder.h"
#include "tensor/cyt-parallel.h"

G_BEGIN_DECLS

/* Tokens of the images of a list, by number: computed once by the encoder, then read from a file on disk. Whether
 * tokens come from the file or not makes no difference: kept in half precision they are rounded the first time too. */
typedef struct _CytTokenSource CytTokenSource;

typedef enum
{
  CYT_TOKEN_CACHE_NONE,
  CYT_TOKEN_CACHE_F16,
  CYT_TOKEN_CACHE_F32,
} CytTokenCacheFormat;

/* @path: the file, made or gone on with; it belongs to @encoder_sha256, the block, and the paths, sizes and times of the
 * images, and is begun anew when these are others. Each image's tokens carry a checksum. @max_bytes bounds it: images
 * for which there is no room are computed every time. With CYT_TOKEN_CACHE_NONE there is no file.
 * Errors: G_FILE_ERROR, CYT_CHECKPOINT_ERROR_MISMATCH (no such block). */
CytTokenSource *cyt_token_source_new (const CytEncoder *encoder, const char *encoder_sha256, int block,
                                      const CytImageList *list, const char *path, CytTokenCacheFormat format,
                                      guint64 max_bytes, CytParallel *parallel, GError **error);
void cyt_token_source_free (CytTokenSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTokenSource, cyt_token_source_free)

/* SHA-256 of encoder, block, and the images' paths, sizes and times: what the tokens follow from. */
const char *cyt_token_source_get_identity (const CytTokenSource *self);

/* out: (n_read, 257, d) f32, the tokens of those of @images (n) that can be read, in order; @n_read is at most @n. An
 * image that cannot be read is left out. FALSE when the file cannot be read or written, or @cancellable was cancelled. */
gboolean cyt_token_source_read (CytTokenSource *self, const guint32 *images, gsize n, float *out, gsize *n_read,
                                GCancellable *cancellable, GError **error);
/* Images that turned out unreadable so far. */
gsize cyt_token_source_get_n_failed (const CytTokenSource *self);

G_END_DECLS
