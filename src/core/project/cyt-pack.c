/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "io/cyt-error.h"
#include "io/cyt-image.h"
#include "project/cyt-pack.h"
#include "project/cyt-project-private.h"
#include "project/cyt-statement.h"

#define BATCH 256          /* thumbnails made before they are written */
#define N_COPIED 1000      /* cells whose latents are copied at once */
#define N_SAMPLED 24       /* thumbnails an estimate makes */
#define UNREADABLE "the image could not be read"

/* ---- What may be given away ---- */

/* An absolute path, as Unix or Windows writes it, begins at @text. */
static gboolean
begins_path (const char *text)
{
  return (text[0] == '/' && text[1] != '\0' && !g_ascii_isspace (text[1])) || (text[0] == '~' && text[1] == '/')
         || (text[0] == '\\' && text[1] == '\\')
         || (g_ascii_isalpha (text[0]) && text[1] == ':' && (text[2] == '\\' || text[2] == '/'));
}

/* Whether @text has an absolute path in it, at its beginning or after something that is no part of a word. */
static gboolean
holds_path (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if ((c == text || (!g_ascii_isalnum (c[-1]) && strchr ("._-/:\\", c[-1]) == NULL && (guchar) c[-1] < 0x80)
         || (c[-1] == ':' && *c == '/' && c[1] == '/'))
        && begins_path (c))
      return TRUE;
  return strstr (text, "file:") != NULL;
}

static JsonNode *
scrub_node (JsonNode *node)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
      && holds_path (json_node_get_string (node)))
    {
      JsonNode *scrubbed = json_node_new (JSON_NODE_VALUE);
      const char *text = json_node_get_string (node), *slash = MAX (strrchr (text, '/'), strrchr (text, '\\'));

      /* a file's own name tells which model it was */
      json_node_set_string (scrubbed, slash != NULL && !holds_path (slash + 1) ? slash + 1 : "");
      return scrubbed;
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node), *scrubbed = json_array_new ();

      for (guint i = 0; i < json_array_get_length (array); i++)
        json_array_add_element (scrubbed, scrub_node (json_array_get_element (array, i)));
      return json_node_init_array (json_node_alloc (), scrubbed);
    }
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node), *scrubbed = json_object_new ();
      g_autoptr (GList) names = json_object_get_members (object);

      for (GList *l = names; l != NULL; l = l->next)
        if (!holds_path (l->data))
          json_object_set_member (scrubbed, l->data, scrub_node (json_object_get_member (object, l->data)));
      return json_node_init_object (json_node_alloc (), scrubbed);
    }
  return json_node_copy (node);
}

/* A model without its path, and without those in its description. */
static CytProjectModel *
scrub_model (const CytProjectModel *model)
{
  CytProjectModel *scrubbed = g_new0 (CytProjectModel, 1);
  g_autoptr (JsonNode) config = json_from_string (model->config, NULL);
  g_autoptr (JsonNode) clean = config != NULL ? scrub_node (config) : NULL;

  scrubbed->path = g_strdup ("");
  scrubbed->sha256 = g_strdup (model->sha256);
  scrubbed->config = clean != NULL ? json_to_string (clean, FALSE) : g_strdup ("{}");
  return scrubbed;
}

/* ---- The copy ---- */

typedef struct
{
  CytProject *source;          /* of its own, read-only */
  CytProject *project;         /* the pack; NULL while estimating */
  guint thumbnail_size;
  guint n_threads;
  CytProgress *progress;
  GCancellable *cancellable;
  gsize n_missing;             /* images that were not there */
  GHashTable *folders;         /* data set (as pointer) → bytes of the folder that its cells share, with its '/' */
} Pack;

static int
stop_cb (gpointer user_data)
{
  return g_cancellable_is_cancelled (user_data);
}

/* The longest beginning of the paths of a data set that ends in '/'. */
static gboolean
find_folder (Pack *self, gint64 dataset, gsize *length, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autofree char *shared = NULL;
  gboolean row;

  /* the least and the greatest share what all share */
  if (!cyt_statement_init (&s, self->source,
                           "SELECT min (path), max (path) FROM cell WHERE dataset = ? AND substr (path, 1, 1) <> '/'",
                           error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  *length = 0;
  if (!cyt_statement_step (&s, &row, error))
    return FALSE;
  if (row && !cyt_statement_is_null (&s, 0))
    {
      const char *last = cyt_statement_get_path (&s, 1);

      shared = g_strdup (cyt_statement_get_path (&s, 0));
      for (gsize i = 0; shared[i] != '\0' && shared[i] == last[i]; i++)
        if (shared[i] == '/')
          *length = i + 1;
    }
  cyt_statement_reset (&s);
  return TRUE;
}

static gsize
get_folder (Pack *self, gint64 dataset)
{
  return GPOINTER_TO_SIZE (g_hash_table_lookup (self->folders, GSIZE_TO_POINTER ((gsize) dataset)));
}

/* pack_path (path, dataset): below the folder that the data set's cells share; nothing but its name where it lies outside. */
static void
pack_path_cb (sqlite3_context *context, int n, sqlite3_value **values)
{
  Pack *self = sqlite3_user_data (context);
  const char *path = (const char *) sqlite3_value_text (values[0]);
  gsize folder = get_folder (self, sqlite3_value_int64 (values[1]));

  if (path == NULL)
    sqlite3_result_null (context);
  else if (path[0] == '/')
    {
      g_autofree char *name = g_path_get_basename (path);

      sqlite3_result_text (context, name, -1, SQLITE_TRANSIENT);
    }
  else
    sqlite3_result_text (context, path + MIN (folder, strlen (path)), -1, SQLITE_TRANSIENT);
}

/* pack_failure (failure, path, root): begins with the cell's path where it began with that of the file. */
static void
pack_failure_cb (sqlite3_context *context, int n, sqlite3_value **values)
{
  const char *text = (const char *) sqlite3_value_text (values[0]);
  const char *path = (const char *) sqlite3_value_text (values[1]);
  const char *root = (const char *) sqlite3_value_text (values[2]);
  g_autofree char *file = NULL, *whole = NULL, *folder = NULL, *packed = NULL;

  if (text == NULL || path == NULL || root == NULL)
    {
      sqlite3_result_null (context);
      return;
    }
  file = g_build_filename (root, path, NULL);
  whole = g_filename_display_name (file);
  folder = g_filename_display_name (root);
  if (g_str_has_prefix (text, whole))
    packed = g_strconcat (path[0] == '/' ? "" : path, text + strlen (whole), NULL);
  else if (g_str_has_prefix (text, folder) && g_str_has_prefix (text + strlen (folder), ": "))
    packed = g_strdup (text + strlen (folder) + 2);
  else
    packed = g_strdup (text);
  if (holds_path (packed) || !g_utf8_validate (packed, -1, NULL))
    sqlite3_result_text (context, UNREADABLE, -1, SQLITE_STATIC);
  else
    sqlite3_result_text (context, packed, -1, SQLITE_TRANSIENT);
}

/* holds_path (text) */
static void
holds_path_cb (sqlite3_context *context, int n, sqlite3_value **values)
{
  const char *text = (const char *) sqlite3_value_text (values[0]);

  sqlite3_result_int (context, text != NULL && holds_path (text));
}

/* What the columns of the pack are, where not those of the project. */
static const char *
get_expression (const char *table, const char *column)
{
  static const struct
  {
    const char *table, *column, *expression;
  } others[] = {
    { "dataset", "root", "''" },
    { "cell", "path", "pack_path (path, dataset)" },
    { "cell", "failure",
      "pack_failure (failure, path, (SELECT d.root FROM source.dataset d WHERE d.id = source.cell.dataset))" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (strcmp (others[i].table, table) == 0 && strcmp (others[i].column, column) == 0)
      return others[i].expression;
  return column;
}

static gboolean
copy_table (Pack *self, const char *table, const char *where, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GString) columns = g_string_new (NULL), values = g_string_new (NULL);
  g_autofree char *sql = NULL;
  gboolean row;

  if (!cyt_statement_init (&s, self->project, "SELECT name FROM pragma_table_info (?)", error))
    return FALSE;
  cyt_statement_bind_text (&s, 1, table);
  while (TRUE)
    {
      const char *name;

      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        break;
      name = cyt_statement_get_text (&s, 0);
      g_string_append_printf (columns, "%s\"%s\"", columns->len > 0 ? ", " : "", name);
      g_string_append_printf (values, "%s%s", values->len > 0 ? ", " : "", get_expression (table, name));
    }
  sql = g_strdup_printf ("INSERT INTO main.\"%s\" (%s) SELECT %s FROM source.\"%s\" %s", table, columns->str, values->str,
                         table, where);
  return cyt_project_exec (self->project, sql, error);
}

/* The tables that references lead to first. */
static gboolean
copy_tables (Pack *self, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GPtrArray) tables = g_ptr_array_new_with_free_func (g_free);
  gboolean row;

  if (!cyt_statement_init (&s, self->project,
                           "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
                           "AND name NOT IN ('project', 'model', 'thumbnail', 'cell_latents') ORDER BY rowid", error))
    return FALSE;
  while (TRUE)
    {
      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        break;
      g_ptr_array_add (tables, g_strdup (cyt_statement_get_text (&s, 0)));
    }
  for (guint i = 0; i < tables->len; i++)
    if (!copy_table (self, tables->pdata[i],
                     strcmp (tables->pdata[i], "setting") == 0 ? "WHERE NOT holds_path (value)" : "", error))
      return FALSE;
  return TRUE;
}

static gboolean
run_write (Pack *self, gboolean (*write) (Pack *, GError **), GError **error)
{
  return cyt_project_begin_write (self->project, error)
         && cyt_project_end (self->project, write (self, error), error);
}

/* They never change once they are there, so that they need not be read all at once while others wait. */
static gboolean
copy_latents (Pack *self, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;
  gint64 last;

  if (!cyt_statement_init (&s, self->project, "SELECT ifnull (max (id), 0) FROM main.cell", error)
      || !cyt_statement_step (&s, &row, error))
    return FALSE;
  last = cyt_statement_get_int (&s, 0, 0, G_MAXINT64);
  cyt_statement_reset (&s);
  for (gint64 first = 0; first <= last; first += N_COPIED)
    {
      g_autofree char *where
        = g_strdup_printf ("WHERE cell >= %" G_GINT64_FORMAT " AND cell < %" G_GINT64_FORMAT
                           " AND cell IN (SELECT id FROM main.cell WHERE sha256 IS NOT NULL)", first, first + N_COPIED);

      if (!cyt_project_begin_write (self->project, error)
          || !cyt_project_end (self->project, copy_table (self, "cell_latents", where, error), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
find_folders (Pack *self, GError **error)
{
  g_autoptr (GPtrArray) datasets = cyt_project_list_datasets (self->source, error);

  if (datasets == NULL)
    return FALSE;
  for (guint i = 0; i < datasets->len; i++)
    {
      gint64 id = ((CytDataset *) datasets->pdata[i])->id;
      gsize length;

      if (!find_folder (self, id, &length, error))
        return FALSE;
      g_hash_table_insert (self->folders, GSIZE_TO_POINTER ((gsize) id), GSIZE_TO_POINTER (length));
    }
  return TRUE;
}

/* ---- Thumbnails ---- */

typedef struct
{
  gint64 cell;
  char *path;
  char *sha256;       /* of the image that was indexed */
  GBytes *stored;     /* the thumbnail that the project has */
  GBytes *thumbnail;  /* the one for the pack */
  gboolean missing;   /* made without the image */
} Shown;

static void
shown_free (Shown *self)
{
  g_free (self->path);
  g_free (self->sha256);
  g_clear_pointer (&self->stored, g_bytes_unref);
  g_clear_pointer (&self->thumbnail, g_bytes_unref);
  g_free (self);
}

/* The image that was indexed, or NULL. */
static CytImage *
load_indexed (const Shown *shown)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *hash = NULL;
  char *content;
  gsize length;

  if (shown->sha256 == NULL || !g_file_get_contents (shown->path, &content, &length, NULL))
    return NULL;
  bytes = g_bytes_new_take (content, length);
  hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  return strcmp (hash, shown->sha256) == 0 ? cyt_image_load_bytes (bytes, shown->path, NULL) : NULL;
}

static void
make_thumbnail (Shown *shown, guint size)
{
  g_autoptr (CytImage) image = load_indexed (shown);

  if (image == NULL)
    {
      shown->missing = TRUE;
      image = cyt_image_load_bytes (shown->stored, "thumbnail", NULL);
      /* as it is rather than compressed once more */
      if (image != NULL && MAX (image->width, image->height) <= size)
        shown->thumbnail = g_bytes_ref (shown->stored);
    }
  if (image != NULL && shown->thumbnail == NULL)
    shown->thumbnail = cyt_image_make_thumbnail (image, size, NULL);
}

static GArray *
list_shown (Pack *self, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GArray) cells = g_array_new (FALSE, FALSE, sizeof (gint64));
  gboolean row;

  if (!cyt_statement_init (&s, self->source, "SELECT cell FROM thumbnail ORDER BY cell", error))
    return NULL;
  while (TRUE)
    {
      gint64 cell;

      if (!cyt_statement_step (&s, &row, error))
        return NULL;
      if (!row)
        return g_steal_pointer (&cells);
      cell = cyt_statement_get_int (&s, 0, 1, G_MAXINT64);
      if (!cyt_statement_check_row (&s, error, "thumbnail", "one of its rows"))
        return NULL;
      g_array_append_val (cells, cell);
    }
}

static Shown *
load_shown (Pack *self, gint64 id, GError **error)
{
  Shown *shown = g_new0 (Shown, 1);
  g_autoptr (CytCell) cell = cyt_project_get_cell (self->source, id, error);
  g_autoptr (GError) local = NULL;

  shown->cell = id;
  if (cell != NULL && (shown->path = cyt_project_dup_cell_path (self->source, id, error)) != NULL)
    {
      shown->sha256 = g_steal_pointer (&cell->sha256);
      shown->stored = cyt_project_get_thumbnail (self->source, id, &local);
      if (shown->stored == NULL && local == NULL)
        shown->stored = g_bytes_new (NULL, 0); /* dropped meanwhile, by an indexer */
      else if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
    }
  if (shown->stored == NULL)
    g_clear_pointer (&shown, shown_free);
  return shown;
}

/* @cells: (n). */
static GPtrArray *
load_batch (Pack *self, const gint64 *cells, gsize n, GError **error)
{
  g_autoptr (GPtrArray) batch = g_ptr_array_new_with_free_func ((GDestroyNotify) shown_free);

  for (gsize i = 0; i < n; i++)
    {
      Shown *shown = load_shown (self, cells[i], error);

      if (shown == NULL)
        return NULL;
      g_ptr_array_add (batch, shown);
    }
  return g_steal_pointer (&batch);
}

typedef struct
{
  GPtrArray *batch;
  guint size;
  GCancellable *cancellable;
  gint next;          /* atomic */
} Making;

static gpointer
thumbnail_thread (gpointer data)
{
  Making *making = data;

  while (!g_cancellable_is_cancelled (making->cancellable))
    {
      guint i = (guint) g_atomic_int_add (&making->next, 1);

      if (i >= making->batch->len)
        break;
      make_thumbnail (making->batch->pdata[i], making->size);
    }
  return NULL;
}

static gboolean
make_batch (Pack *self, GPtrArray *batch, GError **error)
{
  Making making = { batch, self->thumbnail_size, self->cancellable, 0 };
  guint n_threads = MIN (self->n_threads > 0 ? self->n_threads : g_get_num_processors (), batch->len);
  g_autofree GThread **threads = g_new (GThread *, MAX (1, n_threads));

  for (guint i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("thumbnails", thumbnail_thread, &making);
  for (guint i = 0; i < n_threads; i++)
    g_thread_join (threads[i]);
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

static gboolean
write_batch (Pack *self, GPtrArray *batch, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&s, self->project, "INSERT INTO main.thumbnail (cell, jpeg) VALUES (?, ?)", error))
    return FALSE;
  for (guint i = 0; i < batch->len; i++)
    {
      const Shown *shown = batch->pdata[i];
      gconstpointer data;
      gsize size;

      if (shown->thumbnail == NULL)
        continue;
      data = g_bytes_get_data (shown->thumbnail, &size);
      cyt_statement_bind_int (&s, 1, shown->cell);
      cyt_statement_bind_blob (&s, 2, data, size);
      if (!cyt_statement_run (&s, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
copy_thumbnails (Pack *self, GError **error)
{
  g_autoptr (GArray) cells = list_shown (self, error);

  if (cells == NULL)
    return FALSE;
  if (self->progress)
    cyt_progress_start (self->progress, 0, cells->len);
  for (guint first = 0; first < cells->len; first += BATCH)
    {
      guint n = MIN (BATCH, cells->len - first);
      g_autoptr (GPtrArray) batch = load_batch (self, &g_array_index (cells, gint64, first), n, error);

      if (batch == NULL || !make_batch (self, batch, error) || !cyt_project_begin_write (self->project, error)
          || !cyt_project_end (self->project, write_batch (self, batch, error), error))
        return FALSE;
      for (guint i = 0; i < batch->len; i++)
        self->n_missing += ((Shown *) batch->pdata[i])->missing;
      if (self->progress)
        cyt_progress_advance (self->progress, n, 0);
    }
  return TRUE;
}

/* ---- The whole ---- */

static gboolean
attach (Pack *self, GError **error)
{
  sqlite3 *db = self->project->db;
  const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  int rc;

  /* no page of another's is to be found in what is not overwritten */
  if (!cyt_project_exec (self->project, "PRAGMA secure_delete = ON", error)
      || !cyt_statement_init (&s, self->project, "ATTACH ? AS source", error))
    return FALSE;
  cyt_statement_bind_text (&s, 1, self->source->path);
  if (!cyt_statement_run (&s, error))
    return FALSE;
  rc = sqlite3_create_function (db, "pack_path", 2, flags, self, pack_path_cb, NULL, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_create_function (db, "pack_failure", 3, flags, self, pack_failure_cb, NULL, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_create_function (db, "holds_path", 1, flags, self, holds_path_cb, NULL, NULL);
  return rc == SQLITE_OK || cyt_project_set_sqlite_error (self->project, rc, error);
}

static gboolean
fill (CytProject *project, gpointer user_data, GError **error)
{
  Pack *self = user_data;
  g_autoptr (GError) local = NULL;
  gboolean ok;

  self->project = project;
  if (self->cancellable)
    sqlite3_progress_handler (project->db, 10000, stop_cb, self->cancellable);
  ok = attach (self, &local) && run_write (self, copy_tables, &local) && copy_latents (self, &local)
       && copy_thumbnails (self, &local);
  sqlite3_progress_handler (project->db, 0, NULL, NULL);
  /* first, for SQLite only says that it was interrupted */
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  if (ok)
    return cyt_project_exec (project, "DETACH source", error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
pack_init (Pack *self, const char *path, guint thumbnail_size, GCancellable *cancellable, GError **error)
{
  memset (self, 0, sizeof *self);
  self->thumbnail_size = CLAMP (thumbnail_size, CYT_PACK_MIN_THUMBNAIL, CYT_PACK_MAX_THUMBNAIL);
  self->cancellable = cancellable;
  self->folders = g_hash_table_new (NULL, NULL);
  self->source = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error);
  return self->source != NULL;
}

static void
pack_clear (Pack *self)
{
  g_clear_pointer (&self->source, cyt_project_close);
  g_clear_pointer (&self->folders, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pack, pack_clear)

gboolean
cyt_pack_write (const char *path, const char *out, guint thumbnail_size, guint n_threads, gsize *n_missing,
                CytProgress *progress, GCancellable *cancellable, GError **error)
{
  g_auto (Pack) self = { NULL };
  g_autoptr (CytProjectModel) encoder = NULL, sae = NULL;
  g_autoptr (CytProject) pack = NULL;

  if (!pack_init (&self, path, thumbnail_size, cancellable, error) || !find_folders (&self, error))
    return FALSE;
  self.n_threads = n_threads;
  self.progress = progress;
  encoder = self.source->encoder ? scrub_model (self.source->encoder) : NULL;
  sae = scrub_model (self.source->sae);
  pack = cyt_project_create_filled (out, encoder, sae, self.source->d_sae, self.source->block, fill, &self, error);
  if (pack != NULL && n_missing != NULL)
    *n_missing = self.n_missing;
  return pack != NULL;
}

static gboolean
measure (Pack *self, gint64 *rest, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&s, self->source,
                           "SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size) "
                           "- (SELECT freelist_count FROM pragma_freelist_count) "
                           "* (SELECT page_size FROM pragma_page_size) "
                           "- (SELECT ifnull (sum (length (jpeg)), 0) FROM thumbnail)", error)
      || !cyt_statement_step (&s, &row, error))
    return FALSE;
  *rest = cyt_statement_get_int (&s, 0, 0, G_MAXINT64);
  return TRUE;
}

gboolean
cyt_pack_estimate (const char *path, guint thumbnail_size, CytPackEstimate *estimate, GCancellable *cancellable,
                   GError **error)
{
  g_auto (Pack) self = { NULL };
  g_autoptr (GArray) cells = NULL;
  g_autoptr (GPtrArray) batch = NULL;
  gint64 sample[N_SAMPLED], rest;
  guint n = 0, n_made = 0;
  gsize sum = 0;

  if (!pack_init (&self, path, thumbnail_size, cancellable, error) || (cells = list_shown (&self, error)) == NULL
      || !measure (&self, &rest, error))
    return FALSE;
  for (n = 0; n < MIN (N_SAMPLED, cells->len); n++)
    sample[n] = g_array_index (cells, gint64, (guint64) n * cells->len / MIN (N_SAMPLED, cells->len));
  batch = load_batch (&self, sample, n, error);
  if (batch == NULL || !make_batch (&self, batch, error))
    return FALSE;
  for (guint i = 0; i < batch->len; i++)
    {
      const Shown *shown = batch->pdata[i];

      n_made += shown->thumbnail != NULL;
      sum += shown->thumbnail ? g_bytes_get_size (shown->thumbnail) : 0;
    }
  estimate->n_thumbnails = cells->len;
  estimate->size = (guint64) rest + (n_made > 0 ? (guint64) ((double) sum / n_made * cells->len) : 0);
  return TRUE;
}
