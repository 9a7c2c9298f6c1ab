/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <systemd/sd-daemon.h>

#include "audit/notify.h"
#include "base/late_library.h"

#define NS_PER_US 1000u
#define US_PER_S 1000000u

static struct {
    __typeof__(sd_notify) *sd_notify;
    __typeof__(sd_notifyf) *sd_notifyf;
    __typeof__(sd_watchdog_enabled) *sd_watchdog_enabled;
} library;

static int load(void)
{
    static const char *const names[] = {"sd_notify", "sd_notifyf", "sd_watchdog_enabled"};
    static struct thaw_late_library late = {
        .soname = THAW_SONAME_LIBSYSTEMD,
        .names = names,
        .functions = &library,
        .count = sizeof(names) / sizeof(names[0]),
    };

    return thaw_late_library_load(&late);
}

int thaw_notify_open(struct thaw_notify *notify, struct thaw_error *error)
{
    uint64_t watchdog_us = 0;

    *notify = (struct thaw_notify){0};
    if (!getenv("NOTIFY_SOCKET"))
        return 0;
    if (load())
        return thaw_error_set(error, -ENOSYS,
                              "systemd waits for word that thaw is ready, and %s is not installed",
                              THAW_SONAME_LIBSYSTEMD);
    notify->heard = true;
    if (library.sd_watchdog_enabled(0, &watchdog_us) > 0)
        notify->watchdog_ns = watchdog_us * NS_PER_US;
    return 0;
}

void thaw_notify_ready(const struct thaw_notify *notify, const char *status)
{
    if (notify->heard)
        library.sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void thaw_notify_status(const struct thaw_notify *notify, const char *status)
{
    if (notify->heard)
        library.sd_notifyf(0, "STATUS=%s", status);
}

void thaw_notify_reloading(const struct thaw_notify *notify)
{
    struct timespec now = {0};

    if (!notify->heard)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    library.sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
                       (uint64_t)now.tv_sec * US_PER_S + (uint64_t)now.tv_nsec / NS_PER_US);
}

void thaw_notify_stopping(const struct thaw_notify *notify)
{
    if (notify->heard)
        library.sd_notify(0, "STOPPING=1");
}

void thaw_notify_tick(struct thaw_notify *notify, uint64_t now_ns)
{
    if (!notify->watchdog_ns || now_ns - notify->pinged_ns < notify->watchdog_ns / 2)
        return;
    notify->pinged_ns = now_ns;
    library.sd_notify(0, "WATCHDOG=1");
}
