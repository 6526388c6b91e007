/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "io/cyt-error.h"
#include "io/cyt-numpy-random.h"
#include "train/cyt-train-file.h"
#include "train/cyt-train-init.h"
#include "train/cyt-trainer.h"

#define CURVE_HEADER "step,mse,l1,ghost,l0,explained_variance,n_dead,nested,l0_penalty,aux\n"

typedef struct
{
  const CytTrainOptions *options;
  CytTrainRecipe recipe; /* complete */
  char *out;
  char *state_path;
  char *curve_path;
  char *tokens_path;
  char *provenance;
  gsize d;
  gsize n_list;
  gsize n_held_out;
  CytTrainLoss held_out;
  guint64 n_steps;
  CytTokenCacheFormat cache; /* NONE where no token is needed twice */
  CytParallel *parallel;
  CytTokenSource *source;
  CytTrainState *state;
  CytTrainStep *step;
  float *x;              /* (batch · 257, d) */
  guint32 *batch;        /* (batch) */
  guint32 *order;        /* (n_list − n_held_out) of the epoch */
  gint64 epoch;          /* whose order it is, -1: none */
  GString *curve;
} Run;

static void
run_clear (Run *self)
{
  g_free (self->out);
  g_free (self->state_path);
  g_free (self->curve_path);
  g_free (self->tokens_path);
  g_free (self->provenance);
  g_clear_pointer (&self->step, cyt_train_step_free);
  g_clear_pointer (&self->source, cyt_token_source_free);
  g_clear_pointer (&self->parallel, cyt_parallel_free);
  g_clear_pointer (&self->state, cyt_train_state_free);
  g_free (self->x);
  g_free (self->batch);
  g_free (self->order);
  if (self->curve != NULL)
    g_string_free (self->curve, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static char *
write_object (JsonObject *object)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (root, object);
  return json_to_string (root, FALSE);
}

/* SHA-256 of the images' paths as the list has them, a line each. */
static char *
hash_list (const CytImageList *list)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (gsize i = 0; i < cyt_image_list_get_n_items (list); i++)
    {
      const char *path = cyt_image_list_get_item (list, i)->path;

      g_checksum_update (checksum, (const guchar *) path, strlen (path));
      g_checksum_update (checksum, (const guchar *) "\n", 1);
    }
  return g_strdup (g_checksum_get_string (checksum));
}

static void
add_recipe (JsonObject *object, const CytTrainRecipe *recipe)
{
  json_object_set_string_member (object, "variant", cyt_train_variant_get_name (recipe->variant));
  json_object_set_double_member (object, "lr", recipe->lr);
  json_object_set_int_member (object, "warm_up", recipe->warm_up);
  json_object_set_int_member (object, "dead_after", recipe->dead_after);
  if (recipe->variant == CYT_TRAIN_RELU)
    {
      json_object_set_double_member (object, "l1", recipe->l1);
      json_object_set_boolean_member (object, "ghost_grads", recipe->ghost);
    }
  if (cyt_train_variant_has_k (recipe->variant))
    {
      json_object_set_int_member (object, "k", recipe->k);
      json_object_set_int_member (object, "aux_k", recipe->aux_k);
      json_object_set_double_member (object, "aux_weight", recipe->aux_weight);
    }
  if (recipe->variant == CYT_TRAIN_JUMPRELU)
    {
      json_object_set_double_member (object, "l0", recipe->l0);
      json_object_set_double_member (object, "bandwidth", recipe->bandwidth);
      json_object_set_double_member (object, "threshold", recipe->threshold);
    }
  if (recipe->variant == CYT_TRAIN_MATRYOSHKA)
    {
      JsonArray *prefixes = json_array_new ();

      for (guint i = 0; i < recipe->n_prefixes; i++)
        json_array_add_int_element (prefixes, recipe->prefixes[i]);
      json_object_set_array_member (object, "prefixes", prefixes);
    }
}

/* Everything that the training follows from. */
static char *
make_provenance (const Run *self)
{
  const CytTrainOptions *o = self->options;
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *list_sha256 = hash_list (o->list);

  json_object_set_string_member (object, "program", "CytoSAE Explorer " CYT_VERSION);
  json_object_set_string_member (object, "encoder_sha256", o->encoder_sha256);
  json_object_set_int_member (object, "block", o->block);
  json_object_set_string_member (object, "list_sha256", list_sha256);
  json_object_set_string_member (object, "tokens_sha256", cyt_token_source_get_identity (self->source));
  json_object_set_int_member (object, "n_images_listed", self->n_list);
  json_object_set_int_member (object, "hold_out", o->hold_out);
  json_object_set_boolean_member (object, "simulated", o->list->simulated);
  json_object_set_int_member (object, "n_images_total", self->n_steps * o->batch);
  json_object_set_int_member (object, "batch", o->batch);
  json_object_set_int_member (object, "d_sae", o->d_sae);
  add_recipe (object, &self->recipe);
  json_object_set_string_member (object, "recipe", o->paper ? "paper" : "corrected");
  json_object_set_int_member (object, "seed", o->seed);
  json_object_set_string_member (object, "tokens", self->cache == CYT_TOKEN_CACHE_F16 ? "float16" : "float32");
  return write_object (object);
}

/* And how far it came. */
static char *
make_final_provenance (const Run *self)
{
  g_autoptr (JsonNode) root = json_from_string (self->provenance, NULL);
  JsonObject *object = json_node_get_object (root);

  json_object_set_int_member (object, "n_steps", self->state->n_steps);
  if (self->state->n_steps < self->n_steps)
    {
      g_autofree char *stopped = g_strdup_printf ("stopped early at step %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT,
                                                  self->state->n_steps, self->n_steps);

      json_object_set_string_member (object, "stopped", stopped);
    }
  if (isfinite (self->held_out.mse))
    {
      JsonObject *held_out = json_object_new ();

      json_object_set_int_member (held_out, "n_images", self->n_held_out);
      json_object_set_double_member (held_out, "mse", self->held_out.mse);
      json_object_set_double_member (held_out, "l0", self->held_out.l0);
      json_object_set_double_member (held_out, "explained_variance", self->held_out.explained);
      json_object_set_object_member (object, "held_out", held_out);
    }
  return write_object (object);
}

/* The list's number of the @i-th image that is trained on: one of each run of hold_out is left out, the last. */
static guint32
get_trained (const Run *self, guint32 i)
{
  guint hold_out = self->options->hold_out;

  return hold_out > 0 ? i + i / (hold_out - 1) : i;
}

static guint32
get_held_out (const Run *self, guint32 i)
{
  return (i + 1) * self->options->hold_out - 1;
}

/* Numbers of the images of one step. */
static void
fill_batch (Run *self, guint64 step)
{
  guint n = self->options->batch;
  gsize n_trained = self->n_list - self->n_held_out;

  for (guint i = 0; i < n; i++)
    {
      guint64 position = step * n + i;
      gint64 epoch = position / n_trained;

      if (epoch != self->epoch)
        cyt_numpy_permutation (self->options->seed + 2 + epoch, n_trained, self->order);
      self->epoch = epoch;
      self->batch[i] = get_trained (self, self->order[position % n_trained]);
    }
}

static gboolean
read_batch (Run *self, guint64 step, gsize *n_read, GCancellable *cancellable, GError **error)
{
  fill_batch (self, step);
  if (!cyt_token_source_read (self->source, self->batch, self->options->batch, self->x, n_read, cancellable, error))
    return FALSE;
  if (*n_read > 0)
    return TRUE;
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "%s: none of the %u images of step %" G_GUINT64_FORMAT " can be read",
               self->options->list->root, self->options->batch, step + 1);
  return FALSE;
}

static gboolean
begin (Run *self, GCancellable *cancellable, GError **error)
{
  gsize n, d = self->d;

  self->state = cyt_train_state_new (d, self->options->d_sae);
  if (self->state == NULL)
    {
      g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                   "%s: there is not enough memory for %" G_GSIZE_FORMAT " latents of %" G_GSIZE_FORMAT " dimensions", self->out,
                   self->options->d_sae, d);
      return FALSE;
    }
  if (!read_batch (self, 0, &n, cancellable, error))
    return FALSE;
  cyt_train_init_weights (self->state, &self->recipe, self->options->seed);
  if (self->options->paper)
    {
      g_autofree float *median = g_new (float, CYT_N_TOKENS * d);
      g_autofree double *sum = g_new0 (double, d);

      cyt_train_geometric_median (median, self->x, n, CYT_N_TOKENS * d, self->parallel);
      for (gsize i = 0; i < CYT_N_TOKENS * d; i++)
        sum[i % d] += median[i];
      for (gsize c = 0; c < d; c++)
        self->state->w.b_dec[c] = (float) (sum[c] / CYT_N_TOKENS);
    }
  else
    cyt_train_geometric_median (self->state->w.b_dec, self->x, n * CYT_N_TOKENS, d, self->parallel);
  cyt_train_init_scale (self->state, &self->recipe, self->x, n * CYT_N_TOKENS);
  if (self->recipe.variant != CYT_TRAIN_RELU)
    cyt_train_step_fit_start (self->step, self->state, self->x, n * CYT_N_TOKENS);
  g_string_assign (self->curve, CURVE_HEADER);
  return TRUE;
}

/* The rows of the steps that the state has behind it: the file may have more. */
static void
load_curve (Run *self)
{
  g_autofree char *text = NULL;
  char *end;

  g_string_assign (self->curve, CURVE_HEADER);
  if (!g_file_get_contents (self->curve_path, &text, NULL, NULL))
    return;
  end = text;
  for (guint64 row = 0; row <= self->state->n_steps && end != NULL && *end != '\0'; row++)
    {
      end = strchr (end, '\n');
      end = end != NULL ? end + 1 : NULL;
    }
  g_string_truncate (self->curve, 0);
  g_string_append_len (self->curve, text, end != NULL ? end - text : (gssize) strlen (text));
}

static gboolean
save (Run *self, GError **error)
{
  return g_file_set_contents (self->curve_path, self->curve->str, self->curve->len, error)
         && cyt_train_file_save_state (self->state_path, self->state, self->provenance, error);
}

/* The means of held-out images' losses, over batches of them. */
static gboolean
measure_held_out (Run *self, GCancellable *cancellable, GError **error)
{
  gsize n_measured = 0;
  double mse = 0, nested = 0, l0 = 0, explained = 0;

  for (gsize first = 0; first < self->n_held_out; first += self->options->batch)
    {
      gsize n = MIN (self->options->batch, self->n_held_out - first), n_read;
      CytTrainLoss loss;

      for (gsize i = 0; i < n; i++)
        self->batch[i] = get_held_out (self, first + i);
      if (!cyt_token_source_read (self->source, self->batch, n, self->x, &n_read, cancellable, error))
        return FALSE;
      if (n_read == 0)
        continue;
      cyt_train_step_evaluate (self->step, self->state, self->x, n_read * CYT_N_TOKENS, &loss);
      mse += n_read * loss.mse;
      nested += n_read * loss.nested;
      l0 += n_read * loss.l0;
      explained += n_read * loss.explained;
      n_measured += n_read;
    }
  if (n_measured > 0)
    self->held_out = (CytTrainLoss) { .mse = mse / n_measured, .nested = nested / n_measured, .l0 = l0 / n_measured,
                                      .explained = explained / n_measured };
  self->n_held_out = n_measured;
  return TRUE;
}

static gboolean
finish (Run *self, GCancellable *cancellable, GError **error)
{
  const CytTrainOptions *o = self->options;
  g_autofree char *model_name = g_path_get_basename (cyt_encoder_get_path (o->encoder)), *provenance = NULL;
  CytTrainConfig config = { model_name, o->block, &self->recipe, o->seed, NULL };

  /* An interruption while images are measured is not to cost the training. */
  if (self->n_held_out > 0 && !save (self, error))
    return FALSE;
  cyt_train_step_normalise (self->step, self->state);
  if (!measure_held_out (self, cancellable, error))
    return FALSE;
  if (o->held_out != NULL)
    *o->held_out = self->held_out;
  config.provenance = provenance = make_final_provenance (self);
  if (!g_file_set_contents (self->curve_path, self->curve->str, self->curve->len, error)
      || !cyt_train_file_save_sae (self->out, self->state, &config, error))
    return FALSE;
  g_unlink (self->state_path);
  if (o->tokens == NULL)
    g_unlink (self->tokens_path);
  return TRUE;
}

static gboolean
check_out (Run *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->out);
  g_autofree char *cfg = g_build_filename (folder, "cfg.json", NULL);
  const char *in_the_way = NULL;

  if (g_file_test (self->out, G_FILE_TEST_EXISTS))
    in_the_way = "already exists";
  else if (!self->options->resume && g_file_test (self->state_path, G_FILE_TEST_EXISTS))
    in_the_way = "a training of it was interrupted: resume it, or remove its .training file";
  else if (g_str_has_suffix (self->out, ".safetensors") && g_file_test (cfg, G_FILE_TEST_EXISTS))
    in_the_way = "there is a cfg.json beside it, which belongs to another autoencoder: choose another folder";
  else if (access (folder, W_OK) != 0) /* before hours of training */
    in_the_way = g_strerror (errno);
  if (in_the_way != NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, "%s: %s", self->out, in_the_way);
  return in_the_way == NULL;
}

static gboolean
prepare (Run *self, const char *out, GCancellable *cancellable, GError **error)
{
  const CytTrainOptions *o = self->options;
  gboolean keep;

  self->out = g_strdup (out);
  self->state_path = g_strconcat (out, ".training", NULL);
  self->curve_path = g_strconcat (out, ".csv", NULL);
  self->tokens_path = o->tokens != NULL ? g_strdup (o->tokens) : g_strconcat (out, ".tokens", NULL);
  if (!check_out (self, error))
    return FALSE;
  self->d = cyt_encoder_get_config (o->encoder)->d;
  self->recipe = o->recipe;
  if (!cyt_train_recipe_complete (&self->recipe, self->d, o->d_sae, error))
    return FALSE;
  self->n_list = cyt_image_list_get_n_items (o->list);
  self->n_held_out = o->hold_out > 0 ? self->n_list / o->hold_out : 0;
  self->held_out.mse = self->held_out.explained = NAN;
  self->n_steps = MAX (1, o->n_images / o->batch);
  self->parallel = cyt_parallel_new (o->n_threads);
  /* One pass needs every image once, unless another training follows. */
  keep = o->tokens != NULL || self->n_steps * o->batch > self->n_list - self->n_held_out;
  self->cache = keep ? o->cache : CYT_TOKEN_CACHE_NONE;
  self->source = cyt_token_source_new (o->encoder, o->encoder_sha256, o->block, o->list, self->tokens_path,
                                       self->cache, o->max_cache_bytes, self->parallel, error);
  if (self->source == NULL)
    return FALSE;
  self->provenance = make_provenance (self);
  self->x = g_new (float, o->batch * CYT_N_TOKENS * self->d);
  self->batch = g_new (guint32, o->batch);
  self->order = g_new (guint32, self->n_list - self->n_held_out);
  self->epoch = -1;
  self->curve = g_string_new (NULL);
  self->step = cyt_train_step_new (&self->recipe, self->d, o->d_sae, o->batch * CYT_N_TOKENS, self->parallel);
  if (!g_file_test (self->state_path, G_FILE_TEST_EXISTS))
    return begin (self, cancellable, error);
  self->state = cyt_train_file_load_state (self->state_path, self->d, o->d_sae, self->provenance, error);
  if (self->state == NULL)
    return FALSE;
  if (self->state->n_steps > self->n_steps)
    {
      g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_CORRUPT,
                   "%s: has %" G_GUINT64_FORMAT " steps behind it; the training has %" G_GUINT64_FORMAT, self->state_path,
                   self->state->n_steps, self->n_steps);
      return FALSE;
    }
  load_curve (self);
  return TRUE;
}

/* Tokens are of use to a training that can be resumed: without a state, nobody would come back for them. */
static void
discard_tokens (Run *self)
{
  if (self->source != NULL && !g_file_test (self->state_path, G_FILE_TEST_EXISTS))
    g_unlink (self->tokens_path);
}

static gboolean
is_stopped (const Run *self)
{
  return self->options->control != NULL && self->state->n_steps > 0
         && cyt_train_control_get_stopped (self->options->control);
}

static void
start_progress (const Run *self, CytProgress *progress)
{
  if (progress == NULL)
    return;
  cyt_progress_start (progress, self->state->n_steps * self->options->batch, self->n_steps * self->options->batch);
  cyt_progress_advance (progress, 0, cyt_token_source_get_n_failed (self->source));
}

/* Waits while the training is paused, its state saved. */
static gboolean
wait_if_paused (Run *self, CytProgress *progress, GCancellable *cancellable, GError **error)
{
  CytTrainControl *control = self->options->control;

  if (control == NULL || !cyt_train_control_get_paused (control))
    return TRUE;
  if (!save (self, error))
    return FALSE;
  cyt_train_control_wait (control, cancellable);
  start_progress (self, progress); /* the pause is not to count for the rate */
  return TRUE;
}

static gboolean
run (Run *self, const char *out, CytProgress *progress, CytTrainFunc func, gpointer user_data, GCancellable *cancellable,
     GError **error)
{
  const CytTrainOptions *options = self->options;
  gsize n_failed;

  if (!prepare (self, out, cancellable, error))
    return FALSE;
  start_progress (self, progress);
  n_failed = cyt_token_source_get_n_failed (self->source);
  while (self->state->n_steps < self->n_steps)
    {
      guint64 every = MAX (1, self->n_steps / MAX (1, options->n_checkpoints));
      CytTrainLoss loss;
      gsize n;

      if (!wait_if_paused (self, progress, cancellable, error))
        return FALSE;
      if (is_stopped (self))
        break;
      if (!read_batch (self, self->state->n_steps, &n, cancellable, error))
        {
          if (g_cancellable_is_cancelled (cancellable) && !save (self, NULL))
            g_prefix_error (error, "%s: the state could not be saved: ", self->state_path);
          return FALSE;
        }
      cyt_train_step_run (self->step, self->state, self->x, n * CYT_N_TOKENS, &loss);
      g_string_append_printf (self->curve, "%" G_GUINT64_FORMAT ",%.9g,%.9g,%.9g,%.9g,%.9g,%" G_GSIZE_FORMAT ",%.9g,%.9g,%.9g\n",
                              self->state->n_steps, loss.mse, loss.l1, loss.ghost, loss.l0, loss.explained, loss.n_dead,
                              loss.nested, loss.l0_penalty, loss.aux);
      if (progress != NULL)
        {
          cyt_progress_advance (progress, options->batch, cyt_token_source_get_n_failed (self->source) - n_failed);
          n_failed = cyt_token_source_get_n_failed (self->source);
        }
      if (func != NULL)
        func (self->state->n_steps, &loss, user_data);
      if (self->state->n_steps % every == 0 && self->state->n_steps < self->n_steps && !save (self, error))
        return FALSE;
    }
  return finish (self, cancellable, error);
}

gboolean
cyt_trainer_run (const char *out, const CytTrainOptions *options, CytProgress *progress, CytTrainFunc func,
                 gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_auto (Run) self = { .options = options };
  gboolean ok = run (&self, out, progress, func, user_data, cancellable, error);

  if (!ok)
    discard_tokens (&self);
  return ok;
}
