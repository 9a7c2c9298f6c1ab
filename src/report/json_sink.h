/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_JSON_SINK_H
#define THAW_REPORT_JSON_SINK_H

#include <stdio.h>

#include <jansson.h>

#include "thaw/analysis.h"
#include "thaw/error.h"

/* Always ASCII. */
enum thaw_json_form {
    THAW_JSON_FOR_PEOPLE, /* a member a line, indented by 2; a module a line */
    THAW_JSON_IN_HTML,    /* nothing in it is markup, and no space */
    THAW_JSON_EXACT,      /* no space, and reals to their last digit */
};

/*
 * Writes an object, or a list, to stream. Modules of an analysis (NULL: none) are made one by one
 * and stand in place of its empty "modules": all of them at once are the larger part of a report,
 * and take most of the time to make and to free. Flushes nothing. -ENOMEM, or what the stream could
 * not be written for.
 */
int thaw_json_sink(const json_t *object, const struct thaw_analysis *modules_of,
                   enum thaw_json_form form, FILE *stream, struct thaw_error *error);

#endif
