/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>
#include "cyt-session.h"

G_BEGIN_DECLS

/* Asks for the folder of published statistics, that of their images and the project to be made of them.
 *
 * Signal "import": all is chosen; see cyt_import_published_dup_plan(). */
#define CYT_TYPE_IMPORT_PUBLISHED (cyt_import_published_get_type ())
G_DECLARE_FINAL_TYPE (CytImportPublished, cyt_import_published, CYT, IMPORT_PUBLISHED, AdwWindow)

CytImportPublished *cyt_import_published_new (GtkWindow *parent);
CytProjectPlan *cyt_import_published_dup_plan (CytImportPublished *self);

G_END_DECLS
