/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What a window shows before there is a project. Signal "open" (path): a recent project was chosen. */
#define CYT_TYPE_WELCOME (cyt_welcome_get_type ())
G_DECLARE_FINAL_TYPE (CytWelcome, cyt_welcome, CYT, WELCOME, GtkWidget)

G_END_DECLS
