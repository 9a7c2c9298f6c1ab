/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_BASELINE_SHAPE_H
#define THAW_GATE_BASELINE_SHAPE_H

#include <stdbool.h>

#include <jansson.h>

/* What a baseline looks like: its members in the order in which they are written. */

/* Objects, named after the schema's definitions. */
enum thaw_baseline_shape {
    THAW_BASELINE_FILE,
    THAW_BASELINE_TOOL,
    THAW_BASELINE_ENTRY,
    THAW_BASELINE_KEY,
    THAW_BASELINE_VALUE,
    THAW_BASELINE_CONTENT,
    THAW_BASELINE_IMPORT,
};

enum thaw_baseline_form {
    THAW_BASELINE_TEXT,
    THAW_BASELINE_NUMBER,  /* 0 or more */
    THAW_BASELINE_OBJECT,  /* of */
    THAW_BASELINE_OBJECTS, /* a list of them */
    THAW_BASELINE_NUMBERS, /* a list of at least one */
};

struct thaw_baseline_member {
    enum thaw_baseline_shape in;
    const char *key;
    enum thaw_baseline_form form;
    bool required;
    enum thaw_baseline_shape of;
    size_t most; /* items of a list */
};

#define THAW_BASELINE_TEXT_MAX 65536 /* bytes */
#define THAW_BASELINE_SAMPLES_MAX 1000
#define THAW_BASELINE_NUMBER_MAX 9007199254740992.0 /* what a double has exactly */

extern const struct thaw_baseline_member thaw_baseline_members[];
extern const size_t thaw_baseline_member_count;

/* "an entry" */
const char *thaw_baseline_shape_name(enum thaw_baseline_shape shape);

/* How one entry or value compares with another, as qsort(3) has it: entries by
 * interpreter, architecture and backend, values by metric and part. */
int thaw_baseline_entry_order(const json_t *left, const json_t *right);
int thaw_baseline_value_order(const json_t *left, const json_t *right);

#endif
