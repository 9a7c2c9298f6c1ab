/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "project/build.h"

/* Files that others include, by name. */
struct file {
    const char *name;
    const char *text;
};

static int include(void *context, const char *name, const char **bytes, size_t *length)
{
    for (const struct file *file = context; file && file->name; file++) {
        if (strcmp(file->name, name) == 0) {
            *bytes = file->text;
            *length = strlen(file->text);
            return 0;
        }
    }
    return strcmp(name, "secret.txt") == 0 ? -EACCES : -ENOENT;
}

/* "NAME VERSION pinned hashed editable applies", a letter each or "-"; one behind the other. */
static const char *rows_of(const struct thaw_project *project)
{
    static char text[4096];
    size_t at = 0;

    text[0] = '\0';
    for (size_t i = 0; i < project->requirement_count; i++) {
        const struct thaw_requirement *row = &project->requirements[i];

        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s:%u %s %s %c%c%c%c", i ? "|" : "",
                               row->place.file, row->place.line, row->name, row->version,
                               row->is_pinned ? 'p' : '-', row->is_hashed ? 'h' : '-',
                               row->is_editable ? 'e' : '-', row->applies ? 'a' : '-');
    }
    return text;
}

static struct thaw_project *read_with(const char *text, size_t length, const struct file *others,
                                      const char *python)
{
    struct thaw_project *project = thaw_project_new();
    const struct thaw_project_input input = {"requirements.txt", text, length};
    const struct thaw_requirements_source source = {include, (void *)others, python};

    assert_non_null(project);
    assert_int_equal(thaw_read_requirements(project, &input, &source), 0);
    assert_int_equal(thaw_project_show(project), 0);
    return project;
}

static void each_line_is_told(void **state)
{
    static const struct {
        const char *line;
        const char *row;
        const char *text;
    } cases[] = {
        {"Azure.Functions", "azure-functions  ---a", "Azure.Functions"},
        {"a==2.1.0", "a 2.1.0 p--a", "a==2.1.0"},
        {"a===2.1.0", "a 2.1.0 p--a", "a===2.1.0"},
        {"a[b,c] >=1, == 2.1 ", "a 2.1 p--a", "a[b,c] >=1, == 2.1"},
        {"a==2.1.*", "a  ---a", "a==2.1.*"},
        {"a~=2.1", "a  ---a", "a~=2.1"},
        {"a==1 --hash=sha256:00", "a 1 ph-a", "a==1"},
        {"a==1 \\\n  --hash=sha256:00", "a 1 ph-a", "a==1"},
        {"a==1; sys_platform == 'win32'", "a 1 p---", "a==1; sys_platform == 'win32'"},
        {"a==1; python_version < '3.11'", "a 1 p---", "a==1; python_version < '3.11'"},
        {"a @ https://u:pw@h.example/x.whl", "a  ---a", "a @ https://h.example"},
        {"a @ https://h/x.whl#sha256=00", "a  p--a", "a @ https://h"},
        {"git+https://u:pw@h/x@0123456789012345678901234567890123456789#egg=A_b", "a-b  p--a",
         "git+https://h"},
        {"git+https://h/x@main#egg=A_b", "a-b  ---a", "git+https://h"},
        {"git+https://u:pw/x@h/x#egg=A_b", "a-b  ---a", "git+https://"},
        {"a @ https://u:pw?x@h/x.whl", "a  ---a", "a @ https://"},
        {"git+https://h:8080/x#egg=A_b", "a-b  ---a", "git+https://h:8080"},
        {"ghp_0123456789abcdefghijABCDEFGHIJ", "  ---a", "(a secret)"},
        {"-e .", "  --ea", "."},
        {"-e git+https://t0ken@h/x#egg=q", "q  --ea", "git+https://h"},
        {"./wheels/foo_bar-1.4-py3-none-any.whl", "foo-bar  --ea",
         "./wheels/foo_bar-1.4-py3-none-any.whl"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct thaw_project *project =
            read_with(cases[i].line, strlen(cases[i].line), NULL, "3.11");
        char expected[256];

        snprintf(expected, sizeof(expected), "requirements.txt:1 %s", cases[i].row);
        assert_string_equal(rows_of(project), expected);
        assert_string_equal(project->requirements[0].text, cases[i].text);
        assert_int_equal(project->problem_count, 0);
        assert_int_equal(project->manifest_count, 1);
        assert_int_equal(project->manifests[0].requirements, 1);
        thaw_project_free(project);
    }
}

/* Not known: a marker holds where it holds on any Python that may be met. */
static void without_a_version_a_marker_may_hold(void **state)
{
    static const char text[] = "a; python_version < '3.9'\nb; python_version < '3.0'\n";
    struct thaw_project *project = read_with(text, sizeof(text) - 1, NULL, NULL);

    (void)state;
    assert_string_equal(rows_of(project), "requirements.txt:1 a  ---a|requirements.txt:2 b  ----");
    thaw_project_free(project);
}

static void included_files_are_read_once(void **state)
{
    static const struct file others[] = {
        {"more/base.txt", "-r ../requirements.txt\n-r base.txt\nb==2\n"},
        {"pins.txt", "a==1.5\nc==9; sys_platform == 'win32'\nb==3\n-c pins.txt\n"},
        {NULL, NULL},
    };
    static const char text[] = "a\n-r more/base.txt\n-c pins.txt\n-r more/../more/base.txt\nc\n";
    struct file all[4] = {others[0], others[1], {"requirements.txt", text}, {NULL, NULL}};
    struct thaw_project *project = read_with(text, sizeof(text) - 1, all, "3.11");

    (void)state;
    assert_string_equal(rows_of(project), "requirements.txt:1 a 1.5 p--a|"
                                          "requirements.txt:5 c  ---a|more/base.txt:3 b 2 p--a");
    assert_int_equal(project->problem_count, 0);
    assert_int_equal(project->manifest_count, 2);
    assert_string_equal(project->manifests[1].file, "more/base.txt");
    thaw_project_free(project);
}

static void what_is_wrong_is_a_problem_with_its_place(void **state)
{
    static const struct {
        const char *text;
        enum thaw_problem_kind kind;
        uint32_t line;
        const char *what;
    } cases[] = {
        {"a\n\nfoo bar\n", THAW_PROBLEM_MALFORMED, 3, "no requirement that pip would take"},
        {"-r gone.txt", THAW_PROBLEM_UNREADABLE, 1, "not in the app"},
        {"-r ../up.txt", THAW_PROBLEM_UNREADABLE, 1, "outside of the app"},
        {"-r /etc/passwd", THAW_PROBLEM_UNREADABLE, 1, "outside of the app"},
        {"-r secret.txt", THAW_PROBLEM_UNREADABLE, 1, "can't be read: Permission denied"},
        {"-r https://u:pw@h/x.txt", THAW_PROBLEM_CUT, 1, "URL"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct thaw_project *project =
            read_with(cases[i].text, strlen(cases[i].text), NULL, "3.11");

        assert_int_equal(project->problem_count, 1);
        assert_int_equal(project->problems[0].kind, cases[i].kind);
        assert_int_equal(project->problems[0].place.line, cases[i].line);
        assert_non_null(strstr(project->problems[0].what, cases[i].what));
        assert_null(strstr(project->problems[0].what, "pw"));
        thaw_project_free(project);
    }
}

static void marks_and_other_encodings(void **state)
{
    static const char utf8[] = "\xef\xbb\xbf"
                               "a==1\r\nb==2\r\n";
    static const char utf16[] = "\xff\xfe"
                                "a\0=\0=\0"
                                "1\0";
    struct thaw_project *project = read_with(utf8, sizeof(utf8) - 1, NULL, "3.11");

    (void)state;
    assert_string_equal(rows_of(project),
                        "requirements.txt:1 a 1 p--a|requirements.txt:2 b 2 p--a");
    thaw_project_free(project);
    project = read_with(utf16, sizeof(utf16) - 1, NULL, "3.11");
    assert_int_equal(project->requirement_count, 0);
    assert_int_equal(project->problem_count, 1);
    assert_non_null(strstr(project->problems[0].what, "UTF-16"));
    thaw_project_free(project);
}

static void bounds_are_told_once(void **state)
{
    enum { LINES = 20100 };
    char *text = calloc(LINES, 8);
    struct thaw_project *project;
    size_t at = 0;

    (void)state;
    assert_non_null(text);
    for (int i = 0; i < LINES; i++)
        at += (size_t)sprintf(text + at, "a%d\n", i);
    project = read_with(text, at, NULL, "3.11");
    assert_int_equal(project->requirement_count, 20000);
    assert_int_equal(project->problem_count, 1);
    assert_int_equal(project->problems[0].kind, THAW_PROBLEM_CUT);
    thaw_project_free(project);
    memset(text, 'a', 5000);
    project = read_with(text, 5000, NULL, "3.11");
    assert_int_equal(project->requirement_count, 0);
    assert_non_null(strstr(project->problems[0].what, "longer than 1000 bytes"));
    thaw_project_free(project);
    free(text);
}

static void short_memory_is_told(void **state)
{
    static const struct file others[] = {{"b.txt", "b @ https://h/x\n"}, {"c.txt", "a==1\n"}, {0}};
    static const char text[] = "a\n-r b.txt\n-c c.txt\n-r gone.txt\nx y\n";

    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_project *project = thaw_project_new();
        const struct thaw_project_input input = {"requirements.txt", text, sizeof(text) - 1};
        const struct thaw_requirements_source source = {include, (void *)others, "3.11"};
        int result = project ? thaw_read_requirements(project, &input, &source) : -ENOMEM;

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_project_free(project);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_is_told),
        cmocka_unit_test(without_a_version_a_marker_may_hold),
        cmocka_unit_test(included_files_are_read_once),
        cmocka_unit_test(what_is_wrong_is_a_problem_with_its_place),
        cmocka_unit_test(marks_and_other_encodings),
        cmocka_unit_test(bounds_are_told_once),
        cmocka_unit_test(short_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
