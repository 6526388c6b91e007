/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The panel in which an expert labels the selected latent, with its statistics and history. Texts are
 * written a moment after the last keystroke, on Enter, and when the focus or the latent changes. */
#define CYT_TYPE_CONCEPT_CARD (cyt_concept_card_get_type ())
G_DECLARE_FINAL_TYPE (CytConceptCard, cyt_concept_card, CYT, CONCEPT_CARD, GtkWidget)

void cyt_concept_card_set_session (CytConceptCard *self, CytSession *session);
/* Accepts the best name that the program proposes, where there is one. */
void cyt_concept_card_accept_proposal (CytConceptCard *self);
void cyt_concept_card_focus_name (CytConceptCard *self);
void cyt_concept_card_set_status (CytConceptCard *self, CytConceptStatus status);
/* Hands what was typed to the session at once. */
void cyt_concept_card_commit (CytConceptCard *self);

/* Signal "done": Enter in the name, the expert wants to go on. */

G_END_DECLS
