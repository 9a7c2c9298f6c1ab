/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "project/git_index.h"

/* A path to the first NUL, and any bytes behind it as an index. What is in an index of names that
 * are not joined (versions 2 and 3) stands in its bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    const char *path = (const char *)data;
    size_t length = end ? size - (size_t)(end - data) - 1 : 0;
    char *bytes;
    int found;

    if (!end)
        return 0;
    bytes = malloc(length + !length); /* so that what is behind its end is seen */
    demand(bytes != NULL);
    memcpy(bytes, end + 1, length);
    found = thaw_git_index_has(bytes, length, path);
    demand(found == 0 || found == 1 || found == -EBADMSG);
    demand(found == thaw_git_index_has(bytes, length, path));
    if (found == 1) {
        demand(length > 12 && *path && memcmp(bytes, "DIRC", 4) == 0);
        demand(bytes[7] == 4 || memmem(bytes, length, path, strlen(path) + 1) != NULL);
    }
    free(bytes);
    return 0;
}
