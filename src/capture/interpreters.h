/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_INTERPRETERS_H
#define THAW_CAPTURE_INTERPRETERS_H

#include "base/array.h"
#include "capture/interpreter_probes.h"
#include "thaw/event.h"

/* A library (or static interpreter) that was looked at, and its probes. */
struct thaw_covered {
    struct thaw_interpreter_info info;
    struct thaw_python_places places;
    struct thaw_interpreter_probes probes;
    const char *refusal; /* why its imports can't be seen, NULL they can */
    bool told;           /* its probes are in the recording: some process runs it */
    bool narrow;         /* probed in single processes only */
    pid_t noisy;         /* the last process that hit the probes too often, 0 none */
    uint64_t since_ns;   /* what started before that may have imported unseen */

    struct thaw_arena arena;      /* of all its texts and lists */
    struct thaw_kernel_file file; /* what stat(2) says of its object */
    const char *build_id;         /* of its object, "" none */
    int way;                      /* descriptor that its open_path leads through, 0 none */
    bool there;                   /* false: it was forgotten, and its place may be used anew */
    uint64_t used_ns;             /* when a process was last seen to run it */
    THAW_ARRAY(uint64_t) spaces;  /* mount namespaces of other roots that it was seen in */
};

/* All of them; each is known by its index, and its links are group index + 1. */
struct thaw_interpreters {
    struct thaw_programs *programs;
    enum thaw_probe_set probes; /* that are attached, before any is: THAW_PROBES_ALL or _AUDIT */
    struct thaw_covered *items;
    size_t count;
    size_t capacity;
};

/*
 * Finds the interpreter (by its object's file), or takes it in and attaches to it in every process
 * that runs it, now or later; info is copied. What can't be attached is no error. -ENOMEM.
 *
 * Containers that share an image have the same file, whatever device their overlay file systems
 * give it: its probes are hit by all of them, so that it is taken in once.
 */
int thaw_interpreters_cover(struct thaw_interpreters *interpreters,
                            const struct thaw_interpreter_info *info, size_t *ret_index,
                            bool *ret_new, struct thaw_error *error);

/* Adds (those of one that is narrowed are not) or withdraws what `thaw audit` does without. */
void thaw_interpreters_split(struct thaw_interpreters *interpreters, size_t index, pid_t way);

/* Detaches from all of them what was. */
void thaw_interpreters_unsplit(struct thaw_interpreters *interpreters);

/* Attaches to an interpreter in one process, which counts once it is narrowed. */
void thaw_interpreters_attach_process(struct thaw_interpreters *interpreters, size_t index,
                                      pid_t process);

/* Which mounts a process has (its namespace's number), 0 and errno: that is not told. */
uint64_t thaw_interpreters_space(pid_t process);

/* A process runs it that has another root: it is there as long as somebody has these mounts. */
void thaw_interpreters_seen(struct thaw_interpreters *interpreters, size_t index, pid_t process,
                            bool other_root);

/* Detaches from all processes but those that were attached to singly. */
void thaw_interpreters_narrow(struct thaw_interpreters *interpreters, size_t index);

/*
 * Attaches to all processes again, which count from now on; those of single ones do not. way: a
 * process that runs it, for where the file can't be reached by its path any more.
 */
void thaw_interpreters_widen(struct thaw_interpreters *interpreters, size_t index, pid_t way);

/* Closing links takes the kernel's grace periods, some 50 ms for as many as this together. */
#define THAW_INTERPRETERS_FORGOTTEN_MOST 8

/* Detaches from count of them and forgets them; their numbers may come again. */
void thaw_interpreters_forget(struct thaw_interpreters *interpreters, const size_t *indices,
                              size_t count);

void thaw_interpreters_free(struct thaw_interpreters *interpreters);

#endif
