/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-error.h"
#include "model/cyt-encoder-private.h"
#include "model/cyt-weights.h"
#include "tensor/cyt-bicubic.h"
#include "tensor/cyt-blas.h"

/* Beyond these, shapes are not an encoder's but an accident. */
#define MAX_BLOCKS 256
#define MAX_WIDTH 16384
#define MAX_GRID 256
#define MAX_REGISTERS 64
/* The names of one tensor in the two families of namings (METHODS §1). */
typedef struct
{
  const char *dino;
  const char *hf;
} Name;

static const Name patch_weight = { "patch_embed.proj.weight", "embeddings.patch_embeddings.projection.weight" };
static const Name patch_bias = { "patch_embed.proj.bias", "embeddings.patch_embeddings.projection.bias" };
static const Name cls_token = { "cls_token", "embeddings.cls_token" };
static const Name pos_embed = { "pos_embed", "embeddings.position_embeddings" };
static const Name norm1_weight = { "norm1.weight", "norm1.weight" };
static const Name norm1_bias = { "norm1.bias", "norm1.bias" };
static const Name proj_weight = { "attn.proj.weight", "attention.output.dense.weight" };
static const Name proj_bias = { "attn.proj.bias", "attention.output.dense.bias" };
static const Name ls1 = { "ls1.gamma", "layer_scale1.lambda1" };
static const Name norm2_weight = { "norm2.weight", "norm2.weight" };
static const Name norm2_bias = { "norm2.bias", "norm2.bias" };
static const Name ls2 = { "ls2.gamma", "layer_scale2.lambda1" };
static const Name fc1_weight = { "mlp.fc1.weight", "mlp.fc1.weight" };
static const Name fc1_bias = { "mlp.fc1.bias", "mlp.fc1.bias" };
static const Name fc2_weight = { "mlp.fc2.weight", "mlp.fc2.weight" };
static const Name fc2_bias = { "mlp.fc2.bias", "mlp.fc2.bias" };
static const Name gate_weight = { "mlp.w12.weight", "mlp.weights_in.weight" };
static const Name gate_bias = { "mlp.w12.bias", "mlp.weights_in.bias" };
static const Name gate_out_weight = { "mlp.w3.weight", "mlp.weights_out.weight" };
static const Name gate_out_bias = { "mlp.w3.bias", "mlp.weights_out.bias" };

/* Where an encoder lies in a checkpoint. */
typedef struct
{
  CytCheckpoint *checkpoint;
  char *prefix;        /* "teacher.backbone.", "" … */
  gboolean hf;
  char **block_prefix; /* (n_blocks) "teacher.backbone.blocks.0.3." …, NULL-terminated */
  const Name *mlp_in_weight, *mlp_in_bias, *mlp_out_weight, *mlp_out_bias;
  gboolean positions_without_cls; /* timm's encoders with registers */
  CytEncoderConfig config;
} Layout;

static void
layout_clear (Layout *self)
{
  g_free (self->prefix);
  g_strfreev (self->block_prefix);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Layout, layout_clear)

#define fail(self, error, ...) \
  cyt_weights_fail ((self)->checkpoint, error, CYT_CHECKPOINT_ERROR_MISMATCH, __VA_ARGS__)
#define find(self, prefix, name) cyt_weights_find ((self)->checkpoint, prefix, name)
#define require(self, error, ...) cyt_weights_require ((self)->checkpoint, error, __VA_ARGS__)

static const char *
pick (Layout *self, const Name *name)
{
  return self->hf ? name->hf : name->dino;
}

/* Finds the patch embedding: what stands before its name is the prefix. Of several (student and teacher)
 * the teacher's, else the first. */
static gboolean
find_prefix (Layout *self, GError **error)
{
  for (gsize i = 0; i < cyt_checkpoint_get_n_tensors (self->checkpoint); i++)
    {
      const char *name = cyt_checkpoint_get_tensor (self->checkpoint, i)->name;
      gboolean hf = g_str_has_suffix (name, patch_weight.hf);
      const char *suffix = hf ? patch_weight.hf : patch_weight.dino;
      gsize n_prefix;

      if (!g_str_has_suffix (name, suffix))
        continue;
      n_prefix = strlen (name) - strlen (suffix);
      if (n_prefix > 0 && name[n_prefix - 1] != '.')
        continue;
      if (self->prefix != NULL && !g_str_has_prefix (name, "teacher."))
        continue;
      g_free (self->prefix);
      self->prefix = g_strndup (name, n_prefix);
      self->hf = hf;
    }
  if (self->prefix == NULL)
    return fail (self, error,
                 "not an encoder of the DINOv2 layout: no tensor is named %s (DINOv2, DinoBloom, timm) or %s"
                 " (Hugging Face)",
                 patch_weight.dino, patch_weight.hf);
  return TRUE;
}

/* Reads a decimal number and the dot behind it; NULL when there is none. */
static const char *
parse_index (const char *s, gsize *index)
{
  char *end;
  guint64 value;

  if (!g_ascii_isdigit (*s))
    return NULL;
  value = g_ascii_strtoull (s, &end, 10);
  if (*end != '.' || value >= MAX_BLOCKS)
    return NULL;
  *index = value;
  return end + 1;
}

/* "blocks.N.…" or, chunked, "blocks.C.N.…", where N counts through all chunks (DINOv2's BlockChunk). */
static gboolean
find_blocks (Layout *self, GError **error)
{
  g_autofree char *start = g_strconcat (self->prefix, self->hf ? "encoder.layer." : "blocks.", NULL);
  g_autoptr (GPtrArray) prefixes = g_ptr_array_new_with_free_func (g_free);
  gboolean chunked = FALSE;
  gsize n_blocks = 0;

  g_ptr_array_set_size (prefixes, MAX_BLOCKS);
  for (gsize i = 0; i < cyt_checkpoint_get_n_tensors (self->checkpoint); i++)
    {
      const char *name = cyt_checkpoint_get_tensor (self->checkpoint, i)->name;
      const char *rest, *inner;
      g_autofree char *prefix = NULL;
      gsize index, inner_index;

      if (!g_str_has_prefix (name, start))
        continue;
      rest = parse_index (name + strlen (start), &index);
      if (rest == NULL)
        return fail (self, error, "tensor %s: expected a block number below %d after %s", name, MAX_BLOCKS, start);
      inner = parse_index (rest, &inner_index);
      if (inner != NULL)
        {
          chunked = TRUE;
          rest = inner;
          index = inner_index;
        }
      prefix = g_strndup (name, rest - name);
      if (prefixes->pdata[index] == NULL)
        prefixes->pdata[index] = g_steal_pointer (&prefix);
      else if (!g_str_equal (prefixes->pdata[index], prefix))
        return fail (self, error, "block %" G_GSIZE_FORMAT " is there twice, as %s and %s", index,
                     (char *) prefixes->pdata[index], prefix);
      n_blocks = MAX (n_blocks, index + 1);
    }
  if (n_blocks == 0)
    return fail (self, error, "no tensor is named %sN.…: the encoder has no blocks", start);
  for (gsize i = 0; i < n_blocks; i++)
    if (prefixes->pdata[i] == NULL)
      return fail (self, error, "block %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " is missing (%s%" G_GSIZE_FORMAT ".…)",
                   i, n_blocks, start, i);

  self->config.n_blocks = n_blocks;
  self->block_prefix = g_new0 (char *, n_blocks + 1);
  for (gsize i = 0; i < n_blocks; i++)
    self->block_prefix[i] = g_steal_pointer (&prefixes->pdata[i]);
  if (self->hf)
    self->config.layout = "Hugging Face";
  else if (g_str_has_prefix (self->prefix, "teacher."))
    self->config.layout = "DinoBloom";
  else if (chunked)
    self->config.layout = "DINOv2 (block-chunked)";
  else
    self->config.layout = "DINOv2";
  return TRUE;
}

static gboolean
find_positions (Layout *self, GError **error)
{
  CytEncoderConfig *c = &self->config;
  const CytTensorInfo *info;
  gsize n_positions, side = 1;

  if ((info = require (self, error, self->prefix, pick (self, &pos_embed), 3, (gint64) 1, (gint64) -1,
                       (gint64) c->d)) == NULL)
    return FALSE;
  n_positions = info->shape[1];
  while (side < MAX_GRID && side * side + 1 < n_positions)
    side++;
  if (side * side + 1 != n_positions && side * side != n_positions)
    return fail (self, error, "tensor %s has %" G_GSIZE_FORMAT " positions; expected a square grid, with or without CLS",
                 info->name, n_positions);
  c->n_grid = side;
  self->positions_without_cls = side * side == n_positions;
  return TRUE;
}

static const CytTensorInfo *
find_registers (Layout *self)
{
  static const char *const names[] = { "register_tokens", "reg_token", "embeddings.register_tokens" };
  const CytTensorInfo *info = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names) && info == NULL; i++)
    info = find (self, self->prefix, names[i]);
  return info;
}

static gboolean
probe_registers (Layout *self, GError **error)
{
  const CytTensorInfo *info = find_registers (self);

  if (info == NULL)
    return TRUE;
  if (info->n_dims != 3 || info->shape[0] != 1 || info->shape[1] > MAX_REGISTERS
      || info->shape[2] != (gint64) self->config.d)
    {
      g_autofree char *found = cyt_weights_format_shape (info);

      return fail (self, error, "tensor %s has shape %s; expected (1, at most %d, %" G_GSIZE_FORMAT ")", info->name,
                   found, MAX_REGISTERS, self->config.d);
    }
  self->config.n_registers = info->shape[1];
  if (g_str_has_suffix (info->name, "reg_token"))
    self->config.layout = "timm";
  return TRUE;
}

/* Which MLP: two plain layers, SwiGLU with a joint first layer (w12), or the same under the plain names
 * (timm), told by a first layer twice as wide as what the second one takes. */
static gboolean
probe_mlp (Layout *self, GError **error)
{
  CytEncoderConfig *c = &self->config;
  const char *block = self->block_prefix[0];
  gboolean gate_names = find (self, block, pick (self, &gate_weight)) != NULL;
  const CytTensorInfo *in, *out;
  gint64 d = c->d;

  self->mlp_in_weight = gate_names ? &gate_weight : &fc1_weight;
  self->mlp_in_bias = gate_names ? &gate_bias : &fc1_bias;
  self->mlp_out_weight = gate_names ? &gate_out_weight : &fc2_weight;
  self->mlp_out_bias = gate_names ? &gate_out_bias : &fc2_bias;

  if ((in = require (self, error, block, pick (self, self->mlp_in_weight), 2, (gint64) -1, d)) == NULL
      || (out = require (self, error, block, pick (self, self->mlp_out_weight), 2, d, (gint64) -1)) == NULL)
    return FALSE;
  c->d_mlp = out->shape[1];
  c->swiglu = in->shape[0] == 2 * out->shape[1];
  if (in->shape[0] > 8 * MAX_WIDTH || (!c->swiglu && (gate_names || in->shape[0] != out->shape[1])))
    {
      g_autofree char *found = cyt_weights_format_shape (in);

      return fail (self, error, "tensor %s has shape %s; expected (%" G_GINT64_FORMAT "%s, %" G_GINT64_FORMAT ") to fit %s",
                   in->name, found, out->shape[1] * (gate_names ? 2 : 1), gate_names ? "" : " or twice that", d,
                   out->name);
    }
  return TRUE;
}

/* A tensor within a block that the layout does not know would change the result: refuse it. */
static gboolean
refuse_strangers (Layout *self, GError **error)
{
  static const char *const dino[] = { "attn.qkv.weight", "attn.qkv.bias", NULL };
  static const char *const hf[] = {
    "attention.attention.query.weight", "attention.attention.query.bias", "attention.attention.key.weight",
    "attention.attention.key.bias", "attention.attention.value.weight", "attention.attention.value.bias", NULL,
  };
  const Name *const common[] = {
    &norm1_weight, &norm1_bias, &proj_weight, &proj_bias, &ls1, &norm2_weight, &norm2_bias, &ls2,
    self->mlp_in_weight, self->mlp_in_bias, self->mlp_out_weight, self->mlp_out_bias,
  };
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < G_N_ELEMENTS (common); i++)
    g_hash_table_add (known, (gpointer) pick (self, common[i]));
  for (const char *const *name = self->hf ? hf : dino; *name != NULL; name++)
    g_hash_table_add (known, (gpointer) *name);

  for (gsize i = 0; i < cyt_checkpoint_get_n_tensors (self->checkpoint); i++)
    {
      const char *name = cyt_checkpoint_get_tensor (self->checkpoint, i)->name;

      for (gsize b = 0; b < self->config.n_blocks; b++)
        if (g_str_has_prefix (name, self->block_prefix[b])
            && !g_hash_table_contains (known, name + strlen (self->block_prefix[b])))
          return fail (self, error, "tensor %s is not part of a block of the DINOv2 layout", name);
    }
  return TRUE;
}

/* Every tensor that will be read, by name and shape, before any memory is taken for it. */
static gboolean
check_tensors (Layout *self, GError **error)
{
  gint64 d = self->config.d, h = self->config.d_mlp, e = self->config.swiglu ? 2 * h : h;

  if (!require (self, error, self->prefix, pick (self, &patch_bias), 1, d)
      || !require (self, error, self->prefix, pick (self, &cls_token), 3, (gint64) 1, (gint64) 1, d))
    return FALSE;
  for (gsize b = 0; b < self->config.n_blocks; b++)
    {
      const char *block = self->block_prefix[b];
      const Name *const vectors[]
          = { &norm1_weight, &norm1_bias, &proj_bias, &ls1, &norm2_weight, &norm2_bias, &ls2, self->mlp_out_bias };
      static const char *const parts[] = { "query", "key", "value" };

      for (gsize i = 0; i < G_N_ELEMENTS (vectors); i++)
        if (!require (self, error, block, pick (self, vectors[i]), 1, d))
          return FALSE;
      if (!require (self, error, block, pick (self, &proj_weight), 2, d, d)
          || !require (self, error, block, pick (self, self->mlp_in_weight), 2, e, d)
          || !require (self, error, block, pick (self, self->mlp_in_bias), 1, e)
          || !require (self, error, block, pick (self, self->mlp_out_weight), 2, d, h))
        return FALSE;
      if (!self->hf)
        {
          if (!require (self, error, block, "attn.qkv.weight", 2, 3 * d, d)
              || !require (self, error, block, "attn.qkv.bias", 1, 3 * d))
            return FALSE;
          continue;
        }
      for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
        {
          g_autofree char *weight = g_strdup_printf ("attention.attention.%s.weight", parts[i]);
          g_autofree char *bias = g_strdup_printf ("attention.attention.%s.bias", parts[i]);

          if (!require (self, error, block, weight, 2, d, d) || !require (self, error, block, bias, 1, d))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
probe (Layout *self, GError **error)
{
  CytEncoderConfig *c = &self->config;
  const CytTensorInfo *patch;

  if (!find_prefix (self, error) || !find_blocks (self, error))
    return FALSE;
  if ((patch = require (self, error, self->prefix, pick (self, &patch_weight), 4, (gint64) -1, (gint64) 3,
                        (gint64) CYT_PATCH_SIZE, (gint64) CYT_PATCH_SIZE)) == NULL)
    return FALSE;
  if (patch->shape[0] % CYT_HEAD_SIZE != 0 || patch->shape[0] > MAX_WIDTH)
    return fail (self, error, "tensor %s has width %" G_GINT64_FORMAT "; expected a multiple of %d, at most %d", patch->name,
                 patch->shape[0], CYT_HEAD_SIZE, MAX_WIDTH);
  c->d = patch->shape[0];
  c->n_heads = c->d / CYT_HEAD_SIZE;
  if (!find_positions (self, error) || !probe_registers (self, error) || !probe_mlp (self, error))
    return FALSE;
  /* timm's files are DINOv2's but for the mask token, which they lack. */
  if (g_str_equal (c->layout, "DINOv2") && *self->prefix == '\0'
      && cyt_checkpoint_get_kind (self->checkpoint) == CYT_CHECKPOINT_SAFETENSORS
      && find (self, self->prefix, "mask_token") == NULL)
    c->layout = "timm";
  return refuse_strangers (self, error) && check_tensors (self, error);
}

gboolean
cyt_encoder_probe (CytCheckpoint *checkpoint, CytEncoderConfig *config, GError **error)
{
  g_auto (Layout) layout = { .checkpoint = checkpoint };

  if (!probe (&layout, error))
    return FALSE;
  *config = layout.config;
  return TRUE;
}

/* Reads a tensor that check_tensors() has seen. NULL with error. */
static float *
read_tensor (Layout *self, const char *prefix, const char *name, GError **error)
{
  const CytTensorInfo *info = find (self, prefix, name);
  g_autofree float *data = g_try_new (float, info->n_elements);

  if (data == NULL)
    {
      cyt_weights_fail (self->checkpoint, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "not enough memory for tensor %s",
                        info->name);
      return NULL;
    }
  if (!cyt_weights_read (self->checkpoint, info, data, error))
    return NULL;
  return g_steal_pointer (&data);
}

/* Hugging Face keeps the three parts of qkv apart: (d, d) and (d) each, one below the other. */
static gboolean
read_qkv_parts (Layout *self, CytEncoderBlock *block, const char *prefix, GError **error)
{
  static const char *const parts[] = { "query", "key", "value" };
  gsize d = self->config.d;

  block->qkv_weight = g_try_new (float, 3 * d * d);
  block->qkv_bias = g_new (float, 3 * d);
  if (block->qkv_weight == NULL)
    return cyt_weights_fail (self->checkpoint, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                             "not enough memory for %sattention", prefix);
  for (gsize i = 0; i < 3; i++)
    {
      g_autofree char *weight_name = g_strdup_printf ("attention.attention.%s.weight", parts[i]);
      g_autofree char *bias_name = g_strdup_printf ("attention.attention.%s.bias", parts[i]);
      const CytTensorInfo *weight = find (self, prefix, weight_name), *bias = find (self, prefix, bias_name);

      if (!cyt_weights_read (self->checkpoint, weight, block->qkv_weight + i * d * d, error)
          || !cyt_weights_read (self->checkpoint, bias, block->qkv_bias + i * d, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_block (Layout *self, CytEncoderBlock *block, const char *prefix, GError **error)
{
  const struct
  {
    float **out;
    const Name *name;
  } tensors[] = {
    { &block->norm1_weight, &norm1_weight }, { &block->norm1_bias, &norm1_bias },
    { &block->proj_weight, &proj_weight },   { &block->proj_bias, &proj_bias },
    { &block->ls1, &ls1 },                   { &block->norm2_weight, &norm2_weight },
    { &block->norm2_bias, &norm2_bias },     { &block->fc1_weight, self->mlp_in_weight },
    { &block->fc1_bias, self->mlp_in_bias }, { &block->fc2_weight, self->mlp_out_weight },
    { &block->fc2_bias, self->mlp_out_bias }, { &block->ls2, &ls2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (tensors); i++)
    if ((*tensors[i].out = read_tensor (self, prefix, pick (self, tensors[i].name), error)) == NULL)
      return FALSE;
  if (self->hf)
    return read_qkv_parts (self, block, prefix, error);
  return (block->qkv_weight = read_tensor (self, prefix, "attn.qkv.weight", error)) != NULL
         && (block->qkv_bias = read_tensor (self, prefix, "attn.qkv.bias", error)) != NULL;
}

/* cls += its position; positions = the patches' on the 16 × 16 grid. */
static gboolean
read_positions (Layout *self, CytEncoder *encoder, GError **error)
{
  gsize d = self->config.d;
  g_autofree float *stored = read_tensor (self, self->prefix, pick (self, &pos_embed), error);
  const float *grid;

  if (stored == NULL)
    return FALSE;
  grid = stored;
  if (!self->positions_without_cls)
    {
      for (gsize c = 0; c < d; c++)
        encoder->cls[c] += stored[c];
      grid += d;
    }
  encoder->positions = g_new (float, CYT_N_PATCHES * d);
  if (self->config.n_grid == CYT_N_PATCH_SIDE)
    memcpy (encoder->positions, grid, CYT_N_PATCHES * d * sizeof (float));
  else
    cyt_bicubic_resize_grid (encoder->positions, CYT_N_PATCH_SIDE, grid, self->config.n_grid, d);
  return TRUE;
}

CytEncoder *
cyt_encoder_load (const char *path, GError **error)
{
  g_autoptr (CytCheckpoint) checkpoint = NULL;
  g_auto (Layout) layout = { 0 };
  g_autoptr (CytEncoder) self = NULL;

  cyt_blas_init ();
  if ((checkpoint = cyt_checkpoint_open (path, error)) == NULL)
    return NULL;
  layout.checkpoint = checkpoint;
  if (!probe (&layout, error) || !cyt_weights_check_size (checkpoint, layout.prefix, error))
    return NULL;

  self = g_new0 (CytEncoder, 1);
  self->path = g_strdup (path);
  self->config = layout.config;
  self->blocks = g_new0 (CytEncoderBlock, layout.config.n_blocks);
  if ((self->patch_weight = read_tensor (&layout, layout.prefix, pick (&layout, &patch_weight), error)) == NULL
      || (self->patch_bias = read_tensor (&layout, layout.prefix, pick (&layout, &patch_bias), error)) == NULL
      || (self->cls = read_tensor (&layout, layout.prefix, pick (&layout, &cls_token), error)) == NULL
      || !read_positions (&layout, self, error))
    return NULL;
  if (layout.config.n_registers > 0)
    {
      const CytTensorInfo *info = find_registers (&layout);

      if ((self->registers = read_tensor (&layout, "", info->name, error)) == NULL)
        return NULL;
    }
  for (gsize i = 0; i < layout.config.n_blocks; i++)
    if (!read_block (&layout, &self->blocks[i], layout.block_prefix[i], error))
      return NULL;
  return g_steal_pointer (&self);
}

void
cyt_encoder_free (CytEncoder *self)
{
  if (self == NULL)
    return;
  for (gsize i = 0; i < self->config.n_blocks; i++)
    {
      CytEncoderBlock *b = &self->blocks[i];
      float *const tensors[] = { b->norm1_weight, b->norm1_bias, b->qkv_weight, b->qkv_bias, b->proj_weight,
                                 b->proj_bias, b->ls1, b->norm2_weight, b->norm2_bias, b->fc1_weight,
                                 b->fc1_bias, b->fc2_weight, b->fc2_bias, b->ls2 };

      for (gsize t = 0; t < G_N_ELEMENTS (tensors); t++)
        g_free (tensors[t]);
    }
  g_free (self->path);
  g_free (self->blocks);
  g_free (self->patch_weight);
  g_free (self->patch_bias);
  g_free (self->cls);
  g_free (self->registers);
  g_free (self->positions);
  g_free (self);
}
