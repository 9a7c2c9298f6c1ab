/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/azure_functions.h"
#include "wire_log.h"

void wire_put(struct wire_bytes *bytes, const void *data, size_t length)
{
    if (bytes->length + length > bytes->capacity) {
        bytes->capacity = (bytes->length + length) * 2;
        bytes->data = realloc(bytes->data, bytes->capacity);
        assert_non_null(bytes->data);
    }
    if (length)
        memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
}

void wire_put_fill(struct wire_bytes *bytes, uint8_t value, size_t length)
{
    uint8_t *data = malloc(length ? length : 1);

    assert_non_null(data);
    memset(data, value, length);
    wire_put(bytes, data, length);
    free(data);
}

void wire_put_varint(struct wire_bytes *bytes, uint64_t value)
{
    do {
        uint8_t byte = (uint8_t)(value & 0x7f);

        value >>= 7;
        byte = value ? byte | 0x80 : byte;
        wire_put(bytes, &byte, 1);
    } while (value);
}

void wire_put_number(struct wire_bytes *bytes, uint32_t field, uint64_t value)
{
    wire_put_varint(bytes, (uint64_t)field << 3);
    wire_put_varint(bytes, value);
}

void wire_put_field(struct wire_bytes *bytes, uint32_t field, const void *data, size_t length)
{
    wire_put_varint(bytes, (uint64_t)field << 3 | 2);
    wire_put_varint(bytes, length);
    wire_put(bytes, data, length);
}

void wire_put_text(struct wire_bytes *bytes, uint32_t field, const char *text)
{
    wire_put_field(bytes, field, text, strlen(text));
}

void wire_put_nested(struct wire_bytes *bytes, uint32_t field, struct wire_bytes *nested)
{
    wire_put_field(bytes, field, nested->data, nested->length);
    wire_free(nested);
}

void wire_put_grpc(struct wire_bytes *bytes, const struct wire_bytes *message)
{
    uint8_t prefix[5] = {0, (uint8_t)(message->length >> 24), (uint8_t)(message->length >> 16),
                         (uint8_t)(message->length >> 8), (uint8_t)message->length};

    wire_put(bytes, prefix, sizeof(prefix));
    wire_put(bytes, message->data, message->length);
}

void wire_put_frame(struct wire_bytes *bytes, uint8_t type, uint8_t flags, uint32_t stream_id,
                    const void *payload, size_t length)
{
    uint8_t header[9] = {
        (uint8_t)(length >> 16),
        (uint8_t)(length >> 8),
        (uint8_t)length,
        type,
        flags,
        (uint8_t)(stream_id >> 24),
        (uint8_t)(stream_id >> 16),
        (uint8_t)(stream_id >> 8),
        (uint8_t)stream_id,
    };

    wire_put(bytes, header, sizeof(header));
    wire_put(bytes, payload, length);
}

void wire_put_data(struct wire_bytes *bytes, uint32_t stream_id, const struct wire_bytes *data,
                   size_t frame_length)
{
    for (size_t position = 0; position < data->length; position += frame_length) {
        size_t length = data->length - position;

        wire_put_frame(bytes, 0, 0, stream_id, data->data + position,
                       length < frame_length ? length : frame_length);
    }
}

void wire_put_opening(struct wire_bytes *bytes, bool client, uint32_t stream_id)
{
    static const uint8_t settings[6] = {0, 4, 0, 64, 0, 0};

    if (client)
        wire_put(bytes, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
    wire_put_frame(bytes, 4, 0, 0, settings, sizeof(settings));
    wire_put_frame(bytes, 1, 4, stream_id, "header block", 12);
}

void wire_free(struct wire_bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct wire_bytes){0};
}

struct wire_bytes wire_load(const char *name)
{
    struct wire_bytes bytes = {0};
    char path[256], buffer[4096];
    size_t length;
    FILE *file;

    snprintf(path, sizeof(path), "tests/unit/data/wire/%s", name);
    file = fopen(path, "rb");
    if (!file)
        fail_msg("%s: run this from the top of the tree", path);
    while ((length = fread(buffer, 1, sizeof(buffer), file)) > 0)
        wire_put(&bytes, buffer, length);
    fclose(file);
    return bytes;
}

struct wire_side wire_side_of(const struct wire_bytes *log, bool outgoing)
{
    struct wire_side side = {.starts = calloc(log->length, sizeof(size_t))};
    struct wire_piece piece;
    size_t position = 1;

    assert_non_null(side.starts);
    while (wire_log_next(log->data, log->length, &position, &piece)) {
        if (piece.outgoing != outgoing)
            continue;
        side.starts[side.count++] = side.bytes.length;
        wire_put(&side.bytes, piece.bytes, piece.captured);
    }
    return side;
}

void wire_side_free(struct wire_side *side)
{
    wire_free(&side->bytes);
    free(side->starts);
}

static void print_text(FILE *stream, const char *name, struct thaw_wire_text text)
{
    assert_true(text.length <= THAW_WIRE_TEXT_BYTES);
    if (text.length)
        fprintf(stream, " %s=%.*s", name, (int)text.length, text.bytes);
}

static void print_word(FILE *stream, const char *name, const char *word)
{
    if (word[0])
        fprintf(stream, " %s=%s", name, word);
}

static void print_functions(FILE *stream, const struct thaw_wire_message *message)
{
    for (size_t i = 0; i < message->function_count; i++) {
        const struct thaw_wire_function *function = &message->functions[i];

        fprintf(stream, "  function");
        print_text(stream, "name", function->name);
        print_text(stream, "function_id", function->function_id);
        print_text(stream, "directory", function->directory);
        print_text(stream, "script", function->script);
        print_word(stream, "trigger", function->trigger);
        fprintf(stream, "\n");
    }
}

static int collect(struct thaw_wire_consumer *consumer, const struct thaw_wire_message *message,
                   struct thaw_error *error)
{
    struct wire_collector *collector = (struct wire_collector *)(void *)consumer;
    FILE *stream = collector->streams[message->outgoing];

    (void)error;
    fprintf(stream, "%s %s bytes=%lu", message->outgoing ? "out" : "in", message->type,
            (unsigned long)message->bytes);
    print_text(stream, "request_id", message->request_id);
    print_text(stream, "worker_id", message->worker_id);
    print_text(stream, "function_id", message->function_id);
    print_text(stream, "invocation_id", message->invocation_id);
    print_text(stream, "directory", message->directory);
    print_word(stream, "status", thaw_wire_status_name(message->status));
    print_word(stream, "exception", message->exception_type);
    if (collector->with_times)
        fprintf(stream, " first=%lu last=%lu", (unsigned long)message->first_byte_ns,
                (unsigned long)message->last_byte_ns);
    fprintf(stream, "\n");
    print_functions(stream, message);
    collector->counts[message->outgoing]++;
    collector->last = *message;
    return 0;
}

void wire_collector_open(struct wire_collector *collector)
{
    *collector = (struct wire_collector){.consumer = {.message = collect}};
    for (int i = 0; i < 2; i++) {
        collector->streams[i] = open_memstream(&collector->texts[i], &collector->sizes[i]);
        assert_non_null(collector->streams[i]);
    }
}

const char *wire_collector_text(struct wire_collector *collector, bool outgoing)
{
    fflush(collector->streams[outgoing]);
    return collector->texts[outgoing];
}

void wire_collector_close(struct wire_collector *collector)
{
    for (int i = 0; i < 2; i++) {
        fclose(collector->streams[i]);
        free(collector->texts[i]);
    }
}

char *wire_expected(const char *name, bool outgoing)
{
    struct wire_bytes file = wire_load(name);
    struct wire_bytes lines = {0};
    bool wanted = false;

    for (size_t start = 0, end; start < file.length; start = end) {
        const char *line = (const char *)file.data + start;

        for (end = start; end < file.length && file.data[end] != '\n'; end++)
            ;
        end++;
        if (line[0] != ' ')
            wanted = (line[0] == 'o') == outgoing;
        if (wanted)
            wire_put(&lines, line, end - start);
    }
    wire_put(&lines, "", 1);
    wire_free(&file);
    return (char *)lines.data;
}

static void wire_feed(struct thaw_wire_stream *stream, bool outgoing, uint64_t time_ns,
                      const uint8_t *bytes, size_t captured, size_t length)
{
    struct thaw_wire_chunk chunk = {
        .enter_ns = outgoing ? time_ns : time_ns - 1,
        .exit_ns = outgoing ? time_ns + 1 : time_ns,
        .outgoing = outgoing,
        .bytes = bytes,
        .captured = (uint32_t)captured,
        .length = (uint32_t)length,
    };
    struct thaw_error error = {0};

    assert_int_equal(thaw_wire_feed(stream, &chunk, &error), 0);
}

void wire_run_open(struct wire_run *run, bool from_start)
{
    struct thaw_error error;

    run->time_ns = 1000;
    wire_collector_open(&run->collector);
    assert_int_equal(thaw_wire_open(&thaw_azure_functions, from_start, &run->collector.consumer,
                                    &run->stream, &error),
                     0);
}

void wire_run_close(struct wire_run *run)
{
    thaw_wire_close(run->stream);
    wire_collector_close(&run->collector);
}

void wire_run_feed(struct wire_run *run, bool outgoing, const uint8_t *bytes, size_t captured,
                   size_t length)
{
    wire_feed(run->stream, outgoing, run->time_ns, bytes, captured, length);
    run->time_ns += 1000;
}

const struct thaw_wire_counters *wire_run_counters(const struct wire_run *run)
{
    return thaw_wire_counters(run->stream);
}
