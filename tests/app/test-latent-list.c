/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of latents in the real window: what it opens with, and what stays where while rows move by themselves. */
#include "config.h"

#include <math.h>

#include "app-test-util.h"


#include "cyt-application.h"
#include "cyt-latent-list-row.h"
#include "cyt-window.h"

#define N_FIRST_ROWS 12

static char *root;
static CytApplication *application;

static void
settle (void)
{
  gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC / 2;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static CytWindow *
open_demo (void)
{
  CytWindow *window = cyt_window_new (GTK_APPLICATION (application));

  gtk_window_present (GTK_WINDOW (window));
  cyt_app_test_wait (gtk_widget_get_mapped (GTK_WIDGET (window)));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.demo", NULL));
  cyt_app_test_wait (cyt_session_get_state (cyt_window_get_session (window)) == CYT_SESSION_OPEN);
  settle ();
  return window;
}

static GtkWidget *
find_view (GtkWidget *widget)
{
  if (GTK_IS_LIST_VIEW (widget) && gtk_widget_has_css_class (widget, "latent-list"))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_view (child);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* Where the row of @latent begins in the view; NAN: it does not show. */
static double
get_y (GtkWidget *view, gint64 latent)
{
  for (GtkWidget *child = gtk_widget_get_first_child (view); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *row = gtk_widget_get_first_child (child);
      graphene_rect_t bounds;

      if (row != NULL && CYT_IS_LATENT_LIST_ROW (row) && gtk_widget_get_mapped (child)
          && cyt_latent_list_row_get_latent (CYT_LATENT_LIST_ROW (row)) == latent
          && gtk_widget_compute_bounds (child, view, &bounds))
        return bounds.origin.y + bounds.size.height > 0 && bounds.origin.y < gtk_widget_get_height (view) ? bounds.origin.y
                                                                                                          : NAN;
    }
  return NAN;
}

/* The numbers that are there, except that @n_before latents come before @latent and no others. */
static void
move_latent (CytLatentModel *model, gint64 latent, guint n_before)
{
  const CytLatentTable *old = cyt_latent_model_get_current_table (model);
  CytLatentRow *rows = g_memdup2 (old->rows, old->n_rows * sizeof *rows);
  GPtrArray *tables = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_latent_table_free);
  guint n = 0;

  for (gsize i = 0; i < old->n_rows; i++)
    {
      rows[i].mean_act = MIN (rows[i].mean_act, 0.09); /* none is ubiquitous */
      rows[i].n_active = MAX (rows[i].n_active, 1);
      if ((gint64) i == latent)
        rows[i].purity = 0.5;
      else
        rows[i].purity = n++ < n_before ? 0.9 : 0.1;
    }
  g_ptr_array_add (tables, cyt_latent_table_new (old->dataset, old->name, rows, old->n_rows, g_strdupv (old->labels)));
  cyt_latent_model_take_tables (model, tables, 0);
  settle ();
}

static void
test_first (void)
{
  CytWindow *window = open_demo ();
  CytLatentModel *model = cyt_session_get_latents (cyt_window_get_session (window));
  gint64 selected = cyt_latent_model_get_selected (model);
  const CytLatentRow *row;
  double best = 0;

  g_assert_cmpint (selected, >=, 0);
  row = cyt_latent_model_get_row (model, selected);
  for (guint i = 0; i < N_FIRST_ROWS; i++)
    best = MAX (best, cyt_latent_row_rate (cyt_latent_model_get_row (model, cyt_latent_model_get_latent_at (model, i))));
  g_assert_cmpfloat (row->cls_share, <=, 0.8);
  g_assert_true (best == 0 || cyt_latent_row_rate (row) == best);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_rate (void)
{
  const CytLatentRow good = { .frequency = 0.1, .n_active = 100, .mean_act = 0.01, .max_act = 2, .purity = 1, .mean_count = 1 };
  CytLatentRow row = good;
  double rating = cyt_latent_row_rate (&good);

  g_assert_cmpfloat_with_epsilon (rating, 2 / 10., 1e-12); /* at most 2, on ten patches of a cell */
  row.mean_count = 2;
  g_assert_cmpfloat (cyt_latent_row_rate (&row), <, rating);
  row = good;
  row.cls_share = 0.5;
  g_assert_cmpfloat (cyt_latent_row_rate (&row), ==, 0);
  row = good;
  row.purity = NAN;
  g_assert_cmpfloat (cyt_latent_row_rate (&row), ==, 0);
  row = good; /* published: no maps, no maximum */
  row.cls_share = row.mean_count = row.max_act = NAN;
  g_assert_cmpfloat (cyt_latent_row_rate (&row), ==, 0);
  row = (CytLatentRow) { .purity = NAN, .entropy = NAN };
  g_assert_cmpfloat (cyt_latent_row_rate (&row), ==, 0);
}

static void
test_stays (void)
{
  CytWindow *window = open_demo ();
  CytSession *session = cyt_window_get_session (window);
  CytLatentModel *model = cyt_session_get_latents (session);
  GtkWidget *view = find_view (GTK_WIDGET (window));
  gint64 latent = cyt_latent_model_get_latent_at (model, 7);
  double y;

  cyt_latent_model_set_selected (model, latent);
  settle ();
  y = get_y (view, latent);
  g_assert_cmpfloat (y, >, 0);
  move_latent (model, latent, 500); /* down in the list, at first beyond what shows */
  g_assert_cmpuint (cyt_latent_model_find (model, latent), ==, 500);
  g_assert_cmpfloat_with_epsilon (get_y (view, latent), y, 1);
  move_latent (model, latent, 40);
  g_assert_cmpfloat_with_epsilon (get_y (view, latent), y, 1);

  /* There is nothing above the first row that could push it down; no place is left blank. */
  move_latent (model, latent, 0);
  g_assert_cmpfloat_with_epsilon (get_y (view, latent), 0, 1);
  move_latent (model, latent, 2);
  g_assert_cmpfloat (gtk_adjustment_get_value (gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (view))), >=, 0);
  g_assert_cmpint (cyt_latent_model_get_selected (model), ==, latent);
  g_assert_false (isnan (get_y (view, latent)));

  /* Where the selected row does not show, the top stays the top. */
  move_latent (model, latent, 500);
  gtk_widget_activate_action (view, "list.scroll-to-item", "u", 0);
  settle ();
  g_assert_true (isnan (get_y (view, latent)));
  move_latent (model, latent, 300);
  g_assert_cmpfloat_with_epsilon (get_y (view, cyt_latent_model_get_latent_at (model, 0)), 0, 1);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Going down and up the list, the next one shows before it is selected. */
static void
test_neighbours (void)
{
  CytWindow *window = open_demo ();
  CytLatentModel *model = cyt_session_get_latents (cyt_window_get_session (window));
  GtkWidget *view = find_view (GTK_WIDGET (window));
  guint position = 0;

  for (; position < 15; position++)
    {
      cyt_latent_model_set_selected (model, cyt_latent_model_get_latent_at (model, position));
      cyt_app_test_wait (!isnan (get_y (view, cyt_latent_model_get_latent_at (model, position + 1))));
    }
  for (; position > 0; position--)
    {
      cyt_latent_model_set_selected (model, cyt_latent_model_get_latent_at (model, position));
      cyt_app_test_wait (get_y (view, cyt_latent_model_get_latent_at (model, position - 1)) >= -1);
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

/* However far away the next one is: it shows, and the row on either side of it. */
static void
test_far (void)
{
  static const guint positions[] = { 1500, 60, 1100, 1900, 1950, 300, 2200, 0 };
  CytWindow *window = open_demo ();
  CytLatentModel *model = cyt_session_get_latents (cyt_window_get_session (window));
  GtkWidget *view = find_view (GTK_WIDGET (window));

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), >, 2201);
  for (guint i = 0; i < G_N_ELEMENTS (positions); i++)
    {
      cyt_latent_model_set_selected (model, cyt_latent_model_get_latent_at (model, positions[i]));
      settle ();
      for (guint j = MAX (positions[i], 1) - 1; j <= positions[i] + 1; j++)
        cyt_app_test_wait (get_y (view, cyt_latent_model_get_latent_at (model, j)) >= -1);
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  int result;

  root = cyt_test_make_tmpdir ();
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_test_init (&argc, &argv, NULL);
  application = cyt_app_test_start_demo (root);
  g_test_add_func ("/app/latent-list/rate", test_rate);
  g_test_add_func ("/app/latent-list/first", test_first);
  g_test_add_func ("/app/latent-list/stays", test_stays);
  g_test_add_func ("/app/latent-list/neighbours", test_neighbours);
  g_test_add_func ("/app/latent-list/far", test_far);
  result = g_test_run ();
  g_application_release (G_APPLICATION (application));
  g_clear_object (&application);
  cyt_test_remove_tree (root);
  g_free (root);
  return result;
}
