/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "configuration/members.h"
#include "configuration/quantity.h"
#include "gate/metrics.h"

/* "gate": how the gate is run. */

#define RUNS_MAX 1000
#define ARGUMENTS_MAX 1000

static int take_number(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                       int least, uint32_t *ret)
{
    json_int_t number = json_integer_value(value->json);

    if (!json_is_integer(value->json) || number < least || number > RUNS_MAX)
        return thaw_members_refuse(reading, value, "%s must be a whole number from %d to %d",
                                   value->key, least, RUNS_MAX);
    *ret = (uint32_t)number;
    return 0;
}

static int take_runs(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                     void *place)
{
    return take_number(reading, value, 1, place);
}

static int take_warmup(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                       void *place)
{
    struct thaw_gate_settings *settings = place;

    settings->has_warmup = true;
    return take_number(reading, value, 0, &settings->warmup);
}

static int take_command(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                        void *place)
{
    size_t count = json_array_size(value->json);
    uint32_t at = thaw_json_positions_first(&reading->positions, value->at);
    const char **command;

    if (!json_is_array(value->json) || !count)
        return thaw_members_refuse(reading, value,
                                   "%s must be a list: the program and its arguments", value->key);
    if (count > ARGUMENTS_MAX)
        return thaw_members_refuse(reading, value, "%s has more than %d arguments", value->key,
                                   ARGUMENTS_MAX);
    command = thaw_arena_allocate(&reading->configuration->arena, (count + 1) * sizeof(*command));
    if (!command)
        return thaw_error_memory(reading->error);
    for (size_t i = 0; i < count; i++) {
        struct thaw_member_value argument = {i ? "an argument of command" : "the program",
                                             json_array_get(value->json, i), at};
        int code =
            (i ? thaw_members_take_text : thaw_members_take_words)(reading, &argument, &command[i]);
        if (code)
            return code;
        at = thaw_json_positions_next(&reading->positions, at);
    }
    memcpy(place, &command, sizeof(command));
    return 0;
}

/* The duration is of the form that --until takes: no space, and something to wait for. */
static int take_until(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                      void *place)
{
    const char *text;
    double ns;
    int code = thaw_members_words(reading, value, &text);

    if (code)
        return code;
    if (strcmp(text, "first-reply") && strcmp(text, "exit") &&
        (!thaw_quantity_parse(text, THAW_GATE_NS, &ns) || !(ns > 0) || strpbrk(text, " u")))
        return thaw_members_refuse(reading, value,
                                   "%s must be first-reply, exit or a duration such as \"5s\"",
                                   value->key);
    return thaw_members_take_words(reading, value, place);
}

static const char *key_name(size_t index)
{
    return index < THAW_GATE_KEY_PARTS ? thaw_gate_key_name(1u << index) : NULL;
}

static int take_across(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                       void *place)
{
    uint32_t at = thaw_json_positions_first(&reading->positions, value->at);
    unsigned *across = place;
    json_t *item;
    size_t index;

    if (!json_is_array(value->json))
        return thaw_members_refuse(reading, value, "%s must be a list of what may differ",
                                   value->key);
    json_array_foreach(value->json, index, item)
    {
        struct thaw_member_value one = {"an entry of across", item, at};
        char meant[80];
        const char *name;
        unsigned part;
        int code = thaw_members_words(reading, &one, &name);

        if (code)
            return code;
        part = thaw_gate_key_find(name);
        if (!part)
            return thaw_members_refuse(
                reading, &one, "a baseline has no '%.60s' that may differ%s", name,
                *thaw_members_meant(name, key_name, meant, sizeof(meant))
                    ? meant
                    : ": interpreter, architecture, lock_file, kernel, machine, backend do");
        if (*across & part)
            return thaw_members_refuse(reading, &one, "%s stands in %s already", name, value->key);
        *across |= part;
        at = thaw_json_positions_next(&reading->positions, at);
    }
    return 0;
}

static const struct thaw_member members[] = {
    {"target", offsetof(struct thaw_gate_settings, target), false, thaw_members_take_words},
    {"command", offsetof(struct thaw_gate_settings, command), false, take_command},
    {"baseline", offsetof(struct thaw_gate_settings, baseline), false, thaw_members_take_words},
    {"until", offsetof(struct thaw_gate_settings, until), false, take_until},
    {"runs", offsetof(struct thaw_gate_settings, runs), false, take_runs},
    {"warmup", 0, false, take_warmup},
    {"cold", offsetof(struct thaw_gate_settings, cold), false, thaw_members_take_flag},
    {"unmeasured", offsetof(struct thaw_gate_settings, unmeasured_is_warning), false,
     thaw_members_take_level},
    {"across", offsetof(struct thaw_gate_settings, across), false, take_across},
    {0},
};

static const struct thaw_member_table table = {
    .members = members,
    .what = "gate",
};

int thaw_configuration_take_gate(struct thaw_member_reading *reading,
                                 const struct thaw_member_value *value, void *place)
{
    struct thaw_configuration *configuration = place;

    return thaw_members_take(reading, &table, value, &configuration->budgets.settings);
}
