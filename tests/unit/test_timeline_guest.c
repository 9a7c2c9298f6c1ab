/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "timeline_fixture.h"

/*
 * A guest's recording under its host's. The guest's clock began at 1000 of the host's: a mark that
 * was read at g inside was written out from 1000 + g on, and had been before the guest saw it gone.
 */
#define GUEST_BEGIN "1 session.begin session=\"g\" command=[\"py\"]\n"
#define GUEST_END                                                                                  \
    "100 process.fork pid=5 tid=5 parent=1\n"                                                      \
    "110 process.exec pid=5 tid=5 executable=\"/py\"\n"                                            \
    "110 interpreter pid=5 tid=5 executable=\"/py\" version=\"3.11.2\" coverage=\"from start\"\n"  \
    "120 import.begin pid=5 tid=5 name=\"site\" stack=90\n"                                        \
    "130 import.end pid=5 tid=5 stack=90\n"                                                        \
    "140 body.begin pid=5 tid=5 name=\"__main__\" file=\"/a.py\" stack=99 own=1\n"                 \
    "150 process.exit pid=5 tid=5\n"                                                               \
    "900 session.end reason=\"exit\"\n"
#define HOST_BEGIN                                                                                 \
    "1 session.begin session=\"h\" command=[\"qemu\"]\n"                                           \
    "500 process.fork pid=3 tid=3 parent=1\n"                                                      \
    "600 process.exec pid=3 tid=3 executable=\"/qemu\"\n"
#define HOST_END                                                                                   \
    "3000 process.exit pid=3 tid=3\n"                                                              \
    "3100 session.end reason=\"exit\"\n"
#define MARK(time, guest, last)                                                                    \
#time " guest.mark pid=3 tid=4 session=\"g\" guest_ns=" #guest " last_ns=" #last "\n"

static struct timeline_fixture host, guest;

static int lay(const char *host_lines, const char *guest_lines, struct thaw_error *error)
{
    timeline_fixture_build(&host, host_lines);
    timeline_fixture_build(&guest, guest_lines);
    return thaw_timeline_lay_guest(host.timeline, guest.timeline, error);
}

static const struct thaw_guest *laid(const char *host_lines, const char *guest_lines)
{
    struct thaw_error error = {0};

    if (lay(host_lines, guest_lines, &error))
        fail_msg("%s", error.message);
    assert_int_equal(host.timeline->virtual_machine_count, 1);
    timeline_assert_sound(host.timeline);
    assert_ptr_equal(host.timeline->virtual_machines[0].guest->timeline, guest.timeline);
    return host.timeline->virtual_machines[0].guest;
}

static int tear_down(void **state)
{
    (void)state;
    timeline_fixture_free(&host);
    timeline_fixture_free(&guest);
    return 0;
}

static void a_mark_bounds_the_offset_from_both_sides(void **state)
{
    const struct thaw_guest *found =
        laid(HOST_BEGIN MARK(1052, 50, 1070) HOST_END,
             GUEST_BEGIN "50 console.mark device=\"/dev/ttyS0\" drained_ns=80\n" GUEST_END);

    (void)state;
    /* at most 1052 - 50, at least 1070 - 80 */
    assert_true(found->bounded);
    assert_int_equal(found->offset_ns, 996);
    assert_int_equal(found->uncertainty_ns, 7);
    assert_int_equal(found->marks, 1);
    assert_false(found->drift_known);
    assert_false(found->drifts);
}

static void several_marks_tighten_it(void **state)
{
    const struct thaw_guest *found =
        laid(HOST_BEGIN MARK(1052, 50, 1070) MARK(1085, 81, 1099) HOST_END,
             GUEST_BEGIN "50 console.mark drained_ns=80\n"
                         "81 console.mark drained_ns=100\n" GUEST_END);

    (void)state;
    /* 990..1002 and 999..1004 */
    assert_int_equal(found->offset_ns, 1000);
    assert_int_equal(found->uncertainty_ns, 2);
    assert_int_equal(found->marks, 2);
    assert_true(found->drift_known);
    assert_false(found->drifts);
    assert_true(found->drift_ppm - found->drift_uncertainty_ppm <= 0);
    assert_true(found->drift_ppm + found->drift_uncertainty_ppm >= 0);
}

static void drift_is_said_and_covered(void **state)
{
    /* At 50 it is 1000 ± 1, at 250 it is 1010 ± 1: 40,000 to 60,000 ppm. */
    const struct thaw_guest *found =
        laid(HOST_BEGIN MARK(1051, 50, 1059) MARK(1261, 250, 1269) HOST_END,
             GUEST_BEGIN "50 console.mark drained_ns=60\n"
                         "250 console.mark drained_ns=260\n" GUEST_END);

    (void)state;
    assert_true(found->drifts);
    assert_true(found->drift_known);
    assert_true(found->drift_ppm > 49999 && found->drift_ppm < 50001);
    assert_true(found->drift_uncertainty_ppm > 9999 && found->drift_uncertainty_ppm < 10001);
    /* 999..1011 */
    assert_int_equal(found->offset_ns, 1005);
    assert_int_equal(found->uncertainty_ns, 7);
}

static void without_the_end_of_a_mark_there_is_only_a_most(void **state)
{
    const struct thaw_guest *found =
        laid(HOST_BEGIN MARK(1052, 50, 1070) HOST_END, GUEST_BEGIN "50 console.mark\n" GUEST_END);

    (void)state;
    assert_false(found->bounded);
    assert_int_equal(found->offset_ns, 1002);
    assert_false(found->drift_known);
}

static void marks_that_contradict_themselves_are_counted(void **state)
{
    const struct thaw_guest *found =
        laid(HOST_BEGIN MARK(1040, 30, 1070) MARK(1052, 50, 1070) HOST_END,
             GUEST_BEGIN "30 console.mark drained_ns=40\n"
                         "50 console.mark drained_ns=80\n" GUEST_END);

    (void)state;
    assert_int_equal(found->contradicting, 1);
    assert_int_equal(found->marks, 1);
    assert_int_equal(found->offset_ns, 996);
}

static void everything_moves_to_the_hosts_clock(void **state)
{
    const struct thaw_timeline_process *process;
    const struct thaw_phase *phase;

    (void)state;
    laid(HOST_BEGIN MARK(1050, 50, 1070) HOST_END,
         GUEST_BEGIN "50 console.mark drained_ns=70\n" GUEST_END);
    process = timeline_process(&guest, 5, 0);
    assert_int_equal(process->start_ns, 1100);
    assert_int_equal(process->execs[0], 1110);
    assert_int_equal(process->end_ns, 1150);
    assert_int_equal(guest.timeline->track_count, 1);
    phase = timeline_phase(&guest.timeline->tracks[0], "worker", 0);
    assert_int_equal(phase->start_ns, 1110);
    assert_int_equal(phase->end_ns, 1140);
    timeline_assert_sound(guest.timeline);
    /* and only once */
    assert_int_equal(thaw_timeline_lay_guest(host.timeline, guest.timeline, NULL), -EINVAL);
}

static void the_monitor_is_cut_where_the_clock_began(void **state)
{
    const struct thaw_virtual_machine *machine;

    (void)state;
    laid(HOST_BEGIN MARK(1050, 50, 1070) HOST_END,
         GUEST_BEGIN "50 console.mark drained_ns=70\n" GUEST_END);
    machine = &host.timeline->virtual_machines[0];
    assert_false(machine->kvm);
    assert_int_equal(machine->phase_count, 2);
    assert_string_equal(machine->phases[0].name, "start");
    assert_int_equal(machine->phases[0].start_ns, 600);
    assert_int_equal(machine->phases[0].end_ns, 1000);
    assert_int_equal(machine->phases[0].confidence, THAW_DERIVED);
    assert_string_equal(machine->phases[1].name, "guest");
    assert_int_equal(machine->phases[1].end_ns, 3000);
    assert_int_equal(machine->unattributed_ns, 0);
    assert_string_equal(timeline_process(&host, 3, 0)->role, "monitor");
}

/* `qemu | tee log`: both write the line. */
static void a_copy_of_the_console_is_no_monitor(void **state)
{
    (void)state;
    laid(HOST_BEGIN "700 process.fork pid=9 tid=9 parent=1\n" MARK(
             1050, 50,
             1070) "1080 guest.mark pid=9 tid=9 session=\"g\" guest_ns=50 last_ns=1081\n" HOST_END,
         GUEST_BEGIN "50 console.mark drained_ns=70\n" GUEST_END);
    assert_string_equal(timeline_process(&host, 9, 0)->role, "process");
    assert_int_equal(host.timeline->virtual_machines[0].guest->marks, 1);
}

static void another_guests_recording_is_refused(void **state)
{
    struct thaw_error error = {0};

    (void)state;
    assert_int_equal(lay(HOST_BEGIN MARK(1050, 50, 1070) HOST_END,
                         "1 session.begin session=\"other\"\n" GUEST_END, &error),
                     -ENOENT);
    assert_non_null(strstr(error.message, "marks of other recordings only"));
    assert_null(host.timeline->virtual_machines[0].guest);
    tear_down(NULL);
    assert_int_equal(lay(HOST_BEGIN HOST_END, GUEST_BEGIN GUEST_END, &error), -ENOENT);
    assert_non_null(strstr(error.message, "--mark-console"));
    tear_down(NULL);
    assert_int_equal(lay(HOST_BEGIN HOST_END, GUEST_END, &error), -ENOENT);
    assert_non_null(strstr(error.message, "older thaw"));
}

static void clocks_far_apart_do_no_harm(void **state)
{
    struct thaw_error error = {0};

    (void)state;
    assert_int_equal(lay(HOST_BEGIN MARK(1050, 18446744073709551615, 1070) HOST_END,
                         GUEST_BEGIN GUEST_END, &error),
                     -ENOENT);
    tear_down(NULL);
    /* The guest's clock is ahead: what was before the host's began is put at its begin. */
    assert_int_equal(laid(HOST_BEGIN MARK(1050, 1150, 1070) HOST_END,
                          GUEST_BEGIN GUEST_END "1150 console.mark drained_ns=1170\n")
                         ->offset_ns,
                     -100);
    assert_int_equal(timeline_process(&guest, 5, 0)->start_ns, 0);
    assert_int_equal(timeline_process(&guest, 5, 0)->execs[0], 10);
    assert_int_equal(host.timeline->virtual_machines[0].phase_count, 0);
}

static void short_memory_is_said(void **state)
{
    size_t failures = 0;

    (void)state;
    if (!chaos_malloc_works())
        skip();
    timeline_fixture_build(&host, HOST_BEGIN MARK(1050, 50, 1070) HOST_END);
    timeline_fixture_build(&guest, GUEST_BEGIN "50 console.mark drained_ns=70\n" GUEST_END);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_error error = {0};
        int code = thaw_timeline_lay_guest(host.timeline, guest.timeline, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_int_equal(error.code, code);
        assert_int_equal(guest.timeline->shifted, code == 0);
        failures += chaos_malloc_failed();
    }
    assert_true(failures > 0);
    assert_int_equal(timeline_process(&guest, 5, 0)->start_ns, 1100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_mark_bounds_the_offset_from_both_sides, tear_down),
        cmocka_unit_test_teardown(several_marks_tighten_it, tear_down),
        cmocka_unit_test_teardown(drift_is_said_and_covered, tear_down),
        cmocka_unit_test_teardown(without_the_end_of_a_mark_there_is_only_a_most, tear_down),
        cmocka_unit_test_teardown(marks_that_contradict_themselves_are_counted, tear_down),
        cmocka_unit_test_teardown(everything_moves_to_the_hosts_clock, tear_down),
        cmocka_unit_test_teardown(the_monitor_is_cut_where_the_clock_began, tear_down),
        cmocka_unit_test_teardown(a_copy_of_the_console_is_no_monitor, tear_down),
        cmocka_unit_test_teardown(another_guests_recording_is_refused, tear_down),
        cmocka_unit_test_teardown(clocks_far_apart_do_no_harm, tear_down),
        cmocka_unit_test_teardown(short_memory_is_said, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
