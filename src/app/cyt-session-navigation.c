/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-session-private.h"

/* Steps that "back" can take. */
#define N_HISTORY 100

typedef struct
{
  const char *view;
  gint64 latent;
  CytInspection *inspection;  /* NULL: none */
} Place;

static void
place_clear (gpointer data)
{
  g_clear_object (&((Place *) data)->inspection);
}

const char *
cyt_session_get_view (CytSession *self)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), NULL);
  return self->view;
}

void
cyt_session_set_view (CytSession *self, const char *view)
{
  g_return_if_fail (CYT_IS_SESSION (self) && view != NULL);

  view = g_intern_string (view);
  if (self->view == view)
    return;
  cyt_session_set_inspection (self, NULL); /* it lies over the page that one came from */
  self->view = view;
  cyt_session_notify (self, CYT_SESSION_PROP_VIEW);
}

void
cyt_session_remember_place (CytSession *self)
{
  Place here = { self->view, cyt_latent_model_get_selected (self->latents), self->inspect.inspection };

  if (here.inspection != NULL)
    g_object_ref (here.inspection);
  if (self->places->len == N_HISTORY)
    g_array_remove_index (self->places, 0);
  g_array_append_val (self->places, here);
  cyt_session_notify (self, CYT_SESSION_PROP_CAN_GO_BACK);
}

void
cyt_session_show_latent (CytSession *self, guint latent)
{
  g_return_if_fail (CYT_IS_SESSION (self) && latent < cyt_latent_model_get_n_latents (self->latents));

  if (self->view == g_intern_static_string (CYT_VIEW_CONCEPTS) && self->inspect.inspection == NULL
      && cyt_latent_model_get_selected (self->latents) == latent)
    return;
  cyt_session_remember_place (self);
  cyt_session_set_inspection (self, NULL);
  cyt_latent_model_set_selected (self->latents, latent);
  cyt_session_set_view (self, CYT_VIEW_CONCEPTS);
}

void
cyt_session_go_back (CytSession *self)
{
  const Place *last;
  g_autoptr (CytInspection) inspection = NULL;

  g_return_if_fail (CYT_IS_SESSION (self));

  if (self->places->len == 0)
    return;
  last = &g_array_index (self->places, Place, self->places->len - 1);
  inspection = last->inspection != NULL ? g_object_ref (last->inspection) : NULL;
  cyt_latent_model_set_selected (self->latents, last->latent);
  cyt_session_set_view (self, last->view);
  cyt_session_set_inspection (self, inspection);
  g_array_set_size (self->places, self->places->len - 1);
  cyt_session_notify (self, CYT_SESSION_PROP_CAN_GO_BACK);
}

void
cyt_session_close_inspection (CytSession *self)
{
  g_return_if_fail (CYT_IS_SESSION (self));

  /* past the cells that one went through to the page where one began */
  while (self->inspect.inspection != NULL && self->places->len > 0)
    cyt_session_go_back (self);
  cyt_session_set_inspection (self, NULL);
}

void
cyt_session_navigation_init (CytSession *self)
{
  self->view = g_intern_static_string (CYT_VIEW_CONCEPTS);
  self->places = g_array_new (FALSE, FALSE, sizeof (Place));
  g_array_set_clear_func (self->places, place_clear);
}

void
cyt_session_navigation_finalize (CytSession *self)
{
  g_array_unref (self->places);
}
