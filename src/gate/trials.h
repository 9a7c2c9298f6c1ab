/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_TRIALS_H
#define THAW_GATE_TRIALS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "thaw/error.h"
#include "thaw/report.h"

/*
 * What repeated runs of one command, or of two in turns, come to: each run as it was, and of each
 * metric (metrics.h) its median with an interval, the runs that lie apart (they are shown, and
 * count), and whether the machine was too noisy for it.
 */
#define THAW_TRIALS_SCHEMA "thaw-trials/1"
#define THAW_TRIALS_NAME "trials.json" /* beside the recordings */
#define THAW_TRIALS_COMMANDS_MAX 2

/* The interval of a time is to be that wide at most: else the machine was too noisy. */
#define THAW_TRIALS_WIDTH 0.10

/* What is going to be made. */
struct thaw_trials_command {
    const char *const *words; /* NULL-terminated */
    const char *folder;       /* of its recordings, relative to that of trials.json; "" the same */
};

struct thaw_trials_plan {
    struct thaw_trials_command commands[THAW_TRIALS_COMMANDS_MAX];
    size_t command_count;
    size_t runs, warmups; /* of each */
    bool cold;
    const char *prepare; /* NULL none */
    uint64_t limit_ns;   /* 0 none */
    const char *tool_version;
};

/* How much of what was in memory before a cold run still was when it began. */
struct thaw_trials_cold {
    uint64_t files, bytes;
    uint64_t left_files, left_bytes, unevictable_bytes;
    uint64_t unknown_files, unknown_bytes;
    const char *largest; /* "" none */
    bool cut;            /* there are more files than were looked at */
    bool too_much;       /* is left: the run is not cold */
};

enum thaw_trials_end {
    THAW_TRIALS_OK,
    THAW_TRIALS_CRASHED,
    THAW_TRIALS_TIMED_OUT,
    THAW_TRIALS_INTERRUPTED,
    THAW_TRIALS_NOT_RECORDED,
};

struct thaw_trials_run {
    size_t command, number;
    bool warmup, counting;
    const char *file;     /* name of its recording, "" it is not kept */
    const json_t *report; /* NULL: there is none; asked at once, and not kept */
    enum thaw_trials_end end;
    bool complete;       /* all that was to be observed was */
    int64_t exit_status; /* -1: it did not exit by itself */
    const char *reason;  /* "" : all is well */
    uint64_t wall_ns, cpu_ns;
    const struct thaw_trials_cold *cold; /* NULL: nothing was put out of memory */
};

struct thaw_trials;

/* Texts of the plan are copied. *ret is to be freed. -ENOMEM. */
int thaw_trials_new(const struct thaw_trials_plan *plan, struct thaw_trials **ret,
                    struct thaw_error *error);
void thaw_trials_free(struct thaw_trials *trials); /* NULL is allowed */

int thaw_trials_add(struct thaw_trials *trials, const struct thaw_trials_run *run,
                    struct thaw_error *error);

/* All of it so far, by reports/schema/thaw-trials-1.schema.json. The caller owns *ret. -ENOMEM. */
int thaw_trials_json(const struct thaw_trials *trials, json_t **ret, struct thaw_error *error);

/* json, csv (a row for each run), markdown, summary; ended by a row whose name is NULL. */
const struct thaw_report_format *thaw_trials_formats(void);

/* The schema, as thaw_report_schema() gives the report's. */
const char *thaw_trials_schema(size_t *length);

#endif
