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

/*
 * A SARIF log being made of a list of issues: begin, fill `issues`, name the rules, say what the
 * measurement lacks, end.
 */
struct thaw_sarif {
    struct thaw_values values;
    struct thaw_summary summary;
    struct thaw_issues issues;
    json_t *rules;
    json_t *numbers; /* id of a rule -> its number in that list */
    json_t *notifications;
    size_t cut_results;
    size_t cut_locations;
    /* Adds what is to be said of an issue beside its sentences; NULL: nothing. */
    void (*detail)(struct thaw_sarif *sarif, const struct thaw_issue *issue, json_t *related,
                   json_t *properties);
};

void thaw_sarif_begin(struct thaw_sarif *sarif, const json_t *report, FILE *stream);

/* A rule, and what `thaw explain` says of it; kind NULL: not one that this version knows. The
 * second one of an id does nothing (sarif_rules.c). */
void thaw_sarif_rule(struct thaw_sarif *sarif, const char *id,
                     const struct thaw_finding_kind *kind);

/* What is to be known of the measurement; level: "error", "warning", "note". */
void thaw_sarif_notify(struct thaw_sarif *sarif, const char *level, const char *id,
                       const char *text);

/* Writes it all to the stream of begin(), and frees it. successful: what was looked for could be
 * told; started: "" not known. */
int thaw_sarif_end(struct thaw_sarif *sarif, bool successful, const char *started,
                   const struct thaw_report_options *options, struct thaw_error *error);

/* For detail(): a place that the issue is about as well, none where path is "". */
void thaw_sarif_relate(struct thaw_sarif *sarif, json_t *related, const char *path, uint64_t line,
                       const char *words);

/* Results of the issues; after the rules (sarif_results.c). */
json_t *thaw_sarif_results(struct thaw_sarif *sarif);

/* {"text": text}, of plain characters; a link can't be made of it. */
json_t *thaw_sarif_message(struct thaw_sarif *sarif, const char *text);

#endif
