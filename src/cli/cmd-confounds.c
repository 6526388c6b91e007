/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "analysis/cyt-confounds.h"

#include "cli-commands.h"
#include "cli-project.h"

static void
print_json (const GArray *confounds, gsize n, gsize n_suspects)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_json_add_int (builder, "n_judged", confounds->len);
  cli_json_add_int (builder, "n_suspects", (gint64) n_suspects);
  json_builder_set_member_name (builder, "latents");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < n; i++)
    {
      const CytConfound *c = &g_array_index (confounds, CytConfound, i);

      json_builder_begin_object (builder);
      cli_json_add_int (builder, "latent", c->latent);
      cli_json_add_double (builder, "dataset", c->dataset);
      cli_json_add_double (builder, "red", c->color[0]);
      cli_json_add_double (builder, "green", c->color[1]);
      cli_json_add_double (builder, "blue", c->color[2]);
      cli_json_add_double (builder, "size", c->size);
      cli_json_add_boolean (builder, "suspect", c->largest >= CYT_CONFOUND_SUSPECT);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static void
print_text (const GArray *confounds, gsize n, gsize n_suspects)
{
  static const char *const headers[] = { ">latent", ">data set", ">red", ">green", ">blue", ">size", "", NULL };
  g_autoptr (CliTable) table = cli_table_new (headers);

  printf ("%u latents judged, %" G_GSIZE_FORMAT " suspects (an association of %g or more)\n", confounds->len, n_suspects,
          CYT_CONFOUND_SUSPECT);
  for (gsize i = 0; i < n; i++)
    {
      const CytConfound *c = &g_array_index (confounds, CytConfound, i);

      cli_table_add_int (table, c->latent);
      cli_table_add_double (table, c->dataset);
      for (guint j = 0; j < 3; j++)
        cli_table_add_double (table, c->color[j]);
      cli_table_add_double (table, c->size);
      cli_table_add (table, c->largest >= CYT_CONFOUND_SUSPECT ? "suspect" : "");
    }
  cli_table_print (table, "");
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *limit_text = NULL;
  gboolean json = FALSE;
  gint64 limit = 20;
  const GOptionEntry entries[] = {
    { "limit", 'n', 0, G_OPTION_ARG_FILENAME, &limit_text, "No more latents than this (20)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  g_autoptr (CytProject) project = NULL;
  g_autoptr (GArray) confounds = NULL;
  gsize n, n_suspects = 0;

  if (args == NULL || !cli_parse_int ("--limit", limit_text, 0, G_MAXUINT32, &limit, error)
      || (project = cyt_project_open (args[0], CYT_PROJECT_READ_ONLY, error)) == NULL
      || (confounds = cyt_confounds_compute (project, NULL, error)) == NULL)
    return FALSE;
  while (n_suspects < confounds->len && g_array_index (confounds, CytConfound, n_suspects).largest >= CYT_CONFOUND_SUSPECT)
    n_suspects++;
  n = MIN ((gsize) limit, confounds->len);
  cli_note_simulated (project, json);
  if (json)
    print_json (confounds, n, n_suspects);
  else
    print_text (confounds, n, n_suspects);
  return TRUE;
}

const CliCommand cmd_confounds = {
  .name = "confounds",
  .arguments = "P.cytosae",
  .summary = "Find latents that go with data set, stain or image size",
  .description
  = "Association of each latent's score with the data set (eta), the mean red, green and blue of the image, and the\n"
    "logarithm of its area (Pearson), over all cells of the project, within classes where cells have them. A suspect\n"
    "is a reason to look, not a verdict. Latents on fewer than 20 cells are not judged. JSON: n_judged, n_suspects,\n"
    "latents [latent, dataset, red, green, blue, size (null where undefined), suspect].\n\n"
    "Example:\n  cytosae confounds cohort.cytosae\n",
  .run = run,
};
