/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Resizes a square grid of vectors as DINOv2 resizes its position grid: bicubic with a = −0.75,
 * align_corners false, no antialiasing, borders clamped, and the scale (n_out + 0.1) / n_in given to
 * torch.nn.functional.interpolate, which therefore maps output i to (i + ½) · n_in / (n_out + 0.1) − ½
 * (DINOv2, vision_transformer.py, interpolate_pos_encoding).
 * out (n_out · n_out, d), in (n_in · n_in, d) f32. */
void cyt_bicubic_resize_grid (float *out, gsize n_out, const float *in, gsize n_in, gsize d);

G_END_DECLS
