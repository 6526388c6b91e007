/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "train/cyt-train-state.h"

G_BEGIN_DECLS

/* The state of an interrupted training as a safetensors file, with @provenance (JSON) in its metadata. */
gboolean cyt_train_file_save_state (const char *path, const CytTrainState *state, const char *provenance, GError **error);
/* NULL with CYT_CHECKPOINT_ERROR_MISMATCH where the file's provenance is not @provenance: another training. */
CytTrainState *cyt_train_file_load_state (const char *path, gsize d_in, gsize d_sae, const char *provenance,
                                          GError **error);

/* What goes into cfg.json and cfg beside the weights. */
typedef struct
{
  const char *model_name;     /* the encoder's file name */
  int block;                  /* negative counts from the end */
  double l1_coefficient;
  guint64 seed;
  const char *provenance;     /* JSON */
} CytTrainConfig;

/* The finished autoencoder, fp32.
 * @path ending in ".pt": CytoSAE's layout, {"cfg": argparse.Namespace, "state_dict": {W_enc, b_enc, W_dec, b_dec}}.
 * Else SAELens' layout: NAME.safetensors with NAME's folder getting a cfg.json. */
gboolean cyt_train_file_save_sae (const char *path, const CytTrainState *state, const CytTrainConfig *config,
                                  GError **error);

G_END_DECLS
