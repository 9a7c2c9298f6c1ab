/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_RUN_H
#define THAW_TRIAL_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/error.h"
#include "trial/sandbox.h"

/*
 * One measured run of a command in a sandbox.
 *
 * The command may tell the point up to which it is measured, the end of its imports, say, since an
 * interpreter's end is a quarter of its CPU time and no worker ever pays it. The environment
 * variable THAW_TRIAL_FD has the number of a socket: the command writes one byte there and reads
 * one byte; it waits meanwhile, so that its clocks are read at that very point. Whatever it writes
 * after that is its report, for the caller to understand.
 *
 * The command has no terminal, an empty standard input, and one pipe for what it prints. Bytecode
 * is on: PYTHONDONTWRITEBYTECODE and PYTHONPYCACHEPREFIX, which would leave both variants cold or
 * give one the other's, are taken out of the environment. It ends with thaw.
 */
#define THAW_RUN_VARIABLE "THAW_TRIAL_FD"
#define THAW_RUN_REPORT_MAX ((size_t)1 << 20)
#define THAW_RUN_OUTPUT_MAX 2048

struct thaw_run_options {
    const struct thaw_sandbox *sandbox;
    const char *const *command;     /* NULL-terminated; found by PATH, in the app's folder */
    const char *const *environment; /* NAME=VALUE, added; NULL-terminated, or NULL */
    uint64_t timeout_ns;            /* then it is killed; 0: never */
    int stop;                       /* readable: it is killed, and the run is void; -1: none */
};

enum thaw_run_end { THAW_RUN_EXITED, THAW_RUN_SIGNALLED, THAW_RUN_TIMED_OUT, THAW_RUN_STOPPED };

struct thaw_run {
    enum thaw_run_end end;
    int status; /* exit status, or the signal's number */
    bool told;  /* the point; else the figures up to it are those up to the end */

    /* From exec to the point. CPU is that of the process, all threads; without a point also that of
     * the processes it has waited for. */
    uint64_t wall_ns, cpu_ns;

    /* From exec to the end, of the process and those it has waited for (wait4). */
    uint64_t whole_wall_ns, whole_cpu_ns;
    uint64_t minor_faults, major_faults;
    uint64_t voluntary_switches, involuntary_switches;

    char output[THAW_RUN_OUTPUT_MAX]; /* the end of what it printed, any bytes */
    size_t output_length;
    char *report; /* the run's, freed by thaw_run_free(); not terminated; NULL when empty */
    size_t report_length;
    bool report_cut; /* it was longer than THAW_RUN_REPORT_MAX */
};

/*
 * Runs it to its end. 0: it ran, however it ended; *ret is to be freed. Else *ret is untouched:
 * -ENOENT, -EACCES and the like when it can't be executed, or the sandbox can't be entered.
 */
int thaw_run(const struct thaw_run_options *options, struct thaw_run *ret,
             struct thaw_error *error);

/* 0 when it exited with 0, else -ECHILD, -ETIME, or -EINTR when stopped, and a line with the name,
 * how it ended, and the last line that it printed. */
int thaw_run_check(const struct thaw_run *run, const char *name, struct thaw_error *error);

/* Is that code of thaw_run_check() the command's own failure: it ended badly, or too late? */
bool thaw_run_failed(int code);

void thaw_run_free(struct thaw_run *run);

#endif
