/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scrolls 100,000 cells in the real window, under whatever display there is, and prints frames per second:
 *   GSK_RENDERER=cairo xvfb-run -s "-screen 0 1440x900x24" bench-gallery FOLDER [CELLS [SECONDS]]
 * The project is made on the spot: the images of FOLDER over and over, not indexed, which a gallery does not need.
 * Every frame moves on by a fixed way; at 60 frames a second that is three rows of cells a second, and thirty. */
#include "config.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "cyt-application.h"
#include "cyt-gallery.h"
#include "cyt-window.h"

typedef struct
{
  CytWindow *window;
  GtkAdjustment *adjustment;
  double step;
  guint n_frames, n_late;
  gint64 start, last, worst;
  gint64 cpu_start, cpu_last, cpu_worst;
} Run;

/* What the main thread computed, whatever else the machine does. */
static gint64
get_thread_cpu (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * G_USEC_PER_SEC + t.tv_nsec / 1000;
}

static void
wait_until (gboolean (*condition) (gpointer), gpointer data)
{
  while (!condition (data))
    g_main_context_iteration (NULL, TRUE);
}

static GtkWidget *
find_widget (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
frame_cb (Run *run)
{
  gint64 now = g_get_monotonic_time (), cpu = get_thread_cpu ();

  if (run->n_frames > 0)
    {
      run->cpu_worst = MAX (run->cpu_worst, cpu - run->cpu_last);
      run->worst = MAX (run->worst, now - run->last);
      run->n_late += now - run->last > 33333;
    }
  run->last = now;
  run->cpu_last = cpu;
  run->n_frames++;
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  Run *run = user_data;
  double value = gtk_adjustment_get_value (run->adjustment) + run->step;

  if (value > gtk_adjustment_get_upper (run->adjustment) - gtk_adjustment_get_page_size (run->adjustment))
    value = 0;
  gtk_adjustment_set_value (run->adjustment, value);
  return G_SOURCE_CONTINUE;
}

static void
measure (CytWindow *window, GtkWidget *gallery, const char *what, double step, double seconds)
{
  Run run = { .window = window, .step = step };
  GdkFrameClock *clock = gtk_widget_get_frame_clock (gallery);
  gulong painted = g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (frame_cb), &run);
  guint tick;

  g_object_get (gallery, "vadjustment", &run.adjustment, NULL);
  tick = gtk_widget_add_tick_callback (gallery, tick_cb, &run, NULL);
  run.start = g_get_monotonic_time ();
  run.cpu_start = get_thread_cpu ();
  while (g_get_monotonic_time () - run.start < seconds * G_USEC_PER_SEC)
    g_main_context_iteration (NULL, TRUE);
  gtk_widget_remove_tick_callback (gallery, tick);
  g_signal_handler_disconnect (clock, painted);
  printf ("%s: %.1f frames/s, longest frame %.0f ms, %u of %u frames above 33 ms; the main thread computed %.1f ms a "
          "frame, at most %.1f ms\n",
          what, run.n_frames * 1e6 / (run.last - run.start), run.worst / 1e3, run.n_late, run.n_frames,
          (run.cpu_last - run.cpu_start) / 1e3 / MAX (run.n_frames, 1), run.cpu_worst / 1e3);
  g_object_unref (run.adjustment);
}

static gboolean
is_open (gpointer window)
{
  return cyt_session_get_state (cyt_window_get_session (window)) == CYT_SESSION_OPEN;
}

static gboolean
has_cells (gpointer gallery)
{
  g_autoptr (GtkAdjustment) adjustment = NULL;

  g_object_get (gallery, "vadjustment", &adjustment, NULL);
  return gtk_widget_get_mapped (gallery) && gtk_adjustment_get_upper (adjustment) > 2000;
}

static gboolean
make_project (const char *path, const char *folder, gsize n, GError **error)
{
  const CytProjectModel model = { (char *) "/none", (char *) "0000000000000000000000000000000000000000000000000000000000000000",
                                  (char *) "{}" };
  g_autoptr (CytImageList) list = cyt_image_list_new ((const char *const[]) { folder, NULL }, error);
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  gsize n_images;

  if (list == NULL)
    return FALSE;
  n_images = cyt_image_list_get_n_items (list);
  for (gsize i = n_images; i < n; i++)
    {
      const CytImageItem *item = cyt_image_list_get_item (list, i % n_images);
      CytImageItem *copy = g_new0 (CytImageItem, 1);

      copy->path = g_strdup (item->path);
      copy->label = g_strdup (item->label);
      copy->patient = g_strdup_printf ("P%03u", (guint) (i % 200));
      g_ptr_array_add (list->items, copy);
    }
  project = cyt_project_create (path, &model, &model, 3072, -2, error);
  if (project == NULL)
    return FALSE;
  dataset = cyt_project_add_dataset (project, "cells", "", 0.2, 25, list, error);
  return dataset != NULL;
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("cytosae-bench-XXXXXX", NULL), *path = NULL;
  gsize n = argc > 2 ? strtoul (argv[2], NULL, 10) : 100000;
  double seconds = argc > 3 ? strtod (argv[3], NULL) : 10;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytApplication) app = NULL;
  CytWindow *window;
  CytSession *session;
  GtkWidget *gallery;
  struct rusage usage;
  gint64 start;

  if (argc < 2)
    {
      fprintf (stderr, "Usage: bench-gallery FOLDER [CELLS [SECONDS]]\n");
      return 2;
    }
  g_setenv ("XDG_CONFIG_HOME", folder, TRUE);
  path = g_build_filename (folder, "cells.cytosae", NULL);
  if (!make_project (path, argv[1], n, &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
  app = cyt_application_new (G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (app), NULL, NULL);
  window = cyt_window_new (GTK_APPLICATION (app));
  session = cyt_window_get_session (window);
  gtk_window_present (GTK_WINDOW (window));
  cyt_session_open (session, path);
  wait_until (is_open, window);
  gallery = find_widget (GTK_WIDGET (window), CYT_TYPE_GALLERY);
  start = g_get_monotonic_time ();
  cyt_session_set_view (session, CYT_VIEW_CELLS);
  wait_until (has_cells, gallery);
  printf ("%" G_GSIZE_FORMAT " cells, window %d × %d: they show after %.2f s\n", n, gtk_widget_get_width (GTK_WIDGET (window)),
          gtk_widget_get_height (GTK_WIDGET (window)), (g_get_monotonic_time () - start) / 1e6);
  measure (window, gallery, "slowly, 600 px/s", 10, seconds);
  measure (window, gallery, "fast, 6,000 px/s", 100, seconds);
  measure (window, gallery, "flung, 60,000 px/s", 1000, seconds);
  getrusage (RUSAGE_SELF, &usage);
  printf ("peak memory %.0f MB\n", usage.ru_maxrss / 1024.0);
  gtk_window_destroy (GTK_WINDOW (window));
  g_unlink (path);
  return 0;
}
