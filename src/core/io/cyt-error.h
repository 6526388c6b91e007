/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The error domains of the library. Every message is one line that names the file, the tensor or
 * field, what was expected and what was found. Cancellation is always G_IO_ERROR_CANCELLED. */

#define CYT_CHECKPOINT_ERROR (cyt_checkpoint_error_quark ())
typedef enum
{
  CYT_CHECKPOINT_ERROR_FORMAT,      /* not a file of any kind we read */
  CYT_CHECKPOINT_ERROR_UNSUPPORTED, /* a kind, dtype, class or option we refuse, by name */
  CYT_CHECKPOINT_ERROR_TRUNCATED,   /* ends before what it announces */
  CYT_CHECKPOINT_ERROR_CORRUPT,     /* contradicts itself */
  CYT_CHECKPOINT_ERROR_MISMATCH,    /* well formed, but a tensor is missing or has another shape */
  CYT_CHECKPOINT_ERROR_TOO_LARGE,   /* beyond a documented cap, or an overflowing size */
} CytCheckpointError;
GQuark cyt_checkpoint_error_quark (void);

#define CYT_IMAGE_ERROR (cyt_image_error_quark ())
typedef enum
{
  CYT_IMAGE_ERROR_FORMAT,      /* not an image */
  CYT_IMAGE_ERROR_UNSUPPORTED, /* an image of a kind we refuse, by name */
  CYT_IMAGE_ERROR_CORRUPT,     /* truncated or damaged */
  CYT_IMAGE_ERROR_TOO_LARGE,   /* beyond CYT_IMAGE_MAX_PIXELS */
} CytImageError;
GQuark cyt_image_error_quark (void);

/* Lists of images and tables of labels (CSV, JSON, folders). */
#define CYT_TABLE_ERROR (cyt_table_error_quark ())
typedef enum
{
  CYT_TABLE_ERROR_FORMAT, /* not a table, or a row that cannot be read */
  CYT_TABLE_ERROR_COLUMN, /* a column that is needed is not there */
  CYT_TABLE_ERROR_VALUE,  /* a value outside its range */
  CYT_TABLE_ERROR_EMPTY,  /* nothing in it */
} CytTableError;
GQuark cyt_table_error_quark (void);

#define CYT_PROJECT_ERROR (cyt_project_error_quark ())
typedef enum
{
  CYT_PROJECT_ERROR_NOT_A_PROJECT,
  CYT_PROJECT_ERROR_TOO_NEW,   /* written by a newer program */
  CYT_PROJECT_ERROR_CORRUPT,   /* SQLite or our checks find damage */
  CYT_PROJECT_ERROR_BUSY,      /* locked, or being indexed, by another program */
  CYT_PROJECT_ERROR_NO_SPACE,  /* disk full */
  CYT_PROJECT_ERROR_READ_ONLY, /* file, folder or disk cannot be written */
  CYT_PROJECT_ERROR_MISMATCH,  /* made with another encoder or SAE, or a data set that differs */
  CYT_PROJECT_ERROR_NOT_FOUND, /* no such latent, cell or data set */
  CYT_PROJECT_ERROR_IO,        /* anything else that the file system says */
} CytProjectError;
GQuark cyt_project_error_quark (void);

/* The models that a project was made with, where they are needed again. */
#define CYT_MODELS_ERROR (cyt_models_error_quark ())
typedef enum
{
  CYT_MODELS_ERROR_PUBLISHED,       /* the project holds published statistics: there are no models */
  CYT_MODELS_ERROR_ENCODER_MISSING, /* not where it was last seen */
  CYT_MODELS_ERROR_ENCODER_CHANGED, /* another file lies there, told by its SHA-256 */
  CYT_MODELS_ERROR_SAE_MISSING,
  CYT_MODELS_ERROR_SAE_CHANGED,
} CytModelsError;
GQuark cyt_models_error_quark (void);

G_END_DECLS
