/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_CONSOLE_MARKS_H
#define THAW_CAPTURE_CONSOLE_MARKS_H

#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * Marks on the console of this machine, when it is a guest: lines that a recording of the machine
 * around it finds in what the monitor writes, so that both recordings get one time axis.
 */

/* Opens the device of a console for writing, as long as there is the privilege; *ret is its
 * descriptor. */
int thaw_console_marks_open(const char *device, int *ret, struct thaw_error *error);

/*
 * Writes some marks of a recording (its session's id) one after the other, and stores when. A
 * console that takes none of them within a second or so is told as a loss.
 */
int thaw_console_marks_write(int descriptor, const char *device, const char *session,
                             struct thaw_recording_writer *writer, struct thaw_error *error);

#endif
