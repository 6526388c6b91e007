/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "figures/cyt-colormap.h"
#include "figures/cyt-palette.h"

#include "cyt-format.h"
#include "cyt-patient-matrix.h"

#define PADDING 16.0
#define STRIP 10.0          /* width of the bars of diseases */
#define STRIP_GAP 4.0
#define LEGEND_WIDTH 90.0
#define MIN_SHOWN 4.0       /* patients that can be zoomed into */

struct _CytPatientMatrix
{
  CytPlot parent_instance;

  CytPatientsView *view;
  gsize n;
  const double *r;          /* (n, n), the view's */
  double least;             /* of r: bottom of the colours */
  int *disease;             /* (n) number, -1: none */
  double x0, y0, shown;     /* first column and row that show, and how many */
  int row, column;          /* under the pointer or reached by keys, -1: none */
  double move_x0, move_y0;  /* of what showed when a move began */
};

G_DEFINE_FINAL_TYPE (CytPatientMatrix, cyt_patient_matrix, CYT_TYPE_PLOT)

enum
{
  ACTIVATED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ---- Data ---- */

static void
forget (CytPatientMatrix *self)
{
  g_clear_pointer (&self->view, cyt_patients_view_unref);
  self->r = NULL;
  g_clear_pointer (&self->disease, g_free);
  self->n = 0;
  self->row = self->column = -1;
}

void
cyt_patient_matrix_set_view (CytPatientMatrix *self, CytPatientsView *view)
{
  const char *last = NULL;
  int number = -1;

  g_return_if_fail (CYT_IS_PATIENT_MATRIX (self));

  forget (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (view == NULL)
    return;
  self->view = cyt_patients_view_ref (view);
  self->n = view->barcodes->rows->len;
  self->r = view->correlation;
  self->disease = g_new (int, self->n);
  self->least = 1;
  for (gsize i = 0; i < self->n * self->n; i++)
    if (self->r[i] < self->least)
      self->least = self->r[i];
  for (gsize i = 0; i < self->n; i++)
    {
      const char *disease = cyt_barcodes_get_row (view->barcodes, i)->disease;

      if (disease != NULL && g_strcmp0 (disease, last) != 0)
        number++;
      last = disease;
      self->disease[i] = disease != NULL ? number : -1;
    }
  self->x0 = self->y0 = 0;
  self->shown = (double) self->n;
}

/* ---- Where things are ---- */

/* The square of the fields. */
static graphene_rect_t
get_square (CytPatientMatrix *self)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - 2 * PADDING - STRIP - STRIP_GAP - LEGEND_WIDTH;
  double height = gtk_widget_get_height (GTK_WIDGET (self)) - 2 * PADDING - STRIP - STRIP_GAP;
  double side = MAX (1, floor (MIN (width, height)));

  return GRAPHENE_RECT_INIT (PADDING + STRIP + STRIP_GAP, PADDING + STRIP + STRIP_GAP, side, side);
}

static void
set_range (CytPatientMatrix *self, double x0, double y0, double shown)
{
  double n = (double) self->n;

  self->shown = CLAMP (shown, MIN (MIN_SHOWN, n), n);
  self->x0 = CLAMP (x0, 0, n - self->shown);
  self->y0 = CLAMP (y0, 0, n - self->shown);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
locate (CytPatientMatrix *self, double x, double y, double *column, double *row)
{
  graphene_rect_t square = get_square (self);

  *column = self->x0 + (x - square.origin.x) / square.size.width * self->shown;
  *row = self->y0 + (y - square.origin.y) / square.size.height * self->shown;
  return self->n > 0 && graphene_rect_contains_point (&square, &GRAPHENE_POINT_INIT (x, y)) && *column < (double) self->n
         && *row < (double) self->n;
}

/* ---- Drawing ---- */

/* Every field on whole pixels, so that no seams show between them. */
static void
draw_fields (CytPatientMatrix *self, GtkSnapshot *snapshot, const graphene_rect_t *square, const graphene_rect_t *whole)
{
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, square);
  double field = square->size.width / self->shown, span = self->least < 1 ? 1 - self->least : 1;
  gsize end_row = MIN (self->n, (gsize) ceil (self->y0 + self->shown));
  gsize end_column = MIN (self->n, (gsize) ceil (self->x0 + self->shown));

  for (gsize i = (gsize) self->y0; i < end_row; i++)
    for (gsize j = (gsize) self->x0; j < end_column; j++)
      {
        double r = self->r[i * self->n + j];
        double x = floor (whole->origin.x + j * field), y = floor (whole->origin.y + i * field);
        guint8 rgb[3] = { 128, 128, 128 };

        if (!isnan (r))
          cyt_colormap_lookup (CYT_COLORMAP_VIRIDIS, (r - self->least) / span, rgb);
        cairo_set_source_rgb (cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
        cairo_rectangle (cr, x, y, floor (whole->origin.x + (j + 1) * field) - x, floor (whole->origin.y + (i + 1) * field) - y);
        cairo_fill (cr);
      }
  cairo_destroy (cr);
}

static void
draw_strips (CytPatientMatrix *self, GtkSnapshot *snapshot, const graphene_rect_t *square)
{
  const graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, square->origin.x + square->size.width,
                                                  square->origin.y + square->size.height);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &all);
  double field = square->size.width / self->shown, x0 = square->origin.x, y0 = square->origin.y;

  /* A bar for each run of patients of one disease. */
  for (gsize i = 0, end; i < self->n; i = end)
    {
      double from, to, gap;

      for (end = i + 1; end < self->n && self->disease[end] == self->disease[i]; end++)
        ;
      if (self->disease[i] < 0)
        continue;
      gap = end < self->n ? 1 : 0;
      from = CLAMP (((double) i - self->x0) * field, 0, square->size.width);
      to = CLAMP (((double) end - self->x0) * field, 0, square->size.width);
      if (to - gap > from)
        cyt_palette_draw_bar (cr, self->disease[i], x0 + from, y0 - STRIP - STRIP_GAP, to - gap - from, STRIP);
      from = CLAMP (((double) i - self->y0) * field, 0, square->size.height);
      to = CLAMP (((double) end - self->y0) * field, 0, square->size.height);
      if (to - gap > from)
        cyt_palette_draw_bar (cr, self->disease[i], x0 - STRIP - STRIP_GAP, y0 + from, STRIP, to - gap - from);
    }
  cairo_destroy (cr);
}

static void
draw_text (CytPatientMatrix *self, GtkSnapshot *snapshot, const char *text, double x, double y, const GdkRGBA *color)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

/* The scale of the colours, 1 at the top. */
static void
draw_legend (CytPatientMatrix *self, GtkSnapshot *snapshot, const graphene_rect_t *square, const GdkRGBA *ink)
{
  double x = square->origin.x + square->size.width + 24, height = MIN (180, square->size.height);
  g_autofree char *least = cyt_format_number (self->least);

  for (int i = 0; i < (int) height; i++)
    {
      guint8 rgb[3];

      cyt_colormap_lookup (CYT_COLORMAP_VIRIDIS, 1 - (i + 0.5) / height, rgb);
      gtk_snapshot_append_color (snapshot, &(GdkRGBA) { rgb[0] / 255.f, rgb[1] / 255.f, rgb[2] / 255.f, 1 },
                                 &GRAPHENE_RECT_INIT (x, square->origin.y + i, 14, 1));
    }
  draw_text (self, snapshot, "r = 1", x + 20, square->origin.y - 4, ink);
  draw_text (self, snapshot, least, x + 20, square->origin.y + height - 14, ink);
}

static void
draw_field (CytPatientMatrix *self, GtkSnapshot *snapshot, const graphene_rect_t *square)
{
  const CytBarcodes *barcodes = self->view->barcodes;
  const CytBarcode *a, *b;
  double field = square->size.width / self->shown;
  graphene_rect_t rect, box;
  GskRoundedRect frame;
  g_autofree char *r = NULL, *text = NULL;
  g_autoptr (PangoLayout) layout = NULL;
  int width, height;

  if (self->row < 0 || self->column < 0)
    return;
  a = cyt_barcodes_get_row (barcodes, self->row);
  b = cyt_barcodes_get_row (barcodes, self->column);
  graphene_rect_init (&rect, square->origin.x + (self->column - self->x0) * field,
                      square->origin.y + (self->row - self->y0) * field, field, field);
  gsk_rounded_rect_init_from_rect (&frame, &rect, 0);
  gtk_snapshot_append_border (snapshot, &frame, (float[4]) { 2, 2, 2, 2 },
                              (GdkRGBA[4]) { { 1, 1, 1, 1 }, { 1, 1, 1, 1 }, { 1, 1, 1, 1 }, { 1, 1, 1, 1 } });
  r = cyt_format_number (self->r[self->row * self->n + self->column]);
  /* Translators: two patients with their diseases, and the correlation of their barcodes */
  text = g_strdup_printf (_("%s (%s)\n%s (%s)\nr = %s"), a->name, a->disease ? a->disease : "–", b->name,
                          b->disease ? b->disease : "–", r);
  layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  pango_layout_get_pixel_size (layout, &width, &height);
  graphene_rect_init (&box, rect.origin.x + field + 10, rect.origin.y + field + 6, width + 16, height + 10);
  if (box.origin.x + box.size.width > gtk_widget_get_width (GTK_WIDGET (self)))
    box.origin.x = MAX (0, rect.origin.x - box.size.width - 10);
  if (box.origin.y + box.size.height > gtk_widget_get_height (GTK_WIDGET (self)))
    box.origin.y = MAX (0, rect.origin.y - box.size.height - 6);
  gsk_rounded_rect_init_from_rect (&frame, &box, 6);
  gtk_snapshot_push_rounded_clip (snapshot, &frame);
  gtk_snapshot_append_color (snapshot, &(GdkRGBA) { 0.1f, 0.1f, 0.1f, 0.92f }, &box);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (box.origin.x + 8, box.origin.y + 5));
  gtk_snapshot_append_layout (snapshot, layout, &(GdkRGBA) { 1, 1, 1, 1 });
  gtk_snapshot_restore (snapshot);
}

static void
cyt_patient_matrix_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytPatientMatrix *self = CYT_PATIENT_MATRIX (widget);
  graphene_rect_t square = get_square (self), whole;
  double field;
  GdkRGBA ink;

  if (self->n == 0)
    return;
  field = square.size.width / self->shown;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  graphene_rect_init (&whole, square.origin.x - self->x0 * field, square.origin.y - self->y0 * field, self->n * field,
                      self->n * field);
  gtk_snapshot_push_clip (snapshot, &square);
  draw_fields (self, snapshot, &square, &whole);
  gtk_snapshot_pop (snapshot);
  draw_strips (self, snapshot, &square);
  draw_legend (self, snapshot, &square, &ink);
  if (gtk_widget_has_focus (widget))
    gtk_snapshot_render_focus (snapshot, gtk_widget_get_style_context (widget), 0, 0, gtk_widget_get_width (widget),
                               gtk_widget_get_height (widget));
  draw_field (self, snapshot, &square);
}

/* ---- What the user does ---- */

static gboolean
cyt_patient_matrix_is_empty (CytPlot *plot)
{
  return CYT_PATIENT_MATRIX (plot)->n == 0;
}

static void
cyt_patient_matrix_point (CytPlot *plot, const graphene_point_t *place)
{
  CytPatientMatrix *self = CYT_PATIENT_MATRIX (plot);
  double column, row;
  gboolean inside = place != NULL && locate (self, place->x, place->y, &column, &row);

  self->column = inside ? (int) column : -1;
  self->row = inside ? (int) row : -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* About the field of the pointer or of the keys. */
static gboolean
cyt_patient_matrix_zoom (CytPlot *plot, double factor, gboolean from_key)
{
  CytPatientMatrix *self = CYT_PATIENT_MATRIX (plot);
  double x = MAX (0, self->column) + 0.5, y = MAX (0, self->row) + 0.5, n = (double) self->n, shown, change;

  if (!from_key && self->row < 0)
    return FALSE;
  shown = factor > 0 ? CLAMP (self->shown / factor, MIN (MIN_SHOWN, n), n) : n;
  change = shown / self->shown;
  set_range (self, x - (x - self->x0) * change, y - (y - self->y0) * change, shown);
  return TRUE;
}

static void
cyt_patient_matrix_begin_move (CytPlot *plot)
{
  CytPatientMatrix *self = CYT_PATIENT_MATRIX (plot);

  self->move_x0 = self->x0;
  self->move_y0 = self->y0;
}

static void
cyt_patient_matrix_move (CytPlot *plot, double dx, double dy)
{
  CytPatientMatrix *self = CYT_PATIENT_MATRIX (plot);
  double field = get_square (self).size.width / self->shown;

  set_range (self, self->move_x0 - dx / field, self->move_y0 - dy / field, self->shown);
}

static void
cyt_patient_matrix_click (CytPlot *plot, int n_press, double x, double y)
{
  CytPatientMatrix *self = CYT_PATIENT_MATRIX (plot);
  double column, row;

  if (locate (self, x, y, &column, &row))
    g_signal_emit (self, signals[ACTIVATED], 0, (guint) row);
}

static gboolean
cyt_patient_matrix_step (CytPlot *plot, int dx, int dy)
{
  CytPatientMatrix *self = CYT_PATIENT_MATRIX (plot);
  int last = (int) self->n - 1;

  self->column = CLAMP (self->column + dx, 0, last);
  self->row = CLAMP (self->row + dy, 0, last);
  /* keep it in sight */
  set_range (self, CLAMP (self->x0, self->column + 1 - self->shown, self->column),
             CLAMP (self->y0, self->row + 1 - self->shown, self->row), self->shown);
  return TRUE;
}

static void
cyt_patient_matrix_activate (CytPlot *plot)
{
  CytPatientMatrix *self = CYT_PATIENT_MATRIX (plot);

  if (self->row >= 0)
    g_signal_emit (self, signals[ACTIVATED], 0, (guint) self->row);
}

/* ---- GObject ---- */

static void
cyt_patient_matrix_finalize (GObject *object)
{
  forget (CYT_PATIENT_MATRIX (object));
  G_OBJECT_CLASS (cyt_patient_matrix_parent_class)->finalize (object);
}

static void
cyt_patient_matrix_class_init (CytPatientMatrixClass *klass)
{
  CytPlotClass *plot_class = CYT_PLOT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = cyt_patient_matrix_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = cyt_patient_matrix_snapshot;
  plot_class->is_empty = cyt_patient_matrix_is_empty;
  plot_class->point = cyt_patient_matrix_point;
  plot_class->click = cyt_patient_matrix_click;
  plot_class->zoom = cyt_patient_matrix_zoom;
  plot_class->begin_move = cyt_patient_matrix_begin_move;
  plot_class->move = cyt_patient_matrix_move;
  plot_class->step = cyt_patient_matrix_step;
  plot_class->activate = cyt_patient_matrix_activate;
  signals[ACTIVATED] = g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "patientmatrix");
}

static void
cyt_patient_matrix_init (CytPatientMatrix *self)
{
  self->row = self->column = -1;
}
