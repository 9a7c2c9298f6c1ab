/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <string.h>

#include "analysis/use_parts.h"
#include "inventory/ownership.h"
#include "timeline/paths.h"

#define FILES_PROBE "files.open" /* what src/capture calls it */

/* One recording's files, and the target's. */
struct walk {
    struct thaw_use *use;
    struct thaw_use_joined *joined;
    uint32_t number;             /* of the recording, from 1 */
    struct thaw_lookup bytecode; /* path of a source -> file of its bytecode that was opened, + 1 */
    bool opens_known;
    bool mapped_known;
    bool code_seen; /* of modules, or of a program */
};

/* What is read of everything that is installed says nothing of its use. */
static bool is_administrative(const struct thaw_shipped_file *file)
{
    return file->kind == THAW_FILE_METADATA || thaw_path_ends_with(file->path, ".pth");
}

/* Each recording counts once, whichever way it tells that a library was mapped. */
static void count_loaded(struct walk *walk, uint32_t library)
{
    struct thaw_use *use = walk->use;

    if (use->memory->loaded[library] == walk->number)
        return;
    use->memory->loaded[library] = walk->number;
    use->libraries[library].loaded_in++;
    use->libraries[library].known = true;
}

/* Of an inode with several names: the file that has its bytes. */
static uint32_t counted(const struct thaw_shipped *shipped, uint32_t file)
{
    return shipped->files[file].again ? shipped->files[file].first : file;
}

static void mark(struct walk *walk, uint32_t index, enum thaw_use_stage stage)
{
    struct thaw_use *use = walk->use;
    struct thaw_use_distribution *distribution;
    const struct thaw_shipped_file *file;

    if (index == THAW_SHIPPED_NONE)
        return;
    file = &use->shipped->files[index];
    use->files[index].stages[stage] = true;
    use->files[counted(use->shipped, index)].stages[stage] = true;
    if (stage == THAW_USE_MAPPED && file->library != THAW_SHIPPED_NONE)
        count_loaded(walk, file->library);
    if (file->distribution == THAW_SHIPPED_NONE || is_administrative(file))
        return;
    distribution = &use->distributions[file->distribution];
    distribution->is_used |= stage == THAW_USE_USED;
    distribution->touched_in += use->memory->touched[file->distribution] != walk->number;
    use->memory->touched[file->distribution] = walk->number;
}

static void mark_mapped(struct walk *walk, uint32_t index)
{
    mark(walk, index, THAW_USE_OPENED);
    mark(walk, index, THAW_USE_MAPPED);
}

static void mark_used(struct walk *walk, uint32_t index)
{
    mark(walk, index, THAW_USE_OPENED);
    mark(walk, index, THAW_USE_USED);
}

/* Of bytecode: "a/b.pyc" without a __pycache__ folder, too; NULL: memory is short. */
static const char *source_of(struct thaw_arena *arena, const char *path)
{
    char source[PATH_MAX];
    size_t length = strlen(path);
    size_t found = thaw_ownership_source(path, length, source, sizeof(source));

    return found ? thaw_arena_text(arena, source, found) : thaw_arena_text(arena, path, length - 1);
}

static bool take_open(struct walk *walk, const struct thaw_event *event)
{
    const struct thaw_file_open *open = &event->file_open;
    struct thaw_arena *arena = &walk->use->memory->arena;
    uint32_t file;
    const char *source;

    if (open->result < 0 || open->is_folder || open->for_writing)
        return true;
    file = thaw_use_file_of(walk->joined, open->path);
    mark(walk, file, THAW_USE_OPENED);
    if (file == THAW_SHIPPED_NONE || !thaw_path_ends_with(open->path, ".pyc"))
        return true;
    source = source_of(arena, open->path);
    return source && thaw_lookup_set_text(&walk->bytecode, source, file + 1);
}

/* Events of the time that counts, and what says which of them there could be. */
static bool take_event(struct walk *walk, const struct thaw_event *event)
{
    bool counts = event->time_ns <= walk->joined->end_ns;

    switch (event->kind) {
    case THAW_EVENT_PROBE:
        walk->opens_known |=
            !strcmp(event->probe.name, FILES_PROBE) && !strcmp(event->probe.status, "attached");
        return true;
    case THAW_EVENT_FILE_OPEN:
        return !counts || take_open(walk, event);
    case THAW_EVENT_MAPPING:
        walk->mapped_known = true;
        if (counts)
            mark_mapped(walk, thaw_use_file_of(walk->joined, event->mapping.path));
        return true;
    case THAW_EVENT_BODY_BEGIN:
        walk->code_seen = true;
        if (counts && !strcmp(event->body_begin.name, "__main__")) /* it is no module's */
            mark_used(walk, thaw_use_file_of(walk->joined, event->body_begin.file));
        return true;
    default:
        return true;
    }
}

static bool was_executed(const struct thaw_module *module)
{
    return module->body_ns || module->status == THAW_MODULE_LOADED;
}

static void take_module(struct walk *walk, const struct thaw_module *module)
{
    uint32_t file;

    walk->code_seen |= *module->file != '\0';
    if (!*module->file || !was_executed(module) || module->start_ns > walk->joined->end_ns)
        return;
    file = thaw_use_file_of(walk->joined, module->file);
    if (!strcmp(module->kind, "extension"))
        mark_mapped(walk, file);
    else if (!strcmp(module->kind, "bytecode") || module->bytecode == THAW_MODULE_BYTECODE_USED)
        file = thaw_lookup_text(&walk->bytecode, module->file, file + 1) - 1;
    mark_used(walk, file);
}

/* Did samples fall into it while a module was imported in the time that counts? */
static bool was_sampled(const struct walk *walk, const struct thaw_native_library *library)
{
    const struct thaw_timeline *timeline = walk->joined->timeline;

    for (size_t i = 0; i < library->module_count; i++) {
        uint32_t module = library->modules[i].module;

        if (module && module <= timeline->module_count &&
            timeline->modules[module - 1].start_ns <= walk->joined->end_ns)
            return true;
    }
    return false;
}

static void take_samples(struct walk *walk)
{
    const struct thaw_native *native = &walk->joined->timeline->native;

    for (size_t i = 0; i < native->library_count; i++) {
        uint32_t file = thaw_use_file_of(walk->joined, native->libraries[i].path);

        if (file == THAW_SHIPPED_NONE || !was_sampled(walk, &native->libraries[i]))
            continue;
        mark_mapped(walk, file);
        mark_used(walk, file);
    }
}

/* The target's row of a library that was mapped, or NONE: those outside of it by their build. */
static uint32_t library_of(const struct walk *walk, const struct thaw_library_cost *cost,
                           uint32_t file)
{
    const struct thaw_shipped *shipped = walk->use->shipped;
    const char *build = cost->facts ? cost->facts->build_id : "";

    if (file != THAW_SHIPPED_NONE)
        return shipped->files[file].library;
    for (size_t i = 0; i < shipped->library_count; i++) {
        const struct thaw_shipped_library *library = &shipped->libraries[i];

        if (library->outside && (*build && *library->build_id ? !strcmp(build, library->build_id)
                                                              : !strcmp(cost->path, library->path)))
            return (uint32_t)i;
    }
    return THAW_SHIPPED_NONE;
}

static void take_resident(struct thaw_use *use, uint32_t file, uint64_t resident_bytes)
{
    uint64_t most = use->shipped->files[file].bytes;
    uint64_t bytes = resident_bytes < most ? resident_bytes : most;
    struct thaw_use_file *row = &use->files[file];

    row->stages[THAW_USE_RESIDENT] = row->resident_known = true;
    if (bytes > row->resident_bytes)
        row->resident_bytes = bytes;
}

static bool take_library(struct walk *walk, const struct thaw_library_cost *cost)
{
    const struct thaw_use_named *named = thaw_use_named(walk->joined, cost->path);
    uint32_t file = named ? named->file : THAW_SHIPPED_NONE;
    uint32_t index = library_of(walk, cost, file);
    struct thaw_use_memory *memory = walk->use->memory;
    struct thaw_use_times *times = &memory->dlopen;
    struct thaw_use_library *library;

    /* What was mapped when the recording ended may have come after the first reply. */
    if (named && named->mapped_ns != UINT64_MAX && named->mapped_ns > walk->joined->end_ns)
        return true;
    mark_mapped(walk, file);
    if (file != THAW_SHIPPED_NONE && cost->resident_bytes)
        take_resident(walk->use, counted(walk->use->shipped, file), cost->resident_bytes);
    if (index == THAW_SHIPPED_NONE)
        return true;
    count_loaded(walk, index);
    library = &walk->use->libraries[index];
    library->resident_known |= cost->resident_bytes != 0;
    if (cost->resident_bytes > library->resident_bytes)
        library->resident_bytes = cost->resident_bytes;
    if (cost->dlopen_ns && times->counts[index] < walk->number) /* one of each recording */
        times->values[index * walk->use->recording_count + times->counts[index]++] =
            cost->dlopen_ns;
    return walk->number != 1 || thaw_path_table_add(&memory->libraries, &memory->arena, cost->path,
                                                    strlen(cost->path), index) >= 0;
}

/* What this recording could have told of each stage is known, also where it was nothing. */
static void set_known(struct walk *walk)
{
    struct thaw_use *use = walk->use;
    const struct thaw_shipped *shipped = use->shipped;

    walk->mapped_known |= walk->joined->analysis->has_libraries;
    use->stages[THAW_USE_OPENED].known |= walk->opens_known;
    use->stages[THAW_USE_MAPPED].known |= walk->mapped_known;
    use->stages[THAW_USE_USED].known |= walk->code_seen;
    for (size_t i = 0; walk->mapped_known && i < shipped->library_count; i++)
        if (!shipped->libraries[i].outside) /* of those the recording may have another name */
            use->libraries[i].known = true;
}

bool thaw_use_files(struct thaw_use *use, struct thaw_use_joined *joined, uint32_t number)
{
    struct walk walk = {.use = use, .joined = joined, .number = number};
    const struct thaw_recording *recording = joined->timeline->recording;
    const struct thaw_analysis *analysis = joined->analysis;
    bool enough = true;

    for (size_t i = 0; enough && i < recording->count; i++)
        enough = take_event(&walk, &recording->events[i]);
    for (size_t i = 0; enough && i < joined->timeline->module_count; i++)
        take_module(&walk, &joined->timeline->modules[i]);
    for (size_t i = 0; enough && i < analysis->library_count; i++)
        enough = take_library(&walk, &analysis->libraries[i]);
    if (enough) {
        take_samples(&walk);
        set_known(&walk);
    }
    thaw_lookup_free(&walk.bytecode);
    return enough;
}
