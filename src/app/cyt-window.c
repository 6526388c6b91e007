/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "project/cyt-demo.h"

#include "cyt-accessible.h"
#include "cyt-cells-page.h"
#include "cyt-concepts-page.h"
#include "cyt-figure-dialog.h"
#include "cyt-file-choice.h"
#include "cyt-format.h"
#include "cyt-import-published.h"
#include "cyt-map-page.h"
#include "cyt-inspector.h"
#include "cyt-keys.h"
#include "cyt-measure-dialog.h"
#include "cyt-missing-banner.h"
#include "cyt-new-project.h"
#include "cyt-own-data.h"
#include "cyt-patients-page.h"
#include "cyt-rater-bar.h"
#include "cyt-settings.h"
#include "cyt-status-bar.h"
#include "cyt-tour.h"
#include "cyt-transfer-dialog.h"
#include "cyt-welcome.h"
#include "cyt-window-share.h"
#include "cyt-window-train.h"
#include "cyt-window.h"

struct _CytWindow
{
  AdwApplicationWindow parent_instance;

  CytSession *session;
  gboolean save_dialog_open;
  gboolean close_when_saved;

  AdwToastOverlay *toasts;
  AdwToast *toast;               /* the one shown; belongs to the overlay */
  GtkStack *stack;
  AdwWindowTitle *title;
  GtkDropDown *datasets;
  GtkWidget *read_only_badge;
  GtkWidget *simulated_ribbon;
  GtkRevealer *banner;
  GtkLabel *banner_label;
  GtkStack *pages;
  CytMissingBanner *missing_banner;
  CytRaterBar *rater_bar;
  AdwViewStack *views;
  CytInspector *inspector;
  GtkWidget *switcher;
  GtkWidget *menu_button;
  CytConceptsPage *concepts;
  CytMapPage *map;
  CytPatientsPage *patients;
  CytCellsPage *cells;
  CytStatusBar *status_bar;

  GtkWidget *content;
  CytMeasureDialog *measure_dialog; /* (weak) NULL: closed */
  CytTour *tour;                 /* NULL until first wanted */
  gboolean tour_wanted;          /* as soon as there is something to show */
};

G_DEFINE_FINAL_TYPE (CytWindow, cyt_window, ADW_TYPE_APPLICATION_WINDOW)

CytSession *
cyt_window_get_session (CytWindow *self)
{
  g_return_val_if_fail (CYT_IS_WINDOW (self), NULL);
  return self->session;
}

/* ---- Messages ---- */

static void
show_message (CytWindow *self, const char *heading, const char *body)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, body);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
failed_cb (CytWindow *self, const char *heading, const char *body)
{
  show_message (self, heading, body);
}

static void
problem_cb (CytWindow *self, const char *text)
{
  gtk_label_set_label (self->banner_label, text);
  gtk_revealer_set_reveal_child (self->banner, TRUE);
}

static void
close_banner_cb (CytWindow *self)
{
  gtk_revealer_set_reveal_child (self->banner, FALSE);
}

static void
toast_dismissed_cb (CytWindow *self, AdwToast *toast)
{
  if (self->toast == toast)
    self->toast = NULL;
}

/* The newest at once: after ten steps of undo, ten toasts would tell of them for half a minute. */
void
cyt_window_show_toast (CytWindow *self, AdwToast *toast)
{
  g_return_if_fail (CYT_IS_WINDOW (self) && ADW_IS_TOAST (toast));

  if (self->toast != NULL)
    adw_toast_dismiss (self->toast);
  self->toast = toast;
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (toast_dismissed_cb), self, G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
toast_cb (CytWindow *self, const char *text)
{
  AdwToast *toast = adw_toast_new (text);

  adw_toast_set_timeout (toast, 3);
  cyt_window_show_toast (self, toast);
}

static void
undo_toast_cb (CytWindow *self, const char *text)
{
  AdwToast *toast = adw_toast_new (text);

  adw_toast_set_timeout (toast, 10);
  adw_toast_set_button_label (toast, _("_Undo"));
  adw_toast_set_action_name (toast, "win.undo");
  cyt_window_show_toast (self, toast);
}

static void
save_response_cb (CytWindow *self, const char *response)
{
  self->save_dialog_open = FALSE;
  if (g_str_equal (response, "retry"))
    cyt_session_retry_saves (self->session);
  else if (g_str_equal (response, "discard"))
    gtk_window_destroy (GTK_WINDOW (self));
  else
    self->close_when_saved = FALSE;
}

static void
save_failed_cb (CytWindow *self, const char *body)
{
  GtkWidget *dialog;
  g_autofree char *text = NULL;

  if (self->save_dialog_open)
    return;
  self->save_dialog_open = TRUE;
  text = g_strdup_printf (_("%s\n\nWhat you entered is kept in this window."), body);
  dialog = adw_message_dialog_new (GTK_WINDOW (self), _("The Label Was Not Saved"), text);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "later", _("_Later"));
  if (self->close_when_saved)
    {
      adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "discard", _("_Discard and Close"));
      adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard",
                                                  ADW_RESPONSE_DESTRUCTIVE);
    }
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "retry", _("_Try Again"));
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "retry", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "retry");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "later");
  g_signal_connect_object (dialog, "response", G_CALLBACK (save_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- Opening ---- */

/* The window in which the next project goes. */
static CytWindow *
find_target (CytWindow *self)
{
  if (cyt_session_get_state (self->session) == CYT_SESSION_EMPTY)
    return self;
  return cyt_window_new (gtk_window_get_application (GTK_WINDOW (self)));
}

static CytWindow *
find_window_of (CytWindow *self, const char *path)
{
  g_autofree char *wanted = g_canonicalize_filename (path, NULL);

  for (GList *l = gtk_application_get_windows (gtk_window_get_application (GTK_WINDOW (self))); l != NULL;
       l = l->next)
    if (CYT_IS_WINDOW (l->data))
      {
        const char *open = cyt_session_get_path (CYT_WINDOW (l->data)->session);
        g_autofree char *other = open != NULL ? g_canonicalize_filename (open, NULL) : NULL;

        if (g_strcmp0 (other, wanted) == 0)
          return l->data;
      }
  return NULL;
}

static void
open_project (CytWindow *self, const char *path)
{
  CytWindow *target = find_window_of (self, path);

  if (target == NULL)
    {
      target = find_target (self);
      cyt_session_open (target->session, path);
    }
  gtk_window_present (GTK_WINDOW (target));
}

static void
create_cb (CytNewProject *dialog, CytWindow *self)
{
  CytWindow *target = find_target (self);

  cyt_session_create (target->session, cyt_new_project_dup_plan (dialog));
  gtk_window_present (GTK_WINDOW (target));
}

static CytNewProject *
new_project (CytWindow *self, const char *images)
{
  CytNewProject *dialog = cyt_new_project_new (GTK_WINDOW (self), images);

  g_signal_connect_object (dialog, "create", G_CALLBACK (create_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}

void
cyt_window_new_project (CytWindow *self, const char *images, const char *encoder, const char *sae)
{
  g_return_if_fail (CYT_IS_WINDOW (self));
  cyt_new_project_set_models (new_project (self, images), encoder, sae);
}

static void
models_chosen_cb (CytWindow *self, const char *encoder, const char *sae)
{
  cyt_window_new_project (self, NULL, encoder, sae);
}

static void
own_data_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytWindow *self = CYT_WINDOW (widget);
  CytOwnData *dialog = cyt_own_data_new (GTK_WINDOW (self), self->session);

  g_signal_connect_object (dialog, "new-project", G_CALLBACK (models_chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
cyt_window_open_path (CytWindow *self, const char *path)
{
  g_autofree char *lower = NULL;

  g_return_if_fail (CYT_IS_WINDOW (self) && path != NULL);

  lower = g_ascii_strdown (path, -1);
  if (g_file_test (path, G_FILE_TEST_IS_DIR) || g_str_has_suffix (lower, ".csv"))
    new_project (self, path);
  else
    open_project (self, path);
}

static void
opened_cb (gpointer self, const char *const *paths)
{
  open_project (self, paths[0]);
}

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  static const char *const suffixes[] = { "cytosae", NULL };
  const CytFileChoice choice = { _("Open Project"), GTK_FILE_CHOOSER_ACTION_OPEN, FALSE, _("CytoSAE projects"), suffixes };

  cyt_file_choice_ask (GTK_WINDOW (widget), &choice, opened_cb, widget);
}

static void
new_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  new_project (CYT_WINDOW (widget), NULL);
}

static void
import_cb (CytImportPublished *dialog, CytWindow *self)
{
  CytWindow *target = find_target (self);

  cyt_session_create (target->session, cyt_import_published_dup_plan (dialog));
  gtk_window_present (GTK_WINDOW (target));
}

static void
import_published_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytImportPublished *dialog = cyt_import_published_new (GTK_WINDOW (widget));

  g_signal_connect_object (dialog, "import", G_CALLBACK (import_cb), widget, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static char *
dup_demo_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "cytosae", "demonstration", NULL);
}

/* The window with the demonstration; it may still be opening. */
static CytWindow *
show_demo (CytWindow *self)
{
  g_autofree char *folder = dup_demo_folder (), *path = cyt_demo_dup_project_path (folder);
  CytWindow *target = find_window_of (self, path);

  if (target == NULL)
    {
      target = find_target (self);
      cyt_session_create_demo (target->session, folder);
    }
  gtk_window_present (GTK_WINDOW (target));
  return target;
}

static void
demo_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  show_demo (CYT_WINDOW (widget));
}

static CytTour *
get_tour (CytWindow *self)
{
  if (self->tour == NULL)
    self->tour = cyt_tour_new (self->content, self->views, self->session);
  return self->tour;
}

/* Where nothing is open, on the demonstration. */
static void
tour_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytWindow *self = CYT_WINDOW (widget);

  if (cyt_session_get_state (self->session) == CYT_SESSION_EMPTY)
    self = show_demo (self);
  if (cyt_session_get_state (self->session) == CYT_SESSION_OPEN)
    cyt_tour_start (get_tour (self));
  else
    self->tour_wanted = TRUE;
}

/* The project is open: the tour that was asked for, or once in a life the question. */
static void
begin_tour (CytWindow *self)
{
  g_autofree char *folder = dup_demo_folder (), *path = cyt_demo_dup_project_path (folder);
  gboolean is_demo = g_strcmp0 (path, cyt_session_get_path (self->session)) == 0;

  if (self->tour_wanted)
    cyt_tour_start (get_tour (self));
  else if (is_demo && !cyt_settings_get_int ("tour-offered", FALSE))
    cyt_tour_offer (get_tour (self));
  if (is_demo)
    cyt_settings_set_int ("tour-offered", TRUE);
  self->tour_wanted = FALSE;
}

static gboolean
has_suffix (const char *path, const char *suffix)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  return g_str_has_suffix (lower, suffix);
}

static gboolean
drop_cb (CytWindow *self, const GValue *value)
{
  GFile *file = g_value_get_object (value);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path == NULL)
    return FALSE;
  if (g_file_test (path, G_FILE_TEST_IS_DIR) || has_suffix (path, ".csv") || has_suffix (path, ".cytosae"))
    cyt_window_open_path (self, path);
  else if (cyt_session_get_state (self->session) == CYT_SESSION_OPEN)
    cyt_session_inspect_file (self->session, path);
  else
    show_message (self, _("No Project Is Open"),
                  _("Open a project, then drop the image of a cell on it: what fires on the cell is computed with the "
                    "project’s models."));
  return TRUE;
}

/* What fills the window: a page, or the inspector over it. */
static GtkWidget *
get_page (CytWindow *self)
{
  return cyt_session_get_inspection (self->session) != NULL ? GTK_WIDGET (self->inspector)
                                                            : adw_view_stack_get_visible_child (self->views);
}

/* The keys go on where they were. */
static void
focus_page (CytWindow *self)
{
  gtk_widget_grab_focus (get_page (self));
}

static gboolean
menu_closed_idle_cb (gpointer user_data)
{
  CytWindow *self = user_data;
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (self));

  if (self->session != NULL && cyt_session_get_state (self->session) == CYT_SESSION_OPEN
      && (focus == NULL || focus == self->menu_button || gtk_widget_is_ancestor (focus, self->menu_button)))
    focus_page (self);
  return G_SOURCE_REMOVE;
}

/* Its button would keep the focus, also behind a dialog that the menu opened. */
static void
menu_closed_cb (CytWindow *self)
{
  g_idle_add_full (G_PRIORITY_LOW, menu_closed_idle_cb, g_object_ref (self), g_object_unref);
}

static void
open_recent_cb (CytWindow *self, const char *path)
{
  open_project (self, path);
}

/* ---- Actions ---- */

static void
undo_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytWindow *self = CYT_WINDOW (widget);

  cyt_concepts_page_commit (self->concepts);
  if (g_str_equal (name, "win.undo"))
    cyt_session_undo (self->session);
  else
    cyt_session_redo (self->session);
}

static void
step_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cyt_session_step_latent (CYT_WINDOW (widget)->session, g_str_equal (name, "win.next-latent") ? 1 : -1);
}

static void
figure_written_cb (CytWindow *self, const char *path)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *text = g_strdup_printf (_("Saved %s"), name);

  cyt_window_show_toast (self, adw_toast_new (text));
}

/* The figure of what shows; others of the project are a choice away. */
static void
export_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytWindow *self = CYT_WINDOW (widget);
  GPtrArray *choices = cyt_session_list_figure_choices (self->session);
  CytFigureDialog *dialog;

  cyt_concepts_page_commit (self->concepts);
  if (get_page (self) == GTK_WIDGET (self->patients))
    cyt_patients_page_offer_figures (self->patients, choices);
  dialog = cyt_figure_dialog_new (GTK_WINDOW (self), self->session, choices);
  g_signal_connect_object (dialog, "written", G_CALLBACK (figure_written_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* One at a time: two would go on with the same interrupted measurement. */
static void
measure_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytWindow *self = CYT_WINDOW (widget);

  if (self->measure_dialog == NULL)
    {
      g_set_weak_pointer (&self->measure_dialog, cyt_measure_dialog_new (GTK_WINDOW (self), self->session));
      g_signal_connect_object (self->measure_dialog, "written", G_CALLBACK (figure_written_cb), self, G_CONNECT_SWAPPED);
    }
  gtk_window_present (GTK_WINDOW (self->measure_dialog));
}

static void
transfer_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytWindow *self = CYT_WINDOW (widget);
  CytTransferDialog *dialog;

  cyt_concepts_page_commit (self->concepts);
  dialog = cyt_transfer_dialog_new (GTK_WINDOW (self), self->session);
  g_signal_connect_object (dialog, "written", G_CALLBACK (figure_written_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
search_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytWindow *self = CYT_WINDOW (widget);

  cyt_session_set_view (self->session, CYT_VIEW_CONCEPTS);
  cyt_concepts_page_focus_search (self->concepts);
}

static void
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cyt_session_retry_saves (CYT_WINDOW (widget)->session);
}

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cyt_session_go_back (CYT_WINDOW (widget)->session);
}

/* Parameter: name of a page. */
static void
view_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytSession *session = CYT_WINDOW (widget)->session;

  cyt_session_set_view (session, g_variant_get_string (parameter, NULL));
  /* The page that one came from was the view all along: nothing else would uncover it. */
  cyt_session_close_inspection (session);
}

static void
connect_switcher (CytWindow *self)
{
  for (GtkWidget *child = gtk_widget_get_first_child (self->switcher); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_BUTTON (child))
      g_signal_connect_object (child, "clicked", G_CALLBACK (cyt_session_close_inspection), self->session,
                               G_CONNECT_SWAPPED);
}

/* A view's keys work wherever the focus is, on the header bar too. */
static gboolean
key_cb (CytWindow *self, guint key, guint code, GdkModifierType state, GtkEventController *controller)
{
  GtkWidget *page = get_page (self);
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  if (cyt_session_get_state (self->session) != CYT_SESSION_OPEN
      || (focus != NULL && gtk_widget_is_ancestor (focus, page)))
    return GDK_EVENT_PROPAGATE;
  return gtk_event_controller_key_forward (GTK_EVENT_CONTROLLER_KEY (controller), page);
}

static void
key_released_cb (CytWindow *self, guint key, guint code, GdkModifierType state, GtkEventController *controller)
{
  GtkWidget *page = adw_view_stack_get_visible_child (self->views);
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  if (focus == NULL || !gtk_widget_is_ancestor (focus, page))
    gtk_event_controller_key_forward (GTK_EVENT_CONTROLLER_KEY (controller), page);
}

/* ---- State ---- */

static void
selected_cb (CytWindow *self)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.export-figure",
                                 cyt_session_get_state (self->session) == CYT_SESSION_OPEN
                                   && cyt_session_get_dataset (self->session) != NULL);
}

static void
state_cb (CytWindow *self)
{
  CytSessionState state = cyt_session_get_state (self->session);
  gboolean open = state == CYT_SESSION_OPEN;

  gtk_stack_set_visible_child_name (self->stack, open                            ? "browser"
                                                 : state == CYT_SESSION_OPENING ? "opening"
                                                                                : "welcome");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.search", open);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.next-latent", open);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.previous-latent", open);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.view", open);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.transfer", open);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.measure", open);
  gtk_widget_set_visible (self->switcher, open);
  selected_cb (self);
  if (open)
    {
      cyt_settings_add_recent (cyt_session_get_path (self->session));
      gtk_widget_grab_focus (adw_view_stack_get_visible_child (self->views));
      begin_tour (self);
    }
  else if (state == CYT_SESSION_EMPTY)
    self->tour_wanted = FALSE;
}

/* The shortcuts open on those of the page that shows. */
static void
update_shortcuts (CytWindow *self)
{
  GtkShortcutsWindow *shortcuts = gtk_application_window_get_help_overlay (GTK_APPLICATION_WINDOW (self));
  gboolean concepts = g_str_equal (cyt_session_get_view (self->session), CYT_VIEW_CONCEPTS)
                      && cyt_session_get_inspection (self->session) == NULL;

  if (shortcuts != NULL)
    g_object_set (shortcuts, "section-name", concepts ? "concepts" : "pages", NULL);
}

static void
view_cb (CytWindow *self)
{
  update_shortcuts (self);
  if (cyt_session_get_state (self->session) == CYT_SESSION_OPEN)
    gtk_widget_grab_focus (adw_view_stack_get_visible_child (self->views));
}

static void
inspection_cb (CytWindow *self)
{
  update_shortcuts (self);
  gtk_stack_set_visible_child_name (self->pages,
                                    cyt_session_get_inspection (self->session) != NULL ? "inspector" : "views");
  if (cyt_session_get_state (self->session) == CYT_SESSION_OPEN)
    gtk_widget_grab_focus (get_page (self));
}

static void
back_state_cb (CytWindow *self)
{
  gboolean can_go_back;

  g_object_get (self->session, "can-go-back", &can_go_back, NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.back", can_go_back);
}

static void
status_bar_cb (CytWindow *self)
{
  CytSessionState state = cyt_session_get_state (self->session);

  gtk_widget_set_visible (GTK_WIDGET (self->status_bar),
                          state == CYT_SESSION_OPEN || cyt_session_is_indexing (self->session));
}

static void
title_cb (CytWindow *self)
{
  const char *title = cyt_session_get_title (self->session);
  const CytDataset *dataset = cyt_session_get_dataset (self->session);
  GListModel *names = cyt_session_get_dataset_names (self->session);
  gboolean several = g_list_model_get_n_items (names) > 1;

  if (title == NULL)
    title = _("CytoSAE Explorer");
  gtk_window_set_title (GTK_WINDOW (self), title);
  adw_window_title_set_title (self->title, title);
  if (dataset != NULL)
    {
      g_autofree char *n_cells = cyt_format_count (dataset->n_cells);
      g_autofree char *n_latents
        = cyt_format_count (cyt_latent_model_get_n_latents (cyt_session_get_latents (self->session)));
      /* Translators: under the window's title: number of cells, number of latents */
      g_autofree char *counts = g_strdup_printf (_("%s cells · %s latents"), n_cells, n_latents);
      g_autofree char *subtitle
        = dataset->domain[0] != '\0' ? g_strdup_printf ("%s · %s", dataset->domain, counts) : g_strdup (counts);

      adw_window_title_set_subtitle (self->title, subtitle);
      /* a narrow window cuts it short */
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->title), subtitle);
    }
  else
    {
      adw_window_title_set_subtitle (self->title, "");
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->title), NULL);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->datasets), several);
  gtk_widget_set_visible (self->read_only_badge, cyt_session_is_read_only (self->session));
}

static void
simulated_cb (CytWindow *self)
{
  gtk_widget_set_visible (self->simulated_ribbon, cyt_session_is_simulated (self->session));
}

static void
dataset_selected_cb (CytWindow *self)
{
  guint selected = gtk_drop_down_get_selected (self->datasets);

  if (selected != GTK_INVALID_LIST_POSITION)
    cyt_session_set_dataset (self->session, selected);
}

static void
dataset_cb (CytWindow *self)
{
  guint dataset;

  g_object_get (self->session, "dataset", &dataset, NULL);
  gtk_drop_down_set_selected (self->datasets, dataset);
  title_cb (self);
}

static void
undo_state_cb (CytWindow *self)
{
  gboolean can_undo, can_redo;

  g_object_get (self->session, "can-undo", &can_undo, "can-redo", &can_redo, NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.undo", can_undo);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.redo", can_redo);
  /* Its button would undo another edit now. */
  if (self->toast != NULL && adw_toast_get_action_name (self->toast) != NULL)
    adw_toast_dismiss (self->toast);
}

static void
save_state_cb (CytWindow *self)
{
  CytSaveState state = cyt_session_get_save_state (self->session);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.retry-save", state == CYT_SAVE_FAILED);
  if (self->close_when_saved && state == CYT_SAVE_DONE)
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
active_cb (CytWindow *self)
{
  if (gtk_window_is_active (GTK_WINDOW (self)))
    cyt_session_refresh (self->session);
}

static void
save_geometry (CytWindow *self)
{
  int width, height;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  cyt_settings_set_int ("window-width", width);
  cyt_settings_set_int ("window-height", height);
  cyt_settings_set_int ("window-maximized", gtk_window_is_maximized (GTK_WINDOW (self)));
  if (cyt_session_get_state (self->session) == CYT_SESSION_OPEN && !gtk_window_is_maximized (GTK_WINDOW (self)))
    cyt_concepts_page_save_panes (self->concepts, width);
}

static gboolean
cyt_window_close_request (GtkWindow *window)
{
  CytWindow *self = CYT_WINDOW (window);

  save_geometry (self);
  cyt_concepts_page_commit (self->concepts);
  switch (cyt_session_get_save_state (self->session))
    {
    case CYT_SAVE_BUSY:
      /* It closes when the last edit is on disk. */
      self->close_when_saved = TRUE;
      return TRUE;
    case CYT_SAVE_FAILED:
      self->close_when_saved = TRUE;
      cyt_session_retry_saves (self->session);
      return TRUE;
    case CYT_SAVE_IDLE:
    case CYT_SAVE_DONE:
    default:
      return GTK_WINDOW_CLASS (cyt_window_parent_class)->close_request (window);
    }
}

/* Not wider than any screen that is there: the window would be cut down to it, the panes would not. */
static int
get_default_width (void)
{
  GListModel *monitors = gdk_display_get_monitors (gdk_display_get_default ());
  int width = cyt_settings_get_int ("window-width", 1440), widest = 0;

  for (guint i = 0; i < g_list_model_get_n_items (monitors); i++)
    {
      g_autoptr (GdkMonitor) monitor = g_list_model_get_item (monitors, i);
      GdkRectangle geometry;

      gdk_monitor_get_geometry (monitor, &geometry);
      widest = MAX (widest, geometry.width);
    }
  return widest > 0 ? MIN (width, widest) : width;
}

static void
connect_session (CytWindow *self)
{
  static const struct
  {
    const char *signal;
    GCallback callback;
  } handlers[] = {
    { "failed", G_CALLBACK (failed_cb) },
    { "problem", G_CALLBACK (problem_cb) },
    { "toast", G_CALLBACK (toast_cb) },
    { "undo-toast", G_CALLBACK (undo_toast_cb) },
    { "save-failed", G_CALLBACK (save_failed_cb) },
    { "notify::state", G_CALLBACK (state_cb) },
    { "notify::state", G_CALLBACK (status_bar_cb) },
    { "notify::indexing", G_CALLBACK (status_bar_cb) },
    { "notify::state", G_CALLBACK (cyt_window_share_update) },
    { "notify::dataset", G_CALLBACK (cyt_window_share_update) },
    { "notify::read-only", G_CALLBACK (cyt_window_share_update) },
    { "notify::title", G_CALLBACK (title_cb) },
    { "notify::read-only", G_CALLBACK (title_cb) },
    { "notify::simulated", G_CALLBACK (simulated_cb) },
    { "notify::dataset", G_CALLBACK (dataset_cb) },
    { "notify::can-undo", G_CALLBACK (undo_state_cb) },
    { "notify::can-redo", G_CALLBACK (undo_state_cb) },
    { "notify::save-state", G_CALLBACK (save_state_cb) },
    { "notify::view", G_CALLBACK (view_cb) },
    { "notify::can-go-back", G_CALLBACK (back_state_cb) },
    { "notify::inspection", G_CALLBACK (inspection_cb) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect_object (self->session, handlers[i].signal, handlers[i].callback, self, G_CONNECT_SWAPPED);
  g_object_bind_property (self->session, "view", self->views, "visible-child-name",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  cyt_concepts_page_set_session (self->concepts, self->session);
  cyt_inspector_set_session (self->inspector, self->session);
  cyt_map_page_set_session (self->map, self->session);
  cyt_patients_page_set_session (self->patients, self->session);
  cyt_cells_page_set_session (self->cells, self->session);
  cyt_status_bar_set_session (self->status_bar, self->session);
  g_signal_connect_object (cyt_session_get_latents (self->session), "notify::selected", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  cyt_missing_banner_set_session (self->missing_banner, self->session);
  cyt_rater_bar_set_session (self->rater_bar, self->session);
  gtk_drop_down_set_model (self->datasets, cyt_session_get_dataset_names (self->session));
  g_signal_connect_object (self->datasets, "notify::selected", G_CALLBACK (dataset_selected_cb), self,
                           G_CONNECT_SWAPPED);
  state_cb (self);
  cyt_window_share_update (self);
  status_bar_cb (self);
  title_cb (self);
  undo_state_cb (self);
  save_state_cb (self);
  back_state_cb (self);
}

CytWindow *
cyt_window_new (GtkApplication *application)
{
  CytWindow *self = g_object_new (CYT_TYPE_WINDOW, "application", application, NULL);

  gtk_window_set_default_size (GTK_WINDOW (self), get_default_width (),
                               cyt_settings_get_int ("window-height", 900));
  if (cyt_settings_get_int ("window-maximized", FALSE))
    gtk_window_maximize (GTK_WINDOW (self));
  cyt_window_train_offer (self);
  return self;
}

static void
cyt_window_dispose (GObject *object)
{
  CytWindow *self = CYT_WINDOW (object);

  g_clear_weak_pointer (&self->measure_dialog);
  if (self->tour != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->tour));
  self->tour = NULL;
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_window_parent_class)->dispose (object);
}

static void
cyt_window_class_init (CytWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = cyt_window_close_request;
  g_type_ensure (CYT_TYPE_CONCEPTS_PAGE);
  g_type_ensure (CYT_TYPE_INSPECTOR);
  g_type_ensure (CYT_TYPE_MAP_PAGE);
  g_type_ensure (CYT_TYPE_PATIENTS_PAGE);
  g_type_ensure (CYT_TYPE_CELLS_PAGE);
  g_type_ensure (CYT_TYPE_MISSING_BANNER);
  g_type_ensure (CYT_TYPE_RATER_BAR);
  g_type_ensure (CYT_TYPE_STATUS_BAR);
  g_type_ensure (CYT_TYPE_WELCOME);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-window.ui");
  gtk_widget_class_bind_template_child (widget_class, CytWindow, content);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, title);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, datasets);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, read_only_badge);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, simulated_ribbon);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, banner);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, banner_label);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, missing_banner);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, rater_bar);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, views);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, inspector);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, switcher);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, menu_button);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, concepts);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, map);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, patients);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, cells);
  gtk_widget_class_bind_template_child (widget_class, CytWindow, status_bar);
  gtk_widget_class_bind_template_callback (widget_class, close_banner_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_recent_cb);
  gtk_widget_class_bind_template_callback (widget_class, focus_page);

  gtk_widget_class_install_action (widget_class, "win.new", NULL, new_action);
  gtk_widget_class_install_action (widget_class, "win.open", NULL, open_action);
  gtk_widget_class_install_action (widget_class, "win.import-published", NULL, import_published_action);
  gtk_widget_class_install_action (widget_class, "win.demo", NULL, demo_action);
  gtk_widget_class_install_action (widget_class, "win.tour", NULL, tour_action);
  gtk_widget_class_install_action (widget_class, "win.own-data", NULL, own_data_action);
  gtk_widget_class_install_action (widget_class, "win.undo", NULL, undo_action);
  gtk_widget_class_install_action (widget_class, "win.redo", NULL, undo_action);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, search_action);
  gtk_widget_class_install_action (widget_class, "win.export-figure", NULL, export_action);
  gtk_widget_class_install_action (widget_class, "win.transfer", NULL, transfer_action);
  gtk_widget_class_install_action (widget_class, "win.measure", NULL, measure_action);
  gtk_widget_class_install_action (widget_class, "win.next-latent", NULL, step_action);
  gtk_widget_class_install_action (widget_class, "win.previous-latent", NULL, step_action);
  gtk_widget_class_install_action (widget_class, "win.view", "s", view_action);
  gtk_widget_class_install_action (widget_class, "win.back", NULL, back_action);
  gtk_widget_class_install_action (widget_class, "win.retry-save", NULL, retry_action);
  cyt_window_share_install (widget_class);
  cyt_window_train_install (widget_class);
}

static void
cyt_window_init (CytWindow *self)
{
  GtkEventController *keys;
  GtkDropTarget *drop;

  self->session = cyt_session_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (gtk_menu_button_get_popover (GTK_MENU_BUTTON (self->menu_button)), "closed",
                           G_CALLBACK (menu_closed_cb), self, G_CONNECT_SWAPPED);
  cyt_accessible_complete (GTK_WIDGET (self));
  connect_switcher (self);
  cyt_concepts_page_place_panes (self->concepts, get_default_width ());

  cyt_keys_watch (GTK_WINDOW (self));
  keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  g_signal_connect_swapped (keys, "key-released", G_CALLBACK (key_released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);

  drop = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);
  g_signal_connect_swapped (drop, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));

  g_signal_connect (self, "notify::is-active", G_CALLBACK (active_cb), NULL);
  connect_session (self);
}
