/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_CALLS_H
#define THAW_NATIVE_CALLS_H

#include "base/arena.h"
#include "native/object.h"

/*
 * Where the calls of a function inside its own object return to. A plain probe there sees the
 * return without a return probe, which the kernel makes by changing the return address on the
 * stack: it keeps at most 64 of them per thread, and a program that switches stacks (greenlet)
 * is sent to the wrong address by them and crashes (measured, Linux 6.18).
 */

/* General registers by their number in x86-64 machine code. */
enum thaw_register {
    THAW_REGISTER_RAX = 0,
    THAW_REGISTER_RBX = 3,
    THAW_REGISTER_RBP = 5,
    THAW_REGISTER_R12 = 12,
    THAW_REGISTER_R13 = 13,
    THAW_REGISTER_R14 = 14,
    THAW_REGISTER_R15 = 15,
};

struct thaw_call_return {
    uint64_t offset;           /* of an instruction in the file, where the stack pointer is that
                                  of the caller */
    enum thaw_register result; /* where the function's result is at that instruction */
    enum thaw_instruction instruction; /* what the probe will cost */
};

struct thaw_call_returns {
    const struct thaw_call_return *items; /* the arena's, by offset, each once */
    size_t count;
    uint64_t body; /* offset of what callers inside the object call instead of the function, since
                      that only leads there; 0: the function itself */
};

/* More than any object has calls of a function that is probed; the rest is left out. */
#define THAW_CALL_RETURNS_MAX ((size_t)256)

/*
 * For each of count functions (an executable's or shared object's own; at most 8 of them), fills
 * ret[i] with where its direct calls return to: those of the function's address, and through the
 * object's own procedure linkage table or global offset table. Of the instructions behind a call
 * the first is taken that the kernel emulates, if the result can be had there, else the very first.
 * Tail calls return elsewhere and are not found. A function that isn't there has no calls. Reads
 * all code once (5 ms for libpython3.11's 3 MB, measured). -EBADMSG: the file can't be read;
 * -ENOMEM.
 */
int thaw_object_call_returns(const struct thaw_object *object, const char *const *functions,
                             size_t count, struct thaw_arena *arena, struct thaw_call_returns *ret,
                             struct thaw_error *error);

/*
 * Where a function itself returns: its `ret` instructions, for one that is called by jumps, too.
 * The stack pointer there is that of its entry, the result is in rax; the kernel single-steps them.
 * What the compiler moved out of the function (cold paths) is not found. Errors as above.
 */
int thaw_object_exits(const struct thaw_object *object, const char *function,
                      struct thaw_arena *arena, struct thaw_call_returns *ret,
                      struct thaw_error *error);

/*
 * Does a function of length bytes at address only lead to another one: by a jump, or by falling
 * into what stands behind it? Link-time optimisation makes such functions of exported ones whose
 * last argument is a constant. Returns where it leads, 0: it does not.
 */
uint64_t thaw_call_thunk(const uint8_t *code, size_t length, uint64_t address);

/*
 * Finds the ret instructions in length bytes of x86-64 code that begin with an instruction: their
 * places in at[most]; returns how many.
 */
size_t thaw_call_exits(const uint8_t *code, size_t length, size_t *at, size_t most);

/*
 * Of the instruction that a call returns to, at the begin of length bytes of x86-64 code: how many
 * bytes further the probe goes, and where the result is there.
 */
struct thaw_call_step {
    size_t bytes;
    enum thaw_register result;
};

struct thaw_call_step thaw_call_step(const uint8_t *code, size_t length);

#endif
