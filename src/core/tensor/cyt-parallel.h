/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A few threads that share out the items of one loop after another. The calling thread works too. Which thread
 * takes which item is open, so an item must not depend on it, but for the scratch space that each thread has. */
typedef struct _CytParallel CytParallel;

/* @n_threads: 0: one per core. */
CytParallel *cyt_parallel_new (guint n_threads);
void cyt_parallel_free (CytParallel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytParallel, cyt_parallel_free)

guint cyt_parallel_get_n_threads (const CytParallel *self);

/* @thread: 0 … n_threads − 1. */
typedef void (*CytParallelFunc) (gsize item, guint thread, gpointer data);
/* Calls @func for items 0 … n_items − 1, and returns when all are done. */
void cyt_parallel_run (CytParallel *self, gsize n_items, CytParallelFunc func, gpointer data);

G_END_DECLS
