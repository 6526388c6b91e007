/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "analysis/cyt-dictionary.h"
#include "io/cyt-error.h"

CytDictionary *
cyt_dictionary_new (const char *name, CytSae *sae, const float *w_dec, const float *b_dec)
{
  CytDictionary *self = g_new0 (CytDictionary, 1);
  const CytSaeConfig *config = cyt_sae_get_config (sae);

  self->name = g_strdup (name);
  self->sae = sae;
  self->n = config->d_sae;
  self->d = config->d_in;
  self->w_dec = g_memdup2 (w_dec, self->n * self->d * sizeof *w_dec);
  self->b_dec = g_new0 (float, self->d);
  if (b_dec != NULL)
    memcpy (self->b_dec, b_dec, self->d * sizeof *b_dec);
  return self;
}

CytDictionary *
cyt_dictionary_load (const char *path, GError **error)
{
  g_autoptr (CytDictionary) self = g_new0 (CytDictionary, 1);
  g_autoptr (CytSaeDecoder) decoder = NULL;
  const CytSaeConfig *config;

  self->name = g_strdup ("sae");
  self->sae = cyt_sae_load (path, error);
  if (self->sae == NULL || (decoder = cyt_sae_decoder_open (path, error)) == NULL)
    return NULL;
  config = cyt_sae_get_config (self->sae);
  if (config->d_sae != cyt_sae_decoder_get_config (decoder)->d_sae || config->d_in != cyt_sae_decoder_get_config (decoder)->d_in)
    {
      g_autofree char *display = g_filename_display_name (path);

      g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_MISMATCH, "%s: changed while it was read", display);
      return NULL;
    }
  self->n = config->d_sae;
  self->d = config->d_in;
  self->w_dec = g_try_new (float, self->n * self->d);
  self->b_dec = g_new (float, self->d);
  if (self->w_dec == NULL)
    {
      g_autofree char *display = g_filename_display_name (path);

      g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_TOO_LARGE, "%s: not enough memory for tensor W_dec",
                   display);
      return NULL;
    }
  if (!cyt_sae_decoder_read_all (decoder, self->w_dec, self->b_dec, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
cyt_dictionary_free (CytDictionary *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  cyt_sae_free (self->sae);
  g_free (self->w_dec);
  g_free (self->b_dec);
  g_free (self);
}
