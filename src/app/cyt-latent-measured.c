/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-latent-measured.h"

void
cyt_latent_measured_free (CytLatentMeasured *self)
{
  if (self == NULL)
    return;
  g_free (self->rows);
  g_strfreev (self->classes);
  g_strfreev (self->structures);
  g_clear_pointer (&self->attributes, g_ptr_array_unref);
  g_clear_pointer (&self->suggestions, g_array_unref);
  g_free (self);
}

const CytSuggestion *
cyt_latent_measured_get_suggestions (const CytLatentMeasured *self, guint latent, guint *n)
{
  const CytSuggestion *all = (const CytSuggestion *) self->suggestions->data;
  guint low = 0, high = self->suggestions->len, end;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (all[middle].latent < latent)
        low = middle + 1;
      else
        high = middle;
    }
  for (end = low; end < self->suggestions->len && all[end].latent == latent; end++)
    ;
  *n = end - low;
  return *n > 0 ? &all[low] : NULL;
}

char *
cyt_latent_measured_dup_suggested_name (const CytLatentMeasured *self, const CytSuggestion *suggestion)
{
  const CytImageAttribute *attribute = self->attributes->pdata[suggestion->attribute];
  g_autofree char *name = g_strdelimit (g_strdup (attribute->name), "_", ' ');

  return g_strdup_printf ("%s: %s", name, (char *) attribute->values->pdata[suggestion->value]);
}
