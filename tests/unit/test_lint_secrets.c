/* SPDX-License-Identifier: Apache-2.0 */
#include "lint_cases.h"

static void test_settings(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting;

    unchecked(fixture, &thaw_rule_secret_in_settings);
    setting = lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, "DB", NULL);
    for (int shape = 0; shape < THAW_SHAPES; shape++) {
        setting->shape = (enum thaw_setting_shape)shape;
        if (thaw_setting_shape_is_secret(setting->shape))
            says_at(fixture, &thaw_rule_secret_in_settings, "DB",
                    thaw_setting_shape_name(setting->shape), "warning", "settings.json:1");
        else
            silent(fixture, &thaw_rule_secret_in_settings);
    }
    setting->shape = THAW_SHAPE_PASSWORD;
    setting->origin = THAW_SETTING_TEMPLATE;
    says_at(fixture, &thaw_rule_secret_in_settings, "DB", "change the secret", "error",
            "settings.json:1");
    setting->origin = THAW_SETTING_LOCAL;
    unchecked(fixture, &thaw_rule_secret_in_settings);
}

/* Of Lambda; a variable of SAM's Globals is that of each function. */
static void test_lambda(void **state)
{
    struct lint_fixture *fixture = *state;

    fixture->project.platform.value = "aws_lambda";
    for (int i = 0; i < 2; i++) {
        struct thaw_setting *setting =
            lint_fixture_setting(fixture, THAW_SETTING_TEMPLATE, "DB", NULL);

        setting->shape = THAW_SHAPE_PASSWORD;
        setting->place.line = 1;
    }
    says_at(fixture, &thaw_rule_secret_in_settings, "DB", "Secrets Manager", "error",
            "main.bicep:1");
    lint_fixture_run(fixture, &thaw_rule_secret_in_settings);
    assert_int_equal(lint_fixture_count(fixture, "secret-in-settings"), 1);
    lint_fixture_again(fixture);
    fixture->memory.settings.items[1].place.line = 2;
    lint_fixture_run(fixture, &thaw_rule_secret_in_settings);
    assert_int_equal(lint_fixture_count(fixture, "secret-in-settings"), 2);
}

static void test_storage(void **state)
{
    static const char name[] = "AzureWebJobsStorage";
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting = lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, name, NULL);

    setting->shape = THAW_SHAPE_STORAGE_KEY;
    says_at(fixture, &thaw_rule_secret_in_settings, name, "AzureWebJobsStorage__accountName",
            "note", "settings.json:1");
    setting->origin = THAW_SETTING_TEMPLATE;
    says_at(fixture, &thaw_rule_secret_in_settings, name, "__accountName", "error",
            "settings.json:1");
    setting->shape = THAW_SHAPE_REFERENCE;
    silent(fixture, &thaw_rule_secret_in_settings);
    setting->shape = THAW_SHAPE_UNKNOWN;
    silent(fixture, &thaw_rule_secret_in_settings);
}

static void test_references(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting = lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, "DB", NULL);

    unchecked(fixture, &thaw_rule_key_vault_reference_not_here);
    setting->shape = THAW_SHAPE_REFERENCE;
    silent(fixture, &thaw_rule_key_vault_reference_invalid);
    setting->shape = THAW_SHAPE_REFERENCE_INVALID;
    setting->detail = "no SecretName";
    says_at(fixture, &thaw_rule_key_vault_reference_invalid, "DB", "no SecretName", "error",
            "settings.json:1");
    fixture->project.plan.value = "flex";
    silent(fixture, &thaw_rule_key_vault_reference_not_here);
    fixture->project.plan.value = "container-apps";
    says_at(fixture, &thaw_rule_key_vault_reference_not_here, "DB", "secretRef", "error",
            "settings.json:1");
    setting->shape = THAW_SHAPE_TEXT;
    silent(fixture, &thaw_rule_key_vault_reference_not_here);
    setting->shape = THAW_SHAPE_REFERENCE_INVALID;
    setting->origin = THAW_SETTING_LOCAL;
    unchecked(fixture, &thaw_rule_key_vault_reference_invalid);
}

static void test_shipped(void **state)
{
    static const char name[] = "local.settings.json";
    struct lint_fixture *fixture = *state;
    struct thaw_shipped_file files[] = {{.path = "host.json"}, {.path = name}};
    bool left_out[] = {false, true};
    struct thaw_setting *setting;

    unchecked(fixture, &thaw_rule_local_settings_shipped);
    fixture->shipped.files = files;
    fixture->shipped.file_count = 2;
    fixture->project.is_left_out = left_out;
    silent(fixture, &thaw_rule_local_settings_shipped);
    left_out[1] = false;
    says_at(fixture, &thaw_rule_local_settings_shipped, name, "is deployed with the app", "warning",
            name);
    setting = lint_fixture_setting(fixture, THAW_SETTING_LOCAL, "DB", NULL);
    setting->shape = THAW_SHAPE_PASSWORD;
    says_at(fixture, &thaw_rule_local_settings_shipped, name, "DB is ", "error", name);
    setting->origin = THAW_SETTING_EXPORTED;
    says_at(fixture, &thaw_rule_local_settings_shipped, name, ".funcignore", "warning", name);
    left_out[1] = true;
    fixture->project.is_zip = true;
    says(fixture, &thaw_rule_local_settings_shipped, name, "the package has");
    files[1].path = "samples/local.settings.json";
    silent(fixture, &thaw_rule_local_settings_shipped);
}

static void test_anonymous(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_binding *trigger;

    unchecked(fixture, &thaw_rule_anonymous_http);
    trigger = &lint_fixture_function(fixture, "hello", "httpTrigger")->bindings[0];
    silent(fixture, &thaw_rule_anonymous_http);
    trigger->auth_level = "function";
    silent(fixture, &thaw_rule_anonymous_http);
    trigger->auth_level = NULL;
    silent(fixture, &thaw_rule_anonymous_http);
    trigger->auth_level = "ANONYMOUS";
    says_at(fixture, &thaw_rule_anonymous_http, "anonymous", "1 HTTP function can be called",
            "note", "function_app.py:1");
    lint_fixture_function(fixture, "more", "httpTrigger")->bindings[0].auth_level = "anonymous";
    says(fixture, &thaw_rule_anonymous_http, "anonymous", "more (function_app.py:2)");
    says(fixture, &thaw_rule_anonymous_http, "anonymous", "2 HTTP functions");
}

static void test_anonymous_changes(void **state)
{
    static const char *get[] = {"get"}, *post[] = {"get", "post"}, *put[] = {"put"};
    struct lint_fixture *fixture = *state;
    struct thaw_app_binding *trigger =
        &lint_fixture_function(fixture, "orders", "httpTrigger")->bindings[0];

    trigger->auth_level = "anonymous";
    trigger->methods = (struct thaw_texts){get, 1};
    says(fixture, &thaw_rule_anonymous_http, "anonymous", "orders");
    trigger->methods = (struct thaw_texts){post, 2};
    /* Webhooks and logins have it. */
    says_at(fixture, &thaw_rule_anonymous_http, "anonymous", "(function_app.py:1): GET, POST",
            "note", "function_app.py:1");
    trigger->methods = (struct thaw_texts){put, 1};
    says_at(fixture, &thaw_rule_anonymous_http, "anonymous", "by anybody, to change or to manage",
            "warning", "function_app.py:1");
    trigger->methods = (struct thaw_texts){get, 1};
    trigger->route = "admin/users";
    says(fixture, &thaw_rule_anonymous_http, "anonymous", "its route has \"admin\" in it");
    trigger->auth_level = "admin";
    silent(fixture, &thaw_rule_anonymous_http);
}

/* Those that something speaks against come first, and all are one finding. */
static void test_anonymous_many(void **state)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    static const char *delete[] = {"delete"};
    struct lint_fixture *fixture = *state;
    const struct thaw_lint_finding *finding;

    for (size_t i = 0; i < 10; i++)
        lint_fixture_function(fixture, names[i], "httpTrigger")->bindings[0].auth_level =
            "anonymous";
    fixture->memory.functions.items[9].bindings[0].methods = (struct thaw_texts){delete, 1};
    lint_fixture_run(fixture, &thaw_rule_anonymous_http);
    assert_int_equal(lint_fixture_count(fixture, "anonymous-http"), 1);
    finding = lint_fixture_find(fixture, "anonymous-http");
    assert_string_equal(finding->evidence[0], "j (function_app.py:10): DELETE");
    assert_string_equal(finding->evidence[7], "and 3 more");
    assert_string_equal(finding->title, "10 HTTP functions can be called by anybody, 1 to change "
                                        "or to manage something");
    lint_fixture_again(fixture);
    fixture->memory.functions.count = 8;
    lint_fixture_run(fixture, &thaw_rule_anonymous_http);
    finding = lint_fixture_find(fixture, "anonymous-http");
    assert_string_equal(finding->evidence[7], "h (function_app.py:8): any method");
    fixture->memory.functions.count = 10;
}

static void test_anonymous_app(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_variable *app = lint_fixture_app(fixture, "app", "FunctionApp");
    struct thaw_app_function *function = lint_fixture_function(fixture, "hello", "httpTrigger");

    silent(fixture, &thaw_rule_anonymous_http);
    app->auth_level = "anonymous";
    says(fixture, &thaw_rule_anonymous_http, "anonymous", "hello");
    app->auth_level = NULL;
    silent(fixture, &thaw_rule_anonymous_http);
    app->auth_level = "anonymous";
    function->is_registered = false;
    silent(fixture, &thaw_rule_anonymous_http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_settings),      LINT_CASE(test_storage),
        LINT_CASE(test_references),    LINT_CASE(test_shipped),
        LINT_CASE(test_anonymous),     LINT_CASE(test_anonymous_changes),
        LINT_CASE(test_anonymous_app), LINT_CASE(test_anonymous_many),
        LINT_CASE(test_lambda),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
