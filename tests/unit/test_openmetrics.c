/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "export/openmetrics.h"
#include "report/metric_text.h"

static const struct thaw_family_row gauge_row = {"thaw_depth", THAW_FAMILY_GAUGE, "", "How deep."};
static const struct thaw_family_row counter_row = {"thaw_cold_starts", THAW_FAMILY_COUNTER, "",
                                                   "Starts."};
static const struct thaw_family_row info_row = {"thaw_build", THAW_FAMILY_INFO, "", "Of thaw."};
static const struct thaw_family_row histogram_row = {"thaw_cold_start_seconds",
                                                     THAW_FAMILY_HISTOGRAM, "seconds", "How long."};

static char *written(const struct thaw_families *families, bool open_metrics)
{
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    assert_int_equal(thaw_openmetrics_write(families, open_metrics, stream), 0);
    fclose(stream);
    return text;
}

static void add(struct thaw_families *families, const struct thaw_family_row *row,
                const char *label, double number)
{
    const struct thaw_label labels[] = {{"app", label}};
    struct thaw_family *family = thaw_families_add(families, row);

    assert_non_null(family);
    assert_non_null(thaw_family_add(families, family, labels, label ? 1 : 0, number));
}

static void fill(struct thaw_families *families, struct thaw_histogram *histogram)
{
    static const double bounds[] = {0.5, 1, 2.5};
    static const uint64_t counts[] = {1, 0, 2, 4};
    static const struct thaw_exemplar exemplars[4] = {
        [2] = {"0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", 1.25, 1767225600250000000},
        [3] = {"0af7651916cd43dd8448eb211c80319d", "", 30, 0},
    };
    const struct thaw_label labels[] = {{"app", "orders"}, {"phase", "import"}};
    struct thaw_family *family;

    *histogram = (struct thaw_histogram){bounds, 3, counts, exemplars, 123.5, 7};
    add(families, &gauge_row, NULL, -0.1);
    add(families, &counter_row, "orders", 9007199254740992.0);
    add(families, &info_row, "1.0", 0);
    family = thaw_families_add(families, &histogram_row);
    assert_non_null(family);
    thaw_family_add(families, family, labels, 2, 0)->histogram = histogram;
}

static void both_texts(void **state)
{
    struct thaw_families families = {0};
    struct thaw_histogram histogram;
    char *open, *plain;

    (void)state;
    fill(&families, &histogram);
    open = written(&families, true);
    plain = written(&families, false);
    assert_string_equal(
        open, "# TYPE thaw_depth gauge\n"
              "# HELP thaw_depth How deep.\n"
              "thaw_depth -0.1\n"
              "# TYPE thaw_cold_starts counter\n"
              "# HELP thaw_cold_starts Starts.\n"
              "thaw_cold_starts_total{app=\"orders\"} 9007199254740992\n"
              "# TYPE thaw_build info\n"
              "# HELP thaw_build Of thaw.\n"
              "thaw_build_info{app=\"1.0\"} 1\n"
              "# TYPE thaw_cold_start_seconds histogram\n"
              "# UNIT thaw_cold_start_seconds seconds\n"
              "# HELP thaw_cold_start_seconds How long.\n"
              "thaw_cold_start_seconds_bucket{app=\"orders\",phase=\"import\",le=\"0.5\"} 1\n"
              "thaw_cold_start_seconds_bucket{app=\"orders\",phase=\"import\",le=\"1.0\"} 1\n"
              "thaw_cold_start_seconds_bucket{app=\"orders\",phase=\"import\",le=\"2.5\"} 3"
              " # {trace_id=\"0af7651916cd43dd8448eb211c80319c\",span_id=\"b7ad6b7169203331\"}"
              " 1.25 1767225600.250\n"
              "thaw_cold_start_seconds_bucket{app=\"orders\",phase=\"import\",le=\"+Inf\"} 7"
              " # {trace_id=\"0af7651916cd43dd8448eb211c80319d\"} 30\n"
              "thaw_cold_start_seconds_count{app=\"orders\",phase=\"import\"} 7\n"
              "thaw_cold_start_seconds_sum{app=\"orders\",phase=\"import\"} 123.5\n"
              "# EOF\n");
    assert_null(strstr(plain, " # {"));
    assert_null(strstr(plain, "# UNIT"));
    assert_null(strstr(plain, "# EOF"));
    assert_non_null(strstr(plain, "# TYPE thaw_cold_starts_total counter\n"
                                  "# HELP thaw_cold_starts_total Starts.\n"
                                  "thaw_cold_starts_total{app=\"orders\"} 9007199254740992\n"));
    assert_non_null(strstr(plain, "# TYPE thaw_build_info gauge\n"));
    assert_non_null(strstr(plain, "le=\"1.0\"} 1\n")); /* the same series as in OpenMetrics */
    free(open);
    free(plain);
    thaw_families_free(&families);
}

static void a_family_is_one(void **state)
{
    struct thaw_families families = {0};
    char *text;

    (void)state;
    add(&families, &counter_row, "a", 1);
    add(&families, &gauge_row, NULL, 2);
    add(&families, &counter_row, "b", 3);
    assert_int_equal(families.items.count, 2);
    text = written(&families, true);
    assert_non_null(strstr(text, "{app=\"a\"} 1\nthaw_cold_starts_total{app=\"b\"} 3\n"));
    free(text);
    thaw_families_free(&families);
    assert_int_equal(families.items.count, 0);
}

static void assert_label(const char *value, const char *expected)
{
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    thaw_metric_text_label(stream, "l", value);
    fclose(stream);
    assert_string_equal(text, expected);
    free(text);
}

static void labels_are_one_line_of_plain_utf8(void **state)
{
    (void)state;
    assert_label("", "l=\"\"");
    assert_label("a b/c", "l=\"a b/c\"");
    assert_label("say \"hi\" \\ bye", "l=\"say \\\"hi\\\" \\\\ bye\"");
    assert_label("two\nlines\x1b[31m", "l=\"two\\\\x0alines\\\\x1b[31m\"");
    assert_label("\xE6\xBC\xA2\xE5\xAD\x97", "l=\"\xE6\xBC\xA2\xE5\xAD\x97\"");
    assert_label("\xE2\x80\xAE", "l=\"\\\\u{202e}\"");
    assert_label("bad \xFF\xE6\xBC", "l=\"bad \\\\xff\\\\xe6\\\\xbc\"");
}

static void assert_number(double number, const char *expected, const char *bound)
{
    char text[THAW_METRIC_NUMBER_BYTES];

    assert_string_equal(thaw_metric_text_number(text, number), expected);
    assert_string_equal(thaw_metric_text_bound(text, number), bound);
}

static void check_numbers(void)
{
    static const double thirds[] = {1.0 / 3, 2e-310, 1.7976931348623157e308, 123456789.123456789};

    assert_number(0, "0", "0.0");
    assert_number(-0.0, "0", "0.0");
    assert_number(1, "1", "1.0");
    assert_number(0.1, "0.1", "0.1");
    assert_number(0.30000000000000004, "0.30000000000000004", "0.30000000000000004");
    assert_number(1e6, "1000000", "1e+06");
    assert_number(2500000, "2500000", "2.5e+06");
    assert_number(9007199254740992.0, "9007199254740992", "9.007199254740992e+15");
    assert_number(-9007199254740991.0, "-9007199254740991", "-9.007199254740991e+15");
    assert_number(1e300, "1e+300", "1e+300");
    assert_number(INFINITY, "+Inf", "+Inf");
    assert_number(-INFINITY, "-Inf", "-Inf");
    assert_number(NAN, "NaN", "NaN");
    for (size_t i = 0; i < sizeof(thirds) / sizeof(thirds[0]); i++) {
        char text[THAW_METRIC_NUMBER_BYTES], *end, *old = strdup(setlocale(LC_NUMERIC, NULL));
        double back;

        thaw_metric_text_number(text, thirds[i]);
        setlocale(LC_NUMERIC, "C");
        back = strtod(text, &end);
        setlocale(LC_NUMERIC, old);
        free(old);
        assert_true(back == thirds[i] && !*end);
    }
}

static void numbers_are_exact(void **state)
{
    static const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "fa_IR.UTF-8"};

    (void)state;
    check_numbers();
    for (size_t i = 0; i < sizeof(commas) / sizeof(commas[0]); i++) {
        if (setlocale(LC_NUMERIC, commas[i])) /* where it is installed */
            check_numbers();
    }
    setlocale(LC_NUMERIC, "C");
}

static void who_gets_open_metrics(void **state)
{
    static const struct {
        const char *accept;
        bool open;
    } cases[] = {
        {NULL, false},
        {"", false},
        {"*/*", false},
        {"text/html, */*;q=0.1", false},
        {"application/openmetrics-text", true},
        {"Application/OpenMetrics-Text ; Version=1.0.0 ; charset=utf-8", true},
        {"application/openmetrics-text; version=\"1.0.0\"", true},
        {"application/openmetrics-text;version=0.0.1", false},
        {"application/openmetrics-text;version=2.0.0", false},
        {"application/openmetrics-text;q=0", false},
        {"application/openmetrics-text;q=0.2,text/plain;q=0.3", false},
        {"text/plain;q=0.3,application/openmetrics-text;q=0.35", true},
        /* Prometheus 2.42, Prometheus 3, VictoriaMetrics 1.79 */
        {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
         "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         true},
        {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/"
         "openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;"
         "q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
         true},
        {"text/plain;version=0.0.4;q=1,*/*;q=0.1", false},
        {";;;,,,===;q", false},
        {"application/openmetrics-text;;;q=;=,", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(thaw_openmetrics_accepted(cases[i].accept), cases[i].open);
}

static void a_full_device_is_told(void **state)
{
    struct thaw_families families = {0};
    FILE *stream = fopen("/dev/full", "w");

    (void)state;
    assert_non_null(stream);
    add(&families, &gauge_row, NULL, 1);
    assert_int_equal(thaw_openmetrics_write(&families, true, stream), -EIO);
    fclose(stream);
    thaw_families_free(&families);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_texts),
        cmocka_unit_test(a_family_is_one),
        cmocka_unit_test(labels_are_one_line_of_plain_utf8),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(who_gets_open_metrics),
        cmocka_unit_test(a_full_device_is_told),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
