/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

/* A libFuzzer target's other main: feeds it a few thousand mutations of every file of the folders given, the same
 * in every run, so that each test run tries some bytes that nobody thought of. */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define N_MUTATIONS 2000

/* Flips, sets, repeats, removes and cuts, a few at a time. */
static void
mutate (GRand *rand, GByteArray *bytes)
{
  static const guint8 odd[] = { 0x00, 0x01, 0x7f, 0x80, 0xff, 'R', 'b', '(', '.', '{' };

  for (int n = g_rand_int_range (rand, 1, 5); n > 0 && bytes->len > 1; n--)
    {
      guint at = g_rand_int_range (rand, 0, bytes->len), to = g_rand_int_range (rand, 0, bytes->len);
      guint length = MIN (1u << g_rand_int_range (rand, 0, 6), bytes->len - MAX (at, to));

      switch (g_rand_int_range (rand, 0, 8))
        {
        case 0: case 1: bytes->data[at] ^= 1 << g_rand_int_range (rand, 0, 8); break;
        case 2: case 3: bytes->data[at] = odd[g_rand_int_range (rand, 0, G_N_ELEMENTS (odd))]; break;
        case 4: bytes->data[at] = g_rand_int (rand); break;
        case 5: memmove (bytes->data + to, bytes->data + at, length); break;
        case 6: g_byte_array_remove_range (bytes, at, MIN (length, bytes->len - at)); break;
        default: memset (bytes->data + at, 0xff, MIN (8, bytes->len - at)); break;
        }
    }
}

static void
run_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (2507);
  gsize n = 0;

  g_file_get_contents (path, &data, &n, &error);
  g_assert_no_error (error);
  LLVMFuzzerTestOneInput ((const guint8 *) data, n);
  for (int i = 0; i < N_MUTATIONS; i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_sized_new (n);

      g_byte_array_append (bytes, (const guint8 *) data, n);
      mutate (rand, bytes);
      LLVMFuzzerTestOneInput (bytes->data, bytes->len);
    }
  g_print ("%s: %d mutations\n", path, N_MUTATIONS);
}

int
main (int argc, char **argv)
{
  guint n_files = 0;

  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GDir) dir = g_dir_open (argv[i], 0, NULL);
      const char *name;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *path = g_build_filename (argv[i], name, NULL);

          run_file (path);
          n_files++;
        }
    }
  return n_files > 0 ? 0 : 1;
}
