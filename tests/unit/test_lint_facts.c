/* SPDX-License-Identifier: Apache-2.0 */
/* The facts of lint: they are read, and an entry is found by its name. What stands in them is
 * checked by tests/harness/test_lint_facts.py. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "lint/facts.h"

static struct thaw_lint_facts *facts;

static int read_facts(void **state)
{
    struct thaw_error error = {0};

    (void)state;
    if (thaw_lint_facts_read(&facts, &error) == 0)
        return 0;
    print_error("%s\n", error.message);
    return -1;
}

static int free_facts(void **state)
{
    (void)state;
    thaw_lint_facts_free(facts);
    facts = NULL;
    return 0;
}

static const json_t *azure(const char *section, const char *id)
{
    return thaw_lint_fact(facts, "azure_functions", section, id);
}

static const json_t *python(const char *section, const char *id)
{
    return thaw_lint_fact(facts, "python_code", section, id);
}

static const char *id_of(const json_t *entry)
{
    return thaw_lint_fact_text(entry, "id");
}

static void days(void **state)
{
    (void)state;
    assert_int_equal(strlen(thaw_lint_facts_dated(facts)), strlen("2026-11-29"));
    assert_int_equal(strlen(thaw_lint_facts_expires(facts)), strlen("2027-05-29"));
    assert_true(strcmp(thaw_lint_facts_dated(facts), thaw_lint_facts_expires(facts)) < 0);
}

static void exact_names(void **state)
{
    (void)state;
    assert_string_equal(id_of(azure("plans", "flex")), "flex");
    assert_string_equal(id_of(azure("settings", "functions_worker_process_count")),
                        "FUNCTIONS_WORKER_PROCESS_COUNT");
    assert_string_equal(id_of(azure("settings", "AZUREWEBJOBSSTORAGE")), "AzureWebJobsStorage");
    assert_string_equal(id_of(azure("host", "extensions.HTTP.routeprefix")),
                        "extensions.http.routePrefix");
    assert_string_equal(id_of(thaw_lint_fact(facts, "aws_lambda", "runtimes", "python3.11")),
                        "python3.11");
}

static void names_by_pattern(void **state)
{
    (void)state;
    assert_string_equal(id_of(azure("settings", "AzureFunctionsJobHost__logging__logLevel")),
                        "AzureFunctionsJobHost__*");
    assert_string_equal(id_of(azure("settings", "azurefunctionsjobhost__x")),
                        "AzureFunctionsJobHost__*");
    assert_string_equal(id_of(azure("host", "logging.logLevel.Function.a.User")),
                        "logging.logLevel.*");
    assert_string_equal(id_of(python("nondeterministic", "secrets.token_hex")), "secrets.*");
    assert_string_equal(id_of(python("blocking", "redis.Redis.get")), "redis.Redis.*");
}

/* A name of its own before a pattern, a longer pattern before a shorter one. */
static void nearest_wins(void **state)
{
    (void)state;
    assert_string_equal(id_of(azure("settings", "AzureFunctionsWebHost__hostid")),
                        "AzureFunctionsWebHost__hostid");
    assert_string_equal(id_of(azure("settings", "AzureFunctionsWebHost__other")),
                        "AzureFunctionsWebHost__*");
    assert_string_equal(id_of(python("nondeterministic", "os.system")), "os.system");
    assert_string_equal(id_of(thaw_lint_fact(facts, "aws_lambda", "base_images",
                                             "python:3.13-alpine3.22")),
                        "python:3.13-alpine*");
    assert_string_equal(id_of(thaw_lint_fact(facts, "aws_lambda", "base_images",
                                             "python:3.13-bookworm")),
                        "python:*");
}

static void names_that_are_not_there(void **state)
{
    (void)state;
    assert_null(azure("settings", "MY_SETTING"));
    assert_null(azure("settings", "FUNCTIONS_WORKER_PROCESS_COUN"));
    assert_null(azure("settings", "FUNCTIONS_WORKER_PROCESS_COUNTS"));
    assert_null(azure("settings", "AzureFunctionsJobHost_"));
    assert_null(azure("settings", ""));
    assert_null(azure("no such section", "flex"));
    assert_null(thaw_lint_fact(facts, "no such subject", "plans", "flex"));
    assert_null(python("nondeterministic", "randomize"));
    assert_null(python("blocking", "asyncio.sleep"));
}

static void sections(void **state)
{
    const json_t *plans = thaw_lint_facts_section(facts, "azure_functions", "plans");

    (void)state;
    assert_true(json_is_array(plans));
    assert_int_equal(json_array_size(plans), 5);
    plans = thaw_lint_facts_section(facts, "azure_functions", "no such section");
    assert_true(json_is_array(plans));
    assert_int_equal(json_array_size(plans), 0);
    plans = thaw_lint_facts_section(facts, "no such subject", "plans");
    assert_true(json_is_array(plans));
    assert_int_equal(json_array_size(plans), 0);
}

static void members(void **state)
{
    const json_t *flex = azure("plans", "flex"), *consumption = azure("plans", "consumption");
    double number = NAN;

    (void)state;
    assert_string_equal(thaw_lint_fact_text(flex, "title"), "Flex Consumption");
    assert_string_equal(thaw_lint_fact_text(flex, "no such member"), "");
    assert_string_equal(thaw_lint_fact_text(flex, "init_s"), ""); /* a number */
    assert_true(thaw_lint_fact_number(flex, "init_s", &number));
    assert_true(number == 30);
    assert_false(thaw_lint_fact_number(flex, "title", &number));
    assert_false(thaw_lint_fact_number(flex, "timeout_most_s", &number)); /* unbounded: null */
    assert_true(number == 30);
    assert_true(thaw_lint_fact_number(consumption, "timeout_most_s", &number));
    assert_true(number == 600);
    assert_true(thaw_lint_fact_is(flex, "always_ready"));
    assert_false(thaw_lint_fact_is(flex, "prewarmed"));
    assert_false(thaw_lint_fact_is(flex, "no such member"));
    assert_true(thaw_lint_fact_lists(azure("bindings", "blob"), "directions", "in"));
    assert_true(thaw_lint_fact_lists(azure("bindings", "blob"), "directions", "out"));
    assert_false(thaw_lint_fact_lists(azure("bindings", "blob"), "directions", "trigger"));
    assert_true(thaw_lint_fact_lists(azure("bindings", "blob"), "directions", "Out"));
    assert_false(thaw_lint_fact_lists(azure("bindings", "blob"), "directions", "o"));
    assert_false(thaw_lint_fact_lists(flex, "memory_mb", "512")); /* numbers */
    assert_false(thaw_lint_fact_lists(flex, "title", "Flex Consumption"));
}

static void members_of_no_entry(void **state)
{
    double number = 1;

    (void)state;
    assert_string_equal(thaw_lint_fact_text(NULL, "title"), "");
    assert_false(thaw_lint_fact_number(NULL, "init_s", &number));
    assert_true(number == 1);
    assert_false(thaw_lint_fact_is(NULL, "always_ready"));
    assert_false(thaw_lint_fact_lists(NULL, "directions", "in"));
}

static void memory_is_short(void **state)
{
    struct thaw_lint_facts *read;
    struct thaw_error error;
    int result;

    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        read = NULL;
        error = (struct thaw_error){0};
        result = thaw_lint_facts_read(&read, &error);
        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_int_equal(error.code, result);
        thaw_lint_facts_free(read);
    }
    thaw_lint_facts_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days),
        cmocka_unit_test(exact_names),
        cmocka_unit_test(names_by_pattern),
        cmocka_unit_test(nearest_wins),
        cmocka_unit_test(names_that_are_not_there),
        cmocka_unit_test(sections),
        cmocka_unit_test(members),
        cmocka_unit_test(members_of_no_entry),
        cmocka_unit_test(memory_is_short),
    };

    return cmocka_run_group_tests(tests, read_facts, free_facts);
}
