/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "train/cyt-train-state.h"

static gboolean
weights_init (CytTrainWeights *w, gsize d_in, gsize d_sae)
{
  w->w_enc = g_try_new0 (float, d_sae * d_in);
  w->b_enc = g_try_new0 (float, d_sae);
  w->w_dec = g_try_new0 (float, d_sae * d_in);
  w->b_dec = g_try_new0 (float, d_in);
  w->theta = g_try_new0 (float, d_sae);
  return w->w_enc != NULL && w->b_enc != NULL && w->w_dec != NULL && w->b_dec != NULL && w->theta != NULL;
}

static void
weights_clear (CytTrainWeights *w)
{
  g_free (w->w_enc);
  g_free (w->b_enc);
  g_free (w->w_dec);
  g_free (w->b_dec);
  g_free (w->theta);
}

CytTrainState *
cyt_train_state_new (gsize d_in, gsize d_sae)
{
  CytTrainState *self = g_new0 (CytTrainState, 1);

  self->d_in = d_in;
  self->d_sae = d_sae;
  self->since_fired = g_try_new0 (guint32, d_sae);
  if (weights_init (&self->w, d_in, d_sae) && weights_init (&self->m, d_in, d_sae)
      && weights_init (&self->v, d_in, d_sae) && self->since_fired != NULL)
    return self;
  cyt_train_state_free (self);
  return NULL;
}

void
cyt_train_state_free (CytTrainState *self)
{
  if (self == NULL)
    return;
  weights_clear (&self->w);
  weights_clear (&self->m);
  weights_clear (&self->v);
  g_free (self->since_fired);
  g_free (self);
}
