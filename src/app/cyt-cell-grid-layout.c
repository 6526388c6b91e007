/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>

#include "cyt-cell-grid-layout.h"

static int
count_columns (int width, int tile, int gap)
{
  return MAX (1, (width + gap) / (tile + gap));
}

guint
cyt_cell_grid_layout_get_n_across (const CytCellGridMetrics *metrics, guint n_blocks, int *block_width)
{
  int least = CYT_CELL_GRID_MIN_COLUMNS * (metrics->tile_width + metrics->gap) - metrics->gap;
  guint n = n_blocks;

  while (n > 1 && (metrics->width - (int) (n - 1) * metrics->block_gap) / (int) n < least)
    n--;
  n = MAX (n, 1);
  *block_width = (metrics->width - (int) (n - 1) * metrics->block_gap) / (int) n;
  return n;
}

/* As many strips beside each other as take the least height. @n_cells: of the longest. */
static guint
count_strips_across (const CytCellGridMetrics *metrics, int block_width, guint n_strips, guint n_cells)
{
  guint best = 1;
  int least = G_MAXINT;

  for (guint n = 1; n <= n_strips; n++)
    {
      int width = (block_width - (int) (n - 1) * metrics->block_gap) / (int) n;
      guint columns = (guint) count_columns (width, metrics->strip_tile_width, metrics->gap);
      guint n_lines = (n_strips + n - 1) / n, n_rows = (n_cells + columns - 1) / columns;
      int height = (int) n_lines * (metrics->block_gap + metrics->rest_height
                                    + (int) n_rows * (metrics->strip_tile_height + metrics->gap));

      if (width >= metrics->strip_tile_width && height <= least)
        {
          best = n;
          least = height;
        }
    }
  return best;
}

int
cyt_cell_grid_layout_get_strip_width (const CytCellGridMetrics *metrics, int block_width, guint n_strips, guint n_cells)
{
  int n = (int) count_strips_across (metrics, block_width, n_strips, n_cells);

  return (block_width - (n - 1) * metrics->block_gap) / n;
}

/* Places cells @from to @to (of the section that begins at cell @first) in rows from (x, y) on; returns where the
 * last row ends. */
static int
place_cells (CytCellGridLayout *self, guint first, guint from, guint to, int x, int y, int width, int tile_width,
             int tile_height, int gap, guint *n_placed)
{
  guint columns = count_columns (width, tile_width, gap);

  if (from >= to)
    return y;
  for (guint i = from; i < to; i++)
    {
      guint row = (i - from) / columns, column = (i - from) % columns;

      self->cells[first + i] = (GdkRectangle) { x + (int) column * (tile_width + gap), y + (int) row * (tile_height + gap),
                                                tile_width, tile_height };
      self->place[first + i] = *n_placed;
      self->order[(*n_placed)++] = first + i;
    }
  return y + (int) ((to - from - 1) / columns + 1) * (tile_height + gap) - gap;
}

/* Sections @from to @to are strips; returns where the lowest ends. */
static int
place_strips (CytCellGridLayout *self, const CytCellGridMetrics *metrics, const CytCellGridSection *sections,
              const guint *firsts, guint from, guint to, int x0, int y, int block_width, guint *n_placed)
{
  guint n_strips = 0, n_cells = 0, across, n = 0;
  int width, bottom = y;

  for (guint i = from; i < to; i++)
    {
      n_strips += sections[i].n_cells > 0;
      n_cells = MAX (n_cells, sections[i].n_cells);
    }
  if (n_strips == 0)
    return y;
  across = count_strips_across (metrics, block_width, n_strips, n_cells);
  width = cyt_cell_grid_layout_get_strip_width (metrics, block_width, n_strips, n_cells);
  for (guint i = from; i < to; i++)
    {
      int x, end;

      if (sections[i].n_cells == 0)
        continue;
      if (n % across == 0)
        y = bottom + metrics->block_gap;
      x = x0 + (int) (n % across) * (width + metrics->block_gap);
      self->headers[i] = (GdkRectangle) { x, y, width, sections[i].header_height };
      end = place_cells (self, firsts[i], 0, sections[i].n_cells, x, y + sections[i].header_height, width,
                         metrics->strip_tile_width, metrics->strip_tile_height, metrics->gap, n_placed);
      bottom = MAX (bottom, end);
      n++;
    }
  return bottom;
}

/* Sections @from to @to are a block; returns where it ends. */
static int
place_block (CytCellGridLayout *self, const CytCellGridMetrics *metrics, const CytCellGridSection *sections,
             const guint *firsts, guint from, guint to, int x, int y, int width, guint *n_placed)
{
  guint columns = count_columns (width, metrics->tile_width, metrics->gap), n_strip_cells = 0;
  guint n_head = (CYT_CELL_GRID_N_HEAD + columns - 1) / columns * columns;

  for (guint i = from; i < to; i++)
    if (sections[i].strip)
      n_strip_cells += sections[i].n_cells;
  for (guint i = from; i < to && !sections[i].strip; i++)
    {
      guint n = sections[i].n_cells, head = n_strip_cells > 0 ? MIN (n, n_head) : n;
      guint first_strip = i + 1, after = i + 1;

      self->headers[i] = (GdkRectangle) { x, y, width, sections[i].header_height };
      y = place_cells (self, firsts[i], 0, head, x, y + sections[i].header_height, width, metrics->tile_width,
                       metrics->tile_height, metrics->gap, n_placed);
      while (after < to && sections[after].strip)
        after++;
      y = place_strips (self, metrics, sections, firsts, first_strip, after, x, y, width, n_placed);
      self->rest_from[i] = head;
      if (head < n)
        {
          y += metrics->block_gap;
          self->rests[i] = (GdkRectangle) { x, y, width, metrics->rest_height };
          y = place_cells (self, firsts[i], head, n, x, y + metrics->rest_height, width, metrics->tile_width,
                           metrics->tile_height, metrics->gap, n_placed);
        }
    }
  return y;
}

CytCellGridLayout *
cyt_cell_grid_layout_new (const CytCellGridMetrics *metrics, const CytCellGridSection *sections, guint n_sections)
{
  CytCellGridLayout *self = g_new0 (CytCellGridLayout, 1);
  g_autofree guint *firsts = g_new0 (guint, n_sections + 1);
  guint n_blocks = 0, n_across, n_placed = 0, n = 0;
  int block_width, y = 0, bottom = 0;

  for (guint i = 0; i < n_sections; i++)
    {
      firsts[i + 1] = firsts[i] + sections[i].n_cells;
      n_blocks += i == 0 || sections[i].block != sections[i - 1].block;
    }
  self->n_sections = n_sections;
  self->n_cells = firsts[n_sections];
  self->headers = g_new0 (GdkRectangle, n_sections + 1);
  self->rests = g_new0 (GdkRectangle, n_sections + 1);
  self->rest_from = g_new0 (guint, n_sections + 1);
  self->cells = g_new0 (GdkRectangle, self->n_cells + 1);
  self->order = g_new0 (guint, self->n_cells + 1);
  self->place = g_new0 (guint, self->n_cells + 1);

  n_across = cyt_cell_grid_layout_get_n_across (metrics, n_blocks, &block_width);
  for (guint from = 0, to; from < n_sections; from = to)
    {
      int end;

      for (to = from + 1; to < n_sections && sections[to].block == sections[from].block;)
        to++;
      if (n > 0 && n % n_across == 0)
        y = bottom + metrics->block_gap;
      end = place_block (self, metrics, sections, firsts, from, to,
                         (int) (n % n_across) * (block_width + metrics->block_gap), y, block_width, &n_placed);
      bottom = MAX (bottom, end);
      n++;
    }
  self->height = bottom;
  return self;
}

void
cyt_cell_grid_layout_free (CytCellGridLayout *self)
{
  g_free (self->headers);
  g_free (self->rests);
  g_free (self->rest_from);
  g_free (self->cells);
  g_free (self->order);
  g_free (self->place);
  g_free (self);
}

int
cyt_cell_grid_layout_pick (const CytCellGridLayout *self, double x, double y)
{
  for (guint i = 0; i < self->n_cells; i++)
    if (gdk_rectangle_contains_point (&self->cells[i], (int) x, (int) y))
      return (int) i;
  return -1;
}

/* How far two spans lie apart; 0 where they overlap. */
static int
get_distance (int from_a, int to_a, int from_b, int to_b)
{
  return MAX (0, MAX (from_b - to_a, from_a - to_b));
}

guint
cyt_cell_grid_layout_step_row (const CytCellGridLayout *self, guint cell, int direction)
{
  const GdkRectangle *here = &self->cells[cell];
  guint best = cell;
  gint64 best_distance = G_MAXINT64;

  for (guint i = 0; i < self->n_cells; i++)
    {
      const GdkRectangle *there = &self->cells[i];
      int away = direction < 0 ? here->y - (there->y + there->height) : there->y - (here->y + here->height);
      int aside = get_distance (here->x, here->x + here->width, there->x, there->x + there->width);
      gint64 distance;

      if (away < 0)
        continue;
      /* Aside counts twice: rather on in the same block than over into the next. */
      distance = 10000 * (gint64) (away + 2 * aside)
                 + abs (2 * there->x + there->width - 2 * here->x - here->width);
      if (distance < best_distance)
        {
          best = i;
          best_distance = distance;
        }
    }
  return best;
}
