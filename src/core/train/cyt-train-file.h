/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "train/cyt-train-recipe.h"
#include "train/cyt-train-state.h"

G_BEGIN_DECLS

/* The state of an interrupted training as a safetensors file, with @provenance (JSON) in its metadata. */
gboolean cyt_train_file_save_state (const char *path, CytTrainState *state, const char *provenance, GError **error);
/* NULL with CYT_CHECKPOINT_ERROR_MISMATCH where the file's provenance is not @provenance: another training. */
CytTrainState *cyt_train_file_load_state (const char *path, gsize d_in, gsize d_sae, const char *provenance,
                                          GError **error);

/* What goes into cfg.json and cfg beside the weights. */
typedef struct
{
  const char *model_name;     /* the encoder's file name */
  int block;                  /* negative counts from the end */
  const CytTrainRecipe *recipe; /* a complete one */
  guint64 seed;
  const char *provenance;     /* JSON */
} CytTrainConfig;

/* The finished autoencoder, fp32.
 * @path ending in ".pt": CytoSAE's layout, {"cfg": argparse.Namespace, "state_dict": {W_enc, b_enc, W_dec, b_dec}}, with
 * "architecture", "k" and the tensor "threshold" (BatchTopK: one number) as far as the variant has them.
 * Else SAELens' layout: NAME.safetensors with NAME's folder getting a cfg.json, the variants as SAELens writes them for
 * use: "standard", "topk" with k, and "jumprelu" with "threshold" (d_sae) for BatchTopK and Matryoshka, too. */
gboolean cyt_train_file_save_sae (const char *path, const CytTrainState *state, const CytTrainConfig *config,
                                  GError **error);

G_END_DECLS
