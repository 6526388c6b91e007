/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* The label files of several experts laid beside a project's labels, field by field. An empty value (no name, unreviewed,
 * no confidence, no tag) says nothing: it neither disagrees with another value nor removes one. */
typedef enum
{
  CYT_MERGE_ADDITION,   /* the project says nothing, one file says something; or tags that some lack */
  CYT_MERGE_AGREEMENT,  /* the project says nothing, several files say the same */
  CYT_MERGE_CONFLICT,   /* two different values among the project's and the files' */
} CytMergeKind;
#define CYT_MERGE_N_KINDS (CYT_MERGE_CONFLICT + 1)

/* What becomes of a field: the value of side 0, 1, … is taken, or: */
#define CYT_MERGE_KEEP (-1)     /* the project's stays */
#define CYT_MERGE_COMBINE (-2)  /* all that is said: tags together, notes below each other */

/* One field of one latent about which the files say more than the project. */
typedef struct
{
  guint32 latent;
  CytConceptFields field;  /* one */
  CytMergeKind kind;
  char *base;              /* the project's value, in the words of a file of labels; "" says nothing */
  char **sides;            /* (n_sides + 1) the files' values, "" likewise; NULL-terminated */
  char *combined;          /* what CYT_MERGE_COMBINE gives; NULL where there is nothing to combine */
  int choice;              /* at first: additions and agreements are taken, conflicts kept */
} CytMergeItem;

typedef struct
{
  guint n_sides;
  char **names;            /* (n_sides + 1) base names of the files; NULL-terminated */
  char **raters;           /* (n_sides) who labelled, where a file names one alone; else NULL */
  GPtrArray *items;        /* of CytMergeItem, by latent, then field */
  gsize n_kind[CYT_MERGE_N_KINDS]; /* how many of each */
  gsize n_same;            /* fields about which files say just what the project says */
  /*< private >*/
  GPtrArray *sides;        /* (n_sides) of GHashTable: latent → CytLabel */
} CytLabelsMerge;

/* Reads the files (cyt_labels_file_read(), at least one, NULL-terminated). */
CytLabelsMerge *cyt_labels_merge_new (CytProject *project, const char *const *paths, GError **error);
void cyt_labels_merge_free (CytLabelsMerge *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytLabelsMerge, cyt_labels_merge_free)

/* Whether @choice can be made: a side that says something, CYT_MERGE_KEEP, or CYT_MERGE_COMBINE where there is a
 * combined value. */
gboolean cyt_merge_item_allows (const CytMergeItem *self, int choice);
/* The value that its choice gives (transfer none). */
const char *cyt_merge_item_get_result (const CytMergeItem *self);

/* What the choices change, of CytLabel, for cyt_project_set_labels(). A label all of whose fields come from one file
 * keeps that file's rater; else it is the merger's. (transfer full) */
GPtrArray *cyt_labels_merge_dup_labels (const CytLabelsMerge *self);
/* A line for the history: "merge a.json, b.csv" (transfer full). */
char *cyt_labels_merge_dup_what (const CytLabelsMerge *self);

/* How far two files agree about one field, over the latents about which both say something. */
typedef struct
{
  gsize n;                 /* those latents */
  gsize n_equal;
  double observed;         /* p_o: share of equal values; NAN where n is 0 */
  double expected;         /* p_e: what chance would give with the values as frequent as they are in each file */
  double kappa;            /* Cohen's κ = (p_o − p_e) / (1 − p_e) (METHODS §7); NAN where undefined: p_e = 1 */
} CytAgreement;
/* @field: CYT_CONCEPT_FIELD_STATUS, _NAME, _CATEGORY or _CONFIDENCE. Names and categories that differ in case or outer
 * spaces only are equal. */
void cyt_labels_merge_get_agreement (const CytLabelsMerge *self, guint side_a, guint side_b, CytConceptFields field,
                                     CytAgreement *agreement);

G_END_DECLS
