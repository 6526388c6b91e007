/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "cli-figure.h"
#include "cli-options.h"
#include "figures/cyt-figure-words.h"

void
cli_figure_options_clear (CliFigureOptions *self)
{
  g_free (self->out);
  g_free (self->dpi);
  g_free (self->width);
  g_free (self->style);
  g_free (self->font);
  g_free (self->panel);
}

static gboolean
parse_width (const char *text, double *width, GError **error)
{
  gsize n;
  const CytFigureColumn *columns = cyt_figure_list_columns (&n);

  for (gsize i = 0; i < n && text != NULL; i++)
    if (g_str_equal (text, columns[i].name))
      {
        *width = columns[i].width;
        return TRUE;
      }
  return cli_parse_double ("--width", text, CYT_FIGURE_MIN_WIDTH, CYT_FIGURE_MAX_WIDTH, width, error);
}

static gboolean
init_layout (CliFigureOptions *self, GError **error)
{
  CytFigureLayout *layout = &self->layout;
  CytFigureFormat format;

  *layout = (CytFigureLayout){ .width = CYT_FIGURE_LAYOUT_WIDTH, .dpi = CYT_FIGURE_LAYOUT_DPI };
  if (!parse_width (self->width, &layout->width, error)
      || !cli_parse_double ("--dpi", self->dpi, CYT_FIGURE_MIN_DPI, CYT_FIGURE_MAX_DPI, &layout->dpi, error)
      || !cli_require_utf8 ("--font", self->font, error) || !cli_require_utf8 ("--panel", self->panel, error)
      || !cli_require_utf8 ("--style", self->style, error)
      || !cyt_figure_style_init (&layout->style, self->style, self->font, error)
      || (self->out != NULL && !cyt_figure_format_from_path (self->out, &format, error)))
    return FALSE;
  if (self->panel != NULL && (*self->panel == '\0' || strlen (self->panel) >= sizeof layout->panel))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--panel: expected a letter, found \"%s\"", self->panel);
      return FALSE;
    }
  g_strlcpy (layout->panel, self->panel != NULL ? self->panel : "", sizeof layout->panel);
  return TRUE;
}

char *
cli_figure_parse (const CliFigureKind *kind, const GOptionEntry *entries, char **argv, CliFigureOptions *options,
                  GError **error)
{
  g_autofree char *arguments = g_strconcat ("P.cytosae ", kind->name, NULL);
  const CliCommand command = { .name = "figure", .arguments = arguments, .summary = kind->summary,
                               .description = kind->description };
  g_auto (GStrv) args = cli_options_parse (&command, entries, argv, 1, 1, error);

  if (args == NULL || (!options->again && !cli_require ("--out", options->out, error)))
    return NULL;
  if (options->again && options->out != NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "the figure's command would write %s", options->out);
      return NULL;
    }
  if (!init_layout (options, error)
      || (options->out != NULL && !cli_check_output (options->out, (const char *const[]) { args[0], NULL }, error)))
    return NULL;
  return g_strdup (args[0]);
}

void
cli_figure_overlay_clear (CliFigureOverlay *self)
{
  g_free (self->mode);
  g_free (self->colormap);
  g_free (self->opacity);
  g_free (self->scale);
}

gboolean
cli_figure_overlay_parse (const CliFigureOverlay *self, CytOverlayStyle *overlay, GError **error)
{
  gboolean found = self->mode == NULL;
  double scale = overlay->scale_max;

  for (CytOverlayMode mode = CYT_OVERLAY_OFF; mode <= CYT_OVERLAY_HEAT && !found; mode++)
    if (g_str_equal (self->mode, cyt_figure_overlay_mode_get_nick (mode)))
      {
        overlay->mode = mode;
        found = TRUE;
      }
  if (!found)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--overlay: expected heat, outline or off, found \"%s\"", self->mode);
      return FALSE;
    }
  found = self->colormap == NULL;
  for (CytColormap map = CYT_COLORMAP_VIRIDIS; map <= CYT_COLORMAP_INFERNO && !found; map++)
    if (g_str_equal (self->colormap, cyt_colormap_get_name (map)))
      {
        overlay->colormap = map;
        found = TRUE;
      }
  if (!found)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--colormap: expected viridis, cividis, magma or inferno, found \"%s\"",
                   self->colormap);
      return FALSE;
    }
  if (!cli_parse_double ("--opacity", self->opacity, 0, 1, &overlay->opacity, error)
      || !cli_parse_double ("--scale", self->scale, 1e-6, 1e6, &scale, error))
    return FALSE;
  overlay->scale_max = (float) scale;
  return TRUE;
}

GArray *
cli_parse_latents (const char *option, const char *text, gsize d_sae, guint max, GError **error)
{
  g_autoptr (GArray) latents = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);

  for (gsize i = 0; parts[i] != NULL; i++)
    {
      guint32 latent;

      if (!cli_parse_latent (g_strstrip (parts[i]), d_sae, &latent, error))
        return NULL;
      g_array_append_val (latents, latent);
    }
  if (latents->len == 0 || latents->len > max)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "%s: expected 1 to %u numbers, found %u", option, max, latents->len);
      return NULL;
    }
  return g_steal_pointer (&latents);
}
