/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_LOOKUPS_H
#define THAW_BPF_LOOKUPS_H

/*
 * Where modules are looked for: most are looked for in the same few folders, one after the other,
 * so they are gathered and told once for each module, when it was found or not.
 */
#include "usage.h"
#include "user_memory.h"

#define MODE_KIND 0170000
#define MODE_FOLDER 0040000

/* Copies a path, its NUL included; how many bytes that are. */
static __always_inline __u32 copy_path(char *to, __u64 path)
{
    long bytes = bpf_probe_read_user_str(to, THAW_KERNEL_PATH_BYTES, (void *)path);

    if (bytes < 0)
        count(&losses, THAW_LOSS_NAME_UNREADABLE);
    bytes = bytes > 0 ? bytes & (2 * THAW_KERNEL_PATH_BYTES - 1) : 0;
    return bytes > THAW_KERNEL_PATH_BYTES ? THAW_KERNEL_PATH_BYTES : bytes;
}

/* Tells what was gathered. Like all here, it is put together in the thread's scratch, as the stack
 * of a program has 512 bytes only. */
static __always_inline void lookups_tell(struct thread *thread, __u64 pid_tgid)
{
    struct thaw_kernel_lookups *event = (void *)thread->scratch;
    struct lookups *lookups = &thread->lookups;

    if (!lookups->count)
        return;
    fill_header(&event->header, THAW_KERNEL_LOOKUPS, sizeof(*event), pid_tgid);
    event->usage = lookups->usage;
    event->stack = lookups->stack;
    event->last_ns = lookups->last_ns;
    event->bytes = lookups->bytes;
    event->mtime_s = lookups->mtime_s;
    event->count = lookups->count;
    event->failed = lookups->failed;
    event->searched = lookups->searched;
    event->strand = lookups->strand;
    send(event, sizeof(*event), false);
    lookups->count = 0;
    lookups->failed = 0;
    lookups->last_ns = 0;
    lookups->bytes = 0;
    lookups->mtime_s = 0;
    __builtin_memset(&lookups->usage, 0, sizeof(lookups->usage));
}

/* Another module is looked for from now on: nothing was searched for it so far. */
static __always_inline void lookups_begin(struct thread *thread)
{
    thread->lookups.searched = 0;
}

static __always_inline void send_folder(struct thread *thread, __u32 number, __u32 after,
                                        __u64 path, __u64 pid_tgid)
{
    struct thaw_kernel_folder *event = (void *)thread->scratch;
    __u32 bytes = copy_path(event->path, path);

    event->number = number;
    event->after = after;
    event->path_bytes = bytes;
    event->reserved[0] = event->reserved[1] = event->reserved[2] = 0;
    fill_header(&event->header, THAW_KERNEL_FOLDER, 40 + bytes, pid_tgid);
    send(event, 40 + bytes, false);
}

/* The number of a folder that is searched now; 0 (counted) when there is no room for one more. */
static __always_inline __u32 folder_number(struct thread *thread, const struct user_status *found,
                                           __u64 path, __u64 pid_tgid)
{
    struct folder folder = {.device = found->device,
                            .inode = found->inode,
                            .after = thread->lookups.searched};
    __u32 *known = bpf_map_lookup_elem(&folders, &folder), *last, number, zero = 0;

    if (known)
        return *known;
    last = bpf_map_lookup_elem(&folder_count, &zero);
    if (!last)
        return 0;
    number = __sync_fetch_and_add(last, 1) + 1;
    if (bpf_map_update_elem(&folders, &folder, &number, BPF_NOEXIST)) {
        known = bpf_map_lookup_elem(&folders, &folder); /* another thread was quicker */
        if (!known)
            count(&losses, THAW_LOSS_FOLDERS_FULL);
        return known ? *known : 0;
    }
    send_folder(thread, number, folder.after, path, pid_tgid);
    return number;
}

static __always_inline void send_failed_lookup(struct thread *thread, __s64 result, __u64 stack,
                                               __u64 path, __u64 pid_tgid)
{
    struct thaw_kernel_lookup *event = (void *)thread->scratch;
    __u32 bytes = copy_path(event->path, path);

    event->result = result;
    event->stack = stack;
    event->path_bytes = bytes;
    event->reserved = 0;
    event->strand = thread->lookups.strand;
    fill_header(&event->header, THAW_KERNEL_LOOKUP, 48 + bytes, pid_tgid);
    send(event, 48 + bytes, false);
}

/* A lookup that is over. */
struct lookup {
    __u64 path;
    __u64 status; /* where the program has struct stat, 0: nowhere */
    __s64 result;
    __u64 stack;
    __u32 strand;
};

static __always_inline void lookups_add(struct thread *thread, __u64 pid_tgid,
                                        const struct lookup *lookup)
{
    struct user_status *found = (void *)thread->scratch;
    struct lookups *lookups = &thread->lookups;

    if (lookups->count && lookups->strand != lookup->strand)
        lookups_tell(thread, pid_tgid);
    lookups->strand = lookup->strand;
    lookups->stack = lookup->stack;
    lookups->count++;
    if (lookup->result) {
        lookups->failed++;
        send_failed_lookup(thread, lookup->result, lookup->stack, lookup->path, pid_tgid);
    } else if (lookup->status && read_user(found, sizeof(*found), lookup->status)) {
        if ((found->mode & MODE_KIND) == MODE_FOLDER) {
            lookups->searched = folder_number(thread, found, lookup->path, pid_tgid);
            return;
        }
        lookups->last_ns = bpf_ktime_get_boot_ns();
        fill_usage(&lookups->usage, thread);
        lookups->bytes = found->size;
        lookups->mtime_s = found->change_s;
    }
}

#endif
