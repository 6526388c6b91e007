/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>
#include "cyt-session.h"

G_BEGIN_DECLS

/* The window that leads from the demonstration to one's own cells: where the published models are, whether the
 * files that were downloaded are right, and what indexing with them will cost on this computer.
 * Signal "new-project" (encoder, sae): both paths are checked and fit each other. */
#define CYT_TYPE_OWN_DATA (cyt_own_data_get_type ())
G_DECLARE_FINAL_TYPE (CytOwnData, cyt_own_data, CYT, OWN_DATA, AdwWindow)

CytOwnData *cyt_own_data_new (GtkWindow *parent, CytSession *session);

/* As if chosen in the window. */
void cyt_own_data_set_encoder (CytOwnData *self, const char *path);
void cyt_own_data_set_sae (CytOwnData *self, const char *path);

G_END_DECLS
