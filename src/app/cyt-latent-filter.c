/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "cyt-latent-filter.h"

#define GROUP "filter"

static const char *const number_keys[CYT_FILTER_N_NUMBERS] = { "frequency", "mean", "max", "entropy", "purity", "selectivity",
                                                             "monosemanticity", "redundancy", "map" };

CytLatentFilter *
cyt_latent_filter_new (void)
{
  CytLatentFilter *self = g_new0 (CytLatentFilter, 1);

  self->search = g_strdup ("");
  self->confidence = -1;
  for (guint i = 0; i < CYT_FILTER_N_NUMBERS; i++)
    {
      self->min[i] = -INFINITY;
      self->max[i] = INFINITY;
    }
  self->ubiquitous = CYT_UBIQUITOUS_MEAN_ACT;
  return self;
}

CytLatentFilter *
cyt_latent_filter_copy (const CytLatentFilter *self)
{
  CytLatentFilter *copy = g_memdup2 (self, sizeof *self);

  copy->search = g_strdup (self->search);
  copy->majority = g_strdup (self->majority);
  copy->category = g_strdup (self->category);
  copy->tag = g_strdup (self->tag);
  copy->rater = g_strdup (self->rater);
  copy->alive_in = g_strdup (self->alive_in);
  copy->subset_name = g_strdup (self->subset_name);
  if (self->subset != NULL)
    copy->subset = g_array_copy (self->subset);
  return copy;
}

void
cyt_latent_filter_free (CytLatentFilter *self)
{
  g_free (self->search);
  g_free (self->majority);
  g_free (self->category);
  g_free (self->tag);
  g_free (self->rater);
  g_free (self->alive_in);
  g_free (self->subset_name);
  g_clear_pointer (&self->subset, g_array_unref);
  g_free (self);
}

static gboolean
equal_subsets (const GArray *a, const GArray *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a->len == b->len && memcmp (a->data, b->data, a->len * sizeof (guint32)) == 0;
}

gboolean
cyt_latent_filter_equal (const CytLatentFilter *a, const CytLatentFilter *b)
{
  for (guint i = 0; i < CYT_FILTER_N_NUMBERS; i++)
    if (a->min[i] != b->min[i] || a->max[i] != b->max[i])
      return FALSE;
  return g_str_equal (a->search, b->search) && a->labelled == b->labelled && a->statuses == b->statuses
         && a->confidence == b->confidence && g_strcmp0 (a->majority, b->majority) == 0
         && g_strcmp0 (a->category, b->category) == 0 && g_strcmp0 (a->tag, b->tag) == 0
         && g_strcmp0 (a->rater, b->rater) == 0 && g_strcmp0 (a->alive_in, b->alive_in) == 0
         && a->show_silent == b->show_silent && a->show_ubiquitous == b->show_ubiquitous
         && a->ubiquitous == b->ubiquitous && g_strcmp0 (a->subset_name, b->subset_name) == 0
         && equal_subsets (a->subset, b->subset);
}

static int
compare_latents (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;

  return x < y ? -1 : x > y;
}

void
cyt_latent_filter_set_subset (CytLatentFilter *self, const guint32 *latents, gsize n, const char *name)
{
  g_clear_pointer (&self->subset, g_array_unref);
  g_clear_pointer (&self->subset_name, g_free);
  if (latents == NULL)
    return;
  self->subset = g_array_sized_new (FALSE, FALSE, sizeof (guint32), n);
  g_array_append_vals (self->subset, latents, n);
  g_array_sort (self->subset, compare_latents);
  self->subset_name = g_strdup (name);
}

guint
cyt_latent_filter_get_criteria (const CytLatentFilter *self)
{
  guint criteria = 0;

  criteria |= self->labelled != CYT_FILTER_ANY ? CYT_FILTER_HAS_LABELLED : 0;
  criteria |= self->statuses != 0 ? CYT_FILTER_HAS_STATUSES : 0;
  criteria |= self->confidence >= 0 ? CYT_FILTER_HAS_CONFIDENCE : 0;
  criteria |= self->majority != NULL ? CYT_FILTER_HAS_MAJORITY : 0;
  criteria |= self->category != NULL ? CYT_FILTER_HAS_CATEGORY : 0;
  criteria |= self->tag != NULL ? CYT_FILTER_HAS_TAG : 0;
  criteria |= self->rater != NULL ? CYT_FILTER_HAS_RATER : 0;
  criteria |= self->alive_in != NULL ? CYT_FILTER_HAS_ALIVE_IN : 0;
  criteria |= self->show_silent ? CYT_FILTER_HAS_SILENT : 0;
  criteria |= self->show_ubiquitous || self->ubiquitous != CYT_UBIQUITOUS_MEAN_ACT ? CYT_FILTER_HAS_UBIQUITOUS : 0;
  criteria |= self->subset != NULL ? CYT_FILTER_HAS_SUBSET : 0;
  for (guint i = 0; i < CYT_FILTER_N_NUMBERS; i++)
    criteria |= self->min[i] > -INFINITY || self->max[i] < INFINITY ? CYT_FILTER_HAS_NUMBER << i : 0;
  return criteria;
}

void
cyt_latent_filter_clear (CytLatentFilter *self, CytFilterCriterion criterion)
{
  switch (criterion)
    {
    case CYT_FILTER_HAS_LABELLED:
      self->labelled = CYT_FILTER_ANY;
      break;
    case CYT_FILTER_HAS_STATUSES:
      self->statuses = 0;
      break;
    case CYT_FILTER_HAS_CONFIDENCE:
      self->confidence = -1;
      break;
    case CYT_FILTER_HAS_MAJORITY:
      g_clear_pointer (&self->majority, g_free);
      break;
    case CYT_FILTER_HAS_CATEGORY:
      g_clear_pointer (&self->category, g_free);
      break;
    case CYT_FILTER_HAS_TAG:
      g_clear_pointer (&self->tag, g_free);
      break;
    case CYT_FILTER_HAS_RATER:
      g_clear_pointer (&self->rater, g_free);
      break;
    case CYT_FILTER_HAS_ALIVE_IN:
      g_clear_pointer (&self->alive_in, g_free);
      break;
    case CYT_FILTER_HAS_SILENT:
      self->show_silent = FALSE;
      break;
    case CYT_FILTER_HAS_UBIQUITOUS:
      self->show_ubiquitous = FALSE;
      self->ubiquitous = CYT_UBIQUITOUS_MEAN_ACT;
      break;
    case CYT_FILTER_HAS_SUBSET:
      cyt_latent_filter_set_subset (self, NULL, 0, NULL);
      break;
    case CYT_FILTER_HAS_NUMBER:
    default:
      for (guint i = 0; i < CYT_FILTER_N_NUMBERS; i++)
        if ((guint) criterion == (guint) CYT_FILTER_HAS_NUMBER << i)
          {
            self->min[i] = -INFINITY;
            self->max[i] = INFINITY;
          }
    }
}

/* ---- As text ---- */

static void
write_string (GKeyFile *file, const char *key, const char *value)
{
  if (value != NULL && value[0] != '\0')
    g_key_file_set_string (file, GROUP, key, value);
}

char *
cyt_latent_filter_to_text (const CytLatentFilter *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  write_string (file, "search", self->search);
  if (self->labelled != CYT_FILTER_ANY)
    g_key_file_set_boolean (file, GROUP, "labelled", self->labelled == CYT_FILTER_LABELLED);
  if (self->statuses != 0)
    {
      g_autoptr (GPtrArray) nicks = g_ptr_array_new ();

      for (guint i = 0; i <= CYT_CONCEPT_ARTEFACT; i++)
        if (self->statuses & (1u << i))
          g_ptr_array_add (nicks, (gpointer) cyt_concept_status_get_nick (i));
      g_key_file_set_string_list (file, GROUP, "status", (const char *const *) nicks->pdata, nicks->len);
    }
  if (self->confidence >= 0)
    g_key_file_set_string (file, GROUP, "confidence", cyt_concept_confidence_get_nick (self->confidence));
  for (guint i = 0; i < CYT_FILTER_N_NUMBERS; i++)
    {
      g_autofree char *min = g_strconcat (number_keys[i], "-min", NULL);
      g_autofree char *max = g_strconcat (number_keys[i], "-max", NULL);

      if (self->min[i] > -INFINITY)
        g_key_file_set_double (file, GROUP, min, self->min[i]);
      if (self->max[i] < INFINITY)
        g_key_file_set_double (file, GROUP, max, self->max[i]);
    }
  write_string (file, "class", self->majority);
  write_string (file, "category", self->category);
  write_string (file, "tag", self->tag);
  write_string (file, "rater", self->rater);
  write_string (file, "alive-in", self->alive_in);
  if (self->show_silent)
    g_key_file_set_boolean (file, GROUP, "show-silent", TRUE);
  if (self->show_ubiquitous)
    g_key_file_set_boolean (file, GROUP, "show-ubiquitous", TRUE);
  if (self->ubiquitous != CYT_UBIQUITOUS_MEAN_ACT)
    g_key_file_set_double (file, GROUP, "ubiquitous", self->ubiquitous);
  if (self->subset != NULL)
    {
      write_string (file, "subset-name", self->subset_name);
      g_key_file_set_integer_list (file, GROUP, "subset", (int *) (gpointer) self->subset->data, self->subset->len);
    }
  return g_key_file_to_data (file, NULL, NULL);
}

static gboolean
has_key (GKeyFile *file, const char *key)
{
  return g_key_file_has_key (file, GROUP, key, NULL);
}

static gboolean
read_double (GKeyFile *file, const char *key, double *value, GError **error)
{
  g_autoptr (GError) local = NULL;
  double read;

  if (!has_key (file, key))
    return TRUE;
  read = g_key_file_get_double (file, GROUP, key, &local);
  if (local == NULL && isnan (read))
    g_set_error (&local, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, "filter, key %s: not a number", key);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *value = read;
  return TRUE;
}

static gboolean
read_boolean (GKeyFile *file, const char *key, gboolean *value, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean read;

  if (!has_key (file, key))
    return TRUE;
  read = g_key_file_get_boolean (file, GROUP, key, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *value = read;
  return TRUE;
}

static gboolean
read_labels (CytLatentFilter *self, GKeyFile *file, GError **error)
{
  g_auto (GStrv) nicks = g_key_file_get_string_list (file, GROUP, "status", NULL, NULL);
  g_autofree char *confidence = g_key_file_get_string (file, GROUP, "confidence", NULL);
  gboolean labelled = FALSE;

  if (has_key (file, "labelled"))
    {
      if (!read_boolean (file, "labelled", &labelled, error))
        return FALSE;
      self->labelled = labelled ? CYT_FILTER_LABELLED : CYT_FILTER_UNLABELLED;
    }
  for (guint i = 0; nicks != NULL && nicks[i] != NULL; i++)
    {
      CytConceptStatus status;

      if (!cyt_concept_status_from_nick (nicks[i], &status))
        {
          g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                       "filter, key status: there is no status \"%s\"", nicks[i]);
          return FALSE;
        }
      self->statuses |= 1u << status;
    }
  if (confidence != NULL)
    {
      CytConceptConfidence value;

      if (!cyt_concept_confidence_from_nick (confidence, &value))
        {
          g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                       "filter, key confidence: there is no confidence \"%s\"", confidence);
          return FALSE;
        }
      self->confidence = value;
    }
  return TRUE;
}

static gboolean
read_subset (CytLatentFilter *self, GKeyFile *file, GError **error)
{
  g_autofree char *name = g_key_file_get_string (file, GROUP, "subset-name", NULL);
  g_autofree int *subset = NULL;
  g_autoptr (GError) local = NULL;
  const guint32 none = 0;
  gsize n = 0;

  if (!has_key (file, "subset"))
    return TRUE;
  subset = g_key_file_get_integer_list (file, GROUP, "subset", &n, &local); /* NULL without error when empty */
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    if (subset[i] < 0)
      {
        g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                     "filter, key subset: %d is not the number of a latent", subset[i]);
        return FALSE;
      }
  cyt_latent_filter_set_subset (self, n > 0 ? (guint32 *) (gpointer) subset : &none, n, name != NULL ? name : "");
  return TRUE;
}

CytLatentFilter *
cyt_latent_filter_from_text (const char *text, GError **error)
{
  g_autoptr (CytLatentFilter) self = cyt_latent_filter_new ();
  g_autoptr (GKeyFile) file = g_key_file_new ();
  char *search;

  if (text[0] == '\0')
    return g_steal_pointer (&self);
  if (!g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, error)
      || !read_labels (self, file, error))
    return NULL;
  for (guint i = 0; i < CYT_FILTER_N_NUMBERS; i++)
    {
      g_autofree char *min = g_strconcat (number_keys[i], "-min", NULL);
      g_autofree char *max = g_strconcat (number_keys[i], "-max", NULL);

      if (!read_double (file, min, &self->min[i], error) || !read_double (file, max, &self->max[i], error))
        return NULL;
    }
  if (!read_boolean (file, "show-silent", &self->show_silent, error)
      || !read_boolean (file, "show-ubiquitous", &self->show_ubiquitous, error)
      || !read_double (file, "ubiquitous", &self->ubiquitous, error) || !read_subset (self, file, error))
    return NULL;
  search = g_key_file_get_string (file, GROUP, "search", NULL);
  if (search != NULL)
    {
      g_free (self->search);
      self->search = search;
    }
  self->majority = g_key_file_get_string (file, GROUP, "class", NULL);
  self->category = g_key_file_get_string (file, GROUP, "category", NULL);
  self->tag = g_key_file_get_string (file, GROUP, "tag", NULL);
  self->rater = g_key_file_get_string (file, GROUP, "rater", NULL);
  self->alive_in = g_key_file_get_string (file, GROUP, "alive-in", NULL);
  return g_steal_pointer (&self);
}
