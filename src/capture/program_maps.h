/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_PROGRAM_MAPS_H
#define THAW_CAPTURE_PROGRAM_MAPS_H

#include <stdbool.h>
#include <stddef.h>

#include <bpf/libbpf.h>

#include "base/array.h"
#include "capture/programs.h"

/* What the files of programs.h share. */
struct thaw_programs {
    struct bpf_object *object;
    enum thaw_uprobe_way way;
    bool production;
    THAW_ARRAY(struct bpf_link *) tracepoints;
    THAW_ARRAY(thaw_link_group) tracepoint_groups; /* same index */
    THAW_ARRAY(int) links;
    THAW_ARRAY(thaw_link_group) groups; /* of links, same index */
};

/* The descriptor of a map, by its name in bpf/. */
int thaw_program_map(const struct thaw_programs *programs, const char *name);

/* Before loading: chooses the programs, and fits them and the maps to the options. NULL: for a
 * recording. */
int thaw_program_prepare(struct thaw_programs *programs,
                         const struct thaw_programs_options *options, struct thaw_error *error);

#endif
