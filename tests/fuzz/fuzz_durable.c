/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "platform/durable.h"

/* What an orchestrator is told, of any content, and the same bytes as an activity's metadata. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_durable_text room;
    struct thaw_wire_durable durable;
    struct thaw_wire_text metadata = {(const char *)data, (uint32_t)size}, instance;
    int code = thaw_durable_read(&room, (const char *)data, size, &durable);

    if ((code == 0) != (durable.instance.length > 0) || durable.scheduled > durable.events ||
        durable.completed > durable.events || durable.instance.length > THAW_WIRE_TEXT_BYTES)
        abort();
    if (durable.instance.length && durable.instance.bytes != room.instance)
        abort();
    instance = thaw_durable_instance(metadata);
    if (instance.length && (instance.bytes < metadata.bytes ||
                            instance.bytes + instance.length > metadata.bytes + metadata.length))
        abort();
    return 0;
}
