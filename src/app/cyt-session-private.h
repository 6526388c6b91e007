/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-worker.h"
#include "project/cyt-model-store.h"

#include "cyt-session.h"

G_BEGIN_DECLS

/* Shared by the session's own files only. */

typedef struct _CytIndexRun CytIndexRun;

enum
{
  CYT_SESSION_PROP_0,
  CYT_SESSION_PROP_STATE,
  CYT_SESSION_PROP_TITLE,
  CYT_SESSION_PROP_PATH,
  CYT_SESSION_PROP_READ_ONLY,
  CYT_SESSION_PROP_SIMULATED,
  CYT_SESSION_PROP_DATASET,
  CYT_SESSION_PROP_DATASET_NAMES,
  CYT_SESSION_PROP_LATENTS,
  CYT_SESSION_PROP_CELLS,
  CYT_SESSION_PROP_OVERLAY_MODE,
  CYT_SESSION_PROP_OVERLAY_HIDDEN,
  CYT_SESSION_PROP_OPACITY,
  CYT_SESSION_PROP_SHARED_SCALE,
  CYT_SESSION_PROP_SCALE_MAX,
  CYT_SESSION_PROP_COLORMAP,
  CYT_SESSION_PROP_TILE_SIZE,
  CYT_SESSION_PROP_ONE_PER_PATIENT,
  CYT_SESSION_PROP_INDEXING,
  CYT_SESSION_PROP_PROGRESS,
  CYT_SESSION_PROP_STATUS_TEXT,
  CYT_SESSION_PROP_CAN_CONTINUE,
  CYT_SESSION_PROP_N_FAILED,
  CYT_SESSION_PROP_SAVE_STATE,
  CYT_SESSION_PROP_CAN_UNDO,
  CYT_SESSION_PROP_CAN_REDO,
  CYT_SESSION_PROP_VIEW,
  CYT_SESSION_PROP_CAN_GO_BACK,
  CYT_SESSION_PROP_INSPECTION,
  CYT_SESSION_N_PROPS
};

/* The cells of the selected latent, and how they are shown. */
typedef struct
{
  GListStore *sections;           /* of CytCellSection, by data set, then kind */
  GtkFlattenListModel *all;       /* the sections' cells */
  GCancellable *cancellable;      /* of the jobs that load them and compute their maps */
  guint clear_source;
  guint maps_source;              /* waits until somebody stays with the latent */
  gboolean computing_map;
  gboolean one_per_patient;
  double scale_max;

  CytOverlayMode overlay_mode;
  CytOverlayMode last_mode;       /* what comes back when off is switched on */
  gboolean overlay_hidden;
  double opacity;
  gboolean shared_scale;
  CytColormap colormap;
  guint tile_size;
} CytSessionCells;

/* Saved filters. */
typedef struct
{
  GtkStringList *names;           /* sorted */
  GHashTable *texts;              /* name → cyt_latent_filter_to_text() */
  guint n_saving;                 /* changes under way: what is read meanwhile is older */
} CytSessionFilters;

/* The cell that is looked at. */
typedef struct
{
  CytInspection *inspection;      /* NULL: none */
  GSignalGroup *watch;            /* on it: of the session and of views */
  CytWorker *inspector;           /* computes single cells; NULL until first needed */
  CytWorker *reader;              /* reads all cells, on a connection of its own; NULL until first needed */
  GCancellable *cancellable;      /* of what is loaded about the cell */
  GCancellable *latent_cancellable; /* of what is loaded about the latent in it */
  gint64 asked_latent;            /* the latent that was loaded last */
} CytSessionInspect;

struct _CytSession
{
  GObject parent_instance;

  CytSessionState state;
  char *path;
  char *title;
  gboolean read_only;
  gboolean simulated;
  CytModelFiles *model_files;     /* NULL: published, or not open yet */
  CytModelStore *model_store;     /* what engine and inspector run with */
  CytWorker *map_worker;          /* walks whole projects and decoders; NULL until first needed */
  CytWorker *analyst;             /* reads every cell of a data set; NULL until first needed */
  CytWorker *figures;             /* makes and writes figures; NULL until first needed */
  CytWorker *likeness;            /* compares latents; NULL until first needed */
  CytWorker *project;             /* NULL until a project is being opened */
  GCancellable *cancellable;      /* of all project jobs; cancelled in dispose */
  gboolean loading_view;
  gboolean reload_again;

  GPtrArray *datasets;            /* of CytDataset */
  GtkStringList *dataset_names;
  guint dataset;
  CytLatentModel *latents;
  gint64 makeshift;               /* selected for want of a better one, -1: none; where it still is, another may be */
  CytSessionCells cells;
  CytSessionFilters filters;
  CytSessionInspect inspect;

  /* navigation */
  const char *view;               /* interned */
  GArray *places;                 /* of Place: where "back" leads, oldest first */

  /* indexing */
  CytWorker *engine;              /* NULL until first needed */
  CytTraining *training;          /* likewise */
  CytIndexRun *run;               /* the run under way, or NULL */
  guint progress_source;
  double progress;
  char *status_text;
  guint n_failed;
  gboolean can_continue;

  /* labels */
  char *rater;                    /* NULL: not known yet */
  gint64 unsigned_since;          /* Unix time, µs, of the first edit that was saved without a rater; 0: none */
  guint n_saving;
  GQueue unsaved;                 /* of CytSaveRequest that could not be written */
  CytSaveState save_state;
  GPtrArray *undo;                /* of Edit */
  GPtrArray *redo;
  gboolean edit_ended;
};

void cyt_session_notify (CytSession *self, guint prop);
void cyt_session_emit_failed (CytSession *self, const char *heading, const char *body);
void cyt_session_emit_problem (CytSession *self, const char *text);
void cyt_session_emit_toast (CytSession *self, const char *text);
void cyt_session_emit_undo_toast (CytSession *self, const char *text);
void cyt_session_emit_save_failed (CytSession *self, const char *body);
void cyt_session_emit_rater_needed (CytSession *self);
void cyt_session_emit_concept_changed (CytSession *self, guint latent);

void cyt_session_set_state (CytSession *self, CytSessionState state);
/* Names the session after the project file @path. */
void cyt_session_set_path (CytSession *self, const char *path);
void cyt_session_set_simulated (CytSession *self, gboolean simulated);
/* Opens @path when the session is not open yet, else reads the current data set again. */
void cyt_session_load_view (CytSession *self, const char *path, gboolean only_if_changed);

void cyt_session_cells_init (CytSession *self);
void cyt_session_cells_dispose (CytSession *self);
void cyt_session_cells_finalize (CytSession *self);
/* FALSE when the property is not one of theirs. */
gboolean cyt_session_cells_get_property (CytSession *self, guint prop, GValue *value);
gboolean cyt_session_cells_set_property (CytSession *self, guint prop, const GValue *value);
/* Reads the cells of the selected latent again. */
void cyt_session_load_cells (CytSession *self);

/* A change of a saved filter, for undo. */
typedef struct
{
  char *name;
  char *new_name;   /* it was renamed; else NULL */
  char *before;     /* cyt_latent_filter_to_text(), NULL: there was none of the name */
  char *after;      /* likewise */
} CytFilterEdit;
void cyt_filter_edit_free (CytFilterEdit *self);
/* Makes @edit undone or done again. */
void cyt_session_move_filter_edit (CytSession *self, const CytFilterEdit *edit, gboolean undo);
/* A change of the pixel size of a data set, in µm (NAN: unknown), for undo. */
typedef struct
{
  gint64 dataset;
  double before;
  double after;
} CytPixelSizeEdit;
/* Makes @edit undone or done again. */
void cyt_session_move_pixel_size_edit (CytSession *self, const CytPixelSizeEdit *edit, gboolean undo);
/* Lets undo take it back; takes @edit (cyt-session-labels.c). */
void cyt_session_push_pixel_size_edit (CytSession *self, CytPixelSizeEdit *edit);
/* Lets undo take it back; takes @filter (cyt-session-labels.c). */
void cyt_session_push_filter_edit (CytSession *self, CytFilterEdit *filter);

void cyt_session_filters_init (CytSession *self);
void cyt_session_filters_finalize (CytSession *self);
/* Takes over the saved filters of the file, except while changes to them are under way. */
void cyt_session_filters_loaded (CytSession *self, GHashTable *texts);

void cyt_session_navigation_init (CytSession *self);
void cyt_session_navigation_finalize (CytSession *self);
/* Lets "back" lead to where the user is now. */
void cyt_session_remember_place (CytSession *self);

/* Shows a cell that was looked at before, or NULL: none. */
void cyt_session_set_inspection (CytSession *self, CytInspection *inspection);
void cyt_session_inspect_init (CytSession *self);
void cyt_session_inspect_dispose (CytSession *self);

void cyt_session_patients_dispose (CytSession *self);

void cyt_session_index_init (CytSession *self);
void cyt_session_index_dispose (CytSession *self);
/* The worker for what uses all cores; made when first asked for. (transfer none) */
CytWorker *cyt_session_get_engine (CytSession *self);
/* Called by a job of the engine: its thread, and those it starts, give way to the window. On Linux niceness is a
 * thread's own. */
void cyt_session_engine_give_way (void);

/* ---- cyt-session-train.c ---- */
void cyt_session_train_dispose (CytSession *self);
/* Brings status_text, n_failed and can_continue up to date with the data sets. */
void cyt_session_index_update (CytSession *self);

void cyt_session_labels_init (CytSession *self);
void cyt_session_labels_dispose (CytSession *self);
void cyt_session_labels_finalize (CytSession *self);
/* Takes over the labels of the file, except those with edits under way. */
void cyt_session_labels_loaded (CytSession *self, GPtrArray *concepts);

G_END_DECLS
