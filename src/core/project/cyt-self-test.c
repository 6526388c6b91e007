/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>

#include "index/cyt-top-lists.h"
#include "io/cyt-error.h"
#include "phantom/cyt-phantom.h"
#include "project/cyt-indexer.h"
#include "project/cyt-project-private.h"
#include "project/cyt-self-test.h"
#include "project/cyt-statement.h"

#define N_CELLS 64
#define CELL_SIZE 360         /* pixels, as the public data sets have */
#define PART_SECONDS 0.3      /* each kernel is repeated for */
#define BASE_MEMORY (40e6)    /* the program itself, without models and lists */
#define PENDING_MEMORY (64e6) /* results on their way into the file, see cyt-indexer.c */
/* Latents that fire on one cell, part of all: about 2,500 of 49,152 (METHODS §3, MLL23 and BMC). */
#define ACTIVE_SHARE 0.05
/* Bytes of a row beside its blobs, before the file's own overhead, which is measured. */
#define CELL_ROW 120.0
#define TOP_ROW 20.0
#define STATS_ROW 70.0
#define LATENT_BYTES 10.0     /* of one latent of one cell: u32, f32, u16 */

static const struct
{
  const char *name;
  CytModelShape shape;
} known[CYT_SELF_TEST_N_MODELS] = {
  { "DinoBloom-S", { .d = 384, .n_blocks = 12, .d_mlp = 1536, .d_sae = 64 * 384 } },
  { "DinoBloom-B", { .d = 768, .n_blocks = 12, .d_mlp = 3072, .d_sae = 64 * 768 } },
  { "DinoBloom-L", { .d = 1024, .n_blocks = 24, .d_mlp = 4096, .d_sae = 64 * 1024 } },
  { "DinoBloom-G", { .d = 1536, .n_blocks = 40, .d_mlp = 4096, .swiglu = TRUE, .d_sae = 64 * 1536 } },
};

/* What the trial index says of the file. */
typedef struct
{
  double overhead;         /* size of the file by the payload of its rows */
  double thumbnail, map;   /* bytes of one */
  double active;           /* latents of a cell */
} FileFacts;

/* ---- The trial index ---- */

static gboolean
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  return g_remove (path) == 0;
}

static gboolean
sum_up (CytProject *project, const char *sql, gint64 *n, double *bytes, GError **error)
{
  g_auto (CytStatement) statement = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&statement, project, sql, error) || !cyt_statement_step (&statement, &row, error))
    return FALSE;
  *n = cyt_statement_get_int (&statement, 0, 0, G_MAXINT64);
  *bytes = cyt_statement_get_int (&statement, 1, 0, G_MAXINT64);
  return cyt_statement_check_row (&statement, error, "cell", "trial");
}

static gboolean
read_file_facts (const char *path, FileFacts *facts, GError **error)
{
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error);
  gint64 n_cells, n_thumbnails, n_top, n_stats;
  double latents, cls, thumbnails, maps, none;
  GStatBuf info;

  if (project == NULL
      || !sum_up (project, "SELECT count(*), coalesce(sum(length(latents) + length(scores) + length(counts)), 0) "
                           "FROM cell_latents", &n_cells, &latents, error)
      || !sum_up (project, "SELECT count(*), coalesce(sum(length(cls_latents) + length(cls_values)), 0) "
                           "FROM cell_latents", &n_cells, &cls, error)
      || !sum_up (project, "SELECT count(*), coalesce(sum(length(jpeg)), 0) FROM thumbnail", &n_thumbnails,
                  &thumbnails, error)
      || !sum_up (project, "SELECT count(*), coalesce(sum(length(map)), 0) FROM top_cell", &n_top, &maps, error)
      || !sum_up (project, "SELECT count(*), 0 FROM latent_stats", &n_stats, &none, error))
    return FALSE;
  if (g_stat (path, &info) != 0 || n_cells == 0 || n_top == 0)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_CORRUPT, "%s: the trial index holds nothing",
                   project->display);
      return FALSE;
    }
  facts->overhead = info.st_size / (latents + cls + thumbnails + maps + CELL_ROW * n_cells + TOP_ROW * n_top
                                    + STATS_ROW * n_stats);
  facts->thumbnail = n_thumbnails > 0 ? thumbnails / n_thumbnails : 0;
  facts->map = maps / n_top;
  facts->active = latents / LATENT_BYTES / n_cells;
  return TRUE;
}

static gboolean
index_trial (const char *folder, guint n_threads, CytModelShape *shape, double *seconds_per_cell, FileFacts *facts,
             CytProgress *progress, gsize n_steps, GCancellable *cancellable, GError **error)
{
  g_autofree char *cells = g_build_filename (folder, "cells", NULL);
  g_autofree char *manifest = g_build_filename (cells, "manifest.csv", NULL);
  g_autofree char *path = g_build_filename (folder, "trial.cytosae", NULL);
  CytPhantomCohort cohort = CYT_PHANTOM_COHORT_INIT;
  CytIndexOptions options = CYT_INDEX_OPTIONS_INIT;
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (CytModels) models = NULL;
  const CytEncoderConfig *config;
  gint64 start;

  cohort.n_cells = N_CELLS;
  cohort.size = CELL_SIZE;
  cohort.n_threads = n_threads;
  options.n_threads = n_threads;
  if (progress != NULL)
    cyt_progress_set_stage (progress, 0, n_steps);
  if (!cyt_phantom_cohort_write (&cohort, cells, progress, cancellable, error)
      || (models = cyt_models_load_builtin (cancellable, error)) == NULL
      || (list = cyt_image_list_new ((const char *const[]) { manifest, NULL }, error)) == NULL)
    return FALSE;
  if (progress != NULL)
    cyt_progress_set_stage (progress, N_CELLS, n_steps);
  start = g_get_monotonic_time ();
  if (!cyt_indexer_run (path, models, list, &options, progress, NULL, NULL, cancellable, error))
    return FALSE;
  *seconds_per_cell = (g_get_monotonic_time () - start) / (double) G_USEC_PER_SEC / N_CELLS;
  config = cyt_encoder_get_config (models->encoder);
  *shape = (CytModelShape){ .d = config->d, .n_blocks = config->n_blocks, .d_mlp = config->d_mlp,
                            .swiglu = config->swiglu, .d_sae = cyt_sae_get_config (models->sae)->d_sae };
  return read_file_facts (path, facts, error);
}

/* ---- From there to other models ---- */

/* @active: latents of a cell. Seconds are filled in by the caller. */
static CytSelfTestModel
estimate (const char *name, const CytModelShape *shape, const FileFacts *facts, double active, guint n_threads)
{
  const double n_top = CYT_PROJECT_DEFAULT_TOP;

  return (CytSelfTestModel){
    .name = name,
    .shape = *shape,
    .bytes_per_cell = facts->overhead * (LATENT_BYTES * active + CELL_ROW + facts->thumbnail),
    .bytes_of_lists = facts->overhead * shape->d_sae * (n_top * (TOP_ROW + facts->map) + STATS_ROW),
    .memory = BASE_MEMORY + PENDING_MEMORY + cyt_model_shape_get_memory (shape, n_threads)
              + shape->d_sae * n_top * sizeof (CytTopEntry),
  };
}

static gboolean
measure (CytSelfTest *self, guint n_threads, const char *folder, CytProgress *progress, GCancellable *cancellable,
         GError **error)
{
  /* Each model is as many steps as it takes time, roughly. */
  static const gsize model_steps = 16;
  gsize n_steps = 2 * N_CELLS + model_steps * (1 + CYT_SELF_TEST_N_MODELS), n_done = 2 * N_CELLS;
  CytModelShape shape;
  FileFacts facts;
  double seconds, rest;

  self->n_threads = n_threads > 0 ? n_threads : g_get_num_processors ();
  if (!index_trial (folder, n_threads, &shape, &seconds, &facts, progress, n_steps, cancellable, error))
    return FALSE;
  self->built_in = estimate ("pbc-tiny", &shape, &facts, facts.active, n_threads);
  self->built_in.seconds_per_cell = seconds;

  /* What does not depend on the model: reading, shrinking, hashing, thumbnails, the database. */
  if (progress != NULL)
    {
      cyt_progress_set_stage (progress, n_done, n_steps);
      cyt_progress_start (progress, 0, n_steps);
    }
  rest = MAX (0, seconds - cyt_model_timing_measure (&shape, n_threads, PART_SECONDS, cancellable));
  for (gsize i = 0; i < CYT_SELF_TEST_N_MODELS; i++)
    {
      if (progress != NULL)
        cyt_progress_advance (progress, model_steps, 0);
      self->models[i] = estimate (known[i].name, &known[i].shape, &facts, ACTIVE_SHARE * known[i].shape.d_sae,
                                  n_threads);
      self->models[i].seconds_per_cell
        = rest + cyt_model_timing_measure (&known[i].shape, n_threads, PART_SECONDS, cancellable);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
    }
  if (progress != NULL)
    cyt_progress_advance (progress, model_steps, 0);
  return TRUE;
}

gboolean
cyt_self_test_run (CytSelfTest *self, guint n_threads, CytProgress *progress, GCancellable *cancellable,
                   GError **error)
{
  g_autofree char *folder = g_dir_make_tmp ("cytosae-self-test-XXXXXX", error);
  gboolean ok;

  if (folder == NULL)
    return FALSE;
  ok = measure (self, n_threads, folder, progress, cancellable, error);
  remove_tree (folder);
  return ok;
}

double
cyt_self_test_model_get_seconds (const CytSelfTestModel *self, guint64 n_cells)
{
  return self->seconds_per_cell * n_cells;
}

double
cyt_self_test_model_get_bytes (const CytSelfTestModel *self, guint64 n_cells)
{
  /* A list is full when its latent fired on as many cells as it is long; latents differ widely in how often they do. */
  double full = 1 - exp (-(n_cells * ACTIVE_SHARE / CYT_PROJECT_DEFAULT_TOP));

  return self->bytes_per_cell * n_cells + full * self->bytes_of_lists;
}
