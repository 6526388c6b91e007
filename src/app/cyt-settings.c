/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <gio/gio.h>

#include "cyt-settings.h"

#define GROUP "explorer"
#define KEY_RECENT "recent"
#define WRITE_DELAY_MS 500

static GKeyFile *settings;
static guint write_source;

static char *
get_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "cytosae-explorer", "explorer.ini", NULL);
}

static GKeyFile *
get_settings (void)
{
  if (settings == NULL)
    {
      g_autofree char *path = get_path ();

      settings = g_key_file_new ();
      /* No file yet, or one that is damaged: start afresh, nothing in it is work. */
      g_key_file_load_from_file (settings, path, G_KEY_FILE_NONE, NULL);
    }
  return settings;
}

static void
replaced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    g_debug ("Settings were not written: %s", error->message);
}

static gboolean
write_cb (gpointer user_data)
{
  g_autofree char *path = get_path ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GBytes) bytes = NULL;
  gsize size;
  char *data = g_key_file_to_data (get_settings (), &size, NULL);

  write_source = 0;
  bytes = g_bytes_new_take (data, size);
  g_mkdir_with_parents (folder, 0700);
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL, replaced_cb,
                                       NULL);
  return G_SOURCE_REMOVE;
}

static void
queue_write (void)
{
  if (write_source == 0)
    write_source = g_timeout_add (WRITE_DELAY_MS, write_cb, NULL);
}

void
cyt_settings_flush (void)
{
  g_autofree char *path = get_path ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  if (write_source == 0)
    return;
  g_clear_handle_id (&write_source, g_source_remove);
  g_mkdir_with_parents (folder, 0700);
  if (!g_key_file_save_to_file (get_settings (), path, &error))
    g_debug ("Settings were not written: %s", error->message);
}

char *
cyt_settings_dup_string (const char *key)
{
  return g_key_file_get_string (get_settings (), GROUP, key, NULL);
}

void
cyt_settings_set_string (const char *key, const char *value)
{
  g_key_file_set_string (get_settings (), GROUP, key, value);
  queue_write ();
}

int
cyt_settings_get_int (const char *key, int fallback)
{
  g_autoptr (GError) error = NULL;
  int value = g_key_file_get_integer (get_settings (), GROUP, key, &error);

  return error == NULL ? value : fallback;
}

void
cyt_settings_set_int (const char *key, int value)
{
  if (cyt_settings_get_int (key, G_MININT) == value)
    return;
  g_key_file_set_integer (get_settings (), GROUP, key, value);
  queue_write ();
}

GStrv
cyt_settings_list_recent (void)
{
  g_auto (GStrv) paths = g_key_file_get_string_list (get_settings (), GROUP, KEY_RECENT, NULL, NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; paths != NULL && paths[i] != NULL; i++)
    if (g_file_test (paths[i], G_FILE_TEST_IS_REGULAR))
      g_strv_builder_add (builder, paths[i]);
  return g_strv_builder_end (builder);
}

void
cyt_settings_add_recent (const char *path)
{
  g_auto (GStrv) old = g_key_file_get_string_list (get_settings (), GROUP, KEY_RECENT, NULL, NULL);
  const char *paths[CYT_SETTINGS_N_RECENT];
  gsize n = 0;

  paths[n++] = path;
  for (gsize i = 0; old != NULL && old[i] != NULL && n < CYT_SETTINGS_N_RECENT; i++)
    if (!g_str_equal (old[i], path))
      paths[n++] = old[i];
  g_key_file_set_string_list (get_settings (), GROUP, KEY_RECENT, paths, n);
  queue_write ();
}
