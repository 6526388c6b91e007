/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "io/cyt-checkpoint.h"
#include "io/cyt-error.h"
#include "io/cyt-hash.h"
#include "project/cyt-project-private.h"
#include "project/cyt-published-private.h"

#define MAX_ENTRIES ((gsize) 1 << 27) /* of a table */
#define ENTROPY_SLACK 1e-5            /* float32 sums of p ln p can end a little below 0 */

enum { INDICES, LABELS, VALUES, MEAN_ACTS, SPARSITY, ENTROPY, N_FILES };

/* In the order of their names, as the shell sorts them. */
static const struct
{
  const char *name;
  guint n_dims;
} files[N_FILES] = {
  { "max_activating_image_indices.pt", 2 },
  { "max_activating_image_label_indices.pt", 2 },
  { "max_activating_image_values.pt", 2 },
  { "sae_mean_acts.pt", 1 },
  { "sae_sparsity.pt", 1 },
  { "top_entropy.pt", 1 },
};

typedef struct
{
  const char *folder;
  CytPublishedStats *stats;
  float *data[N_FILES]; /* (d_sae, m) or (d_sae) */
} Reader;

static void
reader_clear (Reader *self)
{
  for (guint f = 0; f < N_FILES; f++)
    g_free (self->data[f]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

void
cyt_published_stats_free (CytPublishedStats *self)
{
  if (self == NULL)
    return;
  g_free (self->model.path);
  g_free (self->model.sha256);
  g_free (self->model.config);
  g_free (self->n_entries);
  g_free (self->image);
  g_free (self->class);
  g_free (self->score);
  g_free (self->mean_act);
  g_free (self->frequency);
  g_free (self->entropy);
  g_free (self);
}

/* "FOLDER/NAME: message"; FALSE. */
static gboolean G_GNUC_PRINTF (5, 6)
fail (const Reader *self, guint file, GError **error, CytCheckpointError code, const char *format, ...)
{
  g_autofree char *path = g_build_filename (self->folder, files[file].name, NULL);
  g_autofree char *display = g_filename_display_name (path);
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CYT_CHECKPOINT_ERROR, code, "%s: %s", display, message);
  return FALSE;
}

static char *
describe_shape (const CytTensorInfo *info)
{
  GString *text = g_string_new ("(");

  for (guint i = 0; i < info->n_dims; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", info->shape[i]);
  return g_string_free (g_string_append (text, info->n_dims == 1 ? ",)" : ")"), FALSE);
}

/* The first file tells d_sae and m, the others have to agree. */
static gboolean
check_shape (Reader *self, guint file, const CytTensorInfo *info, GError **error)
{
  CytPublishedStats *stats = self->stats;
  g_autofree char *shape = describe_shape (info);

  if (file == INDICES)
    {
      if (info->n_dims != 2 || info->shape[0] < 1 || info->shape[0] > CYT_PROJECT_MAX_LATENTS || info->shape[1] < 1
          || info->shape[1] > CYT_PROJECT_MAX_TOP || info->n_elements > MAX_ENTRIES)
        return fail (self, file, error, CYT_CHECKPOINT_ERROR_MISMATCH,
                     "expected the shape (latents, images) with 1 to %u latents and 1 to %d images, found %s",
                     CYT_PROJECT_MAX_LATENTS, CYT_PROJECT_MAX_TOP, shape);
      stats->d_sae = info->shape[0];
      stats->n_top = info->shape[1];
      return TRUE;
    }
  if (info->n_dims == files[file].n_dims && info->shape[0] == (gint64) stats->d_sae
      && (info->n_dims == 1 || info->shape[1] == stats->n_top))
    return TRUE;
  if (files[file].n_dims == 2)
    return fail (self, file, error, CYT_CHECKPOINT_ERROR_MISMATCH,
                 "expected the shape (%" G_GSIZE_FORMAT ", %u) of %s, found %s", stats->d_sae, stats->n_top,
                 files[INDICES].name, shape);
  return fail (self, file, error, CYT_CHECKPOINT_ERROR_MISMATCH,
               "expected the shape (%" G_GSIZE_FORMAT ",), the latents of %s, found %s", stats->d_sae,
               files[INDICES].name, shape);
}

static gboolean
read_file (Reader *self, guint file, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, files[file].name, NULL);
  g_autoptr (CytCheckpoint) checkpoint = cyt_checkpoint_open (path, error);
  const CytTensorInfo *info;

  if (checkpoint == NULL)
    return FALSE;
  if (cyt_checkpoint_get_n_tensors (checkpoint) != 1)
    return fail (self, file, error, CYT_CHECKPOINT_ERROR_MISMATCH,
                 "expected one tensor, found %" G_GSIZE_FORMAT, cyt_checkpoint_get_n_tensors (checkpoint));
  info = cyt_checkpoint_get_tensor (checkpoint, 0);
  if (!check_shape (self, file, info, error))
    return FALSE;
  self->data[file] = g_new (float, info->n_elements);
  return cyt_checkpoint_read_f32 (checkpoint, info, self->data[file], error);
}

/* The identity of the whole is the hash of what sha256sum would print. */
static gboolean
hash_files (Reader *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GString) json = g_string_new ("{\"published\":{");

  for (guint f = 0; f < N_FILES; f++)
    {
      g_autofree char *path = g_build_filename (self->folder, files[f].name, NULL);
      g_autofree char *hash = cyt_hash_path (path, cancellable, error);

      if (hash == NULL)
        return FALSE;
      g_string_append_printf (lines, "%s  %s\n", hash, files[f].name);
      g_string_append_printf (json, "%s\"%s\":\"%s\"", f > 0 ? "," : "", files[f].name, hash);
    }
  g_string_append (json, "}}");
  self->stats->model.path = g_canonicalize_filename (self->folder, NULL);
  self->stats->model.sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, lines->str, lines->len);
  self->stats->model.config = g_strdup (json->str);
  return TRUE;
}

/* A whole number below @end, as float32 holds it. */
static gboolean
check_number (const Reader *self, guint file, gsize latent, float value, guint end, guint32 *out, GError **error)
{
  if (value >= 0 && value < end && value == floorf (value)) /* NaN is none */
    {
      *out = (guint32) value;
      return TRUE;
    }
  return fail (self, file, error, CYT_CHECKPOINT_ERROR_MISMATCH,
               "latent %" G_GSIZE_FORMAT ": expected a whole number from 0 to %u, found %g", latent, end - 1, value);
}

/* Takes the entries with a score; the others are filled up with zeros. */
static gboolean
take_entries (Reader *self, gsize k, GError **error)
{
  CytPublishedStats *stats = self->stats;
  gsize row = k * stats->n_top;
  guint n = 0;

  for (guint j = 0; j < stats->n_top; j++)
    {
      float score = self->data[VALUES][row + j];
      guint32 image = 0, class = 0;

      if (!isfinite (score) || score < 0)
        return fail (self, VALUES, error, CYT_CHECKPOINT_ERROR_MISMATCH,
                     "latent %" G_GSIZE_FORMAT ": expected scores of 0 or more, found %g", k, score);
      if (score == 0)
        continue;
      if (!check_number (self, INDICES, k, self->data[INDICES][row + j], CYT_PUBLISHED_MAX_IMAGES, &image, error)
          || !check_number (self, LABELS, k, self->data[LABELS][row + j], CYT_PUBLISHED_MAX_CLASSES, &class, error))
        return FALSE;
      for (guint i = 0; i < n; i++)
        if (stats->image[row + i] == image)
          return fail (self, INDICES, error, CYT_CHECKPOINT_ERROR_MISMATCH,
                       "latent %" G_GSIZE_FORMAT ": image %u is listed twice", k, image);
      stats->image[row + n] = image;
      stats->class[row + n] = class;
      stats->score[row + n++] = score;
      stats->n_referenced = MAX (stats->n_referenced, (gsize) image + 1);
    }
  stats->n_entries[k] = n;
  return TRUE;
}

static gboolean
take_latent (Reader *self, gsize k, GError **error)
{
  CytPublishedStats *stats = self->stats;
  float frequency = self->data[SPARSITY][k], mean = self->data[MEAN_ACTS][k], entropy = self->data[ENTROPY][k];

  if (!(frequency >= 0 && frequency <= 1))
    return fail (self, SPARSITY, error, CYT_CHECKPOINT_ERROR_MISMATCH,
                 "latent %" G_GSIZE_FORMAT ": expected a share from 0 to 1, found %g", k, frequency);
  if (isinf (mean) || mean < 0 || (isnan (mean) && frequency > 0))
    return fail (self, MEAN_ACTS, error, CYT_CHECKPOINT_ERROR_MISMATCH,
                 "latent %" G_GSIZE_FORMAT ": expected a mean of 0 or more, found %g", k, mean);
  if (!take_entries (self, k, error))
    return FALSE;
  if ((frequency > 0) != (stats->n_entries[k] > 0))
    return fail (self, SPARSITY, error, CYT_CHECKPOINT_ERROR_MISMATCH,
                 "latent %" G_GSIZE_FORMAT ": fires in the share %g of the images, but %s lists %u of them", k,
                 frequency, files[VALUES].name, stats->n_entries[k]);
  stats->frequency[k] = frequency;
  stats->mean_act[k] = isnan (mean) ? 0 : mean;
  stats->entropy[k] = entropy >= -ENTROPY_SLACK && isfinite (entropy) ? MAX (entropy, 0) : NAN;
  return TRUE;
}

CytPublishedStats *
cyt_published_stats_load (const char *folder, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytPublishedStats) stats = g_new0 (CytPublishedStats, 1);
  g_auto (Reader) reader = { .folder = folder, .stats = stats };
  gsize n;

  for (guint f = 0; f < N_FILES; f++)
    if (g_cancellable_set_error_if_cancelled (cancellable, error) || !read_file (&reader, f, error))
      return NULL;
  n = stats->d_sae * stats->n_top;
  stats->n_entries = g_new0 (guint, stats->d_sae);
  stats->image = g_new0 (guint32, n);
  stats->class = g_new0 (guint32, n);
  stats->score = g_new0 (float, n);
  stats->mean_act = g_new0 (float, stats->d_sae);
  stats->frequency = g_new0 (float, stats->d_sae);
  stats->entropy = g_new0 (float, stats->d_sae);
  for (gsize k = 0; k < stats->d_sae; k++)
    if (!take_latent (&reader, k, error))
      return NULL;
  if (stats->n_referenced == 0)
    {
      fail (&reader, VALUES, error, CYT_CHECKPOINT_ERROR_MISMATCH, "no latent has an image");
      return NULL;
    }
  return hash_files (&reader, cancellable, error) ? g_steal_pointer (&stats) : NULL;
}

gboolean
cyt_published_stats_fit (const CytPublishedStats *self, gsize n)
{
  /* half a unit in the last place of a float32 near 1, twice for the division before it */
  double tolerance = MIN (n * 0x1p-23, 0.4);

  for (gsize k = 0; k < self->d_sae; k++)
    {
      double count = (double) self->frequency[k] * n;

      if (fabs (count - round (count)) > tolerance || (count > 0 && round (count) < 1))
        return FALSE;
    }
  return TRUE;
}
