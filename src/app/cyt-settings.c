/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* The key file's backend is not part of the API that is stable by default. */
#define G_SETTINGS_ENABLE_BACKEND
#include <gio/gio.h>
#include <gio/gsettingsbackend.h>

#include "cyt-settings.h"

#define PATH "/org/cytosae/Explorer/"
#define KEY_RECENT "recent"

/* Of the build where it still stands: an older version may be installed beside it. */
static GSettingsSchema *
find_schema (void)
{
  g_autoptr (GSettingsSchemaSource) built
    = g_settings_schema_source_new_from_directory (CYT_BUILD_SCHEMADIR, g_settings_schema_source_get_default (), TRUE, NULL);
  GSettingsSchemaSource *source = built != NULL ? built : g_settings_schema_source_get_default ();

  return source != NULL ? g_settings_schema_source_lookup (source, CYT_APP_ID, TRUE) : NULL;
}

static GSettings *
get_settings (void)
{
  static GSettings *settings;

  if (settings == NULL)
    {
      g_autofree char *folder = g_build_filename (g_get_user_config_dir (), "cytosae-explorer", NULL);
      g_autofree char *path = g_build_filename (folder, "settings.ini", NULL);
      g_autoptr (GSettingsSchema) schema = find_schema ();
      g_autoptr (GSettingsBackend) backend = NULL;

      if (schema == NULL)
        g_error ("The settings schema " CYT_APP_ID " is not installed");
      g_mkdir_with_parents (folder, 0700);
      /* Not the desktop's store, which many machines lack: there nothing would be remembered. */
      backend = g_keyfile_settings_backend_new (path, PATH, "explorer");
      settings = g_settings_new_full (schema, backend, NULL);
    }
  return settings;
}

void
cyt_settings_flush (void)
{
  g_settings_sync ();
}

char *
cyt_settings_dup_string (const char *key)
{
  g_autofree char *value = g_settings_get_string (get_settings (), key);

  return value[0] != '\0' ? g_steal_pointer (&value) : NULL;
}

void
cyt_settings_set_string (const char *key, const char *value)
{
  /* A path of other bytes cannot be kept; it is asked for again. */
  if (g_utf8_validate (value, -1, NULL))
    g_settings_set_string (get_settings (), key, value);
}

int
cyt_settings_get_int (const char *key, int fallback)
{
  g_autoptr (GVariant) value = g_settings_get_user_value (get_settings (), key);

  return value != NULL ? g_variant_get_int32 (value) : fallback;
}

void
cyt_settings_set_int (const char *key, int value)
{
  if (cyt_settings_get_int (key, G_MININT) != value)
    g_settings_set_int (get_settings (), key, value);
}

GStrv
cyt_settings_list_recent (void)
{
  g_auto (GStrv) paths = g_settings_get_strv (get_settings (), KEY_RECENT);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; paths[i] != NULL; i++)
    if (g_file_test (paths[i], G_FILE_TEST_IS_REGULAR))
      g_strv_builder_add (builder, paths[i]);
  return g_strv_builder_end (builder);
}

void
cyt_settings_add_recent (const char *path)
{
  g_auto (GStrv) old = NULL;
  const char *paths[CYT_SETTINGS_N_RECENT + 1] = { path };
  gsize n = 1;

  if (!g_utf8_validate (path, -1, NULL))
    return;
  old = g_settings_get_strv (get_settings (), KEY_RECENT);
  for (gsize i = 0; old[i] != NULL && n < CYT_SETTINGS_N_RECENT; i++)
    if (!g_str_equal (old[i], path))
      paths[n++] = old[i];
  g_settings_set_strv (get_settings (), KEY_RECENT, paths);
}
