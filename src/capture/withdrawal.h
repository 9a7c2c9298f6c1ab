/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_WITHDRAWAL_H
#define THAW_CAPTURE_WITHDRAWAL_H

#include "capture/interpreters.h"
#include "capture/known_files.h"
#include "capture/python_processes.h"
#include "capture/watchdog.h"
#include "thaw/recording.h"

/*
 * What is done about a process that hits its probes too often: the interpreter is narrowed, that is
 * probed in the traced processes only, and in that one no more. The others' probes take over
 * without a gap.
 */
struct thaw_withdrawal {
    struct thaw_programs *programs;
    struct thaw_interpreters *interpreters;
    struct thaw_python_processes *processes;
    struct thaw_known_files *files;
    struct thaw_recording_writer *writer;
    struct thaw_watchdog watchdog;
};

/* Looks whether there is one, as often as that is due, and does it. Stores what gets lost. */
int thaw_withdrawal_watch(struct thaw_withdrawal *withdrawal, struct thaw_error *error);

/* Probes all processes again, where whoever was too noisy has ended. */
void thaw_withdrawal_undo(struct thaw_withdrawal *withdrawal);

/*
 * A process runs an interpreter now, by exec or fork: attaches to it where that is narrowed.
 * Returns whether it was, so that its beginning may not have been seen.
 */
bool thaw_withdrawal_joined(struct thaw_withdrawal *withdrawal, uint32_t pid, size_t interpreter);

/* It has ended, or runs something else. */
void thaw_withdrawal_left(struct thaw_withdrawal *withdrawal, uint32_t pid);

#endif
