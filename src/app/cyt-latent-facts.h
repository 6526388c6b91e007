/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* What is known of the selected latent: its numbers, how often it fires in each data set, its histogram, its classes,
 * and the latents that are like it. What cannot be known is said in words. The parts that are folded away are not
 * computed, and stay folded. */
#define CYT_TYPE_LATENT_FACTS (cyt_latent_facts_get_type ())
G_DECLARE_FINAL_TYPE (CytLatentFacts, cyt_latent_facts, CYT, LATENT_FACTS, GtkWidget)

/* Once. */
void cyt_latent_facts_set_session (CytLatentFacts *self, CytSession *session);

G_END_DECLS
