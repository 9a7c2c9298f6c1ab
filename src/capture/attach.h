/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_ATTACH_H
#define THAW_CAPTURE_ATTACH_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "capture/kernel.h"
#include "thaw/error.h"

/* BPF_TRACE_UPROBE_MULTI of enum bpf_attach_type, Linux 6.6; libbpf 1.1.2 does not know it, but
 * passes numbers through. */
#define THAW_ATTACH_UPROBE_MULTI 48

/* One instruction in a file. */
struct thaw_attach_point {
    uint64_t offset;
    uint64_t reference_counter; /* offset of the probe's semaphore in the file (USDT), 0 none */
    uint64_t cookie;            /* what bpf_get_attach_cookie() gives the program */
};

/* Where a program is attached: for every process that runs the file, now or later. */
struct thaw_attach_place {
    const char *path;
    const struct thaw_attach_point *points;
    size_t count;   /* at most THAW_ATTACH_POINTS_MAX */
    bool at_return; /* of the functions that begin there */
    pid_t process;  /* only this one, with all its threads; 0 all */
};

#define THAW_ATTACH_POINTS_MAX ((size_t)256)

/*
 * Attaches a loaded program (its descriptor) to all points or none. Fills links, which has room for
 * place->count of them, with the descriptors of *ret_count links (closing them detaches). A
 * negative errno otherwise; way must not be NONE.
 */
int thaw_attach_uprobe(int program, enum thaw_uprobe_way way, const struct thaw_attach_place *place,
                       int *links, size_t *ret_count);

/* What a program must be loaded as to be attached that way. */
enum bpf_attach_type thaw_attach_type(enum thaw_uprobe_way way);

/*
 * Closes links. Each waits for the kernel's grace periods, some 50 ms; closed at the same time they
 * share them (measured: 18 links, 0.9 s one after the other).
 */
void thaw_attach_close(const int *links, size_t count);

#endif
