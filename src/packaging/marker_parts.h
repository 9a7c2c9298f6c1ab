/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PACKAGING_MARKER_PARTS_H
#define THAW_PACKAGING_MARKER_PARTS_H

#include <stdbool.h>

#include "packaging/marker.h"
#include "packaging/version_parts.h"

/* Shared by marker.c, marker_value.c and requirement.c only. */

#define THAW_MARKER_BYTES_MAX 4096

/* One side of a comparison. */
struct thaw_marker_operand {
    bool is_variable;
    struct thaw_span text; /* a variable's name, or what stands between the quotes */
};

enum thaw_marker_operator {
    THAW_MARKER_ARBITRARY,
    THAW_MARKER_COMPATIBLE,
    THAW_MARKER_EQUAL,
    THAW_MARKER_NOT_EQUAL,
    THAW_MARKER_AT_MOST,
    THAW_MARKER_AT_LEAST,
    THAW_MARKER_BELOW,
    THAW_MARKER_ABOVE,
    THAW_MARKER_IN,
    THAW_MARKER_NOT_IN,
};

/* "===" …; "in" for both of the last. */
const char *thaw_marker_operator_text(enum thaw_marker_operator operator);

struct thaw_marker_comparison {
    struct thaw_marker_operand left;
    enum thaw_marker_operator operator;
    struct thaw_marker_operand right;
};

/* The variable's name at the start of text: its length, 0 there is none. */
size_t thaw_marker_variable(struct thaw_span text);

/* Are a quoted text's escapes understood? (Those by number or name are not.) */
bool thaw_marker_text_is_fine(struct thaw_span text);

/* 1, 0, or -EINVAL: such a comparison is not defined. */
int thaw_marker_compare(const struct thaw_marker_comparison *comparison,
                        const struct thaw_marker_environment *environment, const char *extra);

/* Is it well-formed, whatever it is about? */
bool thaw_marker_is_valid(struct thaw_span marker);

#endif
