/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "native/spaces.h"
#include "timeline/native.h"
#include "timeline/native_order.h"
#include "timeline/native_paths.h"
#include "timeline/native_places.h"

/*
 * A thread's latest sample, which a stack is of. Which of the two comes first depends on when the
 * kernel looks at its clock; one of them may be lost.
 */
struct latest {
    uint32_t module;   /* id, 0 none */
    uint32_t function; /* index, UINT32_MAX none */
    uint64_t address;
    const struct thaw_stack *stack; /* that came, and whose sample has not; NULL none */
    bool has_stack;                 /* the sample's was there */
};

struct native {
    struct thaw_build *build;
    struct thaw_native *result;
    struct thaw_native_places places;
    struct thaw_native_paths paths;
    struct thaw_spaces spaces;  /* by process id */
    struct thaw_lookup shares;  /* library and module to index */
    struct thaw_lookup threads; /* process and tid to index of latest */
    THAW_ARRAY(struct latest) latest;
    size_t next_sample;
};

bool thaw_native_sample(struct thaw_build *build, const struct thaw_import_stack *stack,
                        const struct thaw_event *event)
{
    uint32_t module = thaw_import_stack_module_at(stack, event->sample.stack);
    uint32_t *slot = thaw_array_add(&build->sample_modules);

    if (slot)
        *slot = module ? module : stack->base;
    return slot != NULL;
}

/* The latest sample of a thread, made when it is the first; NULL: memory is short. */
static struct latest *latest_of(struct native *native, uint32_t process, uint32_t tid)
{
    uint64_t key = (uint64_t)process << 32 | tid;
    uint32_t index = thaw_lookup_number(&native->threads, key, UINT32_MAX);
    struct latest *latest;

    if (index != UINT32_MAX)
        return &native->latest.items[index];
    index = (uint32_t)native->latest.count;
    latest = thaw_array_add(&native->latest);
    if (latest)
        latest->has_stack = true; /* there is no sample yet */
    return latest && thaw_lookup_set_number(&native->threads, key, index) ? latest : NULL;
}

/* Code made at run time has no file to look into: a mapping of it is one function. */
static uint64_t offset_in(const struct thaw_native_library *library,
                          const struct thaw_space_piece *piece, uint64_t address)
{
    bool has_file = !strcmp(library->kind, "file") || !strcmp(library->kind, "vdso");

    return has_file ? address - piece->start + piece->offset : piece->offset;
}

/* In a piece of code that is known. */
static bool place_sample(struct native *native, const struct thaw_space_piece *piece,
                         const struct thaw_sample *sample, struct latest *latest)
{
    struct thaw_timeline_memory *memory = native->build->memory;
    uint32_t index = thaw_native_library(&native->places, piece->path);
    struct thaw_native_library *library;
    struct thaw_native_function *function;

    if (index == UINT32_MAX)
        return false;
    library = &memory->native_libraries.items[index];
    latest->function =
        thaw_native_function(&native->places, index, offset_in(library, piece, sample->address));
    if (latest->function == UINT32_MAX)
        return false;
    function = &memory->native_functions.items[latest->function];
    library->samples++;
    library->kernel_samples += sample->in_kernel != 0;
    function->samples++;
    function->kernel_samples += sample->in_kernel != 0;
    return thaw_native_share_add(&memory->native_shares, &native->shares, index, latest->module);
}

static bool place_stack(struct native *native, struct latest *latest,
                        const struct thaw_stack *stack)
{
    latest->has_stack = true;
    return !latest->module || latest->function == UINT32_MAX ||
           thaw_native_paths_add(&native->paths, latest->module, latest->function, stack);
}

static bool count_sample(struct native *native, uint32_t process, const struct thaw_sample *sample,
                         struct latest *latest)
{
    const struct thaw_space_piece *piece;

    if (!latest->module) {
        native->result->outside++;
        return true;
    }
    native->result->samples++;
    native->result->kernel_samples += sample->in_kernel != 0;
    piece = thaw_spaces_find(&native->spaces, process, sample->address);
    if (piece)
        return place_sample(native, piece, sample, latest);
    native->result->unattributed++;
    return true;
}

static bool take_sample(struct native *native, uint32_t process, const struct thaw_event *event)
{
    uint32_t module = native->build->sample_modules.items[native->next_sample++];
    struct latest *latest = latest_of(native, process, event->tid);
    const struct thaw_stack *stack;

    if (!latest)
        return false;
    stack = latest->stack;
    *latest =
        (struct latest){.module = module, .function = UINT32_MAX, .address = event->sample.address};
    if (!count_sample(native, process, &event->sample, latest))
        return false;
    return !stack || stack->address != latest->address || place_stack(native, latest, stack);
}

static bool take_stack(struct native *native, uint32_t process, const struct thaw_event *event)
{
    struct latest *latest = latest_of(native, process, event->tid);

    if (!latest)
        return false;
    native->result->has_stacks = true;
    if (!latest->has_stack && latest->address == event->call_stack.address)
        return place_stack(native, latest, &event->call_stack);
    latest->stack = &event->call_stack;
    return true;
}

static bool take_of_process(struct native *native, uint32_t process, const struct thaw_event *event)
{
    uint32_t parent;

    switch (event->kind) {
    case THAW_EVENT_PROCESS_FORK:
        parent = thaw_build_process(native->build, process)->parent;
        return !parent || thaw_spaces_fork(&native->spaces, process, parent);
    case THAW_EVENT_MAPPING:
        return thaw_spaces_map(&native->spaces, process, &event->mapping);
    case THAW_EVENT_SAMPLE:
        return take_sample(native, process, event);
    case THAW_EVENT_STACK:
        return take_stack(native, process, event);
    default:
        return true;
    }
}

static bool take_events(struct native *native)
{
    const struct thaw_recording *recording = native->build->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];
        uint32_t process = native->build->event_process[i];

        if (event->kind == THAW_EVENT_SAMPLING)
            native->result->period_ns = event->sampling.period_ns;
        if (event->kind == THAW_EVENT_SAMPLE && !process)
            native->result->outside++;
        if (process && !take_of_process(native, process, event))
            return false;
    }
    return true;
}

/* Whose libraries they are. */
static void add_owners(struct native *native)
{
    const struct thaw_recording *recording = native->build->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_file *file = &recording->events[i].inventory_file;
        uint32_t index;

        if (recording->events[i].kind != THAW_EVENT_INVENTORY_FILE)
            continue;
        index = thaw_lookup_text(&native->places.libraries, file->path, UINT32_MAX);
        if (index != UINT32_MAX)
            native->build->memory->native_libraries.items[index].distribution = file->distribution;
    }
}

bool thaw_native_build(struct thaw_build *build)
{
    struct native native = {.build = build, .result = &build->timeline->native};
    bool enough = thaw_native_places_open(&native.places, build) &&
                  thaw_native_paths_open(&native.paths, &native.places) && take_events(&native);

    if (enough) {
        add_owners(&native);
        enough = thaw_native_order(build);
    }
    native.result->beyond = native.spaces.beyond;
    thaw_native_paths_close(&native.paths);
    thaw_native_places_close(&native.places);
    thaw_spaces_free(&native.spaces);
    thaw_lookup_free(&native.shares);
    thaw_lookup_free(&native.threads);
    thaw_array_free(&native.latest);
    return enough;
}
