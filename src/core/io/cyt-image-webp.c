/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#ifdef HAVE_WEBP
#include <webp/demux.h>
#endif

#include "io/cyt-image-private.h"

#ifdef HAVE_WEBP
/* libwebp's own player, as PIL uses it: the first frame on its canvas, alpha then left out. */
CytImage *
cyt_image_decode_webp (const guint8 *data, gsize size, const char *name, GError **error)
{
  g_autoptr (CytImage) image = NULL;
  WebPData bytes = { data, size };
  WebPAnimDecoderOptions options;
  WebPBitstreamFeatures features;
  WebPAnimDecoder *decoder;
  uint8_t *canvas = NULL;
  int timestamp;

  if (WebPGetFeatures (data, size, &features) != VP8_STATUS_OK)
    {
      cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, name, "damaged WebP");
      return NULL;
    }
  image = cyt_image_try_new (MAX (features.width, 0), MAX (features.height, 0), name, error);
  if (image == NULL || !WebPAnimDecoderOptionsInit (&options))
    return NULL;
  options.color_mode = MODE_RGBA;
  decoder = WebPAnimDecoderNew (&bytes, &options);
  if (decoder == NULL || !WebPAnimDecoderGetNext (decoder, &canvas, &timestamp))
    {
      cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, name, "truncated or damaged WebP");
      WebPAnimDecoderDelete (decoder);
      return NULL;
    }
  for (gsize i = 0; i < (gsize) image->width * image->height; i++)
    memcpy (image->pixels + 3 * i, canvas + 4 * i, 3);
  WebPAnimDecoderDelete (decoder);
  return g_steal_pointer (&image);
}
#else
CytImage *
cyt_image_decode_webp (const guint8 *data, gsize size, const char *name, GError **error)
{
  cyt_image_set_error (error, CYT_IMAGE_ERROR_UNSUPPORTED, name, "WebP images are not supported by this build");
  return NULL;
}
#endif
