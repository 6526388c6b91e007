/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A drawing that can be zoomed and moved, and whose parts are reached by pointer and keys: the wheel zooms about the
 * pointer, a drag moves, a click that is no drag clicks; arrow keys go from part to part, Enter activates, + − 0 zoom.
 * What that means is up to who derives from it. */
#define CYT_TYPE_PLOT (cyt_plot_get_type ())
G_DECLARE_DERIVABLE_TYPE (CytPlot, cyt_plot, CYT, PLOT, GtkWidget)

/* Places are pixels of the widget. All have to be there. */
struct _CytPlotClass
{
  GtkWidgetClass parent_class;

  /* Nothing is drawn: then nothing else is asked but point(). */
  gboolean (*is_empty) (CytPlot *self);
  /* Where the pointer is; NULL: elsewhere. */
  void (*point) (CytPlot *self, const graphene_point_t *place);
  void (*click) (CytPlot *self, int n_press, double x, double y);
  /* @factor > 1: closer, about the pointer (@from_key: about what is chosen); 0: everything again. FALSE: there is
   * nothing to zoom about. */
  gboolean (*zoom) (CytPlot *self, double factor, gboolean from_key);
  /* A move begins, and then: how far from where it began. */
  void (*begin_move) (CytPlot *self);
  void (*move) (CytPlot *self, double dx, double dy);
  /* One part to the right (1, 0), left (-1, 0), down (0, 1) or up (0, -1). FALSE: there is no such direction. */
  gboolean (*step) (CytPlot *self, int dx, int dy);
  /* What is chosen, if anything. */
  void (*activate) (CytPlot *self);
};

G_END_DECLS
