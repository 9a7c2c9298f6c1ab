/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over files and functions that are missing, and what is there that should not be. */
#include "lint_cases.h"

#define APP "function_app.py"

/* The app's files; paths ended by NULL. */
static void ship(struct lint_fixture *fixture, const char *const *paths)
{
    static struct thaw_shipped_file files[8];
    static bool left_out[8];
    size_t count = 0;

    memset(left_out, 0, sizeof(left_out));
    for (; paths[count]; count++)
        files[count] = (struct thaw_shipped_file){.path = paths[count],
                                                  .bytes = 10,
                                                  .distribution = THAW_SHIPPED_NONE};
    fixture->shipped.files = files;
    fixture->shipped.file_count = count;
    fixture->project.is_left_out = left_out;
}

static void leave_out(struct lint_fixture *fixture, size_t file)
{
    ((bool *)fixture->project.is_left_out)[file] = true;
}

#define SHIP(fixture, ...) ship(fixture, (const char *const[]){__VA_ARGS__, NULL})

static void test_host_missing(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_host_missing;
    struct lint_fixture *fixture = *state;

    SHIP(fixture, "main.bicep"); /* of an app that is somewhere else */
    silent(fixture, rule);
    SHIP(fixture, APP, "api/host.json");
    says_at(fixture, rule, "host.json", "there is no host.json", "error", "");
    SHIP(fixture, "order/function.json");
    says(fixture, rule, "host.json", "there is no host.json");
    SHIP(fixture, APP, "Host.json");
    says(fixture, rule, "host.json", "Host.json is there: on Linux capitals count");
    SHIP(fixture, APP, "host.json");
    silent(fixture, rule);
    leave_out(fixture, 1);
    says_at(fixture, rule, "host.json", "take host.json out of .funcignore", "error", "host.json");
    SHIP(fixture, "order/a/function.json");
    silent(fixture, rule);
    lint_fixture_requirement(fixture, "azure-functions", NULL);
    says(fixture, rule, "host.json", "there is no host.json");
    lint_fixture_problem(fixture, THAW_PROBLEM_UNREADABLE, "host.json", "it is a folder");
    silent(fixture, rule);
    fixture->project.platform.value = "";
    fixture->project.nested = "order/";
    silent(fixture, rule); /* a folder above it: told as not read */
    fixture->project.is_zip = true;
    says_at(fixture, rule, "host.json", "zip the content of that folder", "error", "");
}

static void test_entry_missing(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_entry_missing;
    struct lint_fixture *fixture = *state;

    SHIP(fixture, "host.json");
    unchecked(fixture, rule); /* no host.json that was read */
    lint_fixture_host(fixture, "{'version': '2.0'}");
    silent(fixture, rule); /* of no language that is known */
    lint_fixture_requirement(fixture, "azure-functions", NULL);
    says_at(fixture, rule, APP, "neither function_app.py nor", "error", "host.json");
    SHIP(fixture, "host.json", "Function_App.py");
    says(fixture, rule, APP, "Function_App.py is there: on Linux capitals count");
    SHIP(fixture, "host.json", "api/function_app.py");
    says(fixture, rule, APP, "beside host.json");
    lint_fixture_function(fixture, "order", "httpTrigger")->place.file = "api/function_app.py";
    says(fixture, rule, APP, "function.json is there: the host does not find the app's function");
    lint_fixture_function(fixture, "stock", "httpTrigger")->place.file = "api/function_app.py";
    says(fixture, rule, APP, "finds none of the app's 2 functions");
    says(fixture, rule, APP, "does not look at: order (api/function_app.py:1)");
    says(fixture, rule, APP, "import there");
    SHIP(fixture, "host.json", "order/function.json");
    silent(fixture, rule);
    SHIP(fixture, "host.json", APP);
    silent(fixture, rule);
    leave_out(fixture, 1);
    says_at(fixture, rule, APP, "is left out", "error", APP);
    SHIP(fixture, "host.json");
    lint_fixture_host(fixture, "{'version': '2.0', 'customHandler': {}}");
    silent(fixture, rule);
}

static void test_entry_of_a_setting(void **state)
{
    static const char name[] = "PYTHON_SCRIPT_FILE_NAME";
    const struct thaw_lint_rule *rule = &thaw_rule_entry_missing;
    struct lint_fixture *fixture = *state;

    lint_fixture_host(fixture, "{'version': '2.0'}");
    lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, "FUNCTIONS_WORKER_RUNTIME", "python");
    SHIP(fixture, "host.json", APP);
    lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, name, "main.py");
    says_at(fixture, rule, "main.py", "neither main.py nor", "error", "settings.json:2");
    SHIP(fixture, "host.json", "main.py");
    silent(fixture, rule);
    fixture->memory.settings.items[1].value = NULL;
    fixture->memory.settings.items[1].shape = THAW_SHAPE_UNKNOWN;
    silent(fixture, rule);
    fixture->memory.settings.count = 1;
    says(fixture, rule, APP, "neither function_app.py nor");
    fixture->memory.settings.items[0].value = "node";
    silent(fixture, rule);
}

static void test_not_exposed(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_asgi_not_exposed;
    struct lint_fixture *fixture = *state;

    lint_fixture_function(fixture, "order", "httpTrigger");
    lint_fixture_call(fixture, 0, "fastapi.FastAPI", 0); /* who calls it is not known */
    lint_fixture_call(fixture, THAW_PROJECT_NONE, "fastapi.APIRouter", 0);
    silent(fixture, rule);
    lint_fixture_call(fixture, THAW_PROJECT_NONE, "flask.Flask", 0);
    says(fixture, rule, "flask.Flask", "func.WsgiFunctionApp");
    lint_fixture_call(fixture, 0, "azure.functions.WsgiMiddleware.handle", 0);
    silent(fixture, rule);
    fixture->memory.calls.items[3].name = "azure.functions.HttpResponse";
    says(fixture, rule, "flask.Flask", "makes a web app that no function answers for");
    fixture->memory.functions.items[0].kind = THAW_FUNCTION_ASGI;
    silent(fixture, rule);
    fixture->memory.functions.items[0].kind = THAW_FUNCTION_PLAIN;
    lint_fixture_app(fixture, "app", "FunctionApp");
    says(fixture, rule, "flask.Flask", "flask.Flask()");
    lint_fixture_app(fixture, "web", "WsgiFunctionApp");
    silent(fixture, rule);
    fixture->memory.apps.count = 1;
    fixture->project.has_source = false;
    unchecked(fixture, rule);
}

static void override(struct lint_fixture *fixture, const char *name, const char *value)
{
    fixture->memory.settings.count = 0;
    lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, name, value);
}

static void test_overridden(void **state)
{
    static const char level[] = "AzureFunctionsJobHost__logging__logLevel__Host.Results";
    static const char sampling[] = "AZUREFUNCTIONSJOBHOST__http__dynamicThrottlesEnabled";
    static const char number[] = "AzureFunctionsJobHost__extensions__http__maxConcurrentRequests";
    static const char unknown[] = "AzureFunctionsJobHost__extensions__mail__pin";
    const struct thaw_lint_rule *rule = &thaw_rule_host_value_overridden;
    struct lint_fixture *fixture = *state;

    lint_fixture_host(fixture, "{'logging': {'logLevel': {'Host.Results': 'Warning'}},\n'http': "
                               "{'dynamicThrottlesEnabled': true}, 'extensions': {'http': "
                               "{'maxConcurrentRequests': 10}, 'mail': {'pin': 4711}}}");
    unchecked(fixture, rule);
    override(fixture, level, "warning");
    silent(fixture, rule);
    override(fixture, level, "Error");
    says(fixture, rule, level, "logging.logLevel.Host.Results of host.json is Warning, and Error");
    override(fixture, level, NULL); /* an expression */
    silent(fixture, rule);
    fixture->memory.settings.items[0].shape = THAW_SHAPE_TEXT;
    says(fixture, rule, level, "Warning, is overridden where it is deployed");
    override(fixture, sampling, "1");
    silent(fixture, rule);
    override(fixture, sampling, "false");
    says(fixture, rule, sampling, "is true, and false");
    override(fixture, number, "10");
    silent(fixture, rule);
    override(fixture, number, "100");
    says_at(fixture, rule, number, "is 10, and 100", "note", "settings.json:1");
    override(fixture, unknown, "4711");
    silent(fixture, rule);
    override(fixture, unknown, "4712"); /* may be secret: not shown */
    says(fixture, rule, unknown, "extensions.mail.pin of host.json is overridden where it is");
    says(fixture, rule, unknown, "extensions.mail.pin is set");
    says(fixture, rule, unknown, "extensions__mail__pin is set, and differs");
    override(fixture, "AzureFunctionsJobHost__http__routePrefix", "api"); /* not in the file */
    silent(fixture, rule);
    override(fixture, "AzureFunctionsJobHost__http", "10"); /* an object there */
    silent(fixture, rule);
    override(fixture, number, "100");
    fixture->memory.settings.items[0].origin = THAW_SETTING_LOCAL;
    unchecked(fixture, rule);
}

static void test_requirements_missing(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_requirements_missing;
    struct lint_fixture *fixture = *state;

    SHIP(fixture, APP, "host.json");
    silent(fixture, rule); /* nothing that would need a package */
    lint_fixture_function(fixture, "order", "httpTrigger");
    lint_fixture_import(fixture, "azure.functions");
    says_at(fixture, rule, "requirements.txt", "installs nothing", "warning", "function_app.py:1");
    fixture->project.packaging.value = "container";
    silent(fixture, rule);
    fixture->project.packaging.value = "zip";
    fixture->project.is_zip = true;
    silent(fixture, rule);
    fixture->project.is_zip = false;
    says(fixture, rule, "requirements.txt", "import of azure.functions");
    SHIP(fixture, APP, "requirements.txt"); /* there, and not readable */
    silent(fixture, rule);
    SHIP(fixture, APP, ".python_packages/lib/site-packages/six.py");
    silent(fixture, rule);
    SHIP(fixture, APP);
    lint_fixture_manifest(fixture, "pyproject.toml")->requirements = 0; /* a linter's */
    says(fixture, rule, "requirements.txt", "installs nothing");
    lint_fixture_manifest(fixture, "uv.lock")->is_lock = true; /* told by another rule */
    silent(fixture, rule);
}

static void test_environment(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_environment_shipped;
    struct thaw_project_environment environment = {.folder = "env",
                                                   .amount = {.files = 900, .bytes = 41000000}};
    struct lint_fixture *fixture = *state;

    silent(fixture, rule);
    fixture->project.environments = &environment;
    fixture->project.environment_count = 1;
    says_at(fixture, rule, "env", "env, a virtual environment of 41.0 MB", "warning", "env");
    says(fixture, rule, "env", "there is no .funcignore");
    fixture->project.has_funcignore = true;
    says(fixture, rule, "env", ".funcignore does not name it");
    fixture->project.packaging.value = "container";
    silent(fixture, rule);
    fixture->project.packaging.value = "";
    environment.is_ignored = true;
    silent(fixture, rule);
}

static void test_in_vain(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_ignored_in_vain;
    struct lint_fixture *fixture = *state;

    silent(fixture, rule);
    fixture->project.ignored_in_vain = 3;
    fixture->project.ignored_in_vain_path = "a/b.pyc";
    says_at(fixture, rule, ".funcignore", "the first is a/b.pyc", "note", ".funcignore");
    fixture->project.ignored_in_vain = 1;
    says(fixture, rule, ".funcignore", "deploy 1 file that");
    fixture->project.is_zip = true;
    unchecked(fixture, rule);
}

static void test_tracked(void **state)
{
    static const char name[] = "local.settings.json";
    const struct thaw_lint_rule *rule = &thaw_rule_local_settings_tracked;
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting;

    silent(fixture, rule);
    fixture->project.is_local_settings_kept = true;
    says_at(fixture, rule, name, "git rm --cached", "warning", name);
    setting = lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, "Bus", NULL);
    setting->shape = THAW_SHAPE_SHARED_KEY;
    says_at(fixture, rule, name, "none of its values", "warning", name);
    setting = lint_fixture_setting(fixture, THAW_SETTING_LOCAL, "Bus", NULL);
    setting->shape = THAW_SHAPE_SHARED_KEY;
    says_at(fixture, rule, name, "change these secrets", "error", name);
    fixture->project.is_zip = true;
    unchecked(fixture, rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_host_missing),
        LINT_CASE(test_entry_missing),
        LINT_CASE(test_entry_of_a_setting),
        LINT_CASE(test_not_exposed),
        LINT_CASE(test_overridden),
        LINT_CASE(test_requirements_missing),
        LINT_CASE(test_environment),
        LINT_CASE(test_in_vain),
        LINT_CASE(test_tracked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
