/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "io/cyt-csv.h"
#include "phantom/cyt-phantom-private.h"

static const char *const suffixes[] = { "jpg", "png", "tif" };

/* Bumped whenever the same settings give other pixels: old and new cells must not mix in one folder. */
#define DRAWING_VERSION 1

typedef struct
{
  const CytPhantomCohort *cohort;
  const char *folder;
  CytProgress *progress;
  GCancellable *cancellable;
  GMutex mutex;
  guint64 next; /* under the mutex */
  gboolean stop;
  GError *error;
} Run;

/* S07/S07-000123, without a suffix */
static char *
dup_cell_name (const CytPhantomCohort *cohort, guint64 index)
{
  guint patient = cyt_phantom_cohort_get_patient (cohort, index) + 1;

  return g_strdup_printf ("S%02u/S%02u-%06" G_GUINT64_FORMAT, patient, patient, index / cohort->n_patients + 1);
}

static char *
dup_image_name (const CytPhantomCohort *cohort, guint64 index)
{
  g_autofree char *name = dup_cell_name (cohort, index);

  return g_strdup_printf ("images/%s.%s", name, suffixes[cohort->format]);
}

/* A file is there whole or not at all. The temporary name is hidden, so that no list of images picks it up. */
static gboolean
write_whole (const char *path, gconstpointer data, gsize length, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_path_get_basename (path);
  g_autofree char *tmp = g_strdup_printf ("%s/.%s.part", folder, name);
  FILE *file = g_fopen (tmp, "wb");
  int saved;

  if (file != NULL)
    {
      gboolean ok = fwrite (data, 1, length, file) == length;

      saved = errno;
      if (fclose (file) != 0 && ok)
        {
          saved = errno;
          ok = FALSE;
        }
      if (ok && g_rename (tmp, path) == 0)
        return TRUE;
      if (ok)
        saved = errno;
      g_unlink (tmp);
    }
  else
    saved = errno;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved), "%s: could not be written: %s", path,
               g_strerror (saved));
  return FALSE;
}

static gboolean
write_cell (Run *run, CytPhantomScene *scene, guint64 index, GError **error)
{
  const CytPhantomCohort *cohort = run->cohort;
  g_autofree char *image_name = dup_image_name (cohort, index), *cell_name = dup_cell_name (cohort, index);
  g_autofree char *path = g_build_filename (run->folder, image_name, NULL);
  g_autoptr (GByteArray) bytes = NULL;
  CytPhantomCell cell;

  /* The image is written after its masks: where it is, all is. */
  if (g_access (path, F_OK) == 0)
    return TRUE;
  cyt_phantom_cohort_get_cell (cohort, index, &cell);
  cyt_phantom_scene_draw (scene, &cell);
  for (int s = 0; cohort->masks && s < CYT_PHANTOM_N_STRUCTURES; s++)
    {
      const guint8 *mask = cyt_phantom_scene_get_mask (scene, s);
      g_autoptr (GByteArray) coded = NULL;
      g_autofree char *mask_path = NULL;

      if (memchr (mask, 255, (gsize) cohort->size * cohort->size) == NULL)
        continue;
      mask_path = g_strdup_printf ("%s/masks/%s-%s.png", run->folder, cell_name, cyt_phantom_structure_get_name (s));
      coded = cyt_phantom_encode_mask (mask, cohort->size, error);
      if (coded == NULL || !write_whole (mask_path, coded->data, coded->len, error))
        return FALSE;
    }
  bytes = cyt_phantom_encode_rgb (cyt_phantom_scene_get_image (scene), cohort->format, error);
  return bytes != NULL && write_whole (path, bytes->data, bytes->len, error);
}

static gpointer
worker_main (gpointer data)
{
  Run *run = data;
  g_autoptr (CytPhantomScene) scene = cyt_phantom_scene_new (run->cohort->size);

  for (;;)
    {
      g_autoptr (GError) error = NULL;
      guint64 index;
      gboolean stop;

      g_mutex_lock (&run->mutex);
      stop = run->stop || run->next >= run->cohort->n_cells;
      index = run->next;
      if (!stop)
        run->next++;
      g_mutex_unlock (&run->mutex);
      if (stop)
        break;
      if (g_cancellable_set_error_if_cancelled (run->cancellable, &error) || !write_cell (run, scene, index, &error))
        {
          g_mutex_lock (&run->mutex);
          run->stop = TRUE;
          if (run->error == NULL)
            run->error = g_steal_pointer (&error);
          g_mutex_unlock (&run->mutex);
        }
      else if (run->progress != NULL)
        cyt_progress_advance (run->progress, 1, 0);
    }
  return NULL;
}

static gboolean
write_manifest (const CytPhantomCohort *cohort, const char *folder, GError **error)
{
  g_autoptr (GString) out = g_string_new ("image,label,patient,disease");
  g_autofree char *path = g_build_filename (folder, "manifest.csv", NULL);

  for (int a = 0; a < CYT_PHANTOM_N_ATTRIBUTES; a++)
    cyt_csv_append_field (out, FALSE, cyt_phantom_attribute_names[a]);
  g_string_append (out, ",laboratory,simulated\n");
  for (guint64 i = 0; i < cohort->n_cells; i++)
    {
      g_autofree char *image = dup_image_name (cohort, i);
      guint patient = cyt_phantom_cohort_get_patient (cohort, i);
      const char *values[CYT_PHANTOM_N_ATTRIBUTES];
      char code[16];
      CytPhantomCell cell;

      cyt_phantom_cohort_get_cell (cohort, i, &cell);
      cyt_phantom_cell_get_attributes (&cell, values);
      g_snprintf (code, sizeof code, "S%02u", patient + 1);
      cyt_csv_append_field (out, TRUE, image);
      cyt_csv_append_field (out, FALSE, cyt_phantom_class_get_name (cell.cell_class));
      cyt_csv_append_field (out, FALSE, code);
      cyt_csv_append_field (out, FALSE, cyt_phantom_group_get_name (cyt_phantom_cohort_get_group (cohort, patient)));
      for (int a = 0; a < CYT_PHANTOM_N_ATTRIBUTES; a++)
        cyt_csv_append_field (out, FALSE, values[a]);
      cyt_csv_append_field (out, FALSE, cell.stain.second_laboratory ? "second" : "first");
      cyt_csv_append_field (out, FALSE, CYT_PHANTOM_NOTICE);
      g_string_append_c (out, '\n');
    }
  return write_whole (path, out->str, out->len, error);
}

/* README.txt says what the folder is, and its last lines are the settings; another run must agree with them. */
static char *
dup_readme (const CytPhantomCohort *cohort)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (int s = 0; s < CYT_PHANTOM_N_STRUCTURES; s++)
    g_string_append_printf (names, "%s%s", s > 0 ? ", " : "", cyt_phantom_structure_get_name (s));
  return g_strdup_printf (
    CYT_PHANTOM_NOTICE "\n"
    "\n"
    "Every picture in this folder was drawn by the command cytosae phantom. No cell, no patient and no disease\n"
    "in it is real; the groups are patterned on subtypes of leukaemia and prove nothing about them.\n"
    "\n"
    "manifest.csv       one row a cell: image, label, patient, disease, the eleven attributes of WBCAtt, the\n"
    "                   laboratory whose slide is imitated\n"
    "images/PATIENT/    the pictures; a field is %.0f micrometres wide. Other programs take manifest.csv or this\n"
    "                   folder, not the one above, whose masks are pictures too\n"
    "masks/PATIENT/     (where asked for) NAME-STRUCTURE.png, white where the structure is; a structure that a\n"
    "                   picture does not show has no file. Masks show all white cells in view.\n"
    "                   Structures: %s\n"
    "\n"
    "drawing=%d seed=%" G_GUINT64_FORMAT " patients=%u domain=%s size=%u format=%s masks=%s confound=%s\n",
    CYT_PHANTOM_FIELD_UM, names->str, DRAWING_VERSION, cohort->seed, cohort->n_patients,
    cohort->domain == CYT_PHANTOM_MARROW ? "marrow" : "blood", cohort->size, suffixes[cohort->format],
    cohort->masks ? "yes" : "no", cohort->confound_stain ? "stain" : "none");
}

static gboolean
check_cohort (const CytPhantomCohort *cohort, GError **error)
{
  const char *what = NULL;

  if (cohort->n_cells < 1 || cohort->n_cells > CYT_PHANTOM_MAX_CELLS)
    what = "the number of cells must be between 1 and 100000000";
  else if (cohort->n_patients < 1 || cohort->n_patients > CYT_PHANTOM_MAX_PATIENTS)
    what = "the number of patients must be between 1 and 9999";
  else if (cohort->size < CYT_PHANTOM_MIN_SIZE || cohort->size > CYT_PHANTOM_MAX_SIZE)
    what = "the size must be between 224 and 400 pixels";
  if (what != NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, what);
  return what == NULL;
}

static gboolean
set_folder_error (const char *folder, int error_number, GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (error_number), "%s: could not be made: %s", folder,
               g_strerror (error_number));
  return FALSE;
}

/* A folder is new, empty, or an earlier run's with the same settings. */
static gboolean
prepare_folder (const CytPhantomCohort *cohort, const char *folder, GError **error)
{
  static const char *const kinds[] = { "images", "masks" };
  g_autofree char *path = g_build_filename (folder, "README.txt", NULL), *readme = dup_readme (cohort), *there = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      if (!g_file_get_contents (path, &there, NULL, error))
        return FALSE;
      if (strcmp (there, readme) != 0)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                       "%s: made with other settings; choose another folder, or the settings in its last line", path);
          return FALSE;
        }
    }
  else
    {
      g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

      if (dir != NULL && g_dir_read_name (dir) != NULL)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_EMPTY,
                       "%s: not empty and not made by this command; choose another folder", folder);
          return FALSE;
        }
    }
  /* README.txt first: an interruption from here on can be resumed. */
  if (there == NULL)
    {
      if (g_mkdir_with_parents (folder, 0777) != 0)
        return set_folder_error (folder, errno, error);
      if (!write_whole (path, readme, strlen (readme), error))
        return FALSE;
    }
  for (guint k = 0; k < (cohort->masks ? 2 : 1); k++)
    for (guint p = 1; p <= cohort->n_patients; p++)
      {
        g_autofree char *sub = g_strdup_printf ("%s/%s/S%02u", folder, kinds[k], p);

        if (g_mkdir_with_parents (sub, 0777) != 0)
          return set_folder_error (sub, errno, error);
      }
  return TRUE;
}

gboolean
cyt_phantom_cohort_write (const CytPhantomCohort *self, const char *folder, CytProgress *progress,
                          GCancellable *cancellable, GError **error)
{
  Run run = { .cohort = self, .folder = folder, .progress = progress, .cancellable = cancellable };
  guint n_threads = self->n_threads > 0 ? self->n_threads : g_get_num_processors ();
  g_autoptr (GPtrArray) threads = g_ptr_array_new ();
  guint64 n_before = 0;

  if (!check_cohort (self, error) || !prepare_folder (self, folder, error))
    return FALSE;
  /* Cells come in order, so those of an interrupted run are a prefix but for the last few. */
  for (; n_before < self->n_cells; n_before++)
    {
      g_autofree char *name = dup_image_name (self, n_before), *path = g_build_filename (folder, name, NULL);
      if (g_access (path, F_OK) != 0)
        break;
    }
  if (progress != NULL)
    cyt_progress_start (progress, n_before, self->n_cells);
  run.next = n_before;
  g_mutex_init (&run.mutex);
  for (guint i = 0; i < MIN (n_threads, self->n_cells); i++)
    g_ptr_array_add (threads, g_thread_new ("phantom", worker_main, &run));
  for (guint i = 0; i < threads->len; i++)
    g_thread_join (threads->pdata[i]);
  g_mutex_clear (&run.mutex);
  if (run.error != NULL)
    {
      g_propagate_error (error, run.error);
      return FALSE;
    }
  return write_manifest (self, folder, error);
}
