/* SPDX-License-Identifier: Apache-2.0 */
/* What was found of modules' bytecode, and where modules were looked for. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "timeline_fixture.h"

#define PYC "/s/__pycache__/m.cpython-311.pyc"
#define SITE_PYC "/s/__pycache__/site.cpython-311.pyc"

/* A module whose bytecode, of that magic number, is accepted. */
#define SITE(magic)                                                                                \
    "10 import.begin name=\"site\" stack=90\n"                                                     \
    "11 file.lookups count=1 last_ns=11 stack=70\n"                                                \
    "12 file.open path=\"" SITE_PYC "\" result=3 bytes=90 stack=70\n"                              \
    "13 file.close bytes=90 magic=" magic " stack=70\n"                                            \
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

/* m: how its bytecode was opened, closed, and what came then. */
struct loading {
    const char *opened; /* fields of the event, NULL: it was not */
    const char *closed;
    bool accepted, compiled;
    enum thaw_module_bytecode expected;
};

static void build_loading(const char *before, const struct loading *row)
{
    char lines[4096];
    int length = snprintf(lines, sizeof(lines),
                          "%s100 import.begin name=\"m\" stack=90\n"
                          "102 file.lookups count=1 last_ns=101 bytes=200 mtime_s=4294967303 "
                          "stack=70\n",
                          before);

    if (row->opened)
        length += snprintf(lines + length, sizeof(lines) - (size_t)length,
                           "103 file.open path=\"" PYC "\" %s stack=70\n", row->opened);
    if (row->closed)
        length += snprintf(lines + length, sizeof(lines) - (size_t)length,
                           "104 file.close %s stack=70\n", row->closed);
    if (row->compiled)
        length += snprintf(lines + length, sizeof(lines) - (size_t)length,
                           "105 file.open path=\"/s/m.py\" result=3 bytes=200 stack=70\n"
                           "106 file.close bytes=200 stack=70\n");
    if (row->accepted)
        length += snprintf(lines + length, sizeof(lines) - (size_t)length,
                           "107 unmarshal.begin stack=70\n");
    length += snprintf(lines + length, sizeof(lines) - (size_t)length,
                       "110 body.begin file=\"/s/m.py\" stack=80\n"
                       "120 import.end stack=90\n");
    assert_true((size_t)length < sizeof(lines));
    build(lines);
}

#define OPENED "result=3 bytes=500"
#define OF_SOURCE " source_mtime_s=7 source_bytes=200" /* 32 bits of the time */

static const struct loading loadings[] = {
    {OPENED, "bytes=500 magic=3495" OF_SOURCE, true, false, THAW_MODULE_BYTECODE_USED},
    {OPENED, NULL, true, false, THAW_MODULE_BYTECODE_USED}, /* close lost */
    {OPENED, "bytes=500 magic=3495 flags=1", true, true, THAW_MODULE_BYTECODE_USED}, /* by hash */
    {"result=-2", NULL, false, true, THAW_MODULE_BYTECODE_MISSING},
    {OPENED, "bytes=500 magic=3495 source_mtime_s=6 source_bytes=200", false, true,
     THAW_MODULE_BYTECODE_STALE},
    {OPENED, "bytes=500 magic=3495 source_mtime_s=7 source_bytes=201", false, true,
     THAW_MODULE_BYTECODE_STALE},
    {OPENED, "bytes=500 magic=3495 flags=1", false, true, THAW_MODULE_BYTECODE_STALE},
    {OPENED, "bytes=500 magic=3413" OF_SOURCE, false, true, THAW_MODULE_BYTECODE_REJECTED},
    {OPENED, "bytes=500 magic=3413 source_mtime_s=6", false, true, THAW_MODULE_BYTECODE_REJECTED},
    {OPENED, "bytes=500 magic=3413 flags=1", false, true, THAW_MODULE_BYTECODE_REJECTED},
    {OPENED, "bytes=500 magic=3495" OF_SOURCE, false, true,
     THAW_MODULE_BYTECODE_REJECTED},                                     /* damaged */
    {OPENED, "bytes=12", false, true, THAW_MODULE_BYTECODE_REJECTED},    /* cut */
    {"result=3", "bytes=0", false, true, THAW_MODULE_BYTECODE_REJECTED}, /* empty */
    {OPENED, NULL, false, true, THAW_MODULE_BYTECODE_REJECTED},
    {"result=-13", NULL, false, true, THAW_MODULE_BYTECODE_UNREADABLE},
    {"result=3 bytes=4096", "bytes=0", false, true, THAW_MODULE_BYTECODE_UNREADABLE},
    {"result=3 is_folder=1", "bytes=0", false, true, THAW_MODULE_BYTECODE_UNREADABLE},
    {"result=3", "bytes=0", false, true, THAW_MODULE_BYTECODE_REJECTED}, /* an empty file */
    {NULL, NULL, false, true, THAW_MODULE_BYTECODE_UNKNOWN},
    {OPENED, "bytes=500 magic=3495" OF_SOURCE, false, false, THAW_MODULE_BYTECODE_UNKNOWN},
};

static void statuses_go_by_what_was_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(loadings) / sizeof(loadings[0]); i++) {
        build_loading(SITE("3495"), &loadings[i]);
        if (module("m")->bytecode != loadings[i].expected)
            fail_msg("row %zu: %d", i, (int)module("m")->bytecode);
    }
}

/* No bytecode was accepted, before or after: what its magic number should be is not known. */
static void without_a_known_magic_number_the_source_decides(void **state)
{
    static const struct loading foreign = {OPENED, "bytes=500 magic=3413" OF_SOURCE, false, true,
                                           THAW_MODULE_BYTECODE_REJECTED};
    static const struct loading older = {OPENED, "bytes=500 magic=3495 source_mtime_s=6", false,
                                         true, THAW_MODULE_BYTECODE_STALE};

    (void)state;
    build_loading("", &foreign);
    assert_int_equal(module("m")->bytecode, foreign.expected);
    build_loading("", &older);
    assert_int_equal(module("m")->bytecode, older.expected);
}

/* Each program goes by its own interpreter's number, though the process stays the same. */
static void a_process_may_become_another_python(void **state)
{
    static const struct loading stale = {OPENED, "bytes=500 magic=3495 source_mtime_s=6", false,
                                         true, THAW_MODULE_BYTECODE_STALE};

    (void)state;
    build_loading(
        SITE("3413") "50 process.exec executable=\"/usr/bin/python3.11\"\n"
                     "60 import.begin name=\"encodings\" stack=90\n"
                     "61 file.open path=\"/s/encodings/__pycache__/__init__.cpython-311.pyc\" "
                     "result=3 bytes=90 stack=70\n"
                     "62 file.close bytes=90 magic=3495 stack=70\n"
                     "63 unmarshal.begin stack=70\n"
                     "70 import.end stack=90\n",
        &stale);
    assert_int_equal(module("m")->bytecode, stale.expected);
}

static void a_program_before_goes_by_its_own_magic_number(void **state)
{
    (void)state;
    build(SITE("3495") "30 import.begin name=\"m\" stack=90\n"
                       "32 file.lookups count=1 last_ns=31 bytes=200 mtime_s=7 stack=70\n"
                       "33 file.open path=\"" PYC "\" result=3 bytes=500 stack=70\n"
                       "34 file.close bytes=500 magic=3495 source_mtime_s=6 stack=70\n"
                       "35 file.open path=\"/s/m.py\" result=3 bytes=200 stack=70\n"
                       "36 file.close bytes=200 stack=70\n"
                       "37 body.begin file=\"/s/m.py\" stack=80\n"
                       "38 import.end stack=90\n"
                       "50 process.exec executable=\"/usr/bin/python3.8\"\n"
                       "60 import.begin name=\"site\" stack=90\n"
                       "61 file.open path=\"/s/__pycache__/site.cpython-38.pyc\" result=3 bytes=90 "
                       "stack=70\n"
                       "62 file.close bytes=90 magic=3413 stack=70\n"
                       "63 unmarshal.begin stack=70\n"
                       "70 import.end stack=90\n");
    assert_int_equal(module("m")->bytecode, THAW_MODULE_BYTECODE_STALE);
}

static void bytecode_of_another_module_says_nothing(void **state)
{
    (void)state;
    build("100 import.begin name=\"m\" stack=90\n"
          "103 file.open path=\"/s/__pycache__/other.cpython-311.pyc\" result=-2 stack=70\n"
          "120 import.end stack=90\n");
    assert_int_equal(module("m")->bytecode, THAW_MODULE_BYTECODE_UNKNOWN);
}

/* --- where modules were looked for --- */

static void folders_are_a_chain(void **state)
{
    static const struct thaw_search_folder expected[] = {{1, 0, "/app"},
                                                         {2, 1, "/lib"},
                                                         {5, 2, "/site"}};

    (void)state;
    build("10 file.folder number=1 path=\"/app\"\n"
          "11 file.folder number=2 after=1 path=\"/lib\"\n"
          "12 file.folder number=3 after=3 path=\"after itself\"\n"
          "13 file.folder number=4 after=9 path=\"after what comes later\"\n"
          "14 file.folder number=0 path=\"none\"\n"
          "15 file.folder number=4294967296 path=\"too many\"\n"
          "16 file.folder number=5 after=2 path=\"/site\"\n");
    assert_int_equal(fixture.timeline->folder_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fixture.timeline->folders[i].id, expected[i].id);
        assert_int_equal(fixture.timeline->folders[i].after, expected[i].after);
        assert_string_equal(fixture.timeline->folders[i].path, expected[i].path);
    }
}

static void lookups_are_summed_and_failed_paths_kept(void **state)
{
    const struct thaw_failed_lookup *failed;

    (void)state;
    build("100 import.begin name=\"m\" stack=90\n"
          "101 file.lookup path=\"/app/m/__init__.py\" result=-2 stack=70\n"
          "102 file.lookups count=3 failed=1 searched=2 stack=70\n"
          "103 gc.begin stack=60\n"
          "104 gc.end stack=60\n"
          "105 file.lookup path=\"/lib/m.so\" result=-13 stack=70\n"
          "107 file.lookups count=2 failed=1 last_ns=106 stack=70\n"
          "120 import.end stack=90\n");
    assert_int_equal(module("m")->lookups, 5);
    assert_int_equal(module("m")->lookups_failed, 2);
    assert_int_equal(module("m")->searched, 2); /* 0 is: no folder since */
    failed = module("m")->failed_lookups;       /* the last one first */
    assert_string_equal(failed->path, "/lib/m.so");
    assert_int_equal(failed->error, -EACCES);
    assert_string_equal(failed->next->path, "/app/m/__init__.py");
    assert_int_equal(failed->next->error, -ENOENT);
    assert_null(failed->next->next);
}

/* importlib looks for __pycache__ before it writes there, and at the source's mode. */
static void what_is_looked_up_to_write_is_not_searching(void **state)
{
    static const char *const marshal[] = {"", "120 marshal.begin stack=70\n"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char lines[2048];

        snprintf(lines, sizeof(lines),
                 "100 import.begin name=\"m\" stack=90\n"
                 "102 file.lookups count=3 searched=2 last_ns=101 bytes=200 mtime_s=7 stack=70\n"
                 "103 file.open path=\"" PYC "\" result=-2 stack=70\n"
                 "104 file.open path=\"/s/m.py\" result=3 bytes=200 stack=70\n"
                 "106 file.close bytes=200 stack=70\n"
                 "%s"
                 "121 file.lookup path=\"/s/__pycache__\" result=-2 stack=70\n"
                 "123 file.lookups count=2 failed=1 searched=9 last_ns=122 stack=70\n"
                 "124 file.open path=\"" PYC ".7\" result=3 for_writing=1 stack=70\n"
                 "130 body.begin file=\"/s/m.py\" stack=80\n"
                 "140 import.end stack=90\n",
                 marshal[i]);
        build(lines);
        assert_int_equal(module("m")->lookups, 3);
        assert_int_equal(module("m")->lookups_failed, 0);
        assert_int_equal(module("m")->searched, 2);
        assert_null(module("m")->failed_lookups);
        assert_int_equal(module("m")->parts[THAW_PART_COMPILE].ns, i ? 14 : 18);
        assert_int_equal(module("m")->parts[THAW_PART_WRITE].ns, i ? 10 : 6);
    }
}

static void lookups_of_nobody_are_nobodys(void **state)
{
    (void)state;
    build("90 file.lookups count=3 failed=1 searched=2 last_ns=89 stack=70\n"
          "91 file.lookup path=\"/a\" result=-2 stack=70\n"
          "100 import.begin name=\"m\" stack=90\n"
          "101 file.lookups pid=1 tid=2 count=1 failed=1 last_ns=101 stack=70\n"
          "102 file.lookup pid=1 tid=2 path=\"/b\" result=-2 stack=70\n"
          "103 gc.begin stack=60\n"
          "104 file.lookup path=\"/c\" result=-2 stack=50\n"
          "105 gc.end stack=60\n"
          "120 import.end stack=90\n");
    assert_int_equal(module("m")->lookups, 0);
    assert_null(module("m")->failed_lookups);
}

/* The end of a.b's package was lost: what is on the stack above it shows that it is over. */
static void what_follows_a_lost_end_is_not_of_what_ended(void **state)
{
    (void)state;
    build(SITE("3495") "100 import.begin name=\"a.b\" stack=90\n"
                       "102 import.begin name=\"a\" stack=70\n"
                       "110 file.lookup path=\"/a/b.so\" result=-2 stack=80\n"
                       "111 file.lookups count=4 failed=1 last_ns=110 searched=3 stack=80\n"
                       "112 file.open path=\"/a/__pycache__/b.cpython-311.pyc\" result=3 bytes=500 "
                       "stack=80\n"
                       "115 file.close bytes=500 magic=3495 stack=80\n"
                       "116 unmarshal.begin stack=80\n"
                       "120 body.begin file=\"/a/b.py\" stack=85\n"
                       "130 import.end stack=90\n");
    assert_true(module("a")->end_inferred);
    assert_int_equal(module("a")->lookups, 0);
    assert_null(module("a")->failed_lookups);
    assert_int_equal(module("a.b")->lookups, 4);
    assert_int_equal(module("a.b")->searched, 3);
    assert_non_null(module("a.b")->failed_lookups);
    assert_int_equal(module("a.b")->bytecode, THAW_MODULE_BYTECODE_USED);
    assert_int_equal(module("a.b")->parts[THAW_PART_READ].ns, 5);
    assert_int_equal(module("a.b")->parts[THAW_PART_UNMARSHAL].ns, 4);
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(statuses_go_by_what_was_read),
        TEST(without_a_known_magic_number_the_source_decides),
        TEST(a_process_may_become_another_python),
        TEST(a_program_before_goes_by_its_own_magic_number),
        TEST(bytecode_of_another_module_says_nothing),
        TEST(folders_are_a_chain),
        TEST(lookups_are_summed_and_failed_paths_kept),
        TEST(what_is_looked_up_to_write_is_not_searching),
        TEST(lookups_of_nobody_are_nobodys),
        TEST(what_follows_a_lost_end_is_not_of_what_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
