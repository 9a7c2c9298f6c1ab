/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "closure_fixture.h"

#define LINK "--no-as-needed --disable-new-dtags"

static void make(const struct scratch *scratch, const char *name, const char *options)
{
    const char *code = scratch_path(scratch, "code.o"), *path;
    char *said;

    if (access(code, F_OK) != 0 &&
        !scratch_compile(scratch, "code.o", "int _start(void) { return 0; }", "-c -fPIC"))
        abort();
    path = scratch_write_text(scratch, name, "");
    said = scratch_output("ld -o '%s' '%s' %s && echo", path, code, options);
    if (!said) {
        fprintf(stderr, "cannot make %s with %s\n", name, options);
        abort();
    }
    free(said);
    chmod(path, 0755);
}

/* A library of that SONAME: whatever is linked with it needs that name. */
static void stub(const struct scratch *scratch, const char *soname)
{
    char path[256], options[512];

    snprintf(path, sizeof(path), "stubs/%s", soname);
    if (access(scratch_path(scratch, path), F_OK) == 0)
        return;
    snprintf(options, sizeof(options), "-shared " LINK " -soname %s", soname);
    make(scratch, path, options);
}

void closure_object(const struct scratch *scratch, const char *name, const char *needs,
                    const char *options)
{
    char all[4096], words[1024], *rest;
    size_t length = (size_t)snprintf(all, sizeof(all), "%s " LINK " %s",
                                     strstr(options, "-pie") ? "" : "-shared", options);

    snprintf(words, sizeof(words), "%s", needs);
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        stub(scratch, word);
        length += (size_t)snprintf(all + length, sizeof(all) - length, " '%s/stubs/%s'",
                                   scratch->path, word);
    }
    make(scratch, name, all);
}

struct thaw_closure_object closure_describe(const struct scratch *scratch, struct thaw_arena *arena,
                                            const char *path)
{
    struct thaw_closure_object told = {.path = path};
    const char *const *needed;
    struct thaw_object *object;
    const char **names;

    assert_int_equal(thaw_object_open(scratch_path(scratch, path + 1), &object, NULL), 0);
    told.soname = thaw_arena_string(arena, thaw_object_soname(object));
    told.rpath = thaw_arena_string(arena, thaw_object_rpath(object));
    told.runpath = thaw_arena_string(arena, thaw_object_runpath(object));
    told.abi = thaw_object_abi(object);
    told.needed_count = thaw_object_needed(object, &needed);
    names = thaw_arena_allocate(arena, (told.needed_count + 1) * sizeof(*names));
    for (size_t i = 0; i < told.needed_count; i++)
        names[i] = thaw_arena_string(arena, needed[i]);
    told.needed = names;
    thaw_object_close(object);
    return told;
}

struct thaw_closure *closure_resolved(const struct scratch *scratch, struct thaw_arena *arena,
                                      const struct thaw_closure_options *options,
                                      const char *const *paths, size_t count,
                                      const char *executable)
{
    struct thaw_closure *closure;

    assert_int_equal(thaw_closure_open(options, &closure, NULL), 0);
    for (size_t i = 0; i < count; i++) {
        struct thaw_closure_object told = closure_describe(scratch, arena, paths[i]);

        assert_int_equal(thaw_closure_add(closure, &told, NULL), 0);
    }
    if (executable)
        assert_int_equal(thaw_closure_execute(closure, executable, NULL), 0);
    assert_int_equal(thaw_closure_resolve(closure, NULL), 0);
    assert_false(thaw_closure_was_cut(closure));
    return closure;
}

const char *closure_path_of(const struct thaw_closure *closure, uint32_t index)
{
    return index == THAW_CLOSURE_NONE ? "" : thaw_closure_object(closure, index)->path;
}

void closure_assert_need(const struct thaw_closure *closure, uint32_t object, size_t number,
                         const char *found, const char *reason, const char *owner,
                         const char *only_by)
{
    const struct thaw_closure_need *need = &thaw_closure_needs(closure, object)[number];

    assert_string_equal(closure_path_of(closure, need->object), found);
    assert_string_equal(need->reason, reason);
    assert_string_equal(closure_path_of(closure, need->owner), owner);
    assert_string_equal(closure_path_of(closure, need->only_by), only_by);
}
