/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "report_fixture.h"
#include "report_text.h"

/* Two workers of the fixture's host. */
struct workers {
    struct report_fixture fixture;
    struct thaw_host_load host;
    struct thaw_worker_load workers[2];
};

static void fill(struct workers *of)
{
    static const struct thaw_load one = {
        .invocations = 8,
        .most_in_flight = 8,
        .busy_ns = 800000000,
        .in_flight_ns = 4000000000,
        .most_running = 2,
        .running_ns = 1600000000,
        .waited = 6,
        .waited_ns = 2400000000,
        .waited_longest_ns = 600000000,
        .saturated_ns = 600000000,
    };

    report_fixture_fill(&of->fixture);
    of->fixture.timeline.host_loads = &of->host;
    of->fixture.timeline.host_load_count = 1;
    of->host = (struct thaw_host_load){.host = 1,
                                       .workers = of->workers,
                                       .worker_count = 2,
                                       .serving = 2,
                                       .load = one,
                                       .further_imports_ns = 157000000,
                                       .further_known = true};
    of->host.capacity = (struct thaw_capacity){.status = THAW_CAPACITY_DERIVED,
                                               .at_once = 2,
                                               .reason = "",
                                               .compared = 14,
                                               .waited = 12,
                                               .spread = 0.0123,
                                               .spread_unlimited = 2.005};
    of->workers[0] = (struct thaw_worker_load){.process = 2, .track = 1, .load = one};
    of->workers[1] =
        (struct thaw_worker_load){.process = 2, .track = 1, .further = true, .load = one};
}

static void what_is_derived_is_said_with_what_speaks_for_it(void **state)
{
    struct workers of;
    char *text;

    (void)state;
    fill(&of);
    text = report_text_summary(&of.fixture);
    report_text_presentable(text, 80, false);
    report_text_has(text, "What ran at once\n");
    report_text_has(text, "  2.00       6  600.0 ms     75.0 %\n");
    report_text_has(text, "- each worker ran 2 at once (4 in all), derived from 14");
    report_text_has(text, "differ by 1.2 %;");
    report_text_has(text, "- repeating the imports took 157.0 ms in 1 further worker\n");
    free(text);
    of.host.further_cpu_known = true;
    of.host.further_imports_cpu_ns = 137000000;
    text = report_text_summary(&of.fixture);
    report_text_has(text, "in 1 further worker, on the CPU 137.0 ms\n");
    free(text);
}

static void what_is_not_known_is_not_a_number(void **state)
{
    struct workers of;
    char *text;

    (void)state;
    fill(&of);
    of.host.capacity = (struct thaw_capacity){.reason = "too few invocations waited"};
    text = report_text_summary(&of.fixture);
    report_text_has(text, "  ?     ?       ?        ?          ?\n");
    report_text_has(text, "- how many ran at once can't be derived: too few invocations waited\n");
    free(text);
    of.host.capacity =
        (struct thaw_capacity){.status = THAW_CAPACITY_AT_LEAST, .at_once = 8, .reason = ""};
    text = report_text_summary(&of.fixture);
    report_text_has(text, "- no call waited, as far as can be derived: a worker runs 8 or more");
    free(text);
}

static void one_invocation_is_nothing_at_once(void **state)
{
    struct workers of;
    char *text;

    (void)state;
    fill(&of);
    of.host.load.invocations = 1;
    text = report_text_summary(&of.fixture);
    report_text_lacks(text, "What ran at once");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_derived_is_said_with_what_speaks_for_it),
        cmocka_unit_test(what_is_not_known_is_not_a_number),
        cmocka_unit_test(one_invocation_is_nothing_at_once),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
