/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-cell-grid-view.h"
#include "cyt-cell-grid.h"
#include "cyt-cell-item.h"
#include "cyt-cell-section.h"
#include "cyt-color-bar.h"
#include "cyt-format.h"
#include "cyt-keys.h"

#define OPACITY_STEP 0.1

struct _CytCellGrid
{
  GtkWidget parent_instance;
  CytSession *session;
  double scrolled;                  /* what is left of the wheel's turn below one step of zoom */
  GtkLabel *number;
  GtkLabel *name;
  GtkLabel *selected;
  GtkWidget *one_per_patient;
  GtkStack *stack;
  CytCellGridView *view;
  GtkToggleButton *overlay_off;
  GtkToggleButton *overlay_outline;
  GtkToggleButton *overlay_heat;
  GtkScale *opacity;
  GtkToggleButton *scale_shared;
  GtkWidget *heat_controls;
  CytColorBar *color_bar;
  GtkLabel *color_max;
  GtkBox *colormaps;
  GtkCheckButton *colormap_buttons[CYT_COLORMAP_INFERNO + 1];
  GtkWidget *controls;
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

static void
update_heading (CytCellGrid *self)
{
  gint64 latent = get_latent (self);
  const CytConcept *concept;
  g_autofree char *number = NULL;

  if (latent < 0)
    {
      gtk_label_set_label (self->number, "");
      gtk_label_set_label (self->name, "");
      return;
    }
  concept = cyt_latent_model_get_concept (cyt_session_get_latents (self->session), latent);
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
}

/* Whether the selected latent fires in any data set, as far as is known by now. */
static gboolean
fires (CytCellGrid *self, gint64 latent)
{
  GListModel *sections = cyt_session_get_sections (self->session);

  if (cyt_latent_model_get_row (cyt_session_get_latents (self->session), latent)->n_active > 0)
    return TRUE;
  for (guint i = 0; i < g_list_model_get_n_items (sections); i++)
    {
      g_autoptr (CytCellSection) section = g_list_model_get_item (sections, i);

      if (cyt_cell_section_get_row (section)->n_active > 0)
        return TRUE;
    }
  return FALSE;
}

static void
update_page (CytCellGrid *self)
{
  gint64 latent = get_latent (self);

  if (latent < 0)
    gtk_stack_set_visible_child_name (self->stack, "none");
  else
    gtk_stack_set_visible_child_name (self->stack, fires (self, latent) ? "grid" : "silent");
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
  CytColormap colormap = cyt_session_get_colormap (self->session);

  gtk_toggle_button_set_active (button, TRUE);
  gtk_toggle_button_set_active (self->scale_shared, shared);
  gtk_range_set_value (GTK_RANGE (self->opacity), cyt_session_get_opacity (self->session));
  gtk_widget_set_sensitive (self->controls, usable);
  gtk_widget_set_visible (self->controls, !cyt_session_is_published (self->session));
  gtk_widget_set_sensitive (GTK_WIDGET (self->opacity), mode != CYT_OVERLAY_OFF);
  gtk_widget_set_sensitive (self->heat_controls, mode == CYT_OVERLAY_HEAT);
  cyt_color_bar_set_colormap (self->color_bar, colormap);
  gtk_check_button_set_active (self->colormap_buttons[colormap], TRUE);
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
update_selected (CytCellGrid *self)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (cyt_cell_grid_view_get_selection (self->view));
  guint n = (guint) gtk_bitset_get_size (selected);
  g_autofree char *count = cyt_format_count (n);
  g_autofree char *text = g_strdup_printf (ngettext ("%s cell selected", "%s cells selected", n), count);
  g_autoptr (GPtrArray) items = cyt_cell_grid_view_list_selected (self->view);

  gtk_label_set_label (self->selected, text);
  gtk_widget_set_visible (GTK_WIDGET (self->selected), n > 1);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "cells.inspect", n == 1);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "cells.copy-paths", n > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "cells.open-folder",
                                 /* the images of a pack are nowhere */
                                 items->len > 0 && g_path_is_absolute (cyt_cell_item_get_path (items->pdata[0])));
}

/* Offered where patients are known, and more cells than those of the top list. */
static void
update_patients (CytCellGrid *self)
{
  GListModel *cells = cyt_session_get_cells (self->session);
  gboolean visible = cyt_session_get_one_per_patient (self->session);
  guint n = cyt_session_is_published (self->session) ? 0 : g_list_model_get_n_items (cells);

  for (guint i = 0; i < n && !visible; i++)
    {
      g_autoptr (CytCellItem) item = g_list_model_get_item (cells, i);
      const char *patient = cyt_cell_item_get_cell (item)->patient;

      visible = patient != NULL && patient[0] != '\0';
    }
  /* Not to come and go between latents. */
  if (visible)
    gtk_widget_set_visible (self->one_per_patient, TRUE);
}

/* ---- Controls ---- */

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

static void
colormap_toggled_cb (CytCellGrid *self)
{
  for (guint i = 0; self->session != NULL && i < G_N_ELEMENTS (self->colormap_buttons); i++)
    if (gtk_check_button_get_active (self->colormap_buttons[i]))
      g_object_set (self->session, "colormap", i, NULL);
}

static void
add_colormap (CytCellGrid *self, CytColormap colormap, const char *name)
{
  GtkWidget *button = gtk_check_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *bar = g_object_new (CYT_TYPE_COLOR_BAR, "width-request", 96, "height-request", 14, "valign",
                                 GTK_ALIGN_CENTER, NULL);

  cyt_color_bar_set_colormap (CYT_COLOR_BAR (bar), colormap);
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), gtk_label_new (name));
  gtk_check_button_set_child (GTK_CHECK_BUTTON (button), box);
  if (colormap > 0)
    gtk_check_button_set_group (GTK_CHECK_BUTTON (button), self->colormap_buttons[0]);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (button, "toggled", G_CALLBACK (colormap_toggled_cb), self);
  gtk_box_append (self->colormaps, button);
  self->colormap_buttons[colormap] = GTK_CHECK_BUTTON (button);
}

static gboolean
scroll_cb (CytCellGrid *self, double dx, double dy, GtkEventControllerScroll *controller)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  int steps;

  if ((state & GDK_CONTROL_MASK) == 0)
    return GDK_EVENT_PROPAGATE;
  self->scrolled -= dy;
  steps = (int) trunc (self->scrolled);
  self->scrolled -= steps;
  if (steps != 0)
    cyt_session_zoom (self->session, steps);
  return GDK_EVENT_STOP;
}

static gboolean
press_control_key (CytCellGrid *self, guint key)
{
  switch (key)
    {
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
      cyt_session_zoom (self->session, 1);
      return TRUE;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      cyt_session_zoom (self->session, -1);
      return TRUE;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
      cyt_session_zoom (self->session, 0);
      return TRUE;
    default:
      return FALSE;
    }
}

static void
change_opacity (CytCellGrid *self, double step)
{
  g_object_set (self->session, "opacity", CLAMP (cyt_session_get_opacity (self->session) + step, 0.0, 1.0), NULL);
}

gboolean
cyt_cell_grid_press_key (CytCellGrid *self, guint key, GdkModifierType state)
{
  g_return_val_if_fail (CYT_IS_CELL_GRID (self), FALSE);

  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) == GDK_CONTROL_MASK)
    return press_control_key (self, key);
  if (cyt_keys_has_modifier (state) || cyt_keys_is_typing (GTK_WIDGET (self)))
    return FALSE;
  switch (key)
    {
    case GDK_KEY_bracketleft:
      change_opacity (self, -OPACITY_STEP);
      return TRUE;
    case GDK_KEY_bracketright:
      change_opacity (self, OPACITY_STEP);
      return TRUE;
    case GDK_KEY_h:
    case GDK_KEY_H:
      g_object_set (self->session, "overlay-hidden", TRUE, NULL);
      return TRUE;
    case GDK_KEY_space:
      if (cyt_keys_is_on_control (GTK_WIDGET (self)))
        return FALSE;
      cyt_session_toggle_overlay (self->session);
      return TRUE;
    default:
      return FALSE;
    }
}

void
cyt_cell_grid_release_key (CytCellGrid *self, guint key)
{
  g_return_if_fail (CYT_IS_CELL_GRID (self));

  if (key == GDK_KEY_h || key == GDK_KEY_H)
    g_object_set (self->session, "overlay-hidden", FALSE, NULL);
}

void
cyt_cell_grid_focus_cells (CytCellGrid *self)
{
  g_return_if_fail (CYT_IS_CELL_GRID (self));

  cyt_cell_grid_view_focus_cells (self->view);
}

static void
activate_cb (CytCellGrid *self, CytCellItem *item)
{
  cyt_session_inspect_cell (self->session, cyt_cell_item_get_cell (item)->id);
}

/* ---- Actions on the selected cells ---- */

static void
inspect_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytCellGrid *self = CYT_CELL_GRID (widget);
  g_autoptr (GPtrArray) items = cyt_cell_grid_view_list_selected (self->view);

  if (items->len > 0)
    activate_cb (self, items->pdata[0]);
}

static void
copy_paths_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytCellGrid *self = CYT_CELL_GRID (widget);
  g_autoptr (GPtrArray) items = cyt_cell_grid_view_list_selected (self->view);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < items->len; i++)
    {
      g_autofree char *path = g_filename_display_name (cyt_cell_item_get_path (items->pdata[i]));

      g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", path);
    }
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text->str);
}

static void
open_folder_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytCellGrid *self = CYT_CELL_GRID (widget);
  g_autoptr (GPtrArray) items = cyt_cell_grid_view_list_selected (self->view);
  g_autofree char *folder = NULL;
  g_autofree char *uri = NULL;

  if (items->len == 0)
    return;
  folder = g_path_get_dirname (cyt_cell_item_get_path (items->pdata[0]));
  uri = g_filename_to_uri (folder, NULL, NULL);
  if (uri != NULL)
    gtk_show_uri (GTK_WINDOW (gtk_widget_get_root (widget)), uri, GDK_CURRENT_TIME);
}

/* ---- Session ---- */

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
  cyt_cell_grid_view_scroll_to_top (self->view);
}

/* A section's facts tell whether the latent fires there. */
static void
watch_sections (CytCellGrid *self)
{
  GListModel *sections = cyt_session_get_sections (self->session);

  for (guint i = 0; i < g_list_model_get_n_items (sections); i++)
    {
      g_autoptr (CytCellSection) section = g_list_model_get_item (sections, i);

      g_signal_handlers_disconnect_by_func (section, update_page, self);
      g_signal_connect_object (section, "changed", G_CALLBACK (update_page), self, G_CONNECT_SWAPPED);
    }
}

void
cyt_cell_grid_set_session (CytCellGrid *self, CytSession *session)
{
  static const char *const properties[] = { "notify::overlay-mode", "notify::opacity", "notify::shared-scale",
                                            "notify::scale-max", "notify::colormap" };
  CytLatentModel *model;

  g_return_if_fail (CYT_IS_CELL_GRID (self) && self->session == NULL);

  self->session = g_object_ref (session);
  model = cyt_session_get_latents (session);
  cyt_cell_grid_view_set_session (self->view, session);
  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++)
    g_signal_connect_object (session, properties[i], G_CALLBACK (update_controls), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "values-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "notify::selected", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (cyt_session_get_sections (session), "items-changed", G_CALLBACK (watch_sections), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (cyt_cell_grid_view_get_selection (self->view), "selection-changed",
                           G_CALLBACK (update_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (cyt_session_get_cells (session), "items-changed", G_CALLBACK (update_selected), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (cyt_session_get_cells (session), "items-changed", G_CALLBACK (update_patients), self,
                           G_CONNECT_SWAPPED);
  g_object_bind_property (session, "one-per-patient", self->one_per_patient, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  watch_sections (self);
  update_patients (self);
  update (self);
  update_selected (self);
}

/* Who holds the key and goes to another page or window lets go of it where nobody notices. */
static void
show_overlay_cb (CytCellGrid *self)
{
  if (self->session != NULL)
    g_object_set (self->session, "overlay-hidden", FALSE, NULL);
}

static void
map_cb (CytCellGrid *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  g_signal_handlers_disconnect_by_func (root, show_overlay_cb, self);
  g_signal_connect_object (root, "notify::is-active", G_CALLBACK (show_overlay_cb), self, G_CONNECT_SWAPPED);
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
  g_type_ensure (CYT_TYPE_CELL_GRID_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-cell-grid.ui");
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, number);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, name);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, selected);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, one_per_patient);
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
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, colormaps);
  gtk_widget_class_bind_template_child (widget_class, CytCellGrid, controls);
  gtk_widget_class_bind_template_callback (widget_class, overlay_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, opacity_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, scroll_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_install_action (widget_class, "cells.inspect", NULL, inspect_action);
  gtk_widget_class_install_action (widget_class, "cells.copy-paths", NULL, copy_paths_action);
  gtk_widget_class_install_action (widget_class, "cells.open-folder", NULL, open_folder_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "cells.copy-paths", NULL);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
cyt_cell_grid_init (CytCellGrid *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_colormap (self, CYT_COLORMAP_VIRIDIS, _("Viridis"));
  add_colormap (self, CYT_COLORMAP_CIVIDIS, _("Cividis"));
  add_colormap (self, CYT_COLORMAP_MAGMA, _("Magma"));
  add_colormap (self, CYT_COLORMAP_INFERNO, _("Inferno"));
  g_signal_connect (self, "map", G_CALLBACK (map_cb), NULL);
  g_signal_connect (self, "unmap", G_CALLBACK (show_overlay_cb), NULL);
}
