/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "audit/beginning.h"
#include "audit/call_filter.h"
#include "audit/daemon.h"
#include "audit/log.h"
#include "audit/notify.h"
#include "audit/watching.h"
#include "base/clock.h"
#include "export/endpoint.h"

#define NS_PER_S 1000000000ull
#define STEP_NS 100000000 /* as the ring is read without being woken */

enum { SIGNALS, TIMER, EVENTS, ENDPOINT, DESCRIPTORS };

struct daemon {
    struct thaw_audit_settings settings;
    const struct thaw_audit_source *source;
    struct thaw_log log;
    struct thaw_notify notify;
    struct thaw_watching watching;
    struct thaw_endpoint *endpoint;
    int loop, signals, timer;
    uint64_t end_ns;    /* when its duration is over */
    uint64_t second_ns; /* when the next one is due */
    bool ends;
    enum thaw_audit_end end;
};

/* --- the loop's descriptors --- */

static int listen_to(const struct daemon *daemon, int fd, uint32_t what, struct thaw_error *error)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = what};

    if (fd < 0 || epoll_ctl(daemon->loop, EPOLL_CTL_ADD, fd, &event))
        return thaw_error_system(error, -errno, "the loop of the daemon");
    return 0;
}

static int open_signals(struct daemon *daemon, struct thaw_error *error)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL))
        return thaw_error_system(error, -errno, "signals");
    daemon->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return listen_to(daemon, daemon->signals, SIGNALS, error);
}

static int open_loop(struct daemon *daemon, struct thaw_error *error)
{
    const struct itimerspec each = {{0, STEP_NS}, {0, STEP_NS}};
    int code;

    daemon->loop = epoll_create1(EPOLL_CLOEXEC);
    if (daemon->loop < 0)
        return thaw_error_system(error, -errno, "the loop of the daemon");
    daemon->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (daemon->timer < 0 || timerfd_settime(daemon->timer, 0, &each, NULL))
        return thaw_error_system(error, -errno, "a timer");
    code = listen_to(daemon, daemon->timer, TIMER, error);
    return code ? code : open_signals(daemon, error);
}

/* --- the endpoint --- */

static int give_families(void *context, struct thaw_families *ret, struct thaw_error *error)
{
    struct daemon *daemon = context;
    struct thaw_self *self = &daemon->watching.self;

    self->scrapes = daemon->endpoint ? thaw_endpoint_requests(daemon->endpoint) : 0;
    self->calls_refused = thaw_call_filter_refused();
    self->lines_untold = daemon->log.untold;
    return thaw_watching_families(&daemon->watching, ret, error);
}

static int open_endpoint(struct daemon *daemon, struct thaw_error *error)
{
    const struct thaw_endpoint_calls calls = {daemon, give_families, NULL};
    int code;

    if (!daemon->settings.listen)
        return 0;
    code = thaw_endpoint_open(daemon->settings.listen, &calls, &daemon->endpoint, error);
    return code ? code
                : listen_to(daemon, thaw_endpoint_descriptor(daemon->endpoint), ENDPOINT, error);
}

/* --- beginning --- */

static void tell_status(struct daemon *daemon, bool ready)
{
    const struct thaw_watching *watching = &daemon->watching;
    struct thaw_starts_state starts;
    char status[200];

    thaw_starts_state(watching->starts, &starts);
    snprintf(status, sizeof(status),
             "%" PRIu64 " starts kept, %zu under way; %" PRIu64 " events lost%s",
             watching->keeping.counts.starts, starts.open, watching->lost,
             watching->keeping.trouble.message[0] ? "; the store can't be written" : "");
    if (ready)
        thaw_notify_ready(&daemon->notify, status);
    else
        thaw_notify_status(&daemon->notify, status, thaw_clock_now_ns());
}

static void tell_missing(struct daemon *daemon, const struct thaw_observation_probe *probe)
{
    const struct thaw_redaction_key *paths = thaw_naming_paths(daemon->watching.naming);
    struct thaw_arena arena = {0};
    const char *target = thaw_redaction_line(paths, probe->target, &arena),
               *reason = thaw_redaction_line(paths, probe->reason, &arena);

    if (target && reason)
        thaw_log_say(&daemon->log, THAW_LOG_WARNING, THAW_LOG_PROBE, "%s (%s): %s; without it: %s",
                     probe->name, target, reason, probe->without);
    thaw_arena_free(&arena);
}

static void tell_begin(struct daemon *daemon)
{
    struct thaw_observation_state state;

    thaw_observation_state(daemon->watching.observation, &state);
    for (size_t i = 0; i < state.missing_count; i++)
        tell_missing(daemon, &state.missing[i]);
    thaw_log_say(&daemon->log, THAW_LOG_INFO, THAW_LOG_LIFE,
                 "watching: %" PRIu64 " interpreter%s probed%s%s%s%s", state.interpreters,
                 state.interpreters == 1 ? "" : "s", daemon->settings.store ? ", kept in " : "",
                 daemon->settings.store ? daemon->settings.store : "",
                 daemon->endpoint ? ", metrics at " : "",
                 daemon->endpoint ? thaw_endpoint_address(daemon->endpoint) : "");
    tell_status(daemon, true);
}

static int begin(struct daemon *daemon, struct thaw_error *error)
{
    struct thaw_watching *watching = &daemon->watching;
    int code = thaw_notify_open(&daemon->notify, error);

    if (!code)
        code = thaw_beginning_rights(&daemon->settings, &watching->support, &daemon->log, error);
    if (!code) /* a key that is missing is made by the user whose it is to be */
        code = thaw_audit_settings_complete(&daemon->settings, true, error);
    if (!code)
        code = open_loop(daemon, error);
    if (!code)
        code = open_endpoint(daemon, error);
    if (!code)
        code = thaw_watching_open(watching, &daemon->settings, &daemon->log, error);
    if (!code)
        code = listen_to(daemon, thaw_observation_descriptor(watching->observation), EVENTS, error);
    if (!code)
        code = thaw_beginning_give_up(&watching->support, &daemon->log, error);
    if (code)
        return code;
    if (daemon->settings.duration_ns)
        daemon->end_ns = thaw_clock_now_ns() + daemon->settings.duration_ns;
    tell_begin(daemon);
    return 0;
}

/* --- signals --- */

static void reload(struct daemon *daemon)
{
    struct thaw_audit_settings next, before = daemon->settings;
    struct thaw_error error = {0};
    const char *held = NULL;
    int code;

    thaw_notify_reloading(&daemon->notify);
    code = daemon->source->load(daemon->source->context, &next, &error);
    if (!code) {
        held = thaw_audit_settings_hold(&before, &next);
        code = held ? 0 : thaw_error_memory(&error);
    }
    if (!code) {
        daemon->settings = next;
        code = thaw_watching_change(&daemon->watching, &error);
        if (code) { /* what was can be had again */
            daemon->settings = before;
            if (thaw_watching_change(&daemon->watching, NULL))
                thaw_log_say(&daemon->log, THAW_LOG_ERROR, THAW_LOG_LIFE,
                             "after a failed reload nothing is delivered until the next one");
        }
    }
    if (code) {
        daemon->watching.self.reload_failures++;
        thaw_log_say(&daemon->log, THAW_LOG_ERROR, THAW_LOG_LIFE,
                     "the configuration is left as it was: %s", error.message);
        thaw_audit_settings_free(&next);
    } else {
        daemon->watching.self.reloads++;
        thaw_log_say(&daemon->log, THAW_LOG_INFO, THAW_LOG_LIFE,
                     "the configuration was read again%s%s",
                     *held ? "; a restart is needed for " : "", held);
        thaw_audit_settings_free(&before);
    }
    tell_status(daemon, true);
}

static void take_signals(struct daemon *daemon)
{
    struct signalfd_siginfo info;

    while (read(daemon->signals, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGHUP)
            reload(daemon);
        else
            daemon->ends = true;
    }
}

/* --- time passes --- */

static int second(struct daemon *daemon, uint64_t now_ns, struct thaw_error *error)
{
    uint64_t lost = 0;
    const char *call;
    int code = thaw_watching_second(&daemon->watching, now_ns, &lost, error);

    if (code)
        return code;
    while ((call = thaw_call_filter_news()))
        thaw_log_say(&daemon->log, THAW_LOG_WARNING, THAW_LOG_RIGHTS,
                     "a system call of thaw itself was refused by its filter: %s", call);
    if (lost && daemon->settings.on_loss == THAW_ON_LOSS_FAIL) {
        daemon->end = THAW_AUDIT_LOSS;
        daemon->ends = true;
    }
    tell_status(daemon, false);
    thaw_log_tick(&daemon->log, now_ns);
    return 0;
}

static int step(struct daemon *daemon, struct thaw_error *error)
{
    uint64_t now_ns = thaw_clock_now_ns();
    int code = thaw_watching_step(&daemon->watching, now_ns, error);

    if (!code && now_ns >= daemon->second_ns) {
        daemon->second_ns = now_ns + NS_PER_S;
        code = second(daemon, now_ns, error);
    }
    thaw_notify_tick(&daemon->notify, now_ns);
    if (daemon->end_ns && now_ns >= daemon->end_ns)
        daemon->ends = true;
    return code;
}

static int turn(struct daemon *daemon, struct thaw_error *error)
{
    struct epoll_event events[DESCRIPTORS];
    int count = epoll_wait(daemon->loop, events, DESCRIPTORS, -1);
    uint64_t ticks;

    if (count < 0 && errno != EINTR)
        return thaw_error_system(error, -errno, "the loop of the daemon");
    for (int i = 0; i < count; i++) {
        if (events[i].data.u32 == SIGNALS)
            take_signals(daemon);
        else if (events[i].data.u32 == TIMER && read(daemon->timer, &ticks, sizeof(ticks)) < 0)
            ticks = 0;
        else if (events[i].data.u32 == ENDPOINT)
            thaw_endpoint_serve(daemon->endpoint);
    }
    return step(daemon, error);
}

/* --- all of it --- */

static void end(struct daemon *daemon)
{
    const struct thaw_keeping *keeping = &daemon->watching.keeping;
    uint64_t lost;

    thaw_notify_stopping(&daemon->notify);
    thaw_watching_end(&daemon->watching);
    lost = thaw_keeping_waiting(keeping) + keeping->counts.starts_dropped;
    if (lost)
        thaw_log_say(&daemon->log, THAW_LOG_ERROR, THAW_LOG_LIFE,
                     "%" PRIu64 " starts could not be kept%s%s", lost,
                     keeping->trouble.message[0] ? ": " : "", keeping->trouble.message);
    if (daemon->end == THAW_AUDIT_LOSS)
        thaw_log_say(&daemon->log, THAW_LOG_ERROR, THAW_LOG_LIFE, "ends, as events were lost");
    else if (daemon->end == THAW_AUDIT_ASKED)
        thaw_log_say(&daemon->log, THAW_LOG_INFO, THAW_LOG_LIFE,
                     "ended: %" PRIu64 " starts kept, %" PRIu64 " events lost",
                     daemon->watching.keeping.counts.starts, daemon->watching.lost);
}

static void close_all(struct daemon *daemon)
{
    thaw_notify_close(&daemon->notify);
    thaw_endpoint_close(daemon->endpoint);
    thaw_watching_close(&daemon->watching);
    if (daemon->loop >= 0)
        close(daemon->loop);
    if (daemon->signals >= 0)
        close(daemon->signals);
    if (daemon->timer >= 0)
        close(daemon->timer);
    thaw_audit_settings_free(&daemon->settings);
}

enum thaw_audit_end thaw_audit_run(struct thaw_audit_settings *settings,
                                   const struct thaw_audit_source *source, struct thaw_error *error)
{
    struct daemon *daemon = calloc(1, sizeof(*daemon));
    enum thaw_audit_end result;
    int code;

    if (!daemon) {
        thaw_audit_settings_free(settings);
        thaw_error_memory(error);
        return THAW_AUDIT_FAILED;
    }
    *daemon = (struct daemon){.settings = *settings,
                              .source = source,
                              .loop = -1,
                              .signals = -1,
                              .timer = -1,
                              .notify.socket = -1,
                              .end = THAW_AUDIT_ASKED};
    *settings = (struct thaw_audit_settings){0};
    thaw_log_open(&daemon->log, STDERR_FILENO);
    code = begin(daemon, error);
    if (!code) {
        while (!code && !daemon->ends)
            code = turn(daemon, error);
        if (code)
            daemon->end = THAW_AUDIT_FAILED;
        end(daemon);
    }
    result = code ? THAW_AUDIT_FAILED : daemon->end;
    close_all(daemon);
    free(daemon);
    return result;
}
