/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "project_tree.h"

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

static void files_that_are_none_are_problems(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_folder(&scratch, "host.json");
    scratch_write_text(&scratch, "outside/secret.txt", "x");
    scratch_link(&scratch, "local.settings.json", "/etc/passwd");
    scratch_link(&scratch, "function_app.py", "function_app.py");
    scratch_link(&scratch, "loop", ".");
    assert_int_equal(mkfifo(scratch_path(&scratch, "requirements.txt"), 0600), 0);
    project = project_read(&scratch);
    project_assert_problem(project, "host.json", THAW_PROBLEM_UNREADABLE, "a folder");
    project_assert_problem(project, "local.settings.json", THAW_PROBLEM_UNREADABLE,
                           "symbolic link");
    project_assert_problem(project, "function_app.py", THAW_PROBLEM_UNREADABLE, "symbolic link");
    project_assert_problem(project, "requirements.txt", THAW_PROBLEM_UNREADABLE, "FIFO");
    assert_int_equal(project->problem_count, 4);
    assert_int_equal(project->read.count, 0);
    assert_null(project->host);
    thaw_project_free(project);
}

static void large_files_are_not_read(void **state)
{
    static const char *const names[] = {"host.json", "big.py", ".funcignore", "requirements.txt"};
    struct thaw_project *project;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int fd = open(scratch_write_text(&scratch, names[i], "{"), O_WRONLY | O_CLOEXEC);

        assert_int_equal(ftruncate(fd, 100 << 20), 0);
        close(fd);
    }
    project = project_read(&scratch);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        project_assert_problem(project, names[i], THAW_PROBLEM_TOO_LARGE, "not read");
    assert_int_equal(project->read.count, 0);
    thaw_project_free(project);
}

static void binary_files_and_marks(void **state)
{
    static const char binary[] = "\x7f"
                                 "ELF\0\0\xff\xfe\0";
    struct thaw_project *project;

    (void)state;
    scratch_write(&scratch, "host.json", binary, sizeof(binary));
    scratch_write(&scratch, "requirements.txt", binary, sizeof(binary));
    scratch_write(&scratch, ".python-version", binary, sizeof(binary));
    scratch_write(&scratch, "Pipfile.lock", binary, sizeof(binary));
    scratch_write(&scratch, ".funcignore", binary, sizeof(binary));
    project = project_read(&scratch);
    assert_non_null(project_problem(project, "host.json"));
    project_assert_problem(project, "requirements.txt", THAW_PROBLEM_MALFORMED, "NUL");
    assert_non_null(project_problem(project, "Pipfile.lock"));
    thaw_project_free(project);
    scratch_write_text(&scratch, "host.json", "\xef\xbb\xbf{\"version\": \"2.0\"}");
    scratch_write_text(&scratch, "requirements.txt",
                       "\xef\xbb\xbf"
                       "a==1\n");
    project = project_read(&scratch);
    assert_null(project_problem(project, "host.json"));
    assert_non_null(project->host);
    assert_string_equal(project->requirements[0].name, "a");
    thaw_project_free(project);
}

static void hostile_names_are_kept_as_text(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{}");
    scratch_write_text(&scratch, "a\n\x1b[31m.py", "x = 1\n");
    scratch_write_text(&scratch, "b\xff.py", "x = 1\n");
    project = project_read(&scratch);
    assert_true(project_was_read(project, "a\n\x1b[31m.py"));
    assert_true(project_was_read(project, "b\xef\xbf\xbd.py"));
    thaw_project_free(project);
}

/* Root may read everything: another user reads, in a child. */
static void what_may_not_be_read_is_told(void **state)
{
    int status = 0;
    pid_t child;

    (void)state;
    if (geteuid() != 0)
        skip();
    scratch_write_text(&scratch, "host.json", "{}");
    scratch_write_text(&scratch, "function_app.py", "x = 1\n");
    scratch_write_text(&scratch, "locked/a.py", "x = 1\n");
    assert_int_equal(chmod(scratch_path(&scratch, "host.json"), 0), 0);
    assert_int_equal(chmod(scratch_path(&scratch, "locked"), 0), 0);
    assert_int_equal(chmod(scratch.path, 0755), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct thaw_project_options options = {.path = scratch.path};
        struct thaw_project *project = NULL;
        const struct thaw_problem *file, *folder;

        if (setgid(65534) < 0 || setuid(65534) < 0 ||
            thaw_project_read(&options, &project, NULL) < 0)
            _exit(2);
        file = project_problem(project, "host.json");
        folder = project_problem(project, "locked");
        _exit(file && folder && file->kind == THAW_PROBLEM_UNREADABLE &&
                      folder->kind == THAW_PROBLEM_UNREADABLE &&
                      strstr(file->what, "Permission denied") && !project->host
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void bounds_are_told_once(void **state)
{
    struct thaw_project *project;
    size_t cut = 0;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{}");
    for (int i = 0; i < 2010; i++) {
        char name[32];

        snprintf(name, sizeof(name), "tests/t%04d.py", i);
        scratch_write_text(&scratch, name, "");
    }
    scratch_write_text(&scratch, "z.py", "");
    project =
        project_read_as(&scratch, &(struct thaw_project_options){.executable = "/nowhere/python3"});
    for (size_t i = 0; i < project->problem_count; i++)
        cut += project->problems[i].kind == THAW_PROBLEM_CUT && *project->problems[i].place.file;
    assert_int_equal(cut, 1);
    assert_true(project_was_read(project, "z.py")); /* before all tests */
    assert_false(project_was_read(project, "tests/t2009.py"));
    thaw_project_free(project);
}

static void short_memory_is_told(void **state)
{
    size_t passed_over = 0;

    (void)state;
    assert_true(chaos_malloc_works());
    scratch_write_text(&scratch, "host.json", "{\"version\": \"2.0\"}");
    scratch_write_text(&scratch, "requirements.txt", "azure-functions==1\n-r gone.txt\n");
    scratch_write_text(&scratch, "local.settings.json", "{\"Values\": {\"A\": \"b\"}}");
    scratch_write_text(&scratch, ".funcignore", "*.md\n");
    scratch_write_text(&scratch, ".python-version", "3.11\n");
    scratch_write_text(&scratch, "Pipfile.lock", "{}");
    scratch_write_text(&scratch, "environment.yml", "dependencies:\n  - python=3.11\n");
    scratch_write_text(&scratch, "infra/main.bicep", project_flex_template);
    scratch_write_text(&scratch, "Dockerfile", "FROM python:3.11\n");
    scratch_link(&scratch, "l.py", "x.py");
    project_write_environment(&scratch, ".venv");
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_project_options options = {.path = scratch.path};
        struct thaw_project *project = NULL;
        struct thaw_error error = {0};
        int result = thaw_project_read(&options, &project, &error);

        chaos_malloc_pause();
        /* The path that may tell the version is done without, where it can't be had. */
        passed_over += chaos_malloc_failed() && result == 0;
        assert_true(passed_over <= 1);
        assert_true(result == 0 || (result == -ENOMEM && chaos_malloc_failed()));
        if (result == 0)
            thaw_project_free(project);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(files_that_are_none_are_problems),
        TEST(large_files_are_not_read),
        TEST(binary_files_and_marks),
        TEST(hostile_names_are_kept_as_text),
        TEST(what_may_not_be_read_is_told),
        TEST(bounds_are_told_once),
        TEST(short_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
