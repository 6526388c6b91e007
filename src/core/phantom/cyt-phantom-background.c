/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "phantom/cyt-phantom-private.h"

#define MAX_RED_CELLS 60
#define HARMONICS 5

typedef struct
{
  double x, y;                  /* µm from the field's middle */
  double rx, ry, cos_a, sin_a;  /* half axes, rotation */
  double wave_c[HARMONICS], wave_s[HARMONICS];
  double pallor, pallor_width, pallor_x, pallor_y, strength;
  double steep;                 /* of the pallor's edge: 0 a slope … 1 a step */
  double teeth;                 /* crenation */
} RedCell;

/* How red cells look in one field. */
typedef struct
{
  double pallor, pallor_width, strength, deform, overlap, size, crenated;
  guint n;
} Style;

static void
red_cell_init (RedCell *self, const Style *style, CytPhantomRandom *random)
{
  double angle = cyt_phantom_random_in (random, 0, 2 * CYT_PHANTOM_PI);
  double long_axis = 1 + style->deform * cyt_phantom_random_in (random, 0, 1) * cyt_phantom_random_in (random, 0, 1);
  double radius = cyt_phantom_random_normal (random, style->size, 0.26);

  self->rx = radius * sqrt (long_axis);
  self->ry = radius / sqrt (long_axis);
  self->cos_a = cyt_phantom_cos (angle);
  self->sin_a = cyt_phantom_sin (angle);
  for (int k = 0; k < HARMONICS; k++)
    {
      double amplitude = 0.006 + style->deform * (k == 0 ? 0.045 : 0.075 / (k + 1));
      self->wave_c[k] = cyt_phantom_random_normal (random, 0, amplitude);
      self->wave_s[k] = cyt_phantom_random_normal (random, 0, amplitude);
    }
  self->pallor = cyt_phantom_random_normal (random, style->pallor, 0.14);
  self->pallor = CLAMP (self->pallor, 0, 0.93);
  self->pallor_width = cyt_phantom_random_normal (random, style->pallor_width, 0.05);
  self->pallor_width = CLAMP (self->pallor_width, 0.2, 0.6);
  self->steep = cyt_phantom_random_in (random, 0.15, 1);
  self->pallor_x = cyt_phantom_random_normal (random, 0, 0.06);
  self->pallor_y = cyt_phantom_random_normal (random, 0, 0.06);
  self->strength = style->strength * cyt_phantom_random_normal (random, 1, 0.07);
  self->teeth = cyt_phantom_random_chance (random, style->crenated) ? cyt_phantom_random_in (random, 0.015, 0.035) : 0;
}

/* Adds the cell's optical density; where it lies over others it adds less, as pressed discs do. */
static void
red_cell_draw (const RedCell *self, CytPhantomScene *scene, const float dye[3])
{
  double s = scene->scale, mid = scene->size / 2.0, most = 1 + self->teeth, reach;
  double cx = mid + self->x * s, cy = mid + self->y * s;
  const float ux = (float) (self->cos_a / self->rx / s), uy = (float) (self->sin_a / self->rx / s);
  const float vx = (float) (-self->sin_a / self->ry / s), vy = (float) (self->cos_a / self->ry / s);
  const float pallor_x = (float) self->pallor_x, pallor_y = (float) self->pallor_y, steep = (float) self->steep;
  const float per_width = (float) (1 / (self->pallor_width * self->pallor_width)), pallor = (float) self->pallor;
  float wave_c[HARMONICS], wave_s[HARMONICS];
  int x0, x1, y0, y1;
  float edge = (float) (0.5 / s / self->ry), outmost;

  for (int k = 0; k < HARMONICS; k++)
    {
      wave_c[k] = (float) self->wave_c[k];
      wave_s[k] = (float) self->wave_s[k];
      most += fabs (self->wave_c[k]) + fabs (self->wave_s[k]);
    }
  outmost = (float) ((most * (1 + edge)) * (most * (1 + edge)));
  reach = most * (1 + edge) * MAX (self->rx, self->ry) * s;
  x0 = MAX ((int) (cx - reach), 0);
  x1 = MIN ((int) (cx + reach) + 1, (int) scene->size);
  y0 = MAX ((int) (cy - reach), 0);
  y1 = MIN ((int) (cy + reach) + 1, (int) scene->size);

  for (int y = y0; y < y1; y++)
    for (int x = x0; x < x1; x++)
      {
        float dx = (float) (x + 0.5 - cx), dy = (float) (y + 0.5 - cy), u = dx * ux + dy * uy, v = dx * vx + dy * vy;
        float rho = u * u + v * v, c, sn, ck, sk, r = 1, t, thick, pu, pv, q, rim;
        gsize at = (gsize) y * scene->size + x;

        if (rho > outmost)
          continue;
        rho = sqrtf (rho);
        c = rho > 1e-4f ? u / rho : 1;
        sn = rho > 1e-4f ? v / rho : 0;
        ck = c;
        sk = sn;
        for (int k = 0; k < HARMONICS; k++)
          {
            float next = ck * c - sk * sn;

            r += wave_c[k] * ck + wave_s[k] * sk;
            sk = sk * c + ck * sn;
            ck = next;
          }
        if (self->teeth > 0) /* a wave of 16 teeth, by doubling the angle */
          {
            float c2 = 2 * c * c - 1, c4 = 2 * c2 * c2 - 1, c8 = 2 * c4 * c4 - 1;
            r += (float) self->teeth * (2 * c8 * c8 - 1);
          }
        t = rho / r;
        if (t > 1 + edge)
          continue;
        pu = t * c - pallor_x;
        pv = t * sn - pallor_y;
        q = (pu * pu + pv * pv) * per_width;
        rim = (t - 0.8f) / 0.16f;
        /* A flat disc that rounds off in its last tenth, thinner in the middle, thickest near the rim. */
        thick = (1 - cyt_phantom_step (0.93f, 1 + edge, t) * 0.45f) *
          (1 - pallor / (1 + q * (q * q * steep + 1 - steep))) + 0.1f / (1 + rim * rim * 4);
        thick *= (float) self->strength * MIN ((1 + edge - t) / (2 * edge), 1);
        {
          float crowd = 1 / (1 + 1.3f * scene->density[1][at] / dye[1]);
          for (int k = 0; k < 3; k++)
            scene->density[k][at] += dye[k] * thick * crowd;
        }
        if (t <= 1)
          scene->masks[CYT_PHANTOM_RED_CELLS][at] = 255;
      }
}

void
cyt_phantom_draw_red_cells (CytPhantomScene *scene, const CytPhantomOutline *outline)
{
  static const guint8 haemoglobin[3] = { 203, 166, 165 }, marrow_haemoglobin[3] = { 206, 175, 158 };
  const CytPhantomCell *cell = scene->cell;
  gboolean marrow = cell->domain == CYT_PHANTOM_MARROW;
  const double far = CYT_PHANTOM_FIELD_UM / 2 + 3;
  CytPhantomRandom random;
  CytPhantomDye dye;
  RedCell cells[MAX_RED_CELLS];
  guint n = 0;
  Style style;

  cyt_phantom_random_init (&random, cell->seed, cell->index, STREAM_RED_CELLS);
  cyt_phantom_dye_init (dye, marrow ? marrow_haemoglobin : haemoglobin, 1, &cell->stain);
  if (cell->stain.second_laboratory) /* its red cells are paler */
    for (int k = 0; k < 3; k++)
      dye[k] *= 0.82f;
  style.n = cyt_phantom_random_int (&random, 13, 34);
  style.pallor = cyt_phantom_random_chance (&random, 0.2) ? cyt_phantom_random_in (&random, 0.0, 0.25)
                                                          : cyt_phantom_random_in (&random, 0.55, 0.92);
  style.pallor_width = cyt_phantom_random_in (&random, 0.34, 0.54);
  style.strength = cyt_phantom_random_in (&random, 0.85, 1.2);
  style.deform = cyt_phantom_random_chance (&random, 0.15) ? cyt_phantom_random_in (&random, 1.0, 1.9)
                                                           : cyt_phantom_random_in (&random, 0.4, 1.0);
  style.overlap = cyt_phantom_random_chance (&random, 0.45) ? cyt_phantom_random_in (&random, 0.35, 0.75)
                                                            : cyt_phantom_random_in (&random, 0.0, 0.2);
  style.size = cyt_phantom_random_normal (&random, 3.65, 0.16);
  style.crenated = cyt_phantom_random_chance (&random, 0.06) ? 0.4 : 0.01;
  if (marrow)
    {
      style.n = cyt_phantom_random_int (&random, 4, 18);
      style.pallor *= 0.5;
      style.strength *= cyt_phantom_random_in (&random, 0.6, 0.9);
      style.deform *= 1.6;
    }

  for (guint attempt = 0; attempt < 700 && n < style.n; attempt++)
    {
      RedCell *candidate = cells + n;
      double x = cyt_phantom_random_in (&random, -far, far), y = cyt_phantom_random_in (&random, -far, far);
      double distance = sqrt (x * x + y * y), clear;
      gboolean fits = TRUE;

      /* White cells push red cells aside; now and then one tucks under. */
      clear = cyt_phantom_outline_at (outline, x, y) + style.size * (cyt_phantom_random_chance (&random, 0.12) ? 0.75 : 1);
      if (distance < clear)
        continue;
      /* Near enough to one of about the usual size; its traits are drawn for those that stay. */
      for (guint i = 0; i < n && fits; i++)
        {
          double dx = x - cells[i].x, dy = y - cells[i].y;
          double least = 2 * style.size *
            (cyt_phantom_random_chance (&random, style.overlap) ? 0.55 : 1.0);

          fits = dx * dx + dy * dy >= least * least;
        }
      if (!fits)
        continue;
      red_cell_init (candidate, &style, &random);
      candidate->x = x;
      candidate->y = y;
      n++;
    }
  for (guint i = 0; i < n; i++)
    red_cell_draw (cells + i, scene, dye);
}

/* Platelets between the cells: small, ragged, pale blue with a violet granulomere; and precipitate of stain. */
void
cyt_phantom_draw_platelets (CytPhantomScene *scene, const CytPhantomOutline *outline)
{
  static const guint8 violet[3] = { 72, 18, 108 }, pale[3] = { 180, 148, 186 };
  const CytPhantomCell *cell = scene->cell;
  CytPhantomRandom random;
  CytPhantomDye dark, light;
  guint n;
  gsize size = scene->size;

  cyt_phantom_random_init (&random, cell->seed, cell->index, STREAM_PLATELETS);
  cyt_phantom_dye_init (dark, violet, 0.1, &cell->stain);
  cyt_phantom_dye_init (light, pale, 0.1, &cell->stain);
  n = cyt_phantom_random_chance (&random, 0.45) ? 0 : cyt_phantom_random_int (&random, 1, 3);
  for (guint p = 0; p < n; p++)
    {
      double half = CYT_PHANTOM_FIELD_UM / 2, x = cyt_phantom_random_in (&random, -half, half);
      double y = cyt_phantom_random_in (&random, -half, half), radius = cyt_phantom_random_in (&random, 0.5, 1.5);
      double s = scene->scale, cx = size / 2.0 + x * s, cy = size / 2.0 + y * s, reach = 1.5 * radius * s;
      double stretch = cyt_phantom_random_in (&random, 0.75, 1.3), skew = cyt_phantom_random_normal (&random, 0, 0.2);
      double fill = cyt_phantom_random_in (&random, 0.5, 1.1);
      int x0 = MAX ((int) (cx - reach), 0), x1 = MIN ((int) (cx + reach) + 1, (int) size);
      int y0 = MAX ((int) (cy - reach), 0), y1 = MIN ((int) (cy + reach) + 1, (int) size);
      gsize w, h;

      /* The numbers of the draws above must not depend on what is drawn: skip only now. */
      if (sqrt (x * x + y * y) < cyt_phantom_outline_at (outline, x, y) + 1.5 * radius || x1 <= x0 || y1 <= y0)
        continue;
      w = x1 - x0;
      h = y1 - y0;
      cyt_phantom_noise (scene->work[0], w, h, MAX (0.26 * s, 1.2), &random, scene->scratch);
      cyt_phantom_noise (scene->work[1], w, h, 0.9 * s, &random, scene->scratch);
      for (gsize j = 0; j < h; j++)
        for (gsize i = 0; i < w; i++)
          {
            gsize at = (y0 + j) * size + x0 + i;
            float u = (float) ((x0 + i + 0.5 - cx) / s / radius / stretch);
            float v = (float) ((y0 + j + 0.5 - cy) / s / radius * stretch + skew * u);
            float rho = sqrtf (u * u + v * v) * (1 + 0.16f * scene->work[1][j * w + i]);
            float body = cyt_phantom_step (1.12f, 0.8f, rho);
            float grains = body * cyt_phantom_step (1.02f, 0.6f, rho) *
              cyt_phantom_step (-1.6f, 1.6f, scene->work[0][j * w + i]) * (float) fill;

            if (body <= 0)
              continue;
            for (int k = 0; k < 3; k++)
              {
                float *d = scene->density[k] + at;
                *d = *d * (1 - 0.4f * body) + body * light[k] + grains * dark[k];
              }
            if (body >= 0.5f)
              scene->masks[CYT_PHANTOM_PLATELETS][at] = 255;
          }
    }

  /* Dust and precipitate: dots that are no cell's. */
  n = cyt_phantom_random_chance (&random, 0.5) ? 0 : cyt_phantom_random_int (&random, 1, 4);
  for (guint p = 0; p < n; p++)
    {
      double cx = cyt_phantom_random_in (&random, 0, size), cy = cyt_phantom_random_in (&random, 0, size);
      double r = cyt_phantom_random_in (&random, 0.08, 0.22) * scene->scale;

      for (int y = MAX ((int) (cy - r - 1), 0); y < MIN ((int) (cy + r + 2), (int) size); y++)
        for (int x = MAX ((int) (cx - r - 1), 0); x < MIN ((int) (cx + r + 2), (int) size); x++)
          {
            float dx = (float) (x + 0.5 - cx), dy = (float) (y + 0.5 - cy);
            float cover = CLAMP ((float) r + 0.5f - sqrtf (dx * dx + dy * dy), 0, 1);

            for (int k = 0; k < 3; k++)
              scene->density[k][(gsize) y * size + x] += 0.6f * cover * dark[k];
          }
    }
}
