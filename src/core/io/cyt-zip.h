/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "io/cyt-file.h"

G_BEGIN_DECLS

/* The entries of a ZIP archive (zip64 too), stored or deflated, read in any order. The directory is
 * looked through before anything is read: names are unique, entries do not overlap in the file, and
 * what they inflate to is in proportion. Private to io. */
typedef struct _CytZip CytZip;

/* An archive may inflate to at most its size × RATIO + FREE bytes. Weights deflate by a few per cent;
 * only constant tensors come near deflate's own limit of 1032. */
#define CYT_ZIP_MAX_RATIO 100
#define CYT_ZIP_FREE_BYTES ((guint64) 64 << 20)

typedef struct
{
  char *name;
  guint64 size;   /* uncompressed */
  gboolean deflated;
} CytZipEntry;

/* @file must outlive the archive. */
CytZip *cyt_zip_open (CytFile *file, GError **error);
void cyt_zip_free (CytZip *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytZip, cyt_zip_free)

gsize cyt_zip_get_n_entries (const CytZip *self);
const CytZipEntry *cyt_zip_get_entry (const CytZip *self, gsize i);
/* Index of the entry, or -1. */
gssize cyt_zip_find (const CytZip *self, const char *name);

/* Exactly @n bytes of entry @i from @offset of its uncompressed content. Going forward in one entry costs
 * what is skipped; going back in a deflated one starts over. An entry read from its first byte to its
 * last is checked against its CRC-32. */
gboolean cyt_zip_read_at (CytZip *self, gsize i, guint64 offset, gpointer out, gsize n, GError **error);

G_END_DECLS
