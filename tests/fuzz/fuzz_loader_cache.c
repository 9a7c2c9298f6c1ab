/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "native/loader_cache.h"

/* /etc/ld.so.cache of any content. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_loader_cache *cache;
    const char *path;

    if (thaw_loader_cache_parse(data, size, &cache, NULL) < 0)
        return 0;
    if (thaw_loader_cache_count(cache) > size / 24)
        abort();
    path = thaw_loader_cache_find(cache, "libc.so.6");
    if (path && path[0] != '/')
        abort();
    thaw_loader_cache_free(cache);
    return 0;
}
