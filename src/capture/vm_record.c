/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "capture/vm_record.h"

#define SESSION_DIGITS 32

static const char *const steps[] = {
    [THAW_KERNEL_VM_OPEN] = "open",     [THAW_KERNEL_VM_CREATE] = "create",
    [THAW_KERNEL_VM_MEMORY] = "memory", [THAW_KERNEL_VM_VCPU] = "vcpu",
    [THAW_KERNEL_VM_RUN] = "run",       [THAW_KERNEL_VM_MARK] = "mark",
};

/* KVM_EXIT_…, include/uapi/linux/kvm.h */
static const char *exit_name(uint64_t reason)
{
    switch (reason) {
    case 5:
        return "halt";
    case 8:
        return "shutdown";
    case 9:
        return "failed-entry";
    case 17:
        return "internal-error";
    case 24:
        return "system-event";
    default:
        return NULL;
    }
}

int thaw_vm_record_event(const struct thaw_kernel_vm_event *record, struct thaw_vm_event *ret)
{
    bool exits = record->what == THAW_KERNEL_VM_EXIT;

    *ret = (struct thaw_vm_event){.value = exits ? 0 : record->value,
                                  .size = record->size,
                                  .port = record->port};
    if (exits)
        ret->what = exit_name(record->value);
    else if (record->what < sizeof(steps) / sizeof(steps[0]))
        ret->what = steps[record->what];
    return ret->what != NULL;
}

/* Decimal digits alone, within 64 bits. */
static bool parse_number(const char *text, size_t length, uint64_t *ret)
{
    uint64_t number = 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(text[i] - '0'), &number))
            return false;
    }
    *ret = number;
    return length > 0;
}

int thaw_guest_mark_event(const struct thaw_kernel_console_line *record, struct thaw_arena *arena,
                          struct thaw_guest_mark *ret)
{
    size_t length = record->text_bytes;
    uint64_t guest_ns;

    if (length <= SESSION_DIGITS + 1 || record->text[SESSION_DIGITS] != ' ' ||
        !parse_number(record->text + SESSION_DIGITS + 1, length - SESSION_DIGITS - 1, &guest_ns))
        return 0;
    for (size_t i = 0; i < SESSION_DIGITS; i++) {
        if (!memchr("0123456789abcdef", record->text[i], 16))
            return 0;
    }
    ret->session = thaw_arena_text(arena, record->text, SESSION_DIGITS);
    ret->guest_ns = guest_ns;
    ret->last_ns = record->last_ns;
    return ret->session ? 1 : -ENOMEM;
}
