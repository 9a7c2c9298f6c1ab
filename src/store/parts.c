/* SPDX-License-Identifier: Apache-2.0 */
#include "store/parts.h"

bool thaw_parts_put(thaw_parts_bytes *bytes, uint64_t number)
{
    do {
        unsigned char *byte = thaw_array_add(bytes);

        if (!byte)
            return false;
        *byte = (unsigned char)((number & 0x7F) | (number > 0x7F ? 0x80 : 0));
        number >>= 7;
    } while (number);
    return true;
}

uint64_t thaw_parts_get(struct thaw_parts_reader *reader)
{
    uint64_t number = 0;

    for (unsigned shift = 0; !reader->failed && shift < 64; shift += 7) {
        uint64_t bits;

        if (reader->at == reader->end)
            break;
        bits = *reader->at & 0x7F;
        if (shift == 63 && bits > 1)
            break;
        number |= bits << shift;
        if (!(*reader->at++ & 0x80))
            return number;
    }
    reader->failed = true;
    return 0;
}
