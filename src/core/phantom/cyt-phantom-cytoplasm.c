/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "phantom/cyt-phantom-private.h"

void
cyt_phantom_draw_cytoplasm (CytPhantomPatch *patch)
{
  static const int to_pink[3] = { 5, -5, -4 }, to_blue[3] = { -5, 1, 3 };
  const CytPhantomCell *cell = patch->cell;
  CytPhantomScene *scene = patch->scene;
  gsize w = patch->w, h = patch->h;
  float *grain = patch->noise[0], *cloud = patch->noise[1], *edge = patch->noise[2], *patchy = scene->work[7];
  /* The redder, the more eosin is in it. */
  double acid = CLAMP (0.5 + (cell->cytoplasm[0] - cell->cytoplasm[2]) / 80.0, 0, 1);
  float hof_r = (float) MAX (0.42 * cell->nucleus_radius, 1.1);
  float motley = (float) MIN (cell->frost / 0.15, 1.2);
  CytPhantomRandom random;
  CytPhantomDye pink, blue;
  guint8 rgb[3];

  cyt_phantom_random_init (&random, cell->seed, cell->index, STREAM_CYTOPLASM);
  /* Neither purely one nor the other anywhere: patches take more of this or of that dye. */
  for (int k = 0; k < 3; k++)
    rgb[k] = (guint8) CLAMP (cell->cytoplasm[k] + to_pink[k], 0, 255);
  cyt_phantom_dye_init (pink, rgb, MIN (acid + 0.1, 1), &cell->stain);
  for (int k = 0; k < 3; k++)
    rgb[k] = (guint8) CLAMP (cell->cytoplasm[k] + to_blue[k], 0, 255);
  cyt_phantom_dye_init (blue, rgb, MAX (acid - 0.1, 0), &cell->stain);
  cyt_phantom_noise (grain, w, h, MAX (0.26 * scene->scale, 1.2), &random, scene->scratch);
  cyt_phantom_noise (cloud, w, h, 1.3 * scene->scale, &random, scene->scratch);
  cyt_phantom_noise (patchy, w, h, 0.6 * scene->scale, &random, scene->scratch);
  memcpy (edge, patch->inside, w * h * sizeof (float));
  cyt_phantom_blur (edge, patch->tmp, w, h, 0.35 * scene->scale);
  for (gsize y = 0; y < h; y++)
    for (gsize x = 0; x < w; x++)
      {
        gsize i = y * w + x, at = (patch->y0 + y) * scene->size + patch->x0 + x;
        float a = patch->inside[i], much, mix;

        if (a <= 0)
          continue;
        mix = CLAMP (0.5f + motley * (0.28f * patchy[i] + 0.12f * grain[i]), 0, 1);
        much = 1 + (float) cell->frost * (grain[i] + 0.6f * patchy[i]) + 0.08f * cloud[i] +
          (float) cell->rim * (1 - cyt_phantom_step (0.5f, 0.98f, edge[i]));
        if (cell->hof > 0)
          {
            float dx = (float) ((patch->x0 + x + 0.5 - patch->cx) / scene->scale - patch->hof_x);
            float dy = (float) ((patch->y0 + y + 0.5 - patch->cy) / scene->scale - patch->hof_y);
            float q = (dx * dx + dy * dy) / (hof_r * hof_r);

            much *= 1 - (float) cell->hof / (1 + q * q);
            if (q < 1 && a >= 0.5f && patch->nucleus[i] < 0.5f)
              scene->masks[CYT_PHANTOM_HOF][at] = 255;
          }
        if (cell->smudge)
          much *= 0.25f;
        much = MAX (much, 0.05f) * a;
        for (int k = 0; k < 3; k++)
          scene->density[k][at] += much * (pink[k] + (blue[k] - pink[k]) * mix);
      }
}

/* A place in the cell, over the nucleus only with probability @over. */
static gboolean
find_place (CytPhantomPatch *patch, const CytPhantomOutline *outline, CytPhantomRandom *random, double over,
            double outermost, double *x, double *y)
{
  for (guint attempt = 0; attempt < 8; attempt++)
    {
      double a = cyt_phantom_random_in (random, 0, 2 * CYT_PHANTOM_PI), c = cyt_phantom_cos (a), s = cyt_phantom_sin (a);
      double r = cyt_phantom_outline_at (outline, c, s) * outermost * sqrt (cyt_phantom_random_in (random, 0, 1));
      gboolean above = cyt_phantom_random_chance (random, over);
      int px, py;

      *x = r * c;
      *y = r * s;
      px = (int) floor (patch->cx - patch->x0 + *x * patch->scene->scale);
      py = (int) floor (patch->cy - patch->y0 + *y * patch->scene->scale);
      if (px < 0 || py < 0 || px >= patch->w || py >= patch->h)
        continue; /* beyond the picture */
      if (above || patch->nucleus[py * patch->w + px] < 0.3f)
        return TRUE;
    }
  return FALSE;
}

typedef struct
{
  CytPhantomRandom random;
  double x, y, length, angle;
  guint n;
} Rods;

static void
path_rods (cairo_t *cr, gpointer data)
{
  Rods *rods = data;

  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (guint i = 0; i < rods->n; i++)
    {
      double a = rods->angle + (rods->n > 1 ? cyt_phantom_random_normal (&rods->random, 0, 0.7) : 0);
      double l = rods->length * (rods->n > 1 ? cyt_phantom_random_in (&rods->random, 0.6, 1.1) : 1) / 2;
      double x = rods->x + (rods->n > 1 ? cyt_phantom_random_normal (&rods->random, 0, 0.45) : 0);
      double y = rods->y + (rods->n > 1 ? cyt_phantom_random_normal (&rods->random, 0, 0.45) : 0);
      double c = cyt_phantom_cos (a) * l, s = cyt_phantom_sin (a) * l;

      cairo_set_line_width (cr, cyt_phantom_random_in (&rods->random, 0.24, 0.36));
      cairo_move_to (cr, x - c, y - s);
      cairo_line_to (cr, x + c, y + s);
      cairo_stroke (cr);
    }
}

/* @n rods that cross: a single Auer rod or a bundle. */
static void
draw_rods (CytPhantomPatch *patch, const CytPhantomOutline *outline, CytPhantomRandom *random, guint n,
           const float dye[3])
{
  CytPhantomScene *scene = patch->scene;
  Rods rods = { .n = n, .length = cyt_phantom_random_in (random, 2.4, 4.2) };
  gboolean fits = FALSE;

  /* A place where both ends lie in the cytoplasm, if one is found. */
  for (guint attempt = 0; attempt < 40 && !fits; attempt++)
    {
      if (!find_place (patch, outline, random, n > 1 ? 0.1 : 0, 0.85, &rods.x, &rods.y))
        continue;
      rods.angle = cyt_phantom_random_in (random, 0, CYT_PHANTOM_PI);
      fits = TRUE;
      for (int end = -1; end <= 1; end += 2)
        {
          double x = rods.x + end * rods.length / 2 * cyt_phantom_cos (rods.angle);
          double y = rods.y + end * rods.length / 2 * cyt_phantom_sin (rods.angle);
          int px = (int) floor (patch->cx - patch->x0 + x * scene->scale);
          int py = (int) floor (patch->cy - patch->y0 + y * scene->scale);

          fits = fits && px >= 0 && py >= 0 && px < patch->w && py < patch->h &&
            patch->inside[py * patch->w + px] > 0.9f && (attempt > 25 || patch->nucleus[py * patch->w + px] < 0.2f);
        }
    }
  rods.random = *random;
  cyt_phantom_patch_cover (patch, path_rods, &rods, patch->tmp);
  *random = rods.random;
  for (int y = 0; y < patch->h; y++)
    for (int x = 0; x < patch->w; x++)
      {
        float *a = patch->tmp + y * patch->w + x;
        gsize at = (gsize) (patch->y0 + y) * scene->size + patch->x0 + x;

        *a *= patch->inside[y * patch->w + x];
        for (int k = 0; k < 3; k++)
          scene->density[k][at] += *a * (dye[k] - 0.75f * scene->density[k][at]);
      }
  cyt_phantom_patch_mark (patch, patch->tmp, CYT_PHANTOM_AUER_RODS);
  if (n > 1)
    cyt_phantom_patch_mark (patch, patch->tmp, CYT_PHANTOM_FAGGOTS);
}

void
cyt_phantom_draw_granules (CytPhantomPatch *patch, const CytPhantomOutline *outline)
{
  static const guint8 pink_violet[3] = { 156, 78, 148 }, orange[3] = { 196, 108, 118 }, gap[3] = { 222, 172, 164 };
  static const guint8 violet_black[3] = { 72, 26, 122 }, purple[3] = { 98, 34, 122 }, magenta[3] = { 132, 26, 104 };
  const CytPhantomCell *cell = patch->cell;
  CytPhantomRandom random;
  CytPhantomDye neutrophilic, eosinophilic, pale, basophilic, azurophilic, rod;
  /* A platelet's granules keep to its middle. */
  double outermost = cell->cell_class == CYT_PHANTOM_PLATELET ? 0.8 : 0.99, x, y;

  cyt_phantom_random_init (&random, cell->seed, cell->index, STREAM_GRANULES);
  cyt_phantom_dye_init (neutrophilic, pink_violet, 0.4, &cell->stain);
  cyt_phantom_dye_init (eosinophilic, orange, 1, &cell->stain);
  cyt_phantom_dye_init (pale, gap, 1, &cell->stain);
  cyt_phantom_dye_init (basophilic, violet_black, 0, &cell->stain);
  cyt_phantom_dye_init (azurophilic, purple, 0, &cell->stain);
  cyt_phantom_dye_init (rod, magenta, 0.2, &cell->stain);

  for (guint i = 0; i < cell->n_neutrophilic; i++)
    if (find_place (patch, outline, &random, 0, 0.985, &x, &y))
      {
        double strong = cyt_phantom_random_in (&random, 0, 1), r = cyt_phantom_random_in (&random, 0.08, 0.16);

        cyt_phantom_patch_disc (patch, patch->inside, x, y, r, neutrophilic, 0.15 + 0.75 * strong * strong, 0,
                                CYT_PHANTOM_NEUTROPHILIC_GRANULES);
      }
  for (guint i = 0; i < cell->n_azurophilic; i++)
    if (find_place (patch, outline, &random, cell->azurophilic_over_nucleus, outermost, &x, &y))
      {
        double r = cell->azurophilic_radius * cyt_phantom_random_in (&random, 0.65, 1.35);
        double strong = cyt_phantom_random_in (&random, 0.5, 1);

        cyt_phantom_patch_disc (patch, patch->inside, x, y, r, azurophilic, strong, 0,
                                CYT_PHANTOM_AZUROPHILIC_GRANULES);
      }
  for (guint i = 0; i < cell->n_eosinophilic; i++)
    if (find_place (patch, outline, &random, 0.02, 0.97, &x, &y))
      {
        gboolean bright = cyt_phantom_random_chance (&random, 0.18);
        double r = cyt_phantom_random_in (&random, 0.19, 0.32), strong = cyt_phantom_random_in (&random, 0.35, 0.85);

        cyt_phantom_patch_disc (patch, patch->inside, x, y, r, bright ? pale : eosinophilic, strong, 0.45,
                                CYT_PHANTOM_EOSINOPHILIC_GRANULES);
      }
  for (guint i = 0; i < cell->n_basophilic; i++)
    if (find_place (patch, outline, &random, 0.75, 0.97, &x, &y))
      {
        double r = cyt_phantom_random_in (&random, 0.14, 0.27), a = cyt_phantom_random_in (&random, 0, 6.28);
        double apart = cyt_phantom_random_in (&random, 0, 0.9) * r, much = cyt_phantom_random_in (&random, 0.8, 1.05);

        for (int end = -1; end <= 1; end += 2) /* two discs: longish and angular, not balls */
          cyt_phantom_patch_disc (patch, patch->inside, x + end * apart * cyt_phantom_cos (a),
                                  y + end * apart * cyt_phantom_sin (a), r * (end < 0 ? 1 : 0.8), basophilic, much, 0,
                                  CYT_PHANTOM_BASOPHILIC_GRANULES);
      }
  for (guint i = 0; i < cell->n_vacuoles; i++)
    if (find_place (patch, outline, &random, 0.06, 0.93, &x, &y))
      {
        double r = cell->vacuole_radius * cyt_phantom_random_in (&random, 0.5, 1.4);
        cyt_phantom_patch_disc (patch, patch->inside, x, y, r, NULL, cyt_phantom_random_in (&random, 0.7, 0.95), -0.25,
                                CYT_PHANTOM_VACUOLES);
      }
  for (guint i = 0; i < cell->n_auer_rods; i++)
    draw_rods (patch, outline, &random, 1, rod);
  for (guint i = 0; i < cell->n_faggots; i++)
    draw_rods (patch, outline, &random, cyt_phantom_random_int (&random, 6, 12), rod);
}
