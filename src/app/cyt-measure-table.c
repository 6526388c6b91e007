/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-format.h"
#include "cyt-measure-table.h"

static const char *
name_dictionary (const CytMeasures *m)
{
  if (g_str_equal (m->name, "sae"))
    return _("Autoencoder");
  if (g_str_equal (m->name, "dimensions"))
    return _("Encoder dimensions");
  if (g_str_equal (m->name, "pca"))
    return _("Principal components");
  if (g_str_equal (m->name, "kmeans"))
    return _("k-means");
  if (g_str_equal (m->name, "random"))
    return _("Random autoencoder");
  return m->name;
}

/* ---- Cells of a table ---- */

static GtkGrid *
make_grid (void)
{
  GtkGrid *grid = GTK_GRID (gtk_grid_new ());

  gtk_grid_set_row_spacing (grid, 9);
  gtk_grid_set_column_spacing (grid, 18);
  gtk_widget_add_css_class (GTK_WIDGET (grid), "card");
  gtk_widget_add_css_class (GTK_WIDGET (grid), "measure-table");
  return grid;
}

static GtkWidget *
make_label (const char *text, gboolean number, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), number ? 1 : 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (number)
    {
      gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_RIGHT);
      gtk_widget_add_css_class (label, "numeric");
    }
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

/* The numbers of the SAE stand out. */
static void
attach_number (GtkGrid *grid, int column, int row, const char *text, const char *what, const char *of, gboolean main)
{
  GtkWidget *label = make_label (text, TRUE, main ? "measure-main" : NULL);
  /* Translators: read aloud: a row of a table, a column, the value there */
  g_autofree char *spoken = g_strdup_printf (_("%s, %s: %s"), what, of, text);

  gtk_accessible_update_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  gtk_grid_attach (grid, label, column, row, 1, 1);
}

static void
attach_head (GtkGrid *grid, int column, const char *text)
{
  GtkWidget *label = make_label (text, column > 0, "caption-heading");

  gtk_label_set_width_chars (GTK_LABEL (label), column > 0 ? 10 : -1);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 12);
  gtk_widget_set_valign (label, GTK_ALIGN_END);
  gtk_widget_set_hexpand (label, column == 0);
  gtk_grid_attach (grid, label, column, 0, 1, 1);
}

static void
attach_name (GtkGrid *grid, int row, const char *name, const char *explanation)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *label = make_label (explanation, FALSE, "caption");

  gtk_box_append (GTK_BOX (box), make_label (name, FALSE, NULL));
  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_set_hexpand (box, TRUE);
  gtk_grid_attach (grid, box, 0, row, 1, 1);
}

/* ---- Measures ---- */

static char *
format_n_latents (const CytMeasures *m)
{
  return cyt_format_count (m->n_latents);
}

static char *
format_dead_share (const CytMeasures *m)
{
  return cyt_format_percent (m->dead_share);
}

static char *
format_l0 (const CytMeasures *m)
{
  return cyt_format_number (m->l0);
}

static char *
format_explained (const CytMeasures *m)
{
  return cyt_format_number (m->explained);
}

static char *
format_monosemanticity (const CytMeasures *m)
{
  return cyt_format_number (m->monosemanticity);
}

static char *
format_chance (const CytMeasures *m)
{
  return cyt_format_number (m->monosemanticity_chance);
}

static char *
format_selectivity (const CytMeasures *m)
{
  return cyt_format_number (cyt_measures_get_selectivity (m));
}

static char *
format_purity (const CytMeasures *m)
{
  return cyt_format_number (m->purity);
}

static char *
format_entropy (const CytMeasures *m)
{
  return cyt_format_number (m->entropy);
}

static char *
format_cosine (const CytMeasures *m)
{
  return cyt_format_number (m->cosine);
}

static char *
format_jaccard (const CytMeasures *m)
{
  return cyt_format_number (m->jaccard);
}

static const struct
{
  const char *name, *explanation;
  char *(*format) (const CytMeasures *m); /* (transfer full) */
} measured[] = {
  { N_("Latents"), N_("How many there are."), format_n_latents },
  { N_("Never fire"), N_("Share of the latents that fire on none of these cells."), format_dead_share },
  { N_("L0"), N_("How many latents fire on a patch, on average. The fewer, the easier to read."), format_l0 },
  { N_("Explained variance"),
    N_("How much of what the encoder says of the patches the latents give back. 1 is all of it."), format_explained },
  { N_("Monosemanticity"),
    N_("How alike the cells are on which a latent fires, as another layer sees them. 1 is alike in all."),
    format_monosemanticity },
  { N_("Monosemanticity by chance"), N_("Of a latent that fires on any cells."), format_chance },
  { N_("Selectivity"),
    N_("How well the best latent of a class tells it from the others, mean over classes. 1 is always, 0 is chance."),
    format_selectivity },
  { N_("Purity"), N_("Share of the prevailing class among the ten best cells of a latent."), format_purity },
  { N_("Entropy"), N_("How evenly the ten best cells spread over the classes, in nats. 0 is one class alone."), format_entropy },
  { N_("Nearest direction"), N_("Cosine with the most similar other latent. The lower, the less is said twice."),
    format_cosine },
  { N_("Shared best cells"), N_("Jaccard index of the 16 best cells with those of the latent that shares most of them."),
    format_jaccard },
};

GtkWidget *
cyt_measure_table_new (const GPtrArray *measures)
{
  GtkGrid *grid = make_grid ();

  g_return_val_if_fail (measures->len > 0, NULL);

  attach_head (grid, 0, _("Measure"));
  for (guint i = 0; i < measures->len; i++)
    attach_head (grid, (int) i + 1, name_dictionary (measures->pdata[i]));
  for (int row = 0; row < (int) G_N_ELEMENTS (measured); row++)
    {
      attach_name (grid, row + 1, _(measured[row].name), _(measured[row].explanation));
      for (guint i = 0; i < measures->len; i++)
        {
          g_autofree char *text = measured[row].format (measures->pdata[i]);

          attach_number (grid, (int) i + 1, row + 1, text, _(measured[row].name), name_dictionary (measures->pdata[i]), i == 0);
        }
    }
  return GTK_WIDGET (grid);
}

/* ---- The best latents ---- */

static void
latent_clicked_cb (GtkButton *button, gpointer session)
{
  cyt_session_show_latent (session, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "latent")));
}

static GtkWidget *
make_latent_button (gint64 latent, CytSession *session)
{
  g_autofree char *text = g_strdup_printf ("#%" G_GINT64_FORMAT, latent);
  GtkWidget *button = gtk_button_new_with_label (text);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "numeric");
  gtk_widget_set_halign (button, GTK_ALIGN_END);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _("Show it in the window"));
  g_object_set_data (G_OBJECT (button), "latent", GUINT_TO_POINTER ((guint) latent));
  g_signal_connect_object (button, "clicked", G_CALLBACK (latent_clicked_cb), session, 0);
  return button;
}

static const CytMeasuresBest *
get_best (const CytMeasures *m, gboolean structures, guint index)
{
  return structures ? &m->best_of_structure[index] : &m->best_of_class[index];
}

GtkWidget *
cyt_measure_table_new_best (const GPtrArray *measures, gboolean structures, CytSession *session)
{
  const CytMeasures *sae = measures->pdata[0];
  GStrv names = structures ? sae->structures : sae->classes;
  GtkGrid *grid = make_grid ();

  attach_head (grid, 0, structures ? _("Structure") : _("Class"));
  attach_head (grid, 1, _("Chance"));
  attach_head (grid, 2, _("Best latent"));
  for (guint i = 0; i < measures->len; i++)
    attach_head (grid, (int) i + 3, name_dictionary (measures->pdata[i]));
  if (structures)
    attach_head (grid, (int) measures->len + 3, _("Whole patches at best"));
  for (guint n = 0; names[n] != NULL; n++)
    {
      const CytMeasuresBest *best = get_best (sae, structures, n);
      g_autofree char *chance = cyt_format_number (best->chance);
      int row = (int) n + 1;

      gtk_grid_attach (grid, make_label (names[n], FALSE, NULL), 0, row, 1, 1);
      attach_number (grid, 1, row, chance, names[n], _("Chance"), FALSE);
      if (best->latent >= 0)
        gtk_grid_attach (grid, make_latent_button (best->latent, session), 2, row, 1, 1);
      for (guint i = 0; i < measures->len; i++)
        {
          g_autofree char *text = cyt_format_number (get_best (measures->pdata[i], structures, n)->scored);

          attach_number (grid, (int) i + 3, row, text, names[n], name_dictionary (measures->pdata[i]), i == 0);
        }
      if (structures)
        {
          g_autofree char *text = cyt_format_number (sae->ceiling[n].scored);

          attach_number (grid, (int) measures->len + 3, row, text, names[n], _("Whole patches at best"), FALSE);
        }
    }
  return GTK_WIDGET (grid);
}
