/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "python/import_names.h"

struct told {
    char text[2048];
    size_t limit; /* of names, 0 none */
    size_t count;
};

static int tell(void *context, const struct thaw_import_name *name)
{
    struct told *told = context;
    size_t length = strlen(told->text);

    snprintf(told->text + length, sizeof(told->text) - length, "%s%s%s", length ? " " : "",
             name->name, name->may_be_value ? "?" : "");
    told->count++;
    return told->limit && told->count == told->limit ? 7 : 0;
}

static void expect(const char *source, const char *names)
{
    struct told told = {0};

    assert_int_equal(thaw_import_names(source, strlen(source), tell, &told), 0);
    assert_string_equal(told.text, names);
}

static void each_form_of_the_statements_is_read(void **state)
{
    (void)state;
    expect("import a", "a");
    expect("import a.b as c, d,e . f\n", "a.b d e.f");
    expect("from x.y import z as w, v\n", "x.y x.y.z? x.y.v?");
    expect("from x import *\nimport y\n", "x y");
    expect("from a import (b,\n  c as d, # import no\n\n  e,)\nimport f", "a a.b? a.c? a.e? f");
    expect("lazy import a\nlazy from b import c\nlazy = 1\n", "a b b.c?");
    expect("import caf\xc3\xa9\n", "caf\xc3\xa9");
}

static void relative_ones_are_left_out(void **state)
{
    (void)state;
    expect("from . import a\nfrom .b import c\nfrom .. d import e\nfrom ...f import g\n", "");
}

static void statements_begin_behind_lines_semicolons_and_colons(void **state)
{
    (void)state;
    expect("import a;import b; from c import d\n", "a b c c.d?");
    expect("if x: import a\nelse : from b import c\n", "a b b.c?");
    expect("try:\n\timport a\nexcept ImportError:\n\tpass\n", "a");
    expect("import a\rimport b\r\nimport c\n\fimport d", "a b c d");
    expect("\xef\xbb\xbfimport a\n", "a");
    expect("x.import_a\nimportant = 1\nfrom_x = 2\n", "");
}

static void lines_that_go_on_are_one(void **state)
{
    (void)state;
    expect("import a \\\n  , b\nfrom \\\r\n c \\\r import \\\n d\n", "a b c c.d?");
    expect("x = \\\nfrom_y\nimport a\n", "a");
}

static void texts_and_comments_say_nothing(void **state)
{
    (void)state;
    expect("'''\nimport a\n'''\n\"\"\"\nimport b\\\"\"\"\n\"\"\"\n# import c\nimport d\n", "d");
    expect("x = '\\\nimport a'\ny = r'\\'; import b'\nz = rb\"\\\\\"; import c\n", "c");
    expect("x = '''a''b''' ; import c", "c");
    expect("x = ''; y = \"\"; import c", "c");
    expect("x = 'not closed\nimport a\n", "a");
    expect("x = '''not closed\nimport a\n", "");
    expect("x = f\"{d[\"#\"]}\"\ny = f'{'('}'\nimport a\n", "a");
}

static void other_uses_of_from_are_none(void **state)
{
    (void)state;
    expect("def f():\n  yield from a\n  x = (yield\n   from b)\n  raise C from d\n", "");
    expect("raise C \\\n from d\nimport e\n", "e");
}

static void damaged_source_ends(void **state)
{
    char longest[THAW_IMPORT_NAME_MAX + 2], source[1024];
    struct told told = {0};

    (void)state;
    expect("import", "");
    expect("from", "");
    expect("from a", "");
    expect("from a import", "a");
    expect("from a import (", "a");
    expect("import a.\nimport b\n", "b");
    expect("import a, \nimport b\n", "a b");
    expect("import a..b, 1c\n", "");
    expect("\\", "");
    expect("import a \\", "a");
    memset(longest, 'n', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    snprintf(source, sizeof(source), "import %s\nimport %s\nfrom a import %s\n", longest + 1,
             longest, longest + 2);
    assert_int_equal(thaw_import_names(source, strlen(source), tell, &told), 0);
    assert_int_equal(told.count, 2); /* the longest that is allowed, and "a" */
}

static void what_the_caller_returns_ends_it(void **state)
{
    struct told told = {.limit = 2};
    const char *source = "from a import b, c";

    (void)state;
    assert_int_equal(thaw_import_names(source, strlen(source), tell, &told), 7);
    assert_string_equal(told.text, "a a.b?");
}

static int tell_offset(void *context, const struct thaw_import_name *name)
{
    char *text = context;
    size_t length = strlen(text);

    snprintf(text + length, 256 - length, "%s@%zu ", name->name, name->offset);
    return 0;
}

/* The statement's, also of a name on a later line, and of a lazy one that of `import`. */
static void each_name_is_told_with_its_statement(void **state)
{
    const char *source =
        "\xef\xbb\xbfimport a, b\r\nif x: from c import (\n  d,\n)\nlazy import e\n";
    char text[256] = "";

    (void)state;
    assert_int_equal(thaw_import_names(source, strlen(source), tell_offset, text), 0);
    assert_string_equal(text, "a@3 b@3 c@22 c.d@22 e@50 ");
    assert_memory_equal(source + 50, "import e", 8);
    assert_memory_equal(source + 22, "from c", 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_of_the_statements_is_read),
        cmocka_unit_test(relative_ones_are_left_out),
        cmocka_unit_test(statements_begin_behind_lines_semicolons_and_colons),
        cmocka_unit_test(lines_that_go_on_are_one),
        cmocka_unit_test(texts_and_comments_say_nothing),
        cmocka_unit_test(other_uses_of_from_are_none),
        cmocka_unit_test(damaged_source_ends),
        cmocka_unit_test(what_the_caller_returns_ends_it),
        cmocka_unit_test(each_name_is_told_with_its_statement),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
