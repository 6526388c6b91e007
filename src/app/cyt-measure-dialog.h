/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "cyt-session.h"

G_BEGIN_DECLS

/* How sparse, faithful and interpretable the latents are: measures them, and shows what was measured, beside what an
 * autoencoder has to be better than. It stays open beside the window; closed while it measures, it stops, and the same
 * measurement goes on from there.
 *
 * Signal "written" (path): the numbers were saved. */
#define CYT_TYPE_MEASURE_DIALOG (cyt_measure_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CytMeasureDialog, cyt_measure_dialog, CYT, MEASURE_DIALOG, AdwWindow)

/* The session has to have a data set. */
CytMeasureDialog *cyt_measure_dialog_new (GtkWindow *parent, CytSession *session);
/* As if the user had chosen this folder; NULL: none. */
void cyt_measure_dialog_set_masks (CytMeasureDialog *self, const char *path);
/* As if the user had chosen this file; it gets the ending .csv. */
void cyt_measure_dialog_write (CytMeasureDialog *self, const char *path);

G_END_DECLS
