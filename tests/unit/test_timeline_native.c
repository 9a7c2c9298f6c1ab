/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "timeline_fixture.h"

#define MAPPED                                                                                     \
    "1 sampling period_ns=1000\n"                                                                  \
    "2 process.exec executable=\"/python\"\n"                                                      \
    "3 mapping path=\"/x.so\" start=4096 bytes=4096\n"

/* How many samples a module has, in all libraries. */
static uint64_t samples_of(const struct timeline_fixture *fixture, const char *name)
{
    const struct thaw_native *native = &fixture->timeline->native;
    uint32_t id = timeline_module(fixture, name, 0)->id;
    uint64_t samples = 0;

    for (size_t i = 0; i < native->library_count; i++)
        for (size_t j = 0; j < native->libraries[i].module_count; j++)
            if (native->libraries[i].modules[j].module == id)
                samples += native->libraries[i].modules[j].samples;
    return samples;
}

/* The stack pointer tells, also where an end has not been seen yet, or comes a little later. */
static void a_sample_is_the_innermost_open_modules(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, MAPPED "100 sample address=4100 stack=95\n"
                                            "110 import.begin name=\"a\" stack=90\n"
                                            "120 sample address=4100 stack=85\n"
                                            "130 import.begin name=\"b\" stack=80\n"
                                            "140 sample address=4100 stack=70\n"
                                            "141 dlopen.begin path=\"/x.so\" stack=60\n"
                                            "142 sample address=4100 stack=50\n"
                                            "143 dlopen.end stack=60\n"
                                            "150 sample address=4100 stack=85\n"
                                            "160 import.end stack=80\n"
                                            "170 sample address=4100 stack=70\n"
                                            "180 import.end stack=90\n"
                                            "190 sample address=4100 stack=70\n");
    assert_int_equal(samples_of(&fixture, "a"), 3);
    assert_int_equal(samples_of(&fixture, "b"), 2);
    assert_int_equal(fixture.timeline->native.samples, 5);
    assert_int_equal(fixture.timeline->native.outside, 2);
    /* and takes nothing away: the ends were seen */
    assert_int_equal(timeline_module(&fixture, "b", 0)->total_ns, 30);
    assert_false(timeline_module(&fixture, "b", 0)->end_inferred);
    assert_true(fixture.timeline->complete);
    timeline_fixture_free(&fixture);
}

static void strands_and_threads_are_kept_apart(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, MAPPED "110 import.begin name=\"a\" stack=90\n"
                                            "120 strand.begin strand=1 parent=0 parent_stack=90\n"
                                            "130 import.begin name=\"b\" stack=80 strand=1\n"
                                            "140 sample address=4100 stack=70 strand=1\n"
                                            "141 sample address=4100 stack=70 strand=1\n"
                                            "150 sample address=4100 stack=70\n"
                                            "155 sample address=4100 stack=70 pid=1 tid=9\n"
                                            "160 import.end stack=80 strand=1\n"
                                            "165 sample address=4100 stack=85 strand=1\n"
                                            "170 import.end stack=90\n");
    assert_int_equal(samples_of(&fixture, "b"), 2);
    assert_int_equal(samples_of(&fixture, "a"), 2); /* the second: its strand began in there */
    assert_int_equal(fixture.timeline->native.outside, 1);
    timeline_fixture_free(&fixture);
}

static void modules_are_told_by_their_ids(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    /* the second thread's is met first, and begins later */
    timeline_fixture_build(&fixture, MAPPED "110 import.begin name=\"a\" stack=90\n"
                                            "111 import.begin name=\"z\" stack=90 pid=1 tid=7\n"
                                            "112 module.init name=\"m\" stack=80 single_phase=1\n"
                                            "113 sample address=4100 stack=70\n"
                                            "114 sample address=4100 stack=70 pid=1 tid=7\n"
                                            "120 import.end stack=90 pid=1 tid=7\n"
                                            "121 import.end stack=90\n");
    assert_int_equal(samples_of(&fixture, "z"), 1);
    assert_int_equal(fixture.timeline->native.samples, 2);
    timeline_fixture_free(&fixture);
}

/* A stack may come before its sample or behind it; without the sample it says nothing. */
static void stacks_join_their_samples(void **state)
{
    static const char end[] = "900 call number=1 path=\"/python\" offset=9\n"
                              "900 call number=2 caller=1 path=\"/x.so\" offset=64\n"
                              "900 call number=3 caller=3 path=\"/x.so\" offset=65\n";
    struct timeline_fixture fixture;
    char lines[2048];

    (void)state;
    strcpy(lines, MAPPED "110 import.begin name=\"a\" stack=90\n"
                         "120 stack call=2 address=4100 end=\"complete\"\n"
                         "121 sample address=4100 stack=70\n"
                         "130 sample address=4101 stack=70\n"
                         "131 stack call=2 address=4101 end=\"truncated\"\n"
                         "132 stack call=2 address=4101 end=\"complete\"\n" /* its sample is lost */
                         "140 stack call=3 address=4999 end=\"complete\"\n"
                         "141 sample address=4102 stack=70\n"
                         "150 stack call=3 address=4103 end=\"broken\"\n"
                         "151 sample address=4103 stack=70\n"
                         "160 import.end stack=90\n");
    strcat(lines, end);
    timeline_fixture_build(&fixture, lines);
    assert_true(fixture.timeline->native.has_stacks);
    assert_int_equal(fixture.timeline->native.complete, 1);
    assert_int_equal(fixture.timeline->native.truncated, 1);
    assert_int_equal(fixture.timeline->native.broken, 1);
    assert_int_equal(fixture.timeline->native.samples, 4);
    timeline_fixture_free(&fixture);
}

static void nothing_sampled_is_nothing(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "110 import.begin name=\"a\" stack=90\n"
                                     "160 import.end stack=90\n");
    assert_int_equal(fixture.timeline->native.period_ns, 0);
    assert_int_equal(fixture.timeline->native.library_count, 0);
    timeline_fixture_free(&fixture);
}

/* More code than a process can have mapped is left out, and that is told. */
static void too_much_mapped_code_is_a_loss(void **state)
{
    struct timeline_fixture fixture;
    char *text = NULL;
    size_t length = 0;
    FILE *lines = open_memstream(&text, &length);

    (void)state;
    assert_non_null(lines);
    fputs(MAPPED "110 import.begin name=\"a\" stack=90\n", lines);
    for (uint64_t i = 0; i <= 65536; i++)
        fprintf(lines, "111 mapping path=\"//anon\" start=%" PRIu64 " bytes=4096\n",
                1048576 + i * 8192);
    fputs("120 sample address=4100 stack=70\n130 sample address=537919488 stack=70\n"
          "140 import.end stack=90\n",
          lines);
    fclose(lines);
    timeline_fixture_build(&fixture, text);
    free(text);
    assert_int_equal(fixture.timeline->native.samples, 2);
    assert_int_equal(fixture.timeline->native.unattributed, 1);
    assert_int_equal(timeline_lost(&fixture, "mappings-crowded"), 2);
    assert_false(fixture.timeline->complete);
    timeline_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_is_the_innermost_open_modules),
        cmocka_unit_test(strands_and_threads_are_kept_apart),
        cmocka_unit_test(modules_are_told_by_their_ids),
        cmocka_unit_test(stacks_join_their_samples),
        cmocka_unit_test(nothing_sampled_is_nothing),
        cmocka_unit_test(too_much_mapped_code_is_a_loss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
