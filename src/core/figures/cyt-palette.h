/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Colours for classes and diseases: M. Okabe's and K. Ito's eight that people with colour-blindness tell apart
 * ("Color Universal Design", 2008; black is grey here and yellow darker, to be seen on white and on black). There are no
 * more such colours, so the ninth class has the first colour again and the next shape. The number of a class is its
 * place in the sorted list of names: the same name, the same colour, in every view of a data set. */
#define CYT_PALETTE_N_COLORS 8

typedef enum
{
  CYT_MARKER_DISC,
  CYT_MARKER_RING,
  CYT_MARKER_DIAMOND,
} CytMarker;
#define CYT_N_MARKERS (CYT_MARKER_DIAMOND + 1)

/* rgb: (3) u8 of class number @index; any number. */
void cyt_palette_lookup (guint index, guint8 *rgb);
CytMarker cyt_palette_get_marker (guint index);

G_END_DECLS
