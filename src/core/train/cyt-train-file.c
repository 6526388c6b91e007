/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "io/cyt-checkpoint.h"
#include "io/cyt-error.h"
#include "io/cyt-part-file.h"
#include "io/cyt-safetensors-writer.h"
#include "io/cyt-torch-writer.h"
#include "model/cyt-weights.h"
#include "train/cyt-train-file.h"

/* Rows of W_enc that are laid out and written at a time. */
#define ROWS 16

/* ---- The state ---- */

#define N_SETS 3
#define N_ARRAYS 5
#define N_ENTRIES (N_SETS * N_ARRAYS + 2)

/* In the order in which they are written. */
static void
list_entries (CytTrainState *state, CytSafetensorsEntry *entries, float **data)
{
  static const char *const names[N_SETS][N_ARRAYS]
    = { { "w.w_enc", "w.b_enc", "w.w_dec", "w.b_dec", "w.theta" },
        { "m.w_enc", "m.b_enc", "m.w_dec", "m.b_dec", "m.theta" },
        { "v.w_enc", "v.b_enc", "v.w_dec", "v.b_dec", "v.theta" } };
  const CytTrainWeights *sets[N_SETS] = { &state->w, &state->m, &state->v };
  gint64 d = state->d_in, k = state->d_sae;
  gsize n = 0;

  for (gsize i = 0; i < N_SETS; i++)
    {
      float *arrays[N_ARRAYS] = { sets[i]->w_enc, sets[i]->b_enc, sets[i]->w_dec, sets[i]->b_dec, sets[i]->theta };
      const CytSafetensorsEntry shapes[N_ARRAYS]
        = { { NULL, CYT_DTYPE_F32, 2, { k, d } }, { NULL, CYT_DTYPE_F32, 1, { k } }, { NULL, CYT_DTYPE_F32, 2, { k, d } },
            { NULL, CYT_DTYPE_F32, 1, { d } }, { NULL, CYT_DTYPE_F32, 1, { k } } };

      for (gsize j = 0; j < N_ARRAYS; j++, n++)
        {
          entries[n] = shapes[j];
          entries[n].name = names[i][j];
          data[n] = arrays[j];
        }
    }
  entries[n] = (CytSafetensorsEntry) { "scale", CYT_DTYPE_F32, 1, { 1 } };
  data[n++] = &state->scale;
  entries[n] = (CytSafetensorsEntry) { "since_fired", CYT_DTYPE_I32, 1, { k } };
  data[n] = (float *) state->since_fired;
}

static gsize
entry_size (const CytSafetensorsEntry *entry)
{
  return 4 * (gsize) entry->shape[0] * (entry->n_dims > 1 ? entry->shape[1] : 1);
}

gboolean
cyt_train_file_save_state (const char *path, CytTrainState *state, const char *provenance, GError **error)
{
  CytSafetensorsEntry entries[N_ENTRIES];
  float *data[N_ENTRIES];
  g_autofree char *n_steps = g_strdup_printf ("%" G_GUINT64_FORMAT, state->n_steps);
  const char *metadata[] = { "training", provenance, "n_steps", n_steps, NULL };
  g_autoptr (CytSafetensorsWriter) writer = NULL;

  list_entries (state, entries, data);
  writer = cyt_safetensors_writer_new (path, entries, G_N_ELEMENTS (entries), metadata, error);
  if (writer == NULL)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
    if (!cyt_safetensors_writer_append (writer, data[i], entry_size (&entries[i]), error))
      return FALSE;
  return cyt_safetensors_writer_close (writer, error);
}

/* An entry of the state: its values are read as they are, so they must be of the very type. */
static gboolean
load_entry (CytCheckpoint *checkpoint, const CytSafetensorsEntry *entry, float *data, GError **error)
{
  const CytTensorInfo *info
    = entry->n_dims == 1
        ? cyt_weights_require (checkpoint, error, "", entry->name, 1, entry->shape[0])
        : cyt_weights_require (checkpoint, error, "", entry->name, 2, entry->shape[0], entry->shape[1]);

  if (info == NULL)
    return FALSE;
  if (info->dtype != entry->dtype)
    {
      cyt_weights_fail (checkpoint, error, CYT_CHECKPOINT_ERROR_MISMATCH, "tensor %s has dtype %s; expected %s", entry->name,
                        cyt_dtype_get_name (info->dtype), cyt_dtype_get_name (entry->dtype));
      return FALSE;
    }
  if (!cyt_checkpoint_read_raw (checkpoint, info, data, error))
    return FALSE;
  for (gsize i = 0; entry->dtype == CYT_DTYPE_F32 && i < entry_size (entry) / sizeof *data; i++)
    if (!isfinite (data[i]))
      {
        cyt_weights_fail (checkpoint, error, CYT_CHECKPOINT_ERROR_CORRUPT, "tensor %s: a value is not a number", entry->name);
        return FALSE;
      }
  return TRUE;
}

/* The string @key of the file, NULL when there is none. */
static const char *
lookup_string (CytCheckpoint *checkpoint, const char *key)
{
  const CytValue *value = cyt_value_lookup (cyt_checkpoint_get_root (checkpoint), key);

  return value != NULL && cyt_value_get_type_of (value) == CYT_VALUE_STRING ? cyt_value_get_string (value) : NULL;
}

CytTrainState *
cyt_train_file_load_state (const char *path, gsize d_in, gsize d_sae, const char *provenance, GError **error)
{
  g_autoptr (CytCheckpoint) checkpoint = cyt_checkpoint_open (path, error);
  g_autoptr (CytTrainState) state = NULL;
  CytSafetensorsEntry entries[N_ENTRIES];
  float *data[N_ENTRIES];
  const char *made_for, *n_steps;

  if (checkpoint == NULL)
    return NULL;
  made_for = lookup_string (checkpoint, "training");
  n_steps = lookup_string (checkpoint, "n_steps");
  if (made_for == NULL || n_steps == NULL || strcmp (made_for, provenance) != 0)
    {
      cyt_weights_fail (checkpoint, error, CYT_CHECKPOINT_ERROR_MISMATCH,
                        "is of a training with other images, models or settings; move it away to begin anew");
      return NULL;
    }
  state = cyt_train_state_new (d_in, d_sae);
  if (state == NULL)
    {
      cyt_weights_fail (checkpoint, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "there is not enough memory for it");
      return NULL;
    }
  if (!g_ascii_string_to_unsigned (n_steps, 10, 0, G_MAXINT64, &state->n_steps, NULL))
    {
      cyt_weights_fail (checkpoint, error, CYT_CHECKPOINT_ERROR_CORRUPT, "n_steps is \"%s\"; expected a number", n_steps);
      return NULL;
    }
  list_entries (state, entries, data);
  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
    if (!load_entry (checkpoint, &entries[i], data[i], error))
      return NULL;
  return g_steal_pointer (&state);
}

/* ---- The autoencoder ---- */

/* out (n, d_sae): rows first … of W_enc (d_in, d_sae). */
static void
transpose_rows (const CytTrainState *state, gsize first, gsize n, float *out)
{
  for (gsize k = 0; k < state->d_sae; k++)
    for (gsize c = 0; c < n; c++)
      out[c * state->d_sae + k] = state->w.w_enc[k * state->d_in + first + c];
}

/* Whether a latent has to rise above a threshold to fire. */
static gboolean
has_thresholds (CytTrainVariant variant)
{
  return variant == CYT_TRAIN_BATCH_TOPK || variant == CYT_TRAIN_JUMPRELU || variant == CYT_TRAIN_MATRYOSHKA;
}

static char *
make_cfg_json (const CytTrainState *state, const CytTrainConfig *config)
{
  const CytTrainRecipe *recipe = config->recipe;
  const char *architecture = "standard";
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autofree char *hook = g_strdup_printf ("blocks.%d", config->block);

  if (recipe->variant == CYT_TRAIN_TOPK)
    architecture = "topk";
  else if (has_thresholds (recipe->variant))
    architecture = "jumprelu"; /* SAELens, too, writes its BatchTopK so, with one threshold for all */
  json_object_set_string_member (object, "architecture", architecture);
  if (recipe->variant == CYT_TRAIN_TOPK)
    {
      json_object_set_int_member (object, "k", recipe->k);
      json_object_set_boolean_member (object, "rescale_acts_by_decoder_norm", FALSE);
    }
  json_object_set_int_member (object, "d_in", state->d_in);
  json_object_set_int_member (object, "d_sae", state->d_sae);
  json_object_set_string_member (object, "dtype", "float32");
  if (recipe->variant == CYT_TRAIN_RELU)
    json_object_set_string_member (object, "activation_fn", "relu");
  json_object_set_boolean_member (object, "apply_b_dec_to_input", TRUE);
  json_object_set_string_member (object, "hook_name", hook);
  json_object_set_int_member (object, "hook_layer", config->block);
  json_object_set_int_member (object, "block_layer", config->block);
  json_object_set_string_member (object, "model_name", config->model_name);
  json_object_set_string_member (object, "normalize_activations", "none");
  json_object_set_double_member (object, "l1_coefficient", recipe->l1);
  json_object_set_double_member (object, "expansion_factor", (double) state->d_sae / state->d_in);
  json_object_set_int_member (object, "seed", config->seed);
  json_object_set_member (object, "training", json_from_string (config->provenance, NULL));
  json_node_set_object (root, object);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  return json_generator_to_data (generator, NULL);
}

static gboolean
write_text (const char *path, const char *text, GError **error)
{
  g_autoptr (CytPartFile) file = cyt_part_file_new (path, error);

  return file != NULL && cyt_part_file_write (file, text, strlen (text), error)
         && cyt_part_file_write (file, "\n", 1, error) && cyt_part_file_commit (file, error);
}

static gboolean
save_saelens (const char *path, const CytTrainState *state, const CytTrainConfig *config, GError **error)
{
  gint64 d = state->d_in, k = state->d_sae;
  const CytSafetensorsEntry entries[] = { { "W_enc", CYT_DTYPE_F32, 2, { d, k } },
                                          { "b_enc", CYT_DTYPE_F32, 1, { k } },
                                          { "W_dec", CYT_DTYPE_F32, 2, { k, d } },
                                          { "b_dec", CYT_DTYPE_F32, 1, { d } },
                                          { "threshold", CYT_DTYPE_F32, 1, { k } } };
  gsize n_entries = G_N_ELEMENTS (entries) - (has_thresholds (config->recipe->variant) ? 0 : 1);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *cfg_path = g_build_filename (folder, "cfg.json", NULL);
  g_autofree char *cfg = make_cfg_json (state, config);
  g_autofree float *rows = g_new (float, ROWS * state->d_sae);
  g_autoptr (CytSafetensorsWriter) writer
    = cyt_safetensors_writer_new (path, entries, n_entries, NULL, error);

  if (writer == NULL)
    return FALSE;
  for (gsize first = 0; first < state->d_in; first += ROWS)
    {
      gsize n = MIN (ROWS, state->d_in - first);

      transpose_rows (state, first, n, rows);
      if (!cyt_safetensors_writer_append (writer, rows, n * state->d_sae * sizeof (float), error))
        return FALSE;
    }
  return cyt_safetensors_writer_append (writer, state->w.b_enc, state->d_sae * sizeof (float), error)
         && cyt_safetensors_writer_append (writer, state->w.w_dec, state->d_sae * state->d_in * sizeof (float), error)
         && cyt_safetensors_writer_append (writer, state->w.b_dec, state->d_in * sizeof (float), error)
         && (n_entries < G_N_ELEMENTS (entries)
             || cyt_safetensors_writer_append (writer, state->w.theta, state->d_sae * sizeof (float), error))
         && cyt_safetensors_writer_close (writer, error) && write_text (cfg_path, cfg, error);
}

/* "matryoshka" says how the latents were trained; they are used as BatchTopK's. */
static const char *
get_architecture (CytTrainVariant variant)
{
  return cyt_train_variant_get_name (variant == CYT_TRAIN_MATRYOSHKA ? CYT_TRAIN_BATCH_TOPK : variant);
}

static gboolean
save_cytosae (const char *path, const CytTrainState *state, const CytTrainConfig *config, GError **error)
{
  const CytTrainRecipe *recipe = config->recipe;
  gint64 d = state->d_in, k = state->d_sae;
  g_autofree float *w_enc = g_try_new (float, state->d_in * state->d_sae);
  /* BatchTopK's is one number. */
  const CytTorchTensor tensors[] = { { "W_enc", 2, { d, k }, w_enc },
                                     { "b_enc", 1, { k }, state->w.b_enc },
                                     { "W_dec", 2, { k, d }, state->w.w_dec },
                                     { "b_dec", 1, { d }, state->w.b_dec },
                                     { "threshold", 1, { recipe->variant == CYT_TRAIN_JUMPRELU ? k : 1 }, state->w.theta } };
  gsize n_tensors = G_N_ELEMENTS (tensors) - (has_thresholds (recipe->variant) ? 0 : 1);
  const CytTorchField fields[] = { { "architecture", get_architecture (recipe->variant), 0 },
                                   { "d_in", NULL, d },
                                   { "d_sae", NULL, k },
                                   { "block_layer", NULL, config->block },
                                   { "module_name", "resid", 0 },
                                   { "class_token", NULL, 1 },
                                   { "model_name", config->model_name, 0 },
                                   { "seed", NULL, (double) config->seed },
                                   { "l1_coefficient", NULL, recipe->l1 },
                                   { "expansion_factor", NULL, (double) k / d },
                                   { "training", config->provenance, 0 },
                                   { "k", NULL, (double) recipe->k } };
  gsize n_fields = G_N_ELEMENTS (fields) - (recipe->k > 0 ? 0 : 1);

  if (w_enc == NULL)
    {
      g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_TOO_LARGE, "%s: there is not enough memory to write it",
                   path);
      return FALSE;
    }
  transpose_rows (state, 0, state->d_in, w_enc);
  return cyt_torch_write (path, "cfg", fields, n_fields, "state_dict", tensors, n_tensors, error);
}

gboolean
cyt_train_file_save_sae (const char *path, const CytTrainState *state, const CytTrainConfig *config, GError **error)
{
  return g_str_has_suffix (path, ".pt") ? save_cytosae (path, state, config, error)
                                        : save_saelens (path, state, config, error);
}
