/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_NOTIFY_H
#define THAW_AUDIT_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "thaw/error.h"

/*
 * What systemd is told of a service of Type=notify-reload or notify (sd_notify(3)), by libsystemd,
 * which is loaded only when somebody listens. Without a listener all of this does nothing.
 */
struct thaw_notify {
    bool heard;
    uint64_t watchdog_ns; /* a ping is due within; 0 none */
    uint64_t pinged_ns;
};

/* -ENOSYS: systemd waits for word, and libsystemd is not installed. */
int thaw_notify_open(struct thaw_notify *notify, struct thaw_error *error);

void thaw_notify_ready(const struct thaw_notify *notify, const char *status);
void thaw_notify_status(const struct thaw_notify *notify, const char *status);
void thaw_notify_reloading(const struct thaw_notify *notify);
void thaw_notify_stopping(const struct thaw_notify *notify);

/* Pings the watchdog when half of its time is over; to be called some times a second. */
void thaw_notify_tick(struct thaw_notify *notify, uint64_t now_ns);

#endif
