/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The filters that are kept in the project: apply, save, rename, delete. */
#define CYT_TYPE_SAVED_FILTERS (cyt_saved_filters_get_type ())
G_DECLARE_FINAL_TYPE (CytSavedFilters, cyt_saved_filters, CYT, SAVED_FILTERS, GtkPopover)

void cyt_saved_filters_set_session (CytSavedFilters *self, CytSession *session);

G_END_DECLS
