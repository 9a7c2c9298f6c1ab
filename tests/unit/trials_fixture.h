/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TESTS_TRIALS_FIXTURE_H
#define THAW_TESTS_TRIALS_FIXTURE_H

#include <jansson.h>

#include "gate/trials.h"

/* Repeated runs for tests, of reports that gate_fixture.h makes. */

#define TRIALS_FIXTURE_MS UINT64_C(1000000)

/* Two commands, the second one with a name that means something to terminals and pages. */
extern const char *const trials_fixture_first[], *const trials_fixture_second[];

/* Cold ones, so many of each command, with a warm-up. */
struct thaw_trials *trials_fixture_make(size_t commands, size_t runs);

/* The report of a start that took so long; the caller owns it. */
json_t *trials_fixture_start(uint64_t total_ns, bool without_numpy);

/* A run that ended well. report NULL: it has none. */
struct thaw_trials_run trials_fixture_run(size_t command, size_t number, const json_t *report);

void trials_fixture_add(struct thaw_trials *trials, struct thaw_trials_run run);

/* Runs of a command that took so many ms. */
void trials_fixture_add_times(struct thaw_trials *trials, size_t command, const unsigned *ms,
                              size_t count);

/* What comes of them, which its schema allows; the trials are freed. */
json_t *trials_fixture_result(struct thaw_trials *trials);

#endif
