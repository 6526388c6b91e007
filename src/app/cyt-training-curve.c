/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cyt-training-curve.h"

typedef struct
{
  guint64 first, last;      /* steps it stands for */
  guint64 n;
  double sum[CYT_TRAINING_N_COLUMNS];
} Point;

struct _CytTrainingCurve
{
  guint64 run;              /* steps to a point */
  GArray *points;           /* of Point */
  double latest[CYT_TRAINING_N_COLUMNS];
};

static void
forget_latest (CytTrainingCurve *self)
{
  for (guint c = 0; c < CYT_TRAINING_N_COLUMNS; c++)
    self->latest[c] = NAN;
}

CytTrainingCurve *
cyt_training_curve_new (void)
{
  CytTrainingCurve *self = g_new0 (CytTrainingCurve, 1);

  self->run = 1;
  self->points = g_array_new (FALSE, FALSE, sizeof (Point));
  forget_latest (self);
  return self;
}

void
cyt_training_curve_free (CytTrainingCurve *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->points);
  g_free (self);
}

static Point *
get_point (const CytTrainingCurve *self, guint i)
{
  return &g_array_index (self->points, Point, i);
}

static void
halve (CytTrainingCurve *self)
{
  guint n = self->points->len / 2;

  for (guint i = 0; i < n; i++)
    {
      Point point = *get_point (self, 2 * i);
      const Point *other = get_point (self, 2 * i + 1);

      point.last = other->last;
      point.n += other->n;
      for (guint c = 0; c < CYT_TRAINING_N_COLUMNS; c++)
        point.sum[c] += other->sum[c];
      *get_point (self, i) = point;
    }
  g_array_set_size (self->points, n);
  self->run *= 2;
}

void
cyt_training_curve_append (CytTrainingCurve *self, const CytTrainingEvent *event)
{
  Point *point;

  while (self->points->len > 0 && get_point (self, self->points->len - 1)->last >= event->n_steps)
    g_array_set_size (self->points, self->points->len - 1);
  if (self->points->len == 0 || get_point (self, self->points->len - 1)->n >= self->run)
    {
      Point empty = { .first = event->n_steps };

      if (self->points->len >= CYT_TRAINING_CURVE_MAX)
        halve (self);
      g_array_append_val (self->points, empty);
    }
  point = get_point (self, self->points->len - 1);
  point->last = event->n_steps;
  point->n++;
  for (guint c = 0; c < CYT_TRAINING_N_COLUMNS; c++)
    {
      point->sum[c] += event->values[c];
      self->latest[c] = event->values[c];
    }
}

guint
cyt_training_curve_get_n_points (const CytTrainingCurve *self)
{
  return self->points->len;
}

double
cyt_training_curve_get_step (const CytTrainingCurve *self, guint point)
{
  const Point *p = get_point (self, point);

  return ((double) p->first + (double) p->last) / 2;
}

double
cyt_training_curve_get (const CytTrainingCurve *self, guint point, CytTrainingColumn column)
{
  const Point *p = get_point (self, point);

  return p->sum[column] / (double) p->n;
}

double
cyt_training_curve_get_last (const CytTrainingCurve *self, CytTrainingColumn column)
{
  return self->latest[column];
}
