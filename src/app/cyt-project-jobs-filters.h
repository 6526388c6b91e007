/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-project-jobs.h"

G_BEGIN_DECLS

/* Saved filters are settings of the project with this before their name. */
#define CYT_SAVED_FILTER_PREFIX "filter:"

/* A change to the saved filters. */
typedef struct
{
  char *name;
  char *new_name;          /* renames; else NULL */
  char *text;              /* sets; NULL, and no new name: deletes */
} CytFilterRequest;
CytFilterRequest *cyt_filter_request_new (const char *name, const char *new_name, const char *text);
void cyt_filter_request_free (CytFilterRequest *self);

gpointer cyt_project_job_change_filter (gpointer state, gpointer data, GCancellable *cancellable,
                                        GError **error); /* → TRUE */

G_END_DECLS
