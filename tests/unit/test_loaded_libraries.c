/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about a loaded library, against what binutils does with it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "inventory/libraries.h"
#include "scratch.h"

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

static uint64_t size_of(const char *path)
{
    char *text = scratch_output("stat -c %%s '%s'", path);
    uint64_t size = text ? strtoull(text, NULL, 10) : 0;

    free(text);
    return size;
}

static void what_strip_would_save_is_told(void **state)
{
    static const char source[] = "static int inner(int x) { return x; }\n"
                                 "int (*const outer)(int) = inner;\n";
    struct thaw_inventory_library facts;
    struct thaw_arena arena = {0};
    const char *path, *stripped;
    char *output;

    (void)state;
    if (!scratch_compile(&scratch, "libown.so", source,
                         "-g -shared -fPIC -Wl,-soname,libown.so.1")) {
        print_message("skip: no compiler on this machine\n");
        skip();
    }
    path = scratch_path(&scratch, "libown.so");
    stripped = scratch_path(&scratch, "stripped.so");
    output = scratch_output("strip -s --no-merge-notes -o '%s' '%s' && echo done", stripped, path);
    if (!output) {
        print_message("skip: no strip on this machine\n");
        skip();
    }
    free(output);
    assert_int_equal(thaw_libraries_describe(path, &arena, &facts), 0);
    assert_string_equal(facts.soname, "libown.so.1");
    assert_int_equal(facts.bytes, size_of(path));
    assert_true(facts.debug_bytes > 0 && facts.debug_bytes <= facts.strip_bytes);
    assert_int_equal(facts.strip_bytes, size_of(path) - size_of(stripped));
    assert_true(facts.relocations > 0);
    assert_int_equal(thaw_libraries_describe(stripped, &arena, &facts), 0);
    assert_int_equal(facts.strip_bytes, 0);
    assert_int_equal(facts.debug_bytes, 0);
    assert_int_equal(thaw_libraries_describe(scratch_path(&scratch, "none"), &arena, &facts),
                     -ENOENT);
    thaw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_strip_would_save_is_told),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
