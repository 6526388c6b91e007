/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "io/cyt-checkpoint.h"

/* Path below the folder of shared data (real cells, checkpoints), or NULL after g_test_skip() when that
 * folder is not there: the one reason to skip. (transfer full) */
char *cyt_test_shared (const char *relative);
/* The same without g_test_skip(), for tests that have data of their own too. */
char *cyt_test_shared_or_null (const char *relative);
/* Path below the project's sources. (transfer full) */
char *cyt_test_source (const char *relative);

/* A fresh folder, removed with all its content by cyt_test_remove_tree(). */
char *cyt_test_make_tmpdir (void);
void cyt_test_remove_tree (const char *path);

/* Runs tests/ref/@script with Python and the arguments (NULL-terminated); its failure fails the test. */
void cyt_test_run_reference (const char *script, ...) G_GNUC_NULL_TERMINATED;

/* Runs a program, returns its exit status; standard output and error (transfer full, may be NULL). */
int cyt_test_run (char **out, char **err, const char *program, ...) G_GNUC_NULL_TERMINATED;

/* Reads a whole .npy of real numbers as f32 (transfer full); @info gets its shape. Fails the test on error. */
float *cyt_test_load_npy (const char *path, CytTensorInfo *info);

/* Normalised mean squared error Σ (a − b)² / Σ b² of @n numbers; NaN anywhere gives NaN, so that
 * g_assert_true (nmse <= tol) fails. */
double cyt_test_nmse (const float *a, const float *b, gsize n);
/* Largest |a − b| / (|b| + eps). NaN gives infinity. */
double cyt_test_max_rel (const float *a, const float *b, gsize n, double eps);
