/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_FRAMES_H
#define THAW_BPF_FRAMES_H

/*
 * The stack of open frames of a thread. The machine stack grows down: a frame whose stack pointer
 * at entry is at or below that of a new entry has returned, even if its return was not seen
 * (the kernel keeps at most 64 pending return probes per thread).
 */
#include "emit.h"

#define FRAME_MASK (THAW_KERNEL_FRAMES - 1)

static __always_inline struct frame *frame_top(struct thread *thread)
{
    __u32 depth = thread->depth;

    if (depth == 0 || depth > THAW_KERNEL_FRAMES)
        return NULL;
    return &thread->frames[(depth - 1) & FRAME_MASK];
}

/* Drops the frames that have returned when an entry with this stack pointer is seen. */
static __always_inline void frames_prune(struct thread *thread, __u64 stack)
{
    for (int i = 0; i < THAW_KERNEL_FRAMES; i++) {
        struct frame *top = frame_top(thread);

        if (!top || top->stack > stack)
            return;
        thread->depth--;
    }
}

static __always_inline bool frame_push(struct thread *thread, __u64 stack, __u64 name, __u32 kind)
{
    __u32 depth = thread->depth;
    struct frame *frame;

    if (depth >= THAW_KERNEL_FRAMES) {
        count(&losses, THAW_LOSS_TOO_DEEP);
        return false;
    }
    frame = &thread->frames[depth & FRAME_MASK];
    frame->stack = stack;
    frame->name = name;
    frame->kind = kind;
    frame->body_seen = 0;
    thread->depth = depth + 1;
    return true;
}

/*
 * Pops the frame that was entered with this stack pointer, and those above it whose return was
 * not seen. Returns its kind, 0 when the return belongs to no frame of ours.
 */
static __always_inline __u32 frame_pop(struct thread *thread, __u64 stack)
{
    for (int i = 0; i < THAW_KERNEL_FRAMES; i++) {
        struct frame *top = frame_top(thread);

        if (!top || top->stack > stack)
            return 0;
        thread->depth--;
        if (top->stack == stack)
            return top->kind;
    }
    return 0;
}

static __always_inline __u16 frame_end_kind(__u32 frame)
{
    if (frame == FRAME_FIND)
        return THAW_KERNEL_IMPORT_END;
    if (frame == FRAME_BODY)
        return THAW_KERNEL_BODY_END;
    return frame == FRAME_DLOPEN ? THAW_KERNEL_DLOPEN_END : THAW_KERNEL_GC_END;
}

static __always_inline void send_frame_mark(__u16 kind, __u64 stack, __u32 failed, __u64 pid_tgid)
{
    struct thaw_kernel_frame_end event = {};

    fill_header(&event.header, kind, sizeof(event), pid_tgid);
    event.stack = stack;
    event.failed = failed;
    send(&event, sizeof(event), false);
}

/*
 * At a return: closes the frame of this kind that was entered with this stack pointer. Returns
 * that belong to no frame of ours (declined calls, where every return is seen) are passed over.
 */
static __always_inline void frame_return(__u64 stack, __u32 failed, __u32 wanted)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thread *thread = bpf_map_lookup_elem(&threads, &pid_tgid);

    count(&hits, THAW_HIT_RETURN);
    if (thread && frame_pop(thread, stack) == wanted)
        send_frame_mark(frame_end_kind(wanted), stack, failed, pid_tgid);
}

#endif
