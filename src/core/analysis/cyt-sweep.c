/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "analysis/cyt-classification.h"
#include "analysis/cyt-measures.h"
#include "analysis/cyt-sae-barcodes.h"
#include "analysis/cyt-sae-stability.h"
#include "analysis/cyt-sweep.h"
#include "io/cyt-error.h"

#define MAX_DECODER_BYTES ((gsize) 2 << 30)   /* of dictionaries that are measured in one walk */

typedef enum
{
  TRAINING,
  MEASURING,
  CLASSIFYING,
  MATCHING,
  N_PHASES
} Phase;

typedef struct
{
  const CytSweepOptions *options;
  char *folder;
  char *tokens_path;
  char *patients_path;
  gsize d;
  GPtrArray *rows;             /* of CytSweepRow, sparsity by sparsity, expansion by expansion, seed by seed */
  GPtrArray *others;           /* rows of earlier calls that are not in this grid */
  CytParallel *parallel;       /* of the barcodes; NULL until needed; likewise: */
  CytTokenSource *patients;
  char *why_no_f1;
  double left[N_PHASES];       /* what is still to be done, in units that cost the same; see plan() */
  double cost[N_PHASES];       /* seconds for a unit, as found last; NAN: not found yet */
  gint64 started;              /* when the phase under way began, monotonic */
  CytProgress *progress;
  GCancellable *cancellable;
} Sweep;

static void
sweep_clear (Sweep *self)
{
  g_clear_pointer (&self->patients, cyt_token_source_free);
  g_clear_pointer (&self->parallel, cyt_parallel_free);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->others, g_ptr_array_unref);
  g_free (self->folder);
  g_free (self->tokens_path);
  g_free (self->patients_path);
  g_free (self->why_no_f1);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sweep, sweep_clear)

/* ---- The folder ---- */

static char *
hash_list (const CytImageList *list)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (gsize i = 0; i < cyt_image_list_get_n_items (list); i++)
    {
      const CytImageItem *item = cyt_image_list_get_item (list, i);
      const char *const parts[] = { item->path, item->label, item->patient, item->disease };

      for (guint p = 0; p < G_N_ELEMENTS (parts); p++)
        {
          if (parts[p] != NULL)
            g_checksum_update (checksum, (const guchar *) parts[p], strlen (parts[p]));
          g_checksum_update (checksum, (const guchar *) "\n", 1);
        }
    }
  return g_strdup (g_checksum_get_string (checksum));
}

/* What all autoencoders of the grid have in common. */
static char *
write_settings (const Sweep *self)
{
  const CytSweepOptions *o = self->options;
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *images = hash_list (o->train.list), *held_out = hash_list (o->held_out);
  g_autofree char *patients = o->patients != NULL ? hash_list (o->patients) : NULL;

  json_object_set_string_member (object, "encoder_sha256", o->train.encoder_sha256);
  json_object_set_int_member (object, "block", o->train.block);
  json_object_set_string_member (object, "images_sha256", images);
  json_object_set_string_member (object, "held_out_sha256", held_out);
  if (patients != NULL)
    json_object_set_string_member (object, "patients_sha256", patients);
  json_object_set_int_member (object, "n_images_total", o->train.n_images);
  json_object_set_int_member (object, "batch", o->train.batch);
  json_object_set_double_member (object, "lr", o->train.recipe.lr);
  json_object_set_int_member (object, "warm_up", o->train.recipe.warm_up);
  json_object_set_boolean_member (object, "ghost_grads", o->train.recipe.ghost);
  json_object_set_double_member (object, "tau", CYT_SWEEP_TAU);
  json_node_set_object (root, object);
  return json_to_string (root, TRUE);
}

static gboolean
check_settings (const Sweep *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, "settings.json", NULL), *text = write_settings (self);
  g_autofree char *found = NULL;

  if (!g_file_get_contents (path, &found, NULL, NULL))
    return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, error);
  if (g_str_equal (found, text))
    return TRUE;
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
               "%s: holds a sweep of other images, another encoder or other settings: choose another folder", self->folder);
  return FALSE;
}

static char *
format_short (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  return g_strdup (g_ascii_formatd (text, sizeof text, "%.15g", value));
}

static CytSweepRow *
make_row (const Sweep *self, double sparsity, double expansion, guint64 seed)
{
  CytSweepRow *row = cyt_sweep_row_new ();
  g_autofree char *value = format_short (sparsity), *x = format_short (expansion);

  row->variant = self->options->train.recipe.variant;
  row->sparsity = sparsity;
  row->expansion = expansion;
  row->seed = seed;
  row->d_sae = MAX (1, (gsize) llround (expansion * (double) self->d));
  g_free (row->sae);
  row->sae = g_strdup_printf ("%s-%s_x%s_s%" G_GUINT64_FORMAT "/sae_weights.safetensors",
                              cyt_train_variant_get_name (row->variant), value, x, seed);
  return row;
}

static CytSweepRow *
get_row (const Sweep *self, gsize i)
{
  return self->rows->pdata[i];
}

/* Absolute path. */
static char *
dup_sae_path (const Sweep *self, const CytSweepRow *row)
{
  return g_build_filename (self->folder, row->sae, NULL);
}

/* What an earlier call found out. */
static gboolean
load_table (Sweep *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, "sweep.csv", NULL);
  g_autoptr (GPtrArray) old = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if ((old = cyt_sweep_table_read_csv (path, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < self->rows->len; i++)
    for (guint j = 0; j < old->len; j++)
      {
        CytSweepRow *row = get_row (self, i), *was = old->pdata[j];

        if (!g_str_equal (row->sae, was->sae))
          continue;
        cyt_sweep_row_free (row);
        self->rows->pdata[i] = g_steal_pointer (&old->pdata[j]);
        g_ptr_array_remove_index (old, j);
        break;
      }
  self->others = g_steal_pointer (&old);
  return TRUE;
}

static gboolean
save_table (const Sweep *self, GError **error)
{
  g_autofree char *csv = g_build_filename (self->folder, "sweep.csv", NULL);
  g_autofree char *json = g_build_filename (self->folder, "sweep.json", NULL);
  const CytSweepOptions *o = self->options;
  const CytSweepImages images
    = { o->train.list->simulated || o->held_out->simulated, cyt_image_list_get_n_items (o->train.list),
        cyt_image_list_get_n_items (o->held_out), o->patients != NULL ? cyt_image_list_get_n_items (o->patients) : 0 };
  g_autoptr (GPtrArray) all = g_ptr_array_new (); /* borrowed */

  g_ptr_array_extend (all, self->rows, NULL, NULL);
  if (self->others != NULL)
    g_ptr_array_extend (all, self->others, NULL, NULL);
  return cyt_sweep_table_write_csv (all, csv, error) && cyt_sweep_table_write_json (all, &images, json, error);
}

/* ---- What is under way, and how long it will take ---- */

static gboolean
is_trained (const Sweep *self, const CytSweepRow *row)
{
  g_autofree char *path = dup_sae_path (self, row);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static gboolean is_measured (const Sweep *self, gsize first);

/* A training costs what it has latents; measuring, classifying and matching those of a pair, too. */
static void
plan (Sweep *self)
{
  gsize n_seeds = self->options->n_seeds;

  for (guint p = 0; p < N_PHASES; p++)
    {
      self->left[p] = 0;
      self->cost[p] = NAN;
    }
  for (gsize first = 0; first < self->rows->len; first += n_seeds)
    {
      double n = (double) get_row (self, first)->d_sae;

      for (gsize s = 0; s < n_seeds; s++)
        self->left[TRAINING] += is_trained (self, get_row (self, first + s)) ? 0 : n;
      if (is_measured (self, first))
        continue;
      self->left[MEASURING] += n;
      self->left[CLASSIFYING] += self->options->patients != NULL ? n * (double) n_seeds : 0;
      self->left[MATCHING] += n_seeds > 1 ? n : 0;
    }
}

/* @units: of what is planned. */
static void
begin (Sweep *self, Phase phase, double units, gsize number, gsize n)
{
  static const char *const names[] = { "training", "measuring", "classifying", "matching" };
  double rest = 0;

  self->started = g_get_monotonic_time ();
  self->left[phase] -= units;
  for (guint p = 0; p < N_PHASES; p++)
    if (self->left[p] > 0)
      rest += self->left[p] * self->cost[p];
  if (self->progress != NULL)
    cyt_progress_set_phase (self->progress, names[phase], phase == MATCHING ? "latents" : NULL, number, n,
                            isnan (rest) ? -1 : rest);
}

/* Seconds that the phase took. */
static double
end (Sweep *self, Phase phase, double units)
{
  double seconds = (double) (g_get_monotonic_time () - self->started) / G_USEC_PER_SEC;

  self->cost[phase] = seconds / units;
  return seconds;
}

/* ---- Training ---- */

static void
set_sparsity (CytTrainRecipe *recipe, double value)
{
  if (recipe->variant == CYT_TRAIN_RELU)
    recipe->l1 = value;
  else if (recipe->variant == CYT_TRAIN_JUMPRELU)
    recipe->l0 = value;
  else
    recipe->k = (gsize) value;
}

static gboolean
train (Sweep *self, gsize i, GError **error)
{
  CytSweepRow *row = get_row (self, i);
  CytTrainOptions options = self->options->train;
  g_autofree char *path = dup_sae_path (self, row), *folder = g_path_get_dirname (path);
  g_autofree char *state = g_strconcat (path, ".training", NULL);
  gboolean resumed = g_file_test (state, G_FILE_TEST_EXISTS);
  double units = (double) row->d_sae;

  if (is_trained (self, row))
    return TRUE;
  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", folder, g_strerror (errno));
      return FALSE;
    }
  set_sparsity (&options.recipe, row->sparsity);
  options.d_sae = row->d_sae;
  options.seed = row->seed;
  options.tokens = self->tokens_path;
  options.resume = TRUE;
  options.control = NULL;
  begin (self, TRAINING, units, i + 1, self->rows->len);
  if (!cyt_trainer_run (path, &options, self->progress, NULL, NULL, self->cancellable, error))
    return FALSE;
  if (!resumed)
    row->seconds = end (self, TRAINING, units);
  return save_table (self, error);
}

/* ---- Measuring ---- */

/* (d_sae) 1 where the latent fires on a held-out image. */
static guint8 *
list_alive (const CytMeasures *measures)
{
  guint8 *alive = g_new0 (guint8, MAX (1, measures->n_latents));

  for (gsize k = 0; k < measures->n_latents; k++)
    alive[k] = measures->rows[k].n_active > 0;
  return alive;
}

/* Each seed's mean PW-MCC with the others. @measures: (n_seeds) of CytMeasures. */
static gboolean
compare_seeds (Sweep *self, gsize first, GPtrArray *measures, GError **error)
{
  gsize n = measures->len, n_seeds = self->options->n_seeds;
  double units = (double) get_row (self, first)->d_sae;
  g_autofree double *sum = g_new0 (double, n);

  if (n > 1)
    begin (self, MATCHING, units, first / n_seeds + 1, self->rows->len / n_seeds);

  for (gsize a = 0; a < n; a++)
    for (gsize b = a + 1; b < n; b++)
      {
        const CytMeasures *ma = measures->pdata[a], *mb = measures->pdata[b];
        g_autofree guint8 *alive_a = list_alive (ma), *alive_b = list_alive (mb);
        g_autofree char *path_a = dup_sae_path (self, get_row (self, first + a));
        g_autofree char *path_b = dup_sae_path (self, get_row (self, first + b));
        g_autoptr (CytSaeDecoder) da = NULL, db = NULL;
        g_autoptr (CytSaeStability) stability = NULL;

        if (ma->n_alive == 0 || mb->n_alive == 0)
          {
            sum[a] = sum[b] = NAN;
            continue;
          }
        if ((da = cyt_sae_decoder_open (path_a, error)) == NULL || (db = cyt_sae_decoder_open (path_b, error)) == NULL
            || (stability = cyt_sae_stability_compute (da, alive_a, db, alive_b, self->progress, self->cancellable,
                                                     error)) == NULL)
          return FALSE;
        sum[a] += stability->mean_cosine;
        sum[b] += stability->mean_cosine;
      }
  if (n > 1)
    end (self, MATCHING, units);
  for (gsize a = 0; a < n; a++)
    get_row (self, first + a)->stability = n > 1 ? sum[a] / (double) (n - 1) : NAN;
  return TRUE;
}

static gboolean
open_patients (Sweep *self, GError **error)
{
  const CytTrainOptions *train = &self->options->train;

  if (self->patients != NULL)
    return TRUE;
  if (self->parallel == NULL)
    self->parallel = cyt_parallel_new (train->n_threads);
  self->patients = cyt_token_source_new (train->encoder, train->encoder_sha256, train->block, self->options->patients,
                                         self->patients_path, CYT_TOKEN_CACHE_F32, train->max_cache_bytes, self->parallel, error);
  return self->patients != NULL;
}

static gboolean
classify (Sweep *self, gsize i, GError **error)
{
  CytSweepRow *row = get_row (self, i);
  double units = (double) row->d_sae;
  const CytClassificationOptions options = { 5, CYT_SWEEP_N_REPEATS, 0, 1 };
  g_autofree char *path = dup_sae_path (self, row);
  g_autoptr (CytSae) sae = NULL;
  g_autoptr (CytBarcodes) barcodes = NULL;
  g_autoptr (CytClassification) result = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (CytFeatures) features = NULL;

  if (self->options->patients == NULL || self->why_no_f1 != NULL)
    return TRUE;
  begin (self, CLASSIFYING, units, i + 1, self->rows->len);
  if (!open_patients (self, error) || (sae = cyt_sae_load (path, error)) == NULL)
    return FALSE;
  barcodes = cyt_sae_barcodes_compute (sae, self->patients, self->options->patients, self->d, CYT_SWEEP_TAU, self->parallel,
                                       self->progress, self->cancellable, &local);
  if (barcodes != NULL && (features = cyt_features_new_from_barcodes (barcodes, NULL, &local)) != NULL)
    result = cyt_classification_run (barcodes, features, &options, NULL, self->cancellable, &local);
  if (result != NULL)
    {
      row->f1 = result->weighted_f1.mean;
      row->f1_deviation = result->weighted_f1.deviation;
      end (self, CLASSIFYING, units);
    }
  else if (local->domain == CYT_TABLE_ERROR) /* such patients cannot be classified, with any autoencoder */
    {
      self->why_no_f1 = g_strdup (local->message);
      self->left[CLASSIFYING] = 0;
    }
  else
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}

static gboolean
is_measured (const Sweep *self, gsize first)
{
  gboolean need_f1 = self->options->patients != NULL && self->why_no_f1 == NULL;

  for (gsize s = 0; s < self->options->n_seeds; s++)
    {
      const CytSweepRow *row = get_row (self, first + s);

      /* without an active latent there is no stability, and there will be none */
      if (isnan (row->l0) || (isnan (row->stability) && self->options->n_seeds > 1 && row->dead_share < 1)
          || (need_f1 && isnan (row->f1)))
        return FALSE;
    }
  return TRUE;
}

/* Measures of the seeds from @from on, as many as fit in memory, appended. */
static gboolean
measure_some (Sweep *self, gsize first, gsize from, GPtrArray *all, GError **error)
{
  const CytTrainOptions *train = &self->options->train;
  const CytMeasuresOptions options
    = { .encoder = train->encoder, .block = train->block, .list = self->options->held_out,
        .embedding_block = cyt_measures_pick_block (train->encoder, train->block, NULL), .tau = CYT_SWEEP_TAU,
        .n_threads = train->n_threads };
  g_autoptr (GPtrArray) dictionaries = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_dictionary_free);
  g_autoptr (GPtrArray) measures = NULL;
  gsize bytes = 3 * sizeof (float) * self->d * MAX (1, get_row (self, first)->d_sae);

  for (gsize s = from; s < self->options->n_seeds && (s == from || (s - from + 1) * bytes <= MAX_DECODER_BYTES); s++)
    {
      g_autofree char *path = dup_sae_path (self, get_row (self, first + s));
      CytDictionary *dictionary = cyt_dictionary_load (path, error);

      if (dictionary == NULL)
        return FALSE;
      g_ptr_array_add (dictionaries, dictionary);
    }
  measures = cyt_measures_run (&options, (const CytDictionary *const *) dictionaries->pdata, dictionaries->len,
                               self->progress, self->cancellable, error);
  if (measures == NULL)
    return FALSE;
  g_ptr_array_extend_and_steal (all, g_steal_pointer (&measures));
  return TRUE;
}

static gboolean
measure (Sweep *self, gsize first, GError **error)
{
  g_autoptr (GPtrArray) measures = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_measures_free);
  gsize n_seeds = self->options->n_seeds;
  double units = (double) get_row (self, first)->d_sae;

  if (is_measured (self, first))
    return TRUE;
  begin (self, MEASURING, units, first / n_seeds + 1, self->rows->len / n_seeds);
  while (measures->len < self->options->n_seeds)
    if (!measure_some (self, first, measures->len, measures, error))
      return FALSE;
  end (self, MEASURING, units);
  for (gsize s = 0; s < measures->len; s++)
    {
      const CytMeasures *m = measures->pdata[s];
      CytSweepRow *row = get_row (self, first + s);

      row->explained = m->explained;
      row->dead_share = m->dead_share;
      row->monosemanticity = m->monosemanticity;
      if (!classify (self, first + s, error))
        return FALSE;
    }
  if (!compare_seeds (self, first, measures, error))
    return FALSE;
  for (gsize s = 0; s < measures->len; s++) /* last: what is known by then is kept */
    get_row (self, first + s)->l0 = ((const CytMeasures *) measures->pdata[s])->l0;
  return save_table (self, error);
}

/* ---- All ---- */

/* What would be refused after hours is refused now. */
static gboolean
check_recipes (const Sweep *self, GError **error)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      CytTrainRecipe recipe = self->options->train.recipe;

      set_sparsity (&recipe, get_row (self, i)->sparsity);
      if (!cyt_train_recipe_complete (&recipe, self->d, get_row (self, i)->d_sae, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
prepare (Sweep *self, GError **error)
{
  const CytSweepOptions *o = self->options;

  self->tokens_path = g_build_filename (self->folder, "images.tokens", NULL);
  self->patients_path = g_build_filename (self->folder, "patients.tokens", NULL);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_sweep_row_free);
  for (gsize l = 0; l < o->n_sparsities; l++)
    for (gsize x = 0; x < o->n_expansions; x++)
      for (gsize s = 0; s < o->n_seeds; s++)
        g_ptr_array_add (self->rows, make_row (self, o->sparsities[l], o->expansions[x], o->seeds[s]));
  if (!check_recipes (self, error))
    return FALSE;
  if (g_mkdir_with_parents (self->folder, 0777) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", self->folder, g_strerror (errno));
      return FALSE;
    }
  if (!check_settings (self, error) || !load_table (self, error))
    return FALSE;
  plan (self);
  return TRUE;
}

GPtrArray *
cyt_sweep_run (const char *folder, const CytSweepOptions *options, char **why_no_f1, CytProgress *progress,
               GCancellable *cancellable, GError **error)
{
  g_auto (Sweep) self = { .options = options, .progress = progress, .cancellable = cancellable };

  self.folder = g_strdup (folder);
  self.d = cyt_encoder_get_config (options->train.encoder)->d;
  if (!prepare (&self, error))
    return NULL;
  for (gsize first = 0; first < self.rows->len; first += options->n_seeds)
    {
      for (gsize s = 0; s < options->n_seeds; s++)
        if (!train (&self, first + s, error))
          return NULL;
      if (!measure (&self, first, error))
        return NULL;
    }
  if (!save_table (&self, error))
    return NULL;
  g_clear_pointer (&self.patients, cyt_token_source_free);
  g_unlink (self.tokens_path);
  g_unlink (self.patients_path);
  *why_no_f1 = g_steal_pointer (&self.why_no_f1);
  return g_steal_pointer (&self.rows);
}
