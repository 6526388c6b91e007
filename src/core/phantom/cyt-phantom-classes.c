/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "phantom/cyt-phantom-private.h"

static const char *const class_names[CYT_PHANTOM_N_CLASSES] = {
  "basophil", "eosinophil", "erythroblast", "ig", "lymphocyte", "metamyelocyte", "monocyte", "myelocyte",
  "neutrophil", "neutrophil_band", "neutrophil_segmented", "platelet", "promyelocyte", "blast", "plasma_cell",
  "atypical_promyelocyte" };

static const char *const structure_names[CYT_PHANTOM_N_STRUCTURES] = {
  "cell", "nucleus", "cytoplasm", "nucleoli", "hof", "neutrophilic_granules", "eosinophilic_granules",
  "basophilic_granules", "azurophilic_granules", "vacuoles", "auer_rods", "faggots", "red_cells", "platelets" };

const char *const cyt_phantom_attribute_names[CYT_PHANTOM_N_ATTRIBUTES] = {
  "cell_size", "cell_shape", "nucleus_shape", "nuclear_cytoplasmic_ratio", "chromatin_density", "cytoplasm_vacuole",
  "cytoplasm_texture", "cytoplasm_colour", "granule_type", "granule_colour", "granularity" };

const char *
cyt_phantom_class_get_name (CytPhantomClass cell_class)
{
  g_return_val_if_fail (cell_class < CYT_PHANTOM_N_CLASSES, NULL);
  return class_names[cell_class];
}

const char *
cyt_phantom_structure_get_name (CytPhantomStructure structure)
{
  g_return_val_if_fail (structure < CYT_PHANTOM_N_STRUCTURES, NULL);
  return structure_names[structure];
}

/* --- recipes --------------------------------------------------------------------------------------------
 * Sizes follow atlases, colours the PBC pictures. U: uniform, N: normal, P: with that probability. */

#define U(low, high) cyt_phantom_random_in (random, low, high)
#define N(mean, sd) cyt_phantom_random_normal (random, mean, sd)
#define I(low, high) cyt_phantom_random_int (random, low, high)
#define P(p) cyt_phantom_random_chance (random, p)

/* A colour on the way (@t from 0 to 1) between two, r g b r g b, a little off it. */
static void
set_colour (guint8 out[3], CytPhantomRandom *random, double t, const int between[6])
{
  double shade = N (0, 4);

  for (int k = 0; k < 3; k++)
    {
      double value = between[k] + t * (between[3 + k] - between[k]) + shade + N (0, 2.5);

      out[k] = (guint8) CLAMP (value, 5, 250);
    }
}
#define COLOUR(field, t, ...) set_colour (self->field, random, t, (const int[6]) { __VA_ARGS__ })

/* Statements, not arguments of a call: C leaves the order of those open, and with it the random numbers. */
#define CHROMATIN(scale, lace, soft) \
  G_STMT_START { \
    self->chromatin_scale = (scale); \
    self->chromatin_lace = (lace); \
    self->chromatin_soft = (soft); \
  } G_STMT_END

static void
neutrophil (CytPhantomCell *self, CytPhantomRandom *random, gboolean band)
{
  /* Mature cells move: they are larger and oftener out of round than bands, as WBCAtt's raters saw. */
  self->radius = band ? N (6.4, 0.45) : N (6.9, 0.45);
  self->elongation = band ? U (1, 1.12) : U (1, 1.22);
  self->irregularity = P (band ? 0.08 : 0.45) ? U (0.32, 0.95) : U (0, 0.2);
  self->nucleus_offset = U (0.0, 0.35);
  COLOUR (nucleus_dark, U (0, 1), 63, 21, 127, 75, 27, 133);
  COLOUR (nucleus_light, U (0, 1), 144, 100, 160, 198, 156, 184);
  CHROMATIN (U (0.45, 0.7), U (0.12, 0.22), U (0.0, 0.2));
  COLOUR (cytoplasm, U (0, 1), 216, 180, 187, 200, 156, 178);
  self->frost = U (0.12, 0.26);
  self->rim = U (0, 0.25);
  self->n_neutrophilic = I (180, 520);
  if (P (0.06))
    self->n_vacuoles = I (1, 5);
  if (band)
    {
      self->nucleus = CYT_PHANTOM_NUCLEUS_BAND;
      self->nucleus_radius = N (4.1, 0.25);
    }
  else
    {
      self->nucleus = CYT_PHANTOM_NUCLEUS_LOBED;
      self->n_lobes = P (0.25) ? 2 : P (0.6) ? 3 : I (4, 5);
      self->nucleus_radius = N (4.1, 0.25);
    }
}

/* From promyelocyte (0) over myelocyte (about ½) to metamyelocyte (1). */
static void
immature (CytPhantomCell *self, CytPhantomRandom *random, double age)
{
  self->radius = N (7.8 - 1.5 * age, 0.75);
  self->elongation = U (1, 1.14);
  self->irregularity = P (0.3) ? U (0.15, 0.6) : U (0, 0.18);
  self->nucleus_radius = self->radius * N (0.8 - 0.13 * age, 0.03);
  self->nucleus_offset = age < 0.67 ? U (0.35, 0.95) : U (0.0, 0.65);
  COLOUR (nucleus_dark, U (0, 1), 60, 20, 120, 80, 32, 134);
  COLOUR (nucleus_light, U (0, 1), 148, 92, 162, 186, 134, 178);
  self->rim = U (0.05, 0.5) * (1 - 0.6 * age);
  self->frost = U (0.14, 0.28);
  if (age < 0.33)
    {
      CHROMATIN (U (0.34, 0.46), U (0.3, 0.44), U (0.1, 0.3));
      self->nucleus = P (0.55) ? CYT_PHANTOM_NUCLEUS_ROUND : CYT_PHANTOM_NUCLEUS_INDENTED;
      self->indentation = U (0.08, 0.25);
      COLOUR (cytoplasm, U (0, 1), 134, 112, 172, 184, 152, 190);
      self->n_nucleoli = P (0.4) ? I (1, 2) : 0;
      self->hof = P (0.5) ? U (0.2, 0.6) : 0;
      self->n_azurophilic = I (320, 900);
      self->azurophilic_radius = U (0.13, 0.2);
      self->azurophilic_over_nucleus = U (0.5, 1.0);
    }
  else if (age < 0.67)
    {
      CHROMATIN (U (0.38, 0.55), U (0.26, 0.38), U (0.05, 0.25));
      self->nucleus = P (0.45) ? CYT_PHANTOM_NUCLEUS_ROUND : CYT_PHANTOM_NUCLEUS_INDENTED;
      self->indentation = U (0.05, 0.22);
      COLOUR (cytoplasm, U (0, 1), 178, 150, 184, 208, 168, 184);
      self->hof = P (0.4) ? U (0.2, 0.5) : 0;
      self->n_neutrophilic = I (200, 480);
      self->n_azurophilic = P (0.7) ? I (80, 380) : I (0, 30);
      self->azurophilic_radius = U (0.09, 0.16);
      self->azurophilic_over_nucleus = U (0.2, 0.8);
    }
  else
    {
      CHROMATIN (U (0.42, 0.62), U (0.14, 0.24), U (0.0, 0.2));
      self->nucleus = CYT_PHANTOM_NUCLEUS_INDENTED;
      self->indentation = U (0.22, 0.5);
      COLOUR (cytoplasm, U (0, 1), 184, 154, 188, 210, 172, 186);
      self->n_neutrophilic = I (140, 360);
      self->n_azurophilic = P (0.25) ? I (20, 90) : 0;
      self->azurophilic_radius = U (0.12, 0.17);
    }
  if (P (0.06))
    self->n_vacuoles = I (1, 4);
}

static void
blast (CytPhantomCell *self, CytPhantomRandom *random, CytPhantomGroup group)
{
  self->radius = N (6.9, 0.7);
  self->elongation = U (1, 1.15);
  self->irregularity = U (0, 0.3);
  self->nucleus_radius = self->radius * N (0.83, 0.035);
  self->nucleus = P (0.15) ? CYT_PHANTOM_NUCLEUS_CLEFT : CYT_PHANTOM_NUCLEUS_ROUND;
  self->nucleus_offset = U (0.2, 0.95);
  COLOUR (nucleus_dark, U (0, 1), 99, 45, 149, 117, 57, 157);
  COLOUR (nucleus_light, U (0, 1), 154, 100, 178, 174, 122, 186);
  CHROMATIN (U (0.34, 0.5), U (0.35, 0.5), U (0.3, 0.7));
  self->n_nucleoli = I (1, 4);
  COLOUR (cytoplasm, U (0, 1), 112, 98, 166, 164, 150, 196);
  self->frost = U (0.06, 0.16);
  self->rim = U (0.1, 0.5);
  self->vacuole_radius = 0.35;
  if (P (0.2))
    {
      self->n_azurophilic = I (3, 25);
      self->azurophilic_radius = U (0.12, 0.18);
    }
  switch (group)
    {
    case CYT_PHANTOM_NPM1:
      if (P (0.65))
        self->nucleus = CYT_PHANTOM_NUCLEUS_CUP;
      break;
    case CYT_PHANTOM_RUNX1_RUNX1T1:
      self->radius += 0.7;
      self->nucleus_radius = self->radius * N (0.69, 0.03);
      self->nucleus_offset = U (0.7, 1);
      if (P (0.75))
        {
          self->nucleus = CYT_PHANTOM_NUCLEUS_INDENTED;
          self->indentation = U (0.12, 0.32);
          self->hof = U (0.5, 0.85);
        }
      self->n_auer_rods = P (0.4);
      break;
    case CYT_PHANTOM_CBFB_MYH11:
      if (P (0.4)) /* monoblast-like */
        {
          self->nucleus = CYT_PHANTOM_NUCLEUS_FOLDED;
          self->indentation = U (0.1, 0.3);
          self->nucleus_radius *= 0.92;
        }
      self->n_auer_rods = P (0.06);
      break;
    case CYT_PHANTOM_PML_RARA:
      self->n_auer_rods = P (0.15);
      break;
    default:
      break;
    }
  self->smudge = P (0.03);
}

static void
eosinophil (CytPhantomCell *self, CytPhantomRandom *random, CytPhantomGroup group)
{
  self->radius = N (6.9, 0.5);
  self->elongation = U (1, 1.12);
  self->irregularity = U (0, 0.25);
  self->nucleus = CYT_PHANTOM_NUCLEUS_LOBED;
  self->n_lobes = P (0.8) ? 2 : 3;
  self->nucleus_radius = N (3.9, 0.25);
  self->nucleus_offset = U (0.0, 0.4);
  if (P (0.14))
    self->nucleus = CYT_PHANTOM_NUCLEUS_BAND;
  COLOUR (nucleus_dark, U (0, 1), 58, 20, 124, 78, 38, 138);
  COLOUR (nucleus_light, U (0, 1), 132, 94, 164, 184, 138, 176);
  CHROMATIN (U (0.45, 0.65), U (0.18, 0.3), U (0.1, 0.3));
  COLOUR (cytoplasm, U (0, 1), 206, 138, 140, 194, 134, 152);
  self->frost = U (0.05, 0.12);
  self->n_eosinophilic = I (300, 520);
  if (P (0.15)) /* burst: granules lie about, the rest is pale */
    {
      self->irregularity = U (0.5, 0.9);
      self->ruffle = U (0.5, 0.9);
      self->radius *= 1.12;
      COLOUR (cytoplasm, 0, 236, 206, 190, 236, 206, 190);
      self->n_eosinophilic = I (260, 380);
    }
  if (group == CYT_PHANTOM_CBFB_MYH11 && P (0.7)) /* the abnormal eosinophil of this leukaemia */
    {
      self->n_basophilic = I (8, 40);
      if (P (0.5))
        {
          self->nucleus = CYT_PHANTOM_NUCLEUS_INDENTED;
          self->indentation = U (0.1, 0.4);
          self->nucleus_radius = N (4.0, 0.2);
        }
    }
}

static void
basophil (CytPhantomCell *self, CytPhantomRandom *random)
{
  self->radius = N (6.2, 0.5);
  self->elongation = U (1, 1.2);
  self->irregularity = U (0, 0.2);
  self->nucleus = P (0.6) ? CYT_PHANTOM_NUCLEUS_LOBED : CYT_PHANTOM_NUCLEUS_INDENTED;
  self->n_lobes = I (2, 3);
  self->indentation = U (0.1, 0.4);
  self->nucleus_radius = self->radius * N (0.74, 0.04);
  self->nucleus_offset = U (0, 0.5);
  COLOUR (nucleus_dark, U (0, 1), 71, 27, 125, 95, 43, 135);
  COLOUR (nucleus_light, U (0, 1), 124, 78, 154, 164, 110, 168);
  CHROMATIN (U (0.4, 0.6), U (0.25, 0.4), U (0.3, 0.7));
  COLOUR (cytoplasm, U (0, 1), 196, 138, 176, 160, 96, 156);
  self->frost = U (0.12, 0.25);
  self->ruffle = U (0.03, 0.3);
  self->n_basophilic = I (200, 440);
}

static void
lymphocyte (CytPhantomCell *self, CytPhantomRandom *random)
{
  gboolean large = P (0.25);

  self->radius = large ? N (6.1, 0.4) : N (4.95, 0.35);
  self->elongation = U (1, 1.25);
  self->irregularity = P (0.3) ? U (0.3, 0.8) : U (0.02, 0.25);
  self->ruffle = P (0.5) ? U (0.08, 0.35) : 0.03;
  self->nucleus = P (0.75) ? CYT_PHANTOM_NUCLEUS_ROUND : CYT_PHANTOM_NUCLEUS_INDENTED;
  self->indentation = U (0.08, 0.22);
  self->nucleus_radius = self->radius * (large ? N (0.78, 0.05) : N (0.89, 0.04));
  self->nucleus_offset = U (0.3, 1);
  COLOUR (nucleus_dark, U (0, 1), 59, 17, 115, 85, 27, 127);
  COLOUR (nucleus_light, U (0, 1), 114, 64, 144, 150, 94, 158);
  CHROMATIN (U (0.38, 0.55), U (0.14, 0.3), U (0.3, 0.8));
  COLOUR (cytoplasm, U (0, 1), 160, 146, 190, 84, 72, 140);
  self->frost = U (0.1, 0.24);
  self->rim = U (0.2, 0.6);
  if (P (0.1))
    {
      self->n_azurophilic = I (3, 12);
      self->azurophilic_radius = 0.17;
    }
  self->smudge = P (0.01);
}

static void
monocyte (CytPhantomCell *self, CytPhantomRandom *random)
{
  self->radius = N (7.7, 0.7);
  self->elongation = U (1, 1.25);
  self->irregularity = P (0.6) ? U (0.3, 1.0) : U (0.05, 0.3);
  self->ruffle = P (0.6) ? U (0.08, 0.4) : 0.03;
  self->nucleus = P (0.5) ? CYT_PHANTOM_NUCLEUS_INDENTED : CYT_PHANTOM_NUCLEUS_FOLDED;
  self->indentation = U (0.2, 0.6);
  self->nucleus_radius = self->radius * N (0.71, 0.04);
  self->nucleus_offset = U (0.0, 0.6);
  COLOUR (nucleus_dark, U (0, 1), 64, 20, 122, 86, 34, 134);
  COLOUR (nucleus_light, U (0, 1), 148, 94, 160, 186, 130, 172);
  CHROMATIN (U (0.36, 0.5), U (0.26, 0.4), U (0.05, 0.25));
  COLOUR (cytoplasm, U (0, 1), 184, 156, 188, 146, 122, 170);
  self->frost = U (0.14, 0.26);
  self->rim = U (0.05, 0.35);
  self->n_azurophilic = P (0.4) ? I (10, 60) : 0;
  self->azurophilic_radius = 0.1;
  self->n_vacuoles = P (0.5) ? I (2, 22) : 0;
  self->vacuole_radius = U (0.25, 0.6);
}

static void
erythroblast (CytPhantomCell *self, CytPhantomRandom *random)
{
  double young = U (0, 1), age = 1 - young * young; /* 0 basophilic … 1 orthochromatic */

  self->radius = N (5.9 - 0.8 * age, 0.4);
  self->elongation = U (1, 1.18);
  self->irregularity = P (0.4) ? U (0.2, 0.7) : U (0.02, 0.2);
  self->ruffle = U (0, 0.1);
  self->nucleus = CYT_PHANTOM_NUCLEUS_ROUND;
  self->nucleus_radius = self->radius * N (0.76 - 0.23 * age, 0.04);
  self->nucleus_offset = U (0.0, 0.7);
  COLOUR (nucleus_dark, age, 62, 20, 114, 52, 24, 106);
  COLOUR (nucleus_light, age, 158, 108, 152, 148, 104, 150);
  CHROMATIN (U (0.5, 0.75), 0.26 - 0.16 * age + U (-0.05, 0.06), U (0.0, 0.2));
  if (age < 0.3)
    COLOUR (cytoplasm, age / 0.3, 66, 50, 138, 104, 86, 158);
  else
    COLOUR (cytoplasm, (age - 0.3) / 0.7, 132, 112, 164, 192, 164, 180);
  self->frost = U (0.03, 0.12);
  self->rim = 0.5 * (1 - age);
  if (age > 0.5 && P (0.15)) /* basophilic stippling */
    {
      self->n_azurophilic = I (8, 30);
      self->azurophilic_radius = 0.13;
    }
}

static void
platelet (CytPhantomCell *self, CytPhantomRandom *random)
{
  self->radius = P (0.25) ? U (2.4, 3.3) : U (1.7, 2.5);
  self->elongation = U (1, 1.3);
  self->irregularity = U (0.1, 0.8);
  self->ruffle = U (0.03, 0.22);
  self->nucleus = CYT_PHANTOM_NUCLEUS_NONE;
  COLOUR (cytoplasm, U (0, 1), 168, 134, 182, 124, 88, 154);
  self->rim = -0.6;
  self->frost = U (0.25, 0.4);
  self->n_azurophilic = (guint) (self->radius * self->radius * U (14, 40));
  self->azurophilic_radius = U (0.1, 0.17);
}

static void
plasma_cell (CytPhantomCell *self, CytPhantomRandom *random)
{
  self->radius = N (7.2, 0.6);
  self->elongation = U (1.08, 1.4);
  self->irregularity = U (0.05, 0.35);
  self->nucleus = CYT_PHANTOM_NUCLEUS_ROUND;
  self->nucleus_radius = N (3.7, 0.25);
  self->nucleus_offset = U (0.7, 1);
  COLOUR (nucleus_dark, U (0, 1), 63, 19, 119, 79, 27, 131);
  COLOUR (nucleus_light, U (0, 1), 134, 84, 160, 160, 110, 172);
  CHROMATIN (U (0.85, 1.1), U (0.24, 0.34), U (0.05, 0.2));
  COLOUR (cytoplasm, U (0, 1), 82, 62, 138, 116, 94, 162);
  self->frost = U (0.08, 0.16);
  self->rim = U (0, 0.2);
  self->hof = U (0.4, 0.75);
  if (P (0.2))
    self->n_vacuoles = I (1, 8);
}

static void
atypical_promyelocyte (CytPhantomCell *self, CytPhantomRandom *random, CytPhantomGroup group)
{
  immature (self, random, 0);
  self->radius = N (8.2, 0.6);
  self->nucleus_radius = self->radius * N (0.62, 0.03);
  self->nucleus = P (0.4) ? CYT_PHANTOM_NUCLEUS_FOLDED : P (0.5) ? CYT_PHANTOM_NUCLEUS_INDENTED : CYT_PHANTOM_NUCLEUS_LOBED;
  self->n_lobes = 2;
  self->indentation = U (0.2, 0.55);
  if (self->nucleus == CYT_PHANTOM_NUCLEUS_LOBED)
    self->nucleus_radius *= 0.95;
  COLOUR (cytoplasm, U (0, 1), 172, 128, 184, 206, 152, 186);
  self->hof = 0;
  self->n_azurophilic = I (320, 620);
  self->azurophilic_radius = U (0.15, 0.23);
  self->azurophilic_over_nucleus = U (0.3, 0.8);
  if (group == CYT_PHANTOM_PML_RARA)
    {
      self->n_faggots = P (0.22) ? I (1, 2) : 0;
      self->n_auer_rods = self->n_faggots == 0 && P (0.35) ? I (1, 2) : 0;
    }
}

void
cyt_phantom_cell_init (CytPhantomCell *self, guint64 seed, guint64 index, CytPhantomClass cell_class,
                       CytPhantomGroup group, CytPhantomDomain domain, const CytPhantomStain *stain)
{
  CytPhantomRandom stream, *random = &stream;

  g_return_if_fail (cell_class < CYT_PHANTOM_N_CLASSES);
  memset (self, 0, sizeof *self);
  self->seed = seed;
  self->index = index;
  self->cell_class = cell_class;
  self->domain = domain;
  self->stain = *stain;
  self->elongation = 1;
  self->ruffle = 0.04;
  self->vacuole_radius = 0.35;
  cyt_phantom_random_init (random, seed, index, STREAM_TRAITS);
  switch (cell_class)
    {
    case CYT_PHANTOM_BASOPHIL: basophil (self, random); break;
    case CYT_PHANTOM_EOSINOPHIL: eosinophil (self, random, group); break;
    case CYT_PHANTOM_ERYTHROBLAST: erythroblast (self, random); break;
    case CYT_PHANTOM_IG: immature (self, random, U (0, 1)); break;
    case CYT_PHANTOM_LYMPHOCYTE: lymphocyte (self, random); break;
    case CYT_PHANTOM_METAMYELOCYTE: immature (self, random, U (0.7, 1)); break;
    case CYT_PHANTOM_MONOCYTE: monocyte (self, random); break;
    case CYT_PHANTOM_MYELOCYTE: immature (self, random, U (0.36, 0.64)); break;
    case CYT_PHANTOM_NEUTROPHIL: neutrophil (self, random, P (0.2)); break;
    case CYT_PHANTOM_NEUTROPHIL_BAND: neutrophil (self, random, TRUE); break;
    case CYT_PHANTOM_NEUTROPHIL_SEGMENTED: neutrophil (self, random, FALSE); break;
    case CYT_PHANTOM_PLATELET: platelet (self, random); break;
    case CYT_PHANTOM_PROMYELOCYTE: immature (self, random, U (0, 0.3)); break;
    case CYT_PHANTOM_BLAST: blast (self, random, group); break;
    case CYT_PHANTOM_PLASMA_CELL: plasma_cell (self, random); break;
    case CYT_PHANTOM_ATYPICAL_PROMYELOCYTE: atypical_promyelocyte (self, random, group); break;
    case CYT_PHANTOM_N_CLASSES: g_assert_not_reached ();
    }
  if (self->smudge)
    {
      self->nucleus = CYT_PHANTOM_NUCLEUS_ROUND;
      self->irregularity = U (0.5, 1);
      self->ruffle = U (0.4, 0.9);
      self->nucleus_radius = self->radius * 0.95;
      self->n_auer_rods = self->n_azurophilic = 0;
    }
}

void
cyt_phantom_cell_get_attributes (const CytPhantomCell *self, const char *values[CYT_PHANTOM_N_ATTRIBUTES])
{
  double ratio = self->nucleus_radius * self->nucleus_radius / (self->radius * self->radius);
  const guint8 *c = self->cytoplasm;
  gboolean none = self->nucleus == CYT_PHANTOM_NUCLEUS_NONE;

  values[0] = self->radius >= 6.2 ? "big" : "small";
  values[1] = self->irregularity > 0.3 || self->ruffle > 0.4 || self->elongation > 1.3 ? "irregular" : "round";
  switch (self->nucleus)
    {
    case CYT_PHANTOM_NUCLEUS_NONE: values[2] = ""; break;
    case CYT_PHANTOM_NUCLEUS_BAND: values[2] = "unsegmented-band"; break;
    case CYT_PHANTOM_NUCLEUS_LOBED: values[2] = self->n_lobes > 2 ? "segmented-multilobed" : "segmented-bilobed"; break;
    case CYT_PHANTOM_NUCLEUS_INDENTED:
      values[2] = self->indentation > 0.1 ? "unsegmented-indented" : "unsegmented-round";
      break;
    case CYT_PHANTOM_NUCLEUS_ROUND: values[2] = self->smudge ? "irregular" : "unsegmented-round"; break;
    case CYT_PHANTOM_NUCLEUS_CUP:
    case CYT_PHANTOM_NUCLEUS_CLEFT: values[2] = "unsegmented-indented"; break;
    case CYT_PHANTOM_NUCLEUS_FOLDED: values[2] = "irregular"; break;
    }
  values[3] = none ? "" : ratio > 0.5 ? "high" : "low";
  values[4] = none ? "" : self->chromatin_lace > 0.31 ? "loosely" : "densely";
  values[5] = self->n_vacuoles > 0 ? "yes" : "no";
  values[6] = self->frost > 0.17 && c[2] > c[0] ? "frosted" : "clear";
  values[7] = c[0] > 196 || c[0] >= c[2] ? "light blue" : c[2] - c[0] > 42 ? "blue" : "purple blue";
  values[8] = "nil";
  values[9] = "nil";
  values[10] = "yes";
  if (self->n_basophilic > 0 && self->n_eosinophilic == 0)
    values[8] = "coarse", values[9] = "purple";
  else if (self->n_eosinophilic > 0)
    values[8] = "round", values[9] = "red";
  else if (self->n_neutrophilic > self->n_azurophilic)
    values[8] = "small", values[9] = "pink";
  else if (self->n_azurophilic >= 30)
    values[8] = "small", values[9] = "purple";
  else
    values[10] = "no";
}
