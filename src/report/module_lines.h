/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_MODULE_LINES_H
#define THAW_REPORT_MODULE_LINES_H

#include <stddef.h>

#include "thaw/analysis.h"
#include "thaw/error.h"

/*
 * The modules of a report as the JSON text that stands for them: they are the larger part of it.
 * All of them at once as values take most of the memory and time that a report takes, so that each
 * is made, written down and forgotten; several threads do so, and every output takes the same text.
 */
#define THAW_MODULE_LINES_PARTS 4

struct thaw_module_lines {
    /* One after the other; in each, a line without spaces ended by '\n' for each module. */
    struct thaw_module_lines_part {
        char *text;
        size_t length;
    } parts[THAW_MODULE_LINES_PARTS];
};

/* -ENOMEM; freed by thaw_module_lines_free() in either case. */
int thaw_module_lines_make(const struct thaw_analysis *analysis, struct thaw_module_lines *ret,
                           struct thaw_error *error);
void thaw_module_lines_free(struct thaw_module_lines *lines);

#endif
