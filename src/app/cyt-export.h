/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks where to, then saves a figure of the selected latent. */
void cyt_export_figure (GtkWindow *parent, CytSession *session);

G_END_DECLS
