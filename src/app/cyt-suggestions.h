/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Gives @button a popover with @words; choosing one writes it into @entry. */
void cyt_suggestions_fill (GtkMenuButton *button, GtkEditable *entry, const char *const *words);

G_END_DECLS
