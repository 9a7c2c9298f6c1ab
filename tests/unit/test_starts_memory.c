/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "start_feed.h"

/* Each allocation fails in turn: an event, or a start, is lost and said to be; all else goes on. */

static int take_over(void *context, const struct thaw_start_events *tree, struct thaw_error *error)
{
    struct thaw_reduction reduction;
    int code = thaw_reduce(tree, &(struct thaw_reduction_rules){.imports = 10}, &reduction, error);

    *(size_t *)context += reduction.starts.count;
    thaw_reduction_free(&reduction);
    return code;
}

static void pass(void *context, uint32_t process)
{
    (void)context;
    (void)process;
}

/* The first failure; what comes behind it is taken all the same. */
static int take_all(struct thaw_starts *starts, const struct thaw_recording *recording,
                    struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 1; i + 1 < recording->count; i++) {
        int taken = thaw_starts_take(starts, &recording->events[i], code ? NULL : error);

        code = code ? code : taken;
    }
    return code;
}

static void each_in_turn(const char *name, enum chaos_malloc_mode mode)
{
    struct thaw_recording *recording = start_feed_golden(name);

    for (chaos_malloc_begin(mode); chaos_malloc_more();) {
        size_t told = 0;
        struct thaw_starts_calls calls = {&told, take_over, pass, pass};
        struct thaw_error error = {0};
        struct thaw_starts *starts = NULL;
        struct thaw_starts_state counts = {0};
        int code = thaw_starts_open(THAW_STARTS_OF_ALL, &thaw_starts_usual_limits, &calls, &starts,
                                    &error);

        if (!code)
            code = take_all(starts, recording, &error);
        if (!code)
            code = thaw_starts_finish(starts, "thaw ended", &error);
        chaos_malloc_pause();
        assert_true(code == 0 || (chaos_malloc_failed() && code == -ENOMEM));
        assert_int_equal(error.code, code);
        if (starts) {
            thaw_starts_finish(starts, "thaw ended", NULL);
            thaw_starts_state(starts, &counts);
            assert_int_equal(counts.open, 0);
            assert_int_equal(counts.bytes, 0);
        }
        assert_true(code || told > 0);
        thaw_starts_free(starts);
    }
    thaw_recording_free(recording);
}

static void of_workers(void **state)
{
    (void)state;
    assert_true(chaos_malloc_works());
    each_in_turn("two-workers", CHAOS_ONE);
    each_in_turn("placeholder", CHAOS_ALL);
}

static void of_servers(void **state)
{
    (void)state;
    each_in_turn("server-prefork", CHAOS_ONE);
}

static void of_programs(void **state)
{
    (void)state;
    each_in_turn("plain-script", CHAOS_ONE);
    each_in_turn("lazy-imports", CHAOS_ALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_workers),
        cmocka_unit_test(of_servers),
        cmocka_unit_test(of_programs),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
