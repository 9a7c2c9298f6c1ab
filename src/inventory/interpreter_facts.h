/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_INTERPRETER_FACTS_H
#define THAW_INVENTORY_INTERPRETER_FACTS_H

#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "python/inquiry.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * What only the interpreter itself knows: its built-in modules, its standard library, its site
 * folders. It is asked by running it with a small script (interpreter_facts.py) as
 * python/inquiry.h says, for at most 5 s and 1 MiB of answer.
 */
struct thaw_interpreter_facts {
    const char *version;
    const char *implementation; /* "cpython" */
    struct thaw_texts builtins;
    struct thaw_texts stdlib; /* folders and zip files that exist */
    struct thaw_texts sites;  /* folders that exist */
};

/*
 * Starts it as the user and group, and returns at once (see thaw_inquiry_start()). After 0 it must
 * be finished; executable must stay until then.
 */
int thaw_interpreter_inquiry_start(const char *executable, uid_t user, gid_t group,
                                   struct thaw_inquiry *ret, struct thaw_error *error);

/*
 * Waits for the answer and ends the process; texts go into arena. -ETIMEDOUT, -EPROTO (another
 * answer than expected, or too long), or what kept it from running.
 */
int thaw_interpreter_inquiry_finish(struct thaw_inquiry *inquiry, struct thaw_arena *arena,
                                    struct thaw_interpreter_facts *ret, struct thaw_error *error);

/* Parses the answer. -EPROTO: it is not as expected. */
int thaw_interpreter_facts_parse(const char *bytes, size_t length, struct thaw_arena *arena,
                                 struct thaw_interpreter_facts *ret);

#endif
