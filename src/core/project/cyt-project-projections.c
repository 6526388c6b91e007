/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-error.h"
#include "project/cyt-project-private.h"
#include "project/cyt-statement.h"

CytProjection *
cyt_projection_new (const char *method, gsize n)
{
  CytProjection *self = g_new0 (CytProjection, 1);

  self->method = g_strdup (method);
  self->n = n;
  self->xy = g_new0 (float, 2 * MAX (1, n));
  self->share[0] = self->share[1] = NAN;
  return self;
}

void
cyt_projection_free (CytProjection *self)
{
  if (self == NULL)
    return;
  g_free (self->method);
  g_free (self->xy);
  g_free (self);
}

static gboolean
is_finite (const float *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i]))
      return FALSE;
  return TRUE;
}

gboolean
cyt_project_get_projection (CytProject *self, const char *method, CytProjection **projection, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (CytProjection) result = NULL;
  gconstpointer blob;
  gboolean row;
  gsize size;

  *projection = NULL;
  if (!cyt_statement_init (&s, self, "SELECT coordinates, share_x, share_y FROM projection WHERE method = ?", error))
    return FALSE;
  cyt_statement_bind_text (&s, 1, method);
  if (!cyt_statement_step (&s, &row, error))
    return FALSE;
  if (!row)
    return TRUE;
  result = cyt_projection_new (method, self->d_sae);
  blob = cyt_statement_get_blob (&s, 0, &size);
  for (int i = 0; i < 2; i++)
    if (!cyt_statement_is_null (&s, 1 + i))
      result->share[i] = cyt_statement_get_double (&s, 1 + i, 0, 1 + 1e-9);
  if (!cyt_statement_check_row (&s, error, "projection", "method \"%s\"", method))
    return FALSE;
  if (size != 2 * sizeof (float) * self->d_sae)
    return cyt_project_set_corrupt (self, error, "table projection, method \"%s\": coordinates have %" G_GSIZE_FORMAT
                                    " bytes; expected %" G_GSIZE_FORMAT, method, size, 2 * sizeof (float) * self->d_sae);
  memcpy (result->xy, blob, size);
  if (!is_finite (result->xy, 2 * self->d_sae))
    return cyt_project_set_corrupt (self, error, "table projection, method \"%s\": a coordinate is not a number", method);
  *projection = g_steal_pointer (&result);
  return TRUE;
}

static void
bind_share (CytStatement *s, int i, double share)
{
  if (isnan (share))
    cyt_statement_bind_null (s, i);
  else
    cyt_statement_bind_double (s, i, share);
}

gboolean
cyt_project_set_projection (CytProject *self, const CytProjection *projection, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean ok;

  g_return_val_if_fail (projection->n == self->d_sae, FALSE);

  if (!cyt_project_begin_write (self, error))
    return FALSE;
  ok = cyt_statement_init (&s, self,
                           "INSERT OR REPLACE INTO projection (method, coordinates, share_x, share_y) VALUES (?, ?, ?, ?)",
                           error);
  if (ok)
    {
      cyt_statement_bind_text (&s, 1, projection->method);
      cyt_statement_bind_blob (&s, 2, projection->xy, 2 * sizeof (float) * projection->n);
      bind_share (&s, 3, projection->share[0]);
      bind_share (&s, 4, projection->share[1]);
      ok = cyt_statement_run (&s, error);
    }
  return cyt_project_end (self, ok, error);
}
