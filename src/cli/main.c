/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "cli-commands.h"
#include "cli-output.h"

/* setlocale() is never called: numbers are read and written the same everywhere. */

static const CliCommand *const commands[] = {
  &cmd_info, &cmd_preprocess, &cmd_embed, &cmd_latents, &cmd_map, &cmd_patch, &cmd_index,
  &cmd_import_published, &cmd_latents_table, &cmd_latent, &cmd_label, &cmd_labels, &cmd_figure,
  &cmd_barcodes, &cmd_patients, &cmd_compare, &cmd_confounds, &cmd_classify,
  &cmd_pack, &cmd_locate, &cmd_train, &cmd_stability, &cmd_measure, &cmd_sweep, &cmd_transfer, &cmd_phantom, &cmd_demo,
  &cmd_selftest,
};

static void
print_help (FILE *stream)
{
  fputs ("Usage: cytosae COMMAND [OPTION…] ARGUMENT…\n\n"
         "What the latents of a sparse autoencoder respond to in images of blood cells.\n\n"
         "Commands:\n", stream);
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (stream, "  %-18s%s\n", commands[i]->name, commands[i]->summary);
  fputs ("\n'cytosae COMMAND --help' tells the options of a command; --version the program's version.\n\n"
         "Exit status: 0 done, 1 failed, 2 wrong command line, 130 interrupted (the same command again resumes\n"
         "index, phantom, demo and sweep and starts anything else anew).\n", stream);
}

static const CliCommand *
find_command (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i]->name, name))
      return commands[i];
  return NULL;
}

static int
report (const CliCommand *command, const GError *error)
{
  if (g_error_matches (error, CLI_ERROR, CLI_ERROR_HELP))
    return CLI_EXIT_DONE;
  if (g_error_matches (error, CLI_ERROR, CLI_ERROR_REPORTED))
    return CLI_EXIT_FAILED;

  cli_print_error (error->message);
  if (error->domain == G_OPTION_ERROR || g_error_matches (error, CLI_ERROR, CLI_ERROR_USAGE))
    {
      fprintf (stderr, "Try 'cytosae %s --help'.\n", command->name);
      return CLI_EXIT_USAGE;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return CLI_EXIT_INTERRUPTED;
  return CLI_EXIT_FAILED;
}

static int
run_command (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  const CliCommand *command;
  const char *name;
  gboolean asks_help;

  if (argc < 2)
    {
      print_help (stderr);
      return CLI_EXIT_USAGE;
    }
  if (g_str_equal (argv[1], "--version"))
    {
      puts ("cytosae " CYT_VERSION);
      return CLI_EXIT_DONE;
    }
  asks_help = g_str_equal (argv[1], "help");
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h") || (asks_help && argc == 2))
    {
      print_help (stdout);
      return CLI_EXIT_DONE;
    }

  name = asks_help ? argv[2] : argv[1];
  command = find_command (name);
  if (command == NULL)
    {
      g_autofree char *message = g_strdup_printf ("no such command: %s", name);

      cli_print_error (message);
      fputs ("Try 'cytosae --help'.\n", stderr);
      return CLI_EXIT_USAGE;
    }
  if (asks_help)
    {
      char *help[] = { argv[2], (char *) "--help", NULL };

      command->run (command, help, &error);
      return report (command, error);
    }
  if (command->run (command, argv + 1, &error))
    return CLI_EXIT_DONE;
  return report (command, error);
}

int
main (int argc, char **argv)
{
  int status = run_command (argc, argv);

  /* What did not reach a full disk was not done. */
  if ((fflush (stdout) != 0 || ferror (stdout)) && status == CLI_EXIT_DONE)
    {
      g_autofree char *message = g_strdup_printf ("standard output: %s", g_strerror (errno));

      cli_print_error (message);
      status = CLI_EXIT_FAILED;
    }
  return status;
}
