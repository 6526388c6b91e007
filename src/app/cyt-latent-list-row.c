/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-format.h"
#include "cyt-latent-list-row.h"
#include "cyt-status.h"

struct _CytLatentListRow
{
  GtkWidget parent_instance;
  CytLatentModel *model;
  gint64 latent;
  GtkLabel *number;
  GtkLabel *name;
  GtkLabel *majority;
  GtkLabel *purity;
  GtkLabel *frequency;
  GtkLabel *mean_act;
  GtkImage *status;
};

G_DEFINE_FINAL_TYPE (CytLatentListRow, cyt_latent_list_row, GTK_TYPE_WIDGET)

static void
update (CytLatentListRow *self)
{
  const CytConcept *concept;
  const CytLatentRow *row;
  const char *majority, *name;
  CytConceptStatus status;
  g_autofree char *number = NULL, *frequency = NULL, *mean_act = NULL;

  if (self->latent < 0 || (guint64) self->latent >= cyt_latent_model_get_n_latents (self->model))
    return;
  row = cyt_latent_model_get_row (self->model, self->latent);
  concept = cyt_latent_model_get_concept (self->model, self->latent);
  majority = cyt_latent_model_get_majority (self->model, self->latent);
  name = concept != NULL ? concept->name : "";
  status = concept != NULL ? concept->status : CYT_CONCEPT_UNREVIEWED;

  number = g_strdup_printf ("#%u", (guint) self->latent);
  gtk_label_set_label (self->number, number);
  /* Without a name the class stands alone: a column of "unnamed" would only be noise. */
  gtk_label_set_label (self->name, name);
  gtk_widget_set_visible (GTK_WIDGET (self->name), name[0] != '\0');

  gtk_label_set_label (self->purity, "");
  if (row->n_active == 0)
    gtk_label_set_label (self->majority, _("never fires"));
  else if (majority != NULL && !isnan (row->purity))
    {
      g_autofree char *purity = cyt_format_percent (row->purity);

      gtk_label_set_label (self->majority, majority);
      gtk_label_set_label (self->purity, purity);
    }
  else
    gtk_label_set_label (self->majority, _("no prevailing class"));

  frequency = cyt_format_percent (row->frequency);
  mean_act = cyt_format_number (row->mean_act);
  gtk_label_set_label (self->frequency, frequency);
  gtk_label_set_label (self->mean_act, mean_act);
  gtk_image_set_from_icon_name (self->status, cyt_status_get_icon_name (status));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->status), cyt_status_get_label (status));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->status), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  cyt_status_get_label (status), -1);
}

void
cyt_latent_list_row_set_latent (CytLatentListRow *self, gint64 latent)
{
  g_return_if_fail (CYT_IS_LATENT_LIST_ROW (self));

  self->latent = latent;
  update (self);
}

CytLatentListRow *
cyt_latent_list_row_new (CytLatentModel *model)
{
  CytLatentListRow *self = g_object_new (CYT_TYPE_LATENT_LIST_ROW, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "values-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  return self;
}

static void
cyt_latent_list_row_dispose (GObject *object)
{
  CytLatentListRow *self = CYT_LATENT_LIST_ROW (object);
  GtkWidget *child;

  g_clear_object (&self->model);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_latent_list_row_parent_class)->dispose (object);
}

static void
cyt_latent_list_row_class_init (CytLatentListRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_latent_list_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/cytosae/Explorer/ui/cyt-latent-list-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CytLatentListRow, number);
  gtk_widget_class_bind_template_child (widget_class, CytLatentListRow, name);
  gtk_widget_class_bind_template_child (widget_class, CytLatentListRow, majority);
  gtk_widget_class_bind_template_child (widget_class, CytLatentListRow, purity);
  gtk_widget_class_bind_template_child (widget_class, CytLatentListRow, frequency);
  gtk_widget_class_bind_template_child (widget_class, CytLatentListRow, mean_act);
  gtk_widget_class_bind_template_child (widget_class, CytLatentListRow, status);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
cyt_latent_list_row_init (CytLatentListRow *self)
{
  self->latent = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
}
