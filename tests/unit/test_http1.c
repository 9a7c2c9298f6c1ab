/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/http1.h"

/* What a reader tells of one connection's direction, in one line for each message. */
struct told {
    struct thaw_http1 reader;
    uint64_t time_ns;
    char text[4096];
    size_t length;
};

static void note(struct told *told, const char *what, const struct thaw_http1_message *message)
{
    struct thaw_http1_text first = thaw_http1_start_word(message, 0);
    struct thaw_http1_text second = thaw_http1_start_word(message, 1);

    told->length += (size_t)snprintf(
        told->text + told->length, sizeof(told->text) - told->length,
        "%s %.*s %.*s%s body %u/%llu at %llu..%llu%s%s\n", what, (int)first.length,
        first.length ? first.bytes : "", (int)second.length, second.length ? second.bytes : "",
        message->head_cut ? " cut" : "", message->body_kept,
        (unsigned long long)message->body_bytes, (unsigned long long)message->first_byte_ns,
        (unsigned long long)message->last_byte_ns, message->unfinished ? " unfinished" : "",
        message->last_byte_estimated ? " estimated" : "");
}

/* One call's bytes, of which all but the first captured are a hole. */
static void feed(struct told *told, const char *text, size_t captured, size_t length)
{
    static const char *const names[] = {"", "head", "message", "loss", "strange"};
    uint8_t *copy = malloc(captured + 1); /* so that a sanitizer sees a read behind it */
    struct thaw_http1_input input = {copy, (uint32_t)captured, (uint32_t)length, true,
                                     ++told->time_ns};
    struct thaw_http1_message message;
    enum thaw_http1_result result;

    assert_non_null(copy);
    memcpy(copy, text, captured);
    while ((result = thaw_http1_next(&told->reader, &input, &message)))
        if (result != THAW_HTTP1_HEADED)
            note(told, names[result], &message);
    assert_int_equal(input.length, 0);
    free(copy);
}

static void feed_text(struct told *told, const char *text)
{
    feed(told, text, strlen(text), strlen(text));
}

static void begin(struct told *told, bool from_start)
{
    memset(told, 0, sizeof(*told));
    thaw_http1_begin(&told->reader, from_start);
}

static void finish(struct told *told)
{
    struct thaw_http1_message message;

    if (thaw_http1_finish(&told->reader, &message))
        note(told, "finish", &message);
    assert_false(thaw_http1_finish(&told->reader, &message));
}

static const char REQUESTS[] = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n"
                               "POST /a/response HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
                               "12345"
                               "POST /b HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
                               "4\r\nWiki\r\nA;x=\"1\"\r\n0123456789\r\n0\r\nExpires: never\r\n\r\n"
                               "GET /next HTTP/1.1\r\nHost: x\r\n\r\n";

static void test_messages(void **state)
{
    struct told told;

    (void)state;
    begin(&told, true);
    feed_text(&told, REQUESTS);
    finish(&told);
    assert_string_equal(told.text, "message GET /next body 0/0 at 1..1\n"
                                   "message POST /a/response body 5/5 at 1..1\n"
                                   "message POST /b body 14/14 at 1..1\n"
                                   "message GET /next body 0/0 at 1..1\n");
}

/* However the bytes are cut, the messages are the same but for their times. */
static void test_cut_anywhere(void **state)
{
    size_t length = strlen(REQUESTS);

    (void)state;
    for (size_t size = 1; size < length; size++) {
        struct told told;
        unsigned found = 0;

        begin(&told, true);
        for (size_t i = 0; i < length; i += size) {
            size_t count = length - i < size ? length - i : size;

            feed(&told, REQUESTS + i, count, count);
        }
        finish(&told);
        for (const char *line = told.text; (line = strstr(line, "message ")); line++)
            found++;
        assert_int_equal(found, 4);
        assert_null(strstr(told.text, "loss"));
        assert_null(strstr(told.text, "finish"));
        assert_non_null(strstr(told.text, "POST /a/response body 5/5"));
        assert_non_null(strstr(told.text, "POST /b body 14/14"));
    }
}

static void test_answers(void **state)
{
    struct told told;

    (void)state;
    begin(&told, true);
    feed_text(&told, "HTTP/1.1 100 Continue\r\n\r\n");
    feed_text(&told, "HTTP/1.1 200 OK\r\ncontent-LENGTH:  3 \r\n\r\nabc");
    feed_text(&told, "HTTP/1.1 202\r\nContent-Length: 0\r\n\r\n");
    feed_text(&told, "HTTP/1.0 200 OK\r\n\r\nup to the end");
    feed_text(&told, " of all");
    finish(&told);
    assert_string_equal(told.text, "message HTTP/1.1 100 body 0/0 at 1..1\n"
                                   "message HTTP/1.1 200 body 3/3 at 2..2\n"
                                   "message HTTP/1.1 202 body 0/0 at 3..3\n"
                                   "finish HTTP/1.0 200 body 20/20 at 4..5\n");
}

static void test_hole_in_a_body(void **state)
{
    static const char head[] = "POST /a HTTP/1.1\r\nContent-Length: 100000\r\n\r\nbegin";
    struct told told;

    (void)state;
    begin(&told, true);
    feed(&told, head, strlen(head), strlen(head) + 60000);
    feed(&told, "middle", 6, 100000 - 60005);
    feed_text(&told, "GET /b HTTP/1.1\r\n\r\n");
    assert_string_equal(told.text, "message POST /a body 5/100000 at 1..2\n"
                                   "message GET /b body 0/0 at 3..3\n");
}

/* Its end is not known, so it is where the next one begins. */
static void test_hole_in_a_head(void **state)
{
    static const char head[] = "POST /a HTTP/1.1\r\nX: y";
    struct told told;

    (void)state;
    begin(&told, true);
    feed(&told, head, strlen(head), strlen(head) + 5000);
    feed_text(&told, "{\"body\": 1}");
    feed_text(&told, "GET /b HTTP/1.1\r\n\r\n");
    feed(&told, "", 0, 300); /* all of it */
    feed_text(&told, "GET /c HTTP/1.1\r\n\r\n");
    finish(&told);
    assert_string_equal(told.text, "loss POST /a cut body 0/0 at 1..1 estimated\n"
                                   "message POST /a cut body 0/0 at 1..2 estimated\n"
                                   "message GET /b body 0/0 at 3..3\n"
                                   "loss   cut body 0/0 at 4..4 estimated\n"
                                   "message   cut body 0/0 at 4..4 estimated\n"
                                   "message GET /c body 0/0 at 5..5\n");
}

static void test_a_long_head(void **state)
{
    struct told told;
    char text[THAW_HTTP1_HEAD_BYTES + 200];

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "GET /a HTTP/1.1\r\nX: ", 20);
    begin(&told, true);
    feed(&told, text, sizeof(text), sizeof(text));
    finish(&told);
    assert_string_equal(told.text, "loss GET /a cut body 0/0 at 1..1 estimated\n"
                                   "finish GET /a cut body 0/0 at 1..1 unfinished estimated\n");
}

static void test_from_the_middle(void **state)
{
    struct told told;

    (void)state;
    begin(&told, false);
    feed_text(&told, "rest of a body GET /a HTTP/1.1\r\n\r\n");
    feed_text(&told, "GET /b HTTP/1.1\r\n\r\n");
    finish(&told);
    assert_string_equal(told.text, "message GET /b body 0/0 at 2..2\n");
}

static void test_unfinished(void **state)
{
    struct told told;

    (void)state;
    begin(&told, true);
    feed_text(&told, "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\n123");
    finish(&told);
    assert_string_equal(told.text, "finish POST /a body 3/3 at 1..1 unfinished\n");
}

/* Never more than a number could hold, and never a length that is none. */
static void test_bad_framing(void **state)
{
    static const char *const texts[] = {
        "POST /a HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST /a HTTP/1.1\r\nContent-Length: 5x\r\n\r\n",
        "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n12345678901234567\r\n",
        "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct told told;

        begin(&told, true);
        feed_text(&told, texts[i]);
        feed_text(&told, "GET /b HTTP/1.1\r\n\r\n");
        assert_non_null(strstr(told.text, "loss POST /a"));
        assert_non_null(strstr(told.text, "message GET /b body 0/0 at 2..2"));
    }
}

static void test_strangers(void **state)
{
    struct told told;

    (void)state;
    begin(&told, true);
    feed_text(&told, "SSH-2.0-OpenSSH_9.2 is here\r\n\r\n");
    feed_text(&told, "GET /b HTTP/1.1\r\n\r\n");
    finish(&told);
    assert_non_null(strstr(told.text, "strange SSH-2.0-OpenSSH_9.2"));
    assert_null(strstr(told.text, "/b"));
}

static struct thaw_http1_text header_of(const char *head, bool cut, const char *name)
{
    struct thaw_http1_message message = {.head = head,
                                         .head_bytes = (uint32_t)strlen(head),
                                         .head_cut = cut};

    return thaw_http1_header(&message, name);
}

static void test_headers(void **state)
{
    static const char head[] =
        "GET / HTTP/1.1\r\nA: one\r\nLong-Name:\ttwo three \r\nA: x\r\nEnd:4";
    struct thaw_http1_text value;

    (void)state;
    value = header_of(head, false, "a");
    assert_int_equal(value.length, 3);
    assert_memory_equal(value.bytes, "one", 3);
    value = header_of(head, false, "LONG-NAME");
    assert_int_equal(value.length, 9);
    assert_memory_equal(value.bytes, "two three", 9);
    value = header_of(head, false, "end");
    assert_int_equal(value.length, 1);
    assert_null(header_of(head, true, "end").bytes); /* more of it may have followed */
    assert_null(header_of(head, false, "Long").bytes);
    assert_null(header_of(head, false, "GET / HTTP/1.1").bytes);
    assert_null(header_of("", false, "a").bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_answers),         cmocka_unit_test(test_hole_in_a_body),
        cmocka_unit_test(test_hole_in_a_head),  cmocka_unit_test(test_a_long_head),
        cmocka_unit_test(test_from_the_middle), cmocka_unit_test(test_unfinished),
        cmocka_unit_test(test_bad_framing),     cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
