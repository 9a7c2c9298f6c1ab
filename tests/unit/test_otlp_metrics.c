/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "export/otlp_answer.h"
#include "otlp_fixture.h"

/* Metrics as OTLP's, and what a Collector answers. */
enum { counter, gauge, info, histogram, empty, families };

static const struct thaw_family_row rows[families] = {
    [counter] = {"thaw_cold_starts", THAW_FAMILY_COUNTER, "", "Starts."},
    [gauge] = {"thaw_resident_memory_bytes", THAW_FAMILY_GAUGE, "bytes", "Memory."},
    [info] = {"thaw_build", THAW_FAMILY_INFO, "", "Build."},
    [histogram] = {"thaw_cold_start_duration_seconds", THAW_FAMILY_HISTOGRAM, "seconds", "Time."},
    [empty] = {"thaw_nothing", THAW_FAMILY_COUNTER, "", "None."},
};

static const double bounds[] = {0.5, 1};
static const uint64_t counts[] = {3, 0, 1};
static const struct thaw_exemplar exemplars[] = {
    {.trace = "4bf92f3577b34da6a3ce929d0e0e4736",
     .span = "00f067aa0ba902b7",
     .value = 0.25,
     .unix_ns = 7},
    {.trace = ""},
    {.trace = "4bf92f3577b34da6a3ce929d0e0e4737", .value = 2, .unix_ns = 8},
};
static const struct thaw_histogram times = {
    .bounds = bounds,
    .bound_count = 2,
    .counts = counts,
    .exemplars = exemplars,
    .sum = 3.5,
    .count = 4,
};

static struct thaw_families make_families(void)
{
    static const struct thaw_label label = {"app", "\xff\"\n"};
    struct thaw_families made = {.unix_ns = 1764385200000000000,
                                 .begin_unix_ns = 1764385000000000000};

    for (size_t i = 0; i < families; i++) {
        struct thaw_family *family = thaw_families_add(&made, &rows[i]);
        struct thaw_point *point;

        if (i == empty)
            continue;
        point = thaw_family_add(&made, family, &label, 1, i == gauge ? NAN : 1);
        if (i == histogram)
            point->histogram = &times;
    }
    return made;
}

static json_t *body_of(const struct thaw_families *made)
{
    struct thaw_otlp_body body = {0};
    struct thaw_error error;
    json_t *json;

    assert_int_equal(thaw_otlp_metrics(made, &otlp_fixture_resource, &body, &error), 0);
    json = json_loadb(body.text, body.length, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    thaw_otlp_body_free(&body);
    return json;
}

static const json_t *metric_at(const json_t *body, size_t number)
{
    const json_t *resource = otlp_fixture_only(body, "resourceMetrics");

    return json_array_get(json_object_get(otlp_fixture_only(resource, "scopeMetrics"), "metrics"),
                          number);
}

static void check(const json_t *metric, const char *expected)
{
    char *text = json_dumps(metric, JSON_COMPACT);

    assert_string_equal(text, expected);
    free(text);
}

#define POINT                                                                                      \
    "{\"attributes\":[{\"key\":\"app\",\"value\":{\"stringValue\":\"\xEF\xBF\xBD\\\"\\n\"}}],"
#define BEGIN "\"startTimeUnixNano\":\"1764385000000000000\","
#define TIME "\"timeUnixNano\":\"1764385200000000000\","

static void each_type(void **state)
{
    struct thaw_families made = make_families();
    json_t *body = body_of(&made);
    const json_t *resource =
        json_object_get(otlp_fixture_only(body, "resourceMetrics"), "resource");

    (void)state;
    check(metric_at(body, 0),
          "{\"name\":\"thaw_cold_starts_total\",\"description\":\"Starts.\",\"sum\":"
          "{\"dataPoints\":[" POINT BEGIN TIME "\"asDouble\":1.0}],"
          "\"aggregationTemporality\":2,\"isMonotonic\":true}}");
    check(metric_at(body, 1),
          "{\"name\":\"thaw_resident_memory_bytes\",\"description\":\"Memory.\",\"unit\":\"By\","
          "\"gauge\":{\"dataPoints\":[" POINT TIME "\"asDouble\":\"NaN\"}]}}");
    check(metric_at(body, 2), "{\"name\":\"thaw_build_info\",\"description\":\"Build.\",\"gauge\":"
                              "{\"dataPoints\":[" POINT TIME "\"asDouble\":1.0}]}}");
    check(metric_at(body, 3),
          "{\"name\":\"thaw_cold_start_duration_seconds\",\"description\":\"Time.\",\"unit\":\"s\","
          "\"histogram\":{\"dataPoints\":[" POINT BEGIN TIME
          "\"count\":\"4\",\"sum\":3.5,\"bucketCounts\":[\"3\",\"0\",\"1\"],"
          "\"explicitBounds\":[0.5,1.0],\"exemplars\":["
          "{\"timeUnixNano\":\"7\",\"asDouble\":0.25,\"traceId\":"
          "\"4bf92f3577b34da6a3ce929d0e0e4736\",\"spanId\":\"00f067aa0ba902b7\"},"
          "{\"timeUnixNano\":\"8\",\"asDouble\":2.0,\"traceId\":"
          "\"4bf92f3577b34da6a3ce929d0e0e4737\"}]}],\"aggregationTemporality\":2}}");
    assert_null(metric_at(body, 4));
    assert_string_equal(otlp_fixture_attribute(resource, "service.name"), "thaw");
    assert_string_equal(otlp_fixture_attribute(resource, "service.instance.id"), "node-1");
    json_decref(body);
    thaw_families_free(&made);
}

static size_t allocations_left;

static void *failing_malloc(size_t size)
{
    return allocations_left && allocations_left-- ? malloc(size) : NULL;
}

static void memory_is_short(void **state)
{
    struct thaw_families made = make_families();
    struct thaw_otlp_body body = {0};
    struct thaw_error error = {0};
    size_t granted = 0;
    int code;

    (void)state;
    json_set_alloc_funcs(failing_malloc, free);
    do {
        allocations_left = granted++;
        code = thaw_otlp_metrics(&made, &otlp_fixture_resource, &body, &error);
        assert_int_equal(code, code ? -ENOMEM : 0);
    } while (code);
    json_set_alloc_funcs(malloc, free);
    assert_true(granted > 100);
    thaw_otlp_body_free(&body);
    thaw_families_free(&made);
}

static void answers(void **state)
{
    static const struct {
        const char *text;
        uint64_t rejected;
    } cases[] = {
        {"{}", 0},
        {"", 0},
        {"{\"partialSuccess\":{}}", 0},
        {"{\"partialSuccess\":{\"rejectedSpans\":\"7\"}}", 7},
        {"{\"partialSuccess\":{\"rejectedDataPoints\":7,\"errorMessage\":\"late\"}}", 7},
        {"{\"partialSuccess\":{\"rejectedSpans\":-7}}", 0},
        {"{\"partialSuccess\":{\"rejectedSpans\":\"many\"}}", 0},
        {"{\"partialSuccess\":{\"rejectedSpans\":\"99999999999999999999\"}}", 1000000},
        {"{\"partialSuccess\":{\"rejectedSpans\":\"7\"}", 0},
        {"[{\"rejectedSpans\":\"7\"}]", 0},
        {"\"partialSuccess\"", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(thaw_otlp_rejected(cases[i].text, strlen(cases[i].text)),
                         cases[i].rejected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type),
        cmocka_unit_test(memory_is_short),
        cmocka_unit_test(answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
