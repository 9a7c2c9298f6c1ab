/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/known_files.h"
#include "chaos_malloc.h"
#include "scratch.h"

static struct thaw_known_files files;
static struct thaw_kernel_file told[8], forgotten[8];
static size_t told_count, forgotten_count;
static int kernel_says; /* when it is told a file */

/* In place of src/capture/programs.c, which needs a kernel. */
int thaw_programs_know_file(struct thaw_programs *programs, const struct thaw_kernel_file *file,
                            enum thaw_kernel_executable class, struct thaw_error *error)
{
    assert_true(class == THAW_EXECUTABLE_PYTHON || class == THAW_EXECUTABLE_NOTHING);
    assert_ptr_equal(programs, files.programs);
    told[told_count++] = *file;
    return kernel_says ? thaw_error_set(error, kernel_says, "no") : 0;
}

void thaw_programs_forget_file(struct thaw_programs *programs, const struct thaw_kernel_file *file)
{
    assert_ptr_equal(programs, files.programs);
    forgotten[forgotten_count++] = *file;
}

static int begin(void **state)
{
    (void)state;
    files = (struct thaw_known_files){.programs = (struct thaw_programs *)&files};
    told_count = forgotten_count = 0;
    kernel_says = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    thaw_known_files_free(&files);
    return 0;
}

static struct thaw_kernel_file file(uint64_t inode)
{
    return (struct thaw_kernel_file){.inode = inode, .ctime_ns = 7, .size = 100, .device = 3};
}

static void files_are_found_with_their_interpreter(void **state)
{
    const struct thaw_kernel_file python = file(1), other = file(2), unknown = file(3);
    size_t interpreter = 77;

    (void)state;
    assert_false(thaw_known_files_find(&files, &python, &interpreter));
    assert_int_equal(interpreter, 0);
    assert_int_equal(thaw_known_files_add(&files, &python, 5, NULL), 0);
    assert_int_equal(thaw_known_files_add(&files, &other, 0, NULL), 0);
    assert_true(thaw_known_files_find(&files, &python, &interpreter));
    assert_int_equal(interpreter, 5);
    assert_true(thaw_known_files_find(&files, &other, &interpreter));
    assert_int_equal(interpreter, 0);
    assert_false(thaw_known_files_find(&files, &unknown, &interpreter));
    assert_int_equal(told_count, 2);
    assert_memory_equal(&told[0], &python, sizeof(python));
    assert_int_equal(thaw_known_files_add(&files, &other, 6, NULL), 0); /* it became one */
    assert_true(thaw_known_files_find(&files, &other, &interpreter));
    assert_int_equal(interpreter, 6);
    assert_int_equal(thaw_known_files_add(&files, &python, 8, NULL), 0); /* another one */
    assert_true(thaw_known_files_find(&files, &python, &interpreter));
    assert_int_equal(interpreter, 8);
}

/* One inode, written anew: another time of change, size or device is another file. */
static void every_part_of_the_identity_counts(void **state)
{
    struct thaw_kernel_file known = file(1), rows[4] = {file(1), file(1), file(1), file(2)};
    size_t interpreter;

    (void)state;
    rows[0].ctime_ns++;
    rows[1].size++;
    rows[2].device++;
    assert_int_equal(thaw_known_files_add(&files, &known, 5, NULL), 0);
    for (size_t i = 0; i < 4; i++)
        assert_false(thaw_known_files_find(&files, &rows[i], &interpreter));
}

/* The kernel forgets those of one interpreter; here they stay, as what they are is still known. */
static void the_kernel_forgets_an_interpreters_files(void **state)
{
    const struct thaw_kernel_file first = file(1), second = file(2), other = file(3);
    size_t interpreter;

    (void)state;
    thaw_known_files_add(&files, &first, 5, NULL);
    thaw_known_files_add(&files, &other, 6, NULL);
    thaw_known_files_add(&files, &second, 5, NULL);
    thaw_known_files_forget(&files, 5);
    assert_int_equal(forgotten_count, 2);
    assert_true(forgotten[0].inode != 3 && forgotten[1].inode != 3);
    assert_true(thaw_known_files_find(&files, &first, &interpreter));
    assert_int_equal(interpreter, 5);
    thaw_known_files_forget(&files, 99);
    assert_int_equal(forgotten_count, 2);
}

static void what_the_kernel_refuses_is_told(void **state)
{
    const struct thaw_kernel_file python = file(1);
    struct thaw_error error = {0};

    (void)state;
    kernel_says = -EPERM;
    assert_int_equal(thaw_known_files_add(&files, &python, 5, &error), -EPERM);
    assert_int_equal(error.code, -EPERM);
}

static void memory_may_be_short(void **state)
{
    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap=malloc, see chaos_malloc.h\n");
        skip();
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        const struct thaw_kernel_file first = file(1), second = file(2);
        size_t interpreter;
        int result = thaw_known_files_add(&files, &first, 5, NULL);

        if (result == 0)
            result = thaw_known_files_add(&files, &second, 6, NULL);
        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_true(!result == thaw_known_files_find(&files, &second, &interpreter));
        thaw_known_files_free(&files);
        begin(NULL);
    }
}

static void identities_are_in_the_kernels_form(void **state)
{
    const struct stat status = {.st_ino = 42,
                                .st_dev = makedev(259, 70000),
                                .st_size = 1234,
                                .st_ctim = {.tv_sec = 3, .tv_nsec = 5}};
    const struct thaw_kernel_file found = thaw_known_file_identity(&status);

    (void)state;
    assert_int_equal(found.inode, 42);
    assert_int_equal(found.device, 259u << 20 | 70000);
    assert_int_equal(found.size, 1234);
    assert_int_equal(found.ctime_ns, UINT64_C(3000000005));
    assert_int_equal(found.reserved, 0); /* it is part of the key */
}

/* By size and time of change: device and inode may be others on an overlay. */
static void a_file_is_known_at_its_path(void **state)
{
    struct scratch scratch;
    struct thaw_kernel_file identity, other;
    struct stat status;
    const char *path;

    (void)state;
    scratch_make(&scratch);
    path = scratch_write_text(&scratch, "python3", "program");
    assert_int_equal(stat(path, &status), 0);
    identity = thaw_known_file_identity(&status);
    identity.device++;
    identity.inode++;
    assert_true(thaw_known_file_is_at(&identity, path));
    other = identity;
    other.size++;
    assert_false(thaw_known_file_is_at(&other, path));
    other = identity;
    other.ctime_ns--;
    assert_false(thaw_known_file_is_at(&other, path));
    assert_int_equal(unlink(path), 0);
    assert_false(thaw_known_file_is_at(&identity, path));
    scratch_remove(&scratch);
}

/* The one that was not met for longest gives way, and the kernel is told. */
static void a_bound_is_kept(void **state)
{
    struct thaw_kernel_file identity = {.size = 1};
    size_t interpreter;

    (void)state;
    files.most = 3;
    for (identity.inode = 1; identity.inode <= 3; identity.inode++)
        assert_int_equal(thaw_known_files_add(&files, &identity, 0, NULL), 0);
    identity.inode = 1;
    assert_true(thaw_known_files_find(&files, &identity, &interpreter));
    identity.inode = 4;
    assert_int_equal(thaw_known_files_add(&files, &identity, 7, NULL), 0);
    assert_int_equal(forgotten_count, 1);
    assert_int_equal(forgotten[0].inode, 2);
    identity.inode = 2;
    assert_false(thaw_known_files_find(&files, &identity, &interpreter));
    identity.inode = 1;
    assert_true(thaw_known_files_find(&files, &identity, &interpreter));
    thaw_known_files_remove(&files, 7);
    assert_int_equal(forgotten[1].inode, 4);
    identity.inode = 4;
    assert_false(thaw_known_files_find(&files, &identity, &interpreter));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_are_found_with_their_interpreter),
        TEST(every_part_of_the_identity_counts),
        TEST(the_kernel_forgets_an_interpreters_files),
        TEST(what_the_kernel_refuses_is_told),
        TEST(memory_may_be_short),
        TEST(identities_are_in_the_kernels_form),
        TEST(a_file_is_known_at_its_path),
        TEST(a_bound_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
