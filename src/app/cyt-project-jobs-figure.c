/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "cyt-project-jobs-figure.h"

CytFigureState *
cyt_figure_state_new (const char *path, CytModelStore *store)
{
  CytFigureState *self = g_new0 (CytFigureState, 1);

  self->path = g_strdup (path);
  self->store = cyt_model_store_ref (store);
  return self;
}

static void
forget (CytFigureState *self)
{
  g_clear_pointer (&self->figure, cyt_figure_free);
  g_clear_pointer (&self->choice, cyt_figure_choice_free);
}

void
cyt_figure_state_free (CytFigureState *self)
{
  forget (self);
  g_clear_pointer (&self->project, cyt_project_close);
  cyt_model_store_unref (self->store);
  g_free (self->path);
  g_free (self);
}

void
cyt_figure_request_free (CytFigureRequest *self)
{
  cyt_figure_choice_free (self->choice);
  g_free (self->path);
  g_free (self);
}

void
cyt_figure_view_free (CytFigureView *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->texture);
  g_free (self->caption);
  g_free (self);
}

static const CytFigure *
get_figure (CytFigureState *self, const CytFigureRequest *request, GCancellable *cancellable, GError **error)
{
  if (self->figure != NULL && cyt_figure_choice_equal (self->choice, request->choice))
    return self->figure;
  forget (self);
  if (self->project == NULL && (self->project = cyt_project_open (self->path, CYT_PROJECT_READ_ONLY, error)) == NULL)
    return NULL;
  self->figure = cyt_figure_choice_make (request->choice, self->project, self->store, cancellable, error);
  if (self->figure != NULL)
    self->choice = cyt_figure_choice_copy (request->choice);
  return self->figure;
}

/* The pixels of an RGB24 surface, whose fourth byte means nothing. (transfer full) */
static GdkTexture *
create_texture (cairo_surface_t *surface)
{
  int width = cairo_image_surface_get_width (surface), height = cairo_image_surface_get_height (surface);
  gsize stride = (gsize) cairo_image_surface_get_stride (surface);
  guint8 *pixels;
  g_autoptr (GBytes) bytes = NULL;

  cairo_surface_flush (surface);
  pixels = g_memdup2 (cairo_image_surface_get_data (surface), stride * (gsize) height);
  for (gsize i = 0; i + 4 <= stride * (gsize) height; i += 4)
    {
      guint32 pixel;

      memcpy (&pixel, pixels + i, 4);
      pixel |= 0xff000000;
      memcpy (pixels + i, &pixel, 4);
    }
  bytes = g_bytes_new_take (pixels, stride * (gsize) height);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, stride);
}

gpointer
cyt_project_job_draw_figure (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytFigureRequest *request = data;
  const CytFigure *figure = get_figure (state, request, cancellable, error);
  cairo_surface_t *surface
    = figure != NULL && !g_cancellable_set_error_if_cancelled (cancellable, error)
    ? cyt_figure_render (figure, &request->layout, request->scale, error) : NULL;
  CytFigureView *view;

  if (surface == NULL)
    return NULL;
  view = g_new0 (CytFigureView, 1);
  view->texture = create_texture (surface);
  view->caption = g_strdup (figure->caption);
  view->height = cyt_figure_get_height (figure, &request->layout) * 25.4 / 72;
  cairo_surface_destroy (surface);
  return view;
}

gpointer
cyt_project_job_write_figure (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytFigureRequest *request = data;
  const CytFigure *figure = get_figure (state, request, cancellable, error);

  return GINT_TO_POINTER (figure != NULL && cyt_figure_write (figure, &request->layout, request->path, error));
}
