/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_NOTIFY_H
#define THAW_AUDIT_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

#include "thaw/error.h"

/*
 * What systemd is told of a service of Type=notify-reload or notify, by the protocol that
 * sd_notify(3) describes; without a listener all of this does nothing. Not by libsystemd: its
 * sd_notify() waits for whoever does not read, and then the daemon would stand still (seen). A word
 * that can't be sent at once is dropped: all but the latest status are said again, or once.
 */
struct thaw_notify {
    int socket; /* -1: nobody listens */
    struct sockaddr_un address;
    socklen_t address_bytes;
    uint64_t watchdog_ns; /* a ping is due within; 0 none */
    uint64_t pinged_ns;
    uint64_t told_ns; /* when the status was */
    char status[200]; /* that was told last */
};

/* -EINVAL: NOTIFY_SOCKET is no address of a Unix socket; what socket(2) fails with. To be closed in
 * either case. */
int thaw_notify_open(struct thaw_notify *notify, struct thaw_error *error);

void thaw_notify_ready(struct thaw_notify *notify, const char *status);

/* Tells a status that has changed, and not more often than every 10 s. */
void thaw_notify_status(struct thaw_notify *notify, const char *status, uint64_t now_ns);

void thaw_notify_reloading(struct thaw_notify *notify);
void thaw_notify_stopping(struct thaw_notify *notify);

/* Pings the watchdog when half of its time is over; to be called some times a second. */
void thaw_notify_tick(struct thaw_notify *notify, uint64_t now_ns);

void thaw_notify_close(struct thaw_notify *notify);

#endif
