/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-format.h"
#include "cyt-latent-thumbs.h"
#include "cyt-neighbour-list.h"

#define N_THUMBS 2
#define THUMB_SIZE 32
#define PALE 0.35 /* opacity */

typedef struct
{
  guint latent;
  float cosine;
  GtkWidget *row;
  GtkLabel *name;
  GtkImage *thumbs[N_THUMBS];
} Row;

struct _CytNeighbourList
{
  GtkWidget parent_instance;

  CytSession *session;
  CytLatentThumbs *thumbs;
  GArray *rows;           /* of Row */
  GtkWidget *list;
  GtkWidget *message;
};

G_DEFINE_FINAL_TYPE (CytNeighbourList, cyt_neighbour_list, GTK_TYPE_WIDGET)

static void
show_name (CytNeighbourList *self, Row *row)
{
  CytLatentModel *model = cyt_session_get_latents (self->session);
  const CytConcept *concept = cyt_latent_model_get_concept (model, row->latent);
  const char *majority = cyt_latent_model_get_majority (model, row->latent);
  gboolean is_named = concept != NULL && concept->name[0] != '\0';
  const char *name = is_named ? concept->name : majority;
  g_autofree char *number = g_strdup_printf ("#%u", row->latent);
  /* a class that stands in for a name is not to be taken for one */
  g_autofree char *markup
    = name == NULL ? g_strdup (number)
                   : g_markup_printf_escaped (is_named ? "%s\n%s" : "%s\n<span alpha=\"60%%\">%s</span>", number, name);
  g_autofree char *cosine = g_strdup_printf ("%.2f", row->cosine);
  /* Translators: number of a concept, its name or class, cosine */
  g_autofree char *spoken = g_strdup_printf (_("Concept %s %s, cosine %s"), number, name != NULL ? name : "", cosine);

  gtk_label_set_markup (row->name, markup);
  gtk_widget_set_tooltip_text (row->row, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void
show_thumbs (CytNeighbourList *self, guint latent)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = &g_array_index (self->rows, Row, i);

      for (guint t = 0; row->latent == latent && t < N_THUMBS; t++)
        gtk_image_set_from_paintable (row->thumbs[t],
                                      GDK_PAINTABLE (cyt_latent_thumbs_get (self->thumbs, latent, t)));
    }
}

static void
thumbs_changed_cb (CytNeighbourList *self, guint latent)
{
  show_thumbs (self, latent);
}

static void
make_row (CytNeighbourList *self, const CytRankedLatent *entry)
{
  Row row = { .latent = entry->latent, .cosine = entry->value };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autofree char *text = g_strdup_printf ("%.2f", entry->value);
  GtkWidget *cosine = gtk_label_new (text);

  for (guint t = 0; t < N_THUMBS; t++)
    {
      row.thumbs[t] = GTK_IMAGE (gtk_image_new ());
      gtk_image_set_pixel_size (row.thumbs[t], THUMB_SIZE);
      gtk_widget_set_overflow (GTK_WIDGET (row.thumbs[t]), GTK_OVERFLOW_HIDDEN);
      gtk_widget_add_css_class (GTK_WIDGET (row.thumbs[t]), "neighbour-thumb");
      gtk_box_append (GTK_BOX (box), GTK_WIDGET (row.thumbs[t]));
    }
  row.name = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (row.name, 0);
  gtk_label_set_ellipsize (row.name, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (row.name), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (row.name), "caption");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (row.name));
  gtk_widget_add_css_class (cosine, "numeric");
  gtk_widget_add_css_class (cosine, "caption");
  gtk_widget_add_css_class (cosine, "dim-label");
  gtk_box_append (GTK_BOX (box), cosine);
  row.row = gtk_list_box_row_new ();
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row.row), box);
  gtk_list_box_append (GTK_LIST_BOX (self->list), row.row);
  show_name (self, &row);
  g_array_append_val (self->rows, row);
}

static void
clear_rows (CytNeighbourList *self)
{
  GtkWidget *child;

  g_array_set_size (self->rows, 0);
  while ((child = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), child);
}

void
cyt_neighbour_list_set_latents (CytNeighbourList *self, GArray *latents)
{
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (guint32));

  g_return_if_fail (CYT_IS_NEIGHBOUR_LIST (self) && self->session != NULL);

  clear_rows (self);
  gtk_widget_set_opacity (self->list, 1);
  for (guint i = 0; i < latents->len; i++)
    {
      const CytRankedLatent *entry = &g_array_index (latents, CytRankedLatent, i);

      make_row (self, entry);
      g_array_append_val (wanted, entry->latent);
    }
  gtk_label_set_label (GTK_LABEL (self->message), _("No other latent is like it."));
  gtk_widget_set_visible (self->message, latents->len == 0);
  gtk_widget_set_visible (self->list, latents->len > 0);
  cyt_latent_thumbs_want (self->thumbs, wanted, gtk_widget_get_scale_factor (GTK_WIDGET (self)));
  for (guint i = 0; i < latents->len; i++)
    show_thumbs (self, g_array_index (wanted, guint32, i));
}

void
cyt_neighbour_list_set_busy (CytNeighbourList *self)
{
  g_return_if_fail (CYT_IS_NEIGHBOUR_LIST (self));

  if (self->rows->len > 0)
    gtk_widget_set_opacity (self->list, PALE);
  else
    cyt_neighbour_list_set_message (self, _("Comparing…"));
}

void
cyt_neighbour_list_set_message (CytNeighbourList *self, const char *message)
{
  g_return_if_fail (CYT_IS_NEIGHBOUR_LIST (self));

  clear_rows (self);
  gtk_label_set_label (GTK_LABEL (self->message), message);
  gtk_widget_set_visible (self->message, TRUE);
  gtk_widget_set_visible (self->list, FALSE);
}

void
cyt_neighbour_list_update_names (CytNeighbourList *self)
{
  g_return_if_fail (CYT_IS_NEIGHBOUR_LIST (self));

  for (guint i = 0; i < self->rows->len; i++)
    show_name (self, &g_array_index (self->rows, Row, i));
}

static void
row_activated_cb (CytNeighbourList *self, GtkListBoxRow *row)
{
  int i = gtk_list_box_row_get_index (row);

  if (i >= 0 && i < (int) self->rows->len)
    cyt_session_show_latent (self->session, g_array_index (self->rows, Row, i).latent);
}

void
cyt_neighbour_list_set_session (CytNeighbourList *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_NEIGHBOUR_LIST (self) && self->session == NULL);

  self->session = g_object_ref (session);
  self->thumbs = cyt_latent_thumbs_new (session);
  g_signal_connect_object (self->thumbs, "changed", G_CALLBACK (thumbs_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
cyt_neighbour_list_dispose (GObject *object)
{
  CytNeighbourList *self = CYT_NEIGHBOUR_LIST (object);
  GtkWidget *child;

  g_array_set_size (self->rows, 0);
  g_clear_object (&self->thumbs);
  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_neighbour_list_parent_class)->dispose (object);
}

static void
cyt_neighbour_list_finalize (GObject *object)
{
  g_array_unref (CYT_NEIGHBOUR_LIST (object)->rows);
  G_OBJECT_CLASS (cyt_neighbour_list_parent_class)->finalize (object);
}

static void
cyt_neighbour_list_class_init (CytNeighbourListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cyt_neighbour_list_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_neighbour_list_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
}

static void
cyt_neighbour_list_init (CytNeighbourList *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (gtk_widget_get_layout_manager (GTK_WIDGET (self))),
                                  GTK_ORIENTATION_VERTICAL);
  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  self->message = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->message), 0);
  gtk_label_set_wrap (GTK_LABEL (self->message), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->message), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (self->message, "dim-label");
  gtk_widget_add_css_class (self->message, "caption");
  gtk_widget_set_parent (self->message, GTK_WIDGET (self));
  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_RELATION_LABELLED_BY, self, NULL, -1);
  gtk_widget_add_css_class (self->list, "neighbours");
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (row_activated_cb), self);
  gtk_widget_set_parent (self->list, GTK_WIDGET (self));
}
