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

#include "base/arena.h"
#include "chaos_malloc.h"
#include "closure_fixture.h"
#include "thaw/shipped.h"

/* Targets with objects that the linker made, and with what hostile ones have. */
static struct scratch scratch;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    scratch_folder(&scratch, "app");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static struct thaw_shipped *read_target(const char *target)
{
    struct thaw_shipped_options options = {.target = target, .root = "", .machine = "x86_64"};
    struct thaw_shipped *shipped;

    assert_int_equal(thaw_shipped_read(&options, &shipped, NULL), 0);
    return shipped;
}

static struct thaw_shipped *read_app(void)
{
    return read_target(scratch_path(&scratch, "app"));
}

static const struct thaw_shipped_library *library_of(const struct thaw_shipped *shipped,
                                                     const char *path)
{
    for (size_t i = 0; i < shipped->library_count; i++)
        if (strcmp(shipped->libraries[i].path, path) == 0)
            return &shipped->libraries[i];
    return NULL;
}

/* The fault of a path, "" none; two are a failure. */
static const char *fault_of(const struct thaw_shipped *shipped, const char *path)
{
    const char *what = "";

    for (size_t i = 0; i < shipped->fault_count; i++) {
        if (strcmp(shipped->faults[i].path, path) != 0)
            continue;
        assert_string_equal(what, "");
        what = shipped->faults[i].what;
    }
    return what;
}

static void assert_fault(const struct thaw_shipped *shipped, const char *path, const char *words)
{
    const char *what = fault_of(shipped, path);

    if (!strstr(what, words))
        fail_msg("%s: \"%s\" lacks \"%s\"", path, what, words);
}

static void objects_are_found_by_their_names_and_rights(void **state)
{
    static const struct {
        const char *path;
        enum thaw_library_type type;
    } rows[] = {{"_x.cpython-311-x86_64-linux-gnu.so", THAW_LIBRARY_EXTENSION},
                {"bin/tool", THAW_LIBRARY_EXECUTABLE},
                {"libx.so.6", THAW_LIBRARY_SHARED},
                {"plain.so", THAW_LIBRARY_SHARED},
                {"x.abi3.so", THAW_LIBRARY_EXTENSION}};
    struct thaw_shipped *shipped;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        char path[128];

        snprintf(path, sizeof(path), "app/%s", rows[i].path);
        closure_object(&scratch, path, "", i == 1 ? "-pie" : "");
    }
    scratch_write_text(&scratch, "app/bin/script", "#!/bin/sh\n");
    chmod(scratch_path(&scratch, "app/bin/script"), 0755);
    scratch_write_text(&scratch, "app/x.solution", "no library");
    shipped = read_app();
    assert_int_equal(shipped->library_count, 5);
    for (size_t i = 0; i < 5; i++) {
        const struct thaw_shipped_library *library = &shipped->libraries[i];

        assert_string_equal(library->path, rows[i].path);
        assert_int_equal(library->type, rows[i].type);
        assert_string_equal(library->machine, "x86_64");
        assert_int_equal(shipped->files[library->file].library, i);
        assert_int_equal(shipped->files[library->file].kind, THAW_FILE_NATIVE);
    }
    assert_int_equal(shipped->fault_count, 0);
    assert_int_equal(shipped->kinds[THAW_FILE_NATIVE].files, 5);
    thaw_shipped_free(shipped);
}

static void needs_are_told_with_paths_of_the_model(void **state)
{
    const struct thaw_shipped_library *library;
    struct thaw_shipped *shipped;

    (void)state;
    closure_object(&scratch, "app/pkg/x.so", "liba.so libnone.so", "-rpath '$ORIGIN/../pkg.libs'");
    closure_object(&scratch, "app/pkg.libs/liba.so", "libb.so", "");
    closure_object(&scratch, "app/pkg.libs/libb.so", "", "");
    shipped = read_app();
    library = library_of(shipped, "pkg/x.so");
    assert_int_equal(library->needed_count, 2);
    assert_string_equal(library->needed[0].resolved, "pkg.libs/liba.so");
    assert_string_equal(library->needed[0].reason, "rpath");
    assert_string_equal(library->needed[0].owner, "pkg/x.so");
    assert_string_equal(shipped->libraries[library->needed[0].library].path, "pkg.libs/liba.so");
    assert_string_equal(library->needed[1].resolved, "");
    assert_int_equal(library->needed[1].library, THAW_SHIPPED_NONE);
    library = library_of(shipped, "pkg.libs/liba.so");
    assert_string_equal(library->needed[0].resolved, "pkg.libs/libb.so");
    assert_string_equal(library->needed[0].only_by, "pkg/x.so");
    thaw_shipped_free(shipped);
}

/* A root folder of its own has its own loader's folders; nothing of this machine's is looked at. */
static void a_containers_libraries_are_its_own(void **state)
{
    const struct thaw_shipped_library *library;
    struct thaw_shipped *shipped;

    (void)state;
    scratch_write_text(&scratch, "app/etc/os-release", "ID=x\n");
    closure_object(&scratch, "app/opt/x.so", "libs.so.1 libc.so.6", "");
    closure_object(&scratch, "app/usr/lib/libs.so.1.2", "", "-soname libs.so.1");
    scratch_link(&scratch, "app/usr/lib/libs.so.1", "libs.so.1.2");
    scratch_link(&scratch, "app/lib", "usr/lib");
    shipped = read_app();
    assert_string_equal(shipped->kind, "container-root");
    library = library_of(shipped, "opt/x.so");
    assert_string_equal(library->needed[0].resolved, "usr/lib/libs.so.1.2");
    assert_string_equal(library->needed[0].reason, "default folder");
    assert_string_equal(library->needed[1].resolved, "");
    assert_int_equal(shipped->library_count, 2);
    thaw_shipped_free(shipped);
}

/* libc.so.6 is this machine's, found by its cache; its own needs are told, too. */
static void libraries_of_the_system_follow_the_targets_own(void **state)
{
    const struct thaw_shipped_needed *needed;
    struct thaw_shipped *shipped;

    (void)state;
    closure_object(&scratch, "app/x.so", "libc.so.6", "");
    shipped = read_app();
    needed = &library_of(shipped, "x.so")->needed[0];
    assert_string_not_equal(needed->resolved, "");
    assert_true(shipped->libraries[needed->library].outside);
    assert_int_equal(shipped->libraries[needed->library].file, THAW_SHIPPED_NONE);
    assert_true(needed->library > 0 && shipped->libraries[needed->library].bytes > 100000);
    thaw_shipped_free(shipped);
}

static void folders_outside_are_not_looked_into(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    closure_object(&scratch, "app/x.so", "libo.so", "-rpath '$ORIGIN/../other'");
    closure_object(&scratch, "app/y.so", "libo.so", "-rpath '$ORIGIN/../other'");
    closure_object(&scratch, "other/libo.so", "", "");
    shipped = read_app();
    assert_string_equal(library_of(shipped, "x.so")->needed[0].resolved, "");
    assert_fault(shipped, "x.so", "/other, outside of the target: not looked into");
    assert_int_equal(shipped->fault_count, 1);
    thaw_shipped_free(shipped);
}

static void damaged_files_are_a_fault_each(void **state)
{
    struct thaw_shipped *shipped;
    struct stat status;
    const char *path;
    int fd;

    (void)state;
    closure_object(&scratch, "app/cut.so", "libnone.so", "");
    path = scratch_path(&scratch, "app/cut.so");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(truncate(path, status.st_size - 100), 0);
    scratch_write_text(&scratch, "app/text.so", "no library");
    scratch_write_text(&scratch, "app/empty.so", "");
    scratch_write(&scratch, "app/short.so", "\177ELF\2\1\1", 7);
    scratch_write(&scratch, "app/mach.so", "\xcf\xfa\xed\xfe\0\0\0\0", 8);
    scratch_write_text(&scratch, "app/script.so", "/* GNU ld script */ INPUT(libx.so.1)");
    scratch_copy(&scratch, "app/big.so", "tests/fuzz/corpus/object/big-endian");
    scratch_copy(&scratch, "app/relocatable.so", "tests/fuzz/corpus/object/relocatable");
    assert_int_equal(mkfifo(scratch_path(&scratch, "app/fifo.so"), 0600), 0);
    scratch_link(&scratch, "app/loop.so", "loop.so");
    scratch_link(&scratch, "app/passwd.so", "/etc/passwd");
    fd = open(scratch_path(&scratch, "app/huge.so"), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)64 << 30), 0);
    close(fd);
    shipped = read_app();
    assert_fault(shipped, "cut.so", "cut short");
    assert_fault(shipped, "text.so", "not ELF");
    assert_fault(shipped, "empty.so", "empty");
    assert_fault(shipped, "short.so", "cut short");
    assert_fault(shipped, "mach.so", "macOS");
    assert_fault(shipped, "script.so", "");
    assert_fault(shipped, "relocatable.so", "neither executable nor shared object");
    assert_fault(shipped, "fifo.so", "no regular file");
    assert_fault(shipped, "huge.so", "not ELF");
    assert_int_equal(shipped->fault_count, 8);
    assert_int_equal(library_of(shipped, "cut.so")->needed_count, 1);
    assert_string_equal(library_of(shipped, "big.so")->machine, "EM 43");
    assert_int_equal(shipped->library_count, 2);
    thaw_shipped_free(shipped);
}

static void names_from_outside_are_kept_as_they_are(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    scratch_write_text(&scratch, "app/a\n</script>\xff.so", "no library");
    shipped = read_app();
    assert_fault(shipped, "a\n</script>\xff.so", "not ELF");
    thaw_shipped_free(shipped);
}

static const struct thaw_shipped_duplicate *duplicate_of(const struct thaw_shipped *shipped,
                                                         enum thaw_duplicate_kind kind)
{
    for (size_t i = 0; i < shipped->duplicate_count; i++)
        if (shipped->duplicates[i].kind == kind)
            return &shipped->duplicates[i];
    return NULL;
}

#define OLD "a.libs/libfort-0123abcd.so.5.0.0"
#define AGAIN "b.libs/libfort-0123abcd.so.5.0.0"
#define PATCHED "c.libs/libfort-0123abcd-89ef4567.so.5.0.0"
#define OTHER "d.libs/libfort.so.5"

static void copies_of_a_library_are_told_by_what_is_the_same(void **state)
{
    const struct thaw_shipped_duplicate *duplicate;
    struct thaw_shipped *shipped;

    (void)state;
    closure_object(&scratch, "app/" OLD, "",
                   "-soname libfort-0123abcd.so.5.0.0 --build-id=0x0123456789abcdef");
    scratch_copy(&scratch, "app/" AGAIN, scratch_path(&scratch, "app/" OLD));
    closure_object(&scratch, "app/" PATCHED, "libnone.so",
                   "-soname libfort-0123abcd-89ef4567.so.5.0.0 --build-id=0x0123456789abcdef");
    closure_object(&scratch, "app/" OTHER, "",
                   "-soname libfort.so.5 --build-id=0xfedcba9876543210");
    closure_object(&scratch, "app/e.so", "libfort-0123abcd.so.5.0.0", "-rpath '$ORIGIN/b.libs'");
    assert_int_equal(link(scratch_path(&scratch, "app/" OTHER),
                          scratch_path(&scratch, "app/d.libs/libz"
                                                 ".so")),
                     0);
    shipped = read_app();
    assert_int_equal(library_of(shipped, "d.libs/libz.so")->bytes, 0); /* one inode */
    assert_int_equal(library_of(shipped, "d.libs/libz.so")->strip_bytes, 0);
    assert_true(library_of(shipped, OTHER)->bytes && library_of(shipped, OTHER)->strip_bytes);
    assert_int_equal(shipped->duplicate_count, 3);
    duplicate = duplicate_of(shipped, THAW_DUPLICATE_CONTENT);
    assert_non_null(duplicate);
    assert_int_equal(duplicate->library_count, 2);
    assert_string_equal(duplicate->key, "libfort.so.5");
    assert_string_equal(duplicate->winner, AGAIN);
    assert_int_equal(duplicate->waste_bytes, library_of(shipped, OLD)->bytes);
    duplicate = duplicate_of(shipped, THAW_DUPLICATE_BUILD_ID);
    assert_non_null(duplicate);
    assert_string_equal(duplicate->key, "libfort.so.5");
    assert_int_equal(duplicate->library_count, 2);
    assert_string_equal(duplicate->winner, "each its own");
    duplicate = duplicate_of(shipped, THAW_DUPLICATE_SONAME);
    assert_non_null(duplicate);
    assert_int_equal(duplicate->library_count, 2);
    assert_string_equal(duplicate->key, "libfort.so.5");
    assert_string_equal(duplicate->winner, "each its own");
    thaw_shipped_free(shipped);
}

/* Their SONAME says nothing, and no one knows a build id. */
static void copies_of_an_extension_module_bear_its_files_name(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    closure_object(&scratch, "app/a/x.abi3.so", "", "--build-id=0x0123456789abcdef");
    closure_object(&scratch, "app/b/x.abi3.so", "libnone.so", "--build-id=0x0123456789abcdef");
    shipped = read_app();
    assert_int_equal(shipped->duplicate_count, 1);
    assert_int_equal(shipped->duplicates[0].kind, THAW_DUPLICATE_BUILD_ID);
    assert_string_equal(shipped->duplicates[0].key, "x.abi3.so");
    thaw_shipped_free(shipped);
}

/* One that is told has loaded its libraries before the target's. */
static void the_interpreter_may_be_told(void **state)
{
    struct thaw_shipped_options options = {.root = "", .machine = "x86_64"};
    struct thaw_shipped *shipped;

    (void)state;
    closure_object(&scratch, "opt/python/bin/python3.11", "libp.so.1",
                   "-pie -rpath '$ORIGIN/../lib'");
    closure_object(&scratch, "opt/python/lib/libp.so.1", "", "-soname libp.so.1");
    scratch_write_text(&scratch, "opt/python/lib/python3.11/os.py", "");
    closure_object(&scratch, "app/x.abi3.so", "libp.so.1", "");
    options.target = scratch_path(&scratch, "app");
    options.executable = scratch_path(&scratch, "opt/python/bin/python3.11");
    assert_int_equal(thaw_shipped_read(&options, &shipped, NULL), 0);
    assert_string_equal(shipped->python.executable, options.executable);
    assert_string_equal(library_of(shipped, "x.abi3.so")->needed[0].reason, "already loaded");
    assert_string_equal(library_of(shipped, "x.abi3.so")->needed[0].owner, options.executable);
    thaw_shipped_free(shipped);
}

/* What an extension module lacks for itself, though another one's RPATH helps it. */
static void a_library_may_be_missing_with_one_loader_only(void **state)
{
    const struct thaw_shipped_library *library;
    struct thaw_shipped *shipped;

    (void)state;
    closure_object(&scratch, "app/x.abi3.so", "liba.so", "-rpath '$ORIGIN/libs'");
    closure_object(&scratch, "app/y.abi3.so", "liba.so",
                   "--enable-new-dtags -rpath '$ORIGIN/libs'");
    closure_object(&scratch, "app/libs/liba.so", "libb.so", "");
    closure_object(&scratch, "app/libs/libb.so", "", "");
    shipped = read_app();
    library = library_of(shipped, "libs/liba.so");
    assert_string_equal(library->needed[0].resolved, "libs/libb.so");
    assert_string_equal(library->needed[0].only_by, "x.abi3.so");
    assert_string_equal(library->needed[0].missing_by, "y.abi3.so");
    assert_string_equal(library_of(shipped, "y.abi3.so")->needed[0].missing_by, "");
    thaw_shipped_free(shipped);
}

/* Two that say the same of themselves and have one size, but differ in a byte. */
static void equal_sizes_are_no_equal_contents(void **state)
{
    struct thaw_shipped *shipped;
    FILE *file;

    (void)state;
    closure_object(&scratch, "app/x.so", "", "--build-id=none");
    scratch_copy(&scratch, "app/y.so", scratch_path(&scratch, "app/x.so"));
    shipped = read_app();
    assert_int_equal(shipped->duplicate_count, 1);
    assert_int_not_equal(shipped->libraries[0].content_hash, 0);
    thaw_shipped_free(shipped);
    file = fopen(scratch_path(&scratch, "app/y.so"), "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 9, SEEK_SET), 0); /* padding of e_ident */
    assert_int_equal(fputc('x', file), 'x');
    assert_int_equal(fclose(file), 0);
    shipped = read_app();
    assert_int_equal(shipped->duplicate_count, 0);
    thaw_shipped_free(shipped);
}

static void libraries_can_be_left_out(void **state)
{
    struct thaw_shipped_options options = {.root = "", .without_libraries = true};
    struct thaw_shipped *shipped;

    (void)state;
    closure_object(&scratch, "app/x.so", "", "");
    options.target = scratch_path(&scratch, "app");
    assert_int_equal(thaw_shipped_read(&options, &shipped, NULL), 0);
    assert_int_equal(shipped->library_count, 0);
    thaw_shipped_free(shipped);
}

static void memory_may_be_short(void **state)
{
    const char *target = scratch_path(&scratch, "app");
    char copy[300];

    (void)state;
    closure_object(&scratch, "app/x.so", "liba.so", "-rpath '$ORIGIN:/other'");
    closure_object(&scratch, "app/liba.so", "", "");
    scratch_copy(&scratch, "app/libb.so", scratch_path(&scratch, "app/liba.so"));
    scratch_write_text(&scratch, "app/text.so", "no library");
    snprintf(copy, sizeof(copy), "%s", target);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_shipped_options options = {.target = copy, .root = ""};
        struct thaw_shipped *shipped = NULL;
        int result = thaw_shipped_read(&options, &shipped, NULL);

        chaos_malloc_pause();
        assert_true(result == 0 || chaos_malloc_failed());
        thaw_shipped_free(shipped);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(objects_are_found_by_their_names_and_rights),
        TEST(needs_are_told_with_paths_of_the_model),
        TEST(a_containers_libraries_are_its_own),
        TEST(libraries_of_the_system_follow_the_targets_own),
        TEST(folders_outside_are_not_looked_into),
        TEST(damaged_files_are_a_fault_each),
        TEST(names_from_outside_are_kept_as_they_are),
        TEST(copies_of_a_library_are_told_by_what_is_the_same),
        TEST(copies_of_an_extension_module_bear_its_files_name),
        TEST(the_interpreter_may_be_told),
        TEST(a_library_may_be_missing_with_one_loader_only),
        TEST(equal_sizes_are_no_equal_contents),
        TEST(libraries_can_be_left_out),
        TEST(memory_may_be_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
