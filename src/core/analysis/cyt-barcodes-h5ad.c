/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <hdf5.h>
#include <string.h>

#include "analysis/cyt-barcodes-private.h"
#include "io/cyt-error.h"

/* The layout is that of https://anndata.readthedocs.io/en/0.8.0/fileformat-prose.html: every group and array says in
 * "encoding-type" and "encoding-version" what it is. */

/* One attempt to write: the first failure stays, and everything after it does nothing. */
typedef struct
{
  hid_t file;
  hid_t string;  /* UTF-8 of variable length */
  gboolean ok;
} Writer;

static void
check (Writer *w, herr_t status)
{
  if (status < 0)
    w->ok = FALSE;
}

static hid_t
check_id (Writer *w, hid_t id)
{
  if (id < 0)
    w->ok = FALSE;
  return id;
}

static void
put_string_attribute (Writer *w, hid_t object, const char *name, const char *value)
{
  hid_t space, attribute;

  if (!w->ok)
    return;
  space = check_id (w, H5Screate (H5S_SCALAR));
  attribute = check_id (w, H5Acreate2 (object, name, w->string, space, H5P_DEFAULT, H5P_DEFAULT));
  if (w->ok)
    check (w, H5Awrite (attribute, w->string, &value));
  if (attribute >= 0)
    H5Aclose (attribute);
  if (space >= 0)
    H5Sclose (space);
}

static void
put_encoding (Writer *w, hid_t object, const char *type, const char *version)
{
  put_string_attribute (w, object, "encoding-type", type);
  put_string_attribute (w, object, "encoding-version", version);
}

static void
put_string_list_attribute (Writer *w, hid_t object, const char *name, const char *const *values, gsize n)
{
  hsize_t size = n;
  hid_t space, attribute;

  if (!w->ok)
    return;
  space = check_id (w, H5Screate_simple (1, &size, NULL));
  attribute = check_id (w, H5Acreate2 (object, name, w->string, space, H5P_DEFAULT, H5P_DEFAULT));
  if (w->ok)
    check (w, H5Awrite (attribute, w->string, values));
  if (attribute >= 0)
    H5Aclose (attribute);
  if (space >= 0)
    H5Sclose (space);
}

static hid_t
make_group (Writer *w, hid_t parent, const char *name, const char *type, const char *version)
{
  hid_t group = w->ok ? check_id (w, H5Gcreate2 (parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)) : -1;

  put_encoding (w, group, type, version);
  return group;
}

static void
close_group (hid_t group)
{
  if (group >= 0)
    H5Gclose (group);
}

/* A whole array; @n_dims 0: a scalar. */
static void
put_array (Writer *w, hid_t parent, const char *name, hid_t stored, hid_t given, int n_dims, const hsize_t *dims,
           gconstpointer data, const char *encoding)
{
  hid_t space, set;

  if (!w->ok)
    return;
  space = check_id (w, n_dims == 0 ? H5Screate (H5S_SCALAR) : H5Screate_simple (n_dims, dims, NULL));
  set = check_id (w, H5Dcreate2 (parent, name, stored, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  if (w->ok && (n_dims == 0 || dims[0] > 0))
    check (w, H5Dwrite (set, given, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
  put_encoding (w, set, encoding, "0.2.0");
  if (set >= 0)
    H5Dclose (set);
  if (space >= 0)
    H5Sclose (space);
}

static void
put_strings (Writer *w, hid_t parent, const char *name, const char *const *values, gsize n)
{
  hsize_t size = n;

  put_array (w, parent, name, w->string, w->string, 1, &size, values, "string-array");
}

static void
put_integers (Writer *w, hid_t parent, const char *name, const gint64 *values, gsize n)
{
  hsize_t size = n;

  put_array (w, parent, name, H5T_STD_I64LE, H5T_NATIVE_INT64, 1, &size, values, "array");
}

/* ---- The parts ---- */

/* A chunk is a row, so that rows are written one by one; barcodes are mostly zero and shrink well. */
static void
put_values (Writer *w, const CytBarcodes *self)
{
  hsize_t dims[2] = { self->rows->len, self->n_latents }, one_row[2] = { 1, self->n_latents };
  hid_t space, memory, layout, set;

  if (!w->ok)
    return;
  space = check_id (w, H5Screate_simple (2, dims, NULL));
  memory = check_id (w, H5Screate_simple (2, one_row, NULL));
  layout = check_id (w, H5Pcreate (H5P_DATASET_CREATE));
  check (w, H5Pset_chunk (layout, 2, one_row));
  check (w, H5Pset_deflate (layout, 4));
  set = check_id (w, H5Dcreate2 (w->file, "X", H5T_IEEE_F64LE, space, H5P_DEFAULT, layout, H5P_DEFAULT));
  for (hsize_t i = 0; w->ok && i < dims[0]; i++)
    {
      hsize_t start[2] = { i, 0 };

      check (w, H5Sselect_hyperslab (space, H5S_SELECT_SET, start, NULL, one_row, NULL));
      check (w, H5Dwrite (set, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, cyt_barcodes_get_row (self, i)->values));
    }
  put_encoding (w, set, "array", "0.2.0");
  if (set >= 0)
    H5Dclose (set);
  if (layout >= 0)
    H5Pclose (layout);
  if (memory >= 0)
    H5Sclose (memory);
  if (space >= 0)
    H5Sclose (space);
}

static void
put_rows (Writer *w, const CytBarcodes *self)
{
  static const char *const columns[] = { "disease", "n_cells", "n_patients" };
  gsize n = self->rows->len;
  g_autofree const char **names = g_new (const char *, n);
  g_autofree const char **diseases = g_new (const char *, n);
  g_autofree gint64 *n_cells = g_new (gint64, n);
  g_autofree gint64 *n_patients = g_new (gint64, n);
  hid_t group = make_group (w, w->file, "obs", "dataframe", "0.2.0");

  for (gsize i = 0; i < n; i++)
    {
      const CytBarcode *row = cyt_barcodes_get_row (self, i);

      names[i] = row->name;
      diseases[i] = row->disease ? row->disease : "";
      n_cells[i] = (gint64) row->n_cells;
      n_patients[i] = (gint64) row->n_patients;
    }
  put_string_attribute (w, group, "_index", "_index");
  put_string_list_attribute (w, group, "column-order", columns, G_N_ELEMENTS (columns));
  put_strings (w, group, "_index", names, n);
  put_strings (w, group, "disease", diseases, n);
  put_integers (w, group, "n_cells", n_cells, n);
  put_integers (w, group, "n_patients", n_patients, n);
  close_group (group);
}

static void
put_latents (Writer *w, const CytBarcodes *self, const char *const *names)
{
  static const char *const columns[] = { "latent", "name" };
  gsize n = self->n_latents;
  g_autoptr (GPtrArray) numbers = g_ptr_array_new_with_free_func (g_free);
  g_autofree gint64 *latents = g_new (gint64, MAX (1, n));
  hid_t group = make_group (w, w->file, "var", "dataframe", "0.2.0");

  for (gsize j = 0; j < n; j++)
    {
      latents[j] = self->latents[j];
      g_ptr_array_add (numbers, g_strdup_printf ("%u", self->latents[j]));
    }
  put_string_attribute (w, group, "_index", "_index");
  put_string_list_attribute (w, group, "column-order", columns, G_N_ELEMENTS (columns));
  put_strings (w, group, "_index", (const char *const *) numbers->pdata, n);
  put_integers (w, group, "latent", latents, n);
  put_strings (w, group, "name", names, n);
  close_group (group);
}

static void
put_facts (Writer *w, const CytBarcodes *self, gboolean simulated)
{
  hid_t group = make_group (w, w->file, "uns", "dict", "0.1.0");
  const char *texts[][2] = {
    { "by", cyt_barcodes_by_get_nick (self->by) },
    { "normalise", cyt_barcodes_norm_get_nick (self->norm) },
    { "program", "cytosae " CYT_VERSION },
    { "use", simulated ? "SIMULATED, not for clinical use" : "research use only" },
  };
  gint64 d_sae = (gint64) self->d_sae;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    put_array (w, group, texts[i][0], w->string, w->string, 0, NULL, &texts[i][1], "string");
  put_array (w, group, "threshold", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 0, NULL, &self->threshold, "numeric-scalar");
  put_array (w, group, "d_sae", H5T_STD_I64LE, H5T_NATIVE_INT64, 0, NULL, &d_sae, "numeric-scalar");
  close_group (group);
}

gboolean
cyt_barcodes_write_h5ad (const CytBarcodes *self, const char *const *names, gboolean simulated, const char *path,
                         GError **error)
{
  static const char *const empty[] = { "layers", "obsm", "obsp", "varm", "varp" };
  Writer w = { .file = -1, .string = -1, .ok = TRUE };

  H5Eset_auto2 (H5E_DEFAULT, NULL, NULL); /* or HDF5 prints */
  w.string = check_id (&w, H5Tcopy (H5T_C_S1));
  check (&w, H5Tset_size (w.string, H5T_VARIABLE));
  check (&w, H5Tset_cset (w.string, H5T_CSET_UTF8));
  w.file = check_id (&w, H5Fcreate (path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  if (w.file >= 0)
    put_encoding (&w, w.file, "anndata", "0.1.0");
  put_values (&w, self);
  put_rows (&w, self);
  put_latents (&w, self, names);
  for (guint i = 0; i < G_N_ELEMENTS (empty); i++)
    close_group (make_group (&w, w.file, empty[i], "dict", "0.1.0"));
  put_facts (&w, self, simulated);
  if (w.file >= 0)
    check (&w, H5Fclose (w.file));
  if (w.string >= 0)
    H5Tclose (w.string);
  if (!w.ok)
    g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT,
                 "%s: the file could not be written (folder missing, not writable, or disk full)", path);
  return w.ok;
}
