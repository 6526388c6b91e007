/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "io/cyt-error.h"

#include "cyt-project-jobs-map.h"

CytMapRequest *
cyt_map_request_new (const char *path, const char *method, CytModelFiles *files, gint64 dataset)
{
  CytMapRequest *self = g_new0 (CytMapRequest, 1);

  self->path = g_strdup (path);
  self->method = g_strdup (method);
  self->files = files != NULL ? cyt_model_files_ref (files) : NULL;
  self->dataset = dataset;
  return self;
}

void
cyt_map_request_free (CytMapRequest *self)
{
  g_free (self->path);
  g_free (self->method);
  g_clear_pointer (&self->files, cyt_model_files_unref);
  g_free (self);
}

static gboolean
open_project (CytProjectState *self, const CytMapRequest *request, GError **error)
{
  if (self->project == NULL)
    self->project = cyt_project_open (request->path, CYT_PROJECT_READ_WRITE, error);
  return self->project != NULL;
}

gpointer
cyt_project_job_load_projection (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProjectState *self = state;
  const CytMapRequest *request = data;
  g_autoptr (CytProjection) projection = NULL;
  g_autoptr (GError) unsaved = NULL;

  if (!open_project (self, request, error)
      || !cyt_project_get_projection (self->project, request->method, &projection, error))
    return NULL;
  if (projection != NULL)
    return g_steal_pointer (&projection);
  if (request->files == NULL)
    {
      g_set_error_literal (error, CYT_MODELS_ERROR, CYT_MODELS_ERROR_PUBLISHED,
                           _("The models are not part of published statistics"));
      return NULL;
    }
  projection = cyt_decoder_map_compute (request->files->sae_path, request->files->sae_sha256,
                                        cyt_project_get_d_sae (self->project), request->method, cancellable, error);
  /* Where it cannot be kept it is computed again next time. */
  if (projection != NULL && !cyt_project_is_read_only (self->project))
    cyt_project_set_projection (self->project, projection, &unsaved);
  return g_steal_pointer (&projection);
}

gpointer
cyt_project_job_load_class_scores (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProjectState *self = state;
  const CytMapRequest *request = data;

  if (!open_project (self, request, error))
    return NULL;
  return cyt_class_scores_compute (self->project, request->dataset, NULL, cancellable, error);
}
