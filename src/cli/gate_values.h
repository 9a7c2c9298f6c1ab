/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_GATE_VALUES_H
#define THAW_CLI_GATE_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/options.h"

#define THAW_GATE_COMMAND "gate"
#define THAW_GATE_RUNS_MAX 199 /* as many as are read of a folder, with a counting one */

/* The options of `thaw gate`. */
struct thaw_gate_values {
    const char *const *command; /* behind `--`, NULL none */

    /* What to compare with, and what to hold it against. */
    struct thaw_option_texts bases;
    const char *baseline;
    const char *config;
    const char *across;
    bool update;
    bool init;

    /* How trials are made. */
    int64_t runs;   /* 0: not said */
    int64_t warmup; /* -1: not said */
    bool cold;
    int backend;
    const char *until;
    uint64_t limit_ns;
    const char *prepare;
    const char *keep;
    bool instructions;

    /* What is written. */
    struct thaw_option_texts formats, outputs;
    bool json;
    bool quiet;
    const char *history;
    int64_t top;
    int color;
    int64_t width;
};

#endif
