/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-project-jobs-figure.h"
#include "cyt-session-private.h"

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytSession) self = user_data;
  g_autoptr (GError) error = NULL;

  if (cyt_worker_run_finish (CYT_WORKER (source), result, &error) != NULL)
    cyt_session_emit_toast (self, _("The figure was saved"));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    cyt_session_emit_failed (self, _("The Figure Was Not Saved"), error->message);
}

void
cyt_session_export_figure (CytSession *self, const char *path)
{
  const CytDataset *dataset;
  CytFigureRequest *request;
  gint64 latent;

  g_return_if_fail (CYT_IS_SESSION (self) && path != NULL);

  dataset = cyt_session_get_dataset (self);
  latent = cyt_latent_model_get_selected (self->latents);
  if (dataset == NULL || latent < 0)
    return;
  request = g_new0 (CytFigureRequest, 1);
  request->path = g_strdup (path);
  request->dataset = g_strdup (dataset->name);
  request->latent = latent;
  request->style = (CytOverlayStyle){
    .mode = cyt_session_get_overlay_mode (self),
    .colormap = cyt_session_get_colormap (self),
    .opacity = cyt_session_get_opacity (self),
    .scale_max = cyt_session_get_shared_scale (self) ? cyt_session_get_scale_max (self) : 0,
  };
  cyt_worker_run_async (self->project, cyt_project_job_write_figure, request, (GDestroyNotify) cyt_figure_request_free,
                        NULL, G_PRIORITY_DEFAULT, cyt_session_export_figure, self->cancellable, written_cb,
                        g_object_ref (self));
}
