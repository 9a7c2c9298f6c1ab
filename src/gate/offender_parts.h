/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_OFFENDER_PARTS_H
#define THAW_GATE_OFFENDER_PARTS_H

#include "base/path_table.h"
#include "gate/gate_parts.h"

/* What may be to blame, while it is being looked for. */

/* Something whose amount is known on both sides, or on head's alone. */
struct thaw_gate_part {
    const char *kind, *name, *version, *old_version;
    double now, before; /* -1: not there, or not known */
};

struct thaw_gate_parts {
    struct thaw_gate_judge *judge;
    struct thaw_path_table table; /* key of the name -> number */
    THAW_ARRAY(struct thaw_gate_part) list;
    bool knows_before;
    bool failed;
};

/* The part of a key, which is added where it is missing; NULL: memory is short. */
struct thaw_gate_part *thaw_gate_part_named(struct thaw_gate_parts *parts, const char *key);

/* offender_things.c: files, libraries and conflicts of a target, where the metric is about these.
 * False: it is not. */
bool thaw_gate_add_things(struct thaw_gate_parts *parts, const struct thaw_gate_check *check);

/* offender_bringers.c: a package of modules that came with another one counts for that: what brings
 * 60 others is one offender, not 60. Distributions stand for themselves. */
void thaw_gate_add_to_bringers(struct thaw_gate_parts *parts);

#endif
