/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cyt-cell-item.h"
#include "cyt-project-jobs-patients.h"

CytProject *
cyt_project_state_get_project (CytProjectState *state, const char *path, GError **error)
{
  if (state->project == NULL)
    state->project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error);
  return state->project;
}

CytPatientsRequest *
cyt_patients_request_new (const char *path, gint64 dataset, double threshold, gboolean skip_marked)
{
  CytPatientsRequest *self = g_new0 (CytPatientsRequest, 1);

  self->path = g_strdup (path);
  self->dataset = dataset;
  self->threshold = threshold;
  self->skip_marked = skip_marked;
  return self;
}

void
cyt_patients_request_free (CytPatientsRequest *self)
{
  g_free (self->path);
  g_free (self);
}

static void
clear_view (CytPatientsView *self)
{
  cyt_barcodes_free (self->barcodes);
  g_free (self->outliers);
  g_free (self->correlation);
  g_clear_pointer (&self->thresholds, g_array_unref);
  g_free (self->fingerprint);
}

CytPatientsView *
cyt_patients_view_ref (CytPatientsView *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
cyt_patients_view_unref (CytPatientsView *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear_view);
}

/* The cells by level, read once for all positions of the slider. */
static CytLevelBarcodes *
get_levels (CytProjectState *state, gint64 dataset, gsize n_indexed, GCancellable *cancellable, GError **error)
{
  if (state->levels != NULL && state->levels_dataset == dataset && state->levels_n_indexed == n_indexed)
    return state->levels;
  g_clear_pointer (&state->levels, cyt_level_barcodes_free);
  state->levels = cyt_level_barcodes_new (state->project, dataset, cancellable, error);
  state->levels_dataset = dataset;
  state->levels_n_indexed = n_indexed;
  return state->levels;
}

static CytBarcodes *
load_barcodes (CytProjectState *state, const CytPatientsView *view, GCancellable *cancellable, GError **error)
{
  int level = isnan (view->options.threshold) ? -1 : cyt_level_find (view->options.threshold);
  CytLevelBarcodes *levels;
  gsize n_indexed;

  if (!view->has_levels || level < 0)
    return cyt_barcodes_compute (state->project, &view->options, cancellable, error);
  if (!cyt_project_count_level_cells (state->project, view->options.dataset, &n_indexed, error)
      || (levels = get_levels (state, view->options.dataset, n_indexed, cancellable, error)) == NULL)
    return NULL;
  return cyt_level_barcodes_get (levels, state->project, (guint) level, view->options.skip_marked, error);
}

static char *
make_fingerprint (const CytBarcodes *barcodes)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (sum, (const guchar *) barcodes->latents, (gssize) (barcodes->n_latents * sizeof *barcodes->latents));
  for (guint i = 0; i < barcodes->rows->len; i++)
    {
      const CytBarcode *row = cyt_barcodes_get_row (barcodes, i);
      g_autofree char *facts = g_strdup_printf ("%s\n%s\n%s\n%" G_GSIZE_FORMAT "\n", row->name, row->disease ? row->disease : "",
                                                row->other_disease ? row->other_disease : "", row->n_cells);

      g_checksum_update (sum, (const guchar *) facts, -1);
      g_checksum_update (sum, (const guchar *) row->values, (gssize) (barcodes->n_latents * sizeof *row->values));
    }
  return g_strdup (g_checksum_get_string (sum));
}

gpointer
cyt_project_job_load_patients (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  const CytPatientsRequest *request = data;
  CytProject *project = cyt_project_state_get_project (state, request->path, error);
  g_autoptr (CytPatientsView) view = g_atomic_rc_box_new0 (CytPatientsView);

  view->options = (CytBarcodesOptions) CYT_BARCODES_OPTIONS_INIT;
  view->options.dataset = request->dataset;
  view->options.threshold = request->threshold;
  view->options.skip_marked = request->skip_marked;
  if (project == NULL
      || (view->thresholds = cyt_project_list_thresholds (project, request->dataset, error)) == NULL
      || !cyt_project_has_levels (project, request->dataset, &view->has_levels, error)
      || (view->barcodes = load_barcodes (state, view, cancellable, error)) == NULL)
    return NULL;
  view->options.threshold = view->barcodes->threshold;
  view->outliers = g_new (double, view->barcodes->rows->len);
  cyt_patients_score_outliers (view->barcodes, view->outliers);
  view->correlation = g_new (double, (gsize) view->barcodes->rows->len * view->barcodes->rows->len);
  cyt_patients_correlate (view->barcodes, view->correlation);
  view->fingerprint = make_fingerprint (view->barcodes);
  return g_steal_pointer (&view);
}

/* ---- How many cells suffice; what latents respond to ---- */

CytStabilityRequest *
cyt_stability_request_new (const char *path, const CytBarcodesOptions *options, const char *patient)
{
  CytStabilityRequest *self = g_new0 (CytStabilityRequest, 1);

  self->path = g_strdup (path);
  self->options = *options;
  self->patient = g_strdup (patient);
  return self;
}

void
cyt_stability_request_free (CytStabilityRequest *self)
{
  g_free (self->path);
  g_free (self->patient);
  g_free (self);
}

gpointer
cyt_project_job_load_stability (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  const CytStabilityRequest *request = data;
  CytProject *project = cyt_project_state_get_project (state, request->path, error);

  return project != NULL ? cyt_patients_bootstrap (project, &request->options, request->patient, 1, cancellable, error) : NULL;
}

gpointer
cyt_project_job_load_confounds (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProject *project = cyt_project_state_get_project (state, data, error);

  return project != NULL ? cyt_confounds_compute (project, cancellable, error) : NULL;
}

/* ---- Cells of a patient ---- */

CytPatientCellsRequest *
cyt_patient_cells_request_new (const char *path, gint64 dataset, const char *patient, guint latent)
{
  CytPatientCellsRequest *self = g_new0 (CytPatientCellsRequest, 1);

  self->path = g_strdup (path);
  self->dataset = dataset;
  self->patient = g_strdup (patient);
  self->latent = latent;
  return self;
}

void
cyt_patient_cells_request_free (CytPatientCellsRequest *self)
{
  g_free (self->path);
  g_free (self->patient);
  g_free (self);
}

typedef struct
{
  guint latent;
  GArray *found;           /* of CytTopCell: cell and score only */
} Search;

static gboolean
find_latent (const CytCell *cell, const CytCellLatents *latents, gpointer user_data, GError **error)
{
  Search *search = user_data;

  for (guint i = 0; i < latents->n && latents->latent[i] <= search->latent; i++)
    if (latents->latent[i] == search->latent)
      {
        CytTopCell entry = { .cell = cell->id, .score = latents->score[i] };

        g_array_append_val (search->found, entry);
      }
  return TRUE;
}

static int
compare_scores (gconstpointer a, gconstpointer b)
{
  const CytTopCell *x = a, *y = b;

  if (x->score != y->score)
    return x->score > y->score ? -1 : 1;
  return (x->cell > y->cell) - (x->cell < y->cell);
}

static void
take_map (CytTopCell *entry, GPtrArray *top)
{
  entry->map.latent = 0;
  for (guint i = 0; i < top->len; i++)
    {
      const CytTopCell *stored = top->pdata[i];

      if (stored->cell == entry->cell)
        {
          entry->map = stored->map;
          entry->has_map = stored->has_map;
        }
    }
}

static CytCellItem *
load_item (CytProject *project, const CytTopCell *entry, GError **error)
{
  g_autoptr (CytCell) cell = cyt_project_get_cell (project, entry->cell, error);
  char *path = cell != NULL ? cyt_project_dup_cell_path (project, entry->cell, error) : NULL;

  if (path == NULL)
    return NULL;
  return cyt_cell_item_new (g_steal_pointer (&cell), path, cyt_project_get_thumbnail (project, entry->cell, NULL), entry);
}

gpointer
cyt_project_job_load_patient_cells (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  const CytPatientCellsRequest *request = data;
  CytProject *project = cyt_project_state_get_project (state, request->path, error);
  g_autoptr (GArray) found = g_array_new (FALSE, TRUE, sizeof (CytTopCell));
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) top = NULL;
  Search search = { request->latent, found };

  if (project == NULL
      || !cyt_project_scan_patient (project, request->dataset, request->patient, NAN, find_latent, &search, cancellable, error)
      || (top = cyt_project_get_top_cells (project, request->dataset, request->latent, error)) == NULL)
    return NULL;
  g_array_sort (found, compare_scores);
  for (guint i = 0; i < MIN (found->len, CYT_PATIENT_N_CELLS); i++)
    {
      CytTopCell *entry = &g_array_index (found, CytTopCell, i);
      CytCellItem *item;

      entry->rank = i;
      take_map (entry, top);
      entry->map.latent = request->latent;
      item = load_item (project, entry, error);
      if (item == NULL)
        return NULL;
      g_ptr_array_add (items, item);
    }
  return g_steal_pointer (&items);
}
