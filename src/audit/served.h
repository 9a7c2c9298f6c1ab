/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_SERVED_H
#define THAW_AUDIT_SERVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"

/* Processes whose start is over: their requests are looked at each second. There is room for more
 * than the kernel follows, which counts those that it does not. */
#define THAW_SERVED_MOST 20000

struct thaw_served {
    THAW_ARRAY(uint32_t) processes;
};

bool thaw_served_has(const struct thaw_served *served, uint32_t process);
int thaw_served_add(struct thaw_served *served, uint32_t process); /* 0 or -ENOMEM */
bool thaw_served_remove(struct thaw_served *served, uint32_t process);
void thaw_served_free(struct thaw_served *served);

#endif
