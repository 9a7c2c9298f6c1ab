/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_PERF_RECORD_H
#define THAW_CAPTURE_PERF_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One record of a perf ring, as perf_event_open(2) describes them for sample_type TID | TIME (with
 * stacks: | REGS_USER | STACK_USER) and sample_id_all.
 */

/* x86-64's AX BX CX DX SI DI BP SP IP FLAGS CS SS, R8 to R15: what REGS_USER is asked for. */
#define THAW_PERF_REGISTERS 0xff0fffULL

/* Where a register stands among those of a sample. */
enum thaw_perf_register {
    THAW_PERF_AX,
    THAW_PERF_BX,
    THAW_PERF_CX,
    THAW_PERF_DX,
    THAW_PERF_SI,
    THAW_PERF_DI,
    THAW_PERF_BP,
    THAW_PERF_SP,
    THAW_PERF_IP,
    THAW_PERF_FLAGS,
    THAW_PERF_CS,
    THAW_PERF_SS,
    THAW_PERF_R8, /* and those up to R15 */
    THAW_PERF_REGISTER_COUNT = 20,
};

/* A record has at most so many bytes: its size is 16 bits wide. */
#define THAW_PERF_RECORD_MOST 65536

enum thaw_perf_kind {
    THAW_PERF_OTHER, /* of no interest */
    THAW_PERF_BAD,   /* not understood */
    THAW_PERF_LOST,  /* `lost` records found no room */
    THAW_PERF_THROTTLE /* the kernel holds ticks back */,
    THAW_PERF_EXEC,    /* the process's mappings are gone */
    THAW_PERF_MAPPING, /* code was mapped */
    THAW_PERF_STACK,   /* registers and stack of a thread */
};

struct thaw_perf_record {
    enum thaw_perf_kind kind;
    uint32_t pid;
    uint32_t tid;
    uint64_t time_ns;
    uint64_t lost;
    uint64_t start, bytes, offset; /* of a mapping */
    uint64_t device, inode;        /* of its file; 0 none */
    const char *path;              /* NUL-terminated, in the record */
    uint64_t registers[THAW_PERF_REGISTER_COUNT];
    const unsigned char *stack; /* in the record; from the stack pointer on */
    size_t stack_bytes;         /* that were copied; less than the thread has, where at the most */
};

/*
 * Reads a record of exactly size bytes, its header included; nothing is believed. *ret points into
 * bytes, which must be 8-byte aligned.
 */
void thaw_perf_record_read(const void *bytes, size_t size, struct thaw_perf_record *ret);

#endif
