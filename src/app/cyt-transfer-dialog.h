/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "cyt-session.h"

G_BEGIN_DECLS

/* How the project's latents carry over from one domain to another, a data set of the same project or of another one: the
 * numbers, and the latents that carry over best and worst with their cells side by side. It stays open beside the window,
 * which shows the concept that is clicked.
 *
 * Signal "written" (path): the report was saved. */
#define CYT_TYPE_TRANSFER_DIALOG (cyt_transfer_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CytTransferDialog, cyt_transfer_dialog, CYT, TRANSFER_DIALOG, AdwWindow)

/* The session has to have a data set. */
CytTransferDialog *cyt_transfer_dialog_new (GtkWindow *parent, CytSession *session);
/* A file that says which classes are the same, see CytTransferOptions; NULL: none. */
void cyt_transfer_dialog_set_classes (CytTransferDialog *self, const char *path);
/* As if the user had chosen the project at @path: its first data set is the other domain. */
void cyt_transfer_dialog_set_other (CytTransferDialog *self, const char *path);
/* As if the user had chosen this file for the report; it gets the ending .pdf. */
void cyt_transfer_dialog_write (CytTransferDialog *self, const char *path);

G_END_DECLS
