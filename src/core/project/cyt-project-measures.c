/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-error.h"
#include "project/cyt-project-measures.h"
#include "project/cyt-project-private.h"

/* Names of one dictionary, and of what it is best at. */
#define MAX_BEST 100000

/* ---- Writing ---- */

static void
bind_number (CytStatement *s, int i, double value)
{
  if (isfinite (value))
    cyt_statement_bind_double (s, i, value);
  else
    cyt_statement_bind_null (s, i);
}

static void
bind_index (CytStatement *s, int i, gint64 value)
{
  if (value >= 0)
    cyt_statement_bind_int (s, i, value);
  else
    cyt_statement_bind_null (s, i);
}

static gboolean
run_for_dataset (CytProject *self, const char *sql, gint64 dataset, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&s, self, sql, error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  return cyt_statement_run (&s, error);
}

static gboolean
insert_summary (CytProject *self, gint64 dataset, guint number, const CytMeasures *m, const char *embedding, gint64 at,
                GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&s, self,
                           "INSERT INTO measure (dataset, number, name, at, embedding, n_latents, n_alive, n_images, n_failed, "
                           "n_labelled, n_masked, l0, explained, monosemanticity, monosemanticity_chance, entropy, purity, "
                           "cosine, jaccard) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_int (&s, 2, number);
  cyt_statement_bind_text (&s, 3, m->name);
  cyt_statement_bind_int (&s, 4, at);
  cyt_statement_bind_text (&s, 5, embedding);
  cyt_statement_bind_int (&s, 6, m->n_latents);
  cyt_statement_bind_int (&s, 7, m->n_alive);
  cyt_statement_bind_int (&s, 8, m->n_images);
  cyt_statement_bind_int (&s, 9, m->n_failed);
  cyt_statement_bind_int (&s, 10, m->n_labelled);
  cyt_statement_bind_int (&s, 11, m->n_masked);
  cyt_statement_bind_double (&s, 12, m->l0);
  bind_number (&s, 13, m->explained);
  bind_number (&s, 14, m->monosemanticity);
  bind_number (&s, 15, m->monosemanticity_chance);
  bind_number (&s, 16, m->entropy);
  bind_number (&s, 17, m->purity);
  bind_number (&s, 18, m->cosine);
  bind_number (&s, 19, m->jaccard);
  return cyt_statement_run (&s, error);
}

static gboolean
insert_best (CytProject *self, gint64 dataset, guint measure, const char *kind, const char *const *names,
             const CytMeasuresBest *best, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&s, self,
                           "INSERT INTO measure_best (dataset, measure, kind, number, name, latent, chosen, scored, chance, "
                           "overlap) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", error))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      cyt_statement_bind_int (&s, 1, dataset);
      cyt_statement_bind_int (&s, 2, measure);
      cyt_statement_bind_text (&s, 3, kind);
      cyt_statement_bind_int (&s, 4, i);
      cyt_statement_bind_text (&s, 5, names[i]);
      bind_index (&s, 6, best[i].latent);
      bind_number (&s, 7, best[i].chosen);
      bind_number (&s, 8, best[i].scored);
      bind_number (&s, 9, best[i].chance);
      bind_number (&s, 10, best[i].overlap);
      if (!cyt_statement_run (&s, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
insert_rows (CytProject *self, gint64 dataset, const CytMeasures *m, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&s, self,
                           "INSERT INTO latent_measure (dataset, latent, n_active, frequency, token_frequency, explained, "
                           "entropy, purity, majority, best_class, auprc, prevalence, monosemanticity, nearest, cosine, twin, "
                           "jaccard, structure, map_precision, map_chance, map_overlap) "
                           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", error))
    return FALSE;
  for (gsize k = 0; k < m->n_latents; k++)
    {
      const CytMeasuresRow *r = &m->rows[k];
      int i = 1;

      if (r->n_active == 0)
        continue;
      cyt_statement_bind_int (&s, i++, dataset);
      cyt_statement_bind_int (&s, i++, k);
      cyt_statement_bind_int (&s, i++, r->n_active);
      cyt_statement_bind_double (&s, i++, r->frequency);
      cyt_statement_bind_double (&s, i++, r->token_frequency);
      bind_number (&s, i++, r->explained);
      bind_number (&s, i++, r->entropy);
      bind_number (&s, i++, r->purity);
      bind_index (&s, i++, r->majority);
      bind_index (&s, i++, r->best_class);
      bind_number (&s, i++, r->auprc);
      bind_number (&s, i++, r->prevalence);
      bind_number (&s, i++, r->monosemanticity);
      bind_index (&s, i++, r->nearest);
      bind_number (&s, i++, r->cosine);
      bind_index (&s, i++, r->twin);
      bind_number (&s, i++, r->jaccard);
      bind_index (&s, i++, r->structure);
      bind_number (&s, i++, r->map_precision);
      bind_number (&s, i++, r->map_chance);
      bind_number (&s, i++, r->map_overlap);
      if (!cyt_statement_run (&s, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
replace_measures (CytProject *self, gint64 dataset, const GPtrArray *measures, const char *embedding, GError **error)
{
  gint64 at = g_get_real_time ();

  if (!run_for_dataset (self, "DELETE FROM measure_best WHERE dataset = ?", dataset, error)
      || !run_for_dataset (self, "DELETE FROM measure WHERE dataset = ?", dataset, error)
      || !run_for_dataset (self, "DELETE FROM latent_measure WHERE dataset = ?", dataset, error))
    return FALSE;
  for (guint i = 0; i < measures->len; i++)
    {
      const CytMeasures *m = measures->pdata[i];

      if (!insert_summary (self, dataset, i, m, embedding, at, error)
          || !insert_best (self, dataset, i, "class", (const char *const *) m->classes, m->best_of_class, error)
          || !insert_best (self, dataset, i, "structure", (const char *const *) m->structures, m->best_of_structure, error)
          || !insert_best (self, dataset, i, "ceiling", (const char *const *) m->structures, m->ceiling, error))
        return FALSE;
    }
  return insert_rows (self, dataset, measures->pdata[0], error);
}

gboolean
cyt_project_set_measures (CytProject *self, gint64 dataset, const GPtrArray *measures, const char *embedding, GError **error)
{
  g_return_val_if_fail (measures->len > 0 && ((CytMeasures *) measures->pdata[0])->n_latents == self->d_sae, FALSE);

  return cyt_project_begin_write (self, error)
         && cyt_project_end (self, replace_measures (self, dataset, measures, embedding, error), error);
}

/* ---- Reading ---- */

static double
get_number (CytStatement *s, int column, double min, double max)
{
  return cyt_statement_is_null (s, column) ? NAN : cyt_statement_get_double (s, column, min, max);
}

static gint64
get_index (CytStatement *s, int column, gint64 n)
{
  return cyt_statement_is_null (s, column) ? -1 : cyt_statement_get_int (s, column, 0, n - 1);
}

static gboolean
load_best (CytProject *self, gint64 dataset, gint64 measure, const char *kind, gsize n_latents, GStrv *names,
           CytMeasuresBest **best, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (CytMeasuresBest));
  gboolean row;

  if (!cyt_statement_init (&s, self,
                           "SELECT number, name, latent, chosen, scored, chance, overlap FROM measure_best "
                           "WHERE dataset = ? AND measure = ? AND kind = ? ORDER BY number", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_int (&s, 2, measure);
  cyt_statement_bind_text (&s, 3, kind);
  for (gint64 i = 0;; i++)
    {
      CytMeasuresBest value;

      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        break;
      cyt_statement_get_int (&s, 0, MIN (i, MAX_BEST), MIN (i, MAX_BEST));
      g_ptr_array_add (found, g_strdup (cyt_statement_get_text (&s, 1)));
      value.latent = get_index (&s, 2, n_latents);
      value.chosen = get_number (&s, 3, 0, 1 + 1e-9);
      value.scored = get_number (&s, 4, 0, 1 + 1e-9);
      value.chance = get_number (&s, 5, 0, 1 + 1e-9);
      value.overlap = get_number (&s, 6, 0, 1 + 1e-9);
      if (!cyt_statement_check_row (&s, error, "measure_best", "%s %" G_GINT64_FORMAT, kind, i))
        return FALSE;
      g_array_append_val (values, value);
    }
  g_ptr_array_add (found, NULL);
  if (names != NULL)
    *names = (GStrv) g_ptr_array_free (g_steal_pointer (&found), FALSE);
  *best = (CytMeasuresBest *) g_array_free (g_steal_pointer (&values), FALSE);
  return TRUE;
}

static CytMeasures *
read_summary (CytStatement *s, gint64 number, gint64 *at, char **embedding, GError **error)
{
  g_autoptr (CytMeasures) m = g_new0 (CytMeasures, 1);

  cyt_statement_get_int (s, 0, number, number);
  m->name = g_strdup (cyt_statement_get_text (s, 1));
  *at = cyt_statement_get_int (s, 2, 0, G_MAXINT64);
  g_free (*embedding);
  *embedding = g_strdup (cyt_statement_get_text (s, 3));
  m->n_latents = cyt_statement_get_int (s, 4, 1, CYT_PROJECT_MAX_LATENTS);
  m->n_alive = cyt_statement_get_int (s, 5, 0, m->n_latents);
  m->n_images = cyt_statement_get_int (s, 6, 1, G_MAXINT32);
  m->n_failed = cyt_statement_get_int (s, 7, 0, G_MAXINT32);
  m->n_labelled = cyt_statement_get_int (s, 8, 0, m->n_images);
  m->n_masked = cyt_statement_get_int (s, 9, 0, m->n_images);
  m->l0 = cyt_statement_get_double (s, 10, 0, G_MAXDOUBLE);
  m->explained = get_number (s, 11, -G_MAXDOUBLE, 1);
  m->monosemanticity = get_number (s, 12, -1 - 1e-6, 1 + 1e-6);
  m->monosemanticity_chance = get_number (s, 13, -1 - 1e-6, 1 + 1e-6);
  m->entropy = get_number (s, 14, 0, G_MAXDOUBLE);
  m->purity = get_number (s, 15, 0, 1 + 1e-9);
  m->cosine = get_number (s, 16, -1, 1);
  m->jaccard = get_number (s, 17, 0, 1);
  m->dead_share = 1 - (double) m->n_alive / (double) m->n_latents;
  return cyt_statement_check_row (s, error, "measure", "number %" G_GINT64_FORMAT, number) ? g_steal_pointer (&m) : NULL;
}

static gboolean
load_measures (CytProject *self, gint64 dataset, GPtrArray *measures, gint64 *at, char **embedding, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&s, self,
                           "SELECT number, name, at, embedding, n_latents, n_alive, n_images, n_failed, n_labelled, n_masked, "
                           "l0, explained, monosemanticity, monosemanticity_chance, entropy, purity, cosine, jaccard "
                           "FROM measure WHERE dataset = ? ORDER BY number", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  for (gint64 i = 0;; i++)
    {
      CytMeasures *m;
      gsize n_structures, n_ceilings;

      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      m = read_summary (&s, i, at, embedding, error);
      if (m == NULL)
        return FALSE;
      g_ptr_array_add (measures, m);
      if (!load_best (self, dataset, i, "class", m->n_latents, &m->classes, &m->best_of_class, error)
          || !load_best (self, dataset, i, "structure", m->n_latents, &m->structures, &m->best_of_structure, error))
        return FALSE;
      {
        g_auto (GStrv) names = NULL;

        if (!load_best (self, dataset, i, "ceiling", m->n_latents, &names, &m->ceiling, error))
          return FALSE;
        n_structures = g_strv_length (m->structures);
        n_ceilings = g_strv_length (names);
      }
      if (n_structures != n_ceilings)
        return cyt_project_set_corrupt (self, error, "table measure_best has %" G_GSIZE_FORMAT " structures, %" G_GSIZE_FORMAT
                                        " ceilings", n_structures, n_ceilings);
    }
}

GPtrArray *
cyt_project_list_measures (CytProject *self, gint64 dataset, gint64 *at, char **embedding, GError **error)
{
  g_autoptr (GPtrArray) measures = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_measures_free);
  g_autofree char *found = g_strdup ("");
  gint64 when = 0;

  if (!cyt_project_begin_read (self, error)
      || !cyt_project_end (self, load_measures (self, dataset, measures, &when, &found, error), error))
    return NULL;
  if (at != NULL)
    *at = when;
  if (embedding != NULL)
    *embedding = g_steal_pointer (&found);
  return g_steal_pointer (&measures);
}

static gboolean
read_row (CytStatement *s, CytMeasuresRow *rows, GError **error)
{
  gsize d_sae = s->project->d_sae;
  gsize latent = cyt_statement_get_int (s, 0, 0, d_sae - 1);
  CytMeasuresRow *r = &rows[latent];
  int i = 1;

  r->n_active = cyt_statement_get_int (s, i++, 1, G_MAXINT32);
  r->frequency = cyt_statement_get_double (s, i++, 0, 1);
  r->token_frequency = cyt_statement_get_double (s, i++, 0, 1);
  r->explained = get_number (s, i++, -G_MAXDOUBLE, G_MAXDOUBLE);
  r->entropy = get_number (s, i++, 0, G_MAXDOUBLE);
  r->purity = get_number (s, i++, 0, 1 + 1e-9);
  r->majority = get_index (s, i++, G_MAXINT32);
  r->best_class = get_index (s, i++, G_MAXINT32);
  r->auprc = get_number (s, i++, 0, 1 + 1e-9);
  r->prevalence = get_number (s, i++, 0, 1);
  r->monosemanticity = get_number (s, i++, -1 - 1e-6, 1 + 1e-6);
  r->nearest = get_index (s, i++, d_sae);
  r->cosine = get_number (s, i++, -1, 1);
  r->twin = get_index (s, i++, d_sae);
  r->jaccard = get_number (s, i++, 0, 1);
  r->structure = get_index (s, i++, G_MAXINT32);
  r->map_precision = get_number (s, i++, 0, 1 + 1e-9);
  r->map_chance = get_number (s, i++, 0, 1);
  r->map_overlap = get_number (s, i++, 0, 1 + 1e-9);
  return cyt_statement_check_row (s, error, "latent_measure", "latent %" G_GSIZE_FORMAT, latent);
}

/* Numbers of classes and structures that rows speak of. */
static gboolean
count_names (CytProject *self, gint64 dataset, const char *kind, gint64 *n, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&s, self, "SELECT count (*) FROM measure_best WHERE dataset = ? AND measure = 0 AND kind = ?",
                           error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_text (&s, 2, kind);
  if (!cyt_statement_step (&s, &row, error))
    return FALSE;
  *n = cyt_statement_get_int (&s, 0, 0, G_MAXINT32);
  return TRUE;
}

static gboolean
load_rows (CytProject *self, gint64 dataset, CytMeasuresRow *rows, gboolean *measured, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gint64 n_classes, n_structures;
  gboolean row;

  if (!count_names (self, dataset, "class", &n_classes, error)
      || !count_names (self, dataset, "structure", &n_structures, error)
      || !cyt_statement_init (&s, self,
                              "SELECT latent, n_active, frequency, token_frequency, explained, entropy, purity, majority, "
                              "best_class, auprc, prevalence, monosemanticity, nearest, cosine, twin, jaccard, structure, "
                              "map_precision, map_chance, map_overlap FROM latent_measure WHERE dataset = ?", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  *measured = FALSE;
  while (TRUE)
    {
      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        break;
      *measured = TRUE;
      if (!read_row (&s, rows, error))
        return FALSE;
    }
  for (gsize k = 0; k < self->d_sae; k++)
    if (rows[k].majority >= n_classes || rows[k].best_class >= n_classes || rows[k].structure >= n_structures)
      return cyt_project_set_corrupt (self, error, "table latent_measure, latent %" G_GSIZE_FORMAT
                                      ": a class or structure that was not measured", k);
  return TRUE;
}

gboolean
cyt_project_load_measures_rows (CytProject *self, gint64 dataset, CytMeasuresRow *rows, gboolean *measured, GError **error)
{
  for (gsize k = 0; k < self->d_sae; k++)
    cyt_measures_row_clear (&rows[k]);
  return cyt_project_begin_read (self, error)
         && cyt_project_end (self, load_rows (self, dataset, rows, measured, error), error);
}
