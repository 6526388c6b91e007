/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-barcodes-private.h"
#include "analysis/cyt-level-barcodes.h"
#include "io/cyt-error.h"

/* Levels of a patient's tokens on which a latent fires: one by one while they are few, then how many of each. */
#define MAX_SINGLE (CYT_N_LEVELS * sizeof (guint32))
typedef struct
{
  guint n;               /* tokens, while they are kept one by one */
  guint n_allocated;     /* 0: counted by level */
  union
  {
    guint8 *single;      /* (n) */
    guint32 *by_level;   /* (CYT_N_LEVELS) */
    gpointer data;
  };
} Tokens;

struct _CytLevelBarcodes
{
  CytBarcodes *frame;    /* by patient: who they are; values are not used */
  guint32 *place;        /* (n_rows, d_sae) in @tokens; 0: it does not fire */
  GArray *tokens;        /* of Tokens; the first is empty */
  gsize n_bytes;
};

static void
add_tokens (CytLevelBarcodes *self, Tokens *tokens, const guint8 *levels, guint n)
{
  if (tokens->n_allocated == 0 && tokens->data != NULL)
    {
      for (guint i = 0; i < n; i++)
        tokens->by_level[levels[i]]++;
      return;
    }
  if (tokens->n + n > MAX_SINGLE)
    {
      guint32 *by_level = g_new0 (guint32, CYT_N_LEVELS);

      for (guint i = 0; i < tokens->n; i++)
        by_level[tokens->single[i]]++;
      for (guint i = 0; i < n; i++)
        by_level[levels[i]]++;
      self->n_bytes += MAX_SINGLE - tokens->n_allocated;
      g_free (tokens->single);
      *tokens = (Tokens) { .by_level = by_level };
      return;
    }
  if (tokens->n + n > tokens->n_allocated)
    {
      guint n_allocated = MIN (MAX (tokens->n + n, tokens->n_allocated + tokens->n_allocated / 2), MAX_SINGLE);

      tokens->single = g_realloc (tokens->single, n_allocated);
      self->n_bytes += n_allocated - tokens->n_allocated;
      tokens->n_allocated = n_allocated;
    }
  memcpy (tokens->single + tokens->n, levels, n);
  tokens->n += n;
}

static void
clear_tokens (gpointer tokens)
{
  g_free (((Tokens *) tokens)->data);
}

static Tokens *
ensure_tokens (CytLevelBarcodes *self, gsize row, guint32 latent)
{
  guint32 *place = &self->place[row * self->frame->d_sae + latent];

  if (*place == 0)
    {
      *place = self->tokens->len;
      g_array_set_size (self->tokens, self->tokens->len + 1);
      self->n_bytes += sizeof (Tokens);
    }
  return &g_array_index (self->tokens, Tokens, *place);
}

static guint32
count_tokens (const Tokens *tokens, guint level)
{
  guint32 count = 0;

  if (tokens->n_allocated > 0)
    for (guint i = 0; i < tokens->n; i++)
      count += tokens->single[i] >= level;
  else if (tokens->data != NULL)
    for (guint l = level; l < CYT_N_LEVELS; l++)
      count += tokens->by_level[l];
  return count;
}

/* ---- Reading ---- */

typedef struct
{
  CytLevelBarcodes *self;
  GHashTable *row;       /* name → number + 1 */
} Pass;

static gboolean
add_cell (const char *patient, const CytCellLevels *levels, gpointer user_data, GError **error)
{
  Pass *pass = user_data;
  CytLevelBarcodes *self = pass->self;
  gsize row = patient != NULL ? GPOINTER_TO_SIZE (g_hash_table_lookup (pass->row, patient)) : 0;
  const guint8 *next = levels->levels->data;

  if (row == 0)
    return TRUE;
  for (guint k = 0; k < levels->n; k++)
    {
      add_tokens (self, ensure_tokens (self, row - 1, levels->latent[k]), next, levels->count[k]);
      next += levels->count[k];
    }
  return TRUE;
}

CytLevelBarcodes *
cyt_level_barcodes_new (CytProject *project, gint64 dataset, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytLevelBarcodes) self = g_new0 (CytLevelBarcodes, 1);
  g_autoptr (GHashTable) row = g_hash_table_new (g_str_hash, g_str_equal);
  CytBarcodesOptions options = CYT_BARCODES_OPTIONS_INIT;
  Pass pass = { self, row };
  gsize n;

  options.dataset = dataset;
  self->frame = cyt_barcodes_compute (project, &options, cancellable, error);
  if (self->frame == NULL)
    return NULL;
  n = (gsize) self->frame->rows->len * self->frame->d_sae;
  self->tokens = g_array_new (FALSE, TRUE, sizeof (Tokens));
  g_array_set_clear_func (self->tokens, clear_tokens);
  g_array_set_size (self->tokens, 1);
  self->place = g_try_new0 (guint32, MAX (1, n));
  if (self->place == NULL)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                   "barcodes: there is no memory for %u rows of %" G_GSIZE_FORMAT " latents", self->frame->rows->len,
                   self->frame->d_sae);
      return NULL;
    }
  self->n_bytes = n * sizeof *self->place;
  for (guint i = 0; i < self->frame->rows->len; i++)
    g_hash_table_insert (row, cyt_barcodes_get_row (self->frame, i)->name, GSIZE_TO_POINTER (i + 1));
  return cyt_project_scan_levels (project, dataset, add_cell, &pass, cancellable, error) ? g_steal_pointer (&self) : NULL;
}

void
cyt_level_barcodes_free (CytLevelBarcodes *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->tokens, g_array_unref);
  g_free (self->place);
  cyt_barcodes_free (self->frame);
  g_free (self);
}

gsize
cyt_level_barcodes_get_n_bytes (const CytLevelBarcodes *self)
{
  return self->n_bytes;
}

/* ---- A threshold ---- */

CytBarcodes *
cyt_level_barcodes_get (const CytLevelBarcodes *self, CytProject *project, guint level, gboolean skip_marked, GError **error)
{
  g_autoptr (CytBarcodes) barcodes = cyt_barcodes_new_like (self->frame);
  g_autofree gint32 *column = g_new (gint32, MAX (1, self->frame->d_sae));

  g_return_val_if_fail (level < CYT_N_LEVELS, NULL);

  barcodes->threshold = cyt_level_get_threshold (level);
  if (!cyt_barcodes_choose_latents (project, barcodes, skip_marked, column, error))
    return NULL;
  for (guint i = 0; i < self->frame->rows->len; i++)
    {
      const CytBarcode *from = cyt_barcodes_get_row (self->frame, i);
      const guint32 *place = self->place + i * self->frame->d_sae;
      CytBarcode *row = cyt_barcodes_add_row (barcodes, from->name, error);

      if (row == NULL)
        return NULL;
      row->disease = g_strdup (from->disease);
      row->other_disease = g_strdup (from->other_disease);
      row->n_cells = from->n_cells;
      row->n_patients = from->n_patients;
      for (gsize k = 0; k < barcodes->n_latents; k++)
        row->values[k] = count_tokens (&g_array_index (self->tokens, Tokens, place[barcodes->latents[k]]), level)
                         / (double) row->n_cells;
    }
  return g_steal_pointer (&barcodes);
}
