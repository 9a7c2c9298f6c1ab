/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "start_moves.h"

void feed_take(struct start_feed *feed, struct thaw_event event)
{
    event.tid = event.pid;
    assert_int_equal(thaw_starts_take(feed->starts, &event, NULL), 0);
}

void feed_tick(struct start_feed *feed, uint64_t now_ns)
{
    assert_int_equal(thaw_starts_tick(feed->starts, now_ns, NULL), 0);
}

struct thaw_starts_state feed_counts(const struct start_feed *feed)
{
    struct thaw_starts_state counts;

    thaw_starts_state(feed->starts, &counts);
    return counts;
}

void feed_open(struct start_feed *feed, enum thaw_starts_of of)
{
    start_feed_open(feed, of, &thaw_starts_usual_limits);
}

void feed_begin(struct start_feed *feed, uint32_t pid, uint32_t parent, uint64_t time_ns)
{
    feed_take(feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_FORK,
                                        .time_ns = time_ns,
                                        .pid = pid,
                                        .process_fork = {.parent = parent}});
    feed_take(feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_EXEC,
                                        .time_ns = time_ns + 1000,
                                        .pid = pid,
                                        .process_exec = {.executable = "/usr/bin/python3.11",
                                                         .folder = ""}});
}

void feed_interpret(struct start_feed *feed, uint32_t pid, uint64_t time_ns)
{
    feed_take(feed, (struct thaw_event){.kind = THAW_EVENT_INTERPRETER,
                                        .time_ns = time_ns + 2000,
                                        .pid = pid,
                                        .interpreter = {.executable = "/usr/bin/python3.11",
                                                        .library = "",
                                                        .version = "3.11.2",
                                                        .coverage = "from start",
                                                        .reason = ""}});
}

void feed_execute(struct start_feed *feed, uint32_t pid, uint32_t parent, uint64_t time_ns)
{
    feed_begin(feed, pid, parent, time_ns);
    feed_interpret(feed, pid, time_ns);
}

void feed_import(struct start_feed *feed, uint32_t pid, const char *name, uint64_t time_ns,
                 uint64_t ns)
{
    feed_take(feed, (struct thaw_event){.kind = THAW_EVENT_IMPORT_BEGIN,
                                        .time_ns = time_ns,
                                        .pid = pid,
                                        .import_begin = {.name = name, .stack = 5000}});
    feed_take(feed, (struct thaw_event){.kind = THAW_EVENT_IMPORT_END,
                                        .time_ns = time_ns + ns,
                                        .pid = pid,
                                        .import_end = {.stack = 5000}});
}

void feed_finish(struct start_feed *feed, uint32_t pid, uint64_t time_ns)
{
    feed_take(feed,
              (struct thaw_event){.kind = THAW_EVENT_PROCESS_EXIT, .time_ns = time_ns, .pid = pid});
}

void feed_listen(struct start_feed *feed, uint32_t pid, uint64_t time_ns)
{
    feed_take(feed, (struct thaw_event){.kind = THAW_EVENT_LISTEN,
                                        .time_ns = time_ns,
                                        .pid = pid,
                                        .listen = {.port = 80, .family = 2}});
}

void feed_answer(struct start_feed *feed, uint32_t pid, uint64_t connection, uint64_t time_ns,
                 uint32_t peer)
{
    struct thaw_event event = {.kind = THAW_EVENT_ACCEPT,
                               .time_ns = time_ns,
                               .pid = pid,
                               .accept = {.connection = connection, .port = 80, .family = 2}};

    feed_take(feed, event);
    event = (struct thaw_event){.kind = THAW_EVENT_FIRST_BYTES,
                                .time_ns = time_ns + 1000,
                                .pid = pid,
                                .first_bytes = {.connection = connection,
                                                .acceptor = pid,
                                                .port = 80,
                                                .peer = peer,
                                                .trace_parent = ""}};
    event.first_bytes.trace_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    feed_take(feed, event);
    event.time_ns += 1000;
    event.first_bytes.outgoing = 1;
    event.first_bytes.trace_parent = "";
    feed_take(feed, event);
}

void feed_message(struct start_feed *feed, uint32_t pid, const char *type, bool outgoing,
                  uint64_t time_ns)
{
    feed_take(feed, (struct thaw_event){.kind = THAW_EVENT_MESSAGE,
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

void feed_worker(struct start_feed *feed, uint32_t pid, uint64_t time_ns)
{
    struct thaw_event role = {.kind = THAW_EVENT_PROCESS_ROLE,
                              .time_ns = time_ns + 1000,
                              .pid = pid,
                              .process_role = {.role = "worker",
                                               .platform = "azure_functions",
                                               .worker_id = "w",
                                               .directory = "",
                                               .application = ""}};

    feed_begin(feed, pid, 10, time_ns);
    feed_take(feed, role);
    feed_interpret(feed, pid, time_ns);
    feed_message(feed, pid, "StartStream", true, time_ns + 10000);
    feed_import(feed, pid, "a.module", time_ns + 20000, 500);
    feed_message(feed, pid, "FunctionLoadRequest", false, time_ns + 30000);
    feed_message(feed, pid, "FunctionLoadResponse", true, time_ns + 40000);
}

void feed_invoke(struct start_feed *feed, uint32_t pid, uint64_t time_ns)
{
    feed_message(feed, pid, "InvocationRequest", false, time_ns);
    feed_message(feed, pid, "InvocationResponse", true, time_ns + 1000);
}

void feed_present(struct start_feed *feed, uint32_t pid)
{
    feed_take(feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_PRESENT,
                                        .time_ns = 50 * SECOND,
                                        .pid = pid,
                                        .process_present = {.parent = 1,
                                                            .start_ns = 10 * SECOND,
                                                            .executable = "/usr/bin/python3.11"}});
    feed_interpret(feed, pid, 50 * SECOND);
}
