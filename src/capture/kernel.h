/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_KERNEL_H
#define THAW_CAPTURE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "thaw/error.h"

/*
 * The ways to attach to an instruction of a program, best last. Uprobe sessions (Linux 6.13) are
 * not among them: they spend a return probe, and thaw sees returns without (native/calls.h).
 */
enum thaw_uprobe_way {
    THAW_UPROBE_NONE,
    THAW_UPROBE_PERF,  /* perf event; needs CAP_SYS_ADMIN */
    THAW_UPROBE_MULTI, /* BPF link, Linux 6.6 */
};

/* What this kernel lets this process do; found by trying, not by version. */
struct thaw_kernel_support {
    bool apart;   /* in a PID namespace of its own: the kernel's process numbers are others */
    bool btf;     /* /sys/kernel/btf/vmlinux is there */
    int load;     /* 0, or the negative errno of loading a tracing program */
    bool perf;    /* perf uprobes attach */
    bool multi;   /* uprobe multi links attach */
    bool sockets; /* tracepoints of what sockets send and receive, Linux 6.3; only where everything
                     was asked for */
    enum thaw_uprobe_way way;
};

/*
 * Tries on thaw's own binary what works, and leaves nothing behind. everything: also the ways that
 * are not needed because a better one works (each costs some 50 ms, as detaching waits).
 */
void thaw_kernel_probe(bool everything, struct thaw_kernel_support *ret);

/* "uprobe multi", … */
const char *thaw_uprobe_way_name(enum thaw_uprobe_way way);

/*
 * Why recording with eBPF is not possible, as one line for people with the next step, or NULL
 * when it is.
 */
const char *thaw_kernel_refusal(const struct thaw_kernel_support *support);

#endif
