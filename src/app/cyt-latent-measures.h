/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* What was measured of the selected latent, as badges with a sentence each. Hidden where there is nothing. */
#define CYT_TYPE_LATENT_MEASURES (cyt_latent_measures_get_type ())
G_DECLARE_FINAL_TYPE (CytLatentMeasures, cyt_latent_measures, CYT, LATENT_MEASURES, GtkWidget)

void cyt_latent_measures_set_session (CytLatentMeasures *self, CytSession *session);

G_END_DECLS
