/* SPDX-License-Identifier: Apache-2.0 */
/* unused-requirement: what requirements.txt asks for though nothing of it is needed. */
#include <stdlib.h>
#include <string.h>

#include "analysis/findings.h"
#include "base/path_table.h"
#include "packaging/name.h"

#define FINDINGS_MOST 8
#define NAMES_MOST 4
#define LOOKED_MOST 200 /* requirements that nothing needs */

/* What is installed by one name: a worker's copy and the app's own are taken together. */
struct installed {
    const struct thaw_inventory_distribution *facts;   /* the first copy's, NULL not installed */
    const struct thaw_inventory_requirement *required; /* the line that asks for it, NULL none */
    bool in_use; /* loaded, named by the user's files, or required by such */
    bool told;   /* goes with one that was told */
    bool mark;   /* room for a walk */
};

struct need {
    uint32_t from; /* indexes */
    uint32_t to;
    bool optional;
};

struct finder {
    struct thaw_analysis *analysis;
    struct thaw_path_table names; /* normalised -> index */
    THAW_ARRAY(struct installed) items;
    THAW_ARRAY(struct need) needs;
    bool failed; /* memory was short */
};

static bool can_find(const struct thaw_analysis *analysis)
{
    const struct thaw_recording *recording = analysis->timeline->recording;

    for (size_t i = 0; i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_INVENTORY_REQUIREMENT)
            return true;
    return false;
}

/* Of any name, an item of its own if it is new; NULL when memory is short. */
static struct installed *item_of(struct finder *finder, const char *name)
{
    struct thaw_arena *arena = &finder->analysis->memory->arena;
    const char *normal = thaw_name_normalise(arena, name, strlen(name));
    size_t index =
        normal ? thaw_path_table_find(&finder->names, normal, strlen(normal)) : THAW_PATH_NONE;
    struct installed *item = NULL;

    if (index != THAW_PATH_NONE)
        return &finder->items.items[index];
    if (normal && thaw_path_table_add(&finder->names, arena, normal, strlen(normal),
                                      finder->items.count) >= 0)
        item = thaw_array_add(&finder->items);
    if (item)
        *item = (struct installed){0};
    finder->failed |= !item;
    return item;
}

/* Nobody imports these by name, and they are needed all the same. */
static bool is_never_named(const char *name)
{
    static const char *const names[] = {
        "tzdata",     /* zoneinfo reads it where the system has no time zones */
        "setuptools", /* older packages ask it for pkg_resources when something fails */
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (thaw_name_is_same(names[i], name))
            return true;
    return false;
}

static void add_needs(struct finder *finder, const struct installed *item,
                      const struct thaw_texts *names, bool optional)
{
    uint32_t from = (uint32_t)(item - finder->items.items);

    for (uint64_t n = 0; n < names->count && !finder->failed; n++) {
        const struct installed *other = item_of(finder, names->items[n]);
        struct need *need = other ? thaw_array_add(&finder->needs) : NULL;

        finder->failed |= !need;
        if (need)
            *need = (struct need){from, (uint32_t)(other - finder->items.items), optional};
    }
}

static void collect(struct finder *finder)
{
    const struct thaw_recording *recording = finder->analysis->timeline->recording;

    for (size_t i = 0; i < recording->count && !finder->failed; i++) {
        const struct thaw_inventory_distribution *facts =
            &recording->events[i].inventory_distribution;
        struct installed *item;
        size_t index;

        if (recording->events[i].kind != THAW_EVENT_INVENTORY_DISTRIBUTION ||
            !(item = item_of(finder, facts->name)))
            continue;
        if (!item->facts)
            item->facts = facts;
        index = (size_t)(item - finder->items.items); /* adding moves it */
        add_needs(finder, item, &facts->requires, false);
        add_needs(finder, &finder->items.items[index], &facts->optional, true);
    }
}

static void use(struct finder *finder, const char *name)
{
    struct installed *found = *name ? item_of(finder, name) : NULL;

    if (found)
        found->in_use = true;
}

static void take_requirement(struct finder *finder, const struct thaw_inventory_requirement *row)
{
    struct installed *found = item_of(finder, row->name);

    if (!found)
        return;
    if (!found->required)
        found->required = row;
    /* What can't be imported by a name that is known may be used by any. */
    if (row->mentioned.count || !row->modules.count || is_never_named(row->name))
        found->in_use = true;
}

static void mark_used(struct finder *finder)
{
    const struct thaw_timeline *timeline = finder->analysis->timeline;
    const struct thaw_recording *recording = timeline->recording;

    for (size_t i = 0; i < timeline->module_count && !finder->failed; i++)
        use(finder, timeline->modules[i].distribution);
    for (size_t i = 0; i < recording->count && !finder->failed; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_INVENTORY_FILE)
            use(finder, event->inventory_file.distribution);
        else if (event->kind == THAW_EVENT_INVENTORY_REQUIREMENT)
            take_requirement(finder, &event->inventory_requirement);
    }
}

/* Marks what the marked ones require, and so on; optional: what they can make use of, too. */
static void close_marks(struct finder *finder, bool optional)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < finder->needs.count; i++) {
            const struct need *need = &finder->needs.items[i];

            if (finder->items.items[need->from].mark && !finder->items.items[need->to].mark &&
                (optional || !need->optional))
                finder->items.items[need->to].mark = more = true;
        }
    }
}

static void spread_use(struct finder *finder)
{
    for (size_t i = 0; i < finder->items.count; i++)
        finder->items.items[i].mark = finder->items.items[i].in_use;
    close_marks(finder, true);
    for (size_t i = 0; i < finder->items.count; i++)
        finder->items.items[i].in_use = finder->items.items[i].mark;
}

/* Does another requirement bring it? Then that one is to be told, with it. */
static bool comes_with_another(struct finder *finder, const struct installed *item)
{
    for (size_t i = 0; i < finder->items.count; i++) {
        struct installed *other = &finder->items.items[i];

        other->mark = other->in_use || (other->required && other != item && !other->told);
    }
    close_marks(finder, false);
    return item->mark;
}

/* Marks in company what it requires; left marked is what stays without it. */
static void divide(struct finder *finder, const struct installed *item, bool *company)
{
    for (size_t i = 0; i < finder->items.count; i++)
        finder->items.items[i].mark = &finder->items.items[i] == item;
    close_marks(finder, false);
    for (size_t i = 0; i < finder->items.count; i++) {
        struct installed *other = &finder->items.items[i];

        company[i] = other->mark && other != item;
        other->mark = other->in_use || (other->required && !other->mark && !other->told);
    }
    close_marks(finder, false);
}

static const char *modules_text(struct thaw_analysis *analysis, const struct thaw_texts *modules)
{
    const char *text = "";

    for (uint64_t i = 0; i < modules->count && i < NAMES_MOST; i++)
        text = thaw_finding_text(analysis, "%s%s%s", text, i ? ", " : "", modules->items[i]);
    return modules->count <= NAMES_MOST
               ? text
               : thaw_finding_text(analysis, "%s and %llu more", text,
                                   (unsigned long long)(modules->count - NAMES_MOST));
}

/* What only it needs goes with it, whether requirements.txt has a line for that or not. */
static void tell_company(struct finder *finder, struct thaw_finding *finding,
                         const struct installed *item)
{
    struct thaw_analysis *analysis = finder->analysis;
    bool *company = calloc(finder->items.count + 1, sizeof(*company));
    const char *names = "";
    uint64_t bytes = 0, count = 0;

    if (!company) {
        finder->failed = true;
        return;
    }
    divide(finder, item, company);
    for (size_t i = 0; i < finder->items.count; i++) {
        struct installed *other = &finder->items.items[i];

        if (!company[i] || other->mark || !other->facts)
            continue;
        other->told = true;
        bytes += other->facts->bytes;
        if (count++ < NAMES_MOST)
            names = thaw_finding_text(analysis, "%s%s%s", names, count > 1 ? ", " : "",
                                      other->facts->name);
    }
    if (count)
        thaw_finding_evidence(
            analysis, finding,
            thaw_finding_text(analysis, "%llu that only it requires, %.1f MiB: %s%s",
                              (unsigned long long)count, (double)bytes / (1 << 20), names,
                              count > NAMES_MOST ? " and more" : ""));
    free(company);
}

static void tell(struct finder *finder, struct installed *item)
{
    struct thaw_analysis *analysis = finder->analysis;
    const struct thaw_inventory_requirement *row = item->required;
    struct thaw_finding *finding =
        thaw_finding_add(analysis, &thaw_finding_unused_requirement.kind);
    const char *slash = strrchr(row->file, '/');

    item->told = true;
    if (!finding)
        return;
    finding->confidence = row->groups.count ? "low" : "medium";
    finding->title =
        thaw_finding_text(analysis, "%s is required, but nothing that was seen needs it",
                          row->name);
    finding->file = row->file;
    finding->line = row->line;
    finding->risk = "needs a look";
    finding->fix = thaw_finding_text(analysis, "take %s out of %s, install anew and run the tests",
                                     row->name, slash ? slash + 1 : row->file);
    thaw_finding_evidence(
        analysis, finding,
        thaw_finding_text(analysis,
                          "nothing of it was loaded, and no source or settings file of the app has "
                          "a word of its modules: %s",
                          modules_text(analysis, &row->modules)));
    thaw_finding_evidence(analysis, finding,
                          "no package that is in use requires it, nor lists it as an extra");
    thaw_finding_evidence(analysis, finding,
                          thaw_finding_text(analysis, "%s %s: %.1f MiB in %llu files",
                                            item->facts->name, item->facts->version,
                                            (double)item->facts->bytes / (1 << 20),
                                            (unsigned long long)item->facts->files));
    tell_company(finder, finding, item);
    thaw_finding_reason(analysis, finding,
                        "packages can be found by settings, URLs or names made at run time");
    if (row->groups.count)
        thaw_finding_reason(analysis, finding,
                            thaw_finding_text(analysis,
                                              "it offers entry points by which others find it: %s",
                                              modules_text(analysis, &row->groups)));
}

/* The largest that is unused, and comes with no other requirement that is. */
static struct installed *choose(struct finder *finder)
{
    struct installed *best = NULL;
    size_t looked = 0;

    for (size_t i = 0; i < finder->items.count && looked < LOOKED_MOST; i++) {
        struct installed *item = &finder->items.items[i];

        if (!item->required || !item->facts || item->in_use || item->told ||
            (best && item->facts->bytes <= best->facts->bytes))
            continue;
        looked++;
        if (!comes_with_another(finder, item))
            best = item;
    }
    return best;
}

static bool find(struct thaw_analysis *analysis)
{
    struct finder finder = {.analysis = analysis};
    size_t told = 0;

    collect(&finder);
    mark_used(&finder);
    spread_use(&finder);
    for (struct installed *item; told < FINDINGS_MOST && !finder.failed && (item = choose(&finder));
         told++)
        tell(&finder, item);
    thaw_path_table_clear(&finder.names);
    thaw_array_free(&finder.items);
    thaw_array_free(&finder.needs);
    return !finder.failed && !analysis->memory->short_of_memory;
}

const struct thaw_finding_row thaw_finding_unused_requirement = {
    .kind =
        {
            .id = "unused-requirement",
            .severity = "note",
            .title = "a requirement of the app that nothing seen needs",
            .needs = "a requirements.txt beside the app's files, of which something is installed",
            .explanation =
                "A line of your requirements.txt asks for a package of which nothing was loaded in "
                "the recording, which no source or settings file of yours names in any word, and "
                "which no package in use requires or lists as an extra. It is installed, sent and "
                "unpacked for nothing.\n"
                "\n"
                "Looked at are requirements.txt in the folders of your own executed files, files "
                "that it includes from the same folder, and for the words all source and settings "
                "files in these folders, functions and comments included. Where not all of them "
                "could be read, nothing is told. Of a package a/b/c the word is c, so that `from "
                "a.b import c` counts.\n"
                "\n"
                "Saving: the bytes in the evidence, of disk, transfer and unpacking, together with "
                "those packages that only this one requires. No milliseconds are claimed: what is "
                "not imported takes no time in a start whose files are there already.\n"
                "\n"
                "How to change it: take the line out, install into an empty folder, run your "
                "tests.\n"
                "\n"
                "Risk: some packages are used without being named: drivers by the URL of a "
                "database, plugins by their entry points (the reasons say where it has some), "
                "servers by the command that starts them. Thaw sees what one recording loaded, not "
                "what other calls would.",
        },
    .can_find = can_find,
    .find = find,
};
