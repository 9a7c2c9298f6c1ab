/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROOF_H
#define THAW_PROOF_H

#include <stddef.h>
#include <stdint.h>

/*
 * What a trial showed of imports that were moved: the app as it is and the app as `thaw fix` would
 * change it, run in alternation. Times are CPU times of the thread that imports, from the beginning
 * of the app's own import to its end: libraries' own threads, OpenBLAS's say, spin while they wait
 * for work, and hold up nobody. What was loaded before (a platform's worker) is loaded before in
 * the trial as well, and an interpreter's end counts for nothing. Texts are never NULL.
 */

struct thaw_proof_import {
    const char *file; /* as the recording has it */
    uint64_t line;
    const char *module; /* as asked for */
};

/* Of what the app's import loaded. Exact: the same in each run, or it is left out. */
struct thaw_proof_count {
    const char *name; /* "modules", each once whatever else it is called; "module files" */
    uint64_t original;
    uint64_t changed;
};

/* Is the changed app still the same? */
struct thaw_proof_check {
    const char *name;   /* "functions", "bindings", "type hints", "attribute chains", "modules from
                           the app's folder", "tests" */
    const char *result; /* "same", "differs", "not checked" */
    const char *detail; /* what differs, or why it was not checked; "" nothing to say */
};

/*
 * What the first call of a function pays for imports that wait for it, when no other that needs
 * them was called before: predicted, or in a proof the median of the CPU times measured.
 */
struct thaw_first_call {
    const char *function; /* "Class.method" */
    const char *file;
    uint64_t line; /* of the function, 0 unknown */
    uint64_t ns;
    uint64_t modules;
};

/* Median, and the interval of it at 95 %. */
struct thaw_proof_share {
    double low, middle, high;
};

struct thaw_proof {
    struct thaw_proof_import *imports; /* what was moved, by file and line */
    size_t import_count;
    const char *verdict; /* "proved", "refuted", "inconclusive" */
    const char *reason;  /* one sentence: why it is that */
    uint64_t pairs;
    uint64_t original_ns;          /* median of the original's */
    struct thaw_proof_share share; /* of the original's CPU time that is saved, pair by pair */
    struct thaw_proof_share wall;  /* of its wall-clock time, which the machine's load disturbs */
    struct thaw_proof_count *counts;
    size_t count_count;
    struct thaw_proof_check *checks;
    size_t check_count;
    struct thaw_first_call *calls; /* dearest first */
    size_t call_count;
    const char *diff;    /* lines that changed, as `thaw fix` writes them, without those around */
    const char *way;     /* where it ran: "overlay", "overlay in a user namespace", "copy" */
    uint64_t made_at_ns; /* CLOCK_REALTIME */
};

#endif
