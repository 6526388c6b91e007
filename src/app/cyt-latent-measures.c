/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "cyt-format.h"
#include "cyt-latent-measures.h"
#include "cyt-wrap-layout.h"

/* Of the variance: less says nothing to anybody. */
#define LEAST_EXPLAINED 1e-4

struct _CytLatentMeasures
{
  GtkWidget parent_instance;

  CytSession *session;
  GtkWidget *title;
  GtkWidget *badges;
};

G_DEFINE_FINAL_TYPE (CytLatentMeasures, cyt_latent_measures, GTK_TYPE_WIDGET)

static CytLatentModel *
get_model (CytLatentMeasures *self)
{
  return cyt_session_get_latents (self->session);
}

static void
remove_children (GtkWidget *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (box)) != NULL)
    gtk_widget_unparent (child);
}

/* ---- Badges ---- */

/* Takes @text and @hint. A sentence is for everybody, so it is spoken too. */
static GtkWidget *
make_label (char *text, char *hint)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (label, hint);
  gtk_accessible_update_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, hint, -1);
  gtk_widget_add_css_class (label, "measure-badge");
  g_free (text);
  g_free (hint);
  return label;
}

static void
add_badge (CytLatentMeasures *self, char *text, char *hint)
{
  gtk_widget_set_parent (make_label (text, hint), self->badges);
}

static void
show_latent_cb (GtkButton *button, gpointer user_data)
{
  CytLatentMeasures *self = user_data;

  cyt_session_show_latent (self->session, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "latent")));
}

/* A badge that leads to another latent. */
static void
add_link (CytLatentMeasures *self, gint64 latent, char *text, char *hint)
{
  GtkWidget *button = gtk_button_new ();

  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, hint, -1);
  gtk_widget_set_tooltip_text (button, hint);
  gtk_button_set_label (GTK_BUTTON (button), text);
  gtk_widget_add_css_class (button, "measure-badge");
  g_object_set_data (G_OBJECT (button), "latent", GUINT_TO_POINTER ((guint) latent));
  g_signal_connect_object (button, "clicked", G_CALLBACK (show_latent_cb), self, 0);
  gtk_widget_set_parent (button, self->badges);
  g_free (text);
  g_free (hint);
}

static void
show_badges (CytLatentMeasures *self, const CytLatentMeasured *measured, guint latent)
{
  const CytMeasuresRow *row = &measured->rows[latent];
  g_autofree char *n_images = cyt_format_count (measured->n_images);
  g_autofree char *auprc = cyt_format_number (row->auprc), *prevalence = cyt_format_number (row->prevalence);
  g_autofree char *monosemanticity = cyt_format_number (row->monosemanticity);
  g_autofree char *chance = cyt_format_number (measured->monosemanticity_chance);
  g_autofree char *cosine = cyt_format_number (row->cosine), *jaccard = cyt_format_percent (row->jaccard);
  g_autofree char *explained = cyt_format_percent (row->explained), *map = cyt_format_number (row->map_precision);
  g_autofree char *map_chance = cyt_format_number (row->map_chance), *overlap = cyt_format_number (row->map_overlap);

  if (row->best_class >= 0)
    /* Translators: a class, average precision */
    add_badge (self, g_strdup_printf (_("tells %s %s"), measured->classes[row->best_class], auprc),
               g_strdup_printf (_("Selectivity: the score tells this class from all others with an average precision of %s, "
                                  "where chance would give %s, on the %s cells it was measured on."), auprc, prevalence,
                                n_images));
  if (!isnan (row->monosemanticity))
    add_badge (self, g_strdup_printf (_("monosemantic %s"), monosemanticity),
               g_strdup_printf (_("Monosemanticity: mean likeness of the cells on which it fires, by an embedding of another "
                                  "layer; %s is that of any two cells."), chance));
  if (row->structure >= 0)
    /* Translators: a structure such as nucleus, average precision */
    add_badge (self, g_strdup_printf (_("lies on %s %s"), measured->structures[row->structure], map),
               g_strdup_printf (_("Localisation: its maps tell the pixels of this structure with an average precision of %s "
                                  "(chance %s); intersection over union %s."), map, map_chance, overlap));
  if (row->explained >= LEAST_EXPLAINED)
    add_badge (self, g_strdup_printf (_("explains %s"), explained),
               g_strdup (_("Share of the variance of all tokens that would be lost without this latent.")));
  if (row->nearest >= 0)
    /* Translators: number of a latent, cosine */
    add_link (self, row->nearest, g_strdup_printf (_("next #%u %s"), (guint) row->nearest, cosine),
              g_strdup_printf (_("Redundancy: no other decoder direction is more like its own than that of #%u, with a cosine "
                                 "of %s."), (guint) row->nearest, cosine));
  if (row->twin >= 0)
    /* Translators: number of a latent, share in percent */
    add_link (self, row->twin, g_strdup_printf (_("shares %2$s with #%1$u"), (guint) row->twin, jaccard),
              g_strdup_printf (_("Redundancy: of the 16 strongest cells of both it has %2$s in common with #%1$u (Jaccard "
                                 "index)."), (guint) row->twin, jaccard));
}

/* ---- Together ---- */

static void
update (CytLatentMeasures *self)
{
  const CytLatentTable *table = cyt_latent_model_get_current_table (get_model (self));
  const CytLatentMeasured *measured = table != NULL ? table->measured : NULL;
  gint64 latent = cyt_latent_model_get_selected (get_model (self));

  remove_children (self->badges);
  if (measured != NULL && measured->rows != NULL && latent >= 0 && (gsize) latent < measured->n_latents)
    show_badges (self, measured, latent);
  gtk_widget_set_visible (self->title, gtk_widget_get_first_child (self->badges) != NULL);
  gtk_widget_set_visible (self->badges, gtk_widget_get_first_child (self->badges) != NULL);
}

void
cyt_latent_measures_set_session (CytLatentMeasures *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_LATENT_MEASURES (self) && self->session == NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (get_model (self), "notify::selected", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_model (self), "values-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::dataset", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
cyt_latent_measures_dispose (GObject *object)
{
  CytLatentMeasures *self = CYT_LATENT_MEASURES (object);
  GtkWidget *child;

  g_clear_object (&self->session);
  if (self->badges != NULL)
    remove_children (self->badges);
  self->badges = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_latent_measures_parent_class)->dispose (object);
}

static void
cyt_latent_measures_class_init (CytLatentMeasuresClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_latent_measures_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
}

static GtkWidget *
add_title (CytLatentMeasures *self, const char *text)
{
  GtkWidget *title = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_set_margin_top (title, 6);
  gtk_widget_set_parent (title, GTK_WIDGET (self));
  return title;
}

static GtkWidget *
add_box (CytLatentMeasures *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_set_layout_manager (box, g_object_new (CYT_TYPE_WRAP_LAYOUT, NULL));
  gtk_widget_set_parent (box, GTK_WIDGET (self));
  return box;
}

static void
cyt_latent_measures_init (CytLatentMeasures *self)
{
  GtkBoxLayout *layout = GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self)));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (layout, 6);
  self->title = add_title (self, _("Measures"));
  self->badges = add_box (self);
}
