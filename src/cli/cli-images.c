/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-images.h"
#include "cli-options.h"

CytImageList *
cli_images_open (char **args, const char *const *outputs, GError **error)
{
  g_autoptr (CytImageList) list = cyt_image_list_new ((const char *const *) args, error);

  if (list == NULL)
    return NULL;
  for (gsize k = 0; outputs[k] != NULL; k++)
    {
      /* Only a file that exists can be one of those that are read. */
      if (!g_file_test (outputs[k], G_FILE_TEST_EXISTS))
        continue;
      if (!cli_check_output (outputs[k], (const char *const *) args, error))
        return NULL;
      for (gsize i = 0; i < cyt_image_list_get_n_items (list); i++)
        {
          g_autofree char *path = cyt_image_list_dup_path (list, i);

          if (!cli_check_output (outputs[k], (const char *const[]) { path, NULL }, error))
            return NULL;
        }
    }
  return g_steal_pointer (&list);
}

typedef struct
{
  CytPipelineSink sink;
  gpointer user_data;
  CytProgress *progress;
} Run;

static gboolean
take_result (CytPipelineResult *result, gpointer user_data, GError **error)
{
  Run *run = user_data;

  if (result->error != NULL)
    {
      g_propagate_error (error, g_error_copy (result->error));
      return FALSE;
    }
  if (!run->sink (result, run->user_data, error))
    return FALSE;
  cyt_progress_advance (run->progress, 1, 0);
  return TRUE;
}

gboolean
cli_images_run (const CytImageList *list, const CytPipelineOptions *options, CytPipelineSink sink, gpointer user_data,
                CliProgress *progress, GError **error)
{
  Run run = { sink, user_data, cli_progress_get_progress (progress) };

  cyt_progress_start (run.progress, 0, cyt_image_list_get_n_items (list));
  if (cyt_pipeline_run (options, list, take_result, &run, cli_progress_get_cancellable (progress), error))
    return TRUE;
  cli_progress_explain_cancel (error, "interrupted: nothing was written");
  return FALSE;
}
