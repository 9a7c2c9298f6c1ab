/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_VM_RECORD_H
#define THAW_CAPTURE_VM_RECORD_H

#include "base/arena.h"
#include "thaw/event.h"
#include "thaw/recording.h"

/* Makes the stored event of what a monitor did. 1, or 0 for what is not known. */
int thaw_vm_record_event(const struct thaw_kernel_vm_event *record, struct thaw_vm_event *ret);

/*
 * The mark in a line whose bounds were checked: "ID NS", the id of a recording (32 hexadecimal
 * digits) and an instant on the guest's clock. 1, 0 for any other line, -ENOMEM.
 */
int thaw_guest_mark_event(const struct thaw_kernel_console_line *record, struct thaw_arena *arena,
                          struct thaw_guest_mark *ret);

#endif
