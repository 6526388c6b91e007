/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Which classes of two data sets are the same. A class that both have may be several of either: bands and segmented
 * neutrophils of one are the neutrophils of the other. */
typedef struct
{
  gsize n;          /* classes that both have */
  GStrv names;      /* (n) as the first data set has them, "a + b" for several, "a = b" where the second has another name */
  gsize *of_a;      /* (classes of the first) which of them it is, or CYT_CLASS_MAP_NONE; likewise: */
  gsize *of_b;
} CytClassMap;
#define CYT_CLASS_MAP_NONE G_MAXSIZE

/* @a, @b: names of classes; @name_a, @name_b: names of the data sets, for messages.
 * @path: a CSV with the columns @column_a and @column_b; a line says that a class of the
 * first is a class of the second, or with one of them empty, that a class is to be left out. Classes that it does not name, or
 * all when it is NULL, are the same where their names are, whatever their case and whatever of spaces, "_" and "-" is between
 * words. Errors: those of cyt_csv_read(); CYT_TABLE_ERROR_COLUMN; CYT_TABLE_ERROR_VALUE for a class that is not there. */
CytClassMap *cyt_class_map_new (const char *const *a, const char *name_a, const char *column_a, const char *const *b,
                                const char *name_b, const char *column_b, const char *path, GError **error);
void cyt_class_map_free (CytClassMap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytClassMap, cyt_class_map_free)

G_END_DECLS
