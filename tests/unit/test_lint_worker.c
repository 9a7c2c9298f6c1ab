/* SPDX-License-Identifier: Apache-2.0 */
/* Apps of other languages, and folders without an app: what is said of them, and what not. */
#include "lint_cases.h"

#include "lint/check.h"

static struct thaw_app_function *add_v1(struct lint_fixture *fixture, const char *script)
{
    struct thaw_app_function *function = lint_fixture_function(fixture, "hello", "httpTrigger");

    function->model = THAW_FUNCTION_V1;
    function->script = script;
    function->place.file = "hello/function.json";
    function->place.line = 1;
    return function;
}

static void ship(struct lint_fixture *fixture, struct thaw_shipped_file *file)
{
    fixture->shipped.files = file;
    fixture->shipped.file_count = 1;
}

static void test_setting(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting =
        lint_fixture_setting(fixture, THAW_SETTING_LOCAL, "FUNCTIONS_WORKER_RUNTIME", "node");

    says_at(fixture, &thaw_rule_not_a_python_app, "worker", "no Python app (node)", "warning",
            "local.settings.json:1");
    setting->value = "Python";
    silent(fixture, &thaw_rule_not_a_python_app);
    /* An expression of a template. */
    setting->value = NULL;
    silent(fixture, &thaw_rule_not_a_python_app);
    /* The functions are Python's: runtime-version tells of the setting. */
    setting->value = "node";
    lint_fixture_function(fixture, "hello", "httpTrigger");
    silent(fixture, &thaw_rule_not_a_python_app);
}

static void test_scripts(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_shipped_file file = {.path = "hello/__init__.py"};

    add_v1(fixture, "hello/index.js");
    says_at(fixture, &thaw_rule_not_a_python_app, "worker", "hello is of hello/index.js", "warning",
            "hello/function.json:1");
    fixture->memory.functions.items[0].script = "hello/__init__.py";
    ship(fixture, &file);
    silent(fixture, &thaw_rule_not_a_python_app);
    /* Without scriptFile it is what lies there. */
    file.path = "hello/run.csx";
    says(fixture, &thaw_rule_not_a_python_app, "worker", "(.NET)");
    file.path = "other/run.csx";
    silent(fixture, &thaw_rule_not_a_python_app);
    file.path = "hello/inner/run.csx";
    silent(fixture, &thaw_rule_not_a_python_app);
}

static void test_host(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_host(fixture, "{'version': '2.0',\n'customHandler': {}}");
    says_at(fixture, &thaw_rule_not_a_python_app, "worker", "host.json has customHandler",
            "warning", "host.json:2");
    lint_fixture_setting(fixture, THAW_SETTING_LOCAL, "FUNCTIONS_WORKER_RUNTIME", "python");
    silent(fixture, &thaw_rule_not_a_python_app);
}

static void test_files(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_shipped_file files[2] = {{.path = "Orders.csproj"}, {.path = "tool.py"}};

    silent(fixture, &thaw_rule_not_a_python_app);
    ship(fixture, files);
    says_at(fixture, &thaw_rule_not_a_python_app, "worker", "there is Orders.csproj", "warning",
            "Orders.csproj");
    fixture->shipped.file_count = 2;
    silent(fixture, &thaw_rule_not_a_python_app);
    fixture->shipped.file_count = 1;
    files[0].path = "web/package.json"; /* of something beside the app */
    silent(fixture, &thaw_rule_not_a_python_app);
    files[0].path = "function_app.py";
    lint_fixture_setting(fixture, THAW_SETTING_LOCAL, "FUNCTIONS_WORKER_RUNTIME", "node");
    silent(fixture, &thaw_rule_not_a_python_app);
}

/* Of the rest of the checklist nothing is said. */
static void test_rest(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_lint_question question = {
        .project = &fixture->project,
        .facts = fixture->facts,
        .recording_name = "",
        .today = thaw_lint_facts_dated(fixture->facts),
        .profile = thaw_lint_profiles(),
        .suppressions_name = "",
    };
    struct thaw_error error;
    json_t *lint;

    add_v1(fixture, "hello/index.js")->bindings[0].auth_level = "anonymous";
    lint_fixture_host(fixture, "{'version': '2.0'}");
    lint_fixture_problem(fixture, THAW_PROBLEM_DUPLICATE_KEY, "host.json", "twice");
    lint_fixture_show(fixture);
    assert_int_equal(thaw_lint_check(&question, &lint, &error), 0);
    assert_int_equal(thaw_lint_count(lint, "note"), 2);
    assert_int_equal(json_array_size(json_object_get(lint, "unchecked")), 0);
    json_decref(lint);
    fixture->memory.functions.items[0].model = THAW_FUNCTION_V2;
    lint_fixture_show(fixture);
    assert_int_equal(thaw_lint_check(&question, &lint, &error), 0);
    assert_true(thaw_lint_count(lint, "note") > 2);
    json_decref(lint);
}

static void test_no_app(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_shipped_file file = {.path = "readme.txt"};

    ship(fixture, &file);
    fixture->project.has_source = false;
    says_at(fixture, &thaw_rule_no_app_found, "", "nothing was checked", "error", "");
    file.path = "out/app.zip";
    says(fixture, &thaw_rule_no_app_found, "", "thaw lint out/app.zip");
    file.path = "x.py";
    fixture->project.has_source = true;
    says(fixture, &thaw_rule_no_app_found, "", "next to nothing was checked");
    file.path = "cdk.json";
    silent(fixture, &thaw_rule_no_app_found);
    fixture->project.has_source = false;
    file.path = "readme.txt";
    lint_fixture_problem(fixture, THAW_PROBLEM_CUT, "src/host.json", "one below");
    silent(fixture, &thaw_rule_no_app_found);
}

static void test_no_app_but_a_manifest(void **state)
{
    ((struct lint_fixture *)*state)->project.has_source = false;
    lint_fixture_manifest(*state, "requirements.txt");
    says(*state, &thaw_rule_no_app_found, "", "no handler of Lambda");
    ((struct lint_fixture *)*state)->project.may_be_handler = true;
    silent(*state, &thaw_rule_no_app_found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_setting),
        LINT_CASE(test_scripts),
        LINT_CASE(test_host),
        LINT_CASE(test_files),
        LINT_CASE(test_rest),
        LINT_CASE(test_no_app),
        LINT_CASE(test_no_app_but_a_manifest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
