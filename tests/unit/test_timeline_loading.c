/* SPDX-License-Identifier: Apache-2.0 */
/* What a module's time went into while it was found and loaded, and what was found of its files. */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "timeline_fixture.h"

#define PYC "/s/__pycache__/m.cpython-311.pyc"

/* m, which begins at 100; its source was found at 118, of 200 bytes and from second 7. */
#define BEGINS "100 import.begin name=\"m\" stack=90\n"
#define FOUND "120 file.lookups count=3 failed=1 last_ns=118 bytes=200 mtime_s=7 stack=70\n"
#define BYTECODE_OPENS "121 file.open path=\"" PYC "\" result=3 bytes=500 stack=70\n"
#define BYTECODE_CLOSES                                                                            \
    "125 file.close bytes=500 magic=3495 source_mtime_s=7 source_bytes=200 stack=70\n"
#define UNMARSHAL "126 unmarshal.begin stack=70\n"
#define SOURCE_OPENS "131 file.open path=\"/s/m.py\" result=3 bytes=200 stack=70\n"
#define SOURCE_CLOSES "134 file.close bytes=200 stack=70\n"
#define MARSHAL "140 marshal.begin stack=70\n"
#define WRITES "141 file.open path=\"" PYC ".140234\" result=3 for_writing=1 stack=70\n"
#define BODY_BEGINS "150 body.begin file=\"/s/m.py\" stack=80\n"
#define ENDS "180 import.end stack=90\n"

/* A process of which lookups are told, and which takes bytecode of that magic number. */
#define SEES                                                                                       \
    "10 import.begin name=\"site\" stack=90\n"                                                     \
    "11 file.lookups count=1 last_ns=11 stack=70\n"                                                \
    "12 file.open path=\"/s/__pycache__/site.cpython-311.pyc\" result=3 bytes=9 stack=70\n"        \
    "13 file.close bytes=90 magic=3495 stack=70\n"                                                 \
    "14 unmarshal.begin stack=70\n"                                                                \
    "20 import.end stack=90\n"

static struct timeline_fixture fixture;

static int end(void **state)
{
    (void)state;
    timeline_fixture_free(&fixture);
    return 0;
}

static void build(const char *lines)
{
    timeline_fixture_free(&fixture);
    timeline_fixture_build(&fixture, lines);
}

static const struct thaw_module *module(const char *name)
{
    return timeline_module(&fixture, name, 0);
}

/* "find 19 read 7 …": the parts that took time, with collections. */
static void assert_parts(const char *name, const char *expected)
{
    static const char *const names[THAW_PARTS] = {"find",  "read",    "unmarshal",    "compile",
                                                  "write", "map",     "constructors", "dlopen",
                                                  "init",  "execute", "unknown",      "gc"};
    const struct thaw_module *found = module(name);
    char text[256] = "";
    size_t length = 0;

    for (size_t i = 0; i < THAW_PARTS; i++)
        if (found->parts[i].ns)
            length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s %" PRIu64,
                                       length ? " " : "", names[i], found->parts[i].ns);
    assert_string_equal(text, expected);
}

static void assert_part_spent(const char *name, enum thaw_part part, const char *expected)
{
    timeline_assert_spent(&module(name)->parts[part], expected);
}

/* --- parts --- */

static void bytecode_is_found_read_unmarshalled_and_executed(void **state)
{
    (void)state;
    build(BEGINS FOUND BYTECODE_OPENS BYTECODE_CLOSES UNMARSHAL BODY_BEGINS ENDS);
    assert_parts("m", "find 19 read 7 unmarshal 24 execute 30");
    assert_int_equal(module("m")->bytecode, THAW_MODULE_BYTECODE_USED);
    assert_int_equal(module("m")->writing, THAW_WRITING_NONE);
    assert_int_equal(module("m")->opened_bytes, 500);
    assert_int_equal(module("m")->lookups, 3);
    assert_int_equal(module("m")->lookups_failed, 1);
    assert_true(timeline_process(&fixture, 1, 0)->saw_lookups);
}

/* What is written is opened only after it was marshalled, and renamed until the code begins. */
static void source_is_read_compiled_and_its_bytecode_written(void **state)
{
    (void)state;
    build(BEGINS FOUND "121 file.open path=\"" PYC
                       "\" result=-2 stack=70\n" SOURCE_OPENS SOURCE_CLOSES MARSHAL WRITES
                       "143 effect what=\"rename\" detail=\"" PYC ".140234 -> " PYC
                       "\" stack=70\n" BODY_BEGINS ENDS);
    /* 100..121 and, to the source's opening, 121..131: that is the first read. */
    assert_parts("m", "find 21 read 13 compile 6 write 10 execute 30");
    assert_int_equal(module("m")->bytecode, THAW_MODULE_BYTECODE_MISSING);
    assert_int_equal(module("m")->writing, THAW_WRITING_DONE);
}

static void bytecode_that_cannot_be_written_takes_time_all_the_same(void **state)
{
    (void)state;
    build(BEGINS FOUND "121 file.open path=\"" PYC
                       "\" result=-2 stack=70\n" SOURCE_OPENS SOURCE_CLOSES MARSHAL
                       "141 file.open path=\"" PYC
                       ".140234\" result=-13 for_writing=1 stack=70\n" BODY_BEGINS ENDS);
    assert_parts("m", "find 21 read 13 compile 6 write 10 execute 30");
    assert_int_equal(module("m")->writing, THAW_WRITING_FAILED);
}

static void bytecode_without_its_name_is_not_written(void **state)
{
    (void)state;
    build(BEGINS FOUND "121 file.open path=\"" PYC
                       "\" result=-2 stack=70\n" SOURCE_OPENS SOURCE_CLOSES MARSHAL WRITES
                       "143 effect what=\"rename\" detail=\"" PYC ".140234 -> " PYC
                       "\" result=-28 stack=70\n" BODY_BEGINS ENDS);
    assert_int_equal(module("m")->writing, THAW_WRITING_FAILED);
}

static void without_a_write_all_behind_the_source_is_compiling(void **state)
{
    (void)state;
    build(BEGINS FOUND SOURCE_OPENS SOURCE_CLOSES BODY_BEGINS ENDS);
    assert_parts("m", "find 18 read 16 compile 16 execute 30");
    assert_int_equal(module("m")->bytecode, THAW_MODULE_BYTECODE_UNKNOWN);
    assert_int_equal(module("m")->writing, THAW_WRITING_NONE);
}

/* The source is read for its hash, not compiled. */
static void bytecode_by_the_hash_of_its_source_is_used(void **state)
{
    (void)state;
    build(BEGINS FOUND BYTECODE_OPENS
          "125 file.close bytes=500 magic=3495 flags=3 stack=70\n" SOURCE_OPENS SOURCE_CLOSES
          "136 unmarshal.begin stack=70\n" BODY_BEGINS ENDS);
    /* 131 - 125 is the opening of the source, 134 - 131 its reading, 2 its hash. */
    assert_parts("m", "find 20 read 16 unmarshal 14 execute 30");
    assert_int_equal(module("m")->bytecode, THAW_MODULE_BYTECODE_USED);
}

#define FAST "/s/_fast.cpython-311-x86_64-linux-gnu.so"

static void an_extension_is_mapped_constructed_and_initialised(void **state)
{
    (void)state;
    build("100 import.begin name=\"_fast\" stack=90\n"
          "110 file.lookups count=2 last_ns=108 stack=70\n"
          "112 dlopen.begin path=\"" FAST "\" stack=70\n"
          "113 file.open path=\"" FAST "\" result=3 bytes=4096 stack=60\n"
          "117 dlopen.relocated stack=60\n"
          "119 dlopen.relocated stack=60\n" /* each of its libraries is */
          "125 dlopen.end stack=70\n"
          "126 module.init name=\"_fast\" stack=70\n"
          "140 module.init.end stack=70\n"
          "145 import.end stack=90\n");
    assert_parts("_fast", "find 12 map 7 constructors 6 init 20");
    assert_int_equal(module("_fast")->opened_bytes, 4096);
    assert_int_equal(module("_fast")->bytecode, THAW_MODULE_BYTECODE_UNKNOWN);
}

/* A constructor opens another library, and imports: the import is below, all else is its own. */
static void what_a_constructor_opens_is_not_mapping(void **state)
{
    (void)state;
    build("99 file.folder number=1 path=\"/s\"\n"
          "100 import.begin name=\"_fast\" stack=90\n"
          "110 file.lookups count=2 last_ns=108 stack=70\n"
          "112 dlopen.begin path=\"" FAST "\" stack=70\n"
          "119 dlopen.relocated stack=60\n"
          "121 dlopen.begin path=\"/s/libinner.so\" stack=50\n"
          "124 dlopen.relocated stack=40\n"
          "126 dlopen.end stack=50\n"
          "127 import.begin name=\"inner\" stack=50\n"
          "131 import.end stack=50\n"
          "133 dlopen.end stack=70\n"
          "145 import.end stack=90\n");
    /* constructors: 119..121, 2 of libinner's, 126..127 and 131..133 */
    assert_parts("_fast", "find 12 map 10 constructors 7 init 12");
    assert_parts("inner", "unknown 4");
    assert_int_equal(module("_fast")->total_ns, 45);
}

static void a_library_that_is_open_already_is_dlopen_alone(void **state)
{
    (void)state;
    build(SEES "100 import.begin name=\"_fast\" stack=90\n"
               "112 dlopen.begin path=\"" FAST "\" stack=70\n"
               "115 dlopen.end stack=70\n"
               "145 import.end stack=90\n");
    assert_parts("_fast", "find 12 dlopen 3 init 30");
}

/* Found by import_module: the library that was opened before belongs to it, relocated or not. */
static void a_claimed_library_brings_its_parts(void **state)
{
    (void)state;
    build(SEES "100 import.begin name=\"app\" stack=90 minor_faults=1\n"
               "101 body.begin name=\"app\" file=\"/app/app.py\" stack=89 minor_faults=1\n"
               "112 dlopen.begin path=\"" FAST "\" stack=70 minor_faults=1\n"
               "119 dlopen.relocated stack=60 minor_faults=11\n"
               "125 dlopen.end stack=70 minor_faults=14\n"
               "126 module.init name=\"_fast\" stack=70 minor_faults=15\n"
               "140 module.init.end stack=70 minor_faults=20\n"
               "160 import.end stack=90 minor_faults=22\n");
    assert_int_equal(module("_fast")->start_ns, 112);
    assert_parts("_fast", "map 7 constructors 6 init 15");
    assert_part_spent("_fast", THAW_PART_MAP, "minor 10");
    assert_part_spent("_fast", THAW_PART_CONSTRUCTORS, "minor 3");
    assert_part_spent("_fast", THAW_PART_INIT, "minor 6");
    assert_parts("app", "execute 31 unknown 1");
    assert_part_spent("app", THAW_PART_EXECUTE, "minor 2");
    timeline_assert_spent(&module("app")->total, "minor 21");
}

static void a_collection_is_its_own_part_wherever_it_falls(void **state)
{
    (void)state;
    build(BEGINS "105 gc.begin stack=70 io_ns=1\n"
                 "109 gc.end stack=70 io_ns=3\n"
                 "120 file.lookups count=3 last_ns=118 stack=70 io_ns=3\n"
                 "121 file.open path=\"" PYC "\" result=3 stack=70 io_ns=3\n"
                 "125 file.close bytes=500 stack=70 io_ns=3\n"
                 "126 unmarshal.begin stack=70 io_ns=3\n"
                 "130 gc.begin stack=60 io_ns=4\n"
                 "137 gc.end stack=60 io_ns=4\n"
                 "150 body.begin file=\"/s/m.py\" stack=80 io_ns=4\n"
                 "160 gc.begin stack=60 io_ns=4\n"
                 "161 import.begin name=\"finalizer\" stack=50 io_ns=4\n"
                 "164 import.end stack=50 io_ns=6\n"
                 "170 gc.end stack=60 io_ns=6\n"
                 "180 import.end stack=90 io_ns=6\n");
    /* the last one executes a finalizer that imports: 10 less 3 */
    assert_parts("m", "find 15 read 7 unmarshal 17 execute 20 gc 18");
    assert_part_spent("m", THAW_PART_GC, "io 2");
    assert_int_equal(module("m")->gc_ns, 18);
    assert_int_equal(module("m")->self_ns, 59);
    timeline_assert_spent(&module("m")->total, "io 6");
    assert_int_equal(timeline_process(&fixture, 1, 0)->gc_count, 3);
}

static void without_lookups_only_what_is_seen_is_told(void **state)
{
    (void)state;
    build(BEGINS BYTECODE_OPENS BODY_BEGINS ENDS);
    assert_parts("m", "execute 30 unknown 50");
    assert_false(timeline_process(&fixture, 1, 0)->saw_lookups);
    build(BEGINS BYTECODE_OPENS SOURCE_OPENS MARSHAL WRITES BODY_BEGINS ENDS);
    assert_parts("m", "execute 30 unknown 50");
    build(BEGINS "110 dlopen.begin path=\"/s/m.so\" stack=70\n"
                 "117 dlopen.relocated stack=60\n"
                 "120 dlopen.end stack=70\n" ENDS);
    assert_parts("m", "map 7 constructors 3 init 60 unknown 10");
}

/* Files that its code opens are no part of its loading, whatever they are called. */
static void what_its_code_does_with_files_is_executing(void **state)
{
    (void)state;
    build(SEES BEGINS BODY_BEGINS "155 file.open path=\"/s/data.py\" result=3 bytes=70 stack=60\n"
                                  "160 file.close bytes=70 stack=60\n"
                                  "161 file.lookups count=9 failed=9 last_ns=161 stack=60\n"
                                  "162 unmarshal.begin stack=60\n"
                                  "163 marshal.begin stack=60\n"
                                  "164 dlopen.relocated stack=60\n" ENDS);
    assert_parts("m", "execute 30 unknown 50"); /* by a loader of its own */
    assert_int_equal(module("m")->opened_bytes, 70);
    assert_int_equal(module("m")->lookups, 0);
    assert_int_equal(module("m")->bytecode, THAW_MODULE_BYTECODE_UNKNOWN);
}

static void a_module_of_an_archive_is_read_from_it(void **state)
{
    (void)state;
    build(BEGINS FOUND "121 file.open path=\"/s/all.zip\" result=3 bytes=900 stack=70\n"
                       "125 file.close bytes=300 stack=70\n" UNMARSHAL BODY_BEGINS ENDS);
    assert_parts("m", "find 18 read 8 unmarshal 24 execute 30");
}

static void packages_that_are_asked_for_on_the_way_keep_their_parts(void **state)
{
    (void)state;
    build(SEES
          "100 import.begin name=\"a.b.c\" stack=90\n"
          "102 import.begin name=\"a.b\" stack=80\n"
          "105 import.begin name=\"a\" stack=70\n"
          "110 file.lookups count=2 searched=1 last_ns=109 stack=60\n"
          "112 file.open path=\"/s/a/__pycache__/__init__.cpython-311.pyc\" result=3 stack=60\n"
          "114 file.close bytes=99 stack=60\n"
          "115 unmarshal.begin stack=60\n"
          "117 body.begin file=\"/s/a/__init__.py\" stack=65\n"
          "120 import.end stack=70\n"
          "125 file.lookups count=5 failed=1 searched=2 last_ns=124 stack=70\n"
          "126 import.end stack=80 failed=1\n"
          "130 import.end stack=90 failed=1\n");
    assert_string_equal(module("a.b")->via, "implicit parent");
    assert_parts("a", "find 5 read 5 unmarshal 2 execute 3");
    assert_parts("a.b", "find 9");
    assert_parts("a.b.c", "find 6");
    assert_int_equal(module("a")->lookups, 2);
    assert_int_equal(module("a.b")->lookups, 5);
    assert_int_equal(module("a.b")->searched, 2);
    assert_int_equal(module("a.b.c")->lookups, 0);
}

static void a_module_that_its_process_leaves_has_what_it_had_spent(void **state)
{
    (void)state;
    build(BEGINS FOUND BYTECODE_OPENS BYTECODE_CLOSES UNMARSHAL "140 process.exit code=1\n");
    assert_parts("m", "find 19 read 7 unmarshal 14");
    assert_int_equal(module("m")->status, THAW_MODULE_UNFINISHED);
    assert_int_equal(module("m")->bytecode, THAW_MODULE_BYTECODE_USED);
    build(BEGINS FOUND BYTECODE_OPENS "140 process.exec executable=\"/bin/true\"\n");
    assert_parts("m", "find 18 read 22");
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytecode_is_found_read_unmarshalled_and_executed),
        TEST(source_is_read_compiled_and_its_bytecode_written),
        TEST(bytecode_that_cannot_be_written_takes_time_all_the_same),
        TEST(bytecode_without_its_name_is_not_written),
        TEST(without_a_write_all_behind_the_source_is_compiling),
        TEST(bytecode_by_the_hash_of_its_source_is_used),
        TEST(an_extension_is_mapped_constructed_and_initialised),
        TEST(what_a_constructor_opens_is_not_mapping),
        TEST(a_library_that_is_open_already_is_dlopen_alone),
        TEST(a_claimed_library_brings_its_parts),
        TEST(a_collection_is_its_own_part_wherever_it_falls),
        TEST(without_lookups_only_what_is_seen_is_told),
        TEST(what_its_code_does_with_files_is_executing),
        TEST(a_module_of_an_archive_is_read_from_it),
        TEST(packages_that_are_asked_for_on_the_way_keep_their_parts),
        TEST(a_module_that_its_process_leaves_has_what_it_had_spent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
