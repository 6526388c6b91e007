/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>

#include "cyt-latent-thumbs.h"
#include "cyt-texture-cache.h"

/* Rows whose pictures are kept: some thirty screens. */
#define N_KEPT 400

typedef struct _Thumb Thumb;

typedef struct
{
  Thumb *thumb;
  CytTextureRequest *request;
  GdkTexture *texture;
} Picture;

/* The pictures of one latent. */
struct _Thumb
{
  CytLatentThumbs *owner;
  guint32 latent;
  guint64 used;             /* clock of want() */
  const CytLatentTable *table; /* they are of; never followed */
  Picture pictures[CYT_LATENT_N_THUMBS];
};

struct _CytLatentThumbs
{
  GObject parent_instance;

  CytSession *session;
  GHashTable *thumbs;       /* latent → Thumb */
  GArray *wanted;           /* guint32 */
  guint64 clock;
  int scale;
  gint64 dataset;
  GCancellable *cancellable;   /* of the batch under way, or NULL */
};

G_DEFINE_FINAL_TYPE (CytLatentThumbs, cyt_latent_thumbs, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void load_wanted (CytLatentThumbs *self);

static void
picture_clear (Picture *picture)
{
  g_clear_pointer (&picture->request, cyt_texture_request_cancel);
  g_clear_object (&picture->texture);
}

static void
thumb_free (Thumb *thumb)
{
  for (guint i = 0; i < CYT_LATENT_N_THUMBS; i++)
    picture_clear (&thumb->pictures[i]);
  g_free (thumb);
}

static void
texture_cb (GdkTexture *texture, gboolean missing, gpointer user_data)
{
  Picture *picture = user_data;

  picture->request = NULL;
  g_set_object (&picture->texture, texture);
  g_signal_emit (picture->thumb->owner, signals[CHANGED], 0, picture->thumb->latent);
}

static Thumb *
ensure_thumb (CytLatentThumbs *self, guint32 latent)
{
  Thumb *thumb = g_hash_table_lookup (self->thumbs, GUINT_TO_POINTER (latent));

  if (thumb != NULL)
    return thumb;
  thumb = g_new0 (Thumb, 1);
  thumb->owner = self;
  thumb->latent = latent;
  for (guint i = 0; i < CYT_LATENT_N_THUMBS; i++)
    thumb->pictures[i].thumb = thumb;
  g_hash_table_insert (self->thumbs, GUINT_TO_POINTER (latent), thumb);
  return thumb;
}

static int
compare_used (gconstpointer a, gconstpointer b)
{
  const Thumb *x = *(const Thumb *const *) a, *y = *(const Thumb *const *) b;

  return x->used < y->used ? -1 : x->used > y->used;
}

static void
evict (CytLatentThumbs *self)
{
  g_autofree Thumb **thumbs = NULL;
  guint n;

  if (g_hash_table_size (self->thumbs) <= N_KEPT)
    return;
  {
    g_autoptr (GList) values = g_hash_table_get_values (self->thumbs);

    n = g_list_length (values);
    thumbs = g_new (Thumb *, n);
    n = 0;
    for (GList *l = values; l != NULL; l = l->next)
      thumbs[n++] = l->data;
  }
  qsort (thumbs, n, sizeof *thumbs, compare_used);
  for (guint i = 0; i < n - N_KEPT / 2 && thumbs[i]->used < self->clock; i++)
    g_hash_table_remove (self->thumbs, GUINT_TO_POINTER (thumbs[i]->latent));
}

static void
take_cells (CytLatentThumbs *self, GPtrArray *cells)
{
  for (guint i = 0; i < cells->len;)
    {
      const CytBestCell *first = cells->pdata[i];
      Thumb *thumb = g_hash_table_lookup (self->thumbs, GUINT_TO_POINTER (first->latent));

      for (guint k = 0; i < cells->len && ((const CytBestCell *) cells->pdata[i])->latent == first->latent; i++, k++)
        {
          const CytBestCell *cell = cells->pdata[i];

          if (thumb == NULL || k >= CYT_LATENT_N_THUMBS)
            continue;
          g_clear_pointer (&thumb->pictures[k].request, cyt_texture_request_cancel);
          thumb->pictures[k].request
            = cyt_texture_cache_request_small (cyt_texture_cache_get_default (), cell->path, cell->thumbnail,
                                               CYT_LATENT_THUMB_SIZE * self->scale, texture_cb, &thumb->pictures[k]);
        }
    }
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytLatentThumbs) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) cells = NULL;

  if (self->session == NULL)
    return;
  cells = cyt_session_load_thumbs_finish (self->session, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->cancellable);
  /* Without pictures the list is still a list, and whatever is wrong the grid says too. */
  if (cells == NULL)
    return;
  take_cells (self, cells);
  load_wanted (self);
}

/* One batch at a time: what scrolled by meanwhile is never read. */
static void
load_wanted (CytLatentThumbs *self)
{
  CytLatentModel *model = cyt_session_get_latents (self->session);
  const CytLatentTable *table = cyt_latent_model_get_current_table (model);
  g_autoptr (GArray) missing = g_array_new (FALSE, FALSE, sizeof (guint32));

  if (self->cancellable != NULL || table == NULL || table->dataset < 0)
    return;
  for (guint i = 0; i < self->wanted->len; i++)
    {
      guint32 latent = g_array_index (self->wanted, guint32, i);
      Thumb *thumb = ensure_thumb (self, latent);

      thumb->used = self->clock;
      if (thumb->table == table || latent >= table->n_rows || table->rows[latent].n_active == 0)
        continue;
      thumb->table = table;
      g_array_append_val (missing, latent);
    }
  evict (self);
  if (missing->len == 0)
    return;
  self->cancellable = g_cancellable_new ();
  cyt_session_load_thumbs_async (self->session, table->dataset, missing, CYT_LATENT_N_THUMBS, self->cancellable,
                                 loaded_cb, g_object_ref (self));
}

static void
forget_all (CytLatentThumbs *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_hash_table_remove_all (self->thumbs);
}

void
cyt_latent_thumbs_want (CytLatentThumbs *self, GArray *latents, int scale)
{
  const CytLatentTable *table;

  g_return_if_fail (CYT_IS_LATENT_THUMBS (self));

  table = cyt_latent_model_get_current_table (cyt_session_get_latents (self->session));
  if (scale != self->scale || (table != NULL && table->dataset != self->dataset))
    forget_all (self);
  self->scale = scale;
  self->dataset = table != NULL ? table->dataset : -1;
  self->clock++;
  g_array_set_size (self->wanted, 0);
  g_array_append_vals (self->wanted, latents->data, latents->len);
  load_wanted (self);
}

GdkTexture *
cyt_latent_thumbs_get (CytLatentThumbs *self, guint32 latent, guint i)
{
  const Thumb *thumb = g_hash_table_lookup (self->thumbs, GUINT_TO_POINTER (latent));

  return thumb != NULL && i < CYT_LATENT_N_THUMBS ? thumb->pictures[i].texture : NULL;
}

CytLatentThumbs *
cyt_latent_thumbs_new (CytSession *session)
{
  CytLatentThumbs *self = g_object_new (CYT_TYPE_LATENT_THUMBS, NULL);

  self->session = g_object_ref (session);
  return self;
}

static void
cyt_latent_thumbs_dispose (GObject *object)
{
  CytLatentThumbs *self = CYT_LATENT_THUMBS (object);

  forget_all (self);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_latent_thumbs_parent_class)->dispose (object);
}

static void
cyt_latent_thumbs_finalize (GObject *object)
{
  CytLatentThumbs *self = CYT_LATENT_THUMBS (object);

  g_hash_table_unref (self->thumbs);
  g_array_unref (self->wanted);
  G_OBJECT_CLASS (cyt_latent_thumbs_parent_class)->finalize (object);
}

static void
cyt_latent_thumbs_class_init (CytLatentThumbsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cyt_latent_thumbs_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_latent_thumbs_finalize;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
cyt_latent_thumbs_init (CytLatentThumbs *self)
{
  self->thumbs = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) thumb_free);
  self->wanted = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->scale = 1;
  self->dataset = -1;
}
