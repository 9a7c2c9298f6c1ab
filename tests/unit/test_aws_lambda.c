/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "platform/aws_lambda.h"
#include "thaw/event.h"

static bool recognises(const char *const *arguments, size_t count)
{
    struct thaw_process_view process = {"/usr/bin/python3.11", arguments, count};
    struct thaw_platform_match match = {0};
    bool yes = thaw_aws_lambda.recognise(&process, &match);

    assert_int_equal(match.sign_count, yes);
    return yes;
}

#define RECOGNISES(...)                                                                            \
    recognises((const char *const[]){__VA_ARGS__},                                                 \
               sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void test_command_lines(void **state)
{
    (void)state;
    assert_true(RECOGNISES("python", "-m", "awslambdaric", "app.handler"));
    assert_true(RECOGNISES("python3.12", "-X", "dev", "-I", "-m", "awslambdaric", "app.handler"));
    assert_true(RECOGNISES("python", "-mawslambdaric", "app.handler"));
    assert_true(RECOGNISES("/var/lang/bin/python3.12", "/var/runtime/bootstrap.py"));
    /* a launcher names the runtime's command line behind its own */
    assert_false(RECOGNISES("aws-lambda-rie", "/usr/bin/python", "-m", "awslambdaric", "a.b"));
    assert_false(RECOGNISES("python", "tool.py", "-m", "awslambdaric"));
    assert_false(RECOGNISES("python", "-m", "awslambda"));
    assert_false(RECOGNISES("python", "-m"));
    assert_false(RECOGNISES("python"));
    assert_false(recognises(NULL, 0));
}

/* The messages of a connection, one line for each. */
struct run {
    struct thaw_wire_consumer consumer;
    struct thaw_wire_stream *stream;
    uint64_t time_ns;
    char text[4096];
    size_t length;
};

static int consume(struct thaw_wire_consumer *consumer, const struct thaw_wire_message *message,
                   struct thaw_error *error)
{
    struct run *run = (struct run *)consumer;
    struct thaw_wire_text function = {0};

    (void)error;
    if (message->function_count)
        function = message->functions[0].name;
    run->length += (size_t)snprintf(
        run->text + run->length, sizeof(run->text) - run->length, "%s %s|%.*s|%s|%s|%.*s%s%s\n",
        message->outgoing ? ">" : "<", message->type, (int)message->invocation_id.length,
        message->invocation_id.length ? message->invocation_id.bytes : "",
        thaw_wire_status_name(message->status), message->exception_type, (int)function.length,
        function.length ? function.bytes : "", message->truncated ? "|truncated" : "",
        message->unfinished ? "|unfinished" : "");
    return 0;
}

static void open_run(struct run *run, bool from_start)
{
    memset(run, 0, sizeof(*run));
    run->consumer.message = consume;
    assert_int_equal(
        thaw_wire_open(&thaw_aws_lambda, from_start, &run->consumer, &run->stream, NULL), 0);
}

static void feed_part(struct run *run, bool outgoing, const char *text, size_t captured,
                      size_t length)
{
    struct thaw_wire_chunk chunk = {.outgoing = outgoing,
                                    .bytes = (const uint8_t *)text,
                                    .captured = (uint32_t)captured,
                                    .length = (uint32_t)length};

    chunk.enter_ns = ++run->time_ns;
    chunk.exit_ns = ++run->time_ns;
    assert_int_equal(thaw_wire_feed(run->stream, &chunk, NULL), 0);
}

static void feed(struct run *run, bool outgoing, const char *text)
{
    feed_part(run, outgoing, text, strlen(text), strlen(text));
}

static void close_run(struct run *run)
{
    assert_int_equal(thaw_wire_finish(run->stream, NULL), 0);
    thaw_wire_close(run->stream);
}

#define API "/2018-06-01/runtime/"
#define NEXT "GET " API "invocation/next HTTP/1.1\r\nHost: 127.0.0.1:9001\r\n\r\n"
#define EVENT(id)                                                                                  \
    "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: " id "\r\n"                                 \
    "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:123456789012:function:shop:7\r" \
    "\nContent-Length: 2\r\n\r\n{}"
#define ACCEPTED "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"

static void test_invocations(void **state)
{
    static const char error[] = "{\"errorMessage\": \"a \\\"errorType\\\": \\\"Wrong\\\"\", "
                                "\"errorType\": \"ValueError\"}";
    char post[512];
    struct run run;

    (void)state;
    snprintf(post, sizeof(post),
             "POST " API "invocation/id-2/error HTTP/1.1\r\nContent-Length: %zu\r\n\r\n",
             strlen(error));
    open_run(&run, true);
    feed(&run, true, NEXT);
    feed(&run, false, EVENT("id-1"));
    feed(&run, true, "POST " API "invocation/id-1/response HTTP/1.1\r\nContent-Length: 4\r\n\r\n");
    feed(&run, true, "true");
    feed(&run, false, ACCEPTED);
    feed(&run, true, NEXT);
    feed(&run, false, EVENT("id-2"));
    feed(&run, true, post);
    feed(&run, true, error);
    feed(&run, false, ACCEPTED);
    assert_int_equal(thaw_wire_verdict(run.stream), THAW_WIRE_VERDICT_YES);
    close_run(&run);
    assert_string_equal(run.text, "> GET /runtime/invocation/next||||\n"
                                  "< 200 /runtime/invocation/next|id-1|||shop\n"
                                  "> POST /runtime/invocation/ID/response|id-1|success||\n"
                                  "> GET /runtime/invocation/next||||\n"
                                  "< 200 /runtime/invocation/next|id-2|||\n"
                                  "> POST /runtime/invocation/ID/error|id-2|failure|ValueError|\n");
}

static void test_init_failure(void **state)
{
    struct run run;

    (void)state;
    open_run(&run, true);
    feed(&run, true,
         "POST " API "init/error HTTP/1.1\r\nContent-Length: 2\r\n"
         "Lambda-Runtime-Function-Error-Type: Runtime.ImportModuleError\r\n\r\n{}");
    feed(&run, false, ACCEPTED);
    close_run(&run);
    assert_string_equal(run.text,
                        "> POST /runtime/init/error||failure|Runtime.ImportModuleError|\n");
}

/* A type that could be anything, and a body of which the end is missing, give no word. */
static void test_no_payload(void **state)
{
    static const char head[] =
        "POST " API
        "invocation/id-1/error HTTP/1.1\r\nContent-Length: 9000\r\n\r\n{\"errorType\": ";
    struct run run;

    (void)state;
    open_run(&run, true);
    feed(&run, true,
         "POST " API "init/error HTTP/1.1\r\nContent-Length: 0\r\n"
         "Lambda-Runtime-Function-Error-Type: the password is secret\r\n\r\n");
    feed_part(&run, true, head, strlen(head), strlen(head) + 9000 - 14);
    close_run(&run);
    assert_string_equal(run.text, "> POST /runtime/init/error||failure||\n"
                                  "> POST /runtime/invocation/ID/error|id-1|failure||\n");
}

static void test_restore(void **state)
{
    struct run run;

    (void)state;
    open_run(&run, true);
    feed(&run, true, "GET " API "restore/next HTTP/1.1\r\nHost: x\r\n\r\n");
    feed(&run, false, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    feed(&run, true, "POST " API "restore/error HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    close_run(&run);
    assert_string_equal(run.text, "> GET /runtime/restore/next||||\n"
                                  "< 200 /runtime/restore/next||||\n"
                                  "> POST /runtime/restore/error||failure||\n");
}

static void test_refused(void **state)
{
    struct run run;

    (void)state;
    open_run(&run, true);
    feed(&run, true, NEXT);
    feed(&run, false, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    feed(&run, false, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); /* to nothing asked */
    close_run(&run);
    assert_string_equal(run.text, "> GET /runtime/invocation/next||||\n");
}

/* The head of an answer goes on where nothing is known of it; the worker then answers. */
static void test_hole_in_a_head(void **state)
{
    static const char event[] = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nX: y";
    struct run run;

    (void)state;
    open_run(&run, true);
    feed(&run, true, NEXT);
    feed_part(&run, false, event, strlen(event), strlen(event) + 9000);
    feed(&run, true, "POST " API "invocation/id-1/response HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    feed(&run, false, ACCEPTED);
    assert_int_equal(thaw_wire_counters(run.stream)->lost_sync, 1);
    close_run(&run);
    assert_string_equal(run.text, "> GET /runtime/invocation/next||||\n"
                                  "> POST /runtime/invocation/ID/response|id-1|success||\n"
                                  "< 200 /runtime/invocation/next|id-1||||truncated\n");
}

static void test_from_the_middle(void **state)
{
    struct run run;

    (void)state;
    open_run(&run, false);
    feed(&run, false, EVENT("id-8"));
    assert_int_equal(thaw_wire_verdict(run.stream), THAW_WIRE_VERDICT_UNKNOWN);
    feed(&run, true, "POST " API "invocation/id-8/response HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    close_run(&run);
    assert_string_equal(run.text, "> POST /runtime/invocation/ID/response|id-8|success||\n");
}

static void test_strangers(void **state)
{
    static const char *const texts[] = {
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET " API "invocation/nexte HTTP/1.1\r\n\r\n",
        "POST " API "invocation/id/other HTTP/1.1\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct run run;

        open_run(&run, true);
        feed(&run, true, texts[i]);
        assert_int_equal(thaw_wire_verdict(run.stream), THAW_WIRE_VERDICT_NO);
        close_run(&run);
        assert_string_equal(run.text, "");
    }
}

/* What the kernel compares, and has room for. */
static void test_openings(void **state)
{
    static const char request[] = NEXT;
    size_t count, openings = 0;
    const struct thaw_platform *const *all = thaw_platforms_all(&count);

    (void)state;
    assert_true(
        thaw_platform_opens_with(&thaw_aws_lambda, (const uint8_t *)request, strlen(request)));
    assert_false(
        thaw_platform_opens_with(&thaw_aws_lambda, (const uint8_t *)"GET /2018-06-02/", 16));
    for (size_t i = 0; i < count; i++)
        openings += all[i]->signature_count;
    assert_in_range(openings, 1, THAW_KERNEL_OPENINGS);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_lines),  cmocka_unit_test(test_invocations),
        cmocka_unit_test(test_init_failure),   cmocka_unit_test(test_no_payload),
        cmocka_unit_test(test_restore),        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_hole_in_a_head), cmocka_unit_test(test_from_the_middle),
        cmocka_unit_test(test_strangers),      cmocka_unit_test(test_openings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
