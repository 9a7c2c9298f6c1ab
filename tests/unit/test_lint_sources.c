/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over the source: what blocks, what is made again, what indexing rejects, bindings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lint/code.h"
#include "lint/rules.h"
#include "lint_expect.h"

#define APP "function_app.py"

static void add_async(struct lint_fixture *fixture)
{
    lint_fixture_function(fixture, "hello", "httpTrigger")->is_async = true;
}

static void a_rejected_annotation_takes_the_app_along(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_annotation_rejected;
    struct thaw_app_function *function;
    const struct thaw_lint_finding *finding;

    lint_fixture_function(*state, "other", "timerTrigger");
    function = lint_fixture_function(*state, "hello", "httpTrigger");
    lint_fixture_parameter(*state, function, "req", "func.HttpRequest");
    lint_expect_none(*state, rule);
    function->parameters[0].rejected = "pd is imported under TYPE_CHECKING only";
    finding = lint_expect(*state, rule, "parameter req of hello()", APP, 2);
    lint_expect_words(*state, finding, "TYPE_CHECKING");
    lint_expect_words(*state, finding, "all 2 functions");
    assert_string_equal(finding->severity, "error");
    function->is_registered = false; /* nobody indexes it */
    lint_expect_none(*state, rule);
}

static void a_blocking_call_stops_the_loop(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_blocking_call_in_async;
    const struct thaw_lint_finding *finding;

    add_async(*state);
    lint_fixture_call(*state, 0, "requests.get", THAW_CALL_IN_ASYNC | THAW_CALL_IN_LOOP);
    lint_fixture_call(*state, 0, "time.sleep", THAW_CALL_IN_ASYNC)->seconds = 2;
    finding = lint_expect(*state, rule, "requests.get() blocks the event loop", APP, 1);
    lint_expect_words(*state, finding, "in a loop");
    assert_int_equal(lint_fixture_count(*state, rule->kind.id), 2);
    lint_expect_words(*state, lint_fixture_find_about(*state, rule->kind.id, "hello: time.sleep"),
                      "its argument: 2 s");
}

static void what_waits_elsewhere_blocks_nothing(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_blocking_call_in_async;

    add_async(*state);
    lint_fixture_call(*state, 0, "requests.get", THAW_CALL_IN_ASYNC | THAW_CALL_HANDED_OFF);
    lint_fixture_call(*state, 0, "requests.get", THAW_CALL_IN_ASYNC | THAW_CALL_AWAITED);
    lint_fixture_call(*state, 0, "requests.get", 0); /* in a def within it */
    lint_fixture_call(*state, 0, "aiohttp.ClientSession.get", THAW_CALL_IN_ASYNC);
    lint_fixture_call(*state, 0, "json.dumps", THAW_CALL_IN_ASYNC);
    lint_fixture_call(*state, THAW_PROJECT_NONE, "requests.get", THAW_CALL_IN_ASYNC);
    lint_expect_none(*state, rule);
}

static void methods_of_a_client_block_and_making_it_does_not(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_blocking_call_in_async;

    add_async(*state);
    lint_fixture_call(*state, 0, "azure.storage.blob.BlobServiceClient.from_connection_string",
                      THAW_CALL_IN_ASYNC);
    lint_fixture_call(*state, 0, "azure.storage.blob.BlobServiceClient.get_container_client",
                      THAW_CALL_IN_ASYNC);
    lint_fixture_call(*state, 0, "azure.storage.blob.aio.BlobServiceClient.create_container",
                      THAW_CALL_IN_ASYNC);
    lint_fixture_call(*state, 0, "requests.Session.headers.update", THAW_CALL_IN_ASYNC);
    lint_expect_none(*state, rule);
    lint_fixture_call(*state, 0, "azure.storage.blob.BlobServiceClient.create_container",
                      THAW_CALL_IN_ASYNC);
    lint_expect(*state, rule, "create_container() blocks", APP, 5);
    /* a connection that is opened at once */
    lint_fixture_again(*state);
    lint_fixture_call(*state, 0, "psycopg2.connect", THAW_CALL_IN_ASYNC);
    lint_fixture_run(*state, rule);
    assert_non_null(lint_fixture_find_about(*state, rule->kind.id, "hello: psycopg2.connect"));
}

static void a_client_is_kept(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_client_per_call;
    const struct thaw_lint_finding *finding;

    lint_fixture_function(*state, "hello", "httpTrigger");
    lint_fixture_call(*state, THAW_PROJECT_NONE, "azure.cosmos.CosmosClient", 0);
    lint_fixture_call(*state, 0, "azure.cosmos.CosmosClient", THAW_CALL_KEPT);
    lint_fixture_call(*state, 0, "azure.cosmos.CosmosClient.get_database_client", 0);
    lint_expect_none(*state, rule);
    lint_fixture_call(*state, 0, "azure.cosmos.CosmosClient", THAW_CALL_IN_WITH);
    finding = lint_expect(*state, rule, "is made anew for each call", APP, 4);
    lint_expect_words(*state, finding, "with block");
    assert_string_equal(finding->confidence, "high");
}

/* All that make one kind of client are one finding, with their places. */
static void clients_of_one_kind_are_told_together(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_client_per_call;
    const struct thaw_lint_finding *finding;

    lint_fixture_function(*state, "hello", "httpTrigger");
    lint_fixture_function(*state, "tick", "timerTrigger");
    for (uint32_t i = 0; i < 6; i++)
        lint_fixture_call(*state, i % 2, "azure.cosmos.CosmosClient", i ? 0 : THAW_CALL_IN_LOOP);
    lint_fixture_call(*state, 1, "azure.identity.DefaultAzureCredential", 0);
    finding = lint_expect(*state, rule, "CosmosClient is made anew", APP, 1);
    assert_int_equal(lint_fixture_count(*state, rule->kind.id), 2);
    lint_expect_words(*state, finding, "function_app.py:1: in hello(), in a loop");
    lint_expect_words(*state, finding, "function_app.py:4: in tick()");
    lint_expect_words(*state, finding, "and at 2 more places");
}

static void a_name_that_no_binding_has_is_no_matter_of_annotations(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_annotation_rejected;
    struct thaw_app_function *function = lint_fixture_function(*state, "hello", "warmupTrigger");
    struct thaw_app_parameter *parameter =
        lint_fixture_parameter(*state, function, "context", "object");

    parameter->rejected = "no binding has this name";
    lint_expect(*state, rule, "give it the name that a binding has", APP, 1);
    parameter->rejected = "the function has no parameter of this name";
    lint_expect(*state, rule, "name the parameter as the binding", APP, 1);
    parameter->rejected = "a forward reference";
    lint_expect(*state, rule, "make the annotation one that holds", APP, 1);
}

static void a_client_made_by_a_helper_may_be_kept_there(void **state)
{
    lint_fixture_function(*state, "hello", "httpTrigger");
    lint_fixture_call(*state, 0, "httpx.Client", 0)->via = "client";
    assert_string_equal(lint_expect(*state, &thaw_rule_client_per_call,
                                    "client(), which hello() calls", APP, 1)
                            ->confidence,
                        "medium");
}

static void a_secret_is_told_by_its_form(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_secret_in_source;
    const struct thaw_lint_finding *finding;

    lint_fixture_literal(*state, THAW_SHAPE_PLACEHOLDER, "key");
    lint_fixture_literal(*state, THAW_SHAPE_DEVELOPMENT, "storage");
    lint_expect_none(*state, rule);
    lint_fixture_literal(*state, THAW_SHAPE_STORAGE_KEY, "CONNECTION");
    finding = lint_expect(*state, rule, "as CONNECTION", APP, 3);
    assert_string_equal(finding->severity, "error");
    assert_string_equal(finding->subject, "CONNECTION");
    lint_fixture_literal(*state, THAW_SHAPE_PASSWORD, "");
    lint_fixture_again(*state);
    lint_fixture_run(*state, rule);
    assert_int_equal(lint_fixture_count(*state, rule->kind.id), 2);
}

static void a_file_that_is_left_out_is_still_in_the_repository(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_shipped_file file = {.path = APP};
    const bool left_out = true;

    fixture->shipped.files = &file;
    fixture->shipped.file_count = 1;
    fixture->project.is_left_out = &left_out;
    lint_fixture_literal(fixture, THAW_SHAPE_TOKEN, "TOKEN");
    lint_expect_words(fixture, lint_expect(fixture, &thaw_rule_secret_in_source, "TOKEN", APP, 1),
                      "not of the repository");
}

static void work_at_import_delays_each_start(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_work_at_import;

    lint_fixture_function(*state, "hello", "httpTrigger");
    lint_fixture_call(*state, 0, "requests.get", 0);
    lint_fixture_call(*state, THAW_PROJECT_NONE, "azure.cosmos.CosmosClient", 0);
    lint_fixture_call(*state, THAW_PROJECT_NONE, "logging.getLogger", 0);
    lint_expect_none(*state, rule);
    lint_fixture_call(*state, THAW_PROJECT_NONE, "time.sleep", THAW_CALL_IN_HANDLER);
    lint_expect_none(*state, rule);
    lint_fixture_call(*state, THAW_PROJECT_NONE, "requests.get", 0)->via = "settings";
    lint_expect(*state, rule, "imported, by settings", APP, 5);
}

static void a_binding_may_do_what_a_client_does(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_client_for_a_binding;

    lint_fixture_function(*state, "hello", "httpTrigger");
    lint_fixture_call(*state, 0, "azure.storage.queue.QueueClient.from_connection_string", 0);
    lint_expect_none(*state, rule); /* it does nothing with it that is known */
    lint_fixture_call(*state, 0, "azure.storage.queue.QueueClient.send_message", 0);
    lint_expect(*state, rule, "a Queue storage output binding may do", APP, 1);
    lint_fixture_call(*state, 0, "azure.storage.queue.QueueClient.receive_messages", 0);
    lint_expect_none(*state, rule);
}

static void a_mistyped_binding_is_told(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_binding_unknown;
    struct thaw_app_function *function = lint_fixture_function(*state, "hello", "httpTrigger");

    lint_fixture_binding(*state, function, "queue");
    lint_fixture_binding(*state, function, "companyLedger"); /* an extension of one's own */
    function->bindings[2].type = NULL;
    lint_fixture_binding(*state, function, "companyLedger");
    lint_expect_none(*state, rule);
    lint_fixture_binding(*state, function, "queueTriger");
    lint_expect(*state, rule, "queueTrigger", APP, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_TEST(a_rejected_annotation_takes_the_app_along),
        LINT_TEST(a_blocking_call_stops_the_loop),
        LINT_TEST(what_waits_elsewhere_blocks_nothing),
        LINT_TEST(methods_of_a_client_block_and_making_it_does_not),
        LINT_TEST(a_client_is_kept),
        LINT_TEST(clients_of_one_kind_are_told_together),
        LINT_TEST(a_name_that_no_binding_has_is_no_matter_of_annotations),
        LINT_TEST(a_client_made_by_a_helper_may_be_kept_there),
        LINT_TEST(a_secret_is_told_by_its_form),
        LINT_TEST(a_file_that_is_left_out_is_still_in_the_repository),
        LINT_TEST(work_at_import_delays_each_start),
        LINT_TEST(a_binding_may_do_what_a_client_does),
        LINT_TEST(a_mistyped_binding_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
