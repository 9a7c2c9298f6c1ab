/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "native/loader_cache.h"

/* /etc/ld.so.cache of any content. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct thaw_object_abi abis[] = {{.machine = 62, .is_64bit = true},
                                                  {.machine = 183, .is_64bit = true},
                                                  {.machine = 3}};
    struct thaw_loader_cache *cache;

    if (thaw_loader_cache_parse(data, size, &cache, NULL) < 0)
        return 0;
    for (size_t i = 0; i < sizeof(abis) / sizeof(abis[0]); i++) {
        const char *path = thaw_loader_cache_find(cache, "libc.so.6", abis[i], 4);

        if (path && (path[0] != '/' || strlen(path) >= size))
            abort();
    }
    thaw_loader_cache_free(cache);
    return 0;
}
