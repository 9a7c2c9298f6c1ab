/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_LOADER_H
#define THAW_BPF_LOADER_H

/* dlopen of the C library: which extension or library, how long, inside which import. */
#include "frames.h"

static __always_inline int dlopen_call(struct pt_regs *ctx)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct process *process = traced_process(pid_tgid >> 32);
    struct thaw_kernel_dlopen_begin *event;
    struct place place;
    long bytes = 0;
    __u32 strand;

    count(&hits, THAW_HIT_DLOPEN);
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
    fill_header(&event->header, THAW_KERNEL_DLOPEN_BEGIN, 40 + bytes, pid_tgid);
    send(event, 40 + bytes, false);
    frame_push(&place, 0, FRAME_DLOPEN, strand);
    return 0;
}

/* At the kernel's return probe: the return address has been popped. No program switches stacks in
 * the middle of dlopen, so here such a probe does no harm. */
static __always_inline int dlopen_return(struct pt_regs *ctx)
{
    struct place place;
    struct frame frame;

    count(&hits, THAW_HIT_RETURN);
    if (frame_return(ctx->sp - 8, FRAME_DLOPEN, &place, &frame))
        send_frame_mark(THAW_KERNEL_DLOPEN_END, &place, frame.strand, ctx->ax == 0);
    return 0;
}

#endif
