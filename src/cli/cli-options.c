/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>

#include "cli-options.h"

G_DEFINE_QUARK (cli-error-quark, cli_error)

#define MAX_THREADS 1024

GStrv
cli_options_parse (const CliCommand *command, const GOptionEntry *entries, char **argv, guint n_min, guint n_max,
                   GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (command->arguments);
  g_autofree char *program = g_strconcat ("cytosae ", command->name, NULL);
  g_auto (GStrv) args = g_strdupv (argv);
  g_auto (GStrv) rest = NULL;
  gboolean help = FALSE;
  guint n;
  const GOptionEntry common[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, "Show this help", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL },
    { NULL },
  };

  g_set_prgname (program);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context, command->summary);
  g_option_context_set_description (context, command->description);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, common, NULL);

  if (!g_option_context_parse_strv (context, &args, error))
    return NULL;

  if (help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);

      fputs (text, stdout);
      g_set_error_literal (error, CLI_ERROR, CLI_ERROR_HELP, "help");
      return NULL;
    }

  n = rest ? g_strv_length (rest) : 0;
  if (n < n_min)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "arguments are missing: cytosae %s %s", command->name,
                   command->arguments);
      return NULL;
    }
  if (n > n_max)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "one argument too many: %s", rest[n_max]);
      return NULL;
    }
  return rest ? g_steal_pointer (&rest) : g_new0 (char *, 1);
}

gboolean
cli_parse_int (const char *what, const char *text, gint64 min, gint64 max, gint64 *value, GError **error)
{
  if (text == NULL)
    return TRUE;
  if (!g_ascii_string_to_signed (text, 10, min, max, value, NULL))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   "%s: expected a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ", found \"%s\"",
                   what, min, max, text);
      return FALSE;
    }
  return TRUE;
}

gboolean
cli_parse_double (const char *what, const char *text, double min, double max, double *value, GError **error)
{
  char *end = NULL;
  double number;

  if (text == NULL)
    return TRUE;
  number = g_ascii_strtod (text, &end);
  if (end == text || *end != '\0' || g_ascii_isspace (text[0]) || !isfinite (number) || number < min || number > max)
    {
      char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];

      g_ascii_formatd (low, sizeof low, "%g", min);
      g_ascii_formatd (high, sizeof high, "%g", max);
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "%s: expected a number from %s to %s, found \"%s\"", what, low,
                   high, text);
      return FALSE;
    }
  *value = number;
  return TRUE;
}

gboolean
cli_parse_threads (const char *text, guint *n_threads, GError **error)
{
  gint64 n = *n_threads;

  if (!cli_parse_int ("--threads", text, 1, MAX_THREADS, &n, error))
    return FALSE;
  *n_threads = (guint) n;
  return TRUE;
}

gboolean
cli_parse_variant (const char *text, CytTrainVariant *variant, GError **error)
{
  if (text == NULL || cyt_train_variant_from_name (text, variant))
    return TRUE;
  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--variant is relu, topk, batchtopk, jumprelu or matryoshka, not \"%s\"", text);
  return FALSE;
}

gboolean
cli_require (const char *option, const char *text, GError **error)
{
  if (text != NULL && *text != '\0')
    return TRUE;
  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "%s is needed", option);
  return FALSE;
}

gboolean
cli_require_utf8 (const char *option, const char *text, GError **error)
{
  if (text == NULL || g_utf8_validate (text, -1, NULL))
    return TRUE;
  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "%s: \"%s\" is not valid UTF-8", option, text);
  return FALSE;
}

gboolean
cli_check_output (const char *output, const char *const *inputs, GError **error)
{
  GStatBuf out, in;
  g_autofree char *folder = g_path_get_dirname (output);

  if (g_access (folder, W_OK) != 0)
    {
      int reason = errno;

      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: cannot be written: %s", output, g_strerror (reason));
      return FALSE;
    }
  if (g_stat (output, &out) != 0)
    return TRUE;
  if (S_ISDIR (out.st_mode))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: is a folder", output);
      return FALSE;
    }
  for (gsize i = 0; inputs[i] != NULL; i++)
    if (g_stat (inputs[i], &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
      {
        g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: is read by this command, so it cannot be written",
                     output);
        return FALSE;
      }
  return TRUE;
}
