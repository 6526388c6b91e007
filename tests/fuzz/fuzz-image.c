/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "io/cyt-error.h"
#include "io/cyt-image.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Any bytes are an image or an error of the image's domain, and an image resizes. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytImage) image = cyt_image_load_bytes (bytes, "fuzz", &error);

  g_assert_true ((image == NULL) == (error != NULL));
  if (image == NULL)
    g_assert_true (error->domain == CYT_IMAGE_ERROR);
  else
    {
      g_autoptr (CytImage) small = cyt_image_resize (image, 7, 5);
      g_assert_nonnull (small);
    }
  return 0;
}
