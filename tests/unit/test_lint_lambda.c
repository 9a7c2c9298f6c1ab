/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over AWS Lambda's functions, and over images. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lint/rules.h"
#include "lint_expect.h"

#define TEMPLATE "main.bicep" /* where the fixture puts facts */

/* A template of one function; what is added later belongs to it. */
static void begin_lambda(struct lint_fixture *fixture)
{
    fixture->project.platform.value = "aws_lambda";
    lint_fixture_template(fixture, TEMPLATE);
    lint_fixture_fact(fixture, THAW_FACT_FUNCTION, "Orders")->resource = "Orders";
}

static struct thaw_project_fact *add(struct lint_fixture *fixture, enum thaw_fact_kind kind,
                                     const char *value)
{
    struct thaw_project_fact *fact = lint_fixture_fact(fixture, kind, value);

    fact->resource = "Orders";
    return fact;
}

static void a_timeout_is_set(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_lambda_timeout;
    struct lint_fixture *fixture = *state;
    const struct thaw_lint_finding *finding;

    assert_false(lint_fixture_run(fixture, rule));
    begin_lambda(fixture);
    finding = lint_expect(fixture, rule, "Orders has no timeout of its own: 3 s", TEMPLATE, 1);
    assert_string_equal(finding->severity, "note");
    fixture->memory.templates.items[0].unread = 1; /* it may be there */
    lint_expect_none(fixture, rule);
    fixture->memory.templates.items[0].unread = 0;
    lint_fixture_fact(fixture, THAW_FACT_TIMEOUT, "30")->resource = "Another";
    lint_expect(fixture, rule, "no timeout", TEMPLATE, 1);
    add(fixture, THAW_FACT_TIMEOUT, ""); /* an expression */
    lint_expect_none(fixture, rule);
}

static void a_gateway_waits_less(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_lambda_timeout;
    struct lint_fixture *fixture = *state;

    begin_lambda(fixture);
    add(fixture, THAW_FACT_TIMEOUT, "30");
    add(fixture, THAW_FACT_EVENT, "SQS");
    lint_expect_none(fixture, rule);
    add(fixture, THAW_FACT_EVENT, "HttpApi"); /* that one waits for 30 s */
    lint_expect_none(fixture, rule);
    fixture->memory.facts.items[3].value = "Api";
    lint_expect(fixture, rule, "may take 30 s, and API Gateway answers for it after 29 s", TEMPLATE,
                2);
}

static void the_most_is_near_or_exceeded(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_lambda_timeout;
    struct lint_fixture *fixture = *state;

    begin_lambda(fixture);
    add(fixture, THAW_FACT_TIMEOUT, "800");
    lint_expect_none(fixture, rule);
    fixture->memory.facts.items[1].value = "900";
    assert_string_equal(lint_expect(fixture, rule, "near the most of 900 s", TEMPLATE, 2)->severity,
                        "note");
    fixture->memory.facts.items[1].value = "901";
    assert_string_equal(lint_expect(fixture, rule, "900 s is the most", TEMPLATE, 2)->severity,
                        "error");
}

static void little_memory_loads_slowly(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_lambda_memory;
    struct lint_fixture *fixture = *state;
    const struct thaw_lint_finding *finding;

    begin_lambda(fixture);
    fixture->project.deployed.bytes = 1000000;
    lint_expect_none(fixture, rule);
    fixture->project.deployed.bytes = 80000000;
    finding = lint_expect(fixture, rule, "Orders has 128 MB", TEMPLATE, 1);
    lint_expect_words(fixture, finding, "7 % of one");
    assert_string_equal(finding->confidence, "medium");
    add(fixture, THAW_FACT_MEMORY, "512");
    lint_expect_none(fixture, rule);
    fixture->memory.facts.items[1].value = "256";
    lint_expect(fixture, rule, "Orders has 256 MB", TEMPLATE, 2);
}

#define INIT(ns)                                                                                   \
    "{'run': {'platform': 'aws_lambda'}, 'tracks': [{'headline': true, 'process': 1, 'phases': ["  \
    "{'name': 'import', 'start_ns': 0, 'end_ns': " ns "}]}]}"

static void a_slow_init_is_told(void **state)
{
    struct lint_fixture *fixture = *state;
    const struct thaw_lint_finding *finding;

    begin_lambda(fixture);
    lint_fixture_recording(fixture, INIT("6900000000"));
    assert_true(lint_fixture_run(fixture, &thaw_rule_lambda_init));
    lint_expect_none(fixture, &thaw_rule_lambda_init);
    lint_expect(fixture, &thaw_rule_lambda_memory, "init took 6.90 s", TEMPLATE, 1);
    lint_fixture_recording(fixture, INIT("7100000000"));
    finding = lint_expect(fixture, &thaw_rule_lambda_init, "71 % of the 10 s", "", 0);
    assert_string_equal(finding->severity, "warning");
    lint_fixture_recording(fixture, INIT("11000000000"));
    finding = lint_expect(fixture, &thaw_rule_lambda_init, "110 %", "", 0);
    assert_string_equal(finding->severity, "error");
}

static void runtimes_end(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_lambda_runtime_ending;
    const struct thaw_lint_finding *finding;

    begin_lambda(*state);
    add(*state, THAW_FACT_LAMBDA_RUNTIME, "python3.13");
    add(*state, THAW_FACT_LAMBDA_RUNTIME, "nodejs22.x");
    add(*state, THAW_FACT_LAMBDA_RUNTIME, "");
    lint_expect_none(*state, rule);
    add(*state, THAW_FACT_LAMBDA_RUNTIME, "python3.8");
    finding = lint_expect(*state, rule, "runtime python3.8 ended on", TEMPLATE, 5);
    assert_string_equal(finding->severity, "warning");
}

/* Functions that have it from one line are one finding. */
static void a_runtime_of_several(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_lambda_runtime_ending;
    struct lint_fixture *fixture = *state;

    begin_lambda(fixture);
    add(fixture, THAW_FACT_LAMBDA_RUNTIME, "python3.8")->place.line = 4;
    lint_fixture_fact(fixture, THAW_FACT_LAMBDA_RUNTIME, "python3.8")->resource = "Other";
    fixture->memory.facts.items[2].place.line = 4;
    lint_expect(fixture, rule, "it is the runtime of Orders, Other", TEMPLATE, 4);
    lint_fixture_again(fixture);
    lint_fixture_run(fixture, rule);
    assert_int_equal(lint_fixture_count(fixture, "lambda-runtime-ending"), 1);
    fixture->memory.facts.items[2].place.line = 5;
    lint_fixture_again(fixture);
    lint_fixture_run(fixture, rule);
    assert_int_equal(lint_fixture_count(fixture, "lambda-runtime-ending"), 2);
}

static void a_queue_waits_as_long(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_lambda_timeout;
    struct lint_fixture *fixture = *state;
    const struct thaw_lint_finding *finding;

    begin_lambda(fixture);
    add(fixture, THAW_FACT_TIMEOUT, "31");
    add(fixture, THAW_FACT_VISIBILITY, "31");
    lint_expect_none(fixture, rule);
    fixture->memory.facts.items[2].value = ""; /* an expression */
    lint_expect_none(fixture, rule);
    fixture->memory.facts.items[2].value = "unset";
    finding = lint_expect(fixture, rule, "a message out again after 30 s", TEMPLATE, 3);
    assert_string_equal(finding->severity, "error");
    fixture->memory.facts.items[1].value = "30";
    lint_expect_none(fixture, rule);
}

static void memory_has_bounds(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_lambda_memory;
    struct lint_fixture *fixture = *state;

    begin_lambda(fixture);
    add(fixture, THAW_FACT_MEMORY, "10240");
    lint_expect_none(fixture, rule);
    fixture->memory.facts.items[1].value = "10241";
    lint_expect(fixture, rule, "set MemorySize to 10240 or less", TEMPLATE, 2);
    fixture->memory.facts.items[1].value = "64";
    lint_expect(fixture, rule, "set MemorySize to 128 or more", TEMPLATE, 2);
}

static void layers_are_counted(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_lambda_layers;
    struct lint_fixture *fixture = *state;

    begin_lambda(fixture);
    for (int i = 0; i < 5; i++)
        add(fixture, THAW_FACT_LAYER, "layer");
    lint_fixture_fact(fixture, THAW_FACT_LAYER, "other")->resource = "Another";
    lint_expect_none(fixture, rule);
    add(fixture, THAW_FACT_LAYER, "one more");
    lint_expect(fixture, rule, "Orders has 6 layers, 5 are the most", TEMPLATE, 8);
}

static void what_is_here_may_be_too_large_already(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_lambda_layers;
    struct lint_fixture *fixture = *state;

    begin_lambda(fixture);
    fixture->project.deployed.bytes = 300000000;
    lint_expect_none(fixture, rule); /* told by package-too-large */
    add(fixture, THAW_FACT_LAYER, "layer");
    lint_expect(fixture, rule, "here alone are 300.0 MB", TEMPLATE, 2);
    add(fixture, THAW_FACT_PACKAGE_TYPE, "Image");
    lint_expect_none(fixture, rule);
}

static void packages_fit_the_architecture(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_lambda_architecture;
    struct lint_fixture *fixture = *state;
    const char *tags[] = {"cp311-cp311-manylinux_2_17_aarch64",
                          "cp311-cp311-manylinux2014_aarch64"};
    const char *pure[] = {"py3-none-any"};
    struct thaw_shipped_distribution distributions[] = {{.name = "numpy", .tags = {tags, 2}},
                                                        {.name = "six", .tags = {pure, 1}}};
    struct thaw_shipped_file files[] = {{.path = "a", .bytes = 1, .distribution = 0},
                                        {.path = "b", .bytes = 1, .distribution = 1}};

    begin_lambda(fixture);
    fixture->shipped.distributions = distributions;
    fixture->shipped.distribution_count = 2;
    fixture->shipped.files = files;
    fixture->shipped.file_count = 2;
    lint_expect(fixture, rule, "runs on x86_64", TEMPLATE, 1); /* the default */
    fixture->memory.templates.items[0].unread = 1;
    lint_expect_none(fixture, rule);
    add(fixture, THAW_FACT_ARCHITECTURE, "arm64");
    lint_expect_none(fixture, rule);
    fixture->memory.facts.items[1].value = "x86_64";
    lint_expect(fixture, rule, "Orders runs on x86_64, and numpy is for another", TEMPLATE, 2);
    fixture->memory.facts.items[1].value = "";
    lint_expect_none(fixture, rule);
}

static void an_image_may_be_small(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_image_size;
    struct lint_fixture *fixture = *state;
    struct thaw_shipped_file files[] = {{.path = ".venv/a", .bytes = 30000000},
                                        {.path = "Dockerfile", .bytes = 90}};
    const bool left_out[] = {true, false};

    assert_false(lint_fixture_run(fixture, rule));
    lint_fixture_fact(fixture, THAW_FACT_BASE_IMAGE, "python:3.11-slim");
    lint_fixture_fact(fixture, THAW_FACT_BASE_IMAGE, "example.org/own:1");
    lint_expect_none(fixture, rule);
    lint_fixture_fact(fixture, THAW_FACT_BASE_IMAGE, "docker.io/library/python:3.11@sha256:00");
    lint_expect(fixture, rule, "which is large", TEMPLATE, 3);
    fixture->memory.facts.items[2].value = "python:3.11-slim";
    fixture->shipped.files = files;
    fixture->shipped.file_count = 2;
    fixture->project.is_left_out = left_out;
    lint_expect(fixture, rule, "no .dockerignore, and 30.0 MB", TEMPLATE, 1);
    files[0].bytes = 3000; /* costs nothing */
    lint_expect_none(fixture, rule);
    files[0].path = "local.settings.json"; /* may have secrets */
    lint_expect(fixture, rule, "no .dockerignore, and 3.0 KB", TEMPLATE, 1);
    files[1].path = ".dockerignore";
    lint_expect_none(fixture, rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_TEST(a_timeout_is_set),
        LINT_TEST(a_gateway_waits_less),
        LINT_TEST(the_most_is_near_or_exceeded),
        LINT_TEST(little_memory_loads_slowly),
        LINT_TEST(a_slow_init_is_told),
        LINT_TEST(runtimes_end),
        LINT_TEST(a_runtime_of_several),
        LINT_TEST(a_queue_waits_as_long),
        LINT_TEST(memory_has_bounds),
        LINT_TEST(layers_are_counted),
        LINT_TEST(what_is_here_may_be_too_large_already),
        LINT_TEST(packages_fit_the_architecture),
        LINT_TEST(an_image_may_be_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
