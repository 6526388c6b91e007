/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <langinfo.h>
#include <math.h>
#include <string.h>

#include <gtk/gtk.h>

#include "cyt-format.h"

#define N_DIGITS 3

char *
cyt_format_number (double value)
{
  double magnitude = fabs (value);
  int n_decimals;

  if (isnan (value))
    return g_strdup ("–");
  if (magnitude == 0)
    return g_strdup ("0");
  if (magnitude < 1e-4)
    return g_strdup_printf ("%.*e", N_DIGITS - 1, value);

  /* Rounding first, so that 0.9999 is 1.00 and not 1.000. */
  n_decimals = N_DIGITS - 1 - (int) floor (log10 (magnitude));
  if (n_decimals >= 0)
    {
      double unit = pow (10, n_decimals);

      magnitude = round (magnitude * unit) / unit;
      n_decimals = N_DIGITS - 1 - (int) floor (log10 (magnitude) + 1e-12);
    }
  if (magnitude >= 1000)
    {
      g_autofree char *count = cyt_format_count ((guint64) MIN (round (magnitude), 1e18));

      return g_strconcat (value < 0 ? "-" : "", count, NULL);
    }
  return g_strdup_printf ("%.*f", CLAMP (n_decimals, 0, 6), value);
}

char *
cyt_format_percent (double share)
{
  g_autofree char *number = NULL, *text = NULL;

  if (isnan (share))
    return g_strdup ("–");
  number = cyt_format_number (100 * share);
  /* Translators: a percentage, with a narrow no-break space before the sign */
  text = g_strdup_printf (_("%s\u202f%%"), number);
  /* Among words from right to left the space would part the sign from its number, and put it in front. */
  if (gtk_widget_get_default_direction () == GTK_TEXT_DIR_RTL)
    return g_strconcat ("\u2066", text, "\u2069", NULL);
  return g_steal_pointer (&text);
}

char *
cyt_format_count (guint64 value)
{
  g_autofree char *digits = NULL;
  GString *text;

  /* Where the locale has no separator, as in C, the SI's: a thin space. */
  if (nl_langinfo (THOUSEP)[0] != '\0')
    return g_strdup_printf ("%'" G_GUINT64_FORMAT, value);
  digits = g_strdup_printf ("%" G_GUINT64_FORMAT, value);
  text = g_string_new (digits);
  for (gssize i = (gssize) strlen (digits) - 3; i > 0; i -= 3)
    g_string_insert (text, i, "\u202f");
  return g_string_free (text, FALSE);
}

char *
cyt_format_sentence (const char *text)
{
  gsize word = strcspn (text, " ");
  GString *result = g_string_new (text);

  /* The name of a file stays as it is written. */
  if (*text != '\0' && strcspn (text, "/.:") >= word)
    {
      g_string_truncate (result, 0);
      g_string_append_unichar (result, g_unichar_toupper (g_utf8_get_char (text)));
      g_string_append (result, g_utf8_next_char (text));
    }
  if (result->len > 0 && strchr (".!?", result->str[result->len - 1]) == NULL)
    g_string_append_c (result, '.');
  return g_string_free (result, FALSE);
}

char *
cyt_format_duration (double seconds)
{
  guint64 s = (guint64) MAX (0, ceil (seconds));

  if (s < 60)
    return g_strdup_printf (_("%u s"), (guint) s);
  if (s < 3600)
    return g_strdup_printf (_("%u min"), (guint) ((s + 59) / 60));
  return g_strdup_printf (_("%u h %u min"), (guint) (s / 3600), (guint) (s % 3600 / 60));
}

char *
cyt_format_time (gint64 unix_us)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (unix_us / G_USEC_PER_SEC);
  g_autoptr (GDateTime) time = utc != NULL ? g_date_time_to_local (utc) : NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  if (time == NULL)
    return g_strdup ("–");
  if (g_date_time_get_year (time) == g_date_time_get_year (now)
      && g_date_time_get_day_of_year (time) == g_date_time_get_day_of_year (now))
    return g_date_time_format (time, "%R");
  return g_date_time_format (time, "%x %R");
}
