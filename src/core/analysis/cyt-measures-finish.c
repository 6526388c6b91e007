/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-measures-private.h"
#include "tensor/cyt-blas.h"
#include "train/cyt-train-kernels.h"

/* Rows of the table of cosines that a thread makes at a time. */
#define ROWS_AT_ONCE 64

typedef struct
{
  CytMeasures *self;
  const CytMeasuresImages *images;
  const CytMeasuresTotals *totals;
  CytScoreTable *table;
  CytProgress *progress;
  gsize number, n_dictionaries; /* of the phases; 0: it is the only one */
  GCancellable *cancellable;
  CytPrecisionClasses *all, *halves[2];
  gint32 *half_class[2];      /* (n images) */
  float *precision;           /* (n_latents, n_classes) on the half to choose on */
  gsize n_alive;
  guint32 *alive;             /* (n_alive) ascending */
  float *directions;          /* (n_alive, d) of unit length */
  gsize *holder_start;        /* (n images + 1) */
  guint32 *holders;           /* alive latents in whose top list an image is */
} Finish;

static double
gain_over_chance (double precision, double chance)
{
  return chance < 1 ? (precision - chance) / (1 - chance) : 0;
}

/* ---- Classes ---- */

static void
measure_classes (Finish *f, gsize k)
{
  const CytScoreTable *t = f->table;
  gsize first = t->start[k], n = t->start[k + 1] - first, n_classes = f->images->n_classes;
  CytMeasuresRow *row = &f->self->rows[k];
  g_autofree double *precision = g_new (double, n_classes + 1);
  g_autofree gsize *hits = g_new (gsize, 2 * n_classes + 1);
  double best = 0;

  cyt_average_precision_compute (f->halves[0], t->cell + first, t->score + first, n, precision, hits);
  for (gsize c = 0; c < n_classes; c++)
    f->precision[k * n_classes + c] = (float) precision[c];
  cyt_average_precision_compute (f->all, t->cell + first, t->score + first, n, precision, hits);
  for (gsize c = 0; c < n_classes; c++)
    {
      double prevalence = cyt_precision_classes_get_prevalence (f->all, c), gain = gain_over_chance (precision[c], prevalence);

      if (isnan (precision[c]) || (row->best_class >= 0 && !(gain > best)))
        continue;
      best = gain;
      row->best_class = c;
      row->auprc = precision[c];
      row->prevalence = prevalence;
    }
}

/* The best of each class on the first half, scored on the second. */
static void
pick_classes (Finish *f)
{
  CytMeasures *self = f->self;
  gsize n_classes = f->images->n_classes;
  g_autofree double *precision = g_new (double, n_classes + 1);
  g_autofree gsize *hits = g_new (gsize, 2 * n_classes + 1);

  self->best_of_class = g_new (CytMeasuresBest, n_classes + 1);
  for (gsize c = 0; c < n_classes; c++)
    {
      CytMeasuresBest *best = &self->best_of_class[c];

      *best = (CytMeasuresBest){ -1, NAN, NAN, cyt_precision_classes_get_prevalence (f->halves[1], c), NAN };
      for (gsize i = 0; i < f->n_alive; i++)
        {
          float here = f->precision[f->alive[i] * n_classes + c];

          if (isnan (here) || (best->latent >= 0 && !(here > best->chosen)))
            continue;
          best->latent = f->alive[i];
          best->chosen = here;
        }
      if (best->latent >= 0)
        {
          gsize first = f->table->start[best->latent];

          cyt_average_precision_compute (f->halves[1], f->table->cell + first, f->table->score + first,
                                         f->table->start[best->latent + 1] - first, precision, hits);
          best->scored = precision[c];
        }
    }
}

/* ---- Monosemanticity ---- */

/* Σ_{n<m} a_n a_m e_n·e_m / Σ_{n<m} a_n a_m = (‖Σ a e‖² − Σ a² ‖e‖²) / ((Σ a)² − Σ a²); a: scores scaled to 0…1 over
 * all images, those where the latent does not fire at 0. */
static double
measure_monosemanticity (Finish *f, gsize k)
{
  const CytScoreTable *t = f->table;
  gsize first = t->start[k], n = t->start[k + 1] - first, d = f->images->d_embedding;
  g_autofree double *sum_embedding = NULL;
  double low, range, sum = 0, square = 0, own = 0, length = 0, pairs;

  if (n < 2)
    return NAN;
  low = n == f->images->n_images ? t->score[first + n - 1] : 0;
  range = t->score[first] - low;
  if (!(range > 0))
    return NAN;
  sum_embedding = g_new0 (double, d);
  for (gsize i = first; i < first + n; i++)
    {
      const float *e = f->images->embedding + t->cell[i] * d;
      double a = (t->score[i] - low) / range, e_square = 0;

      for (gsize c = 0; c < d; c++)
        {
          sum_embedding[c] += a * e[c];
          e_square += (double) e[c] * e[c];
        }
      sum += a;
      square += a * a;
      own += a * a * e_square;
    }
  for (gsize c = 0; c < d; c++)
    length += sum_embedding[c] * sum_embedding[c];
  pairs = sum * sum - square;
  return pairs > 1e-12 * sum * sum ? (length - own) / pairs : NAN;
}

static double
mean_cosine (const CytMeasuresImages *images)
{
  gsize d = images->d_embedding;
  g_autofree double *sum = g_new0 (double, d);
  double length = 0, own = 0, n = (double) images->n_images;

  for (gsize i = 0; i < images->n; i++)
    for (gsize c = 0; c < d; c++)
      {
        double e = images->embedding[i * d + c];

        sum[c] += e;
        own += e * e;
      }
  for (gsize c = 0; c < d; c++)
    length += sum[c] * sum[c];
  return n > 1 ? (length - own) / (n * (n - 1)) : NAN;
}

/* ---- Each latent by itself ---- */

static void
measure_latent (gsize k, guint thread, gpointer data)
{
  Finish *f = data;
  CytMeasuresRow *row = &f->self->rows[k];
  double n_tokens = (double) f->images->n_images * CYT_N_TOKENS;

  if (g_cancellable_is_cancelled (f->cancellable))
    return;
  cyt_measures_row_clear (row);
  if (f->progress != NULL)
    cyt_progress_advance (f->progress, 1, 0);
  row->n_active = f->table->start[k + 1] - f->table->start[k];
  row->frequency = (double) row->n_active / (double) f->images->n_images;
  row->token_frequency = (double) f->totals->n_tokens[k] / n_tokens;
  if (row->n_active == 0)
    {
      for (gsize c = 0; c < f->images->n_classes; c++)
        f->precision[k * f->images->n_classes + c] = NAN;
      return;
    }
  cyt_top_lists_get_entropy (f->totals->top, k, f->images->class, &row->entropy, &row->purity, &row->majority);
  measure_classes (f, k);
  row->monosemanticity = measure_monosemanticity (f, k);
}

static double
total_variance (const CytMeasuresImages *images)
{
  double n = (double) images->n_images * CYT_N_TOKENS, length = 0;

  for (gsize c = 0; c < images->d; c++)
    length += images->sum[c] * images->sum[c];
  return images->square - length / n;
}

static void
measure_variance (Finish *f)
{
  double total = total_variance (f->images);

  f->self->explained = total > 0 ? 1 - f->totals->residual / total : NAN;
  for (gsize i = 0; i < f->n_alive && total > 0; i++)
    f->self->rows[f->alive[i]].explained = f->totals->gain[f->alive[i]] / total;
}

/* ---- Redundancy ---- */

static void
find_alive (Finish *f)
{
  const CytDictionary *dictionary = f->totals->dictionary;
  gsize d = dictionary->d;

  f->alive = g_new (guint32, f->self->n_latents);
  for (gsize k = 0; k < f->self->n_latents; k++)
    if (f->table->start[k + 1] > f->table->start[k])
      f->alive[f->n_alive++] = k;
  f->directions = g_new (float, f->n_alive * d + 1);
  for (gsize i = 0; i < f->n_alive; i++)
    {
      float *to = f->directions + i * d, square = f->totals->square[f->alive[i]];

      memcpy (to, dictionary->w_dec + f->alive[i] * d, d * sizeof *to);
      cyt_train_scale (to, square > 0 ? 1 / sqrtf (square) : 0, d);
    }
}

static void
measure_cosines (gsize piece, guint thread, gpointer data)
{
  Finish *f = data;
  gsize first = piece * ROWS_AT_ONCE, n = MIN (ROWS_AT_ONCE, f->n_alive - first), d = f->totals->dictionary->d;
  g_autofree float *cosines = NULL;

  if (g_cancellable_is_cancelled (f->cancellable))
    return;
  cosines = g_new (float, n * f->n_alive);
  cyt_blas_gemm_nt (cosines, f->n_alive, f->directions + first * d, d, f->directions, d, n, f->n_alive, d, 1, 0);
  for (gsize i = 0; i < n; i++)
    {
      CytMeasuresRow *row = &f->self->rows[f->alive[first + i]];

      for (gsize j = 0; j < f->n_alive; j++)
        {
          double cosine = CLAMP (cosines[i * f->n_alive + j], -1, 1);

          if (j == first + i || (row->nearest >= 0 && !(cosine > row->cosine)))
            continue;
          row->cosine = cosine;
          row->nearest = f->alive[j];
        }
    }
  if (f->progress != NULL)
    cyt_progress_advance (f->progress, n, 0);
}

/* For each image the alive latents in whose top list it is. */
static void
find_holders (Finish *f)
{
  g_autofree gsize *next = g_new (gsize, f->images->n + 1);

  f->holder_start = g_new0 (gsize, f->images->n + 1);
  for (guint pass = 0; pass < 2; pass++)
    {
      for (gsize i = 0; i < f->n_alive; i++)
        {
          guint n;
          const CytTopEntry *entries = cyt_top_lists_get (f->totals->top, f->alive[i], &n);

          for (guint j = 0; j < n; j++)
            if (pass == 0)
              f->holder_start[entries[j].cell + 1]++;
            else
              f->holders[next[entries[j].cell]++] = f->alive[i];
        }
      if (pass == 1)
        continue;
      for (gsize i = 0; i < f->images->n; i++)
        f->holder_start[i + 1] += f->holder_start[i];
      memcpy (next, f->holder_start, (f->images->n + 1) * sizeof *next);
      f->holders = g_new (guint32, f->holder_start[f->images->n] + 1);
    }
}

static void
measure_jaccard (Finish *f)
{
  g_autofree guint8 *n_shared = g_new0 (guint8, f->self->n_latents);
  g_autoptr (GArray) met = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (gsize i = 0; i < f->n_alive && !g_cancellable_is_cancelled (f->cancellable); i++)
    {
      guint32 k = f->alive[i];
      CytMeasuresRow *row = &f->self->rows[k];
      guint n, n_other;
      const CytTopEntry *entries = cyt_top_lists_get (f->totals->top, k, &n);

      if (f->progress != NULL)
        cyt_progress_advance (f->progress, 1, 0);
      row->jaccard = 0;
      g_array_set_size (met, 0);
      for (guint j = 0; j < n; j++)
        for (gsize h = f->holder_start[entries[j].cell]; h < f->holder_start[entries[j].cell + 1]; h++)
          if (f->holders[h] != k && n_shared[f->holders[h]]++ == 0)
            g_array_append_val (met, f->holders[h]);
      for (guint j = 0; j < met->len; j++)
        {
          guint32 other = g_array_index (met, guint32, j);
          guint shared = n_shared[other];
          double jaccard;

          cyt_top_lists_get (f->totals->top, other, &n_other);
          jaccard = (double) shared / (n + n_other - shared);
          n_shared[other] = 0;
          if (jaccard > row->jaccard || (jaccard == row->jaccard && other < row->twin))
            {
              row->jaccard = jaccard;
              row->twin = other;
            }
        }
    }
}

/* ---- The whole ---- */

static double
mean_of (const CytMeasures *self, gsize offset)
{
  double sum = 0;
  gsize n = 0;

  for (gsize k = 0; k < self->n_latents; k++)
    {
      double value = G_STRUCT_MEMBER (double, &self->rows[k], offset);

      if (isnan (value))
        continue;
      sum += value;
      n++;
    }
  return n > 0 ? sum / (double) n : NAN;
}

static void
summarise (Finish *f)
{
  CytMeasures *self = f->self;

  self->n_alive = f->n_alive;
  self->l0 = (double) f->totals->n_active / ((double) f->images->n_images * CYT_N_TOKENS);
  self->dead_share = 1 - (double) f->n_alive / (double) self->n_latents;
  self->monosemanticity = mean_of (self, G_STRUCT_OFFSET (CytMeasuresRow, monosemanticity));
  self->monosemanticity_chance = mean_cosine (f->images);
  self->entropy = mean_of (self, G_STRUCT_OFFSET (CytMeasuresRow, entropy));
  self->purity = mean_of (self, G_STRUCT_OFFSET (CytMeasuresRow, purity));
  self->cosine = mean_of (self, G_STRUCT_OFFSET (CytMeasuresRow, cosine));
  self->jaccard = mean_of (self, G_STRUCT_OFFSET (CytMeasuresRow, jaccard));
}

static void
finish_init (Finish *f)
{
  const CytMeasuresImages *images = f->images;

  f->table = cyt_score_rows_finish (f->totals->scores);
  f->all = cyt_precision_classes_new (images->class, images->n, images->n_classes);
  for (guint h = 0; h < 2; h++)
    {
      f->half_class[h] = g_new (gint32, images->n);
      for (gsize i = 0; i < images->n; i++)
        f->half_class[h][i] = images->half[i] == h ? images->class[i] : -1;
      f->halves[h] = cyt_precision_classes_new (f->half_class[h], images->n, images->n_classes);
    }
  f->precision = g_new (float, f->self->n_latents * images->n_classes + 1);
  find_alive (f);
  find_holders (f);
}

static void
finish_clear (Finish *f)
{
  cyt_score_table_free (f->table);
  cyt_precision_classes_free (f->all);
  for (guint h = 0; h < 2; h++)
    {
      cyt_precision_classes_free (f->halves[h]);
      g_free (f->half_class[h]);
    }
  g_free (f->precision);
  g_free (f->alive);
  g_free (f->directions);
  g_free (f->holder_start);
  g_free (f->holders);
}

static void
start_phase (Finish *f, const char *phase, gsize n)
{
  if (f->progress == NULL)
    return;
  cyt_progress_set_phase (f->progress, phase, "latents", f->number, f->n_dictionaries, -1);
  cyt_progress_start (f->progress, 0, n);
}

CytMeasures *
cyt_measures_finish (const CytMeasuresOptions *options, const CytMeasuresImages *images, const CytMeasuresTotals *totals,
                     gsize number, gsize n_dictionaries, CytParallel *parallel, CytProgress *progress,
                     GCancellable *cancellable)
{
  CytMeasures *self = g_new0 (CytMeasures, 1);
  Finish f = { .self = self, .images = images, .totals = totals, .progress = progress,
               .number = n_dictionaries > 1 ? number : 0, .n_dictionaries = n_dictionaries, .cancellable = cancellable };

  self->name = g_strdup (totals->dictionary->name);
  self->n_latents = totals->dictionary->n;
  self->n_images = images->n_images;
  self->n_failed = images->n_failed;
  self->n_labelled = images->n_labelled;
  self->classes = g_strdupv (images->classes);
  self->rows = g_new (CytMeasuresRow, self->n_latents);
  start_phase (&f, CYT_MEASURES_PHASE_LATENTS, self->n_latents);
  finish_init (&f);
  cyt_parallel_run (parallel, self->n_latents, measure_latent, &f);
  pick_classes (&f);
  measure_variance (&f);
  start_phase (&f, CYT_MEASURES_PHASE_NEIGHBOURS, 2 * f.n_alive);
  cyt_parallel_run (parallel, (f.n_alive + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE, measure_cosines, &f);
  measure_jaccard (&f);
  summarise (&f);
  if (options->masks != NULL)
    start_phase (&f, CYT_MEASURES_PHASE_MAPS, self->n_latents);
  cyt_measures_finish_maps (self, options, images, totals, parallel, progress, cancellable);
  finish_clear (&f);
  return self;
}
