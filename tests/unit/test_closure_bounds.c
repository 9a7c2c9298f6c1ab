/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "native/closure.h"

/* Bounds of the closure, on objects that no linker would make. */
static struct thaw_arena arena;

static int free_texts(void **state)
{
    (void)state;
    thaw_arena_free(&arena);
    return 0;
}

static int start(struct thaw_closure **ret)
{
    static const char *const folders[] = {"/app"};
    struct thaw_closure_options options = {
        .root = "/nonexistent", .library_path = "", .folders = folders, .folder_count = 1};

    return thaw_closure_open(&options, ret, NULL);
}

/* Hand-made objects of the target: what they need is not there, or one another. */
static bool is_cut(const struct thaw_closure_object *objects, size_t count)
{
    struct thaw_closure *closure;
    bool cut;

    assert_int_equal(start(&closure), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(thaw_closure_add(closure, &objects[i], NULL), 0);
    assert_int_equal(thaw_closure_resolve(closure, NULL), 0);
    cut = thaw_closure_was_cut(closure);
    thaw_closure_close(closure);
    return cut;
}

#define CHAIN 80

/* Each needs the next one, the last one what is missing; is_runpath: none inherits. */
static bool chain_is_cut(size_t count, bool is_runpath, bool is_turned)
{
    static const struct thaw_object_abi abi = {.machine = EM_X86_64, .is_64bit = true};
    struct thaw_closure_object objects[CHAIN];
    const char *needed[CHAIN];

    for (size_t i = 0; i < count; i++) {
        const char *rpath = thaw_arena_format(&arena, "/app:/app/%zu", i);

        needed[i] = i + 1 < count ? thaw_arena_format(&arena, "c%zu.so", i + 1) : "libnone.so";
        objects[is_turned ? count - 1 - i : i] =
            (struct thaw_closure_object){.path = thaw_arena_format(&arena, "/app/c%zu.so", i),
                                         .soname = "",
                                         .rpath = is_runpath ? "" : rpath,
                                         .runpath = is_runpath ? rpath : "",
                                         .needed = &needed[i],
                                         .needed_count = 1,
                                         .abi = abi};
    }
    return is_cut(objects, count);
}

static void what_was_not_followed_to_its_end_is_told(void **state)
{
    static const struct thaw_object_abi abi = {.machine = EM_X86_64, .is_64bit = true};
    struct thaw_closure_object object = {
        .path = "/app/x.so", .soname = "", .rpath = "", .runpath = "", .abi = abi};
    const char *needed[CHAIN];

    (void)state;
    assert_false(chain_is_cut(50, false, false));
    assert_true(chain_is_cut(CHAIN, false, true)); /* more RPATHs than are looked at */
    assert_false(chain_is_cut(CHAIN, true, true));
    for (size_t i = 0; i < CHAIN; i++)
        needed[i] = thaw_arena_format(&arena, "libnone%zu.so", i);
    object.needed = needed;
    object.needed_count = 60;
    assert_false(is_cut(&object, 1));
    object.needed_count = CHAIN;
    assert_true(is_cut(&object, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_was_not_followed_to_its_end_is_told, free_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
