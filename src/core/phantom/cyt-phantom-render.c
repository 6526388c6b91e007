/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "phantom/cyt-phantom-private.h"

CytPhantomScene *
cyt_phantom_scene_new (guint size)
{
  CytPhantomScene *self;
  gsize n = (gsize) size * size;

  g_return_val_if_fail (size >= CYT_PHANTOM_MIN_SIZE && size <= CYT_PHANTOM_MAX_SIZE, NULL);
  self = g_new0 (CytPhantomScene, 1);
  self->size = size;
  self->scale = size / CYT_PHANTOM_FIELD_UM;
  self->image = cyt_image_new (size, size);
  for (guint i = 0; i < 3; i++)
    self->density[i] = g_new0 (float, n);
  self->light = g_new0 (float, n);
  /* One block: the last step borrows two neighbouring planes. */
  self->work[0] = g_new0 (float, n * G_N_ELEMENTS (self->work));
  for (guint i = 1; i < G_N_ELEMENTS (self->work); i++)
    self->work[i] = self->work[0] + i * n;
  for (guint i = 0; i < CYT_PHANTOM_N_STRUCTURES; i++)
    self->masks[i] = g_new0 (guint8, n);
  self->scratch = g_array_new (FALSE, FALSE, sizeof (float));
  return self;
}

void
cyt_phantom_scene_free (CytPhantomScene *self)
{
  if (self == NULL)
    return;
  cyt_image_free (self->image);
  for (guint i = 0; i < 3; i++)
    g_free (self->density[i]);
  g_free (self->light);
  g_free (self->work[0]);
  for (guint i = 0; i < CYT_PHANTOM_N_STRUCTURES; i++)
    g_free (self->masks[i]);
  g_array_unref (self->scratch);
  g_free (self);
}

const CytImage *
cyt_phantom_scene_get_image (const CytPhantomScene *self)
{
  return self->image;
}

const guint8 *
cyt_phantom_scene_get_mask (const CytPhantomScene *self, CytPhantomStructure structure)
{
  g_return_val_if_fail (structure < CYT_PHANTOM_N_STRUCTURES, NULL);
  return self->masks[structure];
}

void
cyt_phantom_outline_init (CytPhantomOutline *self, const CytPhantomCell *cell, CytPhantomRandom *random)
{
  enum { WAVES = 7, SPIKES = 9 };
  double phase[WAVES], amplitude[WAVES], turn = cyt_phantom_random_in (random, 0, 2 * CYT_PHANTOM_PI);
  double spike_at[SPIKES], spike_size[SPIKES], e = sqrt (cell->elongation);
  int n_feet = cell->irregularity > 0.35 ? (int) cyt_phantom_random_int (random, 0, 3) : 0;
  double foot_at[3], foot_size[3], foot_width[3];

  for (int k = 0; k < WAVES; k++)
    {
      phase[k] = cyt_phantom_random_in (random, 0, 2 * CYT_PHANTOM_PI);
      amplitude[k] = cyt_phantom_random_normal (random, 0, 1) * (0.008 + 0.085 * cell->irregularity) / (k + 1);
    }
  for (int k = 0; k < SPIKES; k++)
    {
      spike_at[k] = cyt_phantom_random_in (random, 0, 2 * CYT_PHANTOM_PI);
      spike_size[k] = cyt_phantom_random_in (random, 0, cell->ruffle);
    }
  for (int k = 0; k < 3; k++)
    {
      foot_at[k] = cyt_phantom_random_in (random, 0, 2 * CYT_PHANTOM_PI);
      foot_size[k] = cyt_phantom_random_in (random, 0.12, 0.55) * cell->irregularity;
      foot_width[k] = cyt_phantom_random_in (random, 0.2, 0.45);
    }
  self->max = 0;
  for (int i = 0; i < CYT_PHANTOM_OUTLINE_POINTS; i++)
    {
      double a = i * (2 * CYT_PHANTOM_PI / CYT_PHANTOM_OUTLINE_POINTS), r = 1, c = cyt_phantom_cos (a - turn),
        s = cyt_phantom_sin (a - turn);

      for (int k = 0; k < WAVES; k++)
        r += amplitude[k] * cyt_phantom_cos ((k + 2) * a + phase[k]);
      for (int k = 0; k < n_feet; k++)
        {
          double d = fabs (a - foot_at[k]);
          d = MIN (d, 2 * CYT_PHANTOM_PI - d) / foot_width[k];
          r += foot_size[k] / (1 + d * d * d * d);
        }
      r *= cell->radius / sqrt (c * c / (e * e) + s * s * (e * e));
      for (int k = 0; k < SPIKES; k++)
        {
          double d = fabs (a - spike_at[k]);
          d = MIN (d, 2 * CYT_PHANTOM_PI - d) / 0.07;
          r += spike_size[k] / (1 + d * d);
        }
      /* The edge of ruffled cells is uneven all along. */
      r += cell->ruffle * cyt_phantom_random_normal (random, 0, 0.3);
      self->radius[i] = MIN (r, CYT_PHANTOM_FIELD_UM / 2 - 2);
      self->max = MAX (self->max, self->radius[i]);
    }
}

/* Distance from the middle to the outline in the direction (dx, dy); the arc tangent by a polynomial. */
double
cyt_phantom_outline_at (const CytPhantomOutline *self, double dx, double dy)
{
  double ax = fabs (dx), ay = fabs (dy), t = MIN (ax, ay) / MAX (MAX (ax, ay), 1e-9), t2 = t * t, a;

  a = t * (0.9998660 + t2 * (-0.3302995 + t2 * (0.1801410 + t2 * (-0.0851330 + t2 * 0.0208351))));
  if (ay > ax)
    a = CYT_PHANTOM_PI / 2 - a;
  if (dx < 0)
    a = CYT_PHANTOM_PI - a;
  if (dy < 0)
    a = 2 * CYT_PHANTOM_PI - a;
  return self->radius[(guint) (a * (CYT_PHANTOM_OUTLINE_POINTS / (2 * CYT_PHANTOM_PI)) + 0.5) %
                      CYT_PHANTOM_OUTLINE_POINTS];
}

void
cyt_phantom_patch_cover (CytPhantomPatch *patch, CytPhantomPath path, gpointer data, float *plane)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, patch->w, patch->h);
  cairo_t *cr = cairo_create (surface);
  const guint8 *pixels;
  int stride;

  cairo_translate (cr, patch->cx - patch->x0, patch->cy - patch->y0);
  cairo_scale (cr, patch->scene->scale, patch->scene->scale);
  cairo_set_tolerance (cr, 0.1);
  path (cr, data);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  pixels = cairo_image_surface_get_data (surface);
  stride = cairo_image_surface_get_stride (surface);
  for (int y = 0; y < patch->h; y++)
    for (int x = 0; x < patch->w; x++)
      plane[y * patch->w + x] = pixels[y * stride + x] * (1 / 255.0f);
  cairo_surface_destroy (surface);
}

void
cyt_phantom_patch_roughen (CytPhantomPatch *patch, float *plane, CytPhantomRandom *random)
{
  double scale = patch->scene->scale;
  gsize n = (gsize) patch->w * patch->h;

  cyt_phantom_blur (plane, patch->tmp, patch->w, patch->h, 0.13 * scale);
  cyt_phantom_noise (patch->noise[0], patch->w, patch->h, MAX (0.42 * scale, 1.2), random, patch->scene->scratch);
  for (gsize i = 0; i < n; i++)
    if (plane[i] > 0.02f && plane[i] < 0.98f)
      plane[i] = cyt_phantom_step (0.3f, 0.7f, plane[i] + 0.11f * patch->noise[0][i]);
}

void
cyt_phantom_patch_mark (CytPhantomPatch *patch, const float *plane, CytPhantomStructure structure)
{
  for (int y = 0; y < patch->h; y++)
    for (int x = 0; x < patch->w; x++)
      if (plane[y * patch->w + x] >= 0.5f)
        patch->scene->masks[structure][(gsize) (patch->y0 + y) * patch->scene->size + patch->x0 + x] = 255;
}

void
cyt_phantom_path_blob (cairo_t *cr, CytPhantomRandom *random, double x, double y, double rx, double ry,
                       double rotation, double roughness)
{
  enum { WAVES = 5, POINTS = 56 };
  double phase[WAVES], amplitude[WAVES], c = cyt_phantom_cos (rotation), s = cyt_phantom_sin (rotation);

  for (int k = 0; k < WAVES; k++)
    {
      phase[k] = cyt_phantom_random_in (random, 0, 2 * CYT_PHANTOM_PI);
      amplitude[k] = roughness * cyt_phantom_random_normal (random, 0, 1) / (1 + 0.6 * k);
    }
  cairo_new_sub_path (cr);
  for (int i = 0; i < POINTS; i++)
    {
      double a = i * (2 * CYT_PHANTOM_PI / POINTS), r = 1, u, v;

      for (int k = 0; k < WAVES; k++)
        r += amplitude[k] * cyt_phantom_cos ((k + 2) * a + phase[k]);
      u = rx * r * cyt_phantom_cos (a);
      v = ry * r * cyt_phantom_sin (a);
      cairo_line_to (cr, x + u * c - v * s, y + u * s + v * c);
    }
  cairo_close_path (cr);
}

void
cyt_phantom_patch_disc (CytPhantomPatch *patch, const float *within, double x, double y, double radius,
                        const float *dye, double weight, double ring, CytPhantomStructure structure)
{
  CytPhantomScene *scene = patch->scene;
  double s = scene->scale, r = radius * s;
  float px = (float) (patch->cx - patch->x0 + x * s), py = (float) (patch->cy - patch->y0 + y * s);
  int i0 = MAX ((int) (px - r - 1), 0), i1 = MIN ((int) (px + r + 2), patch->w);
  int j0 = MAX ((int) (py - r - 1), 0), j1 = MIN ((int) (py + r + 2), patch->h);

  for (int j = j0; j < j1; j++)
    for (int i = i0; i < i1; i++)
      {
        float dx = i + 0.5f - px, dy = j + 0.5f - py, d = sqrtf (dx * dx + dy * dy);
        float cover = CLAMP ((float) r + 0.5f - d, 0, 1) * within[j * patch->w + i], a;
        gsize at = (gsize) (patch->y0 + j) * scene->size + patch->x0 + i;

        if (cover <= 0)
          continue;
        a = cover * (float) weight * (1 - (float) ring + (float) ring * 1.5f * (d / (float) (r + 0.5)) * (d / (float) (r + 0.5)));
        for (int k = 0; k < 3; k++)
          if (dye != NULL) /* grains are dense: what lies below shows little */
            scene->density[k][at] += a * (dye[k] - 0.6f * scene->density[k][at]);
          else
            scene->density[k][at] *= MAX (1 - a, 0);
        /* Granules smaller than a pixel still are somewhere: half a disc's own coverage is enough. */
        if (cover >= 0.5f * MIN ((float) (CYT_PHANTOM_PI * r * r), 1.0f) && within[j * patch->w + i] >= 0.5f)
          scene->masks[structure][at] = 255;
      }
}

static void
path_outline (cairo_t *cr, gpointer data)
{
  const CytPhantomOutline *outline = data;

  for (int i = 0; i < CYT_PHANTOM_OUTLINE_POINTS; i++)
    {
      double a = i * (2 * CYT_PHANTOM_PI / CYT_PHANTOM_OUTLINE_POINTS);
      cairo_line_to (cr, outline->radius[i] * cyt_phantom_cos (a), outline->radius[i] * cyt_phantom_sin (a));
    }
  cairo_close_path (cr);
  cairo_fill (cr);
}

void
cyt_phantom_draw_cell (CytPhantomScene *scene, const CytPhantomCell *cell, const CytPhantomOutline *outline,
                       double cx, double cy)
{
  CytPhantomPatch patch = { .scene = scene, .cell = cell, .cx = cx, .cy = cy };
  CytPhantomRandom random;
  double reach = outline->max * scene->scale + 3;
  int size = (int) scene->size;

  patch.x0 = CLAMP ((int) (cx - reach), 0, size);
  patch.y0 = CLAMP ((int) (cy - reach), 0, size);
  patch.w = CLAMP ((int) (cx + reach) + 1, 0, size) - patch.x0;
  patch.h = CLAMP ((int) (cy + reach) + 1, 0, size) - patch.y0;
  if (patch.w <= 0 || patch.h <= 0)
    return;
  patch.inside = scene->work[0];
  patch.nucleus = scene->work[1];
  patch.depth = scene->work[2];
  for (int i = 0; i < 3; i++)
    patch.noise[i] = scene->work[3 + i];
  patch.tmp = scene->work[6];

  cyt_phantom_patch_cover (&patch, path_outline, (gpointer) outline, patch.inside);
  cyt_phantom_random_init (&random, cell->seed, cell->index, STREAM_EDGE);
  cyt_phantom_patch_roughen (&patch, patch.inside, &random);
  /* What lies below is covered: red cells give way, neighbours too. */
  for (int y = 0; y < patch.h; y++)
    for (int x = 0; x < patch.w; x++)
      {
        float inside = patch.inside[y * patch.w + x];
        gsize at = (gsize) (patch.y0 + y) * size + patch.x0 + x;

        for (int k = 0; k < 3; k++)
          scene->density[k][at] *= 1 - 0.9f * inside;
        if (inside >= 0.5f)
          for (int k = 0; k < CYT_PHANTOM_N_STRUCTURES; k++)
            scene->masks[k][at] = 0;
      }
  cyt_phantom_patch_mark (&patch, patch.inside, CYT_PHANTOM_CELL);
  if (cell->cell_class == CYT_PHANTOM_PLATELET)
    cyt_phantom_patch_mark (&patch, patch.inside, CYT_PHANTOM_PLATELETS);
  cyt_phantom_draw_nucleus (&patch, outline);
  cyt_phantom_draw_cytoplasm (&patch);
  if (cell->nucleus != CYT_PHANTOM_NUCLEUS_NONE)
    cyt_phantom_draw_chromatin (&patch);
  cyt_phantom_draw_granules (&patch, outline);
}

/* Other white cells at the border of the field: rare in blood, usual in marrow. */
static void
draw_neighbours (CytPhantomScene *scene, const CytPhantomOutline *outline)
{
  static const CytPhantomClass usual[] = {
    CYT_PHANTOM_NEUTROPHIL_SEGMENTED, CYT_PHANTOM_NEUTROPHIL_SEGMENTED, CYT_PHANTOM_LYMPHOCYTE, CYT_PHANTOM_MONOCYTE,
    CYT_PHANTOM_MYELOCYTE, CYT_PHANTOM_METAMYELOCYTE, CYT_PHANTOM_ERYTHROBLAST, CYT_PHANTOM_PROMYELOCYTE };
  const CytPhantomCell *cell = scene->cell;
  gboolean marrow = cell->domain == CYT_PHANTOM_MARROW;
  CytPhantomRandom random;
  guint n;

  cyt_phantom_random_init (&random, cell->seed, cell->index, STREAM_NEIGHBOURS);
  n = marrow ? cyt_phantom_random_int (&random, 0, 4) : cyt_phantom_random_chance (&random, 0.1) ? 1 : 0;
  for (guint i = 0; i < n; i++)
    {
      CytPhantomCell other;
      CytPhantomOutline its_outline;
      CytPhantomRandom its_random;
      CytPhantomClass its_class = usual[cyt_phantom_random_int (&random, marrow ? 1 : 0, marrow ? 7 : 4)];
      double angle = cyt_phantom_random_in (&random, 0, 2 * CYT_PHANTOM_PI), x, y, distance;

      distance = cyt_phantom_random_in (&random, 13, 22);
      /* Its own numbers: indices with the top bits set belong to neighbours. */
      cyt_phantom_cell_init (&other, cell->seed, cell->index ^ ((guint64) (i + 1) << 58), its_class,
                             CYT_PHANTOM_CONTROL, cell->domain, &cell->stain);
      cyt_phantom_random_init (&its_random, other.seed, other.index, STREAM_OUTLINE);
      cyt_phantom_outline_init (&its_outline, &other, &its_random);
      x = distance * cyt_phantom_cos (angle);
      y = distance * cyt_phantom_sin (angle);
      distance = MAX (distance, cyt_phantom_outline_at (outline, x, y) + its_outline.max + 0.3);
      x = distance * cyt_phantom_cos (angle);
      y = distance * cyt_phantom_sin (angle);
      cyt_phantom_draw_cell (scene, &other, &its_outline, scene->size / 2.0 + x * scene->scale,
                             scene->size / 2.0 + y * scene->scale);
    }
}

void
cyt_phantom_scene_draw (CytPhantomScene *self, const CytPhantomCell *cell)
{
  gsize n = (gsize) self->size * self->size;
  CytPhantomOutline outline;
  CytPhantomRandom random;
  CytPhantomOptics optics;
  double x, y;

  self->cell = cell;
  for (int k = 0; k < 3; k++)
    memset (self->density[k], 0, n * sizeof (float));
  for (int k = 0; k < CYT_PHANTOM_N_STRUCTURES; k++)
    memset (self->masks[k], 0, n);
  cyt_phantom_random_init (&random, cell->seed, cell->index, STREAM_OUTLINE);
  cyt_phantom_outline_init (&outline, cell, &random);

  cyt_phantom_draw_light (self);
  cyt_phantom_draw_red_cells (self, &outline);
  cyt_phantom_draw_platelets (self, &outline);
  draw_neighbours (self, &outline);
  /* Nobody crops a cell exactly about its middle. */
  x = self->size / 2.0 + cyt_phantom_random_normal (&random, 0, 0.35) * self->scale;
  y = self->size / 2.0 + cyt_phantom_random_normal (&random, 0, 0.35) * self->scale;
  cyt_phantom_draw_cell (self, cell, &outline, x, y);

  cyt_phantom_optics_init (&optics, self);
  cyt_phantom_random_init (&random, cell->seed, cell->index, STREAM_SENSOR);
  cyt_phantom_develop (self->density, self->light, self->size, &optics, cyt_phantom_random_bits (&random),
                       self->work[0], self->image->pixels);
  self->cell = NULL;
}
