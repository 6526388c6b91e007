/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cyt-tag-editor.h"
#include "cyt-accessible.h"
#include "cyt-wrap-layout.h"

struct _CytTagEditor
{
  GtkWidget parent_instance;

  char *tags;
  GtkWidget *chips;
  GtkWidget *entry;
  GtkWidget *hint;
  CytCompletion *completion;
};

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (CytTagEditor, cyt_tag_editor, GTK_TYPE_WIDGET)

static void show_chips (CytTagEditor *self);

/* ---- Adding and removing ---- */

/* FALSE when @text, normalised, is longer than a concept's tags may be. */
static gboolean
take_tags (CytTagEditor *self, const char *text)
{
  g_autofree char *tags = cyt_concept_normalize_tags (text);
  gboolean fits = strlen (tags) <= CYT_CONCEPT_MAX_NAME;

  gtk_widget_set_visible (self->hint, !fits);
  if (!fits || strcmp (tags, self->tags) == 0)
    return fits;
  g_free (self->tags);
  self->tags = g_steal_pointer (&tags);
  show_chips (self);
  g_signal_emit (self, signals[CHANGED], 0);
  return TRUE;
}

void
cyt_tag_editor_commit (CytTagEditor *self)
{
  g_autofree char *typed = NULL;
  g_autofree char *text = NULL;

  g_return_if_fail (CYT_IS_TAG_EDITOR (self));

  typed = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  text = g_strconcat (self->tags, ";", typed, NULL);
  if (typed[0] != '\0' && take_tags (self, text))
    gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
}

static void
remove_tag (CytTagEditor *self, const char *tag)
{
  g_auto (GStrv) tags = cyt_concept_split_tags (self->tags);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; tags[i] != NULL; i++)
    if (strcmp (tags[i], tag) != 0)
      g_string_append_printf (text, "%s;", tags[i]);
  gtk_widget_grab_focus (self->entry);
  take_tags (self, text->str);
}

static void
chip_clicked_cb (CytTagEditor *self, GtkButton *chip)
{
  g_autofree char *tag = g_strdup (gtk_widget_get_name (GTK_WIDGET (chip)));

  remove_tag (self, tag);
}

static gboolean
chip_key_cb (GtkEventController *controller, guint key, guint code, GdkModifierType state, gpointer user_data)
{
  if (key != GDK_KEY_Delete && key != GDK_KEY_KP_Delete && key != GDK_KEY_BackSpace)
    return GDK_EVENT_PROPAGATE;
  chip_clicked_cb (user_data, GTK_BUTTON (gtk_event_controller_get_widget (controller)));
  return GDK_EVENT_STOP;
}

static void
add_chip (CytTagEditor *self, const char *tag)
{
  GtkWidget *chip = gtk_button_new ();
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *label = gtk_label_new (tag);
  GtkWidget *cross = gtk_image_new_from_icon_name ("window-close-symbolic");
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_autofree char *spoken = g_strdup_printf (_("Remove the tag “%s”"), tag);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_image_set_pixel_size (GTK_IMAGE (cross), 10);
  gtk_box_append (GTK_BOX (content), label);
  gtk_box_append (GTK_BOX (content), cross);
  gtk_button_set_child (GTK_BUTTON (chip), content);
  gtk_widget_set_name (chip, tag);
  gtk_widget_add_css_class (chip, "tag");
  gtk_widget_set_tooltip_text (chip, spoken);
  gtk_accessible_update_property (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  g_signal_connect_swapped (chip, "clicked", G_CALLBACK (chip_clicked_cb), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (chip_key_cb), self);
  gtk_widget_add_controller (chip, keys);
  gtk_widget_set_parent (chip, self->chips);
}

static void
show_chips (CytTagEditor *self)
{
  g_auto (GStrv) tags = cyt_concept_split_tags (self->tags);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->chips)) != NULL)
    gtk_widget_unparent (child);
  for (guint i = 0; tags[i] != NULL; i++)
    add_chip (self, tags[i]);
  gtk_widget_set_visible (self->chips, tags[0] != NULL);
}

void
cyt_tag_editor_set_tags (CytTagEditor *self, const char *tags)
{
  g_return_if_fail (CYT_IS_TAG_EDITOR (self));

  gtk_widget_set_visible (self->hint, FALSE);
  if (strcmp (tags, self->tags) == 0)
    return;
  g_free (self->tags);
  self->tags = g_strdup (tags);
  show_chips (self);
}

const char *
cyt_tag_editor_get_tags (CytTagEditor *self)
{
  g_return_val_if_fail (CYT_IS_TAG_EDITOR (self), "");
  return self->tags;
}

/* ---- The entry ---- */

static void
typed_cb (CytTagEditor *self)
{
  if (strchr (gtk_editable_get_text (GTK_EDITABLE (self->entry)), ';') != NULL)
    cyt_tag_editor_commit (self);
}

static gboolean
key_cb (CytTagEditor *self, guint key, guint code, GdkModifierType state)
{
  g_auto (GStrv) tags = NULL;
  guint n;

  if (key != GDK_KEY_BackSpace || gtk_editable_get_text (GTK_EDITABLE (self->entry))[0] != '\0')
    return GDK_EVENT_PROPAGATE;
  tags = cyt_concept_split_tags (self->tags);
  n = g_strv_length (tags);
  if (n > 0)
    remove_tag (self, tags[n - 1]);
  return GDK_EVENT_STOP;
}

static gboolean
commit_cb (gpointer user_data)
{
  cyt_tag_editor_commit (user_data);
  return G_SOURCE_REMOVE;
}

/* Not at once: the entry is about to say what was chosen. */
static void
chosen_cb (CytTagEditor *self)
{
  g_idle_add_full (G_PRIORITY_HIGH, commit_cb, g_object_ref (self), g_object_unref);
}

void
cyt_tag_editor_set_words (CytTagEditor *self, CytCompletionFunc list_words, gpointer user_data)
{
  g_return_if_fail (CYT_IS_TAG_EDITOR (self) && self->completion == NULL);

  self->completion = cyt_completion_new (GTK_WIDGET (self), GTK_EDITABLE (self->entry), list_words, user_data);
  g_signal_connect_object (self->completion, "chosen", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
}

/* ---- Widget ---- */

static gboolean
cyt_tag_editor_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (CYT_TAG_EDITOR (widget)->entry);
}

static void
cyt_tag_editor_dispose (GObject *object)
{
  CytTagEditor *self = CYT_TAG_EDITOR (object);
  GtkWidget *child;

  if (self->completion != NULL)
    g_object_run_dispose (G_OBJECT (self->completion));
  g_clear_object (&self->completion);
  if (self->chips != NULL)
    while ((child = gtk_widget_get_first_child (self->chips)) != NULL)
      gtk_widget_unparent (child);
  self->chips = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_tag_editor_parent_class)->dispose (object);
}

static void
cyt_tag_editor_finalize (GObject *object)
{
  g_free (CYT_TAG_EDITOR (object)->tags);
  G_OBJECT_CLASS (cyt_tag_editor_parent_class)->finalize (object);
}

static void
cyt_tag_editor_class_init (CytTagEditorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_tag_editor_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_tag_editor_finalize;
  widget_class->grab_focus = cyt_tag_editor_grab_focus;
  widget_class->focus = cyt_accessible_focus_children;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
}

static void
cyt_tag_editor_init (CytTagEditor *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  self->tags = g_strdup ("");
  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 4);

  self->chips = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_layout_manager (self->chips, g_object_new (CYT_TYPE_WRAP_LAYOUT, NULL));
  gtk_widget_set_visible (self->chips, FALSE);
  gtk_widget_set_parent (self->chips, GTK_WIDGET (self));

  self->entry = gtk_entry_new ();
  gtk_entry_set_max_length (GTK_ENTRY (self->entry), 250);
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->entry), _("Add a tag"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Add a tag"), -1);
  g_signal_connect_swapped (self->entry, "changed", G_CALLBACK (typed_cb), self);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (cyt_tag_editor_commit), self);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (self->entry, keys);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (cyt_tag_editor_commit), self);
  gtk_widget_add_controller (self->entry, focus);
  gtk_widget_set_parent (self->entry, GTK_WIDGET (self));

  self->hint = gtk_label_new (_("There is no room for more tags."));
  gtk_label_set_xalign (GTK_LABEL (self->hint), 0);
  gtk_label_set_wrap (GTK_LABEL (self->hint), TRUE);
  gtk_widget_add_css_class (self->hint, "caption");
  gtk_widget_add_css_class (self->hint, "error");
  gtk_widget_set_visible (self->hint, FALSE);
  gtk_widget_set_parent (self->hint, GTK_WIDGET (self));
}
