/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gate/offender_parts.h"
#include "gate/owners.h"
#include "gate/readers.h"
#include "gate/side_parts.h"
#include "report/keys.h"

/*
 * Who is to blame: of what is shipped and of what is loaded, the distributions (or the user's own
 * files, or the standard library) that came or grew; of a budget about modules, these. Where it is
 * not known what was there before, what is there now stands for it.
 */

struct thaw_gate_part *thaw_gate_part_named(struct thaw_gate_parts *parts, const char *key)
{
    struct thaw_arena *arena = thaw_gate_arena(parts->judge);
    size_t number;
    struct thaw_gate_part *part;

    parts->failed |= !key;
    if (parts->failed)
        return NULL;
    number = thaw_path_table_find(&parts->table, key, strlen(key));
    if (number != THAW_PATH_NONE)
        return &parts->list.items[number];
    part = thaw_array_add(&parts->list);
    parts->failed = !part || thaw_path_table_add(&parts->table, arena, key, strlen(key),
                                                 parts->list.count - 1) < 0;
    if (parts->failed)
        return NULL;
    *part = (struct thaw_gate_part){.now = -1, .before = -1, .version = "", .old_version = ""};
    return part;
}

static bool is_shipped(const struct thaw_gate_metric *metric)
{
    return metric->source == THAW_GATE_TARGET;
}

static const char *kind_of(const char *name)
{
    static const char *const owners[] = {"app", "python", "worker"};

    for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++)
        if (!strcmp(name, owners[i]))
            return owners[i];
    return "distribution";
}

static void add_contents(struct thaw_gate_parts *parts, const struct thaw_gate_side *side,
                         bool shipped, bool is_before)
{
    for (size_t i = 0; i < side->contents.count; i++) {
        const struct thaw_gate_content *content = &side->contents.items[i];
        double amount = shipped ? content->disk_bytes : content->modules;
        struct thaw_gate_part *part;

        if (amount < 0 || (!shipped && amount == 0))
            continue;
        part = thaw_gate_part_named(parts, content->key);
        if (!part)
            return;
        if (!part->name || !is_before) {
            part->name = content->name;
            part->kind = kind_of(content->name);
        }
        if (is_before) {
            part->before = amount;
            part->old_version = content->version;
            parts->knows_before = true;
        } else {
            part->now = amount;
            part->version = content->version;
        }
    }
}

/* The part of a package of modules, which no distribution's key is like. */
static struct thaw_gate_part *package_named(struct thaw_gate_parts *parts, const char *name)
{
    return thaw_gate_part_named(parts,
                                thaw_arena_format(thaw_gate_arena(parts->judge), "%s:", name));
}

/* Modules by the first part of their names. owners: of these alone, and of what has one; NULL: of
 * all (the importtime backend knows no more of whose a module is). */
static void add_packages(struct thaw_gate_parts *parts, const json_t *owners)
{
    const struct thaw_gate_judge *judge = parts->judge;
    const struct thaw_gate_side *const sides[] = {&judge->head, &judge->before};

    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < sides[side]->imports.count; i++) {
            const struct thaw_gate_import *import = &sides[side]->imports.items[i];
            struct thaw_gate_part *part;

            if (owners && !json_object_get(owners, import->name))
                continue;
            part = package_named(parts, import->name);
            if (!part)
                return;
            part->name = import->name;
            part->kind = "module";
            *(side ? &part->before : &part->now) = import->modules;
            parts->knows_before |= side == 1;
        }
}

/* Is nothing known of whose a module is that is of no distribution? */
static bool is_of_nobody(const struct thaw_gate_judge *judge, const json_t *module)
{
    return !*thaw_key_string(module, "owner") && !thaw_gate_has_owners(judge->run);
}

/* First parts of names of modules of the run that are of no distribution. */
static json_t *owned_packages(struct thaw_gate_parts *parts)
{
    json_t *owned = json_object();
    const json_t *module;
    size_t i;

    parts->failed |= !owned;
    json_array_foreach(json_object_get(parts->judge->run, "modules"), i, module)
    {
        const char *name = thaw_key_string(module, "name");

        if (*thaw_key_string(module, "distribution") || is_of_nobody(parts->judge, module) ||
            !strcmp(thaw_key_string(module, "owner"), "package"))
            continue;
        name = thaw_arena_text(thaw_gate_arena(parts->judge), name, strcspn(name, "."));
        parts->failed |= !name || json_object_set_new(owned, name, json_true()) < 0;
    }
    return owned;
}

/* What is the user's own, or Python's, is told by the names of its modules where they are known. */
static void split_owners(struct thaw_gate_parts *parts)
{
    json_t *owned;

    if (!parts->judge->run || !parts->judge->head.imports.count ||
        !parts->judge->before.imports.count)
        return;
    owned = owned_packages(parts);
    if (!parts->failed)
        add_packages(parts, owned);
    for (size_t i = 0; i < parts->list.count; i++) {
        struct thaw_gate_part *part = &parts->list.items[i];

        if (strcmp(part->kind, "distribution") != 0 && strcmp(part->kind, "module") != 0)
            part->now = -1;
    }
    json_decref(owned);
}

/* The modules that the budget is about, one by one. */
static void add_modules(struct thaw_gate_parts *parts, const json_t *report,
                        const struct thaw_gate_check *check, bool is_before)
{
    const struct thaw_budget_part *about = &check->budget->part;
    struct thaw_gate_matcher matcher;
    struct thaw_summary summary;
    const json_t *module;
    size_t i;

    thaw_summary_begin(&summary, report, NULL, NULL);
    thaw_gate_matcher_begin(&matcher, about);
    parts->knows_before |= is_before;
    json_array_foreach(json_object_get(report, "modules"), i, module)
    {
        struct thaw_gate_part *part;

        if (!thaw_gate_counts_module(check->metric, module) ||
            !thaw_summary_is_counted(&summary, module) ||
            !thaw_gate_matches_module(&matcher, module))
            continue;
        part = thaw_gate_part_named(parts,
                                    thaw_key_text(thaw_gate_arena(parts->judge), module, "name"));
        if (!part)
            break;
        part->name = thaw_key_raw(thaw_gate_arena(parts->judge), module, "name");
        parts->failed |= !part->name;
        part->kind = "module";
        *(is_before ? &part->before : &part->now) = 1;
    }
    parts->failed |= !thaw_gate_matcher_end(&matcher);
}

/* Are modules to blame, and not whose they are? */
static bool is_of_modules(const struct thaw_gate_check *check)
{
    return *check->budget->part.module || !strcmp(check->metric->name, "failed_imports") ||
           !strcmp(check->metric->name, "compiled_modules");
}

static void collect(struct thaw_gate_parts *parts, const struct thaw_gate_check *check)
{
    struct thaw_gate_judge *judge = parts->judge;
    bool shipped = is_shipped(check->metric);
    const json_t *before = judge->same_job ? thaw_gate_first_run(&judge->before) : NULL;

    if (is_of_modules(check)) {
        if (judge->run)
            add_modules(parts, judge->run, check, false);
        if (before)
            add_modules(parts, before, check, true);
        return;
    }
    if (thaw_gate_add_things(parts, check))
        return;
    add_contents(parts, &judge->head, shipped, false);
    if (judge->has_before)
        add_contents(parts, &judge->before, shipped, true);
    if (shipped || parts->failed)
        return;
    if (parts->list.count)
        split_owners(parts);
    else if (!judge->has_before || judge->before.imports.count)
        add_packages(parts, NULL);
    if (parts->knows_before && judge->run && !parts->failed)
        thaw_gate_add_to_bringers(parts);
}

/* How it changed, NULL: it is not to blame. */
static const char *word_of(const struct thaw_gate_parts *parts, const struct thaw_gate_part *part,
                           bool increased)
{
    if (part->now < 0)
        return NULL;
    if (!parts->knows_before || !increased)
        return "there";
    if (part->before < 0)
        return "came";
    if (part->now > part->before)
        return "grew";
    if (*part->version && *part->old_version && strcmp(part->version, part->old_version) != 0)
        return "other version";
    return NULL;
}

/* Is it the amount that the budget is about? */
static bool is_in_unit(const struct thaw_gate_metric *metric)
{
    return !strcmp(metric->name, "shipped_disk_bytes") || !strcmp(metric->name, "modules") ||
           !strcmp(metric->name, "duplicate_bytes");
}

/* Does the share that a distribution has of what is there say something of the budget's value? */
static bool has_shares(const struct thaw_gate_check *check)
{
    static const char *const names[] = {"shipped_disk_bytes", "shipped_bytes",
                                        "shipped_files",      "modules",
                                        "import_time",        "total_time"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcmp(check->metric->name, names[i]))
            return true;
    return false;
}

/* Is it one of what the metric counts, and not something that may have brought it? */
static bool is_counted(const struct thaw_gate_check *check, const struct thaw_gate_part *part)
{
    return is_of_modules(check) || !strcmp(part->kind, "file") || !strcmp(part->kind, "library") ||
           !strcmp(part->kind, "conflict");
}

static size_t choose(const struct thaw_gate_parts *parts, const struct thaw_gate_check *check,
                     bool increased, struct thaw_gate_offender *ret)
{
    const char *about = check->budget->part.distribution;
    struct thaw_arena *arena = thaw_gate_arena(parts->judge);
    const char *key = thaw_key_normalised(arena, about);
    size_t count = 0;

    for (size_t i = 0; key && i < parts->list.count; i++) {
        const struct thaw_gate_part *part = &parts->list.items[i];
        const char *what = word_of(parts, part, increased);
        const char *own = what && *about ? thaw_key_normalised(arena, part->name) : key;
        bool is_whole = what && !strcmp(what, "there");

        parts->judge->words.failed |= !own;
        if (!what || !own ||
            (!is_counted(check, part) &&
             ((is_whole && !has_shares(check)) || strcmp(own, key) != 0)))
            continue;
        ret[count] = (struct thaw_gate_offender){
            .kind = part->kind,
            .name = part->name,
            .version = part->version,
            .what = what,
            .change = part->now - (part->before < 0 || is_whole ? 0 : part->before),
            .has_change = is_in_unit(check->metric),
            .node = THAW_IMPORT_NONE,
            .shipped = is_shipped(check->metric),
        };
        ret[count].weight = ret[count].change;
        count++;
    }
    parts->judge->words.failed |= !key;
    return count;
}

void thaw_gate_add_offenders(struct thaw_gate_judge *judge, struct thaw_gate_check *check)
{
    struct thaw_gate_parts parts = {.judge = judge};
    struct thaw_gate_offender *offenders = NULL;
    bool increased = check->before.samples.count && check->head.median > check->before.median;
    bool is_bad = check->status == THAW_GATE_STATUS_FAIL ||
                  check->status == THAW_GATE_STATUS_WARN ||
                  check->status == THAW_GATE_STATUS_ALLOWED;

    if (!check->head.samples.count || (!increased && !is_bad))
        return;
    collect(&parts, check);
    offenders = calloc(parts.list.count + 1, sizeof(*offenders));
    judge->words.failed |= parts.failed || !offenders;
    if (!thaw_gate_failed(judge))
        thaw_gate_list_offenders(judge, check, offenders,
                                 choose(&parts, check, increased, offenders));
    free(offenders);
    thaw_path_table_clear(&parts.table);
    thaw_array_free(&parts.list);
}
