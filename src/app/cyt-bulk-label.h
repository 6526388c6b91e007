/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "cyt-session.h"

G_BEGIN_DECLS

/* Asks what many latents are to be labelled with, and labels them in one step of undo. What is left alone in the
 * dialog is left alone in the labels; tags are added to those there are. */
#define CYT_TYPE_BULK_LABEL (cyt_bulk_label_get_type ())
G_DECLARE_FINAL_TYPE (CytBulkLabel, cyt_bulk_label, CYT, BULK_LABEL, AdwMessageDialog)

/* @latents: of guint32; a reference is taken. */
CytBulkLabel *cyt_bulk_label_new (GtkWindow *parent, CytSession *session, GArray *latents);

G_END_DECLS
