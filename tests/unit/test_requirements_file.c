/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packaging/requirements_file.h"

static struct thaw_arena arena;

static int free_arena(void **state)
{
    (void)state;
    thaw_arena_free(&arena);
    return 0;
}

/* All lines: "1 r text", with "+" behind the letter when it has a hash, joined by "|". */
static const char *read_all(const char *text)
{
    static const char letters[] = "rfcepo";
    struct thaw_requirements_reader reader;
    struct thaw_requirements_line line;
    const char *all = "";

    thaw_requirements_begin(&reader, text, strlen(text));
    while (thaw_requirements_next(&reader, &arena, &line) > 0)
        all = thaw_arena_format(&arena, "%s%s%u %c%s %s", all, *all ? "|" : "", (unsigned)line.line,
                                letters[line.kind], line.has_hash ? "+" : "", line.text);
    assert_int_equal(thaw_requirements_next(&reader, &arena, &line), 0);
    return all;
}

static void requirements_stand_one_a_line(void **state)
{
    (void)state;
    assert_string_equal(read_all(""), "");
    assert_string_equal(read_all("numpy==1.26.4"), "1 r numpy==1.26.4");
    assert_string_equal(read_all("\xef\xbb\xbf"
                                 "a\r\n\r\n  b>=1 ; os_name == 'nt'\rc\n"),
                        "1 r a|3 r b>=1 ; os_name == 'nt'|4 r c");
    assert_string_equal(read_all("a @ https://h/a.whl\nb[x] (>=1)\n"),
                        "1 r a @ https://h/a.whl|2 r b[x] (>=1)");
}

static void comments_are_passed_over(void **state)
{
    (void)state;
    assert_string_equal(read_all("# a\n  # b\na # c\nb#d\nc\t#e\n#"), "3 r a|4 r b#d|5 r c");
    assert_string_equal(read_all("https://h/x#egg=y # z"), "1 p https://h/x#egg=y");
}

static void lines_go_on_behind_a_backslash(void **state)
{
    (void)state;
    assert_string_equal(read_all("a==1 \\\n  --hash=sha256:0 \\\n  --hash=sha256:1\nb"),
                        "1 r+ a==1|4 r b");
    assert_string_equal(read_all("a\\\nb\\\r\nc\nd"), "1 r abc|4 r d");
    assert_string_equal(read_all("a \\\n# comment\nb"), "1 r a|3 r b");
    assert_string_equal(read_all("a # \\\nb"), "1 r a"); /* it goes on, though: as pip has it */
    assert_string_equal(read_all("# a \\\nb"), "2 r b");
    assert_string_equal(read_all("a\\"), "1 r a");
    assert_string_equal(read_all("\\\n\\\n"), "");
    assert_string_equal(read_all("a\\ \nb"), "1 r a\\|2 r b");
}

static void hashes_and_options_are_no_requirement(void **state)
{
    (void)state;
    assert_string_equal(read_all("a==1 --hash=sha256:00"), "1 r+ a==1");
    assert_string_equal(read_all("a==1 --hash sha256:00 --hash=x"), "1 r+ a==1");
    assert_string_equal(read_all("a==1 --config-settings x=y"), "1 r a==1");
    assert_string_equal(read_all("a==1 --hashes"), "1 r a==1");
    assert_string_equal(read_all("a-b>=1"), "1 r a-b>=1");
}

static void other_files_are_named(void **state)
{
    (void)state;
    assert_string_equal(read_all(
                            "-r a.txt\n-ra.txt\n--requirement=a.txt\n--requirement a.txt # x\n"),
                        "1 f a.txt|2 f a.txt|3 f a.txt|4 f a.txt");
    assert_string_equal(read_all("-c a.txt\n--constraint  sub/a.txt\n"), "1 c a.txt|2 c sub/a.txt");
    assert_string_equal(read_all("-r 'a b.txt'\n-r \"a\\\"b\"\n-r a\\ b\n-r\n-r 'open"),
                        "1 f a b.txt|2 f a\"b|3 f a b|4 f |5 f open");
    assert_string_equal(read_all("-i https://h -r a.txt\n-c c -e . -r b\n"), "1 f a.txt|2 e .");
}

static void editable_ones_and_paths_are_told_apart(void **state)
{
    (void)state;
    assert_string_equal(read_all("-e .\n--editable=./lib[x]\n-e git+https://h/r@v#egg=r\n"),
                        "1 e .|2 e ./lib[x]|3 e git+https://h/r@v#egg=r");
    assert_string_equal(read_all("./dir\n../x\n.\nsub/dir\n/abs\nx-1-py3-none-any.whl\nx.tar.gz\n"
                                 "X.ZIP ; os_name == 'nt'\nx.whl[extra]\n"),
                        "1 p ./dir|2 p ../x|3 p .|4 p sub/dir|5 p /abs|6 p x-1-py3-none-any.whl|"
                        "7 p x.tar.gz|8 p X.ZIP ; os_name == 'nt'|9 p x.whl[extra]");
    assert_string_equal(read_all("https://h/x.whl\nfile:///x\nfile:x\ngit+ssh://h/r@main\n"),
                        "1 p https://h/x.whl|2 p file:///x|3 p file:x|4 p git+ssh://h/r@main");
    assert_string_equal(read_all("a.b\na>=1; python_version<'3/4'\nwhl\n"),
                        "1 r a.b|2 r a>=1; python_version<'3/4'|3 r whl");
}

/* A URL of an index may have a password in it. */
static void values_of_options_are_not_kept(void **state)
{
    (void)state;
    assert_string_equal(
        read_all("--index-url https://user:secret@h\n--extra-index-url=https://u:s@h\n"
                 "-i https://u:s@h\n-ihttps://u:s@h\n--pre\n-\n--\n--require-hashes\n"),
        "1 o --index-url|2 o --extra-index-url|3 o -i|4 o -i|5 o --pre|6 o -|7 o --|"
        "8 o --require-hashes");
}

static void hostile_files_are_cut(void **state)
{
    static char text[300000];
    struct thaw_requirements_reader reader;
    struct thaw_requirements_line line;

    (void)state;
    memset(text, 'a', sizeof(text));
    thaw_requirements_begin(&reader, text, sizeof(text));
    assert_int_equal(thaw_requirements_next(&reader, &arena, &line), 1);
    assert_int_equal(strlen(line.text), 65536);
    for (size_t i = 0; i + 1 < sizeof(text); i += 2)
        memcpy(text + i, i % 8 == 6 ? "\\\n" : "bb", 2);
    thaw_requirements_begin(&reader, text, sizeof(text));
    assert_int_equal(thaw_requirements_next(&reader, &arena, &line), 1);
    assert_int_equal(strlen(line.text), 65536);
    assert_int_equal(thaw_requirements_next(&reader, &arena, &line), 0);
    thaw_requirements_begin(&reader, "a\0b\n\xff</script>", 14);
    assert_int_equal(thaw_requirements_next(&reader, &arena, &line), 1);
    assert_string_equal(line.text, "a?b");
    assert_int_equal(thaw_requirements_next(&reader, &arena, &line), 1);
    assert_string_equal(line.text, "\xff</script>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requirements_stand_one_a_line),
        cmocka_unit_test(comments_are_passed_over),
        cmocka_unit_test(lines_go_on_behind_a_backslash),
        cmocka_unit_test(hashes_and_options_are_no_requirement),
        cmocka_unit_test(other_files_are_named),
        cmocka_unit_test(editable_ones_and_paths_are_told_apart),
        cmocka_unit_test(values_of_options_are_not_kept),
        cmocka_unit_test(hostile_files_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, free_arena);
}
