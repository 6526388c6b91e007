/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* Who changed what of a concept's label, the latest first, behind an expander that remembers its state. */
#define CYT_TYPE_CONCEPT_HISTORY (cyt_concept_history_get_type ())
G_DECLARE_FINAL_TYPE (CytConceptHistory, cyt_concept_history, CYT, CONCEPT_HISTORY, GtkWidget)

/* Once. */
void cyt_concept_history_set_session (CytConceptHistory *self, CytSession *session);
/* Reads the history of a latent (again); -1: none. */
void cyt_concept_history_show (CytConceptHistory *self, gint64 latent);

G_END_DECLS
