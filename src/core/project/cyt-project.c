/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/cyt-error.h"
#include "io/cyt-json.h"
#include "project/cyt-project-private.h"
#include "project/cyt-statement.h"

#define HEADER_SIZE 100 /* of an SQLite file; sqlite.org/fileformat.html */

void
cyt_project_model_free (CytProjectModel *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self->sha256);
  g_free (self->config);
  g_free (self);
}

/* ---- Errors ---- */

static gboolean
set_error (CytProject *self, GError **error, CytProjectError code, const char *text)
{
  g_set_error (error, CYT_PROJECT_ERROR, code, "%s: %s", self->display, text);
  return FALSE;
}

/* One line of UTF-8: what a damaged file says of itself may be anything. */
static char *
dup_line (const char *text)
{
  char *line = g_utf8_make_valid (text, -1);

  for (char *c = line; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  return line;
}

gboolean
cyt_project_set_corrupt (CytProject *self, GError **error, const char *format, ...)
{
  g_autofree char *formatted = NULL;
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  formatted = g_strdup_vprintf (format, args);
  va_end (args);
  text = dup_line (formatted);
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_CORRUPT, "%s: the project is damaged: %s", self->display,
               text);
  return FALSE;
}

gboolean
cyt_project_set_sqlite_error (CytProject *self, int rc, GError **error)
{
  g_autofree char *said = dup_line (sqlite3_errmsg (self->db));
  int system = sqlite3_system_errno (self->db), last = 0;

  switch (rc & 0xff)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return set_error (self, error, CYT_PROJECT_ERROR_BUSY, "is in use by another program");
    case SQLITE_FULL:
      return set_error (self, error, CYT_PROJECT_ERROR_NO_SPACE, "no space left on the disk");
    case SQLITE_READONLY:
      if (rc == SQLITE_READONLY_ROLLBACK || rc == SQLITE_READONLY_RECOVERY)
        break;
      return set_error (self, error, CYT_PROJECT_ERROR_READ_ONLY, "the file cannot be written");
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return set_error (self, error, CYT_PROJECT_ERROR_READ_ONLY, "the file cannot be written");
    case SQLITE_CANTOPEN:
      {
        /* the journal of a write that was cut off has to be undone before anything can be read */
        g_autofree char *journal = g_strconcat (self->path, "-journal", NULL);

        if (g_file_test (journal, G_FILE_TEST_EXISTS))
          break;
        g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_READ_ONLY,
                     "%s: the file, or the journal beside it, cannot be opened%s%s", self->display,
                     system != 0 ? ": " : "", system != 0 ? g_strerror (system) : "");
        return FALSE;
      }
    case SQLITE_NOTADB:
      return set_error (self, error, CYT_PROJECT_ERROR_NOT_A_PROJECT, "not a CytoSAE project");
    /* our statements are right, so what SQLite does not understand, or refuses, is the file's content */
    case SQLITE_CORRUPT:
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_FORMAT:
      return cyt_project_set_corrupt (self, error, "%s", said);
    case SQLITE_IOERR:
      if (rc == SQLITE_IOERR_SHORT_READ || rc == SQLITE_IOERR_DATA)
        return cyt_project_set_corrupt (self, error, "%s", said);
      /* the other figure may be that of the clean-up after the failure */
      if ((system == 0 || rc == SQLITE_IOERR_WRITE)
          && sqlite3_file_control (self->db, "main", SQLITE_FCNTL_LAST_ERRNO, &last) == SQLITE_OK && last != 0)
        system = last;
      if (system == ENOSPC || system == EDQUOT || system == EFBIG)
        return set_error (self, error, CYT_PROJECT_ERROR_NO_SPACE, "no space left on the disk");
      if (system == EROFS || system == EACCES || system == EPERM)
        return set_error (self, error, CYT_PROJECT_ERROR_READ_ONLY, "the file cannot be written");
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_IO, "%s: %s%s%s", self->display, said,
                   system != 0 ? ": " : "", system != 0 ? g_strerror (system) : "");
      return FALSE;
    default:
      return set_error (self, error, CYT_PROJECT_ERROR_IO, said);
    }
  return set_error (self, error, CYT_PROJECT_ERROR_READ_ONLY,
                    "a write was cut off here and has to be undone first, but the file, its folder or its "
                    "-journal cannot be written");
}

/* The file system's answer to something done outside of SQLite. */
static void
set_errno_error (const char *display, const char *doing, int err, GError **error)
{
  CytProjectError code = CYT_PROJECT_ERROR_IO;

  if (err == ENOSPC || err == EDQUOT || err == EFBIG)
    code = CYT_PROJECT_ERROR_NO_SPACE;
  else if (err == EROFS || err == EACCES || err == EPERM)
    code = CYT_PROJECT_ERROR_READ_ONLY;
  g_set_error (error, CYT_PROJECT_ERROR, code, "%s: %s%s", display, doing, g_strerror (err));
}

/* ---- Transactions ---- */

gboolean
cyt_project_exec (CytProject *self, const char *sql, GError **error)
{
  int rc = sqlite3_exec (self->db, sql, NULL, NULL, NULL);

  return rc == SQLITE_OK || cyt_project_set_sqlite_error (self, rc, error);
}

gboolean
cyt_project_begin_read (CytProject *self, GError **error)
{
  return cyt_project_exec (self, "BEGIN", error);
}

gboolean
cyt_project_begin_write (CytProject *self, GError **error)
{
  if (self->read_only)
    return set_error (self, error, CYT_PROJECT_ERROR_READ_ONLY, "the project is open for reading only");
  return cyt_project_exec (self, "BEGIN IMMEDIATE", error);
}

gboolean
cyt_project_end (CytProject *self, gboolean ok, GError **error)
{
  if (ok && cyt_project_exec (self, "COMMIT", error))
    return TRUE;
  /* some failures (disk full) have rolled back already */
  if (!sqlite3_get_autocommit (self->db))
    sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

/* ---- Opening ---- */

static CytProject *
project_new (const char *path)
{
  CytProject *self = g_new0 (CytProject, 1);

  self->path = g_canonicalize_filename (path, NULL);
  self->display = g_filename_display_name (self->path);
  return self;
}

void
cyt_project_close (CytProject *self)
{
  if (self == NULL)
    return;
  if (sqlite3_close (self->db) != SQLITE_OK)
    g_assert_not_reached (); /* a statement was left open */
  g_clear_pointer (&self->labels, g_array_unref);
  cyt_project_model_free (self->encoder);
  cyt_project_model_free (self->sae);
  g_free (self->display);
  g_free (self->path);
  g_free (self);
}

/* Sets a pragma and reads it back: SQLite ignores in silence what it does not know or cannot do. */
static gboolean
set_pragma (CytProject *self, const char *name, const char *value, const char *expected, GError **error)
{
  g_autofree char *set = g_strdup_printf ("PRAGMA %s = %s", name, value);
  g_autofree char *get = g_strdup_printf ("PRAGMA %s", name);
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  const char *found;
  gboolean row;

  if (!cyt_project_exec (self, set, error) || !cyt_statement_init (&s, self, get, error)
      || !cyt_statement_step (&s, &row, error))
    return FALSE;
  found = row ? (const char *) sqlite3_column_text (s.stmt, 0) : NULL;
  if (g_strcmp0 (found, expected) == 0)
    return TRUE;
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_IO, "%s: SQLite set %s to %s instead of %s", self->display,
               name, found ? found : "nothing", expected);
  return FALSE;
}

static gboolean
set_pragmas (CytProject *self, GError **error)
{
  /* A commit stays in memory until it is written as a whole: spilling would need the lock that keeps
   * readers out, long before the end. */
  return set_pragma (self, "trusted_schema", "OFF", "0", error)
         && set_pragma (self, "cell_size_check", "ON", "1", error)
         && set_pragma (self, "foreign_keys", "ON", "1", error)
         && set_pragma (self, "secure_delete", "OFF", "0", error)
         && set_pragma (self, "cache_size", "-32768", "-32768", error)
         && set_pragma (self, "cache_spill", "OFF", "0", error)
         && set_pragma (self, "temp_store", "MEMORY", "2", error)
         && set_pragma (self, "synchronous", "FULL", "2", error);
}

/* @flags: SQLITE_OPEN_… The name is never a URI: it starts with '/'. */
static gboolean
open_database (CytProject *self, const char *path, int flags, GError **error)
{
  static const int off[] = { SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_TRIGGER,
                             SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_DQS_DDL };
  int rc = sqlite3_open_v2 (path, &self->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

  for (guint i = 0; rc == SQLITE_OK && i < G_N_ELEMENTS (off); i++)
    rc = sqlite3_db_config (self->db, off[i], 0, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_db_config (self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_busy_timeout (self->db, CYT_PROJECT_BUSY_MS);
  if (rc != SQLITE_OK)
    return cyt_project_set_sqlite_error (self, rc, error);
  sqlite3_limit (self->db, SQLITE_LIMIT_LENGTH, 64 << 20);
  return TRUE;
}

/* Looks at the first bytes through SQLite's own descriptor: closing another one of the same file would
 * drop the locks that this process holds on it (POSIX). */
static gboolean
check_header (CytProject *self, GError **error)
{
  static const char magic[16] = "SQLite format 3";
  sqlite3_file *file = NULL;
  guint8 header[HEADER_SIZE];
  guint32 id, version;
  int rc = sqlite3_file_control (self->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);

  if (rc == SQLITE_OK)
    rc = file->pMethods->xRead (file, header, sizeof header, 0);
  if (rc == SQLITE_IOERR_SHORT_READ)
    return set_error (self, error, CYT_PROJECT_ERROR_NOT_A_PROJECT, "not a CytoSAE project: it is too short");
  if (rc != SQLITE_OK)
    return cyt_project_set_sqlite_error (self, rc, error);
  memcpy (&version, header + 60, sizeof version);
  memcpy (&id, header + 68, sizeof id);
  version = GUINT32_FROM_BE (version);
  id = GUINT32_FROM_BE (id);
  if (memcmp (header, magic, sizeof magic) != 0)
    return set_error (self, error, CYT_PROJECT_ERROR_NOT_A_PROJECT, "not a CytoSAE project");
  if (id != CYT_PROJECT_APPLICATION_ID)
    return set_error (self, error, CYT_PROJECT_ERROR_NOT_A_PROJECT,
                      "not a CytoSAE project: an SQLite database of another program");
  if (version > CYT_PROJECT_USER_VERSION)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_TOO_NEW,
                   "%s: made by a newer version of the program: its format is %u, this version reads up to %d",
                   self->display, version, CYT_PROJECT_USER_VERSION);
      return FALSE;
    }
  if (version < CYT_PROJECT_USER_VERSION)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_A_PROJECT,
                   "%s: of a format that this version does not read: %u, expected %d; index the images again", self->display,
                   version, CYT_PROJECT_USER_VERSION);
      return FALSE;
    }
  return TRUE;
}

static CytProjectModel *
load_model (CytProject *self, const char *role, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (CytProjectModel) model = g_new0 (CytProjectModel, 1);
  g_autoptr (GError) local = NULL;
  gboolean row;

  if (!cyt_statement_init (&s, self, "SELECT path, sha256, config FROM model WHERE role = ?", error))
    return NULL;
  cyt_statement_bind_text (&s, 1, role);
  if (!cyt_statement_step (&s, &row, error))
    return NULL;
  if (!row)
    {
      cyt_project_set_corrupt (self, error, "table model has no row for the %s", role);
      return NULL;
    }
  model->path = g_strdup (cyt_statement_get_path (&s, 0));
  model->sha256 = g_strdup (cyt_statement_get_text (&s, 1));
  model->config = g_strdup (cyt_statement_get_text (&s, 2));
  if (!cyt_statement_check_row (&s, error, "model", "role %s", role))
    return NULL;
  if (!cyt_json_check (model->config, strlen (model->config), &local))
    {
      cyt_project_set_corrupt (self, error, "table model, role %s: config: %s", role, local->message);
      return NULL;
    }
  return g_steal_pointer (&model);
}

static gboolean
load_facts (CytProject *self, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&s, self, "SELECT d_sae, block, published FROM project WHERE id = 1", error)
      || !cyt_statement_step (&s, &row, error))
    return FALSE;
  if (!row)
    return cyt_project_set_corrupt (self, error, "table project is empty");
  self->d_sae = cyt_statement_get_int (&s, 0, 1, CYT_PROJECT_MAX_LATENTS);
  self->block = cyt_statement_get_int (&s, 1, G_MININT16, G_MAXINT16);
  self->published = cyt_statement_get_int (&s, 2, 0, 1);
  return cyt_statement_check_row (&s, error, "project", "id 1");
}

static gboolean
load_project (CytProject *self, GError **error)
{
  gboolean ok;

  if (!cyt_project_begin_read (self, error))
    return FALSE;
  ok = cyt_project_schema_check (self, error) && load_facts (self, error)
       && (self->published || (self->encoder = load_model (self, "encoder", error)) != NULL)
       && (self->sae = load_model (self, "sae", error)) != NULL;
  return cyt_project_end (self, ok, error);
}

/* Whether this process may write the file and make a journal beside it. */
static gboolean
can_write (const char *path)
{
  g_autofree char *real = realpath (path, NULL);
  g_autofree char *folder = real ? g_path_get_dirname (real) : NULL;

  return real != NULL && faccessat (AT_FDCWD, real, W_OK, AT_EACCESS) == 0
         && faccessat (AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0;
}

CytProject *
cyt_project_open (const char *path, CytProjectMode mode, GError **error)
{
  g_autoptr (CytProject) self = project_new (path);
  struct stat st;

  if (stat (self->path, &st) != 0)
    {
      set_errno_error (self->display, "", errno, error);
      return NULL;
    }
  if (!S_ISREG (st.st_mode))
    {
      set_error (self, error, CYT_PROJECT_ERROR_NOT_A_PROJECT,
                 S_ISDIR (st.st_mode) ? "not a CytoSAE project: it is a folder"
                                      : "not a CytoSAE project: it is not a regular file");
      return NULL;
    }
  if (st.st_size == 0) /* SQLite would take it for a new database */
    {
      set_error (self, error, CYT_PROJECT_ERROR_NOT_A_PROJECT, "not a CytoSAE project: the file is empty");
      return NULL;
    }
  self->read_only = mode == CYT_PROJECT_READ_ONLY || !can_write (self->path);
  if (!open_database (self, self->path, self->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE, error)
      || !check_header (self, error))
    return NULL;
  self->read_only = sqlite3_db_readonly (self->db, "main") != 0;
  if (!set_pragmas (self, error) || !load_project (self, error))
    return NULL;
  /* Another tool may have left it in write-ahead mode, which does not work on network shares. */
  if (!self->read_only && !set_pragma (self, "journal_mode", "DELETE", "delete", error))
    return NULL;
  return g_steal_pointer (&self);
}

/* ---- Creating ---- */

static gboolean
insert_identity (CytProject *self, const CytProjectModel *encoder, const CytProjectModel *sae, gsize d_sae, int block,
                 GError **error)
{
  const CytProjectModel *models[] = { encoder, sae };
  static const char *const roles[] = { "encoder", "sae" };
  g_auto (CytStatement) facts = CYT_STATEMENT_INIT;
  g_auto (CytStatement) model = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&facts, self, "INSERT INTO project (id, d_sae, block, published) VALUES (1, ?, ?, ?)", error)
      || !cyt_statement_init (&model, self, "INSERT INTO model (role, path, sha256, config) VALUES (?, ?, ?, ?)", error))
    return FALSE;
  cyt_statement_bind_int (&facts, 1, d_sae);
  cyt_statement_bind_int (&facts, 2, block);
  cyt_statement_bind_int (&facts, 3, encoder == NULL);
  if (!cyt_statement_run (&facts, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      if (models[i] == NULL)
        continue;
      cyt_statement_bind_text (&model, 1, roles[i]);
      cyt_statement_bind_text (&model, 2, models[i]->path);
      cyt_statement_bind_text (&model, 3, models[i]->sha256);
      cyt_statement_bind_text (&model, 4, models[i]->config);
      if (!cyt_statement_run (&model, error))
        return FALSE;
    }
  return TRUE;
}

/* Fills the file @part, which exists and is empty. Nobody else knows it: no journal is needed. */
static gboolean
write_part (const char *part, const char *path, const CytProjectModel *encoder, const CytProjectModel *sae,
            gsize d_sae, int block, CytProjectFillFunc fill, gpointer user_data, GError **error)
{
  g_autoptr (CytProject) self = project_new (path);
  gboolean ok;

  ok = open_database (self, part, SQLITE_OPEN_READWRITE, error)
       && set_pragma (self, "journal_mode", "MEMORY", "memory", error) && set_pragmas (self, error)
       && cyt_project_begin_write (self, error);
  if (!ok)
    return FALSE;
  ok = cyt_project_schema_create (self, error) && insert_identity (self, encoder, sae, d_sae, block, error);
  if (!cyt_project_end (self, ok, error))
    return FALSE;
  self->d_sae = d_sae;
  self->block = block;
  self->published = encoder == NULL;
  return fill == NULL || fill (self, user_data, error);
}

/* Gives @part the name @path unless there is one already. */
static gboolean
publish (const char *part, const char *path, const char *folder, const char *display, GError **error)
{
  int fd;

  if (renameat2 (AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE) != 0)
    {
      /* NFS cannot do that, but it has hard links */
      if ((errno != EINVAL && errno != ENOSYS) || link (part, path) != 0)
        {
          set_errno_error (display, "cannot be made: ", errno, error);
          return FALSE;
        }
      unlink (part);
    }
  /* so that the name survives a power cut too; not every file system can, and none has to */
  fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0)
    {
      fsync (fd);
      close (fd);
    }
  return TRUE;
}

gboolean
cyt_project_check_new (const char *path, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *display = g_filename_display_name (absolute);
  g_autofree char *journal = g_strconcat (absolute, "-journal", NULL);

  if (g_file_test (absolute, G_FILE_TEST_EXISTS) || g_file_test (absolute, G_FILE_TEST_IS_SYMLINK))
    {
      set_errno_error (display, "cannot be made: ", EEXIST, error);
      return FALSE;
    }
  /* SQLite would play it back into the new file */
  if (g_file_test (journal, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_IO,
                   "%s: cannot be made: the -journal of an earlier project of this name lies beside it; "
                   "move it away", display);
      return FALSE;
    }
  return TRUE;
}

CytProject *
cyt_project_create_filled (const char *path, const CytProjectModel *encoder, const CytProjectModel *sae, gsize d_sae,
                           int block, CytProjectFillFunc fill, gpointer user_data, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *display = g_filename_display_name (absolute);
  g_autofree char *folder = g_path_get_dirname (absolute);
  g_autofree char *part = NULL;
  gboolean ok;
  int fd;

  if (d_sae < 1 || d_sae > CYT_PROJECT_MAX_LATENTS)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
                   "%s: the SAE has %" G_GSIZE_FORMAT " latents, a project holds 1 to %u", display, d_sae,
                   CYT_PROJECT_MAX_LATENTS);
      return NULL;
    }
  if (!cyt_project_check_new (absolute, error))
    return NULL;
  do
    {
      g_autofree char *name = g_strdup_printf (".cytosae-%08x.part", g_random_int ());

      g_free (part);
      part = g_build_filename (folder, name, NULL);
      fd = open (part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    }
  while (fd < 0 && errno == EEXIST);
  if (fd < 0)
    {
      set_errno_error (display, "cannot be made: ", errno, error);
      return NULL;
    }
  close (fd);
  ok = write_part (part, absolute, encoder, sae, d_sae, block, fill, user_data, error)
       && publish (part, absolute, folder, display, error);
  if (!ok)
    {
      unlink (part);
      return NULL;
    }
  return cyt_project_open (absolute, CYT_PROJECT_READ_WRITE, error);
}

CytProject *
cyt_project_create (const char *path, const CytProjectModel *encoder, const CytProjectModel *sae, gsize d_sae,
                    int block, GError **error)
{
  return cyt_project_create_filled (path, encoder, sae, d_sae, block, NULL, NULL, error);
}

/* ---- Facts and settings ---- */

const char *
cyt_project_get_path (CytProject *self)
{
  return self->path;
}

gboolean
cyt_project_is_read_only (CytProject *self)
{
  return self->read_only;
}

gsize
cyt_project_get_d_sae (CytProject *self)
{
  return self->d_sae;
}

int
cyt_project_get_block (CytProject *self)
{
  return self->block;
}

gboolean
cyt_project_is_published (CytProject *self)
{
  return self->published;
}

const CytProjectModel *
cyt_project_get_encoder (CytProject *self)
{
  return self->encoder;
}

const CytProjectModel *
cyt_project_get_sae (CytProject *self)
{
  return self->sae;
}

gint64
cyt_project_get_data_version (CytProject *self)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  /* While the file cannot be read nothing is known to have changed; the next read says why. */
  if (cyt_statement_init (&s, self, "PRAGMA data_version", NULL) && cyt_statement_step (&s, &row, NULL) && row)
    self->data_version = cyt_statement_get_int (&s, 0, 0, G_MAXINT64);
  return self->data_version;
}

gboolean
cyt_project_set_model_path (CytProject *self, const char *role, const char *path, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  CytProjectModel *model = strcmp (role, "encoder") == 0 ? self->encoder : self->sae;
  gboolean ok;

  if (!cyt_project_begin_write (self, error))
    return FALSE;
  ok = cyt_statement_init (&s, self, "UPDATE model SET path = ? WHERE role = ?", error);
  if (ok)
    {
      cyt_statement_bind_text (&s, 1, path);
      cyt_statement_bind_text (&s, 2, role);
      ok = cyt_statement_run (&s, error);
    }
  if (!cyt_project_end (self, ok, error))
    return FALSE;
  g_free (model->path);
  model->path = g_strdup (path);
  return TRUE;
}

char *
cyt_project_get_setting (CytProject *self, const char *key, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autofree char *value = NULL;
  gboolean row;

  if (!cyt_statement_init (&s, self, "SELECT value FROM setting WHERE key = ?", error))
    return NULL;
  cyt_statement_bind_text (&s, 1, key);
  if (!cyt_statement_step (&s, &row, error) || !row)
    return NULL;
  value = g_strdup (cyt_statement_get_text (&s, 0));
  if (!cyt_statement_check_row (&s, error, "setting", "key %s", key))
    return NULL;
  return g_steal_pointer (&value);
}

gboolean
cyt_project_set_setting (CytProject *self, const char *key, const char *value, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean ok;

  if (!cyt_project_begin_write (self, error))
    return FALSE;
  ok = cyt_statement_init (&s, self,
                           value ? "INSERT INTO setting (key, value) VALUES (?1, ?2) "
                                   "ON CONFLICT (key) DO UPDATE SET value = ?2"
                                 : "DELETE FROM setting WHERE key = ?1", error);
  if (ok)
    {
      cyt_statement_bind_text (&s, 1, key);
      if (value)
        cyt_statement_bind_text (&s, 2, value);
      ok = cyt_statement_run (&s, error);
    }
  return cyt_project_end (self, ok, error);
}

GHashTable *
cyt_project_list_settings (CytProject *self, const char *prefix, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GHashTable) settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gsize n = strlen (prefix);
  gboolean row;

  if (!cyt_statement_init (&s, self, "SELECT key, value FROM setting", error))
    return NULL;
  while (TRUE)
    {
      const char *key, *value;

      if (!cyt_statement_step (&s, &row, error))
        return NULL;
      if (!row)
        return g_steal_pointer (&settings);
      key = cyt_statement_get_text (&s, 0);
      value = cyt_statement_get_text (&s, 1);
      if (!cyt_statement_check_row (&s, error, "setting", "one of its rows"))
        return NULL;
      if (g_str_has_prefix (key, prefix))
        g_hash_table_insert (settings, g_strdup (key + n), g_strdup (value));
    }
}

gboolean
cyt_project_rename_setting (CytProject *self, const char *key, const char *new_key, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean ok;

  if (!cyt_project_begin_write (self, error))
    return FALSE;
  ok = cyt_statement_init (&s, self, "UPDATE setting SET key = ?2 WHERE key = ?1 "
                           "AND NOT EXISTS (SELECT 1 FROM setting WHERE key = ?2)", error);
  if (ok)
    {
      cyt_statement_bind_text (&s, 1, key);
      cyt_statement_bind_text (&s, 2, new_key);
      ok = cyt_statement_run (&s, error);
    }
  if (ok && sqlite3_changes (self->db) == 0)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
                   "%s: there is no setting %s any more, or %s is taken", self->display, key, new_key);
      ok = FALSE;
    }
  return cyt_project_end (self, ok, error);
}

gboolean
cyt_project_is_simulated (CytProject *self, gboolean *simulated, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *value = cyt_project_get_setting (self, "simulated", &local);

  if (local)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *simulated = g_strcmp0 (value, "1") == 0;
  return TRUE;
}

gboolean
cyt_project_set_simulated (CytProject *self, GError **error)
{
  gboolean simulated;

  /* A write would make every window that has the project open read it again. */
  return cyt_project_is_simulated (self, &simulated, error)
         && (simulated || cyt_project_set_setting (self, "simulated", "1", error));
}
