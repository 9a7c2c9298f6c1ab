/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_TIMELINE_H
#define THAW_NATIVE_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where imports were on a CPU: samples of their threads, by shared object, function and module. A
 * sample stands for one period of CPU time; of n samples the error is sqrt(n).
 */

/* Samples of one library, or path of calls, while one module was being imported. */
struct thaw_native_share {
    uint32_t of;     /* its index */
    uint32_t module; /* id */
    uint64_t samples;
};

/* A program, a shared object, or other memory that held code. */
struct thaw_native_library {
    const char *path; /* or what the kernel calls it */
    const char *kind; /* "file", "vdso", "probe" (thaw's own), "anonymous" (made at run time) */
    const char *distribution; /* "" none or unknown */
    uint64_t samples;
    uint64_t kernel_samples;                 /* of these, on the way through the kernel */
    const struct thaw_native_share *modules; /* most samples first */
    size_t module_count;
};

struct thaw_native_function {
    uint32_t library; /* index */
    const char *name; /* "" the object has none for it */
    uint64_t offset;  /* in the file: of its begin, or (whole false) of one instruction in it */
    bool whole;       /* where it begins and ends is known */
    uint64_t samples; /* in itself */
    uint64_t kernel_samples;
};

/* Calls that led to samples, innermost first, as far as they lie below the interpreter's own. */
struct thaw_native_path {
    uint64_t samples;
    const uint32_t *functions; /* indexes */
    size_t function_count;
    const struct thaw_native_share *modules; /* most samples first */
    size_t module_count;
};

struct thaw_native {
    uint64_t period_ns;      /* 0: nothing was sampled */
    uint64_t samples;        /* while a module was being imported */
    uint64_t kernel_samples; /* of these */
    uint64_t unattributed;   /* of these, in no mapping that is known */
    uint64_t outside;        /* others, of the same threads: of no module's import */
    uint64_t beyond;         /* pieces of mapped code that were left out: there were too many */
    /* Also those that only lie on the way to samples. */
    const struct thaw_native_library *libraries;
    size_t library_count;
    const struct thaw_native_function *functions;
    size_t function_count;
    bool has_stacks;
    uint64_t complete, truncated, probed, broken; /* stacks, by how they end */
    const struct thaw_native_path *paths;
    size_t path_count;
    /* Indexes of all of each, most samples first. */
    const uint32_t *library_order;
    const uint32_t *function_order;
    const uint32_t *path_order;
};

#endif
