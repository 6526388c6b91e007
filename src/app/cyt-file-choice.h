/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A question for files or a folder, asked by the system's file chooser. */
typedef struct
{
  const char *title;
  GtkFileChooserAction action;
  gboolean several;
  const char *filter_name;       /* NULL: all files */
  const char *const *suffixes;   /* of the filter, NULL-terminated */
  const char *path;              /* proposed for saving, or NULL */
} CytFileChoice;

/* @paths: what was chosen, at least one, NULL-terminated. */
typedef void (*CytFileChoiceFunc) (gpointer object, const char *const *paths);

/* Asks, modal to @parent, one question at a time; @func is not called when the user cancels, or @object (a GObject) is
 * gone by then. */
void cyt_file_choice_ask (GtkWindow *parent, const CytFileChoice *choice, CytFileChoiceFunc func, gpointer object);

G_END_DECLS
