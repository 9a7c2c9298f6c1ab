/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "configuration/members.h"

/* What a single member may be. */

static int keep(struct thaw_member_reading *reading, const char *text, void *place)
{
    const char *kept = thaw_arena_string(&reading->configuration->arena, text);

    if (!kept)
        return thaw_error_memory(reading->error);
    memcpy(place, &kept, sizeof(kept));
    return 0;
}

int thaw_members_take_text(struct thaw_member_reading *reading,
                           const struct thaw_member_value *value, void *place)
{
    if (!json_is_string(value->json))
        return thaw_members_refuse(reading, value, "%s must be a text", value->key);
    return keep(reading, json_string_value(value->json), place);
}

int thaw_members_words(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                       const char **ret)
{
    const char *text = json_string_value(value->json);

    if (!text)
        return thaw_members_refuse(reading, value, "%s must be a text", value->key);
    if (!text[strspn(text, " \t\r\n")])
        return thaw_members_refuse(reading, value, "%s is empty", value->key);
    *ret = text;
    return 0;
}

int thaw_members_take_words(struct thaw_member_reading *reading,
                            const struct thaw_member_value *value, void *place)
{
    const char *text;
    int code = thaw_members_words(reading, value, &text);

    return code ? code : keep(reading, text, place);
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + text[1] - '0';
}

static bool is_day(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;

    if (strlen(text) != sizeof(form) - 1)
        return false;
    for (size_t i = 0; i < sizeof(form) - 1; i++)
        if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != '-')
            return false;
    year = two_digits(text) * 100 + two_digits(text + 2);
    month = two_digits(text + 5);
    day = two_digits(text + 8);
    if (month == 2 && day == 29)
        return year % 4 == 0 && (year % 100 || year % 400 == 0);
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

int thaw_members_take_day(struct thaw_member_reading *reading,
                          const struct thaw_member_value *value, void *place)
{
    const char *text;
    int code = thaw_members_words(reading, value, &text);

    if (!code && !is_day(text))
        code =
            thaw_members_refuse(reading, value, "%s takes a day like \"2027-01-31\", not \"%.40s\"",
                                value->key, text);
    return code ? code : keep(reading, text, place);
}

int thaw_members_take_flag(struct thaw_member_reading *reading,
                           const struct thaw_member_value *value, void *place)
{
    bool *flag = place;

    if (!json_is_boolean(value->json))
        return thaw_members_refuse(reading, value, "%s must be true or false", value->key);
    *flag = json_is_true(value->json);
    return 0;
}

int thaw_members_take_level(struct thaw_member_reading *reading,
                            const struct thaw_member_value *value, void *place)
{
    const char *text = json_string_value(value->json);
    bool *warning = place;

    if (!text || (strcmp(text, "error") && strcmp(text, "warning")))
        return thaw_members_refuse(reading, value, "%s must be \"error\" or \"warning\"",
                                   value->key);
    *warning = !strcmp(text, "warning");
    return 0;
}

/* --- words and lists of them --- */

int thaw_members_word(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                      const char *const *words, unsigned *ret)
{
    const char *text = json_string_value(value->json);
    char list[120] = "";

    for (unsigned i = 0; words[i]; i++) {
        size_t length = strlen(list);

        if (text && !strcmp(text, words[i])) {
            *ret = i;
            return 0;
        }
        snprintf(list + length, sizeof(list) - length, "%s\"%s\"", i ? ", " : "", words[i]);
    }
    return thaw_members_refuse(reading, value, "%s must be one of %s", value->key, list);
}

int thaw_members_take_each(struct thaw_member_reading *reading,
                           const struct thaw_member_value *value,
                           int (*take)(struct thaw_member_reading *reading,
                                       const struct thaw_member_value *value, void *place),
                           void *places, size_t step)
{
    uint32_t at = thaw_json_positions_first(&reading->positions, value->at);
    int code = 0;

    for (size_t i = 0; !code && i < json_array_size(value->json); i++) {
        const struct thaw_member_value one = {value->key, json_array_get(value->json, i), at};

        code = take(reading, &one, (char *)places + i * step);
        at = thaw_json_positions_next(&reading->positions, at);
    }
    return code;
}

int thaw_members_check_list(struct thaw_member_reading *reading,
                            const struct thaw_member_value *value)
{
    if (!json_is_array(value->json) || json_array_size(value->json) > THAW_CONFIGURATION_TEXTS_MAX)
        return thaw_members_refuse(reading, value, "%s must be a list of %d texts at most",
                                   value->key, THAW_CONFIGURATION_TEXTS_MAX);
    return 0;
}

int thaw_members_take_list_of_words(struct thaw_member_reading *reading,
                                    const struct thaw_member_value *value, void *place)
{
    int code = thaw_members_check_list(reading, value);
    const char **list;

    if (code)
        return code;
    list = thaw_arena_allocate(&reading->configuration->arena,
                               (json_array_size(value->json) + 1) * sizeof(*list));
    if (!list)
        return thaw_error_memory(reading->error);
    memcpy(place, &list, sizeof(list));
    return thaw_members_take_each(reading, value, thaw_members_take_words, list, sizeof(*list));
}
