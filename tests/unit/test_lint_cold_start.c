/* SPDX-License-Identifier: Apache-2.0 */
#include "lint_cases.h"

static void record(struct lint_fixture *fixture, const char *total_ns, const char *answered)
{
    char text[300];

    snprintf(text, sizeof(text), "{'tracks': [{'headline': true, 'total_ns': %s, 'answered': %s}]}",
             total_ns, answered);
    lint_fixture_recording(fixture, text);
}

static void test_kept_warm(void **state)
{
    struct lint_fixture *fixture = *state;

    fixture->project.plan = (struct thaw_inferred){.value = "flex",
                                                   .reason = "SKU FC1",
                                                   .place = {.file = "main.bicep", .line = 7}};
    unchecked(fixture, &thaw_rule_no_instance_kept_warm);
    lint_fixture_template(fixture, "main.bicep");
    lint_fixture_function(fixture, "orders", "queueTrigger");
    silent(fixture, &thaw_rule_no_instance_kept_warm);
    lint_fixture_function(fixture, "hello", "httpTrigger");
    says_at(fixture, &thaw_rule_no_instance_kept_warm, "always-ready", "hello", "note",
            "main.bicep:7");

    record(fixture, "900000000", "true");
    says_at(fixture, &thaw_rule_no_instance_kept_warm, "always-ready", "took 0.90 s", "note",
            "main.bicep:7");
    record(fixture, "1100000000", "true");
    says_at(fixture, &thaw_rule_no_instance_kept_warm, "always-ready", "took 1.10 s", "warning",
            "main.bicep:7");
    /* It ended before there was a reply. */
    record(fixture, "1100000000", "false");
    says_at(fixture, &thaw_rule_no_instance_kept_warm, "always-ready", "hello", "note",
            "main.bicep:7");
}

static void test_not_kept(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_project_fact *fact;

    fixture->project.plan.value = "flex";
    lint_fixture_template(fixture, "main.bicep");
    lint_fixture_function(fixture, "hello", "httpTrigger");
    fact = lint_fixture_fact(fixture, THAW_FACT_ALWAYS_READY, "http=0");
    says(fixture, &thaw_rule_no_instance_kept_warm, "always-ready", "no alwaysReady");
    fact->value = "http=1";
    silent(fixture, &thaw_rule_no_instance_kept_warm);
    fact->value = "";
    silent(fixture, &thaw_rule_no_instance_kept_warm);
    fact->value = "http=0";
    fixture->memory.templates.items[0].unread = 1;
    unchecked(fixture, &thaw_rule_no_instance_kept_warm);
}

static void test_premium(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_project_fact *fact;

    fixture->project.plan.value = "premium";
    lint_fixture_template(fixture, "main.bicep");
    lint_fixture_function(fixture, "hello", "httpTrigger");
    silent(fixture, &thaw_rule_no_instance_kept_warm);
    fact = lint_fixture_fact(fixture, THAW_FACT_MINIMUM_ELASTIC, "0");
    says_at(fixture, &thaw_rule_no_instance_kept_warm, "always-ready",
            "minimumElasticInstanceCount is 0", "note", "main.bicep:1");
    fact->value = "1";
    silent(fixture, &thaw_rule_no_instance_kept_warm);
    fact->value = "0";
    fixture->project.plan.value = "consumption";
    silent(fixture, &thaw_rule_no_instance_kept_warm);
}

static void test_keep_alive(void **state)
{
    static const char *const often[] = {"0 */5 * * * *", "*/5 * * * *", "0 */10 * * * *",
                                        "00:05:00",      "0 * * * * *", "0 0/4 * * * *"};
    static const char *const seldom[] = {"0 */15 * * * *",
                                         "0 0 * * * *",
                                         "0 */5 9-17 * * *",
                                         "01:00:00",
                                         "0 0 3 * * *",
                                         "%SCHEDULE%",
                                         "",
                                         "* * * * * * * *",
                                         "0 30 9 * * *"};
    struct lint_fixture *fixture = *state;
    struct thaw_app_binding *trigger;

    unchecked(fixture, &thaw_rule_keep_alive_timer);
    trigger = &lint_fixture_function(fixture, "keep_warm", "timerTrigger")->bindings[0];
    for (size_t i = 0; i < sizeof(often) / sizeof(*often); i++) {
        trigger->schedule = often[i];
        says_at(fixture, &thaw_rule_keep_alive_timer, "keep_warm", "named for it", "warning",
                "function_app.py:1");
    }
    for (size_t i = 0; i < sizeof(seldom) / sizeof(*seldom); i++) {
        trigger->schedule = seldom[i];
        silent(fixture, &thaw_rule_keep_alive_timer);
    }
    trigger->schedule = NULL;
    silent(fixture, &thaw_rule_keep_alive_timer);
    trigger->schedule = often[0];
    says(fixture, &thaw_rule_keep_alive_timer, "keep_warm", "every 5 minutes");
    trigger->type = "httpTrigger";
    silent(fixture, &thaw_rule_keep_alive_timer);
}

static void test_keep_alive_by_body(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_function *function = lint_fixture_function(fixture, "tick", "timerTrigger");

    function->bindings[0].schedule = "0 */5 * * * *";
    /* Nothing can be told of what it calls. */
    silent(fixture, &thaw_rule_keep_alive_timer);
    lint_fixture_call(fixture, 0, "logging.info", 0);
    /* It may be a template's: that it keeps something warm is not known. */
    says_at(fixture, &thaw_rule_keep_alive_timer, "tick", "only writes to a log", "note",
            "function_app.py:1");
    lint_fixture_run(fixture, &thaw_rule_keep_alive_timer);
    assert_string_equal(fixture->lint.findings.items[0].confidence, "low");
    lint_fixture_again(fixture);
    lint_fixture_binding(fixture, function, "queue");
    silent(fixture, &thaw_rule_keep_alive_timer);
    function->binding_count = 1;
    lint_fixture_call(fixture, 0, "orders.sweep", 0);
    silent(fixture, &thaw_rule_keep_alive_timer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_kept_warm),  LINT_CASE(test_not_kept),           LINT_CASE(test_premium),
        LINT_CASE(test_keep_alive), LINT_CASE(test_keep_alive_by_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
