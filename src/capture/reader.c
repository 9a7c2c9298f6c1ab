/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include <bpf/libbpf.h>

#include "base/arena.h"
#include "capture/decode.h"
#include "capture/reader.h"
#include "capture/tree.h"

struct thaw_reader {
    struct ring_buffer *ring;
    struct thaw_recording_writer *writer;
    struct thaw_coverage *coverage;
    struct thaw_link *link;
    struct thaw_arena arena; /* of one drain */
    struct thaw_error error; /* of the first record that could not be stored */
    uint64_t events;
    uint64_t malformed;
};

static int executed(struct thaw_reader *reader, const struct thaw_kernel_exec *record)
{
    const char *executable;
    int code =
        thaw_tree_executed(record, reader->writer, &reader->arena, &executable, &reader->error);

    if (!code)
        code = thaw_coverage_executed(reader->coverage, record, executable, &reader->error);
    return code;
}

static int handle(struct thaw_reader *reader, const union thaw_kernel_record *record)
{
    struct thaw_event event;
    int stored;

    switch (record->header.kind) {
    case THAW_KERNEL_EXEC:
        return executed(reader, &record->exec);
    case THAW_KERNEL_CONNECT:
        return thaw_link_connect(reader->link, &record->connect, &reader->error);
    case THAW_KERNEL_SOCKET_DATA:
        return thaw_link_data(reader->link, &record->socket_data, &reader->error);
    default:
        stored = thaw_decode_event(record, &reader->arena, &event);
        if (stored < 0)
            return thaw_error_memory(&reader->error);
        return stored ? thaw_recording_writer_append(reader->writer, &event, &reader->error) : 0;
    }
}

/* libbpf's callback: a negative return ends the drain. */
static int take(void *context, void *bytes, size_t size)
{
    struct thaw_reader *reader = context;
    const union thaw_kernel_record *record = thaw_decode_check(bytes, size);

    reader->events++;
    if (!record) {
        reader->malformed++;
        return 0;
    }
    return handle(reader, record);
}

int thaw_reader_open(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                     struct thaw_coverage *coverage, struct thaw_link *link,
                     struct thaw_reader **ret, struct thaw_error *error)
{
    struct thaw_reader *reader = calloc(1, sizeof(*reader));

    if (!reader)
        return thaw_error_memory(error);
    reader->writer = writer;
    reader->coverage = coverage;
    reader->link = link;
    reader->ring = ring_buffer__new(thaw_programs_ring(programs), take, reader, NULL);
    if (!reader->ring) {
        int code = -errno;

        free(reader);
        return thaw_error_system(error, code, "mapping the ring buffer");
    }
    *ret = reader;
    return 0;
}

int thaw_reader_descriptor(const struct thaw_reader *reader)
{
    return ring_buffer__epoll_fd(reader->ring);
}

int thaw_reader_drain(struct thaw_reader *reader, struct thaw_error *error)
{
    int taken = ring_buffer__consume(reader->ring);

    thaw_arena_free(&reader->arena);
    if (taken < 0) {
        if (!reader->error.code)
            return thaw_error_system(error, taken, "reading the ring buffer");
        if (error)
            *error = reader->error;
        return taken;
    }
    return taken ? thaw_recording_writer_flush(reader->writer, error) : 0;
}

uint64_t thaw_reader_events(const struct thaw_reader *reader)
{
    return reader->events;
}

uint64_t thaw_reader_malformed(const struct thaw_reader *reader)
{
    return reader->malformed;
}

void thaw_reader_free(struct thaw_reader *reader)
{
    if (!reader)
        return;
    ring_buffer__free(reader->ring);
    thaw_arena_free(&reader->arena);
    free(reader);
}
