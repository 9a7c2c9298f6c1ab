/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_JSON_SINK_H
#define THAW_REPORT_JSON_SINK_H

#include <stdio.h>

#include <jansson.h>

#include "report/module_lines.h"
#include "thaw/error.h"

/* Always ASCII. */
enum thaw_json_form {
    THAW_JSON_FOR_PEOPLE, /* a member a line, indented by 2; a module a line */
    THAW_JSON_IN_HTML,    /* nothing in it is markup, and no space */
    THAW_JSON_EXACT,      /* no space, and reals to their last digit */
};

/* A module's line, and whatever else: 12 digits give a limit of 0.1 CPU as that, not as 0.1000…01.
 */
#define THAW_JSON_DIGITS 12
#define THAW_JSON_LINE_FLAGS                                                                       \
    (JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(THAW_JSON_DIGITS))

/*
 * Writes an object, or a list, to stream; lines (NULL: none) stand in place of its empty "modules".
 * Flushes nothing. -ENOMEM, or what the stream could not be written for.
 */
int thaw_json_sink(const json_t *object, const struct thaw_module_lines *modules,
                   enum thaw_json_form form, FILE *stream, struct thaw_error *error);

#endif
