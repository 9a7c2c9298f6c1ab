/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_INTERPRETER_PROBES_H
#define THAW_CAPTURE_INTERPRETER_PROBES_H

#include "capture/probes.h"
#include "capture/programs.h"
#include "python/places.h"

/* How one row of the probe table went. */
struct thaw_probe_attempt {
    const struct thaw_probe_row *row;
    struct thaw_error failure; /* code 0: attached */
};

#define THAW_PROBE_ATTEMPTS_MOST 16 /* rows of the probe table for an interpreter */

/* The probes of one interpreter. */
struct thaw_interpreter_probes {
    struct thaw_probe_attempt attempts[THAW_PROBE_ATTEMPTS_MOST];
    size_t count;
    bool attached; /* imports are seen */
};

/* Which rows of the table. */
enum thaw_probe_set {
    THAW_PROBES_ALL,
    THAW_PROBES_AUDIT, /* those that `thaw audit` always has */
    THAW_PROBES_SPLIT, /* all the others */
};

/* The links of an interpreter (by its number, from 1 on) in all processes are the group of that
 * number; those in a single one are this. */
#define THAW_GROUP_OF_PROCESS(pid) ((thaw_link_group)(pid) | 1u << 31)

/* Those of THAW_PROBES_SPLIT in all processes are a group of their own. */
#define THAW_GROUP_OF_SPLIT(interpreter) ((thaw_link_group)(interpreter) | 1u << 30)

/*
 * Attaches what the probe table has for an interpreter (info->row is set) to its object, for
 * all processes that run it or for one (0 all); the latter counts once it is narrowed
 * (thaw_programs_narrow()). What this version does not have is left out. Fills *ret, failures
 * included.
 */
void thaw_interpreter_probes_attach(struct thaw_programs *programs,
                                    const struct thaw_interpreter_info *info,
                                    const struct thaw_python_places *places, uint32_t interpreter,
                                    pid_t process, enum thaw_probe_set set,
                                    struct thaw_interpreter_probes *ret);

#endif
