/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* Files of concept labels, for exchange: CSV (latent,name,category,status,note,rater,edited_at; time in
 * ISO 8601 UTC) or JSON ({"format": "cytosae-labels", "version": 1, "sae_sha256": …, "labels": […],
 * "history": […]}), told by the file's suffix. */
gboolean cyt_labels_file_export (CytProject *project, const char *path, gsize *n_labels, GError **error);

/* Reads @path whole and checks every row before the first write; sets all in one transaction under
 * one edit. Rows whose latent is out of range, duplicate latents, unknown status or fields that are
 * too long are errors naming the line. Fields or columns that are absent leave the label's field as
 * it is. A JSON made for another SAE is CYT_PROJECT_ERROR_MISMATCH. @rater overrides the file's, may be
 * NULL. @n_changed: labels that differ from before. */
gboolean cyt_labels_file_import (CytProject *project, const char *path, const char *rater, gsize *n_read,
                                 gsize *n_changed, GError **error);

G_END_DECLS
