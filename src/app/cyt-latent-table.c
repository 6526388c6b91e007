/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cyt-latent-table.h"

/* What a first look asks for. */
#define MIN_CELLS 10
#define MAX_FREQUENCY 0.6
#define MIN_PURITY 0.9
#define MAX_CLS_SHARE 0.1
#define MIN_TOKENS 1   /* of a cell in which it fires, on average */

typedef struct
{
  char *key;
  guint label;
} Collated;

static int
compare_collated (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Collated *) a)->key, ((const Collated *) b)->key);
}

static void
rank_labels (CytLatentTable *self, guint n)
{
  g_autofree Collated *collated = g_new (Collated, MAX (1, n));

  self->folded_labels = g_new0 (char *, n + 1);
  self->label_rank = g_new0 (guint, MAX (1, n));
  for (guint i = 0; i < n; i++)
    {
      self->folded_labels[i] = g_utf8_casefold (self->labels[i], -1);
      collated[i].key = g_utf8_collate_key (self->folded_labels[i], -1);
      collated[i].label = i;
    }
  qsort (collated, n, sizeof *collated, compare_collated);
  for (guint i = 0; i < n; i++)
    {
      self->label_rank[collated[i].label] = i;
      g_free (collated[i].key);
    }
}

static int
compare_strength (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const CytLatentRow *rows = user_data, *x = &rows[*(const guint32 *) a], *y = &rows[*(const guint32 *) b];
  double s = x->n_active > 0 ? x->mean_act : 0, t = y->n_active > 0 ? y->mean_act : 0;

  if (s != t)
    return s > t ? -1 : 1;
  return x->latent < y->latent ? -1 : x->latent > y->latent;
}

CytLatentTable *
cyt_latent_table_new (gint64 dataset, const char *name, CytLatentRow *rows, gsize n_rows, GStrv labels)
{
  CytLatentTable *self = g_new0 (CytLatentTable, 1);
  guint n_labels = labels != NULL ? g_strv_length (labels) : 0;

  self->dataset = dataset;
  self->name = g_strdup (name);
  self->rows = rows;
  self->n_rows = n_rows;
  self->labels = labels != NULL ? labels : g_new0 (char *, 1);
  self->label_number = g_new0 (guint, n_labels + 1);
  rank_labels (self, n_labels);
  for (gsize i = 0; i < n_rows; i++)
    {
      CytLatentRow *row = &rows[i];

      if (row->majority >= (gint32) n_labels)
        row->majority = -1;
      self->n_silent += row->n_active == 0;
      self->n_ubiquitous += row->n_active > 0 && row->mean_act > CYT_UBIQUITOUS_MEAN_ACT;
      self->has_max_act |= row->n_active > 0 && !isnan (row->max_act);
      self->has_classes |= !isnan (row->purity);
      row->latent = i;
    }
  self->by_strength = g_new (guint32, MAX (1, n_rows));
  for (gsize i = 0; i < n_rows; i++)
    self->by_strength[i] = i;
  g_qsort_with_data (self->by_strength, n_rows, sizeof *self->by_strength, compare_strength, rows);
  return self;
}

void
cyt_latent_table_set_measured (CytLatentTable *self, CytLatentMeasured *measured)
{
  g_return_if_fail (self->measured == NULL && (measured == NULL || measured->n_latents == self->n_rows));

  self->measured = measured;
}

double
cyt_latent_table_get_number (const CytLatentTable *self, guint latent, CytFilterNumber number)
{
  const CytLatentRow *row = &self->rows[latent];
  const CytMeasuresRow *measured = self->measured != NULL && self->measured->rows != NULL ? &self->measured->rows[latent]
                                                                                          : NULL;

  switch (number)
    {
    case CYT_FILTER_FREQUENCY:
      return row->frequency;
    case CYT_FILTER_MEAN_ACT:
      return row->mean_act;
    case CYT_FILTER_MAX_ACT:
      return row->max_act;
    case CYT_FILTER_ENTROPY:
      return row->entropy;
    case CYT_FILTER_PURITY:
      return row->purity;
    case CYT_FILTER_SELECTIVITY:
      return measured != NULL ? measured->auprc : NAN;
    case CYT_FILTER_MONOSEMANTICITY:
      return measured != NULL ? measured->monosemanticity : NAN;
    case CYT_FILTER_REDUNDANCY:
      return measured != NULL ? measured->cosine : NAN;
    case CYT_FILTER_MAP:
    default:
      return measured != NULL ? measured->map_precision : NAN;
    }
}

gboolean
cyt_latent_table_has_number (const CytLatentTable *self, CytFilterNumber number)
{
  for (gsize i = 0; i < self->n_rows; i++)
    if (!isnan (cyt_latent_table_get_number (self, i, number)))
      return TRUE;
  return FALSE;
}

void
cyt_latent_table_free (CytLatentTable *self)
{
  cyt_latent_measured_free (self->measured);
  g_free (self->name);
  g_free (self->rows);
  g_strfreev (self->labels);
  g_free (self->label_number);
  g_strfreev (self->folded_labels);
  g_free (self->by_strength);
  g_free (self->label_rank);
  g_free (self);
}

const char *
cyt_latent_table_get_majority (const CytLatentTable *self, guint latent)
{
  gint32 majority = self->rows[latent].majority;

  return majority >= 0 ? self->labels[majority] : NULL;
}

double
cyt_latent_row_rate (const CytLatentRow *row)
{
  double n_tokens = row->mean_count / row->frequency;

  if (row->n_active < MIN_CELLS || row->frequency > MAX_FREQUENCY || !(row->purity >= MIN_PURITY)
      || !(row->cls_share <= MAX_CLS_SHARE) || !(n_tokens >= MIN_TOKENS) || !(row->max_act > 0))
    return 0;
  return row->purity * (1 - row->cls_share) * row->max_act / n_tokens;
}

int
cyt_latent_table_find_label (const CytLatentTable *self, const char *name)
{
  for (int i = 0; self->labels[i] != NULL; i++)
    if (g_str_equal (self->labels[i], name))
      return i;
  return -1;
}
