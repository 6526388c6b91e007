/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "test-util.h"

#include "cyt-latent-order.h"

/* Latent:     0     1      2     3     4 (silent)   5 (ubiquitous)
 * frequency  .1    .9     .5    .01    0            1
 * mean_act  .04   .03    .02   .01     0           .2
 * max_act     4     3      2     1     0            9
 * purity     .5   nan     .9   .95   nan           .2    class b, –, a, a, –, b */
#define N 6

static CytLatentTable *
make_table (void)
{
  const char *const labels[] = { "alpha", "beta", NULL };
  const double frequency[] = { .1, .9, .5, .01, 0, 1 }, mean[] = { .04, .03, .02, .01, 0, .2 };
  const double max[] = { 4, 3, 2, 1, 0, 9 }, purity[] = { .5, NAN, .9, .95, NAN, .2 };
  const gint32 majority[] = { 1, -1, 0, 0, -1, 1 };
  CytLatentRow *rows = g_new0 (CytLatentRow, N);

  for (guint i = 0; i < N; i++)
    rows[i] = (CytLatentRow) { .latent = i, .n_active = 100 * frequency[i], .frequency = frequency[i],
                               .mean_act = mean[i], .max_act = max[i], .purity = purity[i],
                               .entropy = 1 - purity[i], .majority = majority[i] };
  return cyt_latent_table_new (1, "cells", rows, N, g_strdupv ((char **) labels));
}

static void
add_label (GHashTable *labels, guint latent, const char *name, CytConceptStatus status, const char *tags,
           CytConceptConfidence confidence)
{
  CytConcept *concept = cyt_concept_new (latent);

  g_free (concept->name);
  concept->name = g_strdup (name);
  g_free (concept->tags);
  concept->tags = g_strdup (tags);
  g_free (concept->rater);
  concept->rater = g_strdup (latent % 2 ? "odd" : "even");
  concept->status = status;
  concept->confidence = confidence;
  cyt_latent_labels_insert (labels, concept);
  cyt_concept_free (concept);
}

static GHashTable *
make_labels (void)
{
  GHashTable *labels = cyt_latent_labels_new ();

  add_label (labels, 0, "", CYT_CONCEPT_REJECTED, "blast;granules", CYT_CONCEPT_CONFIDENCE_HIGH);
  add_label (labels, 1, "Nuclear rim", CYT_CONCEPT_CONFIRMED, "rim", CYT_CONCEPT_CONFIDENCE_LOW);
  add_label (labels, 2, "", CYT_CONCEPT_UNREVIEWED, "", CYT_CONCEPT_CONFIDENCE_NONE);
  return labels;
}

/* Which latents pass, in order of their numbers. */
static void
assert_passes (const CytLatentFilter *filter, const char *expected)
{
  g_autoptr (CytLatentTable) table = make_table ();
  g_autoptr (GHashTable) labels = make_labels ();
  CytLatentQuery query = { .table = table, .labels = labels, .filter = filter, .sort = CYT_LATENT_SORT_NUMBER };
  g_autoptr (GString) found = g_string_new (NULL);
  guint32 order[N];
  guint n = cyt_latent_query_run (&query, order);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (found, "%u", order[i]);
  g_assert_cmpstr (found->str, ==, expected);
}

static void
assert_clears (CytLatentFilter *filter, CytFilterCriterion criterion, const char *passes)
{
  assert_passes (filter, passes);
  g_assert_cmpuint (cyt_latent_filter_get_criteria (filter), ==, criterion);
  cyt_latent_filter_clear (filter, criterion);
  g_assert_cmpuint (cyt_latent_filter_get_criteria (filter), ==, 0);
  assert_passes (filter, "0123");
}

static void
test_each (void)
{
  g_autoptr (CytLatentFilter) filter = cyt_latent_filter_new ();
  const guint32 subset[] = { 5, 2, 4, 9999 };

  assert_passes (filter, "0123");
  filter->labelled = CYT_FILTER_UNLABELLED;
  assert_clears (filter, CYT_FILTER_HAS_LABELLED, "23");
  filter->labelled = CYT_FILTER_LABELLED;
  assert_clears (filter, CYT_FILTER_HAS_LABELLED, "01");
  filter->statuses = 1u << CYT_CONCEPT_REJECTED | 1u << CYT_CONCEPT_UNREVIEWED;
  assert_clears (filter, CYT_FILTER_HAS_STATUSES, "023");
  filter->confidence = CYT_CONCEPT_CONFIDENCE_HIGH;
  assert_clears (filter, CYT_FILTER_HAS_CONFIDENCE, "0");
  filter->confidence = CYT_CONCEPT_CONFIDENCE_NONE;
  assert_clears (filter, CYT_FILTER_HAS_CONFIDENCE, "23");
  filter->majority = g_strdup ("alpha");
  assert_clears (filter, CYT_FILTER_HAS_MAJORITY, "23");
  filter->majority = g_strdup ("of another data set");
  assert_clears (filter, CYT_FILTER_HAS_MAJORITY, "");
  filter->tag = g_strdup ("granules");
  assert_clears (filter, CYT_FILTER_HAS_TAG, "0");
  filter->tag = g_strdup ("granule");
  assert_clears (filter, CYT_FILTER_HAS_TAG, "");
  filter->rater = g_strdup ("odd");
  assert_clears (filter, CYT_FILTER_HAS_RATER, "1");
  filter->show_silent = TRUE;
  assert_clears (filter, CYT_FILTER_HAS_SILENT, "01234");
  filter->show_ubiquitous = TRUE;
  assert_clears (filter, CYT_FILTER_HAS_UBIQUITOUS, "01235");
  filter->ubiquitous = .025;
  assert_clears (filter, CYT_FILTER_HAS_UBIQUITOUS, "23");
  cyt_latent_filter_set_subset (filter, subset, 4, "four");
  assert_clears (filter, CYT_FILTER_HAS_SUBSET, "245");
  filter->min[CYT_FILTER_FREQUENCY] = .1;
  filter->max[CYT_FILTER_FREQUENCY] = .5;
  assert_clears (filter, CYT_FILTER_HAS_NUMBER << CYT_FILTER_FREQUENCY, "02");
  filter->max[CYT_FILTER_PURITY] = 1;
  assert_clears (filter, CYT_FILTER_HAS_NUMBER << CYT_FILTER_PURITY, "023");
  filter->min[CYT_FILTER_MAX_ACT] = 3;
  assert_clears (filter, CYT_FILTER_HAS_NUMBER << CYT_FILTER_MAX_ACT, "01");
}

static void
test_together (void)
{
  g_autoptr (CytLatentFilter) filter = cyt_latent_filter_new ();

  filter->min[CYT_FILTER_PURITY] = .4;
  filter->labelled = CYT_FILTER_UNLABELLED;
  filter->majority = g_strdup ("alpha");
  assert_passes (filter, "23");
  filter->max[CYT_FILTER_FREQUENCY] = .1;
  assert_passes (filter, "3");
  g_free (filter->search);
  filter->search = g_strdup ("beta");
  assert_passes (filter, "");
}

/* A latent asked for by its number is shown, however ubiquitous. */
static void
test_number (void)
{
  g_autoptr (CytLatentFilter) filter = cyt_latent_filter_new ();

  g_free (filter->search);
  filter->search = g_strdup ("#5");
  assert_passes (filter, "5");
}

static CytLatentFilter *
make_full (void)
{
  CytLatentFilter *filter = cyt_latent_filter_new ();
  const guint32 subset[] = { 49151, 3 };

  g_free (filter->search);
  filter->search = g_strdup ("größe; \n=[x]");
  filter->labelled = CYT_FILTER_LABELLED;
  filter->statuses = 1u << CYT_CONCEPT_CONFIRMED | 1u << CYT_CONCEPT_ARTEFACT;
  filter->confidence = CYT_CONCEPT_CONFIDENCE_NONE;
  for (guint i = 0; i < CYT_FILTER_N_NUMBERS; i++)
    {
      filter->min[i] = 1.0 / (i + 3);
      filter->max[i] = 1e9 / (i + 7);
    }
  filter->majority = g_strdup ("Band; neutrophil");
  filter->category = g_strdup (" granule colour");
  filter->tag = g_strdup ("x");
  filter->rater = g_strdup ("Dr. Ö");
  filter->alive_in = g_strdup ("bone marrow");
  filter->show_silent = filter->show_ubiquitous = TRUE;
  filter->ubiquitous = .3;
  cyt_latent_filter_set_subset (filter, subset, 2, "Batch of 2");
  return filter;
}

static void
test_text (void)
{
  g_autoptr (CytLatentFilter) full = make_full (), plain = cyt_latent_filter_new ();
  g_autofree char *text = cyt_latent_filter_to_text (full), *nothing = cyt_latent_filter_to_text (plain);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytLatentFilter) read = cyt_latent_filter_from_text (text, &error);
  g_autoptr (CytLatentFilter) copy = cyt_latent_filter_copy (full);
  g_autoptr (CytLatentFilter) empty = NULL, newer = NULL, nobody = NULL;

  g_assert_no_error (error);
  g_assert_true (cyt_latent_filter_equal (read, full));
  g_assert_true (cyt_latent_filter_equal (copy, full));
  g_assert_false (cyt_latent_filter_equal (read, plain));
  empty = cyt_latent_filter_from_text (nothing, &error);
  g_assert_no_error (error);
  g_assert_true (cyt_latent_filter_equal (empty, plain));
  newer = cyt_latent_filter_from_text ("[filter]\nstain=giemsa\n", &error);
  g_assert_no_error (error);
  g_assert_true (cyt_latent_filter_equal (newer, plain));
  nobody = cyt_latent_filter_from_text ("[filter]\nsubset=\n", &error);
  g_assert_no_error (error);
  g_assert_nonnull (nobody->subset);
  g_assert_cmpuint (nobody->subset->len, ==, 0);
}

static void
test_bad_text (void)
{
  const char *const bad[] = { "rubbish", "[filter]\nstatus=loved\n", "[filter]\nfrequency-min=often\n",
                              "[filter]\npurity-max=nan\n", "[filter]\nconfidence=very\n",
                              "[filter]\nsubset=1;two\n", "[filter]\nsubset=-1\n", "[filter]\nshow-silent=3\n",
                              "[filter]\nlabelled=perhaps\n" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CytLatentFilter) filter = cyt_latent_filter_from_text (bad[i], &error);

      g_assert_null (filter);
      g_assert_nonnull (error);
    }
}

static char *
run_query (const CytLatentTable *table, const CytLatentFilter *filter, CytLatentSort sort)
{
  g_autoptr (GHashTable) labels = make_labels ();
  CytLatentQuery query = { .table = table, .labels = labels, .filter = filter, .sort = sort };
  GString *found = g_string_new (NULL);
  guint32 order[N];
  guint n = cyt_latent_query_run (&query, order);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (found, "%u", order[i]);
  return g_string_free (found, FALSE);
}

/* What was measured sorts and filters; what was not comes last, and passes no bound. */
static void
test_measured (void)
{
  g_autoptr (CytLatentTable) table = make_table ();
  g_autoptr (CytLatentFilter) filter = cyt_latent_filter_new (), read = NULL;
  CytLatentMeasured *measured = g_new0 (CytLatentMeasured, 1);
  g_autofree char *before = run_query (table, filter, CYT_LATENT_SORT_SELECTIVITY), *text = NULL, *by_selectivity = NULL;
  g_autofree char *by_monosemanticity = NULL, *bounded = NULL, *by_map = NULL, *name = NULL;
  CytSuggestion suggestions[] = { { .latent = 1, .value = 1 }, { .latent = 3, .value = 0 }, { .latent = 3, .value = 1 } };
  CytImageAttribute *attribute = cyt_image_attribute_new ("granule_type");
  const CytSuggestion *first;
  guint n;

  g_assert_false (cyt_latent_table_has_number (table, CYT_FILTER_SELECTIVITY));
  g_assert_cmpstr (before, ==, "0123");
  measured->n_latents = N;
  measured->rows = g_new (CytMeasuresRow, N);
  for (guint i = 0; i < N; i++)
    cyt_measures_row_clear (&measured->rows[i]);
  measured->rows[0].auprc = .2;
  measured->rows[2].auprc = .8;
  measured->rows[3].auprc = .5;
  measured->rows[1].monosemanticity = -.1;
  measured->rows[2].monosemanticity = .3;
  g_ptr_array_add (attribute->values, g_strdup ("coarse"));
  g_ptr_array_add (attribute->values, g_strdup ("round"));
  measured->attributes = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_image_attribute_free);
  g_ptr_array_add (measured->attributes, attribute);
  measured->suggestions = g_array_new (FALSE, FALSE, sizeof (CytSuggestion));
  g_array_append_vals (measured->suggestions, suggestions, G_N_ELEMENTS (suggestions));
  cyt_latent_table_set_measured (table, measured);
  g_assert_true (cyt_latent_table_has_number (table, CYT_FILTER_SELECTIVITY));
  g_assert_false (cyt_latent_table_has_number (table, CYT_FILTER_MAP));
  by_selectivity = run_query (table, filter, CYT_LATENT_SORT_SELECTIVITY);
  g_assert_cmpstr (by_selectivity, ==, "2301");
  by_monosemanticity = run_query (table, filter, CYT_LATENT_SORT_MONOSEMANTICITY);
  g_assert_cmpstr (by_monosemanticity, ==, "2103");
  by_map = run_query (table, filter, CYT_LATENT_SORT_MAP);
  g_assert_cmpstr (by_map, ==, "0123");
  filter->min[CYT_FILTER_SELECTIVITY] = .5;
  bounded = run_query (table, filter, CYT_LATENT_SORT_NUMBER);
  g_assert_cmpstr (bounded, ==, "23");
  text = cyt_latent_filter_to_text (filter);
  read = cyt_latent_filter_from_text (text, NULL);
  g_assert_true (cyt_latent_filter_equal (filter, read));
  g_assert_null (cyt_latent_measured_get_suggestions (measured, 0, &n));
  g_assert_cmpuint (n, ==, 0);
  first = cyt_latent_measured_get_suggestions (measured, 3, &n);
  g_assert_cmpuint (n, ==, 2);
  name = cyt_latent_measured_dup_suggested_name (measured, first);
  g_assert_cmpstr (name, ==, "granule type: coarse");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/latent-filter/each", test_each);
  g_test_add_func ("/app/latent-filter/together", test_together);
  g_test_add_func ("/app/latent-filter/number", test_number);
  g_test_add_func ("/app/latent-filter/measured", test_measured);
  g_test_add_func ("/app/latent-filter/text", test_text);
  g_test_add_func ("/app/latent-filter/bad-text", test_bad_text);
  return g_test_run ();
}
