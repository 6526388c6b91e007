/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "figures/cyt-concepts-figure.h"

#include "cyt-session-figure.h"
#include "cyt-session-private.h"

static CytWorker *
get_figures (CytSession *self)
{
  if (self->figures == NULL)
    self->figures = cyt_worker_new ("figures", cyt_figure_state_new (self->path, self->model_store),
                                    (GDestroyNotify) cyt_figure_state_free);
  return self->figures;
}

/* ---- What can be drawn ---- */

static void
add_latents (CytSession *self, CytFigureChoice *choice)
{
  gint64 selected = cyt_latent_model_get_selected (self->latents);
  g_autoptr (GArray) marked = cyt_latent_model_list_marked (self->latents);

  if (marked->len > 1)
    g_array_append_vals (choice->latents, marked->data, MIN (marked->len, CYT_CONCEPTS_FIGURE_MAX_LATENTS));
  else if (selected >= 0)
    g_array_append_val (choice->latents, ((guint32[]){ (guint32) selected })[0]);
}

static void
add_cell (CytSession *self, CytFigureChoice *choice)
{
  CytInspection *inspection = cyt_session_get_inspection (self);
  const CytCellFacts *facts = inspection != NULL ? cyt_inspection_get_facts (inspection) : NULL;

  if (facts != NULL)
    {
      choice->cell = g_strdup (facts->cell->path);
      choice->dataset = facts->dataset->id;
      choice->pixel_size = facts->dataset->pixel_size;
      g_free (choice->dataset_name);
      choice->dataset_name = g_strdup (facts->dataset->name);
    }
  else if (inspection != NULL)
    choice->image = g_strdup (cyt_inspection_get_path (inspection));
}

CytFigureChoice *
cyt_session_create_figure_choice (CytSession *self, CytFigureKind kind)
{
  CytFigureChoice *choice = cyt_figure_choice_new (kind);
  const CytDataset *dataset = cyt_session_get_dataset (self);

  choice->opened = g_get_monotonic_time ();
  choice->dataset = dataset->id;
  choice->dataset_name = g_strdup (dataset->name);
  choice->pixel_size = dataset->pixel_size;
  choice->overlay = (CytOverlayStyle){
    .mode = cyt_session_get_overlay_mode (self),
    .colormap = cyt_session_get_colormap (self),
    .opacity = cyt_session_get_opacity (self),
  };
  if (kind == CYT_FIGURE_CONCEPTS)
    {
      add_latents (self, choice);
      if (choice->latents->len == 1 && cyt_session_get_shared_scale (self))
        choice->overlay.scale_max = (float) cyt_session_get_scale_max (self);
    }
  else if (kind == CYT_FIGURE_CELL)
    add_cell (self, choice);
  return choice;
}

GPtrArray *
cyt_session_list_figure_choices (CytSession *self)
{
  GPtrArray *choices = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_figure_choice_free);
  CytInspection *inspection = cyt_session_get_inspection (self);
  gboolean map_first = inspection == NULL && g_str_equal (self->view, CYT_VIEW_MAP);

  if (inspection != NULL && !cyt_session_is_published (self) && cyt_inspection_get_path (inspection) != NULL)
    g_ptr_array_add (choices, cyt_session_create_figure_choice (self, CYT_FIGURE_CELL));
  if (map_first)
    g_ptr_array_add (choices, cyt_session_create_figure_choice (self, CYT_FIGURE_MAP));
  if (cyt_latent_model_get_selected (self->latents) >= 0)
    g_ptr_array_add (choices, cyt_session_create_figure_choice (self, CYT_FIGURE_CONCEPTS));
  if (!map_first)
    g_ptr_array_add (choices, cyt_session_create_figure_choice (self, CYT_FIGURE_MAP));
  return choices;
}

/* ---- Drawing and writing ---- */

static CytFigureRequest *
request_new (const CytFigureChoice *choice, const CytFigureLayout *layout)
{
  CytFigureRequest *request = g_new0 (CytFigureRequest, 1);

  request->choice = cyt_figure_choice_copy (choice);
  request->layout = *layout;
  return request;
}

static gpointer
finish (GAsyncResult *result, GError **error)
{
  g_autoptr (CytWorker) worker = CYT_WORKER (g_async_result_get_source_object (result));

  return cyt_worker_run_finish (worker, result, error);
}

void
cyt_session_draw_figure_async (CytSession *self, const CytFigureChoice *choice, const CytFigureLayout *layout, double scale,
                               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  CytFigureRequest *request = request_new (choice, layout);

  request->scale = scale;
  cyt_worker_run_async (get_figures (self), cyt_project_job_draw_figure, request, (GDestroyNotify) cyt_figure_request_free,
                        (GDestroyNotify) cyt_figure_view_free, G_PRIORITY_DEFAULT, cyt_session_draw_figure_async, cancellable,
                        callback, user_data);
}

CytFigureView *
cyt_session_draw_figure_finish (GAsyncResult *result, GError **error)
{
  return finish (result, error);
}

void
cyt_session_write_figure_async (CytSession *self, const CytFigureChoice *choice, const CytFigureLayout *layout,
                                const char *path, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  CytFigureRequest *request = request_new (choice, layout);

  request->path = g_strdup (path);
  cyt_worker_run_async (get_figures (self), cyt_project_job_write_figure, request, (GDestroyNotify) cyt_figure_request_free,
                        NULL, G_PRIORITY_DEFAULT, cyt_session_write_figure_async, cancellable, callback, user_data);
}

gboolean
cyt_session_write_figure_finish (GAsyncResult *result, GError **error)
{
  return finish (result, error) != NULL;
}
