/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Matrix products by OpenBLAS, one thread each: images run in parallel, not the product of one image
 * (measured with tests/bench/bench-index.c). OpenBLAS chooses its kernels by the processor. */

/* Keeps OpenBLAS to the calling thread. Call before the first product, from any thread, again and again. */
void cyt_blas_init (void);

/* The kernels in use: "SkylakeX", "Haswell", … (static). */
const char *cyt_blas_get_kernels (void);

/* out (m, n) = alpha · a (m, k) · b (n, k)ᵀ + beta · out. f32 row-major; ld…: elements from row to row.
 * out overlaps neither a nor b. */
void cyt_blas_gemm_nt (float *out, gsize ld_out, const float *a, gsize ld_a, const float *b, gsize ld_b,
                       gsize m, gsize n, gsize k, float alpha, float beta);
/* out (m, n) = alpha · a (m, k) · b (k, n) + beta · out. */
void cyt_blas_gemm_nn (float *out, gsize ld_out, const float *a, gsize ld_a, const float *b, gsize ld_b,
                       gsize m, gsize n, gsize k, float alpha, float beta);
/* out (m, n) = alpha · a (k, m)ᵀ · b (k, n) + beta · out. */
void cyt_blas_gemm_tn (float *out, gsize ld_out, const float *a, gsize ld_a, const float *b, gsize ld_b,
                       gsize m, gsize n, gsize k, float alpha, float beta);

G_END_DECLS
