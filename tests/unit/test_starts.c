/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "start_feed.h"
#include "thaw/timeline.h"

/*
 * Recordings whose starts are known: fed event by event as the daemon gets them, the same phases,
 * totals and modules must come out as the timeline of the whole recording has.
 */
struct golden {
    const char *name;
    enum thaw_starts_of of;
    size_t starts;
    /* What is different, and meant to be. */
    uint32_t without_host; /* pid of a worker to whose start its host's does not belong any more */
    bool without_machine;  /* the machine's boot is no part of a start */
    bool cut;              /* the recording's end was later than its last event */
    bool without_folder;   /* where the app lies is told by the command's folder: no import phase */
};

#define PLATFORMS THAW_STARTS_OF_PLATFORMS
#define ALL THAW_STARTS_OF_ALL

static const struct golden goldens[] = {
    {.name = "v2-init-indexing", .starts = 1},
    {.name = "v2-metadata-indexing", .starts = 1},
    {.name = "v1-load", .starts = 1},
    {.name = "bad-annotation", .starts = 1},
    {.name = "concurrency", .starts = 2},
    {.name = "durable", .starts = 2, .without_host = 12},
    {.name = "two-workers", .starts = 2, .without_host = 12},
    {.name = "worker-killed", .starts = 2},
    {.name = "placeholder", .starts = 1},
    {.name = "dotnet-host", .starts = 1},
    {.name = "two-execs", .starts = 1},
    {.name = "lost-events", .starts = 1},
    {.name = "suggestions", .starts = 1},
    {.name = "host-never-exits", .starts = 1, .cut = true},
    {.name = "attach-mid-stream", .starts = 2},
    {.name = "lambda-cold-start", .starts = 1, .without_folder = true},
    {.name = "lambda-init-error", .starts = 1},
    {.name = "lambda-init-limit", .starts = 2},
    {.name = "lambda-init-near-limit", .starts = 1},
    {.name = "lambda-restore", .starts = 1},
    {.name = "server-prefork", .starts = 2},
    {.name = "server-preload", .starts = 1},
    {.name = "vm-counted", .starts = 1, .without_machine = true},
    {.name = "vm-resumed", .starts = 1, .without_machine = true},
    {.name = "vm-uncounted", .starts = 1, .without_machine = true},
    {.name = "deep-frames", .of = ALL, .starts = 1},
    {.name = "effects", .of = ALL, .starts = 1},
    {.name = "extension-modules", .of = ALL, .starts = 1},
    {.name = "failed-and-retried", .of = ALL, .starts = 1},
    {.name = "greenlets", .of = ALL, .starts = 1},
    {.name = "implicit-parents", .of = ALL, .starts = 1},
    {.name = "import-module-tree", .of = ALL, .starts = 1},
    {.name = "lazy-imports", .of = ALL, .starts = 1},
    {.name = "threads", .of = ALL, .starts = 1},
};

static const struct thaw_timeline_process *process_of(const struct thaw_timeline *timeline,
                                                      const struct thaw_track *track)
{
    return &timeline->processes[track->process - 1];
}

/* The track of a start: pids may be used again. */
static const struct thaw_track *track_of(const struct thaw_timeline *timeline,
                                         const struct thaw_start *start, int64_t offset_ns)
{
    for (size_t i = 0; i < timeline->track_count; i++) {
        const struct thaw_track *track = &timeline->tracks[i];

        if (process_of(timeline, track)->pid == start->process &&
            (start->end_unix_ns == (int64_t)track->end_ns + offset_ns || timeline->track_count < 2))
            return track;
    }
    fail_msg("no track of process %u", start->process);
    return NULL;
}

static bool is_left_out(const struct golden *golden, const struct thaw_start *start,
                        const struct thaw_phase *phase)
{
    return !phase->counted || (golden->without_machine && !strcmp(phase->name, "vm")) ||
           (golden->without_host == start->process && !strcmp(phase->name, "host"));
}

/* The phases from the first one that belongs to the start; how much is counted before it. */
static size_t first_phase(const struct golden *golden, const struct thaw_start *start,
                          const struct thaw_track *track, uint64_t *ret_before_ns)
{
    size_t first = 0;

    *ret_before_ns = 0;
    while (first < track->phase_count && is_left_out(golden, start, &track->phases[first])) {
        const struct thaw_phase *phase = &track->phases[first++];

        *ret_before_ns += phase->counted ? phase->end_ns - phase->start_ns + phase->before_ns : 0;
    }
    return first;
}

static void check_phases(const struct golden *golden, const struct thaw_start *start,
                         const struct thaw_track *track)
{
    uint64_t before_ns, counted_ns = start->unattributed_ns;
    size_t first = first_phase(golden, start, track, &before_ns);

    assert_int_equal(start->phase_count, track->phase_count - first);
    for (size_t i = 0; i < start->phase_count; i++) {
        const struct thaw_phase *phase = &track->phases[first + i];

        assert_string_equal(start->phases[i].name, phase->name);
        assert_int_equal(start->phases[i].counted, phase->counted);
        assert_int_equal(start->phases[i].begin_ns,
                         phase->start_ns - track->phases[first].start_ns);
        counted_ns += phase->counted ? start->phases[i].ns : 0;
        if (!golden->cut || i + 1 < start->phase_count)
            assert_int_equal(start->phases[i].ns, phase->end_ns - phase->start_ns);
    }
    assert_int_equal(start->total_ns, counted_ns);
    assert_int_equal(start->unattributed_ns, track->unattributed_ns);
    if (!golden->cut)
        assert_int_equal(start->total_ns, track->total_ns - before_ns);
}

/* Of its process, and of those that it was forked from; from the start's begin to its end. */
static void check_imports(const struct thaw_timeline *timeline, const struct thaw_start *start,
                          const struct thaw_track *track, uint64_t begin_ns)
{
    uint64_t modules = 0, failed = 0, outermost_ns = 0;

    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];
        uint32_t process = track->process;

        while (process && process != module->process)
            process = timeline->processes[process - 1].exec_count
                          ? 0
                          : timeline->processes[process - 1].parent;
        if (!process || module->start_ns < begin_ns || module->start_ns > track->end_ns)
            continue;
        modules++;
        failed += module->status == THAW_MODULE_FAILED || module->status == THAW_MODULE_NOT_FOUND;
        outermost_ns += module->parent ? 0 : module->total_ns;
    }
    assert_int_equal(start->modules, modules);
    assert_int_equal(start->modules_failed, failed);
    assert_int_equal(start->import_count, modules);
    assert_int_equal(start->other_imports_ns, 0);
    if (track->answered || track->end_ns == process_of(timeline, track)->end_ns)
        assert_int_equal(start->imports_ns, outermost_ns);
}

static void check_start(const struct golden *golden, const struct thaw_timeline *timeline,
                        const struct thaw_start *start)
{
    const struct thaw_track *track = track_of(timeline, start, 1000);
    uint64_t unused, begin_ns = track->start_ns;
    size_t first = first_phase(golden, start, track, &unused);

    if (first < track->phase_count)
        begin_ns = track->phases[first].start_ns;
    if (golden->without_folder)
        assert_int_equal(start->total_ns, track->total_ns);
    else
        check_phases(golden, start, track);
    check_imports(timeline, start, track, begin_ns);
    assert_int_equal(start->answered, track->answered);
    assert_int_equal(start->begin_unix_ns, (int64_t)begin_ns + 1000);
    assert_string_equal(start->identity.platform, process_of(timeline, track)->platform);
}

static void starts_are_the_timelines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
        struct thaw_recording *recording = start_feed_golden(goldens[i].name);
        struct thaw_timeline *timeline = NULL;
        struct start_feed feed;

        print_message("%s\n", goldens[i].name);
        assert_int_equal(thaw_timeline_build(recording, &timeline, NULL), 0);
        start_feed_open(&feed, goldens[i].of, &thaw_starts_usual_limits);
        feed.rules.unix_offset_ns = 1000;
        start_feed_recording(&feed, recording, 0, 0);
        start_feed_end(&feed);
        assert_int_equal(feed.told.count, goldens[i].starts);
        for (size_t j = 0; j < feed.told.count; j++)
            check_start(&goldens[i], timeline, feed.told.items[j]);
        start_feed_check_empty(&feed);
        start_feed_close(&feed);
        thaw_timeline_free(timeline);
        thaw_recording_free(recording);
    }
}

static struct start_feed feed_of(const char *name, enum thaw_starts_of of)
{
    struct thaw_recording *recording = start_feed_golden(name);
    struct start_feed feed;

    start_feed_open(&feed, of, &thaw_starts_usual_limits);
    start_feed_recording(&feed, recording, 0, 0);
    start_feed_end(&feed);
    thaw_recording_free(recording);
    return feed;
}

static void whose_start_it_is(void **state)
{
    struct start_feed feed = feed_of("v2-init-indexing", PLATFORMS);
    const struct thaw_start *start = feed.told.items[0];

    (void)state;
    assert_string_equal(start->identity.function, "analyze");
    assert_string_equal(start->identity.platform, "azure_functions");
    assert_string_equal(start->identity.worker, "w-1");
    assert_string_equal(start->identity.python, "3.11.2");
    assert_string_equal(start->identity.program, "/usr/bin/python3.11");
    assert_string_equal(start->identity.app, "");
    assert_true(start->complete);
    assert_false(start->further);
    assert_string_equal(start->ended, "");
    start_feed_close(&feed);
}

static void further_workers_are_further(void **state)
{
    static const char *const names[] = {"two-workers", "concurrency", "server-prefork"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct start_feed feed = feed_of(names[i], PLATFORMS);

        assert_false(feed.told.items[0]->further);
        assert_true(feed.told.items[1]->further);
        start_feed_close(&feed);
    }
}

static void one_that_ends_says_why(void **state)
{
    struct start_feed feed = feed_of("worker-killed", PLATFORMS);

    (void)state;
    assert_string_equal(feed.told.items[0]->ended, "was ended by signal 9 before its first reply");
    assert_string_equal(feed.told.items[1]->ended,
                        "exited with status 1 after 0.1 s, before it was ready");
    assert_true(feed.told.items[0]->complete);
    start_feed_close(&feed);
    feed = feed_of("lambda-init-error", PLATFORMS);
    assert_string_equal(feed.told.items[0]->ended,
                        "gave up its init after 0.2 s: Runtime.ImportModuleError");
    start_feed_close(&feed);
}

static void what_is_missing_is_said(void **state)
{
    struct start_feed feed = feed_of("lambda-init-near-limit", PLATFORMS);

    (void)state;
    assert_false(feed.told.items[0]->complete);
    assert_non_null(strstr(feed.told.items[0]->incomplete, "CPython 3.7 is not known"));
    start_feed_close(&feed);
}

static void other_programs_are_passed_by(void **state)
{
    struct start_feed feed = feed_of("plain-script", PLATFORMS);
    struct thaw_starts_state counts;

    (void)state;
    thaw_starts_state(feed.starts, &counts);
    assert_int_equal(feed.told.count, 0);
    assert_int_equal(counts.passed_by, 2);
    start_feed_close(&feed);
    feed = feed_of("plain-script", ALL); /* one that starts another one */
    assert_int_equal(feed.told.count, 2);
    start_feed_close(&feed);
}

/* Hosts, too: requests are counted where they arrive. */
static void who_has_started_is_told_once(void **state)
{
    struct start_feed feed = feed_of("two-workers", PLATFORMS);
    size_t counts[13] = {0};

    (void)state;
    assert_int_equal(feed.started.count, 3);
    for (size_t i = 0; i < feed.started.count; i++)
        assert_int_equal(++counts[feed.started.items[i]], 1);
    assert_int_equal(counts[10] + counts[11] + counts[12], 3);
    assert_int_equal(feed.forgotten.count, 0);
    start_feed_close(&feed);
}

/* The longest, in order of their begin; what is not in the list is added up. */
static void imports_are_the_longest(void **state)
{
    struct thaw_recording *recording = start_feed_golden("v2-init-indexing");
    const struct thaw_start *start;
    struct start_feed feed;
    uint64_t least_ns = UINT64_MAX;

    (void)state;
    start_feed_open(&feed, PLATFORMS, &thaw_starts_usual_limits);
    feed.rules.imports = 4;
    start_feed_recording(&feed, recording, 0, 0);
    start = feed.told.items[0];
    assert_int_equal(start->import_count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct thaw_start_import *import = &start->imports[i];

        assert_true(!i || import->begin_ns >= start->imports[i - 1].begin_ns);
        assert_true(import->parent <= i);
        assert_true(import->self_ns <= import->total_ns);
        least_ns = import->total_ns < least_ns ? import->total_ns : least_ns;
    }
    feed.rules.import_least_ns = least_ns + 1;
    feed.rules.imports = 100;
    start_feed_recording(&feed, recording, 100000000000, 0);
    assert_int_equal(feed.told.count, 2);
    assert_int_equal(feed.told.items[1]->import_count, 3);
    assert_int_equal(feed.told.items[1]->imports_ns, start->imports_ns);
    start_feed_close(&feed);
    thaw_recording_free(recording);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_are_the_timelines),
        cmocka_unit_test(whose_start_it_is),
        cmocka_unit_test(further_workers_are_further),
        cmocka_unit_test(one_that_ends_says_why),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(other_programs_are_passed_by),
        cmocka_unit_test(who_has_started_is_told_once),
        cmocka_unit_test(imports_are_the_longest),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
