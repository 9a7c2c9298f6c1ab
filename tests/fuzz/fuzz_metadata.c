/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "inventory/metadata.h"

/* METADATA of any content, and the same bytes as an egg's requires.txt. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct thaw_metadata *metadata)
{
    if (strlen(metadata->name) > 512 || strlen(metadata->version) > 512 ||
        metadata->requires.count > 1024)
        abort();
    for (uint64_t i = 0; i < metadata->requires.count; i++) {
        if (!*metadata->requires.items[i] || strlen(metadata->requires.items[i]) > 512 ||
            !thaw_metadata_same_name(metadata->requires.items[i], metadata->requires.items[i]))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_arena arena = {0};
    struct thaw_metadata metadata;

    if (thaw_metadata_parse((const char *)data, size, &arena, &metadata, NULL) < 0)
        abort();
    check(&metadata);
    if (thaw_metadata_parse_requires((const char *)data, size, &arena, &metadata, NULL) < 0)
        abort();
    check(&metadata);
    thaw_arena_free(&arena);
    return 0;
}
