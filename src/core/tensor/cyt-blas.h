/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Matrix products by OpenBLAS, one thread each: images run in parallel, not the product of one image
 * (measured in tests/bench/bench-encoder.c).
 *
 * OpenBLAS is opened at run time, not linked, for two reasons. It chooses its kernels while it is
 * loaded, and the versions that distributions ship know no AMD processor later than Zen 3: on those
 * with AVX-512 it takes its AVX2 kernels, at half the speed (Debian 12, 0.3.21: 110 against 205
 * GFLOP/s a core on a Zen 5). The choice can only be mended by the environment, before loading. And a
 * program that computes nothing starts without OpenBLAS's memory and threads. */

/* Chooses OpenBLAS's kernels through the environment, unless the user did (OPENBLAS_CORETYPE). First
 * thing in main(): changing the environment is not safe once there are threads. Cheap. */
void cyt_blas_prepare (void);

/* Opens OpenBLAS. Safe to call from any thread and again. FALSE with G_FILE_ERROR_NOENT when the
 * library is not installed. */
gboolean cyt_blas_load (GError **error);

/* The kernels in use: "SkylakeX", "Haswell", …; NULL before loading (static). */
const char *cyt_blas_get_kernels (void);

/* out (m, n) = alpha · a (m, k) · b (n, k)ᵀ + beta · out. f32 row-major; ld…: elements from row to row.
 * out overlaps neither a nor b. cyt_blas_load() must have succeeded; likewise below. */
void cyt_blas_gemm_nt (float *out, gsize ld_out, const float *a, gsize ld_a, const float *b, gsize ld_b,
                       gsize m, gsize n, gsize k, float alpha, float beta);
/* out (m, n) = alpha · a (m, k) · b (k, n) + beta · out. */
void cyt_blas_gemm_nn (float *out, gsize ld_out, const float *a, gsize ld_a, const float *b, gsize ld_b,
                       gsize m, gsize n, gsize k, float alpha, float beta);

G_END_DECLS
