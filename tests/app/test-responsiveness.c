/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real window while it indexes, and somebody leafs through the latents: how long is the main thread
 * away from its loop? Two figures: the gap on the wall clock, which on a busy machine also counts the
 * time that other programs took, and the processor time that the main thread itself spent in it. */
#include "config.h"

#include <time.h>

#include "app-test-util.h"

#include "cyt-application.h"
#include "cyt-window.h"

#define TICK_MS 16
#define N_IMAGES 160

static char *root;

typedef struct
{
  CytWindow *window;
  gint64 last_wall, last_cpu;
  gint64 worst_wall, worst_cpu;
  guint n_ticks, n_late;
  guint n_steps;
  gboolean failed;
} Watch;

static gint64
get_thread_cpu (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * G_USEC_PER_SEC + t.tv_nsec / 1000;
}

static gboolean
tick_cb (gpointer user_data)
{
  Watch *watch = user_data;
  gint64 wall = g_get_monotonic_time (), cpu = get_thread_cpu ();

  if (watch->last_wall != 0)
    {
      watch->worst_wall = MAX (watch->worst_wall, wall - watch->last_wall);
      watch->worst_cpu = MAX (watch->worst_cpu, cpu - watch->last_cpu);
      watch->n_late += cpu - watch->last_cpu > 33000;
      watch->n_ticks++;
    }
  watch->last_wall = wall;
  watch->last_cpu = cpu;
  return G_SOURCE_CONTINUE;
}

static gboolean
leaf_cb (gpointer user_data)
{
  Watch *watch = user_data;
  CytSession *session = cyt_window_get_session (watch->window);

  if (cyt_session_get_state (session) != CYT_SESSION_OPEN)
    return G_SOURCE_CONTINUE;
  /* Opening lays the whole window out for the first time; leafing begins after it. */
  if (watch->n_steps++ == 2)
    g_timeout_add_full (G_PRIORITY_HIGH, TICK_MS, tick_cb, watch, NULL);
  cyt_session_step_latent (session, watch->n_steps % 7 == 0 ? -5 : 1);
  if (watch->n_steps > 60 && !cyt_session_is_indexing (session))
    {
      gtk_window_close (GTK_WINDOW (watch->window));
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

static void
failed_cb (CytSession *session, const char *heading, const char *body, Watch *watch)
{
  g_test_message ("%s: %s", heading, body);
  watch->failed = TRUE;
}

static void
activate_cb (GApplication *application, Watch *watch)
{
  g_autofree char *images = g_build_filename (root, "images", NULL);
  g_autofree char *project = g_build_filename (root, "project.cytosae", NULL);
  CytSession *session;

  watch->window = cyt_window_new (GTK_APPLICATION (application));
  session = cyt_window_get_session (watch->window);
  g_signal_connect (session, "failed", G_CALLBACK (failed_cb), watch);
  gtk_window_present (GTK_WINDOW (watch->window));
  cyt_session_create (session, cyt_app_test_make_plan (project, images));
  g_timeout_add (80, leaf_cb, watch);
}

static void
test_leafing (void)
{
  g_autoptr (CytApplication) application = cyt_application_new (G_APPLICATION_NON_UNIQUE);
  Watch watch = { 0 };

  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), &watch);
  g_assert_cmpint (g_application_run (G_APPLICATION (application), 0, NULL), ==, 0);
  g_assert_false (watch.failed);
  g_assert_cmpuint (watch.n_ticks, >, 0);
  g_test_message ("%u ticks, %u latents: longest gap %.1f ms (of which the main thread computed at most %.1f "
                  "ms); %u ticks with more than 33 ms of computing",
                  watch.n_ticks, watch.n_steps, watch.worst_wall / 1e3, watch.worst_cpu / 1e3, watch.n_late);
  /* Software rendering of a whole window takes most of this; a decode, a scan or a product of matrices
   * on the main thread would not fit into it. */
  g_assert_cmpint (watch.worst_cpu, <, 100000);
}

int
main (int argc, char **argv)
{
  g_autofree char *images = NULL;
  int result;

  root = cyt_test_make_tmpdir ();
  images = g_build_filename (root, "images", NULL);
  cyt_app_test_use_home (root);
  g_setenv ("GSK_RENDERER", "cairo", TRUE);
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_test_init (&argc, &argv, NULL);
  cyt_app_test_make_images (images, N_IMAGES);
  g_test_add_func ("/app/responsiveness/leafing", test_leafing);
  result = g_test_run ();
  cyt_test_remove_tree (root);
  g_free (root);
  return result;
}
