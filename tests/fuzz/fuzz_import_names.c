/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "python/import_names.h"

/* Source of any content: each name is one, and lies in the source piece by piece. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    const char *source;
    size_t size;
    size_t names;
};

static int check(void *context, const struct thaw_import_name *name)
{
    struct seen *seen = context;
    size_t length = strlen(name->name);

    if (!length || length > THAW_IMPORT_NAME_MAX || strpbrk(name->name, " \t\f\r\n\\#'\"(),;:"))
        abort();
    for (const char *part = name->name; part; part = strchr(part, '.')) {
        size_t part_length;

        part += *part == '.' && part != name->name;
        part_length = strcspn(part, ".");
        if (!part_length || !memmem(seen->source, seen->size, part, part_length))
            abort();
    }
    if (++seen->names > seen->size)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen seen = {(const char *)data, size, 0};

    if (thaw_import_names((const char *)data, size, check, &seen))
        abort();
    return 0;
}
