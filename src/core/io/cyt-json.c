/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-error.h"
#include "io/cyt-json.h"

gboolean
cyt_json_check (const char *text, gsize size, GError **error)
{
  guint depth = 0, line = 1;
  gboolean in_string = FALSE;
  const char *bad = NULL;

  for (gsize i = 0; i < size && bad == NULL; i++)
    {
      char c = text[i];

      if (c == '\n')
        line++;
      if (in_string)
        {
          if (c == '\\' && i + 1 < size)
            {
              i++;
              if (text[i] == 'u' && size - i > 4 && memcmp (text + i + 1, "0000", 4) == 0)
                bad = "a text with a NUL";
            }
          else if (c == '"')
            in_string = FALSE;
        }
      else if (c == '"')
        in_string = TRUE;
      else if (c == '[' || c == '{')
        {
          if (++depth > CYT_JSON_MAX_DEPTH)
            bad = "nested too deep";
        }
      else if (c == ']' || c == '}')
        depth -= depth > 0;
      else if (!g_ascii_isalnum (c) && !g_ascii_isspace (c) && strchr (",:+-.", c) == NULL)
        bad = "not JSON";
    }
  if (bad == NULL)
    return TRUE;
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT, "line %u: %s", line, bad);
  return FALSE;
}
