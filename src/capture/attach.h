/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_ATTACH_H
#define THAW_CAPTURE_ATTACH_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/kernel.h"
#include "thaw/error.h"

/* BPF_TRACE_UPROBE_MULTI and BPF_TRACE_UPROBE_SESSION of enum bpf_attach_type, Linux 6.6 and 6.13;
 * libbpf 1.1.2 knows neither, but passes numbers through. */
#define THAW_ATTACH_UPROBE_MULTI 48
#define THAW_ATTACH_UPROBE_SESSION 57

/*
 * Attaches a loaded program (its descriptor) to one place in the file at path, for every process
 * that runs that file, now or later. cookie is what bpf_get_attach_cookie() gives the program.
 * Returns the link's descriptor (closing it detaches) or a negative errno; way must not be NONE.
 */
int thaw_attach_uprobe(int program, enum thaw_uprobe_way way, const char *path, uint64_t offset,
                       uint64_t cookie, bool at_return);

#endif
