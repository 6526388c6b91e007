/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "model/cyt-cell-latents.h"

#define ENTRY_SIZE (1 + sizeof (float)) /* stored bytes of one active patch */

GBytes *
cyt_sparse_map_to_bytes (const CytSparseMap *self)
{
  gsize size = self->n * ENTRY_SIZE;
  guint8 *data = g_malloc (MAX (size, 1));

  g_assert (self->n <= CYT_N_PATCHES);
  memcpy (data, self->patch, self->n);
  for (guint i = 0; i < self->n; i++)
    {
      guint32 bits;

      memcpy (&bits, &self->value[i], sizeof bits);
      bits = GUINT32_TO_LE (bits);
      memcpy (data + self->n + i * sizeof bits, &bits, sizeof bits);
    }
  return g_bytes_new_take (data, size);
}

gboolean
cyt_sparse_map_from_bytes (CytSparseMap *self, gconstpointer data, gsize size)
{
  const guint8 *bytes = data;
  guint n = size / ENTRY_SIZE;

  if (size % ENTRY_SIZE != 0 || size / ENTRY_SIZE > CYT_N_PATCHES)
    return FALSE;
  self->n = n;
  for (guint i = 0; i < n; i++)
    {
      guint32 bits;

      if (i > 0 && bytes[i] <= bytes[i - 1])
        return FALSE;
      self->patch[i] = bytes[i];
      memcpy (&bits, bytes + n + i * sizeof bits, sizeof bits);
      bits = GUINT32_FROM_LE (bits);
      memcpy (&self->value[i], &bits, sizeof bits);
      if (!isfinite (self->value[i]) || !(self->value[i] > 0))
        return FALSE;
    }
  return TRUE;
}

void
cyt_sparse_map_to_dense (const CytSparseMap *self, float *out)
{
  memset (out, 0, CYT_N_PATCHES * sizeof *out);
  for (guint i = 0; i < self->n; i++)
    out[self->patch[i]] = self->value[i];
}

void
cyt_cell_latents_init (CytCellLatents *self)
{
  memset (self, 0, sizeof *self);
}

void
cyt_cell_latents_clear (CytCellLatents *self)
{
  g_free (self->latent);
  g_free (self->score);
  g_free (self->count);
  g_free (self->cls);
  g_free (self->max);
  memset (self, 0, sizeof *self);
}

void
cyt_cell_latents_append (CytCellLatents *self, guint32 latent, float score, guint16 count, float cls, float max)
{
  guint i = self->n;

  if (i == self->n_allocated)
    {
      guint n = MAX (self->n_allocated * 2, 256);

      g_assert (n > self->n_allocated);
      self->latent = g_renew (guint32, self->latent, n);
      self->score = g_renew (float, self->score, n);
      self->count = g_renew (guint16, self->count, n);
      self->cls = g_renew (float, self->cls, n);
      self->max = g_renew (float, self->max, n);
      self->n_allocated = n;
    }
  self->latent[i] = latent;
  self->score[i] = score;
  self->count[i] = count;
  self->cls[i] = cls;
  self->max[i] = max;
  self->n = i + 1;
}
