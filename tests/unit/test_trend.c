/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "trend/trend.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { entries_most = 1200 };

/* A history in memory: modules step up at the last but one, times do half-way. */
struct fixture {
    struct thaw_history history;
    struct thaw_history_entry entries[entries_most];
    struct thaw_history_value values[entries_most][3];
    double samples[entries_most][2];
};

static struct fixture fixture;

static const struct thaw_history *history_of(size_t count)
{
    memset(&fixture, 0, sizeof(fixture));
    for (size_t i = 0; i < count; i++) {
        double *samples = fixture.samples[i];

        samples[0] = i + 2 < count ? 311 : 891;
        samples[1] = (i < count / 2 ? 1e9 : 2e9) + (double)i + 0.25;
        fixture.values[i][0] =
            (struct thaw_history_value){"modules", "", "", "", "exact", "count", &samples[0], 1};
        fixture.values[i][1] =
            (struct thaw_history_value){"phase_time", "",   "",          "import",
                                        "timed",      "ns", &samples[1], 1};
        fixture.values[i][2] =
            (struct thaw_history_value){"modules", "",          "", "", "exact",
                                        "count",   &samples[1], 1}; /* twice: the first counts */
        fixture.entries[i] = (struct thaw_history_entry){
            .id = 100 - (int64_t)i,
            .time_ns = (int64_t)i * 1000000000,
            .name = "app",
            .commit = "c",
            .branch = i % 2 ? "a" : "b",
            .key = "{\"interpreter\": \"3.11\", \"kernel\": 7}",
            .verdict = i + 2 < count ? "warn" : "fail",
            .values = fixture.values[i],
            .value_count = 3,
        };
    }
    fixture.history.entries.items = fixture.entries;
    fixture.history.entries.count = count;
    fixture.history.removed = 7;
    return &fixture.history;
}

static json_t *built(size_t count)
{
    static const struct thaw_history_question question = {.name = "app", .most = 5};
    json_t *trend = NULL;

    assert_int_equal(thaw_trend_build(history_of(count), "h", &question, &trend, NULL), 0);
    return trend;
}

static json_int_t number(const json_t *object, const char *first, const char *second)
{
    const json_t *value = json_object_get(json_object_get(object, first), second);

    return json_is_integer(value) ? json_integer_value(value) : -1;
}

static void what_is_built(void **state)
{
    json_t *trend = built(20), *series, *change;

    (void)state;
    assert_string_equal(json_string_value(json_object_get(trend, "schema")), THAW_HISTORY_SCHEMA);
    assert_int_equal(json_integer_value(json_object_get(trend, "removed")), 7);
    assert_int_equal(number(trend, "asked", "last"), 5);
    assert_int_equal(json_array_size(json_object_get(trend, "series")), 2);
    series = json_array_get(json_object_get(trend, "series"), 0);
    assert_int_equal(number(series, "first_bad", "entry"), 100 - 18);
    assert_int_equal(number(series, "first_bad", "value"), 891);
    assert_int_equal(number(json_object_get(series, "first_bad"), "good", "entry"), 100 - 17);
    assert_int_equal(json_array_size(json_object_get(series, "points")), 20);
    assert_true(json_is_null(json_object_get(json_object_get(series, "key"), "backend")));
    series = json_array_get(json_object_get(trend, "series"), 1);
    assert_int_equal(json_array_size(json_object_get(series, "steps")), 0);
    change = json_array_get(json_object_get(series, "changes"), 0);
    assert_int_equal(json_integer_value(json_object_get(change, "entry")), 100 - 10);
    assert_int_equal(number(series, "first_bad", "entry"), 100 - 10);
    assert_true(json_real_value(json_object_get(series, "latest")) == 2000000019.25);
    json_decref(trend);
}

/* All that a writer writes; the caller frees it. */
static char *written(const struct thaw_report_format *row, const json_t *trend, int *ret_code)
{
    struct thaw_error error = {0};
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    *ret_code = row->write(trend, &(struct thaw_report_options){.width = 80}, stream, &error);
    fclose(stream);
    return text;
}

static size_t count_of(const char *text, const char *piece)
{
    size_t count = 0;

    for (; (text = strstr(text, piece)); text++)
        count++;
    return count;
}

static void what_is_long_is_cut_where_it_is_drawn(void **state)
{
    json_t *trend = built(entries_most);

    (void)state;
    for (const struct thaw_report_format *row = thaw_trend_formats(); row->name; row++) {
        int code;
        char *text = written(row, trend, &code);

        assert_int_equal(code, 0);
        if (!strcmp(row->name, "html")) {
            assert_int_equal(count_of(text, "<circle"), 2 * 500);
            assert_int_equal(count_of(text, "<tr><th"), 2 * 500 + 2);
            assert_non_null(strstr(text, "the latest 500 values"));
        }
        if (!strcmp(row->name, "csv"))
            assert_int_equal(count_of(text, "\r\n"), 2 * entries_most + 1);
        if (!strcmp(row->name, "summary"))
            assert_non_null(strstr(text, "7 earlier ones are no longer kept"));
        free(text);
    }
    json_decref(trend);
}

static void nothing_and_one(void **state)
{
    (void)state;
    for (size_t count = 0; count < 2; count++) {
        json_t *trend = built(count);

        for (const struct thaw_report_format *row = thaw_trend_formats(); row->name; row++) {
            int code;
            char *text = written(row, trend, &code);

            assert_int_equal(code, 0);
            if (!strcmp(row->name, "summary"))
                assert_non_null(strstr(text, count ? "1 gate from" : "no gate"));
            free(text);
        }
        json_decref(trend);
    }
}

static void memory_that_is_short_is_told(void **state)
{
    static const struct thaw_history_question question = {0};
    const struct thaw_history *history = history_of(14);

    (void)state;
    if (!chaos_malloc_works())
        skip();
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_error error = {0};
        json_t *trend = NULL;
        int code = thaw_trend_build(history, "h", &question, &trend, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        json_decref(trend);
    }
    for (const struct thaw_report_format *row = thaw_trend_formats(); row->name; row++) {
        json_t *trend = built(14);

        if (!strcmp(row->name, "json")) { /* the report's own */
            json_decref(trend);
            continue;
        }
        for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
            FILE *stream = fopen("/dev/null", "w");
            struct thaw_error error = {0};
            int code;

            if (!stream)
                continue;
            code = row->write(trend, &(struct thaw_report_options){.width = 80}, stream, &error);
            chaos_malloc_pause();
            assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
            fclose(stream);
        }
        json_decref(trend);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_built),
        cmocka_unit_test(what_is_long_is_cut_where_it_is_drawn),
        cmocka_unit_test(nothing_and_one),
        cmocka_unit_test(memory_that_is_short_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
