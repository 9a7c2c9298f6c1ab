/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_WATCH_H
#define THAW_CAPTURE_WATCH_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/record.h"
#include "thaw/error.h"

/*
 * The time between release and end: waits for the command, for signals, for the time limit, and
 * lets the backend take its events meanwhile.
 */
struct thaw_watch {
    int ended; /* a descriptor that is readable when what is observed has ended, -1 none */
    bool (*gone)(void *context); /* asked every tick, NULL: ended tells it */
    int signals;                 /* from thaw_watch_signals() */
    uint64_t deadline_ns;        /* CLOCK_BOOTTIME, 0 none */
    int descriptor;              /* drained when readable, and every tick; -1 none */
    int tick_ms;
    int (*drain)(void *context, struct thaw_error *error);
    enum thaw_record_end (*reached)(void *context); /* asked after each drain: the wanted end? */
    void *context;
};

/* Blocks SIGINT, SIGTERM and SIGHUP and returns a descriptor to read them from. */
int thaw_watch_signals(struct thaw_error *error);

/* Returns 0 and why it ended, or the error of a drain (then *ret is THAW_END_ERROR). */
int thaw_watch_run(const struct thaw_watch *watch, enum thaw_record_end *ret,
                   struct thaw_error *error);

#endif
