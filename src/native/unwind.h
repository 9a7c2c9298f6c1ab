/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_UNWIND_H
#define THAW_NATIVE_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "native/spaces.h"
#include "thaw/error.h"

/*
 * Follows the calls on a copy of a thread's stack, by libunwind, after the fact: from the thread's
 * registers, the copy, and the files that its process had mapped.
 */
struct thaw_unwinder;

/* Registers in DWARF's order: RAX RDX RCX RBX RSI RDI RBP RSP R8 to R15 RIP. */
#define THAW_UNWIND_REGISTERS 17
#define THAW_UNWIND_STACK_POINTER 7
#define THAW_UNWIND_ADDRESS 16

/* Deeper stacks are cut: "truncated". */
#define THAW_UNWIND_FRAMES_MOST 1024

enum thaw_unwind_end {
    THAW_UNWIND_COMPLETE,  /* at a function that says it has no caller: a program's, a thread's */
    THAW_UNWIND_TRUNCATED, /* where the copy ends */
    THAW_UNWIND_PROBED,    /* where the kernel's return probe stands in for the caller */
    THAW_UNWIND_BROKEN,    /* elsewhere: what called this is not known */
};

struct thaw_unwind_input {
    uint64_t registers[THAW_UNWIND_REGISTERS];
    const unsigned char *stack; /* from the stack pointer on */
    size_t stack_bytes;
};

/* since_ns: a file that was put in a mapped one's place since then is known (object.h). -ENOMEM. */
int thaw_unwinder_open(struct thaw_unwinder **ret, uint64_t since_ns, struct thaw_error *error);

/*
 * Fills frames with addresses, the thread's own first, then where each call returns to; returns how
 * many, at least 1. Files that can't be read, or are others than were mapped, end the chain:
 * "broken".
 */
size_t thaw_unwind(struct thaw_unwinder *unwinder, const struct thaw_spaces *spaces,
                   uint32_t process, const struct thaw_unwind_input *input,
                   uint64_t frames[static THAW_UNWIND_FRAMES_MOST], enum thaw_unwind_end *ret_end);

/* Does another file stand at the path of the piece that holds an address? */
bool thaw_unwinder_replaced(const struct thaw_unwinder *unwinder, const struct thaw_spaces *spaces,
                            uint32_t process, uint64_t address);

const char *thaw_unwind_end_name(enum thaw_unwind_end end);

void thaw_unwinder_close(struct thaw_unwinder *unwinder); /* NULL is fine */

#endif
