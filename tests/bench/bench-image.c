/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "io/cyt-image-list.h"
#include "io/cyt-image.h"

/* usage: bench-image IMAGES…: files decoded and resized per second, on one thread, beside PIL's in the same
 * run (CYT_PYTHON, else /usr/bin/python3, must have it). Each side reads the files once beforehand. */

static const char pil[] =
  "import sys, time\n"
  "from PIL import Image\n"
  "names = sys.argv[1:]\n"
  "def run():\n"
  "    decode = resize = 0\n"
  "    for n in names:\n"
  "        a = time.perf_counter()\n"
  "        im = Image.open(n).convert('RGB')\n"
  "        b = time.perf_counter()\n"
  "        im.resize((224, 224), Image.BILINEAR).tobytes()\n"
  "        decode += b - a\n"
  "        resize += time.perf_counter() - b\n"
  "    return decode, resize\n"
  "run()\n"
  "d, r = run()\n"
  "print('PIL      %8.1f images/s   decode %.3f ms   resize %.3f ms' % (len(names) / (d + r), 1e3 * d / len(names), 1e3 * r / len(names)))\n";

static void
run (char **paths, guint n, gboolean print)
{
  g_autofree guint8 *out = g_malloc (3 * CYT_IMAGE_SIZE * CYT_IMAGE_SIZE);
  gint64 decode = 0, resize = 0;

  for (guint i = 0; i < n; i++)
    {
      gint64 start = g_get_monotonic_time (), middle;
      g_autoptr (CytImage) image = cyt_image_load (paths[i], NULL);

      middle = g_get_monotonic_time ();
      if (image != NULL)
        cyt_image_preprocess (image, out);
      decode += middle - start;
      resize += g_get_monotonic_time () - middle;
    }
  if (print)
    g_print ("CytoSAE  %8.1f images/s   decode %.3f ms   resize %.3f ms\n", 1e6 * n / (double) (decode + resize),
             decode / 1e3 / n, resize / 1e3 / n);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (GPtrArray) command = g_ptr_array_new_with_free_func (g_free);
  const char *python = g_getenv ("CYT_PYTHON");
  guint n;

  list = cyt_image_list_new ((const char *const *) argv + 1, &error);
  if (list == NULL)
    {
      g_print ("%s\n", error->message);
      return 0;
    }
  n = (guint) MIN (cyt_image_list_get_n_items (list), 2000);
  g_ptr_array_add (command, g_strdup (python != NULL ? python : "/usr/bin/python3"));
  g_ptr_array_add (command, g_strdup ("-c"));
  g_ptr_array_add (command, g_strdup (pil));
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (command, cyt_image_list_dup_path (list, i));
  g_ptr_array_add (command, NULL);

  run ((char **) command->pdata + 3, n, FALSE);
  run ((char **) command->pdata + 3, n, TRUE);
  if (!g_spawn_sync (NULL, (char **) command->pdata, NULL, G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, NULL, NULL, NULL,
                     &error))
    g_print ("%s\n", error->message);
  return 0;
}
