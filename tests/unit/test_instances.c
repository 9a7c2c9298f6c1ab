/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "capture/instances.h"

static uint64_t number_of(struct thaw_instances *instances, const char *id)
{
    struct thaw_wire_text text = {id, (uint32_t)strlen(id)};

    return thaw_instances_number(instances, text);
}

static void numbers_in_the_order_of_first_sight(void **state)
{
    struct thaw_instances instances = {0};

    (void)state;
    assert_int_equal(number_of(&instances, "b"), 1);
    assert_int_equal(number_of(&instances, "a"), 2);
    assert_int_equal(number_of(&instances, "bb"), 3);
    assert_int_equal(number_of(&instances, "b"), 1);
    assert_int_equal(number_of(&instances, ""), 0);
    thaw_instances_free(&instances);
}

/* Whoever makes up ids without end costs a count, not memory. */
static void a_flood_is_bounded(void **state)
{
    struct thaw_instances instances = {0};
    char id[16];

    (void)state;
    for (unsigned i = 0; i < 66000; i++) {
        snprintf(id, sizeof(id), "%u", i);
        assert_int_equal(number_of(&instances, id), i < 65536 ? i + 1 : 0);
    }
    assert_int_equal(instances.not_followed, 66000 - 65536);
    assert_int_equal(number_of(&instances, "7"), 8);
    thaw_instances_free(&instances);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_in_the_order_of_first_sight),
        cmocka_unit_test(a_flood_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
