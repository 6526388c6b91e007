/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* What the user typed for the width of a pixel in µm, in his locale's form or in C's: NAN where nothing is typed. FALSE:
 * no number, or none from CYT_PIXEL_SIZE_MIN to CYT_PIXEL_SIZE_MAX. */
gboolean cyt_pixel_size_parse (const char *text, double *micrometres);

/* Asks for the pixel size of the session's data set; a toast tells what it is then, and takes it back. */
void cyt_pixel_size_dialog_ask (GtkWindow *parent, CytSession *session);

G_END_DECLS
