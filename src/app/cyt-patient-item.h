/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* A row of the table of patients. Immutable. */
#define CYT_TYPE_PATIENT_ITEM (cyt_patient_item_get_type ())
G_DECLARE_FINAL_TYPE (CytPatientItem, cyt_patient_item, CYT, PATIENT_ITEM, GObject)

struct _CytPatientItem
{
  GObject parent_instance;

  guint index;        /* row of the barcodes */
  char *name;
  char *disease;      /* "" where not given */
  int disease_number; /* its colour, -1: none */
  guint64 n_cells;
  double outlier;     /* NAN where undefined */
  char *predicted;    /* the disease that a classification predicted, "" without */
  int predicted_number; /* its colour, -1: none */
};

/* @disease and @predicted may be NULL. */
CytPatientItem *cyt_patient_item_new (guint index, const char *name, const char *disease, int disease_number,
                                      guint64 n_cells, double outlier, const char *predicted, int predicted_number);

G_END_DECLS
