/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Pictures of cells as textures: decoded and shrunk on a few threads, kept by path and size up to a
 * budget of bytes. Requests for the same picture share one decode; a request that is cancelled before
 * its turn costs nothing. Used from the main thread. */
typedef struct _CytTextureCache CytTextureCache;
typedef struct _CytTextureRequest CytTextureRequest;

#define CYT_TEXTURE_CACHE_BYTES (128u << 20)

CytTextureCache *cyt_texture_cache_new (gsize max_bytes);
/* Requests still open are cancelled. */
void cyt_texture_cache_free (CytTextureCache *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTextureCache, cyt_texture_cache_free)
/* The one the views share. */
CytTextureCache *cyt_texture_cache_get_default (void);

/* @texture is NULL when neither the image nor the thumbnail could be read. @missing: the image itself
 * was not there, or not an image. */
typedef void (*CytTextureFunc) (GdkTexture *texture, gboolean missing, gpointer user_data);

/* Texture of the image at @path, its longer side at most @size pixels; from the JPEG @thumbnail (may be
 * NULL) when the file cannot be read. When it is in the cache @func is called at once and NULL is
 * returned, else later, unless the request is cancelled before. */
CytTextureRequest *cyt_texture_cache_request (CytTextureCache *self, const char *path, GBytes *thumbnail,
                                              guint size, CytTextureFunc func, gpointer user_data);
/* Likewise, but from the @thumbnail where there is one: pictures no larger than CYT_PROJECT_THUMBNAIL_SIZE are not
 * worth decoding the image for. @missing tells nothing then. */
CytTextureRequest *cyt_texture_cache_request_small (CytTextureCache *self, const char *path, GBytes *thumbnail,
                                                    guint size, CytTextureFunc func, gpointer user_data);
void cyt_texture_request_cancel (CytTextureRequest *request);

gsize cyt_texture_cache_get_n_bytes (CytTextureCache *self);

G_END_DECLS
