/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shipped_tree.h"

#define SITE "site-packages/"

static struct scratch scratch;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    shipped_write(&scratch,
                  &(struct shipped_wheel){SITE, "Foo.Bar", "1.4", "", "foo.py", NULL, false});
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static struct thaw_shipped *read_with(const char *requirements)
{
    scratch_write_text(&scratch, "requirements.txt", requirements);
    return shipped_read(&scratch);
}

/* "pinned hashed applies satisfied installed unreadable constraint", a letter each or "-". */
static const char *letters(const struct thaw_shipped_request *request)
{
    static char text[8];

    snprintf(text, sizeof(text), "%c%c%c%c%c%c%c", request->is_pinned ? 'p' : '-',
             request->is_hashed ? 'h' : '-', request->requirement.applies ? 'a' : '-',
             request->requirement.satisfied ? 's' : '-',
             request->requirement.distribution != THAW_SHIPPED_NONE ? 'i' : '-',
             request->requirement.unreadable ? 'u' : '-', request->is_constraint ? 'c' : '-');
    return text;
}

static void each_line_is_held_against_what_is_installed(void **state)
{
    static const struct {
        const char *line;
        const char *name;
        const char *letters;
    } rows[] = {
        {"foo_bar", "foo_bar", "--asi--"},
        {"foo-bar==1.4", "foo-bar", "p-asi--"},
        {"foo-bar==1.4.*", "foo-bar", "--asi--"},
        {"foo.bar==1.5 --hash=sha256:00", "foo.bar", "pha-i--"},
        {"foo.bar>=2 ; python_version < '3.8'", "foo.bar", "----i--"},
        {"gone", "gone", "--a----"},
        {"foo-bar @ https://h/x.whl", "foo-bar", "--asi--"},
        {"foo-bar @ https://h/x.whl#sha256=00", "foo-bar", "p-asi--"},
        {"foo-bar @ git+https://h/x@0123456789012345678901234567890123456789", "foo-bar",
         "p-asi--"},
        {"foo-bar @ git+https://h/x@main", "foo-bar", "--asi--"},
        {"git+https://h/x#egg=Foo.Bar", "Foo.Bar", "--asi--"},
        {"./wheels/foo_bar-1.4-py3-none-any.whl", "foo_bar", "--asi--"},
        {"-e .", "", "-----u-"},
        {"https://h/archive.zip", "", "-----u-"},
        {"foo bar", "", "-----u-"},
    };
    struct thaw_shipped *shipped;
    char text[2048] = "# first\n--index-url https://user:word@host/\n";

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s\n", rows[i].line);
    shipped = read_with(text);
    assert_int_equal(shipped->request_count, sizeof(rows) / sizeof(rows[0]));
    for (size_t i = 0; i < shipped->request_count; i++) {
        const struct thaw_shipped_request *request = &shipped->requests[i];

        assert_string_equal(request->file, "requirements.txt");
        assert_int_equal(request->line, i + 3);
        assert_string_equal(request->requirement.name, rows[i].name);
        assert_string_equal(letters(request), rows[i].letters);
    }
    assert_int_equal(shipped->fault_count, 1); /* "foo bar" */
    thaw_shipped_free(shipped);
}

static void words_that_may_be_secret_are_not_kept(void **state)
{
    struct thaw_shipped *shipped = read_with("foo-bar @ https://me:token@host/x@1/y.whl\n"
                                             "git+ssh://git@host/z\n");

    (void)state;
    assert_string_equal(shipped->requests[0].requirement.text,
                        "foo-bar @ https://***@host/x@1/y.whl");
    assert_string_equal(shipped->requests[1].requirement.text, "git+ssh://git@host/z");
    thaw_shipped_free(shipped);
}

static void other_files_are_followed_inside_of_the_target(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    scratch_write_text(&scratch, "parts/one.txt", "one\n-r ./two.txt\n-r ../requirements.txt\n");
    scratch_write_text(&scratch, "parts/two.txt", "two\n-r one.txt\n-c ../limits.txt\n");
    scratch_write_text(&scratch, "limits.txt", "foo.bar==1.5\none==7\n");
    shipped = read_with("-r parts/../parts//one.txt\nfoo.bar\n");
    assert_int_equal(shipped->request_count, 5);
    assert_string_equal(shipped->requests[0].requirement.text, "foo.bar");
    assert_string_equal(letters(&shipped->requests[0]), "p-asi--"); /* pinned by limits.txt */
    assert_string_equal(shipped->requests[1].file, "parts/one.txt");
    assert_string_equal(letters(&shipped->requests[1]), "p-a----");
    assert_string_equal(shipped->requests[2].file, "parts/two.txt");
    assert_string_equal(letters(&shipped->requests[3]), "p-a-i-c");
    assert_string_equal(letters(&shipped->requests[4]), "p-as--c"); /* not there: no matter */
    assert_int_equal(shipped->fault_count, 0);
    thaw_shipped_free(shipped);
}

static void what_leads_out_is_not_opened(void **state)
{
    static const char *const others[] = {"../x.txt",           "/etc/passwd",   "a/../../x.txt",
                                         "https://host/x.txt", "not/there.txt", "."};
    char line[64];

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct thaw_shipped *shipped;

        snprintf(line, sizeof(line), "-r %s\n", others[i]);
        shipped = read_with(line);
        assert_int_equal(shipped->request_count, 0);
        assert_int_equal(shipped->fault_count, 1);
        assert_non_null(shipped_fault_of(shipped, "requirements.txt"));
        thaw_shipped_free(shipped);
    }
}

static void requirements_txt_is_what_is_shipped(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    scratch_write_text(&scratch, "requirements-dev.txt", "pytest\n");
    scratch_write_text(&scratch, "constraints.txt", "foo.bar<2\n");
    scratch_write_text(&scratch, "docs/requirements.txt", "sphinx\n");
    scratch_write_text(&scratch, SITE "requirements.txt", "vendored\n");
    shipped = read_with("foo.bar\n");
    assert_int_equal(shipped->request_count, 1); /* constraints that no file names say nothing */
    thaw_shipped_free(shipped);
    shipped = read_with("foo.bar\n-c constraints.txt\n");
    assert_int_equal(shipped->request_count, 2);
    assert_true(shipped->requests[0].is_constraint != shipped->requests[1].is_constraint);
    thaw_shipped_free(shipped);
    assert_int_equal(remove(scratch_path(&scratch, "requirements.txt")), 0);
    shipped = shipped_read(&scratch);
    assert_int_equal(shipped->request_count, 1); /* requirements-dev.txt */
    thaw_shipped_free(shipped);
}

static void hostile_files_end(void **state)
{
    struct thaw_shipped *shipped;
    char *text = malloc(200000), name[32];
    size_t length = 0;

    (void)state;
    assert_non_null(text);
    for (int i = 0; i < 70; i++) { /* each includes the next */
        snprintf(name, sizeof(name), "r%d.txt", i);
        snprintf(text, 64, "p%d\n-r r%d.txt\n", i, i + 1);
        scratch_write_text(&scratch, name, text);
    }
    shipped = read_with("-r r0.txt\n");
    assert_int_equal(shipped->request_count, 63);
    assert_int_equal(shipped->fault_count, 1);
    thaw_shipped_free(shipped);
    while (length < 199990)
        length += (size_t)sprintf(text + length, "a\n");
    shipped = read_with(text);
    assert_int_equal(shipped->request_count, 50000);
    assert_int_equal(shipped->fault_count, 1);
    thaw_shipped_free(shipped);
    memset(text, 'a', 1001);
    strcpy(text + 1001, "\nb\n");
    shipped = read_with(text);
    assert_int_equal(shipped->request_count, 1);
    assert_int_equal(shipped->fault_count, 1);
    thaw_shipped_free(shipped);
    free(text);
    shipped = read_with("-r \n-r\n-e\n\\\n;\n[\n@\n--\n\xff==\x01\n");
    assert_true(shipped->fault_count > 0);
    thaw_shipped_free(shipped);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(each_line_is_held_against_what_is_installed),
        TEST(words_that_may_be_secret_are_not_kept),
        TEST(other_files_are_followed_inside_of_the_target),
        TEST(what_leads_out_is_not_opened),
        TEST(requirements_txt_is_what_is_shipped),
        TEST(hostile_files_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
