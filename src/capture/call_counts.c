/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "capture/call_counts.h"

/* How newer kernels come to probes (of other tools here): no headers of Debian 12 name them. */
#define CALL_URETPROBE 335
#define CALL_UPROBE 336

void thaw_call_counts_enter(struct thaw_process_counts *counts, const struct thaw_call_entry *entry)
{
    if (entry->number != CALL_URETPROBE && entry->number != CALL_UPROBE)
        counts->system_calls++;
}

static bool is_read(uint64_t number)
{
    return number == SYS_read || number == SYS_pread64 || number == SYS_readv ||
           number == SYS_preadv || number == SYS_preadv2;
}

static bool is_open(uint64_t number)
{
    return number == SYS_open || number == SYS_openat || number == SYS_openat2;
}

static bool is_lookup(uint64_t number)
{
    switch (number) {
    case SYS_stat:
    case SYS_lstat:
    case SYS_newfstatat:
    case SYS_statx:
    case SYS_access:
    case SYS_faccessat:
    case SYS_faccessat2:
    case SYS_readlink:
    case SYS_readlinkat:
        return true;
    default:
        return is_open(number);
    }
}

bool thaw_call_counts_leave(struct thaw_process_counts *counts, const struct thaw_call_entry *entry,
                            int64_t result)
{
    if (result < 0) {
        if ((result == -ENOENT || result == -ENOTDIR) && is_lookup(entry->number))
            counts->failed_lookups++;
        return false;
    }
    if (entry->number == SYS_mmap)
        return entry->arguments[2] & PROT_EXEC && !(entry->arguments[3] & MAP_ANONYMOUS);
    if (is_read(entry->number))
        counts->read_bytes += (uint64_t)result;
    else if (is_open(entry->number))
        counts->files_opened++;
    return false;
}
