/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "audit/notify.h"

#define NS_PER_US 1000u
#define US_PER_S 1000000u
#define STATUS_EVERY_NS UINT64_C(10000000000)

/* A path, or (@) a name in the abstract namespace. */
static int take_address(struct thaw_notify *notify, const char *text, struct thaw_error *error)
{
    size_t length = strlen(text);

    if ((*text != '/' && *text != '@') || length < 2 || length >= sizeof(notify->address.sun_path))
        return thaw_error_set(error, -EINVAL,
                              "NOTIFY_SOCKET is neither the path nor the @name of a Unix socket");
    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, text, length);
    if (*text == '@')
        notify->address.sun_path[0] = '\0';
    notify->address_bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    return 0;
}

/* WATCHDOG_PID is whose the watchdog is, where the environment was handed on. */
static uint64_t watchdog_ns(void)
{
    const char *us = getenv("WATCHDOG_USEC"), *process = getenv("WATCHDOG_PID");
    unsigned long long number = us ? strtoull(us, NULL, 10) : 0;

    if ((process && strtol(process, NULL, 10) != (long)getpid()) || number > UINT64_MAX / NS_PER_US)
        return 0;
    return number * NS_PER_US;
}

int thaw_notify_open(struct thaw_notify *notify, struct thaw_error *error)
{
    const char *address = getenv("NOTIFY_SOCKET");
    int code;

    *notify = (struct thaw_notify){.socket = -1};
    if (!address || !*address)
        return 0;
    code = take_address(notify, address, error);
    if (code)
        return code;
    notify->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (notify->socket < 0)
        return thaw_error_system(error, -errno, "opening a socket to NOTIFY_SOCKET");
    notify->watchdog_ns = watchdog_ns();
    return 0;
}

static void tell(struct thaw_notify *notify, const char *words)
{
    if (notify->socket >= 0)
        sendto(notify->socket, words, strlen(words), MSG_DONTWAIT | MSG_NOSIGNAL,
               (const struct sockaddr *)&notify->address, notify->address_bytes);
}

static void keep_status(struct thaw_notify *notify, const char *status)
{
    snprintf(notify->status, sizeof(notify->status), "%s", status);
}

void thaw_notify_ready(struct thaw_notify *notify, const char *status)
{
    char words[sizeof(notify->status) + sizeof("READY=1\nSTATUS=")];

    keep_status(notify, status);
    snprintf(words, sizeof(words), "READY=1\nSTATUS=%s", notify->status);
    tell(notify, words);
}

void thaw_notify_status(struct thaw_notify *notify, const char *status, uint64_t now_ns)
{
    char words[sizeof(notify->status) + sizeof("STATUS=")];

    if (now_ns - notify->told_ns < STATUS_EVERY_NS || !strcmp(notify->status, status))
        return;
    notify->told_ns = now_ns;
    keep_status(notify, status);
    snprintf(words, sizeof(words), "STATUS=%s", notify->status);
    tell(notify, words);
}

void thaw_notify_reloading(struct thaw_notify *notify)
{
    struct timespec now = {0};
    char words[80];

    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(words, sizeof(words), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
             (uint64_t)now.tv_sec * US_PER_S + (uint64_t)now.tv_nsec / NS_PER_US);
    tell(notify, words);
}

void thaw_notify_stopping(struct thaw_notify *notify)
{
    tell(notify, "STOPPING=1");
}

void thaw_notify_tick(struct thaw_notify *notify, uint64_t now_ns)
{
    if (!notify->watchdog_ns || now_ns - notify->pinged_ns < notify->watchdog_ns / 2)
        return;
    notify->pinged_ns = now_ns;
    tell(notify, "WATCHDOG=1");
}

void thaw_notify_close(struct thaw_notify *notify)
{
    if (notify->socket >= 0)
        close(notify->socket);
    notify->socket = -1;
}
