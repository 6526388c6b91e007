/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "index/cyt-top-lists.h"

#define N_ENTROPY 10 /* METHODS §3: the class concentration is that of the best ten */

struct _CytTopLists
{
  gsize d_sae;
  guint m;
  CytTopEntry *entries; /* (d_sae, m) best first, the first n[latent] of each row used */
  guint *n;             /* (d_sae) */
  float *bar;           /* (d_sae) */
};

CytTopLists *
cyt_top_lists_new (gsize d_sae, guint m)
{
  CytTopLists *self = g_new0 (CytTopLists, 1);
  gsize n;

  g_assert (m > 0 && g_size_checked_mul (&n, d_sae, m));
  self->d_sae = d_sae;
  self->m = m;
  self->entries = g_new0 (CytTopEntry, n);
  self->n = g_new0 (guint, d_sae);
  self->bar = g_new0 (float, d_sae);
  return self;
}

void
cyt_top_lists_free (CytTopLists *self)
{
  if (self == NULL)
    return;
  g_free (self->entries);
  g_free (self->n);
  g_free (self->bar);
  g_free (self);
}

static gboolean
entry_is_before (float score, guint32 cell, const CytTopEntry *b)
{
  return score > b->score || (score == b->score && cell < b->cell);
}

gboolean
cyt_top_lists_offer (CytTopLists *self, gsize latent, float score, guint32 cell, gint64 *evicted_cell)
{
  CytTopEntry *entries = self->entries + latent * self->m;
  guint n = self->n[latent];
  guint at;

  g_assert (latent < self->d_sae && score > 0);
  if (evicted_cell)
    *evicted_cell = -1;
  if (n == self->m)
    {
      if (!entry_is_before (score, cell, &entries[n - 1]))
        return FALSE;
      if (evicted_cell)
        *evicted_cell = entries[n - 1].cell;
      n--;
    }
  for (at = n; at > 0 && entry_is_before (score, cell, &entries[at - 1]); at--)
    ;
  memmove (entries + at + 1, entries + at, (n - at) * sizeof *entries);
  entries[at] = (CytTopEntry) { .score = score, .cell = cell };
  self->n[latent] = n + 1;
  /* atomic: the workers that compute cells read it meanwhile; an old, lower bar only costs a map */
  if (n + 1 == self->m)
    __atomic_store (&self->bar[latent], &entries[n].score, __ATOMIC_RELAXED);
  return TRUE;
}

const CytTopEntry *
cyt_top_lists_get (const CytTopLists *self, gsize latent, guint *n)
{
  g_assert (latent < self->d_sae);
  *n = self->n[latent];
  return self->entries + latent * self->m;
}

const float *
cyt_top_lists_get_bar (const CytTopLists *self)
{
  return self->bar;
}

gboolean
cyt_top_lists_get_entropy (const CytTopLists *self, gsize latent, const gint32 *labels, double *entropy,
                           double *purity, gint32 *majority)
{
  struct { gint32 label; double sum; } classes[N_ENTROPY];
  guint n, n_classes = 0;
  const CytTopEntry *entries = cyt_top_lists_get (self, latent, &n);
  double total = 0, h = 0;
  guint best = 0;

  if (n < N_ENTROPY)
    return FALSE;
  for (guint i = 0; i < N_ENTROPY; i++)
    {
      gint32 label = labels[entries[i].cell];
      guint c;

      if (label < 0)
        return FALSE;
      for (c = 0; c < n_classes && classes[c].label != label; c++)
        ;
      if (c == n_classes)
        {
          classes[n_classes].label = label;
          classes[n_classes++].sum = 0;
        }
      classes[c].sum += entries[i].score;
      total += entries[i].score;
    }
  for (guint c = 0; c < n_classes; c++)
    {
      double p = classes[c].sum / total;

      h -= p * log (p);
      if (classes[c].sum > classes[best].sum
          || (classes[c].sum == classes[best].sum && classes[c].label < classes[best].label))
        best = c;
    }
  *entropy = MAX (h, 0);
  *purity = classes[best].sum / total;
  *majority = classes[best].label;
  return TRUE;
}
