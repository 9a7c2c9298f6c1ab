/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RECORDING_SERVER_FIELDS_H
#define THAW_RECORDING_SERVER_FIELDS_H

/* The rows of server_events.h: a part of kinds.c, which includes it behind its macros. */

static const struct thaw_field listen_fields[] = {
    FIELD(listen, port),
    FIELD(listen, family),
};

static const struct thaw_field accept_fields[] = {
    FIELD(accept, connection), FIELD(accept, port),          FIELD(accept, family),
    FIELD(accept, local),      FIELD(accept, idle_since_ns), FIELD(accept, busy_ns),
};

static const struct thaw_field first_bytes_fields[] = {
    FIELD(first_bytes, connection),   FIELD(first_bytes, acceptor), FIELD(first_bytes, port),
    FIELD(first_bytes, outgoing),     FIELD(first_bytes, peer),     FIELD(first_bytes, encrypted),
    FIELD(first_bytes, trace_parent),
};

static const struct thaw_field host_file_fields[] = {
    FIELD(host_file, file),
};

#endif
