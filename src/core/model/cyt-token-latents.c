/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "model/cyt-token-latents.h"

/* The SAE hands over latent by latent; the result lies token by token. */
typedef struct
{
  guint32 latent;
  guint32 token;
  float value;
} Entry;

typedef struct
{
  GArray *maps;           /* of Entry, patches only, by latent */
  gsize n[CYT_N_TOKENS];  /* entries of each token */
} Collected;

static void
collect_map (const CytSparseMap *map, gpointer user_data)
{
  Collected *collected = user_data;

  for (guint i = 0; i < map->n; i++)
    {
      Entry entry = { map->latent, 1 + map->patch[i], map->value[i] };

      g_array_append_val (collected->maps, entry);
      collected->n[entry.token]++;
    }
}

static void
put (CytTokenLatents *self, gsize *next, guint token, guint32 latent, float value)
{
  self->latent[next[token]] = latent;
  self->value[next[token]++] = value;
}

/* Entries come by latent, so that those of each token end up ascending. */
static void
sort_by_token (CytTokenLatents *self, const Collected *collected)
{
  gsize next[CYT_N_TOKENS];

  for (gsize t = 0; t < CYT_N_TOKENS; t++)
    {
      next[t] = self->start[t];
      self->start[t + 1] = self->start[t] + collected->n[t];
    }
  self->latent = g_new (guint32, self->start[CYT_N_TOKENS]);
  self->value = g_new (float, self->start[CYT_N_TOKENS]);
  for (guint i = 0; i < self->cell.n; i++)
    if (self->cell.cls[i] > 0)
      put (self, next, 0, self->cell.latent[i], self->cell.cls[i]);
  for (guint i = 0; i < collected->maps->len; i++)
    {
      const Entry *entry = &g_array_index (collected->maps, Entry, i);

      put (self, next, entry->token, entry->latent, entry->value);
    }
}

CytTokenLatents *
cyt_token_latents_new (const CytSae *sae, CytSaeWorkspace *ws, const float *tokens, float tau)
{
  CytTokenLatents *self = g_new0 (CytTokenLatents, 1);
  g_autofree float *map_above = g_new0 (float, cyt_sae_get_config (sae)->d_sae); /* a map of each latent */
  g_autoptr (GArray) maps = g_array_new (FALSE, FALSE, sizeof (Entry));
  Collected collected = { .maps = maps };

  cyt_cell_latents_init (&self->cell);
  cyt_sae_run (sae, ws, &self->cell, tokens, tau, map_above, collect_map, &collected);
  for (guint i = 0; i < self->cell.n; i++)
    collected.n[0] += self->cell.cls[i] > 0;
  sort_by_token (self, &collected);
  return self;
}

CytTokenLatents *
cyt_token_latents_compute (const CytEncoder *encoder, const CytSae *sae, int block, float tau, const CytImage *image,
                           GError **error)
{
  g_autoptr (CytEncoderWorkspace) encoder_ws = NULL;
  g_autoptr (CytSaeWorkspace) sae_ws = NULL;
  g_autofree guint8 *pixels = NULL;
  g_autofree float *tokens = NULL;
  gsize n_blocks_to_run;

  if (!cyt_sae_check_encoder (sae, encoder, error)
      || !cyt_encoder_resolve_block (encoder, block, &n_blocks_to_run, error))
    return NULL;
  pixels = g_new (guint8, CYT_IMAGE_SIZE * CYT_IMAGE_SIZE * 3);
  tokens = g_new (float, CYT_N_TOKENS * cyt_encoder_get_config (encoder)->d);
  cyt_image_preprocess (image, pixels);
  encoder_ws = cyt_encoder_workspace_new (encoder);
  cyt_encoder_run (encoder, encoder_ws, tokens, pixels, n_blocks_to_run);
  sae_ws = cyt_sae_workspace_new (sae);
  return cyt_token_latents_new (sae, sae_ws, tokens, tau);
}

void
cyt_token_latents_free (CytTokenLatents *self)
{
  if (self == NULL)
    return;
  cyt_cell_latents_clear (&self->cell);
  g_free (self->latent);
  g_free (self->value);
  g_free (self);
}

gsize
cyt_token_latents_get_n_bytes (const CytTokenLatents *self)
{
  const CytCellLatents *c = &self->cell;

  return sizeof *self + self->start[CYT_N_TOKENS] * (sizeof *self->latent + sizeof *self->value)
         + c->n_allocated * (sizeof *c->latent + sizeof *c->score + sizeof *c->count + sizeof *c->cls + sizeof *c->max);
}

float
cyt_token_latents_get (const CytTokenLatents *self, guint token, guint32 latent)
{
  gsize low, high;

  g_return_val_if_fail (token < CYT_N_TOKENS, 0);

  for (low = self->start[token], high = self->start[token + 1]; low < high;)
    {
      gsize middle = low + (high - low) / 2;

      if (self->latent[middle] == latent)
        return self->value[middle];
      if (self->latent[middle] < latent)
        low = middle + 1;
      else
        high = middle;
    }
  return 0;
}

void
cyt_token_latents_get_map (const CytTokenLatents *self, guint32 latent, CytSparseMap *map)
{
  map->latent = latent;
  map->n = 0;
  for (guint p = 0; p < CYT_N_PATCHES; p++)
    {
      float value = cyt_token_latents_get (self, 1 + p, latent);

      if (value > 0)
        {
          map->patch[map->n] = p;
          map->value[map->n++] = value;
        }
    }
}

static int
compare_ranked (gconstpointer a, gconstpointer b)
{
  const CytRankedLatent *x = a, *y = b;

  if (x->value != y->value)
    return x->value < y->value ? 1 : -1;
  return x->latent < y->latent ? -1 : x->latent > y->latent;
}

static GArray *
rank (const guint32 *latent, const float *value, gsize n)
{
  GArray *ranked = g_array_sized_new (FALSE, FALSE, sizeof (CytRankedLatent), n);

  for (gsize i = 0; i < n; i++)
    {
      CytRankedLatent entry = { latent[i], value[i] };

      g_array_append_val (ranked, entry);
    }
  g_array_sort (ranked, compare_ranked);
  return ranked;
}

GArray *
cyt_token_latents_rank_token (const CytTokenLatents *self, guint token)
{
  g_return_val_if_fail (token < CYT_N_TOKENS, NULL);

  return rank (self->latent + self->start[token], self->value + self->start[token],
               self->start[token + 1] - self->start[token]);
}

GArray *
cyt_token_latents_rank_cell (const CytTokenLatents *self)
{
  return rank (self->cell.latent, self->cell.score, self->cell.n);
}
