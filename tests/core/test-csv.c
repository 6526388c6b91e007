/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-csv.h"
#include "io/cyt-error.h"
#include "test-util.h"

static CytCsv *
read_string (const char *text, gssize n, GError **error)
{
  g_autofree char *folder = cyt_test_make_tmpdir ();
  g_autofree char *path = g_build_filename (folder, "table.csv", NULL);
  CytCsv *csv;

  g_assert_true (g_file_set_contents (path, text, n, NULL));
  csv = cyt_csv_read (path, error);
  if (csv == NULL && error != NULL && *error != NULL)
    g_assert_nonnull (strstr ((*error)->message, path));
  cyt_test_remove_tree (folder);
  return csv;
}

/* Cells of a table, rows parted by '|', fields by '/'. */
static void
check (const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCsv) csv = read_string (text, -1, &error);
  g_autoptr (GString) got = g_string_new (NULL);

  g_assert_no_error (error);
  for (gsize row = 0; row < cyt_csv_get_n_rows (csv); row++)
    {
      g_string_append (got, row > 0 ? "|" : "");
      for (int i = 0; i < 3; i++)
        g_string_append_printf (got, "%s%s", i > 0 ? "/" : "", cyt_csv_get (csv, row, i));
    }
  g_assert_cmpstr (got->str, ==, expected);
}

static void
check_error (const char *text, gssize n, int code, const char *says)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCsv) csv = read_string (text, n, &error);

  g_assert_error (error, CYT_TABLE_ERROR, code);
  g_assert_null (csv);
  if (strstr (error->message, says) == NULL)
    g_test_message ("“%s” does not say “%s”", error->message, says);
  g_assert_nonnull (strstr (error->message, says));
  g_assert_null (strchr (error->message, '\n'));
}

static void
test_tables (void)
{
  check ("a,b,c\n1,2,3\n4,5,6\n", "1/2/3|4/5/6");
  check ("a,b,c\r\n1,2,3\r\n4,5,6", "1/2/3|4/5/6");
  check ("\xef\xbb\xbf" "a,b,c\n1,2,3", "1/2/3");
  check ("a,b,c\n\"1,5\",\"say \"\"so\"\"\",\"two\nlines\"\n", "1,5/say \"so\"/two\nlines");
  check ("a,b,c\r\n\"x\r\ny\",\"\",\r\n", "x\r\ny//");
  check ("a,b,c\n1\n1,2\n,,\n", "1//|1/2/|//");
  check ("a,b,c\n1,2,3,,\n", "1/2/3");
  check ("a,b,c\n\n1,2,3\n\r\n\n4,5,6\n\n", "1/2/3|4/5/6");
  check ("a,b,c\n1,5\" disc,3\n", "1/5\" disc/3");
  check ("a,b,c\n\xc3\xa4,\xe2\x82\xac, 3 \n", "\xc3\xa4/\xe2\x82\xac/ 3 ");
  check ("a,b,c\n", "");
  check ("a,b,c\n1,2,3\r", "1/2/3");
  check ("a,b,c\n1,2,\"3\"", "1/2/3");
  check ("\"a\",\"b\",\"c\"\n;,2,3\n", ";/2/3");
}

static void
test_columns (void)
{
  g_autoptr (GError) error = NULL;
  static const char *const good[] = { "image", "label", "none", NULL }, *const bad[] = { "image", "note", NULL };
  g_autoptr (CytCsv) csv = read_string ("Image, LABEL ,note,Note,\nx,\"y\nz\",1,2\nv,w\n", -1, &error);

  g_assert_no_error (error);
  g_assert_cmpint (cyt_csv_find_column (csv, "image"), ==, 0);
  g_assert_cmpint (cyt_csv_find_column (csv, "label"), ==, 1);
  g_assert_cmpint (cyt_csv_find_column (csv, "patient"), ==, -1);
  g_assert_cmpuint (cyt_csv_get_line (csv, 0), ==, 2);
  g_assert_cmpuint (cyt_csv_get_line (csv, 1), ==, 4);
  g_assert_true (cyt_csv_check_unique (csv, good, &error));
  g_assert_no_error (error);
  g_assert_false (cyt_csv_check_unique (csv, bad, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_COLUMN);
  g_assert_nonnull (strstr (error->message, "note"));
}

static void
test_errors (void)
{
  g_autoptr (GString) wide = g_string_new ("a");
  g_autoptr (GError) error = NULL;

  check_error ("", 0, CYT_TABLE_ERROR_EMPTY, "empty");
  check_error ("\n\r\n", -1, CYT_TABLE_ERROR_EMPTY, "empty");
  check_error ("a,b\n1,2\n3,\"4\n5,6\n", -1, CYT_TABLE_ERROR_FORMAT, "line 3");
  check_error ("a,b\n1,\"2\"3\n", -1, CYT_TABLE_ERROR_FORMAT, "line 2");
  check_error ("a,b\n1,2,3\n", -1, CYT_TABLE_ERROR_FORMAT, "line 2: 3 fields, the header has 2");
  check_error ("a,b\n1,2\n\n3,\xff\n", -1, CYT_TABLE_ERROR_FORMAT, "line 4: not valid UTF-8");
  check_error ("a,b\n1,\0\n", 7, CYT_TABLE_ERROR_FORMAT, "line 2: a NUL byte");
  check_error ("\xff\xfe" "a\0,\0b\0", 8, CYT_TABLE_ERROR_FORMAT, "UTF-16");
  check_error ("image;label\na;b\n", -1, CYT_TABLE_ERROR_FORMAT, "semicolons");
  check_error ("image\tlabel\na\tb\n", -1, CYT_TABLE_ERROR_FORMAT, "tabs");
  check_error ("a,b\r1,2\r", -1, CYT_TABLE_ERROR_FORMAT, "carriage return");
  for (guint i = 0; i < CYT_CSV_MAX_COLUMNS; i++)
    g_string_append (wide, ",a");
  check_error (wide->str, -1, CYT_TABLE_ERROR_FORMAT, "4096");
  g_assert_null (cyt_csv_read ("/nonexistent/table.csv", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  g_assert_null (cyt_csv_read ("/dev/null", &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT);
}

/* What is written reads back. */
static void
test_round_trip (void)
{
  static const char *const values[] = { "plain", "", "a,b", "\"", "two\nlines", "\r\n", " spaced ", "\xc3\xa4;", "=1+1" };
  g_autoptr (GString) text = g_string_new ("a,b,c\n");
  g_autoptr (CytCsv) csv = NULL;
  gsize n = G_N_ELEMENTS (values);

  for (gsize i = 0; i < n; i++)
    {
      for (gsize j = 0; j < 3; j++)
        cyt_csv_append_field (text, j == 0, values[(i + j) % n]);
      g_string_append (text, "\r\n");
    }
  csv = read_string (text->str, -1, NULL);
  g_assert_nonnull (csv);
  g_assert_cmpuint (cyt_csv_get_n_rows (csv), ==, n);
  for (gsize i = 0; i < n; i++)
    for (gsize j = 0; j < 3; j++)
      g_assert_cmpstr (cyt_csv_get (csv, i, (int) j), ==, values[(i + j) % n]);
}

/* Random bytes of the characters that matter: no crash, and an error or a table. */
static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  static const char letters[] = "a,\"\n\r;\t \xc3\xa4";

  for (guint i = 0; i < 600; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CytCsv) csv = NULL;
      char text[40];
      gsize n = (gsize) g_rand_int_range (rand, 0, sizeof text);

      for (gsize j = 0; j < n; j++)
        text[j] = letters[g_rand_int_range (rand, 0, sizeof letters)];
      csv = read_string (text, (gssize) n, &error);
      g_assert_true ((csv == NULL) == (error != NULL));
      if (csv != NULL)
        for (gsize row = 0; row < cyt_csv_get_n_rows (csv); row++)
          g_assert_nonnull (cyt_csv_get (csv, row, 0));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/csv/tables", test_tables);
  g_test_add_func ("/csv/columns", test_columns);
  g_test_add_func ("/csv/errors", test_errors);
  g_test_add_func ("/csv/round-trip", test_round_trip);
  g_test_add_func ("/csv/random", test_random);
  return g_test_run ();
}
