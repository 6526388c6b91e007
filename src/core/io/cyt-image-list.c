/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "io/cyt-csv.h"
#include "io/cyt-error.h"
#include "io/cyt-image-list.h"

void
cyt_image_item_free (CytImageItem *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self->label);
  g_free (self->patient);
  g_free (self->disease);
  g_free (self);
}

static char *
dup_or_null (const char *text)
{
  return *text != '\0' ? g_strdup (text) : NULL;
}

static CytImageItem *
add_item (CytImageList *self, const char *path)
{
  CytImageItem *item = g_new0 (CytImageItem, 1);

  item->path = g_strdup (path);
  g_ptr_array_add (self->items, item);
  return item;
}

static gboolean
has_suffix (const char *name, const char *suffix)
{
  gsize n = strlen (name), n_suffix = strlen (suffix);

  return n >= n_suffix && g_ascii_strcasecmp (name + n - n_suffix, suffix) == 0;
}

static gboolean
is_image_name (const char *name)
{
  static const char *const suffixes[] = { ".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".gif", ".webp" };

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (has_suffix (name, suffixes[i]))
      return TRUE;
  return FALSE;
}

static gboolean
fail_errno (GError **error, const char *path, int code)
{
  g_autofree char *display = g_filename_display_name (path);

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", display, g_strerror (code));
  return FALSE;
}

/* Paths of the images below @folder (absolute), in no order, onto @paths. */
static gboolean
collect_folder (const char *folder, GPtrArray *paths, GError **error)
{
  g_autoptr (GPtrArray) waiting = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (waiting, g_strdup (folder));
  while (waiting->len > 0)
    {
      g_autofree char *current = g_ptr_array_steal_index_fast (waiting, waiting->len - 1);
      g_autoptr (GDir) dir = g_dir_open (current, 0, error);
      const char *name;

      if (dir == NULL)
        return FALSE;
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *path = NULL;
          struct stat link, target;

          if (*name == '.')
            continue;
          path = g_build_filename (current, name, NULL);
          if (lstat (path, &link) != 0)
            continue; /* gone meanwhile */
          if (S_ISDIR (link.st_mode))
            g_ptr_array_add (waiting, g_steal_pointer (&path));
          else if (is_image_name (name)
                   && (S_ISREG (link.st_mode)
                       || (S_ISLNK (link.st_mode) && (stat (path, &target) != 0 || S_ISREG (target.st_mode)))))
            g_ptr_array_add (paths, g_steal_pointer (&path));
        }
    }
  return TRUE;
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
add_folder (CytImageList *self, const char *folder, GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  gsize n_folder = strlen (folder);

  if (!collect_folder (folder, paths, error))
    return FALSE;
  g_ptr_array_sort (paths, compare_paths);
  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      const char *inside = path + n_folder;
      CytImageItem *item = add_item (self, path);

      while (*inside == '/')
        inside++;
      if (strchr (inside, '/') != NULL)
        {
          g_autofree char *parent = g_path_get_dirname (path);
          g_autofree char *label = g_path_get_basename (parent);

          item->label = g_filename_display_name (label);
        }
    }
  return TRUE;
}

/* The first of @names that heads a column, or -1; NULL-terminated. */
static int
find_column (const CytCsv *csv, const char *const *names)
{
  int column = -1;

  for (; column < 0 && *names != NULL; names++)
    column = cyt_csv_find_column (csv, *names);
  return column;
}

/* Whether a yes-or-no column says yes: anything but empty, 0, no and false. */
static gboolean
is_said (const char *value)
{
  return *value != '\0' && strcmp (value, "0") != 0 && g_ascii_strcasecmp (value, "no") != 0
         && g_ascii_strcasecmp (value, "false") != 0;
}

static gboolean
add_csv (CytImageList *self, const char *path, GError **error)
{
  static const char *const image_names[] = { "image", "path", NULL };
  static const char *const label_names[] = { "label", NULL };
  static const char *const patient_names[] = { "patient", "patient_id", NULL };
  static const char *const disease_names[] = { "disease", NULL };
  static const char *const all_names[] = { "image", "path", "label", "patient", "patient_id", "disease",
                                           "simulated", NULL };
  g_autoptr (CytCsv) csv = cyt_csv_read (path, error);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *display = g_filename_display_name (path);
  int image, label, patient, disease, simulated;
  gsize first = self->items->len;

  if (csv == NULL || !cyt_csv_check_unique (csv, all_names, error))
    return FALSE;
  image = find_column (csv, image_names);
  label = find_column (csv, label_names);
  patient = find_column (csv, patient_names);
  disease = find_column (csv, disease_names);
  simulated = cyt_csv_find_column (csv, "simulated");
  if (image < 0)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_COLUMN,
                   "%s: no column “image” or “path” in the header", display);
      return FALSE;
    }
  for (gsize i = 0; i < cyt_csv_get_n_rows (csv); i++)
    {
      const char *name = cyt_csv_get (csv, i, image);
      g_autofree char *absolute = NULL;
      CytImageItem *item;

      if (*name == '\0')
        {
          g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "%s: line %u: no image is named", display,
                       cyt_csv_get_line (csv, i));
          return FALSE;
        }
      absolute = g_canonicalize_filename (name, folder);
      item = add_item (self, absolute);
      item->label = label >= 0 ? dup_or_null (cyt_csv_get (csv, i, label)) : NULL;
      item->patient = patient >= 0 ? dup_or_null (cyt_csv_get (csv, i, patient)) : NULL;
      self->simulated = self->simulated || (simulated >= 0 && is_said (cyt_csv_get (csv, i, simulated)));
      item->disease = disease >= 0 ? dup_or_null (cyt_csv_get (csv, i, disease)) : NULL;
    }
  cyt_image_attributes_read (self->attributes, csv, all_names, first);
  return TRUE;
}

/* Whether @path lies in @folder; both absolute and canonical. */
static gboolean
is_inside (const char *path, const char *folder)
{
  gsize n = strlen (folder);

  return strcmp (folder, "/") == 0 || (strncmp (path, folder, n) == 0 && path[n] == '/');
}

/* Makes @root (or nothing yet) the deepest folder that holds @folder too. */
static char *
share_root (char *root, const char *folder)
{
  if (root == NULL)
    return g_strdup (folder);
  while (strcmp (root, folder) != 0 && !is_inside (folder, root))
    {
      char *parent = g_path_get_dirname (root);

      g_free (root);
      root = parent;
    }
  return root;
}

/* Adds one argument's images with absolute paths, and widens the root. */
static gboolean
add_argument (CytImageList *self, const char *arg, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (arg, NULL);
  g_autofree char *folder = NULL;
  gboolean ok = TRUE;
  struct stat st;

  if (*arg == '\0')
    return fail_errno (error, "(empty name)", ENOENT);
  if (stat (path, &st) != 0)
    return fail_errno (error, arg, errno);
  folder = S_ISDIR (st.st_mode) ? g_strdup (path) : g_path_get_dirname (path);
  self->root = share_root (self->root, folder);
  if (S_ISDIR (st.st_mode))
    ok = add_folder (self, path, error);
  else if (has_suffix (path, ".csv"))
    ok = add_csv (self, path, error);
  else
    add_item (self, path);
  return ok;
}

static void
make_relative (CytImageList *self)
{
  gsize n = strcmp (self->root, "/") == 0 ? 0 : strlen (self->root);

  for (guint i = 0; i < self->items->len; i++)
    {
      CytImageItem *item = g_ptr_array_index (self->items, i);

      if (is_inside (item->path, self->root))
        {
          char *relative = g_strdup (item->path + n + 1);

          g_free (item->path);
          item->path = relative;
        }
    }
}

CytImageList *
cyt_image_list_new (const char *const *args, GError **error)
{
  g_autoptr (CytImageList) self = g_new0 (CytImageList, 1);

  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_image_item_free);
  self->attributes = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_image_attribute_free);
  for (gsize i = 0; args[i] != NULL; i++)
    if (!add_argument (self, args[i], error))
      return NULL;
  if (self->items->len == 0)
    {
      g_autofree char *names = g_strjoinv (", ", (char **) args);
      g_autofree char *display = g_filename_display_name (names);

      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "%s: no images in it",
                   *display != '\0' ? display : "the list");
      return NULL;
    }
  cyt_image_attributes_fill (self->attributes, self->items->len);
  make_relative (self);
  return g_steal_pointer (&self);
}

void
cyt_image_list_free (CytImageList *self)
{
  if (self == NULL)
    return;
  g_free (self->root);
  g_ptr_array_unref (self->items);
  g_clear_pointer (&self->attributes, g_ptr_array_unref);
  g_free (self);
}

CytImageList *
cyt_image_list_split (const CytImageList *self, gsize n, gboolean rest)
{
  CytImageList *part = g_new0 (CytImageList, 1);

  part->root = g_strdup (self->root);
  part->simulated = self->simulated;
  part->items = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_image_item_free);
  for (gsize i = 0; i < self->items->len; i++)
    if (((i + 1) % n != 0) == !!rest)
      {
        const CytImageItem *item = self->items->pdata[i];
        CytImageItem *copy = g_new0 (CytImageItem, 1);

        copy->path = g_strdup (item->path);
        copy->label = g_strdup (item->label);
        copy->patient = g_strdup (item->patient);
        copy->disease = g_strdup (item->disease);
        g_ptr_array_add (part->items, copy);
      }
  return part;
}

gsize
cyt_image_list_get_n_items (const CytImageList *self)
{
  return self->items->len;
}

const CytImageItem *
cyt_image_list_get_item (const CytImageList *self, gsize i)
{
  g_return_val_if_fail (i < self->items->len, NULL);

  return g_ptr_array_index (self->items, i);
}

char *
cyt_image_list_dup_path (const CytImageList *self, gsize i)
{
  return g_canonicalize_filename (cyt_image_list_get_item (self, i)->path, self->root);
}

CytImageList *
cyt_image_list_sample (const CytImageList *self, gsize n)
{
  CytImageList *sample = g_new0 (CytImageList, 1);
  gsize n_items = self->items->len, n_taken = MIN (n, n_items);

  sample->root = g_strdup (self->root);
  sample->simulated = self->simulated;
  sample->items = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_image_item_free);
  for (gsize i = 0; i < n_taken; i++)
    {
      const CytImageItem *item = g_ptr_array_index (self->items, i * n_items / n_taken);
      CytImageItem *copy = g_new (CytImageItem, 1);

      *copy = (CytImageItem){ g_strdup (item->path), g_strdup (item->label), g_strdup (item->patient),
                              g_strdup (item->disease) };
      g_ptr_array_add (sample->items, copy);
    }
  return sample;
}

/* The next number of @key: how many were asked for before. */
static guint
take_number (GHashTable *numbers, const char *key)
{
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (numbers, key));

  g_hash_table_insert (numbers, (gpointer) key, GUINT_TO_POINTER (number + 1));
  return number;
}

void
cyt_image_list_halve (const CytImageList *self, guint8 *half)
{
  g_autoptr (GHashTable) patients = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) classes = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < self->items->len; i++)
    {
      const CytImageItem *item = g_ptr_array_index (self->items, i);
      gpointer number;

      if (item->patient == NULL)
        half[i] = take_number (classes, item->label != NULL ? item->label : "") % 2;
      else if (g_hash_table_lookup_extended (patients, item->patient, NULL, &number))
        half[i] = GPOINTER_TO_UINT (number) % 2;
      else
        {
          half[i] = g_hash_table_size (patients) % 2;
          g_hash_table_insert (patients, item->patient, GUINT_TO_POINTER (g_hash_table_size (patients)));
        }
    }
}
