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
#include "scratch.h"
#include "shipped_tree.h"
#include "thaw/project.h"

#define HTTP_APP                                                                                   \
    "import azure.functions as func\napp = func.FunctionApp()\n\n@app.route(route='x')\n"          \
    "def hello(req: func.HttpRequest) -> func.HttpResponse:\n    return func.HttpResponse('x')\n"

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

static struct thaw_project *read_as(const struct thaw_project_options *given)
{
    struct thaw_project_options options = *given;
    struct thaw_project *project = NULL;
    struct thaw_error error = {0};

    options.path = options.path ? options.path : scratch.path;
    if (thaw_project_read(&options, &project, &error) < 0)
        fail_msg("%s", error.message);
    return project;
}

static struct thaw_project *read_app(void)
{
    return read_as(&(struct thaw_project_options){0});
}

/* Whether it was read, by the list of what was. */
static bool was_read(const struct thaw_project *project, const char *file)
{
    return thaw_texts_hold(&project->read, file);
}

static const struct thaw_problem *problem_of(const struct thaw_project *project, const char *file)
{
    for (size_t i = 0; i < project->problem_count; i++) {
        if (strcmp(project->problems[i].place.file, file) == 0)
            return &project->problems[i];
    }
    return NULL;
}

static bool is_left_out(const struct thaw_project *project, const char *path)
{
    for (size_t i = 0; i < project->shipped->file_count; i++) {
        if (strcmp(project->shipped->files[i].path, path) == 0)
            return project->is_left_out[i];
    }
    fail_msg("there is no %s", path);
    return false;
}

static void assert_problem(const struct thaw_project *project, const char *file,
                           enum thaw_problem_kind kind, const char *what)
{
    const struct thaw_problem *problem = problem_of(project, file);

    if (!problem)
        fail_msg("no problem with %s", file);
    assert_int_equal(problem->kind, kind);
    if (!strstr(problem->what, what))
        fail_msg("%s: %s", file, problem->what);
}

static void an_app_is_read(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{\"version\": \"2.0\"}");
    scratch_write_text(&scratch, "function_app.py", HTTP_APP);
    scratch_write_text(&scratch, "requirements.txt", "azure-functions==1.21.0\n-r more/r.txt\n");
    scratch_write_text(&scratch, "more/r.txt", "requests\n");
    scratch_write_text(&scratch, "local.settings.json",
                       "{\"Values\": {\"FUNCTIONS_WORKER_RUNTIME\": \"python\"}}");
    scratch_write_text(&scratch, "tests/test_app.py", "import function_app\n");
    scratch_write_text(&scratch, ".hidden/x.py", "import y\n");
    scratch_write_text(&scratch, "node_modules/x/x.py", "import y\n");
    scratch_write_text(&scratch, "more/requirements.txt", "django\n");
    project = read_app();
    assert_string_equal(project->platform.value, "azure_functions");
    assert_string_equal(project->platform.reason, "host.json");
    assert_string_equal(project->plan.value, "");
    assert_string_equal(project->plan.reason, "nothing tells it");
    assert_string_equal(project->python.value, "");
    assert_string_equal(project->packaging.value, "zip");
    assert_non_null(project->host);
    assert_int_equal(project->setting_count, 1);
    assert_int_equal(project->requirement_count, 2);
    assert_int_equal(project->problem_count, 0);
    assert_false(project->is_zip);
    assert_string_equal(shipped_joined(&project->read),
                        "function_app.py|host.json|local.settings.json|more/r.txt|"
                        "requirements.txt|tests/test_app.py");
    assert_true(thaw_project_is_test(project, "tests/test_app.py"));
    assert_false(thaw_project_is_test(project, "function_app.py"));
    assert_false(thaw_project_is_test(project, ""));
    thaw_project_free(project);
}

static void an_interpreter_tells_the_functions(void **state)
{
    uint32_t slept = THAW_PROJECT_NONE;
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{\"version\": \"2.0\"}");
    scratch_write_text(&scratch, "function_app.py", HTTP_APP);
    scratch_write_text(&scratch, "old/function.json",
                       "{\"scriptFile\": \"main.py\", \"bindings\": [{\"type\": \"timerTrigger\", "
                       "\"direction\": \"in\", \"name\": \"t\", \"schedule\": \"0 * * * * *\"}]}");
    scratch_write_text(&scratch, "old/main.py", "import time\ndef main(t):\n    time.sleep(1)\n");
    scratch_write_text(&scratch, "old/deeper/function.json", "{}");
    project = read_app();
    assert_true(project->has_source);
    assert_int_equal(project->function_count, 2);
    assert_string_equal(project->functions[0].name, "hello");
    assert_string_equal(project->functions[1].name, "old");
    assert_string_equal(project->functions[1].script, "old/main.py");
    assert_false(was_read(project, "old/deeper/function.json"));
    for (size_t i = 0; i < project->call_count; i++) {
        if (strcmp(project->calls[i].name, "time.sleep") == 0)
            slept = project->calls[i].function;
    }
    assert_int_equal(slept, 1);
    thaw_project_free(project);
}

static void without_an_interpreter_the_rest_is_read(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{}");
    scratch_write_text(&scratch, "function_app.py", HTTP_APP);
    project = read_as(&(struct thaw_project_options){.executable = "/nowhere/python3"});
    assert_false(project->has_source);
    assert_non_null(project->host);
    assert_true(project->problem_count > 0);
    thaw_project_free(project);
}

/* --- what is deployed ------------------------------------------------------------------------- */

static void write_environment(const char *folder)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/pyvenv.cfg", folder);
    scratch_write_text(&scratch, path, "home = /usr/bin\nversion = 3.11.2\n");
    snprintf(path, sizeof(path), "%s/lib/python3.11/site-packages/", folder);
    shipped_write(&scratch,
                  &(struct shipped_wheel){path, "requests", "2.0", "", "requests.py", NULL, true});
}

static void tools_leave_out_what_they_do(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{}");
    scratch_write_text(&scratch, "local.settings.json", "{}");
    scratch_write_text(&scratch, "sub/Local.Settings.json", "{}");
    scratch_write_text(&scratch, ".vscode/settings.json", "{}");
    scratch_write_text(&scratch, ".github/x.yml", "12345");
    scratch_write_text(&scratch, ".git/config", "x");
    scratch_write_text(&scratch, "a.py", "x = 1\n");
    write_environment(".venv");
    project = read_app();
    assert_false(project->has_funcignore);
    assert_false(is_left_out(project, "host.json"));
    assert_true(is_left_out(project, "local.settings.json"));
    assert_true(is_left_out(project, "sub/Local.Settings.json"));
    assert_true(is_left_out(project, ".vscode/settings.json"));
    assert_false(is_left_out(project, ".github/x.yml"));
    assert_true(is_left_out(project, ".venv/pyvenv.cfg"));
    assert_true(is_left_out(project, ".venv/lib/python3.11/site-packages/requests.py"));
    assert_int_equal(project->deployed.files, 3);
    assert_int_equal(project->deployed.bytes, 2 + 5 + 6);
    assert_int_equal(project->environment_count, 1);
    assert_string_equal(project->environments[0].folder, ".venv");
    assert_false(project->environments[0].is_ignored);
    assert_true(project->environments[0].amount.bytes > 100);
    assert_int_equal(project->shipped->distribution_count, 1);
    assert_string_equal(project->python.value, "3.11");
    thaw_project_free(project);
}

static void funcignore_leaves_out_the_rest(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{}");
    scratch_write_text(&scratch, ".funcignore", ".venv\ntests/\n*.md\n.python_packages\n");
    scratch_write_text(&scratch, "tests/a/b.py", "x = 1\n");
    scratch_write_text(&scratch, "docs/a.md", "x");
    scratch_write_text(&scratch, "docs/a.txt", "x");
    scratch_write_text(&scratch, ".python_packages_not", "x");
    shipped_write(&scratch, &(struct shipped_wheel){".python_packages/lib/site-packages/", "a", "1",
                                                    "", "a.py", NULL, true});
    write_environment(".venv");
    project = read_app();
    assert_true(project->has_funcignore);
    assert_true(project->environments[0].is_ignored);
    assert_true(is_left_out(project, ".funcignore"));
    assert_true(is_left_out(project, "tests/a/b.py"));
    assert_true(is_left_out(project, "docs/a.md"));
    assert_false(is_left_out(project, "docs/a.txt"));
    assert_false(is_left_out(project, ".python_packages/lib/site-packages/a.py"));
    thaw_project_free(project);
}

static void all_of_a_zip_is_deployed(void **state)
{
    struct thaw_project *project;
    char *output;

    (void)state;
    scratch_write_text(&scratch, "app/host.json", "{\"version\": \"2.0\"}");
    scratch_write_text(&scratch, "app/function_app.py", "x = 1\n");
    scratch_write_text(&scratch, "app/local.settings.json", "{}");
    scratch_write_text(&scratch, "app/requirements.txt", "a==1\n");
    output = scratch_output("cd '%s/app' && python3 -m zipfile -c ../app.zip . && echo done",
                            scratch.path);
    assert_non_null(output);
    free(output);
    project = read_as(&(struct thaw_project_options){.path = scratch_path(&scratch, "app.zip")});
    assert_true(project->is_zip);
    assert_string_equal(project->platform.value, "azure_functions");
    assert_string_equal(project->packaging.value, "zip");
    assert_non_null(project->host);
    assert_int_equal(project->requirement_count, 1);
    assert_int_equal(project->deployed.files, 4);
    assert_false(is_left_out(project, "local.settings.json"));
    assert_int_equal(project->problem_count, 0);
    thaw_project_free(project);
}

/* --- what is inferred ------------------------------------------------------------------------- */

static void the_python_version_is_inferred(void **state)
{
    static const struct {
        const char *file, *text, *value, *reason;
    } cases[] = {
        {".python-version", "# by pyenv\n3.12.4\n", "3.12", ".python-version:2: Python 3.12"},
        {".python-version", "pypy3.9\n", "", "nothing tells it"},
        {"runtime.txt", "python-3.10.2\r\n", "3.10", "runtime.txt:1: Python 3.10"},
        {"runtime.txt", "", "", "nothing tells it"},
        {"Pipfile.lock", "{\"_meta\": {\"requires\": {\"python_version\": \"3.11\"}}}", "3.11",
         "Pipfile.lock: ==3.11.*"},
        {"environment.yml", "name: a\ndependencies:\n  - python=3.9\n  - pip\n", "3.9",
         "environment.yml: ==3.9.*"},
        {"pyproject.toml", "[project]\nname = 'a'\nrequires-python = '>=3.10'\n", "",
         "pyproject.toml: >=3.10 is a range"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *path = scratch_write_text(&scratch, cases[i].file, cases[i].text);
        struct thaw_project *project = read_app();

        assert_string_equal(project->python.value, cases[i].value);
        if (strncmp(project->python.reason, cases[i].reason, strlen(cases[i].reason)) != 0)
            fail_msg("%s: %s", cases[i].file, project->python.reason);
        thaw_project_free(project);
        project = read_as(&(struct thaw_project_options){.python_version = "3.13"});
        assert_string_equal(project->python.value, "3.13");
        assert_string_equal(project->python.reason, "--python");
        thaw_project_free(project);
        unlink(path);
    }
    scratch_write_text(&scratch, ".python-version", "3.11\n");
    scratch_write_text(&scratch, "runtime.txt", "python-3.12\n");
    {
        struct thaw_project *project = read_app();

        assert_string_equal(project->python.value, "");
        assert_string_equal(project->python.reason,
                            ".python-version:1 says 3.11, runtime.txt:1 says 3.12");
        thaw_project_free(project);
    }
}

static void the_platform_is_inferred(void **state)
{
    static const struct {
        const char *file, *text, *value, *reason;
    } cases[] = {
        {"function_app.py", "x = 1\n", "azure_functions", "function_app.py"},
        {"f/function.json", "{}", "azure_functions", "f/function.json"},
        {"requirements.txt", "a\nAzure_Functions>=1\n", "azure_functions",
         "requirements.txt:2: asks for azure-functions"},
        {"requirements.txt", "awslambdaric\n", "aws_lambda",
         "requirements.txt:1: asks for awslambdaric"},
        {"app.py", "def lambda_handler(event, context):\n    pass\n", "aws_lambda",
         "app.py: defines lambda_handler"},
        {"local.settings.json", "{}", "azure_functions", "local.settings.json"},
        {"main.py", "print(1)\n", "", "nothing tells it"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *path = scratch_write_text(&scratch, cases[i].file, cases[i].text);
        struct thaw_project *project = read_app();

        assert_string_equal(project->platform.value, cases[i].value);
        assert_string_equal(project->platform.reason, cases[i].reason);
        assert_string_equal(project->packaging.value, *cases[i].value ? "zip" : "");
        thaw_project_free(project);
        unlink(path);
    }
}

static void the_plan_is_a_word_of_the_list(void **state)
{
    struct thaw_project *project;
    struct thaw_error error = {0};
    struct thaw_project_options options = {.path = scratch.path, .plan = "gold"};

    (void)state;
    scratch_write_text(&scratch, "host.json", "{}");
    assert_int_equal(thaw_project_read(&options, &project, &error), -EINVAL);
    assert_non_null(strstr(error.message, "gold: no plan: consumption, flex"));
    project = read_as(&(struct thaw_project_options){.plan = "flex"});
    assert_string_equal(project->plan.value, "flex");
    assert_string_equal(project->plan.reason, "--plan");
    thaw_project_free(project);
}

/* --- files that the user named ---------------------------------------------------------------- */

static void named_settings_are_read(void **state)
{
    const char *name = scratch_write_text(
        &scratch, "elsewhere/settings.json",
        "[{\"name\": \"DEPLOYMENT_STORAGE_CONNECTION_STRING\", \"value\": \"x\"}]");
    const char *const settings[] = {name, NULL};
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "app/host.json", "{}");
    project = read_as(&(struct thaw_project_options){.path = scratch_path(&scratch, "app"),
                                                     .settings = settings});
    assert_true(project->has_exported_settings);
    assert_int_equal(project->setting_count, 1);
    assert_string_equal(project->settings[0].place.file, name);
    assert_string_equal(project->plan.value, "flex");
    assert_true(was_read(project, name));
    thaw_project_free(project);
}

static void a_named_file_that_is_wrong_ends_it(void **state)
{
    const struct {
        const char *file;
        int code;
        const char *words;
    } cases[] = {
        {"gone.json", -ENOENT, "No such file"},
        {"folder", -EISDIR, "Is a directory"},
        {"text.json", -EINVAL, "text.json"},
        {"large.json", -EINVAL, "larger than 16 MiB"},
    };
    int large;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{}");
    scratch_folder(&scratch, "folder");
    scratch_write_text(&scratch, "text.json", "no JSON");
    scratch_write_text(&scratch, "large.json", "");
    large = open(scratch_path(&scratch, "large.json"), O_WRONLY | O_CLOEXEC);
    assert_int_equal(ftruncate(large, 100 << 20), 0);
    close(large);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *const settings[] = {scratch_path(&scratch, cases[i].file), NULL};
        struct thaw_project_options options = {.path = scratch.path, .settings = settings};
        struct thaw_project *project = NULL;
        struct thaw_error error = {0};

        assert_int_equal(thaw_project_read(&options, &project, &error), cases[i].code);
        if (!strstr(error.message, cases[i].words) || !strstr(error.message, cases[i].file))
            fail_msg("%s: %s", cases[i].file, error.message);
    }
}

static void what_is_no_app_is_said(void **state)
{
    struct thaw_project_options options = {.path = scratch_path(&scratch, "gone")};
    struct thaw_project *project = NULL;
    struct thaw_error error = {0};

    (void)state;
    assert_int_equal(thaw_project_read(&options, &project, &error), -ENOENT);
    options.path = scratch_write_text(&scratch, "text", "no zip");
    assert_int_equal(thaw_project_read(&options, &project, &error), -ENOTSUP);
    assert_non_null(strstr(error.message, "neither a folder nor a zip"));
}

static void an_app_one_folder_below_is_told(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "src/host.json", "{}");
    scratch_write_text(&scratch, "src/f/function.json", "{}");
    project = read_app();
    assert_string_equal(project->platform.value, "");
    assert_problem(project, "src/host.json", THAW_PROBLEM_CUT, "host.json is in src/: give that");
    thaw_project_free(project);
    scratch_write_text(&scratch, "other/host.json", "{}");
    project = read_app();
    assert_problem(project, "other/host.json", THAW_PROBLEM_CUT, "host.json is in other/, src/");
    thaw_project_free(project);
    scratch_write_text(&scratch, "host.json", "{}");
    project = read_app();
    assert_string_equal(project->platform.value, "azure_functions");
    assert_int_equal(project->problem_count, 0);
    thaw_project_free(project);
}

/* --- hostile ---------------------------------------------------------------------------------- */

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
    project = read_app();
    assert_problem(project, "host.json", THAW_PROBLEM_UNREADABLE, "a folder");
    assert_problem(project, "local.settings.json", THAW_PROBLEM_UNREADABLE, "symbolic link");
    assert_problem(project, "function_app.py", THAW_PROBLEM_UNREADABLE, "symbolic link");
    assert_problem(project, "requirements.txt", THAW_PROBLEM_UNREADABLE, "FIFO");
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
    project = read_app();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_problem(project, names[i], THAW_PROBLEM_TOO_LARGE, "not read");
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
    project = read_app();
    assert_non_null(problem_of(project, "host.json"));
    assert_problem(project, "requirements.txt", THAW_PROBLEM_MALFORMED, "NUL");
    assert_non_null(problem_of(project, "Pipfile.lock"));
    thaw_project_free(project);
    scratch_write_text(&scratch, "host.json", "\xef\xbb\xbf{\"version\": \"2.0\"}");
    scratch_write_text(&scratch, "requirements.txt",
                       "\xef\xbb\xbf"
                       "a==1\n");
    project = read_app();
    assert_null(problem_of(project, "host.json"));
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
    project = read_app();
    assert_true(was_read(project, "a\n\x1b[31m.py"));
    assert_true(was_read(project, "b\xef\xbf\xbd.py"));
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
        file = problem_of(project, "host.json");
        folder = problem_of(project, "locked");
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
    project = read_as(&(struct thaw_project_options){.executable = "/nowhere/python3"});
    for (size_t i = 0; i < project->problem_count; i++)
        cut += project->problems[i].kind == THAW_PROBLEM_CUT && *project->problems[i].place.file;
    assert_int_equal(cut, 1);
    assert_true(was_read(project, "z.py")); /* before all tests */
    assert_false(was_read(project, "tests/t2009.py"));
    thaw_project_free(project);
}

static void short_memory_is_told(void **state)
{
    (void)state;
    if (!chaos_malloc_works())
        skip();
    scratch_write_text(&scratch, "host.json", "{\"version\": \"2.0\"}");
    scratch_write_text(&scratch, "requirements.txt", "azure-functions==1\n-r gone.txt\n");
    scratch_write_text(&scratch, "local.settings.json", "{\"Values\": {\"A\": \"b\"}}");
    scratch_write_text(&scratch, ".funcignore", "*.md\n");
    scratch_write_text(&scratch, ".python-version", "3.11\n");
    scratch_write_text(&scratch, "Pipfile.lock", "{}");
    scratch_write_text(&scratch, "environment.yml", "dependencies:\n  - python=3.11\n");
    scratch_link(&scratch, "l.py", "x.py");
    write_environment(".venv");
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_project_options options = {.path = scratch.path};
        struct thaw_project *project = NULL;
        struct thaw_error error = {0};
        int result = thaw_project_read(&options, &project, &error);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        if (result == 0)
            thaw_project_free(project);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_app_is_read),
        TEST(an_interpreter_tells_the_functions),
        TEST(without_an_interpreter_the_rest_is_read),
        TEST(tools_leave_out_what_they_do),
        TEST(funcignore_leaves_out_the_rest),
        TEST(all_of_a_zip_is_deployed),
        TEST(the_python_version_is_inferred),
        TEST(the_platform_is_inferred),
        TEST(the_plan_is_a_word_of_the_list),
        TEST(named_settings_are_read),
        TEST(a_named_file_that_is_wrong_ends_it),
        TEST(what_is_no_app_is_said),
        TEST(an_app_one_folder_below_is_told),
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
