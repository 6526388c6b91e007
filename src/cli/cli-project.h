/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli-output.h"
#include "project/cyt-project-attributes.h"
#include "project/cyt-project.h"

G_BEGIN_DECLS

/* The data set called @name, or the project's first for NULL; an error when there is none.
 * (transfer full) */
CytDataset *cli_pick_dataset (CytProject *project, const char *name, GError **error);

/* All statistics of one data set with the words that belong to them. */
typedef struct
{
  gsize n_rows;           /* d_sae */
  CytLatentRow *rows;     /* (n_rows) */
  GStrv labels;           /* classes that majority counts in */
} CliStatistics;
CliStatistics *cli_statistics_load (CytProject *project, gint64 dataset, GError **error);
void cli_statistics_free (CliStatistics *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliStatistics, cli_statistics_free)
/* The majority class of a row; NULL where undefined. (transfer none) */
const char *cli_statistics_get_majority (const CliStatistics *self, const CytLatentRow *row);
/* Members n_active … majority of the object being built. */
void cli_statistics_add_json (const CliStatistics *self, const CytLatentRow *row, JsonBuilder *builder);

/* Members name, category, status, confidence, tags, note, rater, edited_at (ISO 8601, null: never) of the object. */
void cli_concept_add_json (const CytConcept *concept, JsonBuilder *builder);
/* Members attribute, value, auprc, prevalence, bound, n_cells, n_positive of the object. @attributes: of CytImageAttribute. */
void cli_suggestion_add_json (const CytSuggestion *suggestion, const GPtrArray *attributes, JsonBuilder *builder);
/* µs since 1970 as ISO 8601 in UTC (transfer full). */
char *cli_format_time (gint64 time_us);

/* Says that the cells are drawn where they are: first on standard output, or where that is read by a program
 * (@to_program) on standard error. Called when all has been computed, before the result is printed. */
void cli_note_simulated (CytProject *project, gboolean to_program);

/* Who is at work, as the system knows it (transfer full). */
char *cli_dup_user_name (void);

/* The argument K: 0 … d_sae − 1. */
gboolean cli_parse_latent (const char *text, gsize d_sae, guint *latent, GError **error);

G_END_DECLS
