/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/cyt-error.h"
#include "io/cyt-image-list.h"
#include "test-util.h"

typedef struct
{
  char *folder;   /* real path */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *made = cyt_test_make_tmpdir ();

  self->folder = g_canonicalize_filename (made, NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  cyt_test_remove_tree (self->folder);
  g_free (self->folder);
}

static char *
in_folder (Fixture *self, const char *relative)
{
  return g_build_filename (self->folder, relative, NULL);
}

/* Writes @text (an image's content plays no part) into a file below the fixture's folder. */
static void
put (Fixture *self, const char *relative, const char *text)
{
  g_autofree char *path = in_folder (self, relative);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* The list of arguments (below the folder), as "path=label:patient:disease …", root left out. */
static char *
describe (Fixture *self, char **root, GError **error, const char *const *relative)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (CytImageList) list = NULL;
  GString *out;

  for (; *relative != NULL; relative++)
    g_ptr_array_add (args, in_folder (self, *relative));
  g_ptr_array_add (args, NULL);
  list = cyt_image_list_new ((const char *const *) args->pdata, error);
  if (list == NULL)
    return NULL;
  out = g_string_new (NULL);
  for (gsize i = 0; i < cyt_image_list_get_n_items (list); i++)
    {
      const CytImageItem *item = cyt_image_list_get_item (list, i);
      g_autofree char *absolute = cyt_image_list_dup_path (list, i);

      g_assert_true (g_path_is_absolute (absolute));
      g_assert_true (g_str_has_suffix (absolute, item->path));
      g_string_append_printf (out, "%s%s", i > 0 ? " " : "", item->path);
      if (item->label || item->patient || item->disease)
        g_string_append_printf (out, "=%s:%s:%s", item->label ? item->label : "-", item->patient ? item->patient : "-",
                                item->disease ? item->disease : "-");
    }
  if (root != NULL)
    *root = g_strdup (list->root);
  return g_string_free (out, FALSE);
}

#define check(self, expected, expected_root, ...) \
  G_STMT_START \
  { \
    const char *const args_[] = { __VA_ARGS__, NULL }; \
    g_autoptr (GError) error_ = NULL; \
    g_autofree char *root_ = NULL; \
    g_autofree char *got_ = describe (self, &root_, &error_, args_); \
    g_autofree char *wanted_ = g_canonicalize_filename (expected_root, (self)->folder); \
    g_assert_no_error (error_); \
    g_assert_cmpstr (got_, ==, expected); \
    g_assert_cmpstr (root_, ==, wanted_); \
  } \
  G_STMT_END

#define check_error(self, domain, code, says, ...) \
  G_STMT_START \
  { \
    const char *const args_[] = { __VA_ARGS__, NULL }; \
    g_autoptr (GError) error_ = NULL; \
    g_autofree char *got_ = describe (self, NULL, &error_, args_); \
    g_assert_null (got_); \
    g_assert_error (error_, domain, code); \
    g_assert_nonnull (strstr (error_->message, says)); \
    g_assert_null (strchr (error_->message, '\n')); \
  } \
  G_STMT_END

static void
test_folder (Fixture *self, gconstpointer data)
{
  put (self, "set/b/2.jpg", "");
  put (self, "set/b/1.JPG", "");
  put (self, "set/a/x.tiff", "");
  put (self, "set/a/deep/y.PNG", "");
  put (self, "set/top.bmp", "");
  put (self, "set/a.jpg", "");
  put (self, "set/a/.hidden.jpg", "");
  put (self, "set/.git/z.jpg", "");
  put (self, "set/.DS_Store", "");
  put (self, "set/b/notes.txt", "");
  put (self, "set/b/table.csv", "");
  put (self, "set/b/w.webp", "");
  put (self, "set/b/g.gif", "");
  put (self, "set/b/noext", "");
  put (self, "set/b/jpg", "");

  check (self, "a.jpg a/deep/y.PNG=deep:-:- a/x.tiff=a:-:- b/1.JPG=b:-:- b/2.jpg=b:-:- b/g.gif=b:-:- "
         "b/w.webp=b:-:- top.bmp", "set", "set");
  check (self, "1.JPG 2.jpg g.gif w.webp", "set/b", "set/b");
  check (self, "1.JPG 2.jpg g.gif w.webp", "set/b", "set/b///");
  check (self, "1.JPG 2.jpg g.gif w.webp", "set/b", "set/a/../b/.");
}

static void
test_links (Fixture *self, gconstpointer data)
{
  g_autofree char *loop = in_folder (self, "set/a/loop");
  g_autofree char *dangling = in_folder (self, "set/a/dangling.jpg");
  g_autofree char *link = in_folder (self, "set/a/link.jpg");
  g_autofree char *folder_link = in_folder (self, "set/folder.jpg");
  g_autofree char *door = in_folder (self, "door");
  g_autofree char *pipe = in_folder (self, "set/pipe.jpg");

  put (self, "set/a/1.jpg", "");
  put (self, "elsewhere/2.jpg", "");
  g_assert_cmpint (symlink ("..", loop), ==, 0);
  g_assert_cmpint (symlink ("nowhere", dangling), ==, 0);
  g_assert_cmpint (symlink ("../../elsewhere/2.jpg", link), ==, 0);
  g_assert_cmpint (symlink ("../elsewhere", folder_link), ==, 0);
  g_assert_cmpint (symlink ("set", door), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);

  check (self, "a/1.jpg=a:-:- a/dangling.jpg=a:-:- a/link.jpg=a:-:-", "set", "set");
  check (self, "a/1.jpg=a:-:- a/dangling.jpg=a:-:- a/link.jpg=a:-:-", "door", "door"); /* named itself, a link is followed */
}

static void
test_files (Fixture *self, gconstpointer data)
{
  put (self, "one/b.jpg", "");
  put (self, "one/a.jpg", "");
  put (self, "one/odd.dat", "");
  put (self, "two/three/c.png", "");
  put (self, "ones/d.png", "");

  check (self, "b.jpg a.jpg b.jpg", "one", "one/b.jpg", "one/a.jpg", "one/b.jpg");
  check (self, "odd.dat", "one", "one/odd.dat");
  check (self, "one/b.jpg two/three/c.png=three:-:-", ".", "one/b.jpg", "two");
  check (self, "one/a.jpg one/b.jpg ones/d.png", ".", "one", "ones/d.png");
  check (self, "three/c.png=three:-:- three/c.png", "two", "two", "two/three");
}

static void
test_csv (Fixture *self, gconstpointer data)
{
  g_autofree char *outside = in_folder (self, "outside.jpg");
  g_autofree char *inside = in_folder (self, "set/in.jpg");
  g_autofree char *text = g_strdup_printf ("image,label,patient,disease,other\n"
                                           "cells/1.jpg,EO,P1,AML,x\n"
                                           "./cells//1.jpg,,,\n"
                                           "\"odd, name.png\",\"a \"\"b\"\"\",P2,\n"
                                           "sub/../cells/2.jpg\n"
                                           "../outside.jpg,BA\n"
                                           "%s,MO\n%s\n", inside, outside);
  g_autofree char *expected = g_strdup_printf ("cells/1.jpg=EO:P1:AML cells/1.jpg odd, name.png=a \"b\":P2:- cells/2.jpg "
                                               "%s=BA:-:- in.jpg=MO:-:- %s", outside, outside);

  put (self, "set/table.csv", text);
  put (self, "set/PATHS.CSV", "PATH,Patient_ID\r\nx.jpg,7\r\ny.jpg,8\r\n");
  put (self, "set/both.csv", "path,image,label\nwrong,right,l\n");
  put (self, "set/cells/1.jpg", "");
  put (self, "outside.jpg", "");

  check (self, expected, "set", "set/table.csv");
  check (self, "x.jpg=-:7:- y.jpg=-:8:-", "set", "set/PATHS.CSV");
  check (self, "right=l:-:-", "set", "set/both.csv");
  check (self, "set/cells/1.jpg=cells:-:- set/x.jpg=-:7:- set/y.jpg=-:8:- outside.jpg", ".", "set", "set/PATHS.CSV",
         "outside.jpg");
}

static void
test_errors (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *const none[] = { NULL }, *const empty[] = { "", NULL };

  put (self, "empty/notes.txt", "");
  put (self, "bad/none.csv", "name,label\nx,y\n");
  put (self, "bad/header.csv", "image,label\n");
  put (self, "bad/semicolon.csv", "image;label\nx;y\n");
  put (self, "bad/twice.csv", "image,label,Label\nx,y,z\n");
  put (self, "bad/gap.csv", "image,label\nx,y\n,z\n");
  put (self, "bad/utf8.csv", "image,label\nx,\xff\n");
  put (self, "bad/zero.csv", "");

  check_error (self, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "empty", "empty");
  check_error (self, G_FILE_ERROR, G_FILE_ERROR_NOENT, "missing", "missing");
  check_error (self, G_FILE_ERROR, G_FILE_ERROR_NOENT, "missing.jpg", "empty", "missing.jpg");
  check_error (self, G_FILE_ERROR, G_FILE_ERROR_NOENT, "missing.csv", "missing.csv");
  check_error (self, CYT_TABLE_ERROR, CYT_TABLE_ERROR_COLUMN, "none.csv", "bad/none.csv");
  check_error (self, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "header.csv", "bad/header.csv");
  check_error (self, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT, "semicolons", "bad/semicolon.csv");
  check_error (self, CYT_TABLE_ERROR, CYT_TABLE_ERROR_COLUMN, "label", "bad/twice.csv");
  check_error (self, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "line 3", "bad/gap.csv");
  check_error (self, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT, "line 2", "bad/utf8.csv");
  check_error (self, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "zero.csv", "bad/zero.csv");
  g_assert_null (cyt_image_list_new (none, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY);
  g_clear_error (&error);
  g_assert_null (cyt_image_list_new (empty, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

static void
test_unreadable (Fixture *self, gconstpointer data)
{
  g_autofree char *locked = in_folder (self, "set/locked");

  if (geteuid () == 0)
    {
      g_test_skip ("the superuser reads everything");
      return;
    }
  put (self, "set/1.jpg", "");
  put (self, "set/locked/2.jpg", "");
  g_chmod (locked, 0);
  check_error (self, G_FILE_ERROR, G_FILE_ERROR_ACCES, "locked", "set");
  g_chmod (locked, 0755);
}

static void
test_relative (Fixture *self, gconstpointer data)
{
  g_autofree char *before = g_get_current_dir ();
  const char *const here[] = { ".", NULL }, *const table[] = { "table.csv", NULL };
  g_autoptr (CytImageList) folder = NULL;
  g_autoptr (CytImageList) csv = NULL;
  g_autofree char *path = NULL;
  g_autofree char *expected = in_folder (self, "a/1.jpg");

  put (self, "a/1.jpg", "");
  put (self, "table.csv", "image\na/1.jpg\n");
  g_assert_cmpint (g_chdir (self->folder), ==, 0);
  folder = cyt_image_list_new (here, NULL);
  csv = cyt_image_list_new (table, NULL);
  g_assert_cmpint (g_chdir (before), ==, 0);
  g_assert_cmpstr (folder->root, ==, self->folder);
  g_assert_cmpstr (csv->root, ==, self->folder);
  path = cyt_image_list_dup_path (csv, 0);
  g_assert_cmpstr (path, ==, expected);
}

static void
check_shared (const char *relative, gsize n, const char *label, const char *patient, const char *disease)
{
  g_autofree char *path = cyt_test_shared (relative);
  const char *const args[] = { path, NULL };
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (GError) error = NULL;

  if (path == NULL)
    return;
  list = cyt_image_list_new (args, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cyt_image_list_get_n_items (list), ==, n);
  g_assert_cmpstr (cyt_image_list_get_item (list, 0)->label, ==, label);
  g_assert_cmpstr (cyt_image_list_get_item (list, 0)->patient, ==, patient);
  g_assert_cmpstr (cyt_image_list_get_item (list, 0)->disease, ==, disease);
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *absolute = cyt_image_list_dup_path (list, i);
      g_assert_true (g_file_test (absolute, G_FILE_TEST_IS_REGULAR));
    }
}

static void
test_shared (void)
{
  check_shared ("cells/pbc/manifest.csv", 1727, "basophil", NULL, NULL);
  check_shared ("cells/pbc/cohort.csv", 1680, "eosinophil", "S01", "healthy-like");
  check_shared ("cells/zheng/manifest.csv", 300, "lymphocyte", NULL, NULL);
  check_shared ("cells/bone-marrow/manifest.csv", 14, "ART", NULL, NULL);
  check_shared ("cells/bccd-fields/manifest.csv", 61, "field", NULL, NULL);
  check_shared ("cells/odd/manifest.csv", 5, "corrupt (a .DS_Store named .jpg)", NULL, NULL);
  check_shared ("cells/pbc-full-224/manifest.csv", 16198, "basophil", NULL, NULL);
  check_shared ("cells/pbc", 1727, "basophil", NULL, NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(name, func) g_test_add ("/image-list/" name, Fixture, NULL, set_up, func, tear_down)
  add ("folder", test_folder);
  add ("links", test_links);
  add ("files", test_files);
  add ("csv", test_csv);
  add ("errors", test_errors);
  add ("unreadable", test_unreadable);
  add ("relative", test_relative);
  g_test_add_func ("/image-list/shared", test_shared);
  return g_test_run ();
}
