/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_position.h"
#include "base/text.h"

/* Keys are the same however they are written: "a", "\u0061". */

/* What is left of a key. */
struct letters {
    const char *bytes;
    size_t length;
    bool escaped; /* as it stands in JSON */
};

#define NO_LETTER UINT32_MAX

/* "004a" of \u004a; false: those are no four digits. */
static bool hexadecimal(const struct letters *letters, size_t at, uint32_t *ret)
{
    *ret = 0;
    if (letters->length < at + 4)
        return false;
    for (size_t i = at; i < at + 4; i++) {
        unsigned char byte = (unsigned char)letters->bytes[i];
        unsigned char lower = byte | 0x20;

        if (byte >= '0' && byte <= '9')
            *ret = *ret * 16 + byte - '0';
        else if (lower >= 'a' && lower <= 'f')
            *ret = *ret * 16 + lower - 'a' + 10;
        else
            return false;
    }
    return true;
}

/* The letter of an escape, which begins with a backslash, and its length. */
static uint32_t escaped_letter(const struct letters *letters, size_t *ret_length)
{
    static const char names[] = "bfnrt", meant[] = "\b\f\n\r\t";
    const char *bytes = letters->bytes;
    uint32_t letter, low;

    *ret_length = letters->length < 2 ? 1 : 2;
    if (letters->length < 2)
        return '\\';
    for (size_t i = 0; names[i]; i++)
        if (bytes[1] == names[i])
            return (unsigned char)meant[i];
    if (bytes[1] != 'u' || !hexadecimal(letters, 2, &letter))
        return (unsigned char)bytes[1];
    *ret_length = 6;
    if ((letter & 0xFC00) != 0xD800 || letters->length < 8 || bytes[6] != '\\' || bytes[7] != 'u' ||
        !hexadecimal(letters, 8, &low) || (low & 0xFC00) != 0xDC00)
        return letter;
    *ret_length = 12;
    return 0x10000 + ((letter & 0x3FF) << 10) + (low & 0x3FF);
}

static uint32_t next_letter(struct letters *letters)
{
    uint32_t letter;
    size_t length;

    if (!letters->length)
        return NO_LETTER;
    if (letters->escaped && *letters->bytes == '\\') {
        letter = escaped_letter(letters, &length);
    } else {
        length = thaw_text_decode(letters->bytes, letters->length, &letter);
        if (!length) { /* no UTF-8: behind all that is */
            letter = 0x110000 + (unsigned char)*letters->bytes;
            length = 1;
        }
    }
    letters->bytes += length;
    letters->length -= length;
    return letter;
}

static int compare_letters(struct letters a, struct letters b)
{
    for (;;) {
        uint32_t one = next_letter(&a), other = next_letter(&b);

        if (one != other)
            return one == NO_LETTER || (other != NO_LETTER && one < other) ? -1 : 1;
        if (one == NO_LETTER)
            return 0;
    }
}

static struct letters key_of(const struct thaw_json_positions *positions,
                             const struct thaw_json_value *value)
{
    return (struct letters){positions->bytes + value->key, value->key_length, true};
}

uint32_t thaw_json_positions_member(const struct thaw_json_positions *positions, uint32_t value,
                                    const char *key)
{
    struct letters wanted = {key, strlen(key), false};
    uint32_t found = THAW_JSON_NO_VALUE;

    for (uint32_t i = thaw_json_positions_first(positions, value); i != THAW_JSON_NO_VALUE;
         i = thaw_json_positions_next(positions, i)) {
        const struct thaw_json_value *member = &positions->values.items[i];

        if (member->key && !compare_letters(key_of(positions, member), wanted))
            found = i;
    }
    return found;
}

/* Of one object, by key. */
static int compare_keys(const struct thaw_json_positions *positions, uint32_t a, uint32_t b)
{
    const struct thaw_json_value *one = &positions->values.items[a];
    const struct thaw_json_value *other = &positions->values.items[b];

    if (one->parent != other->parent)
        return one->parent < other->parent ? -1 : 1;
    return compare_letters(key_of(positions, one), key_of(positions, other));
}

static int compare_members(const void *a, const void *b, void *context)
{
    const struct thaw_json_positions *positions = context;
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    int order = compare_keys(positions, one, other);

    return order ? order : one < other ? -1 : 1;
}

int thaw_json_positions_repeats(const struct thaw_json_positions *positions,
                                int (*each)(void *context, uint32_t again, uint32_t before),
                                void *context)
{
    size_t count = 0;
    uint32_t *members = reallocarray(NULL, positions->values.count + 1, sizeof(*members));
    int code = 0;

    if (!members)
        return -ENOMEM;
    for (uint32_t i = 0; i < positions->values.count; i++)
        if (positions->values.items[i].key)
            members[count++] = i;
    qsort_r(members, count, sizeof(*members), compare_members, (void *)positions);
    for (size_t i = 1; i < count && !code; i++)
        if (!compare_keys(positions, members[i - 1], members[i]))
            code = each(context, members[i], members[i - 1]);
    free(members);
    return code;
}

struct first_repeat {
    uint32_t again, before;
};

static int take_first(void *context, uint32_t again, uint32_t before)
{
    struct first_repeat *first = context;

    if (again < first->again)
        *first = (struct first_repeat){again, before};
    return 0;
}

int thaw_json_positions_twice(const struct thaw_json_positions *positions, uint32_t *ret_again,
                              uint32_t *ret_before)
{
    struct first_repeat first = {THAW_JSON_NO_VALUE, THAW_JSON_NO_VALUE};
    int code = thaw_json_positions_repeats(positions, take_first, &first);

    *ret_again = first.again;
    *ret_before = first.before;
    return code ? code : first.again != THAW_JSON_NO_VALUE;
}
