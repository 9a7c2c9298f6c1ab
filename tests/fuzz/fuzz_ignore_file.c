/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "project/ignore_file.h"

/* Any bytes as a .funcignore to the first NUL, and a path behind it. What is in a folder that is
 * left out is left out, and the order of questions does not matter. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds)
{
    if (!holds)
        abort();
}

static void check(struct thaw_ignore *ignore, char *path)
{
    bool covered = thaw_ignore_covers(ignore, path, false);

    demand(thaw_ignore_covers(ignore, path, false) == covered);
    thaw_ignore_tools_cover(ignore, path);
    for (char *slash = strchr(path + (*path != 0), '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        demand(covered || !thaw_ignore_covers(ignore, path, true));
        *slash = '/';
    }
    demand(thaw_ignore_covers(ignore, path, false) == covered);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t length = end ? (size_t)(end - data) : size, rest = end ? size - length - 1 : 0;
    struct thaw_arena arena = {0};
    struct thaw_ignore *ignore;
    char *path = calloc(1, rest + 1);

    demand(path != NULL);
    if (rest)
        memcpy(path, end + 1, rest);
    demand(thaw_ignore_read((const char *)data, length, &arena, &ignore) == 0);
    check(ignore, path);
    thaw_arena_free(&arena);
    free(path);
    return 0;
}
