/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_PROBES_H
#define THAW_CAPTURE_PROBES_H

#include <stdbool.h>
#include <stddef.h>

#include "python/layouts.h"
#include "python/methods.h"

/*
 * The probe table: what can be attached, and what a report lacks without it. `thaw doctor` shows
 * it, the session attaches by it, the recording tells how it went.
 */
enum thaw_probe_kind {
    THAW_PROBE_TRACEPOINT,  /* a kernel tracepoint */
    THAW_PROBE_INTERPRETER, /* a function of every interpreter */
    THAW_PROBE_METHOD,      /* a C function of one of its modules: marshal.loads */
    THAW_PROBE_COLLECTOR,   /* where an interpreter collects garbage, if that can be seen */
    THAW_PROBE_LIBRARY,     /* a function of the C library */
    THAW_PROBE_CLOCK,       /* ticks of each CPU's clock */
    THAW_PROBE_VM,          /* a tracepoint of KVM */
};

/* What is done with a row. */
enum {
    THAW_PROBE_RECORDS = 1, /* attached for a recording */
    THAW_PROBE_AUDITS = 2,  /* for `thaw audit`, always */
};

struct thaw_probe_row {
    const char *name;    /* as in the recording */
    const char *program; /* BPF program, or the stem of its "_call", "_site" and "_return" */
    const char *target;  /* tracepoint or function, for people; NULL: by the interpreter's row */
    enum thaw_probe_kind kind;
    bool required; /* no recording with eBPF without it */
    const char *without;
    enum thaw_python_function function; /* of an interpreter */
    enum thaw_python_method method;     /* of one of its modules */
    bool returns;                       /* its returns are wanted, too */
    bool at_calls;                      /* rather at its calls than at its begin */
    unsigned uses;                      /* THAW_PROBE_…, or both */
};

/* The table; *ret_count rows. */
const struct thaw_probe_row *thaw_probes(size_t *ret_count);

#endif
