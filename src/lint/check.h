/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_CHECK_H
#define THAW_LINT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "lint/facts.h"
#include "thaw/analysis.h"
#include "thaw/error.h"
#include "thaw/project.h"

/* How severe a finding must be to be told. */
struct thaw_lint_profile {
    const char *name;     /* NULL ends the table */
    const char *what;     /* one line without full stop */
    const char *severity; /* the least: "note", "warning", "error" */
};

/* The first one is what is usual. */
const struct thaw_lint_profile *thaw_lint_profiles(void);
const struct thaw_lint_profile *thaw_lint_profile_find(const char *name); /* NULL none */

/* What a plan may be called, and how bad a finding must be to be a failure ("error", "warning",
 * "note", "never"); NULL-terminated. */
extern const char *const thaw_lint_plan_names[];

/* "3.12", "3.12.4": what the app's Python can be said to be. */
bool thaw_lint_is_python_version(const char *text);
extern const char *const thaw_lint_fail_levels[];

/* 0 "note", 1 "warning", 2 "error"; -1 what is none. */
int thaw_lint_severity_rank(const char *severity);

struct thaw_lint_question {
    const struct thaw_project *project;
    const struct thaw_lint_facts *facts;
    const json_t *recording;    /* a report (thaw-report/1), NULL none */
    const char *recording_name; /* of its file, as it was given */
    const char *today;          /* "2026-11-29" */
    const struct thaw_lint_profile *profile;
    const char *const *disabled; /* ids of rules, NULL-terminated; or NULL */
    const struct thaw_suppression *suppressions;
    size_t suppression_count;
    const char *suppressions_name; /* of the file that they stand in, "" none */
    /* Files that the user named, as places have them; NULL-terminated, or NULL. */
    const char *const *settings, *const *templates;
};

/*
 * Checks what can be checked. *ret is a document (reports/schema/thaw-lint-1.schema.json), the
 * caller's. Fails only for lack of memory.
 */
int thaw_lint_check(const struct thaw_lint_question *question, json_t **ret,
                    struct thaw_error *error);

/* Of such a document: how many findings are that severe, or more so; was all that there is read? */
size_t thaw_lint_count(const json_t *lint, const char *severity);
bool thaw_lint_is_complete(const json_t *lint);

/* The schema, as thaw_report_schema() gives the report's. */
const char *thaw_lint_schema(size_t *length);

#endif
