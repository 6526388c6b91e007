/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-cell-grid-header.h"
#include "cyt-format.h"

/* From here on a latent's activation counts as lying on CLS alone, or mostly. */
#define CLS_ONLY 0.9999
#define CLS_MOSTLY 0.8

struct _CytCellGridHeader
{
  GtkWidget parent_instance;
  CytCellSection *section;
  GtkLabel *name;
  GtkLabel *facts;
  GtkWidget *note;
  GtkLabel *note_text;
};

G_DEFINE_FINAL_TYPE (CytCellGridHeader, cyt_cell_grid_header, GTK_TYPE_WIDGET)

/* What a map of patches cannot show of this latent, or NULL. */
static char *
make_note (const CytLatentRow *row)
{
  g_autofree char *share = NULL;

  if (row->n_active > 0 && isnan (row->cls_share))
    return g_strdup (_("Published statistics: where in the cell it fires is not among them."));
  if (row->n_active == 0 || row->cls_share < CLS_MOSTLY)
    return NULL;
  if (row->cls_share >= CLS_ONLY)
    return g_strdup (_("Fires on the CLS token only: a concept of the whole cell, so there is no map of patches."));
  share = cyt_format_percent (row->cls_share);
  /* Translators: a percentage */
  return g_strdup_printf (_("%s of its activation lies on the CLS token: mostly a concept of the whole cell."), share);
}

static char *
make_facts (CytCellSection *section)
{
  const CytLatentRow *row = cyt_cell_section_get_row (section);
  g_autofree char *n_images = cyt_format_count (cyt_cell_section_get_n_images (section));
  g_autofree char *frequency = cyt_format_percent (row->frequency);

  if (row->n_active == 0)
    return g_strdup (_("does not fire here"));
  /* Translators: percentage, number of all cells */
  return g_strdup_printf (_("in %s of %s cells"), frequency, n_images);
}

/* All of it: the line may be cut. */
static char *
make_tooltip (CytCellSection *section, const char *facts)
{
  const char *name = cyt_cell_section_get_name (section), *domain = cyt_cell_section_get_domain (section);
  g_autofree char *n_active = cyt_format_count (cyt_cell_section_get_row (section)->n_active);

  /* Translators: data set, its domain, how often the latent fires there, number of cells in which it fires */
  return g_strdup_printf (_("%s, %s: %s (%s)"), name, domain[0] != '\0' ? domain : "–", facts, n_active);
}

/* The data set, and its domain where that says more, as markup. */
static char *
make_name (CytCellSection *section)
{
  const char *name = cyt_cell_section_get_name (section), *domain = cyt_cell_section_get_domain (section);

  if (domain[0] == '\0' || g_str_equal (domain, name))
    return g_markup_escape_text (name, -1);
  return g_markup_printf_escaped ("%s  <span weight=\"normal\">%s</span>", name, domain);
}

static void
update_dataset (CytCellGridHeader *self)
{
  g_autofree char *name = make_name (self->section);
  g_autofree char *facts = make_facts (self->section);
  g_autofree char *note = make_note (cyt_cell_section_get_row (self->section));
  g_autofree char *tooltip = make_tooltip (self->section, facts);

  gtk_widget_set_tooltip_text (GTK_WIDGET (self), tooltip);
  gtk_label_set_markup (self->name, name);
  gtk_label_set_label (self->facts, facts);
  gtk_widget_set_visible (GTK_WIDGET (self->facts), TRUE);
  gtk_widget_set_visible (self->note, note != NULL);
  gtk_label_set_label (self->note_text, note != NULL ? note : "");
}

static void
set_strip (CytCellGridHeader *self, const char *name, const char *definition)
{
  gtk_label_set_label (self->name, name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), definition);
  gtk_widget_add_css_class (GTK_WIDGET (self), "strip");
}

CytCellGridHeader *
cyt_cell_grid_header_new (CytCellSection *section)
{
  CytCellGridHeader *self = g_object_new (CYT_TYPE_CELL_GRID_HEADER, NULL);

  self->section = g_object_ref (section);
  switch (cyt_cell_section_get_kind (section))
    {
    case CYT_CELL_SECTION_UPPER:
      set_strip (self, _("75th percentile"), _("Cells whose score lies about the 75th percentile of all cells in "
                                               "which the latent fires"));
      break;
    case CYT_CELL_SECTION_MEDIAN:
      set_strip (self, _("50th percentile"), _("Cells whose score lies about the median of all cells in which the "
                                               "latent fires"));
      break;
    case CYT_CELL_SECTION_WEAKEST:
      set_strip (self, _("Weakest"), _("Cells with the lowest scores above zero"));
      break;
    case CYT_CELL_SECTION_TOP:
    default:
      g_signal_connect_object (section, "changed", G_CALLBACK (update_dataset), self, G_CONNECT_SWAPPED);
      update_dataset (self);
    }
  return self;
}

static void
cyt_cell_grid_header_dispose (GObject *object)
{
  CytCellGridHeader *self = CYT_CELL_GRID_HEADER (object);
  GtkWidget *child;

  g_clear_object (&self->section);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_cell_grid_header_parent_class)->dispose (object);
}

static void
cyt_cell_grid_header_class_init (CytCellGridHeaderClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_cell_grid_header_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-cell-grid-header.ui");
  gtk_widget_class_bind_template_child (widget_class, CytCellGridHeader, name);
  gtk_widget_class_bind_template_child (widget_class, CytCellGridHeader, facts);
  gtk_widget_class_bind_template_child (widget_class, CytCellGridHeader, note);
  gtk_widget_class_bind_template_child (widget_class, CytCellGridHeader, note_text);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "cellgridheader");
}

static void
cyt_cell_grid_header_init (CytCellGridHeader *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
