/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TESTS_REPORT_FIXTURE_H
#define THAW_TESTS_REPORT_FIXTURE_H

#include <jansson.h>

#include "thaw/report.h"
#include "thaw/timeline.h"

/*
 * A timeline as the demo's recording gives it: a host, a worker, a function app that imports
 * pandas (which imports numpy) and requests, answered after 755 ms. Tests change what they are
 * about; arrays have room for more. Effects are not observed. Nothing is allocated.
 */
struct report_fixture {
    struct thaw_timeline timeline;
    struct thaw_recording recording;
    struct thaw_event events[16];
    struct thaw_session_begin session;
    struct thaw_machine_event machine;
    struct thaw_cost cost;
    struct thaw_timeline_process processes[4];
    uint64_t execs[4];
    struct thaw_module modules[16];
    struct thaw_timeline_effect effects[32];
    struct thaw_track tracks[4];
    struct thaw_phase phases[8];
    struct thaw_phase children[4];
    struct thaw_invocation invocations[4];
    struct thaw_failure failures[8];
    struct thaw_loss losses[8];
    struct thaw_not_visible not_visible[2];
};

void report_fixture_fill(struct report_fixture *fixture);

/* Adds an event at the end of the recording and returns it, its time set. */
struct thaw_event *report_fixture_event(struct report_fixture *fixture, enum thaw_event_kind kind);

/* The instant so many ms after the fixture's beginning. */
uint64_t report_fixture_ms(uint64_t ms);

/* The name as everything that comes from outside, in a recording that is not complete. */
void report_fixture_put_everywhere(struct report_fixture *fixture, const char **name);

/* The report; fails the test when there is none. The caller owns it. */
json_t *report_fixture_report(const struct report_fixture *fixture);

/* What a format or a view writes for the fixture's report; the caller frees it. */
char *report_fixture_write(const struct report_fixture *fixture, const char *format,
                           const struct thaw_report_options *options);

/* A stream on a full disk: what is written to it fails with ENOSPC once it is flushed. */
FILE *report_fixture_full_disk(void);

/* Names that have broken terminals, pages and parsers; ended by NULL. */
extern const char *const report_fixture_hostile[];

#endif
