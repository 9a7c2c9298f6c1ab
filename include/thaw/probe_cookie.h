/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause OR Apache-2.0 */
#ifndef THAW_PROBE_COOKIE_H
#define THAW_PROBE_COOKIE_H

/* What both sides know of a probe in an interpreter, and how often it may be hit. */

typedef unsigned char thaw_u8;
typedef unsigned short thaw_u16;
typedef unsigned int thaw_u32;
typedef unsigned long long thaw_u64;
typedef long long thaw_i64;

/* Interpreters that can be told apart. */
#define THAW_KERNEL_INTERPRETERS 4096

/* Processes whose hits are counted; the quietest give way. */
#define THAW_KERNEL_RATES 4096

/* How often one process hit one interpreter's probes: key of the map `rates`. */
struct thaw_kernel_rate {
    thaw_u32 tgid;
    thaw_u32 interpreter; /* THAW_COOKIE_INTERPRETER */
};

/*
 * The cookie of a uprobe: what the program is to know of the place. The layout's index is CPython's
 * minor version; result is the register (its number in machine code) that holds a function's result
 * where a call of it returns to; interpreter tells interpreters of one session apart.
 */
#define THAW_COOKIE(minor, result, interpreter)                                                    \
    ((thaw_u64)(minor) | (thaw_u64)(result) << 8 | (thaw_u64)(interpreter) << 16)
/* Of a probe in one process only: it counts once the interpreter is narrowed (map `narrowed`),
 * while those in all processes no longer do. */
#define THAW_COOKIE_SINGLE (1ULL << 32)
#define THAW_COOKIE_MINOR(cookie) ((thaw_u32)((cookie)&0xff))
#define THAW_COOKIE_RESULT(cookie) ((thaw_u32)((cookie) >> 8 & 0xff))
#define THAW_COOKIE_INTERPRETER(cookie) ((thaw_u32)((cookie) >> 16 & 0xffff))

#endif
