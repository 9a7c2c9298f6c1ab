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

/* An address that is passed: of the object, or, relative, that far behind some object of it. */
struct thaw_call_argument {
    uint64_t value; /* 0: not known */
    bool relative;
};

struct thaw_call_return {
    uint64_t offset;           /* of an instruction in the file, where the stack pointer is that
                                  of the caller */
    enum thaw_register result; /* where the function's result is at that instruction */
    enum thaw_instruction instruction; /* what the probe will cost */
    uint64_t call;                     /* offset of the call itself */
    enum thaw_instruction call_instruction;
    struct thaw_call_argument argument; /* that is passed second */
};

struct thaw_call_returns {
    struct thaw_call_return *items; /* the arena's, by offset, each once */
    size_t count;
    uint64_t body; /* offset of what callers inside the object call instead of the function, since
                      that only leads there; 0: the function itself */
};

/* More than any object has calls of a function that is probed; the rest is left out. */
#define THAW_CALL_RETURNS_MAX ((size_t)256)

/* Can calls be looked for at all? False where capstone is not installed. */
bool thaw_calls_are_readable(void);

struct thaw_call_function {
    const char *name;   /* "": none */
    bool through_jumps; /* also calls of functions that end with a jump to it: they return where it
                           returns */
};

/*
 * For each of count functions (an executable's or shared object's own; at most 8 of them), fills
 * ret[i] with where its direct calls return to: those of the function's address, and through the
 * object's own procedure linkage table or global offset table. Of the instructions behind a call
 * the first is taken that the kernel emulates, if the result can be had there, else the very first.
 * A function that isn't there has no calls. Reads all code three times (some 5 ms each for
 * libpython3.11's 3 MB, measured). -EBADMSG: the file can't be read; -ENOSYS: capstone is not
 * installed; -ENOMEM.
 */
int thaw_object_call_returns(const struct thaw_object *object,
                             const struct thaw_call_function *functions, size_t count,
                             struct thaw_arena *arena, struct thaw_call_returns *ret,
                             struct thaw_error *error);

/*
 * Does a function of length bytes at address only lead to another one: by a jump, or by falling
 * into what stands behind it? Link-time optimisation makes such functions of exported ones whose
 * last argument is a constant. Returns where it leads, 0: it does not.
 */
uint64_t thaw_call_thunk(const uint8_t *code, size_t length, uint64_t address);

/*
 * Is length bytes of x86-64 code, from the begin of a function on, all of that function? Jumps out
 * of it and returns may be among them where an earlier jump leads past them.
 */
bool thaw_call_same_function(const uint8_t *code, size_t length);

/*
 * What straight code puts into the second argument's register before a call that stands behind
 * these length bytes, the first of which is at address: by mov or lea. Code that jumps into the
 * middle with another value is not looked for.
 */
struct thaw_call_argument thaw_call_argument(const uint8_t *code, size_t length, uint64_t address);

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
