/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-tour.h"

#define RETRY_MS 50
#define MAX_TRIES 40   /* a page that takes longer to show is pointed at as a whole */

typedef struct
{
  const char *view;            /* NULL: whichever shows */
  const char *target;          /* ids from the page (or the window) inwards, separated by '/' */
  GtkPositionType position;    /* of the card; left is where text begins */
  const char *heading;
  const char *text;            /* with %s: a description of the latent */
} Step;

static const Step offer = { NULL, "menu_button", GTK_POS_BOTTOM, N_("New Here?"),
                            N_("Six steps show how a concept is found, named and exported. The tour is always in this menu.") };

static const Step steps[] = {
  { CYT_VIEW_CONCEPTS, "list", GTK_POS_RIGHT, N_("A Latent"),
    N_("Each row is a latent: one thing that the model has learnt to notice by itself. %s is selected now.") },
  { CYT_VIEW_CONCEPTS, "grid", GTK_POS_LEFT, N_("Its Cells"),
    N_("These are the cells on which it fires most, strongest first. What do they have in common, and is it in all of "
       "them?") },
  { CYT_VIEW_CONCEPTS, "grid/controls", GTK_POS_TOP, N_("Where It Fires"),
    N_("The colours show where in the cell it fires, patch by patch. Space switches them off, to look at the stain, and "
       "on again.") },
  { CYT_VIEW_CONCEPTS, "card/name", GTK_POS_LEFT, N_("Give It a Name"),
    N_("Press N, type what you see, press Enter: it is saved at once, and Ctrl+Z takes it back. Enter once more leads to "
       "the next latent without a name. Not naming one is fine, too.") },
  { CYT_VIEW_PATIENTS, "plot", GTK_POS_BOTTOM, N_("A Patient’s Barcode"),
    N_("How often each latent fires in one patient’s cells. A peak leads to its concept; two patients, or two diseases, "
       "can be compared.") },
  { CYT_VIEW_CONCEPTS, "export_button", GTK_POS_BOTTOM, N_("Take It With You"),
    N_("Ctrl+E saves a figure of the concept: its cells, the colours and its name.") },
};
#define N_STEPS ((int) G_N_ELEMENTS (steps))
#define OFFER (-1)

struct _CytTour
{
  GtkPopover parent_instance;

  CytSession *session;
  GtkWidget *root;             /* (unowned): the parent */
  AdwViewStack *views;
  int step;                    /* OFFER, or the number of a step */
  gint64 latent;               /* the tour is about, or -1 */
  gboolean turning;            /* to a step's page */
  GtkWidget *target;           /* the one that is marked, or NULL */
  guint retry_source;
  guint n_tries;
  gulong layout_handler;       /* on the window's surface, while the card shows */

  GtkLabel *heading;
  GtkLabel *text;
  GtkLabel *count;
  GtkWidget *close_button;
  GtkButton *back_button;
  GtkButton *next_button;
};

G_DEFINE_FINAL_TYPE (CytTour, cyt_tour, GTK_TYPE_POPOVER)

static const Step *
get_step (CytTour *self)
{
  return self->step == OFFER ? &offer : &steps[self->step];
}

/* ---- A latent worth looking at ---- */

/* One that the list shows, else (@hidden) any; -1 when there is none. */
static gint64
find_latent (CytLatentModel *latents, gboolean hidden)
{
  gsize n = cyt_latent_model_get_n_latents (latents);
  double best = 0;
  gint64 found = -1;

  for (guint i = 0; i < n; i++)
    {
      double rating = cyt_latent_row_rate (cyt_latent_model_get_row (latents, i));

      if (rating > best && (hidden || cyt_latent_model_find (latents, i) != GTK_INVALID_LIST_POSITION))
        {
          best = rating;
          found = i;
        }
    }
  return found;
}

static char *
describe_latent (CytTour *self)
{
  CytLatentModel *latents = cyt_session_get_latents (self->session);
  gint64 latent = cyt_latent_model_get_selected (latents);
  const char *majority = latent >= 0 ? cyt_latent_model_get_majority (latents, latent) : NULL;

  if (latent < 0)
    return g_strdup (_("None"));
  /* Translators: begins a sentence; the number of a latent, the class of most of its cells */
  return majority != NULL ? g_strdup_printf (_("Number %u, which fires mostly on cells of the class “%s”,"), (guint) latent,
                                             majority)
                          : g_strdup_printf (_("Number %u"), (guint) latent);
}

/* ---- Where the card stands ---- */

static GtkWidget *
find_by_id (GtkWidget *widget, const char *id)
{
  if (g_strcmp0 (gtk_buildable_get_buildable_id (GTK_BUILDABLE (widget)), id) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_by_id (child, id);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* NULL while it does not show. */
static GtkWidget *
find_target (CytTour *self)
{
  g_auto (GStrv) ids = g_strsplit (get_step (self)->target, "/", -1);
  GtkWidget *page = adw_view_stack_get_visible_child (self->views);
  GtkWidget *found = page != NULL ? find_by_id (page, ids[0]) : NULL;

  if (found == NULL)
    found = find_by_id (self->root, ids[0]);
  for (gsize i = 1; found != NULL && ids[i] != NULL; i++)
    found = find_by_id (found, ids[i]);
  return found != NULL && gtk_widget_get_mapped (found) && gtk_widget_get_width (found) > 0 ? found : NULL;
}

static void
unmark_target (CytTour *self)
{
  if (self->target == NULL)
    return;
  gtk_widget_remove_css_class (self->target, "tour-target");
  g_clear_weak_pointer (&self->target);
}

static void
point (CytTour *self)
{
  GtkPositionType position = get_step (self)->position;
  graphene_rect_t bounds;

  if (self->target == NULL || !gtk_widget_compute_bounds (self->target, self->root, &bounds))
    return;
  if (gtk_widget_get_direction (self->root) == GTK_TEXT_DIR_RTL && position <= GTK_POS_RIGHT)
    position = position == GTK_POS_LEFT ? GTK_POS_RIGHT : GTK_POS_LEFT;
  gtk_popover_set_position (GTK_POPOVER (self), position);
  gtk_popover_set_pointing_to (GTK_POPOVER (self),
                               &(GdkRectangle){ floorf (bounds.origin.x), floorf (bounds.origin.y),
                                                ceilf (bounds.size.width), ceilf (bounds.size.height) });
  /* As large as the new text asks for. */
  if (gtk_widget_get_visible (GTK_WIDGET (self)))
    gtk_popover_present (GTK_POPOVER (self));
}

/* Sizes are known after the layout, not in it. */
static gboolean
point_idle_cb (gpointer user_data)
{
  point (user_data);
  return G_SOURCE_REMOVE;
}

static void
layout_cb (CytTour *self)
{
  g_idle_add_full (G_PRIORITY_LOW, point_idle_cb, g_object_ref (self), g_object_unref);
}

static void
show_card (CytTour *self, GtkWidget *target)
{
  unmark_target (self);
  g_set_weak_pointer (&self->target, target);
  gtk_widget_add_css_class (target, "tour-target");
  point (self);
  gtk_popover_popup (GTK_POPOVER (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->next_button));
}

static gboolean
retry_cb (gpointer user_data)
{
  CytTour *self = user_data;
  GtkWidget *target = find_target (self);

  if (target == NULL && ++self->n_tries < MAX_TRIES)
    return G_SOURCE_CONTINUE;
  self->retry_source = 0;
  show_card (self, target != NULL ? target : adw_view_stack_get_visible_child (self->views));
  return G_SOURCE_REMOVE;
}

/* ---- Steps ---- */

/* Other pages select concepts of their own; back among the concepts it is again the one that the tour left there. */
static void
turn_to (CytTour *self, const char *view)
{
  CytLatentModel *latents = cyt_session_get_latents (self->session);
  gboolean leaves = g_str_equal (cyt_session_get_view (self->session), CYT_VIEW_CONCEPTS)
                    && !g_str_equal (view, CYT_VIEW_CONCEPTS);

  if (g_str_equal (cyt_session_get_view (self->session), view))
    return;
  if (leaves)
    self->latent = cyt_latent_model_get_selected (latents);
  else if (self->latent >= 0 && self->latent < (gint64) cyt_latent_model_get_n_latents (latents))
    cyt_latent_model_set_selected (latents, self->latent);
  self->turning = TRUE;
  cyt_session_set_view (self->session, view);
  self->turning = FALSE;
}

static void
show_step (CytTour *self, int number)
{
  const Step *step;
  g_autofree char *count = NULL, *latent = NULL, *text = NULL;
  GtkWidget *target;

  self->step = number;
  step = get_step (self);
  g_clear_handle_id (&self->retry_source, g_source_remove);
  if (step->view != NULL)
    turn_to (self, step->view);
  latent = describe_latent (self);
  text = g_strdup_printf (_(step->text), latent);
  if (number == N_STEPS - 1 && cyt_session_is_simulated (self->session))
    {
      g_autofree char *sentence = g_steal_pointer (&text);

      text = g_strconcat (sentence, " ", _("Of these drawn cells it says that they are simulated."), NULL);
    }
  gtk_label_set_label (self->heading, _(step->heading));
  gtk_label_set_label (self->text, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _(step->heading),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  if (number == OFFER)
    count = g_strdup ("");
  else
    /* Translators: of the steps of the guided tour */
    count = g_strdup_printf (_("%d of %d"), number + 1, N_STEPS);
  gtk_label_set_label (self->count, count);
  gtk_button_set_label (self->back_button, number == OFFER ? _("Not _Now") : _("_Back"));
  gtk_widget_set_visible (GTK_WIDGET (self->back_button), number != 0);
  gtk_button_set_label (self->next_button, number == OFFER         ? _("_Take the Tour")
                                           : number == N_STEPS - 1 ? _("_Done")
                                                                   : _("_Next"));
  gtk_widget_set_visible (self->close_button, number != OFFER);

  target = find_target (self);
  if (target != NULL)
    {
      show_card (self, target);
      return;
    }
  self->n_tries = 0;
  self->retry_source = g_timeout_add (RETRY_MS, retry_cb, self);
}

static void
back_cb (CytTour *self)
{
  if (self->step == OFFER)
    gtk_popover_popdown (GTK_POPOVER (self));
  else
    show_step (self, self->step - 1);
}

static void
next_cb (CytTour *self)
{
  if (self->step == OFFER)
    cyt_tour_start (self);
  else if (self->step < N_STEPS - 1)
    show_step (self, self->step + 1);
  else
    gtk_popover_popdown (GTK_POPOVER (self));
}

void
cyt_tour_start (CytTour *self)
{
  CytLatentModel *latents;
  gint64 latent;

  g_return_if_fail (CYT_IS_TOUR (self) && cyt_session_get_state (self->session) == CYT_SESSION_OPEN);

  latents = cyt_session_get_latents (self->session);
  latent = find_latent (latents, FALSE);
  if (latent < 0)
    latent = find_latent (latents, TRUE);
  /* Nothing may lie over what is pointed at. */
  cyt_session_close_inspection (self->session);
  self->latent = latent >= 0 ? latent : cyt_latent_model_get_selected (latents);
  turn_to (self, CYT_VIEW_CONCEPTS);
  if (latent >= 0)
    {
      /* What is pointed at has to be in the list. */
      if (cyt_latent_model_find (latents, latent) == GTK_INVALID_LIST_POSITION)
        {
          g_autoptr (CytLatentFilter) filter = cyt_latent_filter_new ();

          filter->show_ubiquitous = TRUE;
          cyt_latent_model_set_filter (latents, filter);
        }
      cyt_latent_model_set_selected (latents, latent);
    }
  /* The list brings what is selected into view when it gets the focus. */
  gtk_widget_grab_focus (adw_view_stack_get_visible_child (self->views));
  show_step (self, 0);
}

void
cyt_tour_offer (CytTour *self)
{
  g_return_if_fail (CYT_IS_TOUR (self));
  show_step (self, OFFER);
}

/* Whoever turns to another page goes his own way. */
static void
view_cb (CytTour *self)
{
  if (self->turning)
    return;
  g_clear_handle_id (&self->retry_source, g_source_remove);
  gtk_popover_popdown (GTK_POPOVER (self));
}

static void
cyt_tour_closed (GtkPopover *popover)
{
  CytTour *self = CYT_TOUR (popover);

  unmark_target (self);
  if (gtk_widget_get_mapped (GTK_WIDGET (self->views)))
    gtk_widget_grab_focus (adw_view_stack_get_visible_child (self->views));
}

/* ---- GObject ---- */

CytTour *
cyt_tour_new (GtkWidget *root, AdwViewStack *views, CytSession *session)
{
  CytTour *self = g_object_new (CYT_TYPE_TOUR, NULL);

  self->root = root;
  self->views = views;
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::view", G_CALLBACK (view_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_set_parent (GTK_WIDGET (self), root);
  return self;
}

static void
cyt_tour_map (GtkWidget *widget)
{
  CytTour *self = CYT_TOUR (widget);
  GdkSurface *surface = gtk_native_get_surface (gtk_widget_get_native (self->root));

  GTK_WIDGET_CLASS (cyt_tour_parent_class)->map (widget);
  self->layout_handler = g_signal_connect_swapped (surface, "layout", G_CALLBACK (layout_cb), self);
}

static void
cyt_tour_unmap (GtkWidget *widget)
{
  CytTour *self = CYT_TOUR (widget);
  GdkSurface *surface = gtk_native_get_surface (gtk_widget_get_native (self->root));

  g_clear_signal_handler (&self->layout_handler, surface);
  GTK_WIDGET_CLASS (cyt_tour_parent_class)->unmap (widget);
}

static void
cyt_tour_dispose (GObject *object)
{
  CytTour *self = CYT_TOUR (object);

  g_clear_handle_id (&self->retry_source, g_source_remove);
  unmark_target (self);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_tour_parent_class)->dispose (object);
}

static void
cyt_tour_class_init (CytTourClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_tour_dispose;
  widget_class->map = cyt_tour_map;
  widget_class->unmap = cyt_tour_unmap;
  GTK_POPOVER_CLASS (klass)->closed = cyt_tour_closed;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-tour.ui");
  gtk_widget_class_bind_template_child (widget_class, CytTour, heading);
  gtk_widget_class_bind_template_child (widget_class, CytTour, text);
  gtk_widget_class_bind_template_child (widget_class, CytTour, count);
  gtk_widget_class_bind_template_child (widget_class, CytTour, close_button);
  gtk_widget_class_bind_template_child (widget_class, CytTour, back_button);
  gtk_widget_class_bind_template_child (widget_class, CytTour, next_button);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
  gtk_widget_class_bind_template_callback (widget_class, next_cb);
  gtk_widget_class_bind_template_callback (widget_class, gtk_popover_popdown);
}

static void
cyt_tour_init (CytTour *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
