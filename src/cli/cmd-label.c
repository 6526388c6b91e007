/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-commands.h"
#include "cli-project.h"

static void
replace (char **field, const char *value)
{
  if (value == NULL)
    return;
  g_free (*field);
  *field = g_strdup (value);
}

static gboolean
parse_status (const char *text, CytConceptStatus *status, GError **error)
{
  if (text == NULL || cyt_concept_status_from_nick (text, status))
    return TRUE;
  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
               "--status: expected unreviewed, proposed, confirmed, rejected or artefact, found \"%s\"", text);
  return FALSE;
}

static gboolean
parse_confidence (const char *text, CytConceptConfidence *confidence, GError **error)
{
  if (text == NULL || cyt_concept_confidence_from_nick (text, confidence))
    return TRUE;
  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--confidence: expected low, medium, high or \"\", found \"%s\"", text);
  return FALSE;
}

static void
print_change (const char *field, const char *old, const char *new)
{
  g_autofree char *from = cli_escape (old), *to = cli_escape (new);

  if (g_strcmp0 (old, new) != 0)
    printf ("  %s: \"%s\" → \"%s\"\n", field, from, to);
}

static void
print_changes (const CytConcept *before, const CytConcept *after, const char *rater)
{
  g_autofree char *by = cli_escape (rater);

  if (cyt_concept_diff (before, after) == 0)
    {
      printf ("latent %u: nothing to change\n", after->latent);
      return;
    }
  printf ("latent %u, by %s\n", after->latent, by);
  print_change ("name", before->name, after->name);
  print_change ("category", before->category, after->category);
  print_change ("status", cyt_concept_status_get_nick (before->status), cyt_concept_status_get_nick (after->status));
  print_change ("confidence", cyt_concept_confidence_get_nick (before->confidence),
                cyt_concept_confidence_get_nick (after->confidence));
  print_change ("tags", before->tags, after->tags);
  print_change ("note", before->note, after->note);
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *name = NULL, *category = NULL, *status_text = NULL, *note = NULL, *rater = NULL;
  g_autofree char *confidence_text = NULL, *tags = NULL, *normal_tags = NULL;
  const GOptionEntry entries[] = {
    { "name", 'n', 0, G_OPTION_ARG_FILENAME, &name, "What it responds to", "TEXT" },
    { "category", 'c', 0, G_OPTION_ARG_FILENAME, &category, "Such as \"granules\"", "TEXT" },
    { "status", 's', 0, G_OPTION_ARG_FILENAME, &status_text, "unreviewed, proposed, confirmed, rejected or artefact",
      "STATUS" },
    { "confidence", 0, 0, G_OPTION_ARG_FILENAME, &confidence_text, "low, medium or high", "C" },
    { "tags", 't', 0, G_OPTION_ARG_FILENAME, &tags, "Such as \"blast;granules\"", "A;B" },
    { "note", 0, 0, G_OPTION_ARG_FILENAME, &note, "Anything else", "TEXT" },
    { "rater", 'r', 0, G_OPTION_ARG_FILENAME, &rater, "Who says so (the user's name)", "NAME" },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 2, 2, error);
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytConcept) before = NULL, after = NULL;
  g_autoptr (GPtrArray) concepts = g_ptr_array_new ();
  CytConceptStatus status = CYT_CONCEPT_UNREVIEWED;
  CytConceptConfidence confidence = CYT_CONCEPT_CONFIDENCE_NONE;
  gint64 number = 0;
  guint latent;

  if (args == NULL || !cli_parse_int ("K", args[1], 0, G_MAXUINT32, &number, error)
      || !cli_require_utf8 ("--name", name, error) || !cli_require_utf8 ("--category", category, error)
      || !cli_require_utf8 ("--tags", tags, error) || !cli_require_utf8 ("--note", note, error) || !cli_require_utf8 ("--rater", rater, error)
      || !parse_status (status_text, &status, error) || !parse_confidence (confidence_text, &confidence, error))
    return FALSE;
  if (name == NULL && category == NULL && status_text == NULL && confidence_text == NULL && tags == NULL && note == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   "at least one of --name, --category, --status, --confidence, --tags and --note is needed");
      return FALSE;
    }
  if (rater == NULL)
    rater = cli_dup_user_name ();

  project = cyt_project_open (args[0], CYT_PROJECT_READ_WRITE, error);
  if (project == NULL || !cli_parse_latent (args[1], cyt_project_get_d_sae (project), &latent, error)
      || (before = cyt_project_get_concept (project, latent, error)) == NULL)
    return FALSE;
  after = cyt_concept_copy (before);
  replace (&after->name, name);
  replace (&after->category, category);
  normal_tags = tags != NULL ? cyt_concept_normalize_tags (tags) : NULL;
  replace (&after->tags, normal_tags);
  replace (&after->note, note);
  if (status_text != NULL)
    after->status = status;
  if (confidence_text != NULL)
    after->confidence = confidence;

  g_ptr_array_add (concepts, after);
  if (!cyt_project_set_concepts (project, concepts, rater, "edit", NULL, error))
    return FALSE;
  print_changes (before, after, rater);
  return TRUE;
}

const CliCommand cmd_label = {
  .name = "label",
  .arguments = "P.cytosae K",
  .summary = "Say what a latent responds to",
  .description
  = "What is not given stays as it is; \"\" empties a field. Every change is kept in the history.\n\n"
    "Example:\n"
    "  cytosae label blood.cytosae 1742 --name \"eosinophilic granules\" --category granules --status confirmed\n",
  .run = run,
};
