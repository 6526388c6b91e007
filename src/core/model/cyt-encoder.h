/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "io/cyt-checkpoint.h"

G_BEGIN_DECLS

/* A vision transformer of the DINOv2 layout (arXiv 2304.07193; METHODS §1), fp32. Immutable once
 * loaded: any number of threads may run it, each with its own workspace. */

#define CYT_N_PATCH_SIDE 16                                       /* patches on a side of the 224 px input */
#define CYT_N_PATCHES (CYT_N_PATCH_SIDE * CYT_N_PATCH_SIDE)       /* 256, row-major from the top left */
#define CYT_N_TOKENS (1 + CYT_N_PATCHES)                          /* 257: CLS, then the patches */

typedef struct _CytEncoder CytEncoder;
typedef struct _CytEncoderWorkspace CytEncoderWorkspace;

typedef struct
{
  const char *layout;  /* "DinoBloom", "DINOv2", "DINOv2 (block-chunked)", "timm", "Hugging Face" */
  gsize d;             /* width of a token */
  gsize n_blocks;
  gsize n_heads;       /* d / 64 */
  gsize d_mlp;         /* hidden width of the MLP (of each half for SwiGLU) */
  gboolean swiglu;
  gsize n_registers;   /* register tokens; computed, never part of the output */
  gsize n_grid;        /* side of the stored position grid; resized bicubically when not 16 */
} CytEncoderConfig;

/* What encoder the checkpoint holds, from names and shapes alone; no weights are read. FALSE with
 * CYT_CHECKPOINT_ERROR_MISMATCH when it holds none, or one that does not fit. */
gboolean cyt_encoder_probe (CytCheckpoint *checkpoint, CytEncoderConfig *config, GError **error);

/* Reads an encoder in any of the namings of METHODS §1. What does not fit is
 * CYT_CHECKPOINT_ERROR_MISMATCH naming the tensor, its shape and what was expected. */
CytEncoder *cyt_encoder_load (const char *path, GError **error);
void cyt_encoder_free (CytEncoder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytEncoder, cyt_encoder_free)

const char *cyt_encoder_get_path (const CytEncoder *self); /* as given to load() */
const CytEncoderConfig *cyt_encoder_get_config (const CytEncoder *self);
/* "ViT-S", -B, -L or -G by the width of its tokens; "ViT" for others (static). */
const char *cyt_encoder_config_get_size_name (const CytEncoderConfig *config);
/* The configuration as compact JSON (transfer full). */
char *cyt_encoder_config_to_json (const CytEncoderConfig *config);
char *cyt_encoder_describe (const CytEncoder *self);

/* Blocks that have to run for the residual stream after block @block; a negative number counts from
 * the end (-1 the last, -2 CytoSAE's hook). FALSE with CYT_CHECKPOINT_ERROR_MISMATCH when there is
 * no such block. */
gboolean cyt_encoder_resolve_block (const CytEncoder *self, int block, gsize *n_blocks_to_run, GError **error);

CytEncoderWorkspace *cyt_encoder_workspace_new (const CytEncoder *self);
void cyt_encoder_workspace_free (CytEncoderWorkspace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytEncoderWorkspace, cyt_encoder_workspace_free)

/* Residual stream of one image after its first @n_blocks_to_run blocks, before any final norm.
 * out: tokens (257, d) f32: CLS, then patch row-major
 * in:  pixels (224, 224, 3) u8 RGB, as cyt_image_preprocess() writes them
 * The normalisation with ImageNet's mean and deviation happens here. */
void cyt_encoder_run (const CytEncoder *self, CytEncoderWorkspace *ws, float *tokens, const guint8 *pixels,
                      gsize n_blocks_to_run);
/* The same after more blocks, from where cyt_encoder_run() or an earlier call left the workspace: blocks
 * n_blocks_run … n_blocks_to_run − 1 are added. out: tokens (257, d) f32. */
void cyt_encoder_run_on (const CytEncoder *self, CytEncoderWorkspace *ws, float *tokens, gsize n_blocks_run,
                         gsize n_blocks_to_run);

G_END_DECLS
