/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/baseline_shape.h"
#include "report/keys.h"

enum {
    most_entries = 100,
    most_values = 20000,
    most_contents = 50000, /* and imports */
};

const struct thaw_baseline_member thaw_baseline_members[] = {
    {THAW_BASELINE_FILE, "schema", THAW_BASELINE_TEXT, true, 0, 0},
    {THAW_BASELINE_FILE, "tool", THAW_BASELINE_OBJECT, true, THAW_BASELINE_TOOL, 0},
    {THAW_BASELINE_FILE, "entries", THAW_BASELINE_OBJECTS, true, THAW_BASELINE_ENTRY, most_entries},
    {THAW_BASELINE_TOOL, "name", THAW_BASELINE_TEXT, true, 0, 0},
    {THAW_BASELINE_TOOL, "version", THAW_BASELINE_TEXT, true, 0, 0},
    {THAW_BASELINE_ENTRY, "key", THAW_BASELINE_OBJECT, true, THAW_BASELINE_KEY, 0},
    {THAW_BASELINE_ENTRY, "commit", THAW_BASELINE_TEXT, false, 0, 0},
    {THAW_BASELINE_ENTRY, "made", THAW_BASELINE_TEXT, false, 0, 0},
    {THAW_BASELINE_ENTRY, "values", THAW_BASELINE_OBJECTS, true, THAW_BASELINE_VALUE, most_values},
    {THAW_BASELINE_ENTRY, "contents", THAW_BASELINE_OBJECTS, true, THAW_BASELINE_CONTENT,
     most_contents},
    {THAW_BASELINE_ENTRY, "imports", THAW_BASELINE_OBJECTS, false, THAW_BASELINE_IMPORT,
     most_contents},
    {THAW_BASELINE_KEY, "architecture", THAW_BASELINE_TEXT, false, 0, 0},
    {THAW_BASELINE_KEY, "backend", THAW_BASELINE_TEXT, false, 0, 0},
    {THAW_BASELINE_KEY, "cpus", THAW_BASELINE_NUMBER, false, 0, 0},
    {THAW_BASELINE_KEY, "interpreter", THAW_BASELINE_TEXT, false, 0, 0},
    {THAW_BASELINE_KEY, "kernel", THAW_BASELINE_TEXT, false, 0, 0},
    {THAW_BASELINE_KEY, "lock_file", THAW_BASELINE_TEXT, false, 0, 0},
    {THAW_BASELINE_KEY, "machine", THAW_BASELINE_TEXT, false, 0, 0},
    {THAW_BASELINE_VALUE, "metric", THAW_BASELINE_TEXT, true, 0, 0},
    {THAW_BASELINE_VALUE, "distribution", THAW_BASELINE_TEXT, false, 0, 0},
    {THAW_BASELINE_VALUE, "module", THAW_BASELINE_TEXT, false, 0, 0},
    {THAW_BASELINE_VALUE, "phase", THAW_BASELINE_TEXT, false, 0, 0},
    {THAW_BASELINE_VALUE, "samples", THAW_BASELINE_NUMBERS, true, 0, THAW_BASELINE_SAMPLES_MAX},
    {THAW_BASELINE_VALUE, "runs", THAW_BASELINE_NUMBER, false, 0, 0},
    {THAW_BASELINE_CONTENT, "name", THAW_BASELINE_TEXT, true, 0, 0},
    {THAW_BASELINE_CONTENT, "version", THAW_BASELINE_TEXT, false, 0, 0},
    {THAW_BASELINE_CONTENT, "disk_bytes", THAW_BASELINE_NUMBER, false, 0, 0},
    {THAW_BASELINE_CONTENT, "modules", THAW_BASELINE_NUMBER, false, 0, 0},
    {THAW_BASELINE_IMPORT, "name", THAW_BASELINE_TEXT, true, 0, 0},
    {THAW_BASELINE_IMPORT, "modules", THAW_BASELINE_NUMBER, true, 0, 0},
};

const size_t thaw_baseline_member_count =
    sizeof(thaw_baseline_members) / sizeof(thaw_baseline_members[0]);

const char *thaw_baseline_shape_name(enum thaw_baseline_shape shape)
{
    static const char *const names[] = {
        [THAW_BASELINE_FILE] = "a baseline",
        [THAW_BASELINE_TOOL] = "a tool",
        [THAW_BASELINE_ENTRY] = "an entry",
        [THAW_BASELINE_KEY] = "a key",
        [THAW_BASELINE_VALUE] = "a value",
        [THAW_BASELINE_CONTENT] = "an item of contents",
        [THAW_BASELINE_IMPORT] = "an item of imports",
    };

    return names[shape];
}

/* Versions by their numbers, so that 3.9 stands before 3.11. */
int thaw_baseline_entry_order(const json_t *left, const json_t *right)
{
    static const char *const keys[] = {"interpreter", "architecture", "backend"};
    const json_t *a = json_object_get(left, "key"), *b = json_object_get(right, "key");
    int order = 0;

    for (size_t i = 0; !order && i < sizeof(keys) / sizeof(keys[0]); i++)
        order = strverscmp(thaw_key_string(a, keys[i]), thaw_key_string(b, keys[i]));
    return order;
}

int thaw_baseline_value_order(const json_t *left, const json_t *right)
{
    static const char *const keys[] = {"metric", "distribution", "module", "phase"};
    int order = 0;

    for (size_t i = 0; !order && i < sizeof(keys) / sizeof(keys[0]); i++)
        order = strcmp(thaw_key_string(left, keys[i]), thaw_key_string(right, keys[i]));
    return order;
}
