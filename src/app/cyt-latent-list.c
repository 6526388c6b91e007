/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-batch-dialog.h"
#include "cyt-bulk-label.h"
#include "cyt-filter-panel.h"
#include "cyt-filter-text.h"
#include "cyt-format.h"
#include "cyt-latent-list-row.h"
#include "cyt-latent-list.h"
#include "cyt-saved-filters.h"

#define HOLD_MS 60
#define THUMBS_MS 30   /* after the last movement of the list that asked for pictures */

struct _CytLatentList
{
  GtkWidget parent_instance;
  CytSession *session;
  GtkSearchEntry *search;
  GtkDropDown *sort;
  GtkToggleButton *reverse;
  CytLatentListRow *header;
  GtkMenuButton *filters;
  CytFilterPanel *panel;
  CytSavedFilters *saved_filters;
  GtkWidget *summary_box;
  GtkLabel *summary;
  GtkMenuButton *menu;
  GtkRevealer *marked_bar;
  GtkLabel *marked;
  GtkStack *stack;
  GtkListView *view;
  GtkLabel *count;
  CytLatentThumbs *thumbs;
  guint hold_source;
  guint neighbour_source;
  double held_y;         /* where the selected row was when rows began to move; -1: it did not show */
  double row_height;
  guint thumbs_source;
  gboolean updating_sort;
};

G_DEFINE_FINAL_TYPE (CytLatentList, cyt_latent_list, GTK_TYPE_WIDGET)

static CytLatentModel *
get_model (CytLatentList *self)
{
  return cyt_session_get_latents (self->session);
}

static void
scroll_to (CytLatentList *self, guint position)
{
  if (position < g_list_model_get_n_items (G_LIST_MODEL (get_model (self))))
    gtk_widget_activate_action (GTK_WIDGET (self->view), "list.scroll-to-item", "u", position);
}

static void
scroll_to_selected (CytLatentList *self)
{
  scroll_to (self, cyt_latent_model_find (get_model (self), cyt_latent_model_get_selected (get_model (self))));
}

static void
update_count (CytLatentList *self)
{
  CytLatentModel *model = get_model (self);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (model));
  gsize n_all = cyt_latent_model_get_n_latents (model);
  g_autofree char *shown = cyt_format_count (n), *all = cyt_format_count (n_all), *text = NULL;

  /* Translators: how many latents the list shows, of all */
  text = g_strdup_printf (_("%s of %s"), shown, all);
  gtk_label_set_label (self->count, text);
  if (n > 0)
    gtk_stack_set_visible_child_name (self->stack, "list");
  else if (cyt_latent_model_get_n_silent (model) < n_all)
    gtk_stack_set_visible_child_name (self->stack, "no-match");
  else if (cyt_session_is_indexing (self->session))
    gtk_stack_set_visible_child_name (self->stack, "waiting");
  else
    gtk_stack_set_visible_child_name (self->stack, "silent");
}

/* ---- Search and filters ---- */

static void
filter_changed_cb (CytLatentList *self)
{
  const CytLatentFilter *filter = cyt_latent_model_get_filter (get_model (self));
  guint n = cyt_filter_text_count (filter);
  g_autofree char *summary = cyt_filter_text_describe (filter), *label = NULL;

  /* Translators: how many filters are set */
  label = n > 0 ? g_strdup_printf (_("Filters (%u)"), n) : g_strdup (_("Filters"));
  gtk_menu_button_set_label (self->filters, label);
  gtk_label_set_label (self->summary, summary);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->summary), summary);
  gtk_widget_set_visible (self->summary_box, n > 0);
  if (!g_str_equal (filter->search, gtk_editable_get_text (GTK_EDITABLE (self->search))))
    gtk_editable_set_text (GTK_EDITABLE (self->search), filter->search);
  scroll_to_selected (self);
  update_count (self);
}

/* All but the search. */
static void
clear_filters_cb (CytLatentList *self)
{
  g_autoptr (CytLatentFilter) filter = cyt_latent_filter_new ();

  g_free (filter->search);
  filter->search = g_strdup (cyt_latent_model_get_search (get_model (self)));
  cyt_latent_model_set_filter (get_model (self), filter);
}

static void
clear_all_cb (CytLatentList *self)
{
  g_autoptr (CytLatentFilter) filter = cyt_latent_filter_new ();

  cyt_latent_model_set_filter (get_model (self), filter);
  cyt_latent_list_focus_rows (self);
}

void
cyt_latent_list_toggle_filters (CytLatentList *self)
{
  g_return_if_fail (CYT_IS_LATENT_LIST (self));

  if (gtk_widget_get_visible (GTK_WIDGET (self->panel)))
    gtk_menu_button_popdown (self->filters);
  else
    gtk_menu_button_popup (self->filters);
}

static void
unlabelled_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytLatentList *self = CYT_LATENT_LIST (widget);

  if (g_str_equal (name, "latents.random-unlabelled"))
    cyt_session_select_random_unlabelled (self->session);
  else
    cyt_session_step_unlabelled (self->session, g_str_equal (name, "latents.next-unlabelled") ? 1 : -1);
}

static void
search_changed_cb (CytLatentList *self)
{
  cyt_latent_model_set_search (get_model (self), gtk_editable_get_text (GTK_EDITABLE (self->search)));
}

static void
stop_search_cb (CytLatentList *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  cyt_latent_list_focus_rows (self);
}

/* Enter in the search goes on with the first match. */
static void
search_activate_cb (CytLatentList *self)
{
  CytLatentModel *model = get_model (self);

  if (cyt_latent_model_find (model, cyt_latent_model_get_selected (model)) == GTK_INVALID_LIST_POSITION)
    cyt_session_step_latent (self->session, 0);
  cyt_latent_list_focus_rows (self);
}

/* The key in force, which is not always the one asked for: without classes there is no purity. */
static void
update_sort (CytLatentList *self)
{
  CytLatentModel *model = get_model (self);

  self->updating_sort = TRUE;
  gtk_drop_down_set_selected (self->sort, cyt_latent_model_get_sort (model));
  cyt_latent_list_row_set_header_sort (self->header, cyt_latent_model_get_sort (model));
  gtk_toggle_button_set_active (self->reverse, cyt_latent_model_get_reversed (model));
  self->updating_sort = FALSE;
}

static void
sort_changed_cb (CytLatentList *self)
{
  if (self->session == NULL || self->updating_sort)
    return;
  cyt_latent_model_set_sort (get_model (self), gtk_drop_down_get_selected (self->sort),
                             gtk_toggle_button_get_active (self->reverse));
  scroll_to_selected (self);
}

/* A click on a title sorts by it, another one turns the order round. */
static void
header_clicked_cb (CytLatentList *self, int n_press, double x, double y)
{
  CytLatentModel *model = get_model (self);
  CytLatentSort sort = cyt_latent_list_row_get_sort_at (self->header, x, y);

  cyt_latent_model_set_sort (model, sort,
                             sort == cyt_latent_model_get_sort (model) && !cyt_latent_model_get_reversed (model));
  update_sort (self);
  scroll_to_selected (self);
}

/* ---- Many at once ---- */

static void
label_latents (CytLatentList *self, GArray *latents)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (latents->len > 0 && !cyt_session_is_read_only (self->session))
    gtk_window_present (GTK_WINDOW (cyt_bulk_label_new (GTK_WINDOW (root), self->session, latents)));
}

void
cyt_latent_list_label_selected (CytLatentList *self)
{
  g_autoptr (GArray) latents = NULL;

  g_return_if_fail (CYT_IS_LATENT_LIST (self));

  latents = cyt_latent_model_list_marked (get_model (self));
  label_latents (self, latents);
}

static void
label_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytLatentList *self = CYT_LATENT_LIST (widget);
  g_autoptr (GArray) latents = NULL;

  if (g_str_equal (name, "latents.label-selected"))
    {
      cyt_latent_list_label_selected (self);
      return;
    }
  latents = cyt_latent_model_list_shown (get_model (self));
  label_latents (self, latents);
}

static void
sample_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytLatentList *self = CYT_LATENT_LIST (widget);

  gtk_window_present (
    GTK_WINDOW (cyt_batch_dialog_new (GTK_WINDOW (gtk_widget_get_root (widget)), self->session)));
}

static void
unmark_cb (CytLatentList *self)
{
  cyt_latent_model_unmark_all (get_model (self));
  cyt_latent_list_focus_rows (self);
}

static void
marked_cb (CytLatentList *self)
{
  guint n = cyt_latent_model_get_n_marked (get_model (self));
  g_autofree char *count = cyt_format_count (n);
  g_autofree char *text = g_strdup_printf (ngettext ("%s selected", "%s selected", n), count);

  if (n > 1)
    gtk_label_set_label (self->marked, text);
  gtk_revealer_set_reveal_child (self->marked_bar, n > 1);
}

static void
update_actions (CytLatentList *self)
{
  gboolean writable = !cyt_session_is_read_only (self->session);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "latents.label-selected", writable);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "latents.label-all", writable);
}

/* ---- Rows ---- */

static CytLatentListRow *
get_row (GtkWidget *child)
{
  GtkWidget *row = gtk_widget_get_first_child (child);

  return row != NULL && CYT_IS_LATENT_LIST_ROW (row) ? CYT_LATENT_LIST_ROW (row) : NULL;
}

/* Asks for the pictures of the rows on screen, of which the list view has many more. */
static gboolean
want_thumbs_cb (gpointer user_data)
{
  CytLatentList *self = user_data;
  g_autoptr (GArray) latents = g_array_new (FALSE, FALSE, sizeof (guint32));
  float height = gtk_widget_get_height (GTK_WIDGET (self->view));

  self->thumbs_source = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->view)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      CytLatentListRow *row = get_row (child);
      graphene_rect_t bounds;

      if (row != NULL && cyt_latent_list_row_get_latent (row) >= 0 && gtk_widget_get_mapped (child)
          && gtk_widget_compute_bounds (child, GTK_WIDGET (self->view), &bounds)
          && bounds.origin.y < height && bounds.origin.y + bounds.size.height > 0)
        {
          guint32 latent = cyt_latent_list_row_get_latent (row);

          g_array_append_val (latents, latent);
        }
    }
  cyt_latent_thumbs_want (self->thumbs, latents, gtk_widget_get_scale_factor (GTK_WIDGET (self)));
  return G_SOURCE_REMOVE;
}

static void
queue_thumbs (CytLatentList *self)
{
  if (self->thumbs_source == 0)
    self->thumbs_source = g_timeout_add (THUMBS_MS, want_thumbs_cb, self);
}

static void
thumbs_changed_cb (CytLatentList *self, guint latent)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->view)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      CytLatentListRow *row = get_row (child);

      if (row != NULL && cyt_latent_list_row_get_latent (row) == latent)
        gtk_widget_queue_draw (GTK_WIDGET (row));
    }
}

static void
setup_cb (CytLatentList *self, GtkListItem *item)
{
  gtk_list_item_set_child (item, GTK_WIDGET (cyt_latent_list_row_new (get_model (self), self->thumbs)));
}

static void
bind_cb (CytLatentList *self, GtkListItem *item)
{
  CytLatentItem *latent = gtk_list_item_get_item (item);

  cyt_latent_list_row_set_latent (CYT_LATENT_LIST_ROW (gtk_list_item_get_child (item)),
                                  cyt_latent_item_get_latent (latent));
  queue_thumbs (self);
}

static void
unbind_cb (CytLatentList *self, GtkListItem *item)
{
  cyt_latent_list_row_set_latent (CYT_LATENT_LIST_ROW (gtk_list_item_get_child (item)), -1);
}

/* The list view's widget of the selected row, NULL where it has none. */
static GtkWidget *
find_selected (CytLatentList *self)
{
  gint64 latent = cyt_latent_model_get_selected (get_model (self));

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->view)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      CytLatentListRow *row = get_row (child);

      if (row != NULL && latent >= 0 && cyt_latent_list_row_get_latent (row) == latent)
        return child;
    }
  return NULL;
}

/* Rows are about to move by themselves: the selected one stays where the eye is. Scrolling to a row that shows is what
 * makes the list view hold on to it. */
static void
moving_cb (CytLatentList *self)
{
  GtkWidget *child = find_selected (self);
  graphene_rect_t bounds;

  self->held_y = -1;
  if (child == NULL || !gtk_widget_get_mapped (child)
      || !gtk_widget_compute_bounds (child, GTK_WIDGET (self->view), &bounds) || bounds.origin.y + bounds.size.height <= 0
      || bounds.origin.y >= gtk_widget_get_height (GTK_WIDGET (self->view)))
    return;
  scroll_to_selected (self);
  self->held_y = MAX (0, bounds.origin.y);
  self->row_height = bounds.size.height;
}

/* There are too few rows before the selected one for it to stay as far down. */
static gboolean
has_come_up (CytLatentList *self)
{
  guint position = cyt_latent_model_find (get_model (self), cyt_latent_model_get_selected (get_model (self)));

  return position == GTK_INVALID_LIST_POSITION || position * self->row_height <= self->held_y;
}

static void
hold_top (CytLatentList *self)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->view));
  gboolean at_top = gtk_adjustment_get_value (adjustment) <= gtk_adjustment_get_lower (adjustment);

  if ((self->held_y >= 0 ? has_come_up (self) : at_top) && g_list_model_get_n_items (G_LIST_MODEL (get_model (self))) > 0)
    gtk_widget_activate_action (GTK_WIDGET (self->view), "list.scroll-to-item", "u", 0);
}

static gboolean
hold_top_cb (gpointer user_data)
{
  CytLatentList *self = user_data;

  self->hold_source = 0;
  hold_top (self);
  self->held_y = -1;
  return G_SOURCE_REMOVE;
}

/* A view at the top whose selected row does not show stays there while rows come and go above the one that was first.
 * Left to itself the list view follows the row that it holds, cannot scroll so far up, and leaves the places above it
 * blank. Once more after the layout, for a view that only then came to the top. */
static void
items_changed_cb (CytLatentList *self)
{
  hold_top (self);
  if (self->hold_source == 0)
    self->hold_source = g_timeout_add (HOLD_MS, hold_top_cb, self);
}

static void
moved_cb (CytLatentList *self)
{
  if (self->hold_source == 0)
    self->held_y = -1;
}

/* All rows are as high; those that the view has just made have no size yet. 0: none has. */
static int
get_row_height (CytLatentList *self)
{
  int height = 0;

  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->view)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    height = MAX (height, gtk_widget_get_allocated_height (row));
  return height;
}

/* Where the arrows lead next shows before they do. FALSE: the selected row itself does not show. */
static gboolean
show_neighbour (CytLatentList *self)
{
  guint position = cyt_latent_model_find (get_model (self), cyt_latent_model_get_selected (get_model (self)));
  guint n = g_list_model_get_n_items (G_LIST_MODEL (get_model (self)));
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->view));
  double top = gtk_adjustment_get_value (adjustment), bottom = top + gtk_adjustment_get_page_size (adjustment);
  double height = get_row_height (self);

  if (position == GTK_INVALID_LIST_POSITION || height <= 0)
    return TRUE;
  if (position * height < top || (position + 1) * height > bottom)
    return FALSE;
  if (position + 1 < n && (position + 2) * height > bottom)
    scroll_to (self, position + 1);
  else if (position > 0 && (position - 1) * height < top)
    scroll_to (self, position - 1);
  return TRUE;
}

static gboolean
show_neighbour_cb (gpointer user_data)
{
  CytLatentList *self = user_data;

  self->neighbour_source = 0;
  show_neighbour (self);
  return G_SOURCE_REMOVE;
}

/* With Shift the arrows go on from where the view itself last selected something: it is told. */
static void
set_anchor (CytLatentList *self)
{
  guint position = cyt_latent_model_find (get_model (self), cyt_latent_model_get_selected (get_model (self)));

  if (position != GTK_INVALID_LIST_POSITION && cyt_latent_model_get_n_marked (get_model (self)) <= 1)
    gtk_widget_activate_action (GTK_WIDGET (self->view), "list.select-item", "(ubb)", position, FALSE, FALSE);
}

static void
selected_cb (CytLatentList *self)
{
  scroll_to_selected (self);
  set_anchor (self);
  /* Where undo or Alt+↓ selects another row, the arrows go on from there. */
  if (gtk_widget_get_focus_child (GTK_WIDGET (self->view)) != NULL)
    {
      GtkWidget *child = find_selected (self);

      if (child != NULL)
        gtk_widget_grab_focus (child);
    }
  /* Far away the view is told one row only before it is laid out: of two it shows the second, and that alone. */
  if (!show_neighbour (self) && self->neighbour_source == 0)
    self->neighbour_source = g_timeout_add (HOLD_MS, show_neighbour_cb, self);
}

void
cyt_latent_list_set_session (CytLatentList *self, CytSession *session)
{
  g_autoptr (GtkListItemFactory) factory = NULL;
  CytLatentModel *model;

  g_return_if_fail (CYT_IS_LATENT_LIST (self) && self->session == NULL);

  self->session = g_object_ref (session);
  self->thumbs = cyt_latent_thumbs_new (session);
  g_signal_connect_object (self->thumbs, "changed", G_CALLBACK (thumbs_changed_cb), self, G_CONNECT_SWAPPED);
  model = cyt_session_get_latents (session);
  factory = gtk_signal_list_item_factory_new ();
  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_cb), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->view, factory);
  gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (model));

  g_signal_connect_object (gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->view)), "value-changed",
                           G_CALLBACK (queue_thumbs), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->view)), "changed",
                           G_CALLBACK (queue_thumbs), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self, "notify::scale-factor", G_CALLBACK (queue_thumbs), self, G_CONNECT_SWAPPED);
  cyt_filter_panel_set_session (self->panel, session);
  cyt_saved_filters_set_session (self->saved_filters, session);
  update_sort (self);
  g_signal_connect_object (model, "filter-changed", G_CALLBACK (filter_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "filter-changed", G_CALLBACK (update_sort), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "values-changed", G_CALLBACK (update_sort), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "values-changed", G_CALLBACK (queue_thumbs), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "moving", G_CALLBACK (moving_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "values-changed", G_CALLBACK (moved_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "notify::selected", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "notify::n-marked", G_CALLBACK (marked_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::read-only", G_CALLBACK (update_actions), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (items_changed_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (model, "values-changed", G_CALLBACK (update_count), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::indexing", G_CALLBACK (update_count), self, G_CONNECT_SWAPPED);
  update_count (self);
}

void
cyt_latent_list_focus_search (CytLatentList *self)
{
  g_return_if_fail (CYT_IS_LATENT_LIST (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->search));
  gtk_editable_select_region (GTK_EDITABLE (self->search), 0, -1);
}

void
cyt_latent_list_focus_rows (CytLatentList *self)
{
  g_return_if_fail (CYT_IS_LATENT_LIST (self));

  scroll_to_selected (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

gboolean
cyt_latent_list_has_rows_focus (CytLatentList *self)
{
  g_return_val_if_fail (CYT_IS_LATENT_LIST (self), FALSE);

  return gtk_widget_is_focus (GTK_WIDGET (self->view)) || gtk_widget_get_focus_child (GTK_WIDGET (self->view)) != NULL;
}

static void
cyt_latent_list_dispose (GObject *object)
{
  CytLatentList *self = CYT_LATENT_LIST (object);
  GtkWidget *child;

  g_clear_handle_id (&self->hold_source, g_source_remove);
  g_clear_handle_id (&self->neighbour_source, g_source_remove);
  g_clear_handle_id (&self->thumbs_source, g_source_remove);
  g_clear_object (&self->thumbs);
  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_latent_list_parent_class)->dispose (object);
}

static void
cyt_latent_list_class_init (CytLatentListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_latent_list_dispose;
  g_type_ensure (CYT_TYPE_LATENT_LIST_ROW);
  g_type_ensure (CYT_TYPE_FILTER_PANEL);
  g_type_ensure (CYT_TYPE_SAVED_FILTERS);
  gtk_widget_class_install_action (widget_class, "latents.next-unlabelled", NULL, unlabelled_action);
  gtk_widget_class_install_action (widget_class, "latents.previous-unlabelled", NULL, unlabelled_action);
  gtk_widget_class_install_action (widget_class, "latents.random-unlabelled", NULL, unlabelled_action);
  gtk_widget_class_install_action (widget_class, "latents.label-selected", NULL, label_action);
  gtk_widget_class_install_action (widget_class, "latents.label-all", NULL, label_action);
  gtk_widget_class_install_action (widget_class, "latents.sample-batch", NULL, sample_action);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-latent-list.ui");
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, search);
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, sort);
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, reverse);
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, header);
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, filters);
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, panel);
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, saved_filters);
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, summary_box);
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, summary);
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, menu);
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, marked_bar);
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, marked);
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, stack);
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, view);
  gtk_widget_class_bind_template_child (widget_class, CytLatentList, count);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_filters_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_all_cb);
  gtk_widget_class_bind_template_callback (widget_class, unmark_cb);
  gtk_widget_class_bind_template_callback (widget_class, sort_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, header_clicked_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
cyt_latent_list_init (CytLatentList *self)
{
  self->held_y = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
}
