/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "timeline/native_paths.h"

/* Functions of a path, at most; and of the interpreter, where the sample is in that itself. */
#define PATH_MOST 10
#define INTERPRETER_MOST 3
#define CALL_DIGITS 11 /* a number and what divides it from the next */

static bool take_call(struct thaw_native_paths *paths, const struct thaw_call *from)
{
    uint32_t index = (uint32_t)paths->calls.count;
    struct thaw_native_call *call = thaw_array_add(&paths->calls);

    if (!call)
        return false;
    call->caller = from->caller ? thaw_lookup_number(&paths->by_number, from->caller, 0) : 0;
    call->path = from->path;
    call->offset = from->offset;
    return thaw_lookup_set_number(&paths->by_number, from->number, index + 1);
}

bool thaw_native_paths_open(struct thaw_native_paths *paths, struct thaw_native_places *places)
{
    const struct thaw_recording *recording = places->build->recording;
    bool enough = true;

    *paths = (struct thaw_native_paths){.places = places};
    for (size_t i = 0; enough && i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_CALL)
            enough = take_call(paths, &event->call);
        else if (event->kind == THAW_EVENT_INTERPRETER)
            enough = thaw_lookup_set_text(&paths->interpreters, event->interpreter.library, 1);
    }
    return enough;
}

static bool is_interpreters(const struct thaw_native_paths *paths, uint32_t function)
{
    const struct thaw_timeline_memory *memory = paths->places->build->memory;
    uint32_t library = memory->native_functions.items[function].library;

    return thaw_lookup_text(&paths->interpreters, memory->native_libraries.items[library].path, 0);
}

/* A call's function: its offset is behind the instruction that calls. UINT32_MAX: memory short. */
static uint32_t function_of(struct thaw_native_paths *paths, const struct thaw_native_call *call)
{
    uint32_t library = thaw_native_library(paths->places, call->path);

    return library == UINT32_MAX
               ? UINT32_MAX
               : thaw_native_function(paths->places, library, call->offset - (call->offset != 0));
}

/*
 * The functions from the innermost out, up to the first of the interpreter: what it calls is told
 * by the module. Returns how many, 0: memory is short.
 */
static size_t collect(struct thaw_native_paths *paths, uint32_t function, uint64_t number,
                      uint32_t functions[static PATH_MOST])
{
    uint32_t call = thaw_lookup_number(&paths->by_number, number, 0);
    bool inside = is_interpreters(paths, function);
    size_t most = inside ? INTERPRETER_MOST : PATH_MOST, count = 0;

    functions[count++] = function;
    while (call && count < most) {
        const struct thaw_native_call *from = &paths->calls.items[call - 1];
        uint32_t next = *from->path ? function_of(paths, from) : UINT32_MAX;

        if (!*from->path)
            break;
        if (next == UINT32_MAX)
            return 0;
        if (functions[count - 1] != next) /* one that calls itself is told once */
            functions[count++] = next;
        if (!inside && is_interpreters(paths, next))
            break;
        call = from->caller;
    }
    return count;
}

static void count_end(struct thaw_native *native, const char *end)
{
    if (!strcmp(end, "complete"))
        native->complete++;
    else if (!strcmp(end, "truncated"))
        native->truncated++;
    else if (!strcmp(end, "probed"))
        native->probed++;
    else
        native->broken++;
}

/* The index of a path, added when it is new; UINT32_MAX: memory is short. */
static uint32_t path_of(struct thaw_native_paths *paths, const uint32_t *functions, size_t count)
{
    struct thaw_timeline_memory *memory = paths->places->build->memory;
    uint32_t index = (uint32_t)memory->native_paths.count, known, *copy;
    char key[CALL_DIGITS * PATH_MOST + 1];
    struct thaw_native_path *path;
    const char *text;
    int length = 0;

    for (size_t i = 0; i < count; i++)
        length += snprintf(key + length, sizeof(key) - (size_t)length, " %u", functions[i]);
    known = thaw_lookup_text(&paths->known, key, UINT32_MAX);
    if (known != UINT32_MAX)
        return known;
    copy = thaw_arena_allocate(&memory->arena, count * sizeof(*copy));
    text = thaw_arena_string(&memory->arena, key);
    path = copy && text ? thaw_array_add(&memory->native_paths) : NULL;
    if (!path)
        return UINT32_MAX;
    memcpy(copy, functions, count * sizeof(*copy));
    *path = (struct thaw_native_path){.functions = copy, .function_count = count};
    return thaw_lookup_set_text(&paths->known, text, index) ? index : UINT32_MAX;
}

bool thaw_native_paths_add(struct thaw_native_paths *paths, uint32_t module, uint32_t function,
                           const struct thaw_stack *stack)
{
    struct thaw_timeline_memory *memory = paths->places->build->memory;
    uint32_t functions[PATH_MOST], index;
    size_t count = collect(paths, function, stack->call, functions);

    if (!count)
        return false;
    count_end(&paths->places->build->timeline->native, stack->end);
    index = path_of(paths, functions, count);
    if (index == UINT32_MAX)
        return false;
    memory->native_paths.items[index].samples++;
    return thaw_native_share_add(&memory->native_path_shares, &paths->shares, index, module);
}

void thaw_native_paths_close(struct thaw_native_paths *paths)
{
    thaw_array_free(&paths->calls);
    thaw_lookup_free(&paths->by_number);
    thaw_lookup_free(&paths->interpreters);
    thaw_lookup_free(&paths->known);
    thaw_lookup_free(&paths->shares);
}
