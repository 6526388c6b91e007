/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-error.h"
#include "project/cyt-project-private.h"
#include "project/cyt-statement.h"

static const char *const nicks[] = { "unreviewed", "proposed", "confirmed", "rejected", "artefact" };
static const char *const confidence_nicks[] = { "", "low", "medium", "high" };

const char *
cyt_concept_status_get_nick (CytConceptStatus status)
{
  g_assert (status < G_N_ELEMENTS (nicks));
  return nicks[status];
}

gboolean
cyt_concept_status_from_nick (const char *nick, CytConceptStatus *status)
{
  for (guint i = 0; i < G_N_ELEMENTS (nicks); i++)
    if (strcmp (nicks[i], nick) == 0)
      {
        *status = i;
        return TRUE;
      }
  return FALSE;
}

const char *
cyt_concept_confidence_get_nick (CytConceptConfidence confidence)
{
  g_assert (confidence < G_N_ELEMENTS (confidence_nicks));
  return confidence_nicks[confidence];
}

gboolean
cyt_concept_confidence_from_nick (const char *nick, CytConceptConfidence *confidence)
{
  for (guint i = 0; i < G_N_ELEMENTS (confidence_nicks); i++)
    if (strcmp (confidence_nicks[i], nick) == 0)
      {
        *confidence = i;
        return TRUE;
      }
  return FALSE;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char *
cyt_concept_normalize_tags (const char *text)
{
  g_auto (GStrv) parts = g_strsplit_set (text, ";\n\r", -1);
  g_autoptr (GPtrArray) tags = g_ptr_array_new ();
  GString *out = g_string_new (NULL);

  for (guint i = 0; parts[i] != NULL; i++)
    if (*g_strstrip (parts[i]) != '\0')
      g_ptr_array_add (tags, parts[i]);
  g_ptr_array_sort (tags, compare_texts);
  for (guint i = 0; i < tags->len; i++)
    {
      if (i > 0 && strcmp (tags->pdata[i], tags->pdata[i - 1]) == 0)
        continue;
      if (out->len > 0)
        g_string_append_c (out, ';');
      g_string_append (out, tags->pdata[i]);
    }
  return g_string_free (out, FALSE);
}

GStrv
cyt_concept_split_tags (const char *tags)
{
  return g_strsplit (tags, ";", -1);
}

CytConcept *
cyt_concept_new (guint32 latent)
{
  CytConcept *self = g_new0 (CytConcept, 1);

  self->latent = latent;
  self->name = g_strdup ("");
  self->category = g_strdup ("");
  self->tags = g_strdup ("");
  self->note = g_strdup ("");
  self->rater = g_strdup ("");
  return self;
}

CytConcept *
cyt_concept_copy (const CytConcept *self)
{
  CytConcept *copy = g_memdup2 (self, sizeof *self);

  copy->name = g_strdup (self->name);
  copy->category = g_strdup (self->category);
  copy->tags = g_strdup (self->tags);
  copy->note = g_strdup (self->note);
  copy->rater = g_strdup (self->rater);
  return copy;
}

void
cyt_concept_free (CytConcept *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->category);
  g_free (self->tags);
  g_free (self->note);
  g_free (self->rater);
  g_free (self);
}

static void
copy_text (char **to, const char *from)
{
  char *copy = g_strdup (from);

  g_free (*to);
  *to = copy;
}

void
cyt_concept_copy_fields (CytConcept *to, const CytConcept *from, CytConceptFields fields)
{
  if (fields & CYT_CONCEPT_FIELD_NAME)
    copy_text (&to->name, from->name);
  if (fields & CYT_CONCEPT_FIELD_CATEGORY)
    copy_text (&to->category, from->category);
  if (fields & CYT_CONCEPT_FIELD_STATUS)
    to->status = from->status;
  if (fields & CYT_CONCEPT_FIELD_CONFIDENCE)
    to->confidence = from->confidence;
  if (fields & CYT_CONCEPT_FIELD_TAGS)
    copy_text (&to->tags, from->tags);
  if (fields & CYT_CONCEPT_FIELD_NOTE)
    copy_text (&to->note, from->note);
}

CytConceptFields
cyt_concept_diff (const CytConcept *a, const CytConcept *b)
{
  CytConceptFields fields = 0;

  if (strcmp (a->name, b->name) != 0)
    fields |= CYT_CONCEPT_FIELD_NAME;
  if (strcmp (a->category, b->category) != 0)
    fields |= CYT_CONCEPT_FIELD_CATEGORY;
  if (a->status != b->status)
    fields |= CYT_CONCEPT_FIELD_STATUS;
  if (a->confidence != b->confidence)
    fields |= CYT_CONCEPT_FIELD_CONFIDENCE;
  if (strcmp (a->tags, b->tags) != 0)
    fields |= CYT_CONCEPT_FIELD_TAGS;
  if (strcmp (a->note, b->note) != 0)
    fields |= CYT_CONCEPT_FIELD_NOTE;
  return fields;
}

CytLabel *
cyt_label_new (guint32 latent)
{
  CytLabel *self = g_new0 (CytLabel, 1);

  self->concept = cyt_concept_new (latent);
  return self;
}

CytLabel *
cyt_label_copy (const CytLabel *self)
{
  CytLabel *copy = g_new0 (CytLabel, 1);

  copy->concept = cyt_concept_copy (self->concept);
  copy->fields = self->fields;
  return copy;
}

void
cyt_label_free (CytLabel *self)
{
  if (self == NULL)
    return;
  cyt_concept_free (self->concept);
  g_free (self);
}

void
cyt_concept_change_free (CytConceptChange *self)
{
  if (self == NULL)
    return;
  g_free (self->rater);
  g_free (self->what);
  g_free (self->field);
  g_free (self->old_value);
  g_free (self->new_value);
  g_free (self);
}

static gboolean
check_text (guint32 latent, const char *what, const char *text, gsize max, GError **error)
{
  gsize size = strlen (text);

  if (size > max)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                   "latent %u: the %s has %" G_GSIZE_FORMAT " bytes, at most %" G_GSIZE_FORMAT " fit", latent, what,
                   size, max);
      return FALSE;
    }
  if (!g_utf8_validate (text, size, NULL))
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "latent %u: the %s is not UTF-8", latent, what);
      return FALSE;
    }
  return TRUE;
}

static gboolean
is_normal (const char *tags)
{
  g_autofree char *normal = cyt_concept_normalize_tags (tags);

  return strcmp (normal, tags) == 0;
}

static gboolean
check_tags (const CytConcept *self, GError **error)
{
  if (!check_text (self->latent, "text of the tags", self->tags, CYT_CONCEPT_MAX_NAME, error))
    return FALSE;
  if (is_normal (self->tags))
    return TRUE;
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
               "latent %u: tags \"%s\", expected each once, sorted, joined by \";\"", self->latent, self->tags);
  return FALSE;
}

gboolean
cyt_concept_check (const CytConcept *self, GError **error)
{
  return check_text (self->latent, "name", self->name, CYT_CONCEPT_MAX_NAME, error)
         && check_text (self->latent, "category", self->category, CYT_CONCEPT_MAX_NAME, error)
         && check_tags (self, error)
         && check_text (self->latent, "note", self->note, CYT_CONCEPT_MAX_NOTE, error)
         && check_text (self->latent, "rater", self->rater, CYT_CONCEPT_MAX_NAME, error);
}

/* ---- Reading ---- */

#define SELECT_CONCEPT "SELECT latent, name, category, status, confidence, tags, note, rater, edited_at FROM concept "

static CytConcept *
read_concept (CytStatement *s, gsize d_sae, GError **error)
{
  g_autoptr (CytConcept) concept = g_new0 (CytConcept, 1);

  concept->latent = cyt_statement_get_int (s, 0, 0, d_sae - 1);
  concept->name = g_strdup (cyt_statement_get_text (s, 1));
  concept->category = g_strdup (cyt_statement_get_text (s, 2));
  concept->confidence = cyt_statement_get_int (s, 4, 0, CYT_CONCEPT_CONFIDENCE_HIGH);
  concept->tags = g_strdup (cyt_statement_get_text (s, 5));
  concept->note = g_strdup (cyt_statement_get_text (s, 6));
  concept->rater = g_strdup (cyt_statement_get_text (s, 7));
  concept->edited_at = cyt_statement_get_int (s, 8, 0, G_MAXINT64);
  if (!cyt_concept_status_from_nick (cyt_statement_get_text (s, 3), &concept->status) && s->bad_column < 0)
    s->bad_column = 3;
  if (!is_normal (concept->tags) && s->bad_column < 0)
    s->bad_column = 5;
  if (!cyt_statement_check_row (s, error, "concept", "latent %u", concept->latent))
    return NULL;
  return g_steal_pointer (&concept);
}

static gboolean
check_latent (CytProject *self, gint64 latent, GError **error)
{
  if (latent >= 0 && latent < (gint64) self->d_sae)
    return TRUE;
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
               "%s: there is no latent %" G_GINT64_FORMAT ", they go from 0 to %" G_GSIZE_FORMAT, self->display,
               latent, self->d_sae - 1);
  return FALSE;
}

#define SELECT_ONE_CONCEPT SELECT_CONCEPT "WHERE latent = ?"

/* @s: SELECT_ONE_CONCEPT, to be used again and again. */
static CytConcept *
select_concept (CytStatement *s, CytProject *self, guint latent, GError **error)
{
  g_autoptr (CytConcept) concept = NULL;
  gboolean row;

  cyt_statement_bind_int (s, 1, latent);
  if (!cyt_statement_step (s, &row, error))
    return NULL;
  concept = row ? read_concept (s, self->d_sae, error) : cyt_concept_new (latent);
  cyt_statement_reset (s);
  return g_steal_pointer (&concept);
}

CytConcept *
cyt_project_get_concept (CytProject *self, guint latent, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;

  if (!check_latent (self, latent, error) || !cyt_statement_init (&s, self, SELECT_ONE_CONCEPT, error))
    return NULL;
  return select_concept (&s, self, latent, error);
}

GPtrArray *
cyt_project_list_concepts (CytProject *self, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
  gboolean row;

  if (!cyt_statement_init (&s, self, SELECT_CONCEPT "ORDER BY latent", error))
    return NULL;
  while (TRUE)
    {
      g_autoptr (CytConcept) concept = NULL;
      g_autoptr (CytConcept) blank = NULL;

      if (!cyt_statement_step (&s, &row, error))
        return NULL;
      if (!row)
        return g_steal_pointer (&list);
      if ((concept = read_concept (&s, self->d_sae, error)) == NULL)
        return NULL;
      blank = cyt_concept_new (concept->latent);
      if (cyt_concept_diff (blank, concept) != 0)
        g_ptr_array_add (list, g_steal_pointer (&concept));
    }
}

GPtrArray *
cyt_project_list_changes (CytProject *self, gint64 latent, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_change_free);
  gboolean row;

  if (latent != -1 && !check_latent (self, latent, error))
    return NULL;
  if (!cyt_statement_init (&s, self,
                           latent < 0 ? "SELECT edit, latent, at, rater, what, field, old_value, new_value, id "
                                        "FROM concept_change ORDER BY id"
                                      : "SELECT edit, latent, at, rater, what, field, old_value, new_value, id "
                                        "FROM concept_change WHERE latent = ? ORDER BY id", error))
    return NULL;
  if (latent >= 0)
    cyt_statement_bind_int (&s, 1, latent);
  while (TRUE)
    {
      CytConceptChange *change;

      if (!cyt_statement_step (&s, &row, error))
        return NULL;
      if (!row)
        return g_steal_pointer (&list);
      change = g_new0 (CytConceptChange, 1);
      g_ptr_array_add (list, change);
      change->edit = cyt_statement_get_int (&s, 0, 1, G_MAXINT64);
      change->latent = cyt_statement_get_int (&s, 1, 0, self->d_sae - 1);
      change->at = cyt_statement_get_int (&s, 2, 0, G_MAXINT64);
      change->rater = g_strdup (cyt_statement_get_text (&s, 3));
      change->what = g_strdup (cyt_statement_get_text (&s, 4));
      change->field = g_strdup (cyt_statement_get_text (&s, 5));
      change->old_value = g_strdup (cyt_statement_get_text (&s, 6));
      change->new_value = g_strdup (cyt_statement_get_text (&s, 7));
      if (!cyt_statement_check_row (&s, error, "concept_change", "id %" G_GINT64_FORMAT,
                                    cyt_statement_get_int (&s, 8, G_MININT64, G_MAXINT64)))
        return NULL;
    }
}

/* ---- Writing ---- */

/* One edit, within a transaction. */
typedef struct
{
  CytProject *project;
  CytStatement select;
  CytStatement update;
  CytStatement change;
  gint64 edit;
  gint64 now;
  const char *what;
  gsize n_changed;
} Writer;
#define WRITER_INIT { NULL, CYT_STATEMENT_INIT, CYT_STATEMENT_INIT, CYT_STATEMENT_INIT, 0, 0, NULL, 0 }

gboolean
cyt_project_get_last_edit (CytProject *self, gint64 *edit, GError **error)
{
  g_auto (CytStatement) last = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&last, self, "SELECT ifnull (max (edit), 0) FROM concept_change", error)
      || !cyt_statement_step (&last, &row, error))
    return FALSE;
  *edit = cyt_statement_get_int (&last, 0, 0, G_MAXINT64 - 1);
  return cyt_statement_check_row (&last, error, "concept_change", "the highest edit");
}

static gboolean
writer_init (Writer *w, CytProject *self, const char *what, GError **error)
{
  if (!cyt_project_get_last_edit (self, &w->edit, error))
    return FALSE;
  w->edit++;
  w->project = self;
  w->now = g_get_real_time ();
  w->what = what;
  return cyt_statement_init (&w->select, self, SELECT_ONE_CONCEPT, error)
         && cyt_statement_init (&w->update, self,
                             "INSERT INTO concept (latent, name, category, status, confidence, tags, note, rater, edited_at) "
                             "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (latent) DO UPDATE SET "
                             "name = ?2, category = ?3, status = ?4, confidence = ?5, tags = ?6, note = ?7, "
                             "rater = ?8, edited_at = ?9", error)
         && cyt_statement_init (&w->change, self,
                                "INSERT INTO concept_change (edit, latent, at, rater, what, field, old_value, new_value) "
                                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)", error);
}

static void
writer_clear (Writer *w)
{
  cyt_statement_clear (&w->select);
  cyt_statement_clear (&w->update);
  cyt_statement_clear (&w->change);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Writer, writer_clear)

static gboolean
write_change (Writer *w, guint32 latent, const char *rater, const char *field, const char *old_value,
              const char *new_value, GError **error)
{
  if (strcmp (old_value, new_value) == 0)
    return TRUE;
  cyt_statement_bind_int (&w->change, 1, w->edit);
  cyt_statement_bind_int (&w->change, 2, latent);
  cyt_statement_bind_int (&w->change, 3, w->now);
  cyt_statement_bind_text (&w->change, 4, rater);
  cyt_statement_bind_text (&w->change, 5, w->what);
  cyt_statement_bind_text (&w->change, 6, field);
  cyt_statement_bind_text (&w->change, 7, old_value);
  cyt_statement_bind_text (&w->change, 8, new_value);
  return cyt_statement_run (&w->change, error);
}

/* Over @old; takes over who and when. */
static gboolean
write_concept (Writer *w, const CytConcept *old, CytConcept *concept, const char *rater, GError **error)
{
  const char *old_status = cyt_concept_status_get_nick (old->status);
  const char *new_status = cyt_concept_status_get_nick (concept->status);

  if (cyt_concept_diff (old, concept) == 0)
    {
      copy_text (&concept->rater, old->rater);
      concept->edited_at = old->edited_at;
      return TRUE;
    }
  if (!write_change (w, concept->latent, rater, "name", old->name, concept->name, error)
      || !write_change (w, concept->latent, rater, "category", old->category, concept->category, error)
      || !write_change (w, concept->latent, rater, "status", old_status, new_status, error)
      || !write_change (w, concept->latent, rater, "confidence", cyt_concept_confidence_get_nick (old->confidence),
                        cyt_concept_confidence_get_nick (concept->confidence), error)
      || !write_change (w, concept->latent, rater, "tags", old->tags, concept->tags, error)
      || !write_change (w, concept->latent, rater, "note", old->note, concept->note, error))
    return FALSE;
  cyt_statement_bind_int (&w->update, 1, concept->latent);
  cyt_statement_bind_text (&w->update, 2, concept->name);
  cyt_statement_bind_text (&w->update, 3, concept->category);
  cyt_statement_bind_text (&w->update, 4, new_status);
  cyt_statement_bind_int (&w->update, 5, concept->confidence);
  cyt_statement_bind_text (&w->update, 6, concept->tags);
  cyt_statement_bind_text (&w->update, 7, concept->note);
  cyt_statement_bind_text (&w->update, 8, rater);
  cyt_statement_bind_int (&w->update, 9, w->now);
  if (!cyt_statement_run (&w->update, error))
    return FALSE;
  copy_text (&concept->rater, rater);
  concept->edited_at = w->now;
  w->n_changed++;
  return TRUE;
}

/* Writes one label over what the file holds; (transfer full) as it now stands. */
static CytConcept *
write_label (Writer *w, const CytConcept *wanted, CytConceptFields fields, const char *rater, GError **error)
{
  g_autoptr (CytConcept) old = select_concept (&w->select, w->project, wanted->latent, error);
  g_autoptr (CytConcept) concept = NULL;

  if (old == NULL)
    return NULL;
  concept = cyt_concept_copy (old);
  cyt_concept_copy_fields (concept, wanted, fields);
  if (!write_concept (w, old, concept, rater, error))
    return NULL;
  return g_steal_pointer (&concept);
}

static gboolean
check_edit (CytProject *self, const CytConcept *concept, const char *rater, const char *what, GError **error)
{
  return check_latent (self, concept->latent, error) && cyt_concept_check (concept, error)
         && check_text (concept->latent, "rater", rater, CYT_CONCEPT_MAX_NAME, error)
         && check_text (concept->latent, "kind of edit", what, CYT_CONCEPT_MAX_NAME, error);
}

static gboolean
write_labels (CytProject *self, GPtrArray *labels, const char *rater, const char *what, gsize *n_changed,
              GPtrArray *stored, GError **error)
{
  g_auto (Writer) w = WRITER_INIT;

  if (!writer_init (&w, self, what, error))
    return FALSE;
  for (guint i = 0; i < labels->len; i++)
    {
      const CytLabel *label = labels->pdata[i];
      const char *own = label->concept->rater;
      CytConcept *concept = write_label (&w, label->concept, label->fields, *own ? own : rater, error);

      if (concept == NULL)
        return FALSE;
      g_ptr_array_add (stored, concept);
    }
  *n_changed = w.n_changed;
  return TRUE;
}

gboolean
cyt_project_set_labels (CytProject *self, GPtrArray *labels, const char *rater, const char *what, gsize *n_changed,
                        GPtrArray **stored, GError **error)
{
  g_autoptr (GPtrArray) concepts = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
  gsize n = 0;
  gboolean ok;

  for (guint i = 0; i < labels->len; i++)
    if (!check_edit (self, ((CytLabel *) labels->pdata[i])->concept, rater, what, error))
      return FALSE;
  if (!cyt_project_begin_write (self, error))
    return FALSE;
  ok = write_labels (self, labels, rater, what, &n, concepts, error);
  if (!cyt_project_end (self, ok, error))
    return FALSE;
  if (n_changed)
    *n_changed = n;
  if (stored)
    *stored = g_steal_pointer (&concepts);
  return TRUE;
}

static gboolean
sign (CytProject *self, const char *sql, const char *rater, gint64 since, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&s, self, sql, error))
    return FALSE;
  cyt_statement_bind_text (&s, 1, rater);
  cyt_statement_bind_int (&s, 2, since);
  return cyt_statement_run (&s, error);
}

gboolean
cyt_project_sign_labels (CytProject *self, const char *rater, gint64 since, GError **error)
{
  gboolean ok;

  if (!check_text (0, "rater", rater, CYT_CONCEPT_MAX_NAME, error) || !cyt_project_begin_write (self, error))
    return FALSE;
  ok = sign (self, "UPDATE concept SET rater = ?1 WHERE rater = '' AND edited_at >= ?2", rater, since, error)
       && sign (self, "UPDATE concept_change SET rater = ?1 WHERE rater = '' AND at >= ?2", rater, since, error);
  return cyt_project_end (self, ok, error);
}

static gboolean
write_concepts (CytProject *self, GPtrArray *concepts, const char *rater, const char *what, gint64 *edit,
                GError **error)
{
  g_auto (Writer) w = WRITER_INIT;

  if (!writer_init (&w, self, what, error))
    return FALSE;
  for (guint i = 0; i < concepts->len; i++)
    {
      g_autoptr (CytConcept) stored = write_label (&w, concepts->pdata[i], CYT_CONCEPT_ALL_FIELDS, rater, error);

      if (stored == NULL)
        return FALSE;
    }
  *edit = w.n_changed > 0 ? w.edit : 0;
  return TRUE;
}

gboolean
cyt_project_set_concepts (CytProject *self, GPtrArray *concepts, const char *rater, const char *what, gint64 *edit,
                          GError **error)
{
  gint64 number = 0;
  gboolean ok;

  for (guint i = 0; i < concepts->len; i++)
    if (!check_edit (self, concepts->pdata[i], rater, what, error))
      return FALSE;
  if (!cyt_project_begin_write (self, error))
    return FALSE;
  ok = write_concepts (self, concepts, rater, what, &number, error);
  if (!cyt_project_end (self, ok, error))
    return FALSE;
  if (edit)
    *edit = number;
  return TRUE;
}
