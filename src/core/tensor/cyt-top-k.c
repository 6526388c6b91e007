/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "tensor/cyt-top-k.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define KERNEL __attribute__ ((target_clones ("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif

/* Numbers that are looked at together: among so many there is seldom one above the bar. */
#define GROUP 32

/* Where x, or its magnitude, is above the bar. */
static inline __attribute__ ((always_inline)) gsize
find (guint32 *restrict where, const float *restrict x, gsize n, float bar, gboolean magnitude)
{
  gsize n_found = 0;

  for (gsize first = 0; first < n; first += GROUP)
    {
      gsize end = MIN (n, first + GROUP);
      guint32 any = end - first < GROUP;

      for (gsize c = first; c < first + GROUP && end - first == GROUP; c++)
        any |= (magnitude ? fabsf (x[c]) : x[c]) > bar;
      for (gsize c = first; any && c < end; c++)
        {
          where[n_found] = (guint32) c;
          n_found += (magnitude ? fabsf (x[c]) : x[c]) > bar;
        }
    }
  return n_found;
}

KERNEL gsize
cyt_find_above (guint32 *where, const float *x, gsize n, float bar)
{
  return find (where, x, n, bar, FALSE);
}

KERNEL gsize
cyt_find_nonzero (guint32 *where, const float *x, gsize n)
{
  return find (where, x, n, 0, TRUE);
}

/* Whether @a gives way before @b. */
static gboolean
is_less (const CytTopEntry *a, const CytTopEntry *b)
{
  return a->value < b->value || (a->value == b->value && a->latent > b->latent);
}

static void
sift_down (CytTopEntry *heap, gsize n, CytTopEntry entry)
{
  gsize i = 0;

  for (gsize child = 1; child < n; child = 2 * i + 1)
    {
      if (child + 1 < n && is_less (&heap[child + 1], &heap[child]))
        child++;
      if (!is_less (&heap[child], &entry))
        break;
      heap[i] = heap[child];
      i = child;
    }
  heap[i] = entry;
}

static void
sift_up (CytTopEntry *heap, gsize i, CytTopEntry entry)
{
  while (i > 0 && is_less (&entry, &heap[(i - 1) / 2]))
    {
      heap[i] = heap[(i - 1) / 2];
      i = (i - 1) / 2;
    }
  heap[i] = entry;
}

gsize
cyt_top_k_add (CytTopEntry *heap, gsize n_heap, gsize k, const float *x, gsize n, guint32 first, guint32 *scratch)
{
  gsize n_found = cyt_find_above (scratch, x, n, n_heap == k ? heap[0].value : 0);

  for (gsize i = 0; i < n_found; i++)
    {
      CytTopEntry entry = { x[scratch[i]], first + scratch[i] };

      if (n_heap < k)
        sift_up (heap, n_heap++, entry);
      else if (is_less (&heap[0], &entry))
        sift_down (heap, k, entry);
    }
  return n_heap;
}

static int
compare_latents (gconstpointer a, gconstpointer b)
{
  const CytTopEntry *x = a, *y = b;

  return x->latent < y->latent ? -1 : x->latent > y->latent;
}

void
cyt_top_k_sort (CytTopEntry *entries, gsize n)
{
  qsort (entries, n, sizeof *entries, compare_latents);
}
