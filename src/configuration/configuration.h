/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CONFIGURATION_CONFIGURATION_H
#define THAW_CONFIGURATION_CONFIGURATION_H

#include <stddef.h>

#include "audit/settings.h"
#include "base/arena.h"
#include "thaw/analysis.h"
#include "thaw/budget.h"
#include "thaw/error.h"

/* A user's thaw.json: reports/schema/thaw-configuration-1.schema.json. */
#define THAW_CONFIGURATION_NAME "thaw.json"

/* How `thaw lint` checks; the command line wins. NULL: not said. */
struct thaw_lint_settings {
    const char *fail_on; /* a word of thaw_lint_fail_levels */
    const char *profile; /* a name of thaw_lint_profiles() */
    const char *plan;    /* a word of thaw_lint_plan_names */
    const char *python;  /* "3.12" */
    /* NULL-terminated: ids of rules; files, by the folder of the file that says so. */
    const char *const *disable;
    const char *const *settings;
    const char *const *templates;
};

struct thaw_configuration {
    struct thaw_arena arena;
    struct thaw_suppression *suppressions;
    size_t count;
    struct thaw_budgets budgets;
    struct thaw_lint_settings lint;
    struct thaw_audit_settings audit; /* what is usual, but for what is said; its arena is empty */
};

/*
 * Reads length bytes of JSON, called name in messages. -EINVAL with one line, "NAME:LINE:COLUMN:
 * …", that says what is wrong: a key that is not known or stands twice, a wrong type, an entry in
 * which something is missing or does not go together. To be freed in either case.
 */
int thaw_configuration_parse(const char *bytes, size_t length, const char *name,
                             struct thaw_configuration *ret, struct thaw_error *error);

/* The same from a file of at most 256 KiB; -ENOENT, also when a folder of its path is missing: *ret
 * is what an empty file would be. */
int thaw_configuration_read(const char *path, struct thaw_configuration *ret,
                            struct thaw_error *error);

void thaw_configuration_free(struct thaw_configuration *configuration);

/* The schema, as thaw_report_schema() gives the report's. */
const char *thaw_configuration_schema(size_t *length);

#endif
