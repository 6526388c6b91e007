/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "analysis/cyt-decoder-map.h"
#include "analysis/cyt-pca.h"
#include "io/cyt-error.h"
#include "model/cyt-sae.h"
#include "project/cyt-model-store.h"

static gboolean
read_rows (gpointer user_data, gsize first, gsize n, float *out, GError **error)
{
  return cyt_sae_decoder_read (user_data, first, n, out, error);
}

CytProjection *
cyt_decoder_map_compute (const char *path, const char *sha256, gsize d_sae, const char *method,
                         GCancellable *cancellable, GError **error)
{
  g_autofree char *found = NULL;
  g_autoptr (CytSaeDecoder) decoder = NULL;
  g_autoptr (CytPca) pca = NULL;
  g_autoptr (CytProjection) result = NULL;
  const CytSaeConfig *config;

  g_return_val_if_fail (g_str_equal (method, CYT_DECODER_MAP_PCA), NULL);

  if ((found = cyt_model_find ("sae", path, sha256, error)) == NULL
      || !cyt_model_verify ("sae", found, sha256, cancellable, error)
      || (decoder = cyt_sae_decoder_open (found, error)) == NULL)
    return NULL;
  config = cyt_sae_decoder_get_config (decoder);
  if (config->d_sae != d_sae || config->d_in < 2)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
                   "%s: W_dec is (%" G_GSIZE_FORMAT ", %" G_GSIZE_FORMAT "); expected %" G_GSIZE_FORMAT
                   " rows of at least 2 numbers", found, config->d_sae, config->d_in, d_sae);
      return NULL;
    }
  pca = cyt_pca_fit (read_rows, decoder, d_sae, config->d_in, 2, cancellable, error);
  if (pca == NULL)
    return NULL;
  result = cyt_projection_new (method, d_sae);
  memcpy (result->share, pca->share, sizeof result->share);
  if (!cyt_pca_project (pca, read_rows, decoder, d_sae, result->xy, cancellable, error))
    return NULL;
  return g_steal_pointer (&result);
}
