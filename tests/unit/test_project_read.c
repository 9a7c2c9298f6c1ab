/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "project_tree.h"
#include "shipped_tree.h"

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

/* Modules are read with what they are given, not alone. */
static void templates_of_several_files_are_one(void **state)
{
    const struct thaw_project_fact *fact;
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{\"version\": \"2.0\"}");
    scratch_write_text(&scratch, "infra/app/api.bicep",
                       "param version string\n"
                       "resource app 'Microsoft.Web/sites@2023-12-01' = {\n"
                       "  kind: 'functionapp,linux'\n  properties: { functionAppConfig: {\n"
                       "    runtime: { name: 'python', version: version } } }\n}\n");
    scratch_write_text(&scratch, "infra/main.bicep",
                       "module api './app/api.bicep' = {\n  params: { version: '3.12' }\n}\n");
    project = project_read(&scratch);
    assert_int_equal(project->template_count, 1);
    assert_string_equal(project->templates[0].file, "infra/main.bicep");
    assert_int_equal(thaw_project_unread(project), 0);
    fact = thaw_project_fact(project, THAW_FACT_PYTHON, NULL);
    assert_non_null(fact);
    assert_string_equal(fact->value, "3.12");
    assert_null(thaw_project_fact(project, THAW_FACT_PYTHON, fact));
    assert_string_equal(project->plan.value, "flex");
    thaw_project_free(project);
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
    project = project_read(&scratch);
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
    thaw_project_free(project);
}

/* Below a host.json, a folder with one of its own is another app. */
static void another_app_below_is_not_read(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{\"version\": \"2.0\"}");
    scratch_write_text(&scratch, "function_app.py", HTTP_APP);
    scratch_write_text(&scratch, "samples/other/host.json", "{\"version\": \"2.0\"}");
    scratch_write_text(&scratch, "samples/other/function_app.py", HTTP_APP);
    scratch_write_text(&scratch, "samples/other/more/x.py", "import os\n");
    scratch_write_text(&scratch, "samples/tool.py", "import os\n");
    project = project_read(&scratch);
    assert_string_equal(shipped_joined(&project->read),
                        "function_app.py|host.json|samples/tool.py");
    thaw_project_free(project);
}

static void an_app_two_folders_below_is_named(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "src/orders/host.json", "{\"version\": \"2.0\"}");
    scratch_write_text(&scratch, "src/orders/function_app.py", HTTP_APP);
    scratch_write_text(&scratch, "a/b/c/host.json", "{\"version\": \"2.0\"}"); /* too deep */
    project = project_read(&scratch);
    assert_string_equal(project->platform.value, "");
    assert_int_equal(project->problem_count, 1);
    assert_string_equal(project->problems[0].what, "host.json is not here but in src/orders/: give "
                                                   "that folder, which is the app");
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
    project = project_read(&scratch);
    assert_true(project->has_source);
    assert_int_equal(project->function_count, 2);
    assert_string_equal(project->functions[0].name, "hello");
    assert_string_equal(project->functions[1].name, "old");
    assert_string_equal(project->functions[1].script, "old/main.py");
    assert_false(project_was_read(project, "old/deeper/function.json"));
    for (size_t i = 0; i < project->call_count; i++) {
        if (strcmp(project->calls[i].name, "time.sleep") == 0)
            slept = project->calls[i].function;
    }
    assert_int_equal(slept, 1);
    thaw_project_free(project);
}

/* A Lambda's package: distributions lie beside the handler, and are not the app's own. */
static void distributions_beside_the_app_are_not_read(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "app.py", "def lambda_handler(event, context):\n    return 1\n");
    shipped_write(&scratch,
                  &(struct shipped_wheel){"", "foo", "1", "",
                                          "foo/__init__.py\nfoo/host.json\nbar.py", NULL, true});
    scratch_write_text(&scratch, ".gitignore", "x");
    project = project_read(&scratch);
    assert_string_equal(project->platform.value, "aws_lambda");
    assert_false(project_leaves_out(project, ".gitignore")); /* Azure's tools would */
    assert_string_equal(shipped_joined(&project->read), "app.py");
    assert_int_equal(project->function_count, 1);
    assert_int_equal(project->functions[0].model, THAW_FUNCTION_LAMBDA);
    assert_int_equal(project->shipped->distribution_count, 1);
    assert_int_equal(project->problem_count, 0);
    thaw_project_free(project);
}

static void without_an_interpreter_the_rest_is_read(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{}");
    scratch_write_text(&scratch, "function_app.py", HTTP_APP);
    project =
        project_read_as(&scratch, &(struct thaw_project_options){.executable = "/nowhere/python3"});
    assert_false(project->has_source);
    assert_non_null(project->host);
    assert_true(project->problem_count > 0);
    thaw_project_free(project);
}

/* --- what is deployed ------------------------------------------------------------------------- */

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
    project_write_environment(&scratch, ".venv");
    project = project_read(&scratch);
    assert_false(project->has_funcignore);
    assert_false(project_leaves_out(project, "host.json"));
    assert_true(project_leaves_out(project, "local.settings.json"));
    assert_true(project_leaves_out(project, "sub/Local.Settings.json"));
    assert_true(project_leaves_out(project, ".vscode/settings.json"));
    assert_false(project_leaves_out(project, ".github/x.yml"));
    assert_true(project_leaves_out(project, ".venv/pyvenv.cfg"));
    assert_true(project_leaves_out(project, ".venv/lib/python3.11/site-packages/requests.py"));
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
    project_write_environment(&scratch, ".venv");
    project = project_read(&scratch);
    assert_true(project->has_funcignore);
    assert_true(project->environments[0].is_ignored);
    assert_true(project_leaves_out(project, ".funcignore"));
    assert_true(project_leaves_out(project, "tests/a/b.py"));
    assert_true(project_leaves_out(project, "docs/a.md"));
    assert_false(project_leaves_out(project, "docs/a.txt"));
    assert_false(project_leaves_out(project, ".python_packages/lib/site-packages/a.py"));
    assert_false(project_leaves_out(project, ".python_packages_not"));
    assert_int_equal(project->ignored_in_vain, 1); /* Core Tools take *.md for the top folder's */
    assert_string_equal(project->ignored_in_vain_path, "docs/a.md");
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
    project =
        project_read_as(&scratch,
                        &(struct thaw_project_options){.path = scratch_path(&scratch, "app.zip")});
    assert_true(project->is_zip);
    assert_string_equal(project->platform.value, "azure_functions");
    assert_string_equal(project->packaging.value, "zip");
    assert_non_null(project->host);
    assert_int_equal(project->requirement_count, 1);
    assert_int_equal(project->deployed.files, 4);
    assert_false(project_leaves_out(project, "local.settings.json"));
    assert_int_equal(project->problem_count, 0);
    thaw_project_free(project);
}

static void templates_of_the_folder_are_read_once(void **state)
{
    const char *name = scratch_write_text(&scratch, "infra/main.bicep", project_flex_template);
    const char *const templates[] = {name, NULL};
    struct thaw_project *project;
    size_t count;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{}");
    scratch_write_text(&scratch, "data/large.json", "{\"a\": [1, 2]}");
    scratch_write_text(&scratch, ".azure/other.bicep", project_flex_template);
    project = project_read(&scratch);
    assert_int_equal(project->template_count, 1);
    assert_string_equal(project->plan.value, "flex");
    assert_string_equal(project->plan.place.file, "infra/main.bicep");
    assert_string_equal(project->python.value, "3.12");
    assert_string_equal(project->packaging.value, "zip");
    assert_true(project_was_read(project, "infra/main.bicep"));
    assert_false(project_was_read(project, "data/large.json"));
    count = project->fact_count;
    thaw_project_free(project);
    project = project_read_as(&scratch, &(struct thaw_project_options){.templates = templates});
    assert_int_equal(project->fact_count, count);
    thaw_project_free(project);
}

/* What nobody named, and is not in the folder, is not read. */
static void templates_elsewhere_are_read_when_named(void **state)
{
    const char *name = scratch_write_text(&scratch, "infra/main.bicep", project_flex_template);
    const char *const templates[] = {name, NULL};
    struct thaw_project_options options = {.path = scratch_path(&scratch, "api")};
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "api/host.json", "{}");
    project = project_read_as(&scratch, &options);
    assert_string_equal(project->plan.value, "");
    thaw_project_free(project);
    options.templates = templates;
    project = project_read_as(&scratch, &options);
    assert_string_equal(project->plan.value, "flex");
    assert_string_equal(project->plan.place.file, name);
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
    project = project_read_as(&scratch,
                              &(struct thaw_project_options){.path = scratch_path(&scratch, "app"),
                                                             .settings = settings});
    assert_true(project->has_exported_settings);
    assert_int_equal(project->setting_count, 1);
    assert_string_equal(project->settings[0].place.file, name);
    assert_string_equal(project->plan.value, "flex");
    assert_true(project_was_read(project, name));
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

/* What the caller does in between may be that it gives up. */
static void a_reading_has_two_parts(void **state)
{
    const struct thaw_project_options options = {.path = scratch.path};
    struct thaw_project_reading *reading;
    struct thaw_project *project = NULL;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{}");
    scratch_write_text(&scratch, "function_app.py", HTTP_APP);
    assert_int_equal(thaw_project_begin(&options, &reading, NULL), 0);
    thaw_project_give_up(reading);
    thaw_project_give_up(NULL);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* the interpreter is gone, too */
    assert_int_equal(thaw_project_begin(&options, &reading, NULL), 0);
    assert_int_equal(thaw_project_end(reading, &project, NULL), 0);
    assert_true(project->has_source);
    assert_int_equal(project->function_count, 1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    thaw_project_free(project);
}

/* What lies beside the app is nothing that an interpreter is asked for. */
static void without_source_nobody_is_left_waiting(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{}");
    project = project_read(&scratch);
    assert_false(project->has_source);
    assert_int_equal(project->problem_count, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    thaw_project_free(project);
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

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_app_is_read),
        TEST(another_app_below_is_not_read),
        TEST(an_app_two_folders_below_is_named),
        TEST(templates_of_several_files_are_one),
        TEST(an_interpreter_tells_the_functions),
        TEST(a_reading_has_two_parts),
        TEST(without_source_nobody_is_left_waiting),
        TEST(distributions_beside_the_app_are_not_read),
        TEST(without_an_interpreter_the_rest_is_read),
        TEST(tools_leave_out_what_they_do),
        TEST(funcignore_leaves_out_the_rest),
        TEST(all_of_a_zip_is_deployed),
        TEST(templates_of_the_folder_are_read_once),
        TEST(templates_elsewhere_are_read_when_named),
        TEST(named_settings_are_read),
        TEST(a_named_file_that_is_wrong_ends_it),
        TEST(what_is_no_app_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
