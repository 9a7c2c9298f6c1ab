/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_ERROR_H
#define THAW_ERROR_H

/*
 * One error, told once.
 *
 * A function that can fail returns 0 or a negative errno and fills the caller's error with a
 * single line: what failed, where, and what to do next. Only the command line prints it.
 */
struct thaw_error {
    int code; /* negative errno, 0 when nothing failed */
    char message[480];
};

/*
 * Fills *error (which may be NULL) and returns code, so that callers can write
 * `return thaw_error_set(error, -ENOENT, "%s: no such recording", path);`.
 * The message is one line of plain characters (what isn't is escaped as for a terminal), cut at the
 * end of the buffer, never beyond it.
 */
int thaw_error_set(struct thaw_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with the text of errno appended: "MESSAGE: No such file or directory". code is < 0. */
int thaw_error_system(struct thaw_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Out of memory, in the words used everywhere. Returns -ENOMEM. */
int thaw_error_memory(struct thaw_error *error);

#endif
