/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "analysis/cyt-features.h"
#include "io/cyt-error.h"

CytFeatures *
cyt_features_new (gsize n_rows, gsize n)
{
  CytFeatures *self = g_new0 (CytFeatures, 1);

  self->n_rows = n_rows;
  self->n = n;
  self->values = g_new0 (double, MAX (1, n_rows * n));
  return self;
}

void
cyt_features_free (CytFeatures *self)
{
  if (self == NULL)
    return;
  g_free (self->latents);
  g_free (self->values);
  g_free (self);
}

const double *
cyt_features_get_row (const CytFeatures *self, gsize row)
{
  g_assert (row < self->n_rows);
  return self->values + row * self->n;
}

/* A latent that no patient carries tells nobody apart: it would be scaled to 0 for all. */
static gboolean
is_carried (const CytBarcodes *patients, gsize column)
{
  for (guint i = 0; i < patients->rows->len; i++)
    if (cyt_barcodes_get_row (patients, i)->values[column] > 0)
      return TRUE;
  return FALSE;
}

/* columns: (n_latents) places in the barcodes, in order; returns how many are wanted. */
static gsize
choose_columns (const CytBarcodes *patients, GPtrArray *concepts, gsize *columns)
{
  g_autofree guint8 *wanted = g_new0 (guint8, MAX (1, patients->d_sae));
  gsize n = 0;

  for (guint i = 0; concepts != NULL && i < concepts->len; i++)
    {
      const CytConcept *concept = concepts->pdata[i];

      wanted[concept->latent] = concept->name[0] != '\0' && concept->status != CYT_CONCEPT_ARTEFACT
                                && concept->status != CYT_CONCEPT_REJECTED;
    }
  for (gsize k = 0; k < patients->n_latents; k++)
    if ((concepts == NULL || wanted[patients->latents[k]]) && is_carried (patients, k))
      columns[n++] = k;
  return n;
}

CytFeatures *
cyt_features_new_from_barcodes (const CytBarcodes *patients, GPtrArray *concepts, GError **error)
{
  g_autofree gsize *columns = g_new (gsize, MAX (1, patients->n_latents));
  gsize n = choose_columns (patients, concepts, columns);
  CytFeatures *self;

  if (n == 0)
    {
      g_set_error_literal (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY,
                           concepts == NULL ? "barcodes: no patient carries any latent"
                                            : "concepts-only: no latent that patients carry has a name yet: "
                                              "'cytosae label' or the explorer give them");
      return NULL;
    }
  self = cyt_features_new (patients->rows->len, n);
  self->latents = g_new (guint32, n);
  for (gsize j = 0; j < n; j++)
    {
      self->latents[j] = patients->latents[columns[j]];
      for (gsize i = 0; i < self->n_rows; i++)
        self->values[i * n + j] = cyt_barcodes_get_row (patients, i)->values[columns[j]];
    }
  return self;
}
