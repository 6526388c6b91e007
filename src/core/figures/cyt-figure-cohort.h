/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-barcodes.h"
#include "figures/cyt-figure.h"

G_BEGIN_DECLS

/* What @options mean, at the threshold that it came to: data sets, and the options --dataset, --threshold and
 * --skip-marked. */
gboolean cyt_figure_provenance_add_barcodes (CytFigureProvenance *self, CytProject *project, const CytBarcodesOptions *options,
                                             double threshold, GError **error);

/* What figures about patients begin with. */
typedef struct
{
  CytBarcodes *barcodes;              /* as asked for */
  GPtrArray *concepts;                /* of CytConcept */
  GStrv diseases;                     /* sorted: a disease's place is the number of its colour */
  CytFigureProvenance *provenance;    /* with cyt_figure_provenance_add_barcodes(); NULL once it is stolen */
} CytFigureCohort;

CytFigureCohort *cyt_figure_cohort_new (CytProject *project, const CytBarcodesOptions *options, const char *kind,
                                        GCancellable *cancellable, GError **error);
void cyt_figure_cohort_free (CytFigureCohort *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytFigureCohort, cyt_figure_cohort_free)

/* "Auer rods", or "#1742" without a name. (transfer full) */
char *cyt_figure_cohort_dup_name (const CytFigureCohort *self, guint32 latent);
/* "Auer rods (#1742)", or "#1742". (transfer full) */
char *cyt_figure_cohort_dup_full_name (const CytFigureCohort *self, guint32 latent);
/* Number of the colour of a disease, -1 for NULL or one that there is not. */
int cyt_figure_cohort_get_color (const CytFigureCohort *self, const char *disease);
/* What every caption about patients ends with. */
void cyt_figure_cohort_append_caption (const CytFigureCohort *self, GString *caption);

G_END_DECLS
