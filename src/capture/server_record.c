/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/server_record.h"

void thaw_server_record_event(const struct thaw_kernel_server *record, struct thaw_event *ret)
{
    if (record->header.kind == THAW_KERNEL_LISTEN) {
        ret->kind = THAW_EVENT_LISTEN;
        ret->listen = (struct thaw_listen){record->port, record->family};
    } else if (record->header.kind == THAW_KERNEL_ACCEPT) {
        ret->kind = THAW_EVENT_ACCEPT;
        ret->accept =
            (struct thaw_accept){record->connection, record->port,          record->family,
                                 record->local,      record->idle_since_ns, record->busy_ns};
    } else {
        ret->kind = THAW_EVENT_FIRST_BYTES;
        ret->first_bytes = (struct thaw_first_bytes){record->connection,
                                                     record->acceptor,
                                                     record->port,
                                                     record->outgoing,
                                                     record->peer,
                                                     record->encrypted,
                                                     ""};
    }
}

int thaw_host_file_record_event(const struct thaw_kernel_host_file *record, struct thaw_event *ret)
{
    static const char *const names[THAW_KERNEL_HOST_FILE_KINDS] = {
        [THAW_KERNEL_HOST_RESOLVER] = "libhostfxr.so",
        [THAW_KERNEL_HOST_RUNTIME_CONFIGURATION] = "*.runtimeconfig.json",
        [THAW_KERNEL_HOST_POLICY] = "libhostpolicy.so",
        [THAW_KERNEL_HOST_RUNTIME] = "libcoreclr.so",
        [THAW_KERNEL_HOST_CONFIGURATION] = "host.json",
        [THAW_KERNEL_HOST_WORKER_CONFIGURATION] = "worker.config.json",
        [THAW_KERNEL_HOST_BUNDLE] = "bundle.json",
        [THAW_KERNEL_HOST_EXTENSIONS] = "extensions.json",
    };

    if (record->what >= THAW_KERNEL_HOST_FILE_KINDS || !names[record->what])
        return 0;
    ret->kind = THAW_EVENT_HOST_FILE;
    ret->host_file.file = names[record->what];
    return 1;
}
