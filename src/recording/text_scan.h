/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RECORDING_TEXT_SCAN_H
#define THAW_RECORDING_TEXT_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/array.h"
#include "recording/kinds.h"

/* Values of the text form, read from one line at a time; nothing behind its end is looked at. */
struct thaw_scanner {
    const char *line; /* its first byte */
    const char *at;   /* what comes next */
    const char *end;  /* behind its last byte; the line break is not part of it */
    size_t number;    /* of the line, from 1 */
    struct thaw_arena *arena;
    THAW_ARRAY(const char *) items; /* of the list being read; freed by whoever made the scanner */
    struct thaw_error *error;
};

/* Fills the error, with line and column of at before the words. Returns -EINVAL. */
int thaw_scan_fail(struct thaw_scanner *scanner, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Passes over blanks; true when there is something else on the line, and no comment. */
bool thaw_scan_more(struct thaw_scanner *scanner);

/* The bytes up to the next blank, `=` or the end of the line: *word and its length. */
size_t thaw_scan_word(struct thaw_scanner *scanner, const char **word);

/* A number or a whole value of the field's type, into record. 0, -EINVAL or -ENOMEM. */
int thaw_scan_u64(struct thaw_scanner *scanner, uint64_t *value);
int thaw_scan_value(struct thaw_scanner *scanner, const struct thaw_field *field, void *record);

#endif
