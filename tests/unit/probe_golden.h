/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_PROBE_GOLDEN_H
#define TESTS_PROBE_GOLDEN_H

#include "probe_replay.h"

#define GOLDEN_CALLS 40
#define GOLDEN_PIECES 512

/* What a probe is called with in one real interpreter, and what it is to say of that. */
struct golden_call {
    char probe[24];
    struct replay_registers registers;
    char name[256], file[256]; /* UTF-8 */
};

/* A file of tests/golden/python, written by tests/live/make_probe_golden.py. */
struct golden {
    unsigned minor;
    struct golden_call calls[GOLDEN_CALLS];
    size_t call_count;
    struct golden_piece {
        uint64_t address;
        size_t length;
        uint8_t bytes[64];
    } pieces[GOLDEN_PIECES];
    size_t piece_count;
};

/* Ends the test as failed when the file is not there or not of that form. */
void golden_read(const char *path, struct golden *golden);

/* The n-th call of that probe, NULL none. */
const struct golden_call *golden_call(const struct golden *golden, const char *probe, size_t n);

/* Begins a replay with the interpreter's memory, except for one piece (SIZE_MAX: for none). */
void golden_begin(const struct golden *golden, const struct thaw_python_layout *layout,
                  size_t without);

#endif
