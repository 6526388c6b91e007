/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <zlib.h>

#include "analysis/cyt-measures-journal.h"
#include "io/cyt-error.h"

#define MAGIC "CYTMEAS1"
#define MAGIC_SIZE 8
#define KEY_SIZE 64
/* Of one image: the tokens' 257 × 49,152 pairs of all dictionaries would be less. */
#define MAX_RECORD (G_GUINT64_CONSTANT (1) << 30)

struct _CytMeasuresJournal
{
  char *display;
  int fd;
  guint64 size;       /* of what is whole */
  GByteArray *record; /* being read or written */
  gsize pos;
};

/* Every record is preceded by: */
typedef struct
{
  guint32 n_bytes;
  guint32 checksum;   /* CRC-32 */
} Head;

static gboolean
set_errno (const CytMeasuresJournal *self, const char *what, GError **error)
{
  int code = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: cannot be %s: %s", self->display, what,
               g_strerror (code));
  return FALSE;
}

static gboolean
read_all (CytMeasuresJournal *self, gpointer out, gsize n, guint64 offset)
{
  for (gsize done = 0; done < n;)
    {
      ssize_t got = pread (self->fd, (guint8 *) out + done, n - done, (off_t) (offset + done));

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return FALSE;
      done += (gsize) got;
    }
  return TRUE;
}

static gboolean
write_all (CytMeasuresJournal *self, gconstpointer data, gsize n, GError **error)
{
  for (gsize done = 0; done < n;)
    {
      ssize_t put = pwrite (self->fd, (const guint8 *) data + done, n - done, (off_t) (self->size + done));

      if (put < 0 && errno == EINTR)
        continue;
      if (put <= 0)
        return set_errno (self, "written", error);
      done += (gsize) put;
    }
  self->size += n;
  return TRUE;
}

CytMeasuresJournal *
cyt_measures_journal_open (const char *path, const char *key, GError **error)
{
  g_autoptr (CytMeasuresJournal) self = g_new0 (CytMeasuresJournal, 1);
  char head[MAGIC_SIZE + KEY_SIZE], wanted[MAGIC_SIZE + KEY_SIZE];

  g_return_val_if_fail (strlen (key) == KEY_SIZE, NULL);

  memcpy (wanted, MAGIC, MAGIC_SIZE);
  memcpy (wanted + MAGIC_SIZE, key, KEY_SIZE);
  self->display = g_filename_display_name (path);
  self->record = g_byte_array_new ();
  self->fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (self->fd < 0)
    {
      set_errno (self, "opened", error);
      return NULL;
    }
  if (flock (self->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_BUSY, "%s: another program is measuring this project",
                   self->display);
      return NULL;
    }
  if (read_all (self, head, sizeof head, 0) && memcmp (head, wanted, sizeof head) == 0)
    {
      self->size = sizeof head;
      return g_steal_pointer (&self);
    }
  if (ftruncate (self->fd, 0) != 0)
    {
      set_errno (self, "written", error);
      return NULL;
    }
  return write_all (self, wanted, sizeof wanted, error) ? g_steal_pointer (&self) : NULL;
}

void
cyt_measures_journal_free (CytMeasuresJournal *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_byte_array_unref (self->record);
  g_free (self->display);
  g_free (self);
}

/* ---- Reading ---- */

static gboolean
read_record (CytMeasuresJournal *self)
{
  Head head;

  if (!read_all (self, &head, sizeof head, self->size) || head.n_bytes > MAX_RECORD)
    return FALSE;
  g_byte_array_set_size (self->record, head.n_bytes);
  self->pos = 0;
  return read_all (self, self->record->data, head.n_bytes, self->size + sizeof head)
         && crc32 (0, self->record->data, head.n_bytes) == head.checksum;
}

/* A bounded read of the record. */
static gboolean
take (CytMeasuresJournal *self, gpointer out, gsize n, gsize size)
{
  if (n > (self->record->len - self->pos) / size)
    return FALSE;
  memcpy (out, self->record->data + self->pos, n * size);
  self->pos += n * size;
  return TRUE;
}

/* Enough of the record is left for @n things of @size bytes. */
static gboolean
has (const CytMeasuresJournal *self, gsize n, gsize size)
{
  return n <= (self->record->len - self->pos) / size;
}

static gboolean
take_tokens (CytMeasuresJournal *self, CytTokenLatents *latents, gsize n_latents)
{
  guint32 start[CYT_N_TOKENS + 1];
  gsize n;

  if (!take (self, start, CYT_N_TOKENS + 1, sizeof *start) || start[0] != 0)
    return FALSE;
  for (gsize t = 0; t <= CYT_N_TOKENS; t++)
    {
      if (t > 0 && start[t] < start[t - 1])
        return FALSE;
      latents->start[t] = start[t];
    }
  n = start[CYT_N_TOKENS];
  if (!has (self, n, sizeof (guint32) + sizeof (float)))
    return FALSE;
  latents->latent = g_new (guint32, n + 1);
  latents->value = g_new (float, n + 1);
  if (!take (self, latents->latent, n, sizeof (guint32)) || !take (self, latents->value, n, sizeof (float)))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    if (latents->latent[i] >= n_latents || !isfinite (latents->value[i]))
      return FALSE;
  return TRUE;
}

static gboolean
take_part (CytMeasuresJournal *self, CytMeasuresPart *part, gsize n_latents, gboolean masked)
{
  CytCellLatents *cell;
  guint32 n;

  part->latents = g_new0 (CytTokenLatents, 1);
  cell = &part->latents->cell;
  if (!take (self, &n, 1, sizeof n) || !take (self, &part->n_active, 1, sizeof part->n_active)
      || !take (self, &part->residual, 1, sizeof part->residual) || n > n_latents
      || !has (self, n, sizeof (guint32) + sizeof (float) + sizeof (guint16) + sizeof (double)))
    return FALSE;
  cell->n = cell->n_allocated = n;
  cell->latent = g_new (guint32, n + 1);
  cell->score = g_new (float, n + 1);
  cell->count = g_new (guint16, n + 1);
  part->gain = g_new (double, n + 1);
  take (self, cell->latent, n, sizeof (guint32));
  take (self, cell->score, n, sizeof (float));
  take (self, cell->count, n, sizeof (guint16));
  take (self, part->gain, n, sizeof (double));
  for (guint i = 0; i < n; i++)
    if (cell->latent[i] >= n_latents || (i > 0 && cell->latent[i] <= cell->latent[i - 1])
        || !(cell->score[i] > 0 && isfinite (cell->score[i])) || cell->count[i] > CYT_N_TOKENS)
      return FALSE;
  return !masked || take_tokens (self, part->latents, n_latents);
}

static gboolean
take_visit (CytMeasuresJournal *self, gsize index, const CytMeasuresImages *images, const CytMeasuresTotals *totals,
            gsize n_parts, gboolean masked, CytMeasuresVisit **out)
{
  g_autoptr (CytMeasuresVisit) visit = NULL;
  guint32 head[2]; /* index, whether it could be read */

  if (!take (self, head, 2, sizeof *head) || head[0] != index || head[1] > 1)
    return FALSE;
  *out = NULL;
  if (head[1] == 0)
    return self->pos == self->record->len;
  visit = cyt_measures_visit_new (images->d, n_parts);
  visit->finite = TRUE;
  if (!take (self, images->embedding + index * images->d_embedding, images->d_embedding, sizeof (float))
      || !take (self, visit->sum, images->d, sizeof (double)) || !take (self, &visit->square, 1, sizeof (double)))
    return FALSE;
  for (gsize i = 0; i < n_parts; i++)
    if (!take_part (self, &visit->parts[i], totals[i].dictionary->n, masked))
      return FALSE;
  if (self->pos != self->record->len)
    return FALSE;
  *out = g_steal_pointer (&visit);
  return TRUE;
}

gboolean
cyt_measures_journal_read (CytMeasuresJournal *self, gsize index, const CytMeasuresImages *images,
                           const CytMeasuresTotals *totals, gsize n_parts, gboolean masked, CytMeasuresVisit **visit)
{
  if (!read_record (self) || !take_visit (self, index, images, totals, n_parts, masked, visit))
    return FALSE;
  self->size += sizeof (Head) + self->record->len;
  return TRUE;
}

/* ---- Writing ---- */

static void
put (CytMeasuresJournal *self, gconstpointer data, gsize n, gsize size)
{
  g_byte_array_append (self->record, data, (guint) (n * size));
}

static void
put_part (CytMeasuresJournal *self, const CytMeasuresPart *part, gboolean masked)
{
  const CytCellLatents *cell = &part->latents->cell;
  guint32 n = cell->n, start[CYT_N_TOKENS + 1];

  put (self, &n, 1, sizeof n);
  put (self, &part->n_active, 1, sizeof part->n_active);
  put (self, &part->residual, 1, sizeof part->residual);
  put (self, cell->latent, n, sizeof (guint32));
  put (self, cell->score, n, sizeof (float));
  put (self, cell->count, n, sizeof (guint16));
  put (self, part->gain, n, sizeof (double));
  if (!masked)
    return;
  for (gsize t = 0; t <= CYT_N_TOKENS; t++)
    start[t] = (guint32) part->latents->start[t];
  put (self, start, CYT_N_TOKENS + 1, sizeof *start);
  put (self, part->latents->latent, start[CYT_N_TOKENS], sizeof (guint32));
  put (self, part->latents->value, start[CYT_N_TOKENS], sizeof (float));
}

gboolean
cyt_measures_journal_append (CytMeasuresJournal *self, gsize index, const CytMeasuresImages *images,
                             const CytMeasuresVisit *visit, gboolean masked, GError **error)
{
  guint32 front[2] = { (guint32) index, visit != NULL };
  Head head = { 0 };

  g_byte_array_set_size (self->record, 0);
  put (self, &head, 1, sizeof head);
  put (self, front, 2, sizeof *front);
  if (visit != NULL)
    {
      put (self, images->embedding + index * images->d_embedding, images->d_embedding, sizeof (float));
      put (self, visit->sum, images->d, sizeof (double));
      put (self, &visit->square, 1, sizeof (double));
      for (gsize i = 0; i < visit->n_parts; i++)
        put_part (self, &visit->parts[i], masked);
    }
  head.n_bytes = self->record->len - (guint32) sizeof head;
  head.checksum = (guint32) crc32 (0, self->record->data + sizeof head, head.n_bytes);
  memcpy (self->record->data, &head, sizeof head);
  return write_all (self, self->record->data, self->record->len, error);
}
