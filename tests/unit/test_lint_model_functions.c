/* SPDX-License-Identifier: Apache-2.0 */
#include "lint_cases.h"

static struct thaw_app_function *queue(struct lint_fixture *fixture, const char *name,
                                       const char *connection)
{
    struct thaw_app_function *function = lint_fixture_function(fixture, name, "queueTrigger");

    function->bindings[0].connection = connection;
    return function;
}

static void test_connection(void **state)
{
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_connection_not_set);
    queue(fixture, "orders", "Orders");
    queue(fixture, "more", "ORDERS");
    /* Nothing is known of what is set. */
    silent(fixture, &thaw_rule_connection_not_set);
    lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, "OTHER", "x");
    silent(fixture, &thaw_rule_connection_not_set);

    fixture->project.has_exported_settings = true;
    says_at(fixture, &thaw_rule_connection_not_set, "Orders", "no setting Orders", "error",
            "function_app.py:1");
    says(fixture, &thaw_rule_connection_not_set, "Orders", "more (function_app.py:2)");
    lint_fixture_run(fixture, &thaw_rule_connection_not_set);
    assert_int_equal(lint_fixture_count(fixture, "connection-not-set"), 1);
    lint_fixture_again(fixture);

    lint_fixture_setting(fixture, THAW_SETTING_LOCAL, "Orders", NULL);
    says(fixture, &thaw_rule_connection_not_set, "Orders", "local.settings.json, which is not");
    lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, "orders", NULL)->shape = THAW_SHAPE_EMPTY;
    says_at(fixture, &thaw_rule_connection_not_set, "Orders", "is empty", "error",
            "function_app.py:1");
}

static void test_connection_set(void **state)
{
    static const char *const names[] = {"Orders", "AzureWebJobsOrders",
                                        "Orders__fullyQualifiedNamespace",
                                        "AzureWebJobsOrders__serviceUri",
                                        "ConnectionStrings:Orders"};
    static const char *const others[] = {"Orders2", "MyOrders", "Orders_", "Order"};
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting = lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, "x", "x");

    queue(fixture, "orders", "Orders");
    fixture->project.has_exported_settings = true;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        setting->name = names[i];
        silent(fixture, &thaw_rule_connection_not_set);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        setting->name = others[i];
        says(fixture, &thaw_rule_connection_not_set, "Orders", "no setting");
    }
}

static void test_connection_default(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_function *function = queue(fixture, "orders", "");
    struct thaw_setting *setting = lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, "x", "x");

    fixture->project.has_exported_settings = true;
    says(fixture, &thaw_rule_connection_not_set, "AzureWebJobsStorage", "no setting");
    setting->name = "AzureWebJobsStorage__accountName";
    silent(fixture, &thaw_rule_connection_not_set);
    setting->name = "x";
    /* Not known, an expression, of another service, of a function that isn't there. */
    function->bindings[0].connection = NULL;
    silent(fixture, &thaw_rule_connection_not_set);
    function->bindings[0].connection = "%Name%";
    silent(fixture, &thaw_rule_connection_not_set);
    function->bindings[0].connection = "";
    function->bindings[0].type = "httpTrigger";
    silent(fixture, &thaw_rule_connection_not_set);
    function->bindings[0].type = NULL;
    silent(fixture, &thaw_rule_connection_not_set);
    function->bindings[0].type = "queueTrigger";
    function->is_registered = false;
    silent(fixture, &thaw_rule_connection_not_set);
}

static void test_connection_local(void **state)
{
    struct lint_fixture *fixture = *state;

    queue(fixture, "orders", "Orders");
    lint_fixture_setting(fixture, THAW_SETTING_LOCAL, "OTHER", "x");
    says_at(fixture, &thaw_rule_connection_not_set, "Orders", "local.settings.json has no", "note",
            "function_app.py:1");
    lint_fixture_setting(fixture, THAW_SETTING_LOCAL, "Orders", NULL);
    silent(fixture, &thaw_rule_connection_not_set);
}

static void test_models(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_function *function;

    unchecked(fixture, &thaw_rule_model_v1);
    lint_fixture_function(fixture, "one", "httpTrigger");
    silent(fixture, &thaw_rule_model_v1);
    silent(fixture, &thaw_rule_mixed_models);
    function = lint_fixture_function(fixture, "two", "httpTrigger");
    function->model = THAW_FUNCTION_V1;
    function->place.file = "two/function.json";
    silent(fixture, &thaw_rule_model_v1);
    says_at(fixture, &thaw_rule_mixed_models, "v1", "1 function by function.json beside 1", "error",
            "two/function.json:2");
    fixture->memory.functions.items[0].model = THAW_FUNCTION_V1;
    silent(fixture, &thaw_rule_mixed_models);
    says_at(fixture, &thaw_rule_model_v1, "v1", "2 functions", "note", "function_app.py:1");
    fixture->memory.functions.items[0].model = THAW_FUNCTION_LAMBDA;
    silent(fixture, &thaw_rule_mixed_models);
}

static void test_name_twice(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_function *function;

    lint_fixture_function(fixture, "orders", "httpTrigger");
    lint_fixture_function(fixture, "orders2", "httpTrigger");
    silent(fixture, &thaw_rule_function_name_twice);
    function = lint_fixture_function(fixture, "Orders", "queueTrigger");
    says_at(fixture, &thaw_rule_function_name_twice, "Orders", "the other one: orders", "error",
            "function_app.py:3");
    /* In an if and its else; but one that is always there is a second one. */
    function->place.column = 5;
    says(fixture, &thaw_rule_function_name_twice, "Orders", "a second function");
    fixture->memory.functions.items[0].place.column = 5;
    silent(fixture, &thaw_rule_function_name_twice);
    function->place.column = 1;
    function->is_registered = false;
    silent(fixture, &thaw_rule_function_name_twice);
    function->is_registered = true;
    function->model = THAW_FUNCTION_LAMBDA;
    silent(fixture, &thaw_rule_function_name_twice);
}

static const char *routes_of(struct lint_fixture *fixture, const char *left, const char *right)
{
    fixture->memory.functions.items[0].bindings[0].route = left;
    fixture->memory.functions.items[1].bindings[0].route = right;
    return "b";
}

static void test_route_twice(void **state)
{
    static const char *const same[][2] = {{"orders", "Orders/"},
                                          {"/orders", "orders"},
                                          {"orders/{id}", "orders/{name}"},
                                          {"orders/{id:int}", "orders/{key:int}"},
                                          {"b", ""}};
    static const char *const different[][2] = {{"orders", "orders/{id}"},
                                               {"orders/{id}", "orders/{id:int}"},
                                               {"", ""},
                                               {"orders", NULL},
                                               {NULL, NULL}};
    struct lint_fixture *fixture = *state;

    lint_fixture_function(fixture, "a", "httpTrigger");
    lint_fixture_function(fixture, "b", "httpTrigger");
    for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
        says_at(fixture, &thaw_rule_route_twice, routes_of(fixture, same[i][0], same[i][1]),
                "the route of b is that of a", "error", "function_app.py:2");
    for (size_t i = 0; i < sizeof(different) / sizeof(*different); i++) {
        routes_of(fixture, different[i][0], different[i][1]);
        silent(fixture, &thaw_rule_route_twice);
    }
}

static void test_route_methods(void **state)
{
    static const char *get[] = {"get"}, *both[] = {"post", "get"}, *post[] = {"post"};
    struct lint_fixture *fixture = *state;
    struct thaw_texts *left, *right;

    lint_fixture_function(fixture, "a", "httpTrigger");
    lint_fixture_function(fixture, "b", "httpTrigger");
    routes_of(fixture, "orders", "orders");
    left = &fixture->memory.functions.items[0].bindings[0].methods;
    right = &fixture->memory.functions.items[1].bindings[0].methods;
    *left = (struct thaw_texts){get, 1};
    says(fixture, &thaw_rule_route_twice, "b", "orders");
    *right = (struct thaw_texts){post, 1};
    silent(fixture, &thaw_rule_route_twice);
    *right = (struct thaw_texts){both, 2};
    says(fixture, &thaw_rule_route_twice, "b", "orders");
    fixture->memory.functions.items[0].kind = THAW_FUNCTION_ASGI;
    silent(fixture, &thaw_rule_route_twice);
}

static void test_blueprint(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_variable *blueprint;
    struct thaw_app_function *function;

    unchecked(fixture, &thaw_rule_blueprint_not_registered);
    lint_fixture_app(fixture, "app", "FunctionApp");
    blueprint = lint_fixture_app(fixture, "bp", "Blueprint");
    blueprint->is_registered = false;
    /* Without functions it is no loss. */
    silent(fixture, &thaw_rule_blueprint_not_registered);
    function = lint_fixture_function(fixture, "orders", "httpTrigger");
    function->app = "bp";
    function->is_registered = false;
    says_at(fixture, &thaw_rule_blueprint_not_registered, "bp", "its 1 function is not there",
            "warning", "function_app.py:2");
    blueprint->type = "FunctionApp";
    silent(fixture, &thaw_rule_blueprint_not_registered);
    blueprint->type = "Blueprint";
    /* Another file's blueprint of the same name. */
    function->place.file = "other.py";
    silent(fixture, &thaw_rule_blueprint_not_registered);
    function->place.file = "function_app.py";
    fixture->memory.apps.items[0].is_registered = false; /* a folder of several apps */
    silent(fixture, &thaw_rule_blueprint_not_registered);
    blueprint->is_registered = true;
    silent(fixture, &thaw_rule_blueprint_not_registered);
    blueprint->is_registered = false;
    fixture->memory.apps.items[0].is_registered = false;
    unchecked(fixture, &thaw_rule_blueprint_not_registered);
    fixture->memory.apps.items[0].is_registered = true;
    fixture->project.has_source = false;
    unchecked(fixture, &thaw_rule_blueprint_not_registered);
}

static void test_several_apps(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_variable *second;

    unchecked(fixture, &thaw_rule_several_apps);
    lint_fixture_app(fixture, "bp", "Blueprint");
    lint_fixture_app(fixture, "app", "FunctionApp");
    lint_fixture_app(fixture, "more", "Blueprint");
    second = lint_fixture_app(fixture, "flows", "DFApp");
    says_at(fixture, &thaw_rule_several_apps, "flows", "DFApp flows is a second app", "error",
            "function_app.py:4");
    second->is_registered = false; /* in a file that function_app.py does not import */
    silent(fixture, &thaw_rule_several_apps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_connection),
        LINT_CASE(test_connection_set),
        LINT_CASE(test_connection_default),
        LINT_CASE(test_connection_local),
        LINT_CASE(test_models),
        LINT_CASE(test_name_twice),
        LINT_CASE(test_route_twice),
        LINT_CASE(test_route_methods),
        LINT_CASE(test_blueprint),
        LINT_CASE(test_several_apps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
