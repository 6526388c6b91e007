/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* How a concept's status is shown everywhere: a word and an icon, never colour alone. */
const char *cyt_status_get_label (CytConceptStatus status);     /* translated (static) */
const char *cyt_status_get_icon_name (CytConceptStatus status); /* (static) */

#define CYT_N_STATUSES (CYT_CONCEPT_ARTEFACT + 1)
/* "Low", …; "" where it is not given. */
const char *cyt_status_get_confidence_label (CytConceptConfidence confidence);
/* One field of a concept: "Name", …; translated (static). */
const char *cyt_status_get_field_label (CytConceptFields field);

G_END_DECLS
