/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cyt-application.h"
#include "cyt-cell-picture.h"
#include "cyt-cell-tile.h"
#include "cyt-window.h"

/* Prints how long the real window takes from selecting a latent to its grid on the screen:
 *   bench-grid PROJECT [N_LATENTS [next|random]]
 * To the first frame with the new cells and their captions, and to the first in which every picture that can be seen
 * is there; and how much of it the main thread computed, which other programs on the machine do not stretch. Under software rendering: GSK_RENDERER=cairo xvfb-run -s "-screen 0 1440x900x24" bench-grid … */

#define REST_MS 250   /* from one latent to the next: somebody who leafs */

typedef struct
{
  CytWindow *window;
  const char *path;
  guint n_wanted;
  gboolean random;
  GRand *rand;
  GPtrArray *tiles;        /* of CytCellTile, those that can be seen */
  gint64 latent;           /* the one waited for, -1: none */
  gint64 start;
  double start_cpu;
  GArray *to_cells, *to_pictures, *cpu; /* ms */
  gboolean cells_there;
  guint n_shown;
} Bench;

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static void
print (const char *what, GArray *times)
{
  double *t = (double *) (gpointer) times->data;

  if (times->len == 0)
    return;
  g_array_sort (times, compare_doubles);
  printf ("%-28s median %6.1f ms   95th percentile %6.1f ms   longest %6.1f ms   (%u latents)\n", what,
          t[times->len / 2], t[times->len * 95 / 100], t[times->len - 1], times->len);
}

static double
get_thread_cpu_ms (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}

static void
find_tiles (GtkWidget *widget, GtkWidget *view, GPtrArray *tiles)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (CYT_IS_CELL_TILE (widget))
    {
      graphene_rect_t bounds, all;

      graphene_rect_init (&all, 0, 0, gtk_widget_get_width (view), gtk_widget_get_height (view));
      if (gtk_widget_compute_bounds (widget, view, &bounds) && graphene_rect_intersection (&bounds, &all, NULL))
        g_ptr_array_add (tiles, widget);
      return;
    }
  if (g_str_equal (G_OBJECT_TYPE_NAME (widget), "CytCellGridView"))
    view = widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    find_tiles (child, view, tiles);
}

static gboolean
next_cb (gpointer user_data)
{
  Bench *bench = user_data;
  CytSession *session = cyt_window_get_session (bench->window);
  CytLatentModel *latents = cyt_session_get_latents (session);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (latents));
  gint64 latent;

  if (bench->n_shown == bench->n_wanted || n < 2)
    {
      gtk_window_close (GTK_WINDOW (bench->window));
      return G_SOURCE_REMOVE;
    }
  do
    latent = cyt_latent_model_get_latent_at (latents, bench->random ? (guint) g_rand_int_range (bench->rand, 0, (gint32) n)
                                                                    : bench->n_shown + 1);
  while (latent == cyt_latent_model_get_selected (latents));
  bench->latent = latent;
  bench->cells_there = FALSE;
  bench->start = g_get_monotonic_time ();
  bench->start_cpu = get_thread_cpu_ms ();
  cyt_latent_model_set_selected (latents, latent);
  return G_SOURCE_REMOVE;
}

static void
after_paint_cb (Bench *bench)
{
  double ms = (double) (g_get_monotonic_time () - bench->start) / 1e3;
  gboolean pictures = TRUE;

  if (bench->latent < 0)
    return;
  g_ptr_array_set_size (bench->tiles, 0);
  find_tiles (GTK_WIDGET (bench->window), GTK_WIDGET (bench->window), bench->tiles);
  if (bench->tiles->len == 0)
    return;
  for (guint i = 0; i < bench->tiles->len; i++)
    {
      CytCellItem *item = cyt_cell_tile_get_item (bench->tiles->pdata[i]);

      if (item == NULL || cyt_cell_item_get_top (item)->map.latent != bench->latent)
        return;
      pictures = pictures && cyt_cell_tile_is_loaded (bench->tiles->pdata[i]);
    }
  if (!bench->cells_there)
    {
      bench->cells_there = TRUE;
      g_array_append_val (bench->to_cells, ms);
    }
  if (!pictures)
    return;
  g_array_append_val (bench->to_pictures, ms);
  ms = get_thread_cpu_ms () - bench->start_cpu;
  g_array_append_val (bench->cpu, ms);
  bench->latent = -1;
  bench->n_shown++;
  g_timeout_add (REST_MS, next_cb, bench);
}

static void
state_cb (Bench *bench)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (bench->window));

  if (cyt_session_get_state (cyt_window_get_session (bench->window)) != CYT_SESSION_OPEN)
    return;
  g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (after_paint_cb), bench);
  g_timeout_add (1500, next_cb, bench);
}

static void
activate_cb (GApplication *application, Bench *bench)
{
  CytSession *session;

  bench->window = cyt_window_new (GTK_APPLICATION (application));
  session = cyt_window_get_session (bench->window);
  g_signal_connect_swapped (session, "notify::state", G_CALLBACK (state_cb), bench);
  gtk_window_present (GTK_WINDOW (bench->window));
  cyt_session_open (session, bench->path);
}

int
main (int argc, char **argv)
{
  Bench bench = { .path = argc > 1 ? argv[1] : NULL, .n_wanted = argc > 2 ? strtoul (argv[2], NULL, 10) : 100,
                  .random = argc <= 3 || !g_str_equal (argv[3], "next"), .latent = -1 };
  g_autoptr (CytApplication) application = NULL;

  if (argc < 2 || argc > 4 || bench.n_wanted == 0)
    {
      fprintf (stderr, "Usage: bench-grid PROJECT [N_LATENTS [next|random]]\n");
      return 2;
    }
  bench.rand = g_rand_new_with_seed (1);
  bench.tiles = g_ptr_array_new ();
  bench.to_cells = g_array_new (FALSE, FALSE, sizeof (double));
  bench.to_pictures = g_array_new (FALSE, FALSE, sizeof (double));
  bench.cpu = g_array_new (FALSE, FALSE, sizeof (double));
  application = cyt_application_new (G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), &bench);
  g_application_run (G_APPLICATION (application), 0, NULL);
  print ("cells with their captions", bench.to_cells);
  print ("with all pictures in sight", bench.to_pictures);
  print ("computed by the main thread", bench.cpu);
  g_array_unref (bench.to_cells);
  g_array_unref (bench.to_pictures);
  g_array_unref (bench.cpu);
  g_ptr_array_unref (bench.tiles);
  g_rand_free (bench.rand);
  return 0;
}
