/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "train/cyt-trainer.h"

G_BEGIN_DECLS

/* What a training in the window needs. Kept as a key file in the user's data folder from its first step until it is done
 * or forgotten, so that it can be gone on with whenever the program starts again. */
typedef struct
{
  char *encoder;         /* absolute paths */
  char *images;          /* a folder or CSV */
  char *out;             /* FILE.safetensors or FILE.pt */
  double expansion;      /* latents for each dimension of a token */
  CytTrainVariant variant;
  double l1;             /* relu */
  gboolean ghost;        /* relu */
  guint k;               /* topk, batchtopk, matryoshka */
  double l0;             /* jumprelu */
  double lr;
  guint64 n_images;      /* to be seen in all */
  guint batch;
  guint64 seed;
} CytTrainingPlan;

CytTrainingPlan *cyt_training_plan_new (void);   /* with the recipe's values, without paths */
CytTrainingPlan *cyt_training_plan_copy (const CytTrainingPlan *self);
void cyt_training_plan_free (CytTrainingPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTrainingPlan, cyt_training_plan_free)

/* Latents of tokens of @d dimensions. */
gsize cyt_training_plan_get_n_latents (const CytTrainingPlan *self, gsize d);
/* The trainer's options but for encoder, its hash, list and resume. */
void cyt_training_plan_get_options (const CytTrainingPlan *self, gsize d, CytTrainOptions *options);

/* Whether the trainer left a state to go on with. */
gboolean cyt_training_plan_can_resume (const CytTrainingPlan *self);

gboolean cyt_training_plan_save (const CytTrainingPlan *self, GError **error);
/* Takes the key file away; the trainer's state stays. */
void cyt_training_plan_forget (const CytTrainingPlan *self);
/* Kept plans whose state is still there, newest first; of CytTrainingPlan (transfer full). What cannot be read is left out. */
GPtrArray *cyt_training_plan_list (void);

G_END_DECLS
