/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "analysis/cyt-comparison.h"

#include "cyt-column.h"
#include "cyt-disease-view.h"
#include "cyt-format.h"
#include "cyt-scatter.h"

/* Differences that are coloured and listed, each way. */
#define N_EACH_WAY 50

/* ---- A row of the table ---- */

#define CYT_TYPE_DIFFERENCE (cyt_difference_get_type ())
G_DECLARE_FINAL_TYPE (CytDifferenceItem, cyt_difference, CYT, DIFFERENCE, GObject)

struct _CytDifferenceItem
{
  GObject parent_instance;
  CytDifference d;
  guint index;             /* of the point */
};

G_DEFINE_FINAL_TYPE (CytDifferenceItem, cyt_difference, G_TYPE_OBJECT)

static void
cyt_difference_class_init (CytDifferenceItemClass *klass)
{
}

static void
cyt_difference_init (CytDifferenceItem *self)
{
}

/* ---- The view ---- */

struct _CytDiseaseView
{
  GtkWidget parent_instance;

  CytSession *session;
  CytPatientsView *view;
  GStrv diseases;
  char *a, *b;                    /* as chosen; b NULL: all others */
  gboolean updating;
  CytComparison *comparison;      /* that shows; sorted by difference, most above in a first */
  GCancellable *cancellable;
  GListStore *rows;
  GtkSingleSelection *selection;

  GtkDropDown *first, *second;
  GtkLabel *summary;
  GtkStack *stack;
  GtkLabel *message;
  CytScatter *scatter;
  GtkColumnView *table;
};

G_DEFINE_FINAL_TYPE (CytDiseaseView, cyt_disease_view, GTK_TYPE_WIDGET)

enum
{
  ACTIVATED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static const CytDifference *
get_difference (CytDiseaseView *self, guint index)
{
  return &g_array_index (self->comparison->differences, CytDifference, index);
}

static char *
format_latent (CytDiseaseView *self, guint latent)
{
  CytLatentModel *model = cyt_session_get_latents (self->session);
  const CytConcept *concept
    = latent < cyt_latent_model_get_n_latents (model) ? cyt_latent_model_get_concept (model, latent) : NULL;

  return concept != NULL && concept->name[0] != '\0' ? g_strdup_printf ("#%u  %s", latent, concept->name)
                                                     : g_strdup_printf ("#%u", latent);
}

/* q is given with the stars that are usual, so that it is read at a glance. */
static char *
format_q (double q)
{
  g_autofree char *number = q < 0.001 ? g_strdup_printf ("%.1e", q) : cyt_format_number (q);

  return g_strdup_printf ("%s %s", number, q < 0.001 ? "***" : q < 0.01 ? "**" : q < 0.05 ? "*" : "");
}

static char *
describe (guint index, gpointer user_data)
{
  CytDiseaseView *self = user_data;
  const CytDifference *d = get_difference (self, index);
  g_autofree char *name = format_latent (self, d->latent), *a = cyt_format_number (d->mean_a), *b = cyt_format_number (d->mean_b);
  g_autofree char *effect = cyt_format_number (d->effect), *q = format_q (d->q);

  /* Translators: a latent; tokens per image of two diseases; effect size and corrected p */
  return g_strdup_printf (_("%s\n%s and %s tokens per image\neffect %s · q %s"), name, a, b, effect, q);
}

/* ---- Showing a comparison ---- */

static guint
find_disease (CytDiseaseView *self, const char *disease)
{
  for (guint i = 0; disease != NULL && self->diseases[i] != NULL; i++)
    if (g_str_equal (self->diseases[i], disease))
      return i;
  return CYT_PALETTE_N_COLORS - 1;
}

static gboolean
is_listed (CytDiseaseView *self, guint index)
{
  guint n = self->comparison->differences->len;
  double difference = get_difference (self, index)->difference;

  return (index < N_EACH_WAY && difference > 0) || (index + N_EACH_WAY >= n && difference < 0);
}

static void
fill_scatter (CytDiseaseView *self)
{
  guint n = self->comparison->differences->len;
  CytScatterPoint *points = g_new0 (CytScatterPoint, MAX (1, n));
  guint color_a = find_disease (self, self->a);
  guint color_b = self->b != NULL ? find_disease (self, self->b) : CYT_PALETTE_N_COLORS - 1;
  g_autofree double *values = g_new (double, 2 * MAX (1, n));
  CytAxis axis;

  for (guint i = 0; i < n; i++)
    {
      const CytDifference *d = get_difference (self, i);

      values[2 * i] = points[i].x = d->mean_a;
      values[2 * i + 1] = points[i].y = d->mean_b;
      points[i].raised = is_listed (self, i);
      memset (points[i].rgb, 150, 3);
      if (!points[i].raised)
        continue;
      cyt_palette_lookup (d->difference > 0 ? color_a : color_b, points[i].rgb);
      points[i].marker = d->difference > 0 ? CYT_MARKER_DISC : CYT_MARKER_DIAMOND;
    }
  cyt_axis_init_values (&axis, CYT_AXIS_LINEAR, FALSE, values, 2 * n, 0.04);
  cyt_scatter_set_axes (self->scatter, &axis, self->a, &axis, self->b != NULL ? self->b : _("All other patients"), FALSE);
  cyt_scatter_take_points (self->scatter, points, n);
  cyt_scatter_set_current (self->scatter, -1);
}

static void
fill_table (CytDiseaseView *self)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->comparison->differences->len; i++)
    if (is_listed (self, i))
      {
        CytDifferenceItem *row = g_object_new (CYT_TYPE_DIFFERENCE, NULL);

        row->d = *get_difference (self, i);
        row->index = i;
        g_ptr_array_add (rows, row);
      }
  self->updating = TRUE;
  g_list_store_splice (self->rows, 0, g_list_model_get_n_items (G_LIST_MODEL (self->rows)), rows->pdata, rows->len);
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  self->updating = FALSE;
}

static void
show_comparison (CytDiseaseView *self)
{
  guint n_significant = 0;
  g_autofree char *tested = cyt_format_count (self->comparison->differences->len), *significant = NULL, *text = NULL;

  for (guint i = 0; i < self->comparison->differences->len; i++)
    n_significant += get_difference (self, i)->q < 0.05;
  significant = cyt_format_count (n_significant);
  /* Translators: numbers of patients in two groups, of latents tested, of those with a corrected p below 0.05 */
  text = g_strdup_printf (_("%u and %u patients · %s latents tested, %s with q < 0.05"), (guint) self->comparison->n_a,
                          (guint) self->comparison->n_b, tested, significant);
  gtk_label_set_label (self->summary, text);
  fill_scatter (self);
  fill_table (self);
  gtk_stack_set_visible_child_name (self->stack, "comparison");
}

/* ---- Comparing, on a thread of its own ---- */

typedef struct
{
  CytPatientsView *view;
  char *a, *b;
} Task;

static void
task_free (Task *task)
{
  cyt_patients_view_unref (task->view);
  g_free (task->a);
  g_free (task->b);
  g_free (task);
}

static void
compare_thread (GTask *gtask, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Task *task = data;
  GError *error = NULL;
  CytComparison *comparison = cyt_comparison_new (task->view->barcodes, task->a, task->b, &error);

  if (comparison == NULL)
    {
      g_task_return_error (gtask, error);
      return;
    }
  g_array_sort (comparison->differences, cyt_difference_compare_difference);
  g_task_return_pointer (gtask, comparison, (GDestroyNotify) cyt_comparison_free);
}

static void
compared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CytDiseaseView *self = CYT_DISEASE_VIEW (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytComparison) comparison = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->view == NULL)
    return;
  if (comparison == NULL)
    {
      gtk_label_set_label (self->message, error->message);
      gtk_label_set_label (self->summary, "");
      gtk_stack_set_visible_child_name (self->stack, "message");
      return;
    }
  g_clear_pointer (&self->comparison, cyt_comparison_free);
  self->comparison = g_steal_pointer (&comparison);
  show_comparison (self);
}

static void
compare (CytDiseaseView *self)
{
  g_autoptr (GTask) gtask = NULL;
  Task *task;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->view == NULL || self->a == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  task = g_new0 (Task, 1);
  task->view = cyt_patients_view_ref (self->view);
  task->a = g_strdup (self->a);
  task->b = g_strdup (self->b);
  gtask = g_task_new (self, self->cancellable, compared_cb, NULL);
  g_task_set_source_tag (gtask, compare);
  g_task_set_task_data (gtask, task, (GDestroyNotify) task_free);
  g_task_run_in_thread (gtask, compare_thread);
}

/* ---- Choosing ---- */

static void
chosen_cb (CytDiseaseView *self)
{
  guint first = gtk_drop_down_get_selected (self->first), second = gtk_drop_down_get_selected (self->second);

  if (self->updating || self->diseases == NULL || first == GTK_INVALID_LIST_POSITION || second == GTK_INVALID_LIST_POSITION)
    return;
  g_free (self->a);
  g_free (self->b);
  self->a = g_strdup (self->diseases[first]);
  self->b = second > 0 ? g_strdup (self->diseases[second - 1]) : NULL;
  compare (self);
}

static void
fill_diseases (CytDiseaseView *self)
{
  g_autoptr (GtkStringList) all = gtk_string_list_new ((const char *const *) self->diseases);
  g_autoptr (GtkStringList) others = gtk_string_list_new (NULL);
  const char *controls = cyt_patients_guess_controls (self->view->barcodes);
  guint first = 0, second = 0;

  if (self->a == NULL || !g_strv_contains ((const char *const *) self->diseases, self->a))
    {
      g_free (self->a);
      g_free (self->b);
      for (; self->diseases[first] != NULL && g_strcmp0 (self->diseases[first], controls) == 0; first++)
        ;
      self->a = g_strdup (self->diseases[first]);
      self->b = g_strdup (controls);
    }
  gtk_string_list_append (others, _("All other patients"));
  for (guint i = 0; self->diseases[i] != NULL; i++)
    {
      gtk_string_list_append (others, self->diseases[i]);
      if (g_strcmp0 (self->a, self->diseases[i]) == 0)
        first = i;
      if (g_strcmp0 (self->b, self->diseases[i]) == 0)
        second = i + 1;
    }
  self->updating = TRUE;
  gtk_drop_down_set_model (self->first, G_LIST_MODEL (all));
  gtk_drop_down_set_model (self->second, G_LIST_MODEL (others));
  gtk_drop_down_set_selected (self->first, first);
  gtk_drop_down_set_selected (self->second, second);
  self->updating = FALSE;
}

void
cyt_disease_view_dup_diseases (CytDiseaseView *self, char **a, char **b)
{
  *a = self->view != NULL ? g_strdup (self->a) : NULL;
  *b = g_strdup (self->b);
}

void
cyt_disease_view_set_session (CytDiseaseView *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_DISEASE_VIEW (self));
  g_set_object (&self->session, session);
}

void
cyt_disease_view_set_view (CytDiseaseView *self, CytPatientsView *view)
{
  g_return_if_fail (CYT_IS_DISEASE_VIEW (self));

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->view, cyt_patients_view_unref);
  g_clear_pointer (&self->diseases, g_strfreev);
  if (view == NULL)
    return;
  self->view = cyt_patients_view_ref (view);
  self->diseases = cyt_barcodes_list_diseases (view->barcodes);
  if (g_strv_length (self->diseases) < 2)
    {
      gtk_label_set_label (self->message, _("There are no two diseases to compare."));
      gtk_stack_set_visible_child_name (self->stack, "message");
      return;
    }
  fill_diseases (self);
  compare (self);
}

/* ---- Points and rows ---- */

static void
point_picked_cb (CytDiseaseView *self, guint index)
{
  GListModel *shown = G_LIST_MODEL (self->selection);

  for (guint i = 0; i < g_list_model_get_n_items (shown); i++)
    {
      g_autoptr (CytDifferenceItem) row = g_list_model_get_item (shown, i);

      if (row->index == index)
        {
          gtk_single_selection_set_selected (self->selection, i);
          return;
        }
    }
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
}

static void
point_activated_cb (CytDiseaseView *self, guint index)
{
  g_signal_emit (self, signals[ACTIVATED], 0, get_difference (self, index)->latent);
}

static void
row_selected_cb (CytDiseaseView *self)
{
  CytDifferenceItem *row = gtk_single_selection_get_selected_item (self->selection);

  if (!self->updating && row != NULL)
    cyt_scatter_set_current (self->scatter, row->index);
}

static void
row_activated_cb (CytDiseaseView *self, guint position)
{
  g_autoptr (CytDifferenceItem) row = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  g_signal_emit (self, signals[ACTIVATED], 0, row->d.latent);
}

/* ---- Columns ---- */

static char *
get_name (gpointer item, gpointer user_data)
{
  return format_latent (user_data, CYT_DIFFERENCE (item)->d.latent);
}

static char *
get_a (gpointer item, gpointer user_data)
{
  return cyt_format_number (CYT_DIFFERENCE (item)->d.mean_a);
}

static char *
get_b (gpointer item, gpointer user_data)
{
  return cyt_format_number (CYT_DIFFERENCE (item)->d.mean_b);
}

static char *
get_effect (gpointer item, gpointer user_data)
{
  return cyt_format_number (CYT_DIFFERENCE (item)->d.effect);
}

static char *
get_q (gpointer item, gpointer user_data)
{
  return format_q (CYT_DIFFERENCE (item)->d.q);
}

static int
compare_a (gconstpointer x, gconstpointer y, gpointer user_data)
{
  return cyt_column_compare_doubles (((const CytDifferenceItem *) x)->d.mean_a, ((const CytDifferenceItem *) y)->d.mean_a);
}

static int
compare_b (gconstpointer x, gconstpointer y, gpointer user_data)
{
  return cyt_column_compare_doubles (((const CytDifferenceItem *) x)->d.mean_b, ((const CytDifferenceItem *) y)->d.mean_b);
}

static int
compare_effect (gconstpointer x, gconstpointer y, gpointer user_data)
{
  return cyt_column_compare_doubles (((const CytDifferenceItem *) x)->d.effect, ((const CytDifferenceItem *) y)->d.effect);
}

static int
compare_q (gconstpointer x, gconstpointer y, gpointer user_data)
{
  return cyt_column_compare_doubles (((const CytDifferenceItem *) y)->d.q, ((const CytDifferenceItem *) x)->d.q);
}

static void
add_column (CytDiseaseView *self, GtkColumnViewColumn *column, gboolean expand)
{
  gtk_column_view_column_set_expand (column, expand);
  gtk_column_view_append_column (self->table, column);
  g_object_unref (column);
}

/* ---- GObject ---- */

static void
cyt_disease_view_dispose (GObject *object)
{
  CytDiseaseView *self = CYT_DISEASE_VIEW (object);
  GtkWidget *child;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->selection);
  g_clear_object (&self->rows);
  g_clear_object (&self->session);
  g_clear_pointer (&self->view, cyt_patients_view_unref);
  G_OBJECT_CLASS (cyt_disease_view_parent_class)->dispose (object);
}

static void
cyt_disease_view_finalize (GObject *object)
{
  CytDiseaseView *self = CYT_DISEASE_VIEW (object);

  g_strfreev (self->diseases);
  g_free (self->a);
  g_free (self->b);
  g_clear_pointer (&self->comparison, cyt_comparison_free);
  G_OBJECT_CLASS (cyt_disease_view_parent_class)->finalize (object);
}

static void
cyt_disease_view_class_init (CytDiseaseViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_disease_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_disease_view_finalize;
  signals[ACTIVATED] = g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_UINT);
  g_type_ensure (CYT_TYPE_SCATTER);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-disease-view.ui");
  gtk_widget_class_bind_template_child (widget_class, CytDiseaseView, first);
  gtk_widget_class_bind_template_child (widget_class, CytDiseaseView, second);
  gtk_widget_class_bind_template_child (widget_class, CytDiseaseView, summary);
  gtk_widget_class_bind_template_child (widget_class, CytDiseaseView, stack);
  gtk_widget_class_bind_template_child (widget_class, CytDiseaseView, message);
  gtk_widget_class_bind_template_child (widget_class, CytDiseaseView, scatter);
  gtk_widget_class_bind_template_child (widget_class, CytDiseaseView, table);
  gtk_widget_class_bind_template_callback (widget_class, chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, point_picked_cb);
  gtk_widget_class_bind_template_callback (widget_class, point_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
cyt_disease_view_init (CytDiseaseView *self)
{
  GtkSortListModel *sorted;

  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_scatter_set_diagonal (self->scatter, TRUE);
  cyt_scatter_set_describe_func (self->scatter, describe, self);
  self->rows = g_list_store_new (CYT_TYPE_DIFFERENCE);
  add_column (self, cyt_column_new (_("Concept"), FALSE, get_name, NULL, self), TRUE);
  /* Translators: heads of columns: tokens per image of the first and the second disease */
  add_column (self, cyt_column_new (_("First"), TRUE, get_a, compare_a, NULL), FALSE);
  add_column (self, cyt_column_new (_("Second"), TRUE, get_b, compare_b, NULL), FALSE);
  add_column (self, cyt_column_new (_("Effect"), TRUE, get_effect, compare_effect, NULL), FALSE);
  add_column (self, cyt_column_new (_("q"), TRUE, get_q, compare_q, NULL), FALSE);
  sorted = gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (self->rows)),
                                    g_object_ref (gtk_column_view_get_sorter (self->table)));
  self->selection = gtk_single_selection_new (G_LIST_MODEL (sorted));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (row_selected_cb), self, G_CONNECT_SWAPPED);
  gtk_column_view_set_model (self->table, GTK_SELECTION_MODEL (self->selection));
}
