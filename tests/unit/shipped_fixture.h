/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TESTS_SHIPPED_FIXTURE_H
#define THAW_TESTS_SHIPPED_FIXTURE_H

#include <jansson.h>

#include "thaw/report.h"
#include "thaw/shipped.h"

/*
 * A target as an app's folder gives it: requirements.txt asks for pandas, which requires numpy and
 * tz (not installed); one and two require each other and nothing asks for them; three shared
 * objects and libc, one of them wants a library that is nowhere. Tests change what they are about.
 */
struct shipped_fixture {
    struct thaw_shipped shipped;
    struct thaw_shipped_folder folders[4];
    struct thaw_shipped_file files[3];
    struct thaw_shipped_distribution distributions[4];
    struct thaw_shipped_requirement requires[6];
    struct thaw_shipped_request requests[2];
    struct thaw_shipped_conflict conflicts[4];
    struct thaw_shipped_foreign foreign[1];
    struct thaw_shipped_library libraries[4];
    struct thaw_shipped_needed needed[5];
    struct thaw_shipped_section sections[2];
    struct thaw_shipped_duplicate duplicates[1];
    struct thaw_shipped_path_file path_files[1];
    struct thaw_shipped_fault faults[2];
    struct thaw_shipped_limit limits[2];
    uint32_t twice[2];
    const char *texts[16];
};

void shipped_fixture_fill(struct shipped_fixture *fixture);

/* The name as everything that comes from outside. */
void shipped_fixture_put_everywhere(struct shipped_fixture *fixture, const char *name);

/* The report of it alone. The caller owns it. */
json_t *shipped_fixture_report(const struct shipped_fixture *fixture);

/* What a view writes for a report; fails the test when it can't. The caller frees it. */
char *shipped_fixture_view(const json_t *report, const char *view,
                           const struct thaw_report_options *options);

#endif
