/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>
#include "cyt-session.h"

G_BEGIN_DECLS

/* The main window: one session, and the views on it. */
#define CYT_TYPE_WINDOW (cyt_window_get_type ())
G_DECLARE_FINAL_TYPE (CytWindow, cyt_window, CYT, WINDOW, AdwApplicationWindow)

CytWindow *cyt_window_new (GtkApplication *application);
CytSession *cyt_window_get_session (CytWindow *self); /* (transfer none) */

/* Opens a project file, or begins a new project of a folder or CSV: in this window while it is empty,
 * else in a new one. */
void cyt_window_open_path (CytWindow *self, const char *path);
/* Begins a new project with these models; @images may be NULL. */
void cyt_window_new_project (CytWindow *self, const char *images, const char *encoder, const char *sae);
/* In place of the one that shows; takes @toast. */
void cyt_window_show_toast (CytWindow *self, AdwToast *toast);

G_END_DECLS
