/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-format.h"
#include "cyt-keys.h"
#include "cyt-latent-list-row.h"
#include "cyt-status.h"

#define GAP 8
#define THUMB_GAP 2
#define ICON_SIZE 16
#define MIN_CLASS_WIDTH 40
#define SMALL 0.88

struct _CytLatentListRow
{
  GtkWidget parent_instance;
  CytLatentModel *model;
  CytLatentThumbs *thumbs;
  gint64 latent;
  gboolean header;
  CytLatentSort header_sort; /* of the header: what is sorted by */

  GtkIconPaintable *icon;
  CytConceptStatus icon_status;
  int icon_scale;

  /* Widths of the columns; measured with the font. */
  int share_width;       /* frequency under the class */
  int mean_width;        /* mean activation under purity */
  int max_width;         /* maximum activation under entropy */
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
  char *purity;          /* these: "" where undefined */
  char *entropy;
  char *frequency;
  char *mean_act;
  char *max_act;
  char *last;            /* in the last place: max_act, or the measure that is sorted by */
  CytConceptStatus status;
} Texts;

static void
texts_clear (Texts *texts)
{
  g_free (texts->number);
  g_free (texts->majority);
  g_free (texts->purity);
  g_free (texts->entropy);
  g_free (texts->frequency);
  g_free (texts->mean_act);
  g_free (texts->max_act);
  g_free (texts->last);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Texts, texts_clear)

static char *
get_last_text (CytLatentListRow *self, const char *max_act)
{
  CytLatentSort sort = cyt_latent_model_get_sort (self->model);
  double value;

  if (!CYT_LATENT_SORT_IS_MEASURED (sort))
    return g_strdup (max_act);
  value = cyt_latent_table_get_number (cyt_latent_model_get_current_table (self->model), self->latent,
                                       CYT_FILTER_SELECTIVITY + (sort - CYT_LATENT_SORT_SELECTIVITY));
  return isnan (value) ? g_strdup ("") : cyt_format_number (value);
}

static gboolean
get_texts (CytLatentListRow *self, Texts *texts)
{
  const CytConcept *concept;
  const CytLatentRow *row;
  const char *majority;
  gboolean fires;

  if (self->latent < 0 || (guint64) self->latent >= cyt_latent_model_get_n_latents (self->model))
    return FALSE;
  row = cyt_latent_model_get_row (self->model, self->latent);
  concept = cyt_latent_model_get_concept (self->model, self->latent);
  majority = cyt_latent_model_get_majority (self->model, self->latent);
  fires = row->n_active > 0;
  texts->number = g_strdup_printf ("#%u", (guint) self->latent);
  texts->name = concept != NULL ? concept->name : "";
  texts->status = concept != NULL ? concept->status : CYT_CONCEPT_UNREVIEWED;
  if (!fires)
    texts->majority = g_strdup (_("never fires"));
  else if (majority == NULL || isnan (row->purity))
    {
      g_autofree char *n_cells = cyt_format_count (row->n_active);

      texts->majority = g_strdup_printf (ngettext ("%s cell", "%s cells", row->n_active), n_cells);
    }
  else
    texts->majority = g_strdup (majority);
  texts->purity = isnan (row->purity) ? g_strdup ("") : cyt_format_percent (row->purity);
  texts->entropy = isnan (row->entropy) ? g_strdup ("") : cyt_format_number (row->entropy);
  texts->frequency = fires ? cyt_format_percent (row->frequency) : g_strdup ("");
  texts->mean_act = fires ? cyt_format_number (row->mean_act) : g_strdup ("");
  texts->max_act = fires && !isnan (row->max_act) ? cyt_format_number (row->max_act) : g_strdup ("");
  texts->last = get_last_text (self, texts->max_act);
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
  g_autoptr (PangoLayout) layout = make_layout (self, text, SMALL, PANGO_WEIGHT_NORMAL);
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

/* Three lines beside the pictures: the concept; what its cells are; how it fires. The numbers stand in columns under
 * the words of the header. In a narrow list there are fewer pictures. */
typedef struct
{
  guint n_thumbs;
  int start;           /* of the text */
  int middle_end;      /* where the middle column ends; the last one ends with the row */
} Columns;

static int
get_text_width (CytLatentListRow *self)
{
  return self->share_width + GAP + self->mean_width + GAP + self->max_width;
}

static Columns
get_columns (CytLatentListRow *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)), room = width - get_text_width (self) - GAP + THUMB_GAP;
  Columns columns = { 0 };

  if (!self->header)
    {
      columns.n_thumbs = CLAMP (room / (CYT_LATENT_THUMB_SIZE + THUMB_GAP), 1, CYT_LATENT_N_THUMBS);
      columns.start = columns.n_thumbs * (CYT_LATENT_THUMB_SIZE + THUMB_GAP) - THUMB_GAP + GAP;
    }
  columns.middle_end = width - self->max_width - GAP;
  return columns;
}

static void
draw_thumbs (CytLatentListRow *self, GtkSnapshot *snapshot, const Columns *columns)
{
  const GdkRGBA grey = { 0.5, 0.5, 0.5, 0.13 };
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  float y = (gtk_widget_get_height (GTK_WIDGET (self)) - CYT_LATENT_THUMB_SIZE) / 2;
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  guint n_cells = MIN (cyt_latent_model_get_row (self->model, self->latent)->n_active, columns->n_thumbs);

  for (guint i = 0; i < n_cells; i++)
    {
      GdkTexture *texture = cyt_latent_thumbs_get (self->thumbs, self->latent, i);
      float x = i * (CYT_LATENT_THUMB_SIZE + THUMB_GAP), w = CYT_LATENT_THUMB_SIZE, h = CYT_LATENT_THUMB_SIZE;
      graphene_rect_t rect;

      if (texture != NULL)
        {
          float tw = gdk_texture_get_width (texture), th = gdk_texture_get_height (texture);
          float scale = CYT_LATENT_THUMB_SIZE / MAX (tw, th);

          w = tw * scale;
          h = th * scale;
        }
      if (rtl)
        x = width - x - CYT_LATENT_THUMB_SIZE;
      rect = GRAPHENE_RECT_INIT (x + (CYT_LATENT_THUMB_SIZE - w) / 2, y + (CYT_LATENT_THUMB_SIZE - h) / 2, w, h);
      if (texture != NULL)
        gtk_snapshot_append_texture (snapshot, texture, &rect);
      else
        gtk_snapshot_append_color (snapshot, &grey, &rect);
    }
}

/* A small text; the @strong one is what the list is sorted by. Returns its width. */
static int
draw_small (CytLatentListRow *self, GtkSnapshot *snapshot, const char *text, int x, int y, int width, gboolean to_end,
            gboolean strong)
{
  g_autoptr (PangoLayout) layout
    = make_layout (self, text, SMALL, strong ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);

  return draw_text (self, snapshot, layout, x, y, width, to_end, strong ? 1 : 0.65);
}

/* A line in columns. Classes are cut to what room there is, but no number ever: rare latents have long frequencies. */
static void
draw_line (CytLatentListRow *self, GtkSnapshot *snapshot, const Columns *columns, int y, const char *const texts[3],
           const CytLatentSort sorts[3], gboolean may_cut)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)), end = columns->middle_end, middle_width, room;
  CytLatentSort sort = self->header ? CYT_LATENT_SORT_NUMBER : cyt_latent_model_get_sort (self->model);

  draw_small (self, snapshot, texts[2], columns->middle_end, y, width - columns->middle_end, TRUE, sort == sorts[2]);
  middle_width = draw_small (self, snapshot, texts[1], columns->start, y, end - columns->start, TRUE, sort == sorts[1]);
  room = end - columns->start - (middle_width > 0 ? middle_width + GAP : 0);
  draw_small (self, snapshot, texts[0], columns->start, y, may_cut ? room : end - columns->start, FALSE,
              sort == sorts[0]);
}

static const CytLatentSort line_sorts[2][3]
  = { { CYT_LATENT_SORT_MAJORITY, CYT_LATENT_SORT_PURITY, CYT_LATENT_SORT_ENTROPY },
      { CYT_LATENT_SORT_FREQUENCY, CYT_LATENT_SORT_MEAN_ACT, CYT_LATENT_SORT_MAX_ACT } };

/* What stands in a place: a measure that is sorted by takes that of the maximum. */
static CytLatentSort
get_place_sort (CytLatentListRow *self, guint line, guint column)
{
  CytLatentSort sort = self->header ? self->header_sort : cyt_latent_model_get_sort (self->model);

  return line == 1 && column == 2 && CYT_LATENT_SORT_IS_MEASURED (sort) ? sort : line_sorts[line][column];
}

static const char *
get_last_title (CytLatentListRow *self)
{
  switch (get_place_sort (self, 1, 2))
    {
    case CYT_LATENT_SORT_SELECTIVITY:
      return _("Select.");
    case CYT_LATENT_SORT_MONOSEMANTICITY:
      return _("Monosem.");
    case CYT_LATENT_SORT_REDUNDANCY:
      return _("Cosine");
    case CYT_LATENT_SORT_MAP:
      return _("Map");
    default:
      return _("Max.");
    }
}

static void
draw_concept (CytLatentListRow *self, GtkSnapshot *snapshot, const Texts *texts, const Columns *columns, int y)
{
  gboolean named = texts->name[0] != '\0';
  int end = gtk_widget_get_width (GTK_WIDGET (self)) - ICON_SIZE - GAP;
  g_autoptr (PangoLayout) number = make_layout (self, texts->number, 1, PANGO_WEIGHT_NORMAL);
  int x = columns->start + draw_text (self, snapshot, number, columns->start, y, end - columns->start, FALSE,
                                      named ? 0.65 : 1) + GAP * 3 / 4;

  if (named)
    {
      g_autoptr (PangoLayout) name = make_layout (self, texts->name, 1, PANGO_WEIGHT_SEMIBOLD);

      draw_text (self, snapshot, name, x, y, end - x, FALSE, 1);
    }
}

static void
draw_header (CytLatentListRow *self, GtkSnapshot *snapshot)
{
  const Columns columns = get_columns (self);
  const char *const classes[3] = { _("Class"), _("Purity"), _("Entropy") };
  const char *const activity[3] = { _("Frequency"), _("Mean"), get_last_title (self) };
  const CytLatentSort sorts[3] = { line_sorts[1][0], line_sorts[1][1], get_place_sort (self, 1, 2) };
  int small = get_line_height (self, SMALL);

  draw_line (self, snapshot, &columns, 0, classes, line_sorts[0], TRUE);
  draw_line (self, snapshot, &columns, small, activity, sorts, TRUE);
}

static void
cyt_latent_list_row_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytLatentListRow *self = CYT_LATENT_LIST_ROW (widget);
  g_auto (Texts) texts = { NULL };
  int normal = get_line_height (self, 1), small = get_line_height (self, SMALL);
  int y = (gtk_widget_get_height (widget) - normal - 2 * small) / 2;
  Columns columns;

  if (self->header)
    {
      draw_header (self, snapshot);
      return;
    }
  if (!get_texts (self, &texts))
    return;
  columns = get_columns (self);
  draw_thumbs (self, snapshot, &columns);
  draw_concept (self, snapshot, &texts, &columns, y);
  draw_icon (self, snapshot, texts.status, gtk_widget_get_width (widget) - ICON_SIZE, 2 * y + normal);
  {
    const char *const classes[3] = { texts.majority, texts.purity, texts.entropy };
    const char *const activity[3] = { texts.frequency, texts.mean_act, texts.last };
    const CytLatentSort sorts[3] = { line_sorts[1][0], line_sorts[1][1], get_place_sort (self, 1, 2) };

    draw_line (self, snapshot, &columns, y + normal, classes, line_sorts[0], TRUE);
    draw_line (self, snapshot, &columns, y + normal + small, activity, sorts, FALSE);
  }
}

static void
cyt_latent_list_row_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                             int *natural, int *minimum_baseline, int *natural_baseline)
{
  CytLatentListRow *self = CYT_LATENT_LIST_ROW (widget);

  if (orientation == GTK_ORIENTATION_VERTICAL)
    {
      int small = get_line_height (self, SMALL);

      *minimum = *natural = self->header ? 2 * small
                                         : MAX (CYT_LATENT_THUMB_SIZE, get_line_height (self, 1) + 2 * small);
      return;
    }
  /* The header's columns are those of the rows: wide enough for both. */
  self->share_width = MAX (measure_text (self, "0.00617\u202f%"), measure_text (self, _("Frequency")));
  self->mean_width = MAX (measure_text (self, "0.000537"), measure_text (self, _("Purity")));
  self->max_width = MAX (measure_text (self, "0.0537"), measure_text (self, _("Entropy")));
  *minimum = *natural = get_text_width (self);
  if (!self->header)
    {
      *minimum += CYT_LATENT_THUMB_SIZE + GAP;
      *natural += CYT_LATENT_N_THUMBS * (CYT_LATENT_THUMB_SIZE + THUMB_GAP) - THUMB_GAP + GAP;
    }
}

int
cyt_latent_list_row_get_sort_at (CytLatentListRow *self, double x, double y)
{
  Columns columns;
  guint line, column;

  g_return_val_if_fail (CYT_IS_LATENT_LIST_ROW (self), -1);

  columns = get_columns (self);
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    x = gtk_widget_get_width (GTK_WIDGET (self)) - x;
  line = y < gtk_widget_get_height (GTK_WIDGET (self)) / 2.0 ? 0 : 1;
  column = x > columns.middle_end ? 2 : x > columns.middle_end - self->mean_width ? 1 : 0;
  return get_place_sort (self, line, column);
}

/* ---- Words ---- */

static const char *
get_header_tooltip (CytLatentListRow *self, int x, int y)
{
  switch (cyt_latent_list_row_get_sort_at (self, x, y))
    {
    case CYT_LATENT_SORT_MAJORITY:
      return _("Class: the one with the largest share of the scores of the ten strongest cells");
    case CYT_LATENT_SORT_PURITY:
      return _("Purity: that class’s share of the scores of the ten strongest cells");
    case CYT_LATENT_SORT_ENTROPY:
      return _("Entropy of the classes among the ten strongest cells, in nats: 0 when all are of one class");
    case CYT_LATENT_SORT_FREQUENCY:
      return _("Frequency: share of cells in which the latent fires at all");
    case CYT_LATENT_SORT_MEAN_ACT:
      return _("Mean activation: mean score of the cells in which the latent fires");
    case CYT_LATENT_SORT_SELECTIVITY:
      return _("Selectivity: average precision with which the score tells the class that it tells best");
    case CYT_LATENT_SORT_MONOSEMANTICITY:
      return _("Monosemanticity: how alike the cells on which it fires are to an embedding of another layer");
    case CYT_LATENT_SORT_REDUNDANCY:
      return _("Cosine with the decoder direction of another latent that is most like it");
    case CYT_LATENT_SORT_MAP:
      return _("Map precision: average precision with which its map tells the structure that it tells best");
    case CYT_LATENT_SORT_MAX_ACT:
    default:
      return _("Maximum activation: the strongest of any token of any cell");
    }
}

static char *
describe (const Texts *texts)
{
  GString *text = g_string_new (texts->number);

  if (texts->name[0] != '\0')
    g_string_append_printf (text, " %s", texts->name);
  g_string_append_printf (text, "\n%s", cyt_status_get_label (texts->status));
  g_string_append_printf (text, "\n%s", texts->majority);
  if (texts->purity[0] != '\0')
    g_string_append_printf (text, _(", purity %s, entropy %s"), texts->purity, texts->entropy);
  if (texts->frequency[0] != '\0')
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text, _("Frequency %s, mean activation %s"), texts->frequency, texts->mean_act);
    }
  if (texts->max_act[0] != '\0')
    g_string_append_printf (text, _(", maximum %s"), texts->max_act);
  return g_string_free (text, FALSE);
}

static gboolean
cyt_latent_list_row_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  CytLatentListRow *self = CYT_LATENT_LIST_ROW (widget);
  g_auto (Texts) texts = { NULL };
  g_autofree char *text = NULL;

  if (self->header)
    text = g_strdup (get_header_tooltip (self, x, y));
  else if ((keyboard || cyt_keys_is_pointing (widget)) && get_texts (self, &texts))
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

void
cyt_latent_list_row_set_header_sort (CytLatentListRow *self, CytLatentSort sort)
{
  g_return_if_fail (CYT_IS_LATENT_LIST_ROW (self) && self->header);

  self->header_sort = sort;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

CytLatentListRow *
cyt_latent_list_row_new (CytLatentModel *model, CytLatentThumbs *thumbs)
{
  CytLatentListRow *self = g_object_new (CYT_TYPE_LATENT_LIST_ROW, NULL);

  self->model = g_object_ref (model);
  self->thumbs = g_object_ref (thumbs);
  g_signal_connect_object (model, "values-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  /* the last place shows what is sorted by */
  g_signal_connect_object (model, "filter-changed", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
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
  g_clear_object (&self->thumbs);
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
