/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "report/json_parts.h"
#include "report/keys.h"

static const char *status_name(enum thaw_module_status status)
{
    switch (status) {
    case THAW_MODULE_LOADED:
        return "loaded";
    case THAW_MODULE_FAILED:
        return "failed";
    case THAW_MODULE_NOT_FOUND:
        return "not-found";
    case THAW_MODULE_UNFINISHED:
        break;
    }
    return "unfinished";
}

/* What self_ns went into, as far as that was measured: parts that took no time are left out. */
static const struct {
    const char *name;
    const char *key; /* in split */
} parts[THAW_PARTS] = {
    [THAW_PART_FIND] = {"find", "find_ns"},
    [THAW_PART_READ] = {"read", "read_ns"},
    [THAW_PART_UNMARSHAL] = {"unmarshal", "unmarshal_ns"},
    [THAW_PART_COMPILE] = {"compile", "compile_ns"},
    [THAW_PART_WRITE] = {"write", "write_ns"},
    [THAW_PART_MAP] = {"map", "map_ns"},
    [THAW_PART_CONSTRUCTORS] = {"constructors", "constructors_ns"},
    [THAW_PART_DLOPEN] = {"dlopen", "dlopen_ns"},
    [THAW_PART_INIT] = {"init", "init_ns"},
    [THAW_PART_EXECUTE] = {"execute", "execute_ns"},
    [THAW_PART_UNKNOWN] = {"unattributed", "unattributed_ns"},
    [THAW_PART_GC] = {"gc", "gc_ns"},
};

static json_t *module_split(struct thaw_values *values, const struct thaw_module *module)
{
    json_t *split = thaw_values_object(values);

    for (size_t i = 0; i < THAW_PARTS; i++)
        if (i != THAW_PART_GC && (module->parts[i].ns || i == THAW_PART_UNKNOWN))
            thaw_values_set_number(values, split, parts[i].key, module->parts[i].ns);
    return split;
}

static uint64_t off_cpu_ns(const struct thaw_spent *spent)
{
    return spent->io_ns + spent->runqueue_ns + spent->sleep_ns;
}

static bool used_anything(const struct thaw_spent *spent)
{
    return off_cpu_ns(spent) || spent->minor_faults || spent->major_faults || spent->disk_bytes ||
           spent->read_bytes || spent->memory_bytes;
}

static void set_nonzero(struct thaw_values *values, json_t *object, const char *key,
                        uint64_t number)
{
    if (number)
        thaw_values_set_number(values, object, key, number);
}

/* Of each part of its own time: what was not computing, and its page faults. */
static json_t *module_waits(struct thaw_values *values, const struct thaw_module *module)
{
    json_t *waits = thaw_values_object(values);

    for (size_t i = 0; i < THAW_PARTS; i++) {
        const struct thaw_spent *spent = &module->parts[i];
        json_t *part;

        if (!used_anything(spent))
            continue;
        part = thaw_values_object(values);
        set_nonzero(values, part, "io_ns", spent->io_ns);
        set_nonzero(values, part, "runqueue_ns", spent->runqueue_ns);
        set_nonzero(values, part, "sleep_ns", spent->sleep_ns);
        set_nonzero(values, part, "minor_faults", spent->minor_faults);
        set_nonzero(values, part, "major_faults", spent->major_faults);
        set_nonzero(values, part, "disk_bytes", spent->disk_bytes);
        set_nonzero(values, part, "read_bytes", spent->read_bytes);
        if (spent->memory_bytes)
            thaw_values_set_signed(values, part, "memory_bytes", spent->memory_bytes);
        thaw_values_set(values, waits, parts[i].name, part);
    }
    return waits;
}

static void set_times(struct thaw_values *values, json_t *object, const struct thaw_module *module)
{
    const struct thaw_spent *total = &module->total;
    uint64_t off_ns = off_cpu_ns(total);
    json_t *wait = thaw_values_object(values);

    thaw_values_set_number(values, object, "cpu_ns", total->ns > off_ns ? total->ns - off_ns : 0);
    thaw_values_set_number(values, wait, "io_ns", total->io_ns);
    thaw_values_set_number(values, wait, "runqueue_ns", total->runqueue_ns);
    thaw_values_set_number(values, wait, "sleep_ns", total->sleep_ns);
    thaw_values_set(values, object, "wait", wait);
}

/* What was used besides time; what is not told of the process is absent. */
static void set_usage(struct thaw_values *values, json_t *object, const struct thaw_module *module,
                      const struct thaw_timeline_process *process)
{
    json_t *faults;

    if (!module->timed || !process->saw_usage || !module->usage_known)
        return;
    if (process->saw_waits)
        set_times(values, object, module);
    faults = thaw_values_object(values);
    thaw_values_set_number(values, faults, "minor", module->total.minor_faults);
    thaw_values_set_number(values, faults, "major", module->total.major_faults);
    thaw_values_set(values, object, "faults", faults);
    thaw_values_set(values, object, "waits", module_waits(values, module));
    thaw_values_set_signed(values, object, "memory_bytes", module->total.memory_bytes);
    if (process->saw_disk)
        thaw_values_set_number(values, object, "disk_bytes", module->total.disk_bytes);
}

const char *thaw_json_bytecode_status(enum thaw_module_bytecode status)
{
    static const char *const names[] = {
        [THAW_MODULE_BYTECODE_USED] = "used",
        [THAW_MODULE_BYTECODE_MISSING] = "missing",
        [THAW_MODULE_BYTECODE_STALE] = "stale",
        [THAW_MODULE_BYTECODE_REJECTED] = "rejected",
        [THAW_MODULE_BYTECODE_UNREADABLE] = "unreadable",
    };

    return names[status];
}

/* In the order in which they were looked for: the list has the last one first. */
static void set_failed_paths(struct thaw_values *values, json_t *lookups,
                             const struct thaw_module *module)
{
    size_t count = 0;
    const char **paths;

    for (const struct thaw_failed_lookup *one = module->failed_lookups; one; one = one->next)
        count++;
    paths = calloc(count + 1, sizeof(*paths));
    if (!paths) {
        values->failed = true;
        return;
    }
    for (const struct thaw_failed_lookup *one = module->failed_lookups; one; one = one->next)
        paths[--count] = one->path;
    for (count = 0; paths[count]; count++)
        continue;
    thaw_values_set_texts(values, lookups, "failed_paths", paths, count);
    free(paths);
}

static json_t *module_lookups(struct thaw_values *values, const struct thaw_module *module)
{
    json_t *lookups = thaw_values_object(values);

    thaw_values_set_number(values, lookups, "count", module->lookups);
    thaw_values_set_number(values, lookups, "failed", module->lookups_failed);
    thaw_values_set_known(values, lookups, "searched", module->searched);
    set_failed_paths(values, lookups, module);
    return lookups;
}

static void set_files(struct thaw_values *values, json_t *object, const struct thaw_module *module,
                      const struct thaw_timeline_process *process)
{
    json_t *bytecode;

    if (!module->timed || !process->saw_lookups)
        return;
    thaw_values_set_number(values, object, "opened_bytes", module->opened_bytes);
    thaw_values_set_number(values, object, "read_bytes", module->total.read_bytes);
    if (module->lookups)
        thaw_values_set(values, object, "lookups", module_lookups(values, module));
    if (module->bytecode == THAW_MODULE_BYTECODE_UNKNOWN)
        return;
    bytecode = thaw_values_object(values);
    thaw_values_set_text(values, bytecode, "status", thaw_json_bytecode_status(module->bytecode));
    thaw_values_set_boolean(values, bytecode, "written", module->writing == THAW_WRITING_DONE);
    thaw_values_set(values, object, "bytecode", bytecode);
}

/* Whose use made a lazy import come true. */
static void set_lazy(struct thaw_values *values, json_t *object, const struct thaw_module *module)
{
    json_t *user;

    if (!module->lazy_function || !*module->lazy_function)
        return;
    user = thaw_values_object(values);
    thaw_values_set_text(values, user, "function", module->lazy_function);
    thaw_values_set_text(values, user, "file", module->lazy_file);
    thaw_values_set(values, object, "lazy_by", user);
}

static void set_identity(struct thaw_values *values, json_t *object,
                         const struct thaw_module *module)
{
    bool has_short = module->short_file && *module->short_file;

    thaw_values_set_number(values, object, "id", module->id);
    thaw_values_set_known(values, object, "parent", module->parent);
    thaw_values_set_text(values, object, "name", module->name);
    thaw_values_set_name(values, object, "kind", module->kind);
    thaw_values_set_name(values, object, "via", module->via);
    thaw_values_set_name(values, object, "file", has_short ? module->short_file : module->file);
    thaw_values_set_name(values, object, "path", module->file);
    thaw_values_set_name(values, object, "distribution", module->distribution);
    thaw_values_set_name(values, object, "owner", module->owner);
    thaw_values_set_number(values, object, "process", module->process);
    thaw_values_set_number(values, object, "tid", module->tid);
    set_lazy(values, object, module);
    if (module->strand)
        thaw_values_set_number(values, object, "strand", module->strand);
}

static void set_importers(struct thaw_values *values, json_t *object,
                          const struct thaw_module_cost *cost)
{
    json_t *importers = thaw_values_array(values);

    for (size_t i = 0; i < cost->importer_count; i++)
        thaw_values_append_number(values, importers, cost->importers[i]);
    thaw_values_set(values, object, "importers", importers);
}

/* In its parent's file, which for the program itself is told as it lies in the app's folder. */
static void set_statement(struct thaw_values *values, json_t *object,
                          const struct thaw_analysis *analysis, size_t number,
                          const struct thaw_json_known *known)
{
    const struct thaw_inventory_statement *row = analysis->modules[number].statement;
    uint32_t parent = analysis->timeline->modules[number].parent;
    const char *file = parent ? analysis->timeline->modules[parent - 1].short_file : NULL;
    json_t *statement;

    if (!row)
        return;
    if (!file || !*file)
        file = thaw_key_within(row->file, known->app_folder);
    statement = thaw_values_object(values);
    thaw_values_set_text(values, statement, "file", file ? file : row->file);
    thaw_values_set_known(values, statement, "line", row->line);
    thaw_values_set(values, object, "statement", statement);
}

static json_t *effect_object(struct thaw_values *values, const struct thaw_timeline_effect *effect)
{
    const char *error = effect->error ? strerrorname_np((int)effect->error) : NULL;
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "kind", effect->kind);
    thaw_values_set_name(values, object, "detail", effect->detail);
    thaw_values_set_number(values, object, "module", effect->module);
    thaw_values_set_number(values, object, "process", effect->process);
    thaw_values_set_number(values, object, "tid", effect->tid);
    thaw_values_set_number(values, object, "time_ns", effect->time_ns);
    if (!strcmp(effect->kind, "sleep"))
        thaw_values_set_number(values, object, "duration_ns", effect->duration_ns);
    if (effect->error)
        thaw_values_set_text(values, object, "error", error ? error : "unknown");
    if (effect->more)
        thaw_values_set_boolean(values, object, "more", true);
    return object;
}

static json_t *module_effects(struct thaw_values *values, const struct thaw_timeline *timeline,
                              const struct thaw_module *module)
{
    json_t *array = thaw_values_array(values);
    const struct thaw_timeline_effect *effects;
    size_t count;

    effects = thaw_timeline_module_effects(timeline, module->id, &count);
    for (size_t i = 0; i < count; i++)
        thaw_values_append(values, array, effect_object(values, &effects[i]));
    return array;
}

static json_t *module_object(struct thaw_values *values, const struct thaw_analysis *analysis,
                             size_t number, const struct thaw_json_known *known)
{
    const struct thaw_module *module = &analysis->timeline->modules[number];
    const struct thaw_timeline_process *process =
        &analysis->timeline->processes[module->process - 1];
    const struct thaw_module_cost *cost = known->edges ? &analysis->modules[number] : NULL;
    json_t *object = thaw_values_object(values);

    set_identity(values, object, module);
    if (known->edges)
        set_importers(values, object, cost);
    if (known->edges)
        set_statement(values, object, analysis, number, known);
    thaw_values_set_boolean(values, object, "timed", module->timed);
    thaw_values_set_number(values, object, "start_ns", module->start_ns);
    thaw_values_set_known(values, object, "body_start_ns", module->body_ns);
    thaw_values_set_number(values, object, "total_ns", module->total_ns);
    thaw_values_set_number(values, object, "self_ns", module->self_ns);
    if (known->collections)
        thaw_values_set_number(values, object, "gc_ns", module->gc_ns);
    if (known->edges)
        thaw_values_set_number(values, object, "retained_ns", cost->retained_ns);
    thaw_values_set_text(values, object, "status", status_name(module->status));
    thaw_values_set_boolean(values, object, "end_inferred", module->end_inferred);
    thaw_values_set(values, object, "split", module_split(values, module));
    set_usage(values, object, module, process);
    set_files(values, object, module, process);
    return object;
}

struct thaw_json_known thaw_json_known(const struct thaw_analysis *analysis)
{
    return (struct thaw_json_known){
        .collections = thaw_json_saw_collections(analysis->timeline),
        .edges = analysis->has_edges,
        .app_folder = analysis->has_edges ? thaw_analysis_app_folder(analysis) : "",
    };
}

json_t *thaw_json_module(struct thaw_values *values, const struct thaw_analysis *analysis,
                         const struct thaw_json_known *known, size_t place)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    json_t *object = module_object(values, analysis, place, known);

    if (timeline->effects_observed)
        thaw_values_set(values, object, "effects",
                        module_effects(values, timeline, &timeline->modules[place]));
    return object;
}

json_t *thaw_json_modules(struct thaw_values *values, const struct thaw_analysis *analysis)
{
    const struct thaw_json_known known = thaw_json_known(analysis);
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < analysis->timeline->module_count; i++)
        thaw_values_append(values, array, thaw_json_module(values, analysis, &known, i));
    return array;
}

json_t *thaw_json_search_folders(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < timeline->folder_count; i++) {
        json_t *folder = thaw_values_object(values);

        thaw_values_set_number(values, folder, "id", timeline->folders[i].id);
        thaw_values_set_known(values, folder, "after", timeline->folders[i].after);
        thaw_values_set_text(values, folder, "path", timeline->folders[i].path);
        thaw_values_append(values, array, folder);
    }
    return array;
}
