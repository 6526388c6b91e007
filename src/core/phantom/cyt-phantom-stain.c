/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phantom/cyt-phantom-private.h"

/* The empty background of the reference slide; the median of PBC's is the same. */
static const double reference_background[3] = { 254, 228, 202 };

void
cyt_phantom_dye_init (CytPhantomDye dye, const guint8 rgb[3], double acid, const CytPhantomStain *stain)
{
  double strength = (stain->azure * (1 - acid) + stain->eosin * acid) * (stain->second_laboratory ? 0.91 : 1);

  for (int c = 0; c < 3; c++)
    {
      double density = cyt_phantom_log (reference_background[c] / MAX (rgb[c], 4));
      dye[c] = MAX (density * strength * stain->tint[c], 0);
    }
}

void
cyt_phantom_optics_init (CytPhantomOptics *optics, CytPhantomScene *scene)
{
  static const double cream[3] = { 254, 228, 202 }, lilac[3] = { 228, 222, 231 };
  static const double pale[3] = { 236, 232, 240 }, grey[3] = { 208, 203, 200 };
  const CytPhantomCell *cell = scene->cell;
  CytPhantomRandom random;
  double level, focus;
  const double *background;

  cyt_phantom_random_init (&random, cell->seed, cell->index, STREAM_LIGHT);
  if (cell->domain == CYT_PHANTOM_MARROW)
    background = cell->stain.second_laboratory ? grey : pale;
  else
    background = cell->stain.second_laboratory ? lilac : cream;
  level = cell->stain.brightness + cyt_phantom_random_normal (&random, 0, 0.008);
  for (int c = 0; c < 3; c++)
    optics->background[c] = (float) (background[c] * (level + cyt_phantom_random_normal (&random, 0, 0.004)));

  /* Most pictures are in focus, a few are not; the second laboratory's optics are softer. */
  focus = cyt_phantom_random_in (&random, 0, 1);
  focus = focus * focus * focus;
  if (cell->stain.second_laboratory)
    {
      optics->blur = (float) (scene->scale * (0.10 + 0.08 * focus));
      optics->sharpen = 0.4f;
    }
  else
    {
      optics->blur = (float) (scene->scale * (0.065 + 0.06 * focus));
      optics->sharpen = 0.75f;
    }
  optics->noise = cell->domain == CYT_PHANTOM_MARROW ? 2.6f : 1.3f;
}

/* Illumination: a slope across the field and a slow cloud. */
void
cyt_phantom_draw_light (CytPhantomScene *scene)
{
  CytPhantomRandom random;
  gsize size = scene->size;
  double sx, sy;
  float cloud;

  cyt_phantom_random_init (&random, scene->cell->seed, scene->cell->index ^ G_GUINT64_CONSTANT (1) << 63, STREAM_LIGHT);
  sx = cyt_phantom_random_normal (&random, 0, 0.008);
  sy = cyt_phantom_random_normal (&random, 0, 0.008);
  cloud = scene->cell->domain == CYT_PHANTOM_MARROW ? 0.008f : 0.003f;
  cyt_phantom_noise (scene->light, size, size, 9 * scene->scale, &random, scene->scratch);
  for (gsize y = 0; y < size; y++)
    for (gsize x = 0; x < size; x++)
      {
        float *v = scene->light + y * size + x;
        *v = 1 + cloud * *v + (float) (sx * (2.0 * x / size - 1) + sy * (2.0 * y / size - 1));
      }
}
