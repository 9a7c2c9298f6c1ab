/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_EVENTS_H
#define THAW_NATIVE_EVENTS_H

#include <stdint.h>

/*
 * Events about native code; recording_events.h has the others and all their numbers.
 */

/* How processes are sampled from here on. */
struct thaw_sampling {
    uint64_t period_ns; /* of each CPU's clock */
    uint64_t stacks;    /* 1: with their calls */
};

/*
 * Code that was mapped into a process; what lay there before is gone. path as the process sees it,
 * or what the kernel calls it: "[vdso]", "//anon".
 */
struct thaw_code_mapping {
    const char *path;
    uint64_t start;
    uint64_t bytes;
    uint64_t offset; /* in the file */
    uint64_t first;  /* 1: of a program that was executed; the mappings before are all gone */
    uint64_t device; /* of the file, by the kernel; 0: it had no name any more */
    uint64_t inode;  /* 0: of no file, or not known */
};

/* A thread that had an import open was on a CPU, at a tick of that CPU's clock. */
struct thaw_sample {
    uint64_t address; /* of the program's next instruction */
    uint64_t stack;   /* the program's stack pointer */
    uint64_t strand;
    uint64_t in_kernel; /* 1: on its way through the kernel, into which it went at address */
};

/*
 * A call on the way to a sample: made by the call numbered caller (0: none, a thread's start), from
 * the instruction before offset in the object's file. Numbered from 1 on, callers first; those that
 * are the same up to the thread's start are one.
 */
struct thaw_call {
    uint64_t number;
    uint64_t caller;
    const char *path; /* as of a mapping, "" in none */
    uint64_t offset;  /* in the file; the address itself where path is "" */
};

/* The calls on the stack of the latest sample of the thread, if that is at this address. */
struct thaw_stack {
    uint64_t call; /* the innermost, 0 none */
    uint64_t address;
    const char *end; /* "complete", "truncated": longer than what is copied, "probed": at the
                        function whose return thaw's own probe watches (dlopen), "broken" */
};

/* A function of a shared object or program that samples or calls lie in. */
struct thaw_inventory_symbol {
    const char *path;
    uint64_t offset; /* of its first instruction in the file */
    uint64_t bytes;
    const char *name; /* "" the file has none */
};

#endif
