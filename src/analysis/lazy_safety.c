/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What speaks against deferring an import (facts: advice.md, section 2): what its modules did
 * beside defining names, what would fail later than now, who looks at the name from outside, and
 * what works only because it is there.
 */
#include <stdio.h>
#include <string.h>

#include "analysis/lazy.h"
#include "platform/platform.h"

#define REASONS_MOST 20 /* of one suggestion; what is beyond adds nothing */

/* Kinds of effects that bear on others, and the words for them before the effect's detail. */
static const struct {
    const char *kind, *words;
    bool may_fail; /* one that failed left nothing behind */
} kinds[] = {
    {"thread", "starts a thread", false},  {"process", "starts a process", false},
    {"bind", "binds a socket to", true},   {"listen", "listens on a socket", true},
    {"connect", "connects to", false},     {"write", "writes", true},
    {"rename", "renames", true},           {"remove", "removes", true},
    {"mkdir", "makes the folder", true},   {"rmdir", "removes the folder", true},
    {"link", "makes the link", true},      {"signal", "sets a signal handler:", false},
    {"lookup", "looks up a host:", false}, {"environment", "changes the environment:", false},
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static void add_reason(struct thaw_lazy *lazy, const char *text)
{
    const char **slot;

    for (size_t i = 0; text && i < lazy->reasons.count; i++) {
        if (strcmp(lazy->reasons.items[i], text) == 0)
            return;
    }
    if (text && lazy->reasons.count == REASONS_MOST)
        return;
    slot = text ? thaw_array_add(&lazy->reasons) : NULL;
    if (slot)
        *slot = text;
    lazy->failed |= !slot;
}

/* --- effects --- */

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);

    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

static bool listens(const struct thaw_timeline_effect *effects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(effects[i].kind, "listen") == 0)
            return true;
    }
    return false;
}

/* Does the module set the variable of the first detail and remove it by the second? */
static bool undoes(const char *set, const char *removed)
{
    size_t length = strcspn(set, " ");

    return strcmp(set + length, " set") == 0 && strncmp(removed, set, length) == 0 &&
           strcmp(removed + length, " removed") == 0;
}

/* A variable that is there for a part of the module's own loading only (numpy's, for OpenBLAS). */
static bool is_for_a_while(const struct thaw_timeline_effect *effects, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++) {
        if (effects[i].process == effects[at].process && !strcmp(effects[i].kind, "environment") &&
            (i < at ? undoes(effects[i].detail, effects[at].detail)
                    : undoes(effects[at].detail, effects[i].detail)))
            return true;
    }
    return false;
}

/*
 * What concerns nobody else: a library's own threads of an extension; a socket bound to any free
 * port that never listens, by which packages try what the machine can (urllib3).
 */
static bool is_private(const struct thaw_module *module, const struct thaw_timeline_effect *effect,
                       bool listening)
{
    if (strcmp(effect->kind, "thread") == 0)
        return strcmp(module->kind, "extension") == 0;
    if (strcmp(effect->kind, "bind") == 0)
        return !listening && ends_in(effect->detail, ":0");
    return strcmp(effect->kind, "write") == 0 && strcmp(effect->detail, "/dev/null") == 0;
}

/* What a child does is told with the process it is (which resets signals before it executes). */
static bool is_own(const struct thaw_module *module, const struct thaw_timeline_effect *effect)
{
    return effect->process == module->process;
}

static const char *words_for(const struct thaw_timeline_effect *effect)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].kind, effect->kind) == 0)
            return kinds[i].may_fail && effect->error ? NULL : kinds[i].words;
    }
    return NULL; /* sockets alone, and sleeping, leave nothing behind */
}

static void look_at_effects(struct thaw_lazy *lazy, const struct thaw_module *module)
{
    size_t count;
    const struct thaw_timeline_effect *effects =
        thaw_timeline_module_effects(lazy->timeline, module->id, &count);
    bool listening = listens(effects, count);

    for (size_t i = 0; i < count; i++) {
        const char *words = words_for(&effects[i]), *detail = effects[i].detail;

        if (!words || !is_own(module, &effects[i]) || is_private(module, &effects[i], listening) ||
            (!strcmp(effects[i].kind, "environment") && is_for_a_while(effects, count, i)))
            continue;
        add_reason(lazy,
                   thaw_arena_format(lazy->arena, "%s %s%s%s while it is loaded (%s)", module->name,
                                     words, *detail ? " " : "", detail,
                                     *module->short_file ? module->short_file : module->kind));
    }
}

/* signal.signal() raises outside of the main thread, and handlers of sync functions are called in
 * another one (azure-worker.md). */
static bool sets_signals(const struct thaw_lazy *lazy, const struct thaw_module *module)
{
    size_t count;
    const struct thaw_timeline_effect *effects =
        thaw_timeline_module_effects(lazy->timeline, module->id, &count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(effects[i].kind, "signal") == 0 && is_own(module, &effects[i]) &&
            strcmp(module->kind, "extension"))
            return true;
    }
    return false;
}

/* --- what is executed when a file of the user's is loaded --- */

static bool is_standard(const struct thaw_lazy *lazy, const struct thaw_inventory_statement *row)
{
    char top[256];
    size_t length = strcspn(row->module, ".");
    uint32_t node;

    if (row->level || length >= sizeof(top))
        return false;
    memcpy(top, row->module, length);
    top[length] = '\0';
    node = thaw_needs_find(lazy->needs, top);
    /* What was there before the probes were is the interpreter's own. */
    return node == UINT32_MAX || strcmp(lazy->timeline->modules[node].owner, "stdlib") == 0;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool reads_settings(const struct thaw_inventory_statement *row)
{
    if (strcmp(row->module, "os"))
        return false;
    if (begins(row->name, "environ") || begins(row->name, "getenv"))
        return true;
    for (uint64_t i = 0; i < row->attributes.count; i++) {
        if (begins(row->attributes.items[i], "environ") ||
            begins(row->attributes.items[i], "getenv"))
            return true;
    }
    return false;
}

/* Is the row's name used while its file is loaded, by what module code calls as well? */
static bool is_used_at_loading(const struct thaw_lazy *lazy,
                               const struct thaw_inventory_statement *row)
{
    static const char *const uses[] = {"module",  "decorator",  "base",
                                       "default", "class-body", "comprehension"};
    const struct thaw_inventory_definition *code =
        thaw_lazy_definition(lazy, row->file, "<module>");

    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        if (strcmp(row->use, uses[i]) == 0)
            return true;
    }
    for (uint64_t i = 0; code && i < row->functions.count; i++) {
        if (thaw_texts_hold(&code->references, row->functions.items[i]))
            return true;
    }
    return false;
}

static void look_at_own_file(struct thaw_lazy *lazy, const struct thaw_module *module)
{
    for (size_t i = thaw_lazy_rows(lazy, module->file); i < lazy->needs->statements.count; i++) {
        const struct thaw_inventory_statement *row =
            lazy->needs->statements.items[lazy->by_file[i]];
        bool settings = reads_settings(row);

        if (strcmp(row->file, module->file))
            break;
        if (!is_used_at_loading(lazy, row) || (!settings && is_standard(lazy, row)))
            continue;
        if (settings)
            add_reason(lazy, thaw_arena_format(lazy->arena,
                                               "%s reads settings while it is loaded (%s): a "
                                               "missing one then fails in the first request",
                                               base_name(row->file), row->detail));
        else
            add_reason(lazy,
                       thaw_arena_format(lazy->arena,
                                         "%s uses %s while it is loaded (%s): what that makes or "
                                         "registers then comes with the first request",
                                         base_name(row->file), *row->bound ? row->bound : "*",
                                         row->detail));
    }
}

/* The place of the first that is set, from one on; count: there is none. One in thousands is. */
static size_t next_set(const bool *flags, size_t count, size_t from)
{
    const bool *found = from < count ? memchr(flags + from, true, count - from) : NULL;

    return found ? (size_t)(found - flags) : count;
}

static void look_at_lost(struct thaw_lazy *lazy)
{
    size_t count = lazy->timeline->module_count;

    for (size_t i = next_set(lazy->lost, count, 0); i < count;
         i = next_set(lazy->lost, count, i + 1)) {
        const struct thaw_module *module = &lazy->timeline->modules[i];

        look_at_effects(lazy, module);
        if (strcmp(module->owner, "app") == 0 && *module->file)
            look_at_own_file(lazy, module);
    }
    if (!lazy->timeline->effects_observed)
        add_reason(lazy, thaw_arena_string(lazy->arena,
                                           "the recording doesn't hold what modules did beside "
                                           "defining names"));
}

/* --- attribute chains --- */

static bool file_is_lost(const struct thaw_lazy *lazy, const char *file)
{
    bool found = false;

    for (size_t i = 0; i < lazy->timeline->module_count; i++) {
        const struct thaw_module *module = &lazy->timeline->modules[i];

        if (module->process != lazy->needs->process || strcmp(module->file, file))
            continue;
        if (!lazy->lost[i])
            return false;
        found = true;
    }
    return found;
}

static void mark_file(struct thaw_lazy *lazy, const char *file)
{
    for (size_t i = 0; i < lazy->timeline->module_count; i++) {
        const struct thaw_module *module = &lazy->timeline->modules[i];

        if (module->process == lazy->needs->process && strcmp(module->file, file) == 0)
            lazy->from[i] = true;
    }
}

/* Would a chain's module not be there when the chain is evaluated? */
static bool is_broken(struct thaw_lazy *lazy, const struct thaw_lazy_chain *chain)
{
    const struct thaw_inventory_statement *row = lazy->needs->statements.items[chain->statement];
    bool elsewhere;
    uint64_t ns;

    if (!lazy->lost[chain->node])
        return false;
    elsewhere = file_is_lost(lazy, row->file);
    if (!lazy->cut[chain->statement] && !elsewhere)
        return true;
    memset(lazy->from, 0, lazy->needs->graph.node_count * sizeof(*lazy->from));
    thaw_lazy_mark_targets(lazy, chain->statement);
    if (elsewhere)
        mark_file(lazy, row->file);
    if (!thaw_graph_beyond(&lazy->needs->graph, lazy->cut, lazy->from, &ns, lazy->more)) {
        lazy->failed = true;
        return true;
    }
    return !lazy->more[chain->node];
}

/* --- the rows themselves --- */

static bool is_async(const struct thaw_inventory_definition *definition)
{
    return definition && strcmp(definition->kind, "async function") == 0;
}

static void look_at_functions(struct thaw_lazy *lazy, const struct thaw_inventory_statement *row,
                              bool *any_sync)
{
    for (uint64_t i = 0; i < row->functions.count; i++) {
        const struct thaw_inventory_definition *definition =
            thaw_lazy_definition(lazy, row->file, row->functions.items[i]);

        if (!is_async(definition)) {
            *any_sync = true;
            continue;
        }
        add_reason(lazy, thaw_arena_format(lazy->arena,
                                           "%s() is async (%s line %llu): its first call would "
                                           "block the event loop for the whole import",
                                           definition->name, base_name(row->file),
                                           (unsigned long long)definition->line));
    }
}

static void look_at_row(struct thaw_lazy *lazy, const struct thaw_inventory_statement *row)
{
    if (strcmp(row->use, "exported") == 0)
        add_reason(lazy, thaw_arena_format(lazy->arena,
                                           "%s of %s is looked at from outside (%s): it must stay "
                                           "an attribute of the module",
                                           row->bound, base_name(row->file), row->detail));
    if (strcmp(row->use, "none") == 0)
        add_reason(lazy, thaw_arena_format(lazy->arena,
                                           "%s is not used in %s (line %llu): unused, or wanted "
                                           "for its side effect",
                                           *row->bound ? row->bound : row->module,
                                           base_name(row->file), (unsigned long long)row->line));
}

enum thaw_lazy_verdict thaw_lazy_judge(struct thaw_lazy *lazy, bool wait)
{
    const struct thaw_platform *platform = thaw_platforms_find(lazy->timeline->platform);
    bool in_threads = platform && platform->calls_in_threads, any_sync = false;
    size_t rows = lazy->needs->statements.count;

    lazy->reasons.count = 0;
    for (size_t i = 0; i < lazy->chains.count; i++) {
        if (is_broken(lazy, &lazy->chains.items[i]))
            return THAW_LAZY_REFUSED;
    }
    for (size_t i = next_set(lazy->cut, rows, 0); i < rows; i = next_set(lazy->cut, rows, i + 1)) {
        look_at_row(lazy, lazy->needs->statements.items[i]);
        if (wait)
            look_at_functions(lazy, lazy->needs->statements.items[i], &any_sync);
    }
    for (size_t i = 0; any_sync && in_threads && i < lazy->timeline->module_count; i++) {
        if (lazy->lost[i] && sets_signals(lazy, &lazy->timeline->modules[i]))
            return THAW_LAZY_REFUSED;
    }
    look_at_lost(lazy);
    return lazy->reasons.count ? THAW_LAZY_LOOK : THAW_LAZY_SAFE;
}
