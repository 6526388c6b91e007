/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a pickle may contain: plain data, tensors (by number) and opaque records. A tree without
 * cycles, owned by its checkpoint; depth and size are capped by the reader.
 *
 * Types and functions that are only named read as strings, "torch.float32", "torch.nn.functional.relu";
 * so do members of enumerations ("module.Class.NAME", or a record with "args", as Python wrote them),
 * devices ("cuda:0") and paths. What a record was made from, if anything, is its entry "args" (a list);
 * a state that is no dict is its entry "state"; of an object that refers back to what holds it a record
 * without entries stands in that place. */
typedef enum
{
  CYT_VALUE_NONE,
  CYT_VALUE_BOOL,
  CYT_VALUE_INT,    /* 64 bits; longer Python integers are refused */
  CYT_VALUE_FLOAT,
  CYT_VALUE_STRING, /* valid UTF-8 */
  CYT_VALUE_BYTES,
  CYT_VALUE_LIST,   /* lists, tuples and sets */
  CYT_VALUE_DICT,   /* insertion order; keys are any plain value */
  CYT_VALUE_TENSOR, /* index into the checkpoint's tensors */
  CYT_VALUE_RECORD, /* instance of an unknown class: its name and its attributes, nothing run */
} CytValueType;

typedef struct _CytValue CytValue;

CytValueType cyt_value_get_type_of (const CytValue *self);
gboolean cyt_value_get_bool (const CytValue *self);           /* BOOL */
gint64 cyt_value_get_int (const CytValue *self);              /* INT, BOOL */
double cyt_value_get_double (const CytValue *self);           /* FLOAT, INT */
const char *cyt_value_get_string (const CytValue *self);      /* STRING; (transfer none) */
gconstpointer cyt_value_get_bytes (const CytValue *self, gsize *n_bytes); /* BYTES */
gsize cyt_value_get_tensor (const CytValue *self);            /* TENSOR */

/* "module.Class" of a RECORD (transfer none). */
const char *cyt_value_get_class_name (const CytValue *self);

/* Entries of a LIST, DICT or RECORD; keys of a list are NULL. */
gsize cyt_value_get_n_entries (const CytValue *self);
const CytValue *cyt_value_get_entry (const CytValue *self, gsize i);
const CytValue *cyt_value_get_key (const CytValue *self, gsize i);

/* Entry of a DICT or RECORD under the string @key, or NULL; @self may be NULL. */
const CytValue *cyt_value_lookup (const CytValue *self, const char *key);

/* Compact JSON of the tree without tensors' content ({"tensor": name} is not known here: tensors
 * print as {"tensor": index}); records get a "__class__" member. NaN and infinities print as strings.
 * (transfer full) */
char *cyt_value_to_json (const CytValue *self);

G_END_DECLS
