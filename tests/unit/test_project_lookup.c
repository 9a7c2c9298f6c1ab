/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "project_input.h"

static struct thaw_setting *add_setting(const char *name, enum thaw_setting_origin origin,
                                        uint32_t line)
{
    struct thaw_setting *setting = thaw_project_add_setting(project);

    assert_non_null(setting);
    setting->name = name;
    setting->origin = origin;
    setting->place = (struct thaw_project_place){.file = "main.bicep", .line = line};
    return setting;
}

static void an_empty_one_has_no_null_texts(void **state)
{
    (void)state;
    assert_int_equal(thaw_project_show(project), 0);
    assert_string_equal(project->plan.value, "");
    assert_string_equal(project->platform.place.file, "");
    assert_string_equal(project->python.reason, "");
    assert_null(thaw_project_setting(project, "A", NULL));
    assert_null(thaw_project_fact(project, THAW_FACT_SKU, NULL));
    assert_null(thaw_project_host(project, "version", NULL, NULL));
    assert_int_equal(thaw_project_unread(project), 0);
    thaw_project_free(NULL);
}

static void settings_are_found_whatever_their_case(void **state)
{
    const struct thaw_setting *found;

    (void)state;
    add_setting("B", THAW_SETTING_EXPORTED, 3);
    add_setting("a", THAW_SETTING_TEMPLATE, 2);
    add_setting("A", THAW_SETTING_LOCAL, 1);
    assert_string_equal(add_setting("x", THAW_SETTING_LOCAL, 9)->detail, "");
    assert_int_equal(thaw_project_show(project), 0);
    found = thaw_project_setting(project, "A", NULL);
    assert_int_equal(found->place.line, 1);
    found = thaw_project_setting(project, "A", found);
    assert_int_equal(found->place.line, 2);
    assert_null(thaw_project_setting(project, "A", found));
    assert_null(thaw_project_setting(project, "AB", NULL));
}

static void facts_are_found_by_kind(void **state)
{
    struct thaw_project_place place = {.file = "b", .line = 1};
    const struct thaw_project_fact *fact;

    (void)state;
    assert_non_null(thaw_project_add_fact(project, THAW_FACT_SLOT, "one", "app", &place));
    assert_non_null(thaw_project_add_fact(project, THAW_FACT_SKU, "FC1", NULL, NULL));
    place.file = "a";
    assert_non_null(thaw_project_add_fact(project, THAW_FACT_SLOT, "two", "app", &place));
    assert_int_equal(thaw_project_show(project), 0);
    fact = thaw_project_fact(project, THAW_FACT_SLOT, NULL);
    assert_string_equal(fact->value, "two");
    fact = thaw_project_fact(project, THAW_FACT_SLOT, fact);
    assert_string_equal(fact->value, "one");
    assert_null(thaw_project_fact(project, THAW_FACT_SLOT, fact));
    fact = thaw_project_fact(project, THAW_FACT_SKU, NULL);
    assert_string_equal(fact->resource, "");
    assert_string_equal(fact->place.file, "");
    for (int kind = 0; kind < THAW_FACT_KINDS; kind++)
        assert_true(strlen(thaw_fact_name((enum thaw_fact_kind)kind)) > 1);
}

static void host_values_may_be_overridden(void **state)
{
    struct thaw_project_input input = project_input(
        "host.json",
        "{\"version\": \"2.0\",\n \"extensions\": {\"http\": {\n\"routePrefix\": \"\"}}}");
    const struct thaw_setting *by;
    struct thaw_project_place place;

    (void)state;
    add_setting("AzureFunctionsJobHost__functionTimeout", THAW_SETTING_LOCAL, 1);
    add_setting("AzureFunctionsJobHost__extensions__http__routeprefix", THAW_SETTING_TEMPLATE, 2);
    add_setting("AzureFunctionsJobHost:logging:logLevel:Host.Results", THAW_SETTING_EXPORTED, 3);
    add_setting("AzureFunctionsJobHost__", THAW_SETTING_EXPORTED, 4);
    assert_int_equal(thaw_read_host(project, &input), 0);
    assert_no_problem();
    assert_non_null(thaw_project_host(project, "extensions.http.routePrefix", &place, &by));
    assert_int_equal(place.line, 3);
    assert_string_equal(place.file, "host.json");
    assert_int_equal(by->place.line, 2);
    assert_null(thaw_project_host(project, "functionTimeout", &place, &by));
    assert_null(by); /* of this machine only */
    assert_int_equal(place.line, 0);
    assert_null(thaw_project_host(project, "logging.logLevel.Host.Results", NULL, &by));
    assert_int_equal(by->place.line, 3);
    assert_non_null(thaw_project_host(project, "extensions.http", NULL, &by));
    assert_null(by);
    assert_non_null(thaw_project_host(project, "", NULL, &by));
    assert_null(by);
}

static void host_json_has_a_version_in_quotes(void **state)
{
    struct thaw_project_input input = project_input("host.json", "{\n \"version\": 2.0}");

    (void)state;
    assert_int_equal(thaw_read_host(project, &input), 0);
    assert_problem(0, THAW_PROBLEM_TYPE, 2, 2, "\"2.0\"");
    assert_non_null(thaw_project_host(project, "version", NULL, NULL));
    input = project_input("host.json", "[]");
    assert_int_equal(thaw_read_host(project, &input), 0);
    assert_problem(0, THAW_PROBLEM_MALFORMED, 1, 1, "object");
    assert_non_null(project->host); /* the one that could be read */
}

/* Functions change their place by being sorted; calls stay with theirs. */
static void calls_stay_with_their_functions(void **state)
{
    static const char *const files[] = {"c.py", "a.py", "b.py"};
    struct thaw_app_call *call;

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        struct thaw_app_function *function = thaw_array_add(&project->memory->functions);

        assert_non_null(function);
        function->name = files[i];
        function->place.file = files[i];
        call = thaw_array_add(&project->memory->calls);
        assert_non_null(call);
        call->function = i;
        call->name = files[i];
        call->place.file = "same.py";
    }
    call = thaw_array_add(&project->memory->calls);
    assert_non_null(call);
    *call = (struct thaw_app_call){.name = "none",
                                   .function = THAW_PROJECT_NONE,
                                   .place.file = "same.py"};
    assert_int_equal(thaw_project_show(project), 0);
    assert_string_equal(project->functions[0].name, "a.py");
    assert_string_equal(project->functions[2].name, "c.py");
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(project->functions[project->calls[i].function].name,
                            project->calls[i].name);
    assert_int_equal(project->calls[3].function, THAW_PROJECT_NONE);
    assert_string_equal(project->calls[0].name, "c.py"); /* of one place: as they were added */
}

static void triggers_are_found(void **state)
{
    struct thaw_app_binding bindings[] = {{.type = NULL},
                                          {.type = "queueTrigger", .is_trigger = true}};
    struct thaw_app_function *function = thaw_array_add(&project->memory->functions);

    (void)state;
    assert_non_null(function);
    function->place.file = "";
    function->bindings = bindings;
    function->binding_count = 1;
    assert_null(thaw_app_trigger(function));
    function->binding_count = 2;
    assert_ptr_equal(thaw_app_trigger(function), &bindings[1]);
}

static void unread_parts_are_summed(void **state)
{
    (void)state;
    for (uint64_t i = 1; i < 4; i++) {
        struct thaw_project_template *template = thaw_array_add(&project->memory->templates);

        assert_non_null(template);
        template->file = "main.bicep";
        template->unread = i;
    }
    assert_int_equal(thaw_project_show(project), 0);
    assert_int_equal(thaw_project_unread(project), 6);
}

static void problems_are_bounded(void **state)
{
    struct thaw_project_place place = {.file = "z", .line = 1};

    (void)state;
    for (int i = 0; i < THAW_PROJECT_PROBLEMS_MAX + 10; i++)
        assert_int_equal(
            thaw_project_complain(project, THAW_PROBLEM_SYNTAX, &place, "number %d", i), 0);
    assert_int_equal(thaw_project_show(project), 0);
    assert_int_equal(project->problem_count, THAW_PROJECT_PROBLEMS_MAX + 1);
    assert_int_equal(project->problems[0].kind, THAW_PROBLEM_CUT);
    assert_string_equal(project->problems[THAW_PROJECT_PROBLEMS_MAX].what, "number 999");
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_project_place place = {.file = "b", .line = 3};
        int code = -ENOMEM;

        project = thaw_project_new();
        if (project && thaw_project_add_setting(project) &&
            thaw_project_add_fact(project, THAW_FACT_SKU, "B1", "app", &place)) {
            place.line = 2;
            code = thaw_project_complain(project, THAW_PROBLEM_TYPE, &place, "one");
            place.file = "a";
            if (!code)
                code = thaw_project_complain(project, THAW_PROBLEM_TYPE, &place, "two");
            if (!code)
                code = thaw_project_show(project);
        }
        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        project_end(NULL);
    }
}

#define IN_PROJECT(test) cmocka_unit_test_setup_teardown(test, project_begin, project_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROJECT(an_empty_one_has_no_null_texts),
        IN_PROJECT(settings_are_found_whatever_their_case),
        IN_PROJECT(facts_are_found_by_kind),
        IN_PROJECT(host_values_may_be_overridden),
        IN_PROJECT(host_json_has_a_version_in_quotes),
        IN_PROJECT(calls_stay_with_their_functions),
        IN_PROJECT(triggers_are_found),
        IN_PROJECT(unread_parts_are_summed),
        IN_PROJECT(problems_are_bounded),
        cmocka_unit_test(without_memory_it_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
