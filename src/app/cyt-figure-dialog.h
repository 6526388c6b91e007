/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "cyt-session-figure.h"

G_BEGIN_DECLS

/* Export a figure: which, how large, in what style; the figure as it will be, drawn by the same code that writes it, and
 * its caption to copy.
 *
 * Signal "written" (path): the file is there; the dialog closes. */
#define CYT_TYPE_FIGURE_DIALOG (cyt_figure_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CytFigureDialog, cyt_figure_dialog, CYT, FIGURE_DIALOG, AdwWindow)

/* @choices: of CytFigureChoice, at least one (transfer full); the first shows. */
CytFigureDialog *cyt_figure_dialog_new (GtkWindow *parent, CytSession *session, GPtrArray *choices);

/* Writes what shows, as the user's choice of a file does; @path gets the format's ending where it has another. */
void cyt_figure_dialog_write (CytFigureDialog *self, const char *path);

G_END_DECLS
