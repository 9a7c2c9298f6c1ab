/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attribute chains: `urllib.request.urlopen` by `import urllib` works only where somebody else has
 * imported urllib.request. Functions and type hints don't show when nobody does any more (facts:
 * advice.md, section 2), so each chain's modules are looked for.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "timeline/paths.h"
#include "trial/prove_private.h"
#include "trial/search_paths.h"

#define NAME_MOST 1024 /* bytes of a module's name; longer ones name no module */
#define RUNS_MOST 32   /* what can only be told by importing is told so often */

struct chains {
    struct thaw_prove_trial *trial;
    unsigned int runs;
    const char *broken; /* what is lost, NULL nothing yet */
};

/* The user's module that came from the file, NULL none. */
static const struct thaw_module *module_of(const struct chains *chains, const char *file)
{
    const struct thaw_timeline *timeline = chains->trial->options->analysis->timeline;

    for (size_t i = 0; i < timeline->module_count; i++) {
        if (strcmp(timeline->modules[i].file, file) == 0)
            return &timeline->modules[i];
    }
    return NULL;
}

static bool is_lost(const struct chains *chains, const char *name)
{
    const struct thaw_probe_report *first = chains->trial->first;

    return thaw_probe_has(&first[THAW_ORIGINAL].modules, name) &&
           !thaw_probe_has(&first[THAW_CHANGED].modules, name);
}

/* What `from` with so many dots starts at: the file's package, or one above. false: none. */
static bool package_of(const struct chains *chains, const struct thaw_inventory_statement *row,
                       char *name, size_t size)
{
    const struct thaw_module *module = module_of(chains, row->file);
    uint64_t up = row->level;

    if (!module || (size_t)snprintf(name, size, "%s", module->name) >= size)
        return false;
    if (strcmp(thaw_path_base(row->file), "__init__.py") == 0)
        up--;
    for (; up; up--) {
        char *dot = strrchr(name, '.');

        if (!dot)
            return false;
        *dot = '\0';
    }
    return true;
}

/* The module that the row's name would be bound to, if it is one. */
static bool bound_module(const struct chains *chains, const struct thaw_inventory_statement *row,
                         char *name, size_t size)
{
    size_t first = strcspn(row->module, "."), used = 0;
    int length;

    if (row->level) {
        if (!package_of(chains, row, name, size))
            return false;
        used = strlen(name);
    }
    if (!*row->name && !row->level && strncmp(row->bound, row->module, first) == 0 &&
        !row->bound[first])
        length = snprintf(name, size, "%s", row->bound);
    else
        length = snprintf(name + used, size - used, "%s%s%s%s", used && *row->module ? "." : "",
                          row->module, *row->name ? "." : "", row->name);
    return length >= 0 && (size_t)length < size - used;
}

/* Does loading the row's file, where that now waits, and its import, where it does, bring it? */
static int ask(struct chains *chains, const struct thaw_inventory_statement *row, const char *name,
               bool *ret_there, struct thaw_error *error)
{
    struct thaw_prove_trial *trial = chains->trial;
    const struct thaw_module *module = module_of(chains, row->file);
    const char *folder = trial->options->app->folder, *inside;
    struct thaw_probe_import imports[2];
    struct thaw_probe_task task = {.calls = imports};
    struct thaw_probe_report report;
    int code;

    *ret_there = false;
    if (module && is_lost(chains, module->name))
        imports[task.call_count++] = (struct thaw_probe_import){module->name, "", 0};
    if (thaw_prove_is_moved(trial, row->file, row->line))
        imports[task.call_count++] = (struct thaw_probe_import){row->module, row->name, row->level};
    if (!task.call_count)
        return 0;
    inside = thaw_search_path_inside(trial->arena, folder, row->file);
    if (!inside)
        return thaw_error_memory(error);
    if (chains->runs++ >= RUNS_MOST || strlen(inside) <= strlen(folder)) {
        *ret_there = true; /* the tests, and the first calls, still tell */
        return 0;
    }
    task.call_file = inside + strlen(folder) + 1;
    code = thaw_prove_probe(trial, THAW_CHANGED, &task, &report, error);
    if (code)
        return code;
    *ret_there = thaw_probe_has(&report.call_modules, name);
    return 0;
}

static int look_at(struct chains *chains, const struct thaw_inventory_statement *row,
                   const char *name, struct thaw_error *error)
{
    bool there;
    int code = ask(chains, row, name, &there, error);

    if (thaw_run_failed(code))
        chains->broken = thaw_arena_format(chains->trial->arena, "%s line %llu: %s", row->file,
                                           (unsigned long long)row->line, error->message);
    else if (code)
        return code;
    else if (!there)
        chains->broken =
            thaw_arena_format(chains->trial->arena,
                              "%s by the import of %s in %s, line %llu: nobody loads it any more",
                              name, row->module, thaw_path_base(row->file),
                              (unsigned long long)row->line);
    else
        return 0;
    return chains->broken ? 0 : thaw_error_memory(error);
}

/* The modules on the way along one chain of attributes. */
static int look_along(struct chains *chains, const struct thaw_inventory_statement *row,
                      const char *base, const char *attributes, struct thaw_error *error)
{
    char name[NAME_MOST];
    int length = snprintf(name, sizeof(name), "%s.%s", base, attributes), code = 0;

    if (length < 0 || (size_t)length >= sizeof(name))
        return 0;
    for (char *dot = name + strlen(base); !code && !chains->broken && dot;
         dot = strchr(dot + 1, '.')) {
        char *end = strchr(dot + 1, '.');

        if (end)
            *end = '\0';
        if (is_lost(chains, name))
            code = look_at(chains, row, name, error);
        if (end)
            *end = '.';
    }
    return code;
}

int thaw_prove_chains(struct thaw_prove_trial *trial, const char **ret, struct thaw_error *error)
{
    const struct thaw_recording *recording = trial->options->analysis->timeline->recording;
    struct chains chains = {.trial = trial};
    int code = 0;

    for (size_t i = 0; !code && !chains.broken && i < recording->count; i++) {
        const struct thaw_inventory_statement *row = &recording->events[i].inventory_statement;
        char base[NAME_MOST];

        if (recording->events[i].kind != THAW_EVENT_INVENTORY_STATEMENT || !row->attributes.count ||
            !bound_module(&chains, row, base, sizeof(base)))
            continue;
        for (uint64_t n = 0; !code && !chains.broken && n < row->attributes.count; n++)
            code = look_along(&chains, row, base, row->attributes.items[n], error);
    }
    *ret = chains.broken ? chains.broken : "";
    return code;
}
