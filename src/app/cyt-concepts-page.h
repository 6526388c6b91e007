/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The view in which concepts are found, looked at and labelled: the list of latents, the top cells of the selected one,
 * and its card, side by side. */
#define CYT_TYPE_CONCEPTS_PAGE (cyt_concepts_page_get_type ())
G_DECLARE_FINAL_TYPE (CytConceptsPage, cyt_concepts_page, CYT, CONCEPTS_PAGE, GtkWidget)

void cyt_concepts_page_set_session (CytConceptsPage *self, CytSession *session);
void cyt_concepts_page_focus_search (CytConceptsPage *self);
/* Hands what was typed to the session at once. */
void cyt_concepts_page_commit (CytConceptsPage *self);

/* Divides @width, the window's, as the user did last; the grid gets what list and card leave. */
void cyt_concepts_page_place_panes (CytConceptsPage *self, int width);
void cyt_concepts_page_save_panes (CytConceptsPage *self, int width);

G_END_DECLS
