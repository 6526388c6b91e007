/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-format.h"
#include "cyt-session-private.h"
#include "cyt-settings.h"
#include "cyt-status.h"

#define N_UNDO 1000

/* One step of undo: labels that give the fields edited their values before and after, a saved filter, or a
 * pixel size. */
typedef struct
{
  GPtrArray *before;         /* of CytLabel */
  GPtrArray *after;          /* of CytLabel, same latents and fields */
  CytFilterEdit *filter;        /* or NULL */
  CytPixelSizeEdit *pixel_size; /* or NULL */
} Edit;

static Edit *
edit_new (void)
{
  Edit *edit = g_new0 (Edit, 1);

  edit->before = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_label_free);
  edit->after = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_label_free);
  return edit;
}

static void
edit_free (Edit *edit)
{
  g_ptr_array_unref (edit->before);
  g_ptr_array_unref (edit->after);
  g_clear_pointer (&edit->filter, cyt_filter_edit_free);
  g_free (edit->pixel_size);
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
  if (self->n_saving > 0)
    set_save_state (self, CYT_SAVE_BUSY);
  else if (!g_queue_is_empty (&self->unsaved))
    set_save_state (self, CYT_SAVE_FAILED);
  else if (self->save_state != CYT_SAVE_IDLE)
    set_save_state (self, CYT_SAVE_DONE);
}

/* ---- Writing ---- */

typedef struct
{
  CytSession *session;
  CytSaveRequest *request;
} Saving;

static void
show_concepts (CytSession *self, GPtrArray *concepts)
{
  cyt_latent_model_update_concepts (self->latents, concepts);
  for (guint i = 0; i < concepts->len; i++)
    cyt_session_emit_concept_changed (self, ((CytConcept *) concepts->pdata[i])->latent);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Saving *saving = user_data;
  g_autoptr (CytSession) self = saving->session;
  g_autoptr (CytSaveRequest) request = saving->request;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) stored = cyt_worker_run_finish (CYT_WORKER (source), result, &error);

  g_free (saving);
  self->n_saving--;
  if (stored == NULL)
    {
      g_queue_push_tail (&self->unsaved, g_steal_pointer (&request));
      update_save_state (self);
      cyt_session_emit_save_failed (self, error->message);
      return;
    }
  /* Nothing newer is under way: what the file holds is the truth, rater and time included. */
  if (self->n_saving == 0 && g_queue_is_empty (&self->unsaved))
    show_concepts (self, stored);
  update_save_state (self);
}

/* Another window may have asked meanwhile. Nobody waits for the answer: what is saved before it is signed by it. */
static void
learn_rater (CytSession *self)
{
  g_autofree char *rater = cyt_settings_dup_string ("rater");

  if (rater != NULL)
    {
      cyt_session_set_rater (self, rater);
      return;
    }
  if (self->unsigned_since == 0)
    self->unsigned_since = g_get_real_time ();
  cyt_session_emit_rater_needed (self);
}

/* Takes @request. */
static void
save (CytSession *self, CytSaveRequest *request)
{
  Saving *saving;

  if (self->rater == NULL)
    learn_rater (self);
  if (request->rater == NULL)
    request->rater = g_strdup (self->rater);
  saving = g_new0 (Saving, 1);
  saving->session = g_object_ref (self);
  saving->request = request;
  self->n_saving++;
  update_save_state (self);
  /* Never cancelled: an edit that was made is written. All saves have one priority, so they keep
   * their order. */
  cyt_worker_run_async (self->project, cyt_project_job_save, request, NULL, (GDestroyNotify) g_ptr_array_unref,
                        G_PRIORITY_HIGH, save, NULL, saved_cb, saving);
}

static void
save_labels (CytSession *self, GPtrArray *labels, const char *what)
{
  CytSaveRequest *request = cyt_save_request_new (what);

  for (guint i = 0; i < labels->len; i++)
    g_ptr_array_add (request->labels, cyt_label_copy (labels->pdata[i]));
  save (self, request);
}

/* Takes over what was edited since. */
static void
renew_request (CytSession *self, CytSaveRequest *request)
{
  for (guint i = 0; i < request->labels->len; i++)
    {
      CytLabel *label = request->labels->pdata[i];
      g_autoptr (CytConcept) now = cyt_session_dup_concept (self, label->concept->latent);

      cyt_concept_copy_fields (label->concept, now, label->fields);
    }
}

void
cyt_session_retry_saves (CytSession *self)
{
  GQueue unsaved;

  g_return_if_fail (CYT_IS_SESSION (self));

  unsaved = self->unsaved;
  g_queue_init (&self->unsaved);
  while (!g_queue_is_empty (&unsaved))
    {
      CytSaveRequest *request = g_queue_pop_head (&unsaved);

      renew_request (self, request);
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

/* The step of undo that goes on with @label, or NULL. */
static Edit *
find_open_edit (CytSession *self, const CytLabel *label)
{
  Edit *edit;
  const CytLabel *last;

  if (self->edit_ended || self->undo->len == 0)
    return NULL;
  edit = self->undo->pdata[self->undo->len - 1];
  if (edit->after->len != 1)
    return NULL;
  last = edit->after->pdata[0];
  return (label->fields & ~last->fields) == 0 && last->concept->latent == label->concept->latent
           ? edit
           : NULL;
}

/* Takes @edit. */
static void
push_edit (CytSession *self, Edit *edit)
{
  if (self->undo->len == N_UNDO)
    g_ptr_array_remove_index (self->undo, 0);
  g_ptr_array_add (self->undo, edit);
}

/* Labels that say what the latents of @labels have in the fields that differ from it; those latents only. */
static Edit *
make_edit (CytSession *self, GPtrArray *labels)
{
  Edit *edit = edit_new ();

  for (guint i = 0; i < labels->len; i++)
    {
      const CytLabel *wanted = labels->pdata[i];
      g_autoptr (CytConcept) before = cyt_session_dup_concept (self, wanted->concept->latent);
      CytConceptFields fields = wanted->fields & cyt_concept_diff (before, wanted->concept);
      CytLabel *old, *new;

      if (fields == 0)
        continue;
      old = cyt_label_new (wanted->concept->latent);
      cyt_concept_copy_fields (old->concept, before, fields);
      new = cyt_label_copy (wanted);
      old->fields = new->fields = fields;
      g_ptr_array_add (edit->before, old);
      g_ptr_array_add (edit->after, new);
    }
  return edit;
}

/* The concepts as they are to be with the labels laid over them; of CytConcept. */
static GPtrArray *
lay_over (CytSession *self, GPtrArray *labels)
{
  GPtrArray *concepts = g_ptr_array_new_full (labels->len, (GDestroyNotify) cyt_concept_free);
  gint64 now = g_get_real_time ();

  for (guint i = 0; i < labels->len; i++)
    {
      const CytLabel *label = labels->pdata[i];
      CytConcept *concept = cyt_session_dup_concept (self, label->concept->latent);

      cyt_concept_copy_fields (concept, label->concept, label->fields);
      concept->edited_at = now;
      g_ptr_array_add (concepts, concept);
    }
  return concepts;
}

void
cyt_session_edit_concept (CytSession *self, const CytConcept *concept, CytConceptFields fields)
{
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_label_free);
  g_autoptr (GPtrArray) concepts = NULL;
  CytLabel *label;
  Edit *edit, *open;

  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL);

  if (self->read_only)
    return;
  label = cyt_label_new (concept->latent);
  cyt_concept_copy_fields (label->concept, concept, fields);
  label->fields = fields;
  g_ptr_array_add (labels, label);
  edit = make_edit (self, labels);
  if (edit->after->len == 0)
    {
      edit_free (edit);
      return;
    }
  concepts = lay_over (self, edit->after);
  cyt_latent_model_update_concepts (self->latents, concepts);
  save_labels (self, edit->after, "edit");

  g_ptr_array_set_size (self->redo, 0);
  open = find_open_edit (self, edit->after->pdata[0]);
  if (open != NULL)
    {
      const CytLabel *newer = edit->after->pdata[0];

      cyt_concept_copy_fields (((CytLabel *) open->after->pdata[0])->concept, newer->concept, newer->fields);
      edit_free (edit);
    }
  else
    push_edit (self, edit);
  self->edit_ended = FALSE;
  notify_undo (self);
}

guint
cyt_session_edit_labels (CytSession *self, GPtrArray *labels, const char *what, const char *toast)
{
  g_autoptr (GPtrArray) concepts = NULL;
  g_autofree char *count = NULL, *text = NULL;
  Edit *edit;
  guint n;

  g_return_val_if_fail (CYT_IS_SESSION (self) && self->project != NULL, 0);

  if (self->read_only)
    return 0;
  edit = make_edit (self, labels);
  n = edit->after->len;
  if (n == 0)
    {
      edit_free (edit);
      return 0;
    }
  concepts = lay_over (self, edit->after);
  show_concepts (self, concepts);
  save_labels (self, edit->after, what);
  g_ptr_array_set_size (self->redo, 0);
  push_edit (self, edit);
  self->edit_ended = TRUE;
  notify_undo (self);
  count = cyt_format_count (n);
  /* Translators: a number of concepts */
  text = toast != NULL ? g_strdup (toast) : g_strdup_printf (ngettext ("%s concept changed", "%s concepts changed", n), count);
  cyt_session_emit_undo_toast (self, text);
  return n;
}

void
cyt_session_edit_concepts (CytSession *self, GArray *latents, const CytConcept *values, CytConceptFields fields)
{
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_label_free);

  g_return_if_fail (CYT_IS_SESSION (self) && values != NULL);

  for (guint i = 0; i < latents->len; i++)
    {
      CytLabel *label = cyt_label_new (g_array_index (latents, guint, i));

      cyt_concept_copy_fields (label->concept, values, fields);
      label->fields = fields;
      g_ptr_array_add (labels, label);
    }
  cyt_session_edit_labels (self, labels, "bulk edit", NULL);
}

/* A new step that is not of labels; takes @edit. */
static void
add_edit (CytSession *self, Edit *edit)
{
  g_ptr_array_set_size (self->redo, 0);
  push_edit (self, edit);
  self->edit_ended = TRUE;
  notify_undo (self);
}

void
cyt_session_push_filter_edit (CytSession *self, CytFilterEdit *filter)
{
  Edit *edit = edit_new ();

  edit->filter = filter;
  add_edit (self, edit);
}

void
cyt_session_push_pixel_size_edit (CytSession *self, CytPixelSizeEdit *pixel_size)
{
  Edit *edit = edit_new ();

  edit->pixel_size = pixel_size;
  add_edit (self, edit);
}

void
cyt_session_end_edit (CytSession *self)
{
  g_return_if_fail (CYT_IS_SESSION (self));
  self->edit_ended = TRUE;
}

/* "Name, Status" */
static char *
dup_field_names (CytConceptFields fields)
{
  GString *names = g_string_new (NULL);

  for (guint bit = 1; bit < CYT_CONCEPT_ALL_FIELDS; bit <<= 1)
    if (fields & bit)
      /* Translators: between the names of fields */
      g_string_append_printf (names, "%s%s", names->len > 0 ? _(", ") : "", cyt_status_get_field_label (bit));
  return g_string_free (names, FALSE);
}

static char *
describe_move (const Edit *edit, gboolean undo)
{
  GPtrArray *labels = edit->after;
  g_autofree char *count = cyt_format_count (labels->len), *fields = NULL;
  const CytLabel *label;

  if (edit->filter != NULL)
    /* Translators: the name of a saved filter */
    return g_strdup_printf (undo ? _("Change of the filter “%s” undone") : _("Change of the filter “%s” made again"),
                            edit->filter->name);
  if (edit->pixel_size != NULL)
    return g_strdup (undo ? _("Change of the pixel size undone") : _("Change of the pixel size made again"));
  if (labels->len > 1)
    /* Translators: a number of concepts */
    return g_strdup_printf (undo ? ngettext ("Change of %s concept undone", "Change of %s concepts undone", labels->len)
                                 : ngettext ("Change of %s concept made again", "Change of %s concepts made again",
                                             labels->len), count);
  label = labels->pdata[0];
  fields = dup_field_names (label->fields);
  /* Translators: the number of a latent; which of its fields */
  return g_strdup_printf (undo ? _("Change of #%u undone: %s") : _("Change of #%u made again: %s"), label->concept->latent,
                          fields);
}

static void
move_labels (CytSession *self, const Edit *edit, gboolean undo)
{
  GPtrArray *target = undo ? edit->before : edit->after;
  g_autoptr (GPtrArray) concepts = lay_over (self, target);

  show_concepts (self, concepts);
  save_labels (self, target, undo ? "undo" : "redo");
  if (target->len == 1)
    cyt_latent_model_set_selected (self->latents, ((CytLabel *) target->pdata[0])->concept->latent);
}

static void
move_edit (CytSession *self, gboolean undo)
{
  GPtrArray *from = undo ? self->undo : self->redo;
  GPtrArray *to = undo ? self->redo : self->undo;
  g_autofree char *text = NULL;
  Edit *edit;

  if (from->len == 0 || self->read_only)
    return;
  edit = g_ptr_array_steal_index (from, from->len - 1);
  g_ptr_array_add (to, edit);
  self->edit_ended = TRUE;
  if (edit->filter != NULL)
    cyt_session_move_filter_edit (self, edit->filter, undo);
  else if (edit->pixel_size != NULL)
    cyt_session_move_pixel_size_edit (self, edit->pixel_size, undo);
  else
    move_labels (self, edit, undo);
  text = describe_move (edit, undo);
  notify_undo (self);
  cyt_session_emit_toast (self, text);
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

static void
signed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytSession) self = user_data;
  g_autoptr (GError) error = NULL;

  if (cyt_worker_run_finish (CYT_WORKER (source), result, &error) == NULL)
    cyt_session_emit_problem (self, error->message);
  else
    cyt_session_load_view (self, NULL, FALSE);
}

void
cyt_session_set_rater (CytSession *self, const char *rater)
{
  CytSignRequest *request;

  g_return_if_fail (CYT_IS_SESSION (self) && rater != NULL);

  g_free (self->rater);
  self->rater = g_strdup (rater);
  cyt_settings_set_string ("rater", rater);
  if (self->unsigned_since == 0)
    return;
  request = g_new0 (CytSignRequest, 1);
  request->rater = g_strdup (rater);
  request->since = self->unsigned_since;
  self->unsigned_since = 0;
  /* After the saves that are under way, which have the same priority; like them never cancelled. */
  cyt_worker_run_async (self->project, cyt_project_job_sign, request, (GDestroyNotify) cyt_sign_request_free, NULL,
                        G_PRIORITY_HIGH, cyt_session_set_rater, NULL, signed_cb, g_object_ref (self));
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

  if (self->n_saving > 0 || !g_queue_is_empty (&self->unsaved))
    return;
  cyt_latent_model_set_concepts (self->latents, concepts);
  if (selected >= 0)
    cyt_session_emit_concept_changed (self, selected);
}

void
cyt_session_labels_init (CytSession *self)
{
  g_queue_init (&self->unsaved);
  self->undo = g_ptr_array_new_with_free_func ((GDestroyNotify) edit_free);
  self->redo = g_ptr_array_new_with_free_func ((GDestroyNotify) edit_free);
  self->rater = cyt_settings_dup_string ("rater");
}

void
cyt_session_labels_dispose (CytSession *self)
{
  g_queue_clear_full (&self->unsaved, (GDestroyNotify) cyt_save_request_free);
}

void
cyt_session_labels_finalize (CytSession *self)
{
  g_free (self->rater);
  g_ptr_array_unref (self->undo);
  g_ptr_array_unref (self->redo);
}
