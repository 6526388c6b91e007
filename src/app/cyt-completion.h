/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Words that were used before, offered below an entry while one types: Down and Up choose, Enter takes the chosen one
 * over, Escape closes. The focus stays in the entry; without a choice, Enter is the entry's own. */
#define CYT_TYPE_COMPLETION (cyt_completion_get_type ())
G_DECLARE_FINAL_TYPE (CytCompletion, cyt_completion, CYT, COMPLETION, GObject)

/* All words that may be offered (transfer full). */
typedef GStrv (*CytCompletionFunc) (gpointer user_data);

/* @parent: a widget with a layout manager above @entry, which disposes (g_object_run_dispose()) the completion before
 * itself. */
CytCompletion *cyt_completion_new (GtkWidget *parent, GtkEditable *entry, CytCompletionFunc list_words,
                                   gpointer user_data);

/* Signal "chosen": a word was taken over. */

/* The words that fit what is typed: each of its words begins a word of theirs, whatever the case; not the text itself;
 * at most @n. (transfer full) */
GStrv cyt_completion_match (const char *const *words, const char *typed, guint n);

G_END_DECLS
