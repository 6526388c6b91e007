/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* SHA-256 of a file's content, 64 lower-case hex digits (transfer full). A folder (SAELens) hashes
 * its cfg.json and sae_weights.safetensors in that order. */
char *cyt_hash_path (const char *path, GCancellable *cancellable, GError **error);

G_END_DECLS
