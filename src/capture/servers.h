/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_SERVERS_H
#define THAW_CAPTURE_SERVERS_H

#include <stdbool.h>

#include "capture/coverage.h"
#include "capture/record.h"
#include "thaw/event.h"

/* Has a Python server that belongs to no platform replied? Then the recording may end. */
struct thaw_servers {
    const struct thaw_coverage *coverage; /* knows what is Python */
    enum thaw_until until;
    bool platform; /* a platform's worker was recognised: its replies are the ones that count */
    bool answered;
};

/*
 * Takes note of first bytes, as the kernel told of them. A reply counts when it goes to somebody
 * outside the recorded tree: who records a test run with its own clients wants it whole. When the
 * end was asked for (until), one to another recorded process counts, too.
 */
void thaw_servers_take(struct thaw_servers *servers, const struct thaw_kernel_server *record);

#endif
