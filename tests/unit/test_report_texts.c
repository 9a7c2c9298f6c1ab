/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/text.h"
#include "chaos_malloc.h"
#include "report_fixture.h"

/* The JSON report of names from outside, in every locale, and when memory is short. */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_t *first(const json_t *report, const char *key)
{
    return json_array_get(json_object_get(report, key), 0);
}

static const char *text(const json_t *object, const char *key)
{
    assert_true(json_is_string(json_object_get(object, key)));
    return json_string_value(json_object_get(object, key));
}

/* The bytes of a `_bytes` text. */
static void assert_percent_form(const char *percent, const char *bytes)
{
    for (; *bytes; bytes++) {
        char expected[4] = {*bytes};

        if (*bytes <= ' ' || *bytes >= 0x7F || *bytes == '%')
            snprintf(expected, sizeof(expected), "%%%02X", (unsigned char)*bytes);
        assert_int_equal(strncmp(percent, expected, strlen(expected)), 0);
        percent += strlen(expected);
    }
    assert_string_equal(percent, "");
}

static void assert_text_kept(const json_t *object, const char *key, const char *bytes)
{
    const char *shown = text(object, key);
    char name[64];
    json_t *raw;

    snprintf(name, sizeof(name), "%s_bytes", key);
    raw = json_object_get(object, name);
    assert_true(thaw_text_is_utf8(shown, strlen(shown)));
    if (thaw_text_is_utf8(bytes, strlen(bytes))) {
        assert_string_equal(shown, bytes);
        assert_null(raw);
    } else {
        assert_non_null(strstr(shown, "\xEF\xBF\xBD"));
        assert_percent_form(json_string_value(raw), bytes);
    }
}

/* What is written is ASCII without control characters, and reads back as the report. */
static void assert_written_safely(const struct report_fixture *fixture, const json_t *report)
{
    char *written = report_fixture_write(fixture, "json", NULL);
    json_t *again = json_loads(written, JSON_REJECT_DUPLICATES, NULL);

    for (const char *byte = written; *byte; byte++)
        assert_true(*byte == '\n' || (*byte >= ' ' && *byte < 0x7F));
    assert_true(json_equal(report, again));
    json_decref(again);
    free(written);
}

static void assert_kept_everywhere(const json_t *report, const char *name)
{
    static const struct {
        const char *list, *key;
    } places[] = {
        {"probes", "name"},          {"probes", "without"},       {"interpreters", "library"},
        {"failures", "message"},     {"distributions", "name"},   {"distributions", "location"},
        {"modules", "name"},         {"modules", "file"},         {"modules", "path"},
        {"modules", "distribution"}, {"processes", "executable"}, {"invocations", "function"},
        {"losses", "what"},          {"not_visible", "what"},
    };
    json_t *run = json_object_get(report, "run");

    for (size_t i = 0; i < COUNT(places); i++)
        assert_text_kept(first(report, places[i].list), places[i].key, name);
    if (!thaw_text_is_utf8(name, strlen(name)))
        assert_percent_form(json_string_value(first(run, "command_bytes")), name);
    else
        assert_string_equal(json_string_value(first(run, "command")), name);
}

static void hostile_names_are_kept_and_harmless(void **state)
{
    (void)state;
    for (const char *const *name = report_fixture_hostile; *name; name++) {
        struct report_fixture fixture;
        const char *one = *name;
        json_t *report;

        report_fixture_fill(&fixture);
        report_fixture_put_everywhere(&fixture, &one);
        report = report_fixture_report(&fixture);
        assert_kept_everywhere(report, one);
        assert_written_safely(&fixture, report);
        json_decref(report);
    }
}

static void same_bytes_in_every_locale_and_zone(void **state)
{
    struct report_fixture fixture;
    char *here, *there;

    (void)state;
    report_fixture_fill(&fixture);
    setenv("TZ", "UTC0", 1);
    tzset();
    here = report_fixture_write(&fixture, "json", NULL);
    setenv("TZ", "EST5EDT", 1);
    tzset();
    setlocale(LC_ALL, "C.UTF-8");
    there = report_fixture_write(&fixture, "json", NULL);
    setlocale(LC_ALL, "C");
    assert_string_equal(here, there);
    assert_non_null(strstr(here, "\"cpu_limit\": 0.1,"));
    free(here);
    free(there);
}

static size_t allocations_left;

static void *failing_malloc(size_t size)
{
    if (!allocations_left)
        return NULL;
    allocations_left--;
    return malloc(size);
}

static void jansson_may_run_out_of_memory(void **state)
{
    const char *bad = "bad\xFF";
    struct report_fixture fixture;
    struct thaw_error error;
    json_t *report = NULL;
    size_t granted = 0;
    int code;

    (void)state;
    report_fixture_fill(&fixture);
    report_fixture_put_everywhere(&fixture, &bad);
    fixture.timeline.module_count = 2;
    json_set_alloc_funcs(failing_malloc, free);
    do {
        allocations_left = granted++;
        code = thaw_report_json(&(struct thaw_analysis){.timeline = &fixture.timeline}, &report,
                                &error);
        if (code)
            assert_int_equal(code, -ENOMEM);
    } while (code);
    json_decref(report);
    json_set_alloc_funcs(malloc, free);
    assert_true(granted > 100);
}

static void every_other_allocation_may_fail(void **state)
{
    const char *bad = "bad\xFF";
    struct report_fixture fixture;

    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap, no allocation can be made to fail\n");
        skip();
    }
    report_fixture_fill(&fixture);
    report_fixture_put_everywhere(&fixture, &bad);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_error error = {0};
        json_t *report = NULL;
        int code = thaw_report_json(&(struct thaw_analysis){.timeline = &fixture.timeline}, &report,
                                    &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        json_decref(report);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_names_are_kept_and_harmless),
        cmocka_unit_test(same_bytes_in_every_locale_and_zone),
        cmocka_unit_test(jansson_may_run_out_of_memory),
        cmocka_unit_test(every_other_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
