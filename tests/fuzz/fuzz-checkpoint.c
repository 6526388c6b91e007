/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/cyt-checkpoint.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Tensors are read whole up to this many bytes in C order. */
#define READ_BYTES ((gsize) 1 << 22)

static void
read_tensor (CytCheckpoint *checkpoint, const CytTensorInfo *info)
{
  gsize size = cyt_dtype_get_size (info->dtype);
  g_autofree guint8 *raw = NULL;
  g_autofree float *floats = NULL;

  if (info->n_elements > READ_BYTES / size)
    return;
  /* Exactly as long as needed, so that AddressSanitizer sees what is written beyond. */
  raw = g_malloc (info->n_elements * size);
  floats = g_new (float, info->n_elements);
  cyt_checkpoint_read_raw (checkpoint, info, raw, NULL);
  cyt_checkpoint_read_f32 (checkpoint, info, floats, NULL);
  if (info->n_dims > 0 && info->shape[0] > 1 && cyt_dtype_is_real (info->dtype))
    cyt_checkpoint_read_rows_f32 (checkpoint, info, info->shape[0] / 2, 1, floats, NULL);
}

/* Any bytes are a checkpoint, of which all can be read or refused, or an error of one line. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (CytCheckpoint) checkpoint = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  int fd = memfd_create ("fuzz", MFD_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, (gssize) size);
  path = g_strdup_printf ("/proc/self/fd/%d", fd);
  checkpoint = cyt_checkpoint_open (path, &error);
  close (fd);
  g_assert_true ((checkpoint == NULL) == (error != NULL));
  if (checkpoint != NULL)
    {
      g_autofree char *json = cyt_value_to_json (cyt_checkpoint_get_root (checkpoint));

      g_assert_true (g_utf8_validate (json, -1, NULL));
      for (gsize i = 0; i < cyt_checkpoint_get_n_tensors (checkpoint) && i < 64; i++)
        read_tensor (checkpoint, cyt_checkpoint_get_tensor (checkpoint, i));
    }
  else
    g_assert_null (strchr (error->message, '\n'));
  return 0;
}
