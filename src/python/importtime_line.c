/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "python/importtime_line.h"

#define MARK "import time:"
#define HEADER "import time: self [us] | cumulative | imported package"
#define CACHED "import time: cached    | cached     | "
#define NS_PER_US 1000u
#define NUMBER_MOST (UINT64_MAX / NS_PER_US / 16)

struct cursor {
    const char *next;
    const char *end;
};

static void skip_blanks(struct cursor *cursor)
{
    while (cursor->next < cursor->end && *cursor->next == ' ')
        cursor->next++;
}

static bool take_number(struct cursor *cursor, uint64_t *ret)
{
    const char *begin;

    skip_blanks(cursor);
    begin = cursor->next;
    *ret = 0;
    while (cursor->next < cursor->end && *cursor->next >= '0' && *cursor->next <= '9') {
        if (*ret > NUMBER_MOST)
            return false;
        *ret = *ret * 10 + (uint64_t)(*cursor->next++ - '0');
    }
    return cursor->next > begin;
}

/* Time of its own is what is left of its total, which other threads' imports may exceed. */
static bool take_self(struct cursor *cursor, uint64_t *ret)
{
    bool negative, taken;

    skip_blanks(cursor);
    negative = cursor->next < cursor->end && *cursor->next == '-';
    if (negative)
        cursor->next++;
    taken = (!negative || (cursor->next < cursor->end && *cursor->next != ' ')) &&
            take_number(cursor, ret);
    if (negative)
        *ret = 0;
    return taken;
}

static bool take_bar(struct cursor *cursor)
{
    skip_blanks(cursor);
    return cursor->next < cursor->end && *cursor->next++ == '|';
}

static bool begins_with(const char *bytes, size_t length, const char *text)
{
    return length >= strlen(text) && memcmp(bytes, text, strlen(text)) == 0;
}

enum thaw_importtime_kind thaw_importtime_parse(const char *bytes, size_t length,
                                                struct thaw_importtime_line *ret)
{
    struct cursor cursor = {.next = bytes, .end = bytes + length};
    uint64_t self_us, total_us;
    const char *column;

    if (length == strlen(HEADER) && begins_with(bytes, length, HEADER))
        return THAW_IMPORTTIME_HEADER;
    if (!begins_with(bytes, length, MARK))
        return THAW_IMPORTTIME_OTHER;
    if (length > strlen(CACHED) && begins_with(bytes, length, CACHED))
        return THAW_IMPORTTIME_CACHED;
    cursor.next += strlen(MARK);
    if (!take_self(&cursor, &self_us) || !take_bar(&cursor) || !take_number(&cursor, &total_us) ||
        !take_bar(&cursor))
        return THAW_IMPORTTIME_BROKEN;
    column = cursor.next;
    skip_blanks(&cursor);
    if (cursor.next == cursor.end || cursor.next == column)
        return THAW_IMPORTTIME_BROKEN;
    ret->self_ns = self_us * NS_PER_US;
    ret->total_ns = total_us * NS_PER_US;
    ret->depth = (uint64_t)(cursor.next - column - 1) / 2;
    ret->name = cursor.next;
    ret->name_bytes = (size_t)(cursor.end - cursor.next);
    return THAW_IMPORTTIME_IMPORT;
}
