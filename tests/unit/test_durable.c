/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/durable.h"
#include "wire_log.h"

/* An orchestrator's text as the extension sends it, after a chain of two and a failed activity. */
static const char context_text[] =
    "{\"history\":["
    "{\"EventType\":12,\"EventId\":-1,\"IsPlayed\":false,\"Timestamp\":\"2026-01-01T00:00:00Z\"},"
    "{\"EventType\":0,\"EventId\":-1,\"IsPlayed\":true,\"Name\":\"chain\",\"Input\":\"null\"},"
    "{\"EventType\":4,\"EventId\":0,\"IsPlayed\":true,\"Name\":\"work\",\"Input\":\"0\"},"
    "{\"EventType\":13,\"EventId\":-1,\"IsPlayed\":true},"
    "{\"EventType\":12,\"EventId\":-1,\"IsPlayed\":true},"
    "{\"EventType\":5,\"EventId\":-1,\"TaskScheduledId\":0,\"Result\":\"1\"},"
    "{\"EventType\":4,\"EventId\":1},{\"EventType\":6,\"TaskScheduledId\":1,\"Reason\":\"x\"}],"
    "\"input\":123456789012345678901234567890,\"instanceId\":\"abc-1\",\"isReplaying\":true,"
    "\"parentInstanceId\":null,\"upperSchemaVersion\":0}";

static int read_text(const char *text, struct thaw_wire_durable *ret)
{
    static struct thaw_durable_text room;

    return thaw_durable_read(&room, text, strlen(text), ret);
}

static void test_what_is_taken_out(void **state)
{
    struct thaw_wire_durable durable;

    (void)state;
    assert_int_equal(read_text(context_text, &durable), 0);
    assert_int_equal(durable.instance.length, 5);
    assert_memory_equal(durable.instance.bytes, "abc-1", 5);
    assert_true(durable.replaying);
    assert_int_equal(durable.events, 8);
    assert_int_equal(durable.scheduled, 2);
    assert_int_equal(durable.completed, 2);
    assert_int_equal(read_text("{\"history\":[],\"instanceId\":\"a\\u0000b\"}", &durable), 0);
    assert_int_equal(durable.instance.length, 3);
    assert_false(durable.replaying);
}

static void test_what_is_no_such_text(void **state)
{
    static const char *const texts[] = {
        "",
        "null",
        "[]",
        "{}",
        "{\"history\":[]}",
        "{\"instanceId\":\"a\"}",
        "{\"history\":{},\"instanceId\":\"a\"}",
        "{\"history\":[],\"instanceId\":\"\"}",
        "{\"history\":[],\"instanceId\":7}",
        "{\"history\":[],\"instanceId\":\"a\"",
        "{\"history\":[],\"instanceId\":\"a\"} x",
        "{\"history\":[],\"instanceId\":\"\xFF\"}",
    };
    struct thaw_wire_durable durable;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(read_text(texts[i], &durable), -EBADMSG);
        assert_null(durable.instance.bytes);
        assert_int_equal(durable.events, 0);
    }
    /* The history comes first: each beginning of the text lacks what it belongs to, or its end. */
    for (size_t length = 0; length < strlen(context_text); length++) {
        struct thaw_durable_text room;

        assert_int_equal(thaw_durable_read(&room, context_text, length, &durable), -EBADMSG);
    }
}

static void test_sizes_are_bounded(void **state)
{
    char *text = calloc(1, THAW_DURABLE_MOST_BYTES + 64);
    struct thaw_durable_text room;
    struct thaw_wire_durable durable;

    (void)state;
    assert_non_null(text);
    memset(text, ' ', THAW_DURABLE_MOST_BYTES + 1);
    assert_int_equal(thaw_durable_read(&room, text, THAW_DURABLE_MOST_BYTES + 1, &durable), -E2BIG);
    memset(text, '[', THAW_DURABLE_MOST_BYTES);
    assert_int_equal(thaw_durable_read(&room, text, THAW_DURABLE_MOST_BYTES, &durable), -EBADMSG);
    strcpy(text, "{\"history\":[],\"instanceId\":\"");
    memset(text + strlen(text), 'i', THAW_WIRE_TEXT_BYTES + 1);
    strcpy(text + 28 + THAW_WIRE_TEXT_BYTES + 1, "\"}");
    assert_int_equal(thaw_durable_read(&room, text, strlen(text), &durable), -EBADMSG);
    strcpy(text + 28 + THAW_WIRE_TEXT_BYTES, "\"}");
    assert_int_equal(thaw_durable_read(&room, text, strlen(text), &durable), 0);
    free(text);
}

static void test_an_activitys_instance(void **state)
{
    static const struct {
        const char *metadata, *instance;
    } rows[] = {{"abc-1", "abc-1"}, {"\"abc-1\"", "abc-1"}, {"\"", "\""},
                {"\"\"", ""},       {"\"a\\nb\"", ""},      {"", ""}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_wire_text found = thaw_durable_instance(
            (struct thaw_wire_text){rows[i].metadata, (uint32_t)strlen(rows[i].metadata)});

        assert_int_equal(found.length, strlen(rows[i].instance));
        if (found.length)
            assert_memory_equal(found.bytes, rows[i].instance, found.length);
        else
            assert_null(found.bytes);
    }
}

/* --- on a connection --- */

/* A FunctionLoadRequest: the function's id and its trigger as raw binding. */
static struct wire_bytes load(const char *id, const char *trigger)
{
    struct wire_bytes message = {0}, content = {0}, metadata = {0};

    wire_put_text(&content, 1, id);
    wire_put_text(&metadata, 10, trigger);
    wire_put_nested(&content, 2, &metadata);
    wire_put_nested(&message, 8, &content);
    return message;
}

/* An InvocationRequest with a text as its parameter, and metadata's instance (NULL: none). */
static struct wire_bytes invoke(const char *function, const char *text, const char *instance)
{
    struct wire_bytes message = {0}, content = {0}, binding = {0}, data = {0}, entry = {0};

    wire_put_text(&content, 1, "invocation");
    wire_put_text(&content, 2, function);
    wire_put_text(&data, 1, text);
    wire_put_text(&binding, 1, "context");
    wire_put_nested(&binding, 2, &data);
    wire_put_nested(&content, 3, &binding);
    if (instance) {
        wire_put_text(&data, 1, instance);
        wire_put_text(&entry, 1, "instanceId");
        wire_put_nested(&entry, 2, &data);
        wire_put_nested(&content, 4, &entry);
    }
    wire_put_nested(&message, 4, &content);
    return message;
}

static const struct thaw_wire_durable *send_message(struct wire_run *run, struct wire_bytes message,
                                                    size_t most)
{
    struct wire_bytes bytes = {0};

    wire_put_message(&bytes, message, 16384);
    wire_run_feed(run, false, bytes.data, bytes.length < most ? bytes.length : most, bytes.length);
    wire_free(&bytes);
    return &run->collector.last.durable;
}

static void test_orchestrators_and_activities(void **state)
{
    const struct thaw_wire_durable *durable;
    struct wire_run run;

    (void)state;
    wire_run_hello(&run);
    /* Not announced: an invocation like any other. */
    assert_int_equal(send_message(&run, invoke("f-1", context_text, "abc-1"), 9999)->events, 0);
    send_message(&run, load("f-1", "{\"type\": \"orchestrationTrigger\"}"), 9999);
    send_message(&run, load("f-2", "{\"type\": \"activityTrigger\"}"), 9999);
    send_message(&run, load("f-3", "{\"type\": \"httpTrigger\"}"), 9999);
    durable = send_message(&run, invoke("f-1", context_text, NULL), 9999);
    assert_int_equal(durable->events, 8);
    assert_int_equal(durable->instance.length, 5);
    assert_false(durable->unread);
    durable = send_message(&run, invoke("f-2", "7", "abc-1"), 9999);
    assert_int_equal(durable->instance.length, 5);
    assert_int_equal(durable->events, 0);
    assert_false(durable->unread);
    /* A route of an HTTP function may have a parameter of that name. */
    assert_int_equal(send_message(&run, invoke("f-3", "7", "abc-1"), 9999)->instance.length, 0);
    assert_int_equal(send_message(&run, invoke("f-2", "7", NULL), 9999)->instance.length, 0);
    durable = send_message(&run, invoke("f-1", "{}", NULL), 9999);
    assert_true(durable->unread);
    assert_int_equal(wire_run_counters(&run)->malformed, 0);
    wire_run_close(&run);
}

/* Of a longer one only the beginning was copied: there is a history, but nobody knows whose. */
static void test_half_an_orchestrators_text(void **state)
{
    struct wire_run run;

    (void)state;
    wire_run_hello(&run);
    send_message(&run, load("f-1", "{\"type\": \"orchestrationTrigger\"}"), 9999);
    assert_true(send_message(&run, invoke("f-1", context_text, NULL), 400)->unread);
    wire_run_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_taken_out),
        cmocka_unit_test(test_what_is_no_such_text),
        cmocka_unit_test(test_sizes_are_bounded),
        cmocka_unit_test(test_an_activitys_instance),
        cmocka_unit_test(test_orchestrators_and_activities),
        cmocka_unit_test(test_half_an_orchestrators_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
