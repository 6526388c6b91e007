/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "project/cyt-labels-merge.h"

G_BEGIN_DECLS

/* One field of one latent in a merge, for a list. The merge has to live as long as its rows are chosen in.
 * Property: "choice" (explicit notify). */
#define CYT_TYPE_MERGE_ROW (cyt_merge_row_get_type ())
G_DECLARE_FINAL_TYPE (CytMergeRow, cyt_merge_row, CYT, MERGE_ROW, GObject)

CytMergeRow *cyt_merge_row_new (CytMergeItem *item);
const CytMergeItem *cyt_merge_row_get_item (CytMergeRow *self);
/* Ignored where it cannot be made (cyt_merge_item_allows()). */
void cyt_merge_row_choose (CytMergeRow *self, int choice);
/* For people: the field's name (static), and the value of a choice, "" for none (transfer full). */
const char *cyt_merge_row_get_field (CytMergeRow *self);
char *cyt_merge_row_dup_value (CytMergeRow *self, int choice);

G_END_DECLS
