/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-project-jobs-filters.h"

CytFilterRequest *
cyt_filter_request_new (const char *name, const char *new_name, const char *text)
{
  CytFilterRequest *self = g_new0 (CytFilterRequest, 1);

  self->name = g_strdup (name);
  self->new_name = g_strdup (new_name);
  self->text = g_strdup (text);
  return self;
}

void
cyt_filter_request_free (CytFilterRequest *self)
{
  g_free (self->name);
  g_free (self->new_name);
  g_free (self->text);
  g_free (self);
}

gpointer
cyt_project_job_change_filter (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProjectState *self = state;
  CytFilterRequest *request = data;
  g_autofree char *key = g_strconcat (CYT_SAVED_FILTER_PREFIX, request->name, NULL);
  gboolean ok;

  if (request->new_name != NULL)
    {
      g_autofree char *new_key = g_strconcat (CYT_SAVED_FILTER_PREFIX, request->new_name, NULL);

      ok = cyt_project_rename_setting (self->project, key, new_key, error);
    }
  else
    ok = cyt_project_set_setting (self->project, key, request->text, error);
  return ok ? GINT_TO_POINTER (TRUE) : NULL;
}
