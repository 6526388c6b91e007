/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-activation.h"
#include "analysis/cyt-neighbours.h"
#include "project/cyt-model-store.h"

G_BEGIN_DECLS

/* What the concept card says of a latent beyond its row. These jobs may take a second, so they run on a worker of
 * their own with a connection that only reads; nobody who edits or browses waits for them. */

typedef struct _CytLikenessState CytLikenessState;
CytLikenessState *cyt_likeness_state_new (void);
void cyt_likeness_state_free (CytLikenessState *self);

/* A latent over one data set. */
typedef struct
{
  CytHistogram *histogram;       /* of the scores of its cells, with or without a class */
  GStrv labels;                  /* classes, sorted */
  CytClassActivation *classes;   /* (number of labels) */
} CytLatentProfile;
void cyt_latent_profile_free (CytLatentProfile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytLatentProfile, cyt_latent_profile_free)

typedef enum
{
  CYT_LIKENESS_COACTIVE,         /* latents that fire on the same cells of the data set */
  CYT_LIKENESS_DIRECTION,        /* latents whose decoder directions are alike */
} CytLikeness;
#define CYT_N_LIKENESSES (CYT_LIKENESS_DIRECTION + 1)

typedef struct
{
  char *path;                    /* of the project */
  CytModelFiles *model_files;    /* NULL: published */
  gint64 dataset;
  guint latent;
  CytLikeness likeness;
  guint n;                       /* bins of the histogram, or latents at most */
} CytLikenessRequest;
/* @model_files may be NULL. */
CytLikenessRequest *cyt_likeness_request_new (const char *path, CytModelFiles *model_files, gint64 dataset,
                                              guint latent, CytLikeness likeness, guint n);
void cyt_likeness_request_free (CytLikenessRequest *self);

/* State: CytLikenessState, data: CytLikenessRequest. */
gpointer cyt_project_job_load_profile (gpointer state, gpointer data, GCancellable *cancellable,
                                       GError **error); /* → CytLatentProfile */
gpointer cyt_project_job_load_neighbours (gpointer state, gpointer data, GCancellable *cancellable,
                                          GError **error); /* → GArray of CytRankedLatent */

G_END_DECLS
