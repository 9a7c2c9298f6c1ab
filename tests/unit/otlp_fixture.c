/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "otlp_fixture.h"

#define MS 1000000ull
#define BEGIN 1764385200000000000

const struct thaw_otlp_resource otlp_fixture_resource = {.node = "node-1", .version = "0.1.0"};

static const struct thaw_start_phase phases[] = {
    {"pool", 0, 100 * MS, false},
    {"worker", 100 * MS, 200 * MS, true},
    {"import", 300 * MS, 500 * MS, true},
    {"first-invocation", 800 * MS, 100 * MS, true},
};

static const struct thaw_start_import imports[] = {
    {.name = "app", .begin_ns = 310 * MS, .total_ns = 400 * MS, .self_ns = 10 * MS},
    {.name = "short", .begin_ns = 320 * MS, .total_ns = 9 * MS, .self_ns = 1 * MS, .parent = 1},
    {.name = "pandas", .begin_ns = 325 * MS, .total_ns = 60 * MS, .self_ns = 3 * MS, .parent = 2},
    {.name = "gone", .begin_ns = 810 * MS, .total_ns = 1 * MS, .self_ns = 1 * MS, .failed = true},
};

struct thaw_start otlp_fixture_start(void)
{
    return (struct thaw_start){
        .identity = {.app = "orders",
                     .function = "receive",
                     .platform = "azure_functions",
                     .worker = "worker-1",
                     .python = "3.11.2",
                     .program = "/usr/bin/python3.11",
                     .control_group = "/x",
                     .container = "c0ffee",
                     .pod = "pod-1",
                     .unit = "",
                     .host_name = "",
                     .deployment = "d"},
        .process = 4711,
        .begin_unix_ns = BEGIN,
        .end_unix_ns = BEGIN + 900 * (int64_t)MS,
        .total_ns = 850 * MS,
        .unattributed_ns = 50 * MS,
        .answered = true,
        .complete = true,
        .incomplete = "",
        .ended = "",
        .phases = phases,
        .phase_count = sizeof(phases) / sizeof(phases[0]),
        .imports = imports,
        .import_count = sizeof(imports) / sizeof(imports[0]),
        .modules = 300,
        .modules_failed = 1,
        .imports_ns = 401 * MS,
    };
}

json_t *otlp_fixture_body(const struct thaw_start *start, uint64_t least_ns)
{
    struct thaw_otlp_body body = {0};
    struct thaw_error error;
    json_t *json;

    assert_int_equal(thaw_otlp_start(start, &otlp_fixture_resource, least_ns, &body, &error), 0);
    assert_int_equal(strlen(body.text), body.length);
    json = json_loadb(body.text, body.length, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    thaw_otlp_body_free(&body);
    return json;
}

json_t *otlp_fixture_only(const json_t *object, const char *key)
{
    json_t *list = json_object_get(object, key);

    assert_int_equal(json_array_size(list), 1);
    return json_array_get(list, 0);
}

json_t *otlp_fixture_spans(const json_t *body)
{
    return json_object_get(
        otlp_fixture_only(otlp_fixture_only(body, "resourceSpans"), "scopeSpans"), "spans");
}

json_t *otlp_fixture_span(const json_t *body, const char *name)
{
    json_t *span;
    size_t i;

    json_array_foreach(otlp_fixture_spans(body), i, span)
    {
        if (!strcmp(json_string_value(json_object_get(span, "name")), name))
            return span;
    }
    fail_msg("no span %s", name);
    return NULL;
}

const char *otlp_fixture_attribute(const json_t *object, const char *key)
{
    json_t *pair, *value;
    const char *type;
    size_t i;

    json_array_foreach(json_object_get(object, "attributes"), i, pair)
    {
        if (strcmp(json_string_value(json_object_get(pair, "key")), key) != 0)
            continue;
        json_object_foreach(json_object_get(pair, "value"), type, value)
        {
            if (json_is_string(value))
                return json_string_value(value);
            return json_is_true(value) ? "true" : "false";
        }
    }
    return NULL;
}
