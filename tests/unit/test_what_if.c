/* SPDX-License-Identifier: Apache-2.0 */
/* What would be if imports were deferred or modules were gone (src/analysis/what_if.c), and what
 * happens to it and to the suggestions when memory is short. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "lazy_fixture.h"
#include "thaw/what_if.h"

#define MS 1000000u
#define AT "90_000_000 "
#define SAFE_ALPHA AT LAZY_ALPHA "bound=\"alpha\" " LAZY_WORK

static struct lazy_fixture fixture;
static struct thaw_what_if_answer answer;

static int ask(const char *lazy, const char *drop)
{
    const struct thaw_what_if question = {
        .lazy = &lazy,
        .lazy_count = lazy ? 1 : 0,
        .drop = &drop,
        .drop_count = drop ? 1 : 0,
    };
    struct thaw_error error = {0};

    thaw_what_if_answer_free(&answer);
    return thaw_analysis_what_if(fixture.base.timeline, &question, &answer, &error);
}

static int open_app(void **state)
{
    (void)state;
    lazy_fixture_open(&fixture, LAZY_EFFECTS, "", SAFE_ALPHA);
    return 0;
}

static int close_app(void **state)
{
    (void)state;
    thaw_what_if_answer_free(&answer);
    lazy_fixture_close(&fixture);
    return 0;
}

static void deferred(void **state)
{
    (void)state;
    assert_int_equal(ask("alpha", NULL), 0);
    assert_int_equal(answer.saving.ns, 10 * MS);
    assert_int_equal(answer.saving.modules, 3);
    assert_int_equal(answer.vanished_count, 3);
    assert_string_equal(answer.vanished[0], "alpha");
    assert_string_equal(answer.vanished[2], "pack.sub");
    assert_false(answer.needed);
    assert_int_equal(answer.first_call_count, 1);
    assert_string_equal(answer.first_calls[0].function, "work");
    assert_int_equal(answer.first_calls[0].ns, 10 * MS);
    assert_int_equal(answer.needer_count, 0);
    assert_int_equal(answer.dropped_count, 0);
}

static void dropped(void **state)
{
    (void)state;
    assert_int_equal(ask(NULL, "common"), 0);
    assert_int_equal(answer.saving.ns, 20 * MS);
    assert_int_equal(answer.dropped_count, 1);
    assert_string_equal(answer.dropped[0], "common");
    assert_int_equal(answer.needer_count, 2);
    assert_string_equal(answer.needers[0].module, "alpha");
    assert_string_equal(answer.needers[0].needs, "common");
    assert_string_equal(answer.needers[0].file, "/site/alpha/__init__.py");
    assert_int_equal(answer.needers[0].line, 5);
    assert_false(answer.needers[0].own);
    assert_string_equal(answer.needers[1].module, "beta");
    assert_int_equal(answer.needers[1].line, 6);
    assert_int_equal(answer.first_call_count, 0);
    /* with all below it, and what only it brought */
    assert_int_equal(ask(NULL, "alpha"), 0);
    assert_int_equal(answer.saving.ns, 10 * MS);
    assert_int_equal(answer.needer_count, 1);
    assert_true(answer.needers[0].own);
    assert_string_equal(answer.needers[0].file, "/app/function_app.py");
    assert_int_equal(answer.needers[0].line, 1);
    assert_int_equal(ask(NULL, "pack"), 0);
    assert_int_equal(answer.dropped_count, 2);
    assert_int_equal(answer.saving.ns, 4 * MS);
}

/* What is deferred is not there to break; and beta's common is gone as well. */
static void both(void **state)
{
    (void)state;
    assert_int_equal(ask("beta", "alpha"), 0);
    assert_int_equal(answer.saving.ns, 45 * MS);
    assert_int_equal(answer.saving.modules, 5);
    assert_int_equal(answer.needer_count, 1);
    assert_string_equal(answer.needers[0].module, "function_app");
    assert_int_equal(ask("beta", "common"), 0);
    assert_int_equal(answer.saving.ns, (15 + 20) * MS);
    assert_int_equal(answer.needer_count, 1);
    assert_string_equal(answer.needers[0].module, "alpha");
}

static bool is_offered(const char *name)
{
    for (size_t i = 0; i < answer.offered_count; i++) {
        if (strcmp(answer.offered[i], name) == 0)
            return true;
    }
    return false;
}

static void unknown_names(void **state)
{
    (void)state;
    assert_int_equal(ask("alfa", NULL), -ENOENT);
    assert_string_equal(answer.unknown, "alfa");
    assert_true(is_offered("alpha"));
    assert_false(is_offered("common")); /* no import of the user's */
    assert_int_equal(ask("common", NULL), -ENOENT);
    assert_int_equal(ask(NULL, "comon"), -ENOENT);
    assert_string_equal(answer.unknown, "comon");
    assert_true(is_offered("common"));
    assert_int_equal(ask("alpha", "alph"), -ENOENT);
    assert_string_equal(answer.unknown, "alph");
}

static void without_edges(void **state)
{
    const char *name = "alpha";
    const struct thaw_what_if question = {.lazy = &name, .lazy_count = 1};
    struct timeline_fixture bare;
    struct thaw_error error = {0};

    (void)state;
    timeline_fixture_build(&bare, TIMELINE_WORKER "300 import.begin name=\"alpha\" stack=900\n"
                                                  "400 import.end stack=900\n");
    thaw_what_if_answer_free(&answer);
    assert_int_equal(thaw_analysis_what_if(bare.timeline, &question, &answer, &error), -ENODATA);
    thaw_what_if_answer_free(&answer);
    timeline_fixture_free(&bare);
}

static void each_allocation_may_fail(void **state)
{
    const char *lazy = "beta", *drop = "alpha";
    const struct thaw_what_if question = {&lazy, 1, &drop, 1};
    size_t failures = 0;

    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap=malloc, see chaos_malloc.h\n");
        skip();
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_what_if_answer short_one;
        int code = thaw_analysis_what_if(fixture.base.timeline, &question, &short_one, NULL);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        failures += chaos_malloc_failed();
        thaw_what_if_answer_free(&short_one);
    }
    assert_true(failures > 10);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_analysis *analysis = NULL;
        int code = thaw_analysis_build(fixture.base.timeline, &analysis, NULL);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_analysis_free(analysis);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deferred),      cmocka_unit_test(dropped),
        cmocka_unit_test(both),          cmocka_unit_test(unknown_names),
        cmocka_unit_test(without_edges), cmocka_unit_test(each_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, open_app, close_app);
}
