/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cyt-filter-text.h"
#include "cyt-format.h"
#include "cyt-status.h"

static char *
describe_number (const CytLatentFilter *filter, CytFilterNumber number)
{
  static const char *const names[CYT_FILTER_N_NUMBERS]
    = { N_("frequency"), N_("mean"), N_("maximum"), N_("entropy"), N_("purity"), N_("selectivity"),
        N_("monosemanticity"), N_("cosine"), N_("map precision") };
  char *(*format) (double) = number == CYT_FILTER_FREQUENCY || number == CYT_FILTER_PURITY ? cyt_format_percent
                                                                                            : cyt_format_number;
  g_autofree char *min = format (filter->min[number]), *max = format (filter->max[number]);

  if (filter->max[number] == INFINITY)
    return g_strdup_printf ("%s ≥ %s", _(names[number]), min);
  if (filter->min[number] == -INFINITY)
    return g_strdup_printf ("%s ≤ %s", _(names[number]), max);
  return g_strdup_printf ("%s %s – %s", _(names[number]), min, max);
}

static char *
describe_statuses (guint statuses)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i <= CYT_CONCEPT_ARTEFACT; i++)
    if (statuses & (1u << i))
      g_ptr_array_add (names, (gpointer) cyt_status_get_label (i));
  g_ptr_array_add (names, NULL);
  /* Translators: between statuses of which a latent must have one */
  return g_strjoinv (_(" or "), (char **) names->pdata);
}

static char *
describe_confidence (int confidence)
{
  switch (confidence)
    {
    case CYT_CONCEPT_CONFIDENCE_LOW:
      return g_strdup (_("low confidence"));
    case CYT_CONCEPT_CONFIDENCE_MEDIUM:
      return g_strdup (_("medium confidence"));
    case CYT_CONCEPT_CONFIDENCE_HIGH:
      return g_strdup (_("high confidence"));
    default:
      return g_strdup (_("no confidence given"));
    }
}

static char *
describe_ubiquitous (const CytLatentFilter *filter)
{
  g_autofree char *bound = cyt_format_number (filter->ubiquitous);

  return filter->show_ubiquitous ? g_strdup (_("with ubiquitous ones"))
                                 : g_strdup_printf (_("ubiquitous above %s"), bound);
}

static char *
describe (const CytLatentFilter *filter, CytFilterCriterion criterion)
{
  switch (criterion)
    {
    case CYT_FILTER_HAS_LABELLED:
      return g_strdup (filter->labelled == CYT_FILTER_LABELLED ? _("labelled") : _("unlabelled"));
    case CYT_FILTER_HAS_STATUSES:
      return describe_statuses (filter->statuses);
    case CYT_FILTER_HAS_CONFIDENCE:
      return describe_confidence (filter->confidence);
    case CYT_FILTER_HAS_MAJORITY:
      return g_strdup (filter->majority);
    case CYT_FILTER_HAS_CATEGORY:
      return g_strdup_printf (_("category %s"), filter->category);
    case CYT_FILTER_HAS_TAG:
      return g_strdup_printf (_("tag %s"), filter->tag);
    case CYT_FILTER_HAS_RATER:
      return g_strdup_printf (_("by %s"), filter->rater);
    case CYT_FILTER_HAS_ALIVE_IN:
      return g_strdup_printf (_("fires in %s"), filter->alive_in);
    case CYT_FILTER_HAS_SILENT:
      return g_strdup (_("with silent ones"));
    case CYT_FILTER_HAS_UBIQUITOUS:
      return describe_ubiquitous (filter);
    case CYT_FILTER_HAS_SUBSET:
      return g_strdup (filter->subset_name);
    case CYT_FILTER_HAS_NUMBER:
    default:
      for (guint i = 0; i < CYT_FILTER_N_NUMBERS; i++)
        if ((guint) criterion == (guint) CYT_FILTER_HAS_NUMBER << i)
          return describe_number (filter, i);
      return g_strdup ("");
    }
}

char *
cyt_filter_text_describe (const CytLatentFilter *filter)
{
  guint criteria = cyt_latent_filter_get_criteria (filter);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < CYT_FILTER_N_CRITERIA; i++)
    if (criteria & (1u << i))
      {
        g_autofree char *one = describe (filter, 1u << i);

        g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", one);
      }
  return g_string_free (text, FALSE);
}

guint
cyt_filter_text_count (const CytLatentFilter *filter)
{
  guint n = 0;

  for (guint criteria = cyt_latent_filter_get_criteria (filter); criteria != 0; criteria >>= 1)
    n += criteria & 1;
  return n;
}

static gboolean
parse (const char *text, double (*convert) (const char *, char **), double *value)
{
  char *end;

  *value = convert (text, &end);
  while (g_ascii_isspace (*end))
    end++;
  return end != text && *end == '\0' && isfinite (*value);
}

gboolean
cyt_filter_text_parse_number (const char *text, double fallback, double *value)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));

  if (g_str_has_suffix (stripped, "%"))
    stripped[strlen (stripped) - 1] = '\0';
  if (stripped[0] != '\0')
    return parse (stripped, strtod, value) || parse (stripped, g_ascii_strtod, value);
  *value = fallback;
  return TRUE;
}
