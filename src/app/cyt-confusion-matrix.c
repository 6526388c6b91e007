/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "figures/cyt-palette.h"

#include "cyt-confusion-matrix.h"
#include "cyt-format.h"

#define MARGIN_START 150.0      /* for the diseases' names */
#define MARGIN_TOP 44.0
#define MIN_FIELD 34.0
#define MAX_HEIGHT 84.0
#define MAX_WIDTH 132.0         /* of a field: room for a disease's name above it */

struct _CytConfusionMatrix
{
  GtkWidget parent_instance;

  GStrv classes;
  guint n;
  double *patients;   /* (n true, n predicted) */
  double *share;      /* the same, of the patients of the row, 0…1 */
};

G_DEFINE_FINAL_TYPE (CytConfusionMatrix, cyt_confusion_matrix, GTK_TYPE_WIDGET)

static void
forget (CytConfusionMatrix *self)
{
  g_clear_pointer (&self->classes, g_strfreev);
  g_clear_pointer (&self->patients, g_free);
  g_clear_pointer (&self->share, g_free);
  self->n = 0;
}

/* For screen readers: how many of each disease were recognised. */
static void
describe (CytConfusionMatrix *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->n; i++)
    {
      g_autofree char *percent = cyt_format_percent (self->share[i * self->n + i]);

      g_string_append (text, i > 0 ? "; " : "");
      /* Translators: a disease, the percentage of its patients that were recognised */
      g_string_append_printf (text, _("%s: %s recognised"), self->classes[i], percent);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Patients by disease and predicted disease"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
}

void
cyt_confusion_matrix_set_result (CytConfusionMatrix *self, const CytClassification *result)
{
  g_return_if_fail (CYT_IS_CONFUSION_MATRIX (self));

  forget (self);
  if (result != NULL)
    {
      self->n = result->n_classes;
      self->classes = g_strdupv (result->classes);
      self->patients = g_memdup2 (result->confusion, (gsize) self->n * self->n * sizeof *self->patients);
      self->share = g_new0 (double, (gsize) self->n * self->n);
      for (guint i = 0; i < self->n; i++)
        {
          double sum = 0;

          for (guint j = 0; j < self->n; j++)
            sum += self->patients[i * self->n + j];
          for (guint j = 0; j < self->n; j++)
            self->share[i * self->n + j] = sum > 0 ? self->patients[i * self->n + j] / sum : 0;
        }
    }
  describe (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
draw_text (CytConfusionMatrix *self, GtkSnapshot *snapshot, const char *text, double x, double y, double width, double align,
           const GdkRGBA *color)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  int text_width, text_height;

  pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_alignment (layout, align == 0.5 ? PANGO_ALIGN_CENTER : PANGO_ALIGN_RIGHT);
  pango_layout_set_auto_dir (layout, FALSE);
  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y - text_height / 2.0));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

static void
cyt_confusion_matrix_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytConfusionMatrix *self = CYT_CONFUSION_MATRIX (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget), across, down;
  GdkRGBA ink, hue;
  guint8 rgb[3];

  if (self->n == 0)
    return;
  across = CLAMP ((width - MARGIN_START - 2) / self->n, MIN_FIELD, MAX_WIDTH);
  down = CLAMP ((height - MARGIN_TOP - 2) / self->n, MIN_FIELD, MAX_HEIGHT);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  cyt_palette_lookup (0, rgb);
  draw_text (self, snapshot, _("Predicted"), MARGIN_START, 10, across * self->n, 0.5, &ink);
  for (guint i = 0; i < self->n; i++)
    {
      draw_text (self, snapshot, self->classes[i], 0, MARGIN_TOP + (i + 0.5) * down, MARGIN_START - 10, 1, &ink);
      draw_text (self, snapshot, self->classes[i], MARGIN_START + i * across + 2, MARGIN_TOP - 14, across - 4, 0.5, &ink);
      for (guint j = 0; j < self->n; j++)
        {
          double share = self->share[i * self->n + j];
          g_autofree char *text = g_strdup_printf ("%.1f", self->patients[i * self->n + j]);

          hue = (GdkRGBA) { rgb[0] / 255.f, rgb[1] / 255.f, rgb[2] / 255.f, (float) (0.06 + 0.64 * share) };
          gtk_snapshot_append_color (snapshot, &hue,
                                     &GRAPHENE_RECT_INIT (MARGIN_START + j * across + 1, MARGIN_TOP + i * down + 1,
                                                          across - 2, down - 2));
          draw_text (self, snapshot, text, MARGIN_START + j * across, MARGIN_TOP + (i + 0.5) * down, across, 0.5, &ink);
        }
    }
}

static void
cyt_confusion_matrix_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                              int *minimum_baseline, int *natural_baseline)
{
  CytConfusionMatrix *self = CYT_CONFUSION_MATRIX (widget);
  gboolean across = orientation == GTK_ORIENTATION_HORIZONTAL;
  double margin = across ? MARGIN_START : MARGIN_TOP;

  *minimum = (int) (margin + self->n * MIN_FIELD + 2);
  *natural = (int) (margin + self->n * (across ? MAX_WIDTH : MAX_HEIGHT) + 2);
}

static void
cyt_confusion_matrix_finalize (GObject *object)
{
  forget (CYT_CONFUSION_MATRIX (object));
  G_OBJECT_CLASS (cyt_confusion_matrix_parent_class)->finalize (object);
}

static void
cyt_confusion_matrix_class_init (CytConfusionMatrixClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cyt_confusion_matrix_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = cyt_confusion_matrix_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = cyt_confusion_matrix_measure;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
cyt_confusion_matrix_init (CytConfusionMatrix *self)
{
}
