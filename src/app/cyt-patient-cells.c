/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-cell-item.h"
#include "cyt-cell-tile.h"
#include "cyt-format.h"
#include "cyt-patient-cells.h"

#define TILE_SIZE 150

struct _CytPatientCells
{
  GtkWidget parent_instance;

  CytSession *session;
  char *patient;
  guint latent;
  GListStore *items;            /* of CytCellItem */
  GCancellable *cancellable;    /* of what is under way for this patient and latent */

  GtkLabel *heading;
  GtkStack *stack;
  GtkGridView *grid;
};

G_DEFINE_FINAL_TYPE (CytPatientCells, cyt_patient_cells, GTK_TYPE_WIDGET)

static void
cancel (CytPatientCells *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

void
cyt_patient_cells_set_session (CytPatientCells *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_PATIENT_CELLS (self));
  g_set_object (&self->session, session);
}

/* ---- Maps that are not in the index ---- */

typedef struct
{
  CytPatientCells *view;
  GCancellable *cancellable;
  guint position;
} MapWait;

static void
analysed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree MapWait *wait = user_data;
  g_autoptr (CytPatientCells) self = wait->view;
  g_autoptr (GCancellable) cancellable = wait->cancellable;
  g_autoptr (CytCellAnalysis) analysis = NULL;
  g_autoptr (CytCellItem) old = NULL, item = NULL;
  const CytCell *cell;
  CytTopCell top;

  if (self->session == NULL) /* the window was closed */
    return;
  /* Without models or image the cell stays without its map. */
  analysis = cyt_session_analyse_cell_finish (self->session, result, NULL);
  if (analysis == NULL || self->cancellable != cancellable || g_cancellable_is_cancelled (cancellable))
    return;
  old = g_list_model_get_item (G_LIST_MODEL (self->items), wait->position);
  if (old == NULL)
    return;
  cell = cyt_cell_item_get_cell (old);
  if (g_strcmp0 (cell->sha256, analysis->sha256) != 0)
    return; /* another image than the one that was indexed */
  top = *cyt_cell_item_get_top (old);
  cyt_token_latents_get_map (analysis->latents, self->latent, &top.map);
  top.has_map = TRUE;
  item = cyt_cell_item_new_with_map (old, &top);
  g_list_store_splice (self->items, wait->position, 1, (gpointer *) &item, 1);
}

static void
ask_for_maps (CytPatientCells *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CytCellItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);
      MapWait *wait;

      if (cyt_cell_item_get_top (item)->has_map)
        continue;
      wait = g_new0 (MapWait, 1);
      wait->view = g_object_ref (self);
      wait->cancellable = g_object_ref (self->cancellable);
      wait->position = i;
      cyt_session_analyse_cell_async (self->session, cyt_cell_item_get_path (item), G_PRIORITY_DEFAULT + (int) i,
                                      self->cancellable, analysed_cb, wait);
    }
}

/* ---- Loading ---- */

static void
update_heading (CytPatientCells *self, guint n)
{
  g_autofree char *count = cyt_format_count (n);
  g_autofree char *text = NULL;

  if (n == CYT_PATIENT_N_CELLS)
    /* Translators: number of cells, patient, latent */
    text = g_strdup_printf (_("The %s cells of %s on which #%u fires most"), count, self->patient, self->latent);
  else
    /* Translators: number of cells, patient, latent */
    text = g_strdup_printf (ngettext ("%s cell of %s carries #%u", "%s cells of %s carry #%u", n), count, self->patient,
                            self->latent);
  gtk_label_set_label (self->heading, text);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytPatientCells) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) cells = NULL;

  if (self->session == NULL) /* the window was closed */
    return;
  cells = cyt_session_load_patient_cells_finish (self->session, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (cells == NULL)
    {
      gtk_label_set_label (self->heading, error->message);
      return;
    }
  g_list_store_splice (self->items, 0, g_list_model_get_n_items (G_LIST_MODEL (self->items)), cells->pdata, cells->len);
  gtk_stack_set_visible_child_name (self->stack, cells->len > 0 ? "cells" : "none");
  update_heading (self, cells->len);
  ask_for_maps (self);
}

void
cyt_patient_cells_show (CytPatientCells *self, const char *patient, guint latent)
{
  g_return_if_fail (CYT_IS_PATIENT_CELLS (self));

  if (patient != NULL && g_strcmp0 (patient, self->patient) == 0 && latent == self->latent)
    return;
  cancel (self);
  g_free (self->patient);
  self->patient = g_strdup (patient);
  self->latent = latent;
  if (patient == NULL || self->session == NULL)
    {
      g_list_store_remove_all (self->items);
      gtk_label_set_label (self->heading, "");
      return;
    }
  self->cancellable = g_cancellable_new ();
  cyt_session_load_patient_cells_async (self->session, patient, latent, self->cancellable, loaded_cb, g_object_ref (self));
}

/* ---- Items ---- */

static void
setup_cb (CytPatientCells *self, GtkListItem *item)
{
  CytCellTile *tile = cyt_cell_tile_new (self->session);

  cyt_cell_tile_set_size (tile, TILE_SIZE, cyt_cell_tile_get_n_lines (TILE_SIZE, FALSE));
  gtk_list_item_set_child (item, GTK_WIDGET (tile));
}

static void
bind_cb (CytPatientCells *self, GtkListItem *item)
{
  cyt_cell_tile_set_item (CYT_CELL_TILE (gtk_list_item_get_child (item)), gtk_list_item_get_item (item), TRUE);
}

static void
unbind_cb (CytPatientCells *self, GtkListItem *item)
{
  cyt_cell_tile_set_item (CYT_CELL_TILE (gtk_list_item_get_child (item)), NULL, FALSE);
}

static int
find_strongest_place (const CytTopCell *top)
{
  guint best = 0;

  if (!top->has_map || top->map.n == 0)
    return top->has_map ? CYT_PLACE_CLS : CYT_PLACE_CELL;
  for (guint i = 1; i < top->map.n; i++)
    if (top->map.value[i] > top->map.value[best])
      best = i;
  return 1 + top->map.patch[best];
}

/* A closer look, with the map of the latent that was asked about, at the patch on which it fires most. */
static void
activate_cb (CytPatientCells *self, guint position)
{
  g_autoptr (CytCellItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), position);

  if (item == NULL)
    return;
  cyt_session_inspect_cell (self->session, cyt_cell_item_get_cell (item)->id);
  cyt_inspection_set_latent (cyt_session_get_inspection (self->session), self->latent);
  cyt_inspection_set_place (cyt_session_get_inspection (self->session), find_strongest_place (cyt_cell_item_get_top (item)));
}

/* ---- GObject ---- */

static void
cyt_patient_cells_dispose (GObject *object)
{
  CytPatientCells *self = CYT_PATIENT_CELLS (object);
  GtkWidget *child;

  cancel (self);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->items);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_patient_cells_parent_class)->dispose (object);
}

static void
cyt_patient_cells_finalize (GObject *object)
{
  g_free (CYT_PATIENT_CELLS (object)->patient);
  G_OBJECT_CLASS (cyt_patient_cells_parent_class)->finalize (object);
}

static void
cyt_patient_cells_class_init (CytPatientCellsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_patient_cells_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_patient_cells_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-patient-cells.ui");
  gtk_widget_class_bind_template_child (widget_class, CytPatientCells, heading);
  gtk_widget_class_bind_template_child (widget_class, CytPatientCells, stack);
  gtk_widget_class_bind_template_child (widget_class, CytPatientCells, grid);
  gtk_widget_class_bind_template_callback (widget_class, setup_cb);
  gtk_widget_class_bind_template_callback (widget_class, bind_cb);
  gtk_widget_class_bind_template_callback (widget_class, unbind_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
cyt_patient_cells_init (CytPatientCells *self)
{
  g_autoptr (GtkSelectionModel) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->items = g_list_store_new (CYT_TYPE_CELL_ITEM);
  selection = GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->items))));
  gtk_grid_view_set_model (self->grid, selection);
}
