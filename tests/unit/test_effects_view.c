/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "report_fixture.h"
#include "report_text.h"
#include "report/writers.h"

/* What a terminal shows of effects. The fixture's modules: function_app (2) imports pandas (3),
 * which imports numpy (4). */

static void add(struct report_fixture *fixture, uint32_t module, const char *kind,
                const char *detail)
{
    struct thaw_timeline_effect *effect = &fixture->effects[fixture->timeline.effect_count++];

    fixture->timeline.effects_observed = true;
    *effect = (struct thaw_timeline_effect){
        .module = module,
        .process = fixture->modules[module - 1].process,
        .kind = kind,
        .detail = detail,
        .time_ns = report_fixture_ms(400 + fixture->timeline.effect_count),
    };
}

static struct thaw_timeline_effect *last(struct report_fixture *fixture)
{
    return &fixture->effects[fixture->timeline.effect_count - 1];
}

static char *view(const struct report_fixture *fixture)
{
    return report_fixture_write(fixture, "effects", NULL);
}

static void equal_effects_are_one_row(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    add(&fixture, 4, "thread", "");
    add(&fixture, 4, "thread", "");
    add(&fixture, 4, "sleep", "");
    last(&fixture)->duration_ns = 1500000;
    add(&fixture, 4, "sleep", "");
    last(&fixture)->duration_ns = 2500000;
    add(&fixture, 4, "bind", "[::1]:0");
    last(&fixture)->error = EADDRNOTAVAIL;
    add(&fixture, 4, "connect", "192.0.2.1:443");
    last(&fixture)->error = EINPROGRESS;
    last(&fixture)->more = true;
    text = view(&fixture);
    report_text_presentable(text, 80, false);
    report_text_line(text, "numpy \xE2\x86\x90 pandas \xE2\x86\x90 function_app");
    report_text_has(text, "  thread       2 times\n");
    report_text_has(text, "  sleep        4.0 ms, 2 times\n");
    report_text_has(text, "  bind         [::1]:0, failed: EADDRNOTAVAIL\n");
    report_text_has(text, "  connect      192.0.2.1:443, in progress, perhaps more\n");
    report_text_has(text, "Not seen\n");
    free(text);
}

static void what_a_child_did_is_told_apart(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    add(&fixture, 3, "write", "/tmp/x");
    add(&fixture, 3, "write", "/tmp/x");
    last(&fixture)->process = 1;
    text = view(&fixture);
    report_text_has(text, "  write        /tmp/x\n");
    report_text_has(text, "  write        /tmp/x (in process ");
    free(text);
}

static void long_lists_are_cut_and_it_is_said(void **state)
{
    static char details[30][16];
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    for (int i = 0; i < 30; i++) {
        snprintf(details[i], sizeof(details[i]), "/f%d", i);
        add(&fixture, 3, "write", details[i]);
    }
    text = view(&fixture);
    report_text_has(text, "/f23\n");
    report_text_lacks(text, "/f24\n");
    report_text_has(text, "and 6 more, which --json has\n");
    free(text);
}

static void none_and_not_observed_differ(void **state)
{
    struct report_fixture fixture;
    struct thaw_event *event;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.timeline.effects_observed = true;
    text = view(&fixture);
    report_text_has(text, "No module did anything but define names");
    free(text);
    fixture.timeline.effects_observed = false;
    text = view(&fixture);
    report_text_has(text, "Effects were not observed: the recording is one of importtime");
    free(text);
    event = report_fixture_event(&fixture, THAW_EVENT_PROBE);
    event->probe = (struct thaw_probe){"effects.calls", "x", "missing", "", "no rights", "effects"};
    text = view(&fixture);
    report_text_has(text, "Effects were not observed: no rights\n");
    free(text);
    fixture.timeline.module_count = 0;
    text = view(&fixture);
    report_text_has(text, "No imports were seen.\n");
    free(text);
}

static void what_lacks_is_named(void **state)
{
    struct report_fixture fixture;
    struct thaw_event *event;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.timeline.effects_observed = true;
    event = report_fixture_event(&fixture, THAW_EVENT_PROBE);
    event->probe = (struct thaw_probe){"effects.setenv", "/c", "missing", "", "no symbol", "names"};
    text = view(&fixture);
    report_text_line(text, "- names: no symbol");
    free(text);
}

static void hostile_names_do_no_harm(void **state)
{
    (void)state;
    for (const char *const *name = report_fixture_hostile; *name; name++) {
        struct report_fixture fixture;
        const char *one = *name;
        char *text;

        report_fixture_fill(&fixture);
        report_fixture_put_everywhere(&fixture, &one);
        text = view(&fixture);
        report_text_presentable(text, 80, false);
        free(text);
    }
}

static void every_allocation_may_fail(void **state)
{
    FILE *nowhere = fopen("/dev/null", "w");
    struct report_fixture fixture;
    json_t *report;

    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap, no allocation can be made to fail\n");
        fclose(nowhere);
        skip();
    }
    report_fixture_fill(&fixture);
    add(&fixture, 4, "write", "/x");
    report = report_fixture_report(&fixture);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_error error = {0};
        int code = thaw_write_effects(report, NULL, nowhere, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
    }
    json_decref(report);
    fclose(nowhere);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_effects_are_one_row),
        cmocka_unit_test(what_a_child_did_is_told_apart),
        cmocka_unit_test(long_lists_are_cut_and_it_is_said),
        cmocka_unit_test(none_and_not_observed_differ),
        cmocka_unit_test(what_lacks_is_named),
        cmocka_unit_test(hostile_names_do_no_harm),
        cmocka_unit_test(every_allocation_may_fail),
    };

    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
