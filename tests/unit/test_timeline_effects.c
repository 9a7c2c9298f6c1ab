/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "timeline_fixture.h"

/* Which module an effect belongs to. */

#define OBSERVED "1 probe name=\"effects.calls\" status=\"attached\"\n"

/* The module's only effect; the test fails when it has none, or more. */
static const struct thaw_timeline_effect *only_effect(const struct timeline_fixture *fixture,
                                                      const char *module)
{
    const struct thaw_timeline_effect *effect;
    size_t count;

    effect = thaw_timeline_module_effects(fixture->timeline,
                                          timeline_module(fixture, module, 0)->id, &count);
    assert_int_equal(count, 1);
    return effect;
}

static void frames_that_are_over_have_no_effects(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_timeline_effect *effect;

    (void)state;
    timeline_fixture_build(&fixture, OBSERVED "10 import.begin name=\"a\" stack=90\n"
                                              "20 import.begin name=\"a.b\" stack=80\n"
                                              "30 effect what=\"listen\" stack=85\n"
                                              "40 import.end stack=90\n");
    effect = only_effect(&fixture, "a"); /* a.b's end was lost: the stack pointer is above it */
    assert_int_equal(effect->time_ns, 30);
    assert_int_equal(fixture.timeline->effect_count, 1);
    timeline_fixture_free(&fixture);
}

static void a_strand_has_its_own_modules(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, OBSERVED
                           "10 import.begin name=\"a\" stack=90\n"
                           "20 strand.begin strand=1 parent=0 parent_stack=90\n"
                           "21 import.begin name=\"b\" stack=80 strand=1\n"
                           "30 effect what=\"write\" detail=\"/a\" result=3 stack=70 strand=0\n"
                           "31 effect what=\"write\" detail=\"/b\" result=-30 stack=70 strand=1\n"
                           "40 import.end stack=80 strand=1\n"
                           "50 import.end stack=90\n");
    assert_string_equal(only_effect(&fixture, "a")->detail, "/a");
    assert_int_equal(only_effect(&fixture, "a")->error, 0);
    assert_string_equal(only_effect(&fixture, "b")->detail, "/b");
    assert_int_equal(only_effect(&fixture, "b")->error, 30);
    timeline_fixture_free(&fixture);
}

static void a_number_that_is_used_again_inherits_nothing(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, OBSERVED
                           "10 import.begin name=\"a\" stack=90\n"
                           "20 effect what=\"thread\" started=7 stack=70\n"
                           "30 import.end stack=90\n"
                           /* another thread: nobody says that it inherits */
                           "40 effect pid=1 tid=7 what=\"write\" detail=\"/x\" stack=50\n"
                           "50 process.exit\n"
                           "60 process.fork pid=1 parent=9\n"
                           "70 effect pid=1 tid=7 what=\"write\" detail=\"/y\" inherited=1\n");
    assert_string_equal(only_effect(&fixture, "a")->kind, "thread");
    assert_int_equal(fixture.timeline->effect_count, 1);
    timeline_fixture_free(&fixture);
}

static void a_child_has_modules_of_its_own(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_timeline_effect *effects;
    size_t count;

    (void)state;
    timeline_fixture_build(
        &fixture,
        OBSERVED "10 import.begin name=\"a\" stack=90\n"
                 "20 process.fork pid=2 tid=2 parent=1\n"
                 "20 effect what=\"process\" started=2 stack=70\n"
                 "21 process.exec pid=2 tid=2 executable=\"/py\"\n"
                 "22 effect pid=2 tid=2 what=\"write\" detail=\"/early\" stack=70 inherited=1\n"
                 "23 import.begin pid=2 tid=2 name=\"site\" stack=60\n"
                 "24 effect pid=2 tid=2 what=\"write\" detail=\"/site\" stack=50 inherited=1\n"
                 "25 import.end pid=2 tid=2 stack=60\n"
                 "30 import.end stack=90\n");
    effects = thaw_timeline_module_effects(fixture.timeline, timeline_module(&fixture, "a", 0)->id,
                                           &count);
    assert_int_equal(count, 2);
    assert_string_equal(effects[0].detail, "/py"); /* known when it was executed */
    assert_string_equal(effects[1].detail, "/early");
    assert_int_equal(effects[1].process, timeline_process(&fixture, 2, 0)->id);
    assert_string_equal(only_effect(&fixture, "site")->detail, "/site");
    timeline_fixture_free(&fixture);
}

static void bytecode_is_known_by_its_name(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, OBSERVED
                           "10 import.begin name=\"a\" stack=90\n"
                           "11 effect what=\"mkdir\" detail=\"__pycache__\" stack=70\n"
                           "12 effect what=\"write\" detail=\"a.cpython-311.pyc.1\" stack=70\n"
                           "13 effect what=\"rename\" detail=\"a.pyc.1 -> a.pyc\" stack=70\n"
                           "14 effect what=\"remove\" detail=\"/x/a.pyc.99\" stack=70\n"
                           "15 effect what=\"rename\" detail=\"a.txt -> a.pyc.1\" stack=70\n"
                           "16 import.end stack=90\n"
                           "20 import.begin name=\"b\" stack=90\n"
                           "21 effect what=\"write\" detail=\".pyc\" stack=70\n"
                           "22 import.end stack=90\n");
    assert_string_equal(only_effect(&fixture, "a")->detail, "a.txt -> a.pyc.1");
    assert_string_equal(only_effect(&fixture, "b")->detail, ".pyc");
    timeline_fixture_free(&fixture);
}

static void without_the_probe_nothing_was_observed(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "1 probe name=\"effects.calls\" status=\"missing\"\n"
                                     "10 import.begin name=\"a\" stack=90\n"
                                     "20 effect what=\"thread\" started=7 stack=70\n"
                                     "30 import.end stack=90\n");
    assert_false(fixture.timeline->effects_observed);
    assert_int_equal(fixture.timeline->effect_count, 0);
    timeline_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_that_are_over_have_no_effects),
        cmocka_unit_test(a_strand_has_its_own_modules),
        cmocka_unit_test(a_number_that_is_used_again_inherits_nothing),
        cmocka_unit_test(a_child_has_modules_of_its_own),
        cmocka_unit_test(bytecode_is_known_by_its_name),
        cmocka_unit_test(without_the_probe_nothing_was_observed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
