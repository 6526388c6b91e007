/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-error.h"
#include "project/cyt-project-attributes.h"
#include "project/cyt-project-private.h"

/* ---- Writing ---- */

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
insert_attribute (CytProject *self, gint64 dataset, guint number, const CytImageAttribute *attribute, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_auto (CytStatement) value = CYT_STATEMENT_INIT;
  g_autofree guint16 *codes = g_new (guint16, attribute->codes->len + 1);

  for (guint i = 0; i < attribute->codes->len; i++)
    codes[i] = GUINT16_TO_LE (g_array_index (attribute->codes, guint16, i));
  if (!cyt_statement_init (&s, self, "INSERT INTO attribute (dataset, number, name, codes) VALUES (?, ?, ?, ?)", error)
      || !cyt_statement_init (&value, self,
                              "INSERT INTO attribute_value (dataset, attribute, number, name) VALUES (?, ?, ?, ?)", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_int (&s, 2, number);
  cyt_statement_bind_text (&s, 3, attribute->name);
  cyt_statement_bind_blob (&s, 4, codes, attribute->codes->len * sizeof *codes);
  if (!cyt_statement_run (&s, error))
    return FALSE;
  for (guint v = 0; v < attribute->values->len; v++)
    {
      cyt_statement_bind_int (&value, 1, dataset);
      cyt_statement_bind_int (&value, 2, number);
      cyt_statement_bind_int (&value, 3, v);
      cyt_statement_bind_text (&value, 4, attribute->values->pdata[v]);
      if (!cyt_statement_run (&value, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
replace_attributes (CytProject *self, gint64 dataset, const GPtrArray *attributes, GError **error)
{
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, NULL, error);

  if (facts == NULL)
    return FALSE;
  for (guint i = 0; i < attributes->len; i++)
    {
      const CytImageAttribute *attribute = attributes->pdata[i];

      if (attribute->codes->len == facts->n_cells)
        continue;
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                   "%s: attribute \"%s\" is given for %u images; data set \"%s\" has %" G_GSIZE_FORMAT, self->display,
                   attribute->name, attribute->codes->len, facts->name, facts->n_cells);
      return FALSE;
    }
  if (!run_for_dataset (self, "DELETE FROM suggestion WHERE dataset = ?", dataset, error)
      || !run_for_dataset (self, "DELETE FROM attribute_value WHERE dataset = ?", dataset, error)
      || !run_for_dataset (self, "DELETE FROM attribute WHERE dataset = ?", dataset, error))
    return FALSE;
  for (guint i = 0; i < attributes->len; i++)
    if (!insert_attribute (self, dataset, i, attributes->pdata[i], error))
      return FALSE;
  return TRUE;
}

gboolean
cyt_project_set_attributes (CytProject *self, gint64 dataset, const GPtrArray *attributes, GError **error)
{
  g_autoptr (GPtrArray) before = cyt_project_list_attributes (self, dataset, error);

  if (before == NULL)
    return FALSE;
  if (cyt_image_attributes_equal (before, attributes))
    return TRUE;
  return cyt_project_begin_write (self, error)
         && cyt_project_end (self, replace_attributes (self, dataset, attributes, error), error);
}

/* ---- Reading ---- */

static gboolean
load_values (CytProject *self, gint64 dataset, gint64 number, CytImageAttribute *attribute, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&s, self,
                           "SELECT number, name FROM attribute_value WHERE dataset = ? AND attribute = ? ORDER BY number",
                           error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_int (&s, 2, number);
  for (gint64 i = 0;; i++)
    {
      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        break;
      cyt_statement_get_int (&s, 0, i, MIN (i, CYT_IMAGE_ATTRIBUTE_NONE - 1));
      g_ptr_array_add (attribute->values, g_strdup (cyt_statement_get_text (&s, 1)));
      if (!cyt_statement_check_row (&s, error, "attribute_value", "attribute %" G_GINT64_FORMAT ", number %" G_GINT64_FORMAT,
                                    number, i))
        return FALSE;
    }
  for (guint i = 0; i < attribute->codes->len; i++)
    {
      guint16 code = g_array_index (attribute->codes, guint16, i);

      if (code != CYT_IMAGE_ATTRIBUTE_NONE && code >= attribute->values->len)
        return cyt_project_set_corrupt (self, error, "table attribute, number %" G_GINT64_FORMAT ": cell %u has the value %u of %u",
                                        number, i, code, attribute->values->len);
    }
  return TRUE;
}

static CytImageAttribute *
read_attribute (CytStatement *s, gint64 number, gsize n_cells, GError **error)
{
  g_autoptr (CytImageAttribute) attribute = NULL;
  const guint8 *codes;
  gsize size;

  cyt_statement_get_int (s, 0, number, number);
  attribute = cyt_image_attribute_new (cyt_statement_get_text (s, 1));
  codes = cyt_statement_get_blob (s, 2, &size);
  if (!cyt_statement_check_row (s, error, "attribute", "number %" G_GINT64_FORMAT, number))
    return NULL;
  if (size != n_cells * sizeof (guint16))
    {
      cyt_project_set_corrupt (s->project, error, "table attribute, number %" G_GINT64_FORMAT ": codes have %" G_GSIZE_FORMAT
                               " bytes; expected %" G_GSIZE_FORMAT, number, size, n_cells * sizeof (guint16));
      return NULL;
    }
  for (gsize i = 0; i < n_cells; i++)
    {
      guint16 code = codes[2 * i] | codes[2 * i + 1] << 8;

      g_array_append_val (attribute->codes, code);
    }
  return g_steal_pointer (&attribute);
}

static gboolean
load_attributes (CytProject *self, gint64 dataset, GPtrArray *attributes, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, NULL, error);
  gboolean row;

  if (facts == NULL
      || !cyt_statement_init (&s, self, "SELECT number, name, codes FROM attribute WHERE dataset = ? ORDER BY number", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  for (gint64 i = 0;; i++)
    {
      CytImageAttribute *attribute;

      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      attribute = read_attribute (&s, i, facts->n_cells, error);
      if (attribute == NULL)
        return FALSE;
      g_ptr_array_add (attributes, attribute);
      if (!load_values (self, dataset, i, attribute, error))
        return FALSE;
    }
}

GPtrArray *
cyt_project_list_attributes (CytProject *self, gint64 dataset, GError **error)
{
  g_autoptr (GPtrArray) attributes = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_image_attribute_free);

  if (!cyt_project_begin_read (self, error)
      || !cyt_project_end (self, load_attributes (self, dataset, attributes, error), error))
    return NULL;
  return g_steal_pointer (&attributes);
}

/* ---- Suggestions ---- */

static gboolean
replace_suggestions (CytProject *self, gint64 dataset, const GArray *suggestions, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  guint rank = 0;

  if (!run_for_dataset (self, "DELETE FROM suggestion WHERE dataset = ?", dataset, error)
      || !cyt_statement_init (&s, self,
                              "INSERT INTO suggestion (dataset, latent, rank, attribute, value, auprc, prevalence, bound, "
                              "n_cells, n_positive) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", error))
    return FALSE;
  for (guint i = 0; i < suggestions->len; i++)
    {
      const CytSuggestion *suggestion = &g_array_index (suggestions, CytSuggestion, i);

      rank = i > 0 && suggestion->latent == (suggestion - 1)->latent ? rank + 1 : 0;
      cyt_statement_bind_int (&s, 1, dataset);
      cyt_statement_bind_int (&s, 2, suggestion->latent);
      cyt_statement_bind_int (&s, 3, rank);
      cyt_statement_bind_int (&s, 4, suggestion->attribute);
      cyt_statement_bind_int (&s, 5, suggestion->value);
      cyt_statement_bind_double (&s, 6, suggestion->auprc);
      cyt_statement_bind_double (&s, 7, suggestion->prevalence);
      cyt_statement_bind_double (&s, 8, suggestion->bound);
      cyt_statement_bind_int (&s, 9, suggestion->n_cells);
      cyt_statement_bind_int (&s, 10, suggestion->n_positive);
      if (!cyt_statement_run (&s, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
cyt_project_set_suggestions (CytProject *self, gint64 dataset, const GArray *suggestions, GError **error)
{
  return cyt_project_begin_write (self, error)
         && cyt_project_end (self, replace_suggestions (self, dataset, suggestions, error), error);
}

GArray *
cyt_project_list_suggestions (CytProject *self, gint64 dataset, gint64 latent, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GArray) suggestions = g_array_new (FALSE, FALSE, sizeof (CytSuggestion));
  gboolean row;

  /* joined, so that none is given whose attribute or value does not exist */
  if (!cyt_statement_init (&s, self,
                           "SELECT g.latent, g.attribute, g.value, g.auprc, g.prevalence, g.bound, g.n_cells, g.n_positive "
                           "FROM suggestion g JOIN attribute a ON a.dataset = g.dataset AND a.number = g.attribute "
                           "JOIN attribute_value v ON v.dataset = g.dataset AND v.attribute = g.attribute "
                           "AND v.number = g.value WHERE g.dataset = ?1 AND (?2 < 0 OR g.latent = ?2) "
                           "ORDER BY g.latent, g.rank", error))
    return NULL;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_int (&s, 2, latent);
  while (TRUE)
    {
      CytSuggestion g;

      if (!cyt_statement_step (&s, &row, error))
        return NULL;
      if (!row)
        return g_steal_pointer (&suggestions);
      g.latent = cyt_statement_get_int (&s, 0, 0, self->d_sae - 1);
      g.attribute = cyt_statement_get_int (&s, 1, 0, G_MAXINT32);
      g.value = cyt_statement_get_int (&s, 2, 0, CYT_IMAGE_ATTRIBUTE_NONE - 1);
      g.auprc = cyt_statement_get_double (&s, 3, 0, 1 + 1e-9);
      g.prevalence = cyt_statement_get_double (&s, 4, 0, 1);
      g.bound = cyt_statement_get_double (&s, 5, 0, 1 + 1e-9);
      g.n_cells = cyt_statement_get_int (&s, 6, 1, G_MAXINT32);
      g.n_positive = cyt_statement_get_int (&s, 7, 0, g.n_cells);
      if (!cyt_statement_check_row (&s, error, "suggestion", "latent %u", g.latent))
        return NULL;
      g_array_append_val (suggestions, g);
    }
}
