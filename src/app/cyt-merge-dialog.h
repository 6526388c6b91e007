/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>
#include "cyt-session-share.h"

G_BEGIN_DECLS

/* The label files of several experts beside the project's labels: what they agree about, what only one says, and where
 * they contradict each other, to choose in. Merging makes one edit of it that can be undone. */
#define CYT_TYPE_MERGE_DIALOG (cyt_merge_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CytMergeDialog, cyt_merge_dialog, CYT, MERGE_DIALOG, AdwWindow)

/* Takes @merge. */
CytMergeDialog *cyt_merge_dialog_new (GtkWindow *parent, CytSession *session, CytLabelsMerge *merge);

G_END_DECLS
