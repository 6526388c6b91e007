/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <cblas.h>

#include "tensor/cyt-blas.h"

void
cyt_blas_init (void)
{
  static gsize done = 0;

  if (g_once_init_enter (&done))
    {
      openblas_set_num_threads (1);
      g_once_init_leave (&done, 1);
    }
}

const char *
cyt_blas_get_kernels (void)
{
  return openblas_get_corename ();
}

void
cyt_blas_gemm_nt (float *out, gsize ld_out, const float *a, gsize ld_a, const float *b, gsize ld_b, gsize m,
                  gsize n, gsize k, float alpha, float beta)
{
  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, alpha, a, ld_a, b, ld_b, beta, out, ld_out);
}

void
cyt_blas_gemm_nn (float *out, gsize ld_out, const float *a, gsize ld_a, const float *b, gsize ld_b, gsize m,
                  gsize n, gsize k, float alpha, float beta)
{
  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, alpha, a, ld_a, b, ld_b, beta, out, ld_out);
}

void
cyt_blas_gemm_tn (float *out, gsize ld_out, const float *a, gsize ld_a, const float *b, gsize ld_b, gsize m,
                  gsize n, gsize k, float alpha, float beta)
{
  cblas_sgemm (CblasRowMajor, CblasTrans, CblasNoTrans, m, n, k, alpha, a, ld_a, b, ld_b, beta, out, ld_out);
}
