/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "start_feed.h"

/* Many starts at once and one after another, floods, time, and what goes wrong on a machine. */

#define SECOND 1000000000ull
#define PLATFORMS THAW_STARTS_OF_PLATFORMS
#define ALL THAW_STARTS_OF_ALL

static void take(struct start_feed *feed, struct thaw_event event)
{
    event.tid = event.pid;
    assert_int_equal(thaw_starts_take(feed->starts, &event, NULL), 0);
}

static void tick(struct start_feed *feed, uint64_t now_ns)
{
    assert_int_equal(thaw_starts_tick(feed->starts, now_ns, NULL), 0);
}

static struct thaw_starts_state counts_of(const struct start_feed *feed)
{
    struct thaw_starts_state counts;

    thaw_starts_state(feed->starts, &counts);
    return counts;
}

static void open_feed(struct start_feed *feed, enum thaw_starts_of of)
{
    start_feed_open(feed, of, &thaw_starts_usual_limits);
}

static void begin(struct start_feed *feed, uint32_t pid, uint32_t parent, uint64_t time_ns)
{
    take(feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_FORK,
                                   .time_ns = time_ns,
                                   .pid = pid,
                                   .process_fork = {.parent = parent}});
    take(feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_EXEC,
                                   .time_ns = time_ns + 1000,
                                   .pid = pid,
                                   .process_exec = {.executable = "/usr/bin/python3.11"}});
}

static void interpret(struct start_feed *feed, uint32_t pid, uint64_t time_ns)
{
    take(feed, (struct thaw_event){.kind = THAW_EVENT_INTERPRETER,
                                   .time_ns = time_ns + 2000,
                                   .pid = pid,
                                   .interpreter = {.executable = "/usr/bin/python3.11",
                                                   .library = "",
                                                   .version = "3.11.2",
                                                   .coverage = "from start",
                                                   .reason = ""}});
}

static void execute(struct start_feed *feed, uint32_t pid, uint32_t parent, uint64_t time_ns)
{
    begin(feed, pid, parent, time_ns);
    interpret(feed, pid, time_ns);
}

static void import(struct start_feed *feed, uint32_t pid, const char *name, uint64_t time_ns,
                   uint64_t ns)
{
    take(feed, (struct thaw_event){.kind = THAW_EVENT_IMPORT_BEGIN,
                                   .time_ns = time_ns,
                                   .pid = pid,
                                   .import_begin = {.name = name, .stack = 5000}});
    take(feed, (struct thaw_event){.kind = THAW_EVENT_IMPORT_END,
                                   .time_ns = time_ns + ns,
                                   .pid = pid,
                                   .import_end = {.stack = 5000}});
}

static void finish(struct start_feed *feed, uint32_t pid, uint64_t time_ns)
{
    take(feed,
         (struct thaw_event){.kind = THAW_EVENT_PROCESS_EXIT, .time_ns = time_ns, .pid = pid});
}

static void listen_on(struct start_feed *feed, uint32_t pid, uint64_t time_ns)
{
    take(feed, (struct thaw_event){.kind = THAW_EVENT_LISTEN,
                                   .time_ns = time_ns,
                                   .pid = pid,
                                   .listen = {.port = 80, .family = 2}});
}

/* Asked and answered, from outside or by the process with pid peer. */
static void answer(struct start_feed *feed, uint32_t pid, uint64_t connection, uint64_t time_ns,
                   uint32_t peer)
{
    struct thaw_event event = {.kind = THAW_EVENT_ACCEPT,
                               .time_ns = time_ns,
                               .pid = pid,
                               .accept = {.connection = connection, .port = 80, .family = 2}};

    take(feed, event);
    event = (struct thaw_event){.kind = THAW_EVENT_FIRST_BYTES,
                                .time_ns = time_ns + 1000,
                                .pid = pid,
                                .first_bytes = {.connection = connection,
                                                .acceptor = pid,
                                                .port = 80,
                                                .peer = peer,
                                                .trace_parent = ""}};
    event.first_bytes.trace_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    take(feed, event);
    event.time_ns += 1000;
    event.first_bytes.outgoing = 1;
    event.first_bytes.trace_parent = "";
    take(feed, event);
}

/* --- many --- */

static void interleave(struct start_feed *feed, const struct thaw_recording *recording,
                       size_t trees)
{
    for (size_t i = 0; i < recording->count; i++)
        for (uint32_t tree = 0; tree < trees; tree++) {
            struct thaw_recording one = {.events = recording->events + i, .count = 1};

            start_feed_recording(feed, &one, tree, 10000 * (tree + 1));
        }
}

static void twenty_at_once_are_kept_apart(void **state)
{
    struct thaw_recording *recording = start_feed_golden("v2-init-indexing");
    struct start_feed feed;
    struct start_feed one;

    (void)state;
    open_feed(&feed, PLATFORMS);
    open_feed(&one, PLATFORMS);
    start_feed_recording(&one, recording, 0, 0);
    interleave(&feed, recording, 20);
    assert_int_equal(feed.told.count, 20);
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(feed.told.items[i]->total_ns, one.told.items[0]->total_ns);
        assert_int_equal(feed.told.items[i]->modules, one.told.items[0]->modules);
        assert_int_equal(feed.told.items[i]->imports_ns, one.told.items[0]->imports_ns);
        assert_true(feed.told.items[i]->complete);
    }
    start_feed_check_empty(&feed);
    start_feed_close(&feed);
    start_feed_close(&one);
    thaw_recording_free(recording);
}

/* The same pids over and over, as after an exit. */
static void ten_thousand_in_a_row_take_no_memory(void **state)
{
    struct start_feed feed;

    (void)state;
    open_feed(&feed, ALL);
    feed.keep = false;
    for (uint64_t i = 0; i < 10000; i++) {
        uint32_t pid = 100 + (uint32_t)i % 50;
        uint64_t time_ns = (i + 1) * SECOND;

        execute(&feed, pid, 7, time_ns);
        import(&feed, pid, "json", time_ns + 10000, 500);
        finish(&feed, pid, time_ns + 20000);
        start_feed_check_empty(&feed);
    }
    assert_int_equal(feed.trees, 10000);
    assert_int_equal(counts_of(&feed).seen, 10000);
    assert_int_equal(counts_of(&feed).given_up, 0);
    start_feed_close(&feed);
}

/* Forks whose end nobody tells. */
static void processes_are_bounded(void **state)
{
    struct thaw_starts_limits limits = thaw_starts_usual_limits;
    struct start_feed feed;

    (void)state;
    limits.processes = 100;
    start_feed_open(&feed, ALL, &limits);
    for (uint32_t pid = 1000; pid < 3000; pid++)
        take(&feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_FORK,
                                        .time_ns = pid * SECOND,
                                        .pid = pid,
                                        .process_fork = {.parent = 7}});
    execute(&feed, 5000, 2999, 3000 * SECOND);
    finish(&feed, 5000, 3001 * SECOND);
    assert_int_equal(feed.told.count, 1);
    start_feed_close(&feed);
}

static void a_pid_that_is_used_again_is_another_process(void **state)
{
    struct start_feed feed;

    (void)state;
    open_feed(&feed, ALL);
    execute(&feed, 20, 7, SECOND); /* whose exit was lost */
    import(&feed, 20, "json", SECOND + 10000, 500);
    execute(&feed, 20, 7, 5 * SECOND);
    finish(&feed, 20, 6 * SECOND);
    assert_int_equal(feed.told.count, 2);
    assert_int_equal(feed.told.items[0]->modules, 1);
    assert_int_equal(feed.told.items[1]->modules, 0);
    assert_int_equal(feed.told.items[1]->begin_unix_ns, 5 * SECOND);
    start_feed_close(&feed);
}

/* --- bounds --- */

static void events_beyond_the_most_are_left_out(void **state)
{
    struct thaw_starts_limits limits = thaw_starts_usual_limits;
    struct start_feed feed;

    (void)state;
    limits.events = 20;
    start_feed_open(&feed, ALL, &limits);
    execute(&feed, 20, 7, SECOND);
    for (uint64_t i = 0; i < 30; i++)
        import(&feed, 20, "json", SECOND + 10000 + i * 1000, 500);
    finish(&feed, 20, 2 * SECOND);
    assert_int_equal(feed.told.count, 1);
    assert_false(feed.told.items[0]->complete);
    assert_non_null(strstr(feed.told.items[0]->incomplete, "left out"));
    assert_in_range(feed.told.items[0]->modules, 8, 10);
    assert_int_equal(counts_of(&feed).left_out, 60 - 17);
    start_feed_close(&feed);
}

/* A host whose workers never get anywhere. */
static void a_flood_of_other_events_is_given_up(void **state)
{
    struct thaw_starts_limits limits = thaw_starts_usual_limits;
    struct start_feed feed;

    (void)state;
    limits.events = 20;
    start_feed_open(&feed, PLATFORMS, &limits);
    execute(&feed, 20, 7, SECOND);
    listen_on(&feed, 20, SECOND + 5000);
    for (uint64_t i = 0; i < 100; i++)
        listen_on(&feed, 20, SECOND + 10000 + i);
    assert_int_equal(feed.told.count, 1);
    assert_string_equal(feed.told.items[0]->incomplete, "more happened than is kept of one start");
    assert_int_equal(counts_of(&feed).given_up, 1);
    start_feed_check_empty(&feed);
    start_feed_close(&feed);
}

static void the_oldest_is_given_up_for_room(void **state)
{
    struct thaw_starts_limits limits = thaw_starts_usual_limits;
    struct start_feed feed;

    (void)state;
    limits.bytes = 16384;
    start_feed_open(&feed, ALL, &limits);
    for (uint32_t pid = 20; pid < 120; pid++) {
        execute(&feed, pid, 7, pid * SECOND);
        import(&feed, pid, "a.module.of.some.length", pid * SECOND + 10000, 500);
        assert_true(counts_of(&feed).bytes <= limits.bytes);
    }
    assert_in_range(feed.told.count, 50, 99);
    for (size_t i = 0; i < feed.told.count; i++) {
        assert_int_equal(feed.told.items[i]->process, 20 + i);
        assert_false(feed.told.items[i]->complete);
        assert_non_null(strstr(feed.told.items[i]->incomplete, "no room"));
    }
    assert_int_equal(counts_of(&feed).given_up, feed.told.count);
    start_feed_close(&feed);
}

/* --- time --- */

static void a_server_that_nobody_asks_is_told(void **state)
{
    struct start_feed feed;

    (void)state;
    open_feed(&feed, PLATFORMS);
    execute(&feed, 20, 7, SECOND);
    listen_on(&feed, 20, 2 * SECOND);
    tick(&feed, 100 * SECOND);
    assert_int_equal(feed.told.count, 0);
    tick(&feed, 400 * SECOND);
    assert_int_equal(feed.told.count, 1);
    assert_false(feed.told.items[0]->answered);
    assert_string_equal(feed.told.items[0]->ended, "no first reply was seen within 300 s");
    assert_int_equal(feed.started.count, 1);
    start_feed_close(&feed);
}

static void what_serves_nobody_is_forgotten(void **state)
{
    struct start_feed feed;

    (void)state;
    open_feed(&feed, PLATFORMS);
    execute(&feed, 20, 7, SECOND);
    tick(&feed, 400 * SECOND);
    assert_int_equal(feed.told.count, 0);
    assert_int_equal(feed.forgotten.count, 1);
    assert_int_equal(counts_of(&feed).passed_by, 1);
    start_feed_check_empty(&feed);
    start_feed_close(&feed);
}

/* It waits for its first invocation, and then has the phases that it always had. */
static void a_ready_worker_has_time(void **state)
{
    struct thaw_recording *recording = start_feed_golden("v2-metadata-indexing");
    struct start_feed feed;
    size_t waits = 0;

    (void)state;
    open_feed(&feed, PLATFORMS);
    while (recording->events[waits].kind != THAW_EVENT_MESSAGE ||
           strcmp(recording->events[waits].message.type, "InvocationRequest"))
        waits++;
    start_feed_recording(&feed, &(struct thaw_recording){recording->events, .count = waits}, 0, 0);
    for (uint64_t hour = 1; hour < 24; hour++)
        tick(&feed, hour * 3600 * SECOND);
    assert_int_equal(feed.told.count, 0);
    assert_int_equal(counts_of(&feed).open, 1);
    start_feed_recording(&feed,
                         &(struct thaw_recording){recording->events + waits,
                                                  .count = recording->count - waits},
                         24 * 3600 * SECOND, 0);
    assert_int_equal(feed.told.count, 1);
    assert_int_equal(feed.told.items[0]->modules, 5);
    assert_true(feed.told.items[0]->answered);
    assert_true(feed.told.items[0]->complete);
    start_feed_close(&feed);
    thaw_recording_free(recording);
}

static void message(struct start_feed *feed, uint32_t pid, const char *type, bool outgoing,
                    uint64_t time_ns)
{
    take(feed, (struct thaw_event){.kind = THAW_EVENT_MESSAGE,
                                   .time_ns = time_ns,
                                   .pid = pid,
                                   .message = {.type = type,
                                               .outgoing = outgoing,
                                               .last_ns = time_ns,
                                               .connection = pid,
                                               .worker_id = "w",
                                               .request_id = "",
                                               .function_id = "f",
                                               .invocation_id = "i",
                                               .directory = "",
                                               .status = "success",
                                               .failure = "",
                                               .trace_parent = ""}});
}

static void start_worker(struct start_feed *feed, uint32_t pid, uint64_t time_ns)
{
    struct thaw_event role = {.kind = THAW_EVENT_PROCESS_ROLE,
                              .time_ns = time_ns + 1000,
                              .pid = pid,
                              .process_role = {.role = "worker",
                                               .platform = "azure_functions",
                                               .worker_id = "w",
                                               .directory = "",
                                               .application = ""}};

    begin(feed, pid, 10, time_ns);
    take(feed, role);
    interpret(feed, pid, time_ns);
    message(feed, pid, "StartStream", true, time_ns + 10000);
    import(feed, pid, "a.module", time_ns + 20000, 500);
    message(feed, pid, "FunctionLoadRequest", false, time_ns + 30000);
    message(feed, pid, "FunctionLoadResponse", true, time_ns + 40000);
}

static void invoke(struct start_feed *feed, uint32_t pid, uint64_t time_ns)
{
    message(feed, pid, "InvocationRequest", false, time_ns);
    message(feed, pid, "InvocationResponse", true, time_ns + 1000);
}

/* Of two workers one is asked at once, the other one an hour later. */
static void each_worker_is_told_when_it_has_answered(void **state)
{
    struct start_feed feed;

    (void)state;
    open_feed(&feed, PLATFORMS);
    execute(&feed, 10, 7, SECOND);
    start_worker(&feed, 11, 2 * SECOND);
    start_worker(&feed, 12, 3 * SECOND);
    invoke(&feed, 11, 4 * SECOND);
    assert_int_equal(feed.told.count, 0);
    tick(&feed, 7 * SECOND);
    assert_int_equal(feed.told.count, 1);
    assert_int_equal(feed.told.items[0]->process, 11);
    assert_int_equal(counts_of(&feed).open, 1);
    tick(&feed, 3000 * SECOND);
    invoke(&feed, 11, 3001 * SECOND);
    invoke(&feed, 12, 3600 * SECOND);
    tick(&feed, 3610 * SECOND);
    assert_int_equal(feed.told.count, 2);
    assert_int_equal(feed.told.items[1]->process, 12);
    assert_true(feed.told.items[1]->answered);
    assert_true(feed.told.items[1]->further);
    assert_true(feed.told.items[1]->complete);
    assert_int_equal(feed.told.items[1]->modules, 1);
    assert_int_equal(feed.started.count, 3);
    start_feed_check_empty(&feed);
    start_feed_close(&feed);
}

/* Nobody needs a placeholder's own imports, which it may hold for hours. */
static void a_placeholder_that_waits_is_small(void **state)
{
    struct start_feed feed;

    (void)state;
    open_feed(&feed, PLATFORMS);
    execute(&feed, 20, 7, SECOND);
    for (uint64_t i = 0; i < 2000; i++)
        import(&feed, 20, "a.module", SECOND + 10000 + i * 1000, 500);
    message(&feed, 20, "StartStream", true, 3 * SECOND);
    assert_true(counts_of(&feed).bytes > 60000);
    tick(&feed, 400 * SECOND);
    assert_in_range(counts_of(&feed).bytes, 1, 2000);
    assert_int_equal(counts_of(&feed).left_out, 0);
    start_feed_close(&feed);
}

/* --- servers --- */

static void a_reply_to_one_of_its_own_is_none(void **state)
{
    struct start_feed feed;

    (void)state;
    open_feed(&feed, PLATFORMS);
    execute(&feed, 20, 7, SECOND);
    listen_on(&feed, 20, 2 * SECOND);
    take(&feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_FORK,
                                    .time_ns = 2 * SECOND + 1,
                                    .pid = 21,
                                    .process_fork = {.parent = 20}});
    answer(&feed, 20, 1, 3 * SECOND, 21);
    assert_int_equal(feed.started.count, 0);
    finish(&feed, 21, 4 * SECOND);
    answer(&feed, 20, 2, 5 * SECOND, 0);
    assert_int_equal(feed.told.count, 1);
    assert_int_equal(feed.told.items[0]->end_unix_ns, 5 * SECOND + 2000);
    assert_string_equal(feed.told.items[0]->trace, "0af7651916cd43dd8448eb211c80319c");
    assert_string_equal(feed.told.items[0]->span, "b7ad6b7169203331");
    start_feed_close(&feed);
}

/* An hour in which nobody asks is none of its start. */
static void a_servers_wait_is_not_counted(void **state)
{
    struct start_feed feed;
    const struct thaw_start *start;

    (void)state;
    open_feed(&feed, PLATFORMS);
    execute(&feed, 20, 7, SECOND);
    listen_on(&feed, 20, 2 * SECOND);
    import(&feed, 20, "late", 2 * SECOND + 1000, SECOND);
    answer(&feed, 20, 1, 200 * SECOND, 0);
    assert_int_equal(feed.told.count, 1);
    start = feed.told.items[0];
    assert_int_equal(start->total_ns, 2 * SECOND + 1000 + 2000);
    assert_string_equal(start->phases[start->phase_count - 2].name, "pool");
    assert_false(start->phases[start->phase_count - 2].counted);
    start_feed_close(&feed);
}

/* A day later the server replaces one of its workers: its own start is none of that. */
static void a_worker_that_is_replaced_is_further(void **state)
{
    struct start_feed feed;
    uint64_t later_ns = 86400 * SECOND;

    (void)state;
    open_feed(&feed, PLATFORMS);
    execute(&feed, 20, 7, SECOND);
    listen_on(&feed, 20, 2 * SECOND);
    take(&feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_FORK,
                                    .time_ns = 2 * SECOND + 1,
                                    .pid = 21,
                                    .process_fork = {.parent = 20}});
    answer(&feed, 21, 1, 3 * SECOND, 0);
    assert_int_equal(feed.told.count, 1);
    finish(&feed, 21, later_ns);
    take(&feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_FORK,
                                    .time_ns = later_ns,
                                    .pid = 22,
                                    .process_fork = {.parent = 20}});
    import(&feed, 22, "json", later_ns + 10000, 500);
    answer(&feed, 22, 1, later_ns + SECOND, 0);
    assert_int_equal(feed.told.count, 2);
    assert_int_equal(feed.told.items[1]->process, 22);
    assert_true(feed.told.items[1]->further);
    assert_true(feed.told.items[1]->answered);
    assert_true(feed.told.items[1]->complete);
    assert_string_equal(feed.told.items[1]->identity.python, "3.11.2");
    assert_int_equal(feed.told.items[1]->begin_unix_ns, later_ns);
    assert_int_equal(feed.told.items[1]->modules, 1);
    start_feed_close(&feed);
}

static void be_present(struct start_feed *feed, uint32_t pid)
{
    take(feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_PRESENT,
                                   .time_ns = 50 * SECOND,
                                   .pid = pid,
                                   .process_present = {.parent = 1,
                                                       .start_ns = 10 * SECOND,
                                                       .executable = "/usr/bin/python3.11"}});
    interpret(feed, pid, 50 * SECOND);
}

/* What runs already has started, and so have the processes that it forks. */
static void what_was_there_is_no_start(void **state)
{
    struct start_feed feed;

    (void)state;
    open_feed(&feed, ALL);
    be_present(&feed, 20);
    listen_on(&feed, 20, 51 * SECOND);
    answer(&feed, 20, 1, 52 * SECOND, 0);
    assert_int_equal(counts_of(&feed).seen, 0);
    take(&feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_FORK,
                                    .time_ns = 53 * SECOND,
                                    .pid = 22,
                                    .process_fork = {.parent = 20}});
    import(&feed, 22, "json", 53 * SECOND + 10000, 500);
    finish(&feed, 22, 54 * SECOND);
    assert_int_equal(feed.told.count, 0);
    assert_int_equal(counts_of(&feed).passed_by, 1);
    start_feed_check_empty(&feed);
    start_feed_close(&feed);
}

/* Nobody tells of the end of what is no Python. */
static void other_programs_hold_nothing_up(void **state)
{
    struct start_feed feed;

    (void)state;
    open_feed(&feed, ALL);
    execute(&feed, 20, 7, SECOND);
    begin(&feed, 21, 20, 2 * SECOND);
    finish(&feed, 20, 3 * SECOND);
    assert_int_equal(feed.told.count, 1);
    start_feed_check_empty(&feed);
    for (uint32_t pid = 30; pid < 40; pid++) { /* of a server that runs for long */
        execute(&feed, 22, 7, 4 * SECOND);
        listen_on(&feed, 22, 4 * SECOND + 5000);
        begin(&feed, pid, 22, 5 * SECOND);
    }
    tick(&feed, 20 * SECOND);
    finish(&feed, 22, 21 * SECOND);
    start_feed_check_empty(&feed);
    start_feed_close(&feed);
}

/* But not the programs that it executes, over and over. */
static void what_was_there_starts_others(void **state)
{
    struct start_feed feed;

    (void)state;
    open_feed(&feed, ALL);
    be_present(&feed, 20);
    for (uint64_t i = 0; i < 5; i++) {
        execute(&feed, 21, 20, (60 + i) * SECOND);
        import(&feed, 21, "json", (60 + i) * SECOND + 10000, 500);
        finish(&feed, 21, (60 + i) * SECOND + 20000);
    }
    assert_int_equal(feed.told.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(feed.told.items[i]->process, 21);
        assert_int_equal(feed.told.items[i]->modules, 1);
        assert_true(feed.told.items[i]->complete);
    }
    start_feed_check_empty(&feed);
    start_feed_close(&feed);
}

/* --- losses --- */

static void losses_are_whose_they_are(void **state)
{
    struct start_feed feed;
    struct thaw_event loss = {.kind = THAW_EVENT_LOSS,
                              .time_ns = 2 * SECOND,
                              .pid = 20,
                              .loss = {.cause = "a", .count = 1, .what = "one of 20"}};

    (void)state;
    open_feed(&feed, ALL);
    execute(&feed, 20, 7, SECOND);
    execute(&feed, 21, 7, SECOND);
    take(&feed, loss);
    finish(&feed, 20, 3 * SECOND);
    finish(&feed, 21, 3 * SECOND);
    execute(&feed, 22, 7, 4 * SECOND);
    loss.pid = 0;
    loss.time_ns = 5 * SECOND;
    loss.loss.what = "somebody's";
    take(&feed, loss);
    finish(&feed, 22, 6 * SECOND);
    execute(&feed, 23, 7, 7 * SECOND);
    finish(&feed, 23, 8 * SECOND);
    assert_int_equal(feed.told.count, 4);
    assert_string_equal(feed.told.items[0]->incomplete, "one of 20");
    assert_true(feed.told.items[1]->complete);
    assert_string_equal(feed.told.items[2]->incomplete, "somebody's");
    assert_true(feed.told.items[3]->complete);
    start_feed_close(&feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twenty_at_once_are_kept_apart),
        cmocka_unit_test(ten_thousand_in_a_row_take_no_memory),
        cmocka_unit_test(processes_are_bounded),
        cmocka_unit_test(a_pid_that_is_used_again_is_another_process),
        cmocka_unit_test(events_beyond_the_most_are_left_out),
        cmocka_unit_test(a_flood_of_other_events_is_given_up),
        cmocka_unit_test(the_oldest_is_given_up_for_room),
        cmocka_unit_test(a_server_that_nobody_asks_is_told),
        cmocka_unit_test(what_serves_nobody_is_forgotten),
        cmocka_unit_test(a_ready_worker_has_time),
        cmocka_unit_test(each_worker_is_told_when_it_has_answered),
        cmocka_unit_test(a_placeholder_that_waits_is_small),
        cmocka_unit_test(a_reply_to_one_of_its_own_is_none),
        cmocka_unit_test(a_servers_wait_is_not_counted),
        cmocka_unit_test(a_worker_that_is_replaced_is_further),
        cmocka_unit_test(what_was_there_is_no_start),
        cmocka_unit_test(what_was_there_starts_others),
        cmocka_unit_test(other_programs_hold_nothing_up),
        cmocka_unit_test(losses_are_whose_they_are),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
