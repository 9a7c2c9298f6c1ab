/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

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

/* Without a single module nobody looked: Python itself loads some thirty. */
bool thaw_gate_knows_part(const struct thaw_gate_reading *reading,
                          const struct thaw_summary *summary, const char **ret_why)
{
    if (!json_array_size(json_object_get(reading->report, "modules")))
        return thaw_gate_untold(ret_why, "no import was seen");
    if (!thaw_gate_names_distribution(reading))
        return true;
    if (thaw_gate_is_importtime(summary))
        return thaw_gate_untold(ret_why, "the importtime backend does not see which distribution a "
                                         "module is of");
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
