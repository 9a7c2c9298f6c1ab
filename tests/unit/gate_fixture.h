/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TESTS_GATE_FIXTURE_H
#define THAW_TESTS_GATE_FIXTURE_H

#include <jansson.h>

#include "gate/gate.h"

/*
 * Reports for the gate's tests. changes are members that replace those of the report, as JSON with
 * ' in place of "; NULL none. The caller owns what is returned.
 */

/*
 * A cold start with eBPF that answered after 900 ms. The worker (process 2) imported the app's
 * function_app, which imported pandas, which imported numpy; "late" was imported after the reply,
 * and "other" by the host (process 1).
 */
json_t *gate_fixture_start(const char *changes);

/* What is shipped: pandas and numpy, with a library each, and the app. */
json_t *gate_fixture_target(const char *changes);

/* JSON with ' in place of "; fails the test when it is none. */
json_t *gate_fixture_json(const char *text);

/* A side of these, which are not owned; either may be NULL. */
struct thaw_gate_input gate_fixture_input(const json_t *target, const struct thaw_gate_run *runs,
                                          size_t count);

#endif
