/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "base/arena.h"
#include "capture/executed_paths.h"
#include "capture/kernel_record.h"
#include "capture/ring.h"
#include "capture/tree.h"
#include "platform/trace_parent.h"

/* Texts of so many records are kept together. */
#define RECORDS_OF_ARENA 256

/* Requests whose heads were told, but not yet that they came: a few, as CPUs tell at once. */
#define HEADS_MOST 16

/* The caller's trace of one. */
struct head {
    uint32_t process;
    uint64_t connection;
    char trace_parent[THAW_TRACE_PARENT_BYTES + 1]; /* "": the place is free */
};

struct thaw_ring {
    struct ring_buffer *buffer;
    struct thaw_programs *selects; /* NULL: all of the tree is traced */
    struct head heads[HEADS_MOST];
    size_t next_head;
    struct thaw_recording_writer *writer;
    struct thaw_coverage *coverage;
    struct thaw_link *link;
    struct thaw_hold *hold; /* NULL: nothing is held */
    struct thaw_sampler *sampler;
    struct thaw_servers *servers;
    struct thaw_vms *vms;
    struct thaw_counts *counts;
    struct thaw_arena arena; /* of some records */
    struct thaw_executed_paths executed_paths;
    union thaw_kernel_record room;         /* for one that was sent without some of it */
    struct thaw_error error;               /* of the first record that could not be stored */
    const struct thaw_kernel_exit *ending; /* whose end is being told, NULL nobody's */
    uint64_t events;
    uint64_t malformed;
    uint64_t pause_at; /* when so many events were taken, a drain ends; 0: when none is left */
};

static int executed(struct thaw_ring *ring, const struct thaw_kernel_exec *record)
{
    struct thaw_tree_found found;
    int code =
        thaw_tree_executed(record, thaw_executed_path(&ring->executed_paths, record, &ring->arena),
                           thaw_link_only(ring->link), ring->writer, &ring->arena, &found,
                           &ring->error);

    if (code)
        return code;
    ring->servers->platform |= found.platform != NULL;
    code = thaw_coverage_executed(ring->coverage, record, found.executable, &ring->error);
    if (!code && ring->selects && !found.platform && !found.host &&
        record->file_class != THAW_EXECUTABLE_NOTHING &&
        !thaw_coverage_is_python(ring->coverage, record->header.tgid))
        thaw_programs_untrace(ring->selects, record->header.tgid);
    return code;
}

/* Whoever was stopped for it goes on, whatever came of it. */
static void release(struct thaw_ring *ring, uint32_t held, uint32_t process)
{
    if (held && ring->hold)
        thaw_hold_release(ring->hold, (pid_t)process);
}

/* An event that is stored as it is. */
static int store(struct thaw_ring *ring, const union thaw_kernel_record *record)
{
    struct thaw_event event;
    int stored = thaw_kernel_record_event(record, &ring->arena, &event);

    if (stored < 0)
        return thaw_error_memory(&ring->error);
    return stored ? thaw_recording_writer_append(ring->writer, &event, &ring->error) : 0;
}

/* Only the caller's trace is taken from a request's head. */
static void take_head(struct thaw_ring *ring, const struct thaw_kernel_request_head *record)
{
    const char *found = thaw_trace_parent_in_head(record->head, record->head_bytes);
    struct head *head = &ring->heads[ring->next_head % HEADS_MOST];

    if (!found)
        return;
    ring->next_head++;
    *head = (struct head){.process = record->header.tgid, .connection = record->connection};
    memcpy(head->trace_parent, found, THAW_TRACE_PARENT_BYTES);
}

static int first_bytes(struct thaw_ring *ring, const union thaw_kernel_record *record)
{
    struct head *head = NULL;
    struct thaw_event event;
    int code = thaw_kernel_record_event(record, &ring->arena, &event);

    if (code < 0)
        return thaw_error_memory(&ring->error);
    thaw_servers_take(ring->servers, &record->server);
    for (size_t i = 0; !head && !record->server.outgoing && i < HEADS_MOST; i++)
        if (*ring->heads[i].trace_parent && ring->heads[i].process == event.pid &&
            ring->heads[i].connection == event.first_bytes.connection)
            head = &ring->heads[i];
    if (head)
        event.first_bytes.trace_parent = head->trace_parent;
    code = thaw_recording_writer_append(ring->writer, &event, &ring->error);
    if (head)
        *head->trace_parent = '\0';
    return code;
}

static int forked(struct thaw_ring *ring, const union thaw_kernel_record *record)
{
    int code = store(ring, record);

    if (!code && ring->sampler)
        code = thaw_sampler_trace(ring->sampler, record->header.tgid, &ring->error);
    return code ? code : thaw_coverage_forked(ring->coverage, &record->fork, &ring->error);
}

static int left(struct thaw_ring *ring, const union thaw_kernel_record *record)
{
    int code;

    thaw_coverage_left(ring->coverage, record->header.tgid);
    if (ring->sampler)
        thaw_sampler_left(ring->sampler, record->header.tgid);
    code = ring->vms ? thaw_vms_left(ring->vms, record->header.tgid, &ring->error) : 0;
    if (!code && ring->counts)
        code =
            thaw_counts_left(ring->counts, record->header.tgid, &record->exit.counts, &ring->error);
    ring->ending = &record->exit;
    if (!code)
        code = store(ring, record);
    ring->ending = NULL;
    return code;
}

const struct thaw_kernel_exit *thaw_ring_ending(const struct thaw_ring *ring)
{
    return ring->ending;
}

static int monitor(struct thaw_ring *ring, const union thaw_kernel_record *record)
{
    int code = ring->vms ? thaw_vms_seen(ring->vms, record->header.tgid, &ring->error) : 0;

    return code ? code : store(ring, record);
}

static int handle(struct thaw_ring *ring, const union thaw_kernel_record *record)
{
    int code;

    switch (record->header.kind) {
    case THAW_KERNEL_FORK:
        return forked(ring, record);
    case THAW_KERNEL_EXEC:
        code = executed(ring, &record->exec);
        release(ring, record->exec.held, record->header.tgid);
        return code;
    case THAW_KERNEL_EXIT:
        return left(ring, record);
    case THAW_KERNEL_LIBRARY_OPEN:
        code = thaw_coverage_library(ring->coverage, &record->library_open, &ring->error);
        release(ring, record->library_open.held, record->header.tgid);
        return code;
    case THAW_KERNEL_CONNECT:
        return thaw_link_connect(ring->link, &record->connect, &ring->error);
    case THAW_KERNEL_SOCKET_DATA:
        return thaw_link_data(ring->link, &record->socket_data, &ring->error);
    case THAW_KERNEL_FIRST_BYTES:
        return first_bytes(ring, record);
    case THAW_KERNEL_REQUEST_HEAD:
        take_head(ring, &record->request_head);
        return 0;
    case THAW_KERNEL_VM:
        return monitor(ring, record);
    default:
        return store(ring, record);
    }
}

static int take_record(struct thaw_ring *ring, void *bytes, size_t size)
{
    const void *whole = thaw_kernel_record_whole(bytes, &size, &ring->room);
    const union thaw_kernel_record *record = thaw_kernel_record_check(whole, size);

    if (++ring->events % RECORDS_OF_ARENA == 0)
        thaw_arena_free(&ring->arena); /* a drain may last */
    if (!record) {
        ring->malformed++;
        return 0;
    }
    return handle(ring, record);
}

/* libbpf's callback: a negative return ends the drain. */
static int take(void *context, void *bytes, size_t size)
{
    struct thaw_ring *ring = context;
    int code = take_record(ring, bytes, size);

    return code || ring->events != ring->pause_at ? code : -EAGAIN;
}

int thaw_ring_open(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                   struct thaw_coverage *coverage, struct thaw_link *link,
                   struct thaw_servers *servers, struct thaw_ring **ret, struct thaw_error *error)
{
    struct thaw_ring *ring = calloc(1, sizeof(*ring));

    if (!ring)
        return thaw_error_memory(error);
    ring->writer = writer;
    ring->coverage = coverage;
    ring->link = link;
    ring->servers = servers;
    ring->buffer = ring_buffer__new(thaw_programs_ring(programs), take, ring, NULL);
    if (!ring->buffer) {
        int code = -errno;

        free(ring);
        return thaw_error_system(error, code, "mapping the ring buffer");
    }
    *ret = ring;
    return 0;
}

void thaw_ring_hold(struct thaw_ring *ring, struct thaw_hold *hold)
{
    ring->hold = hold;
}

void thaw_ring_select(struct thaw_ring *ring, struct thaw_programs *programs)
{
    ring->selects = programs;
}

void thaw_ring_sample(struct thaw_ring *ring, struct thaw_sampler *sampler)
{
    ring->sampler = sampler;
}

void thaw_ring_vms(struct thaw_ring *ring, struct thaw_vms *vms)
{
    ring->vms = vms;
}

void thaw_ring_count(struct thaw_ring *ring, struct thaw_counts *counts)
{
    ring->counts = counts;
}

int thaw_ring_descriptor(const struct thaw_ring *ring)
{
    return ring_buffer__epoll_fd(ring->buffer);
}

int thaw_ring_drain(struct thaw_ring *ring, struct thaw_error *error)
{
    int taken = ring_buffer__consume(ring->buffer);

    thaw_arena_free(&ring->arena);
    if (taken == -EAGAIN && !ring->error.code)
        taken = 1; /* for a pause */
    if (taken < 0) {
        if (!ring->error.code)
            return thaw_error_system(error, taken, "reading the ring buffer");
        if (error)
            *error = ring->error;
        return taken;
    }
    return taken ? thaw_recording_writer_flush(ring->writer, error) : 0;
}

int thaw_ring_drain_some(struct thaw_ring *ring, uint64_t most, struct thaw_error *error)
{
    int code;

    ring->pause_at = ring->events + most;
    code = thaw_ring_drain(ring, error);
    ring->pause_at = 0;
    return code;
}

uint64_t thaw_ring_events(const struct thaw_ring *ring)
{
    return ring->events;
}

uint64_t thaw_ring_malformed(const struct thaw_ring *ring)
{
    return ring->malformed;
}

void thaw_ring_free(struct thaw_ring *ring)
{
    if (!ring)
        return;
    ring_buffer__free(ring->buffer);
    thaw_arena_free(&ring->arena);
    free(ring);
}
