/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_LOADER_H
#define THAW_BPF_LOADER_H

/* dlopen of the C library: which extension or library, how long, inside which import. */
#include "frames.h"

static __always_inline bool dlopen_entry(struct pt_regs *ctx)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thaw_kernel_dlopen_begin *event;
    struct thread *thread;
    long bytes = 0;

    count(&hits, THAW_HIT_DLOPEN);
    if (!traced_process(pid_tgid >> 32))
        return false;
    thread = thread_state(pid_tgid);
    if (!thread)
        return false;
    frames_prune(thread, ctx->sp);
    event = (void *)thread->scratch;
    if (ctx->di) { /* NULL: the program itself */
        bytes = bpf_probe_read_user_str(event->path, THAW_KERNEL_PATH_BYTES, (void *)ctx->di);
        if (bytes < 0)
            count(&losses, THAW_LOSS_NAME_UNREADABLE);
    }
    bytes = bytes > 0 ? bytes & (2 * THAW_KERNEL_PATH_BYTES - 1) : 0;
    if (bytes > THAW_KERNEL_PATH_BYTES)
        bytes = THAW_KERNEL_PATH_BYTES;
    event->stack = ctx->sp;
    event->path_bytes = bytes;
    event->reserved[0] = event->reserved[1] = event->reserved[2] = 0;
    fill_header(&event->header, THAW_KERNEL_DLOPEN_BEGIN, 40 + bytes, pid_tgid);
    send(event, 40 + bytes, false);
    return frame_push(thread, ctx->sp, 0, FRAME_DLOPEN);
}

#endif
