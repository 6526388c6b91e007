/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "analysis/cyt-patient-embeddings.h"
#include "io/cyt-error.h"

#include "cyt-project-jobs-classify.h"

static void
clear_result (CytClassResult *self)
{
  g_clear_pointer (&self->view, cyt_patients_view_unref);
  cyt_features_free (self->features);
  for (guint kind = 0; kind < CYT_N_FEATURES; kind++)
    cyt_classification_free (self->results[kind]);
}

CytClassResult *
cyt_class_result_ref (CytClassResult *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
cyt_class_result_unref (CytClassResult *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear_result);
}

CytClassRequest *
cyt_class_request_new (const char *path, CytPatientsView *view, CytModelFiles *files, gboolean with_encoder,
                       CytProgress *progress)
{
  CytClassRequest *self = g_new0 (CytClassRequest, 1);

  self->path = g_strdup (path);
  self->view = cyt_patients_view_ref (view);
  self->files = cyt_model_files_ref (files);
  self->with_encoder = with_encoder;
  self->progress = progress;
  return self;
}

void
cyt_class_request_free (CytClassRequest *self)
{
  g_free (self->path);
  cyt_patients_view_unref (self->view);
  cyt_model_files_unref (self->files);
  cyt_progress_free (self->progress);
  g_free (self);
}

static gboolean
classify (CytClassResult *result, CytFeaturesKind kind, const CytFeatures *features, const CytClassRequest *request,
          GCancellable *cancellable, GError **error)
{
  const CytClassificationOptions options = CYT_CLASSIFICATION_OPTIONS_INIT;

  result->n_features[kind] = features->n;
  result->results[kind]
    = cyt_classification_run (request->view->barcodes, features, &options, request->progress, cancellable, error);
  return result->results[kind] != NULL;
}

static gboolean
classify_concepts (CytClassResult *result, CytProject *project, const CytClassRequest *request, GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (GPtrArray) concepts = cyt_project_list_concepts (project, error);
  g_autoptr (CytFeatures) features = NULL;
  g_autoptr (GError) local = NULL;

  if (concepts == NULL)
    return FALSE;
  features = cyt_features_new_from_barcodes (request->view->barcodes, concepts, &local);
  if (features != NULL)
    return classify (result, CYT_FEATURES_CONCEPTS, features, request, cancellable, error);
  if (g_error_matches (local, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY)) /* nothing has a name yet */
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
classify_embeddings (CytClassResult *result, CytModelStore *store, CytProject *project, const CytClassRequest *request,
                     GCancellable *cancellable, GError **error)
{
  g_autoptr (CytSharedModels) models = cyt_model_store_get (store, request->files, cancellable, error);
  const CytBarcodes *barcodes = request->view->barcodes;

  if (models == NULL)
    return FALSE;
  for (CytFeaturesKind kind = CYT_FEATURES_MEAN; kind <= CYT_FEATURES_CLS; kind++)
    {
      const CytEncoder *encoder = models->models->encoder;
      g_autoptr (CytFeatures) features = cyt_features_new (barcodes->rows->len, cyt_encoder_get_config (encoder)->d);

      if (!cyt_patients_embed (project, request->view->options.dataset, barcodes, encoder,
                               kind == CYT_FEATURES_CLS ? CYT_EMBEDDING_CLS : CYT_EMBEDDING_MEAN, 0, features->values,
                               request->progress, cancellable, error)
          || !classify (result, kind, features, request, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

gpointer
cyt_project_job_classify (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  const CytClassRequest *request = data;
  g_autoptr (CytProject) project = cyt_project_open (request->path, CYT_PROJECT_READ_ONLY, error);
  g_autoptr (CytClassResult) result = NULL;

  if (project == NULL)
    return NULL;
  result = g_atomic_rc_box_new0 (CytClassResult);
  result->view = cyt_patients_view_ref (request->view);
  result->features = cyt_features_new_from_barcodes (request->view->barcodes, NULL, error);
  if (result->features == NULL
      || !classify (result, CYT_FEATURES_BARCODES, result->features, request, cancellable, error)
      || !classify_concepts (result, project, request, cancellable, error)
      || (request->with_encoder && !classify_embeddings (result, state, project, request, cancellable, error)))
    return NULL;
  return g_steal_pointer (&result);
}

/* ---- Evidence ---- */

CytEvidenceRequest *
cyt_evidence_request_new (const char *path, CytClassResult *result, guint row, int explained)
{
  CytEvidenceRequest *self = g_new0 (CytEvidenceRequest, 1);

  self->path = g_strdup (path);
  self->result = cyt_class_result_ref (result);
  self->row = row;
  self->explained = explained;
  return self;
}

void
cyt_evidence_request_free (CytEvidenceRequest *self)
{
  g_free (self->path);
  cyt_class_result_unref (self->result);
  g_free (self);
}

gpointer
cyt_project_job_load_evidence (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  const CytEvidenceRequest *request = data;
  const CytClassResult *result = request->result;
  CytProject *project = cyt_project_state_get_project (state, request->path, error);

  if (project == NULL)
    return NULL;
  return cyt_evidence_new (project, &result->view->options, result->view->barcodes, result->features,
                           result->results[CYT_FEATURES_BARCODES], request->row, request->explained, CYT_EVIDENCE_N_CONCEPTS,
                           CYT_EVIDENCE_N_CELLS, cancellable, error);
}
