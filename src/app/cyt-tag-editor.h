/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

#include "cyt-completion.h"

G_BEGIN_DECLS

/* Tags as chips before an entry: Enter, ';' or leaving the entry makes a tag of what was typed, a click on a chip (or Enter
 * or Delete on it) removes it, and so does Backspace in the empty entry with the last one.
 *
 * Signal "changed": the user added or removed a tag. */
#define CYT_TYPE_TAG_EDITOR (cyt_tag_editor_get_type ())
G_DECLARE_FINAL_TYPE (CytTagEditor, cyt_tag_editor, CYT, TAG_EDITOR, GtkWidget)

/* Tags that are offered while one types. Once. */
void cyt_tag_editor_set_words (CytTagEditor *self, CytCompletionFunc list_words, gpointer user_data);
/* As cyt_concept_normalize_tags() gives them. */
void cyt_tag_editor_set_tags (CytTagEditor *self, const char *tags);
const char *cyt_tag_editor_get_tags (CytTagEditor *self);
/* Makes a tag of what is typed. */
void cyt_tag_editor_commit (CytTagEditor *self);

G_END_DECLS
