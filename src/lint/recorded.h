/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_RECORDED_H
#define THAW_LINT_RECORDED_H

#include "lint/lint.h"

/*
 * What a recording's report (thaw-report/1) says, for rules that join it with the app. A report is
 * a file of the user's: what is not there, or of another type, is not known.
 */

/* Is there a recording, and is it not one of another app? */
bool thaw_recorded_joins(const struct thaw_lint *lint);

/*
 * Why it is another app's ("its function order() is none of this app"), NULL: nothing says so. In
 * the lint's arena.
 */
const char *thaw_recorded_stranger(struct thaw_lint *lint);

/* The platform that was seen, "" none. */
const char *thaw_recorded_platform(const struct thaw_lint *lint);

/* The track that answered first, NULL none. */
const json_t *thaw_recorded_headline(const struct thaw_lint *lint);

/* A top-level phase of it, NULL none. */
const json_t *thaw_recorded_phase(const struct thaw_lint *lint, const char *name);

/* Its process's entry, NULL none. */
const json_t *thaw_recorded_process(const struct thaw_lint *lint);

/* s; -1 not known: from the worker's begin until it was ready; from the start to the first reply.
 * What ran under ptrace tells no times. */
double thaw_recorded_init_s(const struct thaw_lint *lint);
double thaw_recorded_first_reply_s(const struct thaw_lint *lint);

/* A number under a key in s (it is in ns); -1 not there. */
double thaw_recorded_seconds(const json_t *object, const char *key);

/* The host that ran most invocations (concurrency.hosts), NULL none. */
const json_t *thaw_recorded_host(const struct thaw_lint *lint);

#endif
