/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "shipped/build.h"
#include "shipped_tree.h"

#define SITE "site-packages/"

static struct scratch scratch;

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
    return 0;
}

static void add(const char *name, const char *files, const char *tags)
{
    shipped_write(&scratch, &(struct shipped_wheel){SITE, name, "1", "", files, tags, true});
}

static const char *foreign_of(const struct thaw_shipped *shipped)
{
    static char text[4096];

    text[0] = '\0';
    for (size_t i = 0; i < shipped->foreign_count; i++) {
        const struct thaw_shipped_foreign *one = &shipped->foreign[i];
        size_t length = strlen(text);

        snprintf(text + length, sizeof(text) - length, "%s: %s (%s)\n", one->path, one->why,
                 one->distribution == THAW_SHIPPED_NONE
                     ? "-"
                     : shipped->distributions[one->distribution].name);
    }
    return text;
}

static void files_are_told_by_their_names(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("a",
        "a/fits.cpython-311-x86_64-linux-gnu.so\na/plain.so\na/stable.abi3.so\n"
        "a/old.cpython-310-x86_64-linux-gnu.so\na/arm.cpython-311-aarch64-linux-gnu.so\n"
        "a/mac.cpython-311-darwin.so\na/win.cp311-win_amd64.pyd\na/x.dll\na/y.dylib\na/t64.exe",
        NULL);
    scratch_write_text(&scratch, "mine.cpython-39-x86_64-linux-gnu.so", "");
    shipped = shipped_read(&scratch);
    assert_string_equal(
        foreign_of(shipped),
        "mine.cpython-39-x86_64-linux-gnu.so: for CPython 3.9 (-)\n"
        "site-packages/a/arm.cpython-311-aarch64-linux-gnu.so: for aarch64 (a)\n"
        "site-packages/a/mac.cpython-311-darwin.so: for macOS (a)\n"
        "site-packages/a/old.cpython-310-x86_64-linux-gnu.so: for CPython 3.10 (a)\n"
        "site-packages/a/win.cp311-win_amd64.pyd: for Windows (a)\n"
        "site-packages/a/x.dll: for Windows (a)\n"
        "site-packages/a/y.dylib: for macOS (a)\n");
    thaw_shipped_free(shipped);
}

static void a_wheel_for_elsewhere_is_named_with_its_native_files(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("arm", "arm/__init__.py\narm/lib.so",
        "Tag: cp311-cp311-manylinux_2_17_aarch64\n"
        "Tag: cp311-cp311-manylinux2014_aarch64\n");
    add("both", "both/lib.so", "Tag: cp310-cp310-win_amd64\nTag: cp311-cp311-linux_x86_64\n");
    add("pure", "pure.py", "Tag: py2-none-any\n");
    add("silent", "silent.so", "Wheel-Version: 1.0\n");
    shipped = shipped_read(&scratch);
    assert_string_equal(foreign_of(shipped), "site-packages/arm-1.dist-info: for aarch64 (arm)\n"
                                             "site-packages/pure-1.dist-info: for Python 2 (pure)\n"
                                             "site-packages/arm/lib.so: for aarch64 (arm)\n");
    assert_string_equal(shipped_find(shipped, "arm")->misfit, "for aarch64");
    assert_string_equal(shipped_find(shipped, "both")->misfit, "");
    thaw_shipped_free(shipped);
}

/* The interpreter's version binds extension modules; what lies beside them has its own machine. */
static void libraries_and_programs_of_a_wheel_are_not_the_interpreters(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("n",
        "n/_core.so\nn/_a.cpython-310-x86_64-linux-gnu.so\nn.libs/libgfortran-1.so.5\nn/t32.exe",
        "Tag: cp310-cp310-manylinux_2_17_x86_64\n");
    if (!scratch_compile(&scratch, SITE "n.libs/libgfortran-1.so.5", "int f(void) { return 1; }",
                         "-shared") ||
        !scratch_compile(&scratch, SITE "n/_core.so", "void *PyInit__core(void) { return 0; }",
                         "-shared")) {
        print_message("skip: no C compiler\n");
        skip();
    }
    shipped = shipped_read(&scratch);
    assert_string_equal(foreign_of(shipped),
                        "site-packages/n-1.dist-info: for CPython 3.10 (n)\n"
                        "site-packages/n/_a.cpython-310-x86_64-linux-gnu.so: for CPython 3.10 (n)\n"
                        "site-packages/n/_core.so: for CPython 3.10 (n)\n");
    thaw_shipped_free(shipped);
}

/* Sets the ELF header's e_machine. */
static void set_machine(const char *path, unsigned char machine)
{
    FILE *file = fopen(path, "r+b");

    assert_non_null(file);
    assert_int_equal(fseek(file, 18, SEEK_SET), 0);
    assert_int_equal(fputc(machine, file), machine);
    assert_int_equal(fclose(file), 0);
}

static void libraries_are_told_by_their_machine(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("a", "a.py", NULL);
    if (!scratch_compile(&scratch, SITE "a.libs/arm.so.1", "int f(void) { return 1; }",
                         "-shared") ||
        !scratch_compile(&scratch, SITE "a.libs/ours.so.1", "int f(void) { return 1; }",
                         "-shared")) {
        print_message("skip: no C compiler\n");
        skip();
    }
    set_machine(scratch_path(&scratch, SITE "a.libs/arm.so.1"), 183); /* EM_AARCH64 */
    shipped = shipped_read(&scratch);
    assert_string_equal(foreign_of(shipped), "site-packages/a.libs/arm.so.1: for aarch64 (-)\n");
    thaw_shipped_free(shipped);
}

static void other_parts_of_a_container_are_no_matter(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    scratch_write_text(&scratch, "etc/os-release", "ID=debian\n");
    scratch_write_text(&scratch, "usr/lib/wine/x.dll", "");
    scratch_write_text(&scratch, "usr/lib/python3.9/_x.cpython-39-x86_64-linux-gnu.so", "");
    scratch_write_text(&scratch, "app/x.dll", "");
    shipped = shipped_read(&scratch);
    assert_string_equal(foreign_of(shipped), "app/x.dll: for Windows (-)\n");
    thaw_shipped_free(shipped);
}

/* What is said of a machine that was told from elsewhere; the names tell nothing. */
static void first_bytes_tell_of_a_known_machine(void **state)
{
    static const char arm[64] = "\x7f"
                                "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\267";
    static const char intel[64] = "\x7f"
                                  "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\076";
    static const char mac[] = "\xcf\xfa\xed\xfe\f\0\0\1", windows[] = "MZ\x90";
    bool left_out[64] = {false};
    struct thaw_error error;
    struct thaw_shipped *shipped;

    (void)state;
    add("a", "a/one.abi3.so\na/two.so\na/b/x86.so\na/b/arm.so\na/c/t64.exe\na/d/e.so", NULL);
    scratch_write(&scratch, SITE "a/one.abi3.so", arm, sizeof(arm));
    scratch_write(&scratch, SITE "a/two.so", mac, sizeof(mac));
    scratch_write(&scratch, SITE "a/b/arm.so", arm, sizeof(arm));
    scratch_write(&scratch, SITE "a/b/x86.so", intel, sizeof(intel));
    scratch_write(&scratch, SITE "a/c/t64.exe", windows, sizeof(windows));
    scratch_write(&scratch, SITE "a/d/e.so", windows, sizeof(windows));
    assert_int_equal(thaw_shipped_read(&(struct thaw_shipped_options){.target = scratch.path,
                                                                      .kind = "app",
                                                                      .python_version = "3.11",
                                                                      .machine = "aarch64",
                                                                      .without_libraries = true},
                                       &shipped, &error),
                     0);
    assert_string_equal(foreign_of(shipped), "");
    assert_int_equal(thaw_shipped_judge_for(shipped, "", "x86_64", NULL, &error), 0);
    assert_string_equal(foreign_of(shipped), "site-packages/a/one.abi3.so: for aarch64 (a)\n"
                                             "site-packages/a/two.so: for macOS (a)\n"
                                             "site-packages/a/d/e.so: for Windows (a)\n");
    assert_int_equal(thaw_shipped_judge_for(shipped, "", "arm64", NULL, &error), 0);
    assert_null(strstr(foreign_of(shipped), "one.abi3.so"));
    assert_true(shipped->file_count < 64);
    memset(left_out, true, sizeof(left_out));
    assert_int_equal(thaw_shipped_judge_for(shipped, "", "x86_64", left_out, &error), 0);
    assert_string_equal(foreign_of(shipped), "");
    thaw_shipped_free(shipped);
}

static void memory_may_be_short_while_it_is_judged_anew(void **state)
{
    struct thaw_shipped *shipped;
    struct thaw_error error;

    (void)state;
    if (!chaos_malloc_works())
        fail_msg("linked without --wrap");
    add("a", "a/win.cp311-win_amd64.pyd", "cp311-cp311-win_amd64");
    shipped = shipped_read(&scratch);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        int result = thaw_shipped_judge_for(shipped, "3.12", "x86_64", NULL, &error);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
    }
    assert_string_equal(shipped->python.version, "3.12");
    assert_true(shipped->foreign_count > 0);
    thaw_shipped_free(shipped);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(files_are_told_by_their_names),
        TEST(a_wheel_for_elsewhere_is_named_with_its_native_files),
        TEST(libraries_and_programs_of_a_wheel_are_not_the_interpreters),
        TEST(libraries_are_told_by_their_machine),
        TEST(other_parts_of_a_container_are_no_matter),
        TEST(first_bytes_tell_of_a_known_machine),
        TEST(memory_may_be_short_while_it_is_judged_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
