/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "io/cyt-image.h"

#include "cyt-texture-cache.h"

#define MAX_THREADS 4

/* A picture in the cache, or on its way into it. */
typedef struct
{
  CytTextureCache *cache;   /* NULL when the cache is gone; main thread only */
  char *key;
  char *path;
  GBytes *thumbnail;
  guint size;
  gboolean small;           /* the thumbnail will do */
  int unwanted;             /* atomic: nobody waits for it any more */
  gboolean done;
  GList *requests;          /* of CytTextureRequest, not owned */

  GdkTexture *texture;
  gboolean missing;
  GList link;               /* in the cache's queue once done, most recently used first */
} Picture;

struct _CytTextureRequest
{
  Picture *picture;
  CytTextureFunc func;
  gpointer user_data;
};

struct _CytTextureCache
{
  GThreadPool *pool;
  GHashTable *pictures;     /* key → Picture */
  GQueue used;              /* of Picture, done */
  gsize n_bytes;
  gsize max_bytes;
};

static void
picture_free (Picture *picture)
{
  g_free (picture->key);
  g_free (picture->path);
  g_clear_pointer (&picture->thumbnail, g_bytes_unref);
  g_clear_object (&picture->texture);
  g_list_free_full (picture->requests, g_free);
  g_free (picture);
}

static gsize
picture_get_n_bytes (const Picture *picture)
{
  if (picture->texture == NULL)
    return 0;
  return (gsize) 4 * gdk_texture_get_width (picture->texture) * gdk_texture_get_height (picture->texture);
}

/* ---- On the pool's threads ---- */

/* In cairo's own format: drawing then copies and never converts. */
static GdkTexture *
make_texture (const CytImage *image)
{
  gsize n = (gsize) image->width * image->height;
  guint32 *data = g_new (guint32, n);
  g_autoptr (GBytes) bytes = NULL;

  for (gsize i = 0; i < n; i++)
    data[i] = 0xff000000u | (guint32) image->pixels[3 * i] << 16 | (guint32) image->pixels[3 * i + 1] << 8
              | image->pixels[3 * i + 2];
  bytes = g_bytes_new_take (data, 4 * n);
  return gdk_memory_texture_new (image->width, image->height, GDK_MEMORY_DEFAULT, bytes,
                                 4 * (gsize) image->width);
}

static GdkTexture *
fit_image (const CytImage *image, guint size)
{
  g_autoptr (CytImage) small = NULL;
  guint longer = MAX (image->width, image->height);

  if (longer <= size)
    return make_texture (image);
  small = cyt_image_resize (image, MAX (1, ((guint64) image->width * size + longer / 2) / longer),
                            MAX (1, ((guint64) image->height * size + longer / 2) / longer));
  return make_texture (small);
}

static gboolean picture_done_cb (gpointer user_data);

static void
decode (gpointer data, gpointer user_data)
{
  Picture *picture = data;

  if (!g_atomic_int_get (&picture->unwanted))
    {
      g_autoptr (CytImage) image = NULL;

      if (picture->small && picture->thumbnail != NULL)
        image = cyt_image_load_bytes (picture->thumbnail, picture->path, NULL);
      if (image == NULL)
        {
          image = cyt_image_load (picture->path, NULL);
          picture->missing = image == NULL;
        }
      if (image == NULL && picture->thumbnail != NULL)
        image = cyt_image_load_bytes (picture->thumbnail, picture->path, NULL);
      if (image != NULL)
        picture->texture = fit_image (image, picture->size);
    }
  g_idle_add_full (G_PRIORITY_DEFAULT, picture_done_cb, picture, NULL);
}

/* ---- On the main thread ---- */

static void
evict (CytTextureCache *self)
{
  while (self->n_bytes > self->max_bytes && self->used.length > 1)
    {
      Picture *picture = g_queue_peek_tail (&self->used);

      g_queue_unlink (&self->used, &picture->link);
      self->n_bytes -= picture_get_n_bytes (picture);
      g_hash_table_remove (self->pictures, picture->key);
    }
}

static gboolean
picture_done_cb (gpointer user_data)
{
  Picture *picture = user_data;
  CytTextureCache *self = picture->cache;

  if (self == NULL)
    {
      picture_free (picture);
      return G_SOURCE_REMOVE;
    }
  if (picture->requests == NULL && picture->texture == NULL)
    {
      /* Cancelled before its turn, and nobody asked again. */
      g_hash_table_remove (self->pictures, picture->key);
      return G_SOURCE_REMOVE;
    }
  if (g_atomic_int_get (&picture->unwanted) && picture->texture == NULL)
    {
      /* Cancelled before its turn, then wanted again. */
      g_atomic_int_set (&picture->unwanted, FALSE);
      g_thread_pool_push (self->pool, picture, NULL);
      return G_SOURCE_REMOVE;
    }

  picture->done = TRUE;
  g_queue_push_head_link (&self->used, &picture->link);
  self->n_bytes += picture_get_n_bytes (picture);
  while (picture->requests != NULL)
    {
      g_autofree CytTextureRequest *request = picture->requests->data;

      picture->requests = g_list_delete_link (picture->requests, picture->requests);
      request->func (picture->texture, picture->missing, request->user_data);
    }
  evict (self);
  return G_SOURCE_REMOVE;
}

static CytTextureRequest *
request_picture (CytTextureCache *self, const char *path, GBytes *thumbnail, guint size, gboolean small,
                 CytTextureFunc func, gpointer user_data)
{
  g_autofree char *key = NULL;
  CytTextureRequest *request;
  Picture *picture;

  g_return_val_if_fail (self != NULL && path != NULL && size > 0 && func != NULL, NULL);

  key = g_strdup_printf ("%c%u:%s", small ? 's' : 'i', size, path);
  picture = g_hash_table_lookup (self->pictures, key);
  if (picture != NULL && picture->done)
    {
      g_queue_unlink (&self->used, &picture->link);
      g_queue_push_head_link (&self->used, &picture->link);
      func (picture->texture, picture->missing, user_data);
      return NULL;
    }

  request = g_new0 (CytTextureRequest, 1);
  request->func = func;
  request->user_data = user_data;
  if (picture == NULL)
    {
      picture = g_new0 (Picture, 1);
      picture->cache = self;
      picture->key = g_steal_pointer (&key);
      picture->path = g_strdup (path);
      picture->thumbnail = thumbnail != NULL ? g_bytes_ref (thumbnail) : NULL;
      picture->size = size;
      picture->small = small;
      picture->link.data = picture;
      g_hash_table_insert (self->pictures, picture->key, picture);
      g_thread_pool_push (self->pool, picture, NULL);
    }
  request->picture = picture;
  picture->requests = g_list_append (picture->requests, request);
  return request;
}

CytTextureRequest *
cyt_texture_cache_request (CytTextureCache *self, const char *path, GBytes *thumbnail, guint size,
                           CytTextureFunc func, gpointer user_data)
{
  return request_picture (self, path, thumbnail, size, FALSE, func, user_data);
}

CytTextureRequest *
cyt_texture_cache_request_small (CytTextureCache *self, const char *path, GBytes *thumbnail, guint size,
                                 CytTextureFunc func, gpointer user_data)
{
  return request_picture (self, path, thumbnail, size, TRUE, func, user_data);
}

void
cyt_texture_request_cancel (CytTextureRequest *request)
{
  Picture *picture = request->picture;

  picture->requests = g_list_remove (picture->requests, request);
  if (picture->requests == NULL)
    g_atomic_int_set (&picture->unwanted, TRUE);
  g_free (request);
}

gsize
cyt_texture_cache_get_n_bytes (CytTextureCache *self)
{
  return self->n_bytes;
}

CytTextureCache *
cyt_texture_cache_new (gsize max_bytes)
{
  CytTextureCache *self = g_new0 (CytTextureCache, 1);

  self->max_bytes = max_bytes;
  self->pictures = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) picture_free);
  g_queue_init (&self->used);
  /* One core stays free for drawing; but while pictures are waited for there is nothing to draw. */
  self->pool = g_thread_pool_new (decode, NULL, CLAMP ((int) g_get_num_processors () - 1, 2, MAX_THREADS),
                                  FALSE, NULL);
  return self;
}

void
cyt_texture_cache_free (CytTextureCache *self)
{
  GHashTableIter iter;
  Picture *picture;

  g_hash_table_iter_init (&iter, self->pictures);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &picture))
    if (!picture->done)
      {
        /* A thread or an idle has it still; picture_done_cb() frees it. */
        g_hash_table_iter_steal (&iter);
        g_list_free_full (g_steal_pointer (&picture->requests), g_free);
        g_atomic_int_set (&picture->unwanted, TRUE);
        picture->cache = NULL;
      }
  g_thread_pool_free (self->pool, FALSE, TRUE);
  g_hash_table_unref (self->pictures);
  g_free (self);
}

CytTextureCache *
cyt_texture_cache_get_default (void)
{
  static CytTextureCache *cache;

  if (cache == NULL)
    cache = cyt_texture_cache_new (CYT_TEXTURE_CACHE_BYTES);
  return cache;
}
