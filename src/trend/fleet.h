/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TREND_FLEET_H
#define THAW_TREND_FLEET_H

#include <stdio.h>

#include <jansson.h>

#include "store/starts.h"
#include "thaw/error.h"
#include "thaw/report.h"
#include "trend/arrivals_file.h"

#define THAW_FLEET_SCHEMA "thaw-audit/1"

/*
 * The answers of `thaw audit --top`: of what a store has of starts and requests, as JSON by
 * reports/schema/thaw-audit-1.schema.json, which every other output renders. What they are based on
 * stands with each; what was not measured is null, and said to be so.
 *
 * A start is timed when it was answered, nothing of it is missing, and it is the first of its host
 * (which a further worker's time can't be put beside).
 */
struct thaw_fleet_rules {
    const char *file;       /* the store's path */
    const char *app;        /* what was asked for, as thaw_starts_read() was: NULL all */
    int64_t since_unix_ns;  /* 0 from the first */
    int64_t until_unix_ns;  /* 0 to the last */
    int64_t deploy_unix_ns; /* what is compared with what was before; 0: the last change of each
                               app's files */
    uint64_t idle_ns;       /* after which an instance is taken to be given up (keep-warm), 0:
                               THAW_FLEET_IDLE_NS */
    size_t most;            /* modules of a list, 0: 20 */
    /* Requests of the apps that it names, instead of the store's; NULL: none. Those that thaw
     * watched are taken; cold are as many as the app had answered starts while the file covers it
     * (from its first request to its last). */
    const struct thaw_arrivals_file *arrivals;
};

#define THAW_FLEET_IDLE_NS 600000000000ull

/* Starts on each side of a deploy, without which nothing is tested; the nearest so many are. */
#define THAW_FLEET_LEAST 8
#define THAW_FLEET_COMPARED_MAX 500

/* Corrected probability below which a difference is said to be one. */
#define THAW_FLEET_LEVEL 0.01

/* The caller owns *ret. Days are of the local time zone. Fails only for lack of memory. */
int thaw_fleet_build(const struct thaw_stored_starts *stored, const struct thaw_fleet_rules *rules,
                     json_t **ret, struct thaw_error *error);

/* The output formats, ended by a row whose name is NULL; the schema. */
const struct thaw_report_format *thaw_fleet_formats(void);
const char *thaw_fleet_schema(size_t *length);

/* Writers (fleet_summary.c …), as those of report/writers.h. */
int thaw_write_fleet_summary(const json_t *fleet, const struct thaw_report_options *options,
                             FILE *stream, struct thaw_error *error);
int thaw_write_fleet_csv(const json_t *fleet, const struct thaw_report_options *options,
                         FILE *stream, struct thaw_error *error);
int thaw_write_fleet_html(const json_t *fleet, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error);
int thaw_write_fleet_markdown(const json_t *fleet, const struct thaw_report_options *options,
                              FILE *stream, struct thaw_error *error);

#endif
