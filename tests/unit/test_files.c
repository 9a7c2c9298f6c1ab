/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "inventory/files.h"
#include "inventory/sites.h"
#include "scratch.h"

#define SEED "tests/fuzz/corpus/object/shared"

static struct scratch scratch;
static struct thaw_arena arena;
static struct thaw_distributions *distributions;
static struct thaw_sites sites;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    sites = (struct thaw_sites){.arena = &arena};
    return thaw_distributions_open(&distributions, NULL);
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    thaw_distributions_close(distributions);
    thaw_sites_free(&sites);
    thaw_arena_free(&arena);
    return 0;
}

static struct thaw_inventory_file describe(const char *path)
{
    struct thaw_inventory_file file = {0};

    assert_int_equal(thaw_files_describe(distributions, path, &arena, &file), 0);
    return file;
}

static void facts_are_those_of_stat(void **state)
{
    const char *path = scratch_write_text(&scratch, "site/alpha/a.py", "12345");
    const struct timespec times[2] = {{5, 6}, {1700000000, 123456789}};
    struct thaw_inventory_file file;
    struct stat status;

    (void)state;
    scratch_write_text(&scratch, "site/alpha-1.dist-info/RECORD", "alpha/a.py,,\n");
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(
        thaw_distributions_add_site(distributions, scratch_path(&scratch, "site"), "", NULL), 0);
    file = describe(path);
    assert_string_equal(file.path, path);
    assert_string_equal(file.distribution, "alpha");
    assert_int_equal(file.bytes, 5);
    assert_int_equal(file.disk_bytes, status.st_blocks * 512);
    assert_int_equal(file.mtime_ns, 1700000000123456789);
    assert_string_equal(file.build_id, "");
}

static void shared_objects_have_their_build_id(void **state)
{
    char *text = scratch_output("LC_ALL=C readelf -n %s | sed -n 's/.*Build ID: //p'", SEED);

    (void)state;
    assert_non_null(text);
    text[strcspn(text, "\n")] = '\0';
    assert_int_equal(strlen(text), 40);
    assert_string_equal(describe(scratch_copy(&scratch, "lib/libx.so.1.2", SEED)).build_id, text);
    assert_string_equal(
        describe(scratch_copy(&scratch, "_x.cpython-311-x86_64-linux-gnu.so", SEED)).build_id,
        text);
    assert_string_equal(describe(scratch_copy(&scratch, "x.sort.py", SEED)).build_id, "");
    assert_string_equal(describe(scratch_write_text(&scratch, "text.so", "none")).build_id, "");
    free(text);
}

static void what_is_no_file_is_left_out(void **state)
{
    const char *fifo = scratch_path(&scratch, "pipe.so");
    const char *const paths[] = {
        "<frozen importlib._bootstrap>",  "", "relative.py", "/tmp", "/dev/null", fifo,
        scratch_path(&scratch, "gone.py")};

    (void)state;
    assert_int_equal(mkfifo(fifo, 0600), 0);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct thaw_inventory_file file;

        assert_int_equal(thaw_files_describe(distributions, paths[i], &arena, &file), -ENOENT);
    }
}

static void add_file(const char *name, const struct thaw_texts *excluded)
{
    assert_int_equal(thaw_sites_add_for_file(&sites, scratch_path(&scratch, name), excluded,
                                             excluded ? 1 : 0),
                     0);
}

static void assert_sites(size_t count, const char *const *names)
{
    assert_int_equal(sites.items.count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(sites.items.items[i], scratch_path(&scratch, names[i]));
}

static void named_sites_are_told_by_their_name(void **state)
{
    (void)state;
    add_file("app/.python_packages/lib/site-packages/pandas/core/x.py", NULL);
    add_file("app/.python_packages/lib/site-packages/numpy/y.py", NULL);
    add_file("usr/lib/python3/dist-packages/z.py", NULL);
    add_file("a/site-packages/b/lib/site-packages/c/d.py", NULL);
    assert_sites(3, (const char *const[]){"app/.python_packages/lib/site-packages",
                                          "usr/lib/python3/dist-packages",
                                          "a/site-packages/b/lib/site-packages"});
}

static void other_sites_are_told_by_what_lies_in_them(void **state)
{
    const char *library = thaw_arena_string(&arena, scratch_folder(&scratch, "lib/python3.11"));
    const struct thaw_texts excluded = {&library, 1};

    (void)state;
    scratch_folder(&scratch, "task/requests-2.dist-info");
    scratch_write_text(&scratch, "task/azure/functions/__init__.py", "");
    scratch_folder(&scratch, "lib/fake-1.dist-info");
    add_file("task/azure/functions/__init__.py", NULL);
    add_file("task/handler.py", NULL);
    add_file("lib/python3.11/json/__init__.py", &excluded);
    add_file("plain/a/b/c/x.py", NULL);
    add_file("plain/a/b/c/y.py", NULL);
    assert_sites(1, (const char *const[]){"task"});
    add_file("lib/other/x.py", &excluded);
    assert_sites(2, (const char *const[]){"task", "lib"});
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(facts_are_those_of_stat),
        TEST(shared_objects_have_their_build_id),
        TEST(what_is_no_file_is_left_out),
        TEST(named_sites_are_told_by_their_name),
        TEST(other_sites_are_told_by_what_lies_in_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
