/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_COVERAGE_PARTS_H
#define THAW_CAPTURE_COVERAGE_PARTS_H

#include "base/arena.h"
#include "base/array.h"
#include "capture/coverage.h"
#include "capture/interpreters.h"
#include "capture/known_files.h"
#include "capture/python_processes.h"
#include "capture/withdrawal.h"

/* What coverage is made of: shared by its files alone. */
struct thaw_coverage {
    struct thaw_programs *programs;
    struct thaw_recording_writer *writer;
    struct thaw_cpu_accounts *accounts; /* NULL: none are kept */
    const struct thaw_hold *hold;       /* NULL: nothing is held */
    struct thaw_arena scratch;          /* of one call */
    struct thaw_interpreters interpreters;
    struct thaw_python_processes processes;
    struct thaw_known_files files;
    struct thaw_withdrawal withdrawal;
    THAW_ARRAY(struct thaw_kernel_file) loaders; /* C libraries that are attached to */
    bool lean;          /* what is attached and remembered is bounded, for as long as thaw runs */
    uint64_t looked_ns; /* for interpreters and processes that are gone; 0 never */
};

/* The entry of an interpreter, made and attached to when it is new. */
int thaw_coverage_cover(struct thaw_coverage *coverage, const struct thaw_interpreter_info *info,
                        size_t *ret, struct thaw_error *error);

/* A file that leads to an interpreter is known from now on, whatever the kernel calls it. */
int thaw_coverage_know(struct thaw_coverage *coverage, const char *path, size_t index,
                       struct thaw_error *error);

/* Looks at an executed file for the first time: fills the interpreter's index + 1, 0 none. */
int thaw_coverage_learn_file(struct thaw_coverage *coverage, const struct thaw_kernel_exec *record,
                             const char *executable, size_t *ret_interpreter,
                             struct thaw_error *error);

/* The same of a library that was opened. */
int thaw_coverage_learn_library(struct thaw_coverage *coverage,
                                const struct thaw_kernel_library_open *record,
                                size_t *ret_interpreter, struct thaw_error *error);

#endif
