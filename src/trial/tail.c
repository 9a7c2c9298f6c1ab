/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "trial/tail.h"

void thaw_tail_keep(char *tail, size_t size, size_t *length, const char *bytes, size_t count)
{
    size_t kept;

    if (count > size) {
        bytes += count - size;
        count = size;
    }
    kept = *length < size - count ? *length : size - count;
    memmove(tail, tail + *length - kept, kept);
    memcpy(tail + kept, bytes, count);
    *length = kept + count;
}

void thaw_tail_line(const char *tail, size_t length, char *ret, size_t size)
{
    size_t end = length, start;

    while (end > 0 && (tail[end - 1] == '\n' || tail[end - 1] == ' '))
        end--;
    for (start = end; start > 0 && tail[start - 1] != '\n';)
        start--;
    thaw_text_escape_terminal(ret, size, tail + start, end - start);
}
