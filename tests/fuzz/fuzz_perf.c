/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "capture/perf_record.h"

/* Records of a perf ring of any content, in memory of their exact size. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_perf_record record;
    unsigned char *copy = malloc(size ? size : 1);

    if (!copy)
        return 0;
    memcpy(copy, data, size);
    thaw_perf_record_read(copy, size, &record);
    if (strlen(record.path) > size || record.stack_bytes > size ||
        (record.stack_bytes &&
         (record.stack < copy || record.stack + record.stack_bytes > copy + size)))
        abort();
    free(copy);
    return 0;
}
