/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "otlp_fixture.h"

/* Starts as OTLP's traces; the protocol's own reader is in tests/live/test_delivery.py. */
#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"

static const uint64_t least_ns = 10000000;

static const char *text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static const char *parent_of(const json_t *body, const char *name)
{
    return text(otlp_fixture_span(body, name), "parentSpanId");
}

static const char *id_of(const json_t *body, const char *name)
{
    return text(otlp_fixture_span(body, name), "spanId");
}

static void spans_lie_in_one_another(void **state)
{
    struct thaw_start start = otlp_fixture_start();
    json_t *body = otlp_fixture_body(&start, least_ns);
    const json_t *root = otlp_fixture_span(body, "cold start");

    (void)state;
    assert_int_equal(json_array_size(otlp_fixture_spans(body)), 1 + 4 + 3);
    assert_null(json_object_get(root, "parentSpanId"));
    assert_string_equal(parent_of(body, "worker"), id_of(body, "cold start"));
    assert_string_equal(parent_of(body, "import app"), id_of(body, "import"));
    assert_string_equal(parent_of(body, "import pandas"), id_of(body, "import app"));
    assert_string_equal(parent_of(body, "import gone"), id_of(body, "first-invocation"));
    assert_string_equal(text(root, "startTimeUnixNano"), "1764385200000000000");
    assert_string_equal(text(root, "endTimeUnixNano"), "1764385200900000000");
    assert_string_equal(text(otlp_fixture_span(body, "import pandas"), "endTimeUnixNano"),
                        "1764385200385000000");
    json_decref(body);
}

static void attributes_are_the_conventions(void **state)
{
    static const struct {
        const char *span, *key, *value;
    } rows[] = {
        {"", "service.name", "orders"},
        {"", "host.name", "node-1"},
        {"", "faas.name", "orders/receive"},
        {"", "faas.instance", "c0ffee"},
        {"", "process.pid", "4711"},
        {"", "process.executable.name", "python3.11"},
        {"", "container.id", "c0ffee"},
        {"", "k8s.pod.uid", "pod-1"},
        {"", "telemetry.sdk.name", "thaw"},
        {"", "thaw.unit", NULL},
        {"cold start", "faas.coldstart", "true"},
        {"cold start", "thaw.answered", "true"},
        {"cold start", "thaw.total_ns", "850000000"},
        {"cold start", "thaw.imports", "300"},
        {"cold start", "thaw.imports_omitted", "297"},
        {"cold start", "thaw.incomplete", NULL},
        {"pool", "thaw.counted", "false"},
        {"import app", "thaw.module", "app"},
        {"import app", "thaw.self_ns", "10000000"},
    };
    struct thaw_start start = otlp_fixture_start();
    json_t *body = otlp_fixture_body(&start, least_ns);
    const json_t *resource = json_object_get(otlp_fixture_only(body, "resourceSpans"), "resource");

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const json_t *object = *rows[i].span ? otlp_fixture_span(body, rows[i].span) : resource;
        const char *value = otlp_fixture_attribute(object, rows[i].key);

        if (!rows[i].value)
            assert_null(value);
        else if (!value || strcmp(value, rows[i].value) != 0)
            fail_msg("%s: %s", rows[i].key, value);
    }
    json_decref(body);
}

static void names_of_functions_are_an_apps(void **state)
{
    static const struct {
        const char *platform, *function, *name;
    } rows[] = {
        {"azure_functions", "", "orders"},
        {"aws_lambda", "receive", "receive"},
        {"aws_lambda", "", "orders"},
        {"generic", "", NULL},
        {"", "", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_start start = otlp_fixture_start();
        const char *name;
        json_t *body;

        start.identity.platform = rows[i].platform;
        start.identity.function = rows[i].function;
        body = otlp_fixture_body(&start, least_ns);
        name = otlp_fixture_attribute(
            json_object_get(otlp_fixture_only(body, "resourceSpans"), "resource"), "faas.name");
        if (rows[i].name)
            assert_string_equal(name, rows[i].name);
        else
            assert_null(name);
        json_decref(body);
    }
}

static void it_joins_the_requests_trace(void **state)
{
    static const struct {
        const char *trace, *span, *parent;
        bool joins;
    } rows[] = {
        {TRACE, SPAN, SPAN, true},
        {TRACE, "", NULL, true},
        {TRACE, "0000000000000000", NULL, true},
        {"", SPAN, NULL, false},
        {"00000000000000000000000000000000", SPAN, NULL, false},
        {"4BF92F3577B34DA6A3CE929D0E0E4736", SPAN, NULL, false},
        {"4bf92f3577b34da6a3ce929d0e0e473", SPAN, NULL, false},
        {"\",\"evil\":\"aaaaaaaaaaaaaaaaaaaaaa", SPAN, NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_start start = otlp_fixture_start();
        const json_t *root;
        json_t *body;

        strcpy(start.trace, rows[i].trace);
        strcpy(start.span, rows[i].span);
        body = otlp_fixture_body(&start, least_ns);
        root = otlp_fixture_span(body, "cold start");
        assert_int_equal(!strcmp(text(root, "traceId"), rows[i].trace), rows[i].joins);
        assert_int_equal(strlen(text(root, "traceId")), 32);
        if (rows[i].parent)
            assert_string_equal(text(root, "parentSpanId"), rows[i].parent);
        else
            assert_null(json_object_get(root, "parentSpanId"));
        json_decref(body);
    }
}

static char *ids_of(const struct thaw_start *start)
{
    json_t *body = otlp_fixture_body(start, least_ns);
    const json_t *root = otlp_fixture_span(body, "cold start");
    char *ids;

    assert_true(asprintf(&ids, "%s %s", text(root, "traceId"), text(root, "spanId")) > 0);
    json_decref(body);
    return ids;
}

static void ids_are_of_the_start(void **state)
{
    struct thaw_start start = otlp_fixture_start(), others[4];
    char *ids = ids_of(&start), *again = ids_of(&start);

    (void)state;
    assert_string_equal(ids, again);
    free(again);
    for (size_t i = 0; i < 4; i++)
        others[i] = start;
    others[0].process++;
    others[1].begin_unix_ns++;
    others[2].identity.container = "c0ffef";
    others[3].identity.app = "order";
    for (size_t i = 0; i < 4; i++) {
        again = ids_of(&others[i]);
        assert_string_not_equal(again, ids);
        free(again);
    }
    free(ids);
}

static void what_failed_is_said(void **state)
{
    struct thaw_start start = otlp_fixture_start();
    json_t *body = otlp_fixture_body(&start, least_ns);

    (void)state;
    assert_null(json_object_get(otlp_fixture_span(body, "cold start"), "status"));
    assert_null(json_object_get(otlp_fixture_span(body, "import pandas"), "status"));
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(otlp_fixture_span(body, "import gone"), "status"),
                         "code")),
                     2);
    json_decref(body);
    start.answered = start.complete = false;
    start.incomplete = "2 events were lost";
    body = otlp_fixture_body(&start, least_ns);
    assert_string_equal(text(json_object_get(otlp_fixture_span(body, "cold start"), "status"),
                             "message"),
                        "no first reply was seen");
    assert_string_equal(otlp_fixture_attribute(otlp_fixture_span(body, "cold start"),
                                               "thaw.incomplete"),
                        "2 events were lost");
    json_decref(body);
}

/* Parents that are behind what they should be above of, or nowhere; times without end; bytes. */
static void hostile_starts(void **state)
{
    struct thaw_start start = otlp_fixture_start();
    const struct thaw_start_import imports[] = {
        {.name = "self", .begin_ns = 1, .total_ns = UINT64_MAX, .parent = 1},
        {.name = "later", .begin_ns = UINT64_MAX, .total_ns = 90000000, .parent = 3},
        {.name = "nowhere \xff\n\"</script>", .begin_ns = 3, .total_ns = 90000000, .parent = 77},
        {.name = "short", .begin_ns = 4, .total_ns = 1, .parent = 4},
        {.name = "above a short one", .begin_ns = 5, .total_ns = 90000000, .parent = 4},
        {.name = "", .begin_ns = 5, .total_ns = 90000000},
    };
    json_t *body;

    (void)state;
    start.imports = imports;
    start.import_count = sizeof(imports) / sizeof(imports[0]);
    start.phase_count = 0;
    start.begin_unix_ns = INT64_MAX - 5;
    start.end_unix_ns = -1;
    start.modules = 0;
    start.identity.app = "\x80\xfe";
    body = otlp_fixture_body(&start, least_ns);
    assert_int_equal(json_array_size(otlp_fixture_spans(body)), 1 + 5);
    for (size_t i = 1; i < 6; i++)
        assert_string_equal(text(json_array_get(otlp_fixture_spans(body), i), "parentSpanId"),
                            id_of(body, "cold start"));
    assert_string_equal(otlp_fixture_attribute(
                            json_object_get(otlp_fixture_only(body, "resourceSpans"), "resource"),
                            "service.name"),
                        "\xEF\xBF\xBD\xEF\xBF\xBD");
    json_decref(body);
}

static void a_batch_has_all(void **state)
{
    struct thaw_start start = otlp_fixture_start();
    struct thaw_otlp_body bodies[4] = {0}, batch = {0};
    struct thaw_error error;
    size_t left_out;
    json_t *json;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        start.process = (uint32_t)i;
        assert_int_equal(
            thaw_otlp_start(&start, &otlp_fixture_resource, least_ns, &bodies[2 * i], &error), 0);
    }
    bodies[1] = (struct thaw_otlp_body){.text = (char *)"{\"resourceSpans\":[]}", .length = 20};
    bodies[3] = (struct thaw_otlp_body){.text = (char *)"garbage", .length = 7};
    assert_int_equal(thaw_otlp_batch(bodies, 4, &batch, &left_out, &error), 0);
    assert_int_equal(left_out, 2);
    assert_int_equal(strlen(batch.text), batch.length);
    json = json_loadb(batch.text, batch.length, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(json_object_get(json, "resourceSpans")), 2);
    json_decref(json);
    thaw_otlp_body_free(&batch);
    assert_int_equal(thaw_otlp_batch(NULL, 0, &batch, &left_out, &error), 0);
    assert_string_equal(batch.text, "{\"resourceSpans\":[]}");
    thaw_otlp_body_free(&batch);
    thaw_otlp_body_free(&bodies[0]);
    thaw_otlp_body_free(&bodies[2]);
}

static size_t allocations_left;

static void *failing_malloc(size_t size)
{
    return allocations_left && allocations_left-- ? malloc(size) : NULL;
}

static void memory_is_short(void **state)
{
    struct thaw_start start = otlp_fixture_start();
    struct thaw_otlp_body body = {0}, batch = {0}, whole;
    struct thaw_error error = {0};
    size_t granted = 0, left_out;
    int code;

    (void)state;
    start.identity.app = "\x80"; /* takes memory to be made UTF-8 */
    json_set_alloc_funcs(failing_malloc, free);
    do {
        allocations_left = granted++;
        code = thaw_otlp_start(&start, &otlp_fixture_resource, least_ns, &body, &error);
        assert_int_equal(code, code ? -ENOMEM : 0);
    } while (code);
    json_set_alloc_funcs(malloc, free);
    assert_true(granted > 200);
    whole = body;
    body = (struct thaw_otlp_body){0};
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        code = thaw_otlp_start(&start, &otlp_fixture_resource, least_ns, &body, &error);
        if (!code)
            code = thaw_otlp_batch(&body, 1, &batch, &left_out, &error);
        chaos_malloc_pause();
        /* jansson can do without some of it. */
        if (code)
            assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        else
            assert_string_equal(batch.text, whole.text);
        thaw_otlp_body_free(&body);
        thaw_otlp_body_free(&batch);
    }
    thaw_otlp_body_free(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_lie_in_one_another),
        cmocka_unit_test(attributes_are_the_conventions),
        cmocka_unit_test(names_of_functions_are_an_apps),
        cmocka_unit_test(it_joins_the_requests_trace),
        cmocka_unit_test(ids_are_of_the_start),
        cmocka_unit_test(what_failed_is_said),
        cmocka_unit_test(hostile_starts),
        cmocka_unit_test(a_batch_has_all),
        cmocka_unit_test(memory_is_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
