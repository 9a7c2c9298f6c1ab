/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "wire_log.h"

/* A StreamingMessage with the given content. */
static struct wire_bytes streaming(uint32_t field, struct wire_bytes *content)
{
    struct wire_bytes message = {0};

    wire_put_nested(&message, field, content);
    return message;
}

struct wire_bytes wire_start_stream(void)
{
    struct wire_bytes content = {0};

    wire_put_text(&content, 2, "worker-1");
    return streaming(20, &content);
}

/* An InvocationRequest with a body of so many bytes. */
struct wire_bytes wire_invocation(const char *id, size_t body)
{
    struct wire_bytes content = {0}, binding = {0};

    wire_put_text(&content, 1, id);
    wire_put_text(&content, 2, "function-1");
    wire_put_fill(&binding, 'x', body);
    wire_put_nested(&content, 3, &binding);
    return streaming(4, &content);
}

void wire_put_message(struct wire_bytes *bytes, struct wire_bytes message, size_t frame_length)
{
    struct wire_bytes data = {0};

    wire_put_grpc(&data, &message);
    wire_put_data(bytes, 1, &data, frame_length);
    wire_free(&data);
    wire_free(&message);
}

/* Opens a connection up to and including the StartStream. */
void wire_run_hello(struct wire_run *run)
{
    struct wire_bytes bytes = {0};

    wire_run_open(run, true);
    wire_put_opening(&bytes, true, 1);
    wire_put_message(&bytes, wire_start_stream(), 16384);
    wire_run_feed(run, true, bytes.data, bytes.length, bytes.length);
    wire_free(&bytes);
    wire_put_opening(&bytes, false, 1);
    wire_run_feed(run, false, bytes.data, bytes.length, bytes.length);
    wire_free(&bytes);
    assert_int_equal(thaw_wire_verdict(run->stream), THAW_WIRE_VERDICT_YES);
}
