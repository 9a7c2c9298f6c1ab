/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "export/delivery.h"
#include "otlp_fixture.h"
#include "scratch.h"
#include "store/deliveries.h"

/* Delivery where nobody listens, and where memory is short; Collectors that misbehave are in
 * tests/live/test_delivery.py. */
#define S 1000000000ull

static struct scratch scratch;
static struct thaw_database *database;

static int set_up(void **state)
{
    struct thaw_error error;

    (void)state;
    scratch_make(&scratch);
    return thaw_database_open(scratch_path(&scratch, "store"), true, &database, &error);
}

static int tear_down(void **state)
{
    (void)state;
    thaw_database_close(database);
    scratch_remove(&scratch);
    return 0;
}

static struct thaw_delivery_settings nowhere(void)
{
    static const char *const headers[] = {"api-key: secret", NULL};
    struct thaw_delivery_settings settings = thaw_delivery_usual;

    settings.url = "http://127.0.0.1:1"; /* tcpmux: nobody has it */
    settings.headers = headers;
    settings.linger_ns = 0;
    return settings;
}

static void settings_are_looked_at(void **state)
{
    struct thaw_delivery_settings settings[6];
    struct thaw_delivery *delivery = NULL;

    (void)state;
    for (size_t i = 0; i < 6; i++)
        settings[i] = nowhere();
    settings[0].url = "gopher://127.0.0.1";
    settings[1].url = "";
    settings[2].batch = 0;
    settings[3].queue_bytes = 0;
    settings[4].backoff_least_ns = 0;
    settings[5].backoff_most_ns = 1;
    for (size_t i = 0; i < 6; i++) {
        struct thaw_error error = {0};

        assert_int_equal(thaw_delivery_open(database, &settings[i], &delivery, &error), -EINVAL);
        assert_true(*error.message);
        assert_null(delivery);
    }
    thaw_delivery_close(NULL);
}

/* One request that fails, whatever memory there is. */
static int deliver(struct thaw_delivery_state *ret, struct thaw_error *error)
{
    struct thaw_start start = otlp_fixture_start();
    struct thaw_delivery_settings settings = nowhere();
    struct thaw_delivery *delivery = NULL;
    struct thaw_otlp_body body = {0};
    int code = thaw_otlp_start(&start, &otlp_fixture_resource, 0, &body, error);

    if (!code)
        code = thaw_delivery_open(database, &settings, &delivery, error);
    if (!code)
        code = thaw_delivery_trace(delivery, body.text, body.length, 1, error);
    if (!code)
        code = thaw_delivery_metrics(delivery, "{}", 2, error);
    do {
        if (!code)
            code = thaw_delivery_step(delivery, 5 * S, error);
        if (!code)
            thaw_delivery_state(delivery, ret);
    } while (!code && ret->busy);
    if (!code)
        code = thaw_delivery_change(delivery, &settings, error);
    thaw_delivery_close(delivery);
    thaw_otlp_body_free(&body);
    return code;
}

static void nobody_listens(void **state)
{
    struct thaw_delivery_state told = {0};
    struct thaw_error error = {0};

    (void)state;
    assert_int_equal(deliver(&told, &error), 0);
    assert_int_equal(told.queued, 1);
    assert_int_equal(told.requests, 1);
    assert_int_equal(told.retried, 1);
    assert_int_equal(told.delivered + told.dropped + told.refused, 0);
    assert_int_equal(told.failing_since_ns, 5 * S);
    assert_string_equal(told.last_error, "no connection to the Collector: Connection refused");
    assert_int_equal(thaw_deliveries_remove(database, INT64_MAX, &error), 0);
}

static void memory_is_short(void **state)
{
    struct thaw_delivery_state told = {0};
    struct thaw_error error = {0};

    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        int code = deliver(&told, &error);

        chaos_malloc_pause();
        if (code)
            assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_int_equal(thaw_deliveries_remove(database, INT64_MAX, &error), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_looked_at),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(memory_is_short),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
