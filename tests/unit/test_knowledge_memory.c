/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "inventory/distributions.h"
#include "inventory/inventory.h"
#include "inventory/metadata.h"
#include "native/loader_cache.h"
#include "native/search.h"
#include "python/interpreter.h"
#include "scratch.h"

/* Every allocation of the knowledge rooms fails in turn: an error, no crash, no leak. */

#define SEED "tests/fuzz/corpus/object/shared"
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
    struct thaw_search_loader loader = {.path = "/app/bin/x"};
    struct thaw_object *object;

    (void)state;
    scratch_copy(&scratch, "app/lib/liba.so", SEED);
    scratch_folder(&scratch, "app/bin");
    scratch_copy(&scratch, "etc/ld.so.cache", CACHE);
    assert_int_equal(thaw_object_open(SEED, &object, NULL), 0);
    loader.object = object;
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
            result = thaw_distributions_add_site(found, site, NULL);
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

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(objects),       TEST(searches),    TEST(metadata),
        TEST(distributions), TEST(inventories), TEST(interpreters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
