/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-measures-private.h"

G_BEGIN_DECLS

/* What the walk has found so far, image after image, in a file that is only appended to: adding it up again gives the same
 * sums, bit by bit, as if the walk had never been cut off. 18 bytes for each pair of image and active latent of each
 * dictionary. A record that is not whole, or does not fit, ends it: what comes after is written anew. */
typedef struct _CytMeasuresJournal CytMeasuresJournal;

/* @key: 64 characters, of what is measured; a file of another key is emptied. Only one may have it open.
 * Errors: G_FILE_ERROR, CYT_PROJECT_ERROR_BUSY (another program has it open). */
CytMeasuresJournal *cyt_measures_journal_open (const char *path, const char *key, GError **error);
void cyt_measures_journal_free (CytMeasuresJournal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytMeasuresJournal, cyt_measures_journal_free)

/* The next image, which is number @index: its embedding goes to images->embedding, the rest to @visit (transfer full), NULL
 * where the image could not be read. FALSE: there is no further one. */
gboolean cyt_measures_journal_read (CytMeasuresJournal *self, gsize index, const CytMeasuresImages *images,
                                    const CytMeasuresTotals *totals, gsize n_parts, gboolean masked, CytMeasuresVisit **visit);
/* After all were read. @visit: NULL where the image could not be read. */
gboolean cyt_measures_journal_append (CytMeasuresJournal *self, gsize index, const CytMeasuresImages *images,
                                      const CytMeasuresVisit *visit, gboolean masked, GError **error);

G_END_DECLS
