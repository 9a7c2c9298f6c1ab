/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_FILES_H
#define THAW_BPF_FILES_H

/* Files opened while the thread has an import open. Arguments still stand in the registers when
 * the call returns, so the exit alone tells everything. */
#include "system_call.h"

/* System call numbers of x86-64: arch/x86/entry/syscalls/syscall_64.tbl */
enum { CALL_OPEN = 2, CALL_OPENAT = 257, CALL_OPENAT2 = 437 };

static __always_inline void file_open_exit(const struct system_call *system_call, __s64 result,
                                           __u64 pid_tgid)
{
    struct thaw_kernel_file_open *event;
    struct thread *thread;
    __u64 path;
    long bytes;

    if (system_call->number == CALL_OPEN)
        path = system_call->first;
    else if (system_call->number == CALL_OPENAT || system_call->number == CALL_OPENAT2)
        path = system_call->second;
    else
        return;
    thread = bpf_map_lookup_elem(&threads, &pid_tgid);
    if (!thread || !thread->depth)
        return;
    event = (void *)thread->scratch;
    bytes = bpf_probe_read_user_str(event->path, THAW_KERNEL_PATH_BYTES, (void *)path);
    if (bytes < 0)
        count(&losses, THAW_LOSS_NAME_UNREADABLE);
    bytes = bytes > 0 ? bytes & (2 * THAW_KERNEL_PATH_BYTES - 1) : 0;
    if (bytes > THAW_KERNEL_PATH_BYTES)
        bytes = THAW_KERNEL_PATH_BYTES;
    event->result = result;
    event->path_bytes = bytes;
    event->reserved[0] = event->reserved[1] = event->reserved[2] = 0;
    fill_header(&event->header, THAW_KERNEL_FILE_OPEN, 40 + bytes, pid_tgid);
    send(event, 40 + bytes, false);
}

#endif
