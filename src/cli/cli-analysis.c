/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cli-analysis.h"
#include "cli-options.h"
#include "cli-progress.h"
#include "cli-project.h"
#include "project/cyt-recount.h"

void
cli_analysis_clear (CliAnalysis *self)
{
  g_free (self->dataset);
  g_free (self->threshold);
  g_free (self->encoder);
  g_free (self->sae);
  g_free (self->threads);
}

static const char *
choose_path (const char *given, const CytProjectModel *model)
{
  return given != NULL ? given : model->path;
}

static gboolean
count (const CliAnalysis *self, CytProject *project, GPtrArray *datasets, double threshold, GError **error)
{
  g_autoptr (CliProgress) progress = cli_progress_new ("images");
  GCancellable *cancellable = cli_progress_get_cancellable (progress);
  const char *encoder = choose_path (self->encoder, cyt_project_get_encoder (project));
  const char *sae = choose_path (self->sae, cyt_project_get_sae (project));
  g_autoptr (CytModels) models = NULL;
  guint n_threads = 0;
  gboolean ok;

  if (!cli_parse_threads (self->threads, &n_threads, error))
    return FALSE;
  if (*encoder == '\0' || *sae == '\0')
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
                   "%s: does not say where the models are, which counting at another threshold needs: give --encoder and --sae",
                   cyt_project_get_path (project));
      return FALSE;
    }
  models = cyt_models_load (encoder, sae, cancellable, error);
  ok = models != NULL;
  if (!ok)
    g_prefix_error (error, "counting at another threshold needs the models (--encoder, --sae): ");
  for (guint i = 0; ok && i < datasets->len; i++)
    ok = cyt_recount_run (cyt_project_get_path (project), models, ((const CytDataset *) datasets->pdata[i])->name, threshold,
                          n_threads, cli_progress_get_progress (progress), cancellable, error);
  if (!ok)
    cli_progress_explain_cancel (error, "interrupted: the same command again goes on counting there");
  return ok;
}

gboolean
cli_analysis_prepare (const CliAnalysis *self, CytProject *project, CytBarcodesOptions *options, GError **error)
{
  g_autoptr (GPtrArray) datasets = NULL;
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();

  if (!cli_require_utf8 ("--dataset", self->dataset, error)
      || !cli_parse_double ("--threshold", self->threshold, 0, 1e30, &options->threshold, error))
    return FALSE;
  options->skip_marked = self->skip_marked;
  if (self->dataset != NULL)
    {
      g_autoptr (CytDataset) dataset = cli_pick_dataset (project, self->dataset, error);

      if (dataset == NULL)
        return FALSE;
      options->dataset = dataset->id;
    }
  if (isnan (options->threshold))
    return TRUE;
  datasets = cyt_project_list_datasets (project, error);
  if (datasets == NULL)
    return FALSE;
  for (guint i = 0; i < datasets->len; i++)
    {
      CytDataset *dataset = datasets->pdata[i];
      gboolean stored;

      if (options->dataset >= 0 && options->dataset != dataset->id)
        continue;
      stored = cyt_project_is_published (project); /* nothing to count there: the reading says why */
      if (!stored && !cyt_project_has_threshold (project, dataset->id, options->threshold, &stored, error))
        return FALSE;
      if (!stored)
        g_ptr_array_add (missing, dataset);
    }
  return missing->len == 0 || count (self, project, missing, options->threshold, error);
}
