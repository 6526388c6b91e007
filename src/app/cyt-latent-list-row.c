/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-format.h"
#include "cyt-latent-list-row.h"
#include "cyt-status.h"

#define GAP 8
#define ICON_SIZE 16
#define MIN_CONCEPT_WIDTH 112
#define MIN_CLASS_WIDTH 56   /* of a class beside its purity */
#define SMALL 0.88

struct _CytLatentListRow
{
  GtkWidget parent_instance;
  CytLatentModel *model;
  gint64 latent;
  gboolean header;

  GtkIconPaintable *icon;
  CytConceptStatus icon_status;
  int icon_scale;

  /* Widths of the columns that hold numbers; measured with the font. */
  int number_width;
  int frequency_width;
  int mean_act_width;
};

enum
{
  PROP_0,
  PROP_HEADER,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (CytLatentListRow, cyt_latent_list_row, GTK_TYPE_WIDGET)

/* What a row says. */
typedef struct
{
  char *number;
  const char *name;      /* "" without one; belongs to the model */
  char *majority;        /* or, where no class prevails, in how many cells it fires */
  char *purity;          /* NULL where undefined */
  char *frequency;
  char *mean_act;
  CytConceptStatus status;
} Texts;

static void
texts_clear (Texts *texts)
{
  g_free (texts->number);
  g_free (texts->majority);
  g_free (texts->purity);
  g_free (texts->frequency);
  g_free (texts->mean_act);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Texts, texts_clear)

static gboolean
get_texts (CytLatentListRow *self, Texts *texts)
{
  const CytConcept *concept;
  const CytLatentRow *row;
  const char *majority;

  if (self->latent < 0 || (guint64) self->latent >= cyt_latent_model_get_n_latents (self->model))
    return FALSE;
  row = cyt_latent_model_get_row (self->model, self->latent);
  concept = cyt_latent_model_get_concept (self->model, self->latent);
  majority = cyt_latent_model_get_majority (self->model, self->latent);
  texts->number = g_strdup_printf ("#%u", (guint) self->latent);
  texts->name = concept != NULL ? concept->name : "";
  texts->status = concept != NULL ? concept->status : CYT_CONCEPT_UNREVIEWED;
  if (row->n_active == 0)
    texts->majority = g_strdup (_("never fires"));
  else if (majority == NULL || isnan (row->purity))
    {
      g_autofree char *n_cells = cyt_format_count (row->n_active);

      texts->majority = g_strdup_printf (ngettext ("%s cell", "%s cells", row->n_active), n_cells);
    }
  else
    {
      texts->majority = g_strdup (majority);
      texts->purity = cyt_format_percent (row->purity);
    }
  texts->frequency = cyt_format_percent (row->frequency);
  texts->mean_act = cyt_format_number (row->mean_act);
  return TRUE;
}

/* ---- Drawing ---- */

static PangoLayout *
make_layout (CytLatentListRow *self, const char *text, double scale, PangoWeight weight)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum"));
  if (scale != 1)
    pango_attr_list_insert (attributes, pango_attr_scale_new (scale));
  if (weight != PANGO_WEIGHT_NORMAL)
    pango_attr_list_insert (attributes, pango_attr_weight_new (weight));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  return layout;
}

static int
measure_text (CytLatentListRow *self, const char *text)
{
  g_autoptr (PangoLayout) layout = make_layout (self, text, self->header ? SMALL : 1, PANGO_WEIGHT_NORMAL);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

static int
get_line_height (CytLatentListRow *self, double scale)
{
  g_autoptr (PangoLayout) layout = make_layout (self, "#0", scale, PANGO_WEIGHT_NORMAL);
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

/* @x: from the leading edge; mirrored where the language runs from right to left. @width: space there
 * is; longer text is ellipsized. Returns the width taken. */
static int
draw_text (CytLatentListRow *self, GtkSnapshot *snapshot, PangoLayout *layout, int x, int y, int width,
           gboolean to_end, double alpha)
{
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  int text_width, left;
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= alpha;
  pango_layout_get_pixel_size (layout, &text_width, NULL);
  if (text_width > width)
    {
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      pango_layout_set_width (layout, MAX (0, width) * PANGO_SCALE);
      text_width = MAX (0, width);
    }
  left = to_end ? x + width - text_width : x;
  if (rtl)
    left = gtk_widget_get_width (GTK_WIDGET (self)) - left - text_width;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (left, y));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
  return text_width;
}

static void
draw_icon (CytLatentListRow *self, GtkSnapshot *snapshot, CytConceptStatus status, int x, int height)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GdkRGBA color;

  if (self->icon == NULL || status != self->icon_status
      || gtk_widget_get_scale_factor (widget) != self->icon_scale)
    {
      GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (widget));

      g_clear_object (&self->icon);
      self->icon_status = status;
      self->icon_scale = gtk_widget_get_scale_factor (widget);
      self->icon = gtk_icon_theme_lookup_icon (theme, cyt_status_get_icon_name (status), NULL, ICON_SIZE,
                                               self->icon_scale, gtk_widget_get_direction (widget), 0);
    }
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
    snapshot, &GRAPHENE_POINT_INIT (rtl ? gtk_widget_get_width (widget) - x - ICON_SIZE : x,
                                    (height - ICON_SIZE) / 2));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (self->icon), snapshot, ICON_SIZE,
                                            ICON_SIZE, &color, 1);
  gtk_snapshot_restore (snapshot);
}

/* Where the columns begin; in a narrow list names are worth more than mean activations, which the card
 * shows as well. */
typedef struct
{
  int concept, concept_width;
  int frequency;
  int mean_act;        /* -1 where there is no room for it */
  int status;
} Columns;

static Columns
get_columns (CytLatentListRow *self)
{
  Columns columns;

  columns.status = gtk_widget_get_width (GTK_WIDGET (self)) - ICON_SIZE;
  columns.mean_act = columns.status - GAP - self->mean_act_width;
  columns.frequency = columns.mean_act - GAP - self->frequency_width;
  columns.concept = self->number_width + GAP;
  if (columns.frequency - GAP - columns.concept < MIN_CONCEPT_WIDTH)
    {
      columns.mean_act = -1;
      columns.frequency = columns.status - GAP - self->frequency_width;
    }
  columns.concept_width = columns.frequency - GAP - columns.concept;
  return columns;
}

static void
draw_one (CytLatentListRow *self, GtkSnapshot *snapshot, const char *text, int x, int width, gboolean to_end,
          double alpha)
{
  g_autoptr (PangoLayout) layout = make_layout (self, text, self->header ? SMALL : 1, PANGO_WEIGHT_NORMAL);
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  draw_text (self, snapshot, layout, x, (gtk_widget_get_height (GTK_WIDGET (self)) - height) / 2, width,
             to_end, alpha);
}

static void
draw_concept (CytLatentListRow *self, GtkSnapshot *snapshot, const Texts *texts, const Columns *columns)
{
  int height = gtk_widget_get_height (GTK_WIDGET (self));
  int small = get_line_height (self, SMALL), normal = get_line_height (self, 1);
  /* Without a name the class stands alone: a column of "unnamed" would only be noise. */
  gboolean named = texts->name[0] != '\0';
  int top = named ? (height - normal - small) / 2 + normal : (height - small) / 2;
  g_autoptr (PangoLayout) majority = make_layout (self, texts->majority, SMALL, PANGO_WEIGHT_NORMAL);
  int purity_width = 0, width;

  if (named)
    {
      g_autoptr (PangoLayout) name = make_layout (self, texts->name, 1, PANGO_WEIGHT_SEMIBOLD);

      draw_text (self, snapshot, name, columns->concept, (height - normal - small) / 2,
                 columns->concept_width, FALSE, 1);
    }
  if (texts->purity != NULL)
    {
      g_autoptr (PangoLayout) purity = make_layout (self, texts->purity, SMALL, PANGO_WEIGHT_NORMAL);

      pango_layout_get_pixel_size (majority, &width, NULL);
      pango_layout_get_pixel_size (purity, &purity_width, NULL);
      if (columns->concept_width - purity_width - GAP >= MIN (width, MIN_CLASS_WIDTH))
        {
          width = MIN (width, columns->concept_width - purity_width - GAP);
          draw_text (self, snapshot, purity, columns->concept + width + GAP, top, purity_width, FALSE, 0.65);
          purity_width += GAP;
        }
      else
        purity_width = 0;
    }
  draw_text (self, snapshot, majority, columns->concept, top, columns->concept_width - purity_width, FALSE,
             0.65);
}

static void
cyt_latent_list_row_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytLatentListRow *self = CYT_LATENT_LIST_ROW (widget);
  Columns columns = get_columns (self);
  g_auto (Texts) texts = { NULL };

  if (self->header)
    {
      draw_one (self, snapshot, _("Latent"), 0, self->number_width, TRUE, 1);
      draw_one (self, snapshot, _("Concept"), columns.concept, columns.concept_width, FALSE, 1);
      draw_one (self, snapshot, _("Freq."), columns.frequency, self->frequency_width, TRUE, 1);
      if (columns.mean_act >= 0)
        draw_one (self, snapshot, _("Mean"), columns.mean_act, self->mean_act_width, TRUE, 1);
      return;
    }
  if (!get_texts (self, &texts))
    return;
  draw_one (self, snapshot, texts.number, 0, self->number_width, TRUE, 0.55);
  draw_concept (self, snapshot, &texts, &columns);
  draw_one (self, snapshot, texts.frequency, columns.frequency, self->frequency_width, TRUE, 1);
  if (columns.mean_act >= 0)
    draw_one (self, snapshot, texts.mean_act, columns.mean_act, self->mean_act_width, TRUE, 1);
  draw_icon (self, snapshot, texts.status, columns.status, gtk_widget_get_height (widget));
}

static void
cyt_latent_list_row_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                             int *natural, int *minimum_baseline, int *natural_baseline)
{
  CytLatentListRow *self = CYT_LATENT_LIST_ROW (widget);

  if (orientation == GTK_ORIENTATION_VERTICAL)
    {
      int small = get_line_height (self, SMALL);

      *minimum = *natural = self->header ? small : MAX (ICON_SIZE, get_line_height (self, 1) + small);
      return;
    }
  {
    gboolean header = self->header;

    /* The columns of the header are those of the rows. */
    self->header = FALSE;
    self->number_width = measure_text (self, "#49152");
    self->frequency_width = measure_text (self, "0.774\u202f%");
    self->mean_act_width = measure_text (self, "0.000537");
    self->header = header;
  }
  *minimum = self->number_width + self->frequency_width + ICON_SIZE + 3 * GAP + MIN_CONCEPT_WIDTH;
  *natural = *minimum + self->mean_act_width + GAP;
}

/* ---- Words ---- */

static const char *
get_header_tooltip (CytLatentListRow *self, int x)
{
  Columns columns = get_columns (self);

  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    x = gtk_widget_get_width (GTK_WIDGET (self)) - x;
  if (x < columns.concept)
    return _("Number of the latent in the autoencoder");
  if (x < columns.frequency)
    return _("Name given by an expert; below it the class that prevails among the ten strongest cells, with "
             "its share of their scores (purity)");
  if (x < (columns.mean_act >= 0 ? columns.mean_act : columns.status))
    return _("Frequency: share of cells in which the latent fires at all");
  if (x < columns.status)
    return _("Mean activation: mean score of the cells in which the latent fires");
  return _("Status of the label");
}

static char *
describe (const Texts *texts)
{
  GString *text = g_string_new (texts->number);

  if (texts->name[0] != '\0')
    g_string_append_printf (text, " %s", texts->name);
  g_string_append_printf (text, "\n%s", texts->majority);
  if (texts->purity != NULL)
    g_string_append_printf (text, " %s", texts->purity);
  g_string_append_c (text, '\n');
  g_string_append_printf (text, _("Frequency %s, mean activation %s"), texts->frequency, texts->mean_act);
  g_string_append_printf (text, "\n%s", cyt_status_get_label (texts->status));
  return g_string_free (text, FALSE);
}

static gboolean
cyt_latent_list_row_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  CytLatentListRow *self = CYT_LATENT_LIST_ROW (widget);
  g_auto (Texts) texts = { NULL };
  g_autofree char *text = NULL;

  if (self->header)
    text = g_strdup (get_header_tooltip (self, x));
  else if (get_texts (self, &texts))
    text = describe (&texts);
  gtk_tooltip_set_text (tooltip, text);
  return text != NULL;
}

static void
update (CytLatentListRow *self)
{
  g_auto (Texts) texts = { NULL };
  g_autofree char *text = NULL;

  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (get_texts (self, &texts))
    {
      text = describe (&texts);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
      /* The focus is on the list's own row, which GTK 4.8 leaves without a name. */
      if (gtk_widget_get_parent (GTK_WIDGET (self)) != NULL)
        gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (GTK_WIDGET (self))),
                                        GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
    }
}

void
cyt_latent_list_row_set_latent (CytLatentListRow *self, gint64 latent)
{
  g_return_if_fail (CYT_IS_LATENT_LIST_ROW (self));

  if (latent == self->latent)
    return;
  self->latent = latent;
  update (self);
}

gint64
cyt_latent_list_row_get_latent (CytLatentListRow *self)
{
  g_return_val_if_fail (CYT_IS_LATENT_LIST_ROW (self), -1);
  return self->latent;
}

CytLatentListRow *
cyt_latent_list_row_new (CytLatentModel *model)
{
  CytLatentListRow *self = g_object_new (CYT_TYPE_LATENT_LIST_ROW, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "values-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  return self;
}

static void
cyt_latent_list_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_HEADER:
      g_value_set_boolean (value, CYT_LATENT_LIST_ROW (object)->header);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cyt_latent_list_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_HEADER:
      CYT_LATENT_LIST_ROW (object)->header = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cyt_latent_list_row_dispose (GObject *object)
{
  CytLatentListRow *self = CYT_LATENT_LIST_ROW (object);

  g_clear_object (&self->icon);
  g_clear_object (&self->model);
  self->latent = -1;
  G_OBJECT_CLASS (cyt_latent_list_row_parent_class)->dispose (object);
}

static void
cyt_latent_list_row_class_init (CytLatentListRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cyt_latent_list_row_dispose;
  object_class->get_property = cyt_latent_list_row_get_property;
  object_class->set_property = cyt_latent_list_row_set_property;
  widget_class->snapshot = cyt_latent_list_row_snapshot;
  widget_class->measure = cyt_latent_list_row_measure;
  widget_class->query_tooltip = cyt_latent_list_row_query_tooltip;
  props[PROP_HEADER] = g_param_spec_boolean ("header", NULL, NULL, FALSE,
                                             G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY
                                               | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LABEL);
}

static void
cyt_latent_list_row_init (CytLatentListRow *self)
{
  self->latent = -1;
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
}
