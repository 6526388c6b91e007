/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "io/cyt-csv.h"

G_BEGIN_DECLS

/* What somebody noted about each image in a column of a table, in a few words that come again and again: its granularity
 * is "yes", its nucleus "segmented-bilobed". */
typedef struct
{
  char *name;
  GPtrArray *values;   /* of char *, sorted bytewise, each once */
  GArray *codes;       /* of guint16: for each image an index into values, or CYT_IMAGE_ATTRIBUTE_NONE */
} CytImageAttribute;

#define CYT_IMAGE_ATTRIBUTE_NONE G_MAXUINT16
#define CYT_IMAGE_ATTRIBUTE_MAX_VALUES 64   /* a column with more is no attribute */
#define CYT_IMAGE_ATTRIBUTE_MAX_LENGTH 100  /* bytes of a value, and of a name */
#define CYT_IMAGE_ATTRIBUTE_MAX 256         /* attributes of a list; columns beyond are passed over */

CytImageAttribute *cyt_image_attribute_new (const char *name);
void cyt_image_attribute_free (CytImageAttribute *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytImageAttribute, cyt_image_attribute_free)

/* Adds the rows of @csv, which are the images from @first on, to @attributes (of CytImageAttribute), whose codes then all
 * have first + n_rows entries. Attributes are the columns with 2 to CYT_IMAGE_ATTRIBUTE_MAX_VALUES different values, none of
 * them too long, but those that a list has a use for, and those that keep books and do not describe: their names begin with
 * "source" or "licen", or contain "path", "split", "index", "url" or "file", or are "id" or end in "_id". */
void cyt_image_attributes_read (GPtrArray *attributes, const CytCsv *csv, const char *const *taken, gsize first);
/* Makes the codes of all as many as there are images. */
void cyt_image_attributes_fill (GPtrArray *attributes, gsize n_images);
gboolean cyt_image_attributes_equal (const GPtrArray *a, const GPtrArray *b);

G_END_DECLS
