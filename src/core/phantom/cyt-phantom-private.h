/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include "phantom/cyt-phantom.h"

#define CYT_PHANTOM_FIELD_UM 36.0
#define CYT_PHANTOM_PI 3.14159265358979323846

/* --- random numbers and arithmetic (cyt-phantom-random.c, cyt-phantom-field.c) ---------------------------
 * Nothing here calls libm, whose last digits differ between machines. */

/* What random numbers are for; each use has its own stream, so that a change to one leaves the others. */
typedef enum
{
  STREAM_GROUP = 1, STREAM_STAIN, STREAM_MIXTURE, STREAM_CLASS, STREAM_TRAITS, STREAM_OUTLINE, STREAM_NUCLEUS,
  STREAM_CHROMATIN, STREAM_CYTOPLASM, STREAM_GRANULES, STREAM_RED_CELLS, STREAM_PLATELETS, STREAM_NEIGHBOURS,
  STREAM_LIGHT, STREAM_SENSOR, STREAM_EDGE,
} CytPhantomStream;

typedef struct
{
  guint64 key, counter;
} CytPhantomRandom;

void cyt_phantom_random_init (CytPhantomRandom *self, guint64 seed, guint64 index, CytPhantomStream stream);
guint64 cyt_phantom_random_bits (CytPhantomRandom *self);
double cyt_phantom_random_in (CytPhantomRandom *self, double low, double high);
double cyt_phantom_random_normal (CytPhantomRandom *self, double mean, double sd); /* within mean ± 3.5 sd */
guint cyt_phantom_random_int (CytPhantomRandom *self, guint low, guint high);      /* both included */
gboolean cyt_phantom_random_chance (CytPhantomRandom *self, double p);

double cyt_phantom_cos (double x);
double cyt_phantom_sin (double x);
double cyt_phantom_log (double x); /* x > 0 */

/* Smooth noise of mean 0 and variance 1, out (h, w): cubic B-splines over a lattice @pitch px apart. */
void cyt_phantom_noise (float *out, gsize w, gsize h, double pitch, CytPhantomRandom *random, GArray *scratch);
/* Three box blurs, about a Gaussian of @sigma px, in place; plane (h, w), tmp (h, w). */
void cyt_phantom_blur (float *plane, float *tmp, gsize w, gsize h, double sigma);

static inline float
cyt_phantom_step (float low, float high, float x)
{
  float t = (x - low) / (high - low);

  t = t < 0 ? 0 : t > 1 ? 1 : t;
  return t * t * (3 - 2 * t);
}

/* The last step of a picture: @density (3, n) optical densities under @light (n) (relative illumination).
 * out (n, 3) u8. See cyt-phantom-field.c. */
typedef struct
{
  float background[3]; /* 0 … 255 */
  float blur;          /* sigma, px */
  float sharpen;       /* unsharp mask, amount */
  float noise;         /* sensor noise, grey levels */
} CytPhantomOptics;
void cyt_phantom_develop (float *const density[3], const float *light, gsize size, const CytPhantomOptics *optics,
                          guint64 noise_key, float *scratch, guint8 *out);

/* --- the scene ------------------------------------------------------------------------------------------ */

typedef float CytPhantomDye[3]; /* optical density of R, G, B */

struct _CytPhantomScene
{
  guint size;
  double scale;      /* px per µm */
  CytImage *image;
  float *density[3]; /* (size, size) */
  float *light;      /* (size, size) */
  float *work[8];    /* (size, size) each */
  guint8 *masks[CYT_PHANTOM_N_STRUCTURES];
  GArray *scratch;   /* of float, for noise */
  const CytPhantomCell *cell; /* being drawn */
};

/* The part of the scene around one cell; planes are (h, w) f32 in the scene's work buffers. */
typedef struct
{
  CytPhantomScene *scene;
  const CytPhantomCell *cell;
  double cx, cy;        /* the cell's middle, px in the scene */
  int x0, y0, w, h;
  float *inside;        /* coverage by the cell, 0 … 1 */
  float *nucleus;       /* coverage by the nucleus */
  float *depth;         /* the nucleus blurred: how far inside */
  float *noise[3];
  float *tmp;
  double nucleus_x, nucleus_y, hof_x, hof_y; /* their middles, µm from the cell's middle */
} CytPhantomPatch;

#define CYT_PHANTOM_OUTLINE_POINTS 128
/* The outline as distance (µm) from the middle at equal angles. */
typedef struct
{
  double radius[CYT_PHANTOM_OUTLINE_POINTS];
  double max;
} CytPhantomOutline;
void cyt_phantom_outline_init (CytPhantomOutline *self, const CytPhantomCell *cell, CytPhantomRandom *random);
double cyt_phantom_outline_at (const CytPhantomOutline *self, double dx, double dy);

/* stain: what a colour seen on the reference slide absorbs, with the patient's stain. @acid: 0 all azure
 * … 1 all eosin. */
void cyt_phantom_dye_init (CytPhantomDye dye, const guint8 rgb[3], double acid, const CytPhantomStain *stain);
void cyt_phantom_optics_init (CytPhantomOptics *optics, CytPhantomScene *scene);
void cyt_phantom_draw_light (CytPhantomScene *scene);

/* background */
void cyt_phantom_draw_red_cells (CytPhantomScene *scene, const CytPhantomOutline *outline);
void cyt_phantom_draw_platelets (CytPhantomScene *scene, const CytPhantomOutline *outline);

/* One white cell (or the platelet in the middle) at (cx, cy) px. */
void cyt_phantom_draw_cell (CytPhantomScene *scene, const CytPhantomCell *cell, const CytPhantomOutline *outline,
                            double cx, double cy);
void cyt_phantom_draw_nucleus (CytPhantomPatch *patch, const CytPhantomOutline *outline);
void cyt_phantom_draw_chromatin (CytPhantomPatch *patch);
void cyt_phantom_draw_cytoplasm (CytPhantomPatch *patch);
void cyt_phantom_draw_granules (CytPhantomPatch *patch, const CytPhantomOutline *outline);

/* A8 coverage by what @path draws (in µm about the cell's middle) into plane (h, w), 0 … 1. */
typedef void (*CytPhantomPath) (cairo_t *cr, gpointer data);
void cyt_phantom_patch_cover (CytPhantomPatch *patch, CytPhantomPath path, gpointer data, float *plane);
/* Makes the smooth edge of @plane (h, w) as uneven as a real one; uses noise[0]. */
void cyt_phantom_patch_roughen (CytPhantomPatch *patch, float *plane, CytPhantomRandom *random);
/* Marks where plane >= 0.5 in @structure's mask. */
void cyt_phantom_patch_mark (CytPhantomPatch *patch, const float *plane, CytPhantomStructure structure);

/* A closed curve about (x, y): half axes, rotation, waves of the outline relative to its size. */
void cyt_phantom_path_blob (cairo_t *cr, CytPhantomRandom *random, double x, double y, double rx, double ry,
                            double rotation, double roughness);

/* A disc with a soft edge, (x, y) and radius in µm about the cell's middle: @dye covers what is there with
 * @weight, or that is thinned to 1 − weight of it where @dye is NULL. @ring: stronger towards the edge, 0 … 1; below 0
 * weaker there.
 * Nothing is drawn outside @within (h, w): the cell, or its nucleus. Its area is marked in @structure. */
void cyt_phantom_patch_disc (CytPhantomPatch *patch, const float *within, double x, double y, double radius,
                             const float *dye, double weight, double ring, CytPhantomStructure structure);

/* --- files ---------------------------------------------------------------------------------------------- */
/* The file's content, marked CYT_PHANTOM_NOTICE; (transfer full). */
GByteArray *cyt_phantom_encode_rgb (const CytImage *image, CytPhantomFormat format, GError **error);
GByteArray *cyt_phantom_encode_mask (const guint8 *mask, guint size, GError **error); /* png, 1 bit */
