/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-accessible.h"
#include "cyt-column.h"
#include "cyt-format.h"
#include "cyt-latent-thumbs.h"
#include "cyt-merge-dialog.h"
#include "cyt-merge-row.h"

#define KEY_ROW "cyt-row"         /* of a cell's widget: the row it shows */
#define KEY_CHOICE "cyt-choice"   /* of a factory: which choice its column makes */

struct _CytMergeDialog
{
  AdwWindow parent_instance;
  CytSession *session;
  CytLabelsMerge *merge;
  CytLatentThumbs *thumbs;
  GHashTable *shown;           /* boxes of pictures that show a latent */
  guint want_source;
  GListStore *rows;            /* of CytMergeRow, all */
  GtkFilterListModel *filtered;
  CytMergeKind kind;

  GtkWidget *simulated;
  GtkLabel *files;
  GtkLabel *agreement;
  GtkToggleButton *kinds[CYT_MERGE_N_KINDS];
  GtkBox *for_all;
  GtkStack *stack;
  GtkLabel *empty;
  GtkColumnView *list;
  GtkWidget *merge_button;
};

G_DEFINE_FINAL_TYPE (CytMergeDialog, cyt_merge_dialog, ADW_TYPE_WINDOW)

/* "A", "B", …: what the files are called in the columns. */
static char *
dup_letter (guint side)
{
  return side < 26 ? g_strdup_printf ("%c", 'A' + (char) side) : g_strdup_printf ("%u", side + 1);
}

static char *
dup_choice_name (int choice)
{
  if (choice == CYT_MERGE_KEEP)
    return g_strdup (_("Project"));
  if (choice == CYT_MERGE_COMBINE)
    return g_strdup (_("All of It"));
  return dup_letter ((guint) choice);
}

static void
update_button (CytMergeDialog *self)
{
  g_autoptr (GPtrArray) labels = cyt_labels_merge_dup_labels (self->merge);
  g_autofree char *count = cyt_format_count (labels->len);
  /* Translators: a number of labels */
  g_autofree char *text = g_strdup_printf (ngettext ("C_hange %s Label", "C_hange %s Labels", labels->len), count);

  gtk_button_set_label (GTK_BUTTON (self->merge_button), text);
  gtk_widget_set_sensitive (self->merge_button, labels->len > 0);
}

/* ---- Which rows ---- */

static gboolean
is_shown (gpointer row, gpointer user_data)
{
  return cyt_merge_row_get_item (row)->kind == ((CytMergeDialog *) user_data)->kind;
}

static void
update_shown (CytMergeDialog *self)
{
  static const char *const nothing[]
    = { N_("No field that only one of them fills in"), N_("No field that several fill in alike"),
        N_("They do not contradict each other or the project") };
  gboolean any = g_list_model_get_n_items (G_LIST_MODEL (self->filtered)) > 0;

  gtk_stack_set_visible_child_name (self->stack, any ? "list" : "empty");
  gtk_label_set_label (self->empty, self->merge->items->len > 0 ? _(nothing[self->kind])
                                                                : _("The project has all that the files say"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->for_all), any);
}

static void
kind_cb (CytMergeDialog *self, GtkToggleButton *button)
{
  if (!gtk_toggle_button_get_active (button) || self->filtered == NULL)
    return;
  for (guint i = 0; i < CYT_MERGE_N_KINDS; i++)
    if (self->kinds[i] == button)
      self->kind = i;
  gtk_filter_changed (gtk_filter_list_model_get_filter (self->filtered), GTK_FILTER_CHANGE_DIFFERENT);
  update_shown (self);
}

static void
for_all_cb (GtkButton *button, CytMergeDialog *self)
{
  int choice = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), KEY_CHOICE));

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->filtered)); i++)
    {
      g_autoptr (CytMergeRow) row = g_list_model_get_item (G_LIST_MODEL (self->filtered), i);

      cyt_merge_row_choose (row, choice);
    }
  update_button (self);
}

/* ---- Pictures of the latent ---- */

static void
show_pictures (CytMergeDialog *self, GtkWidget *box, guint latent)
{
  GtkWidget *picture = gtk_widget_get_first_child (box);

  for (guint i = 0; i < CYT_LATENT_N_THUMBS; i++, picture = gtk_widget_get_next_sibling (picture))
    gtk_picture_set_paintable (GTK_PICTURE (picture), GDK_PAINTABLE (cyt_latent_thumbs_get (self->thumbs, latent, i)));
}

static void
thumbs_changed_cb (CytMergeDialog *self, guint latent)
{
  GHashTableIter iter;
  gpointer box, shown;

  g_hash_table_iter_init (&iter, self->shown);
  while (g_hash_table_iter_next (&iter, &box, &shown))
    if (GPOINTER_TO_UINT (shown) == latent)
      show_pictures (self, box, latent);
}

static gboolean
want_cb (gpointer user_data)
{
  CytMergeDialog *self = user_data;
  g_autoptr (GArray) latents = g_array_new (FALSE, FALSE, sizeof (guint32));
  GHashTableIter iter;
  gpointer shown;

  self->want_source = 0;
  g_hash_table_iter_init (&iter, self->shown);
  while (g_hash_table_iter_next (&iter, NULL, &shown))
    {
      guint32 latent = GPOINTER_TO_UINT (shown);

      g_array_append_val (latents, latent);
    }
  cyt_latent_thumbs_want (self->thumbs, latents, gtk_widget_get_scale_factor (GTK_WIDGET (self)));
  return G_SOURCE_REMOVE;
}

static void
setup_latent_cb (GtkListItemFactory *factory, GtkListItem *item, CytMergeDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10), *pictures = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  GtkWidget *label = gtk_label_new (NULL);

  for (guint i = 0; i < CYT_LATENT_N_THUMBS; i++)
    {
      GtkWidget *picture = gtk_picture_new ();

      gtk_widget_set_size_request (picture, CYT_LATENT_THUMB_SIZE, CYT_LATENT_THUMB_SIZE);
      gtk_accessible_update_property (GTK_ACCESSIBLE (picture), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Top cell"), -1);
      gtk_box_append (GTK_BOX (pictures), picture);
    }
  gtk_widget_add_css_class (label, "numeric");
  gtk_box_append (GTK_BOX (box), pictures);
  gtk_box_append (GTK_BOX (box), label);
  gtk_list_item_set_child (item, box);
}

static void
bind_latent_cb (GtkListItemFactory *factory, GtkListItem *item, CytMergeDialog *self)
{
  guint latent = cyt_merge_row_get_item (gtk_list_item_get_item (item))->latent;
  GtkWidget *box = gtk_list_item_get_child (item);
  GtkWidget *pictures = gtk_widget_get_first_child (box);
  g_autofree char *text = g_strdup_printf ("#%u", latent);

  gtk_label_set_label (GTK_LABEL (gtk_widget_get_last_child (box)), text);
  cyt_column_name_row (box, text);
  g_hash_table_insert (self->shown, pictures, GUINT_TO_POINTER (latent));
  show_pictures (self, pictures, latent);
  if (self->want_source == 0)
    self->want_source = g_idle_add (want_cb, self);
}

static void
unbind_latent_cb (GtkListItemFactory *factory, GtkListItem *item, CytMergeDialog *self)
{
  GtkWidget *box = gtk_list_item_get_child (item);

  if (box != NULL)
    g_hash_table_remove (self->shown, gtk_widget_get_first_child (box));
}

/* ---- Fields and values ---- */

static void
setup_field_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_list_item_set_child (item, label);
}

static void
bind_field_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  gtk_label_set_label (GTK_LABEL (gtk_list_item_get_child (item)),
                       cyt_merge_row_get_field (gtk_list_item_get_item (item)));
}

static void
show_choice (GtkToggleButton *button)
{
  CytMergeRow *row = g_object_get_data (G_OBJECT (button), KEY_ROW);
  int choice = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), KEY_CHOICE));
  gboolean chosen = row != NULL && cyt_merge_row_get_item (row)->choice == choice;
  GtkWidget *box = gtk_button_get_child (GTK_BUTTON (button));

  gtk_toggle_button_set_active (button, chosen);
  gtk_widget_set_opacity (gtk_widget_get_first_child (box), chosen ? 1 : 0);
}

static void
clicked_cb (GtkToggleButton *button, CytMergeDialog *self)
{
  CytMergeRow *row = g_object_get_data (G_OBJECT (button), KEY_ROW);

  if (row == NULL)
    return;
  cyt_merge_row_choose (row, GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), KEY_CHOICE)));
  show_choice (button); /* a second click does not unchoose it */
  update_button (self);
}

static void
setup_value_cb (GtkListItemFactory *factory, GtkListItem *item, CytMergeDialog *self)
{
  GtkWidget *button = gtk_toggle_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_lines (GTK_LABEL (label), 2);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("object-select-symbolic"));
  gtk_box_append (GTK_BOX (box), label);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "merge-value");
  g_object_set_data (G_OBJECT (button), KEY_CHOICE, g_object_get_data (G_OBJECT (factory), KEY_CHOICE));
  g_signal_connect_object (button, "clicked", G_CALLBACK (clicked_cb), self, 0);
  gtk_list_item_set_child (item, button);
}

static void
bind_value_cb (GtkListItemFactory *factory, GtkListItem *item, CytMergeDialog *self)
{
  GtkWidget *button = gtk_list_item_get_child (item);
  CytMergeRow *row = gtk_list_item_get_item (item);
  int choice = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (factory), KEY_CHOICE));
  g_autofree char *value = cyt_merge_row_dup_value (row, choice);
  g_autofree char *name = dup_choice_name (choice);
  g_autofree char *described = NULL;
  const char *text = value[0] != '\0' ? value : choice == CYT_MERGE_KEEP ? _("nothing yet") : "–";
  GtkWidget *label = gtk_widget_get_last_child (gtk_button_get_child (GTK_BUTTON (button)));

  gtk_label_set_label (GTK_LABEL (label), text);
  gtk_widget_set_tooltip_text (button, value[0] != '\0' ? value : NULL);
  gtk_widget_set_sensitive (button, cyt_merge_item_allows (cyt_merge_row_get_item (row), choice));
  /* Translators: a field, whose value it is, the value */
  described = g_strdup_printf (_("%s by %s: %s"), cyt_merge_row_get_field (row), name, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, described, -1);
  g_object_set_data (G_OBJECT (button), KEY_ROW, row);
  g_signal_connect_object (row, "notify::choice", G_CALLBACK (show_choice), button, G_CONNECT_SWAPPED);
  show_choice (GTK_TOGGLE_BUTTON (button));
}

static void
unbind_value_cb (GtkListItemFactory *factory, GtkListItem *item, CytMergeDialog *self)
{
  GtkWidget *button = gtk_list_item_get_child (item);

  if (button == NULL)
    return;
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (item), show_choice, button);
  g_object_set_data (G_OBJECT (button), KEY_ROW, NULL);
}

/* ---- Columns ---- */

static void
add_column (CytMergeDialog *self, const char *title, GtkListItemFactory *factory, gboolean expand)
{
  g_autoptr (GtkColumnViewColumn) column = gtk_column_view_column_new (title, factory);

  gtk_column_view_column_set_expand (column, expand);
  gtk_column_view_column_set_resizable (column, TRUE);
  gtk_column_view_append_column (self->list, column);
}

static void
add_value_column (CytMergeDialog *self, int choice)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autofree char *name = dup_choice_name (choice);
  const char *rater = choice >= 0 ? self->merge->raters[choice] : NULL;
  g_autofree char *title = rater != NULL ? g_strdup_printf ("%s · %s", name, rater) : g_strdup (name);
  GtkWidget *button = gtk_button_new_with_label (name);

  g_object_set_data (G_OBJECT (factory), KEY_CHOICE, GINT_TO_POINTER (choice));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_value_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_value_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_value_cb), self);
  add_column (self, title, factory, TRUE);

  g_object_set_data (G_OBJECT (button), KEY_CHOICE, GINT_TO_POINTER (choice));
  g_signal_connect_object (button, "clicked", G_CALLBACK (for_all_cb), self, 0);
  gtk_box_append (self->for_all, button);
}

static void
add_columns (CytMergeDialog *self)
{
  GtkListItemFactory *latent = gtk_signal_list_item_factory_new (), *field = gtk_signal_list_item_factory_new ();

  g_signal_connect (latent, "setup", G_CALLBACK (setup_latent_cb), self);
  g_signal_connect (latent, "bind", G_CALLBACK (bind_latent_cb), self);
  g_signal_connect (latent, "unbind", G_CALLBACK (unbind_latent_cb), self);
  add_column (self, _("Concept"), latent, FALSE);
  g_signal_connect (field, "setup", G_CALLBACK (setup_field_cb), NULL);
  g_signal_connect (field, "bind", G_CALLBACK (bind_field_cb), NULL);
  add_column (self, _("Field"), field, FALSE);
  add_value_column (self, CYT_MERGE_KEEP);
  for (guint i = 0; i < self->merge->n_sides; i++)
    add_value_column (self, (int) i);
  for (guint i = 0; i < self->merge->items->len; i++)
    if (((CytMergeItem *) self->merge->items->pdata[i])->combined != NULL)
      {
        add_value_column (self, CYT_MERGE_COMBINE);
        break;
      }
}

/* ---- The summary ---- */

static void
show_files (CytMergeDialog *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->merge->n_sides; i++)
    {
      g_autofree char *letter = dup_letter (i);

      g_string_append_printf (text, "%s%s  %s", i > 0 ? "\n" : "", letter, self->merge->names[i]);
      if (self->merge->raters[i] != NULL)
        g_string_append_printf (text, " · %s", self->merge->raters[i]);
    }
  gtk_label_set_label (self->files, text->str);
}

static void
append_agreement (CytMergeDialog *self, GString *text, guint a, guint b, CytConceptFields field, const char *name)
{
  g_autofree char *letter_a = dup_letter (a), *letter_b = dup_letter (b);
  g_autofree char *n_equal = NULL, *n = NULL, *kappa = NULL;
  CytAgreement agreement;

  cyt_labels_merge_get_agreement (self->merge, a, b, field, &agreement);
  n_equal = cyt_format_count (agreement.n_equal);
  n = cyt_format_count (agreement.n);
  kappa = isnan (agreement.kappa) ? g_strdup ("–") : cyt_format_number (agreement.kappa);
  if (text->len > 0)
    g_string_append_c (text, '\n');
  /* Translators: a field, two files, number of equal values, number of latents about which both say something, Cohen's κ */
  g_string_append_printf (text, _("%s of %s and %s: %s of %s equal, κ %s"), name, letter_a, letter_b, n_equal, n, kappa);
}

static void
show_agreement (CytMergeDialog *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint a = 0; a < self->merge->n_sides; a++)
    for (guint b = a + 1; b < self->merge->n_sides; b++)
      {
        append_agreement (self, text, a, b, CYT_CONCEPT_FIELD_STATUS, _("Status"));
        append_agreement (self, text, a, b, CYT_CONCEPT_FIELD_NAME, _("Name"));
      }
  gtk_label_set_label (self->agreement, text->str);
}

static void
show_kinds (CytMergeDialog *self)
{
  static const char *const names[] = { N_("A_dditions %s"), N_("A_greements %s"), N_("C_onflicts %s") };

  for (guint i = 0; i < CYT_MERGE_N_KINDS; i++)
    {
      g_autofree char *count = cyt_format_count (self->merge->n_kind[i]);
      g_autofree char *text = g_strdup_printf (_(names[i]), count);

      gtk_button_set_label (GTK_BUTTON (self->kinds[i]), text);
    }
  self->kind = self->merge->n_kind[CYT_MERGE_CONFLICT] > 0    ? CYT_MERGE_CONFLICT
               : self->merge->n_kind[CYT_MERGE_AGREEMENT] > 0 ? CYT_MERGE_AGREEMENT
                                                              : CYT_MERGE_ADDITION;
  gtk_toggle_button_set_active (self->kinds[self->kind], TRUE);
}

/* ---- The dialog ---- */

static void
merge_cb (CytMergeDialog *self)
{
  cyt_session_apply_merge (self->session, self->merge);
  gtk_window_close (GTK_WINDOW (self));
}

CytMergeDialog *
cyt_merge_dialog_new (GtkWindow *parent, CytSession *session, CytLabelsMerge *merge)
{
  CytMergeDialog *self = g_object_new (CYT_TYPE_MERGE_DIALOG, "transient-for", parent, "modal", TRUE, NULL);

  self->session = g_object_ref (session);
  self->merge = merge;
  self->thumbs = cyt_latent_thumbs_new (session);
  gtk_widget_set_visible (self->simulated, cyt_session_is_simulated (session));
  g_signal_connect_object (self->thumbs, "changed", G_CALLBACK (thumbs_changed_cb), self, G_CONNECT_SWAPPED);
  self->rows = g_list_store_new (CYT_TYPE_MERGE_ROW);
  for (guint i = 0; i < merge->items->len; i++)
    {
      g_autoptr (CytMergeRow) row = cyt_merge_row_new (merge->items->pdata[i]);

      g_list_store_append (self->rows, row);
    }
  show_files (self);
  show_agreement (self);
  show_kinds (self);
  self->filtered = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->rows)),
                                              GTK_FILTER (gtk_custom_filter_new (is_shown, self, NULL)));
  add_columns (self);
  {
    g_autoptr (GtkNoSelection) selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->filtered)));

    gtk_column_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  }
  update_shown (self);
  update_button (self);
  return self;
}

static void
cyt_merge_dialog_dispose (GObject *object)
{
  CytMergeDialog *self = CYT_MERGE_DIALOG (object);

  g_clear_handle_id (&self->want_source, g_source_remove);
  /* before the rows' items go */
  if (self->list != NULL)
    gtk_column_view_set_model (self->list, NULL);
  g_clear_object (&self->filtered);
  g_clear_object (&self->rows);
  g_clear_object (&self->thumbs);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_merge_dialog_parent_class)->dispose (object);
}

static void
cyt_merge_dialog_finalize (GObject *object)
{
  CytMergeDialog *self = CYT_MERGE_DIALOG (object);

  g_hash_table_unref (self->shown);
  cyt_labels_merge_free (self->merge);
  G_OBJECT_CLASS (cyt_merge_dialog_parent_class)->finalize (object);
}

static void
cyt_merge_dialog_class_init (CytMergeDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_merge_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_merge_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-merge-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CytMergeDialog, simulated);
  gtk_widget_class_bind_template_child (widget_class, CytMergeDialog, files);
  gtk_widget_class_bind_template_child (widget_class, CytMergeDialog, agreement);
  gtk_widget_class_bind_template_child_full (widget_class, "additions", FALSE,
                                             G_STRUCT_OFFSET (CytMergeDialog, kinds[CYT_MERGE_ADDITION]));
  gtk_widget_class_bind_template_child_full (widget_class, "agreements", FALSE,
                                             G_STRUCT_OFFSET (CytMergeDialog, kinds[CYT_MERGE_AGREEMENT]));
  gtk_widget_class_bind_template_child_full (widget_class, "conflicts", FALSE,
                                             G_STRUCT_OFFSET (CytMergeDialog, kinds[CYT_MERGE_CONFLICT]));
  gtk_widget_class_bind_template_child (widget_class, CytMergeDialog, for_all);
  gtk_widget_class_bind_template_child (widget_class, CytMergeDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, CytMergeDialog, empty);
  gtk_widget_class_bind_template_child (widget_class, CytMergeDialog, list);
  gtk_widget_class_bind_template_child (widget_class, CytMergeDialog, merge_button);
  gtk_widget_class_bind_template_callback (widget_class, kind_cb);
  gtk_widget_class_bind_template_callback (widget_class, merge_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
cyt_merge_dialog_init (CytMergeDialog *self)
{
  self->shown = g_hash_table_new (NULL, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_accessible_complete (GTK_WIDGET (self));
}
