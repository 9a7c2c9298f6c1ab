/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "python/interpreter.h"
#include "fake_python.h"

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

static const char *fake(const char *name, const char *options)
{
    return fake_python(&scratch, name, options);
}

static struct thaw_interpreter_info identify(const char *path)
{
    struct thaw_interpreter_info info = {0};
    struct thaw_error error = {0};

    if (thaw_interpreter_identify(path, &arena, &info, &error) < 0)
        fail_msg("%s", error.message);
    return info;
}

static void other_files_are_no_interpreters(void **state)
{
    struct thaw_interpreter_info info = {.inode = 77};
    struct thaw_error error = {0};
    const char *script = scratch_write_text(&scratch, "python3.11", "#!/usr/bin/python3\n");

    (void)state;
    assert_int_equal(thaw_interpreter_identify("/bin/ls", &arena, &info, &error), -ENOEXEC);
    assert_non_null(strstr(error.message, "not a Python"));
    assert_int_equal(thaw_interpreter_identify(script, &arena, &info, &error), -ENOEXEC);
    assert_int_equal(thaw_interpreter_identify("/nowhere/python3", &arena, &info, &error), -ENOENT);
    assert_int_equal(thaw_interpreter_identify("/tmp", &arena, &info, &error), -ENOEXEC);
    assert_int_equal(info.inode, 77);
}

static void version_comes_from_the_symbol_before_the_name(void **state)
{
    const char *path = fake("python3.9", FAKE_PROGRAM FAKE_FIND_STR "-DVERSION=0x030b02f0");
    struct thaw_interpreter_info info = identify(path);
    struct stat status;

    (void)state;
    assert_int_equal(stat(path, &status), 0);
    assert_string_equal(info.version, "3.11.2");
    assert_int_equal(info.minor, 11);
    assert_ptr_equal(info.row, thaw_python_row(3, 11));
    assert_int_equal(info.device, status.st_dev);
    assert_int_equal(info.inode, status.st_ino);
    assert_string_equal(info.executable, path);
    assert_string_equal(info.library, path);
    assert_string_equal(info.open_path, path);
    assert_string_equal(info.reason, "");
    assert_true(info.offsets[THAW_PYTHON_FIND] && info.offsets[THAW_PYTHON_BODY] &&
                info.offsets[THAW_PYTHON_FIND] != info.offsets[THAW_PYTHON_BODY]);
}

static void a_block_of_offsets_that_agrees_is_fine(void **state)
{
    (void)state;
    assert_ptr_equal(identify(fake("x", FAKE_PROGRAM FAKE_FIND_STR
                                   "-DVERSION=0x030d00f0 -DOFFSETS=112,120"))
                         .row,
                     thaw_python_row(3, 13));
}

static void version_comes_from_the_name_behind_links(void **state)
{
    struct thaw_interpreter_info info;
    const char *link;

    (void)state;
    fake("lib/python3.8", FAKE_PROGRAM FAKE_FIND_IDENTIFIER);
    link = scratch_link(&scratch, "venv/bin/python", "../../lib/python3.8");
    info = identify(link);
    assert_string_equal(info.version, "3.8");
    assert_ptr_equal(info.row, thaw_python_row(3, 8));
    assert_string_equal(info.executable, link);
    assert_string_equal(info.library, scratch_path(&scratch, "lib/python3.8"));
}

static void what_cannot_be_probed_is_named_not_guessed(void **state)
{
    static const struct {
        const char *name;
        const char *options;
        const char *version;
        const char *reason;
    } rows[] = {
        {"snake", FAKE_PROGRAM FAKE_FIND_STR, "", "unknown version; supported are 3.8 to 3.15"},
        {"python", FAKE_PROGRAM FAKE_FIND_STR, "", "unknown version"},
        {"a", FAKE_PROGRAM FAKE_FIND_STR "-DVERSION=0x036300f0", "3.99.0",
         "Python 3.99.0 is not supported"},
        {"python3.7", FAKE_PROGRAM FAKE_FIND_STR, "3.7", "Python 3.7 is not supported"},
        {"python3.13t", FAKE_PROGRAM FAKE_FIND_STR, "3.13", "without the GIL"},
        {"b", FAKE_PROGRAM FAKE_FIND_STR "-DVERSION=0x030d00f0 -DOFFSETS=112,120 -DFREE_THREADED=1",
         "3.13.0", "without the GIL"},
        {"d", FAKE_PROGRAM FAKE_FIND_STR "-DVERSION=0x030d00f0 -DOFFSETS=112,128", "3.13.0",
         "of its own"},
        {"e", FAKE_PROGRAM FAKE_FIND_STR "-DVERSION=0x030e00f0 -DOFFSETS=112,120", "3.14.0",
         "of its own"},
        {"c", FAKE_PROGRAM "-DVERSION=0x030c00f0", "3.12.0",
         "without the symbol PyObject_CallMethodObjArgs"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_interpreter_info info = identify(fake(rows[i].name, rows[i].options));

        assert_null(info.row);
        assert_string_equal(info.version, rows[i].version);
        assert_non_null(strstr(info.reason, rows[i].reason));
        assert_null(strchr(info.reason, '\n'));
    }
}

/* bin/python3 with RUNPATH to ../lib/libpython3.10.so.1.0, as shared builds have it. */
static const char *fake_shared(void)
{
    char options[1024];

    fake("lib/libpython3.10.so.1.0",
         FAKE_LIBRARY FAKE_FIND_IDENTIFIER "-Wl,-soname,libpython3.10.so.1.0");
    snprintf(options, sizeof(options),
             "-nostdlib -pie -fPIE -DLIBRARY -Wl,--enable-new-dtags "
             "-Wl,-rpath,'$ORIGIN/../lib' -Wl,--no-as-needed '%s'",
             scratch_path(&scratch, "lib/libpython3.10.so.1.0"));
    if (!scratch_compile(&scratch, "bin/python3",
                         "void _start(void){long r;for(;;)"
                         "__asm__ volatile(\"syscall\":\"=a\"(r):\"a\"(34L):\"rcx\",\"r11\");}",
                         options))
        return fake("bin/python3", "");
    return scratch_path(&scratch, "bin/python3");
}

static void shared_libraries_are_found_as_the_loader_does(void **state)
{
    const char *path = fake_shared();
    struct thaw_interpreter_info info = identify(path);
    struct stat status;

    (void)state;
    assert_string_equal(info.library, scratch_path(&scratch, "lib/libpython3.10.so.1.0"));
    assert_string_equal(info.open_path, info.library);
    assert_int_equal(stat(info.library, &status), 0);
    assert_int_equal(info.inode, status.st_ino);
    assert_string_equal(info.version, "3.10");
    assert_ptr_equal(info.row, thaw_python_row(3, 10));
    assert_int_equal(unlink(info.library), 0);
    assert_int_equal(thaw_interpreter_identify(path, &arena, &info, NULL), -ENOENT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(other_files_are_no_interpreters),
        TEST(version_comes_from_the_symbol_before_the_name),
        TEST(a_block_of_offsets_that_agrees_is_fine),
        TEST(version_comes_from_the_name_behind_links),
        TEST(what_cannot_be_probed_is_named_not_guessed),
        TEST(shared_libraries_are_found_as_the_loader_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
