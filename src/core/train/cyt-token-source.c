/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "io/cyt-image.h"
#include "train/cyt-token-source.h"

/* The file: the identity, 64 hex digits; a checksum for each image that it has room for; their tokens, little-endian. */
#define IDENTITY_BYTES 64

typedef enum
{
  STATE_UNKNOWN,
  STATE_KEPT,        /* in the file */
  STATE_UNREADABLE,
} ImageState;

struct _CytTokenSource
{
  const CytEncoder *encoder;
  const CytImageList *list;
  CytParallel *parallel;
  CytEncoderWorkspace **workspaces;  /* (n_threads) */
  guint8 **pixels;                   /* (n_threads) */
  gpointer *raw;                     /* (n_threads) one image's tokens as in the file */
  gsize n_blocks_to_run;
  gsize n_values;                    /* 257 d */
  CytTokenCacheFormat format;
  char *identity;
  char *display;
  int fd;                            /* -1: no file */
  gsize n_kept;                      /* images that the file has room for: the first of the list */
  guint32 *checksums;                /* (n_kept) 0: not in the file */
  guint8 *states;                    /* (n_images) */

  /* The batch under way. */
  const guint32 *images;
  float *out;
  gboolean *ok;
  GCancellable *cancellable;
  int failed_errno;                  /* atomic: of the file */
};

static gsize
value_size (const CytTokenSource *self)
{
  return self->format == CYT_TOKEN_CACHE_F16 ? sizeof (guint16) : sizeof (float);
}

static char *
make_identity (const CytImageList *list, const char *encoder_sha256, int block, CytTokenCacheFormat format)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *head = g_strdup_printf ("%s %d %d", encoder_sha256, block, format);

  g_checksum_update (checksum, (const guchar *) head, strlen (head) + 1);
  for (gsize i = 0; i < cyt_image_list_get_n_items (list); i++)
    {
      const char *path = cyt_image_list_get_item (list, i)->path;
      g_autofree char *full = cyt_image_list_dup_path (list, i);
      struct stat st = { 0 };
      g_autofree char *facts = NULL;

      if (stat (full, &st) != 0)
        st = (struct stat) { 0 };
      facts = g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, (gint64) st.st_size, (gint64) st.st_mtime);
      g_checksum_update (checksum, (const guchar *) path, strlen (path) + 1);
      g_checksum_update (checksum, (const guchar *) facts, strlen (facts) + 1);
    }
  return g_strdup (g_checksum_get_string (checksum));
}

static gboolean
set_errno (const CytTokenSource *self, int code, GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: the tokens cannot be kept: %s", self->display,
               g_strerror (code));
  return FALSE;
}

static gboolean
pread_all (int fd, gpointer data, gsize n, off_t offset)
{
  guint8 *bytes = data;

  while (n > 0)
    {
      ssize_t got = pread (fd, bytes, n, offset);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return FALSE;
      bytes += got;
      offset += got;
      n -= got;
    }
  return TRUE;
}

static gboolean
pwrite_all (int fd, gconstpointer data, gsize n, off_t offset)
{
  const guint8 *bytes = data;

  while (n > 0)
    {
      ssize_t put = pwrite (fd, bytes, n, offset);

      if (put < 0 && errno == EINTR)
        continue;
      if (put < 0)
        return FALSE;
      bytes += put;
      offset += put;
      n -= put;
    }
  return TRUE;
}

static gboolean
open_file (CytTokenSource *self, const char *path, guint64 max_bytes, GError **error)
{
  guint64 per_image = sizeof (guint32) + self->n_values * value_size (self);
  char found[IDENTITY_BYTES];

  self->display = g_filename_display_name (path);
  self->n_kept = MIN (cyt_image_list_get_n_items (self->list),
                      max_bytes > IDENTITY_BYTES ? (max_bytes - IDENTITY_BYTES) / per_image : 0);
  self->checksums = g_new0 (guint32, MAX (1, self->n_kept));
  self->fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (self->fd < 0)
    return set_errno (self, errno, error);
  if (pread_all (self->fd, found, IDENTITY_BYTES, 0) && memcmp (found, self->identity, IDENTITY_BYTES) == 0
      && pread_all (self->fd, self->checksums, self->n_kept * sizeof (guint32), IDENTITY_BYTES))
    return TRUE;
  memset (self->checksums, 0, self->n_kept * sizeof (guint32));
  if (ftruncate (self->fd, 0) != 0 || !pwrite_all (self->fd, self->identity, IDENTITY_BYTES, 0)
      || !pwrite_all (self->fd, self->checksums, self->n_kept * sizeof (guint32), IDENTITY_BYTES))
    return set_errno (self, errno, error);
  return TRUE;
}

CytTokenSource *
cyt_token_source_new (const CytEncoder *encoder, const char *encoder_sha256, int block, const CytImageList *list,
                      const char *path, CytTokenCacheFormat format, guint64 max_bytes, CytParallel *parallel,
                      GError **error)
{
  g_autoptr (CytTokenSource) self = g_new0 (CytTokenSource, 1);
  guint n_threads = cyt_parallel_get_n_threads (parallel);

  self->fd = -1;
  self->parallel = parallel;
  if (!cyt_encoder_resolve_block (encoder, block, &self->n_blocks_to_run, error))
    return NULL;
  self->encoder = encoder;
  self->list = list;
  self->format = format;
  self->n_values = CYT_N_TOKENS * cyt_encoder_get_config (encoder)->d;
  self->identity = make_identity (list, encoder_sha256, block, format);
  self->states = g_new0 (guint8, MAX (1, cyt_image_list_get_n_items (list)));
  self->workspaces = g_new0 (CytEncoderWorkspace *, n_threads);
  self->pixels = g_new0 (guint8 *, n_threads);
  self->raw = g_new0 (gpointer, n_threads);
  for (guint i = 0; i < n_threads; i++)
    {
      self->workspaces[i] = cyt_encoder_workspace_new (encoder);
      self->pixels[i] = g_malloc (CYT_IMAGE_SIZE * CYT_IMAGE_SIZE * 3);
      self->raw[i] = g_malloc (self->n_values * value_size (self));
    }
  if (format != CYT_TOKEN_CACHE_NONE)
    {
      if (!open_file (self, path, max_bytes, error))
        return NULL;
      for (gsize i = 0; i < self->n_kept; i++)
        if (self->checksums[i] != 0)
          self->states[i] = STATE_KEPT;
    }
  return g_steal_pointer (&self);
}

void
cyt_token_source_free (CytTokenSource *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; self->workspaces != NULL && i < cyt_parallel_get_n_threads (self->parallel); i++)
    {
      cyt_encoder_workspace_free (self->workspaces[i]);
      g_free (self->pixels[i]);
      g_free (self->raw[i]);
    }
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->workspaces);
  g_free (self->pixels);
  g_free (self->raw);
  g_free (self->identity);
  g_free (self->display);
  g_free (self->checksums);
  g_free (self->states);
  g_free (self);
}

const char *
cyt_token_source_get_identity (const CytTokenSource *self)
{
  return self->identity;
}

gsize
cyt_token_source_get_n_failed (const CytTokenSource *self)
{
  gsize n = 0;

  for (gsize i = 0; i < cyt_image_list_get_n_items (self->list); i++)
    n += self->states[i] == STATE_UNREADABLE;
  return n;
}

/* ---- One image ---- */

static off_t
get_offset (const CytTokenSource *self, gsize image)
{
  return IDENTITY_BYTES + (off_t) self->n_kept * sizeof (guint32) + (off_t) image * self->n_values * value_size (self);
}

/* Never 0, which stands for nothing. */
static guint32
get_checksum (gconstpointer data, gsize n)
{
  guint32 sum = (guint32) crc32 (0, data, n);

  return sum != 0 ? sum : 1;
}

static void
pack (const CytTokenSource *self, gpointer raw, const float *tokens)
{
  if (self->format == CYT_TOKEN_CACHE_F16)
    for (gsize i = 0; i < self->n_values; i++)
      ((_Float16 *) raw)[i] = (_Float16) tokens[i];
  else
    memcpy (raw, tokens, self->n_values * sizeof (float));
}

static void
unpack (const CytTokenSource *self, float *tokens, gconstpointer raw)
{
  if (self->format == CYT_TOKEN_CACHE_F16)
    for (gsize i = 0; i < self->n_values; i++)
      tokens[i] = (float) ((const _Float16 *) raw)[i];
  else
    memcpy (tokens, raw, self->n_values * sizeof (float));
}

static gboolean
read_kept (CytTokenSource *self, gsize image, gpointer raw, float *tokens)
{
  gsize n = self->n_values * value_size (self);

  if (!pread_all (self->fd, raw, n, get_offset (self, image)) || get_checksum (raw, n) != self->checksums[image])
    return FALSE;
  unpack (self, tokens, raw);
  return TRUE;
}

static gboolean
compute (CytTokenSource *self, gsize image, guint thread, float *tokens)
{
  g_autofree char *path = cyt_image_list_dup_path (self->list, image);
  g_autoptr (CytImage) picture = cyt_image_load (path, NULL);

  if (picture == NULL || !cyt_image_preprocess (picture, self->pixels[thread]))
    return FALSE;
  cyt_encoder_run (self->encoder, self->workspaces[thread], tokens, self->pixels[thread], self->n_blocks_to_run);
  return TRUE;
}

static void
keep (CytTokenSource *self, gsize image, gconstpointer raw)
{
  gsize n = self->n_values * value_size (self);
  guint32 checksum = get_checksum (raw, n);

  if (!pwrite_all (self->fd, raw, n, get_offset (self, image))
      || !pwrite_all (self->fd, &checksum, sizeof checksum, IDENTITY_BYTES + (off_t) image * sizeof checksum))
    {
      __atomic_store_n (&self->failed_errno, errno, __ATOMIC_RELAXED);
      return;
    }
  self->checksums[image] = checksum;
  self->states[image] = STATE_KEPT;
}

static void
run_image (gsize i, guint thread, gpointer data)
{
  CytTokenSource *self = data;
  gsize image = self->images[i];
  float *tokens = self->out + i * self->n_values;

  self->ok[i] = FALSE;
  if (self->states[image] == STATE_UNREADABLE || g_cancellable_is_cancelled (self->cancellable))
    return;
  self->ok[i] = TRUE;
  if (self->states[image] == STATE_KEPT && read_kept (self, image, self->raw[thread], tokens))
    return;
  self->ok[i] = compute (self, image, thread, tokens);
  if (!self->ok[i])
    self->states[image] = STATE_UNREADABLE;
  else if (self->format != CYT_TOKEN_CACHE_NONE)
    {
      pack (self, self->raw[thread], tokens);
      unpack (self, tokens, self->raw[thread]);
      if (image < self->n_kept)
        keep (self, image, self->raw[thread]);
    }
}

gboolean
cyt_token_source_read (CytTokenSource *self, const guint32 *images, gsize n, float *out, gsize *n_read,
                       GCancellable *cancellable, GError **error)
{
  g_autofree gboolean *ok = g_new0 (gboolean, MAX (1, n));

  self->images = images;
  self->out = out;
  self->ok = ok;
  self->cancellable = cancellable;
  self->failed_errno = 0;
  cyt_parallel_run (self->parallel, n, run_image, self);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (self->failed_errno != 0)
    return set_errno (self, self->failed_errno, error);
  *n_read = 0;
  for (gsize i = 0; i < n; i++)
    if (ok[i])
      {
        if (*n_read != i)
          memcpy (out + *n_read * self->n_values, out + i * self->n_values, self->n_values * sizeof (float));
        (*n_read)++;
      }
  return TRUE;
}
