/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "phantom/cyt-phantom-private.h"

static const char *const group_names[CYT_PHANTOM_N_GROUPS] = {
  "control", "PML::RARA-like", "CBFB::MYH11-like", "NPM1-like", "RUNX1::RUNX1T1-like" };

const char *
cyt_phantom_group_get_name (CytPhantomGroup group)
{
  g_return_val_if_fail (group < CYT_PHANTOM_N_GROUPS, NULL);
  return group_names[group];
}

/* Mean share of each class, in parts of any sum. Every group shares most classes with the others. Columns in the
 * order of CytPhantomClass; ig and neutrophil come about by the second laboratory's way of naming. */
static const double blood_mixture[CYT_PHANTOM_N_GROUPS][CYT_PHANTOM_N_CLASSES] = {
  /*                            bas eos ery ig lym meta mono myel neu band seg  plt prom blast plasma atypical */
  [CYT_PHANTOM_CONTROL] =      { 6, 10,  3, 0, 26,  3,  10,   2,  0,  7,  32,   9,   1,   0.4,  1,    0   },
  [CYT_PHANTOM_PML_RARA] =     { 2,  3,  5, 0, 12,  4,   4,   6,  0,  5,  11,   4,   9,   7,    1,   27   },
  [CYT_PHANTOM_CBFB_MYH11] =   { 4, 16,  4, 0, 11,  5,  20,   6,  0,  5,  10,   4,   3,  14,    1,    0.5 },
  [CYT_PHANTOM_NPM1] =         { 2,  3,  4, 0, 13,  4,  10,   4,  0,  5,  11,   8,   3,  32,    1,    0.5 },
  [CYT_PHANTOM_RUNX1_RUNX1T1] ={ 3,  8,  5, 0, 13,  6,   5,   9,  0,  6,  12,   5,   5,  23,    1,    1   },
};
/* Marrow: more young cells of every line, plasma cells, hardly a platelet by itself. */
static const double marrow_factor[CYT_PHANTOM_N_CLASSES] = {
  0.6, 1, 6, 1, 0.6, 4, 0.6, 5, 1, 1.6, 0.6, 0.3, 3.5, 1.6, 4, 1.5 };

CytPhantomGroup
cyt_phantom_cohort_get_group (const CytPhantomCohort *self, guint patient)
{
  return patient % CYT_PHANTOM_N_GROUPS;
}

guint
cyt_phantom_cohort_get_patient (const CytPhantomCohort *self, guint64 index)
{
  return index % self->n_patients;
}

void
cyt_phantom_cohort_get_stain (const CytPhantomCohort *self, guint patient, CytPhantomStain *stain)
{
  CytPhantomGroup group = cyt_phantom_cohort_get_group (self, patient);
  CytPhantomRandom random;
  double draw;

  cyt_phantom_random_init (&random, self->seed, patient, STREAM_STAIN);
  draw = cyt_phantom_random_in (&random, 0, 1);
  stain->azure = cyt_phantom_random_normal (&random, 1, 0.06);
  stain->eosin = cyt_phantom_random_normal (&random, 1, 0.08);
  for (int c = 0; c < 3; c++)
    stain->tint[c] = cyt_phantom_random_normal (&random, 1, 0.025);
  stain->brightness = cyt_phantom_random_normal (&random, 1, 0.01);
  /* One slide in four is the second laboratory's, whoever's it is, unless the confound is wanted. */
  stain->second_laboratory = draw < (!self->confound_stain ? 0.25 : group == CYT_PHANTOM_CONTROL ? 0.05 : 0.85);
  if (self->confound_stain && group != CYT_PHANTOM_CONTROL)
    {
      stain->azure *= 1.08;
      stain->eosin *= 0.9;
    }
}

void
cyt_phantom_cohort_get_mixture (const CytPhantomCohort *self, guint patient, double mixture[CYT_PHANTOM_N_CLASSES])
{
  CytPhantomGroup group = cyt_phantom_cohort_get_group (self, patient);
  CytPhantomRandom random;
  CytPhantomStain stain;
  double sum = 0, burden;

  cyt_phantom_random_init (&random, self->seed, patient, STREAM_MIXTURE);
  /* The disease takes more or less of the smear: part of the control's mixture stays. */
  burden = group == CYT_PHANTOM_CONTROL ? 0 : cyt_phantom_random_in (&random, 0.35, 1);
  for (int c = 0; c < CYT_PHANTOM_N_CLASSES; c++)
    {
      /* The product of three uniform numbers spreads like a real differential count: mostly near, at times far. */
      double vary = 1;

      for (int i = 0; i < 3; i++)
        vary *= cyt_phantom_random_in (&random, 0.55, 1.45);
      mixture[c] = (burden * blood_mixture[group][c] + (1 - burden) * blood_mixture[CYT_PHANTOM_CONTROL][c]) * vary;
      if (self->domain == CYT_PHANTOM_MARROW)
        mixture[c] *= marrow_factor[c];
    }
  cyt_phantom_cohort_get_stain (self, patient, &stain);
  if (stain.second_laboratory)
    {
      static const CytPhantomClass granulocytes[] = { CYT_PHANTOM_PROMYELOCYTE, CYT_PHANTOM_MYELOCYTE,
                                                      CYT_PHANTOM_METAMYELOCYTE };

      mixture[CYT_PHANTOM_NEUTROPHIL] = mixture[CYT_PHANTOM_NEUTROPHIL_BAND] + mixture[CYT_PHANTOM_NEUTROPHIL_SEGMENTED];
      mixture[CYT_PHANTOM_NEUTROPHIL_BAND] = mixture[CYT_PHANTOM_NEUTROPHIL_SEGMENTED] = 0;
      mixture[CYT_PHANTOM_IG] = 0;
      for (guint i = 0; i < G_N_ELEMENTS (granulocytes); i++)
        {
          mixture[CYT_PHANTOM_IG] += mixture[granulocytes[i]];
          mixture[granulocytes[i]] = 0;
        }
    }
  for (int c = 0; c < CYT_PHANTOM_N_CLASSES; c++)
    sum += mixture[c];
  for (int c = 0; c < CYT_PHANTOM_N_CLASSES; c++)
    mixture[c] /= sum;
}

void
cyt_phantom_cohort_get_cell (const CytPhantomCohort *self, guint64 index, CytPhantomCell *cell)
{
  guint patient = cyt_phantom_cohort_get_patient (self, index);
  double mixture[CYT_PHANTOM_N_CLASSES], draw;
  CytPhantomClass cell_class = CYT_PHANTOM_N_CLASSES;
  CytPhantomRandom random;
  CytPhantomStain stain;

  cyt_phantom_cohort_get_mixture (self, patient, mixture);
  cyt_phantom_cohort_get_stain (self, patient, &stain);
  cyt_phantom_random_init (&random, self->seed, index, STREAM_CLASS);
  draw = cyt_phantom_random_in (&random, 0, 1);
  for (int c = 0; c < CYT_PHANTOM_N_CLASSES; c++)
    if (mixture[c] > 0)
      {
        cell_class = c; /* the last one that occurs takes what rounding leaves over */
        if (draw < mixture[c])
          break;
        draw -= mixture[c];
      }
  cyt_phantom_cell_init (cell, self->seed, index, cell_class, cyt_phantom_cohort_get_group (self, patient), self->domain,
                         &stain);
}
