/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause OR Apache-2.0 */
#ifndef THAW_KERNEL_ACCOUNT_H
#define THAW_KERNEL_ACCOUNT_H

/* What the BPF programs count beside what they tell: losses, and their own runs. Part of event.h.
 */
#include "thaw/probe_cookie.h"

/* Why something was not recorded, counted in the kernel: one slot each. */
enum thaw_kernel_loss {
    THAW_LOSS_RING_FULL = 0,       /* no room in the ring buffer */
    THAW_LOSS_NAME_UNREADABLE = 1, /* page of a name or path not resident */
    THAW_LOSS_TOO_DEEP = 2,        /* more open frames than THAW_KERNEL_FRAMES */
    THAW_LOSS_THREADS_FULL = 3,    /* no room for one more importing thread */
    THAW_LOSS_PROCESSES_FULL = 4,  /* no room for one more traced process */
    THAW_LOSS_CALLS_FULL = 5,      /* no room for one more socket call */
    THAW_LOSS_CONNECTIONS_FULL = 6,
    THAW_LOSS_ARGUMENTS_UNREADABLE = 7,
    THAW_LOSS_HELD_FULL = 8, /* no room for one more process that is to be held */
    THAW_LOSS_FOLDERS_FULL = 9,
    THAW_LOSS_LISTENS_FULL = 10,
    THAW_LOSS_ACCEPTS_FULL = 11,
    THAW_LOSS_HOST_FILES_FULL = 12,
    THAW_LOSS_VMS_FULL = 13,      /* no room for one more monitor */
    THAW_LOSS_UNKNOWN_FILES = 14, /* executed too fast for all of them to be looked at */
    THAW_LOSS_KINDS = 15,
};

/* The programs, for the account of thaw's own cost. Those up to THAW_PROGRAM_PROBES are hit by the
 * uprobes of traced and other processes. */
enum thaw_kernel_program {
    THAW_PROGRAM_FIND = 0,
    THAW_PROGRAM_BODY = 1,
    THAW_PROGRAM_DLOPEN = 2,
    THAW_PROGRAM_RETURN = 3, /* by the kernel's return probes */
    THAW_PROGRAM_GC = 4,
    THAW_PROGRAM_SITE = 5, /* where a call returns to */
    THAW_PROGRAM_INIT = 6,
    THAW_PROGRAM_LAZY = 7,
    THAW_PROGRAM_MARSHAL = 8,
    THAW_PROGRAM_NAME = 9, /* of hosts and environment variables */
    THAW_PROGRAM_PROBES = 10,
    THAW_PROGRAM_CALL_BEGIN = 10, /* of system calls */
    THAW_PROGRAM_CALL_END = 11,
    THAW_PROGRAM_SWITCH = 12,
    THAW_PROGRAM_DISK = 13,
    THAW_PROGRAM_PROCESS = 14,
    THAW_PROGRAM_SAMPLE = 15,
    THAW_PROGRAM_VM = 16,
    THAW_PROGRAM_SEND = 17, /* on sockets */
    THAW_PROGRAM_RECEIVE = 18,
    THAW_PROGRAM_STATE = 19, /* of connections */
    THAW_PROGRAM_KINDS = 20,
};

/*
 * How often a kind of program ran, and how long it took in those runs that were timed: the kernel's
 * own count of run times costs more than most of the programs (measured: 72 ns a run).
 */
struct thaw_kernel_account {
    thaw_u64 runs;
    thaw_u64 timed;
    thaw_u64 timed_ns;
};

/* One run of so many is timed: a prime, as programs take turns in patterns. */
#define THAW_KERNEL_TIMED_RUNS 17

#endif
