/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cells that the session holds of a latent: by data set, about the quantiles, one per patient, and maps that
 * nobody has stored. */
#include "config.h"

#include <math.h>

#include "app-test-util.h"

#include "project/cyt-project.h"

#include "cyt-cell-section.h"

#define N_BLOOD 70
#define N_MARROW 30
#define N_PATIENTS 7

static char *root, *project_path;

/* The pictures of @folder as a list with patients. */
static char *
make_csv (const char *folder, guint n)
{
  static const char *const classes[] = { "dark", "light" };
  g_autoptr (GString) text = g_string_new ("image,label,patient\n");
  g_autoptr (GError) error = NULL;
  char *path = g_strconcat (folder, ".csv", NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s/%s/cell%03u.png,%s,P%u\n", folder, classes[i % 2], i, classes[i % 2],
                            i % N_PATIENTS);
  g_file_set_contents (path, text->str, -1, &error);
  g_assert_no_error (error);
  return path;
}

static void
index_cells (const char *name, const char *domain, guint n, gboolean patients)
{
  g_autofree char *folder = g_build_filename (root, name, NULL);
  g_autofree char *program = g_build_filename (g_getenv ("CYT_BUILD_DIR"), "src", "cli", "cytosae", NULL);
  g_autofree char *encoder = cyt_test_source ("data/models/pbc-tiny/encoder.safetensors");
  g_autofree char *sae = cyt_test_source ("data/models/pbc-tiny/sae");
  g_autofree char *images = NULL;
  g_autofree char *out = NULL, *err = NULL;

  cyt_app_test_make_images (folder, n);
  images = patients ? make_csv (folder, n) : g_strdup (folder);
  g_assert_cmpint (cyt_test_run (&out, &err, program, "index", "-e", encoder, "-s", sae, "-i", images, "-d", name,
                                 "--domain", domain, project_path, NULL), ==, 0);
}

static CytSession *
open_session (void)
{
  CytSession *session = cyt_app_test_open_session (project_path);

  return session;
}

static CytCellSection *
get_section (CytSession *session, guint dataset, CytCellSectionKind kind)
{
  g_autoptr (CytCellSection) section
    = g_list_model_get_item (cyt_session_get_sections (session), dataset * CYT_CELL_SECTION_N_KINDS + kind);

  g_assert_nonnull (section);
  g_assert_cmpuint (cyt_cell_section_get_kind (section), ==, kind);
  return section;
}

static CytCellItem *
get_cell (CytCellSection *section, guint i)
{
  g_autoptr (CytCellItem) item = g_list_model_get_item (G_LIST_MODEL (section), i);

  g_assert_nonnull (item);
  return item;
}

static guint
count_cells (CytCellSection *section)
{
  return g_list_model_get_n_items (G_LIST_MODEL (section));
}

/* The latent that fires most often, with its cells there. */
static guint
select_frequent (CytSession *session)
{
  CytLatentModel *latents = cyt_session_get_latents (session);
  gint64 best = 0;

  for (gsize k = 0; k < cyt_latent_model_get_n_latents (latents); k++)
    if (cyt_latent_model_get_row (latents, k)->n_active > cyt_latent_model_get_row (latents, best)->n_active)
      best = k;
  cyt_latent_model_set_selected (latents, best);
  g_assert_cmpuint (cyt_latent_model_get_row (latents, best)->n_active, ==, N_BLOOD);
  cyt_app_test_wait (cyt_cell_section_get_row (get_section (session, 0, CYT_CELL_SECTION_TOP))->latent == best);
  return (guint) best;
}

static int
compare_floats (const void *a, const void *b)
{
  float x = *(const float *) a, y = *(const float *) b;

  return x < y ? -1 : x > y;
}

static void
test_sections (void)
{
  CytSession *session = open_session ();
  guint latent = select_frequent (session);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (project_path, CYT_PROJECT_READ_ONLY, &error);
  g_autoptr (CytLatentCells) cells = NULL;
  static const double quantiles[] = { [CYT_CELL_SECTION_UPPER] = 0.75, [CYT_CELL_SECTION_MEDIAN] = 0.5,
                                      [CYT_CELL_SECTION_WEAKEST] = 0 };
  CytCellSection *blood = get_section (session, 0, CYT_CELL_SECTION_TOP);
  CytCellSection *marrow = get_section (session, 1, CYT_CELL_SECTION_TOP);

  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (cyt_session_get_sections (session)), ==, 2 * CYT_CELL_SECTION_N_KINDS);
  g_assert_cmpstr (cyt_cell_section_get_name (blood), ==, "blood");
  g_assert_cmpstr (cyt_cell_section_get_domain (blood), ==, "peripheral blood");
  g_assert_cmpstr (cyt_cell_section_get_name (marrow), ==, "marrow");
  g_assert_cmpstr (cyt_cell_section_get_domain (marrow), ==, "bone marrow");
  g_assert_cmpuint (cyt_cell_section_get_n_images (marrow), ==, N_MARROW);
  g_assert_cmpuint (count_cells (blood), ==, CYT_PROJECT_DEFAULT_TOP);
  g_assert_cmpuint (count_cells (marrow), ==, MIN (cyt_cell_section_get_row (marrow)->n_active, CYT_PROJECT_DEFAULT_TOP));

  cells = cyt_project_get_latent_cells (project, cyt_cell_section_get_dataset (blood), latent, &error);
  g_assert_no_error (error);
  qsort (cells->score, cells->n, sizeof *cells->score, compare_floats);
  for (guint kind = CYT_CELL_SECTION_UPPER; kind < CYT_CELL_SECTION_N_KINDS; kind++)
    {
      CytCellSection *strip = get_section (session, 0, kind);
      double at = quantiles[kind] * (double) (cells->n - 1);
      double quantile = cells->score[(gsize) at]
                        + (at - floor (at)) * (cells->score[MIN ((gsize) at + 1, cells->n - 1)] - cells->score[(gsize) at]);

      g_assert_cmpuint (count_cells (strip), ==, 4);
      g_assert_cmpfloat (cyt_cell_item_get_top (get_cell (strip, 0))->score, >=, quantile);
      g_assert_cmpfloat (cyt_cell_item_get_top (get_cell (strip, 3))->score, <=, quantile);
      for (guint i = 0; i < 4; i++)
        {
          const CytTopCell *top = cyt_cell_item_get_top (get_cell (strip, i));

          g_assert_cmpfloat (top->score, ==, cells->score[cells->n - 1 - top->rank]);
        }
    }
  cyt_app_test_close_session (session);
}

static void
test_one_per_patient (void)
{
  CytSession *session = open_session ();
  CytCellSection *blood;
  char *best[N_PATIENTS] = { NULL };
  guint n = 0;

  select_frequent (session);
  blood = get_section (session, 0, CYT_CELL_SECTION_TOP);
  for (guint i = 0; i < count_cells (blood); i++)
    {
      const CytCell *cell = cyt_cell_item_get_cell (get_cell (blood, i));
      guint patient = (guint) (cell->patient[1] - '0');

      if (best[patient] == NULL)
        {
          best[patient] = g_strdup (cell->path);
          n++;
        }
    }
  g_object_set (session, "one-per-patient", TRUE, NULL);
  cyt_app_test_wait (count_cells (blood) == N_PATIENTS);
  for (guint i = 0; i < N_PATIENTS; i++)
    {
      const CytCell *cell = cyt_cell_item_get_cell (get_cell (blood, i));
      guint patient = (guint) (cell->patient[1] - '0');

      if (best[patient] != NULL)
        {
          g_assert_cmpstr (cell->path, ==, best[patient]);
          n--;
        }
      if (i > 0)
        g_assert_cmpuint (cyt_cell_item_get_top (get_cell (blood, i))->rank, >,
                          cyt_cell_item_get_top (get_cell (blood, i - 1))->rank);
      g_clear_pointer (&best[patient], g_free);
    }
  g_assert_cmpuint (n, ==, 0);
  g_object_set (session, "one-per-patient", FALSE, NULL);
  cyt_app_test_wait (count_cells (blood) == CYT_PROJECT_DEFAULT_TOP);
  cyt_app_test_close_session (session);
}

/* A map that was not stored is that whose sum, with CLS, is the score that was. */
static void
test_maps (void)
{
  CytSession *session = open_session ();
  guint latent;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (project_path, CYT_PROJECT_READ_ONLY, &error);
  CytCellSection *weakest;

  g_object_set (session, "overlay-mode", CYT_OVERLAY_OFF, NULL);
  latent = select_frequent (session);
  weakest = get_section (session, 0, CYT_CELL_SECTION_WEAKEST);
  g_assert_cmpint (cyt_cell_item_get_map_state (get_cell (weakest, 3)), ==, CYT_CELL_MAP_WANTED);
  g_assert_cmpint (cyt_cell_item_get_map_state (get_cell (get_section (session, 0, CYT_CELL_SECTION_TOP), 0)), ==,
                   CYT_CELL_MAP_KNOWN);
  g_object_set (session, "overlay-mode", CYT_OVERLAY_OUTLINE, NULL);
  cyt_app_test_wait (cyt_cell_item_get_map_state (get_cell (weakest, 3)) == CYT_CELL_MAP_KNOWN);
  for (guint i = 0; i < 4; i++)
    {
      const CytTopCell *top = cyt_cell_item_get_top (get_cell (weakest, i));
      CytCellLatents latents;
      double sum = 0;

      cyt_app_test_wait (cyt_cell_item_get_map_state (get_cell (weakest, i)) == CYT_CELL_MAP_KNOWN);
      cyt_cell_latents_init (&latents);
      g_assert_true (cyt_project_get_cell_latents (project, top->cell, &latents, &error));
      for (guint k = 0; k < latents.n; k++)
        if (latents.latent[k] == latent)
          sum = latents.cls[k];
      cyt_cell_latents_clear (&latents);
      for (guint k = 0; k < top->map.n; k++)
        sum += top->map.value[k];
      g_assert_true (fabs (sum / 257 - top->score) <= 1e-4 * top->score);
    }
  cyt_app_test_close_session (session);
}

static void
test_zoom (void)
{
  CytSession *session = cyt_session_new ();
  guint size = cyt_session_get_tile_size (session);

  cyt_session_zoom (session, 3);
  g_assert_cmpuint (cyt_session_get_tile_size (session), >, size);
  cyt_session_zoom (session, -3);
  g_assert_cmpuint (cyt_session_get_tile_size (session), ==, size);
  cyt_session_zoom (session, 100);
  g_assert_cmpuint (cyt_session_get_tile_size (session), ==, CYT_TILE_SIZE_MAX);
  cyt_session_zoom (session, -100);
  g_assert_cmpuint (cyt_session_get_tile_size (session), ==, CYT_TILE_SIZE_MIN);
  g_object_set (session, "colormap", CYT_COLORMAP_MAGMA, "opacity", 0.7, NULL);
  g_object_unref (session);

  session = cyt_session_new ();
  g_assert_cmpuint (cyt_session_get_tile_size (session), ==, CYT_TILE_SIZE_MIN);
  g_assert_cmpuint (cyt_session_get_colormap (session), ==, CYT_COLORMAP_MAGMA);
  g_assert_cmpfloat_with_epsilon (cyt_session_get_opacity (session), 0.7, 1e-9);
  cyt_session_zoom (session, 0);
  g_assert_cmpuint (cyt_session_get_tile_size (session), ==, CYT_TILE_SIZE_DEFAULT);
  g_object_unref (session);
}

int
main (int argc, char **argv)
{
  int result;

  root = cyt_test_make_tmpdir ();
  project_path = g_build_filename (root, "two.cytosae", NULL);
  cyt_app_test_use_home (root);
  g_test_init (&argc, &argv, NULL);
  index_cells ("blood", "peripheral blood", N_BLOOD, TRUE);
  index_cells ("marrow", "bone marrow", N_MARROW, FALSE);
  g_test_add_func ("/app/cells/sections", test_sections);
  g_test_add_func ("/app/cells/one-per-patient", test_one_per_patient);
  g_test_add_func ("/app/cells/maps", test_maps);
  g_test_add_func ("/app/cells/zoom", test_zoom);
  result = g_test_run ();
  cyt_test_remove_tree (root);
  g_free (project_path);
  g_free (root);
  return result;
}
