/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "packaging/tags.h"

static struct thaw_arena arena;

static int free_arena(void **state)
{
    (void)state;
    thaw_arena_free(&arena);
    return 0;
}

struct row {
    const char *name;
    const char *why; /* "" it fits */
};

#define GLIBC(minor)                                                                               \
    {                                                                                              \
        THAW_C_LIBRARY_GLIBC, 2, minor                                                             \
    }
#define MUSL(minor)                                                                                \
    {                                                                                              \
        THAW_C_LIBRARY_MUSL, 1, minor                                                              \
    }

static const struct thaw_tags_target here = {"3.11", "x86_64", {THAW_C_LIBRARY_GLIBC, 0, 0}};
static const struct thaw_tags_target anywhere = {"", "", {0}};

typedef const char *(*misfit)(const char *name, const struct thaw_tags_target *target,
                              struct thaw_arena *arena);

static void check(misfit ask, const struct row *rows, size_t count,
                  const struct thaw_tags_target *target)
{
    for (size_t i = 0; i < count; i++) {
        const char *why = ask(rows[i].name, target, &arena);

        if (strcmp(why, rows[i].why) != 0)
            fail_msg("%s: \"%s\"", rows[i].name, why);
    }
}

#define CHECK(ask, rows, target) check(ask, rows, sizeof(rows) / sizeof((rows)[0]), target)

static void tags_fit_or_say_why_not(void **state)
{
    static const struct row rows[] = {
        {"py3-none-any", ""},
        {"py2.py3-none-any", ""},
        {"py311-none-any", ""},
        {"py30-none-any", ""},
        {"py312-none-any", "for Python 3.12"},
        {"py2-none-any", "for Python 2"},
        {"py27-none-any", "for Python 2.7"},
        {"cp311-cp311-manylinux_2_17_x86_64", ""},
        {"cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", ""},
        {"cp311-cp311-manylinux1_x86_64", ""},
        {"cp311-cp311-linux_x86_64", ""},
        {"py3-none-manylinux2014_x86_64", ""},
        {"cp37-abi3-manylinux2014_x86_64", ""},
        {"cp312-abi3-manylinux2014_x86_64", "for CPython 3.12 and later"},
        {"cp39.cp310-cp39.cp310-manylinux2014_x86_64", "for CPython 3.9"},
        {"cp310.cp311-abi3-linux_x86_64", ""},
        {"cp310-cp310-manylinux2014_x86_64", "for CPython 3.10"},
        {"cp310-none-linux_x86_64", "for CPython 3.10"},
        {"cp3-none-any", "for CPython 3"},
        {"cp311-none-any", ""},
        {"cp311-cp311t-linux_x86_64", "for free-threaded CPython 3.11"},
        {"cp313-cp313t-linux_x86_64", "for CPython 3.13"},
        {"cp311-abi3t-linux_x86_64", "for free-threaded CPython"},
        {"cp311-cp311d-linux_x86_64", "for a debug build of CPython 3.11"},
        {"cp311-cp311m-linux_x86_64", "for another build of CPython 3.11"},
        {"cp311-wrong-linux_x86_64", "for the ABI wrong"},
        {"py3-cp311-linux_x86_64", "for the ABI cp311"},
        {"pp39-pypy39_pp73-manylinux2014_x86_64", "for PyPy"},
        {"graalpy311-graalpy242_311_native-linux_x86_64", "for GraalPy"},
        {"jy27-none-any", "for Jython"},
        {"ip37-none-any", "for IronPython"},
        {"rustpython1-none-any", "for the interpreter rustpython1"},
        {"cp311-cp311-manylinux_2_17_aarch64", "for aarch64"},
        {"cp311-cp311-manylinux2014_i686", "for i686"},
        {"cp311-cp311-manylinux_3_0_x86_64", ""}, /* the version of glibc is not known */
        {"cp311-cp311-musllinux_1_2_x86_64", "for musl (Alpine)"},
        {"cp311-cp311-musllinux_1_2_aarch64", "for musl (Alpine)"},
        {"cp311-cp311-musllinux_1_x86_64", "for the platform musllinux_1_x86_64"},
        {"cp311-cp311-win_amd64", "for Windows"},
        {"cp311-cp311-win32", "for Windows"},
        {"cp39-cp39-macosx_11_0_arm64", "for macOS"},
        {"cp312-cp312-ios_13_0_arm64_iphoneos", "for iOS"},
        {"cp313-cp313-android_21_arm64_v8a", "for Android"},
        {"cp312-cp312-emscripten_3_1_58_wasm32", "for WebAssembly"},
        {"cp312-cp312-pyodide_2024_0_wasm32", "for WebAssembly"},
        {"py3-none-freebsd_13_amd64", "for FreeBSD"},
        {"py3-none-plan9", "for the platform plan9"},
        {"py3-none-manylinux_2_x86_64", "for the platform manylinux_2_x86_64"},
        {"py3-none-macosx_11_0_arm64.manylinux2014_x86_64", ""},
    };

    (void)state;
    CHECK(thaw_tags_misfit, rows, &here);
}

static void what_is_no_tag_says_nothing(void **state)
{
    static const struct row rows[] = {
        {"", ""},   {"py3", ""},         {"py3-none", ""},          {"py3-none-", ""},
        {"--", ""}, {"-none-win32", ""}, {"py2-none-any-more", ""},
    };

    (void)state;
    CHECK(thaw_tags_misfit, rows, &here);
}

static void what_is_not_known_fits(void **state)
{
    static const struct row rows[] = {
        {"cp310-cp310-linux_aarch64", ""},
        {"cp313-cp313t-linux_aarch64", ""},
        {"py2-none-any", ""},
        {"cp311-cp311-win_amd64", "for Windows"},
        {"pp39-none-any", "for PyPy"},
        {"cp311-cp311-musllinux_1_2_x86_64", ""},
        {"cp311-cp311-manylinux_2_99_x86_64", ""},
    };

    (void)state;
    CHECK(thaw_tags_misfit, rows, &anywhere);
}

static void old_builds_have_pymalloc_in_their_tag(void **state)
{
    static const struct thaw_tags_target old = {"3.7", "x86_64", {0}};
    static const struct row rows[] = {
        {"cp37-cp37m-manylinux1_x86_64", ""},
        {"cp37-cp37-manylinux1_x86_64", "for another build of CPython 3.7"},
        {"cp38-cp38-manylinux1_x86_64", "for CPython 3.8"},
    };

    (void)state;
    CHECK(thaw_tags_misfit, rows, &old);
}

/* PEP 600 and 656. */
static void wheels_are_for_a_c_library_from_a_version_on(void **state)
{
    static const struct thaw_tags_target glibc = {"3.11", "x86_64", GLIBC(12)};
    static const struct thaw_tags_target musl = {"3.11", "x86_64", MUSL(2)};
    static const struct thaw_tags_target unsure = {"3.11", "x86_64", {THAW_C_LIBRARY_MUSL, 0, 0}};
    static const struct row with_glibc[] = {
        {"cp311-cp311-manylinux_2_12_x86_64", ""},
        {"cp311-cp311-manylinux_2_5_x86_64", ""},
        {"cp311-cp311-manylinux_1_99_x86_64", ""},
        {"cp311-cp311-manylinux1_x86_64", ""},
        {"cp311-cp311-manylinux2010_x86_64", ""},
        {"cp311-cp311-linux_x86_64", ""},
        {"cp311-cp311-manylinux_2_13_x86_64", "for glibc 2.13 and later"},
        {"cp311-cp311-manylinux_3_0_x86_64", "for glibc 3.0 and later"},
        {"cp311-cp311-manylinux2014_x86_64", "for glibc 2.17 and later"},
        {"cp311-cp311-manylinux2014_x86_64.manylinux1_x86_64", ""},
        {"cp311-cp311-manylinux_2_13_aarch64", "for aarch64"},
        {"cp311-cp311-musllinux_1_0_x86_64", "for musl (Alpine)"},
    };
    static const struct row with_musl[] = {
        {"cp311-cp311-musllinux_1_2_x86_64", ""},
        {"cp311-cp311-musllinux_1_0_x86_64", ""},
        {"cp311-cp311-linux_x86_64", ""},
        {"py3-none-any", ""},
        {"cp311-cp311-manylinux_2_5_x86_64.musllinux_1_1_x86_64", ""},
        {"cp311-cp311-musllinux_1_3_x86_64", "for musl 1.3 and later"},
        {"cp311-cp311-musllinux_0_9_x86_64", "for musl 0.9 and later"},
        {"cp311-cp311-musllinux_2_0_x86_64", "for musl 2.0 and later"},
        {"cp311-cp311-musllinux_1_2_aarch64", "for aarch64"},
        {"cp311-cp311-manylinux1_x86_64", "for glibc"},
        {"cp311-cp311-manylinux_2_5_x86_64", "for glibc"},
        {"cp311-cp311-musllinux_99999999999999999999_2_x86_64", "for musl 9999.2 and later"},
    };
    static const struct row with_some_musl[] = {
        {"cp311-cp311-musllinux_9_2_x86_64", ""},
        {"cp311-cp311-manylinux2014_x86_64", "for glibc"},
    };

    (void)state;
    CHECK(thaw_tags_misfit, with_glibc, &glibc);
    CHECK(thaw_tags_misfit, with_musl, &musl);
    CHECK(thaw_tags_misfit, with_some_musl, &unsure);
}

static void extension_modules_tell_their_c_library(void **state)
{
    static const struct thaw_tags_target musl = {"3.13", "x86_64", MUSL(2)};
    static const struct thaw_tags_target before = {"3.12", "x86_64", MUSL(2)};
    static const struct row rows[] = {
        {"_x.cpython-313-x86_64-linux-musl.so", ""},
        {"_x.cpython-313-x86_64-linux-gnu.so", "for glibc"},
        {"_x.cpython-313-aarch64-linux-musl.so", "for aarch64"},
        {"_x.abi3.so", ""},
    };
    static const struct row rows_before[] = {
        {"_x.cpython-312-x86_64-linux-musl.so", ""},
        {"_x.cpython-312-x86_64-linux-gnu.so", ""}, /* so some builds with musl call their own */
    };

    (void)state;
    CHECK(thaw_tags_file_misfit, rows, &musl);
    CHECK(thaw_tags_file_misfit, rows_before, &before);
}

static void extension_modules_tell_by_their_names(void **state)
{
    static const struct row rows[] = {
        {"_x.cpython-311-x86_64-linux-gnu.so", ""},
        {"_x.abi3.so", ""},
        {"_x.so", ""},
        {"libfoo.so.1", ""},
        {"_x.py", ""},
        {"_x.cpython-311.so", ""},
        {"", ""},
        {".so", ""},
        {"cpython-310-x86_64-linux-gnu.so", ""}, /* no module's name before it */
        {"a.b.cpython-310-x86_64-linux-gnu.so", "for CPython 3.10"},
        {"_x.cpython-310-x86_64-linux-gnu.so", "for CPython 3.10"},
        {"_x.cpython-313t-x86_64-linux-gnu.so", "for free-threaded CPython 3.13"},
        {"_x.cpython-311t-x86_64-linux-gnu.so", "for free-threaded CPython 3.11"},
        {"_x.cpython-311d-x86_64-linux-gnu.so", "for a debug build of CPython 3.11"},
        {"_x.cpython-37m-x86_64-linux-gnu.so", "for CPython 3.7"},
        {"_x.cpython-311-aarch64-linux-gnu.so", "for aarch64"},
        {"_x.cpython-311-i386-linux-gnu.so", "for i686"},
        {"_x.cpython-311-arm-linux-gnueabihf.so", "for armv7l"},
        {"_x.cpython-311-powerpc64le-linux-gnu.so", "for ppc64le"},
        {"_x.cpython-311-x86_64-linux-gnux32.so", "for x32"},
        {"_x.cpython-311-x86_64-linux-musl.so", "for musl (Alpine)"},
        {"_x.cpython-311-darwin.so", "for macOS"},
        {"_x.cpython-311-wasm32-emscripten.so", "for WebAssembly"},
        {"_x.pypy39-pp73-x86_64-linux-gnu.so", "for PyPy"},
        {"_x.graalpy240-311-native-x86_64-linux.so", "for GraalPy"},
        {"_x.abi3t.so", "for free-threaded CPython"},
        {"_x.cp311-win_amd64.pyd", "for Windows"},
        {"_x.pyd", "for Windows"},
        {"_x.PYD", "for Windows"},
        {"msvcp140.dll", "for Windows"},
        {"libz.dylib", "for macOS"},
        {"_x.cpython-.so", ""},
        {"_x.cpython-3.so", ""},
        {"_x.cpython-99999999999999999999.so", "for CPython 9.9999"},
    };

    (void)state;
    CHECK(thaw_tags_file_misfit, rows, &here);
}

static void unknown_targets_take_any_linux_file(void **state)
{
    static const struct row rows[] = {
        {"_x.cpython-310-aarch64-linux-gnu.so", ""},
        {"_x.cpython-313t-x86_64-linux-gnu.so", ""},
        {"_x.abi3t.so", ""},
        {"_x.cpython-311-darwin.so", "for macOS"},
    };

    (void)state;
    CHECK(thaw_tags_file_misfit, rows, &anywhere);
}

/* Sets are multiplied: their size is bounded, and a reason is no longer than a line. */
static void hostile_tags_are_bounded(void **state)
{
    static char tag[200000];
    size_t length = 0;

    (void)state;
    for (int part = 0; part < 3; part++) {
        for (int i = 0; i < 20000; i++)
            length += (size_t)(stpcpy(tag + length, "cp.") - (tag + length));
        tag[length - 1] = '-';
    }
    tag[length - 1] = '\0';
    assert_true(strlen(thaw_tags_misfit(tag, &here, &arena)) < 100);
    memset(tag, 'x', sizeof(tag) - 1);
    memcpy(tag, "a-b-", 4);
    assert_true(strlen(thaw_tags_misfit(tag, &here, &arena)) < 100);
    assert_non_null(strchr(thaw_tags_misfit("py3-none-\xff\n</script>", &here, &arena), '\n'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_fit_or_say_why_not),
        cmocka_unit_test(what_is_no_tag_says_nothing),
        cmocka_unit_test(what_is_not_known_fits),
        cmocka_unit_test(old_builds_have_pymalloc_in_their_tag),
        cmocka_unit_test(wheels_are_for_a_c_library_from_a_version_on),
        cmocka_unit_test(extension_modules_tell_their_c_library),
        cmocka_unit_test(extension_modules_tell_by_their_names),
        cmocka_unit_test(unknown_targets_take_any_linux_file),
        cmocka_unit_test(hostile_tags_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, free_arena);
}
