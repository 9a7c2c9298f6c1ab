/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_FRAMING_H
#define THAW_BPF_FRAMING_H

/*
 * Which bytes of a followed connection are copied. The frames of HTTP/2 (RFC 9113, sections 4.1
 * and 6) and the messages of gRPC (a flag byte, four bytes of length, the message) are followed
 * here, so that every frame's header and every message's begin are copied and the rest is a hole
 * of known length: however long a message is and however it is cut into calls and buffers, its
 * reader doesn't lose the framing.
 *
 * Where that can't be told (garbage; a connection joined in mid-stream) the first bytes of each
 * buffer are copied, and the frames are looked for again at the begin of each. A header that was
 * found so is believed in after a row of others.
 */
#include "framing_state.h"

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct framing_walk);
} framing_walks SEC(".maps") WEAK;

/* By socket: what is received, and what is sent. */
struct framing_ways {
    struct framing ways[2];
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 8192);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, __u64);
    __type(value, struct framing_ways);
} framings SEC(".maps") WEAK;

/* One zeroed entry, never written: what a new one is copied from. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct framing_ways);
} framing_blank SEC(".maps") WEAK;

/* Programs of system calls run with preemption off, one at a time on a CPU. */
static __always_inline struct framing_walk *framing_walk(void)
{
    __u32 zero = 0;

    return bpf_map_lookup_elem(&framing_walks, &zero);
}

/* Tells what has been put together. Bytes that the ring has no room for are told with the next. */
static __always_inline void framing_flush(struct framing_walk *walk)
{
    struct thaw_kernel_socket_data *record = &walk->record;
    __u32 size = record->captured;

    if (!record->length)
        return;
    KEEP(size); /* one register from the bound to the use */
    if (size > THAW_KERNEL_SOCKET_BYTES)
        size = THAW_KERNEL_SOCKET_BYTES;
    size += 56;
    record->header.size = size;
    record->untold = walk->way.untold;
    if (bpf_ringbuf_output(&events, record, size, wakeup(walk->urgent))) {
        count(&losses, THAW_LOSS_RING_FULL);
        walk->way.untold += record->length;
    } else {
        walk->way.untold = 0;
    }
    record->length = 0;
    record->captured = 0;
    record->unsure = 0;
}

/* The next length bytes of the call are done with. */
static __always_inline void framing_advance(struct framing_walk *walk, __u32 length)
{
    walk->base += length;
    walk->left -= length;
    walk->moved -= length;
    walk->plain_left -= length < walk->plain_left ? length : walk->plain_left;
    walk->record.length += length;
    walk->record.unsure |= walk->way.state == FRAMING_LOST;
}

/* Room for bytes behind those of the record: a hole can only be its end. */
static __always_inline __u32 framing_room(struct framing_walk *walk)
{
    if (walk->record.length != walk->record.captured ||
        walk->record.captured >= THAW_KERNEL_SOCKET_BYTES)
        framing_flush(walk);
    return THAW_KERNEL_SOCKET_BYTES - walk->record.captured;
}

/* Copies the next length bytes, for which there is room; those that can't be read are a hole. */
static __always_inline void framing_copy(struct framing_walk *walk, __u32 length)
{
    __u32 at = walk->record.captured, bytes = length;

    KEEP(at);
    KEEP(bytes);
    at &= THAW_KERNEL_SOCKET_BYTES - 1;
    if (bytes > THAW_KERNEL_SOCKET_BYTES)
        bytes = THAW_KERNEL_SOCKET_BYTES;
    if (bpf_probe_read_user(walk->record.bytes + at, bytes, (void *)walk->base) == 0)
        walk->record.captured += bytes;
    framing_advance(walk, bytes);
}

/* Sets out to read the next buffer. */
static __always_inline void framing_next_buffer(struct framing_walk *walk)
{
    struct user_iovec buffer = {.base = walk->single, .length = walk->moved};
    bool unreadable = false;

    if (walk->iov)
        unreadable = walk->buffer >= walk->buffers ||
                     bpf_probe_read_user(&buffer, sizeof(buffer),
                                         (void *)(walk->iov + walk->buffer * sizeof(buffer)));
    walk->buffer++;
    if (unreadable) {
        buffer.base = 0;
        buffer.length = walk->moved;
    }
    walk->base = buffer.base;
    walk->left = buffer.length < walk->moved ? buffer.length : walk->moved;
    walk->plain_left = FRAMING_PLAIN_BYTES;
    if (walk->way.trust < FRAMING_TRUSTED)
        framing_flush(walk); /* so that its reader finds the begins of buffers, too */
    walk->at_begin = walk->base != 0;
}

/* Does a buffer begin with a frame? Then it is followed from here on. */
static __always_inline void framing_look(struct framing_walk *walk)
{
    struct framing *way = &walk->way;
    struct framing_header header;

    walk->at_begin = 0;
    if (walk->left < FRAMING_HEADER_BYTES ||
        bpf_probe_read_user(way->gathered, FRAMING_HEADER_BYTES, (void *)walk->base))
        return;
    framing_header_read(way->gathered, &header);
    if (!framing_header_valid(&header, true))
        return;
    __builtin_memset(way->messages, 0, sizeof(way->messages));
    way->state = FRAMING_HEADER;
    way->have = 0;
    way->trust = 0;
    way->crowded = 1;
}

/* Reads on in what is needed whole. mask: a constant, no less than have and length. */
static __always_inline void framing_gather(struct framing_walk *walk, __u8 *to, __u32 have,
                                           __u32 length, const __u32 mask)
{
    __u32 at = have, bytes = length;

    if (framing_room(walk) < bytes)
        framing_flush(walk);
    KEEP(at);
    KEEP(bytes);
    at &= mask;
    bytes &= mask;
    if (bpf_probe_read_user(to + at, bytes, (void *)walk->base))
        framing_lose(&walk->way);
    framing_copy(walk, bytes);
}

static __always_inline __u32 framing_smaller(__u32 a, __u32 b)
{
    return a < b ? a : b;
}

static __always_inline void framing_step_header(struct framing_walk *walk)
{
    struct framing *way = &walk->way;
    __u32 wanted = way->state == FRAMING_PREFACE ? FRAMING_PREFACE_BYTES : FRAMING_HEADER_BYTES;
    __u32 length = framing_smaller(wanted - way->have, walk->left);

    framing_gather(walk, way->gathered, way->have, length, 31);
    if (way->state == FRAMING_LOST)
        return;
    way->have += length;
    if (way->have < wanted)
        return;
    if (way->state == FRAMING_PREFACE)
        framing_expect_header(way);
    else
        framing_frame(way);
    if (way->state == FRAMING_PLAIN && walk->plain_left < FRAMING_HEAD_BYTES)
        walk->plain_left = FRAMING_HEAD_BYTES; /* a message may begin here */
}

static __always_inline void framing_step_prefix(struct framing_walk *walk)
{
    struct framing *way = &walk->way;
    struct framing_message *message = framing_message_of(way);
    __u32 length = framing_smaller(FRAMING_PREFIX_BYTES - message->have,
                                   framing_smaller(way->frame_left, walk->left));

    framing_gather(walk, message->prefix, message->have, length, 7);
    if (way->state == FRAMING_LOST)
        return;
    way->frame_left -= length;
    message->have += length;
    if (message->have == FRAMING_PREFIX_BYTES)
        framing_prefix(way, message);
    if (!way->frame_left)
        framing_expect_header(way);
}

/* How many of a message's bytes are wanted. */
static __always_inline __u32 framing_wanted(const struct framing_walk *walk)
{
    if (walk->whole)
        return 0xffffffff;
    return walk->way.generous ? FRAMING_GENEROUS_HEAD_BYTES : FRAMING_HEAD_BYTES;
}

/*
 * Goes on over bytes that may be left out: of a message beyond its begin, or of what is not told
 * apart, beyond the first of its buffer.
 */
static __always_inline void framing_step_body(struct framing_walk *walk)
{
    struct framing *way = &walk->way;
    struct framing_message *message = framing_message_of(way);
    bool of_message = way->state == FRAMING_BODY, plain = !of_message;
    __u32 length = walk->left, wanted, bytes;

    if (way->state != FRAMING_LOST && way->state != FRAMING_NONE)
        length = framing_smaller(length, way->frame_left);
    if (of_message)
        length = framing_smaller(length, message->left);
    if (way->trust < FRAMING_TRUSTED)
        plain = true;
    wanted = plain ? walk->plain_left : framing_wanted(walk);
    if (!plain)
        wanted -= framing_smaller(wanted, message->seen);
    if (way->state == FRAMING_OTHER)
        wanted = way->frame_left <= FRAMING_OTHER_BYTES ? length : 0;
    if (walk->whole)
        wanted = length;
    if (wanted > walk->copies_left) { /* a message's begin is due in any case */
        bytes = of_message ? FRAMING_HEAD_BYTES : 0;
        bytes -= framing_smaller(bytes, message->seen);
        wanted = framing_smaller(wanted, bytes > walk->copies_left ? bytes : walk->copies_left);
    }
    bytes = framing_smaller(wanted, length);
    if (bytes && walk->base) {
        length = framing_smaller(bytes, framing_room(walk));
        walk->copies_left -= framing_smaller(walk->copies_left, length);
        way->generous -= framing_smaller(way->generous, length);
        framing_copy(walk, length);
    } else {
        framing_advance(walk, length);
    }
    if (way->state == FRAMING_LOST || way->state == FRAMING_NONE)
        return;
    if (of_message) {
        message->left -= length;
        message->seen += length;
        if (!message->left) {
            message->have = 0;
            way->state = FRAMING_PREFIX;
        }
    }
    way->frame_left -= length;
    if (!way->frame_left)
        framing_expect_header(way);
}

static long framing_step(__u32 round, void *context)
{
    struct framing_walk *walk = framing_walk();
    __u8 state;

    (void)round;
    (void)context;
    if (!walk || !walk->moved)
        return 1;
    if (!walk->left) {
        framing_next_buffer(walk);
        return 0;
    }
    if (!walk->base)
        framing_lose(&walk->way);
    if (walk->way.state == FRAMING_LOST && walk->at_begin)
        framing_look(walk);
    state = walk->way.state;
    if (state == FRAMING_HEADER || state == FRAMING_PREFACE)
        framing_step_header(walk);
    else if (state == FRAMING_PREFIX)
        framing_step_prefix(walk);
    else
        framing_step_body(walk);
    return 0;
}

/* Goes over a call's bytes: what is in the walk beside way is set, and way is kept in *kept. */
static __always_inline void framing_go(struct framing_walk *walk, struct framing *kept)
{
    walk->way = *kept;
    walk->left = 0;
    walk->buffer = 0;
    walk->at_begin = 0;
    walk->copies_left = walk->whole ? FRAMING_WHOLE_CALL_BYTES : FRAMING_CALL_BYTES;
    walk->record.length = 0;
    walk->record.captured = 0;
    walk->record.unsure = 0;
    bpf_loop(FRAMING_STEPS, framing_step, NULL, 0);
    if (walk->moved) { /* more tiny frames than are gone over */
        framing_lose(&walk->way);
        walk->record.unsure = 1;
        walk->record.length += walk->moved;
    }
    framing_flush(walk);
    *kept = walk->way;
}

enum framing_start {
    FRAMING_FROM_START,
    FRAMING_MID_STREAM,
    FRAMING_WITHOUT, /* it has no frames */
};

/* Begins to follow a connection. */
static __always_inline bool framing_new(__u64 socket, enum framing_start start)
{
    struct framing_ways *both;
    __u32 zero = 0;
    void *blank = bpf_map_lookup_elem(&framing_blank, &zero);

    if (!blank || bpf_map_update_elem(&framings, &socket, blank, BPF_ANY))
        return false;
    both = bpf_map_lookup_elem(&framings, &socket);
    if (!both)
        return false;
    both->ways[0].generous = FRAMING_GENEROUS_BYTES;
    both->ways[1].generous = FRAMING_GENEROUS_BYTES;
    if (start == FRAMING_WITHOUT) {
        both->ways[0].state = FRAMING_NONE;
        both->ways[1].state = FRAMING_NONE;
    }
    if (start == FRAMING_FROM_START) {
        both->ways[0].state = FRAMING_HEADER;
        both->ways[1].state = FRAMING_PREFACE;
        both->ways[0].trust = FRAMING_TRUSTED;
        both->ways[1].trust = FRAMING_TRUSTED;
    }
    return true;
}

#endif
