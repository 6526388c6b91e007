/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cyt-inspection.h"

struct _CytInspection
{
  GObject parent_instance;

  gint64 id;
  char *path;
  CytCellFacts *facts;
  CytCellAnalysis *analysis;
  GError *error;
  CytTopCell *stored;       /* of the selected latent, or NULL */
  CytLatentScores *scores;
  GPtrArray *similar;

  gint64 latent;
  int place;
};

G_DEFINE_FINAL_TYPE (CytInspection, cyt_inspection, G_TYPE_OBJECT)

enum
{
  CHANGED,
  SELECTION_CHANGED,
  STANDING_CHANGED,
  SIMILAR_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

void
cyt_cell_facts_free (CytCellFacts *self)
{
  if (self == NULL)
    return;
  cyt_cell_free (self->cell);
  g_free (self->path);
  g_clear_pointer (&self->thumbnail, g_bytes_unref);
  cyt_dataset_free (self->dataset);
  cyt_cell_latents_clear (&self->latents);
  cyt_cell_latents_clear (&self->top);
  g_free (self);
}

void
cyt_latent_scores_free (CytLatentScores *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->table, cyt_cell_table_unref);
  g_free (self->scores);
  g_free (self);
}

CytInspection *
cyt_inspection_new (gint64 cell, const char *path, gint64 latent)
{
  CytInspection *self = g_object_new (CYT_TYPE_INSPECTION, NULL);

  self->id = cell;
  self->path = g_strdup (path);
  self->latent = latent;
  return self;
}

gint64
cyt_inspection_get_id (CytInspection *self)
{
  return self->id;
}

const char *
cyt_inspection_get_path (CytInspection *self)
{
  return self->path;
}

const CytCellFacts *
cyt_inspection_get_facts (CytInspection *self)
{
  return self->facts;
}

CytCellAnalysis *
cyt_inspection_get_analysis (CytInspection *self)
{
  return self->analysis;
}

const GError *
cyt_inspection_get_error (CytInspection *self)
{
  return self->error;
}

gboolean
cyt_inspection_is_changed (CytInspection *self)
{
  return self->facts != NULL && self->facts->cell->sha256 != NULL && self->analysis != NULL
         && !g_str_equal (self->facts->cell->sha256, self->analysis->sha256);
}

/* ---- What is selected ---- */

gint64
cyt_inspection_get_latent (CytInspection *self)
{
  return self->latent;
}

void
cyt_inspection_set_latent (CytInspection *self, gint64 latent)
{
  g_return_if_fail (CYT_IS_INSPECTION (self));

  if (latent == self->latent)
    return;
  self->latent = latent;
  g_clear_pointer (&self->stored, g_free);
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}

int
cyt_inspection_get_place (CytInspection *self)
{
  return self->place;
}

void
cyt_inspection_set_place (CytInspection *self, int place)
{
  g_return_if_fail (CYT_IS_INSPECTION (self) && place >= CYT_PLACE_CELL && place < CYT_N_TOKENS);

  if (place == self->place)
    return;
  self->place = place;
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}

/* ---- What is known ---- */

gboolean
cyt_inspection_get_map (CytInspection *self, CytSparseMap *map)
{
  g_return_val_if_fail (CYT_IS_INSPECTION (self), FALSE);

  if (self->latent < 0)
    return FALSE;
  if (self->analysis != NULL)
    {
      cyt_token_latents_get_map (self->analysis->latents, self->latent, map);
      return TRUE;
    }
  if (self->stored == NULL || !self->stored->has_map)
    return FALSE;
  *map = self->stored->map;
  return TRUE;
}

/* As indexed: the score, or the activation on CLS. */
static float
find_stored (const CytCellLatents *latents, guint32 latent, gboolean cls)
{
  for (guint i = 0; i < latents->n; i++)
    if (latents->latent[i] == latent)
      return cls ? latents->cls[i] : latents->score[i];
  return 0;
}

float
cyt_inspection_get_value (CytInspection *self, guint token)
{
  CytSparseMap map;

  g_return_val_if_fail (CYT_IS_INSPECTION (self) && token < CYT_N_TOKENS, NAN);

  if (self->latent < 0)
    return NAN;
  if (self->analysis != NULL)
    return cyt_token_latents_get (self->analysis->latents, token, self->latent);
  if (token == 0)
    return self->facts != NULL && self->facts->latents.n > 0 ? find_stored (&self->facts->latents, self->latent, TRUE)
                                                             : NAN;
  if (!cyt_inspection_get_map (self, &map))
    return NAN;
  for (guint i = 0; i < map.n; i++)
    if (map.patch[i] == token - 1)
      return map.value[i];
  return 0;
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
rank_stored (const CytCellLatents *latents, gboolean cls)
{
  GArray *ranked = g_array_new (FALSE, FALSE, sizeof (CytRankedLatent));

  for (guint i = 0; i < latents->n; i++)
    {
      CytRankedLatent entry = { latents->latent[i], cls ? latents->cls[i] : latents->score[i] };

      if (entry.value > 0)
        g_array_append_val (ranked, entry);
    }
  g_array_sort (ranked, compare_ranked);
  return ranked;
}

GArray *
cyt_inspection_rank (CytInspection *self)
{
  g_return_val_if_fail (CYT_IS_INSPECTION (self), NULL);

  if (self->analysis != NULL)
    return self->place == CYT_PLACE_CELL ? cyt_token_latents_rank_cell (self->analysis->latents)
                                         : cyt_token_latents_rank_token (self->analysis->latents, self->place);
  if (self->place <= CYT_PLACE_CLS && self->facts != NULL && self->facts->latents.n > 0)
    return rank_stored (&self->facts->latents, self->place == CYT_PLACE_CLS);
  return cyt_inspection_is_top_only (self) ? rank_stored (&self->facts->top, FALSE) : NULL;
}

gboolean
cyt_inspection_is_top_only (CytInspection *self)
{
  g_return_val_if_fail (CYT_IS_INSPECTION (self), FALSE);

  return self->place == CYT_PLACE_CELL && self->analysis == NULL && self->facts != NULL && self->facts->latents.n == 0
         && self->facts->top.n > 0;
}

const CytLatentScores *
cyt_inspection_get_scores (CytInspection *self)
{
  return self->scores != NULL && self->scores->latent == self->latent ? self->scores : NULL;
}

GPtrArray *
cyt_inspection_get_similar (CytInspection *self)
{
  return self->similar;
}

const CytCellLatents *
cyt_inspection_get_latents (CytInspection *self)
{
  if (self->analysis != NULL)
    return &self->analysis->latents->cell;
  return self->facts != NULL && self->facts->latents.n > 0 ? &self->facts->latents : NULL;
}

/* ---- What arrives ---- */

/* With nothing selected, the strongest latent of the cell shows. */
static void
select_strongest (CytInspection *self)
{
  g_autoptr (GArray) ranked = NULL;
  int place = self->place;

  if (self->latent >= 0)
    return;
  self->place = CYT_PLACE_CELL;
  ranked = cyt_inspection_rank (self);
  self->place = place;
  if (ranked != NULL && ranked->len > 0)
    cyt_inspection_set_latent (self, g_array_index (ranked, CytRankedLatent, 0).latent);
}

void
cyt_inspection_take_facts (CytInspection *self, CytCellFacts *facts)
{
  g_return_if_fail (CYT_IS_INSPECTION (self) && self->facts == NULL);

  self->facts = facts;
  self->id = facts->cell->id;
  if (self->path == NULL)
    self->path = g_strdup (facts->path);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
cyt_inspection_set_pixel_size (CytInspection *self, gint64 dataset, double pixel_size)
{
  g_return_if_fail (CYT_IS_INSPECTION (self));

  if (self->facts == NULL || self->facts->dataset->id != dataset)
    return;
  self->facts->dataset->pixel_size = pixel_size;
  g_signal_emit (self, signals[CHANGED], 0);
}

void
cyt_inspection_take_analysis (CytInspection *self, CytCellAnalysis *analysis)
{
  g_clear_pointer (&self->analysis, cyt_cell_analysis_unref);
  g_clear_error (&self->error);
  self->analysis = analysis;
  select_strongest (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
cyt_inspection_take_error (CytInspection *self, GError *error)
{
  g_clear_error (&self->error);
  self->error = error;
  select_strongest (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
cyt_inspection_take_stored_map (CytInspection *self, guint latent, CytTopCell *top)
{
  if (latent != self->latent || self->analysis != NULL)
    {
      g_free (top);
      return;
    }
  g_free (self->stored);
  self->stored = top;
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}

void
cyt_inspection_take_scores (CytInspection *self, CytLatentScores *scores)
{
  cyt_latent_scores_free (self->scores);
  self->scores = scores;
  g_signal_emit (self, signals[STANDING_CHANGED], 0);
}

void
cyt_inspection_take_similar (CytInspection *self, GPtrArray *similar)
{
  g_clear_pointer (&self->similar, g_ptr_array_unref);
  self->similar = similar;
  g_signal_emit (self, signals[SIMILAR_CHANGED], 0);
}

/* ---- GObject ---- */

static void
cyt_inspection_finalize (GObject *object)
{
  CytInspection *self = CYT_INSPECTION (object);

  g_free (self->path);
  cyt_cell_facts_free (self->facts);
  g_clear_pointer (&self->analysis, cyt_cell_analysis_unref);
  g_clear_error (&self->error);
  g_free (self->stored);
  cyt_latent_scores_free (self->scores);
  g_clear_pointer (&self->similar, g_ptr_array_unref);
  G_OBJECT_CLASS (cyt_inspection_parent_class)->finalize (object);
}

static void
cyt_inspection_class_init (CytInspectionClass *klass)
{
  static const char *const names[N_SIGNALS] = { "changed", "selection-changed", "standing-changed",
                                                "similar-changed" };

  G_OBJECT_CLASS (klass)->finalize = cyt_inspection_finalize;
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);
}

static void
cyt_inspection_init (CytInspection *self)
{
  self->place = CYT_PLACE_CELL;
}
