/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_LOADER_H
#define THAW_BPF_LOADER_H

/* dlopen of the C library: which extension or library, how long, inside which import. */
#include "frames.h"
#include "hold.h"

struct head {
    const char *path;
    __u32 bytes;
    __u32 found;
};

static long head_at(__u32 index, struct head *head)
{
    __u64 eight;

    if (index + 8 > head->bytes || index > THAW_KERNEL_PATH_BYTES - 8)
        return 1;
    __builtin_memcpy(&eight, head->path + index, 8);
    head->found = eight == EIGHT('l', 'i', 'b', 'p', 'y', 't', 'h', 'o');
    return head->found;
}

/* Does a program load Python by dlopen? Which one is known when it is mapped. */
static __always_inline bool loads_python(const char *path, __u32 bytes)
{
    struct head head = {.path = path, .bytes = bytes};

    bpf_loop(THAW_KERNEL_PATH_BYTES, head_at, &head, 0);
    return head.found;
}

static __always_inline void send_library(__u64 pid_tgid)
{
    struct thaw_kernel_library_open event = {};

    event.descriptor = -1;
    event.held = hold_process(pid_tgid >> 32);
    fill_header(&event.header, THAW_KERNEL_LIBRARY_OPEN, sizeof(event), pid_tgid);
    send(&event, sizeof(event), true);
}

static __always_inline int dlopen_call(struct pt_regs *ctx)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thaw_kernel_process *process = traced_process(pid_tgid >> 32);
    struct thaw_kernel_dlopen_begin *event;
    struct place place;
    long bytes = 0;
    __u32 strand;

    if (!process || !place_of(process, pid_tgid, ctx->sp, &place))
        return 0;
    strand = strand_for(&place, frame_around(&place));
    event = (void *)place.thread->scratch;
    if (ctx->di) { /* NULL: the program itself */
        bytes = fetch_user_string(event->path, THAW_KERNEL_PATH_BYTES, ctx->di);
        if (bytes < 0)
            count(&losses, THAW_LOSS_NAME_UNREADABLE);
    }
    bytes = bytes > 0 ? bytes & (2 * THAW_KERNEL_PATH_BYTES - 1) : 0;
    if (bytes > THAW_KERNEL_PATH_BYTES)
        bytes = THAW_KERNEL_PATH_BYTES;
    event->stack = ctx->sp;
    event->path_bytes = bytes;
    event->reserved = 0;
    event->strand = strand;
    fill_header(&event->header, THAW_KERNEL_DLOPEN_BEGIN, 96 + bytes, pid_tgid);
    fill_usage(&event->usage, place.thread);
    send(event, 96 + bytes, false);
    /* name is free in such a frame: 1 says that Python is loaded. */
    frame_push(&place, loads_python(event->path, bytes), FRAME_DLOPEN, strand);
    return 0;
}

/* At the kernel's return probe: the return address has been popped. No program switches stacks in
 * the middle of dlopen, so here such a probe does no harm. */
static __always_inline int dlopen_return(struct pt_regs *ctx)
{
    struct place place;
    struct frame frame;

    if (!frame_return(STACK_AT_CALL(ctx), FRAME_DLOPEN, &place, &frame))
        return 0;
    send_frame_mark(THAW_KERNEL_DLOPEN_END, &place, frame.strand, ctx->ax == 0);
    if (frame.name && ctx->ax)
        send_library(place.pid_tgid);
    return 0;
}

#endif
