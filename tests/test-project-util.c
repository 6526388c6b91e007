/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <sqlite3.h>
#include <string.h>

#include "test-project-util.h"

CytImageList *
cyt_test_make_image_list (const char *root, gsize n)
{
  static const char *const labels[] = { "neutrophil", "basophil", "Lymphozyt – groß" };
  CytImageList *list = g_new0 (CytImageList, 1);

  list->root = g_strdup (root);
  list->items = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_image_item_free);
  for (gsize i = 0; i < n; i++)
    {
      CytImageItem *item = g_new0 (CytImageItem, 1);

      item->path = g_strdup_printf ("class-%d/cell-%d.jpg", (int) (i % 3), (int) i);
      if (i % 41 != 40)
        item->label = g_strdup (labels[i % 3]);
      if (i % 5 != 0)
        item->patient = g_strdup_printf ("P%d", (int) (i % 7));
      if (i % 5 != 0)
        item->disease = g_strdup (i % 2 ? "APL" : "healthy");
      g_ptr_array_add (list->items, item);
    }
  return list;
}

CytProject *
cyt_test_create_project (const char *path, gsize d_sae)
{
  CytProjectModel encoder = { (char *) "/models/encoder.pth", g_strnfill (64, 'a'), (char *) "{\"d\":768}" };
  CytProjectModel sae = { (char *) "/models/sae.pt", g_strnfill (64, 'b'), (char *) "{\"d_sae\":1}" };
  g_autoptr (GError) error = NULL;
  CytProject *project = cyt_project_create (path, &encoder, &sae, d_sae, -2, &error);

  g_assert_no_error (error);
  g_free (encoder.sha256);
  g_free (sae.sha256);
  return project;
}

CytIndexedCell *
cyt_test_make_cell (gsize d_sae, gsize n_active, gsize position)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1000 + position);
  CytIndexedCell *cell = g_new0 (CytIndexedCell, 1);
  guint8 jpeg[16];

  cell->position = position;
  if (position % 29 == 7)
    {
      cell->failure = g_strdup_printf ("cell-%d.jpg: not an image", (int) position);
      return cell;
    }
  g_snprintf (cell->sha256, sizeof cell->sha256, "%064x", (guint) position);
  cell->width = 300 + position % 70;
  cell->height = 363;
  memset (jpeg, position % 251, sizeof jpeg);
  cell->thumbnail = g_bytes_new (jpeg, sizeof jpeg);
  cell->maps = g_ptr_array_new_with_free_func (g_free);
  for (gsize k = g_rand_int_range (rand, 0, 4); k < d_sae; k += 1 + g_rand_int_range (rand, 0, MAX (1, 2 * d_sae / n_active - 1)))
    {
      float score = g_rand_int_range (rand, 1, 4000) / 257.f;
      gboolean on_cls_alone = k % 11 == 3;
      CytSparseMap *map = g_new0 (CytSparseMap, 1);

      map->latent = k;
      map->n = on_cls_alone ? 0 : 1 + (position + k) % 40;
      for (guint i = 0; i < map->n; i++)
        {
          map->patch[i] = i * 6;
          map->value[i] = score / (i + 3);
        }
      g_ptr_array_add (cell->maps, map);
      cyt_cell_latents_append (&cell->latents, k, score, (k + position) % 258, on_cls_alone ? 257 * score : k % 3 * score,
                               score * 7.1f);
    }
  return cell;
}

CytTestIndexer *
cyt_test_indexer_new (CytProject *project, const char *dataset, gsize n_active)
{
  CytTestIndexer *self = g_new0 (CytTestIndexer, 1);
  g_autoptr (GError) error = NULL;

  self->project = project;
  self->n_active = n_active;
  self->dataset = cyt_project_find_dataset (project, dataset, &error);
  g_assert_no_error (error);
  self->stats = cyt_latent_stats_new (cyt_project_get_d_sae (project));
  self->lists = cyt_top_lists_new (cyt_project_get_d_sae (project), self->dataset->n_top);
  cyt_project_load_index_state (project, self->dataset->id, self->stats, self->lists, &error);
  g_assert_no_error (error);
  self->position = self->dataset->n_indexed;
  return self;
}

void
cyt_test_indexer_free (CytTestIndexer *self)
{
  cyt_dataset_free (self->dataset);
  cyt_latent_stats_free (self->stats);
  cyt_top_lists_free (self->lists);
  g_free (self);
}

gboolean
cyt_test_indexer_commit (CytTestIndexer *self, gsize n, GError **error)
{
  gsize d_sae = cyt_project_get_d_sae (self->project);
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_indexed_cell_free);
  g_autofree guint8 *is_changed = g_new0 (guint8, d_sae);
  g_autoptr (GArray) changed = g_array_new (FALSE, FALSE, sizeof (guint32));

  n = MIN (n, self->dataset->n_cells - self->position);
  for (gsize i = 0; i < n; i++)
    {
      CytIndexedCell *cell = cyt_test_make_cell (d_sae, self->n_active, self->position + i);

      g_ptr_array_add (cells, cell);
      if (cell->failure)
        continue;
      cyt_latent_stats_add (self->stats, &cell->latents);
      for (guint j = 0; j < cell->latents.n; j++)
        if (cyt_top_lists_offer (self->lists, cell->latents.latent[j], cell->latents.score[j], cell->position, NULL))
          is_changed[cell->latents.latent[j]] = TRUE;
    }
  for (guint32 k = 0; k < d_sae; k++)
    if (is_changed[k])
      g_array_append_val (changed, k);
  if (!cyt_project_commit_cells (self->project, self->dataset->id, self->position, cells, self->stats, self->lists,
                                 changed, error))
    return FALSE;
  self->position += n;
  return TRUE;
}

static void
dump_value (GString *out, sqlite3_stmt *stmt, int column)
{
  switch (sqlite3_column_type (stmt, column))
    {
    case SQLITE_NULL:
      g_string_append (out, "NULL");
      break;
    case SQLITE_INTEGER:
      g_string_append_printf (out, "%" G_GINT64_FORMAT, (gint64) sqlite3_column_int64 (stmt, column));
      break;
    case SQLITE_FLOAT:
      g_string_append_printf (out, "%a", sqlite3_column_double (stmt, column));
      break;
    case SQLITE_TEXT:
      g_string_append_printf (out, "'%s'", (const char *) sqlite3_column_text (stmt, column));
      break;
    default:
      {
        const guint8 *data = sqlite3_column_blob (stmt, column);
        gsize n = sqlite3_column_bytes (stmt, column), at = out->len + 1;

        g_string_append_c (out, 'x');
        g_string_set_size (out, at + 2 * n);
        for (gsize i = 0; i < n; i++)
          {
            out->str[at + 2 * i] = "0123456789abcdef"[data[i] >> 4];
            out->str[at + 2 * i + 1] = "0123456789abcdef"[data[i] & 15];
          }
      }
    }
}

char *
cyt_test_dump_project (const char *path)
{
  GString *out = g_string_new (NULL);
  sqlite3 *db = NULL;
  sqlite3_stmt *tables = NULL;

  g_assert_cmpint (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READONLY, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", -1, &tables, NULL), ==, SQLITE_OK);
  while (sqlite3_step (tables) == SQLITE_ROW)
    {
      const char *name = (const char *) sqlite3_column_text (tables, 0);
      g_autofree char *sql = g_strdup_printf ("SELECT * FROM \"%s\"", name);
      sqlite3_stmt *rows = NULL;

      g_string_append_printf (out, "== %s\n", name);
      g_assert_cmpint (sqlite3_prepare_v2 (db, sql, -1, &rows, NULL), ==, SQLITE_OK);
      while (sqlite3_step (rows) == SQLITE_ROW)
        {
          for (int i = 0; i < sqlite3_column_count (rows); i++)
            {
              g_string_append (out, i ? "|" : "");
              dump_value (out, rows, i);
            }
          g_string_append_c (out, '\n');
        }
      sqlite3_finalize (rows);
    }
  sqlite3_finalize (tables);
  sqlite3_close (db);
  return g_string_free (out, FALSE);
}
