/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "train/cyt-train-recipe.h"

const char *
cyt_train_variant_get_name (CytTrainVariant variant)
{
  static const char *const names[] = { "relu", "topk", "batchtopk", "jumprelu", "matryoshka" };

  G_STATIC_ASSERT (G_N_ELEMENTS (names) == CYT_N_TRAIN_VARIANTS);
  g_assert (variant < CYT_N_TRAIN_VARIANTS);
  return names[variant];
}

gboolean
cyt_train_variant_from_name (const char *name, CytTrainVariant *variant)
{
  for (guint i = 0; i < CYT_N_TRAIN_VARIANTS; i++)
    if (g_str_equal (name, cyt_train_variant_get_name (i)))
      {
        *variant = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
cyt_train_variant_has_k (CytTrainVariant variant)
{
  return variant == CYT_TRAIN_TOPK || variant == CYT_TRAIN_BATCH_TOPK || variant == CYT_TRAIN_MATRYOSHKA;
}

static gboolean
complete_k (CytTrainRecipe *recipe, gsize d_in, gsize d_sae, GError **error)
{
  if (!cyt_train_variant_has_k (recipe->variant))
    {
      recipe->k = recipe->aux_k = 0;
      recipe->aux_weight = 0;
      return TRUE;
    }
  if (recipe->k < 1 || recipe->k > MIN (d_sae, CYT_TRAIN_MAX_K))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "k is %" G_GSIZE_FORMAT "; of %" G_GSIZE_FORMAT " latents 1 to %" G_GSIZE_FORMAT " can be kept", recipe->k,
                   d_sae, MIN (d_sae, CYT_TRAIN_MAX_K));
      return FALSE;
    }
  if (recipe->aux_weight == 0)
    recipe->aux_k = 0;
  else if (recipe->aux_k == 0)
    recipe->aux_k = (gsize) exp2 (round (log2 (MAX (2, d_in) / 2.0)));
  return TRUE;
}

static gboolean
complete_prefixes (CytTrainRecipe *recipe, gsize d_sae, GError **error)
{
  static const guint published[] = { 1, 3, 7, 15, 32 }; /* 32nds */
  gsize last = 0;

  if (recipe->variant != CYT_TRAIN_MATRYOSHKA)
    {
      recipe->n_prefixes = 1;
      recipe->prefixes[0] = d_sae;
      return TRUE;
    }
  if (recipe->n_prefixes == 0)
    for (guint i = 0; i < G_N_ELEMENTS (published); i++)
      {
        gsize prefix = d_sae * published[i] / 32;

        if (prefix > last)
          recipe->prefixes[recipe->n_prefixes++] = last = prefix;
      }
  last = 0;
  for (guint i = 0; i < recipe->n_prefixes; last = recipe->prefixes[i++])
    if (recipe->prefixes[i] <= last)
      {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                     "prefixes have to grow: %" G_GSIZE_FORMAT " comes after %" G_GSIZE_FORMAT, recipe->prefixes[i], last);
        return FALSE;
      }
  if (last == d_sae)
    return TRUE;
  if (last < d_sae && recipe->n_prefixes < CYT_TRAIN_MAX_PREFIXES)
    {
      recipe->prefixes[recipe->n_prefixes++] = d_sae;
      return TRUE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               "prefixes end at %" G_GSIZE_FORMAT "; there are %" G_GSIZE_FORMAT " latents", last, d_sae);
  return FALSE;
}

gboolean
cyt_train_recipe_complete (CytTrainRecipe *recipe, gsize d_in, gsize d_sae, GError **error)
{
  if (recipe->variant != CYT_TRAIN_RELU)
    {
      recipe->l1 = 0;
      recipe->ghost = FALSE;
    }
  if (recipe->variant != CYT_TRAIN_JUMPRELU)
    recipe->l0 = recipe->bandwidth = recipe->threshold = 0;
  return complete_k (recipe, d_in, d_sae, error) && complete_prefixes (recipe, d_sae, error);
}
