/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-average-precision.h"
#include "analysis/cyt-suggestions.h"
#include "io/cyt-numpy-random.h"

#define N_SHUFFLES CYT_SUGGESTIONS_N_SHUFFLES

void
cyt_suggestions_free (CytSuggestions *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->suggestions);
  g_free (self);
}

/* What an attribute's values are on the cells that are looked at. */
typedef struct
{
  guint number;
  gsize n_values;
  gint32 *classes[2];               /* (n_cells) of each half; −1: of the other, or not known */
  CytPrecisionClasses *halves[2];
  double *bound;                    /* (n_values) */
} Attribute;

typedef struct
{
  CytScoreTable *table;             /* of the cells that are looked at */
  GPtrArray *attributes;            /* of Attribute */
  Attribute *shuffled;              /* being shuffled */
  guint64 seed;
  double *best;                     /* (N_SHUFFLES, n_values) of the attribute */
  GArray **found;                   /* (n_latents) of CytSuggestion */
  CytProgress *progress;
  GCancellable *cancellable;
} Search;

static void
attribute_free (gpointer data)
{
  Attribute *attribute = data;

  for (guint h = 0; h < 2; h++)
    {
      cyt_precision_classes_free (attribute->halves[h]);
      g_free (attribute->classes[h]);
    }
  g_free (attribute->bound);
  g_free (attribute);
}

/* ---- The cells that are looked at ---- */

static gboolean
has_attribute (const GPtrArray *attributes, gsize cell)
{
  for (guint a = 0; a < attributes->len; a++)
    if (g_array_index (((CytImageAttribute *) attributes->pdata[a])->codes, guint16, cell) != CYT_IMAGE_ATTRIBUTE_NONE)
      return TRUE;
  return FALSE;
}

/* Positions of cells with scores and an attribute, no more than CYT_SUGGESTIONS_MAX_CELLS. */
static GArray *
choose_cells (const CytScoreTable *table, const guint8 *known, const GPtrArray *attributes)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (guint32));
  GArray *chosen = g_array_new (FALSE, FALSE, sizeof (guint32));
  gsize n;

  for (guint32 i = 0; i < table->n_cells; i++)
    if (known[i] && has_attribute (attributes, i))
      g_array_append_val (all, i);
  n = MIN (all->len, CYT_SUGGESTIONS_MAX_CELLS);
  for (gsize i = 0; i < n; i++)
    g_array_append_val (chosen, g_array_index (all, guint32, i * all->len / n));
  return chosen;
}

/* The table of the chosen cells alone, numbered anew; the order stays. */
static CytScoreTable *
select_cells (const CytScoreTable *table, const GArray *chosen)
{
  CytScoreTable *selected = g_new0 (CytScoreTable, 1);
  g_autofree guint32 *number = g_new (guint32, table->n_cells + 1);
  gsize n = 0;

  memset (number, 0xff, table->n_cells * sizeof *number);
  for (guint i = 0; i < chosen->len; i++)
    number[g_array_index (chosen, guint32, i)] = i;
  for (gsize i = 0; i < table->start[table->n_latents]; i++)
    n += number[table->cell[i]] != G_MAXUINT32;
  selected->n_latents = table->n_latents;
  selected->n_cells = chosen->len;
  selected->start = g_new0 (gsize, table->n_latents + 1);
  selected->cell = g_new (guint32, n + 1);
  selected->score = g_new (float, n + 1);
  n = 0;
  for (gsize k = 0; k < table->n_latents; k++)
    {
      for (gsize i = table->start[k]; i < table->start[k + 1]; i++)
        if (number[table->cell[i]] != G_MAXUINT32)
          {
            selected->cell[n] = number[table->cell[i]];
            selected->score[n++] = table->score[i];
          }
      selected->start[k + 1] = n;
    }
  return selected;
}

static Attribute *
make_attribute (guint number, const CytImageAttribute *from, const GArray *chosen, const guint8 *half)
{
  Attribute *attribute = g_new0 (Attribute, 1);

  attribute->number = number;
  attribute->n_values = from->values->len;
  attribute->bound = g_new0 (double, attribute->n_values);
  for (guint h = 0; h < 2; h++)
    {
      attribute->classes[h] = g_new (gint32, chosen->len + 1);
      for (guint i = 0; i < chosen->len; i++)
        {
          guint32 cell = g_array_index (chosen, guint32, i);
          guint16 code = g_array_index (from->codes, guint16, cell);

          attribute->classes[h][i] = half[cell] == h && code != CYT_IMAGE_ATTRIBUTE_NONE ? code : -1;
        }
      attribute->halves[h] = cyt_precision_classes_new (attribute->classes[h], chosen->len, attribute->n_values);
    }
  return attribute;
}

static gboolean
is_looked_at (const Search *search, gsize k)
{
  return search->table->start[k + 1] - search->table->start[k] >= CYT_SUGGESTIONS_MIN_ACTIVE;
}

/* ---- The bound ---- */

/* Deals the values of the second half out anew among its cells. */
static void
shuffle_classes (const Search *search, gsize shuffle, gint32 *classes)
{
  const Attribute *attribute = search->shuffled;
  gsize n_cells = search->table->n_cells, n = 0;
  g_autofree guint32 *cells = g_new (guint32, n_cells + 1), *order = NULL;

  for (gsize i = 0; i < n_cells; i++)
    {
      classes[i] = -1;
      if (attribute->classes[1][i] >= 0)
        cells[n++] = i;
    }
  order = g_new (guint32, n + 1);
  cyt_numpy_permutation (search->seed + shuffle, n, order);
  for (gsize i = 0; i < n; i++)
    classes[cells[i]] = attribute->classes[1][cells[order[i]]];
}

static void
try_shuffle (gsize shuffle, guint thread, gpointer data)
{
  Search *search = data;
  const CytScoreTable *t = search->table;
  gsize n_values = search->shuffled->n_values;
  g_autofree gint32 *classes = NULL;
  g_autofree double *precision = NULL;
  g_autofree gsize *hits = NULL;
  g_autoptr (CytPrecisionClasses) shuffled = NULL;
  double *best = search->best + shuffle * n_values;

  if (g_cancellable_is_cancelled (search->cancellable))
    return;
  classes = g_new (gint32, t->n_cells + 1);
  precision = g_new (double, n_values);
  hits = g_new (gsize, 2 * n_values);
  shuffle_classes (search, shuffle, classes);
  shuffled = cyt_precision_classes_new (classes, t->n_cells, n_values);
  for (gsize v = 0; v < n_values; v++)
    best[v] = 0;
  for (gsize k = 0; k < t->n_latents; k++)
    {
      if (!is_looked_at (search, k))
        continue;
      cyt_average_precision_compute (shuffled, t->cell + t->start[k], t->score + t->start[k], t->start[k + 1] - t->start[k],
                                     precision, hits);
      for (gsize v = 0; v < n_values; v++)
        best[v] = fmax (best[v], precision[v]); /* NAN stays below */
    }
  if (search->progress != NULL)
    cyt_progress_advance (search->progress, 1, 0);
}

static void
find_bounds (Search *search, CytParallel *parallel)
{
  for (guint a = 0; a < search->attributes->len; a++)
    {
      Attribute *attribute = search->attributes->pdata[a];
      g_autofree double *best = g_new0 (double, N_SHUFFLES * attribute->n_values);

      search->shuffled = attribute;
      search->best = best;
      cyt_parallel_run (parallel, N_SHUFFLES, try_shuffle, search);
      for (gsize s = 0; s < N_SHUFFLES; s++)
        for (gsize v = 0; v < attribute->n_values; v++)
          attribute->bound[v] = MAX (attribute->bound[v], best[s * attribute->n_values + v]);
    }
}

/* ---- Each latent ---- */

static double
gain_over_chance (double precision, double chance)
{
  return chance < 1 ? (precision - chance) / (1 - chance) : 0;
}

static gsize
pick_value (const CytPrecisionClasses *classes, const double *precision)
{
  gsize best = classes->n_classes;
  double best_gain = 0;

  for (gsize v = 0; v < classes->n_classes; v++)
    {
      double gain = gain_over_chance (precision[v], cyt_precision_classes_get_prevalence (classes, v));

      if (gain > best_gain) /* not for NAN */
        {
          best = v;
          best_gain = gain;
        }
    }
  return best;
}

static gboolean
is_worth_proposing (const CytSuggestion *s)
{
  return s->n_positive >= CYT_SUGGESTIONS_MIN_POSITIVE && s->n_cells - s->n_positive >= CYT_SUGGESTIONS_MIN_POSITIVE
         && s->prevalence <= 0.5 && gain_over_chance (s->auprc, s->prevalence) >= CYT_SUGGESTIONS_MIN_GAIN
         && s->auprc > s->bound;
}

static int
compare_suggestions (gconstpointer a, gconstpointer b)
{
  const CytSuggestion *x = a, *y = b;
  double gain_x = gain_over_chance (x->auprc, x->prevalence), gain_y = gain_over_chance (y->auprc, y->prevalence);

  if (gain_x != gain_y)
    return gain_x < gain_y ? 1 : -1;
  return x->attribute < y->attribute ? -1 : x->attribute > y->attribute;
}

static void
judge_latent (gsize k, guint thread, gpointer data)
{
  Search *search = data;
  const CytScoreTable *t = search->table;
  const guint32 *cell = t->cell + t->start[k];
  const float *score = t->score + t->start[k];
  gsize n = t->start[k + 1] - t->start[k];

  if (!is_looked_at (search, k) || g_cancellable_is_cancelled (search->cancellable))
    return;
  for (guint a = 0; a < search->attributes->len; a++)
    {
      const Attribute *attribute = search->attributes->pdata[a];
      g_autofree double *precision = g_new (double, attribute->n_values);
      g_autofree gsize *hits = g_new (gsize, 2 * attribute->n_values);
      CytSuggestion suggestion = { .latent = k, .attribute = attribute->number };
      gsize value;

      cyt_average_precision_compute (attribute->halves[0], cell, score, n, precision, hits);
      value = pick_value (attribute->halves[0], precision);
      if (value == attribute->n_values)
        continue;
      cyt_average_precision_compute (attribute->halves[1], cell, score, n, precision, hits);
      suggestion.value = value;
      suggestion.auprc = precision[value];
      suggestion.prevalence = cyt_precision_classes_get_prevalence (attribute->halves[1], value);
      suggestion.bound = attribute->bound[value];
      suggestion.n_cells = attribute->halves[1]->n_cells;
      suggestion.n_positive = attribute->halves[1]->n_of_class[value];
      if (!is_worth_proposing (&suggestion))
        continue;
      if (search->found[k] == NULL)
        search->found[k] = g_array_new (FALSE, FALSE, sizeof (CytSuggestion));
      g_array_append_val (search->found[k], suggestion);
    }
}

/* ---- All ---- */

CytSuggestions *
cyt_suggestions_compute (const CytScoreTable *table, const guint8 *known, const guint8 *half, const GPtrArray *attributes,
                         guint64 seed, CytParallel *parallel, CytProgress *progress, GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (CytSuggestions) self = g_new0 (CytSuggestions, 1);
  g_autoptr (GArray) chosen = choose_cells (table, known, attributes);
  Search search = { .seed = seed, .progress = progress, .cancellable = cancellable };

  self->suggestions = g_array_new (FALSE, FALSE, sizeof (CytSuggestion));
  self->n_cells = chosen->len;
  search.table = select_cells (table, chosen);
  search.attributes = g_ptr_array_new_with_free_func (attribute_free);
  search.found = g_new0 (GArray *, table->n_latents + 1);
  for (guint a = 0; a < attributes->len; a++)
    {
      Attribute *attribute = make_attribute (a, attributes->pdata[a], chosen, half);

      g_ptr_array_add (search.attributes, attribute);
      self->n_values += attribute->n_values;
    }
  if (progress != NULL)
    cyt_progress_start (progress, 0, N_SHUFFLES * attributes->len);
  find_bounds (&search, parallel);
  cyt_parallel_run (parallel, table->n_latents, judge_latent, &search);
  for (gsize k = 0; k < table->n_latents; k++)
    {
      self->n_latents += is_looked_at (&search, k);
      if (search.found[k] == NULL)
        continue;
      g_array_sort (search.found[k], compare_suggestions);
      g_array_append_vals (self->suggestions, search.found[k]->data, MIN (search.found[k]->len, CYT_SUGGESTION_MAX));
      g_array_unref (search.found[k]);
    }
  g_free (search.found);
  g_ptr_array_unref (search.attributes);
  cyt_score_table_free (search.table);
  return g_cancellable_set_error_if_cancelled (cancellable, error) ? NULL : g_steal_pointer (&self);
}
