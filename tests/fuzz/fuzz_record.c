/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "packaging/record.h"

/* RECORD of any content: no path that is let through may lead out of its folder. */
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
    return 0;
}
