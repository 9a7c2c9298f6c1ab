/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_ATTACH_H
#define THAW_CAPTURE_ATTACH_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/kernel.h"
#include "thaw/error.h"

/* BPF_TRACE_UPROBE_MULTI and BPF_TRACE_UPROBE_SESSION of enum bpf_attach_type, Linux 6.6 and 6.13;
 * libbpf 1.1.2 knows neither, but passes numbers through. */
#define THAW_ATTACH_UPROBE_MULTI 48
#define THAW_ATTACH_UPROBE_SESSION 57

/* Where a program is attached: for every process that runs the file, now or later. */
struct thaw_attach_place {
    const char *path;
    uint64_t offset;            /* of the instruction in the file */
    uint64_t reference_counter; /* offset of the probe's semaphore in the file (USDT), 0 none */
    uint64_t cookie;            /* what bpf_get_attach_cookie() gives the program */
    bool at_return;             /* of the function that begins there */
};

/*
 * Attaches a loaded program (its descriptor). Returns the link's descriptor (closing it detaches)
 * or a negative errno; way must not be NONE.
 */
int thaw_attach_uprobe(int program, enum thaw_uprobe_way way,
                       const struct thaw_attach_place *place);

/* What a program must be loaded as to be attached that way. */
enum bpf_attach_type thaw_attach_type(enum thaw_uprobe_way way);

/*
 * Closes links. Each waits for the kernel's grace periods, some 50 ms; closed at the same time they
 * share them (measured: 18 links, 0.9 s one after the other).
 */
void thaw_attach_close(const int *links, size_t count);

#endif
