/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app-test-util.h"

#include "cyt-texture-cache.h"

typedef struct
{
  GdkTexture *texture;
  gboolean missing;
  guint n;
} Answer;

static void
answer_cb (GdkTexture *texture, gboolean missing, gpointer user_data)
{
  Answer *answer = user_data;

  g_set_object (&answer->texture, texture);
  answer->missing = missing;
  answer->n++;
}

static char *folder;

static char *
get_image (guint i)
{
  g_autofree char *name = g_strdup_printf ("cell%03u.png", i);

  return g_build_filename (folder, i % 2 ? "light" : "dark", name, NULL);
}

static void
test_request (void)
{
  g_autoptr (CytTextureCache) cache = cyt_texture_cache_new (1 << 20);
  g_autofree char *path = get_image (0);
  Answer first = { 0 }, second = { 0 }, third = { 0 };

  g_assert_nonnull (cyt_texture_cache_request (cache, path, NULL, 32, answer_cb, &first));
  g_assert_nonnull (cyt_texture_cache_request (cache, path, NULL, 32, answer_cb, &second));
  cyt_app_test_wait (first.n == 1 && second.n == 1);
  /* One decode for both, and at the size asked for. */
  g_assert_true (first.texture == second.texture);
  g_assert_cmpint (gdk_texture_get_width (first.texture), ==, 32);
  g_assert_cmpint (gdk_texture_get_height (first.texture), ==, 32);
  g_assert_false (first.missing);
  g_assert_null (cyt_texture_cache_request (cache, path, NULL, 32, answer_cb, &third));
  g_assert_cmpuint (third.n, ==, 1);
  g_assert_true (third.texture == first.texture);
  g_clear_object (&first.texture);
  g_clear_object (&second.texture);
  g_clear_object (&third.texture);
}

static void
test_missing (void)
{
  g_autoptr (CytTextureCache) cache = cyt_texture_cache_new (1 << 20);
  g_autofree char *path = get_image (0), *gone = g_build_filename (folder, "gone.png", NULL);
  g_autofree char *other = g_build_filename (folder, "other.png", NULL);
  g_autoptr (GBytes) thumbnail = NULL;
  char *data;
  gsize size;
  Answer with = { 0 }, without = { 0 };

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  thumbnail = g_bytes_new_take (data, size);
  cyt_texture_cache_request (cache, gone, thumbnail, 32, answer_cb, &with);
  cyt_texture_cache_request (cache, other, NULL, 32, answer_cb, &without);
  cyt_app_test_wait (with.n == 1 && without.n == 1);
  g_assert_nonnull (with.texture);
  g_assert_true (with.missing);
  g_assert_null (without.texture);
  g_assert_true (without.missing);
  g_clear_object (&with.texture);
}

static void
test_cancel (void)
{
  g_autoptr (CytTextureCache) cache = cyt_texture_cache_new (1 << 20);
  Answer answers[12] = { 0 }, again = { 0 };
  CytTextureRequest *requests[12];
  g_autofree char *last = get_image (11);

  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *path = get_image (i);

      requests[i] = cyt_texture_cache_request (cache, path, NULL, 64, answer_cb, &answers[i]);
    }
  for (guint i = 1; i < 12; i++)
    cyt_texture_request_cancel (requests[i]);
  /* Wanted again after all. */
  cyt_texture_cache_request (cache, last, NULL, 64, answer_cb, &again);
  cyt_app_test_wait (answers[0].n == 1 && again.n == 1);
  g_assert_nonnull (again.texture);
  for (guint i = 1; i < 12; i++)
    g_assert_cmpuint (answers[i].n, ==, 0);
  g_clear_object (&answers[0].texture);
  g_clear_object (&again.texture);
}

static void
test_budget (void)
{
  const gsize budget = 5 * 64 * 64 * 4;
  g_autoptr (CytTextureCache) cache = cyt_texture_cache_new (budget);

  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *path = get_image (i);
      Answer answer = { 0 };

      cyt_texture_cache_request (cache, path, NULL, 64, answer_cb, &answer);
      cyt_app_test_wait (answer.n == 1);
      g_assert_cmpuint (cyt_texture_cache_get_n_bytes (cache), <=, budget);
      g_clear_object (&answer.texture);
    }
  g_assert_cmpuint (cyt_texture_cache_get_n_bytes (cache), ==, budget);
}

/* A cache may go while pictures are on their way. */
static void
test_free (void)
{
  CytTextureCache *cache = cyt_texture_cache_new (1 << 20);
  Answer answers[12] = { 0 };

  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *path = get_image (i);

      cyt_texture_cache_request (cache, path, NULL, 48, answer_cb, &answers[i]);
    }
  cyt_texture_cache_free (cache);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  for (guint i = 0; i < 12; i++)
    g_assert_cmpuint (answers[i].n, ==, 0);
}

int
main (int argc, char **argv)
{
  int result;

  folder = cyt_test_make_tmpdir ();
  g_test_init (&argc, &argv, NULL);
  cyt_app_test_make_images (folder, 12);
  g_test_add_func ("/app/texture-cache/request", test_request);
  g_test_add_func ("/app/texture-cache/missing", test_missing);
  g_test_add_func ("/app/texture-cache/cancel", test_cancel);
  g_test_add_func ("/app/texture-cache/budget", test_budget);
  g_test_add_func ("/app/texture-cache/free", test_free);
  result = g_test_run ();
  cyt_test_remove_tree (folder);
  g_free (folder);
  return result;
}
