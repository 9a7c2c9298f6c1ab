/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_FILES_H
#define THAW_BPF_FILES_H

/* Files opened while the thread has an import open. Arguments still stand in the registers when
 * the call returns, so the exit alone tells everything. */
#include "descriptor.h"
#include "frames.h"
#include "hold.h"
#include "system_call.h"

#define LIBRARY_NAME_BYTES 10 /* "libpython" and a NUL */

/* System call numbers of x86-64: arch/x86/entry/syscalls/syscall_64.tbl */
enum { CALL_OPEN = 2, CALL_OPENAT = 257, CALL_OPENAT2 = 437 };

/*
 * Programs that embed Python may load it at any time, under a name of their own. Told for each
 * process; who loads one that is not known is held, and the reader comes at once.
 */
static __always_inline void library_open(__s64 descriptor, __u64 pid_tgid)
{
    static const char wanted[LIBRARY_NAME_BYTES] = "libpython";
    struct thaw_kernel_library_open event = {};
    char name[LIBRARY_NAME_BYTES] = {};
    struct file *file;
    bool known;

    file = descriptor >= 0 ? file_of(descriptor) : NULL;
    if (!file ||
        bpf_probe_read_kernel(name, sizeof(name), BPF_CORE_READ(file, f_path.dentry, d_name.name)))
        return;
    for (int i = 0; i < LIBRARY_NAME_BYTES - 1; i++)
        if (name[i] != wanted[i])
            return;
    file_identity(file, &event.file);
    known = file_is_known(&event.file);
    event.descriptor = descriptor;
    event.held = !known && hold_process(pid_tgid >> 32);
    fill_header(&event.header, THAW_KERNEL_LIBRARY_OPEN, sizeof(event), pid_tgid);
    send(&event, sizeof(event), !known);
}

/* The strand that made the call: the program's stack pointer tells it. */
static __always_inline __u32 strand_of_call(struct thread *thread, __u64 pid_tgid, __u64 stack)
{
    struct thaw_kernel_process *process = traced_process(pid_tgid >> 32);
    struct frame *frame = NULL;

    if (process && process->flags & THAW_PROCESS_SWITCHES)
        frame = frame_of(thread, frame_running(thread, stack));
    return frame ? frame->strand : 0;
}

static __always_inline void file_open_exit(const struct system_call *system_call, __s64 result,
                                           __u64 pid_tgid, __u64 stack)
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
    library_open(result, pid_tgid);
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
    event->stack = stack;
    event->path_bytes = bytes;
    event->reserved = 0;
    event->strand = strand_of_call(thread, pid_tgid, stack);
    fill_header(&event->header, THAW_KERNEL_FILE_OPEN, 48 + bytes, pid_tgid);
    send(event, 48 + bytes, false);
}

#endif
