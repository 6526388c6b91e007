/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-latent-labels.h"

static CytLatentLabel *
label_new (const CytConcept *concept)
{
  CytLatentLabel *self = g_new0 (CytLatentLabel, 1);
  g_autofree char *text = g_strjoin ("\n", concept->name, concept->category,
                                     cyt_concept_status_get_nick (concept->status), concept->tags, concept->note,
                                     NULL);

  self->concept = cyt_concept_copy (concept);
  self->folded = g_utf8_casefold (text, -1);
  if (concept->name[0] != '\0')
    {
      g_autofree char *folded = g_utf8_casefold (concept->name, -1);

      self->collate_key = g_utf8_collate_key (folded, -1);
    }
  return self;
}

static void
label_free (CytLatentLabel *self)
{
  cyt_concept_free (self->concept);
  g_free (self->folded);
  g_free (self->collate_key);
  g_free (self);
}

gboolean
cyt_latent_label_is_empty (const CytLatentLabel *self)
{
  return self == NULL || (self->concept->name[0] == '\0' && self->concept->status == CYT_CONCEPT_UNREVIEWED);
}

GHashTable *
cyt_latent_labels_new (void)
{
  return g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) label_free);
}

void
cyt_latent_labels_insert (GHashTable *labels, const CytConcept *concept)
{
  g_hash_table_insert (labels, GUINT_TO_POINTER (concept->latent), label_new (concept));
}

const CytLatentLabel *
cyt_latent_labels_find (GHashTable *labels, guint latent)
{
  return g_hash_table_lookup (labels, GUINT_TO_POINTER (latent));
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return g_utf8_collate (*(const char *const *) a, *(const char *const *) b);
}

/* The strings that @add puts into a set, one label after the other. */
static GStrv
collect_strings (GHashTable *labels, void (*add) (GHashTable *set, const CytConcept *concept))
{
  g_autoptr (GHashTable) set = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *result = g_ptr_array_new ();
  GHashTableIter iter;
  CytLatentLabel *label;
  char *string;

  g_hash_table_iter_init (&iter, labels);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &label))
    add (set, label->concept);
  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, (gpointer *) &string, NULL))
    g_ptr_array_add (result, string);
  g_ptr_array_sort (result, compare_strings);
  g_ptr_array_add (result, NULL);
  return (GStrv) g_ptr_array_free (result, FALSE);
}

static void
add_string (GHashTable *set, const char *string)
{
  if (string[0] != '\0' && !g_hash_table_contains (set, string))
    g_hash_table_add (set, g_strdup (string));
}

static void
add_name (GHashTable *set, const CytConcept *concept)
{
  add_string (set, concept->name);
}

static void
add_category (GHashTable *set, const CytConcept *concept)
{
  add_string (set, concept->category);
}

static void
add_rater (GHashTable *set, const CytConcept *concept)
{
  add_string (set, concept->rater);
}

static void
add_tags (GHashTable *set, const CytConcept *concept)
{
  g_auto (GStrv) tags = cyt_concept_split_tags (concept->tags);

  for (gsize i = 0; tags[i] != NULL; i++)
    add_string (set, tags[i]);
}

GStrv
cyt_latent_labels_list_names (GHashTable *labels)
{
  return collect_strings (labels, add_name);
}

GStrv
cyt_latent_labels_list_categories (GHashTable *labels)
{
  return collect_strings (labels, add_category);
}

GStrv
cyt_latent_labels_list_tags (GHashTable *labels)
{
  return collect_strings (labels, add_tags);
}

GStrv
cyt_latent_labels_list_raters (GHashTable *labels)
{
  return collect_strings (labels, add_rater);
}
