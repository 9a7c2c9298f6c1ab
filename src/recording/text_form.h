/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RECORDING_TEXT_FORM_H
#define THAW_RECORDING_TEXT_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "thaw/recording.h"

/*
 * The text form, for tests and bug reports: the same events, one a line.
 *
 *   thaw-recording-text 1
 *   # what follows is a comment
 *   1000 session.begin cpus=2 command=["python3","app.py"] until="exit"
 *   1_500_000 import.begin pid=7 tid=7 name="numpy" stack=140731
 *
 * Fields come in any order, each once; those that are 0, "" or [] may be left out. Numbers are
 * decimal, underscores between digits are allowed. Texts are quoted; they know the escapes of JSON
 * (\" \\ \/ \b \f \n \r \t \uNNNN, surrogates in pairs) and \xNN for a byte. A line
 *
 *   recording finished=0 defect="byte 4096: …" unknown_kinds=3
 *
 * carries what a recording says of itself; without it, it is finished and nothing is wrong.
 * Unlike the binary form this one is read whole or not at all: it is written by hand.
 */
#define THAW_TEXT_FORM_HEAD "thaw-recording-text"

/* The record of the line `recording`, and its description as in kinds.h. */
struct thaw_text_form_summary {
    uint64_t finished;
    const char *defect;
    uint64_t unknown_kinds;
};
extern const struct thaw_kind thaw_text_form_summary_kind;

/* True when bytes begin with the head's word, or with as much of it as fits. */
bool thaw_text_form_is(const char *bytes, size_t length);

/*
 * Reads a whole text form into recording->memory, in the order of the lines. Errors (-EINVAL,
 * -ENOTSUP for a newer version, -ENOMEM) name line and column (in bytes), both from 1.
 */
int thaw_text_form_read(const char *bytes, size_t length, struct thaw_recording *recording,
                        struct thaw_error *error);

#endif
