/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>
#include "cyt-session.h"

G_BEGIN_DECLS

/* The guided tour: a card beside the real controls, six steps from a latent to a figure of it. It forces nothing:
 * everything can be used while it shows. */
#define CYT_TYPE_TOUR (cyt_tour_get_type ())
G_DECLARE_FINAL_TYPE (CytTour, cyt_tour, CYT, TOUR, GtkPopover)

/* A child of @root, which has to unparent it, and in which the controls are found by their ids; @views holds the
 * session's pages. */
CytTour *cyt_tour_new (GtkWidget *root, AdwViewStack *views, CytSession *session);

/* From the first step on. The session has to be open. */
void cyt_tour_start (CytTour *self);
/* Asks whether to start. */
void cyt_tour_offer (CytTour *self);

G_END_DECLS
