/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-application.h"

/* Of the build where it still stands: it needs no installation. */
static const char *
get_locale_dir (void)
{
  return g_file_test (CYT_BUILD_LOCALEDIR, G_FILE_TEST_IS_DIR) ? CYT_BUILD_LOCALEDIR : CYT_LOCALEDIR;
}

int
main (int argc, char **argv)
{
  g_autoptr (CytApplication) application = NULL;

  bindtextdomain (GETTEXT_PACKAGE, get_locale_dir ());
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  application = cyt_application_new (G_APPLICATION_DEFAULT_FLAGS);
  g_application_set_option_context_parameter_string (G_APPLICATION (application),
                                                     _("[FOLDER | LIST.csv | PROJECT.cytosae]"));
  return g_application_run (G_APPLICATION (application), argc, argv);
}
