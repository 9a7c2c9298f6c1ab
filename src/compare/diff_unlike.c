/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/diff_cold.h"
#include "report/keys.h"

/* What makes runs less than comparable: they were not made on the same machine, of the same thing.
 */

enum { most_texts = 16 }; /* of one side; further ones are left out */

static const json_t *machine(const struct thaw_cold_run *run)
{
    return json_object_get(run->report, "machine");
}

static const json_t *run_of(const struct thaw_cold_run *run)
{
    return json_object_get(run->report, "run");
}

const json_t *thaw_cold_python(const struct thaw_summary *summary)
{
    const json_t *process =
        thaw_summary_process(summary, thaw_summary_number(summary->track, "process"));
    size_t i;

    if (*thaw_key_string(process, "python"))
        return process;
    json_array_foreach(json_object_get(summary->report, "processes"), i, process)
    {
        if (*thaw_key_string(process, "python"))
            return process;
    }
    return NULL;
}

/* A value as a text, NULL: unknown. */
static const char *value_of(struct thaw_cold *cold, const json_t *value)
{
    struct thaw_arena *arena = thaw_cold_arena(cold);

    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        return thaw_differ_keep(
            cold->differ, thaw_arena_format(arena, "%lld", (long long)json_integer_value(value)));
    if (json_is_real(value))
        return thaw_differ_keep(cold->differ,
                                thaw_arena_format(arena, "%g", json_real_value(value)));
    return json_is_boolean(value) ? json_is_true(value) ? "yes" : "no" : NULL;
}

static const char *command_of(struct thaw_cold *cold, const struct thaw_cold_run *run)
{
    const json_t *word;
    const char *line = "";
    size_t i;

    json_array_foreach(json_object_get(run_of(run), "command"), i, word)
    {
        const char *text = json_string_value(word);

        if (line && strlen(line) < 2000)
            line = thaw_arena_format(thaw_cold_arena(cold), "%s%s%s", line, i ? " " : "",
                                     text ? text : "");
    }
    cold->differ->values.failed |= !line;
    return line && *line ? line : NULL;
}

enum from { FROM_MACHINE, FROM_RUN, FROM_PYTHON, FROM_COMMAND };

static const struct {
    const char *what;
    enum from from;
    const char *key;
    const char *none; /* what null says, NULL: unknown */
} things[] = {
    {"kernel", FROM_MACHINE, "kernel", NULL},
    {"arch", FROM_MACHINE, "arch", NULL},
    {"cpus", FROM_MACHINE, "cpus", NULL},
    {"cpu-limit", FROM_MACHINE, "cpu_limit", "none"},
    {"memory-limit", FROM_MACHINE, "memory_limit", "none"},
    {"hypervisor", FROM_MACHINE, "hypervisor", NULL},
    {"python", FROM_PYTHON, "python", NULL},
    {"backend", FROM_RUN, "backend", NULL},
    {"platform", FROM_RUN, "platform", "none"},
    {"command", FROM_COMMAND, NULL, NULL},
    {"cold", FROM_RUN, "cold", NULL},
};

static const char *text_of(struct thaw_cold *cold, const struct thaw_cold_run *run, size_t thing)
{
    const json_t *from = NULL, *value;

    switch (things[thing].from) {
    case FROM_COMMAND:
        return command_of(cold, run);
    case FROM_MACHINE:
        from = machine(run);
        break;
    case FROM_RUN:
        from = run_of(run);
        break;
    case FROM_PYTHON:
        from = thaw_cold_python(&run->summary);
        break;
    }
    value = json_object_get(from, things[thing].key);
    return json_is_null(value) ? things[thing].none : value_of(cold, value);
}

struct texts {
    const char *items[most_texts];
    size_t count;
};

static bool has(const struct texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (!strcmp(texts->items[i], text))
            return true;
    return false;
}

static void collect(struct thaw_cold *cold, int side, size_t thing, struct texts *ret)
{
    *ret = (struct texts){0};
    for (size_t i = 0; i < cold->counts[side]; i++) {
        const char *text = text_of(cold, &cold->runs[side][i], thing);

        if (text && ret->count < most_texts && !has(ret, text))
            ret->items[ret->count++] = text;
    }
}

/* One text at most, and the same on both sides? What is unknown on a side says nothing. */
static bool is_alike(const struct texts *texts)
{
    if (texts[0].count > 1 || texts[1].count > 1)
        return false;
    if (!texts[0].count || !texts[1].count)
        return true;
    return !strcmp(texts[0].items[0], texts[1].items[0]);
}

json_t *thaw_cold_unlike(struct thaw_cold *cold)
{
    struct thaw_values *values = thaw_cold_values(cold);
    json_t *list = thaw_values_array(values);

    for (size_t i = 0; i < sizeof(things) / sizeof(things[0]) && !thaw_cold_failed(cold); i++) {
        struct texts texts[2];
        json_t *object;

        collect(cold, 0, i, &texts[0]);
        collect(cold, 1, i, &texts[1]);
        if (is_alike(texts))
            continue;
        object = thaw_values_object(values);
        thaw_values_set_text(values, object, "what", things[i].what);
        thaw_values_set_texts(values, object, "before", texts[0].items, texts[0].count);
        thaw_values_set_texts(values, object, "after", texts[1].items, texts[1].count);
        thaw_values_append(values, list, object);
    }
    return list;
}
