/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "native/maps.h"

/* /proc/PID/maps of any content, not NUL-terminated. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *cursor = (const char *)data, *end = cursor + size, *line = cursor;
    struct thaw_mapping mapping;

    while (thaw_maps_next(&cursor, end, &mapping)) {
        if (cursor <= line || cursor > end)
            abort();
        if (mapping.path_bytes &&
            (mapping.path < line || mapping.path + mapping.path_bytes > cursor ||
             mapping.path[0] != '/' || memchr(mapping.path, '\n', mapping.path_bytes)))
            abort();
        line = cursor;
    }
    return 0;
}
