/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_COUNT_EVENTS_H
#define THAW_COUNT_EVENTS_H

#include <stdint.h>

/*
 * What a process did, counted; part of recording_events.h. Stored once for each process, when it
 * has ended or the recording has. Counting begins when the process executes its last program (a
 * process that executes none: when it is forked), with all of its threads, and goes by what the
 * kernel was asked and answered, so that both ways of counting come to the same numbers. A process
 * that already ran when the recording began is not counted.
 *
 * Not the same in both: calls that a seccomp filter refuses are counted under ptrace alone, where
 * standard error is a socket, too, which a program may look at. There what CPython writes of its
 * imports is left out, as it is asked for by the backend. Not seen by either: io_uring. Of programs
 * of 32 bits system_calls alone means anything.
 */

/* The probe of a recording whose command runs under ptrace so that it can be counted. */
#define THAW_PROBE_COUNTING "process.counts"

/* Bits of known; what is not known is 0. */
enum {
    THAW_COUNTED_SYSTEM_CALLS = 1 << 0,
    THAW_COUNTED_FILES_OPENED = 1 << 1,
    THAW_COUNTED_FAILED_LOOKUPS = 1 << 2,
    THAW_COUNTED_READ_BYTES = 1 << 3,
    THAW_COUNTED_THREADS = 1 << 4,
    THAW_COUNTED_MAPPED_LIBRARIES = 1 << 5,
    THAW_COUNTED_CPU = 1 << 6,
};

struct thaw_process_counts {
    const char *by; /* "ebpf", "ptrace"; "proc": times alone, looked up in the end */
    /* "exit": the process's; it went on: "command-exit", "first-reply", "duration", "interrupted"
     * or "error", by what ended the recording. After a first reply counting is over as soon as that
     * was noticed. */
    const char *until;
    uint64_t known;

    /* Entered, so that exit_group(2) is the last one; but for uprobe and uretprobe, which the
     * kernel puts into a program that is probed. */
    uint64_t system_calls;
    uint64_t
        files_opened; /* open, openat and openat2 that succeeded, also of folders and devices */
    /* open, openat, openat2, stat, lstat, newfstatat, statx, access, faccessat, faccessat2,
     * readlink and readlinkat that ended with ENOENT or ENOTDIR. */
    uint64_t failed_lookups;
    /* What read, pread64, readv, preadv and preadv2 gave, of files or of anything else. */
    uint64_t read_bytes;
    uint64_t threads; /* that were started, the first one included */
    /* Regular files that mmap(2) mapped executable, each inode once: so neither the program itself
     * nor its dynamic loader, which execve(2) maps. */
    uint64_t mapped_libraries;
    /* User's and system's of all threads since the process's start, so also before it executed. */
    uint64_t cpu_ns;
};

#endif
