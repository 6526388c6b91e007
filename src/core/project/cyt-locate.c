/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-error.h"
#include "io/cyt-hash.h"
#include "project/cyt-locate.h"
#include "project/cyt-project-private.h"
#include "project/cyt-statement.h"

#define N_PROBES 50        /* images that tell which folder it is */
#define MAX_DEPTH 3        /* folders below the one asked for */
#define MAX_FOLDERS 1000

typedef enum
{
  FOUND,
  DIFFERENT,
  MISSING,
  UNVERIFIED,
  ABSENT,       /* neither there nor ever seen: does not count */
} Verdict;

typedef struct
{
  char *path;
  char *sha256;   /* NULL: never indexed */
  Verdict verdict;
} Image;

static void
image_free (Image *self)
{
  g_free (self->path);
  g_free (self->sha256);
  g_free (self);
}

void
cyt_locate_result_free (CytLocateResult *self)
{
  if (self == NULL)
    return;
  g_free (self->root);
  g_free (self->example);
  g_free (self);
}

static GPtrArray *
load_images (CytProject *project, const CytDataset *dataset, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func ((GDestroyNotify) image_free);
  gboolean row;

  if (!cyt_statement_init (&s, project, "SELECT path, sha256, id FROM cell WHERE dataset = ? AND failure IS NULL ORDER BY id", error))
    return NULL;
  cyt_statement_bind_int (&s, 1, dataset->id);
  while (TRUE)
    {
      Image *image;

      if (!cyt_statement_step (&s, &row, error))
        return NULL;
      if (!row)
        return g_steal_pointer (&images);
      image = g_new0 (Image, 1);
      g_ptr_array_add (images, image);
      image->path = g_strdup (cyt_statement_get_path (&s, 0));
      image->sha256 = cyt_statement_dup_text_or_null (&s, 1);
      if (!cyt_statement_check_row (&s, error, "cell", "id %" G_GINT64_FORMAT,
                                    cyt_statement_get_int (&s, 2, G_MININT64, G_MAXINT64)))
        return NULL;
    }
}

/* ---- Which folder ---- */

static char *
dup_file (const char *root, const char *path)
{
  return g_path_is_absolute (path) ? g_strdup (path) : g_build_filename (root, path, NULL);
}

/* How many of some images spread over the data set lie in @root. */
static guint
probe (GPtrArray *images, const char *root)
{
  guint n = MIN (N_PROBES, images->len), n_there = 0;

  for (guint i = 0; i < n; i++)
    {
      const Image *image = images->pdata[(guint64) i * images->len / n];
      g_autofree char *file = dup_file (root, image->path);

      n_there += g_file_test (file, G_FILE_TEST_IS_REGULAR);
    }
  return n_there;
}

typedef struct
{
  char *path;
  guint depth;
} Folder;

static void
folder_free (Folder *self)
{
  g_free (self->path);
  g_free (self);
}

static void
queue_folder (GQueue *queue, const char *parent, const char *name, guint depth)
{
  Folder *folder = g_new0 (Folder, 1);

  folder->path = name ? g_build_filename (parent, name, NULL) : g_strdup (parent);
  folder->depth = depth;
  g_queue_push_tail (queue, folder);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
queue_subfolders (GQueue *queue, const Folder *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder->path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder->path, name, NULL);

      if (*name != '.' && g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    queue_folder (queue, folder->path, names->pdata[i], folder->depth + 1);
}

/* The folder itself where it will do; users also choose the one above it, or one of a class in it. */
static char *
find_root (GPtrArray *images, const char *folder, GCancellable *cancellable)
{
  g_autofree char *parent = g_path_get_dirname (folder);
  guint wanted = MIN (N_PROBES, images->len), best = probe (images, folder), n_folders = 0, there;
  g_autofree char *root = g_strdup (folder);
  GQueue queue = G_QUEUE_INIT;

  queue_folder (&queue, folder, NULL, 0);
  while (best < wanted && !g_queue_is_empty (&queue) && !g_cancellable_is_cancelled (cancellable))
    {
      Folder *next = g_queue_pop_head (&queue);

      there = probe (images, next->path);
      if (there > best)
        {
          g_free (root);
          root = g_strdup (next->path);
          best = there;
        }
      if (next->depth < MAX_DEPTH && ++n_folders < MAX_FOLDERS)
        queue_subfolders (&queue, next);
      folder_free (next);
    }
  g_queue_clear_full (&queue, (GDestroyNotify) folder_free);
  return probe (images, parent) > best ? g_steal_pointer (&parent) : g_steal_pointer (&root);
}

/* ---- Are they the same ---- */

typedef struct
{
  GPtrArray *images;
  const char *root;
  CytProgress *progress;
  GCancellable *cancellable;
  gint next;          /* atomic */
} Search;

static Verdict
judge (const Image *image, const char *root, GCancellable *cancellable)
{
  g_autofree char *file = dup_file (root, image->path);
  g_autofree char *hash = NULL;

  if (!g_file_test (file, G_FILE_TEST_IS_REGULAR))
    return image->sha256 != NULL ? MISSING : ABSENT;
  if (image->sha256 == NULL)
    return UNVERIFIED;
  hash = cyt_hash_path (file, cancellable, NULL);
  return hash == NULL ? MISSING : strcmp (hash, image->sha256) == 0 ? FOUND : DIFFERENT;
}

static gpointer
search_thread (gpointer data)
{
  Search *search = data;

  while (!g_cancellable_is_cancelled (search->cancellable))
    {
      guint i = (guint) g_atomic_int_add (&search->next, 1);
      Image *image;

      if (i >= search->images->len)
        break;
      image = search->images->pdata[i];
      image->verdict = judge (image, search->root, search->cancellable);
      if (search->progress)
        cyt_progress_advance (search->progress, 1, 0);
    }
  return NULL;
}

static gboolean
search_all (Search *search, guint n_threads, GError **error)
{
  g_autofree GThread **threads = NULL;

  n_threads = MAX (1, MIN (n_threads > 0 ? n_threads : g_get_num_processors (), search->images->len));
  threads = g_new (GThread *, n_threads);
  if (search->progress)
    cyt_progress_start (search->progress, 0, search->images->len);
  for (guint i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("locate", search_thread, search);
  for (guint i = 0; i < n_threads; i++)
    g_thread_join (threads[i]);
  return !g_cancellable_set_error_if_cancelled (search->cancellable, error);
}

static void
count_verdicts (CytLocateResult *result, GPtrArray *images)
{
  const char *missing = NULL, *different = NULL;

  for (guint i = 0; i < images->len; i++)
    {
      const Image *image = images->pdata[i];

      result->n_found += image->verdict == FOUND;
      result->n_different += image->verdict == DIFFERENT;
      result->n_missing += image->verdict == MISSING;
      result->n_unverified += image->verdict == UNVERIFIED;
      if (image->verdict == DIFFERENT && different == NULL)
        different = image->path;
      if (image->verdict == MISSING && missing == NULL)
        missing = image->path;
    }
  result->example = g_strdup (different != NULL ? different : missing);
}

static gboolean
check_folder (const char *folder, GError **error)
{
  g_autofree char *display = g_filename_display_name (folder);

  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR, "%s: there is no such folder", display);
  return FALSE;
}

CytLocateResult *
cyt_locate_images (const char *path, const char *dataset, const char *folder, guint n_threads, CytProgress *progress,
                   GCancellable *cancellable, GError **error)
{
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error);
  g_autoptr (CytLocateResult) result = g_new0 (CytLocateResult, 1);
  g_autofree char *absolute = g_canonicalize_filename (folder, NULL);
  g_autoptr (CytDataset) facts = NULL;
  g_autoptr (GPtrArray) images = NULL;
  g_autoptr (GError) local = NULL;
  Search search = { NULL, NULL, progress, cancellable, 0 };

  if (project == NULL || !check_folder (absolute, error))
    return NULL;
  facts = cyt_project_find_dataset (project, dataset, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (facts == NULL)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: has no data set \"%s\"", project->display,
                   dataset);
      return NULL;
    }
  if ((images = load_images (project, facts, error)) == NULL)
    return NULL;
  result->root = find_root (images, absolute, cancellable);
  search.images = images;
  search.root = result->root;
  if (!search_all (&search, n_threads, error))
    return NULL;
  count_verdicts (result, images);
  return g_steal_pointer (&result);
}

gboolean
cyt_locate_probe (CytProject *project, gint64 dataset, gboolean *any, GError **error)
{
  gint64 first;
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (project, dataset, &first, error);
  gint64 n;

  if (facts == NULL)
    return FALSE;
  n = MIN (N_PROBES, (gint64) facts->n_cells);
  *any = n == 0;
  for (gint64 i = 0; i < n && !*any; i++)
    {
      g_autofree char *path = cyt_project_dup_cell_path (project, first + i * (gint64) facts->n_cells / n, error);

      if (path == NULL)
        return FALSE;
      *any = g_file_test (path, G_FILE_TEST_EXISTS);
    }
  return TRUE;
}
