/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulated cells: the same bytes whatever the threads and interruptions, masks that agree with each other,
 * a manifest that the rest of the program reads, and a cohort with the structure it promises. */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "io/cyt-csv.h"
#include "io/cyt-image-list.h"
#include "phantom/cyt-phantom-private.h"
#include "test-util.h"

static CytPhantomCohort
small_cohort (void)
{
  CytPhantomCohort cohort = CYT_PHANTOM_COHORT_INIT;

  cohort.n_cells = 24;
  cohort.n_patients = 6;
  cohort.seed = 11;
  cohort.size = 224;
  cohort.masks = TRUE;
  return cohort;
}

static void
write_cohort (const CytPhantomCohort *cohort, const char *folder)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (cyt_phantom_cohort_write (cohort, folder, NULL, NULL, &error));
  g_assert_no_error (error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* One checksum over the names and contents of all files below @folder. */
static void
add_tree (GChecksum *sum, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL), *data = NULL;
      gsize length;

      g_checksum_update (sum, names->pdata[i], -1);
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        add_tree (sum, path);
      else if (g_file_get_contents (path, &data, &length, NULL))
        g_checksum_update (sum, (const guchar *) data, length);
    }
}

static char *
hash_tree (const char *folder)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  add_tree (sum, folder);
  return g_strdup (g_checksum_get_string (sum));
}

static void
test_threads (void)
{
  CytPhantomCohort cohort = small_cohort ();
  g_autofree char *one = cyt_test_make_tmpdir (), *four = cyt_test_make_tmpdir (), *other = cyt_test_make_tmpdir ();
  g_autofree char *hash_one = NULL, *hash_four = NULL, *hash_other = NULL;

  cohort.n_threads = 1;
  write_cohort (&cohort, one);
  cohort.n_threads = 4;
  write_cohort (&cohort, four);
  cohort.seed++;
  write_cohort (&cohort, other);
  hash_one = hash_tree (one);
  hash_four = hash_tree (four);
  hash_other = hash_tree (other);
  g_assert_cmpstr (hash_one, ==, hash_four);
  g_assert_cmpstr (hash_one, !=, hash_other);
  cyt_test_remove_tree (one);
  cyt_test_remove_tree (four);
  cyt_test_remove_tree (other);
}

/* What is there stays, what is not is drawn, the result is the same; so is growing. Other settings are refused. */
static void
test_resume (void)
{
  CytPhantomCohort cohort = small_cohort (), part = small_cohort ();
  g_autofree char *whole = cyt_test_make_tmpdir (), *resumed = cyt_test_make_tmpdir ();
  g_autofree char *hash_whole = NULL, *hash_resumed = NULL, *lost = NULL, *kept = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (CytProgress) progress = cyt_progress_new ();
  CytProgressState state;
  GStatBuf before, after;

  write_cohort (&cohort, whole);

  g_cancellable_cancel (cancellable);
  g_assert_false (cyt_phantom_cohort_write (&cohort, resumed, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  part.n_cells = 10;
  write_cohort (&part, resumed);
  lost = g_build_filename (resumed, "images", "S03", "S03-000001.jpg", NULL);
  kept = g_build_filename (resumed, "images", "S01", "S01-000001.jpg", NULL);
  g_assert_cmpint (g_unlink (lost), ==, 0);
  g_assert_cmpint (g_stat (kept, &before), ==, 0);
  g_assert_true (cyt_phantom_cohort_write (&cohort, resumed, progress, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (kept, &after), ==, 0);
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);
  cyt_progress_get (progress, &state);
  g_assert_cmpuint (state.n_done, ==, cohort.n_cells);
  g_assert_cmpuint (state.n_total, ==, cohort.n_cells);
  hash_whole = hash_tree (whole);
  hash_resumed = hash_tree (resumed);
  g_assert_cmpstr (hash_whole, ==, hash_resumed);

  cohort.size = 256;
  g_assert_false (cyt_phantom_cohort_write (&cohort, resumed, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);

  cohort.n_patients = 0;
  g_assert_false (cyt_phantom_cohort_write (&cohort, resumed, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  cyt_test_remove_tree (whole);
  cyt_test_remove_tree (resumed);
}

/* A folder with someone else's files is left alone. */
static void
test_foreign_folder (void)
{
  CytPhantomCohort cohort = small_cohort ();
  g_autofree char *folder = cyt_test_make_tmpdir (), *path = g_build_filename (folder, "mine.txt", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  g_assert_false (cyt_phantom_cohort_write (&cohort, folder, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_EMPTY);
  cyt_test_remove_tree (folder);
}

static gsize
count (const guint8 *mask, gsize n)
{
  gsize found = 0;

  for (gsize i = 0; i < n; i++)
    found += mask[i] != 0;
  return found;
}

/* Every pixel of @inner lies in @outer. */
static void
assert_inside (const CytPhantomScene *scene, CytPhantomStructure inner, CytPhantomStructure outer, gsize n)
{
  const guint8 *a = cyt_phantom_scene_get_mask (scene, inner), *b = cyt_phantom_scene_get_mask (scene, outer);

  for (gsize i = 0; i < n; i++)
    {
      g_assert_true (a[i] == 0 || a[i] == 255);
      if (a[i] != 0 && b[i] == 0)
        g_error ("%s outside %s at %" G_GSIZE_FORMAT, cyt_phantom_structure_get_name (inner),
                 cyt_phantom_structure_get_name (outer), i);
    }
}

static void
draw (CytPhantomScene *scene, CytPhantomCell *cell, guint64 index, CytPhantomClass cell_class, CytPhantomGroup group,
      CytPhantomDomain domain)
{
  CytPhantomCohort cohort = CYT_PHANTOM_COHORT_INIT;
  CytPhantomStain stain;

  cyt_phantom_cohort_get_stain (&cohort, index, &stain);
  cyt_phantom_cell_init (cell, 5, index, cell_class, group, domain, &stain);
  cyt_phantom_scene_draw (scene, cell);
}

static void
test_masks (void)
{
  static const CytPhantomStructure within[] = {
    CYT_PHANTOM_NUCLEUS, CYT_PHANTOM_CYTOPLASM, CYT_PHANTOM_NUCLEOLI, CYT_PHANTOM_HOF, CYT_PHANTOM_NEUTROPHILIC_GRANULES,
    CYT_PHANTOM_EOSINOPHILIC_GRANULES, CYT_PHANTOM_BASOPHILIC_GRANULES, CYT_PHANTOM_AZUROPHILIC_GRANULES,
    CYT_PHANTOM_VACUOLES, CYT_PHANTOM_AUER_RODS };
  guint sizes[] = { 224, 301 };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      g_autoptr (CytPhantomScene) scene = cyt_phantom_scene_new (sizes[s]);
      gsize n = (gsize) sizes[s] * sizes[s];

      for (guint i = 0; i < 5 * CYT_PHANTOM_N_CLASSES; i++)
        {
          CytPhantomClass cell_class = i % CYT_PHANTOM_N_CLASSES;
          const guint8 *cells, *nuclei, *plasma;
          CytPhantomCell cell;

          draw (scene, &cell, i, cell_class, i % CYT_PHANTOM_N_GROUPS, i % 7 == 0 ? CYT_PHANTOM_MARROW : CYT_PHANTOM_BLOOD);
          for (guint k = 0; k < G_N_ELEMENTS (within); k++)
            assert_inside (scene, within[k], CYT_PHANTOM_CELL, n);
          assert_inside (scene, CYT_PHANTOM_FAGGOTS, CYT_PHANTOM_AUER_RODS, n);
          assert_inside (scene, CYT_PHANTOM_NUCLEOLI, CYT_PHANTOM_NUCLEUS, n);
          cells = cyt_phantom_scene_get_mask (scene, CYT_PHANTOM_CELL);
          nuclei = cyt_phantom_scene_get_mask (scene, CYT_PHANTOM_NUCLEUS);
          plasma = cyt_phantom_scene_get_mask (scene, CYT_PHANTOM_CYTOPLASM);
          for (gsize p = 0; p < n; p++)
            {
              /* Nucleus and cytoplasm part the cell; red cells are covered by it. */
              g_assert_cmpuint (cells[p], ==, nuclei[p] | plasma[p]);
              g_assert_cmpuint (nuclei[p] & plasma[p], ==, 0);
              g_assert_cmpuint (cells[p] & cyt_phantom_scene_get_mask (scene, CYT_PHANTOM_RED_CELLS)[p], ==, 0);
            }
          /* The area is that of a cell of this radius, give or take the outline's waves. */
          g_assert_cmpuint (count (cells, n), >, 0.55 * CYT_PHANTOM_PI * pow (cell.radius * sizes[s] / 36, 2));
          g_assert_cmpuint (cells[(sizes[s] / 2) * sizes[s] + sizes[s] / 2], ==, 255);
          if (cell.nucleus != CYT_PHANTOM_NUCLEUS_NONE)
            g_assert_cmpuint (count (nuclei, n), >, 0.1 * count (cells, n));
        }
    }
}

/* What a class is known by is there and nowhere else; each mask shows where the picture differs. */
static void
test_granules (void)
{
  g_autoptr (CytPhantomScene) scene = cyt_phantom_scene_new (360);
  const gsize n = 360 * 360;
  guint n_rods = 0, n_bundles = 0, n_cups = 0;

  for (guint i = 0; i < 12; i++)
    {
      CytPhantomCell cell;
      const guint8 *mask, *pixels = cyt_phantom_scene_get_image (scene)->pixels;
      double inside = 0, outside = 0;
      gsize n_inside = 0, n_outside = 0;

      draw (scene, &cell, 100 + i, CYT_PHANTOM_EOSINOPHIL, CYT_PHANTOM_CONTROL, CYT_PHANTOM_BLOOD);
      g_assert_cmpuint (count (cyt_phantom_scene_get_mask (scene, CYT_PHANTOM_EOSINOPHILIC_GRANULES), n), >, 1000);
      g_assert_cmpuint (count (cyt_phantom_scene_get_mask (scene, CYT_PHANTOM_BASOPHILIC_GRANULES), n), ==, 0);

      draw (scene, &cell, 200 + i, CYT_PHANTOM_NEUTROPHIL_BAND, CYT_PHANTOM_CONTROL, CYT_PHANTOM_BLOOD);
      mask = cyt_phantom_scene_get_mask (scene, CYT_PHANTOM_NUCLEUS);
      for (gsize p = 0; p < n; p++)
        if (mask[p])
          inside += pixels[3 * p + 1], n_inside++;
        else if (cyt_phantom_scene_get_mask (scene, CYT_PHANTOM_CYTOPLASM)[p])
          outside += pixels[3 * p + 1], n_outside++;
      g_assert_true (inside / n_inside + 40 < outside / n_outside);

      draw (scene, &cell, 300 + i, CYT_PHANTOM_BASOPHIL, CYT_PHANTOM_CONTROL, CYT_PHANTOM_BLOOD);
      g_assert_cmpuint (count (cyt_phantom_scene_get_mask (scene, CYT_PHANTOM_BASOPHILIC_GRANULES), n), >, 1000);

      draw (scene, &cell, 400 + i, CYT_PHANTOM_ATYPICAL_PROMYELOCYTE, CYT_PHANTOM_PML_RARA, CYT_PHANTOM_BLOOD);
      n_rods += count (cyt_phantom_scene_get_mask (scene, CYT_PHANTOM_AUER_RODS), n) > 0;
      n_bundles += count (cyt_phantom_scene_get_mask (scene, CYT_PHANTOM_FAGGOTS), n) > 0;
      cyt_phantom_cell_init (&cell, 5, i, CYT_PHANTOM_BLAST, CYT_PHANTOM_NPM1, CYT_PHANTOM_BLOOD, &cell.stain);
      n_cups += cell.nucleus == CYT_PHANTOM_NUCLEUS_CUP;
    }
  g_assert_cmpuint (n_rods, >, 0);
  g_assert_cmpuint (n_bundles, >, 0);
  g_assert_cmpuint (n_bundles, <=, n_rods);
  g_assert_cmpuint (n_cups, >, 2);
}

static void
test_manifest (void)
{
  /* WBCAtt's words. */
  static const char *const words[CYT_PHANTOM_N_ATTRIBUTES][8] = {
    { "big", "small" }, { "round", "irregular" },
    { "unsegmented-band", "segmented-multilobed", "segmented-bilobed", "irregular", "unsegmented-indented",
      "unsegmented-round", "" },
    { "high", "low", "" }, { "densely", "loosely", "" }, { "yes", "no" }, { "clear", "frosted" },
    { "light blue", "blue", "purple blue" }, { "coarse", "round", "small", "nil" }, { "purple", "red", "pink", "nil" },
    { "yes", "no" } };
  CytPhantomCohort cohort = small_cohort ();
  g_autofree char *folder = cyt_test_make_tmpdir (), *path = g_build_filename (folder, "manifest.csv", NULL);
  const char *const args[] = { path, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCsv) csv = NULL;
  g_autoptr (CytImageList) list = NULL;

  write_cohort (&cohort, folder);
  csv = cyt_csv_read (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cyt_csv_get_n_rows (csv), ==, cohort.n_cells);
  for (gsize i = 0; i < cohort.n_cells; i++)
    {
      for (int a = 0; a < CYT_PHANTOM_N_ATTRIBUTES; a++)
        {
          int column = cyt_csv_find_column (csv, cyt_phantom_attribute_names[a]);
          gboolean known = FALSE;

          g_assert_cmpint (column, >=, 0);
          for (int w = 0; w < 8 && words[a][w] != NULL; w++)
            known = known || strcmp (words[a][w], cyt_csv_get (csv, i, column)) == 0;
          g_assert_true (known);
        }
      g_assert_cmpstr (cyt_csv_get (csv, i, cyt_csv_find_column (csv, "simulated")), ==, CYT_PHANTOM_NOTICE);
    }
  list = cyt_image_list_new (args, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cyt_image_list_get_n_items (list), ==, cohort.n_cells);
  for (gsize i = 0; i < cohort.n_cells; i++)
    {
      const CytImageItem *item = cyt_image_list_get_item (list, i);
      g_autofree char *image_path = cyt_image_list_dup_path (list, i), *data = NULL;
      g_autoptr (CytImage) image = cyt_image_load (image_path, &error);
      gsize length;

      g_assert_no_error (error);
      g_assert_cmpuint (image->width, ==, cohort.size);
      g_assert_nonnull (item->patient);
      g_assert_nonnull (item->disease);
      /* Marked in the picture itself. */
      g_assert_true (g_file_get_contents (image_path, &data, &length, NULL));
      g_assert_nonnull (memmem (data, length, CYT_PHANTOM_NOTICE, strlen (CYT_PHANTOM_NOTICE)));
    }
  cyt_test_remove_tree (folder);
}

static void
test_formats (void)
{
  g_autoptr (CytPhantomScene) scene = cyt_phantom_scene_new (224);
  CytPhantomCell cell;

  draw (scene, &cell, 1, CYT_PHANTOM_MONOCYTE, CYT_PHANTOM_CONTROL, CYT_PHANTOM_BLOOD);
  for (int f = CYT_PHANTOM_JPEG; f <= CYT_PHANTOM_TIFF; f++)
    {
      const CytImage *image = cyt_phantom_scene_get_image (scene);
      g_autoptr (GError) error = NULL;
      g_autoptr (GByteArray) coded = cyt_phantom_encode_rgb (image, f, &error);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (CytImage) back = NULL;
      double sum = 0;

      g_assert_no_error (error);
      g_assert_nonnull (memmem (coded->data, coded->len, CYT_PHANTOM_NOTICE, strlen (CYT_PHANTOM_NOTICE)));
      bytes = g_bytes_new (coded->data, coded->len);
      back = cyt_image_load_bytes (bytes, "coded", &error);
      g_assert_no_error (error);
      g_assert_cmpuint (back->width, ==, 224);
      g_assert_cmpuint (back->height, ==, 224);
      for (gsize i = 0; i < 224 * 224 * 3; i++)
        sum += fabs ((double) back->pixels[i] - image->pixels[i]);
      g_assert_true (sum / (224 * 224 * 3) <= (f == CYT_PHANTOM_JPEG ? 4 : 0));
    }
}

static void
test_cohort (void)
{
  CytPhantomCohort cohort = CYT_PHANTOM_COHORT_INIT;
  double mean[CYT_PHANTOM_N_GROUPS][CYT_PHANTOM_N_CLASSES] = { { 0 } }, second[2][2] = { { 0 } };
  guint n_of[CYT_PHANTOM_N_GROUPS] = { 0 };
  gboolean varies = FALSE;

  cohort.n_patients = 400;
  for (guint p = 0; p < cohort.n_patients; p++)
    {
      CytPhantomGroup group = cyt_phantom_cohort_get_group (&cohort, p);
      double mixture[CYT_PHANTOM_N_CLASSES], sum = 0;
      CytPhantomStain stain;

      cyt_phantom_cohort_get_mixture (&cohort, p, mixture);
      for (int c = 0; c < CYT_PHANTOM_N_CLASSES; c++)
        {
          g_assert_true (mixture[c] >= 0);
          sum += mixture[c];
          mean[group][c] += mixture[c];
        }
      g_assert_true (fabs (sum - 1) <= 1e-9);
      n_of[group]++;
      varies = varies || fabs (mixture[CYT_PHANTOM_LYMPHOCYTE] * n_of[group] - mean[group][CYT_PHANTOM_LYMPHOCYTE]) > 0.1;
      for (int confound = 0; confound < 2; confound++)
        {
          cohort.confound_stain = confound;
          cyt_phantom_cohort_get_stain (&cohort, p, &stain);
          second[confound][group != CYT_PHANTOM_CONTROL] += stain.second_laboratory;
        }
      cohort.confound_stain = FALSE;
    }
  for (int g = 0; g < CYT_PHANTOM_N_GROUPS; g++)
    {
      g_assert_cmpuint (n_of[g], ==, 80);
      /* Shared classes are in every group. */
      g_assert_true (mean[g][CYT_PHANTOM_LYMPHOCYTE] > 0 && mean[g][CYT_PHANTOM_BLAST] > 0);
    }
  g_assert_true (varies);
  /* Each disease by its sign. */
  g_assert_true (mean[CYT_PHANTOM_PML_RARA][CYT_PHANTOM_ATYPICAL_PROMYELOCYTE] > 5 * mean[CYT_PHANTOM_NPM1][CYT_PHANTOM_ATYPICAL_PROMYELOCYTE]);
  g_assert_true (mean[CYT_PHANTOM_CONTROL][CYT_PHANTOM_ATYPICAL_PROMYELOCYTE] == 0);
  g_assert_true (mean[CYT_PHANTOM_NPM1][CYT_PHANTOM_BLAST] > 5 * mean[CYT_PHANTOM_CONTROL][CYT_PHANTOM_BLAST]);
  g_assert_true (mean[CYT_PHANTOM_CBFB_MYH11][CYT_PHANTOM_MONOCYTE] > 1.3 * mean[CYT_PHANTOM_CONTROL][CYT_PHANTOM_MONOCYTE]);
  /* The confound: none unless asked for (80 controls, 320 others). */
  g_assert_true (fabs (second[0][0] / 80 - second[0][1] / 320) <= 0.15);
  g_assert_true (second[1][1] / 320 - second[1][0] / 80 >= 0.5);

  /* Cells follow the mixture. */
  cohort.n_patients = 1;
  {
    double mixture[CYT_PHANTOM_N_CLASSES], seen[CYT_PHANTOM_N_CLASSES] = { 0 };
    CytPhantomCell cell;

    cyt_phantom_cohort_get_mixture (&cohort, 0, mixture);
    for (guint i = 0; i < 4000; i++)
      {
        cyt_phantom_cohort_get_cell (&cohort, i, &cell);
        seen[cell.cell_class] += 1 / 4000.0;
      }
    for (int c = 0; c < CYT_PHANTOM_N_CLASSES; c++)
      g_assert_true (fabs (seen[c] - mixture[c]) <= 0.03);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phantom/threads", test_threads);
  g_test_add_func ("/phantom/resume", test_resume);
  g_test_add_func ("/phantom/foreign-folder", test_foreign_folder);
  g_test_add_func ("/phantom/masks", test_masks);
  g_test_add_func ("/phantom/granules", test_granules);
  g_test_add_func ("/phantom/manifest", test_manifest);
  g_test_add_func ("/phantom/formats", test_formats);
  g_test_add_func ("/phantom/cohort", test_cohort);
  return g_test_run ();
}
