/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a training (cyt-trainer.h) left beside its autoencoder: FILE.csv, a row of the loss for each step, and in SAELens'
 * layout what cfg.json says of it. */
typedef enum
{
  CYT_TRAIN_LOG_MSE,
  CYT_TRAIN_LOG_NESTED,
  CYT_TRAIN_LOG_L1,
  CYT_TRAIN_LOG_L0_PENALTY,
  CYT_TRAIN_LOG_GHOST,
  CYT_TRAIN_LOG_AUX,
  CYT_TRAIN_LOG_L0,
  CYT_TRAIN_LOG_EXPLAINED,
  CYT_TRAIN_LOG_N_DEAD,
  CYT_TRAIN_LOG_N_COLUMNS
} CytTrainLogColumn;

typedef struct
{
  char *name;              /* the folder's, or the file's where no cfg.json belongs to it */
  char *csv;               /* path */
  gsize n_steps;           /* rows, of steps 1 … n_steps; at least 1 */
  double *values[CYT_TRAIN_LOG_N_COLUMNS]; /* (n_steps) each, finite */
  /* As cfg.json has them: */
  gsize batch;             /* images of a step; 0: unknown; likewise: */
  gsize d_sae;
  char *variant;           /* NULL: unknown */
  gint64 seed;             /* -1: unknown */
  gboolean simulated;
} CytTrainLog;
void cyt_train_log_free (CytTrainLog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTrainLog, cyt_train_log_free)

/* @path: a folder with one training's log, or the log itself. Errors: CYT_TABLE_ERROR, G_FILE_ERROR. */
CytTrainLog *cyt_train_log_read (const char *path, GError **error);

G_END_DECLS
