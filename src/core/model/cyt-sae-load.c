/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "io/cyt-checkpoint.h"
#include "io/cyt-error.h"
#include "io/cyt-json.h"
#include "model/cyt-sae-private.h"
#include "model/cyt-weights.h"
#include "tensor/cyt-blas.h"

#define T CYT_SAE_TILE
#define MAX_D_IN 65536
#define MAX_D_SAE (1 << 24)
/* Rows of a weight are read in pieces of about this size. */
#define CHUNK_BYTES ((gsize) 4 << 20)

/* An SAE's files: the tensors, and what they say of themselves. */
typedef struct
{
  CytCheckpoint *checkpoint;
  char *prefix;      /* "state_dict.", "" */
  JsonNode *facts;   /* an object, empty when the file has no configuration */
  gboolean centre;   /* subtract b_dec from the input */
  gboolean rescale;  /* scale each latent by the norm of its decoder row */
  double threshold;  /* BatchTopK's from the configuration; NAN when absent */
  CytSaeConfig config;
  const CytTensorInfo *w_enc, *b_enc, *w_dec, *b_dec, *thresholds;
} Source;

static void
source_clear (Source *self)
{
  g_clear_pointer (&self->checkpoint, cyt_checkpoint_free);
  g_clear_pointer (&self->prefix, g_free);
  g_clear_pointer (&self->facts, json_node_unref);
  cyt_sae_config_clear (&self->config);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Source, source_clear)

void
cyt_sae_config_clear (CytSaeConfig *config)
{
  g_clear_pointer (&config->model_name, g_free);
  g_clear_pointer (&config->module_name, g_free);
}

char *
cyt_sae_config_to_json (const CytSaeConfig *c)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (b);
  json_builder_set_member_name (b, "layout");
  json_builder_add_string_value (b, c->layout);
  json_builder_set_member_name (b, "activation");
  json_builder_add_string_value (b, cyt_sae_kind_get_name (c->kind));
  json_builder_set_member_name (b, "d_in");
  json_builder_add_int_value (b, c->d_in);
  json_builder_set_member_name (b, "d_sae");
  json_builder_add_int_value (b, c->d_sae);
  if (c->kind == CYT_SAE_TOPK)
    {
      json_builder_set_member_name (b, "k");
      json_builder_add_int_value (b, c->k);
    }
  if (c->model_name != NULL)
    {
      json_builder_set_member_name (b, "model_name");
      json_builder_add_string_value (b, c->model_name);
    }
  if (c->module_name != NULL)
    {
      json_builder_set_member_name (b, "module_name");
      json_builder_add_string_value (b, c->module_name);
    }
  json_builder_set_member_name (b, "block_layer");
  json_builder_add_int_value (b, c->block_layer);
  if (c->l1_coefficient > 0)
    {
      json_builder_set_member_name (b, "l1_coefficient");
      json_builder_add_double_value (b, c->l1_coefficient);
    }
  if (c->expansion_factor > 0)
    {
      json_builder_set_member_name (b, "expansion_factor");
      json_builder_add_double_value (b, c->expansion_factor);
    }
  json_builder_end_object (b);
  root = json_builder_get_root (b);
  return json_to_string (root, FALSE);
}

#define fail(self, error, code, ...) cyt_weights_fail ((self)->checkpoint, error, code, __VA_ARGS__)

/* The value of the first of @names (NULL-terminated) that the configuration has, or NULL. */
static JsonNode *
fact (Source *self, const char *const *names)
{
  JsonObject *facts = json_node_get_object (self->facts);

  for (; *names != NULL; names++)
    {
      JsonNode *node = json_object_get_member (facts, *names);

      if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
        return node;
    }
  return NULL;
}
#define FACT(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const char *
string_fact (Source *self, const char *const *names)
{
  JsonNode *node = fact (self, names);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

static double
number_fact (Source *self, const char *const *names, double otherwise)
{
  JsonNode *node = fact (self, names);

  if (node == NULL
      || (json_node_get_value_type (node) != G_TYPE_INT64 && json_node_get_value_type (node) != G_TYPE_DOUBLE))
    return otherwise;
  return json_node_get_double (node);
}

static gboolean
bool_fact (Source *self, const char *name, gboolean otherwise)
{
  JsonNode *node = fact (self, FACT (name));

  return node != NULL && json_node_get_value_type (node) == G_TYPE_BOOLEAN ? json_node_get_boolean (node) : otherwise;
}

/* The configuration as a JSON object: cfg.json of SAELens, or the record under "cfg" or "config" of a
 * CytoSAE file. */
static gboolean
read_facts (Source *self, const char *cfg_path, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) local = NULL;
  gboolean parsed;

  if (cfg_path != NULL)
    {
      g_autofree char *content = NULL;
      gsize length;

      if (!g_file_get_contents (cfg_path, &content, &length, error))
        return FALSE;
      parsed = length <= CHUNK_BYTES && g_utf8_validate (content, length, NULL) && cyt_json_check (content, length, &local)
               && json_parser_load_from_data (parser, content, length, &local);
    }
  else
    {
      const CytValue *root = cyt_checkpoint_get_root (self->checkpoint);
      const CytValue *cfg = cyt_value_lookup (root, "cfg");
      g_autofree char *json = NULL;

      if (cfg == NULL)
        cfg = cyt_value_lookup (root, "config");
      json = cfg != NULL ? cyt_value_to_json (cfg) : g_strdup ("{}");
      parsed = json_parser_load_from_data (parser, json, -1, &local);
    }
  if (!parsed || json_parser_get_root (parser) == NULL || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    {
      g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_CORRUPT, "%s: the SAE's configuration is not a JSON object",
                   cfg_path != NULL ? cfg_path : cyt_checkpoint_get_path (self->checkpoint));
      return FALSE;
    }
  self->facts = json_parser_steal_root (parser);
  return TRUE;
}

/* Lower case without separators: "batch_topk", "BatchTopK" → "batchtopk". */
static char *
fold_name (const char *name)
{
  GString *folded = g_string_new (NULL);

  for (; *name != '\0'; name++)
    if (g_ascii_isalnum (*name))
      g_string_append_c (folded, g_ascii_tolower (*name));
  return g_string_free (folded, FALSE);
}

static gboolean
is_one_of (const char *s, const char *const *set)
{
  return g_strv_contains (set, s);
}

/* The activation function, from "architecture", else from "activation_fn", else from what tensors there are. */
static gboolean
find_kind (Source *self, GError **error)
{
  const char *const plain[] = { "standard", "sae", "sparseautoencoder", "vanilla", NULL };
  const char *architecture = string_fact (self, FACT ("architecture", "variant", "sae_type"));
  const char *activation = string_fact (self, FACT ("activation_fn", "activation_fn_str", "activation"));
  const char *said = architecture;
  g_autofree char *folded = said != NULL ? fold_name (said) : NULL;
  CytSaeConfig *c = &self->config;

  if (folded == NULL || is_one_of (folded, plain))
    {
      said = activation;
      g_free (folded);
      folded = said != NULL ? fold_name (said) : NULL;
    }
  if (folded == NULL)
    {
      if (self->thresholds != NULL)
        c->kind = self->thresholds->n_elements == 1 && c->d_sae != 1 ? CYT_SAE_BATCH_TOPK : CYT_SAE_JUMPRELU;
      else
        c->kind = CYT_SAE_RELU;
    }
  else if (is_one_of (folded, (const char *const[]){ "relu", "torchnnrelu", "standard", NULL }))
    c->kind = CYT_SAE_RELU;
  else if (g_str_equal (folded, "topk"))
    c->kind = CYT_SAE_TOPK;
  else if (is_one_of (folded, (const char *const[]){ "batchtopk", "matryoshkabatchtopk", NULL }))
    c->kind = CYT_SAE_BATCH_TOPK;
  else if (g_str_equal (folded, "jumprelu"))
    c->kind = CYT_SAE_JUMPRELU;
  else
    return fail (self, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                 "an SAE of kind “%s” is not supported: expected ReLU, TopK, BatchTopK or JumpReLU", said);
  return TRUE;
}

static gboolean
find_k (Source *self, GError **error)
{
  JsonObject *facts = json_node_get_object (self->facts);
  JsonNode *kwargs = json_object_get_member (facts, "activation_fn_kwargs");
  double k = number_fact (self, FACT ("k", "top_k", "topk"), NAN);

  if (isnan (k) && kwargs != NULL && JSON_NODE_HOLDS_OBJECT (kwargs))
    k = json_object_get_double_member_with_default (json_node_get_object (kwargs), "k", NAN);
  if (!(k >= 1 && k <= self->config.d_sae && k == floor (k)))
    return fail (self, error, CYT_CHECKPOINT_ERROR_MISMATCH,
                 "a TopK SAE needs a whole number k between 1 and d_sae = %" G_GSIZE_FORMAT " in its configuration",
                 self->config.d_sae);
  self->config.k = k;
  return TRUE;
}

/* What would change f in a way that is not implemented is refused by name, never passed over. */
static gboolean
find_options (Source *self, GError **error)
{
  const char *normalise = string_fact (self, FACT ("normalize_activations"));

  if (normalise != NULL && !g_str_equal (normalise, "none"))
    return fail (self, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "normalize_activations “%s” is not supported: expected “none”",
                 normalise);
  if (bool_fact (self, "normalize_activations", FALSE))
    return fail (self, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "normalize_activations is not supported");
  if (bool_fact (self, "finetuning_scaling_factor", FALSE))
    return fail (self, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "finetuning_scaling_factor is not supported");
  self->centre = bool_fact (self, "apply_b_dec_to_input", TRUE);
  self->rescale = bool_fact (self, "rescale_acts_by_decoder_norm", FALSE);
  self->threshold = number_fact (self, FACT ("threshold", "topk_threshold"), NAN);
  return TRUE;
}

static const CytTensorInfo *
find (Source *self, const char *name)
{
  return cyt_weights_find (self->checkpoint, self->prefix, name);
}

#define require(self, error, ...) cyt_weights_require ((self)->checkpoint, error, (self)->prefix, __VA_ARGS__)

/* The prefix before "W_enc", and the sizes from its biases: the one vector of each length. */
static gboolean
find_tensors (Source *self, GError **error)
{
  CytSaeConfig *c = &self->config;
  const CytTensorInfo *b_dec, *b_enc;
  gint64 d_in, d_sae;

  for (gsize i = 0; i < cyt_checkpoint_get_n_tensors (self->checkpoint) && self->prefix == NULL; i++)
    {
      const char *name = cyt_checkpoint_get_tensor (self->checkpoint, i)->name;
      gsize length = strlen (name);

      if (g_str_equal (name, "W_enc") || g_str_has_suffix (name, ".W_enc"))
        self->prefix = g_strndup (name, length - strlen ("W_enc"));
    }
  if (self->prefix == NULL)
    return fail (self, error, CYT_CHECKPOINT_ERROR_MISMATCH, "not a sparse autoencoder: no tensor is named W_enc");

  b_dec = find (self, "b_dec");
  b_enc = find (self, "b_enc");
  if (b_dec == NULL || b_enc == NULL)
    return fail (self, error, CYT_CHECKPOINT_ERROR_MISMATCH, "tensor %s%s is missing; expected a vector", self->prefix,
                 b_dec == NULL ? "b_dec" : "b_enc");
  if (b_dec->n_elements == 0 || b_dec->n_elements > MAX_D_IN || b_enc->n_elements == 0 || b_enc->n_elements > MAX_D_SAE)
    return fail (self, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                 "b_dec has %" G_GSIZE_FORMAT " and b_enc %" G_GSIZE_FORMAT " elements; expected 1…%d and 1…%d",
                 b_dec->n_elements, b_enc->n_elements, MAX_D_IN, MAX_D_SAE);
  c->d_in = b_dec->n_elements;
  c->d_sae = b_enc->n_elements;
  d_in = c->d_in;
  d_sae = c->d_sae;
  if ((self->b_dec = require (self, error, "b_dec", 1, d_in)) == NULL
      || (self->b_enc = require (self, error, "b_enc", 1, d_sae)) == NULL
      || (self->w_enc = require (self, error, "W_enc", 2, d_in, d_sae)) == NULL
      || (self->w_dec = require (self, error, "W_dec", 2, d_sae, d_in)) == NULL)
    return FALSE;
  self->thresholds = find (self, "threshold");
  if (self->thresholds == NULL)
    self->thresholds = find (self, "topk_threshold");
  return TRUE;
}

static gboolean
check_thresholds (Source *self, GError **error)
{
  CytSaeConfig *c = &self->config;

  if (c->kind == CYT_SAE_JUMPRELU)
    return (self->thresholds = require (self, error, "threshold", 1, (gint64) c->d_sae)) != NULL;
  if (c->kind != CYT_SAE_BATCH_TOPK)
    return TRUE;
  if (self->thresholds != NULL && (self->thresholds->n_elements != 1 || !cyt_dtype_is_real (self->thresholds->dtype)))
    return fail (self, error, CYT_CHECKPOINT_ERROR_MISMATCH, "tensor %s has %" G_GSIZE_FORMAT " elements; expected one number",
                 self->thresholds->name, self->thresholds->n_elements);
  if (self->thresholds == NULL && isnan (self->threshold))
    return fail (self, error, CYT_CHECKPOINT_ERROR_MISMATCH,
                 "a BatchTopK SAE needs its inference threshold: no tensor or configuration entry is named threshold");
  return TRUE;
}

static gboolean
check_fact (Source *self, const char *name, gsize found, GError **error)
{
  double said = number_fact (self, FACT (name), NAN);

  if (isnan (said) || said == (double) found)
    return TRUE;
  return fail (self, error, CYT_CHECKPOINT_ERROR_MISMATCH,
               "the configuration says %s = %g, the tensors have %" G_GSIZE_FORMAT, name, said, found);
}

static gboolean
source_open (Source *self, const char *path, GError **error)
{
  gboolean folder = g_file_test (path, G_FILE_TEST_IS_DIR);
  g_autofree char *weights = folder ? g_build_filename (path, "sae_weights.safetensors", NULL) : g_strdup (path);
  g_autofree char *parent = g_path_get_dirname (weights);
  g_autofree char *cfg_path = g_build_filename (parent, "cfg.json", NULL);
  CytSaeConfig *c = &self->config;
  gboolean sae_lens;
  double block;

  if ((self->checkpoint = cyt_checkpoint_open (weights, error)) == NULL)
    return FALSE;
  sae_lens = cyt_checkpoint_get_kind (self->checkpoint) == CYT_CHECKPOINT_SAFETENSORS;
  /* A lone safetensors file without cfg.json is taken by what its tensors say. */
  if (sae_lens && !folder && !g_file_test (cfg_path, G_FILE_TEST_EXISTS))
    self->facts = json_node_init_object (json_node_alloc (), json_object_new ());
  else if (!read_facts (self, sae_lens ? cfg_path : NULL, error))
    return FALSE;
  c->layout = sae_lens ? "SAELens" : "CytoSAE";

  if (!find_tensors (self, error) || !find_kind (self, error) || !find_options (self, error)
      || !check_thresholds (self, error) || (c->kind == CYT_SAE_TOPK && !find_k (self, error))
      || !cyt_weights_check_size (self->checkpoint, self->prefix, error) || !check_fact (self, "d_in", c->d_in, error) || !check_fact (self, "d_sae", c->d_sae, error))
    return FALSE;

  c->model_name = g_strdup (string_fact (self, FACT ("model_name")));
  c->module_name = g_strdup (string_fact (self, FACT ("module_name", "hook_name", "hook_point")));
  c->l1_coefficient = number_fact (self, FACT ("l1_coefficient"), 0);
  c->expansion_factor = number_fact (self, FACT ("expansion_factor"), 0);
  /* SAELens' hook_layer counts hooks of another library and is not taken. */
  block = number_fact (self, FACT ("block_layer"), CYT_SAE_DEFAULT_BLOCK);
  if (!(fabs (block) < 10000 && block == floor (block)))
    return fail (self, error, CYT_CHECKPOINT_ERROR_MISMATCH, "block_layer is %g; expected the number of a block", block);
  c->block_layer = block;
  return TRUE;
}

gboolean
cyt_sae_probe (const char *path, CytSaeConfig *config, GError **error)
{
  g_auto (Source) source = { 0 };

  if (!source_open (&source, path, error))
    return FALSE;
  *config = source.config;
  source.config = (CytSaeConfig){ 0 };
  return TRUE;
}

/* Calls @use for pieces of rows of a (rows, columns) tensor. */
typedef void (*RowsFunc) (CytSae *sae, const float *rows, gsize first, gsize n_rows, gpointer data);

static gboolean
stream_rows (Source *self, const CytTensorInfo *info, CytSae *sae, RowsFunc use, gpointer data, GError **error)
{
  gsize n_rows = info->shape[0], n_columns = info->shape[1];
  gsize n_chunk = MAX (1, CHUNK_BYTES / (n_columns * sizeof (float)));
  g_autofree float *rows = g_new (float, n_chunk * n_columns);

  for (gsize first = 0; first < n_rows; first += n_chunk)
    {
      gsize n = MIN (n_chunk, n_rows - first);

      if (!cyt_weights_read_rows (self->checkpoint, info, first, n, rows, error))
        return FALSE;
      use (sae, rows, first, n, data);
    }
  return TRUE;
}

/* W_enc (d_in, d_sae) into tiles. */
static void
lay_out_rows (CytSae *sae, const float *rows, gsize first, gsize n_rows, gpointer data)
{
  gsize d_in = sae->config.d_in, d_sae = sae->config.d_sae;

  for (gsize i = 0; i < n_rows; i++)
    for (gsize tile = 0; tile < sae->n_tiles; tile++)
      memcpy (sae->w_enc + (tile * d_in + first + i) * T, rows + i * d_sae + tile * T,
              MIN (T, d_sae - tile * T) * sizeof (float));
}

/* norm (d_sae) of the rows of W_dec. */
static void
measure_rows (CytSae *sae, const float *rows, gsize first, gsize n_rows, gpointer data)
{
  gsize d_in = sae->config.d_in;
  float *norm = data;

  for (gsize i = 0; i < n_rows; i++)
    {
      double square = 0;

      for (gsize c = 0; c < d_in; c++)
        square += (double) rows[i * d_in + c] * rows[i * d_in + c];
      norm[first + i] = (float) sqrt (square);
    }
}

/* SAELens' rescale_acts_by_decoder_norm: pre-activations times ‖W_dec[k]‖, folded into the weights. */
static gboolean
fold_decoder_norms (Source *self, CytSae *sae, GError **error)
{
  g_autofree float *norm = g_new0 (float, sae->n_tiles * T);

  if (!stream_rows (self, self->w_dec, sae, measure_rows, norm, error))
    return FALSE;
  for (gsize tile = 0; tile < sae->n_tiles; tile++)
    for (gsize k = 0; k < T; k++)
      {
        sae->b_enc[tile * T + k] *= norm[tile * T + k];
        for (gsize i = 0; i < sae->config.d_in; i++)
          sae->w_enc[(tile * sae->config.d_in + i) * T + k] *= norm[tile * T + k];
      }
  return TRUE;
}

static gboolean
read_thresholds (Source *self, CytSae *sae, GError **error)
{
  float one = (float) self->threshold;

  if (sae->config.kind == CYT_SAE_JUMPRELU)
    {
      if (!cyt_weights_read (self->checkpoint, self->thresholds, sae->threshold, error))
        return FALSE;
      /* f is ReLU'd as well: a negative threshold acts as zero. */
      for (gsize k = 0; k < sae->config.d_sae; k++)
        sae->threshold[k] = MAX (sae->threshold[k], 0);
      return TRUE;
    }
  if (sae->config.kind != CYT_SAE_BATCH_TOPK)
    return TRUE;
  if (self->thresholds != NULL && !cyt_weights_read (self->checkpoint, self->thresholds, &one, error))
    return FALSE;
  if (!(one >= 0))
    return fail (self, error, CYT_CHECKPOINT_ERROR_MISMATCH,
                 "the BatchTopK threshold is %g: training did not set it; expected a number >= 0", one);
  for (gsize k = 0; k < sae->config.d_sae; k++)
    sae->threshold[k] = one;
  return TRUE;
}

CytSae *
cyt_sae_load (const char *path, GError **error)
{
  g_auto (Source) source = { 0 };
  g_autoptr (CytSae) self = NULL;
  gsize n_padded;

  cyt_blas_init ();
  if (!source_open (&source, path, error))
    return NULL;
  self = g_new0 (CytSae, 1);
  self->path = g_strdup (path);
  self->config = source.config;
  source.config = (CytSaeConfig){ 0 };
  self->n_tiles = (self->config.d_sae + T - 1) / T;
  n_padded = self->n_tiles * T;
  self->w_enc = g_try_new (float, n_padded * self->config.d_in);
  if (self->w_enc == NULL)
    {
      fail (&source, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "not enough memory for tensor W_enc");
      return NULL;
    }
  /* Only the last tile has columns that no weight fills. */
  memset (self->w_enc + (self->n_tiles - 1) * self->config.d_in * T, 0, self->config.d_in * T * sizeof (float));
  self->b_enc = g_new0 (float, n_padded);
  self->threshold = g_new0 (float, n_padded);
  self->b_dec = g_new0 (float, self->config.d_in);

  if (!stream_rows (&source, source.w_enc, self, lay_out_rows, NULL, error)
      || !cyt_weights_read (source.checkpoint, source.b_enc, self->b_enc, error)
      || (source.centre && !cyt_weights_read (source.checkpoint, source.b_dec, self->b_dec, error))
      || !read_thresholds (&source, self, error) || (source.rescale && !fold_decoder_norms (&source, self, error)))
    return NULL;
  return g_steal_pointer (&self);
}

CytSae *
cyt_sae_new (const char *name, const CytSaeConfig *config, const float *directions, const float *b_enc,
             const float *b_dec)
{
  CytSae *self = g_new0 (CytSae, 1);
  gsize d_in = config->d_in, d_sae = config->d_sae;

  g_assert (config->kind == CYT_SAE_RELU || (config->kind == CYT_SAE_TOPK && config->k > 0 && config->k <= d_sae));
  cyt_blas_init ();
  self->path = g_strdup (name);
  self->config = (CytSaeConfig){ .layout = "numbers", .kind = config->kind, .d_in = d_in, .d_sae = d_sae,
                                 .k = config->k, .block_layer = config->block_layer };
  self->n_tiles = (d_sae + T - 1) / T;
  self->w_enc = g_new0 (float, self->n_tiles * T * d_in);
  self->b_enc = g_new0 (float, self->n_tiles * T);
  self->threshold = g_new0 (float, self->n_tiles * T);
  self->b_dec = g_new0 (float, d_in);
  for (gsize k = 0; k < d_sae; k++)
    for (gsize i = 0; i < d_in; i++)
      self->w_enc[(k / T * d_in + i) * T + k % T] = directions[k * d_in + i];
  if (b_enc != NULL)
    memcpy (self->b_enc, b_enc, d_sae * sizeof *b_enc);
  if (b_dec != NULL)
    memcpy (self->b_dec, b_dec, d_in * sizeof *b_dec);
  return self;
}

void
cyt_sae_free (CytSae *self)
{
  if (self == NULL)
    return;
  cyt_sae_config_clear (&self->config);
  g_free (self->path);
  g_free (self->w_enc);
  g_free (self->b_enc);
  g_free (self->threshold);
  g_free (self->b_dec);
  g_free (self);
}

/* ---- The decoder alone ---- */

struct _CytSaeDecoder
{
  Source source;
};

CytSaeDecoder *
cyt_sae_decoder_open (const char *path, GError **error)
{
  g_autoptr (CytSaeDecoder) self = g_new0 (CytSaeDecoder, 1);

  if (!source_open (&self->source, path, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
cyt_sae_decoder_close (CytSaeDecoder *self)
{
  if (self == NULL)
    return;
  source_clear (&self->source);
  g_free (self);
}

const CytSaeConfig *
cyt_sae_decoder_get_config (CytSaeDecoder *self)
{
  return &self->source.config;
}

/* x (n, d): each row to unit length; a row of zeros stays one. */
static void
normalise_rows (float *x, gsize n, gsize d)
{
  for (gsize i = 0; i < n; i++)
    {
      float *row = x + i * d;
      double square = 0, scale;

      for (gsize c = 0; c < d; c++)
        square += (double) row[c] * row[c];
      scale = square > 0 ? 1 / sqrt (square) : 0;
      for (gsize c = 0; c < d; c++)
        row[c] = (float) (row[c] * scale);
    }
}

gboolean
cyt_sae_decoder_read (CytSaeDecoder *self, gsize first, gsize n, float *out, GError **error)
{
  gsize d_in = self->source.config.d_in;

  g_return_val_if_fail (first <= self->source.config.d_sae && n <= self->source.config.d_sae - first, FALSE);

  if (!cyt_weights_read_rows (self->source.checkpoint, self->source.w_dec, first, n, out, error))
    return FALSE;
  normalise_rows (out, n, d_in);
  return TRUE;
}

gboolean
cyt_sae_decoder_read_all (CytSaeDecoder *self, float *w_dec, float *b_dec, GError **error)
{
  Source *source = &self->source;

  if (!cyt_weights_read (source->checkpoint, source->w_dec, w_dec, error)
      || !cyt_weights_read (source->checkpoint, source->b_dec, b_dec, error))
    return FALSE;
  if (source->rescale) /* cyt_sae_run() gives f times the norm of the row */
    normalise_rows (w_dec, source->config.d_sae, source->config.d_in);
  return TRUE;
}
