/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PACKAGING_REQUIREMENTS_FILE_H
#define THAW_PACKAGING_REQUIREMENTS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * Lines of a requirements file. Source: pip's documentation, "Requirements File Format": comments,
 * lines that go on behind a backslash, options of a line (--hash), other files (-r, -c).
 */
enum thaw_requirements_kind {
    THAW_REQUIREMENTS_REQUIREMENT, /* text is what PEP 508 may parse, without options and comment */
    THAW_REQUIREMENTS_FILE,        /* -r: text is the other file's path, relative to this one */
    THAW_REQUIREMENTS_CONSTRAINTS, /* -c: the same */
    THAW_REQUIREMENTS_EDITABLE,    /* -e: text is a path or URL */
    THAW_REQUIREMENTS_PATH,        /* a local path, an archive or a URL without a name */
    THAW_REQUIREMENTS_OPTION, /* --index-url … : text is its name alone, values may be secret */
};

struct thaw_requirements_line {
    enum thaw_requirements_kind kind;
    uint64_t line; /* where it begins, from 1 */
    const char *text;
    bool has_hash;
};

struct thaw_requirements_reader {
    const char *cursor;
    const char *end;
    uint64_t line;
};

/* Begins to read length bytes, which must stay; UTF-8's byte order mark is passed over. */
void thaw_requirements_begin(struct thaw_requirements_reader *reader, const char *bytes,
                             size_t length);

/* The next line that says something: 1, 0 at the end, -ENOMEM. Texts go into the arena; a logical
 * line is cut at 64 KiB. */
int thaw_requirements_next(struct thaw_requirements_reader *reader, struct thaw_arena *arena,
                           struct thaw_requirements_line *ret);

#endif
