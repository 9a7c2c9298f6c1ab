/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "native/cpu_level.h"
#include "native/loader_cache.h"
#include "native/root.h"
#include "native/search.h"
#include "scratch.h"

#define SEED "tests/fuzz/corpus/object/shared"
#define SEED_32BIT "tests/fuzz/corpus/object/shared-32bit"
#define SEED_RPATH "tests/fuzz/corpus/object/shared-rpath-endbr64" /* DT_RPATH /opt/lib */
#define SEED_RUNPATH "tests/fuzz/corpus/object/shared"             /* $ORIGIN/../lib */
#define SEED_PLAIN "tests/fuzz/corpus/object/pie"
#define CACHES "tests/fuzz/corpus/loader_cache/"

static const struct thaw_object_abi own_abi = {.machine = 62, .is_64bit = true}; /* x86-64 */
static struct scratch scratch;
static struct thaw_arena arena;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    thaw_arena_free(&arena);
    return 0;
}

/* Searches for name as the object at path (inside the scratch root) would; returns the result. */
static int search(const char *object_file, const char *path, const char *library_path,
                  const char *name, struct thaw_search_result *ret)
{
    struct thaw_search_loader loader;
    struct thaw_object *object;
    struct thaw_search *open;
    int result;

    assert_int_equal(thaw_object_open(object_file, &object, NULL), 0);
    assert_int_equal(thaw_search_open(scratch.path, library_path, &open, NULL), 0);
    loader = thaw_search_loader_of(object, path);
    result = thaw_search_library(open, &loader, name, &arena, ret, NULL);
    thaw_search_close(open);
    thaw_object_close(object);
    return result;
}

static void assert_found(int result, const struct thaw_search_result *found, const char *path,
                         enum thaw_search_reason reason)
{
    assert_int_equal(result, 0);
    assert_string_equal(found->path, path);
    assert_int_equal(found->reason, reason);
}

/* One library in every place; whichever is found is removed, so that the next one shows. */
static void places_are_searched_in_the_order_of_the_loader(void **state)
{
    static const struct {
        const char *path;
        enum thaw_search_reason reason;
    } with_rpath[] = {{"/opt/lib/liba.so", THAW_SEARCH_RPATH},
                      {"/env/liba.so", THAW_SEARCH_LIBRARY_PATH},
                      {"/lib/x86_64-linux-gnu/liba.so", THAW_SEARCH_DEFAULT},
                      {"/usr/lib/liba.so", THAW_SEARCH_DEFAULT}},
      with_runpath[] = {{"/env/liba.so", THAW_SEARCH_LIBRARY_PATH},
                        {"/app/bin/../lib/liba.so", THAW_SEARCH_RUNPATH},
                        {"/usr/lib/liba.so", THAW_SEARCH_DEFAULT}};
    struct thaw_search_result found;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        scratch_copy(&scratch, with_rpath[i].path + 1, SEED);
    for (size_t i = 0; i < 4; i++) {
        assert_found(search(SEED_RPATH, "/app/bin/x", "/none:/env", "liba.so", &found), &found,
                     with_rpath[i].path, with_rpath[i].reason);
        assert_int_equal(unlink(scratch_path(&scratch, found.path + 1)), 0);
    }
    assert_int_equal(search(SEED_RPATH, "/app/bin/x", "/env", "liba.so", &found), -ENOENT);
    scratch_folder(&scratch, "app/bin");
    for (size_t i = 0; i < 3; i++)
        scratch_copy(&scratch, i == 1 ? "app/lib/liba.so" : with_runpath[i].path + 1, SEED);
    for (size_t i = 0; i < 3; i++) {
        assert_found(search(SEED_RUNPATH, "/app/bin/x", "/env", "liba.so", &found), &found,
                     with_runpath[i].path, with_runpath[i].reason);
        assert_int_equal(unlink(scratch_path(&scratch, found.path + 1)), 0);
    }
}

static void owner_of_the_path_is_told(void **state)
{
    struct thaw_search_result found;

    (void)state;
    scratch_copy(&scratch, "opt/lib/libb.so", SEED);
    assert_found(search(SEED_RPATH, "/app/bin/x", "", "libb.so", &found), &found,
                 "/opt/lib/libb.so", THAW_SEARCH_RPATH);
    assert_string_equal(found.owner, "/app/bin/x");
    assert_string_equal(thaw_search_reason_name(found.reason), "rpath");
    assert_int_equal(search(SEED_PLAIN, "/app/bin/x", "", "libb.so", &found), -ENOENT);
}

/* libquadmath behind libgfortran: only the RPATH of what loaded its loader leads there. */
static void rpath_is_inherited_unless_there_is_a_runpath(void **state)
{
    struct thaw_search_loader top, middle;
    struct thaw_object *rpath, *plain, *runpath;
    struct thaw_search_result found;
    struct thaw_search *open;

    (void)state;
    scratch_copy(&scratch, "opt/lib/libc1.so", SEED);
    assert_int_equal(thaw_object_open(SEED_RPATH, &rpath, NULL), 0);
    assert_int_equal(thaw_object_open(SEED_PLAIN, &plain, NULL), 0);
    assert_int_equal(thaw_object_open(SEED_RUNPATH, &runpath, NULL), 0);
    assert_int_equal(thaw_search_open(scratch.path, "", &open, NULL), 0);
    top = thaw_search_loader_of(rpath, "/app/bin/x");
    middle = thaw_search_loader_of(plain, "/usr/lib/libmiddle.so");
    middle.parent = &top;
    assert_found(thaw_search_library(open, &middle, "libc1.so", &arena, &found, NULL), &found,
                 "/opt/lib/libc1.so", THAW_SEARCH_RPATH);
    assert_string_equal(found.owner, "/app/bin/x");
    middle = thaw_search_loader_of(runpath, "/usr/lib/libmiddle.so");
    middle.parent = &top;
    assert_int_equal(thaw_search_library(open, &middle, "libc1.so", &arena, &found, NULL), -ENOENT);
    thaw_search_close(open);
    thaw_object_close(rpath);
    thaw_object_close(plain);
    thaw_object_close(runpath);
}

static void files_of_another_class_are_passed_over(void **state)
{
    struct thaw_search_result found;

    (void)state;
    scratch_copy(&scratch, "opt/lib/libd.so", SEED_32BIT);
    scratch_write_text(&scratch, "env/libd.so", "no library");
    scratch_copy(&scratch, "usr/lib/libd.so", SEED);
    assert_found(search(SEED_RPATH, "/app/x", "/env", "libd.so", &found), &found,
                 "/usr/lib/libd.so", THAW_SEARCH_DEFAULT);
}

static void cache_of_the_root_is_used(void **state)
{
    struct thaw_search_result found;

    (void)state;
    scratch_copy(&scratch, "etc/ld.so.cache", CACHES "new");
    scratch_copy(&scratch, "lib/x86_64-linux-gnu/libc.so.6", SEED);
    assert_found(search(SEED_PLAIN, "/app/x", "", "libc.so.6", &found), &found,
                 "/lib/x86_64-linux-gnu/libc.so.6", THAW_SEARCH_CACHE);
}

static void names_with_a_slash_are_paths(void **state)
{
    struct thaw_search_result found;

    (void)state;
    scratch_copy(&scratch, "srv/libe.so", SEED);
    assert_found(search(SEED_PLAIN, "/app/x", "", "/srv/libe.so", &found), &found, "/srv/libe.so",
                 THAW_SEARCH_DIRECT);
    assert_found(search(SEED_PLAIN, "/srv/x", "", "$ORIGIN/libe.so", &found), &found,
                 "/srv/libe.so", THAW_SEARCH_DIRECT);
    assert_int_equal(search(SEED_PLAIN, "/srv/x", "", "sub/libe.so", &found), -ENOENT);
    assert_int_equal(search(SEED_PLAIN, "/srv/x", "", "", &found), -ENOENT);
    assert_int_equal(search(SEED_PLAIN, "/srv/x", "/$LIB:/srv/${PLATFORM}:::", "libe.so", &found),
                     -ENOENT);
}

static void tokens_are_those_of_the_loader(void **state)
{
    struct thaw_search_result found;

    (void)state;
    scratch_copy(&scratch, "srv/lib64/x86_64/libf.so", SEED);
    assert_found(search(SEED_PLAIN, "/app/x", "/srv/$LIB/${PLATFORM}", "libf.so", &found), &found,
                 "/srv/lib64/x86_64/libf.so", THAW_SEARCH_LIBRARY_PATH);
    scratch_folder(&scratch, "lib/x86_64-linux-gnu"); /* then it is Debian's loader */
    assert_int_equal(search(SEED_PLAIN, "/app/x", "/srv/$LIB/$PLATFORM", "libf.so", &found),
                     -ENOENT);
    scratch_copy(&scratch, "srv/lib/x86_64-linux-gnu/libf.so", SEED);
    assert_found(search(SEED_PLAIN, "/srv/x", "", "$ORIGIN/${LIB}/libf.so", &found), &found,
                 "/srv/lib/x86_64-linux-gnu/libf.so", THAW_SEARCH_DIRECT);
    assert_int_equal(search(SEED_PLAIN, "/app/x", "/srv/$LIBRARY:/srv/${LIB", "libf.so", &found),
                     -ENOENT);
}

/* LD_DEBUG=libs of glibc 2.36 says so: whatever asks, a library elsewhere or one of dlopen(). */
static void origin_in_the_variable_is_the_programs(void **state)
{
    struct thaw_search_loader loader = {
        .path = "/opt/libx.so", .rpath = "", .runpath = "", .abi = own_abi};
    struct thaw_search_result found;
    struct thaw_search *open;

    (void)state;
    scratch_copy(&scratch, "srv/libf.so", SEED);
    scratch_copy(&scratch, "opt/libf.so", SEED);
    assert_int_equal(thaw_search_open(scratch.path, "$ORIGIN", &open, NULL), 0);
    assert_int_equal(thaw_search_library(open, &loader, "libf.so", &arena, &found, NULL), -ENOENT);
    assert_int_equal(thaw_search_set_program(open, "/srv/python", NULL), 0);
    assert_found(thaw_search_library(open, &loader, "libf.so", &arena, &found, NULL), &found,
                 "/srv/libf.so", THAW_SEARCH_LIBRARY_PATH);
    thaw_search_close(open);
}

/* The loader itself says which subfolders it looks into. */
static void level_of_this_cpu_is_what_the_loader_says(void **state)
{
    char *text = scratch_output("/lib64/ld-linux-x86-64.so.2 --help"), name[64];
    unsigned level = 1;

    (void)state;
    if (!text || !strstr(text, "x86-64-v4")) {
        free(text);
        print_message("skip: this machine's loader does not say what it supports\n");
        skip();
    }
    for (unsigned i = 2; i <= THAW_CPU_LEVEL_MAX; i++) {
        snprintf(name, sizeof(name), "x86-64-v%u (supported", i);
        level = strstr(text, name) ? i : level;
    }
    assert_int_equal(thaw_cpu_level(), level);
    free(text);
}

static void subfolders_for_this_cpu_come_before_their_folder(void **state)
{
    struct thaw_search_result found;
    unsigned level = thaw_cpu_level();
    char best[64];

    (void)state;
    snprintf(best, sizeof(best), "/env/%slibg.so",
             level < 2   ? ""
             : level < 3 ? "glibc-hwcaps/x86-64-v2/"
                         : "glibc-hwcaps/x86-64-v3/");
    scratch_copy(&scratch, "env/libg.so", SEED);
    scratch_copy(&scratch, "env/glibc-hwcaps/x86-64-v2/libg.so", SEED);
    scratch_copy(&scratch, "env/glibc-hwcaps/x86-64-v3/libg.so", SEED);
    assert_found(search(SEED_PLAIN, "/app/x", "/env", "libg.so", &found), &found, best,
                 THAW_SEARCH_LIBRARY_PATH);
}

/* ldconfig writes a cache of a folder with such a subfolder, and of this machine's. */
static void cache_has_subfolders_too(void **state)
{
    struct thaw_loader_cache *cache;
    const char *plain, *best;
    char *said;

    (void)state;
    plain = scratch_copy(&scratch, "usr/lib/libseed.so.1", SEED);
    best = scratch_copy(&scratch, "usr/lib/glibc-hwcaps/x86-64-v3/libseed.so.1", SEED);
    scratch_folder(&scratch, "etc");
    said = scratch_output("/sbin/ldconfig -X -f /dev/null -C '%s/etc/ld.so.cache' '%s/usr/lib' "
                          "2>/dev/null && echo made",
                          scratch.path, scratch.path);
    if (!said) {
        print_message("skip: ldconfig cannot be run here\n");
        skip();
    }
    free(said);
    assert_int_equal(thaw_loader_cache_open(scratch.path, &cache, NULL), 0);
    assert_string_equal(thaw_loader_cache_find(cache, "libseed.so.1", own_abi, 2), plain);
    assert_string_equal(thaw_loader_cache_find(cache, "libseed.so.1", own_abi, 4), best);
    thaw_loader_cache_free(cache);
}

/* An absolute link inside a container must not lead to this machine's file of that name. */
static void links_stay_inside_the_root(void **state)
{
    char text[16] = "";
    const char *path;
    int fd;

    (void)state;
    scratch_write_text(&scratch, "etc/hostname", "inside");
    scratch_link(&scratch, "links/absolute", "/etc/hostname");
    scratch_link(&scratch, "links/climbing", "../../../../../../etc/hostname");
    fd = thaw_root_open(scratch.path, "/links/absolute");
    assert_true(fd >= 0);
    assert_int_equal(read(fd, text, sizeof(text)), 6);
    assert_string_equal(text, "inside");
    path = thaw_root_path(scratch.path, fd, &arena);
    assert_string_equal(path, "/etc/hostname");
    close(fd);
    fd = thaw_root_open(scratch.path, "/links/climbing");
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(thaw_root_open(scratch.path, "/etc/passwd"), -ENOENT);
    assert_int_equal(thaw_root_open(scratch_path(&scratch, "nothing"), "/etc/passwd"), -ENOENT);
    fd = thaw_root_open("", "/etc/passwd");
    assert_true(fd >= 0);
    close(fd);
}

/* Where that cache has libc.so.6, "" nowhere. */
static const char *libc_of_cache(const char *name)
{
    static char bytes[65536];
    struct thaw_loader_cache *cache;
    FILE *file = fopen(scratch_copy(&scratch, "cache", name), "re");
    size_t length = fread(bytes, 1, sizeof(bytes), file);
    const char *found;

    fclose(file);
    assert_int_equal(thaw_loader_cache_parse(bytes, length, &cache, NULL), 0);
    found = thaw_loader_cache_find(cache, "libc.so.6", own_abi, 1);
    found = thaw_arena_string(&arena, found);
    thaw_loader_cache_free(cache);
    return found;
}

static void only_plain_entries_for_this_machine_count(void **state)
{
    (void)state;
    assert_string_equal(libc_of_cache(CACHES "new"), "/lib/x86_64-linux-gnu/libc.so.6");
    assert_string_equal(libc_of_cache(CACHES "old-and-new"), "/lib/x86_64-linux-gnu/libc.so.6");
    assert_string_equal(libc_of_cache(CACHES "old-only"), "");
    assert_string_equal(libc_of_cache(CACHES "cut"), "");
}

static void cache_of_this_machine_is_as_ldconfig_prints_it(void **state)
{
    char *text = scratch_output("/sbin/ldconfig -p 2>/dev/null"), *line, *rest;
    struct thaw_loader_cache *cache;
    char before[256] = "";
    size_t compared = 0;

    (void)state;
    if (!text) {
        print_message("skip: ldconfig cannot be run here\n");
        skip();
    }
    assert_int_equal(thaw_loader_cache_open("", &cache, NULL), 0);
    for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char soname[256], kind[64], path[1024];

        /* The first of several paths for one name counts. */
        if (sscanf(line, " %255s (%63[^)]) => %1023s", soname, kind, path) != 3 ||
            strcmp(kind, "libc6,x86-64") != 0)
            continue;
        if (strcmp(soname, before) != 0)
            assert_string_equal(thaw_loader_cache_find(cache, soname, own_abi, 1), path);
        strcpy(before, soname);
        compared++;
    }
    assert_true(compared > 0);
    thaw_loader_cache_free(cache);
    free(text);
}

/* ldd asks the loader itself. */
static void what_programs_need_is_found_where_ldd_finds_it(void **state)
{
    static const char *const programs[] = {"/usr/bin/python3.11", "/bin/ls", "/usr/bin/make",
                                           "/bin/bash"};
    size_t compared = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        char *text = scratch_output("LC_ALL=C ldd %s 2>/dev/null", programs[i]);
        struct thaw_search_loader loader;
        struct thaw_object *object = NULL;
        const char *const *needed;
        struct thaw_search *open;

        if (!text || thaw_object_open(programs[i], &object, NULL) < 0) {
            free(text);
            continue;
        }
        loader = thaw_search_loader_of(object, programs[i]);
        assert_int_equal(thaw_search_open("", "", &open, NULL), 0);
        for (size_t j = 0; j < thaw_object_needed(object, &needed); j++) {
            struct thaw_search_result found;
            char expected[1024];

            assert_int_equal(thaw_search_library(open, &loader, needed[j], &arena, &found, NULL),
                             0);
            snprintf(expected, sizeof(expected), "%s => %s (", needed[j], found.path);
            assert_non_null(strstr(text, expected));
            compared++;
        }
        thaw_search_close(open);
        thaw_object_close(object);
        free(text);
    }
    assert_true(compared > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(places_are_searched_in_the_order_of_the_loader, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(owner_of_the_path_is_told, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(rpath_is_inherited_unless_there_is_a_runpath, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(files_of_another_class_are_passed_over, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(cache_of_the_root_is_used, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(names_with_a_slash_are_paths, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(tokens_are_those_of_the_loader, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(origin_in_the_variable_is_the_programs, make_folder,
                                        remove_folder),
        cmocka_unit_test(level_of_this_cpu_is_what_the_loader_says),
        cmocka_unit_test_setup_teardown(subfolders_for_this_cpu_come_before_their_folder,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(cache_has_subfolders_too, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(links_stay_inside_the_root, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(only_plain_entries_for_this_machine_count, make_folder,
                                        remove_folder),
        cmocka_unit_test(cache_of_this_machine_is_as_ldconfig_prints_it),
        cmocka_unit_test_setup_teardown(what_programs_need_is_found_where_ldd_finds_it, make_folder,
                                        remove_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
