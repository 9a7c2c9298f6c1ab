/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_text.h"
#include "trace_fixture.h"

/* What the formats for traces, profiles and metrics say of the fixture's cold start; tools that
 * read them are asked in tests/live/test_formats_traces.py and tests/browser. */

static double real(const json_t *object, const char *key)
{
    return json_real_value(json_object_get(object, key));
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "(none)";
}

static void chrome_trace(void **state)
{
    json_t *report = trace_fixture_report(), *trace = trace_fixture_json(report, "chrome-trace");
    const json_t *events = json_object_get(trace, "traceEvents");
    const json_t *pandas = trace_fixture_find(events, "name", "pandas");
    const json_t *call = trace_fixture_find(events, "name", "analyze");
    const json_t *reply = trace_fixture_find(events, "name", "first reply");
    const json_t *phase = trace_fixture_find(events, "name", "worker.imports");
    const json_t *start = trace_fixture_find(events, "name", "cold start");

    (void)state;
    assert_string_equal(text_of(pandas, "ph"), "X");
    assert_true(real(pandas, "ts") == 270000 && real(pandas, "dur") == 290000);
    assert_int_equal(json_integer_value(json_object_get(pandas, "pid")), 4117);
    assert_int_equal(json_integer_value(json_object_get(pandas, "tid")), 4117);
    assert_string_equal(text_of(json_object_get(pandas, "args"), "distribution"), "pandas");
    assert_string_equal(text_of(json_object_get(pandas, "args"), "file"), "pandas/__init__.py");
    assert_string_equal(text_of(call, "ph"), "b");
    assert_true(real(call, "ts") == 639000);
    assert_string_equal(text_of(reply, "ph"), "i");
    assert_true(real(reply, "ts") == 755000);
    assert_true(real(phase, "ts") == 19000 && real(phase, "dur") == 144000);
    assert_true(real(start, "ts") == 0 && real(start, "dur") == 755000);
    assert_true(json_is_true(json_object_get(json_object_get(trace, "otherData"), "complete")));
    json_decref(trace);
    json_decref(report);
}

static void speedscope(void **state)
{
    json_t *report = trace_fixture_report(), *file = trace_fixture_json(report, "speedscope");
    const json_t *profiles = json_object_get(file, "profiles"), *phases, *imports, *frame;

    (void)state;
    assert_int_equal(json_array_size(profiles), 2);
    assert_int_equal(json_integer_value(json_object_get(file, "activeProfileIndex")), 1);
    phases = json_array_get(profiles, 0);
    imports = json_array_get(profiles, 1);
    assert_int_equal(json_array_size(json_object_get(phases, "events")), 2 * (1 + 5 + 3));
    assert_int_equal(json_array_size(json_object_get(imports, "events")), 2 * 10);
    assert_string_equal(text_of(imports, "name"),
                        "imports of worker 4117 (python3.11), main thread");
    assert_int_equal(json_integer_value(json_object_get(imports, "endValue")), 617000000);
    frame = trace_fixture_find(json_object_get(json_object_get(file, "shared"), "frames"), "name",
                               "function_app");
    assert_string_equal(text_of(frame, "file"),
                        "/home/user/clone/tests/azure/apps/analyze/function_app.py");
    json_decref(file);
    json_decref(report);
}

static void folded(void **state)
{
    json_t *report = trace_fixture_report();
    char *text = trace_fixture_write(report, "folded");

    (void)state;
    assert_string_equal(text, "worker-4117;grpc 100000\n"
                              "worker-4117;function_app 4000\n"
                              "worker-4117;function_app;pandas 10000\n"
                              "worker-4117;function_app;pandas;numpy 80000\n"
                              "worker-4117;function_app;pandas;pandas.core.api 200000\n"
                              "worker-4117;function_app;requests 40000\n"
                              "worker-4117;function_app;requests;json 5000\n"
                              "worker-4117;function_app;requests;urllib3 25000\n"
                              "worker-4117;function_app;helpers 2000\n"
                              "worker-4117;function_app;helpers;idna 3000\n");
    free(text);
    json_decref(report);
}

/* Own time is what CPython would call so: all that is not an import's below. */
static void importtime(void **state)
{
    json_t *report = trace_fixture_report();
    char *text;

    (void)state;
    trace_fixture_set(report, 6, "total_ns", json_integer(5000001));
    text = trace_fixture_write(report, "importtime");
    assert_string_equal(text, "import time: self [us] | cumulative | imported package\n"
                              "import time:    100000 |     100000 | grpc\n"
                              "import time:     80000 |      80000 |     numpy\n"
                              "import time:    200000 |     200000 |     pandas.core.api\n"
                              "import time:     10000 |     290000 |   pandas\n"
                              "import time:      5001 |       5001 |     json\n"
                              "import time:     25000 |      25000 |     urllib3\n"
                              "import time:     40000 |      70000 |   requests\n"
                              "import time:      3000 |       3000 |     idna\n"
                              "import time:      2000 |       5000 |   helpers\n"
                              "import time:      4000 |     369000 | function_app\n");
    free(text);
    json_decref(report);
}

static const json_t *spans_of(const json_t *request, size_t trace)
{
    const json_t *resource = json_array_get(json_object_get(request, "resourceSpans"), trace);
    const json_t *scope = json_array_get(json_object_get(resource, "scopeSpans"), 0);

    return json_object_get(scope, "spans");
}

static const char *attribute(const json_t *span, const char *key)
{
    const json_t *pair = trace_fixture_find(json_object_get(span, "attributes"), "key", key);
    const json_t *value = json_object_get(pair, "value");
    const char *text = json_string_value(json_object_iter_value(json_object_iter((json_t *)value)));

    return text ? text : json_is_true(json_object_get(value, "boolValue")) ? "true" : "false";
}

static void otlp(void **state)
{
    json_t *report = trace_fixture_report(), *request = trace_fixture_json(report, "otlp");
    const json_t *spans = spans_of(request, 0), *root = json_array_get(spans, 0);
    const json_t *pandas = trace_fixture_find(spans, "name", "import pandas");
    const json_t *app = trace_fixture_find(spans, "name", "import function_app");
    const json_t *phase = trace_fixture_find(spans, "name", "import");

    (void)state;
    assert_string_equal(text_of(root, "name"), "cold start");
    assert_null(json_object_get(root, "parentSpanId"));
    assert_int_equal(strlen(text_of(root, "traceId")), 32);
    assert_int_equal(strlen(text_of(root, "spanId")), 16);
    assert_string_equal(text_of(root, "startTimeUnixNano"), "1795402800123000000");
    assert_string_equal(text_of(root, "endTimeUnixNano"), "1795402800878000000");
    assert_string_equal(text_of(pandas, "startTimeUnixNano"), "1795402800393000000");
    assert_string_equal(text_of(pandas, "parentSpanId"), text_of(app, "spanId"));
    assert_string_equal(text_of(app, "parentSpanId"), text_of(phase, "spanId"));
    assert_string_equal(attribute(root, "thaw.imports"), "10");
    assert_string_equal(attribute(root, "thaw.imports_omitted"), "0");
    assert_string_equal(attribute(root, "faas.coldstart"), "true");
    assert_string_equal(attribute(pandas, "thaw.self_ns"), "10000000");
    json_decref(request);
    json_decref(report);
}

/* Counted only, unless they failed; what is below them hangs on what is above. */
static void short_imports_are_no_spans(void **state)
{
    json_t *report = trace_fixture_report(), *request;
    const json_t *spans, *failed;
    json_error_t error;

    (void)state;
    trace_fixture_set(report, 8, "total_ns", json_integer(999999));
    trace_fixture_set(report, 6, "total_ns", json_integer(999999));
    trace_fixture_set(report, 6, "status", json_string("failed"));
    request = trace_fixture_json(report, "otlp");
    spans = spans_of(request, 0);
    assert_int_equal(json_array_size(spans), (1 + 5 + 3) + 1 + (10 - 1));
    assert_string_equal(attribute(json_array_get(spans, 0), "thaw.imports_omitted"), "1");
    assert_string_equal(text_of(trace_fixture_find(spans, "name", "import idna"), "parentSpanId"),
                        text_of(trace_fixture_find(spans, "name", "import function_app"),
                                "spanId"));
    failed = json_object_get(trace_fixture_find(spans, "name", "import json"), "status");
    assert_int_equal(json_unpack_ex((json_t *)failed, &error, 0, "{s:i}", "code", &(int){0}), 0);
    assert_int_equal(json_integer_value(json_object_get(failed, "code")), 2);
    json_decref(request);
    json_decref(report);
}

static void openmetrics(void **state)
{
    json_t *report = trace_fixture_report();
    char *text = trace_fixture_write(report, "openmetrics");

    (void)state;
    report_text_has(text, "\nthaw_complete 1\n");
    report_text_has(text, "\nthaw_cold_start_seconds 0.755000000\n");
    report_text_has(text, "\nthaw_cold_start_answered 1\n");
    report_text_has(text, "\nthaw_phase_seconds{phase=\"import\",counted=\"true\"} 0.369000000\n");
    report_text_has(text, "\nthaw_modules{status=\"loaded\"} 10\n");
    report_text_has(text, "\nthaw_import_seconds{distribution=\"pandas\",owner=\"package\"} "
                          "0.210000000\n");
    report_text_has(text, "\nthaw_import_seconds{distribution=\"\",owner=\"app\"} 0.006000000\n");
    report_text_has(text, "\nthaw_recorded_timestamp_seconds 1795402800.123000000\n");
    report_text_lacks(text, "thaw_events_lost");
    report_text_lacks(text, "thaw_libraries"); /* nobody looked */
    assert_string_equal(text + strlen(text) - 6, "# EOF\n");
    free(text);
    json_decref(report);
}

/* The others have one series together. */
static void series_are_bounded(void **state)
{
    json_t *report = trace_fixture_report(), *modules = json_object_get(report, "modules");
    char *text, name[32];

    (void)state;
    for (int i = 0; i < 100; i++) {
        json_t *module = json_deep_copy(json_array_get(modules, 2));

        snprintf(name, sizeof(name), "package%d", i);
        json_object_set_new(module, "distribution", json_string(name));
        json_object_set_new(module, "self_ns", json_integer(1000));
        json_array_append_new(modules, module);
    }
    text = trace_fixture_write(report, "openmetrics");
    assert_int_equal(trace_fixture_count(text, "\nthaw_import_seconds{"), 20);
    report_text_has(text, "\nthaw_import_other_seconds 0.000088000\n"); /* 8 others are larger */
    free(text);
    json_decref(report);
}

static void csv(void **state)
{
    json_t *report = trace_fixture_report();
    char *text, *line;

    (void)state;
    trace_fixture_set(report, 2, "name", json_string("=1+1,\"x\""));
    trace_fixture_set(report, 3, "name", json_string("'quoted"));
    trace_fixture_set(report, 4, "name", json_string("-x"));
    trace_fixture_set(report, 4, "memory_bytes", json_integer(-4096));
    text = trace_fixture_write(report, "csv");
    assert_int_equal(strncmp(text, "id,parent,name,kind,", 20), 0);
    assert_int_equal(trace_fixture_count(text, "\r\n"), 11);
    assert_int_equal(trace_fixture_count(text, "\n"), 11);
    report_text_has(text, "\r\n3,2,\"'=1+1,\"\"x\"\"\",bytecode,");
    report_text_has(text, "\r\n4,3,''quoted,bytecode,");
    report_text_has(text, "\r\n5,3,'-x,bytecode,");
    line = report_text_find(text, "'-x");
    report_text_has(line, ",-4096,");
    free(line);
    free(text);
    json_decref(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chrome_trace), cmocka_unit_test(speedscope),
        cmocka_unit_test(folded),       cmocka_unit_test(importtime),
        cmocka_unit_test(otlp),         cmocka_unit_test(short_imports_are_no_spans),
        cmocka_unit_test(openmetrics),  cmocka_unit_test(series_are_bounded),
        cmocka_unit_test(csv),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
