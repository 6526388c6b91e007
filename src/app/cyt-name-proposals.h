/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The names that the program proposes for the selected latent, the best first, in a line of buttons that accept them. Hidden
 * where there are none. */
#define CYT_TYPE_NAME_PROPOSALS (cyt_name_proposals_get_type ())
G_DECLARE_FINAL_TYPE (CytNameProposals, cyt_name_proposals, CYT, NAME_PROPOSALS, GtkWidget)

void cyt_name_proposals_set_session (CytNameProposals *self, CytSession *session);
/* Accepts the best of them, as its button does; FALSE where there is none. */
gboolean cyt_name_proposals_accept_best (CytNameProposals *self);

G_END_DECLS
