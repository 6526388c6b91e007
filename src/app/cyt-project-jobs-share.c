/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "project/cyt-labels-file.h"
#include "project/cyt-labels-merge.h"
#include "project/cyt-locate.h"

#include "cyt-project-jobs-share.h"

gpointer
cyt_project_job_read_labels (gpointer state, gpointer path, GCancellable *cancellable, GError **error)
{
  return cyt_labels_file_read (((CytProjectState *) state)->project, path, error);
}

gpointer
cyt_project_job_export_labels (gpointer state, gpointer path, GCancellable *cancellable, GError **error)
{
  gsize n;

  if (!cyt_labels_file_export (((CytProjectState *) state)->project, path, &n, error))
    return NULL;
  return GSIZE_TO_POINTER (n + 1);
}

gpointer
cyt_project_job_read_merge (gpointer state, gpointer paths, GCancellable *cancellable, GError **error)
{
  return cyt_labels_merge_new (((CytProjectState *) state)->project, paths, error);
}

void
cyt_root_request_free (CytRootRequest *self)
{
  g_free (self->root);
  g_free (self);
}

gpointer
cyt_project_job_set_root (gpointer state, gpointer request, GCancellable *cancellable, GError **error)
{
  CytRootRequest *self = request;

  return GINT_TO_POINTER (
    cyt_project_set_dataset_root (((CytProjectState *) state)->project, self->dataset, self->root, error));
}

gpointer
cyt_project_job_set_pixel_size (gpointer state, gpointer request, GCancellable *cancellable, GError **error)
{
  CytPixelSizeRequest *self = request;

  return GINT_TO_POINTER (
    cyt_project_set_pixel_size (((CytProjectState *) state)->project, self->dataset, self->pixel_size, error));
}

gpointer
cyt_project_job_find_images (gpointer state, gpointer dataset, GCancellable *cancellable, GError **error)
{
  gboolean any;

  if (!cyt_locate_probe (((CytProjectState *) state)->project, *(gint64 *) dataset, &any, error))
    return NULL;
  return GINT_TO_POINTER (any ? 2 : 1);
}

gpointer
cyt_project_job_wait (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  return GINT_TO_POINTER (TRUE);
}
