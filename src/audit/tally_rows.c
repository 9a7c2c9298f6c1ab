/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/tally_rows.h"

#define COUNTER THAW_FAMILY_COUNTER
#define GAUGE THAW_FAMILY_GAUGE
#define HISTOGRAM THAW_FAMILY_HISTOGRAM

const struct thaw_family_row thaw_tally_rows[THAW_TALLY_ROWS] = {
    [THAW_TALLY_STARTS] = {"thaw_cold_starts", COUNTER, "",
                           "Cold starts, by whether a first reply was seen"},
    [THAW_TALLY_FURTHER] = {"thaw_cold_starts_further", COUNTER, "",
                            "Of these: of a worker that was not the first one of its host"},
    [THAW_TALLY_INCOMPLETE] = {"thaw_cold_starts_incomplete", COUNTER, "",
                               "Of these: something of it is known to be missing"},
    [THAW_TALLY_DURATION] = {"thaw_cold_start_duration_seconds", HISTOGRAM, "seconds",
                             "Cold starts up to the first reply, without idle waiting; answered "
                             "ones only"},
    [THAW_TALLY_PHASE] = {"thaw_cold_start_phase_duration_seconds", HISTOGRAM, "seconds",
                          "Phases of answered cold starts, and what is in none of them "
                          "(unattributed): together they are the whole"},
    [THAW_TALLY_MODULES] = {"thaw_cold_start_modules", COUNTER, "",
                            "Modules that were imported in cold starts, however that ended"},
    [THAW_TALLY_MODULES_FAILED] = {"thaw_cold_start_modules_failed", COUNTER, "",
                                   "Of these: the import raised, or found nothing"},
    [THAW_TALLY_IMPORTS] = {"thaw_cold_start_imports_duration_seconds", COUNTER, "seconds",
                            "All imports of cold starts, by the time of the outermost ones"},
    [THAW_TALLY_IMPORT] = {"thaw_import_duration_seconds", COUNTER, "seconds",
                           "Imports that cost most, each from begin to end: with what it was the "
                           "first to import, so that these overlap"},
    [THAW_TALLY_IMPORT_STARTS] = {"thaw_import_starts", COUNTER, "",
                                  "Cold starts in which the import was among the longest"},
    [THAW_TALLY_IMPORT_OTHER] = {"thaw_import_other_duration_seconds", COUNTER, "seconds",
                                 "The same time of imports that have no series of their own"},
    [THAW_TALLY_REQUESTS] = {"thaw_requests", COUNTER, "",
                             "Requests: invocations by messages, of servers as counted by the "
                             "kernel"},
    [THAW_TALLY_COLD] = {"thaw_requests_cold", COUNTER, "",
                         "Of these: they waited for a cold start"},
    [THAW_TALLY_BUSY] = {"thaw_request_busy_seconds", COUNTER, "seconds",
                         "Times of requests that were answered, added up"},
    [THAW_TALLY_NOT_MEASURED] = {"thaw_requests_not_measured_seconds", COUNTER, "seconds",
                                 "Time of which not all requests could be counted"},
    [THAW_TALLY_WAITING] = {"thaw_requests_waiting_seconds", COUNTER, "seconds",
                            "Time in which a worker had more requests than it runs at once"},
    [THAW_TALLY_LIMIT_KNOWN] = {"thaw_requests_limit_known_seconds", COUNTER, "seconds",
                                "Time in which a busy worker's limit was known"},
    [THAW_TALLY_IN_FLIGHT_MOST] = {"thaw_requests_in_flight_most", GAUGE, "",
                                   "Requests in flight at once, at most, in the last 10 s told"},
    [THAW_TALLY_PROCESSES] = {"thaw_request_processes", GAUGE, "",
                              "Processes that were there to answer, in the last 10 s told"},
    [THAW_TALLY_DEPLOYMENT] = {"thaw_deployment_timestamp_seconds", GAUGE, "seconds",
                               "When the latest deployment was first seen to start, UNIX time"},
};

const double thaw_tally_phase_bounds[THAW_TALLY_PHASE_BOUNDS] = {
    1.0 / 256, 1.0 / 128, 1.0 / 64, 1.0 / 32, 1.0 / 16, 1.0 / 8, 1.0 / 4, 1.0 / 2,
    1,         2,         4,        8,        16,       32,      64,
};

#define ROOT 1.4142135623730951 /* of 2 */

const double thaw_tally_duration_bounds[THAW_TALLY_DURATION_BOUNDS] = {
    1.0 / 16, ROOT / 16, 1.0 / 8, ROOT / 8,  1.0 / 4,  ROOT / 4,  1.0 / 2,
    ROOT / 2, 1,         ROOT,    2,         2 * ROOT, 4,         4 * ROOT,
    8,        8 * ROOT,  16,      16 * ROOT, 32,       32 * ROOT, 64,
};
