/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "test-util.h"

/* The built program (static). */
const char *cli_get_program (void);

/* Runs `cytosae ARGUMENTS…` and returns its exit status; @out and @err as cyt_test_run(). */
int cli_run (char **out, char **err, ...) G_GNUC_NULL_TERMINATED;
/* Runs it and fails the test unless it exits with 0. Returns standard output (transfer full). */
char *cli_run_ok (const char *first, ...) G_GNUC_NULL_TERMINATED;
JsonNode *cli_run_json (const char *first, ...) G_GNUC_NULL_TERMINATED;
/* Runs it and fails the test unless it exits with @status, writes nothing to standard output, and says one
 * line "cytosae: …" (and a hint for status 2) that holds @says. */
void cli_run_fails (int status, const char *says, ...) G_GNUC_NULL_TERMINATED;

/* Starts it without waiting. */
GPid cli_start (const char *first, ...) G_GNUC_NULL_TERMINATED;
/* Waits; 128 + signal when a signal ended it. */
int cli_wait (GPid pid);

/* The built-in models (transfer full). */
char *cli_dup_encoder (void);
char *cli_dup_sae (void);

/* Invented cells in two class-wise folders, @n each, of odd sizes: @dir/round/00.bmp, … */
void cli_make_cells (const char *dir, guint n);
/* A CSV with every @step-th row of the shared cohort, absolute paths, at most @n; FALSE without shared data. */
gboolean cli_make_cohort (const char *csv, guint step, guint n);

/* Path of @name in @dir (interned). */
const char *cli_path (const char *dir, const char *name);
void cli_assert_missing (const char *path);
void cli_write_text (const char *path, const char *text);
