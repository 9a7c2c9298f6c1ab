/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "native/closure.h"

/*
 * What objects say of themselves, one a line: path, SONAME, RPATH, RUNPATH and the names it needs,
 * with tabs between them. "!" before the path: it is the running executable. An odd
 * number of bytes: with musl's loader.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OBJECTS_MAX 256
#define NEEDED_MAX 64

struct input {
    struct thaw_arena arena;
    const char *next;
    const char *end;
};

/* The next field of the line, "" when there is none. */
static const char *field(struct input *input)
{
    const char *begin = input->next;

    while (input->next < input->end && *input->next != '\t' && *input->next != '\n')
        input->next++;
    begin = thaw_arena_text(&input->arena, begin, (size_t)(input->next - begin));
    if (!begin)
        abort();
    if (input->next < input->end && *input->next == '\t')
        input->next++;
    return begin;
}

static const char *add_object(struct input *input, struct thaw_closure *closure)
{
    const char **needed = thaw_arena_allocate(&input->arena, NEEDED_MAX * sizeof(*needed));
    const char *name = field(input);
    bool is_executable = *name == '!';
    struct thaw_closure_object object = {
        .path = thaw_arena_format(&input->arena, "/app/%s", name + is_executable),
        .soname = field(input),
        .rpath = field(input),
        .runpath = field(input),
        .needed = needed,
        .abi = {.machine = 62, .is_64bit = true},
    };

    if (!needed || !object.path)
        abort();
    while (object.needed_count < NEEDED_MAX && input->next < input->end && *input->next != '\n')
        needed[object.needed_count++] = field(input);
    while (input->next < input->end && *input->next != '\n')
        input->next++;
    if (input->next < input->end)
        input->next++;
    if (thaw_closure_add(closure, &object, NULL) < 0)
        abort();
    return is_executable ? object.path : NULL;
}

static void check(const struct thaw_closure *closure)
{
    uint32_t count = (uint32_t)thaw_closure_count(closure);

    for (uint32_t i = 0; i < count; i++) {
        const struct thaw_closure_object *object = thaw_closure_object(closure, i);
        const struct thaw_closure_need *needs = thaw_closure_needs(closure, i);

        for (size_t j = 0; j < object->needed_count; j++) {
            bool is_found = needs[j].object != THAW_CLOSURE_NONE;

            if (is_found && (needs[j].object >= count || !*needs[j].path || !*needs[j].reason))
                abort();
            if (!is_found && (*needs[j].path || *needs[j].reason))
                abort();
            if ((needs[j].owner != THAW_CLOSURE_NONE && needs[j].owner >= count) ||
                (needs[j].only_by != THAW_CLOSURE_NONE && needs[j].only_by >= count) ||
                (needs[j].missing_by != THAW_CLOSURE_NONE &&
                 (needs[j].missing_by >= count || !is_found)))
                abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const folders[] = {"/app"};
    static const char *const loaders[] = {"", "/lib/ld-musl-x86_64.so.1"};
    const struct thaw_closure_options options = {.root = "/nothing-is-here",
                                                 .library_path = "/app/env:$ORIGIN",
                                                 .loader = loaders[size % 2],
                                                 .folders = folders,
                                                 .folder_count = 1};
    struct input input = {.next = (const char *)data, .end = (const char *)data + size};
    const char *executable = NULL;
    struct thaw_closure *closure;

    if (thaw_closure_open(&options, &closure, NULL) < 0)
        abort();
    for (size_t i = 0; i < OBJECTS_MAX && input.next < input.end; i++) {
        const char *path = add_object(&input, closure);

        executable = path ? path : executable;
    }
    if (executable)
        thaw_closure_execute(closure, executable, NULL);
    if (thaw_closure_resolve(closure, NULL) < 0)
        abort();
    check(closure);
    thaw_closure_close(closure);
    thaw_arena_free(&input.arena);
    return 0;
}
