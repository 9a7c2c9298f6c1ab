/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_INSTRUCTIONS_H
#define THAW_TRIAL_INSTRUCTIONS_H

#include <stdint.h>

#include "thaw/error.h"

/*
 * How many instructions a command executes in user mode, counted by valgrind's callgrind: a cost
 * that is the same on a busy machine (0.0001 % from run to run), at some 50 times the time. What
 * would change it from run to run is held still: PYTHONHASHSEED is 0, addresses are not
 * randomised, OpenBLAS, OpenMP and MKL have one thread. It needs no privilege. Nothing that has
 * probes in the same interpreter or libraries may record meanwhile: they kill what valgrind runs.
 */
struct thaw_instructions_options {
    const char *const *command; /* NULL-terminated; found by PATH */
    const char *directory;      /* where it runs, NULL: where thaw does */
    uint64_t timeout_ns;        /* then it is killed; 0: never */
    int stop;                   /* readable: it is killed, and there is no figure; -1: none */
};

/*
 * Runs it to its end. *ret: of all threads of the command's process, also before a fork, but not
 * of what it starts. -ENOENT: there is no valgrind, or no such command; -ECHILD: it failed, or
 * valgrind did; -ETIME; -EINTR: stopped; each with a line that says so.
 */
int thaw_instructions(const struct thaw_instructions_options *options, uint64_t *ret,
                      struct thaw_error *error);

#endif
