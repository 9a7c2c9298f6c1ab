/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_KERNEL_COUNTERS_H
#define THAW_CAPTURE_KERNEL_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/event.h"

/* What the BPF programs counted, as people are told of it. */

/* What a loss counted in the kernel is called and means. */
struct thaw_kernel_loss_text {
    const char *cause;
    const char *what;
};
const struct thaw_kernel_loss_text *thaw_kernel_loss_text(enum thaw_kernel_loss loss);

/* Does what is followed lack nothing by it? */
bool thaw_kernel_loss_is_of_strangers(enum thaw_kernel_loss loss);

/* How long the programs ran, in ns: those runs that were timed stand for all. */
uint64_t thaw_kernel_accounts_ns(const struct thaw_kernel_account accounts[THAW_PROGRAM_KINDS]);

#endif
