/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "chaos_malloc.h"
#include "closure_fixture.h"
#include "native/closure.h"
#include "native/cpu_level.h"

/* Objects made by the linker in a root folder of their own; /app is the target. */
static struct scratch scratch;
static struct thaw_arena arena;
static bool links_are_there, subfolders_are_there;
static const char *library_path;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    links_are_there = subfolders_are_there = false;
    library_path = "";
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    thaw_arena_free(&arena);
    return 0;
}

static bool may_be_link(void *context, const char *path)
{
    (void)context;
    return strstr(path, "link") != NULL;
}

static struct thaw_closure_options options_now(void)
{
    static const char *const folders[] = {"/app"}, *const open_to[] = {"/opt/python"};
    static const struct thaw_object_abi own = {.machine = EM_X86_64, .is_64bit = true};

    return (struct thaw_closure_options){
        .root = scratch.path,
        .library_path = library_path,
        .own_abi = &own,
        .folders = folders,
        .folder_count = 1,
        .open_to = open_to,
        .open_to_count = 1,
        .may_be_link = links_are_there ? may_be_link : NULL,
        .has_subfolders = subfolders_are_there,
    };
}

static int start(struct thaw_closure **ret)
{
    const struct thaw_closure_options options = options_now();

    return thaw_closure_open(&options, ret, NULL);
}

static struct thaw_closure_object describe(const char *path)
{
    return closure_describe(&scratch, &arena, path);
}

static struct thaw_closure *resolve(const char *const *paths, size_t count, const char *executable)
{
    const struct thaw_closure_options options = options_now();

    return closure_resolved(&scratch, &arena, &options, paths, count, executable);
}

static void own_libraries_are_found_beside_the_object(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/app/libs/liba.so"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "liba.so", "-rpath '$ORIGIN/libs'");
    closure_object(&scratch, "app/libs/liba.so", "", "");
    closure = resolve(paths, 2, NULL);
    closure_assert_need(closure, 0, 0, "/app/libs/liba.so", "rpath", "/app/x.so", "");
    assert_int_equal(thaw_closure_count(closure), 2);
    thaw_closure_close(closure);
}

/* libquadmath behind libgfortran: only the RPATH of what loaded its loader leads there. */
static void what_only_a_loaders_rpath_finds_is_told_with_it(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/app/libs/liba.so", "/app/libs/libb.so"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "liba.so", "-rpath '$ORIGIN/libs'");
    closure_object(&scratch, "app/libs/liba.so", "libb.so", "");
    closure_object(&scratch, "app/libs/libb.so", "", "");
    closure = resolve(paths, 3, NULL);
    closure_assert_need(closure, 1, 0, "/app/libs/libb.so", "rpath", "/app/x.so", "/app/x.so");
    thaw_closure_close(closure);
    closure_object(&scratch, "app/x.so", "liba.so", "--enable-new-dtags -rpath '$ORIGIN/libs'");
    closure = resolve(paths, 3, NULL);
    closure_assert_need(closure, 0, 0, "/app/libs/liba.so", "runpath", "/app/x.so", "");
    closure_assert_need(closure, 1, 0, "", "", "", "");
    thaw_closure_close(closure);
}

static void assert_missing_by(const struct thaw_closure *closure, uint32_t object,
                              const char *missing_by)
{
    assert_string_equal(closure_path_of(closure, thaw_closure_needs(closure, object)[0].missing_by),
                        missing_by);
}

/* As ldd says of y.so, which has no inherited search path. */
static void one_loaders_rpath_hides_nothing_that_another_lacks(void **state)
{
    static const char *const paths[] = {"/app/libs/liba.so", "/app/libs/libb.so", "/app/x.so",
                                        "/app/y.so"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "liba.so", "-rpath '$ORIGIN/libs'");
    closure_object(&scratch, "app/y.so", "liba.so", "--enable-new-dtags -rpath '$ORIGIN/libs'");
    closure_object(&scratch, "app/libs/liba.so", "libb.so", "");
    closure_object(&scratch, "app/libs/libb.so", "", "");
    closure = resolve(paths, 4, NULL);
    closure_assert_need(closure, 0, 0, "/app/libs/libb.so", "rpath", "/app/x.so", "/app/x.so");
    assert_missing_by(closure, 0, "/app/y.so");
    assert_missing_by(closure, 2, "");
    assert_missing_by(closure, 3, "");
    thaw_closure_close(closure);
    closure_object(&scratch, "app/y.so", "liba.so", "-rpath '$ORIGIN/libs'");
    closure = resolve(paths, 4, NULL);
    assert_missing_by(closure, 0, "");
    thaw_closure_close(closure);
}

/* An inherited RPATH comes before LD_LIBRARY_PATH, for what is loaded by others only. */
static void a_library_gets_what_it_gets_with_its_loader(void **state)
{
    static const char *const paths[] = {"/app/a/liba.so", "/app/a/libb.so", "/app/b/libb.so",
                                        "/app/x.so"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "liba.so", "-rpath '$ORIGIN/a'");
    closure_object(&scratch, "app/a/liba.so", "libb.so", "");
    closure_object(&scratch, "app/a/libb.so", "", "");
    closure_object(&scratch, "app/b/libb.so", "", "");
    library_path = "/app/b";
    closure = resolve(paths, 4, NULL);
    closure_assert_need(closure, 0, 0, "/app/a/libb.so", "rpath", "/app/x.so", "/app/x.so");
    assert_missing_by(closure, 0, "");
    thaw_closure_close(closure);
    closure_object(&scratch, "app/x.so", "liba.so", "--enable-new-dtags -rpath '$ORIGIN/a'");
    closure = resolve(paths, 4, NULL);
    closure_assert_need(closure, 0, 0, "/app/b/libb.so", "LD_LIBRARY_PATH", "", "");
    thaw_closure_close(closure);
}

/* Python imports it for itself, too. */
static void what_begins_a_load_gets_what_it_gets_alone(void **state)
{
    static const char *const paths[] = {"/app/a/liba.so", "/app/a/libb.so", "/app/b/libb.so",
                                        "/app/x.so"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "liba.so", "-rpath '$ORIGIN/a'");
    closure_object(&scratch, "app/a/liba.so", "libb.so", "");
    closure_object(&scratch, "app/a/libb.so", "", "");
    closure_object(&scratch, "app/b/libb.so", "", "");
    library_path = "/app/b";
    assert_int_equal(start(&closure), 0);
    for (size_t i = 0; i < 4; i++) {
        struct thaw_closure_object told = describe(paths[i]);

        told.begins_load = i == 0;
        assert_int_equal(thaw_closure_add(closure, &told, NULL), 0);
    }
    assert_int_equal(thaw_closure_resolve(closure, NULL), 0);
    closure_assert_need(closure, 0, 0, "/app/b/libb.so", "LD_LIBRARY_PATH", "", "");
    thaw_closure_close(closure);
}

static void what_another_has_loaded_is_found_by_its_name(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/app/libs/liba.so", "/app/libs/libb-12.so"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "libb-12.so liba.so",
                   "--enable-new-dtags -rpath '$ORIGIN/libs'");
    closure_object(&scratch, "app/libs/liba.so", "libb.so.1", "");
    closure_object(&scratch, "app/libs/libb-12.so", "", "-soname libb.so.1");
    closure = resolve(paths, 3, NULL);
    closure_assert_need(closure, 1, 0, "/app/libs/libb-12.so", "already loaded", "/app/x.so",
                        "/app/x.so");
    thaw_closure_close(closure);
}

static void the_executables_libraries_are_loaded_and_its_rpath_holds(void **state)
{
    static const char *const paths[] = {"/app/x.so"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "opt/python/bin/python", "libp.so.1", "-pie -rpath '$ORIGIN/../lib'");
    closure_object(&scratch, "opt/python/lib/libp.so.1", "", "-soname libp.so.1");
    closure_object(&scratch, "opt/python/lib/libq.so", "", "");
    closure_object(&scratch, "app/x.so", "libp.so.1 libq.so", "");
    closure = resolve(paths, 1, "/opt/python/bin/python");
    closure_assert_need(closure, 0, 0, "/opt/python/lib/libp.so.1", "already loaded",
                        "/opt/python/bin/python", "");
    closure_assert_need(closure, 0, 1, "/opt/python/lib/libq.so", "rpath", "/opt/python/bin/python",
                        "");
    thaw_closure_close(closure);
    closure = resolve(paths, 1, NULL);
    closure_assert_need(closure, 0, 0, "", "", "", "");
    assert_int_equal(thaw_closure_execute(closure, "/opt/python/bin/none", NULL), -ENOENT);
    thaw_closure_close(closure);
}

static void libraries_of_the_system_are_followed_once(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/app/y.so"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "libs.so.1", "");
    closure_object(&scratch, "app/y.so", "libs.so.1", "");
    closure_object(&scratch, "usr/lib/libs.so.1.2", "libt.so", "-soname libs.so.1");
    scratch_link(&scratch, "usr/lib/libs.so.1", "libs.so.1.2");
    scratch_link(&scratch, "lib", "usr/lib");
    closure_object(&scratch, "usr/lib/libt.so", "", "");
    closure = resolve(paths, 2, NULL);
    closure_assert_need(closure, 0, 0, "/lib/libs.so.1", "default folder", "", "");
    closure_assert_need(closure, 1, 0, "/lib/libs.so.1", "default folder", "", "");
    assert_int_equal(thaw_closure_count(closure), 4);
    closure_assert_need(closure, 2, 0, "/lib/libt.so", "default folder", "", "");
    thaw_closure_close(closure);
}

static void objects_may_need_one_another(void **state)
{
    static const char *const paths[] = {"/app/liba.so", "/app/libb.so", "/app/libc.so"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/liba.so", "libb.so", "-rpath '$ORIGIN'");
    closure_object(&scratch, "app/libb.so", "liba.so libnone.so", "-rpath '${ORIGIN}'");
    closure_object(&scratch, "app/libc.so", "libc.so", "-soname libc.so");
    closure = resolve(paths, 3, NULL);
    closure_assert_need(closure, 0, 0, "/app/libb.so", "rpath", "/app/liba.so", "");
    closure_assert_need(closure, 1, 0, "/app/liba.so", "rpath", "/app/libb.so", "");
    closure_assert_need(closure, 1, 1, "", "", "", "");
    closure_assert_need(closure, 2, 0, "/app/libc.so", "already loaded", "/app/libc.so", "");
    thaw_closure_close(closure);
}

static void what_leads_out_of_the_target_is_refused(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/app/y.so"};
    const struct thaw_closure_refusal *refusals;
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "libo.so libo2.so", "-rpath '$ORIGIN/../other'");
    closure_object(&scratch, "app/y.so", "libo.so",
                   "--enable-new-dtags -rpath /other:/opt/python/../../other");
    closure_object(&scratch, "other/libo.so", "", "");
    closure = resolve(paths, 2, NULL);
    closure_assert_need(closure, 0, 0, "", "", "", "");
    closure_assert_need(closure, 1, 0, "", "", "", "");
    assert_int_equal(thaw_closure_refusals(closure, &refusals), 1);
    assert_string_equal(refusals[0].folder, "/other");
    assert_string_equal(refusals[0].reason, "rpath");
    assert_int_equal(refusals[0].object, 0);
    thaw_closure_close(closure);
}

static void links_inside_the_target_are_followed_and_others_are_not(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/app/liba.so.1"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "liblink.so liblink-out.so liblink-loop.so",
                   "-rpath '$ORIGIN'");
    closure_object(&scratch, "app/liba.so.1", "", "");
    closure_object(&scratch, "other/libo.so", "", "");
    scratch_link(&scratch, "app/liblink.so", "/app/liba.so.1");
    scratch_link(&scratch, "app/liblink-out.so", "/other/libo.so");
    scratch_link(&scratch, "app/liblink-loop.so", "liblink-loop.so");
    links_are_there = true;
    closure = resolve(paths, 2, NULL);
    closure_assert_need(closure, 0, 0, "/app/liba.so.1", "rpath", "/app/x.so", "");
    closure_assert_need(closure, 0, 1, "", "", "", "");
    closure_assert_need(closure, 0, 2, "", "", "", "");
    thaw_closure_close(closure);
    links_are_there = false;
    closure = resolve(paths, 2, NULL);
    closure_assert_need(closure, 0, 0, "", "", "", "");
    thaw_closure_close(closure);
}

static void subfolders_for_this_cpu_come_first(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/app/liba.so",
                                        "/app/glibc-hwcaps/x86-64-v2/liba.so",
                                        "/app/glibc-hwcaps/x86-64-v9/liba.so"};
    unsigned level = thaw_cpu_level();
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "liba.so", "-rpath '$ORIGIN'");
    for (size_t i = 1; i < 4; i++)
        closure_object(&scratch, paths[i] + 1, "", "");
    subfolders_are_there = true;
    closure = resolve(paths, 4, NULL);
    closure_assert_need(closure, 0, 0, level >= 2 ? paths[2] : paths[1], "rpath", "/app/x.so", "");
    thaw_closure_close(closure);
}

static void objects_for_another_machine_are_not_missing_anything_here(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/app/y.so"};
    const Elf64_Half other = EM_AARCH64;
    struct thaw_closure *closure;
    FILE *file;

    (void)state;
    closure_object(&scratch, "app/x.so", "libnone.so", "");
    closure_object(&scratch, "app/y.so", "libnone.so", "");
    file = fopen(scratch_path(&scratch, "app/x.so"), "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, offsetof(Elf64_Ehdr, e_machine), SEEK_SET), 0);
    assert_int_equal(fwrite(&other, sizeof(other), 1, file), 1);
    assert_int_equal(fclose(file), 0);
    closure = resolve(paths, 2, NULL);
    closure_assert_need(closure, 0, 0, "", "other machine", "", "");
    closure_assert_need(closure, 1, 0, "", "", "", "");
    thaw_closure_close(closure);
}

static void memory_may_be_short(void **state)
{
    struct thaw_closure_object first, second;

    (void)state;
    closure_object(&scratch, "app/x.so", "liba.so libnone.so", "-rpath '$ORIGIN:/other'");
    closure_object(&scratch, "app/liba.so", "libb.so", "");
    closure_object(&scratch, "opt/python/bin/python", "libp.so", "-pie -rpath /opt/python");
    closure_object(&scratch, "opt/python/libp.so", "", "");
    first = describe("/app/x.so");
    second = describe("/app/liba.so");
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_closure *closure = NULL;
        int result = start(&closure);

        if (result == 0)
            result = thaw_closure_add(closure, &first, NULL);
        if (result == 0)
            result = thaw_closure_add(closure, &second, NULL);
        if (result == 0)
            result = thaw_closure_execute(closure, "/opt/python/bin/python", NULL);
        if (result == 0)
            result = thaw_closure_resolve(closure, NULL);
        chaos_malloc_pause();
        assert_true(result == 0 || chaos_malloc_failed());
        thaw_closure_close(closure);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(own_libraries_are_found_beside_the_object),
        TEST(what_only_a_loaders_rpath_finds_is_told_with_it),
        TEST(one_loaders_rpath_hides_nothing_that_another_lacks),
        TEST(a_library_gets_what_it_gets_with_its_loader),
        TEST(what_begins_a_load_gets_what_it_gets_alone),
        TEST(what_another_has_loaded_is_found_by_its_name),
        TEST(the_executables_libraries_are_loaded_and_its_rpath_holds),
        TEST(libraries_of_the_system_are_followed_once),
        TEST(objects_may_need_one_another),
        TEST(what_leads_out_of_the_target_is_refused),
        TEST(links_inside_the_target_are_followed_and_others_are_not),
        TEST(subfolders_for_this_cpu_come_first),
        TEST(objects_for_another_machine_are_not_missing_anything_here),
        TEST(memory_may_be_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
