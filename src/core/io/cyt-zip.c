/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "io/cyt-cursor.h"
#include "io/cyt-zip.h"

#define DISCARD_BYTES ((gsize) 64 << 10)

struct _CytZip
{
  CytFile *file;
  zip_t *zip;
  GArray *entries;      /* of CytZipEntry */
  GHashTable *by_name;  /* name → index + 1 */
  GArray *bare;         /* of guint64: where the bytes of a stored entry without CRC-32 begin, else 0 */
  zip_file_t *open;     /* the entry being read */
  gsize open_entry;
  guint64 open_pos;
  guint8 *discard;
};

static void
clear_entry (gpointer data)
{
  g_free (((CytZipEntry *) data)->name);
}

static gboolean
set_zip_error (CytZip *self, GError **error, const char *what, zip_error_t *zip_error)
{
  return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT, "%s: %s", what,
                             zip_error_strerror (zip_error));
}

static gboolean
open_archive (CytZip *self, GError **error)
{
  int code = 0, fd = fcntl (self->file->fd, F_DUPFD_CLOEXEC, 0);

  if (fd < 0)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_MFILE, "%s: too many open files", self->file->display);
      return FALSE;
    }
  self->zip = zip_fdopen (fd, 0, &code);
  if (self->zip == NULL)
    {
      zip_error_t zip_error;

      close (fd);
      if (code == ZIP_ER_NOZIP)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TRUNCATED,
                                   "begins as a ZIP archive but has no directory at its end (truncated?)");
      zip_error_init_with_code (&zip_error, code);
      set_zip_error (self, error, "ZIP directory", &zip_error);
      zip_error_fini (&zip_error);
      return FALSE;
    }
  return TRUE;
}

static gboolean
list_entries (CytZip *self, GError **error)
{
  zip_int64_t n = zip_get_num_entries (self->zip, 0);
  guint64 total = 0, limit = 0;

  for (zip_int64_t i = 0; i < n; i++)
    {
      zip_stat_t st;
      CytZipEntry entry = { NULL };
      guint64 bare;

      zip_stat_init (&st);
      if (zip_stat_index (self->zip, i, 0, &st) != 0 || (st.valid & ZIP_STAT_NAME) == 0 ||
          (st.valid & ZIP_STAT_SIZE) == 0 || (st.valid & ZIP_STAT_COMP_METHOD) == 0)
        return set_zip_error (self, error, "ZIP directory", zip_get_error (self->zip));
      if (!g_utf8_validate (st.name, -1, NULL))
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                   "has an entry '%s' whose name is not UTF-8", st.name);
      if (g_hash_table_lookup (self->by_name, st.name) != NULL)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT, "has two entries '%s'", st.name);
      if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && st.encryption_method != ZIP_EM_NONE)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "entry '%s' is encrypted",
                                   st.name);
      if (st.comp_method != ZIP_CM_STORE && st.comp_method != ZIP_CM_DEFLATE)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                                   "entry '%s' uses compression method %u, expected stored or deflated", st.name,
                                   st.comp_method);
      if (!g_uint64_checked_add (&total, total, st.size) ||
          !g_uint64_checked_mul (&limit, self->file->size, CYT_ZIP_MAX_RATIO) ||
          !g_uint64_checked_add (&limit, limit, CYT_ZIP_FREE_BYTES) || total > limit)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                                   "would inflate from %" G_GUINT64_FORMAT " to more than %" G_GUINT64_FORMAT
                                   " bytes", self->file->size, limit);
      entry.name = g_strdup (st.name);
      entry.size = st.size;
      entry.deflated = st.comp_method == ZIP_CM_DEFLATE;
      /* PyTorch can be told to leave the checksum out (set_crc32_options), and then writes 0. */
      bare = !entry.deflated && ((st.valid & ZIP_STAT_CRC) == 0 || st.crc == 0);
      g_array_append_val (self->entries, entry);
      g_array_append_val (self->bare, bare);
      g_hash_table_insert (self->by_name, entry.name, GUINT_TO_POINTER (self->entries->len));
    }
  return TRUE;
}

/* ---- Where the entries lie ----
 * libzip does not tell, and takes entries that share bytes: a few kilobytes could stand for any number of
 * storages. So the directory (APPNOTE.TXT 4.3.12 to 4.3.16) is read once more, for the offsets alone. */

typedef struct
{
  guint64 begin, end; /* bytes of the file: header, name, extra field, data */
  gsize entry;
} Extent;

static int
compare_extents (gconstpointer a, gconstpointer b)
{
  const Extent *x = a, *y = b;

  return x->begin < y->begin ? -1 : x->begin > y->begin;
}

static gboolean
set_directory_error (CytZip *self, GError **error, const char *what)
{
  return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT, "ZIP directory: %s", what);
}

static guint64
get_uint (const guint8 *bytes, guint size)
{
  guint64 value = 0;

  for (guint i = 0; i < size; i++)
    value |= (guint64) bytes[i] << (8 * i);
  return value;
}

/* Finds the directory's first byte and its length. */
static gboolean
find_directory (CytZip *self, guint64 *offset, guint64 *size, GError **error)
{
  guint64 tail = MIN (self->file->size, 22 + 65535);
  g_autofree guint8 *bytes = g_malloc (tail);
  guint64 start = self->file->size - tail;

  if (!cyt_file_read_at (self->file, start, bytes, tail, error))
    return FALSE;
  for (gsize at = tail >= 22 ? tail - 22 + 1 : 0; at-- > 0;)
    {
      const guint8 *end = bytes + at;
      guint8 locator[20], end64[56];
      guint64 where;

      if (memcmp (end, "PK\5\6", 4) != 0 || at + 22 + get_uint (end + 20, 2) > tail)
        continue;
      *size = get_uint (end + 12, 4);
      *offset = get_uint (end + 16, 4);
      if (get_uint (end + 10, 2) != 0xffff && *size != 0xffffffffu && *offset != 0xffffffffu)
        return TRUE;
      /* zip64: a locator stands right before, and says where the wide record is. */
      if (start + at < 20)
        return set_directory_error (self, error, "no zip64 locator");
      if (!cyt_file_read_at (self->file, start + at - 20, locator, sizeof locator, error))
        return FALSE;
      if (memcmp (locator, "PK\6\7", 4) != 0)
        return (*size != 0xffffffffu && *offset != 0xffffffffu) ||
               set_directory_error (self, error, "no zip64 locator");
      where = get_uint (locator + 8, 8);
      if (!cyt_file_read_at (self->file, where, end64, sizeof end64, error))
        return FALSE;
      if (memcmp (end64, "PK\6\6", 4) != 0)
        return set_directory_error (self, error, "no zip64 record where its locator points");
      *size = get_uint (end64 + 40, 8);
      *offset = get_uint (end64 + 48, 8);
      return TRUE;
    }
  return set_directory_error (self, error, "not found");
}

/* Offset and stored size of the directory entry at @cursor, wide fields taken from the zip64 extra. */
static gboolean
take_directory_entry (CytZip *self, CytCursor *cursor, gsize i, guint64 *offset, guint64 *stored, GError **error)
{
  const guint8 *bytes = cyt_cursor_take (cursor, 46, error);
  guint64 n_name, n_extra, n_comment, size;
  const guint8 *extra;

  if (bytes == NULL)
    return FALSE;
  if (memcmp (bytes, "PK\1\2", 4) != 0)
    return set_directory_error (self, error, "an entry without its signature");
  *stored = get_uint (bytes + 20, 4);
  size = get_uint (bytes + 24, 4);
  n_name = get_uint (bytes + 28, 2);
  n_extra = get_uint (bytes + 30, 2);
  n_comment = get_uint (bytes + 32, 2);
  *offset = get_uint (bytes + 42, 4);

  if ((bytes = cyt_cursor_take (cursor, n_name, error)) == NULL)
    return FALSE;
  /* A NUL would let us and libzip see different names. */
  if (memchr (bytes, '\0', n_name) != NULL)
    return set_directory_error (self, error, "a NUL in a name");
  if ((extra = cyt_cursor_take (cursor, n_extra, error)) == NULL)
    return FALSE;
  for (gsize at = 0; at + 4 <= n_extra;)
    {
      guint64 n_field = get_uint (extra + at + 2, 2);
      const guint8 *field = extra + at + 4, *end = field + n_field;

      if (n_field > n_extra - at - 4)
        break;
      if (get_uint (extra + at, 2) == 0x0001)
        {
          if (size == 0xffffffffu && end - field >= 8)
            field += 8;
          if (*stored == 0xffffffffu && end - field >= 8)
            {
              *stored = get_uint (field, 8);
              field += 8;
            }
          if (*offset == 0xffffffffu && end - field >= 8)
            *offset = get_uint (field, 8);
        }
      at += 4 + n_field;
    }
  return cyt_cursor_take (cursor, n_comment, error) != NULL;
}

static gboolean
check_layout (CytZip *self, GError **error)
{
  gsize n = self->entries->len;
  g_autoptr (GArray) extents = g_array_sized_new (FALSE, FALSE, sizeof (Extent), n);
  g_auto (CytCursor) cursor = { NULL };
  guint64 directory = 0, size = 0;

  if (!find_directory (self, &directory, &size, error))
    return FALSE;
  cyt_cursor_init_file (&cursor, self->file, "ZIP directory", directory);
  for (gsize i = 0; i < n; i++)
    {
      const CytZipEntry *entry = cyt_zip_get_entry (self, i);
      Extent extent = { .entry = i };
      guint8 header[30];
      guint64 stored = 0, content;

      if (!take_directory_entry (self, &cursor, i, &extent.begin, &stored, error))
        return FALSE;
      if (!cyt_file_read_at (self->file, extent.begin, header, sizeof header, error))
        return FALSE;
      if (memcmp (header, "PK\3\4", 4) != 0)
        return set_directory_error (self, error, "an entry points to where none begins");
      if (!g_uint64_checked_add (&content, extent.begin, 30 + get_uint (header + 26, 2) + get_uint (header + 28, 2)) ||
          !g_uint64_checked_add (&extent.end, content, stored) || extent.end > directory)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                   "entry '%s' reaches into the ZIP directory", entry->name);
      if (!entry->deflated && stored != entry->size)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                   "stored entry '%s' has two sizes", entry->name);
      if (g_array_index (self->bare, guint64, i) != 0)
        g_array_index (self->bare, guint64, i) = content;
      g_array_append_val (extents, extent);
    }
  if (cyt_cursor_tell (&cursor) - directory != size)
    return set_directory_error (self, error, "its length does not fit its entries");
  g_array_sort (extents, compare_extents);
  for (gsize i = 1; i < n; i++)
    {
      const Extent *a = &g_array_index (extents, Extent, i - 1), *b = &g_array_index (extents, Extent, i);

      if (b->begin < a->end)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                   "entries '%s' and '%s' overlap in the file",
                                   g_array_index (self->entries, CytZipEntry, a->entry).name,
                                   g_array_index (self->entries, CytZipEntry, b->entry).name);
    }
  return TRUE;
}

CytZip *
cyt_zip_open (CytFile *file, GError **error)
{
  g_autoptr (CytZip) self = g_new0 (CytZip, 1);

  self->file = file;
  self->entries = g_array_new (FALSE, FALSE, sizeof (CytZipEntry));
  g_array_set_clear_func (self->entries, clear_entry);
  self->bare = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  if (!open_archive (self, error) || !list_entries (self, error) || !check_layout (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
cyt_zip_free (CytZip *self)
{
  if (self == NULL)
    return;
  if (self->open != NULL)
    zip_fclose (self->open);
  if (self->zip != NULL)
    zip_discard (self->zip);
  g_hash_table_unref (self->by_name);
  g_array_unref (self->entries);
  g_array_unref (self->bare);
  g_free (self->discard);
  g_free (self);
}

gsize
cyt_zip_get_n_entries (const CytZip *self)
{
  return self->entries->len;
}

const CytZipEntry *
cyt_zip_get_entry (const CytZip *self, gsize i)
{
  return &g_array_index (self->entries, CytZipEntry, i);
}

gssize
cyt_zip_find (const CytZip *self, const char *name)
{
  return (gssize) GPOINTER_TO_UINT (g_hash_table_lookup (self->by_name, name)) - 1;
}

static gboolean
read_some (CytZip *self, gpointer out, gsize n, GError **error)
{
  const CytZipEntry *entry = cyt_zip_get_entry (self, self->open_entry);
  guint8 *bytes = out;

  while (n > 0)
    {
      zip_int64_t got = zip_fread (self->open, bytes, n);

      if (got < 0)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT, "entry '%s': %s", entry->name,
                                   zip_file_strerror (self->open));
      if (got == 0)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TRUNCATED,
                                   "entry '%s' ends at byte %" G_GUINT64_FORMAT ", expected %" G_GUINT64_FORMAT
                                   " bytes", entry->name, self->open_pos, entry->size);
      bytes += got;
      n -= got;
      self->open_pos += got;
    }
  return TRUE;
}

/* Brings entry @i to @offset. */
static gboolean
seek_entry (CytZip *self, gsize i, guint64 offset, GError **error)
{
  const CytZipEntry *entry = cyt_zip_get_entry (self, i);

  if (self->open != NULL && (self->open_entry != i || (entry->deflated && offset < self->open_pos)))
    g_clear_pointer (&self->open, zip_fclose);
  if (self->open == NULL)
    {
      self->open = zip_fopen_index (self->zip, i, 0);
      if (self->open == NULL)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT, "entry '%s': %s", entry->name,
                                   zip_strerror (self->zip));
      self->open_entry = i;
      self->open_pos = 0;
    }
  if (offset == self->open_pos)
    return TRUE;
  if (!entry->deflated)
    {
      if (zip_fseek (self->open, (zip_int64_t) offset, SEEK_SET) != 0)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                   "entry '%s': cannot go to byte %" G_GUINT64_FORMAT, entry->name, offset);
      self->open_pos = offset;
      return TRUE;
    }
  if (self->discard == NULL)
    self->discard = g_malloc (DISCARD_BYTES);
  while (self->open_pos < offset)
    if (!read_some (self, self->discard, MIN (DISCARD_BYTES, offset - self->open_pos), error))
      return FALSE;
  return TRUE;
}

gboolean
cyt_zip_read_at (CytZip *self, gsize i, guint64 offset, gpointer out, gsize n, GError **error)
{
  const CytZipEntry *entry = cyt_zip_get_entry (self, i);
  gboolean ok;
  guint8 more;

  if (offset > entry->size || n > entry->size - offset)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TRUNCATED,
                               "entry '%s' has %" G_GUINT64_FORMAT " bytes, expected %" G_GSIZE_FORMAT
                               " from byte %" G_GUINT64_FORMAT, entry->name, entry->size, n, offset);
  if (n == 0)
    return TRUE;
  if (g_array_index (self->bare, guint64, i) != 0) /* libzip would miss the checksum */
    return cyt_file_read_at (self->file, g_array_index (self->bare, guint64, i) + offset, out, n, error);
  ok = seek_entry (self, i, offset, error) && read_some (self, out, n, error);
  /* Only the attempt to read on makes libzip compare the CRC, and shows a stream that is too long. */
  if (ok && self->open_pos == entry->size)
    {
      zip_int64_t got = zip_fread (self->open, &more, 1);

      if (got < 0)
        ok = cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT, "entry '%s': %s", entry->name,
                                 zip_file_strerror (self->open));
      else if (got > 0)
        ok = cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                 "entry '%s' inflates to more than the %" G_GUINT64_FORMAT " bytes it announces",
                                 entry->name, entry->size);
    }
  if (!ok || self->open_pos == entry->size)
    g_clear_pointer (&self->open, zip_fclose);
  return ok;
}
