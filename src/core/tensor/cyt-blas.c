/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <cblas.h>
#include <dlfcn.h>

#include "tensor/cyt-blas.h"

static struct
{
  gboolean loaded;
  __typeof__ (&cblas_sgemm) sgemm;
  __typeof__ (&openblas_set_num_threads) set_num_threads;
  __typeof__ (&openblas_get_corename) get_corename;
} blas;

static GMutex load_mutex;

void
cyt_blas_prepare (void)
{
  /* One thread per product: OpenBLAS needs no pool of its own. */
  g_setenv ("OPENBLAS_NUM_THREADS", "1", TRUE);
#if defined(__x86_64__)
  __builtin_cpu_init ();
  /* Intel's processors OpenBLAS knows. */
  if (__builtin_cpu_is ("amd") && __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512dq")
      && __builtin_cpu_supports ("avx512bw") && __builtin_cpu_supports ("avx512vl")
      && __builtin_cpu_supports ("avx512cd"))
    g_setenv ("OPENBLAS_CORETYPE", "SkylakeX", FALSE);
#endif
}

static gboolean
load_locked (GError **error)
{
  void *library = dlopen (CYT_OPENBLAS_SONAME, RTLD_NOW | RTLD_LOCAL);

  if (library == NULL)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "OpenBLAS cannot be loaded: %s", dlerror ());
      return FALSE;
    }
  blas.sgemm = (__typeof__ (blas.sgemm)) dlsym (library, "cblas_sgemm");
  blas.set_num_threads = (__typeof__ (blas.set_num_threads)) dlsym (library, "openblas_set_num_threads");
  blas.get_corename = (__typeof__ (blas.get_corename)) dlsym (library, "openblas_get_corename");
  if (blas.sgemm == NULL || blas.set_num_threads == NULL || blas.get_corename == NULL)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s is not OpenBLAS: it lacks cblas_sgemm",
                   CYT_OPENBLAS_SONAME);
      dlclose (library);
      return FALSE;
    }
  blas.set_num_threads (1);
  blas.loaded = TRUE;
  return TRUE;
}

gboolean
cyt_blas_load (GError **error)
{
  gboolean loaded;

  g_mutex_lock (&load_mutex);
  loaded = blas.loaded || load_locked (error);
  g_mutex_unlock (&load_mutex);
  return loaded;
}

const char *
cyt_blas_get_kernels (void)
{
  return blas.loaded ? blas.get_corename () : NULL;
}

void
cyt_blas_gemm_nt (float *out, gsize ld_out, const float *a, gsize ld_a, const float *b, gsize ld_b, gsize m,
                  gsize n, gsize k, float alpha, float beta)
{
  blas.sgemm (CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, alpha, a, ld_a, b, ld_b, beta, out, ld_out);
}

void
cyt_blas_gemm_nn (float *out, gsize ld_out, const float *a, gsize ld_a, const float *b, gsize ld_b, gsize m,
                  gsize n, gsize k, float alpha, float beta)
{
  blas.sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, alpha, a, ld_a, b, ld_b, beta, out, ld_out);
}
