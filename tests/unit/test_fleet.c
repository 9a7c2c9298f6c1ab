/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "starts_fixture.h"
#include "trend/fleet.h"
#include "trend/fleet_warm.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MINUTE (60 * STARTS_SECOND)

/* --- instances kept warm, by hand --- */

static struct thaw_arrivals row_at(int64_t second, uint64_t most)
{
    return (struct thaw_arrivals){.app = "a",
                                  .from_unix_ns = second * STARTS_SECOND,
                                  .requests = most,
                                  .most_all = most,
                                  .measured = true};
}

static uint64_t starts_of(const struct thaw_warm_question *question)
{
    struct thaw_warm_answer answer;

    assert_int_equal(thaw_warm_replay(question, &answer), 0);
    return answer.starts;
}

/* Watched from 0 on; what comes in the first 10 minutes is not counted. */
static void instances_start_where_there_are_too_few(void **state)
{
    const struct thaw_arrivals rows[] = {
        row_at(590, 1),          /* not counted */
        row_at(1000, 1),         /* it is still there */
        row_at(1010, 3),         /* two more start */
        row_at(1610, 3),         /* after 10 min, all are there */
        row_at(2220, 1),         /* after more: one starts */
        row_at(2230, UINT64_MAX) /* no more than 1,000: 999 */
    };
    const struct thaw_watched span = {0, 3000 * STARTS_SECOND, 0};
    struct thaw_warm_question question = {
        .rows = rows, .spans = &span, .span_count = 1, .idle_ns = 10 * MINUTE, .concurrency = 1};
    struct thaw_warm_answer answer;

    (void)state;
    question.count = 4;
    assert_int_equal(starts_of(&question), 2);
    question.count = 5;
    assert_int_equal(thaw_warm_replay(&question, &answer), 0);
    assert_int_equal(answer.starts, 3);
    assert_int_equal(answer.most_needed, 3);
    assert_int_equal(answer.counted_ns, 2400 * STARTS_SECOND);
    question.ready = 1;
    assert_int_equal(starts_of(&question), 2);
    question.ready = 3;
    assert_int_equal(starts_of(&question), 0);
    question.ready = 0;
    question.concurrency = 3;
    assert_int_equal(starts_of(&question), 1);
    question.concurrency = 1;
    question.count = 6;
    assert_int_equal(starts_of(&question), 3 + 999);
    question.count = 0;
    assert_int_equal(starts_of(&question), 0);
}

/* What was there before thaw watched again is not known. */
static void a_gap_begins_anew(void **state)
{
    const struct thaw_arrivals rows[] = {row_at(1000, 2), row_at(2000, 2), row_at(2100, 2),
                                         row_at(2700, 3)};
    const struct thaw_watched spans[] = {{0, 1500 * STARTS_SECOND, 0},
                                         {1995 * STARTS_SECOND, 4000 * STARTS_SECOND, 0}};
    struct thaw_warm_question question = {.rows = rows,
                                          .count = 4,
                                          .spans = spans,
                                          .span_count = 2,
                                          .idle_ns = 10 * MINUTE,
                                          .concurrency = 1};

    (void)state;
    assert_int_equal(starts_of(&question), 2 + 1);
    assert_false(thaw_warm_counts(&question, 599 * STARTS_SECOND));
    assert_true(thaw_warm_counts(&question, 600 * STARTS_SECOND));
    assert_false(thaw_warm_counts(&question, 1500 * STARTS_SECOND));
    assert_false(thaw_warm_counts(&question, 2594 * STARTS_SECOND));
    assert_true(thaw_warm_counts(&question, 2595 * STARTS_SECOND));
    question.from_ns = 2690 * STARTS_SECOND; /* earlier rows were removed */
    assert_int_equal(starts_of(&question), 0);
    question.span_count = 0; /* then from the first row to the last */
    question.from_ns = 0;
    assert_int_equal(starts_of(&question), 2 + 1);
}

/* --- all of it --- */

static void fill(struct thaw_stored_starts *stored)
{
    for (int i = 0; i < 24; i++) {
        struct thaw_start *start = thaw_array_add(&stored->starts);
        struct thaw_arrivals *arrivals = thaw_array_add(&stored->arrivals);

        assert_non_null(start);
        assert_non_null(arrivals);
        *start = starts_start_at(i % 5 ? "a" : "", i * 1000);
        start->identity.deployment = i < 18 ? "1" : "2"; /* too few are tested in no time */
        start->total_ns += (uint64_t)i;
        *arrivals = starts_arrivals_at("a", i * 1000);
    }
}

/* Of "a", and of one that the store has nothing of. */
static const char requests[] = "time,app,seconds\n5000,a,3\n9000,a,\n12000,a,30\n9000,b,\n";

static void memory_that_is_short_is_told(void **state)
{
    struct thaw_stored_starts stored = {0};
    struct thaw_arrivals_file arrivals = {0};
    const struct thaw_fleet_rules rules = {.file = "f", .arrivals = &arrivals};
    FILE *stream = fopen("/dev/null", "w");

    (void)state;
    if (!chaos_malloc_works())
        skip();
    fill(&stored);
    assert_int_equal(thaw_arrivals_file_parse(requests, strlen(requests), "r", &arrivals, NULL), 0);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_error error = {0};
        json_t *fleet = NULL;
        int code = thaw_fleet_build(&stored, &rules, &fleet, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_true((code == 0) == (fleet != NULL));
        json_decref(fleet);
    }
    fclose(stream);
    thaw_stored_starts_free(&stored);
    thaw_arrivals_file_free(&arrivals);
}

static void an_empty_store_is_answered(void **state)
{
    const struct thaw_stored_starts stored = {0};
    struct thaw_arrivals_file arrivals = {0};
    const struct thaw_fleet_rules rules = {.file = "f", .arrivals = &arrivals};
    FILE *stream = fopen("/dev/null", "w");
    json_t *fleet = NULL;

    (void)state;
    assert_int_equal(thaw_arrivals_file_parse("time,app", 8, "r", &arrivals, NULL), 0);
    assert_int_equal(thaw_fleet_build(&stored, &rules, &fleet, NULL), 0);
    for (const struct thaw_report_format *row = thaw_fleet_formats(); row->name; row++)
        assert_int_equal(
            row->write(fleet, &(struct thaw_report_options){.width = 80}, stream, NULL), 0);
    json_decref(fleet);
    fclose(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instances_start_where_there_are_too_few),
        cmocka_unit_test(a_gap_begins_anew),
        cmocka_unit_test(memory_that_is_short_is_told),
        cmocka_unit_test(an_empty_store_is_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
