/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/lookup.h"
#include "timeline/module_files.h"
#include "timeline/paths.h"
#include "timeline/roots.h"

/* What the kind of a module is told from. */
struct clues {
    const struct thaw_module *module;
    const struct thaw_module_facts *facts;
    const struct thaw_process_facts *process;
    const char *file; /* of its code, "" none or not a path */
    bool all_seen;    /* code and libraries would have been seen, had there been any */
};

static bool has_code(const struct thaw_module_facts *facts)
{
    return facts->body_file || facts->library;
}

static bool is_builtin(const struct clues *clues)
{
    const struct thaw_inventory_interpreter *installation = clues->process->installation;

    for (uint64_t i = 0; installation && i < installation->builtins.count; i++)
        if (!strcmp(installation->builtins.items[i], clues->module->name))
            return true;
    return false;
}

/* An .egg may be a folder, too: then its files are opened one by one. */
static bool is_in_archive(const struct clues *clues)
{
    return thaw_path_archive(clues->file) && !clues->facts->opened_bytecode &&
           !clues->facts->opened_source;
}

/*
 * A stale .pyc is opened before the .py, which is then compiled: source. Without a record of file
 * opens the two can't be told apart.
 */
static const char *kind_by_opens(const struct clues *clues)
{
    const struct thaw_module_facts *facts = clues->facts;

    if (facts->opened_bytecode && !facts->source_last)
        return "bytecode";
    return facts->opened_source ? "source" : "";
}

/* No code and no library was seen of it: it has none of its own, or it was not seen to the end. */
static const char *kind_without_code(const struct clues *clues)
{
    const struct thaw_module *module = clues->module;

    if (module->status == THAW_MODULE_LOADED && is_builtin(clues))
        return "builtin";
    if (module->status == THAW_MODULE_LOADED && clues->all_seen && clues->process->installation)
        return "namespace";
    return "";
}

static const char *kind_of(const struct clues *clues)
{
    const struct thaw_module_facts *facts = clues->facts;
    const char *kind;

    if (facts->library)
        return "extension";
    if (facts->body_file && !strncmp(facts->body_file, "<frozen ", 8))
        return "frozen";
    if (is_in_archive(clues))
        return "zip";
    kind = kind_by_opens(clues);
    if (*kind || facts->body_file)
        return kind;
    return kind_without_code(clues);
}

static void fill_file(struct thaw_module *module, const struct clues *clues)
{
    const struct thaw_module_facts *facts = clues->facts;

    if (facts->library)
        module->file = facts->library;
    else if (*clues->file)
        module->file = clues->file;
    else if (facts->opened_source)
        module->file = facts->opened_source; /* its code did not begin: it doesn't compile */
    if (*module->file)
        module->short_file = thaw_path_from_root(module->file, module->name);
}

static void fill_owner(struct thaw_module *module, const struct clues *clues)
{
    if (!strcmp(module->kind, "builtin") || !strcmp(module->kind, "frozen"))
        module->owner = "stdlib";
    else if (*module->file)
        module->owner = thaw_roots_owner(clues->process, module->file);
}

/* RECORD says whose a file is, wherever it lies. */
static void fill_distribution(struct thaw_module *module, const struct thaw_recording *recording,
                              const struct thaw_lookup *files)
{
    uint32_t row = *module->file ? thaw_lookup_text(files, module->file, 0) : 0;

    if (!row)
        return;
    module->distribution = recording->events[row - 1].inventory_file.distribution;
    if (*module->distribution && (!*module->owner || !strcmp(module->owner, "app")))
        module->owner = "package"; /* also one that was installed into the app's own folder */
}

static void fill_module(struct thaw_build *build, size_t index, const struct thaw_lookup *files,
                        bool all_probes)
{
    struct thaw_module *module = &build->memory->modules.items[index];
    struct clues clues = {
        .module = module,
        .facts = &build->module_facts.items[index],
        .process = thaw_build_facts(build, module->process),
        .file = "",
    };

    clues.all_seen = all_probes && clues.process->bodies_seen;
    if (clues.facts->body_file && *clues.facts->body_file != '<')
        clues.file = clues.facts->body_file;
    module->kind = kind_of(&clues);
    fill_file(module, &clues);
    fill_owner(module, &clues);
    fill_distribution(module, build->recording, files);
}

/*
 * `import a.b` finds b already loaded when loading a did that: b has two rows then, of which the
 * outer one has no code. It is the module of the inner one.
 */
static void fill_side_effect(struct thaw_module *outer, const struct thaw_module *inner)
{
    if (outer->status != THAW_MODULE_LOADED || inner->status != THAW_MODULE_LOADED ||
        inner->start_ns > outer->start_ns + outer->total_ns)
        return;
    outer->kind = inner->kind;
    outer->file = inner->file;
    outer->short_file = inner->short_file;
    outer->owner = inner->owner;
    outer->distribution = inner->distribution;
}

/* Backwards, so that an outer module meets the inner one of its name that comes next. */
static bool fill_process(struct thaw_build *build, const struct thaw_process_facts *facts,
                         const struct thaw_lookup *files, bool all_probes)
{
    struct thaw_lookup by_name = {0};
    bool enough = true;

    for (size_t i = facts->module_count; enough && i > 0; i--) {
        uint32_t index = build->modules_by_process[facts->first_module + i - 1], inner;
        struct thaw_module *module = &build->memory->modules.items[index];

        fill_module(build, index, files, all_probes);
        inner = thaw_lookup_text(&by_name, module->name, UINT32_MAX);
        if (!has_code(&build->module_facts.items[index]) && inner != UINT32_MAX)
            fill_side_effect(module, &build->memory->modules.items[inner]);
        if (has_code(&build->module_facts.items[index]))
            enough = thaw_lookup_set_text(&by_name, module->name, index);
    }
    thaw_lookup_free(&by_name);
    return enough;
}

static bool all_probes_attached(const struct thaw_recording *recording)
{
    for (size_t i = 0; i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_PROBE &&
            strcmp(recording->events[i].probe.status, "attached") != 0)
            return false;
    return true;
}

bool thaw_module_files_build(struct thaw_build *build)
{
    const struct thaw_recording *recording = build->recording;
    struct thaw_lookup files = {0};
    bool enough = true, all_probes = all_probes_attached(recording);

    for (size_t i = 0; enough && i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_INVENTORY_FILE)
            enough = thaw_lookup_set_text(&files, recording->events[i].inventory_file.path,
                                          (uint32_t)i + 1);
    for (size_t i = 0; enough && i < build->facts_count; i++)
        enough = fill_process(build, &build->facts[i], &files, all_probes);
    thaw_lookup_free(&files);
    return enough;
}
