/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <zip.h>

#include "io/cyt-torch-writer.h"

/* ---- The pickle: opcodes as documented in Python's pickletools ---- */

static void
put (GByteArray *out, const char *bytes, gsize n)
{
  g_byte_array_append (out, (const guint8 *) bytes, n);
}

static void
put_op (GByteArray *out, char op)
{
  put (out, &op, 1);
}

/* Of a global or a line: opcodes with text. */
static void
put_text (GByteArray *out, const char *text)
{
  put (out, text, strlen (text));
}

static void
put_string (GByteArray *out, const char *text)
{
  guint32 n = GUINT32_TO_LE (strlen (text));

  put_op (out, 'X');
  put (out, (const char *) &n, sizeof n);
  put_text (out, text);
}

static void
put_int (GByteArray *out, gint64 value)
{
  gint64 little = GINT64_TO_LE (value);

  /* LONG1 of eight bytes, two's complement */
  put (out, "\x8a\x08", 2);
  put (out, (const char *) &little, sizeof little);
}

static void
put_double (GByteArray *out, double value)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  bits = GUINT64_TO_BE (bits);
  put_op (out, 'G');
  put (out, (const char *) &bits, sizeof bits);
}

static void
put_tensor (GByteArray *out, const CytTorchTensor *tensor, gsize number)
{
  g_autofree char *key = g_strdup_printf ("%" G_GSIZE_FORMAT, number);
  gint64 n_elements = 1, stride[2] = { 1, 1 };

  for (guint i = tensor->n_dims; i-- > 0;)
    {
      stride[i] = n_elements;
      n_elements *= tensor->shape[i];
    }
  put_text (out, "ctorch._utils\n_rebuild_tensor_v2\n((");
  put_string (out, "storage");
  put_text (out, "ctorch\nFloatStorage\n");
  put_string (out, key);
  put_string (out, "cpu");
  put_int (out, n_elements);
  put_text (out, "tQ"); /* the storage, by its persistent id */
  put_int (out, 0);
  put_op (out, '(');
  for (guint i = 0; i < tensor->n_dims; i++)
    put_int (out, tensor->shape[i]);
  put_text (out, "t(");
  for (guint i = 0; i < tensor->n_dims; i++)
    put_int (out, stride[i]);
  put_text (out, "t\x89" "ccollections\nOrderedDict\n)RtR");
}

static GByteArray *
make_pickle (const char *record, const CytTorchField *fields, gsize n_fields, const char *dict,
             const CytTorchTensor *tensors, gsize n_tensors)
{
  GByteArray *out = g_byte_array_new ();

  put_text (out, "\x80\x02}(");
  put_string (out, record);
  put_text (out, "cargparse\nNamespace\n)\x81}(");
  for (gsize i = 0; i < n_fields; i++)
    {
      put_string (out, fields[i].name);
      if (fields[i].text != NULL)
        put_string (out, fields[i].text);
      else if (fields[i].number == (gint64) fields[i].number)
        put_int (out, (gint64) fields[i].number);
      else
        put_double (out, fields[i].number);
    }
  put_text (out, "ub");
  put_string (out, dict);
  put_text (out, "}(");
  for (gsize i = 0; i < n_tensors; i++)
    {
      put_string (out, tensors[i].name);
      put_tensor (out, &tensors[i], i);
    }
  put_text (out, "uu.");
  return out;
}

/* ---- The archive ---- */

static gboolean
add_entry (zip_t *zip, const char *name, gconstpointer data, gsize n)
{
  zip_source_t *source = zip_source_buffer (zip, data, n, 0);
  zip_int64_t index;

  if (source == NULL)
    return FALSE;
  index = zip_file_add (zip, name, source, ZIP_FL_ENC_UTF_8);
  if (index < 0)
    {
      zip_source_free (source);
      return FALSE;
    }
  return zip_set_file_compression (zip, index, ZIP_CM_STORE, 0) == 0;
}

gboolean
cyt_torch_write (const char *path, const char *record, const CytTorchField *fields, gsize n_fields, const char *dict,
                 const CytTorchTensor *tensors, gsize n_tensors, GError **error)
{
  g_autoptr (GByteArray) pickle = make_pickle (record, fields, n_fields, dict, tensors, n_tensors);
  int code = 0;
  zip_t *zip = zip_open (path, ZIP_CREATE | ZIP_TRUNCATE, &code);
  gboolean ok = zip != NULL;
  g_autofree char *display = g_filename_display_name (path);
  zip_error_t zip_error;

  ok = ok && add_entry (zip, "archive/data.pkl", pickle->data, pickle->len);
  for (gsize i = 0; ok && i < n_tensors; i++)
    {
      g_autofree char *name = g_strdup_printf ("archive/data/%" G_GSIZE_FORMAT, i);
      gsize n = sizeof (float) * tensors[i].shape[0] * (tensors[i].n_dims > 1 ? tensors[i].shape[1] : 1);

      ok = add_entry (zip, name, tensors[i].data, n);
    }
  ok = ok && add_entry (zip, "archive/version", "3\n", 2);
  /* Writes a temporary file beside it and renames that. */
  if (ok && zip_close (zip) == 0)
    return TRUE;

  if (zip != NULL)
    {
      zip_error_init (&zip_error);
      zip_error_set (&zip_error, zip_error_code_zip (zip_get_error (zip)), zip_error_code_system (zip_get_error (zip)));
      zip_discard (zip);
    }
  else
    zip_error_init_with_code (&zip_error, code);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: cannot be written: %s", display,
               zip_error_strerror (&zip_error));
  zip_error_fini (&zip_error);
  return FALSE;
}
