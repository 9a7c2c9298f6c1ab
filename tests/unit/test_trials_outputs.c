/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gate/trials_parts.h"
#include "trials_fixture.h"

#define COUNT(values) (sizeof(values) / sizeof((values)[0]))

static char *written(const json_t *result, const char *format)
{
    const struct thaw_report_format *row = thaw_trials_formats();
    struct thaw_error error = {0};
    size_t length;
    char *text;
    FILE *stream = open_memstream(&text, &length);

    while (row->name && strcmp(row->name, format) != 0)
        row++;
    assert_non_null(row->name);
    assert_non_null(stream);
    assert_int_equal(row->write(result, NULL, stream, &error), 0);
    fclose(stream);
    return text;
}

/* Two commands with names and reasons that mean something to terminals, pages and spreadsheets. */
static json_t *hostile_result(void)
{
    static const unsigned ms[] = {100, 400, 101, 102, 99, 98, 103};
    struct thaw_trials *trials = trials_fixture_make(2, COUNT(ms) + 1);
    const struct thaw_trials_cold cold = {
        .files = 10,
        .bytes = 1000000,
        .left_files = 2,
        .left_bytes = 100000,
        .unevictable_bytes = 50000,
        .unknown_files = 3,
        .unknown_bytes = 3000,
        .largest = "/lib/\x1b]0;x\a<script>|`.so",
        .cut = true,
        .too_much = true,
    };
    struct thaw_trials_run crashed = trials_fixture_run(1, COUNT(ms) + 1, NULL);

    trials_fixture_add_times(trials, 0, ms, COUNT(ms));
    trials_fixture_add_times(trials, 1, ms, COUNT(ms));
    trials->runs.items[2].complete = false;
    crashed.end = THAW_TRIALS_CRASHED;
    crashed.reason = "=cmd|' /C calc'!A0, \"x\"\n<img src=x> \xff\x1b[2J";
    crashed.cold = &cold;
    trials_fixture_add(trials, crashed);
    return trials_fixture_result(trials);
}

/* Code spans show what is in them as it is. */
static void assert_no_markup(const char *text)
{
    bool code = false;

    for (; *text; text++) {
        code = *text == '`' || (code && *text != '\n');
        assert_true(code || *text != '<');
    }
}

static void no_output_can_be_broken(void **state)
{
    json_t *result = hostile_result();
    char *text;

    (void)state;
    text = written(result, "summary");
    for (const char *at = text; *at; at++)
        assert_true((unsigned char)*at >= ' ' || *at == '\n');
    assert_non_null(strstr(text, "second: 8 cold runs of python3 new\\x1b[31m|<b>.py"));
    assert_non_null(strstr(text, "1 of 1 run not quite cold"));
    assert_non_null(strstr(text, "run 2 lies apart from the others"));
    assert_non_null(strstr(text, "1 recording is not complete (run 3)"));
    free(text);
    text = written(result, "markdown");
    assert_no_markup(strchr(text, '\n')); /* behind the comment by which a job finds it again */
    assert_null(strchr(text, '\x1b'));
    free(text);
    json_decref(result);
}

/* Cells of a line of RFC 4180; *line moves behind it. */
static size_t count_cells(const char **line)
{
    bool quoted = false;
    size_t cells = 1;

    for (; **line && (quoted || **line != '\r'); ++*line) {
        quoted ^= **line == '"';
        cells += !quoted && **line == ',';
    }
    assert_false(quoted);
    assert_int_equal(strncmp(*line, "\r\n", 2), 0);
    *line += 2;
    return cells;
}

static void csv_has_a_row_for_each_run(void **state)
{
    json_t *result = hostile_result();
    char *text = written(result, "csv");
    const char *line = text;
    size_t cells = count_cells(&line), rows = 0;

    (void)state;
    assert_non_null(strstr(text, ",total_time,"));
    assert_non_null(strstr(text, ",phase_time:worker.imports,"));
    for (; *line; rows++)
        assert_int_equal(count_cells(&line), cells);
    assert_int_equal(rows, 15);
    assert_non_null(strstr(text, ",\"'=cmd|' /C calc'!A0, \"\"x\"\"")); /* no formula */
    free(text);
    json_decref(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_output_can_be_broken),
        cmocka_unit_test(csv_has_a_row_for_each_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
