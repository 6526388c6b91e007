/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-status.h"

const char *
cyt_status_get_label (CytConceptStatus status)
{
  switch (status)
    {
    case CYT_CONCEPT_PROPOSED:
      return _("Proposed");
    case CYT_CONCEPT_CONFIRMED:
      return _("Confirmed");
    case CYT_CONCEPT_REJECTED:
      return _("Rejected");
    case CYT_CONCEPT_ARTEFACT:
      return _("Artefact");
    case CYT_CONCEPT_UNREVIEWED:
    default:
      return _("Unreviewed");
    }
}

const char *
cyt_status_get_icon_name (CytConceptStatus status)
{
  switch (status)
    {
    case CYT_CONCEPT_PROPOSED:
      return "cyt-status-proposed-symbolic";
    case CYT_CONCEPT_CONFIRMED:
      return "cyt-status-confirmed-symbolic";
    case CYT_CONCEPT_REJECTED:
      return "cyt-status-rejected-symbolic";
    case CYT_CONCEPT_ARTEFACT:
      return "cyt-status-artefact-symbolic";
    case CYT_CONCEPT_UNREVIEWED:
    default:
      return "cyt-status-unreviewed-symbolic";
    }
}

const char *
cyt_status_get_confidence_label (CytConceptConfidence confidence)
{
  switch (confidence)
    {
    case CYT_CONCEPT_CONFIDENCE_LOW:
      /* Translators: an expert's confidence in a label; likewise the next two */
      return _("Low");
    case CYT_CONCEPT_CONFIDENCE_MEDIUM:
      return _("Medium");
    case CYT_CONCEPT_CONFIDENCE_HIGH:
      return _("High");
    case CYT_CONCEPT_CONFIDENCE_NONE:
    default:
      return "";
    }
}

const char *
cyt_status_get_field_label (CytConceptFields field)
{
  switch (field)
    {
    case CYT_CONCEPT_FIELD_NAME:
      return _("Name");
    case CYT_CONCEPT_FIELD_CATEGORY:
      return _("Category");
    case CYT_CONCEPT_FIELD_STATUS:
      return _("Status");
    case CYT_CONCEPT_FIELD_NOTE:
      return _("Notes");
    case CYT_CONCEPT_FIELD_CONFIDENCE:
      return _("Confidence");
    case CYT_CONCEPT_FIELD_TAGS:
      return _("Tags");
    case CYT_CONCEPT_ALL_FIELDS:
    default:
      return "";
    }
}
