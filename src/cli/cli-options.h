/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "train/cyt-train-recipe.h"

G_BEGIN_DECLS

/* Exit statuses of the program. */
enum
{
  CLI_EXIT_DONE = 0,
  CLI_EXIT_FAILED = 1,
  CLI_EXIT_USAGE = 2,
  CLI_EXIT_INTERRUPTED = 130,
};

/* What a command returns beside the errors of the library. main() turns every error into a line on
 * standard error and an exit status. */
#define CLI_ERROR (cli_error_quark ())
typedef enum
{
  CLI_ERROR_USAGE,    /* the command line is wrong: exit 2 */
  CLI_ERROR_FAILED,   /* exit 1 */
  CLI_ERROR_REPORTED, /* exit 1; the lines are already written */
  CLI_ERROR_HELP,     /* help was asked for and given: exit 0 */
} CliError;
GQuark cli_error_quark (void);

/* One command: its words and its function live together in cmd-NAME.c. */
typedef struct _CliCommand CliCommand;
struct _CliCommand
{
  const char *name;
  const char *arguments;   /* as in the usage line: "P.cytosae K" */
  const char *summary;     /* one line */
  const char *description; /* what it prints, and examples; below the options */
  gboolean (*run) (const CliCommand *self, char **argv, GError **error);
};

/* Parses @argv (from the command's name on; NULL-terminated). Options may stand before or after the
 * other arguments, "--" ends them; --help is answered here (CLI_ERROR_HELP). @entries end with {NULL};
 * take G_OPTION_ARG_NONE and G_OPTION_ARG_FILENAME (raw bytes, whatever the locale) only.
 * Returns the other arguments, at least @n_min and at most @n_max of them (transfer full). */
GStrv cli_options_parse (const CliCommand *command, const GOptionEntry *entries, char **argv, guint n_min,
                         guint n_max, GError **error);

/* The value of an option, or an argument called @what. NULL @text leaves @value as it is. Decimal point
 * and digits do not depend on the locale. */
gboolean cli_parse_int (const char *what, const char *text, gint64 min, gint64 max, gint64 *value, GError **error);
gboolean cli_parse_double (const char *what, const char *text, double min, double max, double *value,
                           GError **error);
/* --threads: 1…1024; 0 stays when it is not given: one per core. */
gboolean cli_parse_threads (const char *text, guint *n_threads, GError **error);

/* --variant of train and sweep. NULL @text leaves @variant as it is. */
gboolean cli_parse_variant (const char *text, CytTrainVariant *variant, GError **error);

/* FALSE with a usage error when @text is NULL: "--encoder is needed". */
gboolean cli_require (const char *option, const char *text, GError **error);
/* FALSE with a usage error when @text is not valid UTF-8; NULL is. */
gboolean cli_require_utf8 (const char *option, const char *text, GError **error);

/* To be asked before long work. FALSE when @output cannot be written, as its folder is missing or closed or it is one itself, or
 * is also one of the @inputs (NULL-terminated), which writing would destroy. */
gboolean cli_check_output (const char *output, const char *const *inputs, GError **error);

G_END_DECLS
