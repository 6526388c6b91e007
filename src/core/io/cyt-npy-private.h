/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "io/cyt-dtype.h"

G_BEGIN_DECLS

/* NumPy's name of a dtype, such as "<f4", ">i8", "|b1", "f8"; FALSE for those that are not read. */
gboolean cyt_numpy_parse_dtype (const char *text, CytDtype *dtype, gboolean *big_endian);

G_END_DECLS
