/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "project/settings/setting_reading.h"

#define NAME_SHOWN 100

/* --- members of objects -------------------------------------------------------------------------
 */

struct thaw_members thaw_members_of(const struct thaw_project_document *document,
                                    const json_t *object, uint32_t at)
{
    struct thaw_members members = {.document = document, .next = THAW_JSON_NO_VALUE};

    if (!json_is_object(object))
        return members;
    members.object = (json_t *)object;
    members.iterator = json_object_iter(members.object);
    members.next = thaw_json_positions_first(&document->positions, at);
    return members;
}

bool thaw_members_next(struct thaw_members *members)
{
    uint32_t first;

    if (!members->iterator)
        return false;
    members->key = json_object_iter_key(members->iterator);
    members->value = json_object_iter_value(members->iterator);
    members->iterator = json_object_iter_next(members->object, members->iterator);
    first = thaw_document_next(members->document, members->next, &members->at);
    members->next = thaw_json_positions_next(&members->document->positions, first);
    return true;
}

const json_t *thaw_member_of(const struct thaw_project_document *document, const json_t *object,
                             uint32_t at, const char *key, uint32_t *ret_at)
{
    const char *name = key, *found;
    const json_t *value = json_object_get(object, key);

    if (!value && json_is_object(object)) {
        json_t *member;

        json_object_foreach((json_t *)object, found, member)
        {
            if (!value && !strcasecmp(found, key)) {
                value = member;
                name = found;
            }
        }
    }
    *ret_at =
        value ? thaw_json_positions_member(&document->positions, at, name) : THAW_JSON_NO_VALUE;
    return value;
}

/* --- settings -----------------------------------------------------------------------------------
 */

static int complain_of_type(struct thaw_setting_reading *reading, const char *name,
                            const struct thaw_project_place *place, const char *type)
{
    char shown[NAME_SHOWN];

    name = thaw_setting_name_shown(name);
    thaw_text_escape_terminal(shown, sizeof(shown), name, strlen(name));
    return thaw_project_complain_to_do(reading->project, THAW_PROBLEM_TYPE, place,
                                       "put the value in quotes",
                                       "the value of %s has to be a text, and is %s: settings are "
                                       "texts; put it in quotes",
                                       shown, type);
}

static int complain_of_cut(struct thaw_setting_reading *reading,
                           const struct thaw_project_place *place)
{
    if (reading->is_cut)
        return 0;
    reading->is_cut = true;
    return thaw_project_complain(reading->project, THAW_PROBLEM_CUT, place,
                                 "more than %d settings: those from here on were not read",
                                 THAW_PROJECT_SETTINGS_MAX);
}

/* The value as a text, for as long as buffer and value last; NULL: it is none. */
static const char *text_of(const json_t *value, char *buffer, size_t size, size_t *ret_length)
{
    if (json_is_string(value)) {
        *ret_length = json_string_length(value);
        return json_string_value(value);
    }
    if (json_is_boolean(value))
        snprintf(buffer, size, "%s", json_is_true(value) ? "true" : "false");
    else if (json_is_integer(value))
        snprintf(buffer, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        snprintf(buffer, size, "%.17g", json_real_value(value));
    else
        return NULL;
    *ret_length = strlen(buffer);
    return buffer;
}

static int judge(struct thaw_setting_reading *reading, struct thaw_setting *setting,
                 const json_t *value)
{
    char buffer[64];
    size_t length;
    const char *text =
        reading->is_encrypted ? NULL : text_of(value, buffer, sizeof(buffer), &length);

    return text ? thaw_setting_judge(reading->project, setting, text, length) : 0;
}

int thaw_setting_take(struct thaw_setting_reading *reading, const char *name, const json_t *value,
                      uint32_t at)
{
    struct thaw_project_place place = thaw_document_place(reading->document, at);
    struct thaw_setting *setting;
    int code = 0;

    if (reading->taken >= THAW_PROJECT_SETTINGS_MAX)
        return complain_of_cut(reading, &place);
    if (json_is_object(value) || json_is_array(value))
        return complain_of_type(reading, name, &place,
                                json_is_object(value) ? "an object" : "a list");
    /* The tools make texts of these, so that they are settings all the same. */
    if (reading->origin == THAW_SETTING_LOCAL && (json_is_number(value) || json_is_boolean(value)))
        code = complain_of_type(reading, name, &place,
                                json_is_number(value) ? "a number" : "true or false");
    setting = code ? NULL : thaw_project_add_setting(reading->project);
    if (!setting)
        return -ENOMEM;
    reading->taken++;
    setting->origin = reading->origin;
    setting->place = place;
    setting->resource = reading->resource;
    setting->name =
        thaw_arena_string(&reading->project->memory->arena, thaw_setting_name_shown(name));
    if (!setting->name) {
        setting->name = "";
        return -ENOMEM;
    }
    return judge(reading, setting, value);
}

int thaw_setting_take_members(struct thaw_setting_reading *reading, const json_t *object,
                              uint32_t at)
{
    struct thaw_members members = thaw_members_of(reading->document, object, at);
    int code = 0;

    while (!code && !reading->is_cut && thaw_members_next(&members))
        code = thaw_setting_take(reading, members.key, members.value, members.at);
    return code;
}

static int take_item(struct thaw_setting_reading *reading, const json_t *item, uint32_t at)
{
    struct thaw_project_place place = thaw_document_place(reading->document, at);
    uint32_t name_at, value_at;
    const json_t *name = thaw_member_of(reading->document, item, at, "name", &name_at);
    const json_t *value = thaw_member_of(reading->document, item, at, "value", &value_at);

    if (!json_is_string(name))
        return thaw_project_complain_to_do(
            reading->project, THAW_PROBLEM_TYPE, &place, "give it a \"name\", or take it out",
            "a setting without a name: {\"name\": …, \"value\": …} is "
            "needed; it was passed over");
    return thaw_setting_take(reading, json_string_value(name), value, name_at);
}

int thaw_setting_take_list(struct thaw_setting_reading *reading, const json_t *list, uint32_t at)
{
    uint32_t item_at = thaw_json_positions_first(&reading->document->positions, at);
    size_t index;
    json_t *item;
    int code = 0;

    json_array_foreach(list, index, item)
    {
        if (!code && !reading->is_cut)
            code = take_item(reading, item, item_at);
        item_at = thaw_json_positions_next(&reading->document->positions, item_at);
    }
    return code;
}
