/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "cyt-latent-order.h"

/* ---- What passes ---- */

/* A filter made ready for one data set. */
typedef struct
{
  const CytLatentQuery *query;
  char **terms;            /* of the search, case-folded */
  gint64 wanted;           /* the number that the search is, or −1 */
  int majority;            /* place of the class; −2: the data set has none of that name */
  guint8 *in_subset;       /* (n_rows), or NULL */
  gboolean about_labels;   /* whether labels matter to it */
} Matcher;

static char **
split_search (const char *search)
{
  g_autofree char *folded = g_utf8_casefold (search, -1);
  g_auto (GStrv) words = g_strsplit_set (folded, " \t", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_strv_builder_add (builder, words[i]);
  return g_strv_builder_end (builder);
}

/* The number when the search is nothing but one, else -1. */
static gint64
parse_number (char **terms)
{
  const char *digits;
  guint64 number;

  if (terms[0] == NULL || terms[1] != NULL)
    return -1;
  digits = terms[0][0] == '#' ? terms[0] + 1 : terms[0];
  return g_ascii_string_to_unsigned (digits, 10, 0, G_MAXUINT32, &number, NULL) ? (gint64) number : -1;
}

static void
matcher_init (Matcher *self, const CytLatentQuery *query)
{
  const CytLatentFilter *filter = query->filter;

  *self = (Matcher) { .query = query, .terms = split_search (filter->search), .majority = -1 };
  self->wanted = parse_number (self->terms);
  if (filter->majority != NULL)
    {
      self->majority = cyt_latent_table_find_label (query->table, filter->majority);
      if (self->majority < 0)
        self->majority = -2;
    }
  if (filter->subset != NULL)
    {
      self->in_subset = g_new0 (guint8, MAX (1, query->table->n_rows));
      for (guint i = 0; i < filter->subset->len; i++)
        {
          guint32 latent = g_array_index (filter->subset, guint32, i);

          if (latent < query->table->n_rows)
            self->in_subset[latent] = TRUE;
        }
    }
  self->about_labels = filter->labelled != CYT_FILTER_ANY || filter->statuses != 0 || filter->confidence >= 0
                       || filter->category != NULL || filter->tag != NULL || filter->rater != NULL;
}

static void
matcher_clear (Matcher *self)
{
  g_strfreev (self->terms);
  g_free (self->in_subset);
}

static gboolean
has_tag (const char *tags, const char *tag)
{
  gsize n = strlen (tag);

  for (const char *p = tags; *p != '\0';)
    {
      const char *end = strchrnul (p, ';');

      if ((gsize) (end - p) == n && strncmp (p, tag, n) == 0)
        return TRUE;
      p = *end != '\0' ? end + 1 : end;
    }
  return FALSE;
}

static gboolean
label_matches (const CytLatentFilter *filter, const CytLatentLabel *label)
{
  const CytConcept *concept = label != NULL ? label->concept : NULL;

  if (filter->labelled != CYT_FILTER_ANY
      && (filter->labelled == CYT_FILTER_UNLABELLED) != cyt_latent_label_is_empty (label))
    return FALSE;
  if (filter->statuses != 0
      && !(filter->statuses & (1u << (concept != NULL ? concept->status : CYT_CONCEPT_UNREVIEWED))))
    return FALSE;
  if (filter->confidence >= 0
      && filter->confidence != (int) (concept != NULL ? concept->confidence : CYT_CONCEPT_CONFIDENCE_NONE))
    return FALSE;
  if (filter->category != NULL && (concept == NULL || !g_str_equal (concept->category, filter->category)))
    return FALSE;
  if (filter->tag != NULL && (concept == NULL || !has_tag (concept->tags, filter->tag)))
    return FALSE;
  return filter->rater == NULL || (concept != NULL && g_str_equal (concept->rater, filter->rater));
}

/* NAN is in no range. */
static gboolean
numbers_match (const CytLatentFilter *filter, const CytLatentTable *table, guint latent)
{
  for (guint i = 0; i < CYT_FILTER_N_NUMBERS; i++)
    {
      double value;

      if (!(filter->min[i] > -INFINITY || filter->max[i] < INFINITY))
        continue;
      value = cyt_latent_table_get_number (table, latent, i);
      if (!(value >= filter->min[i] && value <= filter->max[i]))
        return FALSE;
    }
  return TRUE;
}

static gboolean
text_matches (const Matcher *self, guint latent, const CytLatentLabel *label)
{
  const CytLatentTable *table = self->query->table;
  gint32 majority = table->rows[latent].majority;

  for (gsize i = 0; self->terms[i] != NULL; i++)
    {
      const char *term = self->terms[i], *digits = term[0] == '#' ? term + 1 : term;
      char number[16];

      if (g_ascii_isdigit (digits[0]))
        {
          g_snprintf (number, sizeof number, "%u", latent);
          if (g_str_has_prefix (number, digits))
            continue;
        }
      if (label != NULL && strstr (label->folded, term) != NULL)
        continue;
      if (majority >= 0 && strstr (table->folded_labels[majority], term) != NULL)
        continue;
      return FALSE;
    }
  return TRUE;
}

static gboolean
matches (const Matcher *self, guint latent)
{
  const CytLatentQuery *query = self->query;
  const CytLatentFilter *filter = query->filter;
  const CytLatentRow *row = &query->table->rows[latent];
  const CytLatentLabel *label = NULL;

  if (self->in_subset != NULL && !self->in_subset[latent])
    return FALSE;
  /* Who asks for a latent by its number, or for a set of latents, means just those. */
  if (self->in_subset == NULL && (gint64) latent != self->wanted
      && (row->n_active == 0 ? !filter->show_silent
                             : !filter->show_ubiquitous && row->mean_act > filter->ubiquitous))
    return FALSE;
  if (self->majority != -1 && row->majority != self->majority)
    return FALSE;
  if (query->alive_in != NULL
      && (latent >= query->alive_in->n_rows || query->alive_in->rows[latent].n_active == 0))
    return FALSE;
  if (!numbers_match (filter, query->table, latent))
    return FALSE;
  if ((self->about_labels || self->terms[0] != NULL) && g_hash_table_size (query->labels) > 0)
    label = cyt_latent_labels_find (query->labels, latent);
  return (!self->about_labels || label_matches (filter, label)) && text_matches (self, latent, label);
}

/* ---- In which order ---- */

typedef struct
{
  guint64 key;        /* smaller first */
  guint32 latent;
} SortKey;

static int
compare_labels (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const CytLatentLabel *const *) a)->collate_key, (*(const CytLatentLabel *const *) b)->collate_key);
}

/* The place of each name among those in use, by the order of the user's language: latent → place. */
static GHashTable *
rank_names (GHashTable *labels)
{
  g_autoptr (GPtrArray) named = g_ptr_array_new ();
  GHashTable *ranks = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  CytLatentLabel *label;
  guint rank = 0;

  g_hash_table_iter_init (&iter, labels);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &label))
    if (label->collate_key != NULL)
      g_ptr_array_add (named, label);
  g_ptr_array_sort (named, compare_labels);
  for (guint i = 0; i < named->len; i++)
    {
      label = named->pdata[i];
      if (i > 0 && compare_labels (&named->pdata[i - 1], &named->pdata[i]) != 0)
        rank = i;
      g_hash_table_insert (ranks, GUINT_TO_POINTER (label->concept->latent), GUINT_TO_POINTER (rank));
    }
  return ranks;
}

/* Smaller first; NAN where undefined. */
static double
get_key (const CytLatentQuery *query, guint latent, const CytLatentLabel *label, GHashTable *ranks)
{
  const CytLatentRow *row = &query->table->rows[latent];
  gboolean fires = row->n_active > 0;

  switch (query->sort)
    {
    case CYT_LATENT_SORT_FREQUENCY:
      return -row->frequency;
    case CYT_LATENT_SORT_MEAN_ACT:
      return fires ? -row->mean_act : NAN;
    case CYT_LATENT_SORT_MAX_ACT:
      return fires ? -row->max_act : NAN;
    case CYT_LATENT_SORT_PURITY:
      return -row->purity;
    case CYT_LATENT_SORT_ENTROPY:
      return row->entropy;
    case CYT_LATENT_SORT_MAJORITY:
      return row->majority >= 0 ? query->table->label_rank[row->majority] : NAN;
    case CYT_LATENT_SORT_NAME:
      return label != NULL && label->collate_key != NULL
               ? GPOINTER_TO_UINT (g_hash_table_lookup (ranks, GUINT_TO_POINTER (latent))) : NAN;
    case CYT_LATENT_SORT_STATUS:
      return cyt_latent_label_is_empty (label) ? NAN : (double) label->concept->status;
    case CYT_LATENT_SORT_EDITED:
      return label != NULL && label->concept->edited_at > 0 ? -(double) label->concept->edited_at : NAN;
    case CYT_LATENT_SORT_SELECTIVITY:
      return -cyt_latent_table_get_number (query->table, latent, CYT_FILTER_SELECTIVITY);
    case CYT_LATENT_SORT_MONOSEMANTICITY:
      return -cyt_latent_table_get_number (query->table, latent, CYT_FILTER_MONOSEMANTICITY);
    case CYT_LATENT_SORT_REDUNDANCY:
      return -cyt_latent_table_get_number (query->table, latent, CYT_FILTER_REDUNDANCY);
    case CYT_LATENT_SORT_MAP:
      return -cyt_latent_table_get_number (query->table, latent, CYT_FILTER_MAP);
    case CYT_LATENT_SORT_NUMBER:
    default:
      return latent;
    }
}

/* Bits in the order of the numbers: IEEE 754 doubles compare as integers once negative ones are turned round. */
static guint64
make_sortable (double value)
{
  guint64 bits;

  value += 0.0; /* -0 is 0 */
  memcpy (&bits, &value, sizeof bits);
  return bits >> 63 ? ~bits : bits | G_GUINT64_CONSTANT (1) << 63;
}

#define DIGIT_BITS 11
#define N_DIGITS 6   /* × 11 ≥ 64 bits */

/* Stable, by key; the result is in @keys. Several times faster than qsort() for tens of thousands, which is what
 * keeps a new order within a frame. */
static void
radix_sort (SortKey *keys, guint n)
{
  g_autofree SortKey *other = g_new (SortKey, MAX (1, n));
  SortKey *from = keys, *to = other;

  for (guint digit = 0; digit < N_DIGITS; digit++)
    {
      guint count[1 << DIGIT_BITS] = { 0 }, shift = digit * DIGIT_BITS, start = 0;
      SortKey *swap;

      for (guint i = 0; i < n; i++)
        count[from[i].key >> shift & (G_N_ELEMENTS (count) - 1)]++;
      if (n == 0 || count[from[0].key >> shift & (G_N_ELEMENTS (count) - 1)] == n)
        continue;
      for (guint i = 0; i < G_N_ELEMENTS (count); i++)
        {
          guint here = count[i];

          count[i] = start;
          start += here;
        }
      for (guint i = 0; i < n; i++)
        to[count[from[i].key >> shift & (G_N_ELEMENTS (count) - 1)]++] = from[i];
      swap = from;
      from = to;
      to = swap;
    }
  if (from != keys)
    memcpy (keys, from, n * sizeof *keys);
}

guint
cyt_latent_query_run (const CytLatentQuery *self, guint32 *order)
{
  const CytLatentTable *table = self->table;
  g_autofree SortKey *keys = g_new (SortKey, MAX (1, table->n_rows));
  g_autoptr (GHashTable) ranks = self->sort == CYT_LATENT_SORT_NAME ? rank_names (self->labels) : NULL;
  gboolean by_label = g_hash_table_size (self->labels) > 0
                      && (self->sort == CYT_LATENT_SORT_NAME || self->sort == CYT_LATENT_SORT_STATUS
                          || self->sort == CYT_LATENT_SORT_EDITED);
  Matcher matcher;
  guint n = 0;

  matcher_init (&matcher, self);
  for (gsize i = 0; i < table->n_rows; i++)
    {
      guint32 latent = table->by_strength[i];
      const CytLatentLabel *label;
      double key;

      if (!matches (&matcher, latent))
        continue;
      label = by_label ? cyt_latent_labels_find (self->labels, latent) : NULL;
      key = get_key (self, latent, label, ranks);
      keys[n].latent = latent;
      keys[n].key = (gint64) latent == matcher.wanted ? 0
                    : isnan (key)                     ? G_MAXUINT64
                                                      : make_sortable (self->reversed ? -key : key);
      n++;
    }
  matcher_clear (&matcher);
  radix_sort (keys, n);
  for (guint i = 0; i < n; i++)
    order[i] = keys[i].latent;
  return n;
}
