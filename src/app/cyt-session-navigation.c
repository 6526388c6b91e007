/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-session-private.h"

/* Steps that "back" can take. */
#define N_HISTORY 100

typedef struct
{
  const char *view;
  gint64 latent;
} Place;

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
  self->view = view;
  cyt_session_notify (self, CYT_SESSION_PROP_VIEW);
}

void
cyt_session_show_latent (CytSession *self, guint latent)
{
  Place here;

  g_return_if_fail (CYT_IS_SESSION (self) && latent < cyt_latent_model_get_n_latents (self->latents));

  here = (Place) { self->view, cyt_latent_model_get_selected (self->latents) };
  if (here.view == g_intern_static_string (CYT_VIEW_CONCEPTS) && here.latent == latent)
    return;
  if (self->places->len == N_HISTORY)
    g_array_remove_index (self->places, 0);
  g_array_append_val (self->places, here);
  cyt_latent_model_set_selected (self->latents, latent);
  cyt_session_set_view (self, CYT_VIEW_CONCEPTS);
  cyt_session_notify (self, CYT_SESSION_PROP_CAN_GO_BACK);
}

void
cyt_session_go_back (CytSession *self)
{
  Place place;

  g_return_if_fail (CYT_IS_SESSION (self));

  if (self->places->len == 0)
    return;
  place = g_array_index (self->places, Place, self->places->len - 1);
  g_array_set_size (self->places, self->places->len - 1);
  cyt_latent_model_set_selected (self->latents, place.latent);
  cyt_session_set_view (self, place.view);
  cyt_session_notify (self, CYT_SESSION_PROP_CAN_GO_BACK);
}

void
cyt_session_navigation_init (CytSession *self)
{
  self->view = g_intern_static_string (CYT_VIEW_CONCEPTS);
  self->places = g_array_new (FALSE, FALSE, sizeof (Place));
}

void
cyt_session_navigation_finalize (CytSession *self)
{
  g_array_unref (self->places);
}
