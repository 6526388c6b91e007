/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cyt-format.h"
#include "cyt-session-private.h"

#define N_FIRST_ROWS 12     /* about a screen of the list */
#define MAX_CLS_SHARE 0.8   /* from here on there is hardly a map */

G_DEFINE_FINAL_TYPE (CytSession, cyt_session, G_TYPE_OBJECT)

static GParamSpec *props[CYT_SESSION_N_PROPS];

enum
{
  FAILED,
  PROBLEM,
  TOAST,
  UNDO_TOAST,
  SAVE_FAILED,
  RATER_NEEDED,
  CONCEPT_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ---- For the session's own files ---- */

void
cyt_session_notify (CytSession *self, guint prop)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

void
cyt_session_emit_failed (CytSession *self, const char *heading, const char *body)
{
  g_autofree char *sentence = cyt_format_sentence (body);

  g_signal_emit (self, signals[FAILED], 0, heading, sentence);
}

void
cyt_session_emit_problem (CytSession *self, const char *text)
{
  g_autofree char *sentence = cyt_format_sentence (text);

  g_signal_emit (self, signals[PROBLEM], 0, sentence);
}

void
cyt_session_emit_toast (CytSession *self, const char *text)
{
  g_signal_emit (self, signals[TOAST], 0, text);
}

void
cyt_session_emit_undo_toast (CytSession *self, const char *text)
{
  g_signal_emit (self, signals[UNDO_TOAST], 0, text);
}

void
cyt_session_emit_save_failed (CytSession *self, const char *body)
{
  g_signal_emit (self, signals[SAVE_FAILED], 0, body);
}

void
cyt_session_emit_rater_needed (CytSession *self)
{
  g_signal_emit (self, signals[RATER_NEEDED], 0);
}

void
cyt_session_emit_concept_changed (CytSession *self, guint latent)
{
  g_signal_emit (self, signals[CONCEPT_CHANGED], 0, latent);
}

void
cyt_session_set_state (CytSession *self, CytSessionState state)
{
  if (self->state == state)
    return;
  self->state = state;
  cyt_session_notify (self, CYT_SESSION_PROP_STATE);
}

void
cyt_session_set_path (CytSession *self, const char *path)
{
  g_free (self->path);
  self->path = g_strdup (path);
  g_clear_pointer (&self->title, g_free);
  if (path != NULL)
    {
      g_autofree char *name = g_path_get_basename (path);

      if (g_str_has_suffix (name, ".cytosae"))
        name[strlen (name) - strlen (".cytosae")] = '\0';
      self->title = g_filename_display_name (name);
    }
  cyt_session_notify (self, CYT_SESSION_PROP_PATH);
  cyt_session_notify (self, CYT_SESSION_PROP_TITLE);
}

void
cyt_session_set_simulated (CytSession *self, gboolean simulated)
{
  if (self->simulated == simulated)
    return;
  self->simulated = simulated;
  cyt_session_notify (self, CYT_SESSION_PROP_SIMULATED);
}

/* ---- The selected latent ---- */

void
cyt_session_step_latent (CytSession *self, int step)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->latents));
  guint position;
  gint64 next;

  g_return_if_fail (CYT_IS_SESSION (self));

  if (n == 0)
    return;
  position = cyt_latent_model_find (self->latents, cyt_latent_model_get_selected (self->latents));
  next = position == GTK_INVALID_LIST_POSITION ? 0 : CLAMP ((gint64) position + step, 0, (gint64) n - 1);
  cyt_latent_model_set_selected (self->latents, cyt_latent_model_get_latent_at (self->latents, next));
}

static const CytLatentRow *
get_row_at (CytSession *self, guint position)
{
  return cyt_latent_model_get_row (self->latents, cyt_latent_model_get_latent_at (self->latents, position));
}

/* What a project is opened with: of the first screen of the list, what shows most; else the first that has a map, until
 * more cells are indexed. */
static void
select_first_latent (CytSession *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->latents)), first = 0;
  double best = 0;

  for (guint i = 0; i < MIN (n, N_FIRST_ROWS); i++)
    {
      double rating = cyt_latent_row_rate (get_row_at (self, i));

      if (rating > best)
        {
          best = rating;
          first = i;
        }
    }
  if (best == 0)
    while (first < n && get_row_at (self, first)->cls_share > MAX_CLS_SHARE)
      first++;
  if (n == 0)
    return;
  cyt_latent_model_set_selected (self->latents, cyt_latent_model_get_latent_at (self->latents, first % n));
  self->makeshift = best == 0 && cyt_session_is_indexing (self) ? cyt_latent_model_get_selected (self->latents) : -1;
}

/* ---- The project and its data sets ---- */

static guint
find_dataset (GPtrArray *datasets, gint64 id)
{
  for (guint i = 0; i < datasets->len; i++)
    if (((CytDataset *) datasets->pdata[i])->id == id)
      return i;
  return 0;
}

static void
apply_view (CytSession *self, CytProjectView *view)
{
  gboolean first = self->state != CYT_SESSION_OPEN;
  guint n_names = g_list_model_get_n_items (G_LIST_MODEL (self->dataset_names));
  const CytDataset *shown = cyt_session_get_dataset (self);

  g_clear_pointer (&self->model_files, cyt_model_files_unref);
  self->model_files = g_steal_pointer (&view->model_files);
  if (first)
    {
      cyt_session_set_path (self, view->path);
      self->read_only = view->read_only;
      cyt_session_notify (self, CYT_SESSION_PROP_READ_ONLY);
    }
  cyt_session_set_simulated (self, view->simulated);
  if (view->datasets == NULL)
    return;

  self->dataset = shown != NULL ? find_dataset (view->datasets, shown->id) : 0;
  g_clear_pointer (&self->datasets, g_ptr_array_unref);
  self->datasets = g_steal_pointer (&view->datasets);
  if (n_names != self->datasets->len)
    {
      g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
      g_auto (GStrv) strings = NULL;

      for (guint i = 0; i < self->datasets->len; i++)
        g_strv_builder_add (names, ((CytDataset *) self->datasets->pdata[i])->name);
      strings = g_strv_builder_end (names);
      gtk_string_list_splice (self->dataset_names, 0, n_names, (const char *const *) strings);
    }
  cyt_session_labels_loaded (self, view->concepts);
  cyt_session_filters_loaded (self, view->filters);
  cyt_latent_model_take_tables (self->latents, g_steal_pointer (&view->tables), self->dataset);
  cyt_session_set_state (self, CYT_SESSION_OPEN);
  cyt_session_notify (self, CYT_SESSION_PROP_DATASET);
  cyt_session_index_update (self);

  if (cyt_latent_model_get_selected (self->latents) == self->makeshift)
    select_first_latent (self);
  cyt_session_load_cells (self);
}

static void
view_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProjectView) view = cyt_worker_run_finish (CYT_WORKER (source), result, &error);

  self->loading_view = FALSE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (view != NULL)
    apply_view (self, view);
  else if (self->state == CYT_SESSION_OPEN)
    cyt_session_emit_problem (self, error->message);
  else if (!cyt_session_is_indexing (self))
    {
      g_clear_object (&self->project);
      cyt_session_set_state (self, CYT_SESSION_EMPTY);
      cyt_session_set_path (self, NULL);
      cyt_session_emit_failed (self, _("The Project Could Not Be Opened"), error->message);
    }

  if (self->reload_again)
    {
      self->reload_again = FALSE;
      cyt_session_load_view (self, self->state == CYT_SESSION_OPEN ? NULL : self->path, FALSE);
    }
}

void
cyt_session_load_view (CytSession *self, const char *path, gboolean only_if_changed)
{
  if (self->loading_view)
    {
      self->reload_again |= !only_if_changed;
      return;
    }
  if (path == NULL && self->state != CYT_SESSION_OPEN)
    return;
  if (self->project == NULL)
    self->project = cyt_worker_new ("project", cyt_project_state_new (),
                                    (GDestroyNotify) cyt_project_state_free);
  self->loading_view = TRUE;
  cyt_worker_run_async (self->project, cyt_project_job_load_view,
                        cyt_view_request_new (path, only_if_changed),
                        (GDestroyNotify) cyt_view_request_free, (GDestroyNotify) cyt_project_view_free,
                        G_PRIORITY_DEFAULT, cyt_session_load_view, self->cancellable, view_loaded_cb,
                        g_object_ref (self));
}

void
cyt_session_open (CytSession *self, const char *path)
{
  g_return_if_fail (CYT_IS_SESSION (self) && self->state == CYT_SESSION_EMPTY);

  cyt_session_set_path (self, path);
  cyt_session_set_state (self, CYT_SESSION_OPENING);
  cyt_session_load_view (self, path, FALSE);
}

void
cyt_session_refresh (CytSession *self)
{
  g_return_if_fail (CYT_IS_SESSION (self));

  if (self->state == CYT_SESSION_OPEN && !cyt_session_is_indexing (self))
    cyt_session_load_view (self, NULL, TRUE);
}

const CytDataset *
cyt_session_get_dataset (CytSession *self)
{
  if (self->datasets == NULL || self->dataset >= self->datasets->len)
    return NULL;
  return self->datasets->pdata[self->dataset];
}

void
cyt_session_set_dataset (CytSession *self, guint index)
{
  g_return_if_fail (CYT_IS_SESSION (self));

  if (index == self->dataset || self->datasets == NULL || index >= self->datasets->len)
    return;
  self->dataset = index;
  cyt_latent_model_set_current (self->latents, index);
  cyt_session_notify (self, CYT_SESSION_PROP_DATASET);
  cyt_session_index_update (self);
}

void
cyt_session_load_failures_async (CytSession *self, GAsyncReadyCallback callback, gpointer user_data)
{
  const CytDataset *dataset = cyt_session_get_dataset (self);

  g_return_if_fail (CYT_IS_SESSION (self) && dataset != NULL);

  cyt_worker_run_async (self->project, cyt_project_job_load_failures,
                        cyt_latent_request_new (dataset->id, 0), g_free,
                        (GDestroyNotify) g_ptr_array_unref, G_PRIORITY_DEFAULT,
                        cyt_session_load_failures_async, self->cancellable, callback, user_data);
}

GPtrArray *
cyt_session_load_failures_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  return cyt_worker_run_finish (self->project, result, error);
}

/* ---- Plain getters ---- */

CytSessionState
cyt_session_get_state (CytSession *self)
{
  return self->state;
}

const char *
cyt_session_get_path (CytSession *self)
{
  return self->path;
}

const char *
cyt_session_get_title (CytSession *self)
{
  return self->title;
}

gboolean
cyt_session_is_read_only (CytSession *self)
{
  return self->read_only;
}

gboolean
cyt_session_is_simulated (CytSession *self)
{
  return self->simulated;
}

GListModel *
cyt_session_get_dataset_names (CytSession *self)
{
  return G_LIST_MODEL (self->dataset_names);
}

CytLatentModel *
cyt_session_get_latents (CytSession *self)
{
  return self->latents;
}

/* ---- GObject ---- */

CytSession *
cyt_session_new (void)
{
  return g_object_new (CYT_TYPE_SESSION, NULL);
}

static void
cyt_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CytSession *self = CYT_SESSION (object);

  switch (id)
    {
    case CYT_SESSION_PROP_STATE:
      g_value_set_uint (value, self->state);
      break;
    case CYT_SESSION_PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case CYT_SESSION_PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case CYT_SESSION_PROP_READ_ONLY:
      g_value_set_boolean (value, self->read_only);
      break;
    case CYT_SESSION_PROP_SIMULATED:
      g_value_set_boolean (value, self->simulated);
      break;
    case CYT_SESSION_PROP_DATASET:
      g_value_set_uint (value, self->dataset);
      break;
    case CYT_SESSION_PROP_DATASET_NAMES:
      g_value_set_object (value, self->dataset_names);
      break;
    case CYT_SESSION_PROP_LATENTS:
      g_value_set_object (value, self->latents);
      break;
    case CYT_SESSION_PROP_CELLS:
      g_value_set_object (value, cyt_session_get_cells (self));
      break;
    case CYT_SESSION_PROP_INDEXING:
      g_value_set_boolean (value, cyt_session_is_indexing (self));
      break;
    case CYT_SESSION_PROP_PROGRESS:
      g_value_set_double (value, self->progress);
      break;
    case CYT_SESSION_PROP_STATUS_TEXT:
      g_value_set_string (value, self->status_text);
      break;
    case CYT_SESSION_PROP_CAN_CONTINUE:
      g_value_set_boolean (value, self->can_continue);
      break;
    case CYT_SESSION_PROP_N_FAILED:
      g_value_set_uint (value, self->n_failed);
      break;
    case CYT_SESSION_PROP_SAVE_STATE:
      g_value_set_uint (value, self->save_state);
      break;
    case CYT_SESSION_PROP_CAN_UNDO:
      g_value_set_boolean (value, self->undo->len > 0);
      break;
    case CYT_SESSION_PROP_CAN_REDO:
      g_value_set_boolean (value, self->redo->len > 0);
      break;
    case CYT_SESSION_PROP_VIEW:
      g_value_set_string (value, self->view);
      break;
    case CYT_SESSION_PROP_INSPECTION:
      g_value_set_object (value, self->inspect.inspection);
      break;
    case CYT_SESSION_PROP_CAN_GO_BACK:
      g_value_set_boolean (value, self->places->len > 0);
      break;
    default:
      if (!cyt_session_cells_get_property (self, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cyt_session_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CytSession *self = CYT_SESSION (object);

  switch (id)
    {
    case CYT_SESSION_PROP_DATASET:
      cyt_session_set_dataset (self, g_value_get_uint (value));
      break;
    case CYT_SESSION_PROP_VIEW:
      cyt_session_set_view (self, g_value_get_string (value));
      break;
    default:
      if (!cyt_session_cells_set_property (self, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cyt_session_dispose (GObject *object)
{
  CytSession *self = CYT_SESSION (object);

  cyt_session_train_dispose (self);
  cyt_session_index_dispose (self);
  cyt_session_labels_dispose (self);
  cyt_session_cells_dispose (self);
  cyt_session_patients_dispose (self);
  cyt_session_inspect_dispose (self);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->map_worker);
  g_clear_object (&self->figures);
  g_clear_object (&self->likeness);
  g_clear_object (&self->project);
  G_OBJECT_CLASS (cyt_session_parent_class)->dispose (object);
}

static void
cyt_session_finalize (GObject *object)
{
  CytSession *self = CYT_SESSION (object);

  cyt_session_labels_finalize (self);
  cyt_session_filters_finalize (self);
  cyt_session_cells_finalize (self);
  cyt_session_navigation_finalize (self);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->latents);
  g_clear_object (&self->dataset_names);
  g_clear_pointer (&self->datasets, g_ptr_array_unref);
  g_free (self->path);
  g_free (self->title);
  g_clear_pointer (&self->model_files, cyt_model_files_unref);
  cyt_model_store_unref (self->model_store);
  g_free (self->status_text);
  G_OBJECT_CLASS (cyt_session_parent_class)->finalize (object);
}

static void
cyt_session_class_init (CytSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  const GParamFlags writable = readable | G_PARAM_WRITABLE;

  object_class->get_property = cyt_session_get_property;
  object_class->set_property = cyt_session_set_property;
  object_class->dispose = cyt_session_dispose;
  object_class->finalize = cyt_session_finalize;

  props[CYT_SESSION_PROP_STATE]
    = g_param_spec_uint ("state", NULL, NULL, 0, CYT_SESSION_OPEN, CYT_SESSION_EMPTY, readable);
  props[CYT_SESSION_PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, readable);
  props[CYT_SESSION_PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, readable);
  props[CYT_SESSION_PROP_READ_ONLY] = g_param_spec_boolean ("read-only", NULL, NULL, FALSE, readable);
  props[CYT_SESSION_PROP_SIMULATED]
    = g_param_spec_boolean ("simulated", NULL, NULL, FALSE, readable);
  props[CYT_SESSION_PROP_DATASET] = g_param_spec_uint ("dataset", NULL, NULL, 0, G_MAXUINT, 0, writable);
  props[CYT_SESSION_PROP_DATASET_NAMES]
    = g_param_spec_object ("dataset-names", NULL, NULL, G_TYPE_LIST_MODEL, readable);
  props[CYT_SESSION_PROP_LATENTS]
    = g_param_spec_object ("latents", NULL, NULL, CYT_TYPE_LATENT_MODEL, readable);
  props[CYT_SESSION_PROP_CELLS] = g_param_spec_object ("cells", NULL, NULL, G_TYPE_LIST_MODEL, readable);
  props[CYT_SESSION_PROP_OVERLAY_MODE]
    = g_param_spec_uint ("overlay-mode", NULL, NULL, 0, CYT_OVERLAY_HEAT, CYT_OVERLAY_HEAT, writable);
  props[CYT_SESSION_PROP_OVERLAY_HIDDEN]
    = g_param_spec_boolean ("overlay-hidden", NULL, NULL, FALSE, writable);
  props[CYT_SESSION_PROP_OPACITY] = g_param_spec_double ("opacity", NULL, NULL, 0, 1, 1, writable);
  props[CYT_SESSION_PROP_SHARED_SCALE]
    = g_param_spec_boolean ("shared-scale", NULL, NULL, FALSE, writable);
  props[CYT_SESSION_PROP_SCALE_MAX]
    = g_param_spec_double ("scale-max", NULL, NULL, 0, G_MAXDOUBLE, 0, readable);
  props[CYT_SESSION_PROP_COLORMAP]
    = g_param_spec_uint ("colormap", NULL, NULL, 0, CYT_COLORMAP_INFERNO, CYT_COLORMAP_VIRIDIS, writable);
  props[CYT_SESSION_PROP_TILE_SIZE]
    = g_param_spec_uint ("tile-size", NULL, NULL, CYT_TILE_SIZE_MIN, CYT_TILE_SIZE_MAX, CYT_TILE_SIZE_DEFAULT,
                         writable);
  props[CYT_SESSION_PROP_ONE_PER_PATIENT]
    = g_param_spec_boolean ("one-per-patient", NULL, NULL, FALSE, writable);
  props[CYT_SESSION_PROP_INDEXING] = g_param_spec_boolean ("indexing", NULL, NULL, FALSE, readable);
  props[CYT_SESSION_PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, -1, 1, -1, readable);
  props[CYT_SESSION_PROP_STATUS_TEXT] = g_param_spec_string ("status-text", NULL, NULL, NULL, readable);
  props[CYT_SESSION_PROP_CAN_CONTINUE]
    = g_param_spec_boolean ("can-continue", NULL, NULL, FALSE, readable);
  props[CYT_SESSION_PROP_N_FAILED]
    = g_param_spec_uint ("n-failed", NULL, NULL, 0, G_MAXUINT, 0, readable);
  props[CYT_SESSION_PROP_SAVE_STATE]
    = g_param_spec_uint ("save-state", NULL, NULL, 0, CYT_SAVE_FAILED, CYT_SAVE_IDLE, readable);
  props[CYT_SESSION_PROP_CAN_UNDO] = g_param_spec_boolean ("can-undo", NULL, NULL, FALSE, readable);
  props[CYT_SESSION_PROP_CAN_REDO] = g_param_spec_boolean ("can-redo", NULL, NULL, FALSE, readable);
  props[CYT_SESSION_PROP_VIEW] = g_param_spec_string ("view", NULL, NULL, CYT_VIEW_CONCEPTS, writable);
  props[CYT_SESSION_PROP_INSPECTION]
    = g_param_spec_object ("inspection", NULL, NULL, CYT_TYPE_INSPECTION, readable);
  props[CYT_SESSION_PROP_CAN_GO_BACK] = g_param_spec_boolean ("can-go-back", NULL, NULL, FALSE, readable);
  g_object_class_install_properties (object_class, CYT_SESSION_N_PROPS, props);

  signals[FAILED] = g_signal_new ("failed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[PROBLEM] = g_signal_new ("problem", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[TOAST] = g_signal_new ("toast", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[UNDO_TOAST] = g_signal_new ("undo-toast", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                      NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SAVE_FAILED] = g_signal_new ("save-failed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[RATER_NEEDED] = g_signal_new ("rater-needed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CONCEPT_CHANGED] = g_signal_new ("concept-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
cyt_session_init (CytSession *self)
{
  self->cancellable = g_cancellable_new ();
  self->model_store = cyt_model_store_new ();
  self->dataset_names = gtk_string_list_new (NULL);
  self->latents = cyt_latent_model_new ();
  self->makeshift = -1;
  cyt_session_cells_init (self);
  cyt_session_filters_init (self);
  cyt_session_navigation_init (self);
  cyt_session_index_init (self);
  cyt_session_inspect_init (self);
  cyt_session_labels_init (self);
}
