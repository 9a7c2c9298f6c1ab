/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause OR Apache-2.0 */
#ifndef THAW_AUDIT_RECORD_H
#define THAW_AUDIT_RECORD_H

/*
 * A part of event.h, which includes it behind what it needs: what is different when the programs
 * stay attached to a whole machine for good (`thaw audit`).
 */

/* Set before the programs are loaded, and never changed: constants to the kernel's verifier. */
struct thaw_kernel_settings {
    thaw_u64 wake_bytes; /* unread in the ring: its reader is woken */
    thaw_u32 production; /* 1: the whole machine, for good */
    thaw_u32 reserved;
};

/* What an executable is: the value of the map `files`. */
enum thaw_kernel_executable {
    THAW_EXECUTABLE_UNKNOWN = 0, /* it is not in the map */
    THAW_EXECUTABLE_NOTHING = 1, /* looked at, and of no interest */
    THAW_EXECUTABLE_PYTHON = 2,
    THAW_EXECUTABLE_LOOK = 3, /* may be a platform's host: its command line tells */
    THAW_EXECUTABLE_TOLD = 4, /* not looked at yet, but its first execution was told: in records it
                                 is unknown still */
};

/* The root folder of a process, and its mounts, beside those of the daemon. */
enum thaw_kernel_root {
    THAW_ROOT_UNKNOWN = 0,
    THAW_ROOT_SAME = 1,
    THAW_ROOT_OTHER = 2,
};

/* What passes a second at most, each with a row of as many at once after a quiet second. */
#define THAW_KERNEL_UNKNOWN_FILES 200 /* files that nobody has looked at */
#define THAW_KERNEL_WAKES 300         /* wake-ups of the reader for executions */

enum thaw_kernel_bucket {
    THAW_BUCKET_UNKNOWN = 0,
    THAW_BUCKET_NAMED = 1, /* unknown, too, but called python… or dotnet */
    THAW_BUCKET_WAKES = 2,
    THAW_BUCKETS = 3,
};

/*
 * What a server was asked, counted in the kernel (bpf/requests.h): a request is what is received on
 * a TCP connection that was accepted, up to the next send on it; it is counted when its first bytes
 * were received. So several that are pipelined, or come at once on one connection of HTTP/2, count
 * as one, and a TLS handshake may count as one; of a reply in parts the first is the end. In an
 * entry of `processes`; nothing is told of single ones.
 */
struct thaw_kernel_requests {
    thaw_u64 requests;
    thaw_u64 busy_ns; /* of those that were answered */
    thaw_u32 in_flight;
    thaw_u32 most_in_flight; /* since the last look */
};

/* Bytes of a request that are told. */
#define THAW_KERNEL_HEAD_BYTES 1024

/*
 * The begin of what was received first on a connection that a server accepted, while that had
 * answered nobody yet. It never leaves the process that reads the ring buffer.
 */
struct thaw_kernel_request_head {
    struct thaw_kernel_header header;
    thaw_u64 connection; /* its number, as in thaw_kernel_server */
    thaw_u32 head_bytes;
    thaw_u32 reserved;
    char head[THAW_KERNEL_HEAD_BYTES];
};

/* What thaw (the command) asks the kernel side to do to an entry of `processes`, as that changes
 * meanwhile: the context of the program process_change. */
struct thaw_kernel_change {
    thaw_u32 tgid;
    thaw_u32 take;                        /* 1: most_in_flight begins anew */
    thaw_u64 set;                         /* flags */
    struct thaw_kernel_requests requests; /* as they were; answered */
    thaw_u32 found;                       /* answered: 0 the process is not traced */
    thaw_u32 reserved;
};

_Static_assert(sizeof(struct thaw_kernel_settings) == 16, "settings have no padding");
_Static_assert(sizeof(struct thaw_kernel_requests) == 24, "requests have no padding");
_Static_assert(sizeof(struct thaw_kernel_request_head) == 40 + 1024, "head has no padding");
_Static_assert(sizeof(struct thaw_kernel_change) == 48, "change has no padding");

#endif
