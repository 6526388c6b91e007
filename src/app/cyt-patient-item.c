/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-patient-item.h"

G_DEFINE_FINAL_TYPE (CytPatientItem, cyt_patient_item, G_TYPE_OBJECT)

CytPatientItem *
cyt_patient_item_new (guint index, const char *name, const char *disease, int disease_number, guint64 n_cells,
                      double outlier, const char *predicted, int predicted_number)
{
  CytPatientItem *self = g_object_new (CYT_TYPE_PATIENT_ITEM, NULL);

  self->index = index;
  self->name = g_strdup (name);
  self->disease = g_strdup (disease != NULL ? disease : "");
  self->disease_number = disease_number;
  self->n_cells = n_cells;
  self->outlier = outlier;
  self->predicted = g_strdup (predicted != NULL ? predicted : "");
  self->predicted_number = predicted_number;
  return self;
}

static void
cyt_patient_item_finalize (GObject *object)
{
  CytPatientItem *self = CYT_PATIENT_ITEM (object);

  g_free (self->name);
  g_free (self->disease);
  g_free (self->predicted);
  G_OBJECT_CLASS (cyt_patient_item_parent_class)->finalize (object);
}

static void
cyt_patient_item_class_init (CytPatientItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cyt_patient_item_finalize;
}

static void
cyt_patient_item_init (CytPatientItem *self)
{
}
