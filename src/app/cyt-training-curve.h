/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How a training went, thinned out: at most CYT_TRAINING_CURVE_MAX points, each the mean over a run of steps that doubles
 * when there would be more. */
#define CYT_TRAINING_CURVE_MAX 1024

typedef enum
{
  CYT_TRAINING_MSE,         /* the error, of a Matryoshka's shorter prefixes too */
  CYT_TRAINING_SPARSITY,    /* what sparsity costs: L1, or JumpReLU's L0 */
  CYT_TRAINING_REVIVAL,     /* what revives dead latents: the ghost term, or AuxK */
  CYT_TRAINING_L0,
  CYT_TRAINING_EXPLAINED,
  CYT_TRAINING_DEAD,        /* share of the latents, 0…1 */
  CYT_TRAINING_N_COLUMNS,
} CytTrainingColumn;

typedef struct _CytTrainingCurve CytTrainingCurve;

CytTrainingCurve *cyt_training_curve_new (void);
void cyt_training_curve_free (CytTrainingCurve *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTrainingCurve, cyt_training_curve_free)

/* A step that was taken. */
typedef struct
{
  guint64 n_steps;          /* with this one; from 1 upwards */
  double values[CYT_TRAINING_N_COLUMNS];
} CytTrainingEvent;

/* A step that is there already, or a later one, is dropped first with all after it: a training that is resumed takes steps
 * again. */
void cyt_training_curve_append (CytTrainingCurve *self, const CytTrainingEvent *event);

guint cyt_training_curve_get_n_points (const CytTrainingCurve *self);
/* Mean step of a point, and its values. */
double cyt_training_curve_get_step (const CytTrainingCurve *self, guint point);
double cyt_training_curve_get (const CytTrainingCurve *self, guint point, CytTrainingColumn column);
/* Of the last step; NAN before the first. */
double cyt_training_curve_get_last (const CytTrainingCurve *self, CytTrainingColumn column);

G_END_DECLS
