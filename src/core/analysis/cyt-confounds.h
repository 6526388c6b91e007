/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* Latents that may respond to how an image was made and not to the cell: over all cells of a project, the association
 * of a latent's score with data set, stain and image size. Where cells have classes it is measured within the
 * classes (each class's mean taken off both sides), so that a latent of eosinophils is no suspect for being red. */
typedef struct
{
  guint32 latent;
  double dataset;   /* η: root of the share of the score's variance that lies between data sets, 0…1; NAN with one */
  double color[3];  /* Pearson correlation with the image's mean red, green, blue, −1…1; NAN where constant */
  double size;      /* and with the logarithm of its area in pixels */
  double largest;   /* of their absolute values */
} CytConfound;

/* A suspect: |association| of at least this. It says "look", not "artefact". */
#define CYT_CONFOUND_SUSPECT 0.5
/* Latents that fire on fewer cells are not judged. */
#define CYT_CONFOUND_MIN_CELLS 20

/* One pass over the cells; of CytConfound, largest first, latents that fire on enough cells only. */
GArray *cyt_confounds_compute (CytProject *project, GCancellable *cancellable, GError **error);

G_END_DECLS
