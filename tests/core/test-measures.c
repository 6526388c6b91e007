/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "analysis/cyt-average-precision.h"
#include "analysis/cyt-baselines.h"
#include "analysis/cyt-measures-phase.h"
#include "analysis/cyt-measures.h"
#include "io/cyt-csv.h"
#include "io/cyt-error.h"
#include "io/cyt-npy.h"
#include "model/cyt-pipeline.h"
#include "model/cyt-token-latents.h"
#include "phantom/cyt-phantom.h"
#include "project/cyt-indexer.h"
#include "test-util.h"

/* ---- What the reference reads ---- */

static void
write_text (const char *dir, const char *name, const GString *text)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text->str, text->len, &error);
  g_assert_no_error (error);
}

static void
append_number (GString *out, gboolean first, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (out, "%s%s", first ? "" : ",", g_ascii_dtostr (text, sizeof text, value));
}

static CytNpyWriter *
make_array (const char *dir, const char *name, guint n_dims, gint64 a, gint64 b, gint64 c)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  const gint64 shape[] = { a, b, c };
  g_autoptr (GError) error = NULL;
  CytNpyWriter *writer = cyt_npy_writer_new (path, CYT_DTYPE_F32, n_dims, shape, &error);

  g_assert_no_error (error);
  return writer;
}

static void
append_array (CytNpyWriter *writer, const float *data, gsize n)
{
  g_autoptr (GError) error = NULL;

  cyt_npy_writer_append (writer, data, n, &error);
  g_assert_no_error (error);
}

static void
close_array (CytNpyWriter *writer)
{
  g_autoptr (GError) error = NULL;

  cyt_npy_writer_close (writer, &error);
  g_assert_no_error (error);
  cyt_npy_writer_free (writer);
}

typedef struct
{
  CytNpyWriter *scores, *tokens, *embeddings, *maps;
  const CytMasks *masks;
  gsize n_latents, d;
} Dump;

static gboolean
dump_image (CytPipelineResult *result, gpointer user_data, GError **error)
{
  Dump *dump = user_data;
  g_autofree float *scores = g_new0 (float, dump->n_latents);
  gboolean masked = FALSE;

  g_assert_null (result->error);
  for (guint i = 0; i < result->latents.n; i++)
    scores[result->latents.latent[i]] = result->latents.score[i];
  append_array (dump->scores, scores, dump->n_latents);
  append_array (dump->tokens, result->tokens, CYT_N_TOKENS * dump->d);
  append_array (dump->embeddings, result->embedding, dump->d);
  for (gsize i = 0; dump->masks != NULL && i < dump->masks->n_cells; i++)
    masked |= dump->masks->position[i] == result->index;
  if (masked)
    {
      g_autofree float *maps = g_new0 (float, CYT_N_PATCHES * dump->n_latents);

      for (guint i = 0; i < result->maps->len; i++)
        {
          const CytSparseMap *map = result->maps->pdata[i];

          for (guint j = 0; j < map->n; j++)
            maps[map->patch[j] * dump->n_latents + map->latent] = map->value[j];
        }
      append_array (dump->maps, maps, CYT_N_PATCHES * dump->n_latents);
    }
  return TRUE;
}

static void
dump_question (const char *dir, const CytMeasuresOptions *options, const CytDictionary *sae)
{
  gsize n = cyt_image_list_get_n_items (options->list), n_masked = options->masks ? options->masks->n_cells : 0;
  g_autofree float *above = g_new0 (float, sae->n);
  Dump dump = { .scores = make_array (dir, "scores.npy", 2, n, sae->n, 0),
                .tokens = make_array (dir, "tokens.npy", 3, n, CYT_N_TOKENS, sae->d),
                .embeddings = make_array (dir, "embeddings.npy", 2, n, sae->d, 0),
                .maps = n_masked > 0 ? make_array (dir, "maps.npy", 3, n_masked, CYT_N_PATCHES, sae->n) : NULL,
                .masks = options->masks, .n_latents = sae->n, .d = sae->d };
  CytPipelineOptions pipeline = { .encoder = options->encoder, .sae = sae->sae, .block = options->block,
                                  .want_tokens = TRUE, .map_above = above, .embedding_encoder = options->encoder,
                                  .embedding_block = options->embedding_block };
  g_autoptr (GString) images = g_string_new ("path,label,patient\n"), tau = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < n; i++)
    {
      const CytImageItem *item = cyt_image_list_get_item (options->list, i);

      cyt_csv_append_field (images, TRUE, item->path);
      cyt_csv_append_field (images, FALSE, item->label ? item->label : "");
      cyt_csv_append_field (images, FALSE, item->patient ? item->patient : "");
      g_string_append_c (images, '\n');
    }
  append_number (tau, TRUE, options->tau);
  write_text (dir, "images.csv", images);
  write_text (dir, "tau.txt", tau);
  cyt_pipeline_run (&pipeline, options->list, dump_image, &dump, NULL, &error);
  g_assert_no_error (error);
  close_array (dump.scores);
  close_array (dump.tokens);
  close_array (dump.embeddings);
  if (dump.maps != NULL)
    close_array (dump.maps);
}

static void
append_best (GString *out, const CytMeasuresBest *best)
{
  append_number (out, FALSE, best->latent);
  append_number (out, FALSE, best->chosen);
  append_number (out, FALSE, best->scored);
  append_number (out, FALSE, best->chance);
  append_number (out, FALSE, best->overlap);
}

static void
dump_answer (const char *dir, const CytMeasures *m)
{
  g_autoptr (GString) rows = g_string_new ("n_active,frequency,token_frequency,explained,entropy,purity,majority,best_class,"
                                          "auprc,prevalence,monosemanticity,nearest,cosine,twin,jaccard,structure,"
                                          "map_precision,map_chance,map_overlap\n");
  g_autoptr (GString) summary = g_string_new ("name,value\n");
  g_autoptr (GString) classes = g_string_new ("name,latent,chosen,scored,chance,overlap\n");
  g_autoptr (GString) structures
    = g_string_new ("name,latent,chosen,scored,chance,overlap,ceiling_latent,ceiling_chosen,ceiling_scored,ceiling_chance,"
                    "ceiling_overlap\n");
  const struct { const char *name; double value; } values[] = {
    { "l0", m->l0 }, { "explained", m->explained }, { "dead_share", m->dead_share }, { "entropy", m->entropy },
    { "purity", m->purity }, { "cosine", m->cosine }, { "jaccard", m->jaccard },
    { "monosemanticity", m->monosemanticity }, { "monosemanticity_chance", m->monosemanticity_chance },
    { "selectivity", cyt_measures_get_selectivity (m) },
  };

  for (gsize k = 0; k < m->n_latents; k++)
    {
      const CytMeasuresRow *r = &m->rows[k];
      const double numbers[] = { r->frequency, r->token_frequency, r->explained, r->entropy, r->purity };
      const double more[] = { r->auprc, r->prevalence, r->monosemanticity };
      const double maps[] = { r->map_precision, r->map_chance, r->map_overlap };

      g_string_append_printf (rows, "%" G_GSIZE_FORMAT, r->n_active);
      for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
        append_number (rows, FALSE, numbers[i]);
      g_string_append_printf (rows, ",%d,%d", r->majority, r->best_class);
      for (guint i = 0; i < G_N_ELEMENTS (more); i++)
        append_number (rows, FALSE, more[i]);
      g_string_append_printf (rows, ",%" G_GINT64_FORMAT, r->nearest);
      append_number (rows, FALSE, r->cosine);
      g_string_append_printf (rows, ",%" G_GINT64_FORMAT, r->twin);
      append_number (rows, FALSE, r->jaccard);
      g_string_append_printf (rows, ",%d", r->structure);
      for (guint i = 0; i < G_N_ELEMENTS (maps); i++)
        append_number (rows, FALSE, maps[i]);
      g_string_append_c (rows, '\n');
    }
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_string_append (summary, values[i].name);
      append_number (summary, FALSE, values[i].value);
      g_string_append_c (summary, '\n');
    }
  for (gsize c = 0; m->classes[c] != NULL; c++)
    {
      cyt_csv_append_field (classes, TRUE, m->classes[c]);
      append_best (classes, &m->best_of_class[c]);
      g_string_append_c (classes, '\n');
    }
  for (gsize s = 0; m->structures[s] != NULL; s++)
    {
      cyt_csv_append_field (structures, TRUE, m->structures[s]);
      append_best (structures, &m->best_of_structure[s]);
      append_best (structures, &m->ceiling[s]);
      g_string_append_c (structures, '\n');
    }
  write_text (dir, "rows.csv", rows);
  write_text (dir, "summary.csv", summary);
  write_text (dir, "classes.csv", classes);
  write_text (dir, "structures.csv", structures);
}

/* ---- Models and lists ---- */

typedef struct
{
  char *dir;
  char *sae_path;
  CytEncoder *encoder;
  CytDictionary *sae;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *encoder = cyt_models_find_builtin ("encoder.safetensors");
  g_autoptr (GError) error = NULL;

  f->dir = cyt_test_make_tmpdir ();
  f->sae_path = cyt_models_find_builtin ("sae");
  g_assert_nonnull (encoder);
  f->encoder = cyt_encoder_load (encoder, &error);
  g_assert_no_error (error);
  f->sae = cyt_dictionary_load (f->sae_path, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_dictionary_free (f->sae);
  cyt_encoder_free (f->encoder);
  cyt_test_remove_tree (f->dir);
  g_free (f->dir);
  g_free (f->sae_path);
}

static CytImageList *
load_list (const char *path)
{
  const char *args[] = { path, NULL };
  g_autoptr (GError) error = NULL;
  CytImageList *list = cyt_image_list_new (args, &error);

  g_assert_no_error (error);
  return list;
}

/* Every so many of a list. */
static void
thin_out (CytImageList *list, guint every)
{
  for (guint i = list->items->len; i-- > 0;)
    if (i % every != 0)
      g_ptr_array_remove_index (list->items, i);
}

static CytMeasuresOptions
make_options (const Fixture *f, const CytImageList *list, const CytMasks *masks)
{
  CytMeasuresOptions options = { .encoder = f->encoder, .block = CYT_SAE_DEFAULT_BLOCK, .list = list, .tau = 0.2,
                                 .embedding_block = cyt_measures_pick_block (f->encoder, CYT_SAE_DEFAULT_BLOCK, NULL),
                                 .masks = masks };

  g_assert_cmpint (options.embedding_block, ==, -1);
  return options;
}

static GPtrArray *
measure (const CytMeasuresOptions *options, const CytDictionary *sae)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *all = cyt_measures_run (options, &sae, 1, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 1);
  return all;
}

static void
compare_with_reference (Fixture *f, const CytMeasuresOptions *options)
{
  g_autoptr (GPtrArray) all = measure (options, f->sae);
  const CytMeasures *m = all->pdata[0];

  g_test_message ("%" G_GSIZE_FORMAT " images, L0 %g, explained %g, dead %g, monosemanticity %g (chance %g), selectivity %g",
                  m->n_images, m->l0, m->explained, m->dead_share, m->monosemanticity, m->monosemanticity_chance,
                  cyt_measures_get_selectivity (m));
  dump_question (f->dir, options, f->sae);
  dump_answer (f->dir, m);
  cyt_test_run_reference ("measures.py", f->dir, f->sae_path, NULL);
}

/* ---- Tests ---- */

static void
test_real_cells (Fixture *f, gconstpointer data)
{
  g_autofree char *path = cyt_test_shared ("cells/pbc/manifest.csv");
  g_autoptr (CytImageList) list = path != NULL ? load_list (path) : NULL;
  CytMeasuresOptions options;

  if (list == NULL)
    return;
  thin_out (list, 20);
  options = make_options (f, list, NULL);
  compare_with_reference (f, &options);
}

static void
append_piece (GString *out, guint position, const char *structure, const char *file, guint level)
{
  g_string_append_printf (out, "%u", position);
  cyt_csv_append_field (out, FALSE, structure);
  cyt_csv_append_field (out, FALSE, file);
  g_string_append_printf (out, ",%u\n", level);
}

static void
test_real_masks (Fixture *f, gconstpointer data)
{
  g_autofree char *path = cyt_test_shared ("cells/zheng/manifest.csv"), *folder = cyt_test_shared ("cells/zheng/masks");
  g_autoptr (CytImageList) list = path != NULL ? load_list (path) : NULL;
  g_autoptr (GString) pieces = g_string_new ("position,structure,file,level\n");
  g_autoptr (CytMasks) masks = NULL;
  g_autoptr (GError) error = NULL;
  CytMeasuresOptions options;

  if (list == NULL)
    return;
  thin_out (list, 20);
  masks = cyt_masks_load (folder, "0=background,128=cytoplasm,255=nucleus", list, 1000, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (masks->n_cells, ==, cyt_image_list_get_n_items (list));
  g_assert_cmpstr (masks->names[0], ==, "background");
  g_assert_cmpstr (masks->names[1], ==, "cytoplasm");
  g_assert_cmpstr (masks->names[2], ==, "nucleus");
  g_assert_cmpuint (masks->n_structures, ==, 3);
  for (guint i = 0; i < masks->n_cells; i++)
    {
      g_autofree char *base = g_path_get_basename (cyt_image_list_get_item (list, i)->path);
      g_autofree char *name = g_strndup (base, strlen (base) - 4), *file = g_strdup_printf ("%s/%s.png", folder, name);
      const guint levels[] = { 0, 128, 255 };

      for (guint s = 0; s < 3; s++)
        append_piece (pieces, i, masks->names[s], file, levels[s]);
      for (guint p = 0; p < CYT_N_PATCHES; p++)
        {
          double sum = 0;

          for (guint s = 0; s < 3; s++)
            sum += cyt_masks_get_share (masks, i, s)[p];
          g_assert_true (fabs (sum - 1) <= 1e-6);
        }
    }
  write_text (f->dir, "masked.csv", pieces);
  options = make_options (f, list, masks);
  compare_with_reference (f, &options);
}

/* Drawn cells of patients, a file for each structure. */
static void
test_drawn_masks (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (f->dir, "cells", NULL), *masks_folder = g_build_filename (folder, "masks", NULL);
  g_autofree char *manifest = g_build_filename (folder, "manifest.csv", NULL);
  CytPhantomCohort cohort = CYT_PHANTOM_COHORT_INIT;
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (CytMasks) masks = NULL;
  g_autoptr (GString) pieces = g_string_new ("position,structure,file,level\n");
  g_autoptr (GError) error = NULL;
  CytMeasuresOptions options;

  cohort.n_cells = 40;
  cohort.n_patients = 10;
  cohort.size = 224;
  cohort.masks = TRUE;
  cyt_phantom_cohort_write (&cohort, folder, NULL, NULL, &error);
  g_assert_no_error (error);
  list = load_list (manifest);
  masks = cyt_masks_load (masks_folder, NULL, list, 25, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (masks->n_cells, ==, 25);
  for (guint i = 0; i < masks->n_cells; i++)
    {
      const char *inside = strchr (cyt_image_list_get_item (list, masks->position[i])->path, '/');
      g_autofree char *name = g_strndup (inside, strrchr (inside, '.') - inside);

      for (guint s = 0; s < masks->n_structures; s++)
        {
          g_autofree char *file = g_strdup_printf ("%s%s-%s.png", masks_folder, name, masks->names[s]);

          if (g_file_test (file, G_FILE_TEST_EXISTS))
            append_piece (pieces, masks->position[i], masks->names[s], file, 256);
        }
    }
  write_text (f->dir, "masked.csv", pieces);
  options = make_options (f, list, masks);
  compare_with_reference (f, &options);
}

static void
test_threads (Fixture *f, gconstpointer data)
{
  g_autofree char *path = cyt_test_shared ("cells/pbc/manifest.csv");
  g_autoptr (CytImageList) list = path != NULL ? load_list (path) : NULL;
  g_autoptr (GPtrArray) one = NULL, three = NULL;
  CytMeasuresOptions options;

  if (list == NULL)
    return;
  thin_out (list, 100);
  options = make_options (f, list, NULL);
  options.n_threads = 1;
  one = measure (&options, f->sae);
  options.n_threads = 3;
  three = measure (&options, f->sae);
  for (gsize k = 0; k < f->sae->n; k++)
    {
      const CytMeasuresRow *a = &((CytMeasures *) one->pdata[0])->rows[k], *b = &((CytMeasures *) three->pdata[0])->rows[k];
      g_autofree char *text_a = g_strdup_printf ("%g %g %g %g", a->explained, a->auprc, a->monosemanticity, a->cosine);
      g_autofree char *text_b = g_strdup_printf ("%g %g %g %g", b->explained, b->auprc, b->monosemanticity, b->cosine);

      g_assert_cmpstr (text_a, ==, text_b);
      g_assert_true (a->explained == b->explained || (isnan (a->explained) && isnan (b->explained)));
    }
  g_assert_true (((CytMeasures *) one->pdata[0])->explained == ((CytMeasures *) three->pdata[0])->explained);
}

/* Stops a measurement when half of the images are done. */
typedef struct
{
  CytProgress *progress;
  GCancellable *cancellable;
  gsize n;
  gsize first; /* images done when they began */
} Stop;

static gboolean
is_at_images (const CytProgressState *state)
{
  return state->n_total > 0 && g_strcmp0 (state->phase, CYT_MEASURES_PHASE_IMAGES) == 0;
}

static gpointer
stop_thread (gpointer data)
{
  Stop *stop = data;
  CytProgressState state;

  do
    {
      g_usleep (500);
      cyt_progress_get (stop->progress, &state);
    }
  while (!is_at_images (&state));
  stop->first = state.n_done;
  while (state.n_done < stop->n && is_at_images (&state))
    {
      g_usleep (500);
      cyt_progress_get (stop->progress, &state);
    }
  g_cancellable_cancel (stop->cancellable);
  return NULL;
}

static void
assert_same_rows (const CytMeasures *a, const CytMeasures *b)
{
  g_assert_cmpuint (a->n_latents, ==, b->n_latents);
  g_assert_cmpuint (a->n_images, ==, b->n_images);
  g_assert_cmpuint (a->n_failed, ==, b->n_failed);
  g_assert_cmpmem (&a->explained, sizeof (double), &b->explained, sizeof (double));
  g_assert_cmpmem (&a->monosemanticity, sizeof (double), &b->monosemanticity, sizeof (double));
  for (gsize k = 0; k < a->n_latents; k++)
    {
      const CytMeasuresRow *x = &a->rows[k], *y = &b->rows[k];

      g_assert_cmpuint (x->n_active, ==, y->n_active);
      g_assert_cmpmem (&x->token_frequency, sizeof (double), &y->token_frequency, sizeof (double));
      g_assert_cmpmem (&x->explained, sizeof (double), &y->explained, sizeof (double));
      g_assert_cmpmem (&x->monosemanticity, sizeof (double), &y->monosemanticity, sizeof (double));
      g_assert_cmpmem (&x->auprc, sizeof (double), &y->auprc, sizeof (double));
      g_assert_cmpmem (&x->map_precision, sizeof (double), &y->map_precision, sizeof (double));
      g_assert_cmpint (x->nearest, ==, y->nearest);
      g_assert_cmpint (x->twin, ==, y->twin);
    }
}

/* Cut off, and cut off in the middle of a record, it goes on and ends with the same; of another subject it begins anew. */
static void
test_resume (Fixture *f, gconstpointer data)
{
  g_autofree char *path = cyt_test_shared ("cells/zheng/manifest.csv"), *folder = cyt_test_shared ("cells/zheng/masks");
  g_autofree char *journal = g_build_filename (f->dir, "p.measuring", NULL), *bytes = NULL;
  g_autofree char *bad = g_build_filename (f->dir, "bad.png", NULL);
  g_autoptr (CytImageList) list = path != NULL ? load_list (path) : NULL;
  g_autoptr (CytMasks) masks = NULL;
  g_autoptr (GPtrArray) whole = NULL;
  g_autoptr (GError) error = NULL;
  const CytDictionary *sae = f->sae;
  CytMeasuresOptions options;
  gsize length;

  if (list == NULL)
    return;
  thin_out (list, 24);
  g_file_set_contents (bad, "no picture", -1, &error);
  g_free (((CytImageItem *) list->items->pdata[3])->path);
  ((CytImageItem *) list->items->pdata[3])->path = g_strdup (bad);
  masks = cyt_masks_load (folder, NULL, list, 8, NULL, &error);
  g_assert_no_error (error);
  options = make_options (f, list, masks);
  whole = measure (&options, f->sae);
  options.journal = journal;
  options.subject = "one";
  for (guint part = 0; part < 3; part++)
    {
      g_autoptr (CytProgress) progress = cyt_progress_new ();
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Stop stop = { progress, cancellable, part == 0 ? 8 : 16 };
      GThread *thread = NULL;
      g_autoptr (GPtrArray) all = NULL;
      CytProgressState state;

      if (part < 2)
        thread = g_thread_new ("stop", stop_thread, &stop);
      all = cyt_measures_run (&options, &sae, 1, progress, cancellable, &error);
      cyt_progress_get (progress, &state);
      if (thread != NULL)
        {
          g_thread_join (thread);
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
          g_clear_error (&error);
          g_assert_cmpuint (stop.first, >=, part == 0 ? 0 : 7); /* the last of the eight was cut in two */
          /* as a computer that loses its power leaves it: the last bytes are missing */
          g_assert_true (g_file_get_contents (journal, &bytes, &length, NULL));
          g_assert_true (g_file_set_contents (journal, bytes, (gssize) length - (part == 0 ? 3 : 0), NULL));
          g_clear_pointer (&bytes, g_free);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (state.phase, ==, CYT_MEASURES_PHASE_MAPS);
      g_assert_cmpuint (state.n_done, ==, f->sae->n);
      g_assert_cmpuint (((CytMeasures *) all->pdata[0])->n_failed, ==, 1);
      assert_same_rows (whole->pdata[0], all->pdata[0]);
    }

  /* a record that was damaged ends what is known; then nothing is known any more */
  g_assert_true (g_file_get_contents (journal, &bytes, &length, NULL));
  bytes[length / 2] ^= 1;
  g_assert_true (g_file_set_contents (journal, bytes, (gssize) length, NULL));
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GPtrArray) all = NULL;

      all = measure (&options, f->sae);
      assert_same_rows (whole->pdata[0], all->pdata[0]);
      options.subject = "two";
    }
  {
    g_autofree char *again = NULL;
    gsize n;

    g_assert_true (g_file_get_contents (journal, &again, &n, NULL));
    g_assert_cmpuint (n, ==, length);
    g_assert_true (memcmp (again, bytes, 72) != 0); /* the key in front is another one; */
    bytes[length / 2] ^= 1;
    g_assert_cmpmem (again + 72, n - 72, bytes + 72, length - 72); /* what follows is the same */
  }
}

typedef struct
{
  const CytDictionary *kmeans;
  gsize n_checked;
} Nearest;

/* The mean that fires on a token is the nearest of all, and nearer than the mean of everything. */
static gboolean
check_nearest (CytPipelineResult *result, gpointer user_data, GError **error)
{
  Nearest *check = user_data;
  const CytDictionary *kmeans = check->kmeans;
  g_autoptr (CytSaeWorkspace) ws = cyt_sae_workspace_new (kmeans->sae);
  g_autoptr (CytTokenLatents) latents = cyt_token_latents_new (kmeans->sae, ws, result->tokens, 0);

  for (gsize t = 0; t < CYT_N_TOKENS; t += 16)
    {
      const float *x = result->tokens + t * kmeans->d;
      double least = 0, found = 0;

      for (gsize c = 0; c < kmeans->d; c++)
        least += (x[c] - kmeans->b_dec[c]) * (x[c] - kmeans->b_dec[c]);
      found = least; /* none fires: the mean of everything */
      for (gsize k = 0; k < kmeans->n; k++)
        {
          double square = 0;

          for (gsize c = 0; c < kmeans->d; c++)
            {
              double difference = x[c] - kmeans->b_dec[c] - kmeans->w_dec[k * kmeans->d + c];

              square += difference * difference;
            }
          least = MIN (least, square);
          if (cyt_token_latents_get (latents, t, k) > 0)
            found = square;
        }
      g_assert_true (found <= least * (1 + 1e-4));
      check->n_checked++;
    }
  return TRUE;
}

static void
test_baselines (Fixture *f, gconstpointer data)
{
  g_autofree char *path = cyt_test_shared ("cells/pbc/manifest.csv");
  g_autoptr (CytImageList) list = path != NULL ? load_list (path) : NULL;
  g_autoptr (GPtrArray) baselines = NULL, again = NULL, all = NULL, dictionaries = g_ptr_array_new ();
  CytBaselinesOptions fit = { .encoder = f->encoder, .block = CYT_SAE_DEFAULT_BLOCK, .n_centroids = 16, .seed = 1 };
  static const char *const names[] = { "sae", "dimensions", "pca", "kmeans", "random" };
  const CytMeasures *m[G_N_ELEMENTS (names)];
  CytMeasuresOptions options;
  CytPipelineOptions pipeline = { .encoder = f->encoder, .block = CYT_SAE_DEFAULT_BLOCK, .want_tokens = TRUE };
  Nearest nearest = { 0 };
  g_autoptr (GError) error = NULL;

  if (list == NULL)
    return;
  thin_out (list, 60);
  fit.list = list;
  fit.n_threads = 1;
  baselines = cyt_baselines_fit (&fit, f->sae, NULL, NULL, &error);
  g_assert_no_error (error);
  fit.n_threads = 3;
  again = cyt_baselines_fit (&fit, f->sae, NULL, NULL, &error);
  g_assert_no_error (error);
  g_ptr_array_add (dictionaries, f->sae);
  for (guint i = 0; i < baselines->len; i++)
    {
      const CytDictionary *a = baselines->pdata[i], *b = again->pdata[i];

      g_assert_cmpmem (a->w_dec, a->n * a->d * sizeof (float), b->w_dec, b->n * b->d * sizeof (float));
      g_ptr_array_add (dictionaries, baselines->pdata[i]);
    }
  options = make_options (f, list, NULL);
  all = cyt_measures_run (&options, (const CytDictionary *const *) dictionaries->pdata, dictionaries->len, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < all->len; i++)
    {
      m[i] = all->pdata[i];
      g_assert_cmpstr (m[i]->name, ==, names[i]);
      g_test_message ("%s: L0 %g, explained %g", names[i], m[i]->l0, m[i]->explained);
    }
  /* of both signs of a number one fires; together they are all there is */
  for (guint i = 1; i <= 2; i++)
    {
      g_assert_cmpuint (m[i]->n_latents, ==, 2 * f->sae->d);
      g_assert_true (fabs (m[i]->l0 - f->sae->d) <= 0.01);
      g_assert_true (m[i]->explained > 1 - 1e-6);
    }
  g_assert_true (m[3]->l0 <= 1 && m[3]->l0 > 0.9 && m[3]->explained > 0.5 && m[3]->explained < 1);
  g_assert_cmpuint (m[4]->n_latents, ==, f->sae->n);
  g_assert_true (fabs (m[4]->l0 / m[0]->l0 - 1) <= 0.05);
  g_assert_true (m[4]->explained > 0 && m[4]->explained < m[0]->explained);
  for (gsize k = 0; k < f->sae->n; k++)
    if (m[0]->rows[k].token_frequency > 0.01)
      g_assert_true (fabs (m[4]->rows[k].token_frequency / m[0]->rows[k].token_frequency - 1) <= 0.2);
  nearest.kmeans = baselines->pdata[2];
  cyt_pipeline_run (&pipeline, list, check_nearest, &nearest, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nearest.n_checked, >, 400);

  fit.n_centroids = CYT_BASELINES_MAX_CENTROIDS;
  g_ptr_array_set_size (list->items, 2);
  g_assert_null (cyt_baselines_fit (&fit, f->sae, NULL, NULL, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY);
}

/* Values that can be told by hand. */
static void
test_precision (void)
{
  const gint32 classes[] = { 0, 1, 0, -1, 1, 1 };
  const guint32 cell[] = { 3, 0, 1, 2 }; /* the first has no class; 1 and 2 share a score */
  const float score[] = { 5, 4, 2, 2 };
  g_autoptr (CytPrecisionClasses) all = cyt_precision_classes_new (classes, 6, 3);
  double precision[3];
  gsize hits[6];

  g_assert_cmpfloat (cyt_precision_classes_get_prevalence (all, 0), ==, 0.4);
  cyt_average_precision_compute (all, cell, score, 4, precision, hits);
  g_assert_cmpfloat_with_epsilon (precision[0], 0.5 * 1 + 0.5 * 2 / 3, 1e-15);
  g_assert_cmpfloat_with_epsilon (precision[1], 1.0 / 3 / 3 + 2.0 / 3 * 3 / 5, 1e-15);
  g_assert_true (isnan (precision[2]));
  cyt_average_precision_compute (all, NULL, NULL, 0, precision, hits);
  g_assert_cmpfloat_with_epsilon (precision[0], 0.4, 1e-15);
}

static void
test_bad_images (Fixture *f, gconstpointer data)
{
  g_autofree char *bad = g_build_filename (f->dir, "bad.png", NULL);
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  const CytDictionary *sae = f->sae;
  CytMeasuresOptions options;

  g_file_set_contents (bad, "no picture", -1, &error);
  g_assert_no_error (error);
  list = load_list (bad);
  options = make_options (f, list, NULL);
  g_assert_null (cyt_measures_run (&options, &sae, 1, NULL, NULL, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY);
  g_clear_error (&error);
  g_cancellable_cancel (cancelled);
  g_assert_null (cyt_measures_run (&options, &sae, 1, NULL, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  options.block = 99;
  g_assert_null (cyt_measures_run (&options, &sae, 1, NULL, NULL, &error));
  g_assert_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_MISMATCH);
}

static void
expect_bad_masks (const char *folder, const char *names, const CytImageList *list, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cyt_masks_load (folder, names, list, 100, NULL, &error));
  g_assert_error (error, domain, code);
  g_test_message ("%s", error->message);
}

static void
test_bad_masks (Fixture *f, gconstpointer data)
{
  g_autofree char *image = g_build_filename (f->dir, "a.jpg", NULL), *masks = g_build_filename (f->dir, "masks", NULL);
  g_autofree char *mask = g_build_filename (masks, "a.png", NULL), *missing = g_build_filename (f->dir, "none", NULL);
  g_autofree char *icon = cyt_test_source ("tests/core/test-measures.c");
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (CytImage) colours = cyt_image_new (16, 16);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (image, "x", -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_mkdir (masks, 0755), ==, 0);
  list = load_list (image);
  expect_bad_masks (missing, NULL, list, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  expect_bad_masks (icon, NULL, list, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
  expect_bad_masks (masks, NULL, list, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY);
  g_file_set_contents (mask, "no picture", -1, &error);
  g_assert_no_error (error);
  expect_bad_masks (masks, NULL, list, CYT_IMAGE_ERROR, CYT_IMAGE_ERROR_FORMAT);
  expect_bad_masks (masks, "256=nucleus", list, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  expect_bad_masks (masks, "nucleus", list, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  expect_bad_masks (masks, "1=", list, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  /* a photograph is no mask */
  for (guint i = 0; i < 3 * 16 * 16; i++)
    colours->pixels[i] = i / 3;
  {
    g_autoptr (GBytes) bytes = cyt_image_make_thumbnail (colours, 16, &error);

    g_assert_no_error (error);
    g_file_set_contents (mask, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
    g_assert_no_error (error);
  }
  expect_bad_masks (masks, NULL, list, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/measures/precision", test_precision);
  g_test_add ("/measures/real-cells", Fixture, NULL, set_up, test_real_cells, tear_down);
  g_test_add ("/measures/real-masks", Fixture, NULL, set_up, test_real_masks, tear_down);
  g_test_add ("/measures/drawn-masks", Fixture, NULL, set_up, test_drawn_masks, tear_down);
  g_test_add ("/measures/baselines", Fixture, NULL, set_up, test_baselines, tear_down);
  g_test_add ("/measures/threads", Fixture, NULL, set_up, test_threads, tear_down);
  g_test_add ("/measures/resume", Fixture, NULL, set_up, test_resume, tear_down);
  g_test_add ("/measures/bad-images", Fixture, NULL, set_up, test_bad_images, tear_down);
  g_test_add ("/measures/bad-masks", Fixture, NULL, set_up, test_bad_masks, tear_down);
  return g_test_run ();
}
