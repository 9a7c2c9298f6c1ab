/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_INTERPRETERS_H
#define THAW_CAPTURE_INTERPRETERS_H

#include "base/array.h"
#include "capture/interpreter_probes.h"

/* A library (or static interpreter) that was looked at, and its probes. */
struct thaw_covered {
    struct thaw_interpreter_info info;
    struct thaw_python_places places;
    struct thaw_interpreter_probes probes;
    const char *refusal; /* why its imports can't be seen, NULL they can */
    bool told;           /* its probes are in the recording: some process runs it */
    bool narrow;         /* probed in single processes only */
    uint64_t since_ns;   /* what started before that may have imported unseen */
};

/* All of them; each is known by its index, and its links are group index + 1. */
struct thaw_interpreters {
    struct thaw_programs *programs;
    struct thaw_arena *arena;
    enum thaw_probe_set probes; /* that are attached, before any is: THAW_PROBES_ALL or _AUDIT */
    struct thaw_covered *items; /* freed by thaw_array_free() */
    size_t count;
    size_t capacity;
};

/*
 * Finds the interpreter (by its object's file), or takes it in and attaches to it in every process
 * that runs it, now or later. What can't be attached is no error. -ENOMEM.
 */
int thaw_interpreters_cover(struct thaw_interpreters *interpreters,
                            const struct thaw_interpreter_info *info, size_t *ret_index,
                            bool *ret_new, struct thaw_error *error);

/* Adds (those of one that is narrowed are not) or withdraws what `thaw audit` does without. */
void thaw_interpreters_split(struct thaw_interpreters *interpreters, bool on);

/* Attaches to an interpreter in one process, which counts once it is narrowed. */
void thaw_interpreters_attach_process(struct thaw_interpreters *interpreters, size_t index,
                                      pid_t process);

/* Detaches from all processes but those that were attached to singly. */
void thaw_interpreters_narrow(struct thaw_interpreters *interpreters, size_t index);

#endif
