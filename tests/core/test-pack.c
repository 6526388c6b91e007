/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "project/cyt-locate.h"
#include "project/cyt-pack.h"
#include "test-util.h"

#define SECRET "Geheimnis"

static CytProjectModel
make_model (const char *path, const char *config)
{
  return (CytProjectModel) { (char *) path, (char *) "00ff", (char *) config };
}

static void
add_item (CytImageList *list, const char *path)
{
  CytImageItem *item = g_new0 (CytImageItem, 1);

  item->path = g_strdup (path);
  item->label = g_strdup ("a/b"); /* a slash makes no path */
  g_ptr_array_add (list->items, item);
}

/* A project in which every place that can hold a path of this machine does. */
static void
make_project (const char *path)
{
  const CytProjectModel encoder
    = make_model ("/home/" SECRET "/encoder.pth", "{\"layout\":\"DINOv2\",\"from\":\"/home/" SECRET "/dinov2/run 1.pth\"}");
  const CytProjectModel sae
    = make_model ("/srv/" SECRET, "{\"cfg\":[{\"dir\":\"C:\\\\" SECRET "\\\\sae\"},\"~/" SECRET "/sae\",{\"/" SECRET "\":1}],"
                                  "\"d_in\":192,\"url\":\"file:///" SECRET "/x\",\"hook\":\"blocks.-2/out\"}");
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_create (path, &encoder, &sae, 8, -2, &error);
  g_autoptr (CytImageList) list = g_new0 (CytImageList, 1);
  g_autoptr (CytDataset) dataset = NULL;

  g_assert_no_error (error);
  list->root = g_strdup ("/mnt/" SECRET);
  list->items = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_image_item_free);
  add_item (list, SECRET "/ward/x.png");
  add_item (list, SECRET "/ward/y.png");
  add_item (list, "/elsewhere/" SECRET "/z.png");
  dataset = cyt_project_add_dataset (project, "cells", "blood", 0.2, 5, list, &error);
  g_assert_no_error (error);
  cyt_project_set_setting (project, "folder", "last: /home/" SECRET, &error);
  cyt_project_set_setting (project, "filter", "frequency > 1/3 and a/b", &error);
  cyt_project_set_simulated (project, &error);
  g_assert_no_error (error);
}

static gboolean
holds (const char *path, const char *text)
{
  g_autofree char *content = NULL;
  gsize size, n = strlen (text);

  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  for (gsize i = 0; i + n <= size; i++)
    if (memcmp (content + i, text, n) == 0)
      return TRUE;
  return FALSE;
}

static void
test_paths (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *path = g_build_filename (dir, "p.cytosae", NULL), *out = g_build_filename (dir, "q.cytosae", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) pack = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (CytImageList) list = NULL;
  g_autofree char *filter = NULL, *folder = NULL;
  CytPackEstimate estimate;
  gboolean simulated, any;

  make_project (path);
  g_assert_true (cyt_pack_write (path, out, 96, 1, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (holds (path, SECRET));
  g_assert_false (holds (out, SECRET));
  g_assert_false (holds (out, dir));

  pack = cyt_project_open (out, CYT_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (cyt_project_get_encoder (pack)->path, ==, "");
  g_assert_nonnull (strstr (cyt_project_get_encoder (pack)->config, "\"layout\":\"DINOv2\""));
  g_assert_nonnull (strstr (cyt_project_get_encoder (pack)->config, "run 1.pth"));
  g_assert_nonnull (strstr (cyt_project_get_sae (pack)->config, "blocks.-2/out"));
  filter = cyt_project_get_setting (pack, "filter", &error);
  folder = cyt_project_get_setting (pack, "folder", &error);
  g_assert_cmpstr (filter, ==, "frequency > 1/3 and a/b");
  g_assert_null (folder);
  g_assert_true (cyt_project_is_simulated (pack, &simulated, &error) && simulated);
  dataset = cyt_project_find_dataset (pack, "cells", &error);
  g_assert_cmpstr (dataset->root, ==, "");
  list = cyt_project_load_image_list (pack, dataset->id, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (cyt_image_list_get_item (list, 0)->path, ==, "x.png");
  g_assert_cmpstr (cyt_image_list_get_item (list, 2)->path, ==, "z.png");
  g_assert_cmpstr (cyt_image_list_get_item (list, 0)->label, ==, "a/b");
  g_assert_true (cyt_locate_probe (pack, dataset->id, &any, &error));
  g_assert_false (any);
  g_assert_true (cyt_pack_estimate (out, 96, &estimate, NULL, &error));
  g_assert_cmpuint (estimate.n_thumbnails, ==, 0);
  cyt_test_remove_tree (dir);
}

static void
test_cancelled (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *path = g_build_filename (dir, "p.cytosae", NULL), *out = g_build_filename (dir, "q.cytosae", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  make_project (path);
  g_cancellable_cancel (cancellable);
  g_assert_false (cyt_pack_write (path, out, 96, 1, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
  cyt_test_remove_tree (dir);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pack/paths", test_paths);
  g_test_add_func ("/pack/cancelled", test_cancelled);
  return g_test_run ();
}
