/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_IMPORT_STACK_H
#define THAW_TIMELINE_IMPORT_STACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/array.h"
#include "timeline/build.h"

/*
 * The open frames of one strand, that is of one machine stack of a thread; all threads have one,
 * and more where a program switches stacks (greenlet). The stack grows down: a frame on top is over
 * as soon as the same strand shows a stack pointer at or above its own (facts: imports-2.md, Q2),
 * even when its end was not seen; such an end is "at most".
 *
 * Time from one event to the next belongs to the innermost module, to the part that it is at;
 * dlopen and collections are parts of their own.
 */
enum thaw_frame_kind {
    THAW_FRAME_IMPORT, /* of the import machinery, around finding, loading and the code */
    THAW_FRAME_BODY,   /* module code with a frame of its own */
    THAW_FRAME_INIT,   /* an extension's or builtin's own code */
    THAW_FRAME_DLOPEN,
    THAW_FRAME_GC,
    THAW_FRAME_LAZY,   /* a lazy import comes true */
    THAW_FRAME_PASSED, /* code that is no module of its own: what it imports is its caller's */
};

/* What a frame has spent so far. */
struct thaw_account {
    struct thaw_spent parts[THAW_PARTS]; /* by itself */
    struct thaw_spent below;             /* the totals of the modules directly below */
};

/* A library that was opened last in a frame, for a module that has no frame yet. */
struct thaw_opened_library {
    const char *path; /* NULL none */
    uint64_t start_ns;
    struct thaw_account before; /* what the frame around had spent when it began */
    uint32_t first_module;      /* index of the first module that began in it or behind */
};

struct thaw_frame {
    enum thaw_frame_kind kind;
    uint32_t module; /* index + 1, 0: none */
    uint64_t stack;
    uint64_t start_ns;
    uint64_t body_ns;      /* when the module's own code began, 0 not yet */
    const char *path;      /* of a library that is opened, or of code that uses a lazy import */
    const char *function;  /* the latter's name */
    uint32_t first_module; /* how many modules there were before */
    enum thaw_part part;   /* what a module's frame is about now */
    struct thaw_account account;
    struct thaw_opened_library opened_library;
    bool single_phase; /* of a module that its init function made */
};

struct thaw_import_stack {
    uint32_t process; /* id */
    uint32_t tid;
    uint64_t strand;
    uint32_t base;            /* module that the strand began in: index + 1, 0 none */
    uint32_t creator;         /* module for which the thread was started: index + 1, 0 none */
    uint32_t started_by;      /* effect that started the process, until it executes: index + 1 */
    uint32_t next_of_process; /* another strand's, UINT32_MAX none */
    uint64_t last_ns;         /* last event of the strand */
    bool seen;                /* it had one: where it begins again, its thread is another */
    THAW_ARRAY(struct thaw_frame) frames;
    const char *opened_bytecode; /* by code of its own, so for a module that has no frame yet */
    const char *opened_source;
    bool found;              /* the module that is looked for was, and nothing has happened since */
    const char *reading;     /* opened last for a module that is loaded, NULL none */
    uint64_t accounted_ns;   /* up to then, time is in the accounts */
    struct thaw_usage usage; /* of the thread, as of the last event that told it */
    bool usage_known;        /* there was one */
    uint64_t usage_ns;       /* when */
    struct thaw_account outside; /* of all frames: what was there */
    struct thaw_opened_library opened_library;
    uint32_t made; /* single-phase module that was over last, nothing since: index + 1, 0 none */
};

/*
 * Time up to an instant goes to the account of whom it belongs to; so does what the thread has used
 * since it last told, if usage (NULL: not told) tells it now.
 */
void thaw_import_stack_advance(struct thaw_import_stack *stack, uint64_t time_ns,
                               const struct thaw_usage *usage);

/* Opens a frame; false when memory is short. */
bool thaw_import_stack_push(struct thaw_import_stack *stack, enum thaw_frame_kind kind,
                            uint64_t pointer, uint64_t time_ns, uint32_t module);

/* Closes what an entry with this stack pointer shows to be over. */
void thaw_import_stack_prune(struct thaw_import_stack *stack, struct thaw_build *build,
                             uint64_t pointer, uint64_t time_ns);

/*
 * Closes the frame of that kind which was entered with this stack pointer, and what is above it.
 * False when there is none: its begin was not recorded.
 */
bool thaw_import_stack_end(struct thaw_import_stack *stack, struct thaw_build *build,
                           enum thaw_frame_kind kind, uint64_t pointer, uint64_t time_ns,
                           bool failed);

/* Closes all frames as the strand begins once more, which is another thread's: the system gave it
 * the number of one that is over. */
void thaw_import_stack_renew(struct thaw_import_stack *stack, struct thaw_build *build,
                             uint64_t time_ns);

/* Closes all frames at an instant after which they can't have gone on. */
void thaw_import_stack_cut(struct thaw_import_stack *stack, struct thaw_build *build,
                           uint64_t time_ns, enum thaw_module_cut cut);

/* The module that the innermost frame belongs to, or that the strand began in: index + 1, 0 none.
 */
uint32_t thaw_import_stack_module(const struct thaw_import_stack *stack);

/* The module of the innermost frame that was entered at this stack pointer or above: index + 1, 0
 * none that is open. */
uint32_t thaw_import_stack_module_at(const struct thaw_import_stack *stack, uint64_t pointer);

/* The library that was opened last in the frame on top, or outside of all frames. */
struct thaw_opened_library *thaw_import_stack_library(struct thaw_import_stack *stack);

/*
 * Takes back a library that was opened before the frame on top was pushed: its time, and that of
 * all since, goes from the frame around both to that frame, which begins with it.
 */
void thaw_import_stack_claim_library(struct thaw_import_stack *stack,
                                     const struct thaw_opened_library *opened);

/*
 * The frames inside the one with this stack pointer become another, empty stack's, with their
 * modules. False when memory is short.
 */
bool thaw_import_stack_split(struct thaw_import_stack *from, struct thaw_import_stack *to,
                             struct thaw_build *build, uint64_t pointer, uint64_t time_ns);

/* Puts a new module below the one that the innermost frame belongs to, or that the strand began in.
 */
void thaw_import_stack_hang(const struct thaw_import_stack *stack, struct thaw_build *build,
                            uint32_t index);

/* The frame on top, NULL none. */
struct thaw_frame *thaw_import_stack_top(const struct thaw_import_stack *stack);

/* The innermost frame with a module, NULL none. */
struct thaw_frame *thaw_import_stack_innermost(const struct thaw_import_stack *stack);

/* Is its module looked for or loaded, and its own code has not begun? */
bool thaw_frame_is_loading(const struct thaw_frame *frame);

/* The module's own code begins now. */
void thaw_frame_begin_body(struct thaw_frame *frame, struct thaw_build *build, uint64_t time_ns);

#endif
