/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "io/cyt-image.h"
#include "model/cyt-progress.h"

G_BEGIN_DECLS

/* Phantom smears: drawn Wright-Giemsa cells whose every structure is known. Everything made here is
 * SIMULATED and says so in the file itself. The same seed gives the same pixels, whatever the number of
 * threads: each random number is a function of (seed, cell, what it is for, counter). */
#define CYT_PHANTOM_NOTICE CYT_IMAGE_SIMULATED_NOTICE

typedef enum
{
  /* The thirteen classes of the PBC data set, named as its folders are. */
  CYT_PHANTOM_BASOPHIL,
  CYT_PHANTOM_EOSINOPHIL,
  CYT_PHANTOM_ERYTHROBLAST,
  CYT_PHANTOM_IG,         /* an immature granulocyte that the second laboratory does not name further */
  CYT_PHANTOM_LYMPHOCYTE,
  CYT_PHANTOM_METAMYELOCYTE,
  CYT_PHANTOM_MONOCYTE,
  CYT_PHANTOM_MYELOCYTE,
  CYT_PHANTOM_NEUTROPHIL, /* band or segmented, not named further */
  CYT_PHANTOM_NEUTROPHIL_BAND,
  CYT_PHANTOM_NEUTROPHIL_SEGMENTED,
  CYT_PHANTOM_PLATELET,
  CYT_PHANTOM_PROMYELOCYTE,
  /* Beyond PBC. */
  CYT_PHANTOM_BLAST,
  CYT_PHANTOM_PLASMA_CELL,
  CYT_PHANTOM_ATYPICAL_PROMYELOCYTE,
  CYT_PHANTOM_N_CLASSES
} CytPhantomClass;
const char *cyt_phantom_class_get_name (CytPhantomClass cell_class);

typedef enum { CYT_PHANTOM_BLOOD, CYT_PHANTOM_MARROW } CytPhantomDomain;

typedef enum
{
  CYT_PHANTOM_CONTROL,
  CYT_PHANTOM_PML_RARA,      /* hypergranular promyelocytes, Auer rods, faggot cells */
  CYT_PHANTOM_CBFB_MYH11,    /* monocytic cells, eosinophils with large basophilic granules among theirs */
  CYT_PHANTOM_NPM1,          /* blasts with cup-shaped nuclei */
  CYT_PHANTOM_RUNX1_RUNX1T1, /* blasts with a hof and a single Auer rod */
  CYT_PHANTOM_N_GROUPS
} CytPhantomGroup;
const char *cyt_phantom_group_get_name (CytPhantomGroup group);

/* What a mask shows. A mask is (size, size) u8, 255 where the structure is. All white cells in view
 * count, not only the one in the middle; granules, rods and vacuoles lie inside `cell`. */
typedef enum
{
  CYT_PHANTOM_CELL,      /* nucleated cells, and the platelet of an image of the class platelet */
  CYT_PHANTOM_NUCLEUS,
  CYT_PHANTOM_CYTOPLASM, /* cell without nucleus */
  CYT_PHANTOM_NUCLEOLI,
  CYT_PHANTOM_HOF,       /* the pale zone beside the nucleus */
  CYT_PHANTOM_NEUTROPHILIC_GRANULES,
  CYT_PHANTOM_EOSINOPHILIC_GRANULES,
  CYT_PHANTOM_BASOPHILIC_GRANULES,
  CYT_PHANTOM_AZUROPHILIC_GRANULES,
  CYT_PHANTOM_VACUOLES,
  CYT_PHANTOM_AUER_RODS, /* single rods and those of bundles */
  CYT_PHANTOM_FAGGOTS,   /* the bundles alone */
  CYT_PHANTOM_RED_CELLS,
  CYT_PHANTOM_PLATELETS,
  CYT_PHANTOM_N_STRUCTURES
} CytPhantomStructure;
const char *cyt_phantom_structure_get_name (CytPhantomStructure structure);

typedef enum
{
  CYT_PHANTOM_NUCLEUS_NONE,
  CYT_PHANTOM_NUCLEUS_ROUND,
  CYT_PHANTOM_NUCLEUS_INDENTED, /* kidney */
  CYT_PHANTOM_NUCLEUS_BAND,
  CYT_PHANTOM_NUCLEUS_LOBED,
  CYT_PHANTOM_NUCLEUS_CLEFT,
  CYT_PHANTOM_NUCLEUS_CUP,
  CYT_PHANTOM_NUCLEUS_FOLDED,   /* irregular, with creases */
} CytPhantomNucleus;

/* The slide: one per patient. */
typedef struct
{
  gboolean second_laboratory; /* lilac, softer pictures; cells named neutrophil and ig, not further */
  double azure, eosin;        /* strength of the basic and the acid dye, 1 is usual */
  double tint[3];             /* factor on the optical density of R, G, B */
  double brightness;
} CytPhantomStain;

/* Everything that decides how one cell is drawn. Lengths in µm, colours as they look on the reference
 * slide. */
typedef struct
{
  guint64 seed, index;        /* what the random numbers of the drawing are made of */
  CytPhantomClass cell_class;
  CytPhantomDomain domain;
  CytPhantomStain stain;

  double radius, elongation;  /* elongation: long by short axis */
  double irregularity;        /* 0 round … 1 amoeboid */
  double ruffle;              /* small spikes of the outline, µm */

  CytPhantomNucleus nucleus;
  guint n_lobes;
  double nucleus_radius;      /* of a disc of about the same area */
  double nucleus_offset;      /* from the middle, part of what fits */
  double indentation;         /* depth, part of the radius */
  guint8 nucleus_dark[3], nucleus_light[3];
  double chromatin_scale;     /* distance between pale spots, µm */
  double chromatin_lace;      /* part of the nucleus that is pale */
  double chromatin_soft;      /* 0 crisp clumps … 1 soft veil */
  guint n_nucleoli;
  gboolean smudge;

  guint8 cytoplasm[3];
  double frost;               /* amplitude of the fine grain */
  double rim;                 /* darkening towards the outline */
  double hof;                 /* paleness of the zone beside the nucleus, 0 none */

  guint n_neutrophilic, n_eosinophilic, n_basophilic, n_azurophilic; /* granules */
  double azurophilic_radius;
  double azurophilic_over_nucleus; /* part of them allowed above the nucleus */
  guint n_vacuoles;
  double vacuole_radius;
  guint n_auer_rods, n_faggots;
} CytPhantomCell;

/* WBCAtt's eleven attributes (Tsutsui et al., NeurIPS 2023), in the data set's order and words. */
#define CYT_PHANTOM_N_ATTRIBUTES 11
extern const char *const cyt_phantom_attribute_names[CYT_PHANTOM_N_ATTRIBUTES];
void cyt_phantom_cell_get_attributes (const CytPhantomCell *self, const char *values[CYT_PHANTOM_N_ATTRIBUTES]);

/* A cell of @cell_class as it may look in a member of @group; number @index of a smear with @seed. */
void cyt_phantom_cell_init (CytPhantomCell *self, guint64 seed, guint64 index, CytPhantomClass cell_class,
                            CytPhantomGroup group, CytPhantomDomain domain, const CytPhantomStain *stain);

/* A drawing table: buffers for one thread. */
typedef struct _CytPhantomScene CytPhantomScene;
#define CYT_PHANTOM_MIN_SIZE 224
#define CYT_PHANTOM_MAX_SIZE 400
CytPhantomScene *cyt_phantom_scene_new (guint size); /* pixels on a side; the field is 36 µm wide */
void cyt_phantom_scene_free (CytPhantomScene *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytPhantomScene, cyt_phantom_scene_free)

void cyt_phantom_scene_draw (CytPhantomScene *self, const CytPhantomCell *cell);
const CytImage *cyt_phantom_scene_get_image (const CytPhantomScene *self);
/* (size, size) u8, 0 or 255; (transfer none), until the next drawing. */
const guint8 *cyt_phantom_scene_get_mask (const CytPhantomScene *self, CytPhantomStructure structure);

typedef enum { CYT_PHANTOM_JPEG, CYT_PHANTOM_PNG, CYT_PHANTOM_TIFF } CytPhantomFormat;

typedef struct
{
  guint64 n_cells;
  guint n_patients; /* patients take turns, so more cells later only add to those there are */
  guint64 seed;
  CytPhantomDomain domain;
  guint size;
  CytPhantomFormat format;
  gboolean masks;
  gboolean confound_stain; /* slides of the four diseases come from the second laboratory more often */
  guint n_threads;         /* 0: one per core */
} CytPhantomCohort;
#define CYT_PHANTOM_COHORT_INIT { .n_cells = 2000, .n_patients = 40, .seed = 1, .size = 360 }
#define CYT_PHANTOM_MAX_CELLS 100000000u
#define CYT_PHANTOM_MAX_PATIENTS 9999u

CytPhantomGroup cyt_phantom_cohort_get_group (const CytPhantomCohort *self, guint patient);
void cyt_phantom_cohort_get_stain (const CytPhantomCohort *self, guint patient, CytPhantomStain *stain);
/* Share of each class among the patient's cells; they sum to 1. */
void cyt_phantom_cohort_get_mixture (const CytPhantomCohort *self, guint patient,
                                     double mixture[CYT_PHANTOM_N_CLASSES]);
void cyt_phantom_cohort_get_cell (const CytPhantomCohort *self, guint64 index, CytPhantomCell *cell);
guint cyt_phantom_cohort_get_patient (const CytPhantomCohort *self, guint64 index); /* 0-based */

/* Writes images/PATIENT/…, masks/PATIENT/… (where asked for), manifest.csv and README.txt into @folder, which
 * is made. Cells that are there already are kept: an interrupted run goes on, and a larger n_cells adds to
 * a finished one; manifest.csv is written last. A folder made with other settings is refused.
 * Errors: G_IO_ERROR, G_FILE_ERROR. @progress, @cancellable: may be NULL. */
gboolean cyt_phantom_cohort_write (const CytPhantomCohort *self, const char *folder, CytProgress *progress,
                                   GCancellable *cancellable, GError **error);

G_END_DECLS
