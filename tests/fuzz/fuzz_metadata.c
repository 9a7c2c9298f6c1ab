/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "packaging/metadata.h"

/* METADATA of any content, and the same bytes as an egg's requires.txt. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A requirement of an egg has its section's marker and extra behind it. */
static void check(const struct thaw_metadata *metadata, size_t requirement_max)
{
    if (strlen(metadata->name) > 512 || strlen(metadata->version) > 512 ||
        strlen(metadata->license) > 512 || strlen(metadata->requires_python) > 512 ||
        metadata->requires.count > 8192 || metadata->extras.count > 1024)
        abort();
    for (uint64_t i = 0; i < metadata->requires.count; i++) {
        if (strlen(metadata->requires.items[i]) > requirement_max)
            abort();
    }
    for (uint64_t i = 0; i < metadata->extras.count; i++) {
        if (!*metadata->extras.items[i] || strlen(metadata->extras.items[i]) > 512)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_arena arena = {0};
    struct thaw_metadata metadata;

    if (thaw_metadata_parse((const char *)data, size, &arena, &metadata, NULL) < 0)
        abort();
    check(&metadata, 4096);
    if (thaw_metadata_parse_requires((const char *)data, size, &arena, &metadata, NULL) < 0)
        abort();
    check(&metadata, 2 * 4096 + 1024);
    thaw_arena_free(&arena);
    return 0;
}
