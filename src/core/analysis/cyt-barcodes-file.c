/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "analysis/cyt-barcodes-private.h"
#include "io/cyt-csv.h"
#include "io/cyt-error.h"
#include "io/cyt-npy.h"

static const char **
list_names (const CytBarcodes *self, GPtrArray *concepts)
{
  const char **names = g_new0 (const char *, self->n_latents + 1);

  for (gsize j = 0; j < self->n_latents; j++)
    names[j] = "";
  for (guint i = 0; i < concepts->len; i++)
    {
      const CytConcept *concept = concepts->pdata[i];
      gssize j = cyt_barcodes_find_latent (self, concept->latent);

      if (j >= 0)
        names[j] = concept->name;
    }
  return names;
}

static void
append_int (GString *out, gsize value)
{
  g_string_append_printf (out, ",%" G_GSIZE_FORMAT, value);
}

static void
append_row (GString *out, const CytBarcode *row)
{
  cyt_csv_append_field (out, TRUE, row->name);
  cyt_csv_append_field (out, FALSE, row->disease ? row->disease : "");
  append_int (out, row->n_cells);
  append_int (out, row->n_patients);
}

#define ROW_HEADER "name,disease,n_cells,n_patients"

static char *
format_rows (const CytBarcodes *self)
{
  GString *out = g_string_new (ROW_HEADER "\n");

  for (guint i = 0; i < self->rows->len; i++)
    {
      append_row (out, cyt_barcodes_get_row (self, i));
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

static char *
format_latents (const CytBarcodes *self, const char *const *names)
{
  GString *out = g_string_new ("latent,name\n");

  for (gsize j = 0; j < self->n_latents; j++)
    {
      g_string_append_printf (out, "%u", self->latents[j]);
      cyt_csv_append_field (out, FALSE, names[j]);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

static gboolean
write_text (const char *path, const char *text, GError **error)
{
  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, error);
}

static gboolean
write_csv (const CytBarcodes *self, const char *path, GError **error)
{
  g_autoptr (GString) out = g_string_new (ROW_HEADER);
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  for (gsize j = 0; j < self->n_latents; j++)
    g_string_append_printf (out, ",%u", self->latents[j]);
  for (guint i = 0; i < self->rows->len; i++)
    {
      const CytBarcode *row = cyt_barcodes_get_row (self, i);

      g_string_append_c (out, '\n');
      append_row (out, row);
      for (gsize j = 0; j < self->n_latents; j++)
        {
          g_string_append_c (out, ',');
          g_string_append (out, row->values[j] == 0 ? "0" : g_ascii_dtostr (number, sizeof number, row->values[j]));
        }
    }
  g_string_append_c (out, '\n');
  return write_text (path, out->str, error);
}

/* "barcodes.npy", "rows.csv" → "barcodes.rows.csv" */
static char *
make_sidecar (const char *path, const char *end)
{
  return g_strdup_printf ("%.*s.%s", (int) (strlen (path) - strlen (".npy")), path, end);
}

static gboolean
write_npy (const CytBarcodes *self, const char *const *names, const char *path, GStrv *sidecars, GError **error)
{
  const gint64 shape[] = { self->rows->len, self->n_latents };
  g_autoptr (CytNpyWriter) writer = cyt_npy_writer_new (path, CYT_DTYPE_F64, 2, shape, error);
  g_autofree char *rows_path = make_sidecar (path, "rows.csv");
  g_autofree char *latents_path = make_sidecar (path, "latents.csv");
  g_autofree char *rows = format_rows (self);
  g_autofree char *latents = format_latents (self, names);

  if (writer == NULL)
    return FALSE;
  for (guint i = 0; i < self->rows->len; i++)
    if (!cyt_npy_writer_append (writer, cyt_barcodes_get_row (self, i)->values, self->n_latents, error))
      return FALSE;
  if (!write_text (rows_path, rows, error) || !write_text (latents_path, latents, error)
      || !cyt_npy_writer_close (writer, error))
    return FALSE;
  if (sidecars != NULL)
    {
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

      g_strv_builder_add (builder, rows_path);
      g_strv_builder_add (builder, latents_path);
      *sidecars = g_strv_builder_end (builder);
    }
  return TRUE;
}

static gboolean
write_h5ad (const CytBarcodes *self, const char *const *names, gboolean simulated, const char *path, GError **error)
{
  g_autofree char *part = g_strconcat (path, ".part", NULL);

  if (!cyt_barcodes_write_h5ad (self, names, simulated, part, error))
    {
      g_unlink (part);
      return FALSE;
    }
  if (g_rename (part, path) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path, g_strerror (errno));
  g_unlink (part);
  return FALSE;
}

gboolean
cyt_barcodes_write (const CytBarcodes *self, GPtrArray *concepts, gboolean simulated, const char *path,
                    GStrv *sidecars, GError **error)
{
  g_autofree const char **names = list_names (self, concepts);

  if (sidecars != NULL)
    *sidecars = g_new0 (char *, 1);
  if (g_str_has_suffix (path, ".npy"))
    {
      if (sidecars != NULL)
        g_clear_pointer (sidecars, g_strfreev);
      return write_npy (self, names, path, sidecars, error);
    }
  if (g_str_has_suffix (path, ".csv"))
    return write_csv (self, path, error);
  if (g_str_has_suffix (path, ".h5ad"))
    return write_h5ad (self, names, simulated, path, error);
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT, "%s: expected a name that ends in .npy, .csv or .h5ad", path);
  return FALSE;
}
