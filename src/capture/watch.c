/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/watch.h"

#define NS_PER_MS 1000000u

int thaw_watch_signals(struct thaw_error *error)
{
    sigset_t set;
    int descriptor;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor < 0 || sigprocmask(SIG_BLOCK, &set, NULL)) {
        int code = -errno;

        if (descriptor >= 0)
            close(descriptor);
        return thaw_error_system(error, code, "preparing to read signals");
    }
    return descriptor;
}

static bool interrupted(int signals)
{
    struct signalfd_siginfo info;

    return read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info);
}

/* Milliseconds to wait: a tick, or less when the deadline is nearer. */
static int wait_ms(const struct thaw_watch *watch, uint64_t now)
{
    uint64_t left;

    if (!watch->deadline_ns)
        return watch->tick_ms;
    left = watch->deadline_ns > now ? (watch->deadline_ns - now) / NS_PER_MS + 1 : 0;
    return left < (uint64_t)watch->tick_ms ? (int)left : watch->tick_ms;
}

/* What the last wait and drain amount to. */
static enum thaw_record_end judge(const struct thaw_watch *watch, bool ended)
{
    enum thaw_record_end reached = watch->reached(watch->context);

    if (reached != THAW_END_NONE)
        return reached;
    if (interrupted(watch->signals))
        return THAW_END_INTERRUPTED;
    if (ended)
        return THAW_END_EXIT;
    if (watch->deadline_ns && thaw_clock_now_ns() >= watch->deadline_ns)
        return THAW_END_DURATION;
    return THAW_END_NONE;
}

int thaw_watch_run(const struct thaw_watch *watch, enum thaw_record_end *ret,
                   struct thaw_error *error)
{
    struct pollfd wait[] = {
        {.fd = watch->ended, .events = POLLIN},
        {.fd = watch->signals, .events = POLLIN},
        {.fd = watch->descriptor, .events = POLLIN},
    };

    *ret = THAW_END_NONE;
    while (*ret == THAW_END_NONE) {
        bool ended;
        int code;

        if (poll(wait, 3, wait_ms(watch, thaw_clock_now_ns())) < 0 && errno != EINTR) {
            *ret = THAW_END_ERROR;
            return thaw_error_system(error, -errno, "waiting for events");
        }
        /* Asked before the drain, which then takes all events up to the end. */
        ended = (wait[0].revents & POLLIN) || (watch->gone && watch->gone(watch->context));
        code = watch->drain(watch->context, error);
        if (code) {
            *ret = THAW_END_ERROR;
            return code;
        }
        *ret = judge(watch, ended);
    }
    return 0;
}
