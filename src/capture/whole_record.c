/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "capture/kernel_record.h"

#define LEFT_OUT sizeof(struct thaw_kernel_usage)

const void *thaw_kernel_record_whole(const void *bytes, size_t *size,
                                     union thaw_kernel_record *room)
{
    const struct thaw_kernel_header *header = bytes;
    unsigned char *whole = (unsigned char *)room;

    if (*size < sizeof(*header) || *size > sizeof(*room) - LEFT_OUT ||
        header->without != THAW_KERNEL_WITHOUT_USAGE)
        return bytes;
    memcpy(whole, header, sizeof(*header));
    memset(whole + sizeof(*header), 0, LEFT_OUT);
    memcpy(whole + sizeof(*header) + LEFT_OUT, header + 1, *size - sizeof(*header));
    *size += LEFT_OUT;
    room->header.without = 0;
    room->header.size = (uint32_t)*size;
    return room;
}
