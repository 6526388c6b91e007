/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>

#include "cyt-training-plan.h"

#define GROUP "training"
#define SUFFIX ".training.ini"
#define MAX_CACHE_BYTES G_GUINT64_CONSTANT (20000000000)
#define N_CHECKPOINTS 20
#define BLOCK (-2)

CytTrainingPlan *
cyt_training_plan_new (void)
{
  const CytTrainRecipe recipe = CYT_TRAIN_RECIPE_INIT;
  CytTrainingPlan *self = g_new0 (CytTrainingPlan, 1);

  self->expansion = 16;
  self->variant = recipe.variant;
  self->l1 = recipe.l1;
  self->k = (guint) recipe.k;
  self->l0 = recipe.l0;
  self->lr = recipe.lr;
  self->batch = 64;
  self->seed = 42;
  self->ghost = TRUE;
  return self;
}

CytTrainingPlan *
cyt_training_plan_copy (const CytTrainingPlan *self)
{
  CytTrainingPlan *copy = g_memdup2 (self, sizeof *self);

  copy->encoder = g_strdup (self->encoder);
  copy->images = g_strdup (self->images);
  copy->out = g_strdup (self->out);
  return copy;
}

void
cyt_training_plan_free (CytTrainingPlan *self)
{
  if (self == NULL)
    return;
  g_free (self->encoder);
  g_free (self->images);
  g_free (self->out);
  g_free (self);
}

gsize
cyt_training_plan_get_n_latents (const CytTrainingPlan *self, gsize d)
{
  return MAX (1, (gsize) llround (self->expansion * (double) d));
}

void
cyt_training_plan_get_options (const CytTrainingPlan *self, gsize d, CytTrainOptions *options)
{
  const CytTrainRecipe recipe = CYT_TRAIN_RECIPE_INIT;

  *options = (CytTrainOptions){ .block = BLOCK,
                                .d_sae = cyt_training_plan_get_n_latents (self, d),
                                .n_images = self->n_images,
                                .batch = self->batch,
                                .recipe = recipe,
                                .seed = self->seed,
                                .n_checkpoints = N_CHECKPOINTS,
                                .cache = CYT_TOKEN_CACHE_F16,
                                .max_cache_bytes = MAX_CACHE_BYTES };
  options->recipe.variant = self->variant;
  options->recipe.l1 = self->l1;
  options->recipe.k = self->k;
  options->recipe.l0 = self->l0;
  options->recipe.lr = self->lr;
  options->recipe.ghost = self->ghost;
}

gboolean
cyt_training_plan_can_resume (const CytTrainingPlan *self)
{
  g_autofree char *state = g_strconcat (self->out, ".training", NULL);

  return g_file_test (state, G_FILE_TEST_IS_REGULAR);
}

/* ---- Kept plans ---- */

static char *
dup_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "cytosae", "trainings", NULL);
}

static char *
dup_path (const CytTrainingPlan *self)
{
  g_autofree char *folder = dup_folder (), *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, self->out, -1);
  g_autofree char *name = g_strconcat (hash, SUFFIX, NULL);

  return g_build_filename (folder, name, NULL);
}

/* Paths may be any bytes, a key file holds UTF-8. */
static void
set_path (GKeyFile *file, const char *key, const char *path)
{
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);

  g_key_file_set_string (file, GROUP, key, uri != NULL ? uri : "");
}

static char *
get_path (GKeyFile *file, const char *key)
{
  g_autofree char *uri = g_key_file_get_string (file, GROUP, key, NULL);

  return uri != NULL ? g_filename_from_uri (uri, NULL, NULL) : NULL;
}

gboolean
cyt_training_plan_save (const CytTrainingPlan *self, GError **error)
{
  g_autofree char *folder = dup_folder (), *path = dup_path (self);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  set_path (file, "encoder", self->encoder);
  set_path (file, "images", self->images);
  set_path (file, "out", self->out);
  g_key_file_set_double (file, GROUP, "expansion", self->expansion);
  g_key_file_set_string (file, GROUP, "variant", cyt_train_variant_get_name (self->variant));
  g_key_file_set_double (file, GROUP, "l1", self->l1);
  g_key_file_set_uint64 (file, GROUP, "k", self->k);
  g_key_file_set_double (file, GROUP, "l0", self->l0);
  g_key_file_set_double (file, GROUP, "lr", self->lr);
  g_key_file_set_uint64 (file, GROUP, "images-total", self->n_images);
  g_key_file_set_uint64 (file, GROUP, "batch", self->batch);
  g_key_file_set_uint64 (file, GROUP, "seed", self->seed);
  g_key_file_set_boolean (file, GROUP, "ghost-grads", self->ghost);
  g_mkdir_with_parents (folder, 0700);
  return g_key_file_save_to_file (file, path, error);
}

void
cyt_training_plan_forget (const CytTrainingPlan *self)
{
  g_autofree char *path = dup_path (self);

  g_unlink (path);
}

static gboolean
get_variant (GKeyFile *file, CytTrainVariant *variant)
{
  g_autofree char *name = g_key_file_get_string (file, GROUP, "variant", NULL);

  for (guint i = 0; i < CYT_N_TRAIN_VARIANTS; i++)
    if (g_strcmp0 (name, cyt_train_variant_get_name (i)) == 0)
      {
        *variant = i;
        return TRUE;
      }
  return FALSE;
}

static CytTrainingPlan *
load (const char *path)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (CytTrainingPlan) self = cyt_training_plan_new ();
  guint64 batch;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return NULL;
  self->encoder = get_path (file, "encoder");
  self->images = get_path (file, "images");
  self->out = get_path (file, "out");
  self->expansion = g_key_file_get_double (file, GROUP, "expansion", NULL);
  self->l1 = g_key_file_get_double (file, GROUP, "l1", NULL);
  self->k = (guint) MIN (g_key_file_get_uint64 (file, GROUP, "k", NULL), CYT_TRAIN_MAX_K);
  self->l0 = g_key_file_get_double (file, GROUP, "l0", NULL);
  self->lr = g_key_file_get_double (file, GROUP, "lr", NULL);
  self->n_images = g_key_file_get_uint64 (file, GROUP, "images-total", NULL);
  batch = g_key_file_get_uint64 (file, GROUP, "batch", NULL);
  self->batch = (guint) MIN (batch, 4096);
  self->seed = g_key_file_get_uint64 (file, GROUP, "seed", NULL);
  self->ghost = g_key_file_get_boolean (file, GROUP, "ghost-grads", NULL);
  if (self->encoder == NULL || self->images == NULL || self->out == NULL || !(self->expansion > 0 && self->expansion < 1e4)
      || !get_variant (file, &self->variant) || !(self->l0 >= 0 && self->l0 < 1e9) || !(self->l1 >= 0 && self->l1 < 1e9)
      || !(self->lr > 0 && self->lr < 1e9) || self->n_images == 0 || self->batch == 0)
    return NULL;
  return g_steal_pointer (&self);
}

typedef struct
{
  gint64 at;
  CytTrainingPlan *plan;
} Found;

static int
compare_found (gconstpointer a, gconstpointer b)
{
  gint64 ta = ((const Found *) a)->at, tb = ((const Found *) b)->at;

  return ta > tb ? -1 : ta < tb;
}

GPtrArray *
cyt_training_plan_list (void)
{
  g_autofree char *folder = dup_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Found));
  GPtrArray *plans = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_training_plan_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf st;
      Found one;

      if (!g_str_has_suffix (name, SUFFIX) || g_stat (path, &st) != 0 || (one.plan = load (path)) == NULL)
        continue;
      one.at = st.st_mtime;
      if (cyt_training_plan_can_resume (one.plan))
        g_array_append_val (found, one);
      else
        cyt_training_plan_free (one.plan);
    }
  g_array_sort (found, compare_found);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (plans, g_array_index (found, Found, i).plan);
  return plans;
}
