/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cyt-error.h"

G_DEFINE_QUARK (cyt-checkpoint-error-quark, cyt_checkpoint_error)
G_DEFINE_QUARK (cyt-image-error-quark, cyt_image_error)
G_DEFINE_QUARK (cyt-table-error-quark, cyt_table_error)
G_DEFINE_QUARK (cyt-project-error-quark, cyt_project_error)
G_DEFINE_QUARK (cyt-models-error-quark, cyt_models_error)
