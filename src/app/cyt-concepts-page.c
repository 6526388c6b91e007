/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-accessible.h"
#include "cyt-cell-grid.h"
#include "cyt-concept-card.h"
#include "cyt-concepts-page.h"
#include "cyt-keys.h"
#include "cyt-latent-list.h"
#include "cyt-settings.h"

struct _CytConceptsPage
{
  GtkWidget parent_instance;

  CytSession *session;

  GtkPaned *outer;
  GtkPaned *inner;
  CytLatentList *list;
  CytCellGrid *grid;
  CytConceptCard *card;
};

G_DEFINE_FINAL_TYPE (CytConceptsPage, cyt_concepts_page, GTK_TYPE_WIDGET)

void
cyt_concepts_page_set_session (CytConceptsPage *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_CONCEPTS_PAGE (self));

  g_set_object (&self->session, session);
  cyt_latent_list_set_session (self->list, session);
  cyt_cell_grid_set_session (self->grid, session);
  cyt_concept_card_set_session (self->card, session);
}

void
cyt_concepts_page_focus_search (CytConceptsPage *self)
{
  g_return_if_fail (CYT_IS_CONCEPTS_PAGE (self));
  cyt_latent_list_focus_search (self->list);
}

void
cyt_concepts_page_commit (CytConceptsPage *self)
{
  g_return_if_fail (CYT_IS_CONCEPTS_PAGE (self));
  cyt_concept_card_commit (self->card);
}

void
cyt_concepts_page_place_panes (CytConceptsPage *self, int width)
{
  int list = cyt_settings_get_int ("list-width", MIN (400, MAX (290, width * 28 / 100)));
  int card = cyt_settings_get_int ("card-width", MIN (310, MAX (264, width * 24 / 100)));

  gtk_paned_set_position (self->outer, list);
  gtk_paned_set_position (self->inner, MAX (200, width - list - card));
}

void
cyt_concepts_page_save_panes (CytConceptsPage *self, int width)
{
  int list = gtk_paned_get_position (self->outer);

  /* What place_panes() takes, not what the card was given: frame and handles would come off every time. */
  cyt_settings_set_int ("list-width", list);
  cyt_settings_set_int ("card-width", width - list - gtk_paned_get_position (self->inner));
}

/* ---- Keys ---- */

static void
card_done_cb (CytConceptsPage *self)
{
  cyt_latent_list_focus_rows (self->list);
}

static gboolean
key_cb (CytConceptsPage *self, guint key, guint code, GdkModifierType state)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  guint forward = rtl ? GDK_KEY_Left : GDK_KEY_Right;

  if (cyt_cell_grid_press_key (self->grid, key, state))
    return GDK_EVENT_STOP;
  if (cyt_keys_has_modifier (state))
    return GDK_EVENT_PROPAGATE;
  if (cyt_keys_is_typing (GTK_WIDGET (self)))
    {
      if (key != GDK_KEY_Escape || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self->card)))
        return GDK_EVENT_PROPAGATE;
      card_done_cb (self);
      return GDK_EVENT_STOP;
    }
  if (cyt_latent_list_has_rows_focus (self->list) && key == forward)
    {
      cyt_cell_grid_focus_cells (self->grid);
      return GDK_EVENT_STOP;
    }
  /* Enter ends the name, Enter goes on to the next. */
  if (cyt_latent_list_has_rows_focus (self->list) && (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter))
    {
      cyt_session_step_unlabelled (self->session, 1);
      return GDK_EVENT_STOP;
    }
  switch (key)
    {
    case GDK_KEY_n:
      cyt_concept_card_focus_name (self->card);
      return GDK_EVENT_STOP;
    case GDK_KEY_p:
      cyt_concept_card_accept_proposal (self->card);
      return GDK_EVENT_STOP;
    case GDK_KEY_1:
    case GDK_KEY_2:
    case GDK_KEY_3:
    case GDK_KEY_4:
    case GDK_KEY_5:
      cyt_concept_card_set_status (self->card, key - GDK_KEY_1);
      return GDK_EVENT_STOP;
    case GDK_KEY_KP_1:
    case GDK_KEY_KP_2:
    case GDK_KEY_KP_3:
    case GDK_KEY_KP_4:
    case GDK_KEY_KP_5:
      cyt_concept_card_set_status (self->card, key - GDK_KEY_KP_1);
      return GDK_EVENT_STOP;
    case GDK_KEY_f:
      cyt_latent_list_toggle_filters (self->list);
      return GDK_EVENT_STOP;
    case GDK_KEY_l:
      cyt_latent_list_label_selected (self->list);
      return GDK_EVENT_STOP;
    case GDK_KEY_u:
      cyt_session_step_unlabelled (self->session, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_U:
      cyt_session_step_unlabelled (self->session, -1);
      return GDK_EVENT_STOP;
    case GDK_KEY_r:
      cyt_session_select_random_unlabelled (self->session);
      return GDK_EVENT_STOP;
    case GDK_KEY_slash:
      cyt_latent_list_focus_search (self->list);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* Escape that nothing below has a use for, as the cells have while some are selected. */
static gboolean
unused_key_cb (CytConceptsPage *self, guint key)
{
  if (key != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  cyt_latent_list_focus_rows (self->list);
  return GDK_EVENT_STOP;
}

static void
key_released_cb (CytConceptsPage *self, guint key)
{
  cyt_cell_grid_release_key (self->grid, key);
}

static gboolean
cyt_concepts_page_grab_focus (GtkWidget *widget)
{
  cyt_latent_list_focus_rows (CYT_CONCEPTS_PAGE (widget)->list);
  return TRUE;
}

/* ---- GObject ---- */

static void
cyt_concepts_page_dispose (GObject *object)
{
  CytConceptsPage *self = CYT_CONCEPTS_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), CYT_TYPE_CONCEPTS_PAGE);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_concepts_page_parent_class)->dispose (object);
}

static void
cyt_concepts_page_class_init (CytConceptsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_concepts_page_dispose;
  widget_class->grab_focus = cyt_concepts_page_grab_focus;
  widget_class->focus = cyt_accessible_focus_children;
  g_type_ensure (CYT_TYPE_LATENT_LIST);
  g_type_ensure (CYT_TYPE_CELL_GRID);
  g_type_ensure (CYT_TYPE_CONCEPT_CARD);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-concepts-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CytConceptsPage, outer);
  gtk_widget_class_bind_template_child (widget_class, CytConceptsPage, inner);
  gtk_widget_class_bind_template_child (widget_class, CytConceptsPage, list);
  gtk_widget_class_bind_template_child (widget_class, CytConceptsPage, grid);
  gtk_widget_class_bind_template_child (widget_class, CytConceptsPage, card);
  gtk_widget_class_bind_template_callback (widget_class, card_done_cb);
}

static void
cyt_concepts_page_init (CytConceptsPage *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *unused_keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  g_signal_connect_swapped (keys, "key-released", G_CALLBACK (key_released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  g_signal_connect_swapped (unused_keys, "key-pressed", G_CALLBACK (unused_key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), unused_keys);
}
