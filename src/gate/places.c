/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "gate/gate_parts.h"
#include "report/import_chain.h"
#include "report/keys.h"
#include "report/shown_text.h"

/* How what is to blame came in: by which file and line of the user's. Paths are as in a checkout
 * that was worked in (issues.h). */

void thaw_gate_use_run(struct thaw_gate_judge *judge, const json_t *report)
{
    if (report == judge->run || thaw_gate_failed(judge))
        return;
    thaw_places_free(judge->run_places);
    judge->run_places = NULL;
    thaw_import_tree_free(&judge->tree);
    judge->tree = (struct thaw_import_tree){0};
    thaw_arena_free(&judge->run_summary.arena);
    judge->run = report;
    thaw_summary_begin(&judge->run_summary, report, NULL, NULL);
    judge->run_places = thaw_places_begin(&judge->run_summary);
    judge->words.failed |=
        !judge->run_places || thaw_import_tree_build(report, &judge->tree, NULL) < 0;
}

static const char *path_of(struct thaw_gate_judge *judge, const struct thaw_import_from *from)
{
    struct thaw_arena *arena = thaw_gate_arena(judge);
    const char *started = judge->question->directory ? judge->question->directory : "";
    const char *path = thaw_key_raw(arena, from->module, "path"), *within;

    if (path && !*path)
        path = thaw_key_raw(arena, from->place, "file");
    judge->words.failed |= !path;
    if (!path)
        return "";
    within = *started ? thaw_key_within(path, started) : NULL;
    return within && *within ? within : thaw_places_path(judge->run_places, path);
}

static void set_place(struct thaw_gate_judge *judge, json_t *object, const char *path,
                      uint64_t line)
{
    thaw_values_set_name(&judge->values, object, "file", path);
    thaw_values_set_known(&judge->values, object, "line", line);
}

static const char *set_import(struct thaw_gate_judge *judge, json_t *object, size_t node)
{
    struct thaw_import_chain chain;
    const char *text, *path;

    if (thaw_import_chain(thaw_gate_arena(judge), &judge->tree, node, &chain) < 0) {
        judge->words.failed = true;
        return "";
    }
    text = chain.names;
    if (chain.first.place) {
        path = thaw_gate_shown(judge, path_of(judge, &chain.first));
        judge->words.failed |= !path;
        text = chain.first.line ? thaw_summary_format(&judge->words, "%s:%" PRIu64 " > %s", path,
                                                      chain.first.line, chain.names)
                                : thaw_summary_format(&judge->words, "%s > %s", path, chain.names);
    }
    set_place(judge, object, chain.nearest.place ? path_of(judge, &chain.nearest) : "",
              chain.nearest.line);
    return text;
}

static const json_t *shipped_of(struct thaw_gate_judge *judge, const char *key)
{
    const json_t *distribution;
    size_t i;

    json_array_foreach(json_object_get(judge->head.input->target, "distributions"), i, distribution)
    {
        const char *name = thaw_key_name(thaw_gate_arena(judge), distribution, "name");

        judge->words.failed |= !name;
        if (name && !strcmp(name, key))
            return distribution;
    }
    return NULL;
}

/* "requirements.txt:2 > pandas > numpy", the file as in a checkout. "" where nothing asks for it.
 */
static const char *set_request(struct thaw_gate_judge *judge, json_t *object, const char *name)
{
    struct thaw_arena *arena = thaw_gate_arena(judge);
    const char *key = thaw_key_normalised(arena, name), *text = "";
    const json_t *distribution = key ? shipped_of(judge, key) : NULL;
    size_t count = json_array_size(json_object_get(distribution, "why")), begin = 0;
    struct thaw_issue issue = {.path = ""};

    judge->words.failed |= !key;
    if (!distribution || !count)
        return "";
    if (thaw_places_requirement(judge->target_places, key, &issue)) {
        text = thaw_summary_format(&judge->words, "%s:%" PRIu64, thaw_gate_shown(judge, issue.path),
                                   issue.line);
        begin = 1; /* it is the first link */
    }
    for (size_t i = begin; i < count; i++) {
        const char *link = thaw_shown_item(arena, distribution, "why", i);

        judge->words.failed |= !link;
        text = thaw_summary_format(&judge->words, "%s%s%s", text, *text ? " > " : "",
                                   link ? link : "");
    }
    set_place(judge, object, issue.path, issue.line);
    return text;
}

const char *thaw_gate_set_chain(struct thaw_gate_judge *judge, json_t *object,
                                const struct thaw_gate_offender *offender)
{
    bool is_node = offender->node != THAW_IMPORT_NONE;
    bool is_distribution = judge->target_places && !strcmp(offender->kind, "distribution");
    const char *chain = "";

    set_place(judge, object, "", 0);
    if (offender->shipped && is_distribution)
        chain = set_request(judge, object, offender->name);
    if (!*chain && is_node)
        chain = set_import(judge, object, offender->node);
    if (!*chain && !offender->shipped && is_distribution)
        chain = set_request(judge, object, offender->name);
    thaw_values_set_name(&judge->values, object, "chain", chain);
    return chain;
}
