/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/servers.h"

void thaw_servers_take(struct thaw_servers *servers, const struct thaw_kernel_server *record)
{
    bool outside = !record->peer;
    bool wanted = servers->until == THAW_UNTIL_FIRST_REPLY && record->peer != record->acceptor;

    if (record->header.kind == THAW_KERNEL_FIRST_BYTES && record->outgoing && !servers->platform &&
        (outside || wanted) && thaw_coverage_is_python(servers->coverage, record->acceptor))
        servers->answered = true;
}
