/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-options.h"
#include "cli-project.h"
#include "io/cyt-error.h"

CytDataset *
cli_pick_dataset (CytProject *project, const char *name, GError **error)
{
  if (name != NULL)
    {
      g_autoptr (GError) local = NULL;
      CytDataset *dataset = cyt_project_find_dataset (project, name, &local);

      if (dataset == NULL && local == NULL)
        g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: has no data set \"%s\"",
                     cyt_project_get_path (project), name);
      else if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      return dataset;
    }
  else
    {
      g_autoptr (GPtrArray) datasets = cyt_project_list_datasets (project, error);
      CytDataset *first;

      if (datasets == NULL)
        return NULL;
      if (datasets->len == 0)
        {
          g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
                       "%s: has no data set yet; 'cytosae index' adds one", cyt_project_get_path (project));
          return NULL;
        }
      first = g_ptr_array_index (datasets, 0);
      return cyt_project_find_dataset (project, first->name, error);
    }
}

void
cli_note_simulated (CytProject *project, gboolean to_program)
{
  gboolean simulated;

  if (cyt_project_is_simulated (project, &simulated, NULL) && simulated)
    fputs ("SIMULATED: these cells are drawn, not real; not for clinical use\n", to_program ? stderr : stdout);
}

CliStatistics *
cli_statistics_load (CytProject *project, gint64 dataset, GError **error)
{
  g_autoptr (CliStatistics) self = g_new0 (CliStatistics, 1);

  self->n_rows = cyt_project_get_d_sae (project);
  self->rows = g_new0 (CytLatentRow, self->n_rows);
  if (!cyt_project_load_latent_rows (project, dataset, self->rows, error))
    return NULL;
  self->labels = cyt_project_list_labels (project, dataset, error);
  if (self->labels == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

void
cli_statistics_free (CliStatistics *self)
{
  if (self == NULL)
    return;
  g_free (self->rows);
  g_strfreev (self->labels);
  g_free (self);
}

const char *
cli_statistics_get_majority (const CliStatistics *self, const CytLatentRow *row)
{
  return row->majority >= 0 && (guint) row->majority < g_strv_length (self->labels) ? self->labels[row->majority]
                                                                                    : NULL;
}

void
cli_statistics_add_json (const CliStatistics *self, const CytLatentRow *row, JsonBuilder *builder)
{
  cli_json_add_int (builder, "n_active", row->n_active);
  cli_json_add_double (builder, "frequency", row->frequency);
  cli_json_add_double (builder, "mean_act", row->mean_act);
  cli_json_add_double (builder, "max_act", row->max_act);
  cli_json_add_double (builder, "cls_share", row->cls_share);
  cli_json_add_double (builder, "mean_count", row->mean_count);
  cli_json_add_double (builder, "entropy", row->entropy);
  cli_json_add_double (builder, "purity", row->purity);
  cli_json_add_string (builder, "majority", cli_statistics_get_majority (self, row));
}

void
cli_suggestion_add_json (const CytSuggestion *suggestion, const GPtrArray *attributes, JsonBuilder *builder)
{
  const CytImageAttribute *attribute = attributes->pdata[suggestion->attribute];

  cli_json_add_string (builder, "attribute", attribute->name);
  cli_json_add_string (builder, "value", attribute->values->pdata[suggestion->value]);
  cli_json_add_double (builder, "auprc", suggestion->auprc);
  cli_json_add_double (builder, "prevalence", suggestion->prevalence);
  cli_json_add_double (builder, "bound", suggestion->bound);
  cli_json_add_int (builder, "n_cells", suggestion->n_cells);
  cli_json_add_int (builder, "n_positive", suggestion->n_positive);
}

char *
cli_format_time (gint64 time_us)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);

  return time ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("");
}

void
cli_concept_add_json (const CytConcept *concept, JsonBuilder *builder)
{
  g_autofree char *edited_at = concept->edited_at > 0 ? cli_format_time (concept->edited_at) : NULL;

  cli_json_add_string (builder, "name", concept->name);
  cli_json_add_string (builder, "category", concept->category);
  cli_json_add_string (builder, "status", cyt_concept_status_get_nick (concept->status));
  cli_json_add_string (builder, "confidence", cyt_concept_confidence_get_nick (concept->confidence));
  cli_json_add_string (builder, "tags", concept->tags);
  cli_json_add_string (builder, "note", concept->note);
  cli_json_add_string (builder, "rater", concept->rater);
  cli_json_add_string (builder, "edited_at", edited_at);
}

char *
cli_dup_user_name (void)
{
  const char *name = g_get_real_name ();

  return g_utf8_make_valid (g_str_equal (name, "Unknown") ? g_get_user_name () : name, -1);
}

gboolean
cli_parse_latent (const char *text, gsize d_sae, guint *latent, GError **error)
{
  gint64 value = 0;

  if (!cli_parse_int ("latent", text, 0, G_MAXUINT32, &value, error))
    return FALSE;
  if ((guint64) value >= d_sae)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
                   "latent: expected 0 to %" G_GSIZE_FORMAT ", found %s", d_sae - 1, text);
      return FALSE;
    }
  *latent = (guint) value;
  return TRUE;
}
