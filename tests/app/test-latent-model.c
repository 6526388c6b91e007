/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "test-util.h"

#include "cyt-format.h"
#include "cyt-latent-model.h"

/* Latent:     0     1      2     3     4 (silent)
 * frequency  .1    .9     .5    .5     0
 * mean_act  .04   .03    .02   .01     0
 * purity     .5    nan    .9    .9   nan   class b, –, a, a, – */
static CytLatentRow *
make_rows (void)
{
  CytLatentRow *rows = g_new0 (CytLatentRow, 5);
  const double frequency[] = { .1, .9, .5, .5, 0 }, mean[] = { .04, .03, .02, .01, 0 };
  const double purity[] = { .5, NAN, .9, .9, NAN };
  const gint32 majority[] = { 1, -1, 0, 0, -1 };

  for (guint i = 0; i < 5; i++)
    {
      rows[i].latent = i;
      rows[i].frequency = frequency[i];
      rows[i].n_active = 100 * frequency[i];
      rows[i].mean_act = rows[i].max_act = mean[i];
      rows[i].purity = purity[i];
      rows[i].entropy = isnan (purity[i]) ? NAN : 1 - purity[i];
      rows[i].majority = majority[i];
    }
  return rows;
}

/* One data set. Takes @rows. */
static void
take_rows (CytLatentModel *model, CytLatentRow *rows, gsize n, const char *const *labels)
{
  GPtrArray *tables = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_latent_table_free);

  g_ptr_array_add (tables, cyt_latent_table_new (1, "cells", rows, n, g_strdupv ((char **) labels)));
  cyt_latent_model_take_tables (model, tables, 0);
}

static void
show_all (CytLatentModel *model)
{
  g_autoptr (CytLatentFilter) filter = cyt_latent_filter_copy (cyt_latent_model_get_filter (model));

  filter->show_silent = filter->show_ubiquitous = TRUE;
  cyt_latent_model_set_filter (model, filter);
}

static CytLatentModel *
make_model (void)
{
  const char *const labels[] = { "Alpha", "Beta", NULL };
  CytLatentModel *model = cyt_latent_model_new ();

  take_rows (model, make_rows (), 5, labels);
  return model;
}

static void
set_name (CytLatentModel *model, guint latent, const char *name, const char *note)
{
  g_autoptr (CytConcept) concept = cyt_concept_new (latent);

  g_free (concept->name);
  concept->name = g_strdup (name);
  g_free (concept->note);
  concept->note = g_strdup (note);
  concept->edited_at = 1000 + latent;
  cyt_latent_model_set_concept (model, concept);
}

static void
assert_order (CytLatentModel *model, const char *expected)
{
  g_autoptr (GString) order = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (model)); i++)
    {
      g_autoptr (CytLatentItem) item = g_list_model_get_item (G_LIST_MODEL (model), i);

      g_string_append_printf (order, "%u", cyt_latent_item_get_latent (item));
      g_assert_cmpuint (cyt_latent_model_find (model, cyt_latent_item_get_latent (item)), ==, i);
    }
  g_assert_cmpstr (order->str, ==, expected);
}

static void
test_sort (void)
{
  g_autoptr (CytLatentModel) model = make_model ();

  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_NUMBER, FALSE);
  assert_order (model, "0123");
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_NUMBER, TRUE);
  assert_order (model, "3210");
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_FREQUENCY, FALSE);
  assert_order (model, "1230");
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_MEAN_ACT, TRUE);
  assert_order (model, "3210");
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_PURITY, FALSE);
  assert_order (model, "2301");
  /* What is undefined stays last, whichever way round. */
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_PURITY, TRUE);
  assert_order (model, "0231");
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_ENTROPY, FALSE);
  assert_order (model, "2301");
  show_all (model);
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_MAX_ACT, TRUE);
  assert_order (model, "32104");

  set_name (model, 3, "band", "");
  set_name (model, 1, "Auer rod", "");
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_NAME, FALSE);
  assert_order (model, "13024");
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_NAME, TRUE);
  assert_order (model, "31024");
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_EDITED, FALSE);
  assert_order (model, "31024");
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_MAJORITY, FALSE);
  assert_order (model, "23014");
}

/* Without classes there is no purity, and the order says what it goes by instead. */
static void
test_unknown_key (void)
{
  g_autoptr (CytLatentModel) model = cyt_latent_model_new ();
  CytLatentRow *rows = make_rows ();

  for (guint i = 0; i < 5; i++)
    {
      rows[i].purity = rows[i].entropy = NAN;
      rows[i].majority = -1;
    }
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_PURITY, FALSE);
  take_rows (model, rows, 5, NULL);
  g_assert_false (cyt_latent_model_can_sort (model, CYT_LATENT_SORT_PURITY));
  g_assert_false (cyt_latent_model_can_sort (model, CYT_LATENT_SORT_ENTROPY));
  g_assert_cmpint (cyt_latent_model_get_sort (model), ==, CYT_LATENT_SORT_MEAN_ACT);
  assert_order (model, "0123");
  take_rows (model, make_rows (), 5, NULL);
  g_assert_cmpint (cyt_latent_model_get_sort (model), ==, CYT_LATENT_SORT_PURITY);
}

static void
set_status (CytLatentModel *model, guint latent, CytConceptStatus status)
{
  g_autoptr (CytConcept) concept = cyt_concept_new (latent);

  concept->status = status;
  cyt_latent_model_set_concept (model, concept);
}

static void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Two data sets: what shows are the numbers of one, and the other may say what fires. */
static void
test_tables (void)
{
  g_autoptr (CytLatentModel) model = cyt_latent_model_new ();
  g_autoptr (CytLatentFilter) filter = cyt_latent_filter_new ();
  GPtrArray *tables = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_latent_table_free);
  CytLatentRow *rows = make_rows ();

  g_ptr_array_add (tables, cyt_latent_table_new (1, "blood", make_rows (), 5, NULL));
  rows[0].n_active = rows[2].n_active = 0;
  rows[4] = (CytLatentRow) { .latent = 4, .n_active = 1, .frequency = .01, .mean_act = .05, .majority = -1 };
  g_ptr_array_add (tables, cyt_latent_table_new (2, "marrow", rows, 5, NULL));
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_NUMBER, FALSE);
  cyt_latent_model_take_tables (model, tables, 0);
  assert_order (model, "0123");
  filter->alive_in = g_strdup ("marrow");
  cyt_latent_model_set_filter (model, filter);
  assert_order (model, "13");
  cyt_latent_model_set_current (model, 1);
  assert_order (model, "134");
  g_assert_cmpfloat (cyt_latent_model_get_row (model, 4)->frequency, ==, .01);
}

/* Who types a label under a filter that it leaves keeps his place until he goes on. */
static void
test_kept (void)
{
  g_autoptr (CytLatentModel) model = make_model ();
  g_autoptr (CytLatentFilter) filter = cyt_latent_filter_new ();

  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_NUMBER, FALSE);
  filter->labelled = CYT_FILTER_UNLABELLED;
  cyt_latent_model_set_filter (model, filter);
  cyt_latent_model_set_selected (model, 1);
  set_status (model, 1, CYT_CONCEPT_CONFIRMED);
  assert_order (model, "0123");
  set_status (model, 3, CYT_CONCEPT_CONFIRMED);
  assert_order (model, "012");
  cyt_latent_model_set_selected (model, 2);
  iterate ();
  assert_order (model, "02");
  set_status (model, 2, CYT_CONCEPT_REJECTED);
  assert_order (model, "02");
  cyt_latent_model_set_search (model, "0");
  assert_order (model, "0");
}

static void
test_unlabelled (void)
{
  g_autoptr (CytLatentModel) model = make_model ();

  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_NUMBER, FALSE);
  set_status (model, 1, CYT_CONCEPT_REJECTED);
  set_name (model, 2, "named", "");
  g_assert_true (cyt_latent_model_is_unlabelled (model, 0));
  g_assert_false (cyt_latent_model_is_unlabelled (model, 1));
  g_assert_cmpint (cyt_latent_model_find_unlabelled (model, 1), ==, 0);
  cyt_latent_model_set_selected (model, 0);
  g_assert_cmpint (cyt_latent_model_find_unlabelled (model, 1), ==, 3);
  g_assert_cmpint (cyt_latent_model_find_unlabelled (model, -1), ==, 3);
  g_assert_cmpint (cyt_latent_model_pick_unlabelled (model, G_MAXUINT32), ==, 3);
  g_assert_cmpint (cyt_latent_model_pick_unlabelled (model, 0), ==, 3);
  cyt_latent_model_set_selected (model, 3);
  g_assert_cmpint (cyt_latent_model_find_unlabelled (model, 1), ==, 0);
  set_status (model, 0, CYT_CONCEPT_PROPOSED);
  g_assert_cmpint (cyt_latent_model_pick_unlabelled (model, 0), ==, 3);
  set_status (model, 3, CYT_CONCEPT_PROPOSED);
  g_assert_cmpint (cyt_latent_model_find_unlabelled (model, 1), ==, -1);
  g_assert_cmpint (cyt_latent_model_pick_unlabelled (model, 77), ==, -1);
}

static void
count_cb (gpointer object, gpointer arg, guint *n)
{
  ++*n;
}

static void
assert_marked (CytLatentModel *model, const char *expected)
{
  g_autoptr (GArray) marked = cyt_latent_model_list_marked (model);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < marked->len; i++)
    g_string_append_printf (text, "%u", g_array_index (marked, guint32, i));
  g_assert_cmpstr (text->str, ==, expected);
  g_assert_cmpuint (cyt_latent_model_get_n_marked (model), ==, strlen (expected));
}

static void
test_marks (void)
{
  g_autoptr (CytLatentModel) model = make_model ();
  GtkSelectionModel *selection = GTK_SELECTION_MODEL (model);
  guint n_selected = 0;

  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_NUMBER, FALSE);
  cyt_latent_model_set_selected (model, 0);
  g_signal_connect (model, "notify::selected", G_CALLBACK (count_cb), &n_selected);
  /* Shift: the range is marked, what is looked at stays. */
  gtk_selection_model_select_range (selection, 0, 3, TRUE);
  assert_marked (model, "012");
  g_assert_cmpuint (n_selected, ==, 0);
  /* Control: one more, which is then looked at, or one less. */
  gtk_selection_model_select_item (selection, 3, FALSE);
  assert_marked (model, "0123");
  g_assert_cmpint (cyt_latent_model_get_selected (model), ==, 3);
  gtk_selection_model_unselect_item (selection, 3);
  assert_marked (model, "012");
  g_assert_cmpint (cyt_latent_model_get_selected (model), ==, 2);
  /* The last one stays. */
  gtk_selection_model_select_item (selection, 1, TRUE);
  assert_marked (model, "1");
  gtk_selection_model_unselect_item (selection, 1);
  assert_marked (model, "1");
  gtk_selection_model_select_all (selection);
  assert_marked (model, "0123");
  g_assert_cmpint (cyt_latent_model_get_selected (model), ==, 1);
  /* Only what shows is marked; what comes back is not. */
  cyt_latent_model_set_search (model, "alpha");
  assert_marked (model, "23");
  cyt_latent_model_set_search (model, "");
  assert_marked (model, "123");
  cyt_latent_model_unmark_all (model);
  assert_marked (model, "1");
  /* The one latent that is marked beside a selected one that does not show. */
  cyt_latent_model_set_selected (model, 0);
  gtk_selection_model_select_item (selection, 2, FALSE);
  gtk_selection_model_select_item (selection, 0, FALSE);
  assert_marked (model, "02");
  cyt_latent_model_set_search (model, "alpha");
  assert_marked (model, "2");
  cyt_latent_model_set_selected (model, 3);
  assert_marked (model, "3");
}

static void
test_search (void)
{
  g_autoptr (CytLatentModel) model = make_model ();

  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_NUMBER, FALSE);
  set_name (model, 2, "Größe", "see the RIM");
  cyt_latent_model_set_search (model, "alpha");
  assert_order (model, "23");
  cyt_latent_model_set_search (model, "ALPHA rim");
  assert_order (model, "2");
  cyt_latent_model_set_search (model, "GRÖSSE");
  assert_order (model, "2");
  cyt_latent_model_set_search (model, "#3");
  assert_order (model, "3");
  cyt_latent_model_set_search (model, "nothing");
  assert_order (model, "");
  cyt_latent_model_set_search (model, "");
  assert_order (model, "0123");
}

static void
test_exact_number (void)
{
  g_autoptr (CytLatentModel) model = cyt_latent_model_new ();
  CytLatentRow *rows = g_new0 (CytLatentRow, 200);

  for (guint i = 0; i < 200; i++)
    {
      rows[i].n_active = 1;
      rows[i].frequency = i;
      rows[i].majority = -1;
    }
  take_rows (model, rows, 200, NULL);
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_FREQUENCY, FALSE);
  cyt_latent_model_set_search (model, "12");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 11);
  g_assert_cmpint (cyt_latent_model_get_latent_at (model, 0), ==, 12);
  g_assert_cmpint (cyt_latent_model_get_latent_at (model, 1), ==, 129);
}

typedef struct
{
  guint n;
  guint position, removed, added;
} Changes;

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, Changes *changes)
{
  changes->n++;
  changes->position = position;
  changes->removed = removed;
  changes->added = added;
}

static void
values_changed_cb (CytLatentModel *model, guint *n)
{
  ++*n;
}

/* New numbers that change no order disturb no view; one latent that begins to fire moves only itself. */
static void
test_changes (void)
{
  g_autoptr (CytLatentModel) model = make_model ();
  Changes changes = { 0 };
  guint n_values = 0;
  CytLatentRow *rows;
  g_autoptr (CytLatentItem) before = NULL;
  g_autoptr (CytLatentItem) after = NULL;

  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_NUMBER, FALSE);
  before = g_list_model_get_item (G_LIST_MODEL (model), 3);
  g_signal_connect (model, "items-changed", G_CALLBACK (items_changed_cb), &changes);
  g_signal_connect (model, "values-changed", G_CALLBACK (values_changed_cb), &n_values);

  rows = make_rows ();
  rows[0].mean_act = .07;
  take_rows (model, rows, 5, NULL);
  g_assert_cmpuint (changes.n, ==, 0);
  g_assert_cmpuint (n_values, ==, 1);
  g_assert_cmpfloat (cyt_latent_model_get_row (model, 0)->mean_act, ==, .07);

  rows = make_rows ();
  rows[4].n_active = 1;
  take_rows (model, rows, 5, NULL);
  g_assert_cmpuint (changes.n, ==, 1);
  g_assert_cmpuint (changes.position, ==, 4);
  g_assert_cmpuint (changes.removed, ==, 0);
  g_assert_cmpuint (changes.added, ==, 1);

  rows = make_rows ();
  rows[1].n_active = 0;
  take_rows (model, rows, 5, NULL);
  after = g_list_model_get_item (G_LIST_MODEL (model), 2);
  g_assert_true (before == after);
}

static void
test_selection (void)
{
  CytLatentModel *model = make_model ();
  guint n_selected = 0;

  g_signal_connect (model, "notify::selected", G_CALLBACK (count_cb), &n_selected);
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_NUMBER, FALSE);
  g_assert_true (gtk_selection_model_select_item (GTK_SELECTION_MODEL (model), 2, TRUE));
  g_assert_cmpint (cyt_latent_model_get_selected (model), ==, 2);
  g_assert_cmpuint (n_selected, ==, 1);
  cyt_latent_model_set_selected (model, 2);
  g_assert_cmpuint (n_selected, ==, 1);

  /* It stays through a new order, and through a search that hides it. */
  cyt_latent_model_set_sort (model, CYT_LATENT_SORT_NUMBER, TRUE);
  g_assert_true (gtk_selection_model_is_selected (GTK_SELECTION_MODEL (model), 1));
  g_assert_false (gtk_selection_model_is_selected (GTK_SELECTION_MODEL (model), 2));
  cyt_latent_model_set_search (model, "beta");
  g_assert_cmpint (cyt_latent_model_get_selected (model), ==, 2);
  g_assert_cmpuint (cyt_latent_model_find (model, 2), ==, GTK_INVALID_LIST_POSITION);
  g_assert_cmpuint (n_selected, ==, 1);
  g_assert_finalize_object (model);
}

/* 49,152 latents re-sort well within a frame. */
static void
test_large (void)
{
  const gsize n = 49152;
  g_autoptr (CytLatentModel) model = cyt_latent_model_new ();
  CytLatentRow *rows = g_new0 (CytLatentRow, n);
  gint64 start, worst = 0;

  for (gsize i = 0; i < n; i++)
    {
      rows[i].n_active = 1 + i * 2654435761u % 977;
      rows[i].frequency = rows[i].n_active / 977.0;
      rows[i].mean_act = i * 40503u % 65536;
      rows[i].purity = rows[i].entropy = NAN;
      rows[i].majority = -1;
    }
  take_rows (model, rows, n, NULL);
  show_all (model);
  for (int i = 0; i < CYT_LATENT_N_SORTS; i++)
    {
      start = g_get_monotonic_time ();
      cyt_latent_model_set_sort (model, i, FALSE);
      worst = MAX (worst, g_get_monotonic_time () - start);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, n);
    }
  g_test_message ("slowest of %d sorts of 49,152 latents: %.1f ms", CYT_LATENT_N_SORTS, worst / 1e3);
}

static void
assert_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_format (void)
{
  assert_text (cyt_format_number (0), "0");
  assert_text (cyt_format_number (3.14159), "3.14");
  assert_text (cyt_format_number (0.9999), "1.00");
  assert_text (cyt_format_number (99.96), "100");
  assert_text (cyt_format_number (25.31), "25.3");
  assert_text (cyt_format_number (0.01234), "0.0123");
  assert_text (cyt_format_number (NAN), "–");
  assert_text (cyt_format_count (0), "0");
  assert_text (cyt_format_count (999), "999");
  assert_text (cyt_format_number (1234.4), "1\u202f234");
  assert_text (cyt_format_number (-999.96), "-1\u202f000");
  assert_text (cyt_format_count (49152), "49\u202f152");
  assert_text (cyt_format_count (1234567), "1\u202f234\u202f567");
  assert_text (cyt_format_percent (1), "100\u202f%");
  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  assert_text (cyt_format_percent (1), "\u2066100\u202f%\u2069"); /* the sign stays behind its number */
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
  assert_text (cyt_format_sentence ("no space left"), "No space left.");
  assert_text (cyt_format_sentence ("a/b.cytosae: locked"), "a/b.cytosae: locked.");
  assert_text (cyt_format_sentence ("cells.csv: empty!"), "cells.csv: empty!");
  assert_text (cyt_format_sentence (""), "");
  assert_text (cyt_format_percent (0.00234), "0.234\u202f%");
  assert_text (cyt_format_duration (40), "40 s");
  assert_text (cyt_format_duration (61), "2 min");
  assert_text (cyt_format_duration (7500), "2 h 5 min");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/latent-model/sort", test_sort);
  g_test_add_func ("/app/latent-model/unknown-key", test_unknown_key);
  g_test_add_func ("/app/latent-model/tables", test_tables);
  g_test_add_func ("/app/latent-model/kept", test_kept);
  g_test_add_func ("/app/latent-model/unlabelled", test_unlabelled);
  g_test_add_func ("/app/latent-model/marks", test_marks);
  g_test_add_func ("/app/latent-model/search", test_search);
  g_test_add_func ("/app/latent-model/exact-number", test_exact_number);
  g_test_add_func ("/app/latent-model/changes", test_changes);
  g_test_add_func ("/app/latent-model/selection", test_selection);
  g_test_add_func ("/app/latent-model/large", test_large);
  g_test_add_func ("/app/format", test_format);
  return g_test_run ();
}
