/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-commands.h"
#include "cli-project.h"

static void
print_words (const char *name, const char *text)
{
  g_autofree char *shown = cli_escape (text);

  printf ("  %-11s %s\n", name, *shown != '\0' ? shown : "–");
}

static void
print_concept (const CytConcept *concept)
{
  print_words ("name", concept->name);
  print_words ("category", concept->category);
  print_words ("status", cyt_concept_status_get_nick (concept->status));
  print_words ("confidence", cyt_concept_confidence_get_nick (concept->confidence));
  print_words ("tags", concept->tags);
  print_words ("note", concept->note);
  if (concept->edited_at > 0)
    {
      g_autofree char *at = cli_format_time (concept->edited_at), *rater = cli_escape (concept->rater);

      printf ("  edited      %s by %s\n", at, rater);
    }
}

static void
print_number (const char *name, double value, const char *unit)
{
  g_autofree char *text = cli_format_double (value);

  printf ("  %-11s %s%s\n", name, text, unit);
}

static gboolean
print_dataset_text (CytProject *project, const CytDataset *dataset, const CliStatistics *statistics, guint latent,
                    GError **error)
{
  const char *headers[] = { ">rank", ">score", ">patches", "label", "cell", NULL };
  g_autoptr (GPtrArray) top = cyt_project_get_top_cells (project, dataset->id, latent, error);
  g_autoptr (CliTable) table = cli_table_new (headers);
  const CytLatentRow *row = &statistics->rows[latent];
  g_autofree char *name = cli_escape (dataset->name), *domain = cli_escape (dataset->domain);

  if (top == NULL)
    return FALSE;
  printf ("\ndata set %s%s%s\n", name, *domain != '\0' ? ", " : "", domain);
  printf ("  n_active    %u of %" G_GSIZE_FORMAT " cells\n", row->n_active, dataset->n_images);
  print_number ("frequency", 100 * row->frequency, " %");
  print_number ("mean_act", row->mean_act, "");
  print_number ("max_act", row->max_act, "");
  print_number ("cls_share", row->cls_share, "");
  print_number ("mean_count", row->mean_count, " tokens per cell");
  print_number ("entropy", row->entropy, "");
  print_number ("purity", row->purity, "");
  print_words ("majority", cli_statistics_get_majority (statistics, row));
  if (top->len == 0)
    {
      puts ("  no cell activates it");
      return TRUE;
    }

  for (guint i = 0; i < top->len; i++)
    {
      const CytTopCell *entry = g_ptr_array_index (top, i);
      g_autoptr (CytCell) cell = cyt_project_get_cell (project, entry->cell, error);

      if (cell == NULL)
        return FALSE;
      cli_table_add_int (table, entry->rank + 1);
      cli_table_add_double (table, entry->score);
      if (entry->has_map)
        cli_table_add_int (table, entry->map.n);
      else
        cli_table_add (table, "–");
      cli_table_add (table, cell->label);
      if (cell->failure != NULL)
        {
          g_autofree char *missing = g_strconcat (cell->path, " (missing)", NULL);

          cli_table_add (table, missing);
        }
      else
        cli_table_add (table, cell->path);
    }
  cli_table_print (table, "  ");
  return TRUE;
}

static gboolean
add_top_cell_json (JsonBuilder *builder, CytProject *project, const CytTopCell *entry, GError **error)
{
  g_autoptr (CytCell) cell = cyt_project_get_cell (project, entry->cell, error);

  if (cell == NULL)
    return FALSE;
  json_builder_begin_object (builder);
  cli_json_add_int (builder, "rank", entry->rank + 1);
  cli_json_add_double (builder, "score", entry->score);
  cli_json_add_int (builder, "position", (gint64) cell->position);
  cli_json_add_string (builder, "path", cell->path);
  cli_json_add_string (builder, "label", cell->label);
  cli_json_add_string (builder, "patient", cell->patient);
  cli_json_add_string (builder, "disease", cell->disease);
  cli_json_add_string (builder, "failure", cell->failure);
  json_builder_set_member_name (builder, "map");
  if (!entry->has_map)
    {
      json_builder_add_null_value (builder);
      json_builder_end_object (builder);
      return TRUE;
    }
  json_builder_begin_array (builder);
  for (guint i = 0; i < entry->map.n; i++)
    {
      json_builder_begin_array (builder);
      json_builder_add_int_value (builder, entry->map.patch[i]);
      json_builder_add_double_value (builder, entry->map.value[i]);
      json_builder_end_array (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return TRUE;
}

static gboolean
add_dataset_json (JsonBuilder *builder, CytProject *project, const CytDataset *dataset,
                  const CliStatistics *statistics, guint latent, GError **error)
{
  g_autoptr (GPtrArray) top = cyt_project_get_top_cells (project, dataset->id, latent, error);

  if (top == NULL)
    return FALSE;
  json_builder_begin_object (builder);
  cli_json_add_string (builder, "dataset", dataset->name);
  cli_json_add_string (builder, "domain", dataset->domain);
  cli_json_add_string (builder, "root", dataset->root);
  cli_json_add_int (builder, "n_cells", (gint64) dataset->n_cells);
  cli_json_add_int (builder, "n_indexed", (gint64) dataset->n_indexed);
  cli_statistics_add_json (statistics, &statistics->rows[latent], builder);
  json_builder_set_member_name (builder, "top_cells");
  json_builder_begin_array (builder);
  for (guint i = 0; i < top->len; i++)
    if (!add_top_cell_json (builder, project, g_ptr_array_index (top, i), error))
      return FALSE;
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return TRUE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *name = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "dataset", 'd', 0, G_OPTION_ARG_FILENAME, &name, "Only this data set (all)", "NAME" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 2, 2, error);
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytConcept) concept = NULL;
  g_autoptr (GPtrArray) datasets = NULL;
  g_autoptr (CytDataset) only = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  gint64 number = 0;
  guint latent;

  if (args == NULL || !cli_parse_int ("K", args[1], 0, G_MAXUINT32, &number, error)
      || !cli_require_utf8 ("--dataset", name, error))
    return FALSE;
  project = cyt_project_open (args[0], CYT_PROJECT_READ_ONLY, error);
  if (project == NULL || !cli_parse_latent (args[1], cyt_project_get_d_sae (project), &latent, error)
      || (name != NULL && (only = cli_pick_dataset (project, name, error)) == NULL)
      || (concept = cyt_project_get_concept (project, latent, error)) == NULL
      || (datasets = cyt_project_list_datasets (project, error)) == NULL)
    return FALSE;

  cli_note_simulated (project, json);
  if (!json)
    {
      printf ("latent %u\n", latent);
      print_concept (concept);
    }
  json_builder_begin_object (builder);
  cli_json_add_int (builder, "latent", latent);
  cli_concept_add_json (concept, builder);
  json_builder_set_member_name (builder, "datasets");
  json_builder_begin_array (builder);
  for (guint i = 0; i < datasets->len; i++)
    {
      const CytDataset *dataset = g_ptr_array_index (datasets, i);
      g_autoptr (CliStatistics) statistics = NULL;

      if (only != NULL && only->id != dataset->id)
        continue;
      statistics = cli_statistics_load (project, dataset->id, error);
      if (statistics == NULL
          || !(json ? add_dataset_json (builder, project, dataset, statistics, latent, error)
                    : print_dataset_text (project, dataset, statistics, latent, error)))
        return FALSE;
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (json)
    cli_print_json (builder);
  return TRUE;
}

const CliCommand cmd_latent = {
  .name = "latent",
  .arguments = "P.cytosae K",
  .summary = "Show one latent: statistics, label, top cells",
  .description
  = "The statistics are those of latents-table. JSON: latent, name, category, status, confidence, tags,\n"
    "note, rater, edited_at, datasets [dataset, domain, root, n_cells, n_indexed, statistics, top_cells [rank, score, position, path\n"
    "(below root), label, patient, disease, failure (why there is no image, else null), map [[patch,\n"
    "activation], …] or null where none was published]].\n\n"
    "Example:\n  cytosae latent blood.cytosae 1742\n",
  .run = run,
};
