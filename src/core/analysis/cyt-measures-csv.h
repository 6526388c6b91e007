/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "index/cyt-measures-data.h"

G_BEGIN_DECLS

/* A CSV file with a row for each latent of each dictionary; an undefined number is an empty field.
 * @measures: of CytMeasures; one without rows is left out. The file appears complete or not at all. Errors: G_FILE_ERROR. */
gboolean cyt_measures_write_csv (const GPtrArray *measures, const char *path, GError **error);

G_END_DECLS
