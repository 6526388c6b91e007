/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-project-jobs-filters.h"
#include "cyt-session-private.h"

/* ---- Unlabelled latents ---- */

static void
select_or_say (CytSession *self, gint64 latent)
{
  if (latent >= 0)
    cyt_latent_model_set_selected (self->latents, latent);
  else
    cyt_session_emit_toast (self, _("All latents in the list are labelled"));
}

void
cyt_session_step_unlabelled (CytSession *self, int direction)
{
  g_return_if_fail (CYT_IS_SESSION (self));
  select_or_say (self, cyt_latent_model_find_unlabelled (self->latents, direction));
}

void
cyt_session_select_random_unlabelled (CytSession *self)
{
  g_return_if_fail (CYT_IS_SESSION (self));
  select_or_say (self, cyt_latent_model_pick_unlabelled (self->latents, g_random_int ()));
}

/* ---- Saved filters ---- */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_utf8_collate (*(const char *const *) a, *(const char *const *) b);
}

static void
update_names (CytSession *self)
{
  g_autofree const char **names = (const char **) g_hash_table_get_keys_as_array (self->filters.texts, NULL);
  guint n = g_hash_table_size (self->filters.texts);

  qsort (names, n, sizeof *names, compare_names);
  gtk_string_list_splice (self->filters.names, 0, g_list_model_get_n_items (G_LIST_MODEL (self->filters.names)), names);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytSession) self = user_data;
  g_autoptr (GError) error = NULL;

  self->filters.n_saving--;
  if (cyt_worker_run_finish (CYT_WORKER (source), result, &error) != NULL)
    return;
  cyt_session_emit_problem (self, error->message);
  /* What the file holds is what there is. */
  cyt_session_load_view (self, NULL, FALSE);
}

static void
change_filter (CytSession *self, const char *name, const char *new_name, const char *text)
{
  self->filters.n_saving++;
  /* Never cancelled: what the user saved is saved. */
  cyt_worker_run_async (self->project, cyt_project_job_change_filter, cyt_filter_request_new (name, new_name, text),
                        (GDestroyNotify) cyt_filter_request_free, NULL, G_PRIORITY_HIGH, change_filter, NULL,
                        changed_cb, g_object_ref (self));
  update_names (self);
}

GListModel *
cyt_session_get_saved_filters (CytSession *self)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->filters.names);
}

gboolean
cyt_session_apply_saved_filter (CytSession *self, const char *name)
{
  const char *text;
  g_autoptr (CytLatentFilter) filter = NULL;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (CYT_IS_SESSION (self), FALSE);

  text = g_hash_table_lookup (self->filters.texts, name);
  if (text == NULL)
    return FALSE;
  filter = cyt_latent_filter_from_text (text, &error);
  if (filter == NULL)
    {
      g_autofree char *problem = g_strdup_printf (_("The filter “%s” cannot be read: %s"), name, error->message);

      cyt_session_emit_problem (self, problem);
      return FALSE;
    }
  cyt_latent_model_set_filter (self->latents, filter);
  return TRUE;
}

/* @text NULL: no filter of that name any more. */
static void
set_filter (CytSession *self, const char *name, const char *text)
{
  if (text != NULL)
    g_hash_table_insert (self->filters.texts, g_strdup (name), g_strdup (text));
  else
    g_hash_table_remove (self->filters.texts, name);
  change_filter (self, name, NULL, text);
}

static void
rename_filter (CytSession *self, const char *name, const char *new_name)
{
  char *text = g_strdup (g_hash_table_lookup (self->filters.texts, name));

  if (text == NULL || g_hash_table_contains (self->filters.texts, new_name))
    {
      g_free (text);
      return;
    }
  g_hash_table_insert (self->filters.texts, g_strdup (new_name), text);
  g_hash_table_remove (self->filters.texts, name);
  change_filter (self, name, new_name, NULL);
}

void
cyt_filter_edit_free (CytFilterEdit *self)
{
  g_free (self->name);
  g_free (self->new_name);
  g_free (self->before);
  g_free (self->after);
  g_free (self);
}

void
cyt_session_move_filter_edit (CytSession *self, const CytFilterEdit *edit, gboolean undo)
{
  if (edit->new_name == NULL)
    set_filter (self, edit->name, undo ? edit->before : edit->after);
  else if (undo)
    rename_filter (self, edit->new_name, edit->name);
  else
    rename_filter (self, edit->name, edit->new_name);
}

/* Does what the user asks for. Takes @edit. */
static void
edit_filter (CytSession *self, CytFilterEdit *edit)
{
  edit->before = g_strdup (g_hash_table_lookup (self->filters.texts, edit->name));
  cyt_session_move_filter_edit (self, edit, FALSE);
  cyt_session_push_filter_edit (self, edit);
}

static CytFilterEdit *
filter_edit_new (const char *name)
{
  CytFilterEdit *edit = g_new0 (CytFilterEdit, 1);

  edit->name = g_strdup (name);
  return edit;
}

void
cyt_session_save_filter (CytSession *self, const char *name)
{
  CytFilterEdit *edit;

  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL && name[0] != '\0');

  if (self->read_only)
    return;
  edit = filter_edit_new (name);
  edit->after = cyt_latent_filter_to_text (cyt_latent_model_get_filter (self->latents));
  edit_filter (self, edit);
}

void
cyt_session_rename_saved_filter (CytSession *self, const char *name, const char *new_name)
{
  CytFilterEdit *edit;

  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL && new_name[0] != '\0');

  if (self->read_only || !g_hash_table_contains (self->filters.texts, name)
      || g_hash_table_contains (self->filters.texts, new_name))
    return;
  edit = filter_edit_new (name);
  edit->new_name = g_strdup (new_name);
  edit_filter (self, edit);
}

void
cyt_session_delete_saved_filter (CytSession *self, const char *name)
{
  g_autofree char *text = NULL;

  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL);

  if (self->read_only || !g_hash_table_contains (self->filters.texts, name))
    return;
  /* Translators: the name of a saved filter */
  text = g_strdup_printf (_("Filter “%s” deleted"), name);
  edit_filter (self, filter_edit_new (name));
  cyt_session_emit_undo_toast (self, text);
}

void
cyt_session_filters_loaded (CytSession *self, GHashTable *texts)
{
  if (self->filters.n_saving > 0)
    return;
  g_hash_table_unref (self->filters.texts);
  self->filters.texts = g_hash_table_ref (texts);
  update_names (self);
}

void
cyt_session_filters_init (CytSession *self)
{
  self->filters.names = gtk_string_list_new (NULL);
  self->filters.texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

void
cyt_session_filters_finalize (CytSession *self)
{
  g_clear_object (&self->filters.names);
  g_clear_pointer (&self->filters.texts, g_hash_table_unref);
}
