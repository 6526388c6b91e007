/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cyt-cell-analysis.h"
#include "cyt-cell-section.h"
#include "cyt-project-jobs-cells.h"
#include "cyt-session-private.h"
#include "cyt-settings.h"

/* Cells of the latent shown before stay until the new ones are there, but not longer than this. */
#define CLEAR_MS 150

/* The strongest patches of the heat show where, and leave chromatin and granules under them to be seen. */
#define DEFAULT_OPACITY 0.45

/* Maps that are not stored are computed when somebody stays with a latent, not while he leafs. */
#define MAPS_MS 400

#define ZOOM_STEP 1.125

#define KEY_OVERLAY "overlay"
#define KEY_OPACITY "overlay-opacity-percent"
#define KEY_SHARED "overlay-shared-range"
#define KEY_COLORMAP "overlay-colormap"
#define KEY_TILE_SIZE "cell-size"

static void
update_scale_max (CytSession *self)
{
  CytSessionCells *cells = &self->cells;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (cells->all));
  double max = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CytCellItem) item = g_list_model_get_item (G_LIST_MODEL (cells->all), i);

      max = MAX (max, cyt_cell_item_get_max (item));
    }
  if (max == cells->scale_max)
    return;
  cells->scale_max = max;
  cyt_session_notify (self, CYT_SESSION_PROP_SCALE_MAX);
}

/* ---- Maps that are not stored ---- */

static void compute_next_map (CytSession *self);

/* Does not keep the session: closing its window ends the work. */
typedef struct
{
  GWeakRef session;
  CytCellItem *item;
} MapRequest;

static void
map_computed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree MapRequest *request = user_data;
  g_autoptr (CytSession) self = g_weak_ref_get (&request->session);
  g_autoptr (CytCellItem) item = request->item;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCellAnalysis) analysis = cyt_worker_run_finish (CYT_WORKER (source), result, &error);

  g_weak_ref_clear (&request->session);
  if (self == NULL)
    return;
  self->cells.computing_map = FALSE;
  if (analysis != NULL)
    {
      CytSparseMap map;

      cyt_token_latents_get_map (analysis->latents, cyt_cell_item_get_top (item)->map.latent, &map);
      cyt_cell_item_set_map (item, &map);
      update_scale_max (self);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    cyt_cell_item_set_map_failed (item, error->message);
  compute_next_map (self);
}

/* One after the other, so that there is never more than one to wait for when the latent changes. */
static void
compute_next_map (CytSession *self)
{
  CytSessionCells *cells = &self->cells;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (cells->all));

  if (cells->computing_map || cells->maps_source != 0 || cells->cancellable == NULL
      || cells->overlay_mode == CYT_OVERLAY_OFF)
    return;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CytCellItem) item = g_list_model_get_item (G_LIST_MODEL (cells->all), i);
      MapRequest *request;

      if (cyt_cell_item_get_map_state (item) != CYT_CELL_MAP_WANTED)
        continue;
      request = g_new0 (MapRequest, 1);
      g_weak_ref_init (&request->session, self);
      request->item = g_object_ref (item);
      cells->computing_map = TRUE;
      cyt_session_analyse_cell_async (self, cyt_cell_item_get_path (item), G_PRIORITY_LOW, cells->cancellable,
                                      map_computed_cb, request);
      return;
    }
}

static gboolean
maps_cb (gpointer user_data)
{
  CytSession *self = user_data;

  self->cells.maps_source = 0;
  compute_next_map (self);
  return G_SOURCE_REMOVE;
}

/* ---- Loading ---- */

/* The sections of the data sets that the project has by now. */
static void
update_sections (CytSession *self)
{
  GListStore *sections = self->cells.sections;
  guint n_old = g_list_model_get_n_items (G_LIST_MODEL (sections));
  guint n_new = self->datasets != NULL ? self->datasets->len * CYT_CELL_SECTION_N_KINDS : 0, n_head = 0;
  g_autoptr (GPtrArray) added = g_ptr_array_new_with_free_func (g_object_unref);

  for (; n_head < n_old && n_head < n_new; n_head++)
    {
      g_autoptr (CytCellSection) section = g_list_model_get_item (G_LIST_MODEL (sections), n_head);
      const CytDataset *dataset = self->datasets->pdata[n_head / CYT_CELL_SECTION_N_KINDS];

      if (cyt_cell_section_get_dataset (section) != dataset->id)
        break;
    }
  for (guint i = n_head; i < n_new; i++)
    {
      const CytDataset *dataset = self->datasets->pdata[i / CYT_CELL_SECTION_N_KINDS];

      g_ptr_array_add (added, cyt_cell_section_new (dataset->id, i % CYT_CELL_SECTION_N_KINDS));
    }
  if (n_head < n_old || added->len > 0)
    g_list_store_splice (sections, n_head, n_old - n_head, added->pdata, added->len);
}

static void
clear_cells (CytSession *self)
{
  GListModel *sections = G_LIST_MODEL (self->cells.sections);

  g_clear_handle_id (&self->cells.clear_source, g_source_remove);
  for (guint i = 0; i < g_list_model_get_n_items (sections); i++)
    {
      g_autoptr (CytCellSection) section = g_list_model_get_item (sections, i);

      cyt_cell_section_set_cells (section, NULL);
    }
  update_scale_max (self);
}

static gboolean
clear_cb (gpointer user_data)
{
  CytSession *self = user_data;

  self->cells.clear_source = 0;
  clear_cells (self);
  return G_SOURCE_REMOVE;
}

static const CytDataset *
find_dataset (CytSession *self, gint64 id)
{
  for (guint i = 0; self->datasets != NULL && i < self->datasets->len; i++)
    if (((CytDataset *) self->datasets->pdata[i])->id == id)
      return self->datasets->pdata[i];
  return NULL;
}

static void
set_answer (CytSession *self, const CytCellsAnswer *answer)
{
  GListModel *sections = G_LIST_MODEL (self->cells.sections);
  const CytDataset *dataset = find_dataset (self, answer->dataset);

  for (guint i = 0; dataset != NULL && i < g_list_model_get_n_items (sections); i++)
    {
      g_autoptr (CytCellSection) section = g_list_model_get_item (sections, i);

      if (cyt_cell_section_get_dataset (section) != answer->dataset)
        continue;
      cyt_cell_section_set_facts (section, dataset, &answer->row);
      cyt_cell_section_set_cells (section, answer->cells[cyt_cell_section_get_kind (section)]);
    }
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) answers = cyt_worker_run_finish (CYT_WORKER (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_handle_id (&self->cells.clear_source, g_source_remove);
  if (answers == NULL)
    {
      clear_cells (self);
      cyt_session_emit_problem (self, error->message);
      return;
    }
  for (guint i = 0; i < answers->len; i++)
    set_answer (self, answers->pdata[i]);
  update_scale_max (self);
  if (self->cells.maps_source == 0)
    self->cells.maps_source = g_timeout_add (MAPS_MS, maps_cb, self);
}

void
cyt_session_load_cells (CytSession *self)
{
  CytSessionCells *cells = &self->cells;
  gint64 latent = cyt_latent_model_get_selected (self->latents);
  CytCellsRequest *request;

  g_cancellable_cancel (cells->cancellable);
  g_clear_object (&cells->cancellable);
  g_clear_handle_id (&cells->maps_source, g_source_remove);
  update_sections (self);
  if (latent < 0 || latent >= (gint64) cyt_latent_model_get_n_latents (self->latents) || self->datasets == NULL
      || self->datasets->len == 0)
    {
      clear_cells (self);
      return;
    }
  cells->cancellable = g_cancellable_new ();
  request = cyt_cells_request_new (latent, cells->one_per_patient);
  for (guint i = 0; i < self->datasets->len; i++)
    g_array_append_val (request->datasets, ((CytDataset *) self->datasets->pdata[i])->id);
  /* Ahead of anything that only keeps up to date: somebody is waiting for these. */
  cyt_worker_run_async (self->project, cyt_project_job_load_cells, request,
                        (GDestroyNotify) cyt_cells_request_free, (GDestroyNotify) g_ptr_array_unref,
                        G_PRIORITY_HIGH, cyt_session_load_cells, cells->cancellable, loaded_cb,
                        g_object_ref (self));
}

static void
selected_cb (CytSession *self)
{
  if (self->cells.clear_source == 0)
    self->cells.clear_source = g_timeout_add (CLEAR_MS, clear_cb, self);
  cyt_session_load_cells (self);
}

/* ---- How they are shown ---- */

GListModel *
cyt_session_get_sections (CytSession *self)
{
  return G_LIST_MODEL (self->cells.sections);
}

GListModel *
cyt_session_get_cells (CytSession *self)
{
  return G_LIST_MODEL (self->cells.all);
}

CytOverlayMode
cyt_session_get_overlay_mode (CytSession *self)
{
  return self->cells.overlay_mode;
}

void
cyt_session_toggle_overlay (CytSession *self)
{
  g_return_if_fail (CYT_IS_SESSION (self));

  g_object_set (self, "overlay-mode",
                self->cells.overlay_mode == CYT_OVERLAY_OFF ? self->cells.last_mode : CYT_OVERLAY_OFF, NULL);
}

gboolean
cyt_session_get_overlay_hidden (CytSession *self)
{
  return self->cells.overlay_hidden;
}

double
cyt_session_get_opacity (CytSession *self)
{
  return self->cells.opacity;
}

gboolean
cyt_session_get_shared_scale (CytSession *self)
{
  return self->cells.shared_scale;
}

double
cyt_session_get_scale_max (CytSession *self)
{
  return self->cells.scale_max;
}

CytColormap
cyt_session_get_colormap (CytSession *self)
{
  return self->cells.colormap;
}

gboolean
cyt_session_get_one_per_patient (CytSession *self)
{
  return self->cells.one_per_patient;
}

guint
cyt_session_get_tile_size (CytSession *self)
{
  return self->cells.tile_size;
}

void
cyt_session_zoom (CytSession *self, int steps)
{
  double size;

  g_return_if_fail (CYT_IS_SESSION (self));

  /* Sizes lie on one ladder, so that as many steps back lead to where one was. */
  size = steps == 0 ? CYT_TILE_SIZE_DEFAULT
                    : CYT_TILE_SIZE_DEFAULT
                        * pow (ZOOM_STEP, round (log ((double) self->cells.tile_size / CYT_TILE_SIZE_DEFAULT)
                                                 / log (ZOOM_STEP)) + steps);
  g_object_set (self, "tile-size", (guint) CLAMP (lround (size), CYT_TILE_SIZE_MIN, CYT_TILE_SIZE_MAX), NULL);
}

gboolean
cyt_session_cells_get_property (CytSession *self, guint prop, GValue *value)
{
  const CytSessionCells *cells = &self->cells;

  switch (prop)
    {
    case CYT_SESSION_PROP_OVERLAY_MODE:
      g_value_set_uint (value, cells->overlay_mode);
      return TRUE;
    case CYT_SESSION_PROP_OVERLAY_HIDDEN:
      g_value_set_boolean (value, cells->overlay_hidden);
      return TRUE;
    case CYT_SESSION_PROP_OPACITY:
      g_value_set_double (value, cells->opacity);
      return TRUE;
    case CYT_SESSION_PROP_SHARED_SCALE:
      g_value_set_boolean (value, cells->shared_scale);
      return TRUE;
    case CYT_SESSION_PROP_SCALE_MAX:
      g_value_set_double (value, cells->scale_max);
      return TRUE;
    case CYT_SESSION_PROP_COLORMAP:
      g_value_set_uint (value, cells->colormap);
      return TRUE;
    case CYT_SESSION_PROP_TILE_SIZE:
      g_value_set_uint (value, cells->tile_size);
      return TRUE;
    case CYT_SESSION_PROP_ONE_PER_PATIENT:
      g_value_set_boolean (value, cells->one_per_patient);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
set_uint (guint *place, guint value)
{
  if (*place == value)
    return FALSE;
  *place = value;
  return TRUE;
}

gboolean
cyt_session_cells_set_property (CytSession *self, guint prop, const GValue *value)
{
  CytSessionCells *cells = &self->cells;
  gboolean changed;

  switch (prop)
    {
    case CYT_SESSION_PROP_OVERLAY_MODE:
      changed = set_uint (&cells->overlay_mode, g_value_get_uint (value));
      if (changed && cells->overlay_mode != CYT_OVERLAY_OFF)
        {
          cells->last_mode = cells->overlay_mode;
          cyt_settings_set_int (KEY_OVERLAY, cells->overlay_mode);
          compute_next_map (self);
        }
      break;
    case CYT_SESSION_PROP_OVERLAY_HIDDEN:
      changed = cells->overlay_hidden != g_value_get_boolean (value);
      cells->overlay_hidden = g_value_get_boolean (value);
      break;
    case CYT_SESSION_PROP_OPACITY:
      changed = cells->opacity != g_value_get_double (value);
      cells->opacity = g_value_get_double (value);
      if (changed)
        cyt_settings_set_int (KEY_OPACITY, (int) lround (100 * cells->opacity));
      break;
    case CYT_SESSION_PROP_SHARED_SCALE:
      changed = cells->shared_scale != g_value_get_boolean (value);
      cells->shared_scale = g_value_get_boolean (value);
      if (changed)
        cyt_settings_set_int (KEY_SHARED, cells->shared_scale);
      break;
    case CYT_SESSION_PROP_COLORMAP:
      changed = set_uint (&cells->colormap, g_value_get_uint (value));
      if (changed)
        cyt_settings_set_int (KEY_COLORMAP, cells->colormap);
      break;
    case CYT_SESSION_PROP_TILE_SIZE:
      changed = set_uint (&cells->tile_size, g_value_get_uint (value));
      if (changed)
        cyt_settings_set_int (KEY_TILE_SIZE, cells->tile_size);
      break;
    case CYT_SESSION_PROP_ONE_PER_PATIENT:
      changed = cells->one_per_patient != g_value_get_boolean (value);
      cells->one_per_patient = g_value_get_boolean (value);
      if (changed)
        cyt_session_load_cells (self);
      break;
    default:
      return FALSE;
    }
  if (changed)
    cyt_session_notify (self, prop);
  return TRUE;
}

/* ---- Beginning and end ---- */

static int
get_setting (const char *key, int min, int max, int fallback)
{
  int value = cyt_settings_get_int (key, fallback);

  return value >= min && value <= max ? value : fallback;
}

void
cyt_session_cells_init (CytSession *self)
{
  CytSessionCells *cells = &self->cells;

  cells->sections = g_list_store_new (CYT_TYPE_CELL_SECTION);
  cells->all = gtk_flatten_list_model_new (g_object_ref (G_LIST_MODEL (cells->sections)));
  cells->overlay_mode = get_setting (KEY_OVERLAY, CYT_OVERLAY_OUTLINE, CYT_OVERLAY_HEAT, CYT_OVERLAY_HEAT);
  cells->last_mode = cells->overlay_mode;
  cells->opacity = get_setting (KEY_OPACITY, 0, 100, 100 * DEFAULT_OPACITY) / 100.0;
  cells->shared_scale = get_setting (KEY_SHARED, FALSE, TRUE, FALSE);
  cells->colormap = get_setting (KEY_COLORMAP, CYT_COLORMAP_VIRIDIS, CYT_COLORMAP_INFERNO, CYT_COLORMAP_VIRIDIS);
  cells->tile_size = get_setting (KEY_TILE_SIZE, CYT_TILE_SIZE_MIN, CYT_TILE_SIZE_MAX, CYT_TILE_SIZE_DEFAULT);
  g_signal_connect_object (self->latents, "notify::selected", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
}

void
cyt_session_cells_dispose (CytSession *self)
{
  g_cancellable_cancel (self->cells.cancellable);
  g_clear_object (&self->cells.cancellable);
  g_clear_handle_id (&self->cells.clear_source, g_source_remove);
  g_clear_handle_id (&self->cells.maps_source, g_source_remove);
}

void
cyt_session_cells_finalize (CytSession *self)
{
  g_clear_object (&self->cells.all);
  g_clear_object (&self->cells.sections);
}
