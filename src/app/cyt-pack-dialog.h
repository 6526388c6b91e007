/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>
#include "cyt-session.h"

G_BEGIN_DECLS

/* Asks for the size of thumbnails and the file, says how large the pack will be, and packs.
 *
 * Signal "packed" (path, n_missing): it was written; so many thumbnails come from the project's own. */
#define CYT_TYPE_PACK_DIALOG (cyt_pack_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CytPackDialog, cyt_pack_dialog, CYT, PACK_DIALOG, AdwWindow)

CytPackDialog *cyt_pack_dialog_new (GtkWindow *parent, CytSession *session);

G_END_DECLS
