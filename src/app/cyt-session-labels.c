/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-session-private.h"
#include "cyt-settings.h"

#define N_UNDO 1000

/* One step of undo: the labels before and after, of which only @fields were edited. */
typedef struct
{
  GPtrArray *before;         /* of CytConcept */
  GPtrArray *after;          /* of CytConcept, same latents */
  CytConceptFields fields;
} Edit;

static void
edit_free (Edit *edit)
{
  g_ptr_array_unref (edit->before);
  g_ptr_array_unref (edit->after);
  g_free (edit);
}

static void
set_save_state (CytSession *self, CytSaveState state)
{
  if (state == self->save_state)
    return;
  self->save_state = state;
  cyt_session_notify (self, CYT_SESSION_PROP_SAVE_STATE);
}

static void
update_save_state (CytSession *self)
{
  if (self->n_saving > 0 || !g_queue_is_empty (&self->waiting))
    set_save_state (self, CYT_SAVE_BUSY);
  else if (g_hash_table_size (self->unsaved) > 0)
    set_save_state (self, CYT_SAVE_FAILED);
  else if (self->save_state != CYT_SAVE_IDLE)
    set_save_state (self, CYT_SAVE_DONE);
}

/* ---- Writing ---- */

typedef struct
{
  CytSession *session;
  GArray *latents;           /* of guint */
  CytConceptFields fields;
} Saving;

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Saving *saving = user_data;
  g_autoptr (CytSession) self = saving->session;
  g_autoptr (GArray) latents = saving->latents;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) stored = cyt_worker_run_finish (CYT_WORKER (source), result, &error);
  CytConceptFields fields = saving->fields;

  g_free (saving);
  self->n_saving--;
  if (stored == NULL)
    {
      for (guint i = 0; i < latents->len; i++)
        {
          gpointer key = GUINT_TO_POINTER (g_array_index (latents, guint, i));
          guint old = GPOINTER_TO_UINT (g_hash_table_lookup (self->unsaved, key));

          g_hash_table_insert (self->unsaved, key, GUINT_TO_POINTER (old | fields));
        }
      update_save_state (self);
      cyt_session_emit_save_failed (self, error->message);
      return;
    }
  if (self->n_saving == 0 && g_queue_is_empty (&self->waiting) && g_hash_table_size (self->unsaved) == 0)
    {
      /* Nothing newer is under way: what the file holds is the truth, rater and time included. */
      for (guint i = 0; i < stored->len; i++)
        {
          const CytConcept *concept = stored->pdata[i];

          cyt_latent_model_set_concept (self->latents, concept);
          cyt_session_emit_concept_changed (self, concept->latent);
        }
    }
  update_save_state (self);
}

/* Takes @request. */
static void
save (CytSession *self, CytSaveRequest *request)
{
  Saving *saving;

  if (self->rater == NULL)
    {
      g_queue_push_tail (&self->waiting, request);
      update_save_state (self);
      cyt_session_emit_rater_needed (self);
      return;
    }
  if (request->rater == NULL)
    request->rater = g_strdup (self->rater);
  saving = g_new0 (Saving, 1);
  saving->session = g_object_ref (self);
  saving->latents = g_array_new (FALSE, FALSE, sizeof (guint));
  saving->fields = request->fields;
  for (guint i = 0; i < request->concepts->len; i++)
    g_array_append_val (saving->latents, ((CytConcept *) request->concepts->pdata[i])->latent);
  self->n_saving++;
  update_save_state (self);
  /* Never cancelled: an edit that was made is written. All saves have one priority, so they keep
   * their order. */
  cyt_worker_run_async (self->project, cyt_project_job_save, request, (GDestroyNotify) cyt_save_request_free,
                        (GDestroyNotify) g_ptr_array_unref, G_PRIORITY_HIGH, save, NULL, saved_cb, saving);
}

static void
save_concepts (CytSession *self, GPtrArray *concepts, CytConceptFields fields, const char *what)
{
  CytSaveRequest *request = cyt_save_request_new (fields, self->rater, what);

  for (guint i = 0; i < concepts->len; i++)
    g_ptr_array_add (request->concepts, cyt_concept_copy (concepts->pdata[i]));
  save (self, request);
}

void
cyt_session_retry_saves (CytSession *self)
{
  g_autoptr (GHashTable) unsaved = NULL;
  GHashTableIter iter;
  gpointer key, value;

  g_return_if_fail (CYT_IS_SESSION (self));

  unsaved = g_steal_pointer (&self->unsaved);
  self->unsaved = g_hash_table_new (NULL, NULL);
  g_hash_table_iter_init (&iter, unsaved);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      CytSaveRequest *request = cyt_save_request_new (GPOINTER_TO_UINT (value), self->rater, "edit");

      g_ptr_array_add (request->concepts, cyt_session_dup_concept (self, GPOINTER_TO_UINT (key)));
      save (self, request);
    }
  update_save_state (self);
}

/* ---- Editing ---- */

CytConcept *
cyt_session_dup_concept (CytSession *self, guint latent)
{
  const CytConcept *concept = cyt_latent_model_get_concept (self->latents, latent);

  return concept != NULL ? cyt_concept_copy (concept) : cyt_concept_new (latent);
}

static void
notify_undo (CytSession *self)
{
  cyt_session_notify (self, CYT_SESSION_PROP_CAN_UNDO);
  cyt_session_notify (self, CYT_SESSION_PROP_CAN_REDO);
}

static void
push_edit (CytSession *self, const CytConcept *before, const CytConcept *after, CytConceptFields fields)
{
  Edit *edit = NULL;

  g_ptr_array_set_size (self->redo, 0);
  if (!self->edit_ended && self->undo->len > 0)
    {
      edit = self->undo->pdata[self->undo->len - 1];
      if (edit->after->len != 1 || edit->fields != fields
          || ((CytConcept *) edit->after->pdata[0])->latent != after->latent)
        edit = NULL;
    }
  if (edit != NULL)
    {
      g_ptr_array_set_size (edit->after, 0);
      g_ptr_array_add (edit->after, cyt_concept_copy (after));
    }
  else
    {
      edit = g_new0 (Edit, 1);
      edit->before = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
      edit->after = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
      edit->fields = fields;
      g_ptr_array_add (edit->before, cyt_concept_copy (before));
      g_ptr_array_add (edit->after, cyt_concept_copy (after));
      if (self->undo->len == N_UNDO)
        g_ptr_array_remove_index (self->undo, 0);
      g_ptr_array_add (self->undo, edit);
    }
  self->edit_ended = FALSE;
  notify_undo (self);
}

void
cyt_session_edit_concept (CytSession *self, const CytConcept *concept, CytConceptFields fields)
{
  g_autoptr (CytConcept) before = NULL, after = NULL;
  g_autoptr (GPtrArray) concepts = NULL;

  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL);

  if (self->read_only)
    return;
  before = cyt_session_dup_concept (self, concept->latent);
  after = cyt_concept_copy (before);
  cyt_concept_copy_fields (after, concept, fields);
  fields = cyt_concept_diff (before, after);
  if (fields == 0)
    return;
  after->edited_at = g_get_real_time ();
  push_edit (self, before, after, fields);
  cyt_latent_model_set_concept (self->latents, after);

  concepts = g_ptr_array_new ();
  g_ptr_array_add (concepts, after);
  save_concepts (self, concepts, fields, "edit");
}

void
cyt_session_end_edit (CytSession *self)
{
  g_return_if_fail (CYT_IS_SESSION (self));
  self->edit_ended = TRUE;
}

static void
move_edit (CytSession *self, gboolean undo)
{
  GPtrArray *from = undo ? self->undo : self->redo;
  GPtrArray *to = undo ? self->redo : self->undo;
  g_autofree char *text = NULL;
  GPtrArray *target;
  Edit *edit;
  guint latent;

  if (from->len == 0 || self->read_only)
    return;
  edit = g_ptr_array_steal_index (from, from->len - 1);
  g_ptr_array_add (to, edit);
  self->edit_ended = TRUE;
  target = undo ? edit->before : edit->after;
  for (guint i = 0; i < target->len; i++)
    {
      const CytConcept *wanted = target->pdata[i];
      g_autoptr (CytConcept) concept = cyt_session_dup_concept (self, wanted->latent);

      cyt_concept_copy_fields (concept, wanted, edit->fields);
      concept->edited_at = g_get_real_time ();
      cyt_latent_model_set_concept (self->latents, concept);
      cyt_session_emit_concept_changed (self, wanted->latent);
    }
  save_concepts (self, target, edit->fields, undo ? "undo" : "redo");

  latent = ((CytConcept *) target->pdata[0])->latent;
  cyt_latent_model_set_selected (self->latents, latent);
  /* Translators: the number of a latent */
  text = undo ? g_strdup_printf (_("Change of #%u undone"), latent)
              : g_strdup_printf (_("Change of #%u made again"), latent);
  cyt_session_emit_toast (self, text);
  notify_undo (self);
}

void
cyt_session_undo (CytSession *self)
{
  g_return_if_fail (CYT_IS_SESSION (self));
  move_edit (self, TRUE);
}

void
cyt_session_redo (CytSession *self)
{
  g_return_if_fail (CYT_IS_SESSION (self));
  move_edit (self, FALSE);
}

CytSaveState
cyt_session_get_save_state (CytSession *self)
{
  return self->save_state;
}

/* ---- Who ---- */

gboolean
cyt_session_need_rater (CytSession *self)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), FALSE);

  if (self->rater == NULL)
    self->rater = cyt_settings_dup_string ("rater");
  if (self->rater == NULL)
    cyt_session_emit_rater_needed (self);
  return self->rater != NULL;
}

void
cyt_session_set_rater (CytSession *self, const char *rater)
{
  CytSaveRequest *request;

  g_return_if_fail (CYT_IS_SESSION (self) && rater != NULL);

  g_free (self->rater);
  self->rater = g_strdup (rater);
  cyt_settings_set_string ("rater", rater);
  while ((request = g_queue_pop_head (&self->waiting)) != NULL)
    save (self, request);
  update_save_state (self);
}

/* ---- History ---- */

void
cyt_session_load_changes_async (CytSession *self, guint latent, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL);

  cyt_worker_run_async (self->project, cyt_project_job_load_changes, cyt_latent_request_new (-1, latent),
                        g_free, (GDestroyNotify) g_ptr_array_unref, G_PRIORITY_DEFAULT,
                        cyt_session_load_changes_async, cancellable, callback, user_data);
}

GPtrArray *
cyt_session_load_changes_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  return cyt_worker_run_finish (self->project, result, error);
}

/* ---- For cyt-session.c ---- */

void
cyt_session_labels_loaded (CytSession *self, GPtrArray *concepts)
{
  gint64 selected = cyt_latent_model_get_selected (self->latents);

  if (self->n_saving > 0 || !g_queue_is_empty (&self->waiting) || g_hash_table_size (self->unsaved) > 0)
    return;
  cyt_latent_model_set_concepts (self->latents, concepts);
  if (selected >= 0)
    cyt_session_emit_concept_changed (self, selected);
}

void
cyt_session_labels_init (CytSession *self)
{
  g_queue_init (&self->waiting);
  self->unsaved = g_hash_table_new (NULL, NULL);
  self->undo = g_ptr_array_new_with_free_func ((GDestroyNotify) edit_free);
  self->redo = g_ptr_array_new_with_free_func ((GDestroyNotify) edit_free);
  self->rater = cyt_settings_dup_string ("rater");
}

void
cyt_session_labels_dispose (CytSession *self)
{
  g_queue_clear_full (&self->waiting, (GDestroyNotify) cyt_save_request_free);
}

void
cyt_session_labels_finalize (CytSession *self)
{
  g_free (self->rater);
  g_hash_table_unref (self->unsaved);
  g_ptr_array_unref (self->undo);
  g_ptr_array_unref (self->redo);
}
