/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_JUNIT_H
#define THAW_REPORT_JUNIT_H

#include "report/issues.h"

/* JUnit's XML being made: cases in the order in which they are begun. Texts are not escaped yet. */
struct thaw_junit {
    struct thaw_summary summary;
    struct thaw_issues issues; /* what cases are about; the caller fills it, end() frees it */
    FILE *cases; /* written first, as they are counted before them; NULL: memory is short */
    char *text;
    size_t length;
    bool is_bare; /* the case that was begun has no element yet */
    size_t tests, failures, errors, skipped;
};

void thaw_junit_begin(struct thaw_junit *junit, const json_t *report, FILE *stream);

/* Begins a case. path "": it has no place; line 0: not known. */
void thaw_junit_case(struct thaw_junit *junit, const char *class, const char *name,
                     const char *path, uint64_t line);

/* What becomes of it, "failure", "error", "skipped", or nothing (it passes); "system-out". type,
 * message and text may be NULL. */
void thaw_junit_element(struct thaw_junit *junit, const char *element, const char *type,
                        const char *message, const char *text);

void thaw_junit_case_end(struct thaw_junit *junit);

/* Writes it all to the stream of begin(), and frees it. started: "" not known. */
int thaw_junit_end(struct thaw_junit *junit, const char *started, struct thaw_error *error);

#endif
