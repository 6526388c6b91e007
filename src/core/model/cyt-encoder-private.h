/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-encoder.h"

G_BEGIN_DECLS

#define CYT_PATCH_SIZE 14
#define CYT_PATCH_PIXELS (3 * CYT_PATCH_SIZE * CYT_PATCH_SIZE) /* 588 */
#define CYT_HEAD_SIZE 64

/* All f32; a Linear's weight is (out, in) as in PyTorch. h: d_mlp; e: 2 h for SwiGLU, else h. */
typedef struct
{
  float *norm1_weight, *norm1_bias; /* (d) */
  float *qkv_weight, *qkv_bias;     /* (3 d, d), (3 d) */
  float *proj_weight, *proj_bias;   /* (d, d), (d) */
  float *ls1;                       /* (d) */
  float *norm2_weight, *norm2_bias; /* (d) */
  float *fc1_weight, *fc1_bias;     /* (e, d), (e) */
  float *fc2_weight, *fc2_bias;     /* (d, h), (d) */
  float *ls2;                       /* (d) */
} CytEncoderBlock;

struct _CytEncoder
{
  char *path; /* for messages */
  CytEncoderConfig config;
  float *patch_weight;     /* (d, 588), column = channel · 196 + y · 14 + x */
  float *patch_bias;       /* (d) */
  float *cls;              /* (d) CLS token plus its position */
  float *registers;        /* (n_registers, d), without position */
  float *positions;        /* (256, d) positions of the patches, on the 16 × 16 grid */
  CytEncoderBlock *blocks; /* (n_blocks) */
};

G_END_DECLS
