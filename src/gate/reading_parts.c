/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/owners.h"
#include "gate/readers.h"
#include "report/keys.h"

static const char *given(const char *text)
{
    return text && *text ? text : NULL;
}

bool thaw_gate_names_distribution(const struct thaw_gate_reading *reading)
{
    return reading->part && given(reading->part->distribution);
}

bool thaw_gate_is_importtime(const struct thaw_summary *summary)
{
    return thaw_summary_has_backend(summary, "importtime") ||
           thaw_summary_has_backend(summary, "importtime-log");
}

/* Is it shipped? Then the names of all of its modules are known. */
static bool is_listed(struct thaw_arena *arena, const json_t *report, const char *wanted,
                      bool *failed)
{
    const json_t *distribution;
    size_t i;

    json_array_foreach(json_object_get(report, "distributions"), i, distribution)
    {
        const char *key = thaw_key_name(arena, distribution, "name");

        *failed |= !key;
        if (key && !strcmp(key, wanted))
            return true;
    }
    return false;
}

/* Is there a package of that name that is not shipped? */
static bool is_elsewhere(struct thaw_arena *arena, const json_t *report, const char *wanted,
                         bool *failed)
{
    const char *last = "";
    const json_t *module;
    size_t i;

    json_array_foreach(json_object_get(report, "modules"), i, module)
    {
        const char *name = thaw_key_string(module, "name"), *key;
        size_t length = strcspn(name, ".");

        if (*thaw_key_string(module, "distribution") ||
            (strlen(last) == length && !strncmp(name, last, length)))
            continue;
        last = thaw_arena_text(arena, name, length);
        key = thaw_key_normalised(arena, last);
        *failed |= !key;
        if (!key || !strcmp(key, wanted))
            return key != NULL;
    }
    return false;
}

/*
 * Where names tell whose modules are, what is not shipped was not loaded: unless there is a module
 * of its name from somewhere else.
 */
static bool knows_name(const struct thaw_gate_reading *reading, const char **ret_why)
{
    struct thaw_arena arena = {0};
    const char *wanted = thaw_key_normalised(&arena, reading->part->distribution);
    bool failed = !wanted, knows = true;

    if (!failed && !is_listed(&arena, reading->report, wanted, &failed))
        knows = !is_elsewhere(&arena, reading->report, wanted, &failed);
    thaw_arena_free(&arena);
    if (failed)
        return thaw_gate_untold(ret_why, NULL);
    return knows || thaw_gate_untold(ret_why, "a module of that name is loaded from elsewhere, and "
                                              "the importtime backend does not see from where");
}

/* Without a single module nobody looked: Python itself loads some thirty. */
bool thaw_gate_knows_part(const struct thaw_gate_reading *reading,
                          const struct thaw_summary *summary, const char **ret_why)
{
    if (!json_array_size(json_object_get(reading->report, "modules")))
        return thaw_gate_untold(ret_why, "no import was seen");
    if (!thaw_gate_names_distribution(reading))
        return true;
    if (thaw_gate_is_importtime(summary))
        return thaw_gate_has_owners(reading->report)
                   ? knows_name(reading, ret_why)
                   : thaw_gate_untold(ret_why, "the importtime backend does not see which "
                                               "distribution a module is of");
    return thaw_summary_list(reading->report, "distributions") ||
           thaw_gate_untold(ret_why, "the recording does not say which distributions are "
                                     "installed");
}

void thaw_gate_matcher_begin(struct thaw_gate_matcher *matcher, const struct thaw_budget_part *part)
{
    const char *distribution = part ? given(part->distribution) : NULL;

    *matcher = (struct thaw_gate_matcher){.module = part ? given(part->module) : NULL};
    if (!distribution)
        return;
    matcher->distribution = thaw_key_normalised(&matcher->arena, distribution);
    matcher->failed = !matcher->distribution;
}

/* Modules of one distribution mostly follow each other: what was found out last is kept. */
bool thaw_gate_matches_distribution(struct thaw_gate_matcher *matcher, const json_t *object,
                                    const char *key)
{
    const char *text, *name;

    if (matcher->failed)
        return false;
    if (!matcher->distribution)
        return true;
    text = thaw_key_text(&matcher->arena, object, key);
    if (text && matcher->last && !strcmp(text, matcher->last))
        return matcher->last_matches;
    name = thaw_key_normalised(&matcher->arena, text);
    matcher->failed = !name;
    matcher->last = text;
    matcher->last_matches = name && *name && !strcmp(name, matcher->distribution);
    return matcher->last_matches;
}

bool thaw_gate_matches_module(struct thaw_gate_matcher *matcher, const json_t *module)
{
    if (matcher->module &&
        !thaw_gate_module_matches(matcher->module, thaw_key_string(module, "name")))
        return false;
    return thaw_gate_matches_distribution(matcher, module, "distribution");
}

bool thaw_gate_matcher_end(struct thaw_gate_matcher *matcher)
{
    thaw_arena_free(&matcher->arena);
    return !matcher->failed;
}
