/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "test-util.h"

#include "cyt-application.h"
#include "cyt-session.h"

/* Writes @n small pictures with differing blots into two classes under @folder. */
void cyt_app_test_make_images (const char *folder, guint n);
/* A plan for a project of @folder with the built-in models. */
CytProjectPlan *cyt_app_test_make_plan (const char *project, const char *folder);
/* Points the user's folders (settings, documents) below @folder; before anything reads them. Lets pass the one warning
 * of GTK that depends on how busy the machine is. */
void cyt_app_test_use_home (const char *folder);
/* A small demonstration where the program looks for it and an application that is held, for tests of the whole window;
 * @home becomes the user's. */
CytApplication *cyt_app_test_start_demo (const char *home);
/* A session whose project is open. */
CytSession *cyt_app_test_open_session (const char *project);
/* Drops the session and waits for its last jobs, which hold it until their results are in. */
void cyt_app_test_close_session (CytSession *session);

/* Iterates the main context until @condition, or fails the test after half a minute. */
#define cyt_app_test_wait(condition)                                                                         \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    gint64 cyt_wait_end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;                                     \
    while (!(condition))                                                                                     \
      {                                                                                                      \
        g_assert_cmpint (g_get_monotonic_time (), <, cyt_wait_end);                                          \
        if (!g_main_context_iteration (NULL, FALSE))                                                         \
          g_usleep (1000);                                                                                   \
      }                                                                                                      \
  }                                                                                                          \
  G_STMT_END
