/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench-map [PROJECT]: how long the map takes to be drawn anew in the real window, 1440 × 900, in software
 * (GSK_RENDERER=cairo), while it is zoomed: every frame draws all points, axes and histograms again. Without PROJECT,
 * one of 49,152 invented latents. Needs a display: xvfb-run -s "-screen 0 1440x900x24" bench-map. */
#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "test-project-util.h"
#include "test-util.h"

#include "cyt-application.h"
#include "cyt-scatter.h"
#include "cyt-window.h"

#define D_SAE 49152
#define N_CELLS 150
#define N_ACTIVE 2500
#define N_FRAMES 120

typedef struct
{
  CytWindow *window;
  const char *path;
  CytScatter *scatter;
  gint64 start, start_cpu;
  double frames[N_FRAMES], computed[N_FRAMES], points[N_FRAMES];
  guint n;
} Bench;

static GtkWidget *
find_shown (GtkWidget *widget, GType type)
{
  GtkWidget *found = NULL;

  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_shown (child, type);
  return found;
}

static char *
make_project (const char *folder)
{
  char *path = g_build_filename (folder, "map.cytosae", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytImageList) list = cyt_test_make_image_list ("/cells", N_CELLS);
  g_autoptr (CytProject) project = cyt_test_create_project (path, D_SAE);
  g_autoptr (CytDataset) dataset = cyt_project_add_dataset (project, "d", "", 0.2, 10, list, &error);
  g_autoptr (CytTestIndexer) indexer = cyt_test_indexer_new (project, "d", N_ACTIVE);

  if (!cyt_test_indexer_commit (indexer, N_CELLS, &error))
    g_error ("%s", error->message);
  return path;
}

/* µs that the main thread itself computed: on a busy machine the clock on the wall counts other programs too. */
static gint64
get_thread_cpu (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * G_USEC_PER_SEC + t.tv_nsec / 1000;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
print (const char *what, double *values, guint n)
{
  qsort (values, n, sizeof *values, compare);
  g_print ("%-44s median %6.1f ms, 95 %% %6.1f ms, longest %6.1f ms\n", what, values[n / 2], values[n * 95 / 100],
           values[n - 1]);
}

static void
before_paint_cb (GdkFrameClock *clock, Bench *bench)
{
  bench->start = g_get_monotonic_time ();
  bench->start_cpu = get_thread_cpu ();
  cyt_scatter_zoom (bench->scatter, bench->n / 20 % 2 == 0 ? 1.02 : 1 / 1.02);
}

static void
after_paint_cb (GdkFrameClock *clock, Bench *bench)
{
  if (bench->start == 0 || bench->n == N_FRAMES)
    return;
  bench->frames[bench->n] = (g_get_monotonic_time () - bench->start) / 1e3;
  bench->computed[bench->n] = (get_thread_cpu () - bench->start_cpu) / 1e3;
  bench->points[bench->n] = cyt_scatter_get_raster_time (bench->scatter) / 1e3;
  if (++bench->n < N_FRAMES)
    return;
  print ("a frame, from its begin to its end", bench->frames, N_FRAMES);
  print ("of that, computed by the main thread", bench->computed, N_FRAMES);
  print ("drawing the points (wall clock)", bench->points, N_FRAMES);
  gtk_window_destroy (GTK_WINDOW (bench->window));
}

static gboolean
begin_cb (gpointer user_data)
{
  Bench *bench = user_data;
  GdkFrameClock *clock;

  bench->scatter = (CytScatter *) find_shown (GTK_WIDGET (bench->window), CYT_TYPE_SCATTER);
  if (bench->scatter == NULL || cyt_scatter_get_raster_time (bench->scatter) == 0)
    return G_SOURCE_CONTINUE;
  g_print ("%" G_GSIZE_FORMAT " latents, window %d × %d\n",
           cyt_latent_model_get_n_latents (cyt_session_get_latents (cyt_window_get_session (bench->window))),
           gtk_widget_get_width (GTK_WIDGET (bench->window)), gtk_widget_get_height (GTK_WIDGET (bench->window)));
  clock = gtk_widget_get_frame_clock (GTK_WIDGET (bench->window));
  g_signal_connect (clock, "before-paint", G_CALLBACK (before_paint_cb), bench);
  g_signal_connect (clock, "after-paint", G_CALLBACK (after_paint_cb), bench);
  gdk_frame_clock_begin_updating (clock);
  return G_SOURCE_REMOVE;
}

static void
open_cb (CytSession *session, GParamSpec *pspec, Bench *bench)
{
  g_autoptr (CytLatentFilter) filter = NULL;

  if (cyt_session_get_state (session) != CYT_SESSION_OPEN)
    return;
  /* Everything that fires is drawn in full. */
  filter = cyt_latent_filter_copy (cyt_latent_model_get_filter (cyt_session_get_latents (session)));
  filter->show_ubiquitous = TRUE;
  cyt_latent_model_set_filter (cyt_session_get_latents (session), filter);
  cyt_session_set_view (session, CYT_VIEW_MAP);
  g_timeout_add (500, begin_cb, bench);
}

static void
activate_cb (GApplication *application, Bench *bench)
{
  bench->window = cyt_window_new (GTK_APPLICATION (application));
  gtk_window_present (GTK_WINDOW (bench->window));
  g_signal_connect (cyt_window_get_session (bench->window), "notify::state", G_CALLBACK (open_cb), bench);
  cyt_session_open (cyt_window_get_session (bench->window), bench->path);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = cyt_test_make_tmpdir ();
  g_autofree char *made = argc > 1 ? NULL : make_project (folder);
  g_autofree char *config = g_build_filename (folder, "config", NULL);
  g_autoptr (CytApplication) application = NULL;
  Bench bench = { .path = argc > 1 ? argv[1] : made };

  g_setenv ("GSK_RENDERER", "cairo", FALSE);
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_setenv ("XDG_CONFIG_HOME", config, TRUE);
  application = cyt_application_new (G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), &bench);
  g_application_run (G_APPLICATION (application), 0, NULL);
  cyt_test_remove_tree (folder);
  return 0;
}
