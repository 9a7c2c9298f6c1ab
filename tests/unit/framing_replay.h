/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FRAMING_REPLAY_H
#define TESTS_FRAMING_REPLAY_H

/*
 * bpf/framing.h itself, run in this program: what the kernel would copy of calls that move given
 * bytes. To be included by one source of a program, and first.
 */
#include "bpf_user_space.h"

/* What other programs of the kernel use of them is not used here. */
#pragma GCC diagnostic ignored "-Wunused-function"

#include "../../bpf/framing.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* One connection; the calls of all go through the same walk, as on one CPU. */
struct framing_replay {
    struct framing_ways both;
    bool whole;
    void *context;
    void (*take)(void *context, const struct thaw_kernel_socket_data *record);
    bool (*refuses)(void *context); /* NULL: the ring has always room */
    __u64 steps, records, copied;
};

/* A part of what a call moves. */
struct framing_buffer {
    const void *base;
    size_t length;
};

static struct framing_replay *framing_replayed; /* whose call is under way */
static struct framing_ways *framing_made;       /* what framing_new() makes */

static void *bpf_map_lookup_elem(void *map, const void *key)
{
    static struct framing_walk walk;
    static const struct framing_ways blank;
    static __u64 lost;

    (void)key;
    if (map == &framing_walks)
        return &walk;
    if (map == &framings)
        return framing_made;
    return map == &framing_blank ? (void *)&blank : (void *)&lost;
}

static long bpf_map_update_elem(void *map, const void *key, const void *value,
                                unsigned long long flags)
{
    (void)map, (void)key, (void)flags;
    *framing_made = *(const struct framing_ways *)value;
    return 0;
}

static long bpf_probe_read_user(void *to, unsigned size, const void *from)
{
    if (size)
        memcpy(to, from, size);
    return 0;
}

static long bpf_probe_read_user_str(void *to, unsigned size, const void *from)
{
    (void)to, (void)size, (void)from;
    abort();
}

static long bpf_copy_from_user(void *to, unsigned size, const void *from)
{
    (void)to, (void)size, (void)from;
    abort();
}

static long bpf_loop(unsigned rounds, void *round, void *context, unsigned long long flags)
{
    long (*call)(__u32, void *) = round;

    (void)flags;
    for (unsigned i = 0; i < rounds; i++) {
        framing_replayed->steps++;
        if (call(i, context))
            return i + 1;
    }
    return rounds;
}

/* The record's bytes in memory of their own, so that a read beyond them is seen. */
static long bpf_ringbuf_output(void *ring, void *record, unsigned long long size,
                               unsigned long long flags)
{
    struct framing_replay *replay = framing_replayed;
    struct thaw_kernel_socket_data *copy;

    (void)ring, (void)flags;
    if (replay->refuses && replay->refuses(replay->context))
        return -1;
    copy = malloc(size);
    if (!copy)
        abort();
    memcpy(copy, record, size);
    if (copy->header.size != size ||
        size != offsetof(struct thaw_kernel_socket_data, bytes) + copy->captured ||
        copy->captured > copy->length)
        abort();
    replay->records++;
    replay->copied += copy->captured;
    replay->take(replay->context, copy);
    free(copy);
    return 0;
}

static unsigned long long bpf_ringbuf_query(void *ring, unsigned long long flags)
{
    (void)ring, (void)flags;
    return 0;
}

static unsigned long long bpf_get_attach_cookie(void *context)
{
    (void)context;
    return 0;
}

static unsigned long long bpf_get_current_pid_tgid(void)
{
    return 0;
}

static unsigned long long bpf_ktime_get_boot_ns(void)
{
    return 0;
}

static void *bpf_get_current_task_btf(void)
{
    return NULL;
}

/* Begins to follow a connection: take gets the records. */
static void framing_replay_open(struct framing_replay *replay, bool from_start, void *context,
                                void (*take)(void *, const struct thaw_kernel_socket_data *))
{
    *replay = (struct framing_replay){.context = context, .take = take};
    framing_made = &replay->both;
    if (!framing_new(0, from_start ? FRAMING_FROM_START : FRAMING_MID_STREAM))
        abort();
}

/* One call that moved all of its buffers' bytes, of which there is at least one. */
static void framing_replay_call(struct framing_replay *replay, bool outgoing, __u64 time_ns,
                                const struct framing_buffer *buffers, size_t count)
{
    struct framing_walk *walk = framing_walk();

    framing_replayed = replay;
    walk->record.header = (struct thaw_kernel_header){.kind = THAW_KERNEL_SOCKET_DATA,
                                                      .time_ns = outgoing ? time_ns + 1 : time_ns};
    walk->record.enter_ns = outgoing ? time_ns : 0;
    walk->record.outgoing = outgoing;
    walk->whole = replay->whole;
    walk->iov = (__u64)buffers;
    walk->buffers = count;
    walk->moved = 0;
    for (size_t i = 0; i < count; i++)
        walk->moved += buffers[i].length;
    framing_go(walk, &replay->both.ways[outgoing]);
}

/* Hands a record to a decoder, as src/capture/link.c does. */
#define FRAMING_FEED(stream, record)                                                               \
    do {                                                                                           \
        struct thaw_wire_chunk chunk_ = {                                                          \
            .enter_ns = (record)->enter_ns,                                                        \
            .exit_ns = (record)->header.time_ns,                                                   \
            .outgoing = (record)->outgoing,                                                        \
            .length = (record)->untold,                                                            \
        };                                                                                         \
                                                                                                   \
        if (chunk_.length && thaw_wire_feed(stream, &chunk_, NULL))                                \
            abort();                                                                               \
        chunk_.bytes = (record)->bytes;                                                            \
        chunk_.captured = (record)->captured;                                                      \
        chunk_.length = (record)->length;                                                          \
        if (thaw_wire_feed(stream, &chunk_, NULL))                                                 \
            abort();                                                                               \
    } while (0)

#endif
