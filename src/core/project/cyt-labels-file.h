/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* Files of concept labels, for exchange: CSV (latent,name,category,status,confidence,tags,note,rater,
 * edited_at; confidence "", "low", "medium" or "high", tags joined by ";", time in ISO 8601 UTC) or JSON ({"format": "cytosae-labels", "version": 1, "sae_sha256": …, "labels": […],
 * "history": […]}), told by the file's suffix. */
gboolean cyt_labels_file_export (CytProject *project, const char *path, gsize *n_labels, GError **error);

/* The labels of @path in its order, for the latents of @project, of CytLabel: with the fields that the file gives,
 * rater "" where it gives none. Latents that are out of range or
 * occur twice, an unknown status or confidence and fields that are too long are errors naming the line. A JSON
 * made for another SAE is CYT_PROJECT_ERROR_MISMATCH. */
GPtrArray *cyt_labels_file_read (CytProject *project, const char *path, GError **error);

/* Reads @path whole before the first write; sets all in one transaction under one edit. Fields that the file does
 * not give stay as they are. @rater overrides the file's, may be NULL. @n_changed: labels that differ from
 * before. */
gboolean cyt_labels_file_import (CytProject *project, const char *path, const char *rater, gsize *n_read,
                                 gsize *n_changed, GError **error);

G_END_DECLS
