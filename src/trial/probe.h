/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_PROBE_H
#define THAW_TRIAL_PROBE_H

#include "trial/prove.h"

/*
 * The probe: one run of an app's import in a sandbox, by the app's own interpreter, and what it
 * tells of itself (probe.py).
 */

/* An import of a function's first call. */
struct thaw_probe_import {
    const char *module; /* as asked for */
    const char *name;   /* taken from the module, "" none */
    uint64_t level;     /* of a relative import */
};

struct thaw_probe_task {
    const struct thaw_prove_app *app;
    const struct thaw_sandbox *sandbox;
    bool describe;                         /* tell what the platform makes of the app, too */
    const struct thaw_probe_import *calls; /* executed after the import, NULL none */
    size_t call_count;
    const char *call_file; /* below the app's folder: whose imports these are */
};

/* The command of a task, NULL-terminated, all the arena's; NULL: memory is short. */
const char *const *thaw_probe_command(const struct thaw_probe_task *task, struct thaw_arena *arena);

/* What the platform makes of a function. */
struct thaw_probe_function {
    const char *name;
    struct thaw_texts bindings;
    const char *hints;
};

struct thaw_probe_report {
    uint64_t cpu_ns, wall_ns;  /* of the import */
    struct thaw_texts modules; /* that it loaded, sorted by their bytes */
    uint64_t module_files;
    struct thaw_texts files;   /* of the app's own modules */
    struct thaw_texts missing; /* what should have been there before, and why it isn't */
    struct thaw_probe_function *functions;
    size_t function_count;
    const char *described; /* who told the functions, "" nobody */
    const char *failed;    /* why nobody could, "" */
    uint64_t call_cpu_ns;
    struct thaw_texts call_modules; /* sorted likewise */
};

/* What a report may hold of each list, and of bytes in a text. */
#define THAW_PROBE_LIST_MAX 20000
#define THAW_PROBE_TEXT_MAX 65536

/* Reads a report, the arena's. -EPROTO: it is not what a probe writes; -ENOMEM. */
int thaw_probe_report_read(const char *bytes, size_t length, struct thaw_arena *arena,
                           struct thaw_probe_report *ret, struct thaw_error *error);

/* Is the name among texts that are sorted by their bytes? */
bool thaw_probe_has(const struct thaw_texts *sorted, const char *name);

#endif
