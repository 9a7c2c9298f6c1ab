/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "capture/kernel_record.h"

/* What monitors do, and the marks of their guests. */

#define SESSION "00112233445566778899aabbccddeeff"

static union thaw_kernel_record record;
static struct thaw_arena arena;
static struct thaw_event event;

static int decode(size_t size)
{
    const union thaw_kernel_record *checked = thaw_kernel_record_check(&record, size);

    assert_non_null(checked);
    return thaw_kernel_record_event(checked, &arena, &event);
}

static int decode_step(unsigned what, uint64_t value)
{
    memset(&record, 0, sizeof(record));
    record.header.kind = THAW_KERNEL_VM;
    record.header.time_ns = 77;
    record.vm.what = what;
    record.vm.value = value;
    record.vm.size = 4096;
    record.vm.port = 0xe9;
    return decode(sizeof(record.vm));
}

static void steps_have_names(void **state)
{
    static const char *const names[] = {"open", "create", "memory", "vcpu", "run", "mark"};

    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(decode_step(i + 1, 5), 1);
        assert_int_equal(event.kind, THAW_EVENT_VM);
        assert_string_equal(event.vm.what, names[i]);
        assert_int_equal(event.vm.value, 5);
        assert_int_equal(event.vm.size, 4096);
        assert_int_equal(event.vm.port, 0xe9);
        assert_int_equal(event.time_ns, 77);
    }
    assert_int_equal(decode_step(0, 0), 0);
    assert_int_equal(decode_step(8, 0), 0);
    assert_int_equal(decode_step(UINT32_MAX, 0), 0);
}

static void exits_have_names(void **state)
{
    (void)state;
    assert_int_equal(decode_step(THAW_KERNEL_VM_EXIT, 5), 1);
    assert_string_equal(event.vm.what, "halt");
    assert_int_equal(event.vm.value, 0);
    assert_int_equal(decode_step(THAW_KERNEL_VM_EXIT, 24), 1);
    assert_string_equal(event.vm.what, "system-event");
    assert_int_equal(decode_step(THAW_KERNEL_VM_EXIT, 2), 0); /* KVM_EXIT_IO is only counted */
}

static int decode_line(const char *text)
{
    size_t length = strlen(text);

    memset(&record, 0, sizeof(record));
    record.header.kind = THAW_KERNEL_CONSOLE_LINE;
    record.header.time_ns = 1000;
    record.console_line.last_ns = 1100;
    record.console_line.text_bytes = (thaw_u32)length;
    assert_true(length <= sizeof(record.console_line.text));
    memcpy(record.console_line.text, text, length);
    return decode(offsetof(struct thaw_kernel_console_line, text) + length);
}

static void a_mark_is_an_id_and_an_instant(void **state)
{
    (void)state;
    assert_int_equal(decode_line(SESSION " 7276186670"), 1);
    assert_int_equal(event.kind, THAW_EVENT_GUEST_MARK);
    assert_string_equal(event.guest_mark.session, SESSION);
    assert_int_equal(event.guest_mark.guest_ns, 7276186670);
    assert_int_equal(event.guest_mark.last_ns, 1100);
    assert_int_equal(event.time_ns, 1000);
    assert_int_equal(decode_line(SESSION " 18446744073709551615"), 1);
    assert_true(event.guest_mark.guest_ns == UINT64_MAX);
}

static void other_lines_are_dropped(void **state)
{
    static const char *const lines[] = {
        "",
        "hello",
        SESSION,
        SESSION " ",
        SESSION " 12x",
        SESSION " -1",
        SESSION " 1 2",
        SESSION "  1",
        SESSION " 18446744073709551616",
        SESSION " 99999999999999999999999999",
        "0011223344556677889AABBCCDDEEFF0 1",
        "00112233445566778899aabbccddeef 1",
        SESSION "0 1",
        "0011223344556677\x1b[31m9aabbccdde 1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_int_equal(decode_line(lines[i]), 0);
}

static void a_line_does_not_lead_out_of_its_record(void **state)
{
    (void)state;
    decode_line(SESSION " 1");
    assert_null(thaw_kernel_record_check(&record, offsetof(struct thaw_kernel_console_line, text) +
                                                      sizeof(SESSION)));
    record.console_line.text_bytes = UINT32_MAX;
    assert_null(thaw_kernel_record_check(&record, sizeof(record)));
}

static int tear_down(void **state)
{
    (void)state;
    thaw_arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_have_names),
        cmocka_unit_test(exits_have_names),
        cmocka_unit_test(a_mark_is_an_id_and_an_instant),
        cmocka_unit_test(other_lines_are_dropped),
        cmocka_unit_test(a_line_does_not_lead_out_of_its_record),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down);
}
