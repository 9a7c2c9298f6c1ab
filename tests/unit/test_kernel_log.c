/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/kernel_log.h"

/* Takes records one by one, each from memory of just its size. */
static struct thaw_kernel_log take_all(const char *const *records)
{
    struct thaw_kernel_log log = {0};

    for (; *records; records++) {
        size_t length = strlen(*records);
        char *copy = malloc(length ? length : 1);

        assert_non_null(copy);
        memcpy(copy, *records, length);
        thaw_kernel_log_take(&log, copy, length);
        free(copy);
    }
    return log;
}

/* As a Firecracker guest with Linux 6.18 has them (only some of its records). */
static void guest_with_kvm_clock(void **state)
{
    static const char *const records[] = {
        "5,0,0,-;Linux version 6.18.44 #1 SMP PREEMPT_DYNAMIC @0\n",
        "6,19,0,-;Hypervisor detected: KVM\n",
        "6,21,0,-;kvm-clock: Using msrs 4b564d01 and 4b564d00\n",
        "6,22,0,-;kvm-clock: using sched offset of 61857346 cycles\n",
        "6,24,58,-;tsc: Detected 2596.096 MHz processor\n",
        "6,35,1042,-;ACPI: RSDP 0x00000000000E0000 000024 (v02 FIRECK)\n",
        "6,36,1062,-;ACPI: XSDT 0x00000000000A0E2F 00003C (v01 FIRECK FCMVXSDT 00000000)\n",
        "6,400,461757,-;Run /init as init process\n SUBSYSTEM=none\n",
        "5,431,1277377,-;random: crng reseeded due to virtual machine fork\n",
        NULL};
    struct thaw_kernel_log log = take_all(records);

    (void)state;
    assert_int_equal(log.records, 9);
    assert_int_equal(log.malformed, 0);
    assert_int_equal(log.first_sequence, 0);
    assert_string_equal(log.hypervisor, "KVM");
    assert_string_equal(log.acpi_oem, "FIRECK");
    assert_true(log.has_clock_offset);
    assert_int_equal(log.clock_offset_ns, 61857346);
    assert_int_equal(log.tsc_khz, 2596096);
    assert_false(log.tsc_refined);
    assert_int_equal(log.set_back_ns, 0);
    assert_true(log.executed_init);
    assert_int_equal(log.init_ns, 461757000);
    assert_int_equal(log.resumes, 1);
    assert_int_equal(log.resumed_ns, 1277377000);
}

/* Debian's 6.1 in QEMU: its clock begins anew when the counter is found, and there is no resume. */
static void guest_whose_clock_begins_anew(void **state)
{
    static const char *const records[] = {
        "6,14,0,-;tsc: Fast TSC calibration failed\n",
        "6,22,0,-;ACPI: RSDP 0x00000000000F59D0 000014 (v00 BOCHS )\n",
        "6,102,44000,-;tsc: using HPET reference calibration\n",
        "6,103,44000,-;tsc: Detected 2594.845 MHz processor\n",
        "6,104,332,-;tsc: Marking TSC unstable due to TSCs unsynchronized\n",
        "6,200,503067,-;smpboot: Booting Node 0 Processor 1 APIC 0x1\n",
        "6,201,0,-;calibrate_delay_direct() failed to get a good estimate for loops_per_jiffy.\n",
        "6,263,885373,-;pci 0000:00:01.0: later\n",
        "6,264,885300,-;pci 0000:00:01.1: of another CPU, out of order\n",
        "6,350,2522453,-;Run /init as init process\n",
        NULL};
    struct thaw_kernel_log log = take_all(records);

    (void)state;
    assert_string_equal(log.acpi_oem, "BOCHS");
    assert_int_equal(log.first_sequence, 14);
    assert_int_equal(log.tsc_khz, 2594845);
    assert_int_equal(log.set_back_ns, 43668000);
    assert_int_equal(log.init_ns, 2522453000 + 43668000);
    assert_false(log.has_clock_offset);
    assert_int_equal(log.resumes, 0);
}

static void better_and_later_ones_win(void **state)
{
    static const char *const records[] = {
        "6,1,10,-;tsc: Refined TSC clocksource calibration: 3392.294 MHz\n",
        "6,2,20,-;tsc: Detected 3392.000 MHz processor\n",
        "6,3,30,-;Run /init as init process\n",
        "6,4,40,-;Run /sbin/init as init process\n",
        "5,5,50,-,caller=T1;random: crng reseeded due to virtual machine fork\n",
        "5,6,60,c,caller=T1;random: crng reseeded due to virtual machine fork\n",
        NULL};
    struct thaw_kernel_log log = take_all(records);

    (void)state;
    assert_true(log.tsc_refined);
    assert_int_equal(log.tsc_khz, 3392294);
    assert_int_equal(log.init_ns, 40000);
    assert_int_equal(log.resumes, 2);
    assert_int_equal(log.resumed_ns, 60000);
}

/* Facility 1 and up: whoever may write to /dev/kmsg says so. */
static void programs_are_not_believed(void **state)
{
    static const char *const records[] = {
        "12,7,99,-;Run /init as init process\n",
        "13,8,99,-;random: crng reseeded due to virtual machine fork\n",
        "14,9,99,-;Hypervisor detected: none of yours\n", NULL};
    struct thaw_kernel_log log = take_all(records);

    (void)state;
    assert_int_equal(log.records, 3);
    assert_false(log.executed_init);
    assert_int_equal(log.resumes, 0);
    assert_string_equal(log.hypervisor, "");
}

static void what_is_no_record_is_counted(void **state)
{
    static const char *const records[] = {"",
                                          ";",
                                          "6",
                                          "6,1",
                                          "6,1,2",
                                          "6,1,2,-",
                                          "x,1,2,-;Run /init as init process",
                                          "6,1,99999999999999999999,-;Run /init as init process",
                                          "6,,2,-;Run /init as init process",
                                          NULL};
    struct thaw_kernel_log log = take_all(records);

    (void)state;
    assert_int_equal(log.malformed, 9);
    assert_int_equal(log.records, 0);
    assert_false(log.executed_init);
}

static void odd_messages_are_taken_for_what_they_are(void **state)
{
    static const char *const records[] = {
        "6,1,2,-;",
        "6,1,2,-;Run ",
        "6,1,2,-;Run me\n as init process",
        "6,1,2,-;tsc: Detected 2596.09 MHz processor",
        "6,1,2,-;tsc: Detected .096 MHz processor",
        "6,1,2,-;tsc: Detected 99999999999.096 MHz processor",
        "6,1,2,-;kvm-clock: using sched offset of ",
        "6,1,2,-;kvm-clock: using sched offset of 99999999999999999999 cycles",
        "6,1,2,-;ACPI: RSDP 0x0 000024 (v",
        "6,1,2,-;ACPI: RSDP 0x0 000024 (v02 \x01\x02)",
        "6,1,2,-;Hypervisor detected: \x1b[31mred",
        NULL};
    struct thaw_kernel_log log = take_all(records);

    (void)state;
    assert_int_equal(log.malformed, 0);
    assert_false(log.executed_init);
    assert_int_equal(log.tsc_khz, 0);
    assert_false(log.has_clock_offset);
    assert_string_equal(log.acpi_oem, "");
    assert_string_equal(log.hypervisor, "");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(guest_with_kvm_clock),
        cmocka_unit_test(guest_whose_clock_begins_anew),
        cmocka_unit_test(better_and_later_ones_win),
        cmocka_unit_test(programs_are_not_believed),
        cmocka_unit_test(what_is_no_record_is_counted),
        cmocka_unit_test(odd_messages_are_taken_for_what_they_are),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
