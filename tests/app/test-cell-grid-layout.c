/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "test-util.h"

#include "cyt-cell-grid-layout.h"

#define N_MAX 8

static const CytCellGridMetrics metrics = {
  .width = 714,
  .tile_width = 170,
  .tile_height = 200,
  .strip_tile_width = 109,
  .strip_tile_height = 139,
  .gap = 4,
  .block_gap = 16,
  .rest_height = 20,
};

/* Everything within the width, nothing over anything else, every cell once in the order. */
static void
check (const CytCellGridLayout *layout, int width)
{
  g_autofree gboolean *met = g_new0 (gboolean, layout->n_cells + 1);

  for (guint i = 0; i < layout->n_cells; i++)
    {
      const GdkRectangle *a = &layout->cells[i];

      g_assert_cmpint (a->x, >=, 0);
      g_assert_cmpint (a->x + a->width, <=, width);
      g_assert_cmpint (a->y + a->height, <=, layout->height);
      for (guint k = 0; k < i; k++)
        g_assert_false (gdk_rectangle_intersect (a, &layout->cells[k], NULL));
      for (guint k = 0; k < layout->n_sections; k++)
        {
          g_assert_false (layout->headers[k].height > 0 && gdk_rectangle_intersect (a, &layout->headers[k], NULL));
          g_assert_false (layout->rests[k].height > 0 && gdk_rectangle_intersect (a, &layout->rests[k], NULL));
        }
      g_assert_cmpint (cyt_cell_grid_layout_pick (layout, a->x + 1, a->y + 1), ==, i);
      g_assert_cmpuint (layout->order[layout->place[i]], ==, i);
      met[layout->order[i]] = TRUE;
    }
  for (guint i = 0; i < layout->n_cells; i++)
    g_assert_true (met[i]);
}

static void
test_side_by_side (void)
{
  const CytCellGridSection sections[N_MAX] = {
    { 1, FALSE, 25, 30 }, { 1, TRUE, 0, 20 }, { 1, TRUE, 0, 20 }, { 1, TRUE, 0, 20 },
    { 2, FALSE, 7, 50 },  { 2, TRUE, 0, 20 }, { 2, TRUE, 0, 20 }, { 2, TRUE, 0, 20 },
  };
  CytCellGridMetrics narrow = metrics;
  g_autoptr (CytCellGridLayout) layout = cyt_cell_grid_layout_new (&metrics, sections, N_MAX);
  g_autoptr (CytCellGridLayout) stacked = NULL;
  int block_width;

  check (layout, metrics.width);
  g_assert_cmpuint (cyt_cell_grid_layout_get_n_across (&metrics, 2, &block_width), ==, 2);
  g_assert_cmpint (block_width, ==, 349);
  /* Two columns each, the second data set beside the first, each below its own heading. */
  g_assert_cmpint (layout->cells[0].y, ==, 30);
  g_assert_cmpint (layout->cells[25].x, ==, 349 + 16);
  g_assert_cmpint (layout->cells[25].y, ==, 50);
  g_assert_cmpint (layout->cells[2].x, ==, layout->cells[0].x);
  g_assert_cmpint (layout->cells[2].y, ==, 30 + 200 + 4);
  g_assert_cmpint (layout->headers[1].height, ==, 0);

  narrow.width = 600;
  stacked = cyt_cell_grid_layout_new (&narrow, sections, N_MAX);
  check (stacked, narrow.width);
  g_assert_cmpint (stacked->cells[25].x, ==, 0);
  g_assert_cmpint (stacked->headers[4].y, >, stacked->cells[24].y + 200);
}

static void
test_strips (void)
{
  const CytCellGridSection sections[] = {
    { 1, FALSE, 25, 30 }, { 1, TRUE, 4, 20 }, { 1, TRUE, 4, 20 }, { 1, TRUE, 4, 20 },
  };
  g_autoptr (CytCellGridLayout) layout = cyt_cell_grid_layout_new (&metrics, sections, G_N_ELEMENTS (sections));

  check (layout, metrics.width);
  /* Four columns: two rows of top cells, then the strips beside each other, then the other top cells. */
  g_assert_cmpuint (layout->rest_from[0], ==, 8);
  g_assert_cmpint (layout->headers[1].y, ==, 30 + 2 * 204 - 4 + 16);
  g_assert_cmpint (layout->headers[2].y, ==, layout->headers[1].y);
  g_assert_cmpint (layout->headers[3].y, ==, layout->headers[1].y);
  g_assert_cmpint (layout->headers[2].x, >, layout->headers[1].x);
  g_assert_cmpint (layout->cells[8].y, >, layout->cells[25].y + 139);
  g_assert_cmpint (layout->rests[0].height, ==, 20);
  g_assert_cmpuint (layout->place[25], ==, 8);
  g_assert_cmpuint (layout->place[8], ==, 8 + 12);
  /* Down from the top cells lie the strips, down from these the others; and back. */
  g_assert_cmpuint (cyt_cell_grid_layout_step_row (layout, 4, 1), ==, 25);
  g_assert_cmpuint (cyt_cell_grid_layout_step_row (layout, 0, 1), ==, 4);
  g_assert_cmpuint (cyt_cell_grid_layout_step_row (layout, 25, -1), ==, 4);
  g_assert_cmpuint (cyt_cell_grid_layout_step_row (layout, 0, -1), ==, 0);
  g_assert_cmpuint (cyt_cell_grid_layout_step_row (layout, 24, 1), ==, 24);
}

/* Any width and any number: nothing overlaps, and all arrows come to an end. */
static void
test_any (void)
{
  for (int width = 90; width < 2000; width += 83)
    for (guint n = 0; n < 30; n += 7)
      {
        const CytCellGridSection sections[] = {
          { 1, FALSE, n, 30 },    { 1, TRUE, n % 5, 20 },       { 1, TRUE, n % 3, 20 }, { 1, TRUE, n % 4, 20 },
          { 2, FALSE, 0, 30 },    { 2, TRUE, 0, 20 },           { 3, FALSE, 3, 60 },    { 3, TRUE, n / 2, 20 },
        };
        CytCellGridMetrics any = metrics;
        g_autoptr (CytCellGridLayout) layout = NULL;

        any.width = width;
        layout = cyt_cell_grid_layout_new (&any, sections, N_MAX);
        if (width >= any.tile_width)
          check (layout, width);
        for (guint i = 0; i < layout->n_cells; i++)
          for (int direction = -1; direction <= 1; direction += 2)
            {
              guint cell = i, n_steps = 0;

              for (guint next; (next = cyt_cell_grid_layout_step_row (layout, cell, direction)) != cell; cell = next)
                g_assert_cmpuint (n_steps++, <, layout->n_cells);
            }
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/cell-grid-layout/side-by-side", test_side_by_side);
  g_test_add_func ("/app/cell-grid-layout/strips", test_strips);
  g_test_add_func ("/app/cell-grid-layout/any", test_any);
  return g_test_run ();
}
