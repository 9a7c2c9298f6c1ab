/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "inventory/metadata.h"
#include "inventory/record.h"

static struct thaw_arena arena;

static int free_arena(void **state)
{
    (void)state;
    thaw_arena_free(&arena);
    return 0;
}

static struct thaw_metadata parse(const char *text)
{
    struct thaw_metadata metadata;

    assert_int_equal(thaw_metadata_parse(text, strlen(text), &arena, &metadata, NULL), 0);
    return metadata;
}

static void header_is_read_up_to_the_empty_line(void **state)
{
    struct thaw_metadata metadata = parse("Metadata-Version: 2.1\n"
                                          "name:   Some.Package \r\n"
                                          "Version: 1.0rc1\n"
                                          "Name: second\n"
                                          "Namespace: no\n"
                                          "Requires-Dist: one>=1\n"
                                          "\n"
                                          "Requires-Dist: text\n");

    (void)state;
    assert_string_equal(metadata.name, "Some.Package");
    assert_string_equal(metadata.version, "1.0rc1");
    assert_int_equal(metadata.requires.count, 1);
    assert_string_equal(metadata.requires.items[0], "one");
}

static void nothing_gives_nothing(void **state)
{
    struct thaw_metadata metadata = parse("");

    (void)state;
    assert_string_equal(metadata.name, "");
    assert_string_equal(metadata.version, "");
    assert_int_equal(metadata.requires.count, 0);
    metadata = parse("Name:\nVersion");
    assert_string_equal(metadata.name, "");
    assert_string_equal(metadata.version, "");
}

static void requirements_are_names_each_once_and_without_extras(void **state)
{
    static const char *const names[] = {"numpy", "python-dateutil", "a.b_c", "url",
                                        "kept",  "extras"};
    struct thaw_metadata metadata =
        parse("Requires-Dist: numpy>=1.23.2; python_version == \"3.11\"\n"
              "Requires-Dist: Numpy<2; python_version < \"3.11\"\n"
              "Requires-Dist: python-dateutil (>=2.8.2)\n"
              "Requires-Dist: python_dateutil\n"
              "Requires-Dist: a.b_c[x,y]~=1.0\n"
              "Requires-Dist: url @ https://h/p?a;b\n"
              "Requires-Dist: no1; extra == 'test'\n"
              "Requires-Dist: no2;extra=='t'\n"
              "Requires-Dist: no3 ; os_name=='x' and 'y' == extra\n"
              "Requires-Dist: kept; python_extra == 'x'\n"
              "Requires-Dist: extras\n"
              "Requires-Dist: >=1\n"
              "Requires-Dist:\n");

    (void)state;
    assert_int_equal(metadata.requires.count, sizeof(names) / sizeof(names[0]));
    for (size_t i = 0; i < metadata.requires.count; i++)
        assert_string_equal(metadata.requires.items[i], names[i]);
}

static void eggs_list_requirements_before_their_extras(void **state)
{
    static const char text[] = "six>=1.0\n\n  idna \n[security]\ncryptography\n";
    struct thaw_metadata metadata = {0};

    (void)state;
    assert_int_equal(thaw_metadata_parse_requires(text, sizeof(text) - 1, &arena, &metadata, NULL),
                     0);
    assert_int_equal(metadata.requires.count, 2);
    assert_string_equal(metadata.requires.items[0], "six");
    assert_string_equal(metadata.requires.items[1], "idna");
}

static void hostile_values_are_cut_not_trusted(void **state)
{
    static char text[200000] = "Name: ";
    struct thaw_metadata metadata;

    (void)state;
    memset(text + 6, 'x', sizeof(text) - 7);
    metadata = parse(text);
    assert_int_equal(strlen(metadata.name), 512);
    text[0] = '\0';
    for (int i = 0; i < 5000; i++)
        sprintf(text + strlen(text), "Requires-Dist: n%d\n", i);
    assert_int_equal(parse(text).requires.count, 1024);
    metadata = parse("Name: \xff\xfe</script>\nVersion: \x1b[2J");
    assert_string_equal(metadata.name, "\xff\xfe</script>");
    assert_string_equal(metadata.version, "\x1b[2J");
}

static void names_are_compared_as_pep_503_says(void **state)
{
    (void)state;
    assert_true(thaw_metadata_same_name("Foo.Bar_baz", "foo-bar-baz"));
    assert_true(thaw_metadata_same_name("a--_.b", "A.B"));
    assert_false(thaw_metadata_same_name("foo", "foo-bar"));
    assert_false(thaw_metadata_same_name("foo-", "foo"));
    assert_false(thaw_metadata_same_name("foobar", "foo-bar"));
    assert_true(thaw_metadata_same_name("", ""));
}

/* All paths of a RECORD that are let through, joined by "|"; *outside counts the others. */
static const char *record_paths(const char *text, size_t *outside)
{
    char *copy = strdup(text), *path;
    struct thaw_record_reader reader = {.cursor = copy, .end = copy + strlen(copy)};
    const char *joined = "";
    size_t length;

    *outside = 0;
    while (thaw_record_next(&reader, &path, &length)) {
        if (thaw_record_normalise(path, &length))
            joined = thaw_arena_format(&arena, "%s%.*s|", joined, (int)length, path);
        else
            ++*outside;
    }
    free(copy);
    return joined;
}

static void record_is_read_as_csv(void **state)
{
    size_t outside;

    (void)state;
    assert_string_equal(record_paths("a/b.py,sha256=x,1\r\n"
                                     "\"with, comma.py\",,\n"
                                     "\"quote\"\"d.py\",,\n"
                                     "\n,,\n"
                                     "\"line\nbreak.py\",,\n"
                                     "a/c.py,\"x\ny\",2\n"
                                     "last",
                                     &outside),
                        "a/b.py|with, comma.py|quote\"d.py|line\nbreak.py|a/c.py|last|");
    assert_int_equal(outside, 0);
    assert_string_equal(record_paths("\"unclosed\nnext,,\n", &outside), "unclosed\nnext,,\n|");
    assert_string_equal(record_paths("", &outside), "");
}

static void paths_that_lead_outside_are_not_let_through(void **state)
{
    size_t outside;

    (void)state;
    assert_string_equal(record_paths("../../bin/tool,,\n/etc/passwd,,\na/../../x,,\n..,,\n.,,\n"
                                     "a/..,,\n",
                                     &outside),
                        "");
    assert_int_equal(outside, 6);
    assert_string_equal(record_paths("a//b/./c.py,,\nx/../y.py,,\na/b/../../c/d.py,,\n./e,,\nf/,,\n"
                                     "...,,\n..a/b,,\n",
                                     &outside),
                        "a/b/c.py|y.py|c/d.py|e|f|...|..a/b|");
    assert_int_equal(outside, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_is_read_up_to_the_empty_line),
        cmocka_unit_test(nothing_gives_nothing),
        cmocka_unit_test(requirements_are_names_each_once_and_without_extras),
        cmocka_unit_test(eggs_list_requirements_before_their_extras),
        cmocka_unit_test(hostile_values_are_cut_not_trusted),
        cmocka_unit_test(names_are_compared_as_pep_503_says),
        cmocka_unit_test(record_is_read_as_csv),
        cmocka_unit_test(paths_that_lead_outside_are_not_let_through),
    };

    return cmocka_run_group_tests(tests, NULL, free_arena);
}
