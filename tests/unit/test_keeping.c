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

#include "audit/keeping.h"

#define NS_PER_S 1000000000ull

/* The store is held against what a daemon asks of it: what can't be kept now is kept later, within
 * bounds, and what can never be kept is not tried for ever. */
static char folder[64], path[128];

static struct {
    int code;        /* what the start's trace, in the same transaction, comes to */
    uint32_t refuse; /* -EINVAL for this process */
    size_t told;
} also;

static int tell(void *context, const struct thaw_start *start, struct thaw_error *error)
{
    (void)context;
    also.told++;
    if (also.refuse && start->process == also.refuse)
        return thaw_error_set(error, -EINVAL, "refused");
    return also.code ? thaw_error_set(error, also.code, "no room") : 0;
}

static int begin(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/thaw-keeping-XXXXXX");
    also.code = 0;
    also.refuse = 0;
    also.told = 0;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/store", folder);
    return 0;
}

static int end(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static void open_keeping(struct thaw_keeping *keeping)
{
    const struct thaw_starts_bounds bounds = {0};
    const struct thaw_keeping_calls calls = {NULL, tell};
    struct thaw_error error = {0};

    assert_int_equal(thaw_keeping_open(keeping, path, &bounds, &calls, &error), 0);
}

static void add(struct thaw_keeping *keeping, uint32_t process)
{
    struct thaw_reduction tree = {0};
    struct thaw_start *start = thaw_array_add(&tree.starts);

    assert_non_null(start);
    start->identity =
        (struct thaw_start_identity){"app", "", "", "", "", "", "", "", "", "", "", ""};
    start->process = process;
    start->begin_unix_ns = 1000;
    start->end_unix_ns = 1000 + process;
    start->incomplete = start->ended = "";
    assert_int_equal(thaw_keeping_starts(keeping, &tree), 0);
    assert_null(tree.starts.items);
}

static size_t stored(void)
{
    const struct thaw_starts_question question = {0};
    struct thaw_stored_starts starts = {0};
    struct thaw_database *database;
    struct thaw_error error = {0};
    size_t count;

    assert_int_equal(thaw_database_open(path, false, &database, &error), 0);
    assert_int_equal(thaw_starts_read(database, &question, &starts, &error), 0);
    count = starts.starts.count;
    thaw_stored_starts_free(&starts);
    thaw_database_close(database);
    return count;
}

static void starts_and_arrivals_are_kept(void **state)
{
    const struct thaw_arrivals arrivals = {.app = "app", .from_unix_ns = 0, .requests = 2};
    struct thaw_keeping keeping;

    (void)state;
    open_keeping(&keeping);
    add(&keeping, 1);
    add(&keeping, 2);
    assert_int_equal(thaw_keeping_arrivals(&keeping, &arrivals), 0);
    assert_int_equal(thaw_keeping_commit(&keeping, NS_PER_S), 0);
    assert_string_equal(keeping.trouble.message, "");
    assert_int_equal(keeping.counts.starts, 2);
    assert_int_equal(keeping.counts.arrivals, 1);
    assert_int_equal(also.told, 2);
    assert_int_equal(keeping.trees.count, 0);
    thaw_keeping_close(&keeping);
    assert_int_equal(stored(), 2);
}

static void what_fails_is_tried_again_ever_more_seldom(void **state)
{
    struct thaw_keeping keeping;

    (void)state;
    open_keeping(&keeping);
    add(&keeping, 1);
    also.code = -ENOSPC;
    for (uint64_t now = 0, wait = NS_PER_S; now < 100 * NS_PER_S;) {
        assert_int_equal(thaw_keeping_commit(&keeping, now), 0);
        assert_string_equal(keeping.trouble.message, "no room");
        assert_int_equal(keeping.retry_at_ns, now + wait);
        now += wait;
        wait = wait * 2 < THAW_KEEPING_RETRY_MOST_NS ? wait * 2 : THAW_KEEPING_RETRY_MOST_NS;
    }
    assert_int_equal(keeping.counts.starts, 0);
    also.code = 0;
    assert_int_equal(thaw_keeping_commit(&keeping, keeping.retry_at_ns - 1), 0);
    assert_int_equal(keeping.counts.starts, 0);
    assert_int_equal(thaw_keeping_commit(&keeping, keeping.retry_at_ns), 0);
    assert_int_equal(keeping.counts.starts, 1);
    assert_int_equal(keeping.counts.starts_dropped, 0);
    assert_string_equal(keeping.trouble.message, "");
    thaw_keeping_close(&keeping);
    assert_int_equal(stored(), 1);
}

static void what_waits_is_bounded(void **state)
{
    struct thaw_keeping keeping;

    (void)state;
    open_keeping(&keeping);
    also.code = -ENOSPC;
    for (uint32_t i = 0; i < 3 * THAW_KEEPING_TREES_MOST; i++)
        add(&keeping, 1 + i);
    assert_true(keeping.trees.count <= THAW_KEEPING_TREES_MOST);
    assert_int_equal(keeping.trees.count + keeping.counts.starts_dropped,
                     3 * THAW_KEEPING_TREES_MOST);
    assert_int_equal(keeping.trees.items[keeping.trees.count - 1].starts.items[0].process,
                     3 * THAW_KEEPING_TREES_MOST);
    thaw_keeping_close(&keeping);
    assert_int_equal(keeping.counts.starts_dropped, 3 * THAW_KEEPING_TREES_MOST);
    assert_int_equal(stored(), 0);
}

static void what_is_refused_for_itself_goes_alone(void **state)
{
    struct thaw_keeping keeping;

    (void)state;
    open_keeping(&keeping);
    for (uint32_t i = 1; i <= 5; i++)
        add(&keeping, i);
    also.refuse = 3;
    assert_int_equal(thaw_keeping_commit(&keeping, 0), 0);
    assert_string_equal(keeping.trouble.message, "");
    assert_int_equal(keeping.counts.starts, 4);
    assert_int_equal(keeping.counts.starts_dropped, 1);
    thaw_keeping_close(&keeping);
    assert_int_equal(stored(), 4);
}

static void a_second_daemon_is_refused(void **state)
{
    const struct thaw_starts_bounds bounds = {0};
    const struct thaw_keeping_calls calls = {NULL, tell};
    struct thaw_keeping first, second;
    struct thaw_error error = {0};

    (void)state;
    open_keeping(&first);
    assert_int_equal(thaw_keeping_open(&second, path, &bounds, &calls, &error), -EBUSY);
    assert_null(second.database);
    thaw_keeping_close(&second);
    thaw_keeping_close(&first);
    open_keeping(&second);
    thaw_keeping_close(&second);
}

static void a_folder_that_is_not_there_is_not_made(void **state)
{
    const struct thaw_starts_bounds bounds = {0};
    const struct thaw_keeping_calls calls = {NULL, tell};
    struct thaw_keeping keeping;
    struct thaw_error error = {0};
    char elsewhere[160];

    (void)state;
    snprintf(elsewhere, sizeof(elsewhere), "%s/none/store", folder);
    assert_int_equal(thaw_keeping_open(&keeping, elsewhere, &bounds, &calls, &error), -ENOENT);
    assert_non_null(strstr(error.message, "/none: No such file or directory"));
    thaw_keeping_close(&keeping);
}

static void without_a_store_nothing_waits(void **state)
{
    const struct thaw_arrivals arrivals = {.app = "app"};
    const struct thaw_starts_bounds bounds = {0};
    const struct thaw_keeping_calls calls = {NULL, tell};
    struct thaw_keeping keeping;

    (void)state;
    assert_int_equal(thaw_keeping_open(&keeping, NULL, &bounds, &calls, NULL), 0);
    add(&keeping, 1);
    assert_int_equal(thaw_keeping_arrivals(&keeping, &arrivals), 0);
    assert_int_equal(thaw_keeping_commit(&keeping, 0), 0);
    assert_int_equal(keeping.trees.count + keeping.arrivals.count, 0);
    thaw_keeping_close(&keeping);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(starts_and_arrivals_are_kept, begin, end),
        cmocka_unit_test_setup_teardown(what_fails_is_tried_again_ever_more_seldom, begin, end),
        cmocka_unit_test_setup_teardown(what_waits_is_bounded, begin, end),
        cmocka_unit_test_setup_teardown(what_is_refused_for_itself_goes_alone, begin, end),
        cmocka_unit_test_setup_teardown(a_second_daemon_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_is_not_made, begin, end),
        cmocka_unit_test_setup_teardown(without_a_store_nothing_waits, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
