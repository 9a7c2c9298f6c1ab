/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "native/frame_table.h"
#include "native/symbols.h"
#include "scratch.h"

#define LIBC "/lib/x86_64-linux-gnu/libc.so.6"

/* A function that is exported under two names, one that is not exported, and two of assembly: one
 * says how long it is, the other does not. */
static const char source[] =
    "int first(int x) { return x * 3; }\n"
    "int alias(int x) __attribute__((alias(\"first\")));\n"
    "static __attribute__((noinline)) int hidden(int x) { return x * 5 + first(x + 1); }\n"
    "int (*volatile pointer)(int) = hidden;\n"
    "__asm__(\".text\\n.globl sized\\n.type sized,@function\\nsized: nop; nop; ret\\n\"\n"
    "        \".size sized, 3\\n.fill 16, 1, 0x90\\n\"\n"
    "        \".globl unsized\\n.type unsized,@function\\nunsized: nop; nop; nop; ret\\n\"\n"
    "        \".fill 64, 1, 0x90\\n\");\n";

static struct scratch scratch;
static bool compiled;

static int make_objects(void **state)
{
    (void)state;
    scratch_make(&scratch);
    compiled = scratch_compile(&scratch, "whole.so", source, "-shared -fPIC -O1") &&
               scratch_compile(&scratch, "stripped.so", source, "-shared -fPIC -O1 -s");
    return 0;
}

static int remove_objects(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static void need_compiler(void)
{
    if (!compiled) {
        print_message("skip: there is no compiler (cc)\n");
        skip();
    }
}

struct opened {
    struct thaw_object *object;
    struct thaw_symbols *symbols;
};

static struct opened open_symbols(const char *path)
{
    struct opened opened = {0};

    assert_int_equal(thaw_object_open(path, &opened.object, NULL), 0);
    assert_int_equal(thaw_symbols_open(opened.object, &opened.symbols, NULL), 0);
    return opened;
}

static void close_symbols(struct opened *opened)
{
    thaw_symbols_close(opened->symbols);
    thaw_object_close(opened->object);
}

/* Where nm says that a symbol is; the code of these objects lies in the file where it is loaded. */
static uint64_t address_of(const char *name)
{
    char *text = scratch_output("nm %s | awk '$3 == \"%s\" { print $1 }'",
                                scratch_path(&scratch, "whole.so"), name);
    uint64_t address = text ? strtoull(text, NULL, 16) : 0;

    free(text);
    if (!address) {
        print_message("skip: there is no nm (binutils)\n");
        skip();
    }
    return address;
}

static void assert_named(const struct opened *opened, uint64_t offset, const char *name,
                         uint64_t begin)
{
    struct thaw_symbol symbol;

    assert_true(thaw_symbols_find(opened->symbols, offset, &symbol));
    assert_string_equal(symbol.name, name);
    assert_int_equal(symbol.offset, begin);
    assert_true(symbol.bytes && offset - symbol.offset < symbol.bytes);
}

static void a_place_belongs_to_a_symbol_within_its_size(void **state)
{
    struct opened opened;
    struct thaw_symbol symbol;
    uint64_t hidden, sized;

    (void)state;
    need_compiler();
    hidden = address_of("hidden");
    sized = address_of("sized");
    opened = open_symbols(scratch_path(&scratch, "whole.so"));
    assert_named(&opened, hidden, "hidden", hidden);
    assert_named(&opened, hidden + 3, "hidden", hidden);
    assert_named(&opened, sized, "sized", sized);
    assert_named(&opened, sized + 2, "sized", sized);
    assert_false(thaw_symbols_find(opened.symbols, sized + 3, &symbol));
    assert_false(thaw_symbols_find(opened.symbols, address_of("unsized"), &symbol));
    assert_named(&opened, address_of("first"), "alias", address_of("first"));
    assert_false(thaw_symbols_find(opened.symbols, 0, &symbol));
    assert_false(thaw_symbols_find(opened.symbols, UINT64_MAX, &symbol));
    close_symbols(&opened);
}

static void what_is_stripped_has_its_extent(void **state)
{
    struct opened opened;
    struct thaw_symbol symbol;
    uint64_t hidden;

    (void)state;
    need_compiler();
    hidden = address_of("hidden");
    opened = open_symbols(scratch_path(&scratch, "stripped.so"));
    assert_named(&opened, hidden + 3, "", hidden);
    assert_named(&opened, address_of("first"), "alias", address_of("first"));
    assert_false(thaw_symbols_find(opened.symbols, address_of("unsized"), &symbol));
    close_symbols(&opened);
}

/* Every function that readelf finds in the C library's frames, against the table. */
static void the_table_agrees_with_readelf(void **state)
{
    char *text = scratch_output("readelf --debug-dump=frames %s 2>/dev/null | "
                                "sed -n 's/.* FDE .*pc=\\([0-9a-f]*\\)\\.\\.\\([0-9a-f]*\\)/\\1 "
                                "\\2/p'",
                                LIBC);
    struct thaw_frame_table table;
    struct thaw_object *object;
    size_t count = 0;

    (void)state;
    if (!text || !*text) {
        free(text);
        print_message("skip: there is no readelf (binutils)\n");
        skip();
    }
    assert_int_equal(thaw_object_open(LIBC, &object, NULL), 0);
    thaw_frame_table_find(object, &table);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        uint64_t begin, end, got_begin, got_end;

        if (sscanf(line, "%" SCNx64 " %" SCNx64, &begin, &end) != 2 || begin >= end)
            continue;
        assert_true(thaw_frame_table_function(object, &table, begin, &got_begin, &got_end));
        assert_int_equal(got_begin, begin);
        assert_int_equal(got_end, end);
        assert_true(thaw_frame_table_function(object, &table, end - 1, &got_begin, &got_end));
        assert_int_equal(got_begin, begin);
        count++;
    }
    assert_true(count > 1000);
    assert_int_equal(table.count, count);
    free(text);
    thaw_object_close(object);
}

static void memory_may_be_short(void **state)
{
    struct thaw_object *object = NULL;
    size_t failures = 0;

    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap=malloc, see chaos_malloc.h\n");
        skip();
    }
    assert_int_equal(thaw_object_open(LIBC, &object, NULL), 0);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_symbols *symbols = NULL;
        struct thaw_error error = {0};
        int code = thaw_symbols_open(object, &symbols, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -12 : 0);
        assert_int_equal(error.code, code);
        failures += chaos_malloc_failed();
        thaw_symbols_close(symbols);
    }
    assert_true(failures > 5);
    thaw_object_close(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_belongs_to_a_symbol_within_its_size),
        cmocka_unit_test(what_is_stripped_has_its_extent),
        cmocka_unit_test(the_table_agrees_with_readelf),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests(tests, make_objects, remove_objects);
}
