/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli-options.h"
#include "cli-progress.h"

#define TICK_MS 200
#define LINE_INTERVAL (5 * G_USEC_PER_SEC)
#define MAX_BAR 40

struct _CliProgress
{
  CytProgress *progress;
  GCancellable *cancellable;
  GThread *thread;
  const char *unit;
  gboolean terminal;
  gint64 last_line;  /* monotonic time of the last plain line */
  const char *last_phase; /* that it named */
  gsize last_number;
  struct sigaction old_int, old_term;
};

/* A handler may only write to a pipe; the watching thread reads it. ('s': a signal; 'q': the work is over) */
static int signal_pipe[2] = { -1, -1 };
static struct timespec first_signal;

/* Programs that run others, timeout among them, send a signal to the process and again to its group:
 * what follows at once is the same request. */
#define SAME_SIGNAL_SECONDS 0.3

static void
signal_cb (int number)
{
  struct timespec now;
  int saved = errno;

  clock_gettime (CLOCK_MONOTONIC, &now);
  if (first_signal.tv_sec == 0)
    {
      first_signal = now;
      if (write (signal_pipe[1], "s", 1) < 0)
        _exit (CLI_EXIT_INTERRUPTED);
    }
  else if (now.tv_sec - first_signal.tv_sec + 1e-9 * (now.tv_nsec - first_signal.tv_nsec) > SAME_SIGNAL_SECONDS)
    _exit (CLI_EXIT_INTERRUPTED);
  errno = saved;
}

char *
cli_format_seconds (double seconds)
{
  guint64 s = (guint64) (CLAMP (seconds, 0, 1e9) + 0.5);

  if (s < 60)
    return g_strdup_printf ("%u s", (guint) s);
  if (s < 3600)
    return g_strdup_printf ("%u min %02u s", (guint) (s / 60), (guint) (s % 60));
  return g_strdup_printf ("%u h %02u min", (guint) (s / 3600), (guint) (s / 60 % 60));
}

static void
append_numbers (GString *line, const CliProgress *self, const CytProgressState *state)
{
  const char *unit = state->unit != NULL ? state->unit : self->unit;

  if (state->phase != NULL)
    {
      g_string_append (line, state->phase);
      if (state->number > 0)
        g_string_append_printf (line, " %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT, state->number, state->n_phases);
      if (state->n_total == 0) /* not started yet */
        return;
      g_string_append (line, " · ");
    }
  g_string_append_printf (line, "%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " %s", state->n_done, state->n_total, unit);
  if (state->rate > 0)
    g_string_append_printf (line, " · %.*f %s/s", state->rate < 10 ? 2 : 1, state->rate, unit);
  if (state->seconds_left >= 0 && state->n_done < state->n_total)
    {
      g_autofree char *left = cli_format_seconds (state->seconds_left);
      g_string_append_printf (line, " · %s left", left);
    }
  if (state->seconds_in_all > state->seconds_left)
    {
      g_autofree char *all = cli_format_seconds (state->seconds_in_all);
      g_string_append_printf (line, " · %s in all", all);
    }
  if (state->n_failed > 0)
    g_string_append_printf (line, " · %" G_GSIZE_FORMAT " unreadable", state->n_failed);
}

static void
draw_bar (CliProgress *self, const CytProgressState *state)
{
  g_autoptr (GString) numbers = g_string_new (NULL);
  g_autoptr (GString) line = g_string_new ("\r");
  double done = state->n_total > 0 ? (double) state->n_done / (double) state->n_total : 0;
  struct winsize size = { 0 };
  glong columns = 80, n_bar;

  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    columns = size.ws_col;
  append_numbers (numbers, self, state);

  /* A line that wraps could not be redrawn: what does not fit is left out. */
  n_bar = MIN (MAX_BAR, columns - 10 - g_utf8_strlen (numbers->str, -1));
  if (n_bar >= 5)
    {
      g_string_append_c (line, '[');
      for (glong i = 0; i < n_bar; i++)
        g_string_append_c (line, i < done * n_bar ? '#' : ' ');
      g_string_append (line, "] ");
    }
  g_string_append_printf (line, "%3d %%", (int) (100 * done));
  if (columns - 7 >= g_utf8_strlen (numbers->str, -1))
    g_string_append_printf (line, " %s", numbers->str);
  g_string_append (line, "\033[K");
  fputs (line->str, stderr);
  fflush (stderr);
}

static void
print_line (CliProgress *self, const CytProgressState *state)
{
  g_autoptr (GString) line = g_string_new (NULL);

  append_numbers (line, self, state);
  fprintf (stderr, "%s\n", line->str);
}

static void
show (CliProgress *self, gboolean final)
{
  CytProgressState state;

  cyt_progress_get (self->progress, &state);
  if (state.n_total == 0 && (state.phase == NULL || final))
    return;
  if (self->terminal)
    {
      if (final)
        fputs ("\r\033[K", stderr);
      else
        draw_bar (self, &state);
    }
  /* Where the work ended early, the error says all there is to say. */
  else if (final ? state.n_done == state.n_total
                 : g_get_monotonic_time () - self->last_line >= LINE_INTERVAL || state.phase != self->last_phase
                     || state.number != self->last_number)
    {
      print_line (self, &state);
      self->last_line = g_get_monotonic_time ();
      self->last_phase = state.phase;
      self->last_number = state.number;
    }
}

static gpointer
watch (gpointer data)
{
  CliProgress *self = data;

  for (;;)
    {
      struct pollfd fd = { .fd = signal_pipe[0], .events = POLLIN };
      char byte = 0;

      if (poll (&fd, 1, TICK_MS) > 0 && read (signal_pipe[0], &byte, 1) == 1)
        {
          if (byte == 'q')
            {
              show (self, TRUE);
              return NULL;
            }
          g_cancellable_cancel (self->cancellable);
        }
      show (self, FALSE);
    }
}

CliProgress *
cli_progress_new (const char *unit)
{
  CliProgress *self = g_new0 (CliProgress, 1);
  struct sigaction action = { .sa_handler = signal_cb, .sa_flags = SA_RESTART };
  g_autoptr (GError) error = NULL;

  g_assert (signal_pipe[0] < 0);
  if (!g_unix_open_pipe (signal_pipe, FD_CLOEXEC, &error))
    g_error ("%s", error->message);

  self->progress = cyt_progress_new ();
  self->cancellable = g_cancellable_new ();
  self->unit = unit;
  self->terminal = isatty (STDERR_FILENO) && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
  self->last_line = g_get_monotonic_time ();
  self->thread = g_thread_new ("progress", watch, self);

  /* Also where SIGINT came in ignored, as in the background jobs of scripts: who sends it means us. */
  sigemptyset (&action.sa_mask);
  sigaddset (&action.sa_mask, SIGINT);
  sigaddset (&action.sa_mask, SIGTERM);
  sigaction (SIGINT, &action, &self->old_int);
  sigaction (SIGTERM, &action, &self->old_term);
  return self;
}

void
cli_progress_free (CliProgress *self)
{
  if (self == NULL)
    return;
  sigaction (SIGINT, &self->old_int, NULL);
  sigaction (SIGTERM, &self->old_term, NULL);
  while (write (signal_pipe[1], "q", 1) < 0 && errno == EINTR)
    ;
  g_thread_join (self->thread);
  close (signal_pipe[0]);
  close (signal_pipe[1]);
  signal_pipe[0] = signal_pipe[1] = -1;
  cyt_progress_free (self->progress);
  g_object_unref (self->cancellable);
  g_free (self);
}

CytProgress *
cli_progress_get_progress (CliProgress *self)
{
  return self->progress;
}

GCancellable *
cli_progress_get_cancellable (CliProgress *self)
{
  return self->cancellable;
}

void
cli_progress_explain_cancel (GError **error, const char *format, ...)
{
  va_list args;

  if (error == NULL || !g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_error (error);
  va_start (args, format);
  *error = g_error_new_valist (G_IO_ERROR, G_IO_ERROR_CANCELLED, format, args);
  va_end (args);
}
