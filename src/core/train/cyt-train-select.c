/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "train/cyt-train-select.h"

/* One that may be among the largest of the batch. */
typedef struct
{
  float value;
  guint32 latent;
  guint32 token;
} Candidate;

struct _CytTrainSelect
{
  gsize k;
  gboolean whole_batch;
  gsize max_tokens;
  gsize n_tokens;
  CytTopEntry *entries;  /* a heap (k) for each token; of a whole batch: token after token */
  gsize *start;          /* (max_tokens) where a token's entries begin */
  gsize *n_entries;      /* (max_tokens) */

  /* Of a whole batch. */
  GMutex mutex;
  Candidate *candidates;
  gsize n_candidates;
  gsize n_alloc;
  float bar;             /* what is below is not among the k · n largest; read without the mutex it may be an older one */
  float smallest;
};

CytTrainSelect *
cyt_train_select_new (gsize k, gboolean whole_batch, gsize max_tokens)
{
  CytTrainSelect *self = g_new0 (CytTrainSelect, 1);

  self->k = k;
  self->whole_batch = whole_batch;
  self->max_tokens = max_tokens;
  self->entries = g_new (CytTopEntry, max_tokens * k);
  self->start = g_new (gsize, max_tokens);
  self->n_entries = g_new (gsize, max_tokens);
  g_mutex_init (&self->mutex);
  return self;
}

void
cyt_train_select_free (CytTrainSelect *self)
{
  if (self == NULL)
    return;
  g_mutex_clear (&self->mutex);
  g_free (self->entries);
  g_free (self->start);
  g_free (self->n_entries);
  g_free (self->candidates);
  g_free (self);
}

void
cyt_train_select_begin (CytTrainSelect *self, gsize n_tokens)
{
  g_return_if_fail (n_tokens <= self->max_tokens);

  self->n_tokens = n_tokens;
  self->n_candidates = 0;
  self->bar = 0;
  self->smallest = 0;
  for (gsize t = 0; t < n_tokens; t++)
    {
      self->start[t] = t * self->k;
      self->n_entries[t] = 0;
    }
}

/* ---- The whole batch ---- */

/* Whether @a is kept rather than @b: a strict order, so that what is kept does not depend on the order of coming. */
static gboolean
is_before (const Candidate *a, const Candidate *b)
{
  if (a->value != b->value)
    return a->value > b->value;
  if (a->latent != b->latent)
    return a->latent < b->latent;
  return a->token < b->token;
}

/* Puts the first @n of candidates (n_all) in front, in any order (C. A. R. Hoare 1961, "Find"). */
static void
put_first (Candidate *candidates, gssize n_all, gssize n)
{
  gssize low = 0, high = n_all - 1;
  guint32 random = 1;

  while (low < high)
    {
      gssize i = low, j = high;
      Candidate pivot;

      random = random * 1664525u + 1013904223u;
      pivot = candidates[low + random % (high - low + 1)];
      while (i <= j)
        {
          Candidate other;

          while (is_before (&candidates[i], &pivot))
            i++;
          while (is_before (&pivot, &candidates[j]))
            j--;
          if (i > j)
            break;
          other = candidates[i];
          candidates[i++] = candidates[j];
          candidates[j--] = other;
        }
      /* low … j come no later than the pivot, i … high no earlier, and between them lies the pivot. */
      if (n <= j)
        high = j;
      else if (n > i)
        low = i;
      else
        return;
    }
}

/* Forgets all but the k · n largest. Called with the mutex. */
static void
prune (CytTrainSelect *self)
{
  gsize n = self->k * self->n_tokens;
  float bar = INFINITY;

  if (self->n_candidates <= n)
    return;
  put_first (self->candidates, self->n_candidates, n);
  self->n_candidates = n;
  for (gsize i = 0; i < n; i++)
    bar = MIN (bar, self->candidates[i].value);
  __atomic_store (&self->bar, &bar, __ATOMIC_RELAXED);
}

static void
add_candidates (CytTrainSelect *self, const float *row, gsize token, guint32 first_latent, const guint32 *where, gsize n)
{
  if (self->n_candidates + n > self->n_alloc)
    {
      self->n_alloc = MAX (self->n_candidates + n, self->n_alloc + self->n_alloc / 2);
      self->candidates = g_renew (Candidate, self->candidates, self->n_alloc);
    }
  for (gsize i = 0; i < n; i++)
    self->candidates[self->n_candidates++] = (Candidate) { row[where[i]], first_latent + where[i], (guint32) token };
}

static void
add_to_batch (CytTrainSelect *self, const float *h, gsize first_token, gsize n_rows, guint32 first_latent, gsize width)
{
  g_autofree gsize *n_found = g_new (gsize, n_rows);
  g_autofree guint32 *found = NULL;
  gsize n = 0, n_alloc = 0;
  float bar;

  __atomic_load (&self->bar, &bar, __ATOMIC_RELAXED);
  if (bar > 0)
    bar = nextafterf (bar, 0); /* one that equals it may belong to a lower latent */
  for (gsize t = 0; t < n_rows; t++)
    {
      if (n + width > n_alloc)
        {
          n_alloc = MAX (n + width, n_alloc + n_alloc / 2);
          found = g_renew (guint32, found, n_alloc);
        }
      n_found[t] = cyt_find_above (found + n, h + t * width, width, bar);
      n += n_found[t];
    }
  if (n == 0)
    return;
  g_mutex_lock (&self->mutex);
  n = 0;
  for (gsize t = 0; t < n_rows; t++)
    {
      add_candidates (self, h + t * width, first_token + t, first_latent, found + n, n_found[t]);
      n += n_found[t];
    }
  if (self->n_candidates > 2 * self->k * self->n_tokens)
    prune (self);
  g_mutex_unlock (&self->mutex);
}

/* Lays the candidates out by token. */
static void
distribute (CytTrainSelect *self)
{
  gsize n = 0;

  for (gsize i = 0; i < self->n_candidates; i++)
    self->n_entries[self->candidates[i].token]++;
  for (gsize t = 0; t < self->n_tokens; t++)
    {
      self->start[t] = n;
      n += self->n_entries[t];
      self->n_entries[t] = 0;
    }
  self->smallest = self->n_candidates > 0 ? INFINITY : 0;
  for (gsize i = 0; i < self->n_candidates; i++)
    {
      const Candidate *c = &self->candidates[i];

      self->entries[self->start[c->token] + self->n_entries[c->token]++] = (CytTopEntry) { c->value, c->latent };
      self->smallest = MIN (self->smallest, c->value);
    }
}

/* ---- Both ---- */

void
cyt_train_select_add (CytTrainSelect *self, const float *h, gsize first_token, gsize n_rows, guint32 first_latent,
                      gsize width)
{
  g_autofree guint32 *scratch = NULL;

  if (self->whole_batch)
    {
      add_to_batch (self, h, first_token, n_rows, first_latent, width);
      return;
    }
  scratch = g_new (guint32, width);
  for (gsize i = 0; i < n_rows; i++)
    {
      gsize t = first_token + i;

      self->n_entries[t] = cyt_top_k_add (self->entries + self->start[t], self->n_entries[t], self->k, h + i * width,
                                          width, first_latent, scratch);
    }
}

void
cyt_train_select_finish (CytTrainSelect *self)
{
  if (!self->whole_batch)
    return;
  prune (self);
  distribute (self);
}

const CytTopEntry *
cyt_train_select_get (CytTrainSelect *self, gsize token, gsize *n)
{
  CytTopEntry *entries = self->entries + self->start[token];

  *n = self->n_entries[token];
  cyt_top_k_sort (entries, *n);
  return entries;
}

float
cyt_train_select_get_smallest (const CytTrainSelect *self)
{
  return self->smallest;
}
