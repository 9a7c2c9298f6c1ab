/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause OR Apache-2.0 */
#ifndef THAW_OPENINGS_H
#define THAW_OPENINGS_H

#include "thaw/event.h"

/* Which connections the kernel side follows; filled once, before anything is observed. */

/* Bytes of a send that are compared with how platforms' connections begin. */
#define THAW_KERNEL_OPENING_BYTES 24
#define THAW_KERNEL_OPENINGS 8

/* How a connection of a platform begins: what its first bytes are where mask has bits. */
struct thaw_kernel_opening {
    thaw_u64 bytes[THAW_KERNEL_OPENING_BYTES / 8];
    thaw_u64 mask[THAW_KERNEL_OPENING_BYTES / 8];
};

/* All of them: the one value of the map `openings`. */
struct thaw_kernel_openings {
    thaw_u64 count;
    struct thaw_kernel_opening items[THAW_KERNEL_OPENINGS];
};

#endif
