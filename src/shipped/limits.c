/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "platform/generic.h"
#include "shipped/tree.h"

/* The bytes that a limit is about; false: it is not about this target. */
static bool measured(const struct thaw_shipped *shipped, enum thaw_platform_measure measure,
                     uint64_t *bytes)
{
    bool is_image = strcmp(shipped->kind, "container-root") == 0;
    const struct thaw_content *content = shipped->memory->content;

    *bytes = measure == THAW_MEASURE_ZIP ? content->archive_bytes : shipped->total.bytes;
    switch (measure) {
    case THAW_MEASURE_ZIP:
        return content->archive != NULL;
    case THAW_MEASURE_IMAGE:
        return is_image;
    default:
        return !is_image;
    }
}

static int add_limit(struct thaw_shipped *shipped, const char *platform,
                     const struct thaw_platform_size *limit)
{
    struct thaw_shipped_limit *row;
    uint64_t bytes;

    if (!measured(shipped, limit->measure, &bytes))
        return 0;
    row = thaw_array_add(&shipped->memory->limits);
    if (!row)
        return -ENOMEM;
    *row = (struct thaw_shipped_limit){.id = limit->id,
                                       .platform = platform,
                                       .what = limit->what,
                                       .limit_bytes = limit->bytes,
                                       .bytes = bytes,
                                       .is_exceeded = bytes > limit->bytes,
                                       .is_hard = limit->is_hard,
                                       .source = limit->source,
                                       .dated = limit->dated};
    return 0;
}

int thaw_shipped_limits(struct thaw_shipped *shipped, struct thaw_error *error)
{
    const struct thaw_platform *only = shipped->memory->platform;
    size_t count;
    const struct thaw_platform *const *platforms = thaw_platforms_all(&count);
    int result = 0;

    if (shipped->folders_read.count) /* folders that a process uses are no package */
        return 0;
    for (size_t i = 0; result == 0 && i < count; i++) {
        const char *name = platforms[i] == &thaw_generic ? "" : platforms[i]->name;

        if (only && *name && only != platforms[i])
            continue;
        for (size_t j = 0; result == 0 && j < platforms[i]->size_count; j++)
            result = add_limit(shipped, name, &platforms[i]->sizes[j]);
    }
    return result < 0 ? thaw_error_memory(error) : 0;
}
