/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-labels-merge.h"
#include "cli-options.h"
#include "cli-output.h"

static const char *const kinds[] = { "addition", "agreement", "conflict" };

static const struct
{
  CytConceptFields field;
  const char *name;
} fields[] = {
  { CYT_CONCEPT_FIELD_NAME, "name" },   { CYT_CONCEPT_FIELD_CATEGORY, "category" },
  { CYT_CONCEPT_FIELD_STATUS, "status" }, { CYT_CONCEPT_FIELD_CONFIDENCE, "confidence" },
  { CYT_CONCEPT_FIELD_TAGS, "tags" },   { CYT_CONCEPT_FIELD_NOTE, "note" },
};
static const CytConceptFields rated[] = { CYT_CONCEPT_FIELD_STATUS, CYT_CONCEPT_FIELD_NAME };

static const char *
get_field_name (CytConceptFields field)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (fields[i].field == field)
      return fields[i].name;
  g_assert_not_reached ();
}

static void
choose (CytLabelsMerge *merge, int preferred, gboolean only_agreements)
{
  for (guint i = 0; i < merge->items->len; i++)
    {
      CytMergeItem *item = merge->items->pdata[i];

      if (item->kind == CYT_MERGE_ADDITION && only_agreements)
        item->choice = CYT_MERGE_KEEP;
      else if (item->kind == CYT_MERGE_CONFLICT && preferred >= 0 && cyt_merge_item_allows (item, preferred))
        item->choice = preferred;
    }
}

/* ---- For people ---- */

static void
print_conflicts (const CytLabelsMerge *merge)
{
  g_autoptr (GPtrArray) headers = g_ptr_array_new ();
  g_autoptr (CliTable) table = NULL;

  if (merge->n_kind[CYT_MERGE_CONFLICT] == 0)
    return;
  g_ptr_array_add (headers, (char *) ">latent");
  g_ptr_array_add (headers, (char *) "field");
  g_ptr_array_add (headers, (char *) "project");
  for (guint i = 0; i < merge->n_sides; i++)
    g_ptr_array_add (headers, merge->names[i]);
  g_ptr_array_add (headers, (char *) "result");
  g_ptr_array_add (headers, NULL);
  table = cli_table_new ((const char *const *) headers->pdata);
  for (guint i = 0; i < merge->items->len; i++)
    {
      const CytMergeItem *item = merge->items->pdata[i];

      if (item->kind != CYT_MERGE_CONFLICT)
        continue;
      cli_table_add_int (table, item->latent);
      cli_table_add (table, get_field_name (item->field));
      cli_table_add (table, item->base);
      for (guint s = 0; s < merge->n_sides; s++)
        cli_table_add (table, item->sides[s]);
      cli_table_add (table, cyt_merge_item_get_result (item));
    }
  cli_table_print (table, "  ");
}

static void
print_agreement (const CytLabelsMerge *merge)
{
  for (guint a = 0; a < merge->n_sides; a++)
    for (guint b = a + 1; b < merge->n_sides; b++)
      for (guint f = 0; f < G_N_ELEMENTS (rated); f++)
        {
          g_autofree char *name_a = cli_escape (merge->names[a]), *name_b = cli_escape (merge->names[b]);
          g_autofree char *kappa = NULL;
          CytAgreement agreement;

          cyt_labels_merge_get_agreement (merge, a, b, rated[f], &agreement);
          kappa = cli_format_double (agreement.kappa);
          printf ("%s of %s and %s: equal for %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT ", Cohen's kappa %s\n",
                  get_field_name (rated[f]), name_a, name_b, agreement.n_equal, agreement.n, kappa);
        }
}

static void
print_result (const char *path, const CytLabelsMerge *merge, const CliMergeOptions *options, gsize n_labels)
{
  g_autofree char *shown = cli_escape (path);
  const char *conflicts = options->prefer != NULL ? "decided" : "left as they are";

  printf ("%s: %" G_GSIZE_FORMAT " agreements taken, %" G_GSIZE_FORMAT " additions %s, %" G_GSIZE_FORMAT
          " conflicts %s; %" G_GSIZE_FORMAT " fields as the project has them\n", shown,
          merge->n_kind[CYT_MERGE_AGREEMENT], merge->n_kind[CYT_MERGE_ADDITION],
          options->only_agreements ? "left out" : "taken", merge->n_kind[CYT_MERGE_CONFLICT], conflicts,
          merge->n_same);
  print_conflicts (merge);
  print_agreement (merge);
  printf ("%" G_GSIZE_FORMAT " latents %s\n", n_labels, options->dry_run ? "would change" : "changed");
}

/* ---- For programs ---- */

static void
add_items_json (const CytLabelsMerge *merge, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "items");
  json_builder_begin_array (builder);
  for (guint i = 0; i < merge->items->len; i++)
    {
      const CytMergeItem *item = merge->items->pdata[i];

      json_builder_begin_object (builder);
      cli_json_add_int (builder, "latent", item->latent);
      cli_json_add_string (builder, "field", get_field_name (item->field));
      cli_json_add_string (builder, "kind", kinds[item->kind]);
      cli_json_add_string (builder, "project", item->base);
      json_builder_set_member_name (builder, "files");
      json_builder_begin_array (builder);
      for (guint s = 0; s < merge->n_sides; s++)
        json_builder_add_string_value (builder, item->sides[s]);
      json_builder_end_array (builder);
      cli_json_add_string (builder, "result", cyt_merge_item_get_result (item));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_agreement_json (const CytLabelsMerge *merge, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "agreement");
  json_builder_begin_array (builder);
  for (guint a = 0; a < merge->n_sides; a++)
    for (guint b = a + 1; b < merge->n_sides; b++)
      for (guint f = 0; f < G_N_ELEMENTS (rated); f++)
        {
          CytAgreement agreement;

          cyt_labels_merge_get_agreement (merge, a, b, rated[f], &agreement);
          json_builder_begin_object (builder);
          cli_json_add_string (builder, "a", merge->names[a]);
          cli_json_add_string (builder, "b", merge->names[b]);
          cli_json_add_string (builder, "field", get_field_name (rated[f]));
          cli_json_add_int (builder, "n", (gint64) agreement.n);
          cli_json_add_int (builder, "n_equal", (gint64) agreement.n_equal);
          cli_json_add_double (builder, "observed", agreement.observed);
          cli_json_add_double (builder, "expected", agreement.expected);
          cli_json_add_double (builder, "kappa", agreement.kappa);
          json_builder_end_object (builder);
        }
  json_builder_end_array (builder);
}

static void
print_json (const CytLabelsMerge *merge, gsize n_labels)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_json_add_int (builder, "n_agreements", (gint64) merge->n_kind[CYT_MERGE_AGREEMENT]);
  cli_json_add_int (builder, "n_additions", (gint64) merge->n_kind[CYT_MERGE_ADDITION]);
  cli_json_add_int (builder, "n_conflicts", (gint64) merge->n_kind[CYT_MERGE_CONFLICT]);
  cli_json_add_int (builder, "n_same", (gint64) merge->n_same);
  cli_json_add_int (builder, "n_changed", (gint64) n_labels);
  add_items_json (merge, builder);
  add_agreement_json (merge, builder);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

gboolean
cli_labels_merge (const char *path, const char *const *paths, const CliMergeOptions *options, GError **error)
{
  g_autoptr (CytProject) project
    = cyt_project_open (path, options->dry_run ? CYT_PROJECT_READ_ONLY : CYT_PROJECT_READ_WRITE, error);
  g_autoptr (CytLabelsMerge) merge = NULL;
  g_autoptr (GPtrArray) labels = NULL;
  g_autofree char *what = NULL;
  int preferred = -1;

  for (int i = 0; options->prefer != NULL && paths[i] != NULL && preferred < 0; i++)
    if (g_str_equal (paths[i], options->prefer))
      preferred = i;
  if (options->prefer != NULL && preferred < 0)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--prefer: expected one of the files given, found %s",
                   options->prefer);
      return FALSE;
    }
  if (project == NULL || (merge = cyt_labels_merge_new (project, paths, error)) == NULL)
    return FALSE;
  choose (merge, preferred, options->only_agreements);
  labels = cyt_labels_merge_dup_labels (merge);
  what = cyt_labels_merge_dup_what (merge);
  if (!options->dry_run && labels->len > 0
      && !cyt_project_set_labels (project, labels, options->rater, what, NULL, NULL, error))
    return FALSE;
  if (options->json)
    print_json (merge, labels->len);
  else
    print_result (path, merge, options, labels->len);
  return TRUE;
}
