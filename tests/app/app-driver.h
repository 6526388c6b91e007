/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app-test-util.h"

#include "cyt-window.h"

/* A real window, driven by real pointer and key events (xdotool) while it goes on living. Places are pixels of the
 * window, as xdotool counts them. */
typedef struct
{
  CytWindow *window;
  CytSession *session;
  CytLatentModel *model;
  char *id;              /* of the window, as xdotool has it */
} CytDriver;

/* Opens the project at @path in a window of its own and gives it the focus. */
void cyt_driver_init (CytDriver *self, GtkApplication *application, const char *path);
/* Closes the window. */
void cyt_driver_clear (CytDriver *self);

/* Runs xdotool with these arguments. */
void cyt_driver_run (CytDriver *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Where a place of a widget is in the window. */
void cyt_driver_get_place (CytDriver *self, GtkWidget *widget, double x, double y, int *window_x, int *window_y);
/* Moves the pointer over @widget, and waits until the window has seen it: of several moves within a frame it sees the
 * last. */
void cyt_driver_move_pointer (CytDriver *self, GtkWidget *widget, int x, int y);

/* The first widget of a type below @widget that is shown; NULL: there is none. */
GtkWidget *cyt_driver_find_shown (GtkWidget *widget, GType type);
