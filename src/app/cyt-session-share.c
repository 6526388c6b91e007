/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-format.h"
#include "cyt-project-jobs-share.h"
#include "cyt-session-private.h"
#include "cyt-session-share.h"

/* ---- Files of labels ---- */

typedef struct
{
  CytSession *session;
  char *name;       /* of the file, for people */
} Transfer;

static Transfer *
transfer_new (CytSession *session, const char *path)
{
  Transfer *self = g_new0 (Transfer, 1);

  self->session = g_object_ref (session);
  self->name = g_filename_display_basename (path);
  return self;
}

static void
transfer_free (Transfer *self)
{
  g_object_unref (self->session);
  g_free (self->name);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Transfer, transfer_free)

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Transfer) transfer = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) labels = cyt_worker_run_finish (CYT_WORKER (source), result, &error);
  g_autofree char *what = NULL, *count = NULL, *toast = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (labels == NULL)
    {
      cyt_session_emit_failed (transfer->session, _("The Labels Could Not Be Imported"), error->message);
      return;
    }
  what = g_strconcat ("import ", transfer->name, NULL);
  count = cyt_format_count (labels->len);
  /* Translators: number of labels, name of a file */
  toast = g_strdup_printf (ngettext ("%s label read from %s", "%s labels read from %s", labels->len), count,
                           transfer->name);
  if (cyt_session_edit_labels (transfer->session, labels, what, toast) == 0)
    {
      g_autofree char *text = g_strdup_printf (_("%s says nothing that the project does not have"), transfer->name);

      cyt_session_emit_toast (transfer->session, text);
    }
}

void
cyt_session_import_labels (CytSession *self, const char *path)
{
  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL && path != NULL);

  cyt_worker_run_async (self->project, cyt_project_job_read_labels, g_strdup (path), g_free,
                        (GDestroyNotify) g_ptr_array_unref, G_PRIORITY_DEFAULT, cyt_session_import_labels,
                        self->cancellable, imported_cb, transfer_new (self, path));
}

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Transfer) transfer = user_data;
  g_autoptr (GError) error = NULL;
  gsize n = GPOINTER_TO_SIZE (cyt_worker_run_finish (CYT_WORKER (source), result, &error));
  g_autofree char *count = NULL, *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (n == 0)
    {
      cyt_session_emit_failed (transfer->session, _("The Labels Could Not Be Exported"), error->message);
      return;
    }
  count = cyt_format_count (n - 1);
  /* Translators: number of labels, name of a file */
  text = g_strdup_printf (ngettext ("%s label written to %s", "%s labels written to %s", n - 1), count, transfer->name);
  cyt_session_emit_toast (transfer->session, text);
}

void
cyt_session_export_labels (CytSession *self, const char *path)
{
  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL && path != NULL);

  /* Saves come first: the file has all edits. */
  cyt_worker_run_async (self->project, cyt_project_job_export_labels, g_strdup (path), g_free, NULL, G_PRIORITY_DEFAULT,
                        cyt_session_export_labels, self->cancellable, exported_cb, transfer_new (self, path));
}

/* ---- Merging ---- */

void
cyt_session_load_merge_async (CytSession *self, const char *const *paths, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL && paths != NULL);

  cyt_worker_run_async (self->project, cyt_project_job_read_merge, g_strdupv ((char **) paths), (GDestroyNotify) g_strfreev,
                        (GDestroyNotify) cyt_labels_merge_free, G_PRIORITY_DEFAULT, cyt_session_load_merge_async,
                        cancellable, callback, user_data);
}

CytLabelsMerge *
cyt_session_load_merge_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  return cyt_worker_run_finish (self->project, result, error);
}

void
cyt_session_apply_merge (CytSession *self, const CytLabelsMerge *merge)
{
  g_autoptr (GPtrArray) labels = cyt_labels_merge_dup_labels (merge);
  g_autofree char *what = cyt_labels_merge_dup_what (merge);

  if (cyt_session_edit_labels (self, labels, what, NULL) == 0)
    cyt_session_emit_toast (self, _("Nothing was to be changed"));
}

/* ---- Long work beside the session ---- */

typedef struct
{
  char *path;          /* of the project */
  char *other;         /* pack to be made, or folder to be searched */
  char *dataset;
  guint thumbnail_size;
  CytProgress *progress;
  gsize n_missing;
  CytPackEstimate estimate;
} Work;

static void
work_free (Work *work)
{
  g_free (work->path);
  g_free (work->other);
  g_free (work->dataset);
  g_free (work);
}

static Work *
work_new (CytSession *self, const char *other)
{
  Work *work = g_new0 (Work, 1);

  work->path = g_strdup (self->path);
  work->other = g_strdup (other);
  return work;
}

static void
pack_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  GError *error = NULL;

  if (cyt_pack_write (work->path, work->other, work->thumbnail_size, 0, &work->n_missing, work->progress, cancellable,
                      &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
saved_before_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  g_task_run_in_thread (task, pack_thread);
}

void
cyt_session_pack_async (CytSession *self, const char *out, guint thumbnail_size, CytProgress *progress,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  Work *work;

  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  work = work_new (self, out);
  work->thumbnail_size = thumbnail_size;
  work->progress = progress;
  g_task_set_source_tag (task, cyt_session_pack_async);
  g_task_set_task_data (task, work, (GDestroyNotify) work_free);
  cyt_worker_run_async (self->project, cyt_project_job_wait, NULL, NULL, NULL, G_PRIORITY_DEFAULT, cyt_session_pack_async,
                        NULL, saved_before_cb, task);
}

gboolean
cyt_session_pack_finish (CytSession *self, GAsyncResult *result, gsize *n_missing, GError **error)
{
  if (n_missing != NULL)
    *n_missing = ((Work *) g_task_get_task_data (G_TASK (result)))->n_missing;
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
estimate_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  GError *error = NULL;

  if (cyt_pack_estimate (work->path, work->thumbnail_size, &work->estimate, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
cyt_session_estimate_pack_async (CytSession *self, guint thumbnail_size, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Work *work;

  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  work = work_new (self, NULL);
  work->thumbnail_size = thumbnail_size;
  g_task_set_source_tag (task, cyt_session_estimate_pack_async);
  g_task_set_task_data (task, work, (GDestroyNotify) work_free);
  g_task_run_in_thread (task, estimate_thread);
}

gboolean
cyt_session_estimate_pack_finish (CytSession *self, GAsyncResult *result, CytPackEstimate *estimate, GError **error)
{
  *estimate = ((Work *) g_task_get_task_data (G_TASK (result)))->estimate;
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- Images that moved ---- */

void
cyt_session_find_images_async (CytSession *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  const CytDataset *dataset = cyt_session_get_dataset (self);

  g_return_if_fail (CYT_IS_SESSION (self) && dataset != NULL);

  cyt_worker_run_async (self->project, cyt_project_job_find_images, g_memdup2 (&dataset->id, sizeof dataset->id), g_free,
                        NULL, G_PRIORITY_LOW, cyt_session_find_images_async, cancellable, callback, user_data);
}

gboolean
cyt_session_find_images_finish (CytSession *self, GAsyncResult *result, gboolean *missing, GError **error)
{
  int answer = GPOINTER_TO_INT (cyt_worker_run_finish (self->project, result, error));

  *missing = answer == 1;
  return answer != 0;
}

static void
locate_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  GError *error = NULL;
  CytLocateResult *result
    = cyt_locate_images (work->path, work->dataset, work->other, 0, work->progress, cancellable, &error);

  if (result != NULL)
    g_task_return_pointer (task, result, (GDestroyNotify) cyt_locate_result_free);
  else
    g_task_return_error (task, error);
}

void
cyt_session_locate_async (CytSession *self, const char *folder, CytProgress *progress, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  const CytDataset *dataset = cyt_session_get_dataset (self);
  g_autoptr (GTask) task = NULL;
  Work *work;

  g_return_if_fail (CYT_IS_SESSION (self) && dataset != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  work = work_new (self, folder);
  work->dataset = g_strdup (dataset->name);
  work->progress = progress;
  g_task_set_source_tag (task, cyt_session_locate_async);
  g_task_set_task_data (task, work, (GDestroyNotify) work_free);
  g_task_run_in_thread (task, locate_thread);
}

CytLocateResult *
cyt_session_locate_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
root_set_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytSession) self = user_data;
  g_autoptr (GError) error = NULL;

  if (cyt_worker_run_finish (CYT_WORKER (source), result, &error) == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        cyt_session_emit_failed (self, _("The Folder Could Not Be Linked"), error->message);
      return;
    }
  cyt_session_load_view (self, NULL, FALSE);
}

void
cyt_session_set_root (CytSession *self, gint64 dataset, const char *root)
{
  CytRootRequest *request;

  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL);

  request = g_new0 (CytRootRequest, 1);
  request->dataset = dataset;
  request->root = g_strdup (root);
  cyt_worker_run_async (self->project, cyt_project_job_set_root, request, (GDestroyNotify) cyt_root_request_free, NULL,
                        G_PRIORITY_DEFAULT, cyt_session_set_root, self->cancellable, root_set_cb, g_object_ref (self));
}

/* ---- Pixel size ---- */

typedef struct
{
  CytSession *session;
  gint64 dataset;
  double pixel_size;
  CytPixelSizeEdit *edit;    /* a step for undo; NULL: such a step is under way */
} PixelSizeChange;

static void
pixel_size_set_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree PixelSizeChange *change = user_data;
  g_autoptr (CytSession) self = change->session;
  g_autofree CytPixelSizeEdit *edit = change->edit;
  g_autoptr (GError) error = NULL;

  if (cyt_worker_run_finish (CYT_WORKER (source), result, &error) == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        cyt_session_emit_failed (self, _("The Pixel Size Could Not Be Saved"), error->message);
      return;
    }
  if (cyt_session_get_inspection (self) != NULL)
    cyt_inspection_set_pixel_size (cyt_session_get_inspection (self), change->dataset, change->pixel_size);
  if (edit != NULL)
    {
      cyt_session_push_pixel_size_edit (self, g_steal_pointer (&edit));
      cyt_session_emit_undo_toast (self, _("The pixel size is set"));
    }
  cyt_session_load_view (self, NULL, FALSE);
}

/* Takes @edit. */
static void
change_pixel_size (CytSession *self, gint64 dataset, double pixel_size, CytPixelSizeEdit *edit)
{
  CytPixelSizeRequest *request = g_new0 (CytPixelSizeRequest, 1);
  PixelSizeChange *change = g_new0 (PixelSizeChange, 1);

  request->dataset = dataset;
  request->pixel_size = pixel_size;
  change->session = g_object_ref (self);
  change->dataset = dataset;
  change->pixel_size = pixel_size;
  change->edit = edit;
  cyt_worker_run_async (self->project, cyt_project_job_set_pixel_size, request, g_free, NULL, G_PRIORITY_DEFAULT,
                        cyt_session_set_pixel_size, self->cancellable, pixel_size_set_cb, change);
}

void
cyt_session_set_pixel_size (CytSession *self, gint64 dataset, double pixel_size)
{
  const CytDataset *current = cyt_session_get_dataset (self);
  CytPixelSizeEdit *edit;

  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL);

  edit = g_new0 (CytPixelSizeEdit, 1);
  edit->dataset = dataset;
  edit->before = current != NULL && current->id == dataset ? current->pixel_size : NAN;
  edit->after = pixel_size;
  change_pixel_size (self, edit->dataset, pixel_size, edit);
}

void
cyt_session_move_pixel_size_edit (CytSession *self, const CytPixelSizeEdit *edit, gboolean undo)
{
  change_pixel_size (self, edit->dataset, undo ? edit->before : edit->after, NULL);
}
