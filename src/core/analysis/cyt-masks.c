/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "analysis/cyt-masks.h"
#include "io/cyt-error.h"
#include "io/cyt-image.h"

#define SIDE CYT_N_PATCH_SIDE
#define MASK_SUFFIX ".png"

/* A structure of one cell before the names of all are known. */
typedef struct
{
  guint32 position;
  const char *name;
  float share[CYT_N_PATCHES];
} Piece;

typedef struct
{
  const char *folder;
  const char *level_names[256]; /* NULL: none given */
  GStringChunk *strings;
  GHashTable *folders;          /* path → sorted names of its masks (GPtrArray), read once */
  GArray *pieces;               /* of Piece */
} Load;

/* ---- Where masks lie ---- */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Names of the files in @folder, sorted; empty when there is no such folder. */
static GPtrArray *
list_folder (Load *load, const char *folder)
{
  GPtrArray *names = g_hash_table_lookup (load->folders, folder);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (names != NULL)
    return names;
  names = g_ptr_array_new_with_free_func (g_free);
  g_hash_table_insert (load->folders, g_strdup (folder), names);
  dir = g_dir_open (folder, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, MASK_SUFFIX))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* Whether @name is STEM.png (@structure ""), or STEM-STRUCTURE.png. */
static gboolean
is_mask_of (const char *name, const char *stem, char **structure)
{
  gsize n = strlen (stem), n_name = strlen (name) - strlen (MASK_SUFFIX);

  if (n_name < n || strncmp (name, stem, n) != 0)
    return FALSE;
  if (n_name == n)
    *structure = g_strdup ("");
  else if (name[n] == '-' && n_name > n + 1)
    *structure = g_strndup (name + n + 1, n_name - n - 1);
  else
    return FALSE;
  return TRUE;
}

/* Index of the first name that is not before @stem. */
static guint
find_stem (const GPtrArray *names, const char *stem)
{
  guint low = 0, high = names->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (strcmp (names->pdata[middle], stem) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* Files of the image's masks: pairs of path and structure; of NULL when there is none. */
static GPtrArray *
find_masks (Load *load, const CytImageItem *item)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *base = g_path_get_basename (item->path);
  char *dot = strrchr (base, '.');
  const char *inside = item->path;

  if (dot != NULL)
    *dot = '\0';
  while (*inside == '/')
    inside++;
  while (found->len == 0)
    {
      g_autofree char *below = g_path_get_dirname (inside);
      g_autofree char *folder = g_build_filename (load->folder, below, NULL);
      GPtrArray *names = strstr (inside, "..") == NULL ? list_folder (load, folder) : NULL;
      const char *slash = strchr (inside, '/');

      for (guint i = names != NULL ? find_stem (names, base) : 0;
           names != NULL && i < names->len && g_str_has_prefix (names->pdata[i], base); i++)
        {
          char *structure;

          if (!is_mask_of (names->pdata[i], base, &structure))
            continue;
          g_ptr_array_add (found, g_build_filename (folder, names->pdata[i], NULL));
          g_ptr_array_add (found, structure);
        }
      if (slash == NULL)
        break;
      inside = slash + 1;
    }
  return found->len > 0 ? g_steal_pointer (&found) : NULL;
}

/* ---- What is in them ---- */

/* share (256) += the area of pixel column @x, row @y (of width, height) in each patch, as a share of the patch. */
static void
add_pixel (double *share, guint x, guint y, guint width, guint height)
{
  double left = (double) x * SIDE / width, right = (double) (x + 1) * SIDE / width;
  double top = (double) y * SIDE / height, bottom = (double) (y + 1) * SIDE / height;

  for (guint row = (guint) top; row < SIDE && row < bottom; row++)
    for (guint column = (guint) left; column < SIDE && column < right; column++)
      {
        double w = MIN (right, column + 1.0) - MAX (left, column), h = MIN (bottom, row + 1.0) - MAX (top, row);

        if (w > 0 && h > 0)
          share[row * SIDE + column] += w * h;
      }
}

static void
add_piece (Load *load, guint32 position, const char *name, const double *share)
{
  Piece piece = { .position = position, .name = g_string_chunk_insert_const (load->strings, name) };

  for (gsize p = 0; p < CYT_N_PATCHES; p++)
    piece.share[p] = (float) CLAMP (share[p], 0, 1);
  g_array_append_val (load->pieces, piece);
}

static gboolean
fail (GError **error, const char *path, const char *format, ...) G_GNUC_PRINTF (3, 4);
static gboolean
fail (GError **error, const char *path, const char *format, ...)
{
  g_autofree char *display = g_filename_display_name (path);
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "%s: %s", display, message);
  return FALSE;
}

/* One mask with a structure for each grey level. */
static gboolean
read_levels (Load *load, guint32 position, const char *path, const CytImage *image, GError **error)
{
  g_autofree double *shares = g_new0 (double, 256 * CYT_N_PATCHES);
  gboolean present[256] = { FALSE };
  guint n_levels = 0;

  for (guint y = 0; y < image->height; y++)
    for (guint x = 0; x < image->width; x++)
      {
        const guint8 *pixel = image->pixels + 3 * ((gsize) y * image->width + x);

        if (pixel[0] != pixel[1] || pixel[0] != pixel[2])
          return fail (error, path, "not a mask: the pixel at %u, %u is coloured; expected grey levels", x, y);
        if (!present[pixel[0]] && ++n_levels > CYT_MASKS_MAX_STRUCTURES)
          return fail (error, path, "not a mask: it has more than %d grey levels", CYT_MASKS_MAX_STRUCTURES);
        present[pixel[0]] = TRUE;
        add_pixel (shares + pixel[0] * CYT_N_PATCHES, x, y, image->width, image->height);
      }
  for (guint level = 0; level < 256; level++)
    {
      g_autofree char *name = level == 0 ? g_strdup ("background") : g_strdup_printf ("level %u", level);

      if (present[level])
        add_piece (load, position, load->level_names[level] ? load->level_names[level] : name, shares + level * CYT_N_PATCHES);
    }
  return TRUE;
}

static void
read_structure (Load *load, guint32 position, const char *name, const CytImage *image)
{
  double share[CYT_N_PATCHES] = { 0 };

  for (guint y = 0; y < image->height; y++)
    for (guint x = 0; x < image->width; x++)
      if (image->pixels[3 * ((gsize) y * image->width + x)] > 127)
        add_pixel (share, x, y, image->width, image->height);
  add_piece (load, position, name, share);
}

static gboolean
read_masks (Load *load, guint32 position, const GPtrArray *files, GError **error)
{
  for (guint i = 0; i < files->len; i += 2)
    {
      const char *path = files->pdata[i], *structure = files->pdata[i + 1];
      g_autoptr (CytImage) image = cyt_image_load (path, error);

      if (image == NULL)
        return FALSE;
      if (*structure == '\0' && !read_levels (load, position, path, image, error))
        return FALSE;
      if (*structure != '\0')
        {
          g_autofree char *shown = g_filename_display_name (structure);

          read_structure (load, position, shown, image);
        }
    }
  return TRUE;
}

/* ---- All of them ---- */

static gboolean
parse_names (Load *load, const char *text, GError **error)
{
  g_auto (GStrv) parts = text != NULL ? g_strsplit (text, ",", -1) : NULL;

  for (guint i = 0; parts != NULL && parts[i] != NULL; i++)
    {
      char *equals = strchr (parts[i], '=');
      guint64 level;

      if (equals != NULL)
        *equals = '\0';
      if (equals == NULL || equals[1] == '\0' || !g_utf8_validate (equals + 1, -1, NULL)
          || !g_ascii_string_to_unsigned (parts[i], 10, 0, 255, &level, NULL))
        {
          g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                       "names of grey levels: “%s” is not LEVEL=NAME with a level of 0…255", parts[i]);
          return FALSE;
        }
      load->level_names[level] = g_string_chunk_insert_const (load->strings, equals + 1);
    }
  return TRUE;
}

static CytMasks *
assemble (const Load *load, GError **error)
{
  g_autoptr (CytMasks) self = g_new0 (CytMasks, 1);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < load->pieces->len; i++)
    {
      const Piece *piece = &g_array_index (load->pieces, Piece, i);

      if (g_hash_table_add (numbers, (gpointer) piece->name))
        g_ptr_array_add (names, (gpointer) piece->name);
      self->n_cells += i == 0 || piece->position != (piece - 1)->position;
    }
  if (names->len > CYT_MASKS_MAX_STRUCTURES)
    {
      fail (error, load->folder, "the masks show %u structures; at most %d can be measured", names->len,
            CYT_MASKS_MAX_STRUCTURES);
      return NULL;
    }
  g_ptr_array_sort (names, compare_names);
  for (guint s = 0; s < names->len; s++)
    g_hash_table_insert (numbers, names->pdata[s], GUINT_TO_POINTER (s));
  self->n_structures = names->len;
  self->position = g_new (guint32, self->n_cells);
  self->share = g_new0 (float, self->n_cells * self->n_structures * CYT_N_PATCHES);
  for (guint i = 0, cell = 0; i < load->pieces->len; i++)
    {
      const Piece *piece = &g_array_index (load->pieces, Piece, i);
      gsize s = GPOINTER_TO_UINT (g_hash_table_lookup (numbers, piece->name));

      cell += i > 0 && piece->position != (piece - 1)->position;
      self->position[cell] = piece->position;
      /* levels may share a name */
      for (gsize p = 0; p < CYT_N_PATCHES; p++)
        self->share[(cell * self->n_structures + s) * CYT_N_PATCHES + p] += piece->share[p];
    }
  g_ptr_array_add (names, NULL);
  self->names = g_strdupv ((char **) names->pdata);
  return g_steal_pointer (&self);
}

static gboolean
load_all (Load *load, const CytImageList *list, gsize max_cells, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) positions = g_array_new (FALSE, FALSE, sizeof (guint32));
  gsize n_taken;

  for (guint32 i = 0; i < cyt_image_list_get_n_items (list); i++)
    {
      g_autoptr (GPtrArray) files = find_masks (load, cyt_image_list_get_item (list, i));

      if (files != NULL)
        g_array_append_val (positions, i);
    }
  if (positions->len == 0)
    {
      g_autofree char *display = g_filename_display_name (load->folder);

      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY,
                   "%s: no image has a mask there: expected NAME.png or NAME-STRUCTURE.png for an image NAME", display);
      return FALSE;
    }
  n_taken = MIN (positions->len, max_cells);
  for (gsize i = 0; i < n_taken; i++)
    {
      guint32 position = g_array_index (positions, guint32, i * positions->len / n_taken);
      g_autoptr (GPtrArray) files = find_masks (load, cyt_image_list_get_item (list, position));

      if (g_cancellable_set_error_if_cancelled (cancellable, error) || !read_masks (load, position, files, error))
        return FALSE;
    }
  return TRUE;
}

CytMasks *
cyt_masks_load (const char *folder, const char *names, const CytImageList *list, gsize max_cells,
                GCancellable *cancellable, GError **error)
{
  Load load = { .folder = folder };
  CytMasks *self = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);

  if (dir == NULL)
    return NULL;
  load.strings = g_string_chunk_new (256);
  load.folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  load.pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  if (parse_names (&load, names, error) && load_all (&load, list, max_cells, cancellable, error))
    self = assemble (&load, error);
  g_array_unref (load.pieces);
  g_hash_table_unref (load.folders);
  g_string_chunk_free (load.strings);
  return self;
}

void
cyt_masks_free (CytMasks *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->names);
  g_free (self->position);
  g_free (self->share);
  g_free (self);
}

const float *
cyt_masks_get_share (const CytMasks *self, gsize i, gsize s)
{
  return self->share + (i * self->n_structures + s) * CYT_N_PATCHES;
}
