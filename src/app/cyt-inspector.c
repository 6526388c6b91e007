/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "io/cyt-error.h"

#include "cyt-accessible.h"
#include "cyt-cell-item.h"
#include "cyt-cell-picture.h"
#include "cyt-cell-view.h"
#include "cyt-file-choice.h"
#include "cyt-format.h"
#include "cyt-inspector.h"
#include "cyt-keys.h"
#include "cyt-ranked-list.h"
#include "cyt-strip-plot.h"

#define SIMILAR_SIZE 84
#define OPACITY_STEP 0.1

struct _CytInspector
{
  GtkWidget parent_instance;

  CytSession *session;
  CytInspection *inspection;
  const char *wanted_role;        /* the model that the notice's button asks for */
  gboolean updating;

  GtkLabel *title;
  GtkLabel *subtitle;
  GtkToggleButton *overlay_off;
  GtkToggleButton *overlay_outline;
  GtkToggleButton *overlay_heat;
  GtkScale *opacity;
  GtkRevealer *notice;
  GtkLabel *notice_text;
  GtkWidget *open_folder;
  GtkButton *notice_button;
  CytCellView *view;
  GtkLabel *readout;
  GtkWidget *similar_box;
  GtkBox *similar;
  GtkToggleButton *place_patch;
  GtkToggleButton *place_cls;
  GtkToggleButton *place_cell;
  CytRankedList *ranked;
  GtkLabel *latent_name;
  GtkWidget *concept_button;
  GtkGrid *standing;
  GtkLabel *standing_text[3];
  CytStripPlot *strip[3];
  GtkGrid *facts;
};

G_DEFINE_FINAL_TYPE (CytInspector, cyt_inspector, GTK_TYPE_WIDGET)

/* ---- Heading and facts ---- */

static void
update_heading (CytInspector *self)
{
  const char *path = cyt_inspection_get_path (self->inspection);
  const CytCellFacts *facts = cyt_inspection_get_facts (self->inspection);
  g_autofree char *name = path != NULL ? g_filename_display_basename (path) : g_strdup ("");
  g_autoptr (GString) text = g_string_new (NULL);

  gtk_label_set_label (self->title, name);
  if (facts != NULL)
    {
      const char *parts[] = { facts->cell->label, facts->cell->patient, facts->cell->disease, facts->dataset->name };

      for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
        if (parts[i] != NULL && parts[i][0] != '\0')
          g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", parts[i]);
    }
  else if (cyt_inspection_get_id (self->inspection) == 0)
    g_string_append (text, _("A file that does not belong to the project"));
  gtk_label_set_label (self->subtitle, text->str);
}

static void
add_fact (CytInspector *self, int *row, const char *name, const char *value, const char *tooltip)
{
  GtkWidget *label, *text;

  if (value == NULL || value[0] == '\0')
    return;
  label = gtk_label_new (name);
  text = gtk_label_new (value);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_label_set_selectable (GTK_LABEL (text), TRUE);
  gtk_widget_set_can_focus (text, FALSE); /* GTK 4.8 lets Tab stay before a label that can be selected and not focused */
  gtk_label_set_ellipsize (GTK_LABEL (text), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_widget_set_tooltip_text (text, tooltip);
  gtk_grid_attach (self->facts, label, 0, *row, 1, 1);
  gtk_grid_attach (self->facts, text, 1, (*row)++, 1, 1);
}

static void
update_facts (CytInspector *self)
{
  const CytCellFacts *facts = cyt_inspection_get_facts (self->inspection);
  const CytCellAnalysis *analysis = cyt_inspection_get_analysis (self->inspection);
  const char *path = cyt_inspection_get_path (self->inspection);
  const char *sha256 = analysis != NULL ? analysis->sha256 : facts != NULL ? facts->cell->sha256 : NULL;
  guint width = analysis != NULL ? analysis->width : facts != NULL ? facts->cell->width : 0;
  guint height = analysis != NULL ? analysis->height : facts != NULL ? facts->cell->height : 0;
  g_autofree char *display = path != NULL ? g_filename_display_name (path) : NULL;
  g_autofree char *name = path != NULL ? g_filename_display_basename (path) : NULL;
  g_autofree char *size = NULL, *hash = sha256 != NULL ? g_strdup_printf ("%.12s…", sha256) : NULL;
  GtkWidget *child;
  int row = 0;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->facts))) != NULL)
    gtk_grid_remove (self->facts, child);
  if (width > 0 && facts != NULL && !isnan (facts->dataset->pixel_size))
    {
      g_autofree char *um = cyt_format_number (facts->dataset->pixel_size * width);

      /* Translators: width and height in pixels, width in micrometres */
      size = g_strdup_printf (_("%u × %u px, %s µm wide"), width, height, um);
    }
  else if (width > 0)
    size = g_strdup_printf (_("%u × %u px"), width, height);
  add_fact (self, &row, _("File"), name, display);
  if (facts != NULL)
    {
      add_fact (self, &row, _("Data set"), facts->dataset->name, facts->dataset->domain);
      add_fact (self, &row, _("Class"), facts->cell->label, NULL);
      add_fact (self, &row, _("Patient"), facts->cell->patient, NULL);
      add_fact (self, &row, _("Disease"), facts->cell->disease, NULL);
    }
  add_fact (self, &row, _("Size"), size, NULL);
  add_fact (self, &row, _("SHA-256"), hash, sha256);
}

/* ---- What is wrong ---- */

static void
show_notice (CytInspector *self, const char *text, const char *role)
{
  self->wanted_role = role;
  if (text != NULL)
    gtk_label_set_label (self->notice_text, text);
  gtk_widget_set_visible (GTK_WIDGET (self->notice_button), role != NULL);
  if (role != NULL)
    gtk_button_set_label (self->notice_button, g_str_equal (role, "encoder") ? _("Choose _Encoder…")
                                                                             : _("Choose _Autoencoder…"));
  gtk_revealer_set_reveal_child (self->notice, text != NULL);
}

static void
update_notice (CytInspector *self)
{
  const GError *error = cyt_inspection_get_error (self->inspection);
  const CytCellFacts *facts = cyt_inspection_get_facts (self->inspection);
  const char *path = cyt_inspection_get_path (self->inspection);
  gboolean packed = path != NULL && !g_path_is_absolute (path); /* its image is nowhere */
  g_autofree char *text = NULL;

  gtk_widget_set_sensitive (self->open_folder, !packed);
  if (error == NULL)
    show_notice (self,
                 cyt_inspection_is_changed (self->inspection)
                   ? _("The file is not the one that was indexed: what shows is of the file as it is now.") : NULL,
                 NULL);
  else if (g_error_matches (error, CYT_MODELS_ERROR, CYT_MODELS_ERROR_PUBLISHED))
    show_notice (self, _("The models are not part of published statistics, so what fires on a cell cannot be computed "
                         "here: only what was published shows."), NULL);
  else if (error->domain == CYT_MODELS_ERROR)
    {
      gboolean encoder = error->code == CYT_MODELS_ERROR_ENCODER_MISSING || error->code == CYT_MODELS_ERROR_ENCODER_CHANGED;

      text = g_strdup_printf (_("%s. What the project has stored shows."), error->message);
      show_notice (self, text, encoder ? "encoder" : "sae");
    }
  else if (facts != NULL && facts->cell->failure != NULL)
    show_notice (self, facts->cell->failure, NULL);
  else if (packed && error->domain == G_FILE_ERROR)
    show_notice (self, _("The image was not packed with the project: a thumbnail stands in for it, and what the project "
                         "has stored shows."), NULL);
  else if (facts != NULL && (error->domain == G_FILE_ERROR || error->domain == CYT_IMAGE_ERROR))
    {
      text = g_strdup_printf (_("The image cannot be read, a thumbnail stands in for it where there is one. %s"),
                              error->message);
      show_notice (self, text, NULL);
    }
  else
    show_notice (self, error->message, NULL);
}

static void
model_chosen_cb (gpointer object, const char *const *paths)
{
  CytInspector *self = object;

  if (self->wanted_role != NULL)
    cyt_session_choose_model (self->session, self->wanted_role, paths[0]);
}

static void
notice_clicked_cb (CytInspector *self)
{
  gboolean encoder = g_strcmp0 (self->wanted_role, "encoder") == 0;
  const CytFileChoice choice = { .title = encoder ? _("Choose Encoder") : _("Choose Autoencoder"),
                                 .action = GTK_FILE_CHOOSER_ACTION_OPEN };

  if (self->wanted_role != NULL)
    cyt_file_choice_ask (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), &choice, model_chosen_cb, self);
}

/* ---- The selected latent ---- */

static char *
dup_latent_name (CytInspector *self, gint64 latent)
{
  CytLatentModel *model = cyt_session_get_latents (self->session);
  const CytConcept *concept = latent >= 0 ? cyt_latent_model_get_concept (model, latent) : NULL;

  if (latent < 0)
    return g_strdup ("");
  return concept != NULL && concept->name[0] != '\0'
           ? g_strdup_printf ("#%u  %s", (guint) latent, concept->name)
           : g_strdup_printf ("#%u", (guint) latent);
}

/* What the pointer, or else the chosen patch, says. */
static void
update_readout (CytInspector *self)
{
  int token = cyt_cell_view_get_hovered (self->view), place = cyt_inspection_get_place (self->inspection);
  gint64 latent = cyt_inspection_get_latent (self->inspection);
  g_autofree char *name = dup_latent_name (self, latent), *value = NULL, *text = NULL;

  if (token < 0)
    token = place;
  if (latent < 0)
    text = g_strdup ("");
  else if (token > 0)
    {
      float f = cyt_inspection_get_value (self->inspection, token);

      value = isnan (f) ? g_strdup (_("not known")) : cyt_format_number (f);
      /* Translators: latent, row, column, activation */
      text = g_strdup_printf (_("%s · row %d, column %d: %s"), name, 1 + (token - 1) / CYT_N_PATCH_SIDE,
                              1 + (token - 1) % CYT_N_PATCH_SIDE, value);
    }
  else
    {
      CytSparseMap map;

      if (!cyt_inspection_get_map (self->inspection, &map))
        text = g_strdup_printf (_("%s · where it fires is not known"), name);
      else if (map.n == 0 && cyt_inspection_get_value (self->inspection, 0) > 0)
        text = g_strdup_printf (_("%s · fires on the CLS token only in this cell"), name);
      else if (map.n == 0)
        text = g_strdup_printf (_("%s · does not fire on this cell"), name);
      else
        text = g_strdup_printf (ngettext ("%s · fires on %u of 256 patches", "%s · fires on %u of 256 patches", map.n),
                                name, map.n);
    }
  gtk_label_set_label (self->readout, text);
}

static gboolean
same_patient (gsize j, gpointer user_data)
{
  const CytCellTable *table = ((gpointer *) user_data)[0];
  gsize i = GPOINTER_TO_SIZE (((gpointer *) user_data)[1]);

  return table->patient[j] == table->patient[i];
}

static gboolean
same_class (gsize j, gpointer user_data)
{
  const CytCellTable *table = ((gpointer *) user_data)[0];
  gsize i = GPOINTER_TO_SIZE (((gpointer *) user_data)[1]);

  return table->label[j] == table->label[i];
}

static void
show_standing (CytInspector *self, guint line, const CytLatentScores *scores, gsize i,
               gboolean (*member) (gsize, gpointer), const char *where)
{
  gpointer data[] = { scores->table, GSIZE_TO_POINTER (i) };
  CytStanding standing = cyt_standing_compute (scores->scores, scores->table->n, i, member, data);
  g_autofree float *values = g_new (float, scores->table->n);
  g_autofree char *rank = cyt_format_count (standing.n_above + 1), *n = cyt_format_count (standing.n), *text = NULL;
  g_autofree char *below = cyt_format_percent (standing.share_below);
  gsize n_values = 0;
  float max = 0;

  for (gsize j = 0; j < scores->table->n; j++)
    {
      if (!isnan (scores->scores[j]))
        max = MAX (max, scores->scores[j]);
      if (!isnan (scores->scores[j]) && (member == NULL || member (j, data)))
        values[n_values++] = scores->scores[j];
    }
  if (scores->scores[i] > 0)
    /* Translators: patient, class or data set; rank; number of cells; share of the others below */
    text = g_strdup_printf (_("%s: rank %s of %s, above %s of the others"), where, rank, n, below);
  else
    /* Translators: patient, class or data set; number of cells */
    text = g_strdup_printf (_("%s: does not fire here, %s cells"), where, n);
  gtk_label_set_label (self->standing_text[line], text);
  cyt_strip_plot_set_values (self->strip[line], values, n_values, scores->scores[i], max);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->strip[line]), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_set_visible (GTK_WIDGET (self->standing_text[line]), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->strip[line]), TRUE);
}

static void
update_standing (CytInspector *self)
{
  const CytLatentScores *scores = cyt_inspection_get_scores (self->inspection);
  const CytCellFacts *facts = cyt_inspection_get_facts (self->inspection);
  gint64 latent = cyt_inspection_get_latent (self->inspection);
  g_autofree char *name = dup_latent_name (self, latent);
  gsize i;

  gtk_label_set_label (self->latent_name, name);
  gtk_widget_set_sensitive (self->concept_button, latent >= 0);
  for (guint line = 0; line < 3; line++)
    {
      gtk_widget_set_visible (GTK_WIDGET (self->standing_text[line]), FALSE);
      gtk_widget_set_visible (GTK_WIDGET (self->strip[line]), FALSE);
    }
  if (scores == NULL || facts == NULL || facts->cell->position >= scores->table->n
      || isnan (scores->scores[facts->cell->position]))
    return;
  i = facts->cell->position;
  if (scores->table->patient[i][0] != '\0')
    {
      g_autofree char *where = g_strdup_printf (_("Patient %s"), scores->table->patient[i]);

      show_standing (self, 0, scores, i, same_patient, where);
    }
  if (scores->table->label[i] >= 0)
    {
      g_autofree char *where = g_strdup_printf (_("Class %s"), scores->table->labels[scores->table->label[i]]);

      show_standing (self, 1, scores, i, same_class, where);
    }
  show_standing (self, 2, scores, i, NULL, _("Data set"));
}

/* ---- Places ---- */

static void
update_place (CytInspector *self)
{
  int place = cyt_inspection_get_place (self->inspection);
  g_autofree char *patch
    = place > 0
        /* Translators: row, column */
        ? g_strdup_printf (_("Patch %d, %d"), 1 + (place - 1) / CYT_N_PATCH_SIDE, 1 + (place - 1) % CYT_N_PATCH_SIDE)
        : g_strdup (_("Patch"));

  self->updating = TRUE;
  gtk_button_set_label (GTK_BUTTON (self->place_patch), patch);
  gtk_toggle_button_set_active (place == CYT_PLACE_CELL  ? self->place_cell
                                : place == CYT_PLACE_CLS ? self->place_cls
                                                         : self->place_patch, TRUE);
  self->updating = FALSE;
}

static void
place_toggled_cb (CytInspector *self, GtkToggleButton *button)
{
  if (self->updating || self->inspection == NULL || !gtk_toggle_button_get_active (button))
    return;
  if (button == self->place_cell)
    cyt_inspection_set_place (self->inspection, CYT_PLACE_CELL);
  else if (button == self->place_cls)
    cyt_inspection_set_place (self->inspection, CYT_PLACE_CLS);
  else if (cyt_inspection_get_place (self->inspection) <= 0)
    cyt_inspection_set_place (self->inspection, 1 + CYT_N_PATCH_SIDE * CYT_N_PATCH_SIDE / 2 + CYT_N_PATCH_SIDE / 2);
}

/* ---- Cells like it ---- */

static void
similar_clicked_cb (CytInspector *self, GtkWidget *button)
{
  CytCellItem *item = g_object_get_data (G_OBJECT (button), "item");

  cyt_session_inspect_cell (self->session, cyt_cell_item_get_cell (item)->id);
}

static GtkWidget *
make_similar (CytInspector *self, CytCellItem *item)
{
  const CytCell *cell = cyt_cell_item_get_cell (item);
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *picture = g_object_new (CYT_TYPE_CELL_PICTURE, NULL), *caption;
  g_autofree char *cosine = cyt_format_number (cyt_cell_item_get_top (item)->score), *text = NULL, *tooltip = NULL;

  cyt_cell_picture_set_size (CYT_CELL_PICTURE (picture), SIMILAR_SIZE);
  cyt_cell_picture_set_item (CYT_CELL_PICTURE (picture), item);
  text = cell->label != NULL ? g_strdup_printf ("%s · %s", cosine, cell->label) : g_strdup (cosine);
  caption = gtk_label_new (text);
  gtk_label_set_ellipsize (GTK_LABEL (caption), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (caption), 11);
  gtk_widget_add_css_class (caption, "caption");
  gtk_box_append (GTK_BOX (box), picture);
  gtk_box_append (GTK_BOX (box), caption);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  /* Translators: cosine, file, class and patient of a cell */
  tooltip = g_strdup_printf (_("Cosine %s of the latents’ scores\n%s"), cosine, cell->path);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  g_object_set_data_full (G_OBJECT (button), "item", g_object_ref (item), g_object_unref);
  g_signal_connect_object (button, "clicked", G_CALLBACK (similar_clicked_cb), self, G_CONNECT_SWAPPED);
  return button;
}

static void
update_similar (CytInspector *self)
{
  GPtrArray *similar = cyt_inspection_get_similar (self->inspection);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->similar))) != NULL)
    gtk_box_remove (self->similar, child);
  for (guint i = 0; similar != NULL && i < similar->len; i++)
    gtk_box_append (self->similar, make_similar (self, similar->pdata[i]));
  /* The place is kept while they are looked for, so that the cell does not shrink under the pointer. */
  gtk_widget_set_visible (self->similar_box, similar != NULL ? similar->len > 0
                                                             : cyt_inspection_get_error (self->inspection) == NULL
                                                                 || cyt_inspection_get_latents (self->inspection) != NULL);
}

/* ---- All of it ---- */

static void
selection_cb (CytInspector *self)
{
  update_readout (self);
  update_place (self);
  update_standing (self);
}

static void
changed_cb (CytInspector *self)
{
  update_heading (self);
  update_facts (self);
  update_notice (self);
  if (cyt_inspection_get_similar (self->inspection) == NULL)
    update_similar (self);
  selection_cb (self);
}

static void
inspection_cb (CytInspector *self)
{
  g_set_object (&self->inspection, cyt_session_get_inspection (self->session));
  if (self->inspection == NULL)
    return;
  update_similar (self);
  changed_cb (self);
}

static void
hovered_cb (CytInspector *self)
{
  if (self->inspection != NULL)
    update_readout (self);
}

static void
values_cb (CytInspector *self)
{
  if (self->inspection != NULL)
    selection_cb (self);
}

/* ---- Controls ---- */

static void
overlay_cb (CytInspector *self)
{
  CytOverlayMode mode = cyt_session_get_overlay_mode (self->session);

  self->updating = TRUE;
  gtk_toggle_button_set_active (mode == CYT_OVERLAY_OFF       ? self->overlay_off
                                : mode == CYT_OVERLAY_OUTLINE ? self->overlay_outline
                                                              : self->overlay_heat, TRUE);
  gtk_range_set_value (GTK_RANGE (self->opacity), cyt_session_get_opacity (self->session));
  gtk_widget_set_sensitive (GTK_WIDGET (self->opacity), mode != CYT_OVERLAY_OFF);
  self->updating = FALSE;
}

static void
overlay_toggled_cb (CytInspector *self, GtkToggleButton *button)
{
  if (self->updating || self->session == NULL || !gtk_toggle_button_get_active (button))
    return;
  g_object_set (self->session, "overlay-mode",
                button == self->overlay_off       ? CYT_OVERLAY_OFF
                : button == self->overlay_outline ? CYT_OVERLAY_OUTLINE
                                                  : CYT_OVERLAY_HEAT, NULL);
}

static void
opacity_changed_cb (CytInspector *self)
{
  if (!self->updating && self->session != NULL)
    g_object_set (self->session, "opacity", gtk_range_get_value (GTK_RANGE (self->opacity)), NULL);
}

static void
back_clicked_cb (CytInspector *self)
{
  cyt_session_close_inspection (self->session);
}

static void
concept_clicked_cb (CytInspector *self)
{
  gint64 latent = cyt_inspection_get_latent (self->inspection);

  if (latent >= 0)
    cyt_session_show_latent (self->session, latent);
}

static void
folder_clicked_cb (CytInspector *self)
{
  const char *path = cyt_inspection_get_path (self->inspection);
  g_autofree char *folder = path != NULL ? g_path_get_dirname (path) : NULL;
  g_autofree char *uri = folder != NULL ? g_filename_to_uri (folder, NULL, NULL) : NULL;

  if (uri != NULL)
    gtk_show_uri (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), uri, GDK_CURRENT_TIME);
}

static void
change_opacity (CytInspector *self, double step)
{
  g_object_set (self->session, "opacity", CLAMP (cyt_session_get_opacity (self->session) + step, 0.0, 1.0), NULL);
}

static gboolean
key_cb (CytInspector *self, guint key, guint code, GdkModifierType state)
{
  if (cyt_keys_has_modifier (state) || self->inspection == NULL)
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Escape:
      cyt_session_close_inspection (self->session);
      return GDK_EVENT_STOP;
    case GDK_KEY_c:
      cyt_inspection_set_place (self->inspection, CYT_PLACE_CLS);
      return GDK_EVENT_STOP;
    case GDK_KEY_w:
      cyt_inspection_set_place (self->inspection, CYT_PLACE_CELL);
      return GDK_EVENT_STOP;
    case GDK_KEY_h:
      g_object_set (self->session, "overlay-hidden", TRUE, NULL);
      return GDK_EVENT_STOP;
    case GDK_KEY_bracketleft:
      change_opacity (self, -OPACITY_STEP);
      return GDK_EVENT_STOP;
    case GDK_KEY_bracketright:
      change_opacity (self, OPACITY_STEP);
      return GDK_EVENT_STOP;
    case GDK_KEY_space:
      if (cyt_keys_is_on_control (GTK_WIDGET (self)))
        return GDK_EVENT_PROPAGATE;
      cyt_session_toggle_overlay (self->session);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
key_released_cb (CytInspector *self, guint key)
{
  if (key == GDK_KEY_h || key == GDK_KEY_H)
    g_object_set (self->session, "overlay-hidden", FALSE, NULL);
}

static gboolean
cyt_inspector_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (CYT_INSPECTOR (widget)->view));
}

void
cyt_inspector_set_session (CytInspector *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_INSPECTOR (self) && self->session == NULL);

  self->session = g_object_ref (session);
  cyt_cell_view_set_session (self->view, session);
  cyt_ranked_list_set_session (self->ranked, session);
  cyt_session_watch_inspection (session, "changed", G_CALLBACK (changed_cb), self);
  cyt_session_watch_inspection (session, "selection-changed", G_CALLBACK (selection_cb), self);
  cyt_session_watch_inspection (session, "standing-changed", G_CALLBACK (update_standing), self);
  cyt_session_watch_inspection (session, "similar-changed", G_CALLBACK (update_similar), self);
  g_signal_connect_object (session, "notify::inspection", G_CALLBACK (inspection_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::overlay-mode", G_CALLBACK (overlay_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::opacity", G_CALLBACK (overlay_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (cyt_session_get_latents (session), "values-changed", G_CALLBACK (values_cb), self,
                           G_CONNECT_SWAPPED);
  overlay_cb (self);
}

/* ---- GObject ---- */

static void
cyt_inspector_dispose (GObject *object)
{
  CytInspector *self = CYT_INSPECTOR (object);
  GtkWidget *child;

  g_clear_object (&self->inspection);
  self->updating = TRUE;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_inspector_parent_class)->dispose (object);
}

static void
cyt_inspector_class_init (CytInspectorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_inspector_dispose;
  widget_class->grab_focus = cyt_inspector_grab_focus;
  widget_class->focus = cyt_accessible_focus_children;
  g_type_ensure (CYT_TYPE_CELL_VIEW);
  g_type_ensure (CYT_TYPE_RANKED_LIST);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-inspector.ui");
  gtk_widget_class_bind_template_child (widget_class, CytInspector, title);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, subtitle);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, overlay_off);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, overlay_outline);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, overlay_heat);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, opacity);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, notice);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, notice_text);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, open_folder);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, notice_button);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, view);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, readout);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, similar_box);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, similar);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, place_patch);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, place_cls);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, place_cell);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, ranked);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, latent_name);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, concept_button);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, standing);
  gtk_widget_class_bind_template_child (widget_class, CytInspector, facts);
  gtk_widget_class_bind_template_callback (widget_class, overlay_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, opacity_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, concept_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, folder_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, notice_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, place_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, hovered_cb);
}

static void
cyt_inspector_init (CytInspector *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  for (int line = 0; line < 3; line++)
    {
      self->standing_text[line] = GTK_LABEL (gtk_label_new (NULL));
      gtk_label_set_xalign (self->standing_text[line], 0);
      gtk_label_set_ellipsize (self->standing_text[line], PANGO_ELLIPSIZE_END);
      gtk_widget_add_css_class (GTK_WIDGET (self->standing_text[line]), "caption");
      self->strip[line] = g_object_new (CYT_TYPE_STRIP_PLOT, "hexpand", TRUE, "tooltip-text",
                                        _("Scores of these cells from zero to the data set’s largest; the coloured line is this cell"),
                                        NULL);
      gtk_grid_attach (self->standing, GTK_WIDGET (self->standing_text[line]), 0, 2 * line, 1, 1);
      gtk_grid_attach (self->standing, GTK_WIDGET (self->strip[line]), 0, 2 * line + 1, 1, 1);
    }
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  g_signal_connect_swapped (keys, "key-released", G_CALLBACK (key_released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}
