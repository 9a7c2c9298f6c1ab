/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_PROBE_REPLAY_H
#define TESTS_PROBE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/event.h"

/*
 * The probes of bpf/python.h in user space: one traced process with one thread, whose memory is
 * what a test says, and the records that the probes send.
 */
#define REPLAY_PROCESS 4242
#define REPLAY_RECORDS 512
#define REPLAY_FAULTS 77 /* minor page faults of the thread */

enum replay_probe {
    REPLAY_FIND_CALL,
    REPLAY_FIND_RETURN,
    REPLAY_BODY_CALL,
    REPLAY_BODY_RETURN,
    REPLAY_INIT_CALL,
    REPLAY_INIT_RETURN,
    REPLAY_CREATE_CALL,
    REPLAY_MADE_CALL,
    REPLAY_LAZY_CALL,
    REPLAY_LAZY_RETURN,
    REPLAY_UNMARSHAL_CALL,
    REPLAY_MARSHAL_CALL,
    REPLAY_GC_CALL,
    REPLAY_GC_RETURN,
};

struct replay_registers {
    uint64_t di, si, dx; /* arguments */
    uint64_t ax, bx;     /* result, and where it may be, too */
    uint64_t sp;
};

/* Begins anew: no memory, no record, a process that has just started. */
void replay_begin(const struct thaw_python_layout *layout);

/* Memory of the process; what continues the piece added last becomes one with it, what lies over
 * earlier pieces takes their place. */
void replay_memory(uint64_t address, const void *bytes, size_t length);
void replay_forget_memory(void);

/* A str object whose characters are bytes of the given width each; one of ASCII only. */
void replay_text(uint64_t address, const void *bytes, size_t length, unsigned width, bool ascii);
void replay_ascii(uint64_t address, const char *text);

/* Pages are not there until somebody fetches them: programs that may not sleep can't read them. */
void replay_cold_memory(void);

/* Executes a probe; the function's result is in the register of that number. */
void replay_run(enum replay_probe probe, const struct replay_registers *registers,
                unsigned result_register);

/* stat() of a path while a module is looked for, which left a status somewhere (0: nowhere); and
 * such a status, that tells of a file or folder. */
void replay_lookup(uint64_t path, uint64_t status, int64_t result, uint64_t stack, uint32_t strand);
void replay_status(uint64_t address, uint32_t mode, uint64_t inode, uint64_t size,
                   uint64_t change_s);

/* Is the object None, as the probes see it? */
bool replay_is_none(uint64_t object);

/* One module after the other of one thread, since replay_begin(): is it of a library that is known,
 * so that in production its file is not told? */
bool replay_is_of_library(const char *path);

/* That of the record sent last. */
uint64_t replay_time(void);

/* Records sent since replay_begin(), and the n-th of them. */
size_t replay_count(void);
const void *replay_record(size_t n, size_t *size);

uint64_t replay_lost(enum thaw_kernel_loss loss);
bool replay_switches(void); /* the process is known to switch stacks */
size_t replay_open_frames(void);

#endif
