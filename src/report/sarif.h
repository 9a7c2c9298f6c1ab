/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_SARIF_H
#define THAW_REPORT_SARIF_H

#include "report/issues.h"
#include "report/values.h"

/* What GitHub's code scanning accepts of a file; more makes it refuse all of it. */
enum {
    THAW_SARIF_RESULTS = 25000,
    THAW_SARIF_LOCATIONS = 1000, /* of one result */
};

/* A SARIF log being made. */
struct thaw_sarif {
    struct thaw_values values;
    struct thaw_summary summary;
    struct thaw_issues issues;
    json_t *rules; /* id -> its number in the list of rules */
    size_t cut_results;
    size_t cut_locations;
};

/* New values. sarif_rules.c: all kinds of issues, and what `thaw explain` says of them. */
json_t *thaw_sarif_rules(struct thaw_sarif *sarif);

/* sarif_results.c: an issue each; after the rules. */
json_t *thaw_sarif_results(struct thaw_sarif *sarif);

/* {"text": text}, of plain characters; a link can't be made of it. */
json_t *thaw_sarif_message(struct thaw_sarif *sarif, const char *text);

#endif
