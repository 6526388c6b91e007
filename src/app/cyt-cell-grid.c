/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-cell-grid.h"
#include "cyt-cell-tile.h"
#include "cyt-color-bar.h"
#include "cyt-format.h"

/* From here on a latent's activation counts as lying on CLS alone, or mostly. */
#define CLS_ONLY 0.9999
#define CLS_MOSTLY 0.8

struct _CytCellGrid
{
  GtkWidget parent_instance;
  CytSession *session;
  GtkLabel *number;
  GtkLabel *name;
  GtkLabel *summary;
  GtkRevealer *notice;
  GtkLabel *notice_text;
  GtkStack *stack;
  GtkGridView *view;
  GtkToggleButton *overlay_off;
  GtkToggleButton *overlay_outline;
  GtkToggleButton *overlay_heat;
  GtkScale *opacity;
  GtkToggleButton *scale_shared;
  GtkWidget *heat_controls;
  CytColorBar *color_bar;
  GtkLabel *color_max;
  GtkWidget *controls;
  GtkWidget *next;
};

G_DEFINE_FINAL_TYPE (CytCellGrid, cyt_cell_grid, GTK_TYPE_WIDGET)

static gint64
get_latent (CytCellGrid *self)
{
  gint64 latent = cyt_latent_model_get_selected (cyt_session_get_latents (self->session));

  if (latent >= (gint64) cyt_latent_model_get_n_latents (cyt_session_get_latents (self->session)))
    return -1;
  return latent;
}

/* A latent of the CLS token has no map, or hardly one: better said than left to be wondered at. */
static void
update_notice (CytCellGrid *self, const CytLatentRow *row)
{
  gboolean reveal = row != NULL && row->n_active > 0 && row->cls_share >= CLS_MOSTLY;

  if (reveal && row->cls_share >= CLS_ONLY)
    gtk_label_set_label (self->notice_text, _("Fires on the CLS token only: a concept of the whole cell, so there "
                                              "is no map of patches to show."));
  else if (reveal)
    {
      g_autofree char *share = cyt_format_percent (row->cls_share);
      g_autofree char *text
        /* Translators: a percentage */
        = g_strdup_printf (_("%s of its activation lies on the CLS token: mostly a concept of the whole cell. "
                             "Patches say little about it."),
                           share);

      gtk_label_set_label (self->notice_text, text);
    }
  gtk_revealer_set_reveal_child (self->notice, reveal);
}

static void
update_heading (CytCellGrid *self)
{
  CytLatentModel *model = cyt_session_get_latents (self->session);
  const CytDataset *dataset = cyt_session_get_dataset (self->session);
  gint64 latent = get_latent (self);
  const CytConcept *concept;
  const CytLatentRow *row;
  g_autofree char *number = NULL, *n_active = NULL, *n_cells = NULL, *frequency = NULL, *text = NULL;

  if (latent < 0)
    {
      gtk_label_set_label (self->number, "");
      gtk_label_set_label (self->name, "");
      gtk_label_set_label (self->summary, "");
      update_notice (self, NULL);
      return;
    }
  row = cyt_latent_model_get_row (model, latent);
  concept = cyt_latent_model_get_concept (model, latent);
  number = g_strdup_printf ("#%u", (guint) latent);
  gtk_label_set_label (self->number, number);
  if (concept != NULL && concept->name[0] != '\0')
    {
      gtk_label_set_label (self->name, concept->name);
      gtk_widget_remove_css_class (GTK_WIDGET (self->name), "unnamed");
    }
  else
    {
      gtk_label_set_label (self->name, _("Unnamed concept"));
      gtk_widget_add_css_class (GTK_WIDGET (self->name), "unnamed");
    }
  n_active = cyt_format_count (row->n_active);
  n_cells = cyt_format_count (dataset != NULL ? dataset->n_images : 0);
  frequency = cyt_format_percent (row->frequency);
  if (row->n_active == 0)
    text = g_strdup (_("Does not fire in this data set"));
  else if (cyt_session_is_published (self->session))
    /* Translators: number of cells, number of all cells, percentage */
    text = g_strdup_printf (_("Fires in %s of %s cells (%s) · where in the cell was not published"), n_active, n_cells,
                            frequency);
  else
    /* Translators: number of cells, number of all cells, percentage */
    text = g_strdup_printf (_("Fires in %s of %s cells (%s)"), n_active, n_cells, frequency);
  gtk_label_set_label (self->summary, text);
  update_notice (self, row);
}

static void
update_page (CytCellGrid *self)
{
  gint64 latent = get_latent (self);

  if (latent < 0)
    gtk_stack_set_visible_child_name (self->stack, "none");
  else if (cyt_latent_model_get_row (cyt_session_get_latents (self->session), latent)->n_active == 0)
    gtk_stack_set_visible_child_name (self->stack, "silent");
  else
    gtk_stack_set_visible_child_name (self->stack, "grid");
}

static void
update_controls (CytCellGrid *self)
{
  CytOverlayMode mode = cyt_session_get_overlay_mode (self->session);
  gboolean shared = cyt_session_get_shared_scale (self->session);
  gboolean usable = get_latent (self) >= 0 && cyt_session_get_scale_max (self->session) > 0;
  GtkToggleButton *button = mode == CYT_OVERLAY_OFF       ? self->overlay_off
                            : mode == CYT_OVERLAY_OUTLINE ? self->overlay_outline
                                                          : self->overlay_heat;

  gtk_toggle_button_set_active (button, TRUE);
  gtk_toggle_button_set_active (self->scale_shared, shared);
  gtk_range_set_value (GTK_RANGE (self->opacity), cyt_session_get_opacity (self->session));
  gtk_widget_set_sensitive (self->controls, usable);
  gtk_widget_set_visible (self->controls, !cyt_session_is_published (self->session));
  gtk_widget_set_sensitive (GTK_WIDGET (self->opacity), mode != CYT_OVERLAY_OFF);
  gtk_widget_set_sensitive (self->heat_controls, mode == CYT_OVERLAY_HEAT);
  if (shared && usable)
    {
      g_autofree char *max = cyt_format_number (cyt_session_get_scale_max (self->session));

      gtk_label_set_label (self->color_max, max);
    }
  else
    /* Translators: top of the colour scale when every cell has its own */
    gtk_label_set_label (self->color_max, _("max"));
}

static void
overlay_toggled_cb (CytCellGrid *self)
{
  CytOverlayMode mode = CYT_OVERLAY_HEAT;

  if (self->session == NULL)
    return;
  if (gtk_toggle_button_get_active (self->overlay_off))
    mode = CYT_OVERLAY_OFF;
  else if (gtk_toggle_button_get_active (self->overlay_outline))
    mode = CYT_OVERLAY_OUTLINE;
  g_object_set (self->session, "overlay-mode", mode, "shared-scale",
                gtk_toggle_button_get_active (self->scale_shared), NULL);
}

static void
opacity_changed_cb (CytCellGrid *self)
{
  if (self->session != NULL)
    g_object_set (self->session, "opacity", gtk_range_get_value (GTK_RANGE (self->opacity)), NULL);
}

/* Tab leaves the grid: GTK 4.8 would go through its cells. */
static gboolean
view_key_cb (CytCellGrid *self, guint key, guint code, GdkModifierType state)
{
  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  if (key == GDK_KEY_Tab)
    return gtk_widget_child_focus (self->controls, GTK_DIR_TAB_FORWARD);
  if (key == GDK_KEY_ISO_Left_Tab)
    return gtk_widget_grab_focus (self->next);
  return GDK_EVENT_PROPAGATE;
}

static void
setup_cb (CytCellGrid *self, GtkListItem *item)
{
  gtk_list_item_set_child (item, GTK_WIDGET (cyt_cell_tile_new (self->session)));
}

static void
bind_cb (CytCellGrid *self, GtkListItem *item)
{
  cyt_cell_tile_set_item (CYT_CELL_TILE (gtk_list_item_get_child (item)), gtk_list_item_get_item (item));
}

static void
unbind_cb (CytCellGrid *self, GtkListItem *item)
{
  cyt_cell_tile_set_item (CYT_CELL_TILE (gtk_list_item_get_child (item)), NULL);
}

static void
update (CytCellGrid *self)
{
  update_heading (self);
  update_page (self);
  update_controls (self);
}

static void
selected_cb (CytCellGrid *self)
{
  update (self);
  if (g_list_model_get_n_items (cyt_session_get_cells (self->session)) > 0)
    gtk_widget_activate_action (GTK_WIDGET (self->view), "list.scroll-to-item", "u", 0);
}

void
cyt_cell_grid_set_session (CytCellGrid *self, CytSession *session)
{
  static const char *const properties[]
    = { "notify::overlay-mode", "notify::opacity", "notify::shared-scale", "notify::scale-max" };
  g_autoptr (GtkListItemFactory) factory = NULL;
  g_autoptr (GtkSingleSelection) selection = NULL;
  CytLatentModel *model;

  g_return_if_fail (CYT_IS_CELL_GRID (self) && self->session == NULL);

  self->session = g_object_ref (session);
  model = cyt_session_get_latents (session);
  factory = gtk_signal_list_item_factory_new ();
  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_cb), self, G_CONNECT_SWAPPED);
  gtk_grid_view_set_factory (self->view, factory);
  selection = gtk_single_selection_new (g_object_ref (cyt_session_get_cells (session)));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  gtk_single_selection_set_selected (selection, GTK_INVALID_LIST_POSITION);
  gtk_grid_view_set_model (self->view, GTK_SELECTION_MODEL (selection));

  cyt_color_bar_set_colormap (self->color_bar, cyt_session_get_colormap (session));
  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++)
    g_signal_connect_object (session, properties[i], G_CALLBACK (update_controls), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "values-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "notify::selected", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
cyt_cell_grid_dispose (GObject *object)
{
  CytCellGrid *self = CYT_CELL_GRID (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_cell_grid_parent_class)->dispose (object);
}

static void
cyt_cell_grid_class_init (CytCellGridClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_cell_grid_dispose;
  g_type_ensure (CYT_TYPE_COLOR_BAR);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-cell-grid.ui");
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, number);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, name);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, summary);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, notice);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, notice_text);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, stack);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, view);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, overlay_off);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, overlay_outline);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, overlay_heat);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, opacity);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, scale_shared);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, heat_controls);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, color_bar);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, color_max);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, controls);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, next);
  gtk_widget_class_bind_template_callback (widget_class, overlay_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, opacity_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, view_key_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
cyt_cell_grid_init (CytCellGrid *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
