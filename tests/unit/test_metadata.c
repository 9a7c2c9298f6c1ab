/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packaging/metadata.h"
#include "packaging/record.h"

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
                                          "Requires-Python: >=3.9, <4\n"
                                          "Requires-Dist: one>=1\n"
                                          "\n"
                                          "Requires-Dist: text\n");

    (void)state;
    assert_string_equal(metadata.name, "Some.Package");
    assert_string_equal(metadata.version, "1.0rc1");
    assert_string_equal(metadata.requires_python, ">=3.9, <4");
    assert_int_equal(metadata.requires.count, 1);
    assert_string_equal(metadata.requires.items[0], "one>=1");
}

static void nothing_gives_nothing(void **state)
{
    struct thaw_metadata metadata = parse("");

    (void)state;
    assert_string_equal(metadata.name, "");
    assert_string_equal(metadata.version, "");
    assert_string_equal(metadata.license, "");
    assert_string_equal(metadata.requires_python, "");
    assert_int_equal(metadata.requires.count, 0);
    assert_int_equal(metadata.extras.count, 0);
    metadata = parse("Name:\nVersion");
    assert_string_equal(metadata.name, "");
    assert_string_equal(metadata.version, "");
}

/* All texts of a list, each with "|" behind it. */
static const char *joined(const struct thaw_texts *texts)
{
    const char *all = "";

    for (uint64_t i = 0; i < texts->count; i++)
        all = thaw_arena_format(&arena, "%s%s|", all, texts->items[i]);
    return all;
}

static void requirements_and_extras_are_as_written(void **state)
{
    struct thaw_metadata metadata = parse("Requires-Dist: numpy>=1.2; python_version == \"3.11\"\n"
                                          "Provides-Extra: Test_All\n"
                                          "Requires-Dist: numpy>=1.2; python_version == \"3.11\"\n"
                                          "Requires-Dist:  a (>=2) ; extra == 'Test_All' \r\n"
                                          "Provides-Extra: doc\n"
                                          "Requires-Dist:\n"
                                          "Provides-Extra: \n"
                                          "Requires-Dist: >=1\n");

    (void)state;
    assert_string_equal(joined(&metadata.requires), "numpy>=1.2; python_version == \"3.11\"|"
                                                    "numpy>=1.2; python_version == \"3.11\"|"
                                                    "a (>=2) ; extra == 'Test_All'|>=1|");
    assert_string_equal(joined(&metadata.extras), "Test_All|doc|");
}

static void license_is_an_expression_or_one_short_line(void **state)
{
    (void)state;
    assert_string_equal(parse("License: MIT\n").license, "MIT");
    assert_string_equal(parse("License: MIT\nLicense-Expression: Apache-2.0 OR MIT\n").license,
                        "Apache-2.0 OR MIT");
    assert_string_equal(parse("License-Expression: ISC\nLicense: MIT\n").license, "ISC");
    assert_string_equal(parse("License-Expression:\nLicense: MIT\n").license, "MIT");
    assert_string_equal(parse("License-File: LICENSE\n").license, "");
    assert_string_equal(parse("License: UNKNOWN\n").license, "");
    assert_string_equal(parse("License: MIT License\n        \n        Copyright\n").license, "");
    assert_string_equal(parse("License: "
                              "1234567890123456789012345678901234567890"
                              "1234567890123456789012345678901234567890\n")
                            .license,
                        "1234567890123456789012345678901234567890"
                        "1234567890123456789012345678901234567890");
    assert_string_equal(parse("License: "
                              "1234567890123456789012345678901234567890"
                              "12345678901234567890123456789012345678901\n")
                            .license,
                        "");
}

static struct thaw_metadata parse_requires(const char *text, struct thaw_metadata metadata)
{
    assert_int_equal(thaw_metadata_parse_requires(text, strlen(text), &arena, &metadata, NULL), 0);
    return metadata;
}

static void sections_of_eggs_become_markers(void **state)
{
    static const char text[] =
        "six>=1.0\n\n  idna \n# a comment\n"
        "[security]\ncryptography>=1\nurl@https://h/x\n"
        "[:python_version < \"3\"]\nfutures\n"
        "[ socks : os_name == 'nt' or os_name == 'x' ]\nwin\n[broken\n[]\nlast";
    const char *extras[] = {"said"};
    struct thaw_metadata metadata = parse_requires(text, (struct thaw_metadata){0});

    (void)state;
    assert_string_equal(joined(&metadata.requires),
                        "six>=1.0|idna|cryptography>=1; extra == \"security\"|"
                        "url@https://h/x ; extra == \"security\"|"
                        "futures; python_version < \"3\"|"
                        "win; (os_name == 'nt' or os_name == 'x') and extra == \"socks\"|last|");
    assert_string_equal(joined(&metadata.extras), "security|socks|");
    metadata = parse_requires(text, (struct thaw_metadata){.extras = {extras, 1}});
    assert_string_equal(joined(&metadata.extras), "said|");
    metadata = parse_requires("", metadata);
    assert_int_equal(metadata.requires.count, 0);
}

static void hostile_values_are_cut_not_trusted(void **state)
{
    static char text[400000] = "Name: ";
    struct thaw_metadata metadata;
    char *end = text;

    (void)state;
    memset(text + 6, 'x', 200000);
    metadata = parse(text);
    assert_int_equal(strlen(metadata.name), 512);
    memcpy(text, "Requires-Dist: ", 15);
    metadata = parse(text);
    assert_int_equal(strlen(metadata.requires.items[0]), 4096);
    for (int i = 0; i < 9000; i++)
        end += sprintf(end, "Requires-Dist: n%d\nProvides-Extra: e\n", i);
    metadata = parse(text);
    assert_int_equal(metadata.requires.count, 8192);
    assert_int_equal(metadata.extras.count, 1024);
    metadata = parse("Name: \xff\xfe</script>\nVersion: \x1b[2J");
    assert_string_equal(metadata.name, "\xff\xfe</script>");
    assert_string_equal(metadata.version, "\x1b[2J");
}

/* All paths of a RECORD that are let through, joined by "|"; *outside counts the others. */
static const char *record_paths(const char *text, size_t *outside)
{
    char *copy = strdup(text), *path;
    struct thaw_record_reader reader = {copy, copy + strlen(copy)};
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

/* The sizes of a RECORD, each with "|" behind it; "?" unknown. */
static const char *record_sizes(const char *text)
{
    char *copy = strdup(text), *path;
    struct thaw_record_reader reader = {copy, copy + strlen(copy)};
    const char *all = "";
    uint64_t size;
    size_t length;

    while (thaw_record_next_sized(&reader, &path, &length, &size))
        all = size == UINT64_MAX
                  ? thaw_arena_format(&arena, "%s?|", all)
                  : thaw_arena_format(&arena, "%s%llu|", all, (unsigned long long)size);
    free(copy);
    return all;
}

static void record_has_sizes(void **state)
{
    (void)state;
    assert_string_equal(record_sizes("a,sha256=x,12\r\nb,,\nc\n\"d,1\",\"x,\ny\",0\ne,x,\"7\",9\n"),
                        "12|?|?|0|7|");
    assert_string_equal(record_sizes("a,,-1\nb,,1x\nc,,0x10\nd,, 3\ne,,18446744073709551615\n"
                                     "f,,18446744073709551616\ng,,99999999999999999999999\n"
                                     "h,,18446744073709551599\ni,,5"),
                        "?|?|?|?|?|?|?|18446744073709551599|5|");
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
        cmocka_unit_test(requirements_and_extras_are_as_written),
        cmocka_unit_test(license_is_an_expression_or_one_short_line),
        cmocka_unit_test(sections_of_eggs_become_markers),
        cmocka_unit_test(hostile_values_are_cut_not_trusted),
        cmocka_unit_test(record_has_sizes),
        cmocka_unit_test(record_is_read_as_csv),
        cmocka_unit_test(paths_that_lead_outside_are_not_let_through),
    };

    return cmocka_run_group_tests(tests, NULL, free_arena);
}
