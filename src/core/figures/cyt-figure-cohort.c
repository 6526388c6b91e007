/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "figures/cyt-figure-cohort.h"
#include "figures/cyt-figure-plot.h"

gboolean
cyt_figure_provenance_add_barcodes (CytFigureProvenance *self, CytProject *project, const CytBarcodesOptions *options,
                                    double threshold, GError **error)
{
  g_autoptr (GPtrArray) datasets = cyt_project_list_datasets (project, error);

  if (datasets == NULL)
    return FALSE;
  for (guint i = 0; i < datasets->len; i++)
    {
      const CytDataset *dataset = datasets->pdata[i];

      if (options->dataset >= 0 && options->dataset != dataset->id)
        continue;
      cyt_figure_provenance_add_dataset (self, dataset);
      if (options->dataset >= 0)
        cyt_figure_provenance_add_argument (self, "--dataset", dataset->name);
    }
  self->threshold = threshold;
  self->patients = options->by == CYT_BARCODES_BY_PATIENT || options->by == CYT_BARCODES_BY_DISEASE;
  cyt_figure_provenance_add_double (self, "--threshold", threshold);
  if (options->skip_marked)
    cyt_figure_provenance_add_argument (self, "--skip-marked", NULL);
  return TRUE;
}

CytFigureCohort *
cyt_figure_cohort_new (CytProject *project, const CytBarcodesOptions *options, const char *kind, GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (CytFigureCohort) self = g_new0 (CytFigureCohort, 1);

  if ((self->provenance = cyt_figure_provenance_new (project, kind, error)) == NULL
      || (self->barcodes = cyt_barcodes_compute (project, options, cancellable, error)) == NULL
      || (self->concepts = cyt_project_list_concepts (project, error)) == NULL
      || !cyt_figure_provenance_add_barcodes (self->provenance, project, options, self->barcodes->threshold, error))
    return NULL;
  self->diseases = cyt_barcodes_list_diseases (self->barcodes);
  return g_steal_pointer (&self);
}

void
cyt_figure_cohort_free (CytFigureCohort *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->barcodes, cyt_barcodes_free);
  g_clear_pointer (&self->concepts, g_ptr_array_unref);
  g_clear_pointer (&self->provenance, cyt_figure_provenance_free);
  g_strfreev (self->diseases);
  g_free (self);
}

static const char *
find_name (const CytFigureCohort *self, guint32 latent)
{
  for (guint i = 0; i < self->concepts->len; i++)
    if (((const CytConcept *) self->concepts->pdata[i])->latent == latent)
      return ((const CytConcept *) self->concepts->pdata[i])->name;
  return "";
}

char *
cyt_figure_cohort_dup_name (const CytFigureCohort *self, guint32 latent)
{
  const char *name = find_name (self, latent);

  return *name != '\0' ? g_strdup (name) : g_strdup_printf ("#%u", latent);
}

char *
cyt_figure_cohort_dup_full_name (const CytFigureCohort *self, guint32 latent)
{
  const char *name = find_name (self, latent);

  return *name != '\0' ? g_strdup_printf ("%s (#%u)", name, latent) : g_strdup_printf ("#%u", latent);
}

int
cyt_figure_cohort_get_color (const CytFigureCohort *self, const char *disease)
{
  for (guint i = 0; disease != NULL && self->diseases[i] != NULL; i++)
    if (g_str_equal (self->diseases[i], disease))
      return (int) i;
  return -1;
}

void
cyt_figure_cohort_append_caption (const CytFigureCohort *self, GString *caption)
{
  g_autofree char *threshold = cyt_figure_format ("%g", self->barcodes->threshold);

  g_string_append_printf (caption, " Threshold τ = %s.", threshold);
  if (self->provenance != NULL && self->provenance->simulated)
    g_string_append (caption, " Cells are SIMULATED.");
  g_string_append (caption, " Research use only.");
}
