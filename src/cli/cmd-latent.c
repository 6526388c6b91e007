/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-commands.h"
#include "cli-project.h"
#include "project/cyt-project-measures.h"

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

/* ---- Measures and suggested names of one data set ---- */

typedef struct
{
  gboolean measured;
  CytMeasuresRow row;
  GPtrArray *measures;     /* of CytMeasures; the names of classes and structures are the first one's */
  GPtrArray *attributes;
  GArray *suggestions;
} Measured;

static void
measured_clear (Measured *self)
{
  g_clear_pointer (&self->measures, g_ptr_array_unref);
  g_clear_pointer (&self->attributes, g_ptr_array_unref);
  g_clear_pointer (&self->suggestions, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Measured, measured_clear)

static gboolean
load_measured (CytProject *project, gint64 dataset, guint latent, Measured *self, GError **error)
{
  g_autofree CytMeasuresRow *rows = g_new (CytMeasuresRow, cyt_project_get_d_sae (project));

  self->measures = cyt_project_list_measures (project, dataset, NULL, NULL, error);
  if (self->measures == NULL || (self->attributes = cyt_project_list_attributes (project, dataset, error)) == NULL
      || (self->suggestions = cyt_project_list_suggestions (project, dataset, latent, error)) == NULL
      || !cyt_project_load_measures_rows (project, dataset, rows, &self->measured, error))
    return FALSE;
  self->measured = self->measured && self->measures->len > 0;
  self->row = rows[latent];
  return TRUE;
}

static const char *
get_name (GStrv names, gint64 number)
{
  return number >= 0 ? names[number] : NULL;
}

static void
print_measured (const Measured *self)
{
  const CytMeasures *m = self->measured ? self->measures->pdata[0] : NULL;

  if (m != NULL)
    {
      g_autofree char *best = cli_escape (get_name (m->classes, self->row.best_class));
      g_autofree char *structure = cli_escape (get_name (m->structures, self->row.structure));
      g_autofree char *auprc = cli_format_double (self->row.auprc), *prevalence = cli_format_double (self->row.prevalence);
      g_autofree char *cosine = cli_format_double (self->row.cosine), *jaccard = cli_format_double (self->row.jaccard);
      g_autofree char *map = cli_format_double (self->row.map_precision), *overlap = cli_format_double (self->row.map_overlap);
      g_autofree char *chance = cli_format_double (self->row.map_chance);

      printf ("  measured on %" G_GSIZE_FORMAT " images:\n", m->n_images);
      print_number ("monosemanticity", self->row.monosemanticity, "");
      if (self->row.best_class >= 0)
        printf ("  selectivity %s: average precision %s, prevalence %s\n", best, auprc, prevalence);
      print_number ("explained", 100 * self->row.explained, " % of the variance");
      if (self->row.nearest >= 0)
        printf ("  nearest     latent %" G_GINT64_FORMAT ", cosine %s\n", self->row.nearest, cosine);
      if (self->row.twin >= 0)
        printf ("  twin        latent %" G_GINT64_FORMAT ", Jaccard index of the 16 best images %s\n", self->row.twin, jaccard);
      if (self->row.structure >= 0)
        printf ("  map         %s: average precision %s, chance %s, overlap %s\n", structure, map, chance, overlap);
    }
  for (guint i = 0; i < self->suggestions->len; i++)
    {
      const CytSuggestion *s = &g_array_index (self->suggestions, CytSuggestion, i);
      const CytImageAttribute *attribute = self->attributes->pdata[s->attribute];
      g_autofree char *name = cli_escape (attribute->name), *value = cli_escape (attribute->values->pdata[s->value]);
      g_autofree char *auprc = cli_format_double (s->auprc), *prevalence = cli_format_double (s->prevalence);

      printf ("  suggested   %s: %s (by the program; average precision %s on %u other cells, prevalence %s)\n", name, value,
              auprc, s->n_cells, prevalence);
    }
}

static void
add_index (JsonBuilder *builder, const char *name, gint64 value)
{
  if (value >= 0)
    cli_json_add_int (builder, name, value);
  else
    cli_json_add_json (builder, name, "null");
}

static void
add_measured_json (JsonBuilder *builder, const Measured *self)
{
  const CytMeasures *m = self->measured ? self->measures->pdata[0] : NULL;
  const CytMeasuresRow *r = &self->row;

  json_builder_set_member_name (builder, "measures");
  if (m == NULL)
    json_builder_add_null_value (builder);
  else
    {
      json_builder_begin_object (builder);
      cli_json_add_int (builder, "n_images", (gint64) m->n_images);
      cli_json_add_double (builder, "token_frequency", r->token_frequency);
      cli_json_add_double (builder, "explained_variance", r->explained);
      cli_json_add_string (builder, "best_class", get_name (m->classes, r->best_class));
      cli_json_add_double (builder, "auprc", r->auprc);
      cli_json_add_double (builder, "prevalence", r->prevalence);
      cli_json_add_double (builder, "monosemanticity", r->monosemanticity);
      add_index (builder, "nearest", r->nearest);
      cli_json_add_double (builder, "cosine", r->cosine);
      add_index (builder, "twin", r->twin);
      cli_json_add_double (builder, "jaccard", r->jaccard);
      cli_json_add_string (builder, "structure", get_name (m->structures, r->structure));
      cli_json_add_double (builder, "map_precision", r->map_precision);
      cli_json_add_double (builder, "map_chance", r->map_chance);
      cli_json_add_double (builder, "map_overlap", r->map_overlap);
      json_builder_end_object (builder);
    }
  json_builder_set_member_name (builder, "suggestions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->suggestions->len; i++)
    {
      json_builder_begin_object (builder);
      cli_suggestion_add_json (&g_array_index (self->suggestions, CytSuggestion, i), self->attributes, builder);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static gboolean
print_dataset_text (CytProject *project, const CytDataset *dataset, const CliStatistics *statistics, guint latent,
                    GError **error)
{
  const char *headers[] = { ">rank", ">score", ">patches", "label", "cell", NULL };
  g_autoptr (GPtrArray) top = cyt_project_get_top_cells (project, dataset->id, latent, error);
  g_autoptr (CliTable) table = cli_table_new (headers);
  const CytLatentRow *row = &statistics->rows[latent];
  g_auto (Measured) measured = { 0 };
  g_autofree char *name = cli_escape (dataset->name), *domain = cli_escape (dataset->domain);

  if (top == NULL || !load_measured (project, dataset->id, latent, &measured, error))
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
  print_measured (&measured);
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
  g_auto (Measured) measured = { 0 };

  if (top == NULL || !load_measured (project, dataset->id, latent, &measured, error))
    return FALSE;
  json_builder_begin_object (builder);
  cli_json_add_string (builder, "dataset", dataset->name);
  cli_json_add_string (builder, "domain", dataset->domain);
  cli_json_add_string (builder, "root", dataset->root);
  cli_json_add_int (builder, "n_cells", (gint64) dataset->n_cells);
  cli_json_add_int (builder, "n_indexed", (gint64) dataset->n_indexed);
  cli_statistics_add_json (statistics, &statistics->rows[latent], builder);
  add_measured_json (builder, &measured);
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
    "note, rater, edited_at, datasets [dataset, domain, root, n_cells, n_indexed, statistics, measures (null where\n"
    "none were taken: see measure), suggestions, top_cells [rank, score, position, path\n"
    "(below root), label, patient, disease, failure (why there is no image, else null), map [[patch,\n"
    "activation], …] or null where none was published]].\n\n"
    "Example:\n  cytosae latent blood.cytosae 1742\n",
  .run = run,
};
