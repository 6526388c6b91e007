/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli-commands.h"
#include "cli-figure.h"

#define PAGE 247.0 /* mm: Nature's; others are lower */

static const CliFigureKind *const kinds[] = {
  &figure_concepts, &figure_cell, &figure_barcodes, &figure_compare, &figure_correlation,
  &figure_confusion, &figure_evidence, &figure_map, &figure_sweep, &figure_training, &figure_transfer,
};

static const CliFigureKind *
find_kind (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds) && name != NULL; i++)
    if (g_str_equal (kinds[i]->name, name))
      return kinds[i];
  return NULL;
}

/* What was written, how large it is, and its caption. */
static void
report (const CytFigure *figure, const CytFigureLayout *layout, const char *path, CytFigureFormat format)
{
  g_autofree char *name = cli_escape (path);
  double height = cyt_figure_get_height (figure, layout) * 25.4 / 72;

  printf ("%s: %g × %.1f mm", name, layout->width, height);
  if (format == CYT_FIGURE_PNG)
    printf (" at %g dpi", layout->dpi);
  if (height > PAGE && !(figure->aspect > 0))
    printf (", higher than a journal's page (%g mm)", PAGE);
  printf ("\n\n%s\n", figure->caption);
}

static gboolean
make_figure (const CliFigureKind *kind, char **argv, GError **error)
{
  g_auto (CliFigureOptions) options = { 0 };
  g_autoptr (CytFigure) figure = kind->make (kind, argv, &options, error);
  CytFigureFormat format;

  if (figure == NULL || !cyt_figure_format_from_path (options.out, &format, error)
      || !cyt_figure_write (figure, &options.layout, options.out, error))
    return FALSE;
  report (figure, &options.layout, options.out, format);
  return TRUE;
}

/* ---- Again ---- */

typedef struct
{
  char *file;       /* absolute, as are: */
  char *out;        /* NULL: not given */
  char *project;    /* NULL: the one that the figure names */
  char *folder;     /* of the file */
  char *display;
} Again;

static void
again_clear (Again *self)
{
  g_free (self->file);
  g_free (self->out);
  g_free (self->project);
  g_free (self->folder);
  g_free (self->display);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Again, again_clear)

/* The figure that the command in the file makes today. The command runs in this program, and can make a figure only. */
static CytFigure *
remake (const Again *self, const CytFigureProvenance *before, CytFigureLayout *layout, GError **error)
{
  g_auto (CliFigureOptions) options = { .again = TRUE };
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *named = g_canonicalize_filename (before->command->pdata[1], self->folder);
  const char *path = self->project != NULL ? self->project : named;
  const CliFigureKind *kind = find_kind (before->command->pdata[2]);
  CytFigure *figure;

  if (kind == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: this version makes no figure of the kind \"%.100s\"", self->display,
                   (const char *) before->command->pdata[2]);
      return NULL;
    }
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_autofree char *shown = g_filename_display_name (path);

      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: its project %s is not there; say where it is: cytosae figure "
                   "--again FILE P.cytosae", self->display, shown);
      return NULL;
    }
  if (chdir (self->folder) != 0) /* other paths in the command are relative to it */
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: %s", self->folder, g_strerror (errno));
      return NULL;
    }
  g_ptr_array_add (argv, (char *) kind->name);
  g_ptr_array_add (argv, (char *) path);
  for (guint i = 3; i < before->command->len; i++)
    g_ptr_array_add (argv, before->command->pdata[i]);
  g_ptr_array_add (argv, NULL);
  figure = kind->make (kind, (char **) argv->pdata, &options, error);
  *layout = options.layout;
  return figure;
}

/* Another model is another figure. */
static gboolean
check_models (const Again *self, const CytFigureProvenance *before, const CytFigureProvenance *now, GError **error)
{
  gboolean encoder = g_strcmp0 (before->encoder_sha256, now->encoder_sha256) == 0;

  if (encoder && g_strcmp0 (before->sae_sha256, now->sae_sha256) == 0)
    return TRUE;
  g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: was made with another %s (SHA-256 %.12s) than the project now has (%.12s)",
               self->display, encoder ? "SAE" : "encoder",
               encoder ? before->sae_sha256 : before->encoder_sha256 != NULL ? before->encoder_sha256 : "none",
               encoder ? now->sae_sha256 : now->encoder_sha256 != NULL ? now->encoder_sha256 : "none");
  return FALSE;
}

static gboolean
make_again (const Again *self, GError **error)
{
  g_autoptr (CytFigureProvenance) before = cyt_figure_provenance_load (self->file, error);
  g_autoptr (CytFigure) figure = NULL;
  g_autoptr (GBytes) bytes = NULL, old = NULL;
  g_autofree char *why = NULL;
  g_auto (GStrv) changes = NULL;
  CytFigureLayout layout;
  CytFigureFormat format, old_format;
  gboolean same;
  char *data;
  gsize n;

  if (before == NULL || !cyt_figure_format_from_path (self->file, &old_format, error)
      || !cyt_figure_format_from_path (self->out != NULL ? self->out : self->file, &format, error)
      || (figure = remake (self, before, &layout, error)) == NULL
      || !check_models (self, before, figure->provenance, error))
    return FALSE;
  figure->provenance->project = g_strdup (before->command->pdata[1]);
  bytes = cyt_figure_encode (figure, &layout, format, self->folder, self->display, error);
  if (bytes == NULL || !g_file_get_contents (self->file, &data, &n, error))
    return FALSE;
  old = g_bytes_new_take (data, n);
  same = format == old_format && cyt_figure_is_same (bytes, old, format);
  changes = cyt_figure_provenance_compare (before, figure->provenance);
  why = changes[0] != NULL ? g_strjoinv ("; ", changes) : g_strdup ("its images, fonts or libraries have changed");
  if (self->out == NULL && !same)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: the command in it makes another figure now: %s; --out FILE writes it",
                   self->display, why);
      return FALSE;
    }
  if (!cyt_figure_write_bytes (self->out != NULL ? self->out : self->file, bytes, error))
    return FALSE;
  report (figure, &layout, self->out != NULL ? self->out : self->file, format);
  if (same)
    puts ("\nThe same as before.");
  else if (format == old_format)
    printf ("\nNot the same as before: %s.\n", why);
  else if (changes[0] != NULL)
    printf ("\nNot as it was before: %s.\n", why);
  return TRUE;
}

/* ---- The command ---- */

/* The kinds, below the options. (transfer full) */
static char *
describe_kinds (void)
{
  GString *text = g_string_new ("Kinds:\n");
  gsize n;
  const CytFigureColumn *columns = cyt_figure_list_columns (&n);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_string_append_printf (text, "  %-12s%s\n", kinds[i]->name, kinds[i]->summary);
  g_string_append (text, "\n'cytosae figure KIND --help' tells a kind's options. Each figure holds the program's version, the models'\n"
                         "SHA-256, data sets, latents, threshold and the command that makes it; --again FILE reads them from it.\n"
                         "Widths in mm:");
  for (gsize i = 0; i < n; i++)
    g_string_append_printf (text, "%s %s %g", i == 0 ? "" : i % 7 == 0 ? ",\n" : ",", columns[i].name, columns[i].width);
  g_string_append (text, ".\n\n"
                         "Examples:\n"
                         "  cytosae figure blood.cytosae concepts --latents 1742,311 --width nature-2 --panel a --out fig1a.pdf\n"
                         "  cytosae figure --again fig1a.pdf\n");
  return g_string_free (text, FALSE);
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *again = NULL, *out = NULL, *description = NULL, *folder = NULL;
  const GOptionEntry entries[] = {
    { "again", 0, 0, G_OPTION_ARG_FILENAME, &again, "Make a figure again by the command in it (of P.cytosae)", "FILE" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "With --again: another file to write", "FILE" },
    { NULL },
  };
  g_auto (GStrv) args = NULL;
  g_auto (Again) work = { 0 };
  CliCommand command = *self;
  const CliFigureKind *kind = argv[1] != NULL ? find_kind (argv[2]) : NULL;

  if (kind != NULL && argv[1][0] != '-')
    {
      g_autoptr (GPtrArray) rest = g_ptr_array_new ();

      g_ptr_array_add (rest, argv[2]);
      g_ptr_array_add (rest, argv[1]);
      for (guint i = 3; argv[i] != NULL; i++)
        g_ptr_array_add (rest, argv[i]);
      g_ptr_array_add (rest, NULL);
      return make_figure (kind, (char **) rest->pdata, error);
    }
  kind = find_kind (argv[1]);
  if (kind != NULL && argv[2] != NULL && (g_str_equal (argv[2], "--help") || g_str_equal (argv[2], "-h")))
    return make_figure (kind, argv + 1, error);

  command.description = description = describe_kinds ();
  args = cli_options_parse (&command, entries, argv, 0, 2, error);
  if (args == NULL)
    return FALSE;
  if (again == NULL && args[0] != NULL && args[1] != NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "no such kind of figure: %s", args[1]);
      return FALSE;
    }
  if (again != NULL && args[0] != NULL && args[1] != NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "one argument too many: %s", args[1]);
      return FALSE;
    }
  if (again == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "arguments are missing: cytosae figure %s", self->arguments);
      return FALSE;
    }
  work.file = g_canonicalize_filename (again, NULL);
  work.out = out != NULL ? g_canonicalize_filename (out, NULL) : NULL;
  work.project = args[0] != NULL ? g_canonicalize_filename (args[0], NULL) : NULL;
  work.folder = g_path_get_dirname (work.file);
  work.display = g_filename_display_name (again);
  if (out != NULL && work.project != NULL && !cli_check_output (out, (const char *const[]) { work.project, NULL }, error))
    return FALSE;
  return make_again (&work, error);
}

const CliCommand cmd_figure = {
  .name = "figure",
  .arguments = "P.cytosae KIND",
  .summary = "Draw a figure for a paper: PNG, PDF or SVG",
  .description = NULL,
  .run = run,
};
