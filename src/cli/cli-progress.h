/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "model/cyt-progress.h"

G_BEGIN_DECLS

/* Long work in the terminal: a bar with rate and time left (plain lines every few seconds where
 * standard error is not a terminal), and SIGINT or SIGTERM as cancellation. The second signal ends
 * the program at once. One at a time. */
typedef struct _CliProgress CliProgress;

/* @unit: "images". Signals are caught from here on. */
CliProgress *cli_progress_new (const char *unit);
/* Takes the bar away and gives the signals back. */
void cli_progress_free (CliProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliProgress, cli_progress_free)

/* The worker's side of it; the bar appears when it is started. (transfer none) */
CytProgress *cli_progress_get_progress (CliProgress *self);
GCancellable *cli_progress_get_cancellable (CliProgress *self);

/* Gives a cancellation in @error the words that tell the user how things stand. */
void cli_progress_explain_cancel (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* "3 min 20 s" (transfer full). */
char *cli_format_seconds (double seconds);

G_END_DECLS
