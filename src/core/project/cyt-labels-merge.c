/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "project/cyt-labels-file.h"
#include "project/cyt-labels-merge.h"
#include "project/cyt-project-private.h"

static const CytConceptFields fields[] = {
  CYT_CONCEPT_FIELD_NAME,       CYT_CONCEPT_FIELD_CATEGORY, CYT_CONCEPT_FIELD_STATUS,
  CYT_CONCEPT_FIELD_CONFIDENCE, CYT_CONCEPT_FIELD_TAGS,     CYT_CONCEPT_FIELD_NOTE,
};

static void
item_free (CytMergeItem *self)
{
  g_free (self->base);
  g_strfreev (self->sides);
  g_free (self->combined);
  g_free (self);
}

void
cyt_labels_merge_free (CytLabelsMerge *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->names);
  for (guint i = 0; self->raters != NULL && i < self->n_sides; i++)
    g_free (self->raters[i]);
  g_free (self->raters);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->sides, g_ptr_array_unref);
  g_free (self);
}

/* ---- Values ---- */

/* In the words of a file of labels, "" for what says nothing. */
static const char *
get_value (const CytConcept *concept, CytConceptFields field)
{
  switch (field)
    {
    case CYT_CONCEPT_FIELD_NAME:
      return concept->name;
    case CYT_CONCEPT_FIELD_CATEGORY:
      return concept->category;
    case CYT_CONCEPT_FIELD_STATUS:
      return concept->status == CYT_CONCEPT_UNREVIEWED ? "" : cyt_concept_status_get_nick (concept->status);
    case CYT_CONCEPT_FIELD_CONFIDENCE:
      return cyt_concept_confidence_get_nick (concept->confidence);
    case CYT_CONCEPT_FIELD_TAGS:
      return concept->tags;
    case CYT_CONCEPT_FIELD_NOTE:
      return concept->note;
    default:
      g_assert_not_reached ();
    }
}

static void
set_value (CytConcept *concept, CytConceptFields field, const char *value)
{
  char **text = NULL;

  if (field == CYT_CONCEPT_FIELD_STATUS)
    cyt_concept_status_from_nick (*value ? value : "unreviewed", &concept->status);
  else if (field == CYT_CONCEPT_FIELD_CONFIDENCE)
    cyt_concept_confidence_from_nick (value, &concept->confidence);
  else
    text = field == CYT_CONCEPT_FIELD_NAME       ? &concept->name
           : field == CYT_CONCEPT_FIELD_CATEGORY ? &concept->category
           : field == CYT_CONCEPT_FIELD_TAGS     ? &concept->tags
                                                 : &concept->note;
  if (text != NULL)
    {
      g_free (*text);
      *text = g_strdup (value);
    }
}

/* All that is said, in order, each once; NULL where it is but one value, is not for this field, or would not fit. */
static char *
combine (CytConceptFields field, const char *base, char *const *sides)
{
  const char *separator = field == CYT_CONCEPT_FIELD_TAGS ? ";" : "\n";
  gsize max = field == CYT_CONCEPT_FIELD_TAGS ? CYT_CONCEPT_MAX_NAME : CYT_CONCEPT_MAX_NOTE;
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  g_autofree char *text = NULL;
  char *result;

  if (field != CYT_CONCEPT_FIELD_TAGS && field != CYT_CONCEPT_FIELD_NOTE)
    return NULL;
  for (guint i = 0; i == 0 || sides[i - 1] != NULL; i++)
    {
      const char *part = i == 0 ? base : sides[i - 1];

      if (*part != '\0' && !g_ptr_array_find_with_equal_func (parts, part, g_str_equal, NULL))
        g_ptr_array_add (parts, (char *) part);
    }
  if (parts->len < 2)
    return NULL;
  g_ptr_array_add (parts, NULL);
  text = g_strjoinv (separator, (char **) parts->pdata);
  result = field == CYT_CONCEPT_FIELD_TAGS ? cyt_concept_normalize_tags (text) : g_steal_pointer (&text);
  if (strlen (result) > max)
    g_clear_pointer (&result, g_free);
  return result;
}

/* ---- Items ---- */

/* Sets kind and choice; FALSE: there is nothing to do. */
static gboolean
judge (CytMergeItem *item)
{
  guint n_saying = 0, n_different = 0;
  int first = CYT_MERGE_KEEP;

  for (guint i = 0; item->sides[i] != NULL; i++)
    {
      if (*item->sides[i] == '\0')
        continue;
      n_saying++;
      if (first < 0)
        first = (int) i;
      n_different += strcmp (item->sides[i], *item->base != '\0' ? item->base : item->sides[first]) != 0;
    }
  if (n_saying == 0 || (n_different == 0 && *item->base != '\0'))
    return FALSE;
  if (n_different > 0 && item->field == CYT_CONCEPT_FIELD_TAGS && item->combined != NULL)
    {
      /* tags do not contradict each other */
      item->kind = CYT_MERGE_ADDITION;
      item->choice = CYT_MERGE_COMBINE;
      return strcmp (item->combined, item->base) != 0;
    }
  item->kind = n_different > 0 ? CYT_MERGE_CONFLICT : n_saying > 1 ? CYT_MERGE_AGREEMENT : CYT_MERGE_ADDITION;
  item->choice = n_different > 0 ? CYT_MERGE_KEEP : first;
  return TRUE;
}

static void
add_items (CytLabelsMerge *self, const CytConcept *base)
{
  for (guint f = 0; f < G_N_ELEMENTS (fields); f++)
    {
      CytMergeItem *item = g_new0 (CytMergeItem, 1);
      gboolean said = FALSE;

      item->latent = base->latent;
      item->field = fields[f];
      item->base = g_strdup (get_value (base, fields[f]));
      item->sides = g_new0 (char *, self->n_sides + 1);
      for (guint i = 0; i < self->n_sides; i++)
        {
          const CytLabel *label = g_hash_table_lookup (self->sides->pdata[i], GUINT_TO_POINTER (base->latent));

          item->sides[i] = g_strdup (label != NULL && (label->fields & fields[f]) ? get_value (label->concept, fields[f])
                                                                                 : "");
          said |= *item->sides[i] != '\0';
        }
      item->combined = combine (fields[f], item->base, item->sides);
      if (judge (item))
        {
          self->n_kind[item->kind]++;
          g_ptr_array_add (self->items, item);
        }
      else
        {
          self->n_same += said;
          item_free (item);
        }
    }
}

static int
compare_latents (gconstpointer a, gconstpointer b)
{
  guint x = *(const guint *) a, y = *(const guint *) b;

  return x < y ? -1 : x > y;
}

static gboolean
add_all_items (CytLabelsMerge *self, CytProject *project, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) latents = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < self->n_sides; i++)
    {
      GHashTableIter iter;
      gpointer key;

      g_hash_table_iter_init (&iter, self->sides->pdata[i]);
      while (g_hash_table_iter_next (&iter, &key, NULL))
        {
          guint latent = GPOINTER_TO_UINT (key);

          if (g_hash_table_add (seen, GUINT_TO_POINTER (latent + 1)))
            g_array_append_val (latents, latent);
        }
    }
  g_array_sort (latents, compare_latents);
  for (guint i = 0; i < latents->len; i++)
    {
      g_autoptr (CytConcept) base = cyt_project_get_concept (project, g_array_index (latents, guint, i), error);

      if (base == NULL)
        return FALSE;
      add_items (self, base);
    }
  return TRUE;
}

/* ---- Reading ---- */

/* The one rater that the labels name, or NULL. */
static char *
find_rater (GPtrArray *labels)
{
  const char *rater = NULL;

  for (guint i = 0; i < labels->len; i++)
    {
      const char *own = ((CytLabel *) labels->pdata[i])->concept->rater;

      if (*own == '\0')
        continue;
      if (rater != NULL && strcmp (rater, own) != 0)
        return NULL;
      rater = own;
    }
  return g_strdup (rater);
}

static gboolean
read_side (CytLabelsMerge *self, guint side, CytProject *project, const char *path, GError **error)
{
  g_autoptr (GPtrArray) labels = cyt_labels_file_read (project, path, error);
  GHashTable *table;

  if (labels == NULL)
    return FALSE;
  self->names[side] = g_filename_display_basename (path);
  self->raters[side] = find_rater (labels);
  table = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) cyt_label_free);
  g_ptr_array_add (self->sides, table);
  while (labels->len > 0)
    {
      CytLabel *label = g_ptr_array_steal_index_fast (labels, labels->len - 1);

      g_hash_table_insert (table, GUINT_TO_POINTER (label->concept->latent), label);
    }
  return TRUE;
}

CytLabelsMerge *
cyt_labels_merge_new (CytProject *project, const char *const *paths, GError **error)
{
  g_autoptr (CytLabelsMerge) self = g_new0 (CytLabelsMerge, 1);
  gboolean ok;

  g_return_val_if_fail (paths[0] != NULL, NULL);

  self->n_sides = g_strv_length ((char **) paths);
  self->names = g_new0 (char *, self->n_sides + 1);
  self->raters = g_new0 (char *, self->n_sides);
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) item_free);
  self->sides = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  for (guint i = 0; i < self->n_sides; i++)
    if (!read_side (self, i, project, paths[i], error))
      return NULL;
  if (!cyt_project_begin_read (project, error))
    return NULL;
  ok = add_all_items (self, project, error);
  return cyt_project_end (project, ok, error) ? g_steal_pointer (&self) : NULL;
}

/* ---- Choices ---- */

gboolean
cyt_merge_item_allows (const CytMergeItem *self, int choice)
{
  if (choice == CYT_MERGE_KEEP)
    return TRUE;
  if (choice == CYT_MERGE_COMBINE)
    return self->combined != NULL;
  return choice >= 0 && (guint) choice < g_strv_length (self->sides) && *self->sides[choice] != '\0';
}

const char *
cyt_merge_item_get_result (const CytMergeItem *self)
{
  g_return_val_if_fail (cyt_merge_item_allows (self, self->choice), self->base);

  return self->choice == CYT_MERGE_KEEP      ? self->base
         : self->choice == CYT_MERGE_COMBINE ? self->combined
                                             : self->sides[self->choice];
}

/* Who says what the items [first, last) of one latent take: "" for several. */
static const char *
find_label_rater (const CytLabelsMerge *self, guint first, guint last)
{
  const char *rater = NULL;

  for (guint i = first; i < last; i++)
    {
      const CytMergeItem *item = self->items->pdata[i];
      const CytLabel *label;

      if (item->choice == CYT_MERGE_KEEP)
        continue;
      if (item->choice == CYT_MERGE_COMBINE)
        return "";
      label = g_hash_table_lookup (self->sides->pdata[item->choice], GUINT_TO_POINTER (item->latent));
      if (rater != NULL && strcmp (rater, label->concept->rater) != 0)
        return "";
      rater = label->concept->rater;
    }
  return rater != NULL ? rater : "";
}

GPtrArray *
cyt_labels_merge_dup_labels (const CytLabelsMerge *self)
{
  GPtrArray *labels = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_label_free);

  for (guint i = 0, end; i < self->items->len; i = end)
    {
      g_autoptr (CytLabel) label = cyt_label_new (((CytMergeItem *) self->items->pdata[i])->latent);

      for (end = i; end < self->items->len; end++)
        {
          const CytMergeItem *item = self->items->pdata[end];

          if (item->latent != label->concept->latent)
            break;
          if (item->choice == CYT_MERGE_KEEP)
            continue;
          set_value (label->concept, item->field, cyt_merge_item_get_result (item));
          label->fields |= item->field;
        }
      if (label->fields == 0)
        continue;
      g_free (label->concept->rater);
      label->concept->rater = g_strdup (find_label_rater (self, i, end));
      g_ptr_array_add (labels, g_steal_pointer (&label));
    }
  return labels;
}

char *
cyt_labels_merge_dup_what (const CytLabelsMerge *self)
{
  g_autofree char *names = g_strjoinv (", ", self->names);
  g_autofree char *text = g_strconcat ("merge ", names, NULL);

  return strlen (text) <= CYT_CONCEPT_MAX_NAME ? g_steal_pointer (&text)
                                               : g_strdup_printf ("merge %u files", self->n_sides);
}

/* ---- Agreement ---- */

static char *
dup_category (const CytLabel *label, CytConceptFields field)
{
  g_autofree char *value = NULL;

  if (label == NULL || !(label->fields & field))
    return NULL;
  value = g_utf8_casefold (get_value (label->concept, field), -1);
  return *g_strstrip (value) != '\0' ? g_steal_pointer (&value) : NULL;
}

typedef struct
{
  gsize n[2];   /* how often each of the two says it */
} Tally;

static void
tally (GHashTable *tallies, char *value, guint rater)
{
  Tally *entry = g_hash_table_lookup (tallies, value);

  if (entry == NULL)
    {
      entry = g_new0 (Tally, 1);
      g_hash_table_insert (tallies, g_strdup (value), entry);
    }
  entry->n[rater]++;
}

void
cyt_labels_merge_get_agreement (const CytLabelsMerge *self, guint side_a, guint side_b, CytConceptFields field,
                                CytAgreement *agreement)
{
  g_autoptr (GHashTable) tallies = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gsize n = 0, n_equal = 0, n_chance = 0;
  GHashTableIter iter;
  gpointer key, value;

  g_return_if_fail (side_a < self->n_sides && side_b < self->n_sides);

  g_hash_table_iter_init (&iter, self->sides->pdata[side_a]);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_autofree char *a = dup_category (value, field);
      g_autofree char *b = dup_category (g_hash_table_lookup (self->sides->pdata[side_b], key), field);

      if (a == NULL || b == NULL)
        continue;
      n++;
      n_equal += strcmp (a, b) == 0;
      tally (tallies, a, 0);
      tally (tallies, b, 1);
    }
  /* whole numbers: the sum does not depend on the table's order */
  g_hash_table_iter_init (&iter, tallies);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    n_chance += ((Tally *) value)->n[0] * ((Tally *) value)->n[1];
  agreement->n = n;
  agreement->n_equal = n_equal;
  agreement->observed = n > 0 ? (double) n_equal / n : NAN;
  agreement->expected = n > 0 ? (double) n_chance / n / n : NAN;
  agreement->kappa = agreement->expected < 1 ? (agreement->observed - agreement->expected) / (1 - agreement->expected)
                                             : NAN;
}
