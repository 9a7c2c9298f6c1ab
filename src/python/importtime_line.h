/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_IMPORTTIME_LINE_H
#define THAW_PYTHON_IMPORTTIME_LINE_H

#include <stddef.h>
#include <stdint.h>

/*
 * One line of CPython's import report, written when an import has ended (children first):
 *     import time:       123 |        456 |     name
 * microseconds of its own, with its children's, and the name behind two blanks for each level.
 * With -X importtime=2 (3.14 on) an import of a module that was there already has a line, too,
 * whose name is set to the right instead, so that its level can't be told: import time: cached    |
 * cached     |  name Source: Python/import.c, import_find_and_load(); the same from 3.7 to 3.15.
 */
struct thaw_importtime_line {
    uint64_t self_ns; /* 0 where less than that was written: several threads imported at once */
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
    THAW_IMPORTTIME_CACHED, /* of a loaded module: nothing is filled in */
    THAW_IMPORTTIME_BROKEN, /* it begins as such a line does, and doesn't go on as one */
};

/* Looks at length bytes without their line end. */
enum thaw_importtime_kind thaw_importtime_parse(const char *bytes, size_t length,
                                                struct thaw_importtime_line *ret);

#endif
