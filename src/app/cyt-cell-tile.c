/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-cell-picture.h"
#include "cyt-cell-tile.h"
#include "cyt-format.h"

struct _CytCellTile
{
  GtkWidget parent_instance;
  CytCellItem *item;
  CytCellPicture *picture;
  GtkWidget *badge;
  GtkLabel *rank;
  GtkLabel *label;
  GtkLabel *patient;
  GtkLabel *score;
};

G_DEFINE_FINAL_TYPE (CytCellTile, cyt_cell_tile, GTK_TYPE_WIDGET)

CytCellTile *
cyt_cell_tile_new (CytSession *session)
{
  CytCellTile *self = g_object_new (CYT_TYPE_CELL_TILE, NULL);

  cyt_cell_picture_set_session (self->picture, session);
  return self;
}

static char *
describe (CytCellItem *item, gboolean missing)
{
  const CytCell *cell = cyt_cell_item_get_cell (item);
  const CytTopCell *top = cyt_cell_item_get_top (item);
  g_autofree char *score = cyt_format_number (top->score);
  g_autofree char *max = cyt_format_number (cyt_cell_item_get_max (item));
  GString *text = g_string_new (cell->path);

  if (cell->disease != NULL && cell->disease[0] != '\0')
    g_string_append_printf (text, "\n%s", cell->disease);
  if (cell->width > 0)
    g_string_append_printf (text, _("\n%u × %u px"), cell->width, cell->height);
  g_string_append_c (text, '\n');
  g_string_append_printf (text, _("Score %s (mean activation over all 257 tokens)"), score);
  g_string_append_c (text, '\n');
  if (!top->has_map)
    g_string_append (text, _("No patch map was published"));
  else if (top->map.n > 0)
    g_string_append_printf (text, _("Fires on %u of 256 patches, at most %s"), top->map.n, max);
  else
    g_string_append (text, _("Fires on the CLS token only"));
  if (cell->failure != NULL)
    g_string_append_printf (text, "\n\n%s", cell->failure);
  else if (missing)
    g_string_append_printf (text, _("\n\nThe image is not there; this is the stored thumbnail.\n%s"),
                            cyt_cell_item_get_path (item));
  return g_string_free (text, FALSE);
}

static gboolean
query_tooltip_cb (CytCellTile *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  g_autofree char *text = NULL;

  if (self->item == NULL)
    return FALSE;
  text = describe (self->item, cyt_cell_picture_is_missing (self->picture));
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

void
cyt_cell_tile_set_item (CytCellTile *self, CytCellItem *item)
{
  const CytCell *cell;
  const CytTopCell *top;
  g_autofree char *rank = NULL, *score = NULL, *spoken = NULL;
  const char *label, *patient;

  g_return_if_fail (CYT_IS_CELL_TILE (self));

  if (!g_set_object (&self->item, item))
    return;
  cyt_cell_picture_set_item (self->picture, item);
  if (item == NULL)
    return;
  cell = cyt_cell_item_get_cell (item);
  top = cyt_cell_item_get_top (item);
  label = cell->label != NULL ? cell->label : "";
  patient = cell->patient != NULL ? cell->patient : "";
  rank = g_strdup_printf ("%u", top->rank + 1);
  score = cyt_format_number (top->score);
  gtk_label_set_label (self->rank, rank);
  gtk_label_set_label (self->label, label);
  gtk_label_set_label (self->patient, patient);
  gtk_widget_set_visible (GTK_WIDGET (self->patient), patient[0] != '\0');
  gtk_label_set_label (self->score, score);
  /* Translators: for screen readers: rank, class, patient, score of a cell */
  spoken = g_strdup_printf (_("Cell %s, %s, %s, score %s"), rank, label, patient, score);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->picture), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  /* The focus is on the place in the grid, which GTK 4.8 leaves without a name. */
  if (gtk_widget_get_parent (GTK_WIDGET (self)) != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (GTK_WIDGET (self))),
                                    GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void
cyt_cell_tile_dispose (GObject *object)
{
  CytCellTile *self = CYT_CELL_TILE (object);
  GtkWidget *child;

  g_clear_object (&self->item);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_cell_tile_parent_class)->dispose (object);
}

static void
cyt_cell_tile_class_init (CytCellTileClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_cell_tile_dispose;
  g_type_ensure (CYT_TYPE_CELL_PICTURE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-cell-tile.ui");
  gtk_widget_class_bind_template_child (widget_class, CytCellTile, picture);
  gtk_widget_class_bind_template_child (widget_class, CytCellTile, badge);
  gtk_widget_class_bind_template_child (widget_class, CytCellTile, rank);
  gtk_widget_class_bind_template_child (widget_class, CytCellTile, label);
  gtk_widget_class_bind_template_child (widget_class, CytCellTile, patient);
  gtk_widget_class_bind_template_child (widget_class, CytCellTile, score);
  gtk_widget_class_bind_template_callback (widget_class, query_tooltip_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "celltile");
}

static void
cyt_cell_tile_init (CytCellTile *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_object_bind_property (self->picture, "missing", self->badge, "visible", G_BINDING_SYNC_CREATE);
}
