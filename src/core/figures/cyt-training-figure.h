/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figures/cyt-figure.h"

G_BEGIN_DECLS

#define CYT_TRAINING_FIGURE_MAX 12

/* The curves of trainings (cyt-train-log.h) over the images seen, or over steps where a log does not tell how many images a
 * step has: a plot for each term of the loss that some training has, for L0, explained variance, and the share of dead
 * latents. A line for each training, of means over runs of steps.
 * @project: of the same encoder, for the provenance. @trainings: 1 … CYT_TRAINING_FIGURE_MAX folders or logs,
 * NULL-terminated. Errors: those of cyt_train_log_read(); CYT_TABLE_ERROR_VALUE for too many. */
CytFigure *cyt_training_figure_new (CytProject *project, const char *const *trainings, GError **error);

G_END_DECLS
