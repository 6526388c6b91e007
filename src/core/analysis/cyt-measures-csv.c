/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "analysis/cyt-measures-csv.h"
#include "io/cyt-csv.h"

static void
append_number (GString *out, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  cyt_csv_append_field (out, FALSE, isnan (value) ? "" : g_ascii_formatd (text, sizeof text, "%.9g", value));
}

static void
append_index (GString *out, gint64 value)
{
  g_autofree char *text = value >= 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, value) : g_strdup ("");

  cyt_csv_append_field (out, FALSE, text);
}

static void
append_name (GString *out, GStrv names, gint64 number)
{
  cyt_csv_append_field (out, FALSE, number >= 0 ? names[number] : "");
}

static void
append_row (GString *out, const CytMeasures *m, gsize k)
{
  const CytMeasuresRow *r = &m->rows[k];

  cyt_csv_append_field (out, TRUE, m->name);
  append_index (out, k);
  append_index (out, r->n_active);
  append_number (out, r->frequency);
  append_number (out, r->token_frequency);
  append_number (out, r->explained);
  append_number (out, r->entropy);
  append_number (out, r->purity);
  append_name (out, m->classes, r->majority);
  append_name (out, m->classes, r->best_class);
  append_number (out, r->auprc);
  append_number (out, r->prevalence);
  append_number (out, r->monosemanticity);
  append_index (out, r->nearest);
  append_number (out, r->cosine);
  append_index (out, r->twin);
  append_number (out, r->jaccard);
  append_name (out, m->structures, r->structure);
  append_number (out, r->map_precision);
  append_number (out, r->map_chance);
  append_number (out, r->map_overlap);
  g_string_append_c (out, '\n');
}

gboolean
cyt_measures_write_csv (const GPtrArray *measures, const char *path, GError **error)
{
  g_autoptr (GString) out
    = g_string_new ("dictionary,latent,n_active,frequency,token_frequency,explained_variance,entropy,purity,majority,"
                    "best_class,auprc,prevalence,monosemanticity,nearest,cosine,twin,jaccard,structure,map_precision,"
                    "map_chance,map_overlap\n");

  for (guint i = 0; i < measures->len; i++)
    {
      const CytMeasures *m = measures->pdata[i];

      for (gsize k = 0; m->rows != NULL && k < m->n_latents; k++)
        append_row (out, m, k);
    }
  return g_file_set_contents_full (path, out->str, out->len, G_FILE_SET_CONTENTS_CONSISTENT, 0644, error);
}
