/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "analysis/use_parts.h"
#include "timeline/paths.h"

/*
 * The interpreter reads .pth files while it imports `site`, one line after the other, and executes
 * those that begin with "import": what `site` imports from a file's opening to the next one's is
 * that file's, but for the two modules that it imports by itself.
 */
struct reading {
    struct thaw_use *use;
    const struct thaw_use_joined *joined;
    const struct thaw_module *site;
    size_t next;            /* module that may be the next one site imports */
    uint64_t busy_until_ns; /* the last one it imported is over */
    size_t row;             /* of the file that is being read, + 1, 0 none */
    uint64_t opened_ns;     /* when */
    uint64_t imported_ns;   /* of that opening: end of the last import, 0 none */
    struct thaw_lookup by_path;
    THAW_ARRAY(struct thaw_use_path_file) rows;
};

static bool is_own(const struct thaw_module *module)
{
    return !strcmp(module->name, "sitecustomize") || !strcmp(module->name, "usercustomize");
}

/* Imports of site that began before an instant belong to the file that is being read. */
static void take_imports(struct reading *reading, uint64_t until_ns)
{
    const struct thaw_timeline *timeline = reading->joined->timeline;

    for (; reading->next < timeline->module_count; reading->next++) {
        const struct thaw_module *module = &timeline->modules[reading->next];

        if (module->start_ns >= until_ns)
            return;
        if (module->parent != reading->site->id)
            continue;
        reading->busy_until_ns = module->start_ns + module->total_ns;
        if (!reading->row || is_own(module))
            continue;
        reading->rows.items[reading->row - 1].modules++;
        reading->imported_ns = reading->busy_until_ns;
    }
}

static void close_file(struct reading *reading)
{
    if (reading->row && reading->imported_ns > reading->opened_ns)
        reading->rows.items[reading->row - 1].ns += reading->imported_ns - reading->opened_ns;
    reading->row = 0;
    reading->imported_ns = 0;
}

static const char *shown_path(const struct reading *reading, const char *path)
{
    uint32_t file = thaw_use_file_of(reading->joined, path);

    return file == THAW_SHIPPED_NONE ? path : reading->use->shipped->files[file].path;
}

static bool open_file(struct reading *reading, const char *path, uint64_t time_ns)
{
    const char *shown = shown_path(reading, path);
    uint32_t index = thaw_lookup_text(&reading->by_path, shown, 0);
    struct thaw_use_path_file *row;

    if (!index) {
        row = thaw_array_add(&reading->rows);
        if (!row)
            return false;
        row->path = shown;
        index = (uint32_t)reading->rows.count;
        if (!thaw_lookup_set_text(&reading->by_path, shown, index))
            return false;
    }
    reading->rows.items[index - 1].openings++;
    reading->row = index;
    reading->opened_ns = time_ns;
    return true;
}

static bool take_open(struct reading *reading, const struct thaw_event *event)
{
    const struct thaw_file_open *open = &event->file_open;

    take_imports(reading, event->time_ns);
    if (event->time_ns < reading->busy_until_ns)
        return true; /* what is imported opens it, for purposes of its own */
    if (!thaw_path_ends_with(open->path, ".pth"))
        return true;
    close_file(reading);
    return open->result < 0 || open_file(reading, open->path, event->time_ns);
}

static bool read_site(struct reading *reading)
{
    const struct thaw_timeline *timeline = reading->joined->timeline;
    const struct thaw_recording *recording = timeline->recording;
    const struct thaw_module *site = reading->site;
    uint64_t end_ns = site->start_ns + site->total_ns;

    reading->next = (size_t)(site - timeline->modules);
    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_FILE_OPEN && event->tid == site->tid &&
            event->time_ns >= site->start_ns && event->time_ns < end_ns &&
            !take_open(reading, event))
            return false;
    }
    take_imports(reading, end_ns);
    close_file(reading);
    return true;
}

static bool merge(struct reading *reading)
{
    struct thaw_use_memory *memory = reading->use->memory;

    for (size_t i = 0; i < reading->rows.count; i++) {
        const struct thaw_use_path_file *row = &reading->rows.items[i];
        uint32_t index = thaw_lookup_text(&memory->path_file_rows, row->path, 0);
        struct thaw_use_path_file *kept = index ? &memory->path_files.items[index - 1] : NULL;

        if (kept) {
            if (row->ns > kept->ns || (row->ns == kept->ns && row->openings > kept->openings))
                *kept = *row;
            continue;
        }
        kept = thaw_array_add(&memory->path_files);
        if (!kept)
            return false;
        *kept = *row;
        if (!thaw_lookup_set_text(&memory->path_file_rows, row->path,
                                  (uint32_t)memory->path_files.count))
            return false;
    }
    return true;
}

static bool is_site(const struct thaw_use_joined *joined, const struct thaw_module *module)
{
    return !strcmp(module->name, "site") && module->timed && !module->parent &&
           thaw_use_counts(joined, module);
}

/* Each program has a site of its own: the first one of the processes that count. */
bool thaw_use_path_files(struct thaw_use *use, const struct thaw_use_joined *joined)
{
    struct reading reading = {.use = use, .joined = joined};
    const struct thaw_timeline *timeline = joined->timeline;
    bool enough = true;

    for (size_t i = 0; !reading.site && i < timeline->module_count; i++)
        if (is_site(joined, &timeline->modules[i]))
            reading.site = &timeline->modules[i];
    if (reading.site)
        enough = read_site(&reading) && merge(&reading);
    thaw_lookup_free(&reading.by_path);
    thaw_array_free(&reading.rows);
    return enough;
}
