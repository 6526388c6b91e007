/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The cell that is looked at: large, with what fires where on it, what stands in its patient and its data set, and the
 * cells like it. Lies over the page from which it was opened. */
#define CYT_TYPE_INSPECTOR (cyt_inspector_get_type ())
G_DECLARE_FINAL_TYPE (CytInspector, cyt_inspector, CYT, INSPECTOR, GtkWidget)

void cyt_inspector_set_session (CytInspector *self, CytSession *session);

G_END_DECLS
