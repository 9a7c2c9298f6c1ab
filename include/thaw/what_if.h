/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_WHAT_IF_H
#define THAW_WHAT_IF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/analysis.h"
#include "thaw/error.h"
#include "thaw/timeline.h"

/*
 * What the headline's cold start would be if some imports of the user's files were deferred, or
 * modules were gone altogether. Names of lazy are those the statements ask for, packages above
 * them ("pandas"), or where one stands ("function_app.py:4"); names of drop are those of
 * distributions, or of modules with all below them.
 */
struct thaw_what_if {
    const char **lazy;
    size_t lazy_count;
    const char **drop;
    size_t drop_count;
};

/* What imports a module that is dropped, and is there all the same: it would break. */
struct thaw_what_if_needer {
    const char *module;       /* name; "__main__" the program itself */
    const char *needs;        /* one of the dropped modules that it imports */
    const char *distribution; /* "" none or unknown */
    const char *file;         /* "" unknown */
    uint64_t line;            /* of the import, 0 unknown */
    bool own;                 /* one of the user's files */
};

struct thaw_what_if_answer {
    struct thaw_saving saving;
    uint64_t imports_ns;    /* own times of all that the process imported */
    uint64_t import_cpu_ns; /* CPU time of the app's own import, without garbage collections; 0
                               unknown */
    double import_share;    /* of it that vanishes: what `thaw prove` would find */
    bool needed; /* the first reply may need what is deferred: there the time only moves into it */
    const char *
        *vanished; /* names of the modules that would not be loaded, those dropped included */
    size_t vanished_count;
    const char **dropped; /* names of the modules that drop means */
    size_t dropped_count;
    struct thaw_what_if_needer *needers; /* the user's own first */
    size_t needer_count;
    struct thaw_first_call *first_calls; /* dearest first */
    size_t first_call_count;
    const char *unknown;  /* after -ENOENT: the name that is in no import */
    const char **offered; /* and what it might have been */
    size_t offered_count;
    struct thaw_what_if_memory *memory;
};

/*
 * -ENOENT: a name means nothing in the recording (unknown and offered are set); -ENODATA: the
 * recording lacks the edges. ret is to be freed in any case; its texts are the timeline's, which
 * must outlive it.
 */
int thaw_analysis_what_if(const struct thaw_timeline *timeline, const struct thaw_what_if *question,
                          struct thaw_what_if_answer *ret, struct thaw_error *error);

void thaw_what_if_answer_free(struct thaw_what_if_answer *answer);

#endif
