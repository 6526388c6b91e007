/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define CYT_TYPE_APPLICATION (cyt_application_get_type ())
G_DECLARE_FINAL_TYPE (CytApplication, cyt_application, CYT, APPLICATION, AdwApplication)

/* @flags: beside G_APPLICATION_HANDLES_OPEN. To be called before other threads run: on a computer without a graphics
 * processor it sets GSK_RENDERER, where the user has not. */
CytApplication *cyt_application_new (GApplicationFlags flags);

G_END_DECLS
