/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-accessible.h"
#include "cyt-figure-dialog.h"
#include "cyt-file-choice.h"

#define PREVIEW_WIDTH 560     /* application pixels */
#define WAIT_MS 150           /* after the last change, before it is drawn */

static const char *const formats[] = { "pdf", "svg", "png" };
static const char *const styles[] = { "nature", "plain" };

struct _CytFigureDialog
{
  AdwWindow parent_instance;
  CytSession *session;
  GPtrArray *choices;          /* of CytFigureChoice */
  GCancellable *drawing;       /* the preview under way */
  guint wait_source;
  gboolean updating;
  char *out;                   /* being written */

  AdwComboRow *kind_row;
  AdwComboRow *format_row;
  AdwComboRow *column_row;
  GtkSpinButton *width;
  AdwActionRow *dpi_row;
  GtkSpinButton *dpi;
  AdwComboRow *style_row;
  AdwEntryRow *panel_row;
  AdwActionRow *count_row;
  GtkSpinButton *count;
  AdwActionRow *bar_row;
  GtkSwitch *bar;
  GtkStack *stack;
  GtkPicture *picture;
  GtkLabel *message;
  GtkSpinner *spinner;
  GtkLabel *size;
  GtkLabel *caption;
  GtkWidget *copy_button;
  GtkWidget *export_button;
  GtkLabel *problem;
};

G_DEFINE_FINAL_TYPE (CytFigureDialog, cyt_figure_dialog, ADW_TYPE_WINDOW)

enum
{
  WRITTEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static CytFigureChoice *
get_choice (CytFigureDialog *self)
{
  guint selected = adw_combo_row_get_selected (self->kind_row);

  return g_ptr_array_index (self->choices, MIN (selected, self->choices->len - 1));
}

static const char *
get_format (CytFigureDialog *self)
{
  return formats[MIN (adw_combo_row_get_selected (self->format_row), G_N_ELEMENTS (formats) - 1)];
}

static void
get_layout (CytFigureDialog *self, CytFigureLayout *layout)
{
  *layout = (CytFigureLayout){
    .width = gtk_spin_button_get_value (self->width),
    .dpi = gtk_spin_button_get_value (self->dpi),
  };
  cyt_figure_style_init (&layout->style, styles[MIN (adw_combo_row_get_selected (self->style_row), G_N_ELEMENTS (styles) - 1)],
                         NULL, NULL);
  g_utf8_strncpy (layout->panel, gtk_editable_get_text (GTK_EDITABLE (self->panel_row)), 1);
}

/* ---- The figure as it will be ---- */

static void
show_view (CytFigureDialog *self, const CytFigureView *view)
{
  g_autofree char *size = NULL;
  double width = gdk_texture_get_width (view->texture), height = gdk_texture_get_height (view->texture);

  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (view->texture));
  gtk_widget_set_size_request (GTK_WIDGET (self->picture), PREVIEW_WIDTH, (int) ceil (PREVIEW_WIDTH * height / width));
  /* Translators: the size of a figure on paper */
  size = g_strdup_printf (_("%.0f × %.0f mm"), gtk_spin_button_get_value (self->width), view->height);
  gtk_label_set_text (self->size, size);
  gtk_label_set_text (self->caption, view->caption);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->picture), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, view->caption, -1);
  gtk_stack_set_visible_child_name (self->stack, "picture");
  gtk_widget_set_sensitive (self->copy_button, TRUE);
  gtk_widget_set_sensitive (self->export_button, TRUE);
}

static void
drawn_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytFigureDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytFigureView) view = cyt_session_draw_figure_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->session == NULL)
    return; /* another is under way */
  g_clear_object (&self->drawing);
  gtk_spinner_stop (self->spinner);
  if (view != NULL)
    {
      show_view (self, view);
      return;
    }
  gtk_label_set_text (self->message, error->message);
  gtk_label_set_text (self->size, "");
  gtk_label_set_text (self->caption, "");
  gtk_stack_set_visible_child_name (self->stack, "message");
  gtk_widget_set_sensitive (self->copy_button, FALSE);
  gtk_widget_set_sensitive (self->export_button, FALSE);
}

static gboolean
draw_cb (gpointer user_data)
{
  CytFigureDialog *self = user_data;
  double pixels = PREVIEW_WIDTH * gtk_widget_get_scale_factor (GTK_WIDGET (self));
  CytFigureLayout layout;

  self->wait_source = 0;
  self->drawing = g_cancellable_new ();
  gtk_spinner_start (self->spinner);
  get_layout (self, &layout);
  cyt_session_draw_figure_async (self->session, get_choice (self), &layout, pixels / (layout.width * 72 / 25.4), self->drawing,
                                 drawn_cb, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
changed_cb (CytFigureDialog *self)
{
  if (self->session == NULL || self->updating)
    return;
  g_cancellable_cancel (self->drawing);
  g_clear_object (&self->drawing);
  g_clear_handle_id (&self->wait_source, g_source_remove);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
  self->wait_source = g_timeout_add (WAIT_MS, draw_cb, self);
}

/* ---- What can be chosen ---- */

static void
format_cb (CytFigureDialog *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->dpi_row), g_str_equal (get_format (self), "png"));
}

static void
column_cb (CytFigureDialog *self)
{
  guint selected = adw_combo_row_get_selected (self->column_row);
  gsize n;
  const CytFigureColumn *columns = cyt_figure_list_columns (&n);

  if (!self->updating && selected >= 1 && selected <= n)
    gtk_spin_button_set_value (self->width, columns[selected - 1].width);
}

/* The column whose width it is, or none. */
static void
width_cb (CytFigureDialog *self)
{
  gboolean updating = self->updating;
  double width = gtk_spin_button_get_value (self->width);
  guint selected = adw_combo_row_get_selected (self->column_row);
  gsize n;
  const CytFigureColumn *columns = cyt_figure_list_columns (&n);

  if (selected < 1 || selected > n || fabs (columns[selected - 1].width - width) > 0.05)
    {
      selected = 0;
      for (guint i = 0; i < n && selected == 0; i++)
        if (fabs (columns[i].width - width) <= 0.05)
          selected = i + 1;
      self->updating = TRUE;
      adw_combo_row_set_selected (self->column_row, selected);
      self->updating = updating;
    }
  changed_cb (self);
}

/* Shows the controls that the kind has. */
static void
kind_cb (CytFigureDialog *self)
{
  CytFigureChoice *choice;
  gboolean updating = self->updating;

  if (self->session == NULL)
    return;
  choice = get_choice (self);
  self->updating = TRUE;
  gtk_widget_set_visible (GTK_WIDGET (self->count_row), choice->kind == CYT_FIGURE_CONCEPTS || choice->kind == CYT_FIGURE_CELL);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->count_row),
                                 choice->kind == CYT_FIGURE_CELL ? _("Maps") : _("Cells of each latent"));
  gtk_spin_button_set_value (self->count, choice->kind == CYT_FIGURE_CELL ? choice->n_maps : choice->n_cells);
  gtk_widget_set_visible (GTK_WIDGET (self->bar_row),
                          !isnan (choice->pixel_size) && (choice->kind == CYT_FIGURE_CONCEPTS || choice->cell != NULL));
  gtk_switch_set_active (self->bar, choice->scale_bar);
  self->updating = updating;
  changed_cb (self);
}

static void
count_cb (CytFigureDialog *self)
{
  guint count = (guint) gtk_spin_button_get_value_as_int (self->count);

  if (self->session == NULL || self->updating)
    return;
  if (get_choice (self)->kind == CYT_FIGURE_CELL)
    get_choice (self)->n_maps = count;
  else
    get_choice (self)->n_cells = count;
  changed_cb (self);
}

static void
bar_cb (CytFigureDialog *self)
{
  if (self->session == NULL || self->updating)
    return;
  get_choice (self)->scale_bar = gtk_switch_get_active (self->bar);
  changed_cb (self);
}

static void
copy_cb (CytFigureDialog *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), gtk_label_get_text (self->caption));
}

/* ---- Writing ---- */

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytFigureDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean ok = cyt_session_write_figure_finish (result, &error);

  if (self->session == NULL)
    return;
  gtk_spinner_stop (self->spinner);
  gtk_widget_set_sensitive (self->export_button, TRUE);
  if (ok)
    {
      g_signal_emit (self, signals[WRITTEN], 0, self->out);
      gtk_window_destroy (GTK_WINDOW (self));
    }
  else
    {
      gtk_label_set_text (self->problem, error->message);
      gtk_widget_set_visible (GTK_WIDGET (self->problem), TRUE);
    }
}

void
cyt_figure_dialog_write (CytFigureDialog *self, const char *path)
{
  g_autofree char *ending = g_strconcat (".", get_format (self), NULL);
  g_autofree char *lower = g_ascii_strdown (path, -1);
  CytFigureLayout layout;

  g_free (self->out);
  self->out = g_str_has_suffix (lower, ending) ? g_strdup (path) : g_strconcat (path, ending, NULL);
  get_layout (self, &layout);
  gtk_spinner_start (self->spinner);
  gtk_widget_set_sensitive (self->export_button, FALSE);
  cyt_session_write_figure_async (self->session, get_choice (self), &layout, self->out, NULL, written_cb, g_object_ref (self));
}

static void
chosen_cb (gpointer self, const char *const *paths)
{
  cyt_figure_dialog_write (self, paths[0]);
}

/* "PROJECT 1742 eosinophilic granules.pdf" */
static char *
suggest_name (CytFigureDialog *self)
{
  const CytFigureChoice *choice = get_choice (self);
  const char *title = cyt_session_get_title (self->session);
  g_autofree char *name = NULL;

  if (choice->kind == CYT_FIGURE_CONCEPTS && choice->latents->len == 1)
    {
      guint32 latent = g_array_index (choice->latents, guint32, 0);
      g_autoptr (CytConcept) concept = cyt_session_dup_concept (self->session, latent);

      name = g_strdup_printf ("%s %u%s%s.%s", title, latent, concept->name[0] != '\0' ? " " : "", concept->name,
                              get_format (self));
    }
  else
    name = g_strdup_printf ("%s %s.%s", title, cyt_figure_choice_get_title (choice), get_format (self));
  return g_strdelimit (g_steal_pointer (&name), G_DIR_SEPARATOR_S, '-');
}

static void
export_cb (CytFigureDialog *self)
{
  const char *suffixes[] = { get_format (self), NULL };
  const char *pictures = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);
  const char *folder = pictures != NULL && g_file_test (pictures, G_FILE_TEST_IS_DIR) ? pictures : g_get_home_dir ();
  g_autofree char *name = suggest_name (self), *path = g_build_filename (folder, name, NULL);
  g_autofree char *filter = g_ascii_strup (get_format (self), -1);
  const CytFileChoice choice = { _("Export Figure"), GTK_FILE_CHOOSER_ACTION_SAVE, FALSE, filter, suffixes, path };

  cyt_file_choice_ask (GTK_WINDOW (self), &choice, chosen_cb, self);
}

/* ---- Construction ---- */

CytFigureDialog *
cyt_figure_dialog_new (GtkWindow *parent, CytSession *session, GPtrArray *choices)
{
  CytFigureDialog *self = g_object_new (CYT_TYPE_FIGURE_DIALOG, "transient-for", parent, "modal", TRUE, NULL);
  g_autoptr (GtkStringList) kinds = gtk_string_list_new (NULL);

  for (guint i = 0; i < choices->len; i++)
    gtk_string_list_append (kinds, cyt_figure_choice_get_title (g_ptr_array_index (choices, i)));
  self->choices = choices;
  self->session = g_object_ref (session);
  self->updating = TRUE;
  adw_combo_row_set_model (self->kind_row, G_LIST_MODEL (kinds));
  self->updating = FALSE;
  kind_cb (self);
  return self;
}

static void
cyt_figure_dialog_dispose (GObject *object)
{
  CytFigureDialog *self = CYT_FIGURE_DIALOG (object);

  g_clear_handle_id (&self->wait_source, g_source_remove);
  g_cancellable_cancel (self->drawing);
  g_clear_object (&self->drawing);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_figure_dialog_parent_class)->dispose (object);
}

static void
cyt_figure_dialog_finalize (GObject *object)
{
  CytFigureDialog *self = CYT_FIGURE_DIALOG (object);

  g_clear_pointer (&self->choices, g_ptr_array_unref);
  g_free (self->out);
  G_OBJECT_CLASS (cyt_figure_dialog_parent_class)->finalize (object);
}

static void
cyt_figure_dialog_class_init (CytFigureDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_figure_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_figure_dialog_finalize;
  signals[WRITTEN] = g_signal_new ("written", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                   1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-figure-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, kind_row);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, format_row);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, column_row);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, width);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, dpi_row);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, dpi);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, style_row);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, panel_row);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, count_row);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, count);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, bar_row);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, bar);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, picture);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, message);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, size);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, caption);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, copy_button);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, export_button);
  gtk_widget_class_bind_template_child (widget_class, CytFigureDialog, problem);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, format_cb);
  gtk_widget_class_bind_template_callback (widget_class, column_cb);
  gtk_widget_class_bind_template_callback (widget_class, width_cb);
  gtk_widget_class_bind_template_callback (widget_class, kind_cb);
  gtk_widget_class_bind_template_callback (widget_class, count_cb);
  gtk_widget_class_bind_template_callback (widget_class, bar_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, export_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

/* "Nature, column 1: 89 mm", of "nature-1". (transfer full) */
static char *
describe_column (const CytFigureColumn *column)
{
  const char *dash = strrchr (column->name, '-');
  g_autofree char *journal = g_strndup (column->name, (gsize) (dash - column->name));

  journal[0] = g_ascii_toupper (journal[0]);
  /* Translators: a journal, how many columns wide, and the width in mm */
  return g_strdup_printf (_("%s, %s col.: %g mm"), g_str_equal (journal, "Plos") ? "PLOS" : journal, dash + 1, column->width);
}

static void
cyt_figure_dialog_init (CytFigureDialog *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  gsize n;
  const CytFigureColumn *columns = cyt_figure_list_columns (&n);

  self->updating = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_accessible_complete (GTK_WIDGET (self));
  gtk_string_list_append (names, _("Other"));
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *name = describe_column (&columns[i]);

      gtk_string_list_append (names, name);
    }
  adw_combo_row_set_model (self->column_row, G_LIST_MODEL (names));
  gtk_spin_button_set_value (self->width, CYT_FIGURE_LAYOUT_WIDTH);
  gtk_spin_button_set_value (self->dpi, CYT_FIGURE_LAYOUT_DPI);
  width_cb (self);
  format_cb (self);
  self->updating = FALSE;
  gtk_window_set_focus (GTK_WINDOW (self), self->export_button);
}
