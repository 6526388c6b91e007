/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-export.h"
#include "cyt-file-choice.h"

/* "PROJECT 1742 eosinophilic granules.png" */
static char *
suggest_name (CytSession *session, guint latent)
{
  g_autoptr (CytConcept) concept = cyt_session_dup_concept (session, latent);
  g_autofree char *name = concept->name[0] != '\0' ? g_strdup_printf ("%s %u %s.png", cyt_session_get_title (session),
                                                                      latent, concept->name)
                                                   : g_strdup_printf ("%s %u.png", cyt_session_get_title (session), latent);

  return g_strdelimit (g_steal_pointer (&name), G_DIR_SEPARATOR_S, '-');
}

static void
chosen_cb (gpointer object, const char *const *paths)
{
  cyt_session_export_figure (object, paths[0]);
}

void
cyt_export_figure (GtkWindow *parent, CytSession *session)
{
  static const char *const suffixes[] = { "png", NULL };
  guint latent = cyt_latent_model_get_selected (cyt_session_get_latents (session));
  const char *pictures = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);
  const char *folder = pictures != NULL && g_file_test (pictures, G_FILE_TEST_IS_DIR) ? pictures : g_get_home_dir ();
  g_autofree char *name = suggest_name (session, latent), *path = g_build_filename (folder, name, NULL);
  const CytFileChoice choice
    = { _("Export Figure"), GTK_FILE_CHOOSER_ACTION_SAVE, FALSE, _("PNG images"), suffixes, path };

  cyt_file_choice_ask (parent, &choice, chosen_cb, session);
}
