/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-plot.h"

G_BEGIN_DECLS

/* A barcode over the latents: bars upward for a patient, downward in grey for what it is compared with, the peaks
 * named. The wheel zooms about the pointer, a drag moves; arrow keys go from peak to peak, Enter opens, + − 0 zoom.
 *
 * Signals:
 * "picked" (latent): clicked, or reached by the arrow keys.
 * "activated" (latent): double click or Enter. */
#define CYT_TYPE_BARCODE_PLOT (cyt_barcode_plot_get_type ())
G_DECLARE_FINAL_TYPE (CytBarcodePlot, cyt_barcode_plot, CYT, BARCODE_PLOT, CytPlot)

/* Name of a latent for its peak, "" without one (transfer full). */
typedef char *(*CytBarcodeNameFunc) (guint latent, gpointer user_data);
void cyt_barcode_plot_set_name_func (CytBarcodePlot *self, CytBarcodeNameFunc func, gpointer user_data);

/* @latents (n) ascending; @up, @down (n) tokens per image; @down may be NULL. @d_sae: end of the axis. All are copied.
 * What is zoomed into stays unless d_sae differs. n 0: nothing. */
void cyt_barcode_plot_set_values (CytBarcodePlot *self, gsize d_sae, gsize n, const guint32 *latents, const double *up,
                                  const double *down, const guint8 *rgb);
/* The latent that is marked, -1: none. */
void cyt_barcode_plot_set_current (CytBarcodePlot *self, gint64 latent);

G_END_DECLS
