/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "cyt-format.h"
#include "cyt-ranked-list.h"

/* An item of the list: a latent and what it is ranked by. */
#define CYT_TYPE_RANKED_ITEM (cyt_ranked_item_get_type ())
G_DECLARE_FINAL_TYPE (CytRankedItem, cyt_ranked_item, CYT, RANKED_ITEM, GObject)

struct _CytRankedItem
{
  GObject parent_instance;
  CytRankedLatent ranked;
  float share;              /* of the strongest */
};

G_DEFINE_FINAL_TYPE (CytRankedItem, cyt_ranked_item, G_TYPE_OBJECT)

static void
cyt_ranked_item_class_init (CytRankedItemClass *klass)
{
}

static void
cyt_ranked_item_init (CytRankedItem *self)
{
}

struct _CytRankedList
{
  GtkWidget parent_instance;

  CytSession *session;
  CytInspection *inspection;
  GListStore *items;
  GtkSingleSelection *selection;
  gboolean updating;

  GtkLabel *heading;
  GtkToggleButton *ubiquitous;
  GtkStack *stack;
  AdwStatusPage *nothing;
  GtkListView *view;
};

G_DEFINE_FINAL_TYPE (CytRankedList, cyt_ranked_list, GTK_TYPE_WIDGET)

static gboolean
is_ubiquitous (CytRankedList *self, guint32 latent)
{
  CytLatentModel *model = cyt_session_get_latents (self->session);

  return latent < cyt_latent_model_get_n_latents (model)
         && cyt_latent_model_get_row (model, latent)->mean_act > CYT_UBIQUITOUS_MEAN_ACT;
}

/* ---- Rows ---- */

static void
setup_cb (CytRankedList *self, GtkListItem *item)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *text = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *number = gtk_label_new (NULL), *name = gtk_label_new (NULL), *bar = gtk_progress_bar_new ();
  GtkWidget *value = gtk_label_new (NULL);

  gtk_widget_add_css_class (number, "numeric");
  gtk_widget_add_css_class (number, "dim-label");
  gtk_label_set_xalign (GTK_LABEL (number), 1);
  gtk_label_set_width_chars (GTK_LABEL (number), 7);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (bar, "ranked-bar");
  gtk_widget_set_hexpand (text, TRUE);
  gtk_widget_set_valign (text, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (text), name);
  gtk_box_append (GTK_BOX (text), bar);
  gtk_widget_add_css_class (value, "numeric");
  gtk_label_set_xalign (GTK_LABEL (value), 1);
  gtk_label_set_width_chars (GTK_LABEL (value), 8);
  gtk_box_append (GTK_BOX (row), number);
  gtk_box_append (GTK_BOX (row), text);
  gtk_box_append (GTK_BOX (row), value);
  g_object_set_data (G_OBJECT (row), "number", number);
  g_object_set_data (G_OBJECT (row), "name", name);
  g_object_set_data (G_OBJECT (row), "bar", bar);
  g_object_set_data (G_OBJECT (row), "value", value);
  gtk_list_item_set_child (item, row);
}

static void
bind_cb (CytRankedList *self, GtkListItem *list_item)
{
  GtkWidget *row = gtk_list_item_get_child (list_item);
  CytRankedItem *item = gtk_list_item_get_item (list_item);
  CytLatentModel *model = cyt_session_get_latents (self->session);
  guint32 latent = item->ranked.latent;
  const CytConcept *concept = cyt_latent_model_get_concept (model, latent);
  GtkWidget *name = g_object_get_data (G_OBJECT (row), "name");
  g_autofree char *number = g_strdup_printf ("#%u", latent), *value = cyt_format_number (item->ranked.value);
  g_autofree char *spoken = NULL;
  gboolean named = concept != NULL && concept->name[0] != '\0';

  gtk_label_set_label (GTK_LABEL (g_object_get_data (G_OBJECT (row), "number")), number);
  gtk_label_set_label (GTK_LABEL (name), named ? concept->name : _("Unnamed"));
  if (named)
    gtk_widget_remove_css_class (name, "unnamed");
  else
    gtk_widget_add_css_class (name, "unnamed");
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (g_object_get_data (G_OBJECT (row), "bar")), item->share);
  gtk_label_set_label (GTK_LABEL (g_object_get_data (G_OBJECT (row), "value")), value);
  gtk_widget_set_tooltip_text (row, _("Click to see where it fires; double-click, or Enter, opens the concept"));
  /* Translators: for screen readers: number, name, activation of a latent */
  spoken = g_strdup_printf (_("Latent %u, %s, %s"), latent, named ? concept->name : _("unnamed"), value);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  if (gtk_widget_get_parent (row) != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (row)), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                    -1);
}

/* ---- The list ---- */

static void
update_heading (CytRankedList *self, guint n_all, guint n_hidden)
{
  int place = cyt_inspection_get_place (self->inspection);
  g_autofree char *count = cyt_format_count (n_all), *text = NULL, *hidden = NULL, *n = cyt_format_count (n_hidden);

  if (cyt_inspection_is_top_only (self->inspection))
    text = g_strdup_printf (ngettext ("Among the top cells of %s latent", "Among the top cells of %s latents", n_all),
                            count);
  else if (place == CYT_PLACE_CELL)
    text = g_strdup_printf (ngettext ("%s latent fires in this cell", "%s latents fire in this cell", n_all), count);
  else if (place == CYT_PLACE_CLS)
    text = g_strdup_printf (ngettext ("%s latent fires on CLS", "%s latents fire on CLS", n_all), count);
  else
    /* Translators: number of latents, row, column */
    text = g_strdup_printf (ngettext ("%s latent fires on row %d, column %d", "%s latents fire on row %d, column %d",
                                      n_all),
                            count, 1 + (place - 1) / CYT_N_PATCH_SIDE, 1 + (place - 1) % CYT_N_PATCH_SIDE);
  gtk_label_set_label (self->heading, text);
  /* Translators: number of latents that fire nearly everywhere */
  hidden = g_strdup_printf (_("+ %s ubiquitous"), n);
  gtk_button_set_label (GTK_BUTTON (self->ubiquitous), hidden);
  gtk_widget_set_visible (GTK_WIDGET (self->ubiquitous), n_hidden > 0);
}

static void
select_latent (CytRankedList *self)
{
  gint64 latent = cyt_inspection_get_latent (self->inspection);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items)), found = GTK_INVALID_LIST_POSITION;

  for (guint i = 0; i < n && found == GTK_INVALID_LIST_POSITION; i++)
    {
      g_autoptr (CytRankedItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);

      if (item->ranked.latent == latent)
        found = i;
    }
  self->updating = TRUE;
  gtk_single_selection_set_selected (self->selection, found);
  self->updating = FALSE;
}

static void
show_nothing (CytRankedList *self)
{
  const GError *error = cyt_inspection_get_error (self->inspection);

  if (cyt_inspection_get_analysis (self->inspection) == NULL && error == NULL)
    {
      gtk_stack_set_visible_child_name (self->stack, "waiting");
      return;
    }
  if (error != NULL)
    adw_status_page_set_description (self->nothing, _("It is not known what fires here."));
  else
    adw_status_page_set_description (self->nothing, _("No latent fires here."));
  gtk_stack_set_visible_child_name (self->stack, "nothing");
}

/* Rows that stay are not made anew: somebody may be about to click on one. */
static gboolean
shows_same (CytRankedList *self, GPtrArray *items)
{
  if (g_list_model_get_n_items (G_LIST_MODEL (self->items)) != items->len)
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    {
      g_autoptr (CytRankedItem) old = g_list_model_get_item (G_LIST_MODEL (self->items), i);
      const CytRankedItem *new = items->pdata[i];

      if (old->ranked.latent != new->ranked.latent || old->ranked.value != new->ranked.value)
        return FALSE;
    }
  return TRUE;
}

static void
update (CytRankedList *self)
{
  g_autoptr (GArray) ranked = self->inspection != NULL ? cyt_inspection_rank (self->inspection) : NULL;
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  gboolean show_all = gtk_toggle_button_get_active (self->ubiquitous);
  guint n_ubiquitous = 0;
  gboolean is_same;

  if (self->inspection == NULL)
    return;
  for (guint i = 0; ranked != NULL && i < ranked->len; i++)
    {
      const CytRankedLatent *entry = &g_array_index (ranked, CytRankedLatent, i);
      CytRankedItem *item;

      if (is_ubiquitous (self, entry->latent))
        {
          n_ubiquitous++;
          if (!show_all)
            continue;
        }
      item = g_object_new (CYT_TYPE_RANKED_ITEM, NULL);
      item->ranked = *entry;
      g_ptr_array_add (items, item);
      item->share = entry->value / ((CytRankedItem *) items->pdata[0])->ranked.value;
    }
  is_same = shows_same (self, items);
  if (!is_same)
    {
      self->updating = TRUE;
      g_list_store_splice (self->items, 0, g_list_model_get_n_items (G_LIST_MODEL (self->items)), items->pdata,
                           items->len);
      self->updating = FALSE;
    }
  update_heading (self, ranked != NULL ? ranked->len : 0, n_ubiquitous);
  gtk_widget_set_visible (GTK_WIDGET (self->heading), ranked != NULL);
  if (items->len > 0)
    gtk_stack_set_visible_child_name (self->stack, "list");
  else
    show_nothing (self);
  select_latent (self);
  if (!is_same && items->len > 0)
    gtk_widget_activate_action (GTK_WIDGET (self->view), "list.scroll-to-item", "u", 0);
}

/* Another latent in the same place leaves the list as it is. */
static void
selection_changed_cb (CytRankedList *self)
{
  if (!self->updating)
    update (self);
}

static void
selected_cb (CytRankedList *self)
{
  CytRankedItem *item = gtk_single_selection_get_selected_item (self->selection);

  if (self->updating || item == NULL)
    return;
  self->updating = TRUE;
  cyt_inspection_set_latent (self->inspection, item->ranked.latent);
  self->updating = FALSE;
}

static void
activate_cb (CytRankedList *self, guint position)
{
  g_autoptr (CytRankedItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), position);

  if (item != NULL)
    cyt_session_show_latent (self->session, item->ranked.latent);
}

static void
inspection_cb (CytRankedList *self)
{
  g_set_object (&self->inspection, cyt_session_get_inspection (self->session));
  update (self);
}

/* Names may be others: all rows anew. */
static void
values_cb (CytRankedList *self)
{
  self->updating = TRUE;
  g_list_store_remove_all (self->items);
  self->updating = FALSE;
  update (self);
}

void
cyt_ranked_list_set_session (CytRankedList *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_RANKED_LIST (self) && self->session == NULL);

  self->session = g_object_ref (session);
  cyt_session_watch_inspection (session, "changed", G_CALLBACK (update), self);
  cyt_session_watch_inspection (session, "selection-changed", G_CALLBACK (selection_changed_cb), self);
  g_signal_connect_object (session, "notify::inspection", G_CALLBACK (inspection_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (cyt_session_get_latents (session), "values-changed", G_CALLBACK (values_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
cyt_ranked_list_dispose (GObject *object)
{
  CytRankedList *self = CYT_RANKED_LIST (object);
  GtkWidget *child;

  g_clear_object (&self->inspection);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->selection);
  g_clear_object (&self->items);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_ranked_list_parent_class)->dispose (object);
}

static void
cyt_ranked_list_class_init (CytRankedListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_ranked_list_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-ranked-list.ui");
  gtk_widget_class_bind_template_child (widget_class, CytRankedList, heading);
  gtk_widget_class_bind_template_child (widget_class, CytRankedList, ubiquitous);
  gtk_widget_class_bind_template_child (widget_class, CytRankedList, stack);
  gtk_widget_class_bind_template_child (widget_class, CytRankedList, nothing);
  gtk_widget_class_bind_template_child (widget_class, CytRankedList, view);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
}

static void
cyt_ranked_list_init (CytRankedList *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  self->items = g_list_store_new (CYT_TYPE_RANKED_ITEM);
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->items)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->view, factory);
  gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
}
