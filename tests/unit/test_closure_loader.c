/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "closure_fixture.h"
#include "native/c_library.h"

/* What depends on the loader and the C library of a target; tests/live/test_loaders.py has the
 * loaders themselves to compare with. */
static struct scratch scratch;
static struct thaw_arena arena;
static struct thaw_closure_options options;

#define MUSL "/lib/ld-musl-x86_64.so.1"
#define GLIBC "/lib64/ld-linux-x86-64.so.2"

static bool may_be_link(void *context, const char *path)
{
    (void)context;
    return strstr(path, "link") != NULL;
}

static int make_folder(void **state)
{
    static const char *const folders[] = {""};

    (void)state;
    scratch_make(&scratch);
    options = (struct thaw_closure_options){.root = scratch.path,
                                            .library_path = "",
                                            .folders = folders,
                                            .folder_count = 1,
                                            .may_be_link = may_be_link};
    return 0;
}

static int make_musl(void **state)
{
    make_folder(state);
    options.loader = MUSL;
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    thaw_arena_free(&arena);
    return 0;
}

static struct thaw_closure *resolve(const char *const *paths, size_t count, const char *executable)
{
    return closure_resolved(&scratch, &arena, &options, paths, count, executable);
}

/* As ldd says: the link's folder, not that of the file. */
static void origin_is_where_a_library_was_found(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/one/libdep.so", "/two/libdep.so",
                                        "/two/libreal.so"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "liblink.so", "-rpath /one");
    closure_object(&scratch, "two/libreal.so", "libdep.so",
                   "--enable-new-dtags -rpath '$ORIGIN' -soname liblink.so");
    closure_object(&scratch, "one/libdep.so", "", "");
    closure_object(&scratch, "two/libdep.so", "", "");
    scratch_link(&scratch, "one/liblink.so", "../two/libreal.so");
    closure = resolve(paths, 4, NULL);
    closure_assert_need(closure, 0, 0, "/two/libreal.so", "rpath", "/app/x.so", "");
    closure_assert_need(closure, 3, 0, "/one/libdep.so", "runpath", "/two/libreal.so",
                        "/two/libreal.so");
    thaw_closure_close(closure);
}

static void origin_in_the_variable_is_the_programs(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/app/liba.so", "/opt/bin/liba.so",
                                        "/opt/bin/python"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "liba.so", "");
    closure_object(&scratch, "app/liba.so", "", "");
    closure_object(&scratch, "opt/bin/liba.so", "", "");
    closure_object(&scratch, "opt/bin/python", "", "-pie");
    options.library_path = "$ORIGIN";
    closure = resolve(paths, 4, "/opt/bin/python");
    closure_assert_need(closure, 0, 0, "/opt/bin/liba.so", "LD_LIBRARY_PATH", "", "");
    thaw_closure_close(closure);
    closure = resolve(paths, 4, NULL);
    closure_assert_need(closure, 0, 0, "", "", "", "");
    thaw_closure_close(closure);
}

static void what_is_missing_follows_the_targets_machine(void **state)
{
    static const char *const paths[] = {"/app/x.so"};
    static const struct thaw_object_abi arm = {.machine = EM_AARCH64, .is_64bit = true};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "libnone.so", "");
    closure = resolve(paths, 1, NULL);
    closure_assert_need(closure, 0, 0, "", "", "", "");
    thaw_closure_close(closure);
    options.own_abi = &arm;
    closure = resolve(paths, 1, NULL);
    closure_assert_need(closure, 0, 0, "", "other machine", "", "");
    thaw_closure_close(closure);
}

static void a_runpath_is_inherited_with_musl(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/libs/liba.so", "/libs/libb.so",
                                        "/env/libb.so"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "liba.so",
                   "--enable-new-dtags -rpath '${ORIGIN}/../libs'");
    closure_object(&scratch, "libs/liba.so", "libb.so", "");
    closure_object(&scratch, "libs/libb.so", "", "");
    closure_object(&scratch, "env/libb.so", "", "");
    closure = resolve(paths, 4, NULL);
    closure_assert_need(closure, 0, 0, "/libs/liba.so", "runpath", "/app/x.so", "");
    closure_assert_need(closure, 1, 0, "/libs/libb.so", "runpath", "/app/x.so", "/app/x.so");
    thaw_closure_close(closure);
    options.library_path = "$ORIGIN:/env"; /* as it is written, and before all else */
    closure = resolve(paths, 4, NULL);
    closure_assert_need(closure, 1, 0, "/env/libb.so", "LD_LIBRARY_PATH", "", "");
    thaw_closure_close(closure);
}

static void one_unknown_token_spoils_a_path_with_musl(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/app/liba.so"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "liba.so", "-rpath '/app:/$LIB'");
    closure_object(&scratch, "app/liba.so", "", "");
    closure = resolve(paths, 2, NULL);
    closure_assert_need(closure, 0, 0, "", "", "", "");
    thaw_closure_close(closure);
}

static void folders_of_musl_are_those_of_its_file(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/usr/local/lib/liba.so", "/usr/lib/liba.so",
                                        "/opt/libb.so"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "liba.so libb.so", "");
    for (size_t i = 1; i < 4; i++)
        closure_object(&scratch, paths[i] + 1, "", "");
    closure = resolve(paths, 4, NULL);
    closure_assert_need(closure, 0, 0, "/usr/local/lib/liba.so", "default folder", "", "");
    closure_assert_need(closure, 0, 1, "", "", "", "");
    thaw_closure_close(closure);
    scratch_write_text(&scratch, "etc/ld-musl-x86_64.path", "relative\n/usr/lib:\n/opt\n");
    closure = resolve(paths, 4, NULL);
    closure_assert_need(closure, 0, 0, "/usr/lib/liba.so", "default folder", "", "");
    closure_assert_need(closure, 0, 1, "/opt/libb.so", "default folder", "", "");
    thaw_closure_close(closure);
    options.loader = "/opt/musl/lib/ld-musl-x86_64.so.1"; /* that one's lies elsewhere */
    closure = resolve(paths, 4, NULL);
    closure_assert_need(closure, 0, 0, "/usr/local/lib/liba.so", "default folder", "", "");
    thaw_closure_close(closure);
}

static void musl_itself_has_the_c_librarys_names(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/app/libc.so.6", MUSL};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "libc.so.6 libm.so.6 libc.musl-x86_64.so.1 libmath.so",
                   "-rpath '$ORIGIN'");
    closure_object(&scratch, "app/libc.so.6", "", "");
    closure_object(&scratch, &MUSL[1], "", "");
    closure = resolve(paths, 3, NULL);
    for (size_t i = 0; i < 3; i++)
        closure_assert_need(closure, 0, i, MUSL, "already loaded", "", "");
    closure_assert_need(closure, 0, 3, "", "", "", "");
    thaw_closure_close(closure);
}

static void musl_knows_no_soname(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/app/libs/liba.so", "/app/libs/libb-12.so"};
    struct thaw_closure *closure;

    (void)state;
    closure_object(&scratch, "app/x.so", "libb-12.so liba.so", "-rpath '$ORIGIN/libs'");
    closure_object(&scratch, "app/libs/liba.so", "libb.so.1 libb-12.so", "");
    closure_object(&scratch, "app/libs/libb-12.so", "", "-soname libb.so.1");
    closure = resolve(paths, 3, NULL);
    closure_assert_need(closure, 1, 0, "", "", "", "");
    closure_assert_need(closure, 1, 1, "/app/libs/libb-12.so", "already loaded", "/app/x.so",
                        "/app/x.so");
    thaw_closure_close(closure);
}

/* The first file of that name ends the search, whatever it is for. */
static void musl_passes_nothing_over(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/one/liba.so", "/two/liba.so"};
    struct thaw_closure *closure;
    struct thaw_closure_object told[3];

    (void)state;
    closure_object(&scratch, "app/x.so", "liba.so", "-rpath /one:/two");
    closure_object(&scratch, "one/liba.so", "", "");
    closure_object(&scratch, "two/liba.so", "", "");
    for (size_t i = 0; i < 2; i++) {
        options.loader = i ? MUSL : GLIBC;
        assert_int_equal(thaw_closure_open(&options, &closure, NULL), 0);
        for (size_t j = 0; j < 3; j++) {
            told[j] = closure_describe(&scratch, &arena, paths[j]);
            told[j].abi.machine = j == 1 ? EM_AARCH64 : EM_X86_64;
            assert_int_equal(thaw_closure_add(closure, &told[j], NULL), 0);
        }
        assert_int_equal(thaw_closure_resolve(closure, NULL), 0);
        closure_assert_need(closure, 0, 0, i ? "" : "/two/liba.so", i ? "" : "rpath",
                            i ? "" : "/app/x.so", "");
        thaw_closure_close(closure);
    }
}

#define VERSION(kind, text) version(kind, text, sizeof(text) - 1)

/* "1.2", or "" */
static const char *version(enum thaw_c_library_kind kind, const char *bytes, size_t length)
{
    struct thaw_c_library found = {.kind = kind};

    return thaw_c_library_version(bytes, length, &found)
               ? thaw_arena_format(&arena, "%u.%u", found.major, found.minor)
               : "";
}

static void versions_are_told_by_the_libraries_own_texts(void **state)
{
    static const enum thaw_c_library_kind glibc = THAW_C_LIBRARY_GLIBC, musl = THAW_C_LIBRARY_MUSL;

    (void)state;
    assert_string_equal(VERSION(musl, "\0musl libc (x86_64)\nVersion %s\n\0001.2.3"), "");
    assert_string_equal(VERSION(musl, "\0musl libc (x)\n\000127.0.0.1\0001.2.3\0"), "1.2");
    assert_string_equal(VERSION(musl, "musl libc (x)\n\0001.2.4_git20230717\0"), "1.2");
    assert_string_equal(VERSION(musl, "musl libc (x)\n\0001.2\000x1.2.3\0001.\0"), "");
    assert_string_equal(VERSION(musl, "1.2.3\0"), "");
    assert_string_equal(VERSION(glibc, "GNU C Library (Debian GLIBC 2.36-9) stable release version "
                                       "2.36.\nCopyright"),
                        "2.36");
    assert_string_equal(VERSION(glibc, "GNU C Library stable release version 2.12, by R\n"),
                        "2.12");
    assert_string_equal(VERSION(glibc, "GNU C Library stable release version 2.12"), "");
    assert_string_equal(VERSION(glibc, "GNU C Library\n version 2.12\n"), "");
    assert_string_equal(VERSION(glibc, "GNU C Library (x) version 2\n"), "");
    assert_string_equal(VERSION(THAW_C_LIBRARY_UNKNOWN, "GNU C Library version 2.12\n"), "");
}

static void assert_c_library(const char *program, bool is_whole_root, enum thaw_c_library_kind kind,
                             const char *loader)
{
    struct thaw_c_library_found found;

    assert_int_equal(
        thaw_c_library_find(scratch.path, program, is_whole_root, &arena, &found, NULL), 0);
    assert_int_equal(found.c_library.kind, kind);
    assert_string_equal(found.loader, loader);
}

static void the_c_library_is_that_of_the_interpreter(void **state)
{
    (void)state;
    assert_c_library("/bin/python", true, THAW_C_LIBRARY_UNKNOWN, "");
    closure_object(&scratch, &MUSL[1], "", "");
    assert_c_library("/bin/python", true, THAW_C_LIBRARY_MUSL, MUSL);
    assert_c_library("/bin/python", false, THAW_C_LIBRARY_UNKNOWN, "");
    closure_object(&scratch, &GLIBC[1], "", "");
    assert_c_library("", true, THAW_C_LIBRARY_GLIBC, GLIBC);
    closure_object(&scratch, "bin/sh", "", "-pie -dynamic-linker " MUSL);
    assert_c_library("", true, THAW_C_LIBRARY_MUSL, MUSL);
    closure_object(&scratch, "bin/python", "", "-pie -dynamic-linker " GLIBC);
    assert_c_library("/bin/python", true, THAW_C_LIBRARY_GLIBC, GLIBC);
    assert_c_library("/bin/python", false, THAW_C_LIBRARY_GLIBC, GLIBC);
    closure_object(&scratch, "bin/python", "", "-pie -dynamic-linker /lib/ld-other.so");
    assert_c_library("/bin/python", false, THAW_C_LIBRARY_UNKNOWN, "");
}

/* This machine's own, as getconf says. */
static void glibcs_version_is_that_of_getconf(void **state)
{
    struct thaw_c_library_found found;
    char *said = scratch_output("getconf GNU_LIBC_VERSION");
    const char *told;

    (void)state;
    assert_non_null(said);
    assert_int_equal(thaw_c_library_find("", "/bin/ls", false, &arena, &found, NULL), 0);
    told = thaw_arena_format(&arena, "glibc %u.%u\n", found.c_library.major, found.c_library.minor);
    assert_string_equal(told, said);
    free(said);
}

static void memory_may_be_short(void **state)
{
    static const char *const paths[] = {"/app/x.so", "/two/libreal.so", "/bin/sh"};
    struct thaw_closure_object told[3];

    (void)state;
    closure_object(&scratch, "app/x.so", "liblink.so libc.so", "-rpath /one");
    closure_object(&scratch, "two/libreal.so", "libdep.so", "-rpath '$ORIGIN' -soname liblink.so");
    scratch_link(&scratch, "one/liblink.so", "../two/libreal.so");
    scratch_write_text(&scratch, "etc/ld-musl-x86_64.path", "/two\n");
    closure_object(&scratch, &MUSL[1], "", "");
    closure_object(&scratch, "bin/sh", "", "-pie -dynamic-linker " MUSL);
    for (size_t i = 0; i < 3; i++)
        told[i] = closure_describe(&scratch, &arena, paths[i]);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_arena own = {0};
        struct thaw_c_library_found found;
        struct thaw_closure *closure = NULL;
        int result = thaw_c_library_find(scratch.path, "", true, &own, &found, NULL);

        if (result == 0)
            result = thaw_closure_open(&options, &closure, NULL);
        for (size_t i = 0; result == 0 && i < 3; i++)
            result = thaw_closure_add(closure, &told[i], NULL);
        if (result == 0)
            result = thaw_closure_execute(closure, "/bin/sh", NULL);
        if (result == 0)
            result = thaw_closure_resolve(closure, NULL);
        chaos_malloc_pause();
        assert_true(result == 0 || chaos_malloc_failed());
        thaw_closure_close(closure);
        thaw_arena_free(&own);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)
#define WITH_MUSL(function) cmocka_unit_test_setup_teardown(function, make_musl, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(origin_is_where_a_library_was_found),
        TEST(origin_in_the_variable_is_the_programs),
        TEST(what_is_missing_follows_the_targets_machine),
        WITH_MUSL(a_runpath_is_inherited_with_musl),
        WITH_MUSL(one_unknown_token_spoils_a_path_with_musl),
        WITH_MUSL(folders_of_musl_are_those_of_its_file),
        WITH_MUSL(musl_itself_has_the_c_librarys_names),
        WITH_MUSL(musl_knows_no_soname),
        TEST(musl_passes_nothing_over),
        TEST(versions_are_told_by_the_libraries_own_texts),
        TEST(the_c_library_is_that_of_the_interpreter),
        TEST(glibcs_version_is_that_of_getconf),
        WITH_MUSL(memory_may_be_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
