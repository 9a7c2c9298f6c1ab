/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_GATE_FACTS_H
#define THAW_CLI_GATE_FACTS_H

#include "base/arena.h"
#include "thaw/error.h"

/* What a gate knows of its surroundings: by what measurements are told apart, and found again.
 * Texts are the arena's or constant, "" where something isn't known. */

struct thaw_gate_lock {
    const char *name;   /* "uv.lock", "" there is none */
    const char *digest; /* of its bytes, hexadecimal */
};

/*
 * The file that pins the packages: the first of those known that is in one of the folders (count
 * paths; NULL: none). -EFBIG, or what reading it fails with; -ENOMEM.
 */
int thaw_gate_lock_find(const char *const *folders, size_t count, struct thaw_arena *arena,
                        struct thaw_gate_lock *ret, struct thaw_error *error);

/* "AMD EPYC 7763 64-Core Processor"; NULL: memory is short. */
const char *thaw_gate_cpu_model(struct thaw_arena *arena);

/*
 * The commit that is checked out in the folder (NULL: the current one), and its branch: as git
 * tells. Those that the CI says it works on, by its variables, may be others: of a pull request
 * that is merged for the trial, say. NULL: memory is short.
 */
const char *thaw_gate_commit(const char *folder, struct thaw_arena *arena);
const char *thaw_gate_branch(const char *folder, struct thaw_arena *arena);
const char *thaw_gate_commit_of_ci(void);
const char *thaw_gate_branch_of_ci(void);

/* "2026-11-29", in UTC; NULL: memory is short. */
const char *thaw_gate_today(struct thaw_arena *arena);

#endif
