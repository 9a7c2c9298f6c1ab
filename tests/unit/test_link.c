/* SPDX-License-Identifier: Apache-2.0 */
/* From records of the kernel to events of the recording: which connections are the platform's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/link.h"
#include "platform/azure_functions.h"
#include "scratch.h"
#include "wire_log.h"

/* A link whose recording is a file, and what it asked for. */
struct linked {
    struct scratch scratch;
    char path[300];
    struct thaw_recording_writer *writer;
    struct thaw_link *link;
    struct thaw_recording *recording; /* once it is finished */
    uint64_t time_ns;
    size_t ignored, forgotten;
    uint64_t whole; /* bits: the sockets whose bytes are all wanted */
    unsigned asked;
};

static void ignore(void *context, uint64_t socket)
{
    struct linked *linked = context;

    (void)socket;
    linked->ignored++;
}

static void forget(void *context, uint64_t socket)
{
    struct linked *linked = context;

    assert_int_not_equal(socket, 1); /* the link itself, in the test of a flood */
    linked->forgotten++;
}

static void copy_whole(void *context, uint64_t socket)
{
    struct linked *linked = context;

    linked->whole |= UINT64_C(1) << socket;
    linked->asked++;
}

static void copy_begins(void *context, uint64_t socket)
{
    struct linked *linked = context;

    assert_true(linked->whole & UINT64_C(1) << socket);
    linked->whole &= ~(UINT64_C(1) << socket);
}

static void linked_open(struct linked *linked)
{
    const struct thaw_link_control control = {linked, ignore, forget, copy_whole, copy_begins};
    struct thaw_error error;

    *linked = (struct linked){.time_ns = 1000};
    scratch_make(&linked->scratch);
    snprintf(linked->path, sizeof(linked->path), "%s", scratch_path(&linked->scratch, "r.thaw"));
    assert_int_equal(thaw_recording_writer_open(linked->path, &linked->writer, &error), 0);
    assert_int_equal(thaw_link_open(linked->writer, NULL, &control, &linked->link, &error), 0);
}

static void linked_finish(struct linked *linked)
{
    struct thaw_error error;

    assert_int_equal(thaw_link_finish(linked->link, &error), 0);
    assert_int_equal(thaw_recording_writer_close(linked->writer, &error), 0);
    assert_int_equal(thaw_recording_load(linked->path, &linked->recording, &error), 0);
}

static void linked_close(struct linked *linked)
{
    thaw_link_free(linked->link);
    thaw_recording_free(linked->recording);
    scratch_remove(&linked->scratch);
}

/* A record of these bytes, behind so many that the ring had no room for. */
static void give(struct linked *linked, uint64_t socket, bool outgoing,
                 const struct wire_bytes *bytes, uint32_t untold)
{
    struct thaw_kernel_socket_data *record = calloc(1, sizeof(*record));
    struct thaw_error error;

    assert_non_null(record);
    assert_true(bytes->length <= sizeof(record->bytes));
    record->header = (struct thaw_kernel_header){
        .kind = THAW_KERNEL_SOCKET_DATA, .time_ns = linked->time_ns += 10, .tgid = 7, .tid = 8};
    record->enter_ns = linked->time_ns - 1;
    record->socket = socket;
    record->length = record->captured = (uint32_t)bytes->length;
    record->outgoing = outgoing;
    record->untold = untold;
    memcpy(record->bytes, bytes->data, bytes->length);
    assert_int_equal(thaw_link_data(linked->link, record, &error), 0);
    free(record);
}

static void give_message(struct linked *linked, uint64_t socket, bool outgoing,
                         struct wire_bytes message, uint32_t untold)
{
    struct wire_bytes bytes = {0};

    wire_put_message(&bytes, message, 16384);
    give(linked, socket, outgoing, &bytes, untold);
    wire_free(&bytes);
}

static void hello(struct linked *linked, uint64_t socket)
{
    struct wire_bytes bytes = {0};

    wire_put_opening(&bytes, true, 1);
    wire_put_message(&bytes, wire_start_stream(), 16384);
    give(linked, socket, true, &bytes, 0);
    bytes.length = 0;
    wire_put_opening(&bytes, false, 1);
    give(linked, socket, false, &bytes, 0);
    wire_free(&bytes);
}

static size_t count_messages(const struct linked *linked, const char *type)
{
    size_t count = 0;

    for (size_t i = 0; i < linked->recording->count; i++)
        count += linked->recording->events[i].kind == THAW_EVENT_MESSAGE &&
                 !strcmp(linked->recording->events[i].message.type, type);
    return count;
}

static uint64_t lost(const struct linked *linked, const char *cause)
{
    uint64_t count = 0;

    for (size_t i = 0; i < linked->recording->count; i++)
        if (linked->recording->events[i].kind == THAW_EVENT_LOSS &&
            !strcmp(linked->recording->events[i].loss.cause, cause))
            count += linked->recording->events[i].loss.count;
    return count;
}

static void messages_of_two_connections(void **state)
{
    struct linked linked;

    (void)state;
    linked_open(&linked);
    hello(&linked, 1);
    hello(&linked, 2);
    for (uint64_t socket = 1; socket <= 2; socket++)
        give_message(&linked, socket, false, wire_invocation("one", 20), 0);
    linked_finish(&linked);
    assert_int_equal(count_messages(&linked, "StartStream"), 2);
    assert_int_equal(count_messages(&linked, "InvocationRequest"), 2);
    assert_int_equal(lost(&linked, "wire-sync-lost"), 0);
    linked_close(&linked);
}

/* A record that the ring had no room for had a frame's header in it. */
static void what_the_ring_lost_is_a_hole(void **state)
{
    struct linked linked;

    (void)state;
    linked_open(&linked);
    hello(&linked, 1);
    give_message(&linked, 1, false, wire_invocation("two", 20), 300);
    give_message(&linked, 1, false, wire_invocation("three", 20), 0);
    linked_finish(&linked);
    assert_int_equal(lost(&linked, "wire-sync-lost"), 1);
    assert_int_equal(count_messages(&linked, "InvocationRequest"), 2);
    linked_close(&linked);
}

/* A FunctionMetadataResponse of one function with that trigger. */
static struct wire_bytes metadata(const char *trigger)
{
    struct wire_bytes function = {0}, response = {0}, message = {0};
    char binding[100];

    snprintf(binding, sizeof(binding), "{\"type\": \"%s\", \"direction\": \"in\"}", trigger);
    wire_put_text(&function, 4, "f");
    wire_put_text(&function, 10, binding);
    wire_put_nested(&response, 1, &function);
    wire_put_nested(&message, 30, &response);
    return message;
}

static void orchestrations_are_needed_whole(void **state)
{
    struct linked linked;

    (void)state;
    linked_open(&linked);
    hello(&linked, 1);
    hello(&linked, 2);
    give_message(&linked, 1, false, wire_invocation("first", 20), 0);
    give_message(&linked, 1, true, metadata("httpTrigger"), 0);
    assert_int_equal(linked.whole, 1 << 2);
    give_message(&linked, 2, true, metadata("orchestrationTrigger"), 0);
    give_message(&linked, 2, true, metadata("orchestrationTrigger"), 0); /* asked for once */
    assert_int_equal(linked.asked, 3);
    give_message(&linked, 2, false, wire_invocation("first", 20), 0);
    assert_int_equal(linked.whole, 1 << 2);
    linked_finish(&linked);
    assert_int_equal(linked.ignored, 0);
    linked_close(&linked);
}

/* An invocation's request with that trace's context. */
static struct wire_bytes traced(const char *trace_parent)
{
    struct wire_bytes context = {0}, content = {0}, message = {0};

    wire_put_text(&context, 1, trace_parent);
    wire_put_text(&content, 1, "id");
    wire_put_nested(&content, 5, &context);
    wire_put_nested(&message, 4, &content);
    return message;
}

static const char *trace_of(const struct linked *linked, unsigned index)
{
    for (size_t i = 0; i < linked->recording->count; i++)
        if (linked->recording->events[i].kind == THAW_EVENT_MESSAGE &&
            !strcmp(linked->recording->events[i].message.type, "InvocationRequest") && !index--)
            return linked->recording->events[i].message.trace_parent;
    return NULL;
}

#define TRACE_PARENT "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

/* The first request is needed whole for it: what goes before is the user's, and may be long. */
static void requests_tell_their_callers_trace(void **state)
{
    struct linked linked;

    (void)state;
    linked_open(&linked);
    hello(&linked, 1);
    assert_int_equal(linked.whole, 1 << 1);
    give_message(&linked, 1, false, traced(TRACE_PARENT), 0);
    assert_int_equal(linked.whole, 0);
    give_message(&linked, 1, false, traced("the caller's secret"), 0);
    give_message(&linked, 1, false, wire_invocation("three", 20), 0);
    assert_int_equal(linked.asked, 1);
    linked_finish(&linked);
    assert_string_equal(trace_of(&linked, 0), TRACE_PARENT);
    assert_string_equal(trace_of(&linked, 1), "");
    assert_string_equal(trace_of(&linked, 2), "");
    linked_close(&linked);
}

/* A warm worker that is asked so often: its requests are not worth their decoding. */
static void a_busy_link_is_given_up(void **state)
{
    struct linked linked;
    struct thaw_error error;

    (void)state;
    linked_open(&linked);
    thaw_link_live_long(linked.link);
    hello(&linked, 1);
    hello(&linked, 2);
    assert_int_equal(thaw_link_tend(linked.link, &error), 0); /* a first look */
    usleep(510000);
    for (int i = 0; i < 3 * THAW_LINK_MESSAGES_MOST; i++)
        give_message(&linked, 1, false, wire_invocation("one", 20), 0);
    give_message(&linked, 2, false, wire_invocation("one", 20), 0);
    assert_int_equal(thaw_link_tend(linked.link, &error), 0);
    assert_int_equal(linked.ignored, 1);
    give_message(&linked, 1, false, wire_invocation("one", 20), 0);
    give_message(&linked, 2, false, wire_invocation("one", 20), 0);
    linked_finish(&linked);
    assert_int_equal(lost(&linked, "link-too-busy"), 1);
    assert_int_equal(count_messages(&linked, "InvocationRequest"), 3 * THAW_LINK_MESSAGES_MOST + 2);
    linked_close(&linked);
}

static void put_words(struct wire_bytes *bytes, const char *words)
{
    wire_put(bytes, words, strlen(words));
}

/* HTTP/1.1 beside the link, and garbage behind a preface: let go of, and no loss. */
static void strangers_are_let_go(void **state)
{
    static const char *const firsts[] = {
        "POST /api/hello HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        "PRI * HTTP/2.0 and something else",
    };
    struct linked linked;

    (void)state;
    linked_open(&linked);
    hello(&linked, 1);
    for (size_t i = 0; i < 3; i++) {
        struct wire_bytes bytes = {0};

        put_words(&bytes, firsts[i]);
        give(&linked, 10 + i, true, &bytes, 0);
        give(&linked, 10 + i, true, &bytes, 0);
        assert_int_equal(linked.ignored, i + 1);
        give_message(&linked, 1, false, wire_invocation("undisturbed", 20), 0);
        wire_free(&bytes);
    }
    linked_finish(&linked);
    assert_int_equal(count_messages(&linked, "InvocationRequest"), 3);
    for (size_t i = 0; i < linked.recording->count; i++)
        assert_int_not_equal(linked.recording->events[i].kind, THAW_EVENT_LOSS);
    linked_close(&linked);
}

/* Ten thousand connections open and say nothing more: the link in use stays, the rest is counted.
 */
static void a_flood_of_connections(void **state)
{
    enum { FLOOD = 10000, MOST = 4096 };
    struct wire_bytes preface = {0};
    struct linked linked;

    (void)state;
    linked_open(&linked);
    hello(&linked, 1);
    put_words(&preface, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    for (uint64_t i = 0; i < FLOOD; i++) {
        give(&linked, 100 + i, true, &preface, 0);
    }
    give_message(&linked, 1, false, wire_invocation("after it", 20), 0);
    assert_int_equal(linked.forgotten, FLOOD + 1 - MOST);
    linked_finish(&linked);
    assert_int_equal(count_messages(&linked, "InvocationRequest"), 1);
    assert_int_equal(lost(&linked, "connections-not-followed"), FLOOD + 1 - MOST);
    wire_free(&preface);
    linked_close(&linked);
}

/* The kernel gives a socket's address to another one: connect(2) tells. */
static void an_address_used_again(void **state)
{
    struct thaw_kernel_connect connect = {.socket = 1, .port = 4321, .result = -115};
    struct thaw_error error;
    struct linked linked;

    (void)state;
    linked_open(&linked);
    for (int i = 0; i < 2; i++) {
        connect.header.time_ns = linked.time_ns += 10;
        connect.header.tgid = connect.header.tid = 7;
        assert_int_equal(thaw_link_connect(linked.link, &connect, &error), 0);
        hello(&linked, 1);
    }
    linked_finish(&linked);
    assert_int_equal(count_messages(&linked, "StartStream"), 2);
    for (size_t i = 0, connects = 0; i < linked.recording->count; i++) {
        const struct thaw_event *event = &linked.recording->events[i];

        if (event->kind == THAW_EVENT_CONNECT)
            assert_int_equal(event->connect.connection, ++connects);
        assert_true(i + 1 < linked.recording->count || connects == 2);
    }
    linked_close(&linked);
}

/* Joined in mid-stream only where a worker was found, at its host's port. */
static void expected_connections(void **state)
{
    struct thaw_error error;
    struct linked linked;

    (void)state;
    linked_open(&linked);
    assert_int_equal(thaw_link_expect(linked.link, 7, 0, &thaw_azure_functions, &error), 0);
    for (int i = 0; i < 3; i++)
        give_message(&linked, 1, false, wire_invocation("in the middle", 20), 0);
    assert_false(thaw_link_answered(linked.link));
    linked_finish(&linked);
    assert_int_equal(count_messages(&linked, "InvocationRequest"), 3);
    linked_close(&linked);

    linked_open(&linked);
    assert_int_equal(thaw_link_expect(linked.link, 8, 0, &thaw_azure_functions, &error), 0);
    give_message(&linked, 1, false, wire_invocation("of another process", 20), 0);
    linked_finish(&linked);
    assert_int_equal(count_messages(&linked, "InvocationRequest"), 0);
    assert_int_equal(linked.ignored, 1);
    linked_close(&linked);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_two_connections),
        cmocka_unit_test(what_the_ring_lost_is_a_hole),
        cmocka_unit_test(orchestrations_are_needed_whole),
        cmocka_unit_test(requests_tell_their_callers_trace),
        cmocka_unit_test(a_busy_link_is_given_up),
        cmocka_unit_test(strangers_are_let_go),
        cmocka_unit_test(a_flood_of_connections),
        cmocka_unit_test(an_address_used_again),
        cmocka_unit_test(expected_connections),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
