/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-commands.h"
#include "cli-output.h"
#include "cli-progress.h"
#include "project/cyt-self-test.h"

#define DEFAULT_CELLS 10000

static char *
format_bytes (double bytes)
{
  return g_format_size ((guint64) bytes);
}

static void
print_row (CliTable *table, const CytSelfTestModel *model, guint64 n_cells)
{
  g_autofree char *rate = g_strdup_printf ("%.3g", 1 / model->seconds_per_cell);
  g_autofree char *time = cli_format_seconds (cyt_self_test_model_get_seconds (model, n_cells));
  g_autofree char *disk = format_bytes (cyt_self_test_model_get_bytes (model, n_cells));
  g_autofree char *memory = format_bytes (model->memory);

  cli_table_add (table, model->name);
  cli_table_add_int (table, (gint64) model->shape.d_sae);
  cli_table_add (table, rate);
  cli_table_add (table, time);
  cli_table_add (table, disk);
  cli_table_add (table, memory);
}

static void
print_text (const CytSelfTest *test, guint64 n_cells)
{
  const char *headers[] = { "encoder", ">latents", ">cells/s", ">time", ">disk", ">memory", NULL };
  g_autoptr (CliTable) table = cli_table_new (headers);

  printf ("%" G_GUINT64_FORMAT " cells, %u at a time:\n", n_cells, test->n_threads);
  print_row (table, &test->built_in, n_cells);
  for (gsize i = 0; i < CYT_SELF_TEST_N_MODELS; i++)
    print_row (table, &test->models[i], n_cells);
  cli_table_print (table, "  ");
}

static void
add_model (JsonBuilder *builder, const CytSelfTestModel *model, guint64 n_cells)
{
  json_builder_begin_object (builder);
  cli_json_add_string (builder, "encoder", model->name);
  cli_json_add_int (builder, "d", (gint64) model->shape.d);
  cli_json_add_int (builder, "n_blocks", (gint64) model->shape.n_blocks);
  cli_json_add_int (builder, "d_sae", (gint64) model->shape.d_sae);
  cli_json_add_double (builder, "seconds", cyt_self_test_model_get_seconds (model, n_cells));
  cli_json_add_double (builder, "seconds_per_cell", model->seconds_per_cell);
  cli_json_add_double (builder, "disk", cyt_self_test_model_get_bytes (model, n_cells));
  cli_json_add_double (builder, "memory", model->memory);
  json_builder_end_object (builder);
}

static void
print_json (const CytSelfTest *test, guint64 n_cells)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_json_add_int (builder, "n_cells", (gint64) n_cells);
  cli_json_add_int (builder, "n_threads", test->n_threads);
  json_builder_set_member_name (builder, "models");
  json_builder_begin_array (builder);
  add_model (builder, &test->built_in, n_cells);
  for (gsize i = 0; i < CYT_SELF_TEST_N_MODELS; i++)
    add_model (builder, &test->models[i], n_cells);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *cells = NULL, *threads = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "cells", 0, 0, G_OPTION_ARG_FILENAME, &cells, "Images to reckon with (10000)", "N" },
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "Cells in parallel (one per core)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the result as JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 0, 0, error);
  gint64 n_cells = DEFAULT_CELLS;
  CytSelfTest test = { 0 };
  guint n_threads = 0;

  if (args == NULL || !cli_parse_int ("--cells", cells, 1, 1000000000, &n_cells, error)
      || !cli_parse_threads (threads, &n_threads, error))
    return FALSE;
  {
    g_autoptr (CliProgress) progress = cli_progress_new ("steps");

    if (!cyt_self_test_run (&test, n_threads, cli_progress_get_progress (progress),
                            cli_progress_get_cancellable (progress), error))
      return FALSE;
  }
  if (json)
    print_json (&test, n_cells);
  else
    print_text (&test, n_cells);
  return TRUE;
}

const CliCommand cmd_selftest = {
  .name = "selftest",
  .arguments = "",
  .summary = "Tell what indexing with DinoBloom-S, -B, -L and -G will cost here",
  .description
  = "Indexes a few drawn cells with the built-in models and times the arithmetic at the sizes of DinoBloom, each with\n"
    "an autoencoder of 64 latents per dimension as CytoSAE has; needs no other model and some seconds. Disk is the\n"
    "project file when 5 % of the latents fire on a cell and the maps are as large as the built-in models'. Other\n"
    "work at the same time makes the times longer.\n"
    "JSON: n_cells, n_threads, models [encoder, d, n_blocks, d_sae, seconds, seconds_per_cell, disk, memory (bytes)].\n\n"
    "Example:\n  cytosae selftest --cells 17092\n",
  .run = run,
};
