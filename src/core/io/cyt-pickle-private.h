/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "io/cyt-pickle.h"

G_BEGIN_DECLS

/* What a call of a global means. */
typedef enum
{
  CYT_GLOBAL_UNKNOWN,            /* no module of Python's; a record if it is a class */
  CYT_GLOBAL_RECORD,             /* a harmless class of which a record is made */
  CYT_GLOBAL_NAMED,              /* may be named (a type, a constant), never called */
  CYT_GLOBAL_REBUILD_TENSOR,
  CYT_GLOBAL_REBUILD_TENSOR_V3,
  CYT_GLOBAL_REBUILD_PARAMETER,
  CYT_GLOBAL_REBUILD_FROM_TYPE,
  CYT_GLOBAL_STORAGE,
  CYT_GLOBAL_SIZE,
  CYT_GLOBAL_DEVICE,
  CYT_GLOBAL_DICT,
  CYT_GLOBAL_DEFAULTDICT,
  CYT_GLOBAL_LIST,
  CYT_GLOBAL_TUPLE,
  CYT_GLOBAL_BYTES,
  CYT_GLOBAL_ENCODE,
  CYT_GLOBAL_GETATTR,
  CYT_GLOBAL_RECONSTRUCTOR,
  CYT_GLOBAL_PATH,
  CYT_GLOBAL_NUMPY_SCALAR,
  CYT_GLOBAL_NUMPY_RECONSTRUCT,
  CYT_GLOBAL_NUMPY_FROMBUFFER,
} CytGlobal;

struct _CytPickle
{
  CytCheckpoint *checkpoint;
  CytValuePool *pool;
  CytPersistentLoad load;
  gpointer load_data;
  CytCursor *cursor;
  const char *what;  /* the pickle, for messages; NULL once it has run */
  guint64 op_at;     /* byte number of the opcode being run */
  GPtrArray *stack;  /* of CytValue */
  GArray *marks;     /* of guint: height of the stack at each MARK */
  GPtrArray *memo;   /* of CytValue or NULL */
  guint n_memo;      /* that are not NULL */
  GArray *tensors;   /* of CytTensor without names: what TENSOR values index until they are named */
  guint n_visits;
};

/* A class or function by name: a GLOBAL, or NULL and the refusal. Names need not end with NUL. */
CytValue *cyt_pickle_find_global (CytPickle *self, const char *module, gsize n_module, const char *name,
                                  gsize n_name, GError **error);

/* REDUCE: @callable (*@args). */
CytValue *cyt_pickle_call (CytPickle *self, const CytValue *callable, const CytValue *args, GError **error);
/* NEWOBJ, INST, OBJ: an instance of @cls, made from @args. */
CytValue *cyt_pickle_instantiate (CytPickle *self, const CytValue *cls, const CytValue *args, GError **error);
/* BUILD: gives @object its attributes. */
gboolean cyt_pickle_build (CytPickle *self, CytValue *object, CytValue *state, GError **error);

/* Arrays and scalars of NumPy (cyt-pickle-numpy.c). A dtype is a RECORD numpy.dtype. */
CytValue *cyt_pickle_numpy_scalar (CytPickle *self, const CytValue *callable, const CytValue *args, GError **error);
CytValue *cyt_pickle_numpy_frombuffer (CytPickle *self, const CytValue *callable, const CytValue *args,
                                       GError **error);
gboolean cyt_pickle_numpy_build (CytPickle *self, CytValue *array, const CytValue *state, GError **error);
/* TRUE for the RECORD that an array is until its BUILD. */
gboolean cyt_pickle_is_numpy_array (const CytValue *value);

/* A TENSOR over a storage; @shape and @strides are lists of integers, @strides may be NULL for C order. */
CytValue *cyt_pickle_new_tensor (CytPickle *self, CytDtype dtype, const CytValue *shape, const gint64 *strides,
                                 guint storage, guint64 base, guint64 n_bytes, gint64 offset, GError **error);
/* The integers of a list or tuple, at most CYT_TENSOR_MAX_DIMS. */
gboolean cyt_pickle_get_sizes (CytPickle *self, const CytValue *list, gint64 *sizes, gsize *n, GError **error);

/* An opaque record of @cls, with the member "args" when there are any. */
CytValue *cyt_pickle_new_record (CytPickle *self, const CytValue *cls, const CytValue *args);

G_END_DECLS
