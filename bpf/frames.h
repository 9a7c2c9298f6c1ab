/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_FRAMES_H
#define THAW_BPF_FRAMES_H

/*
 * The open frames of a thread. The machine stack grows down: a frame whose stack pointer at entry
 * is at or below that of a new entry has returned, even if its return was not seen.
 *
 * Programs that switch stacks (greenlet, and gevent, eventlet and SQLAlchemy's asyncio upon it)
 * break that rule: greenlet copies a suspended stack away and lets another one run at the same
 * addresses, so that an open frame may lie anywhere. There a frame carries a seal of the words
 * above its stack pointer, which belong to its caller and do not change while the call lasts: a
 * frame is part of the running stack when its seal still holds. Frames of one stack form a strand.
 */
#include "emit.h"
#include "lookups.h"
#include "usage.h"
#include "user_memory.h"

#define FRAME_MASK (THAW_KERNEL_FRAMES - 1)
/* Open frames looked through for one that is part of the running stack. */
#define FRAMES_SEARCHED 128
/* Words that are sealed: the caller's registers and variables, which tell calls apart that were
 * made from the same place. */
#define SEALED_WORDS 16

/* At a call and where it returns to, the stack pointer is eight higher than at the entry. */
#define STACK_AT_CALL(ctx) ((ctx)->sp - 8)

/* A place in a thread's stack: where the probe is, and what is known of the process. */
struct place {
    struct thread *thread;
    __u64 pid_tgid;
    __u64 stack; /* stack pointer at the function's entry */
    bool switches;
};

/* The words above the return address: a return probe of the kernel's changes that one. */
static __always_inline __u64 seal_of(__u64 stack)
{
    __u64 words[SEALED_WORDS], seal = 0;

    if (!read_user(words, sizeof(words), stack + 8))
        return 0;
    for (int i = 0; i < SEALED_WORDS; i++)
        seal = (seal ^ words[i]) * 0x100000001b3ULL;
    return seal | 1;
}

/* 0: not sealed, since it was not known yet that stacks are switched, or need not be. */
static __always_inline bool seal_holds(const struct frame *frame)
{
    return !frame->seal || frame->seal == seal_of(frame->stack);
}

static __always_inline struct frame *frame_at(struct thread *thread, __u32 index)
{
    KEEP(index); /* so that it is masked where it is used */
    return &thread->frames[index & FRAME_MASK];
}

static __always_inline struct frame *frame_top(struct thread *thread)
{
    __u32 depth = thread->depth;

    if (depth == 0 || depth > THAW_KERNEL_FRAMES)
        return NULL;
    return frame_at(thread, depth - 1);
}

/* A walk from the latest frame down, by callbacks of bpf_loop(), where 1 ends the walk: the
 * verifier would go through every round of a loop of the compiler's. found: index + 1. */
struct walk {
    struct thread *thread;
    __u64 stack;
    __u64 nearest; /* stack pointer of what was found */
    __u32 kind;
    __u32 found;
};

static long prune_frame(__u32 step, struct walk *walk)
{
    struct frame *top = frame_top(walk->thread);

    (void)step;
    if (!top || (top->kind && top->stack > walk->stack))
        return 1;
    walk->thread->depth--;
    return 0;
}

/* Drops the frames that have returned when an entry with this stack pointer is seen; 0: only those
 * that are known to be over. */
static __always_inline void frames_prune(struct thread *thread, __u64 stack)
{
    struct walk walk = {.thread = thread, .stack = stack};

    if (!prune_frame(0, &walk))
        bpf_loop(THAW_KERNEL_FRAMES, prune_frame, &walk, 0);
}

/* The frame of that kind that was entered with this stack pointer. */
static long find_frame(__u32 step, struct walk *walk)
{
    struct thread *thread = walk->thread;
    __u32 depth = thread->depth;
    struct frame *frame;

    if (depth <= step || depth > THAW_KERNEL_FRAMES)
        return 1;
    frame = frame_at(thread, depth - 1 - step);
    if (frame->kind != walk->kind || frame->stack != walk->stack || !seal_holds(frame))
        return 0;
    walk->found = depth - step;
    return 1;
}

/*
 * The frame that is nearest above this stack pointer: not always the latest, as a stack that was
 * suspended may lie above the one that runs.
 */
static long find_around(__u32 step, struct walk *walk)
{
    struct thread *thread = walk->thread;
    __u32 depth = thread->depth;
    struct frame *frame;

    if (depth <= step || depth > THAW_KERNEL_FRAMES)
        return 1;
    frame = frame_at(thread, depth - 1 - step);
    if (!frame->kind || frame->stack <= walk->stack ||
        (walk->found && frame->stack >= walk->nearest) || !seal_holds(frame))
        return 0;
    walk->found = depth - step;
    walk->nearest = frame->stack;
    return 0;
}

/* The innermost frame of the running stack around a stack pointer: index + 1, 0 none. */
static __always_inline __u32 frame_running(struct thread *thread, __u64 stack)
{
    struct walk walk = {.thread = thread, .stack = stack};

    bpf_loop(FRAMES_SEARCHED, find_around, &walk, 0);
    return walk.found;
}

/* The innermost frame around the place: index + 1, 0 none. What is surely over is dropped. */
static __always_inline __u32 frame_around(const struct place *place)
{
    if (place->switches)
        return frame_running(place->thread, place->stack);
    frames_prune(place->thread, place->stack);
    return place->thread->depth;
}

/* The frame of an index + 1, NULL for 0. */
static __always_inline struct frame *frame_of(struct thread *thread, __u32 number)
{
    return number && number <= THAW_KERNEL_FRAMES ? frame_at(thread, number - 1) : NULL;
}

struct later {
    struct thread *thread;
    __u32 from; /* index */
    __u32 strand;
    __u32 found;
};

static long search_later(__u32 step, struct later *later)
{
    __u32 index = later->from + step;
    struct frame *frame;

    if (index >= later->thread->depth)
        return 1;
    frame = frame_at(later->thread, index);
    if (!frame->kind || frame->strand != later->strand)
        return 0;
    later->found = 1;
    return 1;
}

/* A new strand, which is told. */
static __always_inline __u32 send_strand(const struct place *place, __u32 parent,
                                         __u64 parent_stack, bool split)
{
    struct thaw_kernel_strand_begin event = {};

    fill_header(&event.header, THAW_KERNEL_STRAND_BEGIN, sizeof(event), place->pid_tgid);
    event.parent = parent;
    event.parent_stack = parent_stack;
    event.strand = ++place->thread->strands;
    event.split = split;
    send(&event, sizeof(event), false);
    return event.strand;
}

/*
 * The strand for what begins at the place, inside the frame around it (index + 1, 0 none): that
 * frame's own, unless another frame of that strand is suspended behind it; then a new one, which
 * is told.
 */
static __always_inline __u32 strand_for(const struct place *place, __u32 around)
{
    const struct frame *outer = frame_of(place->thread, around);
    struct later later = {.thread = place->thread, .from = around};

    if (!place->switches)
        return 0;
    later.strand = outer ? outer->strand : 0;
    bpf_loop(FRAMES_SEARCHED, search_later, &later, 0);
    if (!later.found)
        return later.strand;
    return send_strand(place, later.strand, outer ? outer->stack : 0, false);
}

/*
 * Libraries and collections are not left in the middle of a stack; and what marks the begin of a
 * collection stands inside a function, whose own variables lie above the stack pointer.
 */
static __always_inline bool is_sealed(const struct place *place, __u32 kind)
{
    return place->switches && kind != FRAME_DLOPEN && kind != FRAME_GC;
}

static __always_inline struct frame *frame_push(const struct place *place, __u64 name, __u32 kind,
                                                __u32 strand)
{
    struct thread *thread = place->thread;
    __u32 depth = thread->depth;
    struct frame *frame;

    if (depth >= THAW_KERNEL_FRAMES) {
        count(&losses, THAW_LOSS_TOO_DEEP);
        return NULL;
    }
    frame = frame_at(thread, depth);
    frame->stack = place->stack;
    frame->seal = is_sealed(place, kind) ? seal_of(place->stack) : 0;
    frame->name = name;
    frame->kind = kind;
    frame->strand = strand;
    frame->body_seen = 0;
    frame->none_fails = 0;
    frame->program = 0;
    thread->depth = depth + 1;
    return frame;
}

static long move_later(__u32 step, struct later *later)
{
    __u32 index = later->from + step;
    struct frame *frame;

    if (index >= later->thread->depth)
        return 1;
    frame = frame_at(later->thread, index);
    if (frame->kind && frame->strand == later->strand)
        frame->strand = later->found;
    return 0;
}

/*
 * The frame (index + 1) ends: what is open behind it on its strand was on a stack of its own, which
 * was started inside it and goes on without it. That becomes another strand.
 */
static __always_inline void strand_split(const struct place *place, __u32 number)
{
    const struct frame *ending = frame_of(place->thread, number);
    struct later later = {.thread = place->thread, .from = number};

    if (!ending)
        return;
    later.strand = ending->strand;
    bpf_loop(FRAMES_SEARCHED, search_later, &later, 0);
    if (!later.found)
        return;
    later.found = send_strand(place, ending->strand, ending->stack, true);
    bpf_loop(FRAMES_SEARCHED, move_later, &later, 0);
}

/* Drops frames until the wanted one was found, or can't be there. */
static long pop_frame(__u32 step, struct walk *walk)
{
    struct frame *top = frame_top(walk->thread);

    (void)step;
    if (!top || top->stack > walk->stack)
        return 1;
    if (top->stack == walk->stack) {
        walk->found = top->kind == walk->kind;
        return 1;
    }
    walk->thread->depth--;
    return 0;
}

/*
 * Ends the frame of that kind that was entered with this stack pointer; without switched stacks
 * also those above it whose return was not seen. False when there is none: the call was not of
 * interest.
 */
static __always_inline bool frame_pop(const struct place *place, __u32 kind, struct frame *ret)
{
    struct walk walk = {.thread = place->thread, .stack = place->stack, .kind = kind};
    struct frame *frame;

    if (place->switches) {
        bpf_loop(FRAMES_SEARCHED, find_frame, &walk, 0);
        frame = frame_of(walk.thread, walk.found);
        if (!frame)
            return false;
        *ret = *frame;
        strand_split(place, walk.found);
        frame->kind = FRAME_OVER;
        frames_prune(walk.thread, 0);
        return true;
    }
    if (!pop_frame(0, &walk))
        bpf_loop(THAW_KERNEL_FRAMES, pop_frame, &walk, 0);
    frame = frame_top(walk.thread);
    if (!walk.found || !frame)
        return false;
    *ret = *frame;
    walk.thread->depth--;
    return true;
}

static __always_inline __u16 frame_end_kind(__u32 frame)
{
    if (frame == FRAME_FIND)
        return THAW_KERNEL_IMPORT_END;
    if (frame == FRAME_BODY)
        return THAW_KERNEL_BODY_END;
    if (frame == FRAME_INIT)
        return THAW_KERNEL_MODULE_INIT_END;
    return frame == FRAME_DLOPEN ? THAW_KERNEL_DLOPEN_END : THAW_KERNEL_GC_END;
}

static __always_inline void send_frame_mark(__u16 kind, const struct place *place, __u32 strand,
                                            __u32 failed)
{
    struct thaw_kernel_frame_end event = {};

    event.stack = place->stack;
    event.failed = failed;
    event.strand = strand;
    send_used(place->thread, &event, kind, sizeof(event), place->pid_tgid);
}

/* The place of a probe in a traced thread (NULL: it is not known yet), where what was looked up
 * before is told; false when there is no room for the thread. */
static __always_inline bool place_in(struct thread *thread,
                                     const struct thaw_kernel_process *process, __u64 pid_tgid,
                                     __u64 stack, struct place *ret)
{
    ret->pid_tgid = pid_tgid;
    ret->stack = stack;
    ret->switches = process->flags & THAW_PROCESS_SWITCHES;
    ret->thread = thread ? thread : thread_state(pid_tgid);
    if (!ret->thread)
        return false;
    ret->thread->switches = ret->switches;
    lookups_tell(ret->thread, pid_tgid);
    return true;
}

static __always_inline bool place_of(const struct thaw_kernel_process *process, __u64 pid_tgid,
                                     __u64 stack, struct place *ret)
{
    return place_in(NULL, process, pid_tgid, stack, ret);
}

/* Most returns are those of calls that were of no interest: inside of the innermost frame. */
static __always_inline bool returns_elsewhere(struct thread *thread, __u64 stack)
{
    const struct frame *top = frame_top(thread);

    return !thread->switches && top && top->stack > stack;
}

/*
 * At a return: the frame of this kind that was entered with this stack pointer is over. Returns
 * that belong to no frame of ours (calls that were not of interest) are passed over.
 */
static __always_inline bool frame_return(__u64 stack, __u32 kind, struct place *place,
                                         struct frame *ret)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thaw_kernel_process *process;

    place->thread = bpf_map_lookup_elem(&threads, &pid_tgid);
    if (!place->thread || !place->thread->depth)
        return false;
    place->switches = place->thread->switches;
    if (!settings.production) { /* there threads go with their process (thaw_programs_untrace()) */
        process = traced_process(pid_tgid >> 32);
        if (!process)
            return false;
        place->switches = process->flags & THAW_PROCESS_SWITCHES;
    } else if (returns_elsewhere(place->thread, stack)) {
        return false;
    }
    place->pid_tgid = pid_tgid;
    place->stack = stack;
    lookups_tell(place->thread, pid_tgid);
    return frame_pop(place, kind, ret);
}

#endif
