/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "cyt-session.h"

G_BEGIN_DECLS

/* Asks for the size and the seed of a batch of latents to label, and lists it. */
#define CYT_TYPE_BATCH_DIALOG (cyt_batch_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CytBatchDialog, cyt_batch_dialog, CYT, BATCH_DIALOG, AdwMessageDialog)

CytBatchDialog *cyt_batch_dialog_new (GtkWindow *parent, CytSession *session);

G_END_DECLS
