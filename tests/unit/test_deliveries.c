/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "starts_fixture.h"

static uint64_t added(struct thaw_database *database, const char *body, size_t length,
                      uint64_t most_bytes)
{
    struct thaw_error error = {0};
    uint64_t dropped = 99;

    if (thaw_deliveries_add(database, body, length, 7, most_bytes, &dropped, &error) != 0)
        fail_msg("%s", error.message);
    return dropped;
}

static void check_size(struct thaw_database *database, uint64_t count, uint64_t bytes)
{
    uint64_t found_count, found_bytes;

    assert_int_equal(thaw_deliveries_size(database, &found_count, &found_bytes, NULL), 0);
    assert_int_equal(found_count, count);
    assert_int_equal(found_bytes, bytes);
}

static struct thaw_stored_deliveries first(struct thaw_database *database, size_t most,
                                           size_t most_bytes)
{
    struct thaw_stored_deliveries deliveries = {0};
    struct thaw_error error = {0};

    if (thaw_deliveries_first(database, most, most_bytes, &deliveries, &error) != 0)
        fail_msg("%s", error.message);
    return deliveries;
}

static void they_come_in_order_and_go(void **state)
{
    const char *path = scratch_path(&history_scratch, "s");
    struct thaw_database *database = history_opened(path, true);
    struct thaw_stored_deliveries some;
    int64_t last;

    (void)state;
    check_size(database, 0, 0);
    assert_int_equal(added(database, "one", 3, 100), 0);
    assert_int_equal(added(database, "t\0o", 3, 100), 0);
    assert_int_equal(added(database, "three", 5, 100), 0);
    thaw_database_close(database); /* they outlive thaw */
    database = history_opened(path, true);
    check_size(database, 3, 11);
    some = first(database, 2, 100);
    assert_int_equal(some.items.count, 2);
    assert_string_equal(some.items.items[0].body, "one");
    assert_int_equal(some.items.items[0].unix_ns, 7);
    assert_int_equal(some.items.items[1].length, 3);
    assert_memory_equal(some.items.items[1].body, "t\0o", 4);
    last = some.items.items[1].id;
    thaw_stored_deliveries_free(&some);
    some = first(database, 9, 10); /* 11 bytes are too many */
    assert_int_equal(some.items.count, 2);
    thaw_stored_deliveries_free(&some);
    some = first(database, 9, 1); /* but one there is */
    assert_int_equal(some.items.count, 1);
    thaw_stored_deliveries_free(&some);
    assert_int_equal(thaw_deliveries_remove(database, last, NULL), 0);
    check_size(database, 1, 5);
    some = first(database, 9, 100);
    assert_int_equal(some.items.count, 1);
    assert_true(some.items.items[0].id > last);
    thaw_stored_deliveries_free(&some);
    thaw_database_close(database);
}

static void the_oldest_go_for_lack_of_room(void **state)
{
    struct thaw_database *database = history_opened(scratch_path(&history_scratch, "s"), true);
    struct thaw_stored_deliveries some;
    struct thaw_error error = {0};
    uint64_t dropped = 0;
    int64_t ever = 0;

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(added(database, "abcd", 4, 20), 0);
    assert_int_equal(added(database, "fivet", 5, 20), 2);
    check_size(database, 4, 17);
    assert_int_equal(added(database, "all of the room....!", 20, 20), 4);
    check_size(database, 1, 20);
    assert_int_equal(thaw_deliveries_add(database, "one byte more than it", 21, 7, 20, &dropped,
                                         &error),
                     -EMSGSIZE);
    check_size(database, 1, 20);
    assert_int_equal(thaw_deliveries_dropped(database, &ever, NULL), 0);
    assert_int_equal(ever, 6);
    some = first(database, 9, 100);
    assert_string_equal(some.items.items[0].body, "all of the room....!");
    thaw_stored_deliveries_free(&some);
    thaw_database_close(database);
}

static void what_was_undone_is_not_counted(void **state)
{
    struct thaw_database *database = history_opened(scratch_path(&history_scratch, "s"), true);

    (void)state;
    assert_int_equal(added(database, "kept", 4, 100), 0);
    assert_int_equal(thaw_database_begin(database, NULL), 0);
    assert_int_equal(added(database, "not", 3, 100), 0);
    assert_int_equal(thaw_deliveries_remove(database, 1, NULL), 0);
    check_size(database, 1, 3);
    assert_int_equal(thaw_database_end(database, -ECANCELED, NULL), -ECANCELED);
    check_size(database, 1, 4);
    thaw_database_close(database);
}

static void one_that_is_too_large_is_refused(void **state)
{
    const char *path = scratch_path(&history_scratch, "s");
    struct thaw_database *database = history_opened(path, true);
    char *body = calloc(1, THAW_DELIVERY_BYTES_MAX + 1);
    struct thaw_stored_deliveries some = {0};
    struct thaw_error error = {0};
    uint64_t dropped;

    (void)state;
    assert_non_null(body);
    history_check_refused(thaw_deliveries_add(database, body, THAW_DELIVERY_BYTES_MAX + 1, 0,
                                              1 << 30, &dropped, &error),
                          -EMSGSIZE, &error, path, "nothing was queued");
    assert_int_equal(added(database, body, THAW_DELIVERY_BYTES_MAX, 1 << 30), 0);
    thaw_database_close(database);
    history_run_sql(path, "INSERT INTO delivery (time_ns, body) VALUES (0, zeroblob(1000001))");
    database = history_opened(path, true);
    history_check_refused(thaw_deliveries_first(database, 9, 1 << 30, &some, &error), -EINVAL,
                          &error, path, "larger than any may be");
    thaw_stored_deliveries_free(&some);
    thaw_database_close(database);
    free(body);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, history_set_up, history_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(they_come_in_order_and_go),
        TEST(the_oldest_go_for_lack_of_room),
        TEST(what_was_undone_is_not_counted),
        TEST(one_that_is_too_large_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
