/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "io/cyt-error.h"

#include "cyt-project-jobs-likeness.h"

struct _CytLikenessState
{
  CytProject *project;       /* NULL until first needed */
  CytSaeDecoder *decoder;    /* likewise; its file is the project's SAE */
  gint64 dataset;            /* that the classes are of; 0: none yet */
  GStrv labels;
  GArray *classes;           /* of gint32, by position */
};

CytLikenessState *
cyt_likeness_state_new (void)
{
  return g_new0 (CytLikenessState, 1);
}

void
cyt_likeness_state_free (CytLikenessState *self)
{
  cyt_project_close (self->project);
  cyt_sae_decoder_close (self->decoder);
  g_strfreev (self->labels);
  g_clear_pointer (&self->classes, g_array_unref);
  g_free (self);
}

void
cyt_latent_profile_free (CytLatentProfile *self)
{
  cyt_histogram_free (self->histogram);
  g_strfreev (self->labels);
  g_free (self->classes);
  g_free (self);
}

CytLikenessRequest *
cyt_likeness_request_new (const char *path, CytModelFiles *model_files, gint64 dataset, guint latent,
                          CytLikeness likeness, guint n)
{
  CytLikenessRequest *self = g_new0 (CytLikenessRequest, 1);

  self->path = g_strdup (path);
  self->model_files = model_files != NULL ? cyt_model_files_ref (model_files) : NULL;
  self->dataset = dataset;
  self->latent = latent;
  self->likeness = likeness;
  self->n = n;
  return self;
}

void
cyt_likeness_request_free (CytLikenessRequest *self)
{
  g_free (self->path);
  g_clear_pointer (&self->model_files, cyt_model_files_unref);
  g_free (self);
}

static gboolean
open_project (CytLikenessState *state, const CytLikenessRequest *request, GError **error)
{
  if (state->project == NULL)
    state->project = cyt_project_open (request->path, CYT_PROJECT_READ_ONLY, error);
  return state->project != NULL;
}

static gboolean
load_classes (CytLikenessState *state, gint64 dataset, GError **error)
{
  if (state->dataset == dataset)
    return TRUE;
  state->dataset = 0;
  g_clear_pointer (&state->labels, g_strfreev);
  g_clear_pointer (&state->classes, g_array_unref);
  state->labels = cyt_project_list_labels (state->project, dataset, error);
  if (state->labels == NULL || (state->classes = cyt_project_load_classes (state->project, dataset, error)) == NULL)
    return FALSE;
  state->dataset = dataset;
  return TRUE;
}

gpointer
cyt_project_job_load_profile (gpointer state_pointer, gpointer data, GCancellable *cancellable, GError **error)
{
  CytLikenessState *state = state_pointer;
  CytLikenessRequest *request = data;
  g_autoptr (CytLatentCells) cells = NULL;
  CytLatentProfile *profile;
  guint n_classes;

  if (!open_project (state, request, error)
      || (cells = cyt_project_get_latent_cells (state->project, request->dataset, request->latent, error)) == NULL
      /* a data set whose cells are known by latent is complete: its classes stay as they are */
      || !load_classes (state, request->dataset, error))
    return NULL;
  profile = g_new0 (CytLatentProfile, 1);
  profile->histogram = cyt_histogram_new (cells, request->n);
  profile->labels = g_strdupv (state->labels);
  n_classes = g_strv_length (state->labels);
  profile->classes = g_new0 (CytClassActivation, n_classes);
  cyt_activation_profile (cells, (const gint32 *) (gpointer) state->classes->data, state->classes->len, n_classes,
                          profile->classes);
  return profile;
}

/* The decoder of the very SAE that the project was made with. */
static gboolean
open_decoder (CytLikenessState *state, const CytLikenessRequest *request, GCancellable *cancellable, GError **error)
{
  CytModelFiles *files = request->model_files;
  g_autoptr (CytSaeDecoder) decoder = NULL;
  g_autofree char *path = NULL;

  if (state->decoder != NULL)
    return TRUE;
  if (files == NULL)
    {
      g_set_error_literal (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
                           _("The authors published no decoder with these statistics."));
      return FALSE;
    }
  path = cyt_model_find ("sae", files->sae_path, files->sae_sha256, error);
  if (path == NULL || !cyt_model_verify ("sae", path, files->sae_sha256, cancellable, error)
      || (decoder = cyt_sae_decoder_open (path, error)) == NULL)
    return FALSE;
  if (cyt_sae_decoder_get_config (decoder)->d_sae != cyt_project_get_d_sae (state->project))
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH, "%s: has %" G_GSIZE_FORMAT
                   " latents, the project %" G_GSIZE_FORMAT, path, cyt_sae_decoder_get_config (decoder)->d_sae,
                   cyt_project_get_d_sae (state->project));
      return FALSE;
    }
  state->decoder = g_steal_pointer (&decoder);
  return TRUE;
}

gpointer
cyt_project_job_load_neighbours (gpointer state_pointer, gpointer data, GCancellable *cancellable, GError **error)
{
  CytLikenessState *state = state_pointer;
  CytLikenessRequest *request = data;

  if (!open_project (state, request, error))
    return NULL;
  if (request->likeness == CYT_LIKENESS_COACTIVE)
    return cyt_neighbours_find_coactive (state->project, request->dataset, request->latent, request->n, cancellable,
                                         error);
  if (!open_decoder (state, request, cancellable, error))
    return NULL;
  return cyt_neighbours_find_directions (state->decoder, request->latent, request->n, cancellable, error);
}
