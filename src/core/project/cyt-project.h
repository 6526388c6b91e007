/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "index/cyt-latent-stats.h"
#include "index/cyt-top-lists.h"
#include "io/cyt-image-list.h"
#include "project/cyt-levels.h"

G_BEGIN_DECLS

/* A project: one SQLite file, NAME.cytosae (schema: src/DESIGN.md). One CytProject is one connection
 * and belongs to one thread; several threads and programs may have the same project open. A write
 * that finds the file locked waits CYT_PROJECT_BUSY_MS, then fails with CYT_PROJECT_ERROR_BUSY.
 * Errors: CYT_PROJECT_ERROR; the message names the file and the cause. */
typedef struct _CytProject CytProject;

#define CYT_PROJECT_APPLICATION_ID 0x43595453 /* "CYTS" */
#define CYT_PROJECT_USER_VERSION 2
#define CYT_PROJECT_BUSY_MS 5000
#define CYT_PROJECT_DEFAULT_TOP 25
#define CYT_PROJECT_THUMBNAIL_SIZE 96

typedef enum
{
  CYT_PROJECT_READ_ONLY,
  CYT_PROJECT_READ_WRITE, /* falls back to read-only, see cyt_project_is_read_only(), when the file or
                             its folder cannot be written */
} CytProjectMode;

/* One of the two models a project is made with. A project of published statistics has no encoder; its
 * "SAE" is the folder of the statistics and their hash. */
typedef struct
{
  char *path;    /* absolute, as last seen; may not exist on this machine */
  char *sha256;  /* 64 hex digits: its identity */
  char *config;  /* JSON: cyt_encoder_describe() or cyt_sae_describe() */
} CytProjectModel;
void cyt_project_model_free (CytProjectModel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytProjectModel, cyt_project_model_free)

/* Creates @path, which must not exist. The file appears complete or not at all.
 * d_sae: number of latents; block: the hook. */
CytProject *cyt_project_create (const char *path, const CytProjectModel *encoder, const CytProjectModel *sae,
                                gsize d_sae, int block, GError **error);
CytProject *cyt_project_open (const char *path, CytProjectMode mode, GError **error);
void cyt_project_close (CytProject *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytProject, cyt_project_close)

const char *cyt_project_get_path (CytProject *self);
gboolean cyt_project_is_read_only (CytProject *self);
gsize cyt_project_get_d_sae (CytProject *self);
int cyt_project_get_block (CytProject *self);
/* Whether it was imported from published statistics (cyt-published.h): nothing can be indexed into it,
 * and what is not published is unknown, NAN. */
gboolean cyt_project_is_published (CytProject *self);
const CytProjectModel *cyt_project_get_encoder (CytProject *self); /* NULL where published */
const CytProjectModel *cyt_project_get_sae (CytProject *self);
/* Notes where a model was last seen. @role: "encoder" or "sae". */
gboolean cyt_project_set_model_path (CytProject *self, const char *role, const char *path, GError **error);
/* A counter that rises whenever another connection changed the file (SQLite's data_version). */
gint64 cyt_project_get_data_version (CytProject *self);

/* Free-form settings of the project (transfer full, or NULL when unset). */
char *cyt_project_get_setting (CytProject *self, const char *key, GError **error);
gboolean cyt_project_set_setting (CytProject *self, const char *key, const char *value, GError **error);
/* Settings whose key begins with @prefix: what follows it → value, both strings (transfer full). */
GHashTable *cyt_project_list_settings (CytProject *self, const char *prefix, GError **error);
/* Gives a setting another key. CYT_PROJECT_ERROR_NOT_FOUND when there is none, or the new key is taken. */
gboolean cyt_project_rename_setting (CytProject *self, const char *key, const char *new_key, GError **error);
/* Whether some of its cells are drawn, not real (the setting "simulated" is "1"): whatever shows the project
 * says so. @simulated is set on success. */
gboolean cyt_project_is_simulated (CytProject *self, gboolean *simulated, GError **error);
gboolean cyt_project_set_simulated (CytProject *self, GError **error);

/* ---- Data sets (cyt-project-datasets.c) ---- */
typedef struct
{
  gint64 id;
  char *name;
  char *domain;          /* "peripheral blood", "bone marrow", …; "" when unknown */
  char *root;            /* absolute folder of the images, as last seen; "" in a pack (cyt-pack.h) */
  double threshold;      /* τ of the counts; NAN where published */
  double pixel_size;     /* µm a pixel of its images is wide; NAN while unknown */
  guint n_top;           /* m of the top lists */
  gsize n_cells;         /* listed */
  gsize n_indexed;       /* processed so far, in list order, unreadable ones included */
  gsize n_failed;        /* of those, unreadable or, where published, not among the images given */
  gsize n_transposed;    /* of the processed, whose latents are known by latent: cyt_project_get_latent_cells() */
  gsize n_images;        /* that the statistics are about: n_indexed − n_failed, or all where published */
} CytDataset;
void cyt_dataset_free (CytDataset *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytDataset, cyt_dataset_free)

GPtrArray *cyt_project_list_datasets (CytProject *self, GError **error);               /* of CytDataset */
/* NULL without error when there is none of that name. */
CytDataset *cyt_project_find_dataset (CytProject *self, const char *name, GError **error);
/* Adds a data set with all its cells, in one transaction. */
CytDataset *cyt_project_add_dataset (CytProject *self, const char *name, const char *domain, double threshold,
                                     guint n_top, const CytImageList *list, GError **error);
/* What a pixel of a light microscope can be, in µm. */
#define CYT_PIXEL_SIZE_MIN 0.001
#define CYT_PIXEL_SIZE_MAX 100.0
/* @pixel_size: µm, or NAN when unknown; a value out of range is CYT_TABLE_ERROR_VALUE. */
gboolean cyt_project_set_pixel_size (CytProject *self, gint64 dataset, double pixel_size, GError **error);
gboolean cyt_project_set_dataset_root (CytProject *self, gint64 dataset, const char *root, GError **error);
/* The data set's cells as a list again, in order (root as stored). */
CytImageList *cyt_project_load_image_list (CytProject *self, gint64 dataset, GError **error);

/* ---- Cells (cyt-project-cells.c) ---- */
typedef struct
{
  gint64 id;
  gint64 dataset;
  gsize position;        /* in the data set */
  char *path;            /* relative to the data set's root */
  char *label;           /* NULL where not given; likewise: */
  char *patient;
  char *disease;
  char *sha256;          /* NULL until indexed */
  guint width, height;   /* 0 until indexed */
  double color[3];       /* mean red, green, blue as the encoder sees it, 0…255; NAN until indexed */
  char *failure;         /* why it could not be read, else NULL */
} CytCell;
CytCell *cyt_cell_copy (const CytCell *self);
void cyt_cell_free (CytCell *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytCell, cyt_cell_free)

CytCell *cyt_project_get_cell (CytProject *self, gint64 cell, GError **error);
/* The id of the first cell whose file had the SHA-256 @sha256 (hexadecimal, lower case) when it was indexed, 0 when there is
 * none, -1 on error. Looks at every cell. */
gint64 cyt_project_find_cell (CytProject *self, const char *sha256, GError **error);
/* Cells that could not be read, in list order. */
GPtrArray *cyt_project_list_failures (CytProject *self, gint64 dataset, GError **error); /* of CytCell */
/* Absolute path (transfer full); the file may not exist. */
char *cyt_project_dup_cell_path (CytProject *self, gint64 cell, GError **error);
/* JPEG, at most CYT_PROJECT_THUMBNAIL_SIZE px; NULL without error when the cell has none. */
GBytes *cyt_project_get_thumbnail (CytProject *self, gint64 cell, GError **error);
/* All latents of a cell as indexed; (max is not stored and reads 0). */
gboolean cyt_project_get_cell_latents (CytProject *self, gint64 cell, CytCellLatents *latents, GError **error);

/* Called for a cell of a scan; both are valid during the call. FALSE with an error stops. */
typedef gboolean (*CytCellScanFunc) (const CytCell *cell, const CytCellLatents *latents, gpointer user_data,
                                     GError **error);
/* All cells of a data set that were read so far, in list order, in one snapshot of the file.
 * @threshold: NAN or the data set's own: everything of cyt_project_get_cell_latents(). Another one: latents with
 * tokens above it and their counts, all else 0; CYT_PROJECT_ERROR_NOT_FOUND unless it is one of
 * cyt_project_list_thresholds(). A published project has no such cells: CYT_PROJECT_ERROR_NOT_FOUND. */
gboolean cyt_project_scan_cells (CytProject *self, gint64 dataset, double threshold, CytCellScanFunc func,
                                 gpointer user_data, GCancellable *cancellable, GError **error);
/* The same with one patient's cells. */
gboolean cyt_project_scan_patient (CytProject *self, gint64 dataset, const char *patient, double threshold,
                                   CytCellScanFunc func, gpointer user_data, GCancellable *cancellable, GError **error);

/* ---- Other thresholds (cyt-project-thresholds.c) ---- */
/* Thresholds at which every indexed cell has been counted, ascending, the data set's own among them; of double.
 * Empty where published. Those that only the levels tell are not listed. */
GArray *cyt_project_list_thresholds (CytProject *self, gint64 dataset, GError **error);
/* Whether the counts at @threshold can be read: it is listed, or a level's and the levels are complete. */
gboolean cyt_project_has_threshold (CytProject *self, gint64 dataset, double threshold, gboolean *has, GError **error);
/* How many cells, in list order, have been counted at @threshold (>= 0, not the data set's own). */
gboolean cyt_project_count_threshold_cells (CytProject *self, gint64 dataset, double threshold, gsize *n_done,
                                            GError **error);
/* In one transaction: the counts of @cells (of CytIndexedCell, consecutive from @first_position; of those the
 * positions, failures, latents and counts are read). CYT_PROJECT_ERROR_BUSY when another program is counting. */
gboolean cyt_project_commit_counts (CytProject *self, gint64 dataset, double threshold, gsize first_position,
                                    GPtrArray *cells, GError **error);

/* ---- Levels of activation: all thresholds of two digits at once (cyt-project-levels.c) ---- */
/* How many cells, in list order, are known by level. */
gboolean cyt_project_count_level_cells (CytProject *self, gint64 dataset, gsize *n_done, GError **error);
/* Whether all indexed cells are, and there are some. */
gboolean cyt_project_has_levels (CytProject *self, gint64 dataset, gboolean *has, GError **error);
/* In one transaction: the levels of consecutive cells from @first_position (of CytCellLevels; those that could not be
 * read are empty). CYT_PROJECT_ERROR_BUSY when another program is counting. */
gboolean cyt_project_commit_levels (CytProject *self, gint64 dataset, gsize first_position, GPtrArray *cells,
                                    GError **error);
/* Called for a cell; both are valid during the call, @patient is NULL where not given. */
typedef gboolean (*CytLevelScanFunc) (const char *patient, const CytCellLevels *levels, gpointer user_data, GError **error);
/* All cells of a data set that were read, in list order. CYT_PROJECT_ERROR_NOT_FOUND unless cyt_project_has_levels(). */
gboolean cyt_project_scan_levels (CytProject *self, gint64 dataset, CytLevelScanFunc func, gpointer user_data,
                                  GCancellable *cancellable, GError **error);

/* ---- Latents (cyt-project-latents.c) ---- */
/* One row of the list of latents: statistics of a data set. max_act, cls_share and mean_count are NAN
 * where they were not published, also of latents that never fire. */
typedef struct
{
  guint32 latent;
  guint32 n_active;     /* cells with score > 0 */
  double frequency;     /* share of cells, 0…1 */
  double mean_act;      /* mean score over active cells */
  double max_act;       /* largest activation of any token */
  double cls_share;     /* 0…1 of the activation on CLS; 1: whole-cell concept, no map */
  double mean_count;    /* mean active tokens (f > τ) per cell: the data set's barcode */
  double entropy;       /* nats; NAN where undefined (METHODS §3) */
  double purity;        /* 0…1; NAN where undefined */
  gint32 majority;      /* index into the labels of cyt_project_list_labels(), -1 where undefined */
} CytLatentRow;

/* Latents with a higher mean_act say little about any cell: the list hides them and attribution leaves them out,
 * unless asked for (METHODS §3). */
#define CYT_UBIQUITOUS_MEAN_ACT 0.1

/* All d_sae rows of a data set in latent order, into @rows (d_sae, caller's). Latents not yet
 * indexed read as never firing. */
gboolean cyt_project_load_latent_rows (CytProject *self, gint64 dataset, CytLatentRow *rows, GError **error);
/* The one row of a latent. CYT_PROJECT_ERROR_NOT_FOUND where there is no such latent. */
gboolean cyt_project_load_latent_row (CytProject *self, gint64 dataset, guint latent, CytLatentRow *row,
                                      GError **error);
/* Classes met in the data set, sorted (NULL-terminated, transfer full); majority counts in it. */
GStrv cyt_project_list_labels (CytProject *self, gint64 dataset, GError **error);

typedef struct
{
  gint64 cell;
  guint rank;           /* 0 the best */
  float score;
  gboolean has_map;     /* FALSE: no map was published, and the map below is empty */
  CytSparseMap map;
} CytTopCell;
/* Top cells of a latent, best first; of CytTopCell. Empty when it never fires. */
GPtrArray *cyt_project_get_top_cells (CytProject *self, gint64 dataset, guint latent, GError **error);

/* The cells on which a latent fires (score > 0), ascending by position. */
typedef struct
{
  gint64 first_cell;    /* id of the data set's cell at position 0; the others follow without a gap */
  gsize n;
  guint32 *position;    /* (n) in the data set */
  float *score;         /* (n) mean of f over all 257 tokens, > 0 */
  guint16 *count;       /* (n) tokens with f > τ, 0…257 */
} CytLatentCells;
void cyt_latent_cells_free (CytLatentCells *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytLatentCells, cyt_latent_cells_free)

/* All cells of a latent; none when it never fires. Known when n_transposed is n_cells: never where published,
 * elsewhere from the end of indexing; before that CYT_PROJECT_ERROR_NOT_FOUND. Takes about a millisecond and
 * 10 bytes a cell. */
CytLatentCells *cyt_project_get_latent_cells (CytProject *self, gint64 dataset, guint latent, GError **error);

/* One of the best cells of a latent, with what it takes to show it small. */
typedef struct
{
  guint32 latent;
  gint64 cell;
  char *path;           /* absolute; the file may not exist */
  GBytes *thumbnail;    /* JPEG, or NULL when the cell has none */
} CytBestCell;
void cyt_best_cell_free (CytBestCell *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytBestCell, cyt_best_cell_free)
/* The first @n_best of the top cells of each of @latents (n_latents), in their order, best first; of CytBestCell,
 * from one snapshot of the file. */
GPtrArray *cyt_project_list_best_cells (CytProject *self, gint64 dataset, const guint32 *latents, gsize n_latents,
                                        guint n_best, GError **error);

/* ---- Projections (cyt-project-projections.c) ---- */
/* Two coordinates for each latent's decoder direction, kept because they take seconds to compute. */
typedef struct
{
  char *method;         /* "pca", … : cyt-decoder-map.h */
  gsize n;              /* d_sae */
  float *xy;            /* (n, 2) finite */
  double share[2];      /* of the variance that each axis shows, 0…1; NAN where the method knows no such thing */
} CytProjection;
CytProjection *cyt_projection_new (const char *method, gsize n);
void cyt_projection_free (CytProjection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytProjection, cyt_projection_free)

/* @projection: NULL when there is none of that method. (transfer full) */
gboolean cyt_project_get_projection (CytProject *self, const char *method, CytProjection **projection, GError **error);
gboolean cyt_project_set_projection (CytProject *self, const CytProjection *projection, GError **error);

/* ---- Concepts: experts' labels (cyt-project-concepts.c) ---- */
typedef enum
{
  CYT_CONCEPT_UNREVIEWED,
  CYT_CONCEPT_PROPOSED,
  CYT_CONCEPT_CONFIRMED,
  CYT_CONCEPT_REJECTED,
  CYT_CONCEPT_ARTEFACT,
} CytConceptStatus;
const char *cyt_concept_status_get_nick (CytConceptStatus status); /* "unreviewed", … (static) */
gboolean cyt_concept_status_from_nick (const char *nick, CytConceptStatus *status);

typedef enum
{
  CYT_CONCEPT_CONFIDENCE_NONE, /* not given */
  CYT_CONCEPT_CONFIDENCE_LOW,
  CYT_CONCEPT_CONFIDENCE_MEDIUM,
  CYT_CONCEPT_CONFIDENCE_HIGH,
} CytConceptConfidence;
const char *cyt_concept_confidence_get_nick (CytConceptConfidence confidence); /* "", "low", … (static) */
gboolean cyt_concept_confidence_from_nick (const char *nick, CytConceptConfidence *confidence);

/* An expert's label of a latent. Strings are never NULL: "" when empty. */
typedef struct
{
  guint32 latent;
  char *name;
  char *category;
  CytConceptStatus status;
  CytConceptConfidence confidence;
  char *tags;           /* "blast;granules": as cyt_concept_normalize_tags() gives them */
  char *note;
  char *rater;          /* who edited last */
  gint64 edited_at;     /* Unix time of the last edit, µs; 0: never edited */
} CytConcept;
CytConcept *cyt_concept_new (guint32 latent); /* unreviewed, all empty */
CytConcept *cyt_concept_copy (const CytConcept *self);
void cyt_concept_free (CytConcept *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytConcept, cyt_concept_free)

/* Tags are kept as one text: joined by ';' without spaces beside it, none empty, each once, sorted
 * bytewise. Makes that of what a user typed, in which line breaks count as ';' (transfer full). */
char *cyt_concept_normalize_tags (const char *text);
GStrv cyt_concept_split_tags (const char *tags); /* (transfer full); empty for "" */

/* Which fields of a concept are meant. */
typedef enum
{
  CYT_CONCEPT_FIELD_NAME = 1 << 0,
  CYT_CONCEPT_FIELD_CATEGORY = 1 << 1,
  CYT_CONCEPT_FIELD_STATUS = 1 << 2,
  CYT_CONCEPT_FIELD_NOTE = 1 << 3,
  CYT_CONCEPT_FIELD_CONFIDENCE = 1 << 4,
  CYT_CONCEPT_FIELD_TAGS = 1 << 5,
  CYT_CONCEPT_ALL_FIELDS = (1 << 6) - 1,
} CytConceptFields;
/* Copies the fields in @fields from @from. */
void cyt_concept_copy_fields (CytConcept *to, const CytConcept *from, CytConceptFields fields);
/* The fields that differ. */
CytConceptFields cyt_concept_diff (const CytConcept *a, const CytConcept *b);

/* Longest name, category, tags, rater: 1,000 bytes; note: 100,000 bytes; valid UTF-8 without NUL
 * (CYT_TABLE_ERROR_VALUE). */
#define CYT_CONCEPT_MAX_NAME 1000
#define CYT_CONCEPT_MAX_NOTE 100000

CytConcept *cyt_project_get_concept (CytProject *self, guint latent, GError **error);
/* Those that say something, by latent: not what was edited and taken back. */
GPtrArray *cyt_project_list_concepts (CytProject *self, GError **error);
/* Writes all fields of the concepts in one transaction and one entry of history per field that changed, all under one edit number; on disk when it returns. No change, no history.
 * @what: a line for the history, such as "edit", "undo", "import FILE".  Returns the edit number in
 * @edit (0 when nothing changed; may be NULL). */
gboolean cyt_project_set_concepts (CytProject *self, GPtrArray *concepts, const char *rater, const char *what,
                                   gint64 *edit, GError **error);

/* An edit of some fields of one concept. */
typedef struct
{
  CytConcept *concept;       /* rater "": whoever makes the edit */
  CytConceptFields fields;   /* those that it means */
} CytLabel;
CytLabel *cyt_label_new (guint32 latent); /* no field yet */
CytLabel *cyt_label_copy (const CytLabel *self);
void cyt_label_free (CytLabel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytLabel, cyt_label_free)

/* cyt_project_set_concepts() of the fields that the labels (of CytLabel, each latent once) mean, laid over what the
 * file holds by then. @rater: where a label names none. Either may be NULL: @n_changed: labels that differ from
 * before; @stored: the concepts as they now stand, in the order of @labels (of CytConcept, transfer full). */
gboolean cyt_project_set_labels (CytProject *self, GPtrArray *labels, const char *rater, const char *what,
                                 gsize *n_changed, GPtrArray **stored, GError **error);
/* Gives @rater to the labels and changes of nobody (rater "") that were made at @since (Unix time, µs) or later: those of
 * somebody who gave a name only after labelling had begun. */
gboolean cyt_project_sign_labels (CytProject *self, const char *rater, gint64 since, GError **error);

typedef struct
{
  gint64 edit;
  guint32 latent;
  gint64 at;            /* Unix time, µs */
  char *rater;
  char *what;
  char *field;          /* "name", "category", "status", "confidence", "tags", "note" */
  char *old_value;
  char *new_value;
} CytConceptChange;
void cyt_concept_change_free (CytConceptChange *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytConceptChange, cyt_concept_change_free)
/* Number of the last edit; 0: there was none. */
gboolean cyt_project_get_last_edit (CytProject *self, gint64 *edit, GError **error);
/* History of one latent, oldest first; @latent -1: of all. */
GPtrArray *cyt_project_list_changes (CytProject *self, gint64 latent, GError **error);

/* ---- What the indexer writes (cyt-project-index.c) ---- */
/* One cell's result, to be committed with others. */
typedef struct
{
  gsize position;
  char *failure;            /* not NULL: unreadable, and nothing below is set */
  char sha256[65];
  guint width, height;
  double color[3];          /* mean red, green, blue, 0…255 */
  GBytes *thumbnail;        /* or NULL */
  CytCellLatents latents;
  GPtrArray *maps;          /* of CytSparseMap, ascending by latent: maps of the latents whose top
                               list it may enter */
} CytIndexedCell;
void cyt_indexed_cell_free (CytIndexedCell *self);

/* Reads back the state that an interrupted run left: sums and top lists of the data set. */
gboolean cyt_project_load_index_state (CytProject *self, gint64 dataset, CytLatentStats *stats,
                                       CytTopLists *lists, GError **error);
/* In one transaction: the @cells (of CytIndexedCell, consecutive positions from @first_position), the
 * statistics, and the top lists as they now stand (only latents in @changed, guint32, ascending, are
 * rewritten). Fails with CYT_PROJECT_ERROR_BUSY when the data set's n_indexed is not @first_position:
 * another program is indexing it. */
gboolean cyt_project_commit_cells (CytProject *self, gint64 dataset, gsize first_position, GPtrArray *cells,
                                   const CytLatentStats *stats, const CytTopLists *lists, GArray *changed,
                                   GError **error);
/* Drops thumbnails of cells that are in no top list any more; then, once all cells are processed, orders what
 * is known by cell by latent too. Cancelled (G_IO_ERROR_CANCELLED) or killed, the next call goes on there. */
gboolean cyt_project_finish_index (CytProject *self, gint64 dataset, GCancellable *cancellable, GError **error);

G_END_DECLS
