/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>
#include "model/cyt-progress.h"

G_BEGIN_DECLS

/* Long work that the user waits for: how far it is, and a button that cancels it. It stays open until
 * cyt_work_dialog_finish(), also after it was cancelled, and keeps its progress alive for as long as somebody holds it. */
#define CYT_TYPE_WORK_DIALOG (cyt_work_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CytWorkDialog, cyt_work_dialog, CYT, WORK_DIALOG, AdwWindow)

/* Shows it, modal to @parent. */
CytWorkDialog *cyt_work_dialog_new (GtkWindow *parent, const char *heading);
CytProgress *cyt_work_dialog_get_progress (CytWorkDialog *self);          /* (transfer none) */
GCancellable *cyt_work_dialog_get_cancellable (CytWorkDialog *self);      /* (transfer none) */
void cyt_work_dialog_finish (CytWorkDialog *self);

G_END_DECLS
