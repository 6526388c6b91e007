/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "figures/cyt-axes.h"
#include "figures/cyt-palette.h"

G_BEGIN_DECLS

/* Tens of thousands of points between two axes, to look at and to choose from. The wheel zooms about the pointer,
 * the middle button moves; what the first button does when dragged is set by the tool. Arrow keys go from point to
 * point (with Shift in leaps), Enter opens, + − 0 zoom, Escape gives up a selection.
 *
 * Signals:
 * "picked" (index): the user went to a point; its number is "current" already.
 * "activated" (index): double click or Enter.
 * "region" (GArray of guint32, borrowed): points within a box or lasso, none where it was given up. */
#define CYT_TYPE_SCATTER (cyt_scatter_get_type ())
G_DECLARE_FINAL_TYPE (CytScatter, cyt_scatter, CYT, SCATTER, GtkWidget)

typedef enum
{
  CYT_SCATTER_BOX,
  CYT_SCATTER_LASSO,
  CYT_SCATTER_MOVE,
} CytScatterTool;

typedef struct
{
  double x, y;       /* of the axes' values; no place on them (NAN; not positive on a log axis): not drawn */
  guint8 rgb[3];
  guint8 marker;     /* CytMarker */
  gboolean faded;    /* pale, beneath the others, and not in the histograms */
  gboolean raised;   /* above the others */
  gboolean locked;   /* cannot be picked or selected */
} CytScatterPoint;

/* One or a few lines about a point (transfer full). */
typedef char *(*CytScatterDescribeFunc) (guint index, gpointer user_data);

/* @equal: one unit is as long on both axes, as distances in a projection have to be. Forgets the part that was
 * zoomed into. The axes are copied; titles too. */
void cyt_scatter_set_axes (CytScatter *self, const CytAxis *x, const char *x_title, const CytAxis *y,
                           const char *y_title, gboolean equal);
/* @points: (n), (transfer full). Keeps what is zoomed into, and the current point. */
void cyt_scatter_take_points (CytScatter *self, CytScatterPoint *points, gsize n);
void cyt_scatter_set_describe_func (CytScatter *self, CytScatterDescribeFunc func, gpointer user_data);
void cyt_scatter_set_point_size (CytScatter *self, double diameter); /* application pixels */
/* Whether a line shows where both axes have the same value. */
void cyt_scatter_set_diagonal (CytScatter *self, gboolean diagonal);
void cyt_scatter_set_tool (CytScatter *self, CytScatterTool tool);

/* The point with the ring, -1: none. */
void cyt_scatter_set_current (CytScatter *self, gint64 index);
gint64 cyt_scatter_get_current (CytScatter *self);

/* @factor > 1: closer, about the middle; 0: everything again. */
void cyt_scatter_zoom (CytScatter *self, double factor);

/* For programs that measure: how long the points were drawn last, µs of the wall clock. */
gint64 cyt_scatter_get_raster_time (CytScatter *self);
/* Where a point lies in the widget; FALSE when it has no place or is out of sight. */
gboolean cyt_scatter_locate (CytScatter *self, guint index, graphene_point_t *place);

G_END_DECLS
