/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "io/cyt-image-list.h"
#include "model/cyt-encoder.h"

G_BEGIN_DECLS

/* Masks of structures in cells, reduced to what a map of 16 × 16 patches can be compared with: the share of each
 * patch's area that the structure takes, exact whatever the mask's size. */
typedef struct
{
  GStrv names;          /* (n_structures) sorted bytewise */
  gsize n_structures;
  gsize n_cells;        /* with masks */
  guint32 *position;    /* (n_cells) in the list, ascending */
  float *share;         /* (n_cells, n_structures, 256) 0…1 */
} CytMasks;

#define CYT_MASKS_MAX_STRUCTURES 32

/* The mask of an image A/B/NAME.jpg of the list lies in @folder as A/B/NAME.png, or without the first folder as
 * B/NAME.png, and so on down to NAME.png. Each of its grey levels is a structure, called by @names, or "level N", and
 * "background" for 0. Or there are NAME-STRUCTURE.png beside each other, bright where the structure is, as `cytosae phantom
 * --masks` writes them; a structure without a file is not in the cell. Images without either have no mask. Of more than
 * @max_cells with masks, as many are taken, evenly from the list.
 * @names: "0=background,128=cytoplasm,255=nucleus", or NULL.
 * Errors: CYT_TABLE_ERROR_VALUE (names, more than CYT_MASKS_MAX_STRUCTURES levels), CYT_TABLE_ERROR_EMPTY (no image has a
 * mask), CYT_IMAGE_ERROR, G_FILE_ERROR, G_IO_ERROR_CANCELLED. */
CytMasks *cyt_masks_load (const char *folder, const char *names, const CytImageList *list, gsize max_cells,
                          GCancellable *cancellable, GError **error);
void cyt_masks_free (CytMasks *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytMasks, cyt_masks_free)

/* (256) shares of structure @s in the cell numbered @i of those with masks. */
const float *cyt_masks_get_share (const CytMasks *self, gsize i, gsize s);

G_END_DECLS
