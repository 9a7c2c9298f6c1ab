/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_IMPORTTIME_LINE_H
#define THAW_CAPTURE_IMPORTTIME_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One line of CPython's import report, written when an import has ended (children first):
 *     import time:       123 |        456 |     name
 * microseconds of its own, with its children's, and the name behind two blanks for each level.
 * Source: Python/import.c, import_find_and_load(); the same from 3.7 to 3.15.
 */
struct thaw_importtime_line {
    uint64_t self_ns;
    uint64_t total_ns;
    uint64_t depth;
    const char *name; /* within the line */
    size_t name_bytes;
};

/* What a line is. */
enum thaw_importtime_kind {
    THAW_IMPORTTIME_OTHER,  /* the program's own output */
    THAW_IMPORTTIME_HEADER, /* the report's head: column titles */
    THAW_IMPORTTIME_IMPORT,
};

/* Looks at length bytes without their line end. */
enum thaw_importtime_kind thaw_importtime_parse(const char *bytes, size_t length,
                                                struct thaw_importtime_line *ret);

#endif
