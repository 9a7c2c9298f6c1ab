/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TREND_FLEET_PARTS_H
#define THAW_TREND_FLEET_PARTS_H

#include "base/statistics.h"
#include "base/table.h"
#include "base/text.h"
#include "report/values.h"
#include "trend/arrivals_file.h"
#include "trend/fleet.h"

/* What the files that make the answers share. Lack of memory is kept in values.failed. */

/* Values of one sort, in their order. */
typedef THAW_ARRAY(double) thaw_fleet_numbers;

struct thaw_fleet_app {
    UT_hash_handle hh;
    const char *name;
    THAW_ARRAY(const struct thaw_start *) starts; /* by end */
    thaw_arrivals_rows arrivals;                  /* by time, a row for each 10 s */
    const struct thaw_arrivals_file_app *file;    /* of which these are; NULL: of the store */
    thaw_arrivals_rows looked;                    /* of the store, where arrivals are not */
    THAW_ARRAY(struct thaw_watched) spans;        /* of the fleet's, those that the file covers */
    uint64_t left_out;                            /* requests of the file, outside of these */
    uint64_t waited_us;                           /* totals of all its starts, for their order */
    size_t deploy;                                /* index + 1 of thaw_fleet's, 0 none */
};

/* Before and after of one figure: the total, or a phase's. */
struct thaw_fleet_comparison {
    const char *phase; /* NULL: the total */
    size_t before_count, after_count;
    double before, after; /* medians */
    bool tested;          /* THAW_FLEET_LEAST on both sides */
    double probability, adjusted;
    struct thaw_interval ratio; /* coverage 0: none */
};

/* What of an app is compared. */
struct thaw_fleet_deploy {
    const struct thaw_fleet_app *app;
    const char *before, *after;         /* deployments; NULL: by date */
    int64_t unix_ns;                    /* the first start after it began */
    size_t before_starts, after_starts; /* timed ones, all */
    size_t first, count;                /* comparisons of thaw_fleet */
};

struct thaw_fleet {
    const struct thaw_stored_starts *stored;
    const struct thaw_fleet_rules *rules;
    struct thaw_values values;
    struct thaw_arena arena;
    struct thaw_fleet_app *by_name;
    THAW_ARRAY(struct thaw_watched) spans;    /* of stored, within what was asked for and is kept */
    THAW_ARRAY(struct thaw_fleet_app *) apps; /* that cost the most waiting first */
    THAW_ARRAY(struct thaw_fleet_comparison) comparisons;
    THAW_ARRAY(struct thaw_fleet_deploy) deploys;
    int64_t requests_from_ns; /* earlier ones are no longer kept; 0: all are */
    size_t tests;             /* comparisons that were tested */
};

static inline bool thaw_fleet_is_timed(const struct thaw_start *start)
{
    return start->answered && start->complete && !start->further;
}

/* --- fleet_numbers.c --- */

void thaw_fleet_add_number(struct thaw_fleet *fleet, thaw_fleet_numbers *numbers, double number);

/* Sorts them: {count, p50_ns, p95_ns, p99_ns, max_ns}. A percentile that so few values do not have
 * (of 20 and of 100 at least) is null. */
json_t *thaw_fleet_quantiles(struct thaw_fleet *fleet, thaw_fleet_numbers *numbers);

/* A share or ratio, to six digits behind the point; a time: "key_ns" and, as UTC, "key". */
void thaw_fleet_set_share(struct thaw_fleet *fleet, json_t *object, const char *key, double share);
void thaw_fleet_set_time(struct thaw_fleet *fleet, json_t *object, const char *key, int64_t ns);
void thaw_fleet_set_ns(struct thaw_fleet *fleet, json_t *object, const char *key, double ns);

/* {share, low, high}: part of whole with the interval of Wilson (1927) for 95 %; null of 0. */
json_t *thaw_fleet_proportion(struct thaw_fleet *fleet, uint64_t part, uint64_t whole);

/* --- fleet_phases.c, fleet_functions.c, fleet_days.c, fleet_requests.c --- */

json_t *thaw_fleet_phases(struct thaw_fleet *fleet, const struct thaw_fleet_app *app);
json_t *thaw_fleet_functions(struct thaw_fleet *fleet, const struct thaw_fleet_app *app);
json_t *thaw_fleet_requests(struct thaw_fleet *fleet, const struct thaw_fleet_app *app);
json_t *thaw_fleet_limit(struct thaw_fleet *fleet, const struct thaw_fleet_app *app);

/* Of one app; NULL of all, also those on which thaw watched and none came. */
json_t *thaw_fleet_days(struct thaw_fleet *fleet, const struct thaw_fleet_app *app);

/* The local date as year × 10000 + month × 100 + day. */
int thaw_fleet_day(int64_t unix_ns);
void thaw_fleet_set_day(struct thaw_fleet *fleet, json_t *object, const char *key, int day);

/* --- fleet_supplied.c --- */

/* Takes the requests of apps from the file of rules, where it names them. */
void thaw_fleet_supply(struct thaw_fleet *fleet);

/* What of the file was taken; null: there is none. */
json_t *thaw_fleet_supplied(struct thaw_fleet *fleet);

/* --- fleet_deploys.c --- */

/* Compares, of all apps, and corrects. */
void thaw_fleet_compare(struct thaw_fleet *fleet);
json_t *thaw_fleet_deploy(struct thaw_fleet *fleet, const struct thaw_fleet_app *app);

/* --- fleet_modules.c --- */

json_t *thaw_fleet_modules(struct thaw_fleet *fleet, const struct thaw_fleet_app *app);

/* --- fleet_warm.c --- */

json_t *thaw_fleet_keep_warm(struct thaw_fleet *fleet, const struct thaw_fleet_app *app);

#endif
