/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "fake_python.h"
#include "inventory/distributions.h"
#include "inventory/inventory.h"
#include "packaging/metadata.h"
#include "native/calls.h"
#include "native/loader_cache.h"
#include "native/search.h"
#include "python/interpreter.h"
#include "python/places.h"
#include "scratch.h"

/* Every allocation of the knowledge rooms fails in turn: an error, no crash, no leak. */

#define SEED "tests/fuzz/corpus/object/shared"
#define CALLS "tests/fuzz/corpus/object/calls-shared"
#define CACHE "tests/fuzz/corpus/loader_cache/new"

static struct scratch scratch;

static int make_folder(void **state)
{
    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap\n");
        return -1;
    }
    scratch_make(&scratch);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static void objects(void **state)
{
    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_object *object = NULL;
        struct thaw_error error = {0};
        int result = thaw_object_open(SEED, &object, &error);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_object_close(object);
    }
}

static void searches(void **state)
{
    struct thaw_search_loader loader;
    struct thaw_object *object;

    (void)state;
    scratch_copy(&scratch, "app/lib/liba.so", SEED);
    scratch_folder(&scratch, "app/bin");
    scratch_copy(&scratch, "etc/ld.so.cache", CACHE);
    assert_int_equal(thaw_object_open(SEED, &object, NULL), 0);
    loader = thaw_search_loader_of(object, "/app/bin/x");
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_arena arena = {0};
        struct thaw_search_result found;
        struct thaw_search *search = NULL;
        int result = thaw_search_open(scratch.path, "/env", &search, NULL);

        if (result == 0)
            result = thaw_search_library(search, &loader, "liba.so", &arena, &found, NULL);
        chaos_malloc_pause();
        assert_true(result == 0 || chaos_malloc_failed());
        thaw_search_close(search);
        thaw_arena_free(&arena);
    }
    thaw_object_close(object);
}

static void metadata(void **state)
{
    static const char text[] = "Name: a\nVersion: 1\nRequires-Dist: b\nRequires-Dist: c\n";

    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_arena arena = {0};
        struct thaw_metadata parsed;
        int result = thaw_metadata_parse(text, sizeof(text) - 1, &arena, &parsed, NULL);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_arena_free(&arena);
    }
}

/* Enough files that the tables of owners must grow. */
static void write_site(void)
{
    char record[8192] = "", name[64];

    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof(name), "pack/m%d.py", i);
        strcat(strcat(record, name), ",,\n");
    }
    scratch_write_text(&scratch, "site-packages/pack/m0.py", "1");
    assert_int_equal(link(scratch_path(&scratch, "site-packages/pack/m0.py"),
                          scratch_path(&scratch, "site-packages/pack/m1.py")),
                     0);
    scratch_write_text(&scratch, "site-packages/pack-1.dist-info/RECORD", record);
    scratch_write_text(&scratch, "site-packages/pack-1.dist-info/METADATA",
                       "Name: pack\nRequires-Dist: b\n");
    scratch_write_text(&scratch, "site-packages/top-1.dist-info/top_level.txt", "top\n");
}

static void distributions(void **state)
{
    const char *site;

    (void)state;
    write_site();
    site = scratch_path(&scratch, "site-packages");
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_distributions *found = NULL;
        int result = thaw_distributions_open(&found, NULL);

        if (result == 0)
            result = thaw_distributions_add_site(found, site, "3.11", NULL);
        chaos_malloc_pause();
        assert_true(result == (chaos_malloc_failed() ? -ENOMEM : 0));
        thaw_distributions_close(found);
    }
}

static int ignore(void *context, const struct thaw_event *event, struct thaw_error *error)
{
    (void)context, (void)event, (void)error;
    return 0;
}

static void inventories(void **state)
{
    const struct thaw_inventory_subject subject = {
        .executable = "/nowhere/python3",
        .version = "3.11",
        .user = geteuid(),
        .group = getegid(),
    };
    const char *file;
    struct thaw_inventory_request request = {&subject, 1, &file, 1};

    (void)state;
    write_site();
    file = scratch_path(&scratch, "site-packages/pack/m0.py");
    for (chaos_malloc_begin(CHAOS_ALL); chaos_malloc_more();) {
        struct thaw_error error = {0};
        int result = thaw_inventory_collect(&request, ignore, NULL, &error);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
    }
}

static void interpreters(void **state)
{
    const char *const command[] = {"env", "python3", NULL};
    int usual = access("/usr/bin/python3", X_OK) == 0 ? 0 : -ENOENT;

    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_interpreter_info info;
        struct thaw_arena arena = {0};
        const char *found = thaw_interpreter_command(command, "/usr/bin", &arena);
        int result = thaw_interpreter_identify("/usr/bin/python3", &arena, &info, NULL);

        chaos_malloc_pause();
        assert_true(result == usual || (result == -ENOMEM && chaos_malloc_failed()));
        assert_true(usual != 0 || found || chaos_malloc_failed());
        thaw_arena_free(&arena);
    }
}

static void calls(void **state)
{
    static const struct thaw_call_function functions[] = {{"callee", true},
                                                          {"leads", false},
                                                          {"nothing", false}};
    struct thaw_object *object;

    (void)state;
    assert_int_equal(thaw_object_open(CALLS, &object, NULL), 0);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_call_returns returns[3];
        struct thaw_arena arena = {0};
        struct thaw_error error = {0};
        int result = thaw_object_call_returns(object, functions, 3, &arena, returns, &error);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_int_equal(error.code, result);
        if (result == 0)
            assert_true(returns[0].count > 0);
        thaw_arena_free(&arena);
    }
    thaw_object_close(object);
}

static void places(void **state)
{
    struct thaw_interpreter_info info;
    struct thaw_arena memory = {0};
    const char *path;

    (void)state;
    path = fake_python(&scratch, "python3.11", FAKE_PROGRAM FAKE_FIND_STR "-DVERSION=0x030b02f0");
    assert_int_equal(thaw_interpreter_identify(path, &memory, &info, NULL), 0);
    assert_non_null(info.row);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_python_places found;
        struct thaw_arena arena = {0};
        struct thaw_error error = {0};
        int result = thaw_python_places_find(&info, &arena, &found, &error);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_int_equal(error.code, result);
        thaw_arena_free(&arena);
    }
    thaw_arena_free(&memory);
}

/* A process that has the folder as its root and waits; 0 when that needs more rights. */
static pid_t start_in_root(const char *root)
{
    int ready[2];
    char byte;
    pid_t child;

    assert_int_equal(pipe(ready), 0);
    child = fork();
    if (child == 0) {
        /* who is not root becomes it in a user namespace */
        if ((chroot(root) == 0 || (unshare(CLONE_NEWUSER) == 0 && chroot(root) == 0)) &&
            write(ready[1], "x", 1) == 1)
            pause();
        _exit(0);
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1) {
        waitpid(child, NULL, 0);
        child = 0;
    }
    close(ready[0]);
    return child;
}

/* Of the command and of another root; of the machine there may be many. */
static void discoveries(void **state)
{
    const char *command[] = {NULL, NULL};
    size_t failures = 0;
    pid_t child;

    (void)state;
    command[0] = fake_python(&scratch, "usr/bin/python3.11",
                             FAKE_PROGRAM FAKE_FIND_STR "-DVERSION=0x030b02f0");
    child = start_in_root(scratch.path);
    if (!child) {
        print_message("skip: chroot(2) needs more rights\n");
        skip();
    }
    for (chaos_malloc_begin(CHAOS_ALL); chaos_malloc_more();) {
        struct thaw_interpreter_list list = {0};
        struct thaw_arena arena = {0};
        int result = thaw_interpreters_discover(command, "", "", &arena, &list, NULL);

        chaos_malloc_pause();
        /* what is not known of a process's environment is no error */
        assert_true(result == 0 || (result == -ENOMEM && chaos_malloc_failed()));
        failures += result != 0;
        thaw_array_free(&list);
        thaw_arena_free(&arena);
    }
    assert_true(failures > 10);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(objects),      TEST(searches), TEST(metadata), TEST(distributions), TEST(inventories),
        TEST(interpreters), TEST(calls),    TEST(places),   TEST(discoveries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
