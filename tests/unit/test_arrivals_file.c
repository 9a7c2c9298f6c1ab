/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "report/csv_text.h"
#include "trend/arrivals_file.h"
#include "trend/request_time.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECOND 1000000000ll

/* --- times --- */

static void times_have_a_zone_or_are_unix_seconds(void **state)
{
    static const struct {
        const char *text;
        int64_t ns; /* 0: refused */
    } rows[] = {
        {"1795930590", 1795930590 * SECOND},
        {"1795930590.25", 1795930590 * SECOND + SECOND / 4},
        {"1795930590.1234567899", 1795930590 * SECOND + 123456789},
        {"1.79593059e9", 1795930590 * SECOND},
        {"1795930590250e-3", 1795930590 * SECOND + SECOND / 4},
        {"2026-11-29T05:36:30Z", 1795930590 * SECOND},
        {"2026-11-29 05:36:30.25z", 1795930590 * SECOND + SECOND / 4},
        {"2026-11-29T05:36:30.1234567Z", 1795930590 * SECOND + 123456700},
        {"2026-11-29T07:06:30+01:30", 1795930590 * SECOND},
        {"2026-11-28t21:36:30-0800", 1795930590 * SECOND},
        {"2026-11-29T06:36:30+01", 1795930590 * SECOND},
        {"2024-02-29T00:00:00Z", 1709164800 * SECOND},
        {"2016-12-31T23:59:60Z", 1483228800 * SECOND},
        {"1795930590250", 0}, /* milliseconds */
        {"2026-02-29T00:00:00Z", 0},
        {"2026-13-01T00:00:00Z", 0},
        {"2026-00-01T00:00:00Z", 0},
        {"2026-11-00T00:00:00Z", 0},
        {"2026-11-29T24:00:00Z", 0},
        {"2026-11-29T05:60:30Z", 0},
        {"2026-11-29T05:36:61Z", 0},
        {"2026-11-29T05:36:30", 0}, /* of which zone? */
        {"2026-11-29T05:36:30+", 0},
        {"2026-11-29T05:36:30+1", 0},
        {"2026-11-29T05:36:30+24:00", 0},
        {"2026-11-29T05:36:30+01:0", 0},
        {"2026-11-29T05:36:30.Z", 0},
        {"2026-11-29T05:36Z", 0},
        {"2026-11-29", 0},
        {"9999-12-31T23:59:59Z", 0},
        {"1969-12-31T23:59:59Z", 0},
        {"0", 0},
        {"-1", 0},
        {"+1", 0},
        {"", 0},
        {" 1", 0},
        {"1 ", 0},
        {"0x10", 0},
        {"1e", 0},
        {"1e999", 0},
        {"1e99", 0},
        {"inf", 0},
        {"nan", 0},
        {".", 0},
        {"99999999999999999999999999999999", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t ns = 0;

        if (thaw_request_time(rows[i].text, &ns) != (rows[i].ns != 0) ||
            (rows[i].ns && ns != rows[i].ns))
            fail_msg("%s: %lld", rows[i].text, (long long)ns);
    }
}

static void durations_are_seconds(void **state)
{
    static const struct {
        const char *text;
        int64_t ns; /* -1: refused */
    } rows[] = {{"0", 0},
                {"0.000", 0},
                {"0.031", 31000000},
                {"1e-05", 10000},
                {"1E+1", 10 * SECOND},
                {".5", SECOND / 2},
                {"2.", 2 * SECOND},
                {"1e-300", 0},
                {"1e-3000", -1},
                {"1e-30", 0},
                {"86400", 86400 * SECOND},
                {"86400.1", -1},
                {"-1", -1},
                {"0,5", -1},
                {"1s", -1},
                {"", -1}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t ns = 0;

        if (thaw_request_seconds(rows[i].text, &ns) != (rows[i].ns >= 0) ||
            (rows[i].ns >= 0 && ns != rows[i].ns))
            fail_msg("%s: %lld", rows[i].text, (long long)ns);
    }
}

/* --- files --- */

static int parse(const char *text, struct thaw_arrivals_file *ret, struct thaw_error *error)
{
    *ret = (struct thaw_arrivals_file){0};
    return thaw_arrivals_file_parse(text, strlen(text), "r.csv", ret, error);
}

static void expect_row(const struct thaw_arrivals *row, int64_t second, uint64_t requests,
                       uint64_t most, uint64_t busy_ms)
{
    assert_int_equal(row->from_unix_ns, second * SECOND);
    assert_int_equal(row->requests, requests);
    assert_int_equal(row->most_all, most);
    assert_int_equal(row->busy_ns, busy_ms * 1000000);
    assert_true(row->measured);
    assert_int_equal(row->cold + row->most_at_once + row->processes + row->limit_looks, 0);
}

static void requests_become_rows(void **state)
{
    struct thaw_arrivals_file file;
    const struct thaw_arrivals_file_app *app;

    (void)state;
    assert_int_equal(parse("\xEF\xBB\xBFtime,app,seconds\r\n"
                           "1035,a,30\r\n"  /* in flight until 1065 */
                           "1001,a,2\r\n"   /* 1001 to 1003 */
                           "1002,a,1.5\r\n" /* 1002 to 1003.5 */
                           "1003,a,0\r\n"   /* beside the second only */
                           "1003,a,\r\n"    /* not known: no more than itself */
                           "\r\n"
                           "1050.5,\"a\",0.25\r\n"
                           "1003,b,\n"
                           "1003,b,",
                           &file, NULL),
                     0);
    assert_int_equal(file.requests, 8);
    app = thaw_arrivals_file_find(&file, "a");
    assert_non_null(app);
    assert_int_equal(app->requests, 6);
    assert_int_equal(app->timed, 5);
    assert_int_equal(app->first_unix_ns, 1001 * SECOND);
    assert_int_equal(app->last_unix_ns, 1050 * SECOND + SECOND / 2);
    assert_int_equal(app->rows.count, 5);
    expect_row(&app->rows.items[0], 1000, 4, 2, 3500);
    expect_row(&app->rows.items[1], 1030, 1, 1, 5000);
    expect_row(&app->rows.items[2], 1040, 0, 1, 10000);
    expect_row(&app->rows.items[3], 1050, 1, 2, 10250);
    expect_row(&app->rows.items[4], 1060, 0, 1, 5000);
    app = thaw_arrivals_file_find(&file, "b");
    assert_int_equal(app->rows.count, 1);
    assert_int_equal(app->timed, 0);
    expect_row(&app->rows.items[0], 1000, 2, 1, 0);
    assert_null(thaw_arrivals_file_find(&file, "c"));
    thaw_arrivals_file_free(&file);
}

/* One ends as the next comes: an instance takes them one after the other. */
static void what_ends_makes_room(void **state)
{
    struct thaw_arrivals_file file;

    (void)state;
    assert_int_equal(parse("time,app,seconds\n1000,a,10\n1010,a,10\n1020,a,10\n", &file, NULL), 0);
    assert_int_equal(file.apps->rows.count, 3);
    for (size_t i = 0; i < 3; i++)
        expect_row(&file.apps->rows.items[i], 1000 + 10 * (int64_t)i, 1, 1, 10000);
    thaw_arrivals_file_free(&file);
}

/* Names as report/csv_text.h writes them come back. */
static void names_come_back(void **state)
{
    static const char *const names[] = {"a",   "=1+1",  "'=1",      "'",   "-x",           "@a",
                                        "a,b", "\"q\"", "l\nb\r\n", " b ", "tmp/\xC3\xBC", "'a"};
    struct thaw_arrivals_file file = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);

    (void)state;
    fputs("time,app\n", stream);
    for (size_t i = 0; i < COUNT(names); i++) {
        fputs("1,", stream);
        thaw_csv_text(names[i], stream);
        fputs("\r\n", stream);
    }
    fclose(stream);
    assert_int_equal(thaw_arrivals_file_parse(text, size, "r.csv", &file, NULL), 0);
    for (size_t i = 0; i < COUNT(names); i++)
        assert_non_null(thaw_arrivals_file_find(&file, names[i]));
    assert_int_equal(file.requests, COUNT(names));
    thaw_arrivals_file_free(&file);
    free(text);
}

static void the_first_bad_line_is_told(void **state)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"", "r.csv:1: there is nothing in it"},
        {"\xEF\xBB\xBF", "r.csv:1: there is nothing in it"},
        {"\xFF\xFEt\0i\0", "r.csv:1: this is UTF-16"},
        {"1,a\n", "r.csv:1: the header is time,app or time,app,seconds"},
        {"time\n", "r.csv:1: the header is"},
        {"time,app,ms\n", "r.csv:1: the header is"},
        {"app,time\n", "r.csv:1: the header is"},
        {"time,app,seconds,x\n", "r.csv:1: more than 3 fields"},
        {"time,app\n1,a\nx,a\ny,a\n", "r.csv:3: 'x' is no time"},
        {"time,app\n1,\"a\nb\"\n\nx,a\n", "r.csv:5: 'x' is no time"},
        {"time,app\n1,a,2\n", "r.csv:2: 3 fields, and the header has 2"},
        {"time,app,seconds\n1,a\n", "r.csv:2: 2 fields, and the header has 3"},
        {"time,app,seconds\n1,a,-1\n", "r.csv:2: '-1' is no duration"},
        {"time,app\n1,\n", "r.csv:2: no app is named"},
        {"time,app\n1,\xFF\n", "r.csv:2: the app's name is not UTF-8: '\\xff'"},
        {"time,app\n1,\"a\n", "r.csv:2: a quote that is not closed"},
        {"time,app\n1,\"", "r.csv:2: a quote that is not closed"},
        {"time,app\n1,\"a\"b\n", "r.csv:2: something behind a closed quote"},
        {"time,app\n1,a\"b\n", "r.csv:2: a quote inside"},
        {"time,app\n\x1b[31m,a\n", "r.csv:2: '\\x1b[31m' is no time"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct thaw_arrivals_file file;
        struct thaw_error error = {0};

        assert_int_equal(parse(rows[i].text, &file, &error), -EINVAL);
        if (strncmp(error.message, rows[i].words, strlen(rows[i].words)) != 0)
            fail_msg("'%s' is not '%s'", error.message, rows[i].words);
        assert_null(strchr(error.message, '\n'));
        thaw_arrivals_file_free(&file);
    }
}

static void expect_refused(const char *text, size_t length, int code, const char *words)
{
    struct thaw_arrivals_file file = {0};
    struct thaw_error error = {0};

    assert_int_equal(thaw_arrivals_file_parse(text, length, "r.csv", &file, &error), code);
    assert_non_null(strstr(error.message, words));
    thaw_arrivals_file_free(&file);
}

static void all_is_bounded(void **state)
{
    char *text = malloc(1 << 20);
    int length;

    (void)state;
    length = sprintf(text, "time,app\n1,");
    memset(text + length, 'a', 5000);
    expect_refused(text, (size_t)length + 5000, -EINVAL, "r.csv:2: longer than 4 KiB");
    expect_refused(text, (size_t)length + 1028, -EINVAL, "longer than 1 KiB");
    text[length] = '\0';
    expect_refused(text, (size_t)length + 1, -EINVAL, "r.csv:2: a NUL byte");
    length = sprintf(text, "time,app\n");
    for (int i = 0; i <= 10000; i++)
        length += sprintf(text + length, "1,%d\n", i);
    expect_refused(text, (size_t)length, -EINVAL, "r.csv:10002: this is the 10,001st app");
    length = sprintf(text, "time,app,seconds\n");
    for (int i = 0; i < 500; i++) /* 500 apps of 8,640 rows each */
        length += sprintf(text + length, "1,%d,86400\n", i);
    expect_refused(text, (size_t)length, -E2BIG, "more than 4,000,000 times of 10 s");
    free(text);
}

static void memory_that_is_short_is_told(void **state)
{
    (void)state;
    if (!chaos_malloc_works())
        skip();
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_arrivals_file file = {0};
        struct thaw_error error = {0};
        int code = parse("time,app,seconds\n1000,a,10\n1005,a,100\n7,b,\n", &file, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_arrivals_file_free(&file);
    }
}

static void what_cannot_be_read_is_told(void **state)
{
    struct thaw_arrivals_file file = {0};
    struct thaw_error error = {0};
    int ends[2];

    (void)state;
    assert_int_equal(thaw_arrivals_file_read(-1, "r.csv", &file, &error), -EBADF);
    assert_string_equal(error.message, "r.csv: Bad file descriptor");
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "time,app\n5,a\n", 13), 13);
    close(ends[1]);
    assert_int_equal(thaw_arrivals_file_read(ends[0], "standard input", &file, &error), 0);
    assert_int_equal(file.requests, 1);
    close(ends[0]);
    thaw_arrivals_file_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_have_a_zone_or_are_unix_seconds),
        cmocka_unit_test(durations_are_seconds),
        cmocka_unit_test(requests_become_rows),
        cmocka_unit_test(what_ends_makes_room),
        cmocka_unit_test(names_come_back),
        cmocka_unit_test(the_first_bad_line_is_told),
        cmocka_unit_test(all_is_bounded),
        cmocka_unit_test(memory_that_is_short_is_told),
        cmocka_unit_test(what_cannot_be_read_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
