/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_RECORD_H
#define THAW_CAPTURE_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "thaw/error.h"

/*
 * Recording one command from before its first instruction, or processes that run already, to the
 * end asked for.
 */

enum thaw_backend {
    THAW_BACKEND_AUTO,       /* eBPF where it is allowed, else importtime */
    THAW_BACKEND_EBPF,       /* eBPF or nothing */
    THAW_BACKEND_IMPORTTIME, /* CPython's own import report and /proc; no privilege */
};

enum thaw_until {
    THAW_UNTIL_AUTO, /* the first reply of a recognised platform or of a server (servers.h), else
                        the command's end */
    THAW_UNTIL_FIRST_REPLY,
    THAW_UNTIL_EXIT,
    THAW_UNTIL_DURATION,
};

enum thaw_observe {
    THAW_OBSERVE_ALL,
    THAW_OBSERVE_IMPORTS, /* no system calls: no messages, no files */
};

struct thaw_record_options {
    const char *const *command; /* NULL-terminated; empty when processes are attached to */
    const pid_t *processes;     /* that run already: observed with all below them */
    size_t process_count;       /* 0: the command is started */
    const char *output;         /* path of the recording */
    enum thaw_backend backend;
    enum thaw_until until;
    uint64_t duration_ns;       /* with THAW_UNTIL_DURATION; as a limit with the others, 0 = none */
    uint64_t watch_ns;          /* how long to go on after the first reply, 0 = not at all */
    const char *platform;       /* "auto" or a platform's name */
    const char *const *pythons; /* interpreters to attach to in advance, NULL-terminated, or NULL */
    enum thaw_observe observe;
    bool stacks; /* what called the sampled functions, too */
    bool hold;   /* stop processes that start an unknown interpreter until it is attached to */
    bool keep_running;        /* leave the command running when the recording ends before it */
    bool counting;            /* importtime only: under ptrace, which counts (count_events.h) */
    bool boot;                /* the machine was booted for what is recorded: its boot counts */
    const char *mark_console; /* device of the console that marks are written to, NULL none */
    uint64_t trial, trials;   /* which of repeated runs this is, of how many; 0: a single one */
    const char *cold;         /* as of struct thaw_session_begin; NULL: not known */
    const char *tool_version;
    /* All is attached, and the command is let go next; negative: it is not. NULL: nobody asks. */
    int (*ready)(void *context, struct thaw_error *error);
    /* Lines for people while it goes on (what is missing, what is done instead). */
    void (*say)(void *context, const char *line);
    void *context;
};

enum thaw_record_end {
    THAW_END_NONE,
    THAW_END_FIRST_REPLY,
    THAW_END_EXIT,
    THAW_END_DURATION,
    THAW_END_INTERRUPTED,
    THAW_END_ERROR, /* recording failed; what was recorded until then is in the file */
};

struct thaw_record_result {
    enum thaw_backend backend; /* the one used */
    enum thaw_record_end end;
    bool started;      /* the command was executed */
    bool not_executed; /* it could not be: not found, or no permission */
    bool exited;       /* the command ended by itself */
    int exit_status;   /* then: its status as a shell shows it */
    bool left_running;
};

/*
 * Records. Returns 0 when the recording was closed properly; on failure the recording holds what
 * was stored until then (if it could be created), and result tells how far it came.
 */
int thaw_record(const struct thaw_record_options *options, struct thaw_record_result *result,
                struct thaw_error *error);

/* "first-reply", "exit", … as stored in the recording. */
const char *thaw_record_end_name(enum thaw_record_end end);

#endif
