/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "phantom/cyt-phantom-private.h"

typedef struct
{
  const CytPhantomCell *cell;
  CytPhantomRandom random;
  double x, y, towards; /* middle (µm), direction in which the nucleus lies off the cell's middle */
} Shape;

/* A filled sausage of radius @r0 … @r1 along a straight line. */
static void
path_link (cairo_t *cr, double x0, double y0, double x1, double y1, double r0, double r1)
{
  double length = sqrt ((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0));
  int n = (int) (length / MAX (0.35 * MIN (r0, r1), 0.05)) + 1;

  n = MIN (n, 40);
  for (int i = 0; i <= n; i++)
    {
      double t = (double) i / n, r = r0 + (r1 - r0) * t;

      cairo_new_sub_path (cr);
      cairo_arc (cr, x0 + (x1 - x0) * t, y0 + (y1 - y0) * t, r, 0, 2 * CYT_PHANTOM_PI);
    }
}

/* Kidney: a blob with a bite on the side away from @towards. */
static void
path_kidney (cairo_t *cr, Shape *shape, double roughness)
{
  enum { WAVES = 5, POINTS = 72 };
  const CytPhantomCell *cell = shape->cell;
  CytPhantomRandom *random = &shape->random;
  double phase[WAVES], amplitude[WAVES], c = cyt_phantom_cos (shape->towards), s = cyt_phantom_sin (shape->towards);
  double width = cyt_phantom_random_in (random, 0.45, 0.8), aside = cyt_phantom_random_normal (random, 0, 0.2);
  double wide = 1 + 0.28 * cell->indentation;

  for (int k = 0; k < WAVES; k++)
    {
      phase[k] = cyt_phantom_random_in (random, 0, 2 * CYT_PHANTOM_PI);
      amplitude[k] = roughness * cyt_phantom_random_normal (random, 0, 1) / (1 + 0.6 * k);
    }
  cairo_new_sub_path (cr);
  for (int i = 0; i < POINTS; i++)
    {
      double a = i * (2 * CYT_PHANTOM_PI / POINTS), r = 1, d = fabs (a - CYT_PHANTOM_PI + aside) / width, u, v;

      for (int k = 0; k < WAVES; k++)
        r += amplitude[k] * cyt_phantom_cos ((k + 2) * a + phase[k]);
      r -= cell->indentation / (1 + d * d * d * d);
      u = cell->nucleus_radius * r * cyt_phantom_cos (a) / sqrt (wide) * 1.05;
      v = cell->nucleus_radius * r * cyt_phantom_sin (a) * wide;
      cairo_line_to (cr, shape->x + u * c - v * s, shape->y + u * s + v * c);
    }
  cairo_close_path (cr);
}

/* Band: a bent rod with knobbly outline. */
static void
path_band (cairo_t *cr, Shape *shape)
{
  enum { STEPS = 40 };
  CytPhantomRandom *random = &shape->random;
  double rn = shape->cell->nucleus_radius, span = cyt_phantom_random_in (random, 2.3, 4.3);
  double bend = cyt_phantom_random_in (random, 0.78, 0.98) * rn, half = cyt_phantom_random_in (random, 0.38, 0.48) * rn;
  double waist = cyt_phantom_random_in (random, -0.1, 0.42), phase = cyt_phantom_random_in (random, 0, 6.28);
  double phase2 = cyt_phantom_random_in (random, 0, 6.28), twist = cyt_phantom_random_normal (random, 0, 0.12);
  double start = shape->towards - span / 2;

  if (span < 2.9)
    bend *= 1.25;
  shape->x -= 0.32 * bend * cyt_phantom_cos (shape->towards);
  shape->y -= 0.32 * bend * cyt_phantom_sin (shape->towards);
  for (int i = 0; i <= STEPS; i++)
    {
      double t = (double) i / STEPS, a = start + span * t;
      double mid = 2 * t - 1;
      double b = bend * (1 + twist * cyt_phantom_sin (4 * t + phase) + 0.05 * cyt_phantom_sin (9 * t + phase2));
      double r = half * (1 - waist * (1 - mid * mid)) *
        (1 + 0.14 * cyt_phantom_sin (9 * t + phase) + 0.1 * cyt_phantom_sin (17 * t + phase2));

      cairo_new_sub_path (cr);
      cairo_arc (cr, shape->x + b * cyt_phantom_cos (a), shape->y + b * cyt_phantom_sin (a) * 0.94, r, 0,
                 2 * CYT_PHANTOM_PI);
    }
}

/* Lobes on a bow, joined by bridges: often thick in young cells, threads in old ones. */
static void
path_lobes (cairo_t *cr, Shape *shape)
{
  enum { MAX_LOBES = 5 };
  CytPhantomRandom *random = &shape->random;
  guint n = CLAMP (shape->cell->n_lobes, 2, MAX_LOBES);
  double rn = shape->cell->nucleus_radius, size = rn / sqrt (n) * (n == 2 ? 1.0 : 1.04);
  double gap = cyt_phantom_random_in (random, 1.9, 2.5), x[MAX_LOBES], y[MAX_LOBES];
  double bow = rn * cyt_phantom_random_in (random, 0.85, 1.1), a;
  double bridge = cyt_phantom_random_chance (random, 0.75) ? cyt_phantom_random_in (random, 0.08, 0.16)
                                                         : cyt_phantom_random_in (random, 0.25, 0.5);

  gboolean crowded = n > 2 && cyt_phantom_random_chance (random, 0.25);

  if (n == 2)
    {
      bow *= 1.05;
      gap *= 1.2;
    }
  /* Lobes stay off the cell's border. */
  bow = MIN (bow, shape->cell->radius * 0.93 - size);
  /* The bow's middle, not its centre, is where the nucleus lies. */
  shape->x -= 0.6 * bow * cyt_phantom_cos (shape->towards);
  shape->y -= 0.6 * bow * cyt_phantom_sin (shape->towards);
  a = shape->towards - (n - 1) * gap * size / bow / 2;
  for (guint i = 0; i < n; i++)
    {
      double here = size * cyt_phantom_random_in (random, 0.82, 1.15), b = bow * cyt_phantom_random_in (random, crowded ? 0.5 : 0.8, 1.12);
      double stretch = cyt_phantom_random_in (random, 1.0, 1.25), turn = cyt_phantom_random_normal (random, 0, 0.5);

      x[i] = shape->x + b * cyt_phantom_cos (a);
      y[i] = shape->y + b * cyt_phantom_sin (a);
      cyt_phantom_path_blob (cr, random, x[i], y[i], here * stretch, here / stretch,
                             a + CYT_PHANTOM_PI / 2 + turn, 0.06);
      if (i > 0)
        path_link (cr, x[i - 1], y[i - 1], x[i], y[i], bridge * size, bridge * size * cyt_phantom_random_in (random, 0.7, 1.2));
      a += gap * size / bow * cyt_phantom_random_in (random, 0.85, 1.15);
    }
}

static void
path_nucleus (cairo_t *cr, gpointer data)
{
  Shape *shape = data;
  const CytPhantomCell *cell = shape->cell;
  CytPhantomRandom *random = &shape->random;
  double r = cell->nucleus_radius, e = cyt_phantom_random_in (random, 1.0, 1.12), turn;

  switch (cell->nucleus)
    {
    case CYT_PHANTOM_NUCLEUS_INDENTED:
      path_kidney (cr, shape, 0.035);
      break;
    case CYT_PHANTOM_NUCLEUS_FOLDED:
      path_kidney (cr, shape, 0.085);
      break;
    case CYT_PHANTOM_NUCLEUS_BAND:
      path_band (cr, shape);
      break;
    case CYT_PHANTOM_NUCLEUS_LOBED:
      path_lobes (cr, shape);
      break;
    default:
      turn = cyt_phantom_random_in (random, 0, CYT_PHANTOM_PI);
      cyt_phantom_path_blob (cr, random, shape->x, shape->y, r * e, r / e, turn, cell->smudge ? 0.09 : 0.03);
    }
  cairo_fill (cr);
  if (cell->nucleus == CYT_PHANTOM_NUCLEUS_CLEFT)
    {
      double a = shape->towards + CYT_PHANTOM_PI + cyt_phantom_random_normal (random, 0, 0.5);
      double c = cyt_phantom_cos (a), s = cyt_phantom_sin (a), deep = cyt_phantom_random_in (random, -0.1, 0.5) * r;

      cairo_set_operator (cr, CAIRO_OPERATOR_CLEAR);
      cairo_move_to (cr, shape->x + c * deep, shape->y + s * deep);
      cairo_line_to (cr, shape->x + (1.2 * c - 0.13 * s) * r, shape->y + (1.2 * s + 0.13 * c) * r);
      cairo_line_to (cr, shape->x + (1.2 * c + 0.13 * s) * r, shape->y + (1.2 * s - 0.13 * c) * r);
      cairo_close_path (cr);
      cairo_fill (cr);
    }
}

/* Where the nucleus is: coverage, depth, mask; and with it where the hof lies. */
void
cyt_phantom_draw_nucleus (CytPhantomPatch *patch, const CytPhantomOutline *outline)
{
  const CytPhantomCell *cell = patch->cell;
  gsize n = (gsize) patch->w * patch->h;
  Shape shape = { .cell = cell };
  double room, c, s;

  cyt_phantom_random_init (&shape.random, cell->seed, cell->index, STREAM_NUCLEUS);
  shape.towards = cyt_phantom_random_in (&shape.random, 0, 2 * CYT_PHANTOM_PI);
  c = cyt_phantom_cos (shape.towards);
  s = cyt_phantom_sin (shape.towards);
  room = cyt_phantom_outline_at (outline, c, s) - cell->nucleus_radius;
  shape.x = c * MAX (room, 0) * cell->nucleus_offset;
  shape.y = s * MAX (room, 0) * cell->nucleus_offset;
  patch->nucleus_x = shape.x;
  patch->nucleus_y = shape.y;
  patch->hof_x = shape.x - c * cell->nucleus_radius * (1.05 - 0.7 * cell->indentation);
  patch->hof_y = shape.y - s * cell->nucleus_radius * (1.05 - 0.7 * cell->indentation);

  if (cell->nucleus == CYT_PHANTOM_NUCLEUS_NONE)
    {
      memset (patch->nucleus, 0, n * sizeof (float));
      memset (patch->depth, 0, n * sizeof (float));
    }
  else
    {
      cyt_phantom_patch_cover (patch, path_nucleus, &shape, patch->nucleus);
      cyt_phantom_patch_roughen (patch, patch->nucleus, &shape.random);
      for (gsize i = 0; i < n; i++)
        patch->nucleus[i] *= patch->inside[i];
      memcpy (patch->depth, patch->nucleus, n * sizeof (float));
      cyt_phantom_blur (patch->depth, patch->tmp, patch->w, patch->h, 0.22 * patch->scene->scale);
      cyt_phantom_patch_mark (patch, patch->nucleus, CYT_PHANTOM_NUCLEUS);
    }
  for (int y = 0; y < patch->h; y++)
    for (int x = 0; x < patch->w; x++)
      if (patch->inside[y * patch->w + x] >= 0.5f && patch->nucleus[y * patch->w + x] < 0.5f)
        patch->scene->masks[CYT_PHANTOM_CYTOPLASM][(gsize) (patch->y0 + y) * patch->scene->size + patch->x0 + x] = 255;
}

/* Thin lines over the nucleus: folds of its membrane. */
static void
path_creases (cairo_t *cr, gpointer data)
{
  Shape *shape = data;
  CytPhantomRandom *random = &shape->random;
  double r = shape->cell->nucleus_radius;
  guint n = shape->cell->nucleus == CYT_PHANTOM_NUCLEUS_FOLDED ? cyt_phantom_random_int (random, 1, 3) : 1;

  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (guint i = 0; i < n; i++)
    {
      double a = cyt_phantom_random_in (random, 0, 6.28), l = cyt_phantom_random_in (random, 0.5, 1.0) * r;
      double x = shape->x + cyt_phantom_random_normal (random, 0, 0.25) * r;
      double y = shape->y + cyt_phantom_random_normal (random, 0, 0.25) * r;
      double bend = cyt_phantom_random_normal (random, 0, 0.4) * l, c = cyt_phantom_cos (a), s = cyt_phantom_sin (a);

      cairo_set_line_width (cr, cyt_phantom_random_in (random, 0.12, 0.25));
      cairo_move_to (cr, x - c * l, y - s * l);
      cairo_curve_to (cr, x - c * l / 3 - s * bend, y - s * l / 3 + c * bend, x + c * l / 3 - s * bend,
                      y + s * l / 3 + c * bend, x + c * l, y + s * l);
      cairo_stroke (cr);
    }
}

void
cyt_phantom_draw_chromatin (CytPhantomPatch *patch)
{
  const CytPhantomCell *cell = patch->cell;
  CytPhantomScene *scene = patch->scene;
  gsize w = patch->w, h = patch->h;
  double pitch = MAX (cell->chromatin_scale * 0.62 * scene->scale, 1.3);
  float cut = (float) (0.75 - 3.2 * cell->chromatin_lace), reach = (float) (1.08 + 1.1 * cell->chromatin_soft);
  float *coarse = patch->noise[0], *fine = patch->noise[1], *cloud = patch->noise[2];
  CytPhantomDye dark, light;
  CytPhantomRandom random;
  Shape shape = { .cell = cell };
  float cup_x = 0, cup_y = 0, cup_r = 0;
  gboolean creases = cell->nucleus == CYT_PHANTOM_NUCLEUS_FOLDED || cell->nucleus == CYT_PHANTOM_NUCLEUS_CLEFT;

  cyt_phantom_random_init (&random, cell->seed, cell->index, STREAM_CHROMATIN);
  cyt_phantom_dye_init (dark, cell->nucleus_dark, 0, &cell->stain);
  cyt_phantom_dye_init (light, cell->nucleus_light, 0, &cell->stain);
  if (cell->stain.second_laboratory) /* its pale spots are rather red */
    {
      light[0] *= 0.85f;
      light[1] *= 1.15f;
    }
  cyt_phantom_noise (coarse, w, h, pitch, &random, scene->scratch);
  cyt_phantom_noise (fine, w, h, MAX (pitch * 0.5, 1.1), &random, scene->scratch);
  cyt_phantom_noise (cloud, w, h, 2.2 * scene->scale, &random, scene->scratch);
  if (cell->nucleus == CYT_PHANTOM_NUCLEUS_CUP)
    {
      /* Seen aslant: the hollow reaches from the rim to near the middle. */
      cup_x = (float) (patch->nucleus_x + 0.68 * (patch->hof_x - patch->nucleus_x));
      cup_y = (float) (patch->nucleus_y + 0.68 * (patch->hof_y - patch->nucleus_y));
      cup_r = (float) (cell->nucleus_radius * cyt_phantom_random_in (&random, 0.42, 0.6));
    }
  if (creases)
    {
      shape.random = random;
      shape.x = patch->nucleus_x;
      shape.y = patch->nucleus_y;
      cyt_phantom_patch_cover (patch, path_creases, &shape, patch->tmp);
      random = shape.random;
    }
  for (gsize y = 0; y < h; y++)
    for (gsize x = 0; x < w; x++)
      {
        gsize i = y * w + x, at = (patch->y0 + y) * scene->size + patch->x0 + x;
        float a = patch->nucleus[i], pale, deep, even, cup = 0;

        if (a <= 0)
          continue;
        deep = cyt_phantom_step (0.55f, 0.97f, patch->depth[i]);
        /* Spots that brighten towards their middle, not two tones. */
        pale = (0.68f * coarse[i] + 0.72f * fine[i] + 0.2f * cloud[i] - cut) / reach;
        pale = deep * CLAMP (pale, 0, 1);
        if (creases)
          pale = MAX (pale, 0.8f * patch->tmp[i] * deep);
        even = (1 + 0.05f * cloud[i] + 0.08f * fine[i]) * (1.2f - 0.2f * deep);
        if (cup_r > 0)
          {
            float dx = (float) ((patch->x0 + x + 0.5 - patch->cx) / scene->scale) - cup_x;
            float dy = (float) ((patch->y0 + y + 0.5 - patch->cy) / scene->scale) - cup_y;
            cup = 0.8f * cyt_phantom_step (1.12f, 0.82f, sqrtf (dx * dx + dy * dy) / cup_r);
          }
        if (cell->smudge)
          even *= 0.72f;
        for (int k = 0; k < 3; k++)
          {
            float *d = scene->density[k] + at;
            float chromatin = (dark[k] + (light[k] - dark[k]) * pale) * even;

            *d += a * (1 - cup) * (chromatin - *d);
          }
      }

  for (guint i = 0; i < cell->n_nucleoli; i++)
    {
      /* Somewhere well inside: the depth is nearly one there. */
      for (guint attempt = 0; attempt < 12; attempt++)
        {
          double x = cyt_phantom_random_in (&random, 0.1, 0.9), y = cyt_phantom_random_in (&random, 0.1, 0.9);
          double r = cyt_phantom_random_in (&random, 0.45, 0.8);

          if (patch->depth[(gsize) (y * h) * w + (gsize) (x * w)] < 0.995f)
            continue;
          cyt_phantom_patch_disc (patch, patch->nucleus, (patch->x0 + x * w - patch->cx) / scene->scale,
                                  (patch->y0 + y * h - patch->cy) / scene->scale, r, NULL, 0.36, -0.5,
                                  CYT_PHANTOM_NUCLEOLI);
          break;
        }
    }
}
