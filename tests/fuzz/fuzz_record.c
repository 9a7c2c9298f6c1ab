/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "inventory/distribution_modules.h"
#include "packaging/record.h"

/* RECORD of any content: no path that is let through may lead out of its folder, and what it lists
 * is imported by whole names. The same bytes as entry_points.txt. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool leads_out(const char *path, size_t length)
{
    for (size_t at = 0; at <= length;) {
        const char *slash = memchr(path + at, '/', length - at);
        size_t size = slash ? (size_t)(slash - path) - at : length - at;

        if (size == 0 || (size == 1 && path[at] == '.') ||
            (size == 2 && path[at] == '.' && path[at + 1] == '.'))
            return true;
        at += size + 1;
    }
    return false;
}

static void list_names(const uint8_t *data, size_t size)
{
    char *copy = calloc(1, size + 1);
    struct thaw_arena arena = {0};
    struct thaw_texts names;

    if (!copy)
        return;
    memcpy(copy, data, size);
    if (thaw_modules_of_record(copy, size, &arena, &names) == 0)
        for (uint64_t i = 0; i < names.count; i++)
            if (!*names.items[i] || *names.items[i] == '.' || strstr(names.items[i], "..") ||
                strpbrk(names.items[i], "/-"))
                abort();
    memcpy(copy, data, size);
    if (thaw_groups_of_entry_points(copy, &arena, &names) == 0)
        for (uint64_t i = 0; i < names.count; i++)
            if (strchr(names.items[i], ']') || !strcmp(names.items[i], "console_scripts"))
                abort();
    thaw_arena_free(&arena);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1), *path;
    struct thaw_record_reader reader = {copy, copy + size};
    uint64_t listed;
    size_t length;

    if (!copy)
        return 0;
    memcpy(copy, data, size);
    while (thaw_record_next_sized(&reader, &path, &length, &listed)) {
        if (!length || path < copy || path + length > copy + size)
            abort();
        if (thaw_record_normalise(path, &length) &&
            (leads_out(path, length) || memchr(path, '\0', length)))
            abort();
    }
    free(copy);
    list_names(data, size);
    return 0;
}
