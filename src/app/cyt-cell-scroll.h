/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "cyt-cell-item.h"

G_BEGIN_DECLS

/* A view of cells that scrolls up and down and draws only what can be seen: what a scrolled window wants of it, and the
 * keys that move a cursor. It has the focus as a whole. Where cells stand is up to who derives from it.
 *
 * Signals: "activate" (CytCellItem): Enter, or a double click. */
#define CYT_TYPE_CELL_SCROLL (cyt_cell_scroll_get_type ())
G_DECLARE_DERIVABLE_TYPE (CytCellScroll, cyt_cell_scroll, CYT, CELL_SCROLL, GtkWidget)

/* Where a key leads. Forward is the direction of reading: to the left where text runs to the left. */
typedef enum
{
  CYT_CELL_STEP_BACK,
  CYT_CELL_STEP_FORWARD,
  CYT_CELL_STEP_UP,
  CYT_CELL_STEP_DOWN,
  CYT_CELL_STEP_PAGE_UP,
  CYT_CELL_STEP_PAGE_DOWN,
  CYT_CELL_STEP_FIRST,
  CYT_CELL_STEP_LAST,
  CYT_CELL_STEP_OPEN,
} CytCellStep;

struct _CytCellScrollClass
{
  GtkWidgetClass parent_class;

  /* It was scrolled: other cells can be seen. */
  void (*scrolled) (CytCellScroll *self);
  /* A key: moves the cursor, or (OPEN) activates its cell. FALSE: the key is not for this view. */
  gboolean (*step) (CytCellScroll *self, CytCellStep step, GdkModifierType state);
};

/* First line of the content that shows, in pixels from its top; 0 outside of a scrolled window. */
double cyt_cell_scroll_get_top (CytCellScroll *self);
/* Moves it there, as far as the content allows. */
void cyt_cell_scroll_set_top (CytCellScroll *self, double top);
/* Says how large the content is, when the view is (@width, @height) pixels large and shall show it from @top on;
 * @step: what one turn of the wheel or press of an arrow moves. For size_allocate(). */
void cyt_cell_scroll_set_content (CytCellScroll *self, int width, int height, double content_height, double top,
                                  double step);
/* Whether text runs to the left. */
gboolean cyt_cell_scroll_is_rtl (CytCellScroll *self);
/* Emits "activate" (NULL: nothing). */
void cyt_cell_scroll_activate (CytCellScroll *self, CytCellItem *item);

G_END_DECLS
