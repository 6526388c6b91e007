/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-class-scores.h"
#include "figures/cyt-overlay.h"
#include "model/cyt-progress.h"
#include "project/cyt-indexer.h"
#include "project/cyt-self-test.h"

#include "cyt-cell-analysis.h"
#include "cyt-inspection.h"
#include "cyt-latent-model.h"
#include "cyt-project-jobs-classify.h"
#include "cyt-project-jobs-likeness.h"
#include "cyt-project-jobs.h"
#include "cyt-project-jobs-patients.h"
#include "cyt-training.h"

G_BEGIN_DECLS

/* The state of one window: its project, data set, selected latent, overlay, running work and unsaved
 * edits. Views bind to its properties and call its functions; they know neither the database nor each
 * other. It owns two workers: one for the project's connection, one (the engine) for indexing. A
 * session opens one project in its life. Main thread only.
 *
 * Properties (all notify explicitly): "state", "title", "path", "read-only", "simulated", "dataset" (index into
 * "dataset-names"), "latents", "cells", "overlay-mode", "overlay-hidden",
 * "opacity", "shared-scale", "scale-max", "colormap", "tile-size", "one-per-patient", "indexing", "progress" (0…1, < 0 while unknown), "status-text",
 * "can-continue", "n-failed", "save-state", "can-undo", "can-redo", "view" (name of the page that shows,
 * writable), "can-go-back", "inspection" (the cell that is looked at, or NULL).
 *
 * Signals:
 * "failed" (heading, body): what was asked did not work; for a dialog.
 * "problem" (text): something to know, not to stop for; for a banner.
 * "toast" (text).
 * "undo-toast" (text): the same of an edit of many labels, with a button that undoes it; not for longer than until
 * "can-undo" is notified next, from where on another edit would be undone.
 * "save-failed" (body): edits are kept in memory, see cyt_session_retry_saves().
 * "rater-needed": an edit was saved without a name; cyt_session_set_rater() signs it.
 * "concept-changed" (latent): the label changed otherwise than by the user's own typing. */
#define CYT_TYPE_SESSION (cyt_session_get_type ())
G_DECLARE_FINAL_TYPE (CytSession, cyt_session, CYT, SESSION, GObject)

typedef enum
{
  CYT_SESSION_EMPTY,
  CYT_SESSION_OPENING,
  CYT_SESSION_OPEN,
} CytSessionState;

typedef enum
{
  CYT_SAVE_IDLE,   /* nothing was edited yet */
  CYT_SAVE_BUSY,
  CYT_SAVE_DONE,   /* all edits are on disk */
  CYT_SAVE_FAILED, /* some edits are in memory only */
} CytSaveState;

CytSession *cyt_session_new (void);

/* ---- Project (cyt-session.c) ---- */
CytSessionState cyt_session_get_state (CytSession *self);
const char *cyt_session_get_path (CytSession *self);
const char *cyt_session_get_title (CytSession *self);
gboolean cyt_session_is_read_only (CytSession *self);
/* Whether its cells are drawn, not real: to be said wherever they are shown. */
gboolean cyt_session_is_simulated (CytSession *self);
void cyt_session_open (CytSession *self, const char *path);
/* Looks whether another program changed the project meanwhile, and shows that. */
void cyt_session_refresh (CytSession *self);

GListModel *cyt_session_get_dataset_names (CytSession *self); /* (transfer none) */
const CytDataset *cyt_session_get_dataset (CytSession *self); /* NULL while there is none */
void cyt_session_set_dataset (CytSession *self, guint index);
/* Whether the data set was imported from published statistics, which have no maps. */
gboolean cyt_session_is_published (CytSession *self);

CytLatentModel *cyt_session_get_latents (CytSession *self);   /* (transfer none) */
/* Selects the latent @step places further in the list as it is shown. */
void cyt_session_step_latent (CytSession *self, int step);

/* ---- Navigation (cyt-session-navigation.c) ---- */
/* Names of the window's pages. */
#define CYT_VIEW_CONCEPTS "concepts"
#define CYT_VIEW_MAP "map"
#define CYT_VIEW_PATIENTS "patients"
#define CYT_VIEW_CELLS "cells"

const char *cyt_session_get_view (CytSession *self);
void cyt_session_set_view (CytSession *self, const char *view);
/* Follows a link to a latent, from wherever it stands: selects it on the page of concepts, and remembers where the
 * user was for cyt_session_go_back(). */
void cyt_session_show_latent (CytSession *self, guint latent);
void cyt_session_go_back (CytSession *self);

/* Images that could not be read, of CytCell; see cyt_session_load_failures_finish(). */
void cyt_session_load_failures_async (CytSession *self, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *cyt_session_load_failures_finish (CytSession *self, GAsyncResult *result, GError **error);

/* ---- Cells of the selected latent, and how they are shown (cyt-session-cells.c) ---- */
/* Of CytCellSection: for every data set of the project its kinds, in their order; those without cells
 * are there too. (transfer none) */
GListModel *cyt_session_get_sections (CytSession *self);
GListModel *cyt_session_get_cells (CytSession *self); /* all of them, of CytCellItem; (transfer none) */

/* Remembered for the next window, except that it was off or hidden. */
CytOverlayMode cyt_session_get_overlay_mode (CytSession *self);
/* Off, or what it was before it was switched off. */
void cyt_session_toggle_overlay (CytSession *self);
/* Hidden for a moment, while a key is held. */
gboolean cyt_session_get_overlay_hidden (CytSession *self);
double cyt_session_get_opacity (CytSession *self);       /* 0…1 */
gboolean cyt_session_get_shared_scale (CytSession *self);
/* Top of the shared scale: the largest activation of any patch of the cells; 0 when there is none. */
double cyt_session_get_scale_max (CytSession *self);
CytColormap cyt_session_get_colormap (CytSession *self);

/* Whether the top cells are the best ones of each patient. */
gboolean cyt_session_get_one_per_patient (CytSession *self);

/* Side of a cell's picture in application pixels. */
#define CYT_TILE_SIZE_MIN 80
#define CYT_TILE_SIZE_DEFAULT 160
#define CYT_TILE_SIZE_MAX 400
guint cyt_session_get_tile_size (CytSession *self);
/* @steps larger (or smaller, where negative); 0: the default. */
void cyt_session_zoom (CytSession *self, int steps);

/* ---- Indexing (cyt-session-index.c) ---- */
typedef struct
{
  char *project;  /* path of the project file to be made */
  char *encoder;
  char *sae;
  GStrv images;   /* folders, files or a CSV */
  char *dataset;
  char *domain;
  double pixel_size; /* µm that a pixel of the images is wide; 0: unknown */
  char *demo;     /* folder of the demonstration: draws and indexes that instead; NULL: none */
  char *published; /* folder of published statistics: imports them with the folder of images instead; NULL: none */
} CytProjectPlan;
CytProjectPlan *cyt_project_plan_new (void);
void cyt_project_plan_free (CytProjectPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytProjectPlan, cyt_project_plan_free)

/* Makes the project and indexes its cells; takes @plan. */
void cyt_session_create (CytSession *self, CytProjectPlan *plan);
/* Opens the demonstration in @folder; makes it or goes on with it where it is not complete. */
void cyt_session_create_demo (CytSession *self, const char *folder);
/* Goes on with the current data set where an earlier run stopped. */
void cyt_session_continue_index (CytSession *self);
void cyt_session_cancel_index (CytSession *self);
gboolean cyt_session_is_indexing (CytSession *self);

/* ---- Maps of all latents (cyt-session-map.c) ---- */
/* Computed by a thread of its own, which takes seconds; cancel what is not wanted any more. */

/* Of the decoder's directions; @method: see cyt-decoder-map.h. It is kept in the project. */
void cyt_session_load_projection_async (CytSession *self, const char *method, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);
CytProjection *cyt_session_load_projection_finish (CytSession *self, GAsyncResult *result, GError **error);
/* Of the data set that shows. */
void cyt_session_load_class_scores_async (CytSession *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                          gpointer user_data);
CytClassScores *cyt_session_load_class_scores_finish (CytSession *self, GAsyncResult *result, GError **error);

/* ---- Single cells (cyt-session-inspect.c) ---- */
/* All latents of the image file at @path by token, computed when they are not cached; any map of the cell comes out
 * of them. Needs no index of the cell, and goes on beside a run of the indexer. @priority: G_PRIORITY_HIGH where
 * somebody waits for this very cell. A request that is cancelled before its turn costs nothing.
 * Errors: CYT_IMAGE_ERROR and G_FILE_ERROR for the image, CYT_MODELS_ERROR and CYT_CHECKPOINT_ERROR for the models. */
void cyt_session_analyse_cell_async (CytSession *self, const char *path, int priority, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
CytCellAnalysis *cyt_session_analyse_cell_finish (CytSession *self, GAsyncResult *result, GError **error);

/* ---- The list of latents (cyt-session-filters.c) ---- */
/* Selects the next (@direction 1) or previous (-1) latent that is shown and has no label, going round at the end, or
 * one of them at random; says in a toast when there is none. */
void cyt_session_step_unlabelled (CytSession *self, int direction);
void cyt_session_select_random_unlabelled (CytSession *self);

/* Lists a batch of @size latents that stands for those that are shown: cyt_label_batch_sample()
 * (cyt-session-batch.c). */
void cyt_session_sample_batch (CytSession *self, guint size, guint seed);

/* Filters that are kept in the project under names, for all who work on it; each change is a step of undo. */
GListModel *cyt_session_get_saved_filters (CytSession *self); /* GtkStringObject, sorted (transfer none) */
/* Sets the filter of the list. FALSE, with a "problem", when it cannot be read. */
gboolean cyt_session_apply_saved_filter (CytSession *self, const char *name);
/* Keeps the filter that is set, in place of one of that name. */
void cyt_session_save_filter (CytSession *self, const char *name);
/* @new_name must not be taken. */
void cyt_session_rename_saved_filter (CytSession *self, const char *name, const char *new_name);
void cyt_session_delete_saved_filter (CytSession *self, const char *name);
/* Looks closely at a cell of the project, by its id, or at any image file: over the page that shows, to which
 * cyt_session_close_inspection() returns. */
void cyt_session_inspect_cell (CytSession *self, gint64 cell);
void cyt_session_inspect_file (CytSession *self, const char *path);
void cyt_session_close_inspection (CytSession *self);
CytInspection *cyt_session_get_inspection (CytSession *self); /* (transfer none), NULL: none */
/* Calls @callback (@object) for @signal of whatever inspection there is, as long as @object lives; "notify::inspection"
 * of the session says that it is another. */
void cyt_session_watch_inspection (CytSession *self, const char *signal, GCallback callback, gpointer object);

/* Takes @path for the encoder or the autoencoder (@role "encoder" or "sae") when its hash is the right one, else
 * "failed"; remembered in the project, and what is looked at is computed again. */
void cyt_session_choose_model (CytSession *self, const char *role, const char *path);

/* All cells of a data set, and the scores of a latent over them: read on a connection of their own. */
void cyt_session_load_table_async (CytSession *self, gint64 dataset, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
CytCellTable *cyt_session_load_table_finish (CytSession *self, GAsyncResult *result, GError **error);
/* The stored thumbnail of a cell whose image is not there; finish with cyt_worker_run_finish(): GPtrArray with one
 * GBytes, or none. */
void cyt_session_load_cell_thumbnail_async (CytSession *self, gint64 cell, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);
void cyt_session_load_scores_async (CytSession *self, gint64 dataset, guint latent, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
CytLatentScores *cyt_session_load_scores_finish (CytSession *self, GAsyncResult *result, GError **error);

/* ---- Pictures in the list (cyt-session-thumbs.c) ---- */
/* The @n_best best cells of each of @latents (of guint32) in a data set, in one job; of CytBestCell. */
void cyt_session_load_thumbs_async (CytSession *self, gint64 dataset, GArray *latents, guint n_best,
                                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *cyt_session_load_thumbs_finish (CytSession *self, GAsyncResult *result, GError **error);

/* ---- What indexing will cost here (cyt-session-self-test.c) ---- */
/* Runs the self-test on the engine, after what runs there. @progress: (transfer full), there until @callback. */
void cyt_session_self_test_async (CytSession *self, CytProgress *progress, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
/* Needs no session, which may be gone by then. (transfer full), freed with g_free(). */
CytSelfTest *cyt_session_self_test_finish (GAsyncResult *result, GError **error);

/* ---- Training (cyt-session-train.c) ---- */
/* The training of this window, on the session's engine; it is paused when the session goes. (transfer none) */
CytTraining *cyt_session_get_training (CytSession *self);

/* ---- Patients (cyt-session-patients.c) ---- */
/* Barcodes of the patients of the current data set, which there has to be. @threshold: NAN, one of the view's
 * thresholds or, where it has levels, of a level. @skip_marked: without latents marked as artefact or rejected. */
void cyt_session_load_patients_async (CytSession *self, double threshold, gboolean skip_marked, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
CytPatientsView *cyt_session_load_patients_finish (CytSession *self, GAsyncResult *result, GError **error);
/* Cells of a patient in which a latent fires, see cyt_project_job_load_patient_cells(). */
void cyt_session_load_patient_cells_async (CytSession *self, const char *patient, guint latent, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *cyt_session_load_patient_cells_finish (CytSession *self, GAsyncResult *result, GError **error);

/* Makes every threshold of two digits known for the current data set, on the engine; what is done is kept when it is
 * cancelled. The project must not be published. @progress: (transfer full), there until @callback. Errors: those of the
 * models and of cyt_recount_run_levels(). */
void cyt_session_count_levels_async (CytSession *self, CytProgress *progress, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
/* Needs no session, which may be gone by then; likewise below. */
gboolean cyt_session_count_levels_finish (GAsyncResult *result, GError **error);
/* Cross-validates the diseases of the patients of @view on the engine. @progress: likewise. */
void cyt_session_classify_async (CytSession *self, CytPatientsView *view, gboolean with_encoder, CytProgress *progress,
                                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
CytClassResult *cyt_session_classify_finish (GAsyncResult *result, GError **error);
/* Why row @row of its barcodes was taken for a class; @explained -1: the predicted one. */
void cyt_session_load_evidence_async (CytSession *self, CytClassResult *result, guint row, int explained,
                                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
CytEvidence *cyt_session_load_evidence_finish (CytSession *self, GAsyncResult *result, GError **error);
/* Bootstrap over a patient's cells. */
void cyt_session_load_stability_async (CytSession *self, CytPatientsView *view, const char *patient, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);
CytStability *cyt_session_load_stability_finish (CytSession *self, GAsyncResult *result, GError **error);
/* Over all cells of the project; of CytConfound. */
void cyt_session_load_confounds_async (CytSession *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);
GArray *cyt_session_load_confounds_finish (CytSession *self, GAsyncResult *result, GError **error);

/* ---- What a latent is like (cyt-session-likeness.c) ---- */
/* Histogram and classes of the latent over the current data set. Known for cells that are all indexed and not
 * published: n_transposed == n_cells; else CYT_PROJECT_ERROR_NOT_FOUND. There has to be a data set. */
void cyt_session_load_profile_async (CytSession *self, guint latent, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
CytLatentProfile *cyt_session_load_profile_finish (CytSession *self, GAsyncResult *result, GError **error);
/* The latents that are most like it, of CytRankedLatent, most alike first; may take a second. Errors: likewise; of
 * directions CYT_MODELS_ERROR where the SAE is not there, or is another one. */
void cyt_session_load_neighbours_async (CytSession *self, guint latent, CytLikeness likeness,
                                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GArray *cyt_session_load_neighbours_finish (CytSession *self, GAsyncResult *result, GError **error);

/* ---- Labels (cyt-session-labels.c) ---- */
/* The label as the user sees it, saved or not; (transfer full). */
CytConcept *cyt_session_dup_concept (CytSession *self, guint latent);
/* Takes over the given fields and saves them. Edits of one field of one latent that follow each other
 * are one step of undo until cyt_session_end_edit(). */
void cyt_session_edit_concept (CytSession *self, const CytConcept *concept, CytConceptFields fields);
void cyt_session_end_edit (CytSession *self);
/* Gives all @latents (of guint, each once) the given fields of @values: one step of undo, one transaction, one
 * "undo-toast". */
void cyt_session_edit_concepts (CytSession *self, GArray *latents, const CytConcept *values, CytConceptFields fields);
/* The same with other fields and values for each (of CytLabel, each latent once). @what: a line for the history such as
 * "import labels.csv". @toast: what to say; NULL: how many labels changed. Returns how many changed; with none
 * there is no edit and no toast. */
guint cyt_session_edit_labels (CytSession *self, GPtrArray *labels, const char *what, const char *toast);
void cyt_session_undo (CytSession *self);
void cyt_session_redo (CytSession *self);
CytSaveState cyt_session_get_save_state (CytSession *self);
void cyt_session_retry_saves (CytSession *self);

/* Whose labels they are, also those that were made in this session before the name was known; kept for all sessions. */
void cyt_session_set_rater (CytSession *self, const char *rater);

/* History of a latent's label, of CytConceptChange, oldest first. */
void cyt_session_load_changes_async (CytSession *self, guint latent, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *cyt_session_load_changes_finish (CytSession *self, GAsyncResult *result, GError **error);

G_END_DECLS
