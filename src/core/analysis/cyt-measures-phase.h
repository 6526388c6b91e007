/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-progress.h"

G_BEGIN_DECLS

/* The phases of measuring, for cyt_progress_set_phase(), in order; those that are of one dictionary are as many as there are
 * dictionaries, and come one dictionary after the other. */
#define CYT_MEASURES_PHASE_SAMPLE "sample for baselines"  /* images */
#define CYT_MEASURES_PHASE_PCA "fitting pca"
#define CYT_MEASURES_PHASE_KMEANS "fitting kmeans"        /* steps */
#define CYT_MEASURES_PHASE_RANDOM "fitting random"        /* latents */
#define CYT_MEASURES_PHASE_IMAGES "measuring"             /* images */
#define CYT_MEASURES_PHASE_LATENTS "describing"           /* latents of a dictionary */
#define CYT_MEASURES_PHASE_NEIGHBOURS "neighbours"        /* its alive latents, by direction, then by best images */
#define CYT_MEASURES_PHASE_MAPS "maps"                    /* its latents, against masks */
#define CYT_MEASURES_PHASE_NAMES "names"                  /* shuffles */
#define CYT_MEASURES_PHASE_WRITING "writing"

G_END_DECLS
