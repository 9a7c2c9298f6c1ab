/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_ANALYSIS_LAZY_H
#define THAW_ANALYSIS_LAZY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/first_reply.h"
#include "analysis/needs.h"
#include "base/arena.h"
#include "base/array.h"
#include "thaw/analysis.h"

/* A name's attributes in a user's file that are a loaded module: `urllib.request` by `urllib`. */
struct thaw_lazy_chain {
    uint32_t statement; /* row that binds the name */
    uint32_t node;      /* of the module */
};

enum thaw_lazy_verdict { THAW_LAZY_SAFE, THAW_LAZY_LOOK, THAW_LAZY_REFUSED };

/*
 * Imports of the user's files that might wait for the functions that use them: which of them are
 * cut, what is lost with them, and how safe that is.
 */
struct thaw_lazy {
    const struct thaw_timeline *timeline;
    const struct thaw_track *track;
    const struct thaw_needs *needs;
    struct thaw_arena *arena; /* of the texts */
    struct thaw_first_reply *first_reply;
    THAW_ARRAY(const struct thaw_inventory_definition *) definitions; /* by file, name */
    uint32_t *by_file; /* places of the statements' rows, by file and then as they are */
    THAW_ARRAY(struct thaw_lazy_chain) chains;
    THAW_ARRAY(const char *) reasons; /* of the last verdict */
    bool *cut;                        /* statements' rows */
    bool *lost;                       /* nodes that vanish with them */
    bool *from;                       /* nodes: room to ask from where */
    bool *more;                       /* nodes: room for the answer */
    struct thaw_saving saving;        /* of what is cut */
    bool failed;                      /* memory was short */
};

/* false when memory is short; to be closed in any case. */
bool thaw_lazy_open(struct thaw_lazy *lazy, const struct thaw_timeline *timeline,
                    const struct thaw_track *track, const struct thaw_needs *needs,
                    struct thaw_arena *arena);
void thaw_lazy_close(struct thaw_lazy *lazy);

/* Of what is cut: fills lost and saving. */
void thaw_lazy_weigh(struct thaw_lazy *lazy);

/*
 * How safe it is to defer what is cut, lost being filled; reasons are why it needs a look. wait:
 * the rows will wait for functions; else they are just not there.
 */
enum thaw_lazy_verdict thaw_lazy_judge(struct thaw_lazy *lazy, bool wait);

/* Where in by_file the rows of a file begin, or would. */
size_t thaw_lazy_rows(const struct thaw_lazy *lazy, const char *file);

/* The definition of that name in a file, NULL none. */
const struct thaw_inventory_definition *thaw_lazy_definition(const struct thaw_lazy *lazy,
                                                             const char *file, const char *name);

/* What first calls pay for what is cut, dearest first, in the arena. */
void thaw_lazy_first_calls(struct thaw_lazy *lazy, struct thaw_first_call **ret, size_t *ret_count);

/* A text of the arena's; "" and failed when memory is short. */
const char *thaw_lazy_keep(struct thaw_lazy *lazy, const char *text);

/* Marks in from the nodes that a row asks for. */
void thaw_lazy_mark_targets(struct thaw_lazy *lazy, size_t row);

#endif
