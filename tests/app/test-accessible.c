/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real window for those who hear it and type, and on small screens: every control has a name, Tab goes round every
 * view, and none is too wide. */
#include "config.h"

#include <adwaita.h>

#include "app-test-util.h"


#include "cyt-application.h"
#include "cyt-merge-dialog.h"
#include "cyt-window.h"
#include "cyt-work-dialog.h"

#define MAX_TABS 90
#define N_TABS_MIN 12     /* past the header bar, over all that a page shows */
#define WIDTH_MAX 1000    /* pixels that every view has to fit */

static char *root;
static guint n_nameless;

/* Parts of GTK's own widgets, whose names GTK gives (or not). */
static gboolean
is_inside_control (GtkWidget *widget)
{
  return gtk_widget_get_ancestor (widget, GTK_TYPE_SPIN_BUTTON) != NULL
         || gtk_widget_get_ancestor (widget, GTK_TYPE_TEXT) != NULL
         || (gtk_widget_get_parent (widget) != NULL && GTK_IS_EDITABLE (gtk_widget_get_parent (widget)))
         || (gtk_widget_get_parent (widget) != NULL && GTK_IS_MENU_BUTTON (gtk_widget_get_parent (widget)))
         || gtk_widget_get_ancestor (widget, GTK_TYPE_POPOVER_MENU) != NULL;
}

static gboolean
is_named (GtkWidget *widget)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (widget);
  g_autofree char *label = NULL;

  if (gtk_test_accessible_has_relation (accessible, GTK_ACCESSIBLE_RELATION_LABELLED_BY))
    return TRUE;
  if (!gtk_test_accessible_has_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL))
    return FALSE;
  label = gtk_test_accessible_check_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL, "");
  return label != NULL && *label != '\0' && strstr (label, "-symbolic") == NULL;
}

static char *
dup_path (GtkWidget *widget)
{
  GString *path = g_string_new (G_OBJECT_TYPE_NAME (widget));

  for (GtkWidget *w = gtk_widget_get_parent (widget); w != NULL; w = gtk_widget_get_parent (w))
    if (g_str_has_prefix (G_OBJECT_TYPE_NAME (w), "Cyt"))
      g_string_append_printf (path, " in %s", G_OBJECT_TYPE_NAME (w));
  return g_string_free (path, FALSE);
}

/* On a page that shows or on another: what is seen later needs its name as well. A label that can be selected is its own name. */
static guint
check_names (GtkWidget *widget)
{
  gboolean is_control = gtk_widget_get_visible (widget) && gtk_widget_get_focusable (widget) && gtk_widget_get_can_focus (widget)
                        && !GTK_IS_WINDOW (widget) && !GTK_IS_LABEL (widget) && !GTK_IS_SCROLLED_WINDOW (widget)
                        && !GTK_IS_POPOVER (widget);
  guint n_checked = 0;

  if (is_control && !is_inside_control (widget))
    {
      g_autofree char *path = dup_path (widget);

      if (!is_named (widget))
        {
          g_test_message ("no name: %s", path);
          n_nameless++;
        }
      n_checked++;
    }
  /* The rows of a drop-down are GTK's. */
  if ((gtk_widget_get_parent (widget) != NULL && GTK_IS_DROP_DOWN (gtk_widget_get_parent (widget)))
      || ADW_IS_COMBO_ROW (widget))
    return n_checked;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    n_checked += check_names (child);
  return n_checked;
}

static void
settle (void)
{
  gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC / 2;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static CytApplication *application;

static CytWindow *
open_window (void)
{
  CytWindow *window = cyt_window_new (GTK_APPLICATION (application));

  gtk_window_present (GTK_WINDOW (window));
  cyt_app_test_wait (gtk_widget_get_mapped (GTK_WIDGET (window)));
  return window;
}

static void
open_demo (CytWindow *window)
{
  CytSession *session = cyt_window_get_session (window);

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.demo", NULL));
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN);
  cyt_app_test_wait (g_list_model_get_n_items (cyt_session_get_cells (session)) > 0);
}

static void
test_names (void)
{
  static const char *const views[] = { CYT_VIEW_CONCEPTS, CYT_VIEW_MAP, CYT_VIEW_PATIENTS, CYT_VIEW_CELLS };
  CytWindow *window = open_window ();
  CytSession *session = cyt_window_get_session (window);
  guint n_welcome = check_names (GTK_WIDGET (window));
  int width;

  g_assert_cmpuint (n_welcome, >, 50);
  open_demo (window);
  for (gsize i = 0; i < G_N_ELEMENTS (views); i++)
    {
      cyt_session_set_view (session, views[i]);
      settle ();
      g_assert_cmpuint (check_names (GTK_WIDGET (window)), >, n_welcome);
      gtk_widget_measure (GTK_WIDGET (window), GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
      g_assert_cmpint (width, <=, WIDTH_MAX);
    }
  cyt_session_inspect_cell (session, 1);
  settle ();
  check_names (GTK_WIDGET (window));
  g_assert_cmpuint (n_nameless, ==, 0);
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
is_view (GtkWidget *widget)
{
  return GTK_IS_LIST_VIEW (widget) || GTK_IS_GRID_VIEW (widget) || GTK_IS_COLUMN_VIEW (widget);
}

/* What lists, grids and tables do with the key; whether they took it. */
static gboolean
press_in_view (GtkWidget *view, guint key)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (view);
  gboolean done = FALSE;

  for (guint i = 0; !done && i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", key, 0, 0, &done);
    }
  return done;
}

static void
press_tab (GtkWindow *window, GtkDirectionType direction)
{
  for (GtkWidget *w = gtk_window_get_focus (window); w != NULL; w = gtk_widget_get_parent (w))
    if (is_view (w) && press_in_view (w, direction == GTK_DIR_TAB_FORWARD ? GDK_KEY_Tab : GDK_KEY_ISO_Left_Tab))
      return;
  g_signal_emit_by_name (window, "move-focus", direction);
}

/* Until the focus comes where it was before: nothing on the way keeps it, and it comes to @n_min widgets. */
static void
walk_tabs (GtkWindow *window, const char *page, GtkDirectionType direction, int n_min)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GtkWidget *focus, *previous = NULL;
  int n = 0;

  if (gtk_window_get_focus (window) == NULL)
    press_tab (window, direction);
  focus = gtk_window_get_focus (window);
  g_assert_nonnull (focus);
  for (; n < MAX_TABS && !g_hash_table_contains (seen, focus); n++)
    {
      g_autofree char *path = dup_path (focus);

      g_hash_table_add (seen, focus);
      previous = focus;
      g_test_message ("%s, %d: %s", page, n, path);
      press_tab (window, direction);
      focus = gtk_window_get_focus (window);
      g_assert_nonnull (focus);
    }
  g_assert_true (focus != previous || n == 1);
  g_assert_cmpint (n, <, MAX_TABS);
  g_assert_cmpint (n, >=, n_min);
}

/* What the key Escape does in a window, by its shortcuts. */
static gboolean
press_escape (GtkWindow *window)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (window));
  g_autoptr (GtkShortcutTrigger) escape = gtk_keyval_trigger_new (GDK_KEY_Escape, 0);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

      for (guint j = 0; GTK_IS_SHORTCUT_CONTROLLER (controller) && j < g_list_model_get_n_items (G_LIST_MODEL (controller)); j++)
        {
          g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), j);

          if (gtk_shortcut_trigger_equal (gtk_shortcut_get_trigger (shortcut), escape)
              && gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0, GTK_WIDGET (window),
                                               gtk_shortcut_get_arguments (shortcut)))
            return TRUE;
        }
    }
  return FALSE;
}

/* What a dialog has to hold for those who hear and type. */
enum
{
  ENTER = 1 << 0,  /* Enter does what it is for */
  CHOOSER = 1 << 1 /* GTK's own, whose parts GTK names */
};

/* The window that shows beside @window, by its names and keys; Escape closes it. */
static void
check_shown_dialog (CytWindow *window, guint flags)
{
  GListModel *toplevels = gtk_window_get_toplevels ();
  g_autoptr (GtkWindow) dialog = NULL;

  for (guint i = 0; dialog == NULL && i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWindow) other = g_list_model_get_item (toplevels, i);

      if (other != GTK_WINDOW (window) && gtk_widget_get_visible (GTK_WIDGET (other)))
        dialog = g_steal_pointer (&other);
    }
  g_assert_nonnull (dialog);
  if (!ADW_IS_MESSAGE_DIALOG (dialog)) /* which has a heading */
    {
      g_assert_nonnull (gtk_window_get_title (dialog));
      g_assert_cmpstr (gtk_window_get_title (dialog), !=, "");
    }
  if ((flags & CHOOSER) == 0)
    {
      g_assert_cmpuint (check_names (GTK_WIDGET (dialog)), >=, 2);
      walk_tabs (dialog, G_OBJECT_TYPE_NAME (dialog), GTK_DIR_TAB_FORWARD, 2);
      walk_tabs (dialog, G_OBJECT_TYPE_NAME (dialog), GTK_DIR_TAB_BACKWARD, 2);
    }
  if ((flags & ENTER) != 0)
    g_assert_nonnull (gtk_window_get_default_widget (dialog));
  g_assert_true (press_escape (dialog));
  cyt_app_test_wait (!gtk_widget_get_visible (GTK_WIDGET (dialog)));
  settle ();
}

static void
check_dialog (CytWindow *window, GtkWidget *from, const char *action, guint flags)
{
  GListModel *toplevels = gtk_window_get_toplevels ();
  guint n = g_list_model_get_n_items (toplevels);

  g_test_message ("dialog: %s", action);
  g_assert_true (gtk_widget_activate_action (from, action, NULL));
  cyt_app_test_wait (g_list_model_get_n_items (toplevels) > n);
  settle ();
  check_shown_dialog (window, flags);
}

static GtkWidget *
find_type (GtkWidget *widget, const char *name)
{
  if (g_str_equal (G_OBJECT_TYPE_NAME (widget), name))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_type (child, name);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
test_dialogs (void)
{
  static const struct
  {
    const char *action;
    guint flags;
  } actions[] = {
    { "win.new", ENTER },
    { "win.open", CHOOSER },
    { "win.own-data" },
    { "win.import-published", ENTER },
    { "win.train" },
    { "win.transfer" },
    { "win.measure" },
    { "win.export-figure", ENTER },
    { "win.import-labels", CHOOSER },
    { "win.export-labels", CHOOSER },
    { "win.merge-labels", CHOOSER },
    { "win.pack", ENTER },
    { "win.locate-images", CHOOSER },
    { "win.pixel-size", ENTER },
  };
  static const char *const list_actions[] = { "latents.label-all", "latents.label-selected", "latents.sample-batch" };
  CytWindow *window = open_window ();
  CytSession *session = cyt_window_get_session (window);
  g_autofree char *path = g_build_filename (root, "labels.csv", NULL);
  const char *const files[] = { path, NULL };
  GtkWidget *list;
  CytWorkDialog *work;
  CytLabelsMerge *merge;
  g_autoptr (CytProject) project = NULL;
  g_autoptr (GError) error = NULL;

  n_nameless = 0;
  open_demo (window);
  list = find_type (GTK_WIDGET (window), "CytLatentList");
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    check_dialog (window, GTK_WIDGET (window), actions[i].action, actions[i].flags);
  for (gsize i = 0; i < G_N_ELEMENTS (list_actions); i++)
    check_dialog (window, list, list_actions[i], ENTER);

  /* Two experts who disagree. */
  g_assert_true (g_file_set_contents (path, "latent,name,rater\n3,hers,Anna\n4,rim,Anna\n", -1, NULL));
  project = cyt_project_open (cyt_session_get_path (session), CYT_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  merge = cyt_labels_merge_new (project, files, &error);
  g_assert_no_error (error);
  gtk_window_present (GTK_WINDOW (cyt_merge_dialog_new (GTK_WINDOW (window), session, merge)));
  settle ();
  check_shown_dialog (window, 0); /* what is merged is chosen row by row, with Enter as well */

  /* Escape stops what runs; the dialog stays until that has ended. */
  work = cyt_work_dialog_new (GTK_WINDOW (window), "Work");
  settle ();
  g_assert_cmpuint (check_names (GTK_WIDGET (work)), >=, 1);
  g_assert_true (press_escape (GTK_WINDOW (work)));
  g_assert_true (g_cancellable_is_cancelled (cyt_work_dialog_get_cancellable (work)));
  cyt_work_dialog_finish (work);

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.tour", NULL));
  settle ();
  g_assert_cmpuint (check_names (find_type (GTK_WIDGET (window), "CytTour")), >=, 2);
  g_assert_cmpuint (n_nameless, ==, 0);
  gtk_popover_popdown (GTK_POPOVER (find_type (GTK_WIDGET (window), "CytTour")));
  settle ();
  gtk_window_destroy (GTK_WINDOW (window));
  settle ();
}

/* ---- Shortcuts ---- */

static char *
make_key (guint key, GdkModifierType modifiers)
{
  return g_strdup_printf ("%u %u", gdk_keyval_to_lower (key), modifiers);
}

/* The keys that the window of shortcuts lists: with modifiers, and the bare key, as strings. */
static void
collect_shortcuts (GtkWidget *widget, GHashTable *keys)
{
  if (GTK_IS_SHORTCUTS_SHORTCUT (widget))
    {
      g_autofree char *accelerators = NULL;
      g_auto (GStrv) parts = NULL;

      g_object_get (widget, "accelerator", &accelerators, NULL);
      parts = g_strsplit (accelerators, " ", -1);
      for (gsize i = 0; parts[i] != NULL; i++)
        {
          GdkModifierType modifiers;
          guint key;

          g_assert_true (gtk_accelerator_parse (parts[i], &key, &modifiers));
          g_hash_table_add (keys, make_key (key, modifiers));
          g_hash_table_add (keys, g_strdup (gdk_keyval_name (gdk_keyval_to_lower (key))));
        }
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    collect_shortcuts (child, keys);
}

/* Every key that the source names is listed, whatever does the same beside it aside. */
static void
check_source (const char *path, GHashTable *keys)
{
  static const char *const beside[] = { "equal", "Tab", "ISO_Left_Tab", "ISO_Enter", NULL };
  g_autoptr (GRegex) regex = g_regex_new ("GDK_KEY_(\\w+)", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  for (g_regex_match (regex, text, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      g_autofree char *name = g_match_info_fetch (match, 1);
      const char *lower = gdk_keyval_name (gdk_keyval_to_lower (gdk_keyval_from_name (name)));

      if (g_str_has_prefix (name, "KP_") || g_strv_contains (beside, name) || g_hash_table_contains (keys, lower))
        continue;
      g_test_message ("not among the shortcuts: %s of %s", name, path);
      g_test_fail ();
    }
}

static void
test_shortcuts (void)
{
  CytWindow *window = open_window ();
  GtkWidget *shortcuts = GTK_WIDGET (gtk_application_window_get_help_overlay (GTK_APPLICATION_WINDOW (window)));
  g_auto (GStrv) actions = gtk_application_list_action_descriptions (GTK_APPLICATION (application));
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *folder = cyt_test_source ("src/app");
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  /* A warning of GTK would end the test. */
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.show-help-overlay", NULL));
  cyt_app_test_wait (gtk_widget_get_mapped (shortcuts));
  settle ();
  collect_shortcuts (shortcuts, keys);
  for (gsize i = 0; actions[i] != NULL; i++)
    {
      g_auto (GStrv) accels = gtk_application_get_accels_for_action (GTK_APPLICATION (application), actions[i]);

      for (gsize j = 0; accels[j] != NULL; j++)
        {
          g_autofree char *wanted = NULL;
          GdkModifierType modifiers;
          guint key;

          g_assert_true (gtk_accelerator_parse (accels[j], &key, &modifiers));
          wanted = make_key (key, modifiers);
          if (g_hash_table_contains (keys, wanted))
            continue;
          g_test_message ("not among the shortcuts: %s of %s", accels[j], actions[i]);
          g_test_fail ();
        }
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".c"))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);

        check_source (path, keys);
      }
  gtk_window_destroy (GTK_WINDOW (window));
}

/* A table is sorted by the keyboard. */
static void
test_sort (void)
{
  CytWindow *window = open_window ();
  CytSession *session = cyt_window_get_session (window);
  GtkWidget *list, *table, *menu;
  GtkSelectionModel *model;
  g_autoptr (GObject) first = NULL, last = NULL, again = NULL;

  open_demo (window);
  cyt_session_set_view (session, CYT_VIEW_PATIENTS);
  list = find_type (GTK_WIDGET (window), "CytPatientList");
  table = find_type (list, "GtkColumnView");
  model = gtk_column_view_get_model (GTK_COLUMN_VIEW (table));
  cyt_app_test_wait (g_list_model_get_n_items (G_LIST_MODEL (model)) > 2);
  settle ();
  g_assert_true (press_in_view (table, GDK_KEY_s));
  settle ();
  menu = find_type (gtk_widget_get_parent (table), "GtkPopoverMenu");
  g_assert_nonnull (menu);
  g_assert_true (gtk_widget_activate_action (menu, "sort.by", "i", 0));
  first = g_list_model_get_item (G_LIST_MODEL (model), 0);
  g_assert_true (gtk_widget_activate_action (menu, "sort.by", "i", 0));
  last = g_list_model_get_item (G_LIST_MODEL (model), g_list_model_get_n_items (G_LIST_MODEL (model)) - 1);
  g_assert_true (first == last); /* the other way round */
  g_assert_true (gtk_widget_activate_action (menu, "sort.by", "i", 0));
  again = g_list_model_get_item (G_LIST_MODEL (model), 0);
  g_assert_true (first == again);
  gtk_popover_popdown (GTK_POPOVER (menu));
  settle ();
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_tabs (void)
{
  static const char *const views[] = { CYT_VIEW_CONCEPTS, CYT_VIEW_MAP, CYT_VIEW_PATIENTS, CYT_VIEW_CELLS };
  CytWindow *window = open_window ();
  CytSession *session = cyt_window_get_session (window);

  open_demo (window);
  for (gsize i = 0; i < G_N_ELEMENTS (views); i++)
    {
      cyt_session_set_view (session, views[i]);
      settle ();
      walk_tabs (GTK_WINDOW (window), views[i], GTK_DIR_TAB_FORWARD, N_TABS_MIN);
      walk_tabs (GTK_WINDOW (window), views[i], GTK_DIR_TAB_BACKWARD, N_TABS_MIN);
    }
  cyt_session_inspect_cell (session, 1);
  settle ();
  walk_tabs (GTK_WINDOW (window), "inspector", GTK_DIR_TAB_FORWARD, N_TABS_MIN);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.view", "s", CYT_VIEW_CELLS));
  g_assert_null (cyt_session_get_inspection (session));
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  int result;

  root = cyt_test_make_tmpdir ();
  g_setenv ("GTK_A11Y", "test", TRUE);
  g_test_init (&argc, &argv, NULL);
  application = cyt_app_test_start_demo (root);
  g_test_add_func ("/app/accessible/names", test_names);
  g_test_add_func ("/app/accessible/dialogs", test_dialogs);
  g_test_add_func ("/app/accessible/shortcuts", test_shortcuts);
  g_test_add_func ("/app/accessible/sort", test_sort);
  g_test_add_func ("/app/accessible/tabs", test_tabs);
  result = g_test_run ();
  g_application_release (G_APPLICATION (application));
  g_clear_object (&application);
  cyt_test_remove_tree (root);
  g_free (root);
  return result;
}
