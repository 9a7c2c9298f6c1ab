/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "timeline_fixture.h"

/* What a row of the timeline must be; parent NULL: none. */
struct expected {
    const char *name;
    const char *parent;
    uint64_t strand;
    uint64_t total_ns;
    uint64_t self_ns;
};

static void compare(const struct timeline_fixture *fixture, const struct expected *rows,
                    size_t count)
{
    assert_int_equal(fixture->timeline->module_count, count);
    for (size_t i = 0; i < count; i++) {
        const struct thaw_module *module = timeline_module(fixture, rows[i].name, 0);
        uint32_t parent = rows[i].parent ? timeline_module(fixture, rows[i].parent, 0)->id : 0;

        if (module->parent != parent || module->strand != rows[i].strand ||
            module->total_ns != rows[i].total_ns || module->self_ns != rows[i].self_ns)
            fail_msg("%s: parent %u, strand %d, total %d, self %d", module->name, module->parent,
                     (int)module->strand, (int)module->total_ns, (int)module->self_ns);
    }
}

#define COMPARE(fixture, rows) compare(fixture, rows, sizeof(rows) / sizeof((rows)[0]))

/* b is suspended while c and d run on a stack of their own, which e interrupts. */
static void strands_have_times_and_parents_of_their_own(void **state)
{
    static const struct expected rows[] = {
        {"a", NULL, 0, 90, 90 - 15 - 30},
        {"b", "a", 0, 15, 15},
        {"c", "a", 1, 54, 54 - 25},
        {"d", "c", 1, 25, 25},
        {"e", "a", 0, 30, 30},
    };
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a\" stack=90\n"
                                     "110 import.begin name=\"b\" stack=80\n"
                                     "120 strand.begin strand=1 parent=0 parent_stack=90\n"
                                     "121 import.begin name=\"c\" stack=85 strand=1\n"
                                     "125 import.end stack=80\n"
                                     "140 import.begin name=\"d\" stack=80 strand=1\n"
                                     "150 import.begin name=\"e\" stack=80\n"
                                     "165 import.end stack=80 strand=1\n"
                                     "175 import.end stack=85 strand=1\n"
                                     "180 import.end stack=80\n"
                                     "190 import.end stack=90\n");
    COMPARE(&fixture, rows);
    assert_int_equal(timeline_lost(&fixture, "begin-missing"), 0);
    assert_false(timeline_module(&fixture, "b", 0)->end_inferred);
    timeline_fixture_free(&fixture);
}

/* A stack pointer shows frames to be over on its own strand only. */
static void a_strand_does_not_close_anothers_frames(void **state)
{
    static const struct expected rows[] = {{"a", NULL, 0, 60, 60},
                                           {"b", "a", 1, 20, 20 - 4},
                                           {"c", NULL, 2, 5, 5}};
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a\" stack=10\n"
                                     "110 strand.begin strand=1 parent_stack=10\n"
                                     "110 import.begin name=\"b\" stack=50 strand=1\n"
                                     "112 gc.begin stack=40 strand=1\n"
                                     "114 strand.begin strand=2\n"
                                     "115 import.begin name=\"c\" stack=99 strand=2\n"
                                     "116 gc.end stack=40 strand=1\n"
                                     "120 import.end stack=99 strand=2\n"
                                     "130 import.end stack=50 strand=1\n"
                                     "160 import.end stack=10\n");
    COMPARE(&fixture, rows);
    assert_int_equal(timeline_module(&fixture, "b", 0)->gc_ns, 4);
    assert_int_equal(timeline_module(&fixture, "a", 0)->gc_ns, 0);
    timeline_fixture_free(&fixture);
}

/* The outer frame ends first: b and c go on without a, with what they had imported. */
static void frames_that_outlive_the_outer_one_are_another_strand(void **state)
{
    static const struct expected rows[] = {
        {"a", NULL, 0, 50, 50},    {"b", "a", 1, 70, 70 - 5 - 40 - 10},
        {"done", "b", 1, 5, 5},    {"c", "b", 1, 40, 40 - 3},
        {"inner", "c", 1, 3, 3},   {"d", "b", 1, 10, 10},
        {"next", NULL, 0, 20, 20},
    };
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a\" stack=90\n"
                                     "110 import.begin name=\"b\" stack=80\n"
                                     "111 import.begin name=\"done\" stack=70\n"
                                     "116 import.end stack=70\n"
                                     "120 import.begin name=\"c\" stack=70\n"
                                     "121 import.begin name=\"inner\" stack=60\n"
                                     "124 import.end stack=60\n"
                                     "150 strand.begin strand=1 parent=0 parent_stack=90 split=1\n"
                                     "150 import.end stack=90\n"
                                     "155 import.begin name=\"next\" stack=90\n"
                                     "160 import.end stack=70 strand=1\n"
                                     "165 import.begin name=\"d\" stack=75 strand=1\n"
                                     "175 import.end stack=75 strand=1\n"
                                     "175 import.end stack=90\n"
                                     "180 import.end stack=80 strand=1\n");
    COMPARE(&fixture, rows);
    assert_true(fixture.timeline->complete);
    timeline_fixture_free(&fixture);
}

/* Code that is no module goes along; what it had imported before stays with the one that ends. */
static void what_lay_between_stays_with_the_frame_that_ends(void **state)
{
    static const struct expected rows[] = {{"a", NULL, 0, 50, 50 - 5 - 4},
                                           {"early", "a", 0, 5, 5},
                                           {"late", "a", 1, 5, 5}};
    struct timeline_fixture fixture;
    const struct thaw_module *a;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a\" stack=90\n"
                                     "105 body.begin name=\"\" file=\"<string>\" stack=80 own=1\n"
                                     "110 import.begin name=\"early\" stack=70\n"
                                     "115 import.end stack=70\n"
                                     "116 gc.begin stack=70\n"
                                     "120 gc.end stack=70\n"
                                     "150 strand.begin strand=1 parent=0 parent_stack=90 split=1\n"
                                     "150 import.end stack=90\n"
                                     "155 import.begin name=\"late\" stack=70 strand=1\n"
                                     "160 import.end stack=70 strand=1\n"
                                     "165 body.end stack=80 strand=1\n");
    COMPARE(&fixture, rows);
    a = timeline_module(&fixture, "a", 0);
    assert_int_equal(a->gc_ns, 4);
    assert_true(fixture.timeline->complete);
    timeline_fixture_free(&fixture);
}

/* Inside none, of a strand that nobody knows, of itself: it hangs below nothing. */
static void strands_of_unknown_parents_hang_below_nothing(void **state)
{
    static const struct expected rows[] = {{"a", NULL, 0, 100, 100},
                                           {"b", NULL, 1, 10, 10},
                                           {"c", NULL, 2, 10, 10},
                                           {"d", NULL, 3, 10, 10},
                                           {"e", NULL, 4, 10, 10}};
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a\" stack=90\n"
                                     "110 strand.begin strand=1\n"
                                     "110 import.begin name=\"b\" stack=80 strand=1\n"
                                     "120 import.end stack=80 strand=1\n"
                                     "120 strand.begin strand=2 parent=77 parent_stack=90\n"
                                     "120 import.begin name=\"c\" stack=80 strand=2\n"
                                     "130 import.end stack=80 strand=2\n"
                                     "130 strand.begin strand=3 parent=3 parent_stack=90 split=1\n"
                                     "130 import.begin name=\"d\" stack=80 strand=3\n"
                                     "140 import.end stack=80 strand=3\n"
                                     /* its begin was lost */
                                     "140 import.begin name=\"e\" stack=80 strand=4\n"
                                     "150 import.end stack=80 strand=4\n"
                                     "200 import.end stack=90\n");
    COMPARE(&fixture, rows);
    timeline_fixture_free(&fixture);
}

/* The pointer lies above all open frames: then the strand's own begin is what is around. */
static void a_strand_of_a_strand_hangs_where_that_one_began(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a\" stack=90\n"
                                     "110 strand.begin strand=1 parent_stack=90\n"
                                     "111 strand.begin strand=2 parent=1 parent_stack=95\n"
                                     "112 import.begin name=\"b\" stack=80 strand=2\n"
                                     "120 import.end stack=80 strand=2\n"
                                     "200 import.end stack=90\n");
    assert_int_equal(timeline_module(&fixture, "b", 0)->parent,
                     timeline_module(&fixture, "a", 0)->id);
    timeline_fixture_free(&fixture);
}

static void ends_on_the_wrong_strand_end_nothing(void **state)
{
    static const struct expected rows[] = {{"a", NULL, 0, 100, 80}, {"b", "a", 0, 20, 20}};
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a\" stack=90\n"
                                     "110 import.begin name=\"b\" stack=80\n"
                                     "115 import.end stack=80 strand=1\n"
                                     "120 import.end stack=90 strand=2\n"
                                     "130 import.end stack=80\n"
                                     "200 import.end stack=90\n");
    COMPARE(&fixture, rows);
    assert_int_equal(timeline_lost(&fixture, "begin-missing"), 2);
    timeline_fixture_free(&fixture);
}

/* The system gives a thread's number again: its strand 1 is another, inside another import. */
static void a_strand_that_begins_again_is_another(void **state)
{
    static const struct expected rows[] = {{"a", NULL, 0, 100, 100},
                                           {"open", "a", 1, 40, 40},
                                           {"b", NULL, 0, 100, 100},
                                           {"c", "b", 1, 10, 10}};
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a\" stack=90\n"
                                     "110 strand.begin strand=1 parent_stack=90\n"
                                     "180 import.begin name=\"open\" stack=20 strand=1\n"
                                     "200 import.end stack=90\n"
                                     "210 import.begin name=\"b\" stack=90\n"
                                     "220 strand.begin strand=1 parent_stack=90 split=1\n"
                                     "225 import.begin name=\"c\" stack=10 strand=1\n"
                                     "235 import.end stack=10 strand=1\n"
                                     "310 import.end stack=90\n");
    COMPARE(&fixture, rows);
    assert_true(timeline_module(&fixture, "open", 0)->end_inferred);
    timeline_fixture_free(&fixture);
}

static void another_program_has_no_strands_yet(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a\" stack=90\n"
                                     "110 strand.begin strand=1 parent_stack=90\n"
                                     "120 import.begin name=\"b\" stack=80 strand=1\n"
                                     "150 process.exec executable=\"/py\"\n"
                                     "160 import.begin name=\"c\" stack=80 strand=1\n"
                                     "170 import.end stack=80 strand=1\n");
    assert_int_equal(timeline_module(&fixture, "b", 0)->status, THAW_MODULE_UNFINISHED);
    assert_int_equal(timeline_module(&fixture, "b", 0)->total_ns, 30);
    assert_int_equal(timeline_module(&fixture, "c", 0)->parent, 0);
    timeline_fixture_free(&fixture);
}

/* Records of strands, inits and lazy imports are times of the process like others. */
static void the_last_event_may_be_of_a_strand(void **state)
{
    static const char *const lines[] = {"150 strand.begin strand=1 parent_stack=90\n",
                                        "150 module.init name=\"a\" stack=80\n",
                                        "150 module.made name=\"a\" stack=80\n",
                                        "150 lazy.begin function=\"f\" stack=80\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct timeline_fixture fixture;
        char text[256];

        snprintf(text, sizeof(text), "100 import.begin name=\"a\" stack=90\n%s", lines[i]);
        timeline_fixture_build(&fixture, text);
        assert_int_equal(timeline_module(&fixture, "a", 0)->total_ns, 50);
        timeline_fixture_free(&fixture);
        timeline_fixture_build(&fixture, lines[i]);
        assert_int_equal(fixture.timeline->process_count, 1);
        timeline_fixture_free(&fixture);
    }
}

#define MOST "18446744073709551615"

/* The fixture asks whether the timeline is sound. */
static void hostile_numbers_are_survived(void **state)
{
    static const char *const lines[] = {
        "1 strand.begin strand=" MOST " parent=" MOST " parent_stack=" MOST " split=" MOST "\n"
        "2 import.begin name=\"a\" stack=" MOST " strand=" MOST "\n",
        "1 import.begin name=\"a\" stack=" MOST "\n"
        "2 strand.begin strand=1 parent_stack=" MOST " split=1\n"
        "3 import.begin name=\"b\" stack=" MOST " strand=1\n"
        "4 import.end stack=" MOST " strand=1\n",
        "1 import.begin name=\"a\" stack=5\n"
        "2 strand.begin strand=1 parent_stack=9 split=1\n" /* no frame is left behind */
        "3 import.end stack=5 strand=1\n",
        "1 import.begin name=\"a\" stack=5\n"
        "2 import.begin name=\"b\" stack=9 strand=1\n"
        "3 strand.begin strand=1 parent_stack=9 split=1\n" /* onto one that has frames */
        "4 import.end stack=5 strand=1\n"
        "5 import.end stack=9 strand=1\n",
        "1 import.begin name=\"a\" stack=5\n"
        "2 dlopen.begin path=\"/a.so\" stack=4\n"
        "3 strand.begin strand=1 parent_stack=5 split=1\n"
        "9 dlopen.end stack=4 strand=1\n"
        "9 import.end stack=5\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct timeline_fixture fixture;

        timeline_fixture_build(&fixture, lines[i]);
        assert_true(fixture.timeline->module_count > 0);
        timeline_fixture_free(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strands_have_times_and_parents_of_their_own),
        cmocka_unit_test(a_strand_does_not_close_anothers_frames),
        cmocka_unit_test(frames_that_outlive_the_outer_one_are_another_strand),
        cmocka_unit_test(what_lay_between_stays_with_the_frame_that_ends),
        cmocka_unit_test(strands_of_unknown_parents_hang_below_nothing),
        cmocka_unit_test(a_strand_of_a_strand_hangs_where_that_one_began),
        cmocka_unit_test(ends_on_the_wrong_strand_end_nothing),
        cmocka_unit_test(a_strand_that_begins_again_is_another),
        cmocka_unit_test(another_program_has_no_strands_yet),
        cmocka_unit_test(the_last_event_may_be_of_a_strand),
        cmocka_unit_test(hostile_numbers_are_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
