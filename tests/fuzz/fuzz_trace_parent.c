/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "platform/trace_parent.h"

/* The begin of a request, of any content: what is found lies in it, and is a trace's parent. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    const char *found = size ? thaw_trace_parent_in_head(bytes, size) : NULL;

    if (found &&
        (found < bytes || found + THAW_TRACE_PARENT_BYTES > bytes + size || found[2] != '-' ||
         strspn(found + THAW_TRACE_PARENT_TRACE, "0123456789abcdef") != 32))
        abort();
    if (thaw_trace_parent_is(bytes, size) && size < THAW_TRACE_PARENT_BYTES)
        abort();
    return 0;
}
