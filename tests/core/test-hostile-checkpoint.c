/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-error.h"
#include "test-util.h"

/* Files that are to be refused (tests/ref/make_hostile.py): each gives an error of the right code whose message is
 * one line, names the file, and says what is the matter. */

static int
parse_code (const char *name)
{
  static const char *const names[] = { "FORMAT", "UNSUPPORTED", "TRUNCATED", "CORRUPT", "MISMATCH", "TOO_LARGE" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      return i;
  g_assert_cmpstr (name, ==, "any");
  return -1;
}

static gboolean
is_line (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (!g_unichar_isprint (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}

/* Where make_hostile.py has written. */
static char *made;

/* TRUE when the file is refused as it is to be. */
static gboolean
is_refused (const char *path, int code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCheckpoint) checkpoint = cyt_checkpoint_open (path, &error);
  gboolean ok = checkpoint == NULL && error != NULL && is_line (error->message) &&
                g_str_has_prefix (error->message, path) && strstr (error->message, part) != NULL &&
                (error->domain == CYT_CHECKPOINT_ERROR ? code < 0 || error->code == code
                                                       : code < 0 && error->domain == G_FILE_ERROR);

  if (!ok)
    g_test_message ("%s: expected code %d and '%s', found %s", path, code, part,
                    error != NULL ? error->message : "that it opens");
  return ok;
}

static void
test_refused (void)
{
  g_autofree char *listing = g_build_filename (made, "list", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n_wrong = 0, n = 0;

  g_assert_true (g_file_get_contents (listing, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (; lines[n] != NULL && *lines[n] != '\0'; n++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[n], "\t", 3);

      n_wrong += !is_refused (fields[0], parse_code (fields[1]), fields[2]);
    }
  g_assert_cmpuint (n, >, 500);
  g_assert_cmpuint (n_wrong, ==, 0);
}

/* A flipped bit in the weights opens, for opening does not read them, but is found when they are read. */
static void
test_checksum (void)
{
  g_autofree char *path = g_build_filename (made, "crc-wrong.pt", NULL);
  g_autoptr (CytCheckpoint) checkpoint = NULL;
  g_autoptr (GError) error = NULL;
  float weights[4];

  checkpoint = cyt_checkpoint_open (path, &error);
  g_assert_no_error (error);
  g_assert_false (cyt_checkpoint_read_f32 (checkpoint, cyt_checkpoint_get_tensor (checkpoint, 0), weights, &error));
  g_assert_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_CORRUPT);
  g_assert_true (g_str_has_prefix (error->message, path));
}

/* A path that would break the line is shown as one. */
static void
test_odd_path (void)
{
  g_autofree char *folder = cyt_test_make_tmpdir ();
  g_autofree char *path = g_build_filename (folder, "two\nlines\xff.pt", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "hello", -1, NULL));
  g_assert_null (cyt_checkpoint_open (path, &error));
  g_assert_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_FORMAT);
  g_assert_true (is_line (error->message));
  cyt_test_remove_tree (folder);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  made = cyt_test_make_tmpdir ();
  cyt_test_run_reference ("make_hostile.py", made, NULL);
  g_test_add_func ("/hostile-checkpoint/refused", test_refused);
  g_test_add_func ("/hostile-checkpoint/checksum", test_checksum);
  g_test_add_func ("/hostile-checkpoint/odd-path", test_odd_path);
  status = g_test_run ();
  cyt_test_remove_tree (made);
  g_free (made);
  return status;
}
