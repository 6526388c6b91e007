/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "io/cyt-image-attribute.h"

G_BEGIN_DECLS

/* One cell image of a list. Strings are NULL where not given. */
typedef struct
{
  char *path;     /* relative to the list's root, with '/'; absolute only where it lies outside */
  char *label;    /* class given by the data set */
  char *patient;
  char *disease;
} CytImageItem;
void cyt_image_item_free (CytImageItem *self);

/* An ordered list of cell images: folders sorted by path (bytewise, recursively; a class-wise folder
 * gives labels: the name of the image's parent folder when the image lies in a sub-folder of the one
 * given, else none), single files in the given order, or the rows of a CSV. */
typedef struct
{
  char *root;          /* absolute folder to which paths are relative: the CSV's folder, the folder
                          given, or the deepest folder common to several arguments */
  GPtrArray *items;    /* of CytImageItem; its free function is cyt_image_item_free() */
  GPtrArray *attributes; /* of CytImageAttribute, in the order of the columns; NULL: none */
  gboolean simulated;  /* a CSV says of at least one image, in a column “simulated”, that it is drawn */
} CytImageList;

/* @args: files, folders or files named *.csv, NULL-terminated. Columns of a CSV (RFC 4180, UTF-8, header
 * needed): image or path, and optionally label, patient or patient_id, disease, simulated (anything but
 * empty, 0, no, false: what `cytosae phantom` writes); of others, those that describe images become
 * attributes (cyt_image_attributes_read()).
 * Folders take files that end in .jpg .jpeg .png .bmp .tif .tiff .gif .webp, any case; hidden files
 * and folders and links to folders are passed over. Images are not opened here: a file that is none, or
 * that a CSV names and that does not exist, is kept; reading it fails later and is reported there. An
 * argument that does not exist is an error.
 * Errors: CYT_TABLE_ERROR (a list without images is CYT_TABLE_ERROR_EMPTY), G_FILE_ERROR. */
CytImageList *cyt_image_list_new (const char *const *args, GError **error);
void cyt_image_list_free (CytImageList *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytImageList, cyt_image_list_free)

/* At most @n of its images, evenly chosen, in order; without attributes. (transfer full) */
CytImageList *cyt_image_list_sample (const CytImageList *self, gsize n);

/* Parts the images in two halves, to choose on one (0) and to judge on the other (1): patients take turns in the order in
 * which they come, each with all images; images without a patient those of their class do. out: half (n_items). */
void cyt_image_list_halve (const CytImageList *self, guint8 *half);

/* Every @n-th image (the n-th, the 2 n-th, …), or with @rest all others, as a list of their own. @n > 0. */
CytImageList *cyt_image_list_split (const CytImageList *self, gsize n, gboolean rest);

gsize cyt_image_list_get_n_items (const CytImageList *self);
const CytImageItem *cyt_image_list_get_item (const CytImageList *self, gsize i);
/* Absolute path of item @i (transfer full). */
char *cyt_image_list_dup_path (const CytImageList *self, gsize i);

G_END_DECLS
