/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>
#include "cyt-session.h"

G_BEGIN_DECLS

/* The dialog that gathers what a new project needs: cells, models, names, and where to keep it.
 * Signal "create": the plan is complete and confirmed. */
#define CYT_TYPE_NEW_PROJECT (cyt_new_project_get_type ())
G_DECLARE_FINAL_TYPE (CytNewProject, cyt_new_project, CYT, NEW_PROJECT, AdwWindow)

/* @images: a folder or CSV to begin with, or NULL. */
CytNewProject *cyt_new_project_new (GtkWindow *parent, const char *images);
/* Fills in both models. */
void cyt_new_project_set_models (CytNewProject *self, const char *encoder, const char *sae);
/* What was entered; in a handler of "create". (transfer full) */
CytProjectPlan *cyt_new_project_dup_plan (CytNewProject *self);

G_END_DECLS
