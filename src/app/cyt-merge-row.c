/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-merge-row.h"
#include "cyt-status.h"

struct _CytMergeRow
{
  GObject parent_instance;
  CytMergeItem *item;
};

G_DEFINE_FINAL_TYPE (CytMergeRow, cyt_merge_row, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_CHOICE,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

CytMergeRow *
cyt_merge_row_new (CytMergeItem *item)
{
  CytMergeRow *self = g_object_new (CYT_TYPE_MERGE_ROW, NULL);

  self->item = item;
  return self;
}

const CytMergeItem *
cyt_merge_row_get_item (CytMergeRow *self)
{
  g_return_val_if_fail (CYT_IS_MERGE_ROW (self), NULL);
  return self->item;
}

void
cyt_merge_row_choose (CytMergeRow *self, int choice)
{
  g_return_if_fail (CYT_IS_MERGE_ROW (self));

  if (choice == self->item->choice || !cyt_merge_item_allows (self->item, choice))
    return;
  self->item->choice = choice;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CHOICE]);
}

const char *
cyt_merge_row_get_field (CytMergeRow *self)
{
  switch (self->item->field)
    {
    case CYT_CONCEPT_FIELD_NAME:
      return _("Name");
    case CYT_CONCEPT_FIELD_CATEGORY:
      return _("Category");
    case CYT_CONCEPT_FIELD_STATUS:
      return _("Status");
    case CYT_CONCEPT_FIELD_CONFIDENCE:
      return _("Confidence");
    case CYT_CONCEPT_FIELD_TAGS:
      return _("Tags");
    case CYT_CONCEPT_FIELD_NOTE:
    default:
      return _("Notes");
    }
}

static const char *
get_confidence_label (const char *nick)
{
  return g_str_equal (nick, "low") ? _("Low") : g_str_equal (nick, "medium") ? _("Medium") : _("High");
}

char *
cyt_merge_row_dup_value (CytMergeRow *self, int choice)
{
  const CytMergeItem *item = self->item;
  const char *value = choice == CYT_MERGE_KEEP      ? item->base
                      : choice == CYT_MERGE_COMBINE ? (item->combined != NULL ? item->combined : "")
                                                    : item->sides[choice];
  CytConceptStatus status;

  if (value[0] == '\0')
    return g_strdup ("");
  if (item->field == CYT_CONCEPT_FIELD_STATUS && cyt_concept_status_from_nick (value, &status))
    return g_strdup (cyt_status_get_label (status));
  if (item->field == CYT_CONCEPT_FIELD_CONFIDENCE)
    return g_strdup (get_confidence_label (value));
  if (item->field == CYT_CONCEPT_FIELD_TAGS)
    {
      g_auto (GStrv) tags = cyt_concept_split_tags (value);

      return g_strjoinv (", ", tags);
    }
  return g_strdup (value);
}

static void
cyt_merge_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_CHOICE)
    g_value_set_int (value, CYT_MERGE_ROW (object)->item->choice);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
cyt_merge_row_class_init (CytMergeRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = cyt_merge_row_get_property;
  props[PROP_CHOICE] = g_param_spec_int ("choice", NULL, NULL, CYT_MERGE_COMBINE, G_MAXINT, CYT_MERGE_KEEP,
                                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
cyt_merge_row_init (CytMergeRow *self)
{
}
