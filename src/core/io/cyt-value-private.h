/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "io/cyt-value.h"

G_BEGIN_DECLS

/* What readers build: values are made in a pool that frees them all at once, so that a hostile
 * pickle may link them as it likes (shared, in circles) until the reader has looked them through. */

/* The kinds of CytValueType, and those that exist only while a pickle is being read. */
typedef enum
{
  CYT_KIND_NONE = CYT_VALUE_NONE,
  CYT_KIND_BOOL = CYT_VALUE_BOOL,
  CYT_KIND_INT = CYT_VALUE_INT,
  CYT_KIND_FLOAT = CYT_VALUE_FLOAT,
  CYT_KIND_STRING = CYT_VALUE_STRING,
  CYT_KIND_BYTES = CYT_VALUE_BYTES,
  CYT_KIND_LIST = CYT_VALUE_LIST,
  CYT_KIND_DICT = CYT_VALUE_DICT,
  CYT_KIND_TENSOR = CYT_VALUE_TENSOR,
  CYT_KIND_RECORD = CYT_VALUE_RECORD,
  CYT_KIND_GLOBAL,  /* a class or function by name: reads as a STRING "module.name" */
  CYT_KIND_BIGINT,  /* an integer beyond 64 bits: little-endian two's complement, or decimal text */
  CYT_KIND_STORAGE, /* what tensors are views of */
} CytKind;

struct _CytValue
{
  guint8 kind;    /* CytKind */
  guint8 detail;  /* LIST: 1 for a tuple; GLOBAL: CytGlobal, what a call of it means; BIGINT: 1 for decimal text */
  guint8 on_path; /* being visited: meeting it again is a circle */
  guint8 named;   /* TENSOR: has its index in the checkpoint */
  guint32 index;  /* TENSOR: in the reader's list, once named in the checkpoint's; STORAGE: in the checkpoint's;
                     GLOBAL: where the name begins in the text; STRING, BYTES: hash of the content */
  union
  {
    gint64 integer; /* BOOL, INT */
    double number;  /* FLOAT */
    struct
    {
      char *data;   /* (n) and a NUL */
      gsize n;
    } text;         /* STRING, BYTES, BIGINT, GLOBAL */
    struct
    {
      CytValue **items;       /* LIST: values; DICT, RECORD: key, value, key, value, … */
      guint32 n;              /* in use */
      guint32 allocated;
      GHashTable *by_key;     /* DICT, RECORD: position of the value, made when there are many */
      const CytValue *cls;    /* RECORD: a GLOBAL */
    } list;
    struct
    {
      guint64 offset;         /* bytes into the storage */
      guint64 n_bytes;
      guint8 dtype;           /* CytDtype */
    } storage;
  };
};

typedef struct _CytValuePool CytValuePool;

/* Caps of one pool: values, entries ever put into lists and dicts, bytes of text. A pickle can ask for much
 * with few bytes (copies of what it has already built), hence caps and not the file's size alone. */
#define CYT_VALUE_MAX_VALUES (1u << 22)
#define CYT_VALUE_MAX_LINKS (1u << 23)
#define CYT_VALUE_MAX_TEXT ((gsize) 256 << 20)

CytValuePool *cyt_value_pool_new (void);
void cyt_value_pool_free (CytValuePool *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytValuePool, cyt_value_pool_free)
/* FALSE once a cap was hit: values made since then are not to be used. */
gboolean cyt_value_pool_is_sound (const CytValuePool *self);

/* All never NULL, owned by the pool. */
CytValue *cyt_value_new (CytValuePool *pool, CytKind kind);
CytValue *cyt_value_new_bool (CytValuePool *pool, gboolean value);
CytValue *cyt_value_new_int (CytValuePool *pool, gint64 value);
CytValue *cyt_value_new_float (CytValuePool *pool, double value);
CytValue *cyt_value_new_text (CytValuePool *pool, CytKind kind, gconstpointer data, gsize n);
CytValue *cyt_value_new_string (CytValuePool *pool, const char *text);
/* (transfer full) of @text, a "module.name" whose name begins at @name. */
CytValue *cyt_value_new_global (CytValuePool *pool, char *text, guint name);
CytValue *cyt_value_new_record (CytValuePool *pool, const CytValue *cls);

void cyt_value_append (CytValuePool *pool, CytValue *list, CytValue *item);
/* Sets a key of a DICT or RECORD; an equal key (numbers, strings, bytes, None) is replaced, as in Python, and
 * FALSE returned. */
gboolean cyt_value_set (CytValuePool *pool, CytValue *dict, CytValue *key, CytValue *item);

/* One line for a key on a dotted path or in a JSON object: strings as they are, numbers in decimal. */
char *cyt_value_key_to_text (const CytValue *key);

G_END_DECLS
