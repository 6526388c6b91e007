/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-barcodes-private.h"
#include "io/cyt-error.h"

static const char *const by_nicks[] = { "patient", "disease", "label", "dataset" };
static const char *const norm_nicks[] = { "per-image", "none", "paper" };

const char *
cyt_barcodes_by_get_nick (CytBarcodesBy by)
{
  return by_nicks[by];
}

gboolean
cyt_barcodes_by_from_nick (const char *nick, CytBarcodesBy *by)
{
  for (guint i = 0; i < G_N_ELEMENTS (by_nicks); i++)
    if (g_str_equal (nick, by_nicks[i]))
      {
        *by = i;
        return TRUE;
      }
  return FALSE;
}

const char *
cyt_barcodes_norm_get_nick (CytBarcodesNorm norm)
{
  return norm_nicks[norm];
}

gboolean
cyt_barcodes_norm_from_nick (const char *nick, CytBarcodesNorm *norm)
{
  for (guint i = 0; i < G_N_ELEMENTS (norm_nicks); i++)
    if (g_str_equal (nick, norm_nicks[i]))
      {
        *norm = i;
        return TRUE;
      }
  return FALSE;
}

static void
barcode_free (CytBarcode *row)
{
  g_free (row->name);
  g_free (row->disease);
  g_free (row->other_disease);
  g_free (row->values);
  g_free (row);
}

void
cyt_barcodes_free (CytBarcodes *self)
{
  if (self == NULL)
    return;
  g_free (self->latents);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_free (self);
}

CytBarcodes *
cyt_barcodes_new_like (const CytBarcodes *other)
{
  CytBarcodes *self = g_new0 (CytBarcodes, 1);

  self->by = other->by;
  self->norm = other->norm;
  self->threshold = other->threshold;
  self->d_sae = other->d_sae;
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) barcode_free);
  self->n_left_out = other->n_left_out;
  return self;
}

const CytBarcode *
cyt_barcodes_get_row (const CytBarcodes *self, gsize i)
{
  return g_ptr_array_index (self->rows, i);
}

gssize
cyt_barcodes_find_row (const CytBarcodes *self, const char *name)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (g_str_equal (cyt_barcodes_get_row (self, i)->name, name))
      return i;
  return -1;
}

gssize
cyt_barcodes_find_latent (const CytBarcodes *self, guint32 latent)
{
  gsize low = 0, high = self->n_latents;

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;

      if (self->latents[middle] < latent)
        low = middle + 1;
      else
        high = middle;
    }
  return low < self->n_latents && self->latents[low] == latent ? (gssize) low : -1;
}

/* Patients by disease, those without one last, then by name; all else by name. */
static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const CytBarcode *x = *(const CytBarcode *const *) a, *y = *(const CytBarcode *const *) b;
  int order;

  if ((x->disease == NULL) != (y->disease == NULL))
    return x->disease == NULL ? 1 : -1;
  order = g_strcmp0 (x->disease, y->disease);
  return order != 0 ? order : strcmp (x->name, y->name);
}

GStrv
cyt_barcodes_list_diseases (const CytBarcodes *patients)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const char *last = NULL;

  for (guint i = 0; i < patients->rows->len; i++)
    {
      const char *disease = cyt_barcodes_get_row (patients, i)->disease;

      if (disease != NULL && g_strcmp0 (disease, last) != 0)
        g_strv_builder_add (builder, disease);
      last = disease;
    }
  return g_strv_builder_end (builder);
}

/* ---- The pass over the cells ---- */

typedef struct
{
  CytBarcodes *barcodes;
  GHashTable *by_name;     /* name → CytBarcode, borrowed */
  gint32 *column;          /* (d_sae) place of a latent, -1: left out */
  const char *dataset;     /* name of the one being read */
} Pass;

static const char *
get_group (const Pass *pass, const CytCell *cell)
{
  switch (pass->barcodes->by)
    {
    case CYT_BARCODES_BY_PATIENT:
    case CYT_BARCODES_BY_DISEASE: /* which patients are merged to */
      return cell->patient;
    case CYT_BARCODES_BY_LABEL:
      return cell->label;
    case CYT_BARCODES_BY_DATASET:
      return pass->dataset;
    default:
      g_assert_not_reached ();
    }
}

CytBarcode *
cyt_barcodes_add_row (CytBarcodes *self, const char *name, GError **error)
{
  CytBarcode *row;
  double *values = g_try_new0 (double, MAX (1, self->n_latents));

  if (values == NULL)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                   "barcodes: there is no memory for %u rows of %" G_GSIZE_FORMAT " latents", self->rows->len + 1,
                   self->n_latents);
      return NULL;
    }
  row = g_new0 (CytBarcode, 1);
  row->name = g_strdup (name);
  row->values = values;
  g_ptr_array_add (self->rows, row);
  return row;
}

static void
note_disease (CytBarcode *row, const char *disease)
{
  if (disease == NULL)
    return;
  if (row->disease == NULL)
    row->disease = g_strdup (disease);
  else if (row->other_disease == NULL && !g_str_equal (row->disease, disease))
    row->other_disease = g_strdup (disease);
}

static gboolean
add_cell (const CytCell *cell, const CytCellLatents *latents, gpointer user_data, GError **error)
{
  Pass *pass = user_data;
  CytBarcodes *self = pass->barcodes;
  const char *name = get_group (pass, cell);
  CytBarcode *row;

  if (name == NULL)
    {
      self->n_left_out++;
      return TRUE;
    }
  row = g_hash_table_lookup (pass->by_name, name);
  if (row == NULL)
    {
      row = cyt_barcodes_add_row (self, name, error);
      if (row == NULL)
        return FALSE;
      g_hash_table_insert (pass->by_name, row->name, row);
      row->n_patients = self->by == CYT_BARCODES_BY_PATIENT || self->by == CYT_BARCODES_BY_DISEASE ? 1 : 0;
    }
  if (row->n_patients == 1)
    note_disease (row, cell->disease);
  row->n_cells++;
  for (guint i = 0; i < latents->n; i++)
    {
      gint32 column = pass->column[latents->latent[i]];

      if (column >= 0)
        row->values[column] += latents->count[i]; /* whole numbers: exact */
    }
  return TRUE;
}

static void
normalise (CytBarcodes *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      CytBarcode *row = self->rows->pdata[i];
      double divisor = self->norm == CYT_BARCODES_PER_IMAGE ? (double) row->n_cells
                       : self->norm == CYT_BARCODES_PAPER   ? (double) self->d_sae
                                                            : 1;

      for (gsize j = 0; j < self->n_latents; j++)
        row->values[j] /= divisor;
    }
}

gboolean
cyt_barcodes_choose_latents (CytProject *project, CytBarcodes *self, gboolean skip_marked, gint32 *column, GError **error)
{
  g_autoptr (GPtrArray) concepts = NULL;

  memset (column, 0, self->d_sae * sizeof *column);
  if (skip_marked)
    {
      concepts = cyt_project_list_concepts (project, error);
      if (concepts == NULL)
        return FALSE;
      for (guint i = 0; i < concepts->len; i++)
        {
          const CytConcept *concept = concepts->pdata[i];

          if (concept->status == CYT_CONCEPT_ARTEFACT || concept->status == CYT_CONCEPT_REJECTED)
            column[concept->latent] = -1;
        }
    }
  self->latents = g_new (guint32, MAX (1, self->d_sae));
  for (gsize k = 0; k < self->d_sae; k++)
    if (column[k] == 0)
      {
        column[k] = (gint32) self->n_latents;
        self->latents[self->n_latents++] = (guint32) k;
      }
  return TRUE;
}

/* The data sets to be read, and the threshold that they have in common. */
static GPtrArray *
choose_datasets (CytProject *project, const CytBarcodesOptions *options, double *threshold, GError **error)
{
  g_autoptr (GPtrArray) datasets = cyt_project_list_datasets (project, error);

  if (datasets == NULL)
    return NULL;
  *threshold = options->threshold;
  for (guint i = 0; i < datasets->len;)
    {
      const CytDataset *dataset = datasets->pdata[i];

      if (options->dataset >= 0 && dataset->id != options->dataset)
        {
          g_ptr_array_remove_index (datasets, i);
          continue;
        }
      if (isnan (*threshold))
        *threshold = dataset->threshold;
      /* published statistics have none: the reading says what is missing */
      if (isnan (options->threshold) && !cyt_project_is_published (project) && *threshold != dataset->threshold)
        {
          g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                       "%s: the data sets are counted at different thresholds (%g and %g): choose a data set or a threshold",
                       cyt_project_get_path (project), *threshold, dataset->threshold);
          return NULL;
        }
      i++;
    }
  if (datasets->len > 0)
    return g_steal_pointer (&datasets);
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: has no such data set",
               cyt_project_get_path (project));
  return NULL;
}

static gboolean
read_cells (CytProject *project, CytBarcodes *self, GPtrArray *datasets, gint32 *column, GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  Pass pass = { self, by_name, column, NULL };

  for (guint i = 0; i < datasets->len; i++)
    {
      const CytDataset *dataset = datasets->pdata[i];

      pass.dataset = dataset->name;
      if (!cyt_project_scan_cells (project, dataset->id, self->threshold, add_cell, &pass, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

CytBarcodes *
cyt_barcodes_compute (CytProject *project, const CytBarcodesOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytBarcodes) self = g_new0 (CytBarcodes, 1);
  g_autofree gint32 *column = NULL;
  g_autoptr (GPtrArray) datasets = NULL;

  self->by = options->by;
  self->norm = options->norm;
  self->d_sae = cyt_project_get_d_sae (project);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) barcode_free);
  column = g_new (gint32, MAX (1, self->d_sae));
  if ((datasets = choose_datasets (project, options, &self->threshold, error)) == NULL
      || !cyt_barcodes_choose_latents (project, self, options->skip_marked, column, error)
      || !read_cells (project, self, datasets, column, cancellable, error))
    return NULL;
  if (self->rows->len == 0)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY,
                   "%s: there are no barcodes by %s: none of %" G_GSIZE_FORMAT " indexed cells has a %s",
                   cyt_project_get_path (project), cyt_barcodes_by_get_nick (self->by), self->n_left_out,
                   self->by == CYT_BARCODES_BY_DISEASE ? "patient" : cyt_barcodes_by_get_nick (self->by));
      return NULL;
    }
  normalise (self);
  if (self->by != CYT_BARCODES_BY_DATASET)
    g_ptr_array_sort (self->rows, compare_rows);
  return self->by == CYT_BARCODES_BY_DISEASE ? cyt_barcodes_merge_diseases (self, error) : g_steal_pointer (&self);
}

CytBarcodes *
cyt_barcodes_compute_walk (gsize d_sae, double threshold, CytBarcodesWalk walk, gpointer user_data, GError **error)
{
  g_autoptr (CytBarcodes) self = g_new0 (CytBarcodes, 1);
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree gint32 *column = g_new (gint32, MAX (1, d_sae));
  Pass pass = { self, by_name, column, NULL };

  self->by = CYT_BARCODES_BY_PATIENT;
  self->norm = CYT_BARCODES_PER_IMAGE;
  self->threshold = threshold;
  self->d_sae = d_sae;
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) barcode_free);
  if (!cyt_barcodes_choose_latents (NULL, self, FALSE, column, error) || !walk (add_cell, &pass, user_data, error))
    return NULL;
  if (self->rows->len == 0)
    {
      g_set_error_literal (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "there are no barcodes by patient: no cell has one");
      return NULL;
    }
  normalise (self);
  g_ptr_array_sort (self->rows, compare_rows);
  return g_steal_pointer (&self);
}

CytBarcodes *
cyt_barcodes_merge_diseases (const CytBarcodes *patients, GError **error)
{
  g_autoptr (CytBarcodes) self = cyt_barcodes_new_like (patients);

  self->by = CYT_BARCODES_BY_DISEASE;
  self->n_latents = patients->n_latents;
  self->latents = g_memdup2 (patients->latents, patients->n_latents * sizeof *patients->latents);
  for (guint i = 0; i < patients->rows->len; i++)
    {
      const CytBarcode *patient = cyt_barcodes_get_row (patients, i);
      CytBarcode *row = self->rows->len > 0 ? self->rows->pdata[self->rows->len - 1] : NULL;

      if (patient->other_disease != NULL)
        {
          g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "patient \"%s\" has two diseases: \"%s\" and \"%s\"",
                       patient->name, patient->disease, patient->other_disease);
          return NULL;
        }
      if (patient->disease == NULL)
        {
          self->n_left_out += patient->n_cells;
          continue;
        }
      if (row == NULL || !g_str_equal (row->name, patient->disease)) /* patients are sorted by disease */
        {
          row = cyt_barcodes_add_row (self, patient->disease, error);
          if (row == NULL)
            return NULL;
          row->disease = g_strdup (patient->disease);
        }
      row->n_cells += patient->n_cells;
      row->n_patients++;
      for (gsize j = 0; j < self->n_latents; j++)
        row->values[j] += patient->values[j];
    }
  if (self->rows->len == 0)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "there are no barcodes by disease: no patient has one");
      return NULL;
    }
  for (guint i = 0; i < self->rows->len; i++)
    {
      CytBarcode *row = self->rows->pdata[i];

      for (gsize j = 0; j < self->n_latents; j++)
        row->values[j] /= (double) row->n_patients;
    }
  return g_steal_pointer (&self);
}
