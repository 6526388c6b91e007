/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-filter-panel.h"
#include "cyt-filter-text.h"
#include "cyt-format.h"
#include "cyt-keys.h"

struct _CytFilterPanel
{
  GtkPopover parent_instance;

  CytSession *session;
  gboolean updating;            /* the widgets follow the filter, not the other way round */

  GtkWidget *clear;
  GtkToggleButton *labelled[3]; /* by CytFilterLabelled */
  GtkToggleButton *statuses[CYT_CONCEPT_ARTEFACT + 1];
  GtkDropDown *confidence;
  GtkDropDown *category;
  GtkDropDown *tag;
  GtkDropDown *rater;
  GtkDropDown *majority;
  GtkDropDown *alive_in;
  GtkEditable *min[CYT_FILTER_N_NUMBERS];
  GtkEditable *max[CYT_FILTER_N_NUMBERS];
  GtkCheckButton *hide_ubiquitous;
  GtkEditable *ubiquitous;
  GtkCheckButton *hide_silent;
  GtkLabel *count;
};

G_DEFINE_FINAL_TYPE (CytFilterPanel, cyt_filter_panel, GTK_TYPE_POPOVER)

static CytLatentModel *
get_model (CytFilterPanel *self)
{
  return cyt_session_get_latents (self->session);
}

/* Frequency and purity are entered in percent. */
static double
get_factor (CytFilterNumber number)
{
  return number == CYT_FILTER_FREQUENCY || number == CYT_FILTER_PURITY ? 100 : 1;
}

/* ---- From the widgets to the filter ---- */

static double
read_number (GtkEditable *entry, double factor, double fallback)
{
  double value = fallback;
  gboolean ok = cyt_filter_text_parse_number (gtk_editable_get_text (entry), fallback * factor, &value);

  if (ok)
    gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_STATE_INVALID,
                               ok ? GTK_ACCESSIBLE_INVALID_FALSE : GTK_ACCESSIBLE_INVALID_TRUE, -1);
  return ok ? value / factor : fallback;
}

/* NULL for "Any", which is the first. */
static char *
dup_choice (GtkDropDown *drop_down)
{
  GtkStringObject *choice = gtk_drop_down_get_selected_item (drop_down);

  if (choice == NULL || gtk_drop_down_get_selected (drop_down) == 0)
    return NULL;
  return g_strdup (gtk_string_object_get_string (choice));
}

static CytLatentFilter *
read_filter (CytFilterPanel *self)
{
  CytLatentFilter *filter = cyt_latent_filter_copy (cyt_latent_model_get_filter (get_model (self)));

  for (guint i = 0; i < G_N_ELEMENTS (self->labelled); i++)
    if (gtk_toggle_button_get_active (self->labelled[i]))
      filter->labelled = i;
  filter->statuses = 0;
  for (guint i = 0; i < G_N_ELEMENTS (self->statuses); i++)
    if (gtk_toggle_button_get_active (self->statuses[i]))
      filter->statuses |= 1u << i;
  filter->confidence = (int) gtk_drop_down_get_selected (self->confidence) - 1;
  g_free (filter->category);
  filter->category = dup_choice (self->category);
  g_free (filter->tag);
  filter->tag = dup_choice (self->tag);
  g_free (filter->rater);
  filter->rater = dup_choice (self->rater);
  g_free (filter->majority);
  filter->majority = dup_choice (self->majority);
  g_free (filter->alive_in);
  filter->alive_in = dup_choice (self->alive_in);
  for (guint i = 0; i < CYT_FILTER_N_NUMBERS; i++)
    {
      filter->min[i] = read_number (self->min[i], get_factor (i), -INFINITY);
      filter->max[i] = read_number (self->max[i], get_factor (i), INFINITY);
    }
  filter->show_ubiquitous = !gtk_check_button_get_active (self->hide_ubiquitous);
  filter->ubiquitous = read_number (self->ubiquitous, 1, CYT_UBIQUITOUS_MEAN_ACT);
  filter->show_silent = !gtk_check_button_get_active (self->hide_silent);
  return filter;
}

static void
changed_cb (CytFilterPanel *self)
{
  g_autoptr (CytLatentFilter) filter = NULL;

  if (self->updating || self->session == NULL)
    return;
  filter = read_filter (self);
  self->updating = TRUE;
  cyt_latent_model_set_filter (get_model (self), filter);
  self->updating = FALSE;
}

static void
clear_cb (CytFilterPanel *self)
{
  g_autoptr (CytLatentFilter) filter = cyt_latent_filter_new ();

  cyt_latent_model_set_filter (get_model (self), filter);
}

/* ---- From the filter to the widgets ---- */

static void
show_number (GtkEditable *entry, double value)
{
  g_autofree char *text = isfinite (value) ? g_strdup_printf ("%g", value) : g_strdup ("");

  gtk_editable_set_text (entry, text);
  gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
}

/* "Any", the @choices there are, and @wanted even when it is not among them. */
static void
show_choice (GtkDropDown *drop_down, const char *const *choices, const char *wanted)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  guint selected = 0, n = 1;

  gtk_string_list_append (list, _("Any"));
  for (guint i = 0; choices[i] != NULL; i++, n++)
    {
      gtk_string_list_append (list, choices[i]);
      if (g_strcmp0 (choices[i], wanted) == 0)
        selected = n;
    }
  if (wanted != NULL && selected == 0)
    {
      gtk_string_list_append (list, wanted);
      selected = n;
    }
  gtk_drop_down_set_model (drop_down, G_LIST_MODEL (list));
  gtk_drop_down_set_selected (drop_down, selected);
  gtk_widget_set_sensitive (GTK_WIDGET (drop_down), g_list_model_get_n_items (G_LIST_MODEL (list)) > 1);
}

static void
show_choices (CytFilterPanel *self, const CytLatentFilter *filter)
{
  CytLatentModel *model = get_model (self);
  const CytLatentTable *table = cyt_latent_model_get_current_table (model);
  g_auto (GStrv) categories = cyt_latent_model_list_categories (model);
  g_auto (GStrv) tags = cyt_latent_model_list_tags (model);
  g_auto (GStrv) raters = cyt_latent_model_list_raters (model);
  g_autoptr (GPtrArray) datasets = g_ptr_array_new ();
  const char *const none[] = { NULL };

  for (guint i = 0; i < cyt_latent_model_get_n_tables (model); i++)
    if (cyt_latent_model_get_table (model, i)->dataset >= 0)
      g_ptr_array_add (datasets, cyt_latent_model_get_table (model, i)->name);
  g_ptr_array_add (datasets, NULL);
  show_choice (self->category, (const char *const *) categories, filter->category);
  show_choice (self->tag, (const char *const *) tags, filter->tag);
  show_choice (self->rater, (const char *const *) raters, filter->rater);
  show_choice (self->majority, table != NULL ? (const char *const *) table->labels : none, filter->majority);
  show_choice (self->alive_in, (const char *const *) datasets->pdata, filter->alive_in);
  gtk_drop_down_set_selected (self->confidence, filter->confidence + 1);
}

/* What numbers there are, as a hint in the empty entries. */
static void
show_extent (CytFilterPanel *self, CytFilterNumber number, const CytLatentTable *table)
{
  double min = INFINITY, max = -INFINITY;
  g_autofree char *low = NULL, *high = NULL;

  for (gsize i = 0; table != NULL && i < table->n_rows; i++)
    {
      double value = cyt_latent_table_get_number (table, i, number);

      if (table->rows[i].n_active == 0 || isnan (value))
        continue;
      min = MIN (min, value);
      max = MAX (max, value);
    }
  low = min <= max ? cyt_format_number (min * get_factor (number)) : g_strdup ("");
  high = min <= max ? cyt_format_number (max * get_factor (number)) : g_strdup ("");
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->min[number]), low);
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->max[number]), high);
  gtk_widget_set_sensitive (GTK_WIDGET (self->min[number]), min <= max);
  gtk_widget_set_sensitive (GTK_WIDGET (self->max[number]), min <= max);
}

static void
update_count (CytFilterPanel *self)
{
  CytLatentModel *model = get_model (self);
  g_autofree char *shown = cyt_format_count (g_list_model_get_n_items (G_LIST_MODEL (model)));
  g_autofree char *all = cyt_format_count (cyt_latent_model_get_n_latents (model));
  g_autofree char *text = g_strdup_printf (_("%s of %s latents"), shown, all);

  gtk_label_set_label (self->count, text);
  gtk_widget_set_sensitive (self->clear, cyt_latent_filter_get_criteria (cyt_latent_model_get_filter (model)) != 0
                                           || cyt_latent_model_get_search (model)[0] != '\0');
}

static void
update_widgets (CytFilterPanel *self)
{
  CytLatentModel *model = get_model (self);
  const CytLatentFilter *filter = cyt_latent_model_get_filter (model);

  self->updating = TRUE;
  gtk_toggle_button_set_active (self->labelled[filter->labelled], TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (self->statuses); i++)
    gtk_toggle_button_set_active (self->statuses[i], (filter->statuses & (1u << i)) != 0);
  show_choices (self, filter);
  for (guint i = 0; i < CYT_FILTER_N_NUMBERS; i++)
    {
      show_number (self->min[i], filter->min[i] * get_factor (i));
      show_number (self->max[i], filter->max[i] * get_factor (i));
      show_extent (self, i, cyt_latent_model_get_current_table (model));
    }
  gtk_check_button_set_active (self->hide_ubiquitous, !filter->show_ubiquitous);
  show_number (self->ubiquitous, filter->ubiquitous);
  gtk_check_button_set_active (self->hide_silent, !filter->show_silent);
  self->updating = FALSE;
  update_count (self);
}

static void
filter_changed_cb (CytFilterPanel *self)
{
  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    return;
  if (self->updating)
    update_count (self);
  else
    update_widgets (self);
}

static void
cyt_filter_panel_show (GtkWidget *widget)
{
  CytFilterPanel *self = CYT_FILTER_PANEL (widget);

  if (self->session != NULL)
    update_widgets (self);
  GTK_WIDGET_CLASS (cyt_filter_panel_parent_class)->show (widget);
}

void
cyt_filter_panel_set_session (CytFilterPanel *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_FILTER_PANEL (self) && self->session == NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (get_model (self), "filter-changed", G_CALLBACK (filter_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

/* ---- GObject ---- */

static void
cyt_filter_panel_dispose (GObject *object)
{
  CytFilterPanel *self = CYT_FILTER_PANEL (object);

  /* The widgets tell of themselves while they go. */
  self->updating = TRUE;
  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), CYT_TYPE_FILTER_PANEL);
  G_OBJECT_CLASS (cyt_filter_panel_parent_class)->dispose (object);
}

static void
cyt_filter_panel_class_init (CytFilterPanelClass *klass)
{
  static const struct
  {
    const char *name;
    gsize offset;
  } children[] = {
    { "clear", G_STRUCT_OFFSET (CytFilterPanel, clear) },
    { "any", G_STRUCT_OFFSET (CytFilterPanel, labelled[CYT_FILTER_ANY]) },
    { "unlabelled", G_STRUCT_OFFSET (CytFilterPanel, labelled[CYT_FILTER_UNLABELLED]) },
    { "labelled", G_STRUCT_OFFSET (CytFilterPanel, labelled[CYT_FILTER_LABELLED]) },
    { "unreviewed", G_STRUCT_OFFSET (CytFilterPanel, statuses[CYT_CONCEPT_UNREVIEWED]) },
    { "proposed", G_STRUCT_OFFSET (CytFilterPanel, statuses[CYT_CONCEPT_PROPOSED]) },
    { "confirmed", G_STRUCT_OFFSET (CytFilterPanel, statuses[CYT_CONCEPT_CONFIRMED]) },
    { "rejected", G_STRUCT_OFFSET (CytFilterPanel, statuses[CYT_CONCEPT_REJECTED]) },
    { "artefact", G_STRUCT_OFFSET (CytFilterPanel, statuses[CYT_CONCEPT_ARTEFACT]) },
    { "confidence", G_STRUCT_OFFSET (CytFilterPanel, confidence) },
    { "category", G_STRUCT_OFFSET (CytFilterPanel, category) },
    { "tag", G_STRUCT_OFFSET (CytFilterPanel, tag) },
    { "rater", G_STRUCT_OFFSET (CytFilterPanel, rater) },
    { "majority", G_STRUCT_OFFSET (CytFilterPanel, majority) },
    { "alive_in", G_STRUCT_OFFSET (CytFilterPanel, alive_in) },
    { "frequency_min", G_STRUCT_OFFSET (CytFilterPanel, min[CYT_FILTER_FREQUENCY]) },
    { "frequency_max", G_STRUCT_OFFSET (CytFilterPanel, max[CYT_FILTER_FREQUENCY]) },
    { "mean_min", G_STRUCT_OFFSET (CytFilterPanel, min[CYT_FILTER_MEAN_ACT]) },
    { "mean_max", G_STRUCT_OFFSET (CytFilterPanel, max[CYT_FILTER_MEAN_ACT]) },
    { "max_min", G_STRUCT_OFFSET (CytFilterPanel, min[CYT_FILTER_MAX_ACT]) },
    { "max_max", G_STRUCT_OFFSET (CytFilterPanel, max[CYT_FILTER_MAX_ACT]) },
    { "entropy_min", G_STRUCT_OFFSET (CytFilterPanel, min[CYT_FILTER_ENTROPY]) },
    { "entropy_max", G_STRUCT_OFFSET (CytFilterPanel, max[CYT_FILTER_ENTROPY]) },
    { "purity_min", G_STRUCT_OFFSET (CytFilterPanel, min[CYT_FILTER_PURITY]) },
    { "purity_max", G_STRUCT_OFFSET (CytFilterPanel, max[CYT_FILTER_PURITY]) },
    { "selectivity_min", G_STRUCT_OFFSET (CytFilterPanel, min[CYT_FILTER_SELECTIVITY]) },
    { "selectivity_max", G_STRUCT_OFFSET (CytFilterPanel, max[CYT_FILTER_SELECTIVITY]) },
    { "monosemanticity_min", G_STRUCT_OFFSET (CytFilterPanel, min[CYT_FILTER_MONOSEMANTICITY]) },
    { "monosemanticity_max", G_STRUCT_OFFSET (CytFilterPanel, max[CYT_FILTER_MONOSEMANTICITY]) },
    { "redundancy_min", G_STRUCT_OFFSET (CytFilterPanel, min[CYT_FILTER_REDUNDANCY]) },
    { "redundancy_max", G_STRUCT_OFFSET (CytFilterPanel, max[CYT_FILTER_REDUNDANCY]) },
    { "map_min", G_STRUCT_OFFSET (CytFilterPanel, min[CYT_FILTER_MAP]) },
    { "map_max", G_STRUCT_OFFSET (CytFilterPanel, max[CYT_FILTER_MAP]) },
    { "hide_ubiquitous", G_STRUCT_OFFSET (CytFilterPanel, hide_ubiquitous) },
    { "ubiquitous", G_STRUCT_OFFSET (CytFilterPanel, ubiquitous) },
    { "hide_silent", G_STRUCT_OFFSET (CytFilterPanel, hide_silent) },
    { "count", G_STRUCT_OFFSET (CytFilterPanel, count) },
  };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_filter_panel_dispose;
  widget_class->show = cyt_filter_panel_show;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-filter-panel.ui");
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    gtk_widget_class_bind_template_child_full (widget_class, children[i].name, FALSE, children[i].offset);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
}

/* The key that opened it closes it. */
static gboolean
key_cb (CytFilterPanel *self, guint key, guint code, GdkModifierType state)
{
  if (key != GDK_KEY_f || cyt_keys_has_modifier (state) || cyt_keys_is_typing (GTK_WIDGET (self)))
    return GDK_EVENT_PROPAGATE;
  gtk_popover_popdown (GTK_POPOVER (self));
  return GDK_EVENT_STOP;
}

static void
cyt_filter_panel_init (CytFilterPanel *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  const char *const confidences[] = { _("Any"), _("Not given"), _("Low"), _("Medium"), _("High"), NULL };
  g_autoptr (GtkStringList) list = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  list = gtk_string_list_new (confidences);
  gtk_drop_down_set_model (self->confidence, G_LIST_MODEL (list));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}
