/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_STARTS_FIXTURE_H
#define TESTS_STARTS_FIXTURE_H

#include "history_fixture.h"
#include "store/deliveries.h"
#include "store/starts.h"

#define STARTS_SECOND 1000000000ll
#define STARTS_BEGIN (1790000000 * STARTS_SECOND) /* a whole 10 s */

/* A start of that app, whole and answered, that took 1 s and ended so many seconds after
 * STARTS_BEGIN. */
struct thaw_start starts_start_at(const char *app, int64_t second);
struct thaw_arrivals starts_arrivals_at(const char *app, int64_t second);

void starts_add(struct thaw_database *database, const struct thaw_start *start);
void starts_add_arrivals(struct thaw_database *database, const struct thaw_arrivals *arrivals);
struct thaw_stored_starts starts_asked(struct thaw_database *database,
                                       const struct thaw_starts_question *question);
void starts_check_equal(const struct thaw_start *start, const struct thaw_start *expected);

#endif
