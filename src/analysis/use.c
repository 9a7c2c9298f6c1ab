/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "analysis/use_parts.h"

#define MOST_SEARCHES 200

const char *thaw_use_stage_name(enum thaw_use_stage stage)
{
    static const char *const names[THAW_USE_STAGES] = {
        [THAW_USE_SHIPPED] = "shipped", [THAW_USE_OPENED] = "opened",
        [THAW_USE_MAPPED] = "mapped",   [THAW_USE_RESIDENT] = "resident",
        [THAW_USE_USED] = "used",
    };

    return names[stage];
}

/* --- room --- */

static bool open_times(struct thaw_use *use, struct thaw_use_times *times, size_t count)
{
    struct thaw_arena *arena = &use->memory->arena;

    times->counts = thaw_arena_allocate(arena, (count + 1) * sizeof(*times->counts));
    times->values = thaw_arena_allocate(arena, (count + 1) * (use->recording_count + 1) *
                                                   sizeof(*times->values));
    return times->counts && times->values;
}

static bool open_rows(struct thaw_use *use)
{
    struct thaw_use_memory *memory = use->memory;
    const struct thaw_shipped *shipped = use->shipped;
    size_t files = shipped->file_count + 1, distributions = shipped->distribution_count + 1;
    size_t libraries = shipped->library_count + 1;

    use->files = thaw_arena_allocate(&memory->arena, files * sizeof(*use->files));
    use->distributions =
        thaw_arena_allocate(&memory->arena, distributions * sizeof(*use->distributions));
    use->libraries = thaw_arena_allocate(&memory->arena, libraries * sizeof(*use->libraries));
    memory->touched = thaw_arena_allocate(&memory->arena, distributions * sizeof(uint32_t));
    memory->loaded = thaw_arena_allocate(&memory->arena, libraries * sizeof(uint32_t));
    use->recordings =
        thaw_arena_allocate(&memory->arena, (use->recording_count + 1) * sizeof(*use->recordings));
    if (!use->files || !use->distributions || !use->libraries || !memory->touched ||
        !memory->loaded || !use->recordings)
        return false;
    for (size_t i = 0; i < shipped->file_count; i++)
        if (thaw_path_table_add(&memory->paths, &memory->arena, shipped->files[i].path,
                                strlen(shipped->files[i].path), i) < 0)
            return false;
    return open_times(use, &memory->own, shipped->distribution_count) &&
           open_times(use, &memory->total, shipped->distribution_count) &&
           open_times(use, &memory->dlopen, shipped->library_count);
}

/* --- joining --- */

/* Of the process with that id; 0: of all. */
static bool is_whole(const struct thaw_timeline *timeline, uint32_t process)
{
    for (size_t i = 0; i < timeline->process_count; i++) {
        const struct thaw_timeline_process *one = &timeline->processes[i];

        if ((!process || one->id == process) &&
            (!strcmp(one->coverage, "late") || !strcmp(one->coverage, "refused")))
            return false;
    }
    return timeline->complete;
}

static bool join(struct thaw_use *use, const struct thaw_use_source *source, uint32_t number)
{
    const struct thaw_timeline *timeline = source->analysis->timeline;
    const struct thaw_track *track = thaw_timeline_headline(timeline);
    struct thaw_use_joined joined = {
        .analysis = source->analysis,
        .timeline = timeline,
        .track = track && track->answered ? track : NULL,
        .process = track ? track->process : 0,
        .end_ns = UINT64_MAX,
        .row = &use->recordings[number - 1],
    };
    bool enough;

    *joined.row = (struct thaw_use_recording){
        .path = source->path,
        .timeline = timeline,
        .root = "",
        .replied = joined.track != NULL,
        .whole = is_whole(timeline, joined.process),
    };
    if (joined.track)
        joined.end_ns = joined.track->end_ns;
    enough = thaw_use_match(use, &joined);
    if (enough && joined.row->match != THAW_USE_MATCH_NONE)
        enough = thaw_use_files(use, &joined, number) && thaw_use_imports(use, &joined) &&
                 thaw_use_searches(use, &joined) && thaw_use_path_files(use, &joined) &&
                 thaw_use_small_files(use, &joined);
    thaw_use_unmatch(&joined);
    return enough;
}

/* --- sums --- */

/* What an inode's first name counts, its others do not. */
static uint64_t bytes_of(const struct thaw_use *use, size_t index, enum thaw_use_stage stage)
{
    const struct thaw_shipped_file *file = &use->shipped->files[index];
    const struct thaw_use_file *row = &use->files[index];
    bool of_library = file->library != THAW_SHIPPED_NONE || file->kind == THAW_FILE_NATIVE;

    if (stage == THAW_USE_RESIDENT || (stage == THAW_USE_USED && of_library && row->resident_known))
        return row->resident_bytes;
    return file->bytes;
}

/* Where no shared object was opened, those that are named so are taken for some. */
static bool is_library(const struct thaw_shipped *shipped, const struct thaw_shipped_file *file)
{
    return shipped->library_count ? file->library != THAW_SHIPPED_NONE
                                  : file->kind == THAW_FILE_NATIVE;
}

static void add(struct thaw_use *use, size_t index, enum thaw_use_stage stage)
{
    const struct thaw_shipped_file *file = &use->shipped->files[index];
    struct thaw_use_amount *amount = &use->stages[stage];
    uint64_t bytes = bytes_of(use, index, stage);

    amount->files++;
    amount->bytes += bytes;
    if (is_library(use->shipped, file)) {
        amount->library_files++;
        amount->library_bytes += bytes;
    }
    if (file->distribution != THAW_SHIPPED_NONE)
        use->distributions[file->distribution].bytes[stage] += bytes;
}

static bool are_all_whole(const struct thaw_use *use)
{
    size_t matched = 0;

    for (size_t i = 0; i < use->recording_count; i++) {
        if (use->recordings[i].match == THAW_USE_MATCH_NONE)
            continue;
        matched++;
        if (!use->recordings[i].whole)
            return false;
    }
    return matched != 0;
}

static void add_up(struct thaw_use *use)
{
    bool whole = are_all_whole(use);

    use->untouched_known = use->modules_known && whole;
    /* What lost something, or began too late, does not tell what was not mapped. */
    for (size_t i = 0; !whole && i < use->shipped->library_count; i++)
        use->libraries[i].known &= use->libraries[i].loaded_in != 0;
    use->stages[THAW_USE_SHIPPED].known = true;
    for (size_t i = 0; i < use->shipped->file_count; i++) {
        use->files[i].stages[THAW_USE_SHIPPED] = true;
        use->stages[THAW_USE_RESIDENT].known |= use->files[i].resident_known;
        for (int stage = 0; stage < THAW_USE_STAGES; stage++)
            if (use->files[i].stages[stage] && !use->shipped->files[i].again)
                add(use, i, (enum thaw_use_stage)stage);
    }
}

static int by_number(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return a < b ? -1 : a > b;
}

static uint64_t median(const struct thaw_use *use, struct thaw_use_times *times, size_t index)
{
    uint64_t *values = times->values + index * use->recording_count;
    size_t count = times->counts[index];

    if (!count)
        return 0;
    qsort(values, count, sizeof(*values), by_number);
    return values[(count - 1) / 2];
}

static int by_cost(const void *left, const void *right)
{
    const struct thaw_use_search *a = left, *b = right;

    if (a->ns != b->ns)
        return a->ns > b->ns ? -1 : 1;
    if (a->lookups_failed != b->lookups_failed)
        return a->lookups_failed > b->lookups_failed ? -1 : 1;
    if (a->modules_passed != b->modules_passed)
        return a->modules_passed > b->modules_passed ? -1 : 1;
    return strcmp(a->path, b->path);
}

static int by_path(const void *left, const void *right)
{
    const struct thaw_use_path_file *a = left, *b = right;

    return strcmp(a->path, b->path);
}

static void fill_lists(struct thaw_use *use)
{
    struct thaw_use_memory *memory = use->memory;

    if (memory->searches.count)
        qsort(memory->searches.items, memory->searches.count, sizeof(*memory->searches.items),
              by_cost);
    if (memory->path_files.count)
        qsort(memory->path_files.items, memory->path_files.count, sizeof(*memory->path_files.items),
              by_path);
    use->searches = memory->searches.items;
    use->search_count =
        memory->searches.count < MOST_SEARCHES ? memory->searches.count : MOST_SEARCHES;
    use->searches_more = memory->searches.count - use->search_count;
    use->path_files = memory->path_files.items;
    use->path_file_count = memory->path_files.count;
    use->bytecode = memory->bytecode;
    for (size_t i = 0; i < sizeof(memory->bytecode) / sizeof(memory->bytecode[0]); i++)
        if (memory->bytecode[i].modules)
            memory->bytecode[use->bytecode_count++] = memory->bytecode[i];
}

static void fill_times(struct thaw_use *use)
{
    struct thaw_use_memory *memory = use->memory;

    for (size_t i = 0; i < use->shipped->distribution_count; i++) {
        use->distributions[i].import_ns = median(use, &memory->own, i);
        use->distributions[i].import_total_ns = median(use, &memory->total, i);
    }
    for (size_t i = 0; i < use->shipped->library_count; i++)
        use->libraries[i].dlopen_ns = median(use, &memory->dlopen, i);
}

int thaw_use_build(const struct thaw_shipped *shipped, const struct thaw_use_place *place,
                   const struct thaw_use_source *sources, size_t source_count,
                   struct thaw_use **ret, struct thaw_error *error)
{
    struct thaw_use *use = calloc(1, sizeof(*use));
    bool enough;

    if (!use)
        return thaw_error_memory(error);
    use->shipped = shipped;
    use->recording_count = source_count;
    use->memory = calloc(1, sizeof(*use->memory));
    enough = use->memory;
    if (enough) {
        if (place)
            use->memory->place = *place;
        if (!use->memory->place.directory)
            use->memory->place.directory = "";
        enough = open_rows(use);
    }
    for (size_t i = 0; enough && i < source_count; i++)
        enough = join(use, &sources[i], (uint32_t)i + 1);
    if (!enough) {
        thaw_use_free(use);
        return thaw_error_memory(error);
    }
    add_up(use);
    fill_times(use);
    fill_lists(use);
    *ret = use;
    return 0;
}

bool thaw_use_has_library(const struct thaw_use *use, const char *path)
{
    return thaw_path_table_find(&use->memory->libraries, path, strlen(path)) != THAW_PATH_NONE;
}

void thaw_use_free(struct thaw_use *use)
{
    if (!use)
        return;
    if (use->memory) {
        thaw_path_table_clear(&use->memory->paths);
        thaw_path_table_clear(&use->memory->libraries);
        thaw_lookup_free(&use->memory->search_rows);
        thaw_lookup_free(&use->memory->path_file_rows);
        thaw_array_free(&use->memory->searches);
        thaw_array_free(&use->memory->path_files);
        thaw_arena_free(&use->memory->arena);
    }
    free(use->memory);
    free(use);
}
