/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-classification.h"
#include "cli-evidence.h"
#include "cli-figure.h"
#include "cli-options.h"
#include "cli-progress.h"

static CytClassification *
classify (const CliEvidenceSource *source, GError **error)
{
  g_autoptr (CliProgress) progress = cli_progress_new ("folds");
  CytClassification *result
    = cyt_classification_run (source->patients, source->features, source->options, cli_progress_get_progress (progress),
                              cli_progress_get_cancellable (progress), error);

  cli_progress_explain_cancel (error, "interrupted: nothing is kept");
  return result;
}

static CytFigure *
make_page (CliEvidenceSource *source, const CliAsked *asked, const char *controls, GError **error)
{
  g_autoptr (CytModelStore) store = cyt_model_store_new ();
  g_autoptr (CytBarcodes) patients = cyt_barcodes_compute (source->project, &source->barcodes, NULL, error);
  g_autoptr (GPtrArray) concepts = NULL;
  g_autoptr (CytFeatures) features = NULL;
  g_autoptr (CytClassification) result = NULL;

  if (patients == NULL || !cli_asked_check (asked, source->project, patients, error)
      || (concepts = cyt_project_list_concepts (source->project, error)) == NULL
      || (features = cyt_features_new_from_barcodes (patients, source->concepts_only ? concepts : NULL, error)) == NULL)
    return NULL;
  source->store = store;
  source->patients = patients;
  source->features = features;
  if ((result = classify (source, error)) == NULL)
    return NULL;
  source->classification = result;
  return cli_evidence_make_page (source, asked, controls, error);
}

static CytFigure *
make (const CliFigureKind *self, char **argv, CliFigureOptions *options, GError **error)
{
  g_auto (CliClassification) classification = { NULL };
  g_auto (CliAnalysis) analysis = { NULL };
  g_auto (CliAsked) asked = CLI_ASKED_INIT;
  g_autofree char *controls = NULL, *path = NULL;
  CytClassificationOptions validation = CYT_CLASSIFICATION_OPTIONS_INIT;
  CliEvidenceSource source = { .analysis = &analysis, .barcodes = CYT_BARCODES_OPTIONS_INIT, .options = &validation };
  const GOptionEntry entries[] = {
    { "patient", 'p', 0, G_OPTION_ARG_FILENAME, &asked.patient, "Whose page", "NAME" },
    { "class", 0, 0, G_OPTION_ARG_FILENAME, &asked.class, "What speaks for this disease (the predicted one)", "DISEASE" },
    { "controls", 0, 0, G_OPTION_ARG_FILENAME, &controls,
      "Disease of the controls (one called control, healthy, normal or reactive; else all others)", "DISEASE" },
    { "concepts-only", 0, 0, G_OPTION_ARG_NONE, &source.concepts_only, "From latents with a name only", NULL },
    CLI_CLASSIFICATION_ENTRIES (classification),
    CLI_ANALYSIS_ENTRIES (analysis),
    CLI_FIGURE_ENTRIES (options),
    { NULL },
  };
  g_autoptr (CytProject) project = NULL;

  validation.n_permutations = 0; /* the page does not tell p */
  if ((path = cli_figure_parse (self, entries, argv, options, error)) == NULL
      || !cli_require ("--patient", asked.patient, error) || !cli_require_utf8 ("--patient", asked.patient, error)
      || !cli_require_utf8 ("--class", asked.class, error) || !cli_require_utf8 ("--controls", controls, error)
      || !cli_classification_parse (&classification, &validation, error)
      || (project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error)) == NULL
      || !cli_analysis_prepare (&analysis, project, &source.barcodes, error))
    return NULL;
  if (options->width == NULL)
    options->layout.width = CYT_EVIDENCE_FIGURE_WIDTH;
  if (options->style == NULL
      && !cyt_figure_style_init (&options->layout.style, CYT_EVIDENCE_FIGURE_STYLE, options->font, error))
    return NULL;
  source.project = project;
  return make_page (&source, &asked, controls, error);
}

const CliFigureKind figure_evidence = {
  .name = "evidence",
  .summary = "A page about a patient: what was predicted, and the concepts, cells and patches behind it",
  .description = "A4, research use only. Prediction and scores by models that were not trained on the patient, contributions of\n"
                 "concepts, the barcode beside the controls', the strongest cells with their maps, and caveats. Of all patients:\n"
                 "'cytosae classify --report'.\n\n"
                 "Example:\n  cytosae figure cohort.cytosae evidence --patient P017 --out P017.pdf\n",
  .make = make,
};
