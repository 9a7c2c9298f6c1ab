/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "trial/run_child.h"
#include "trial/tail.h"

#define NS_PER_SECOND UINT64_C(1000000000)
#define NS_PER_MILLISECOND 1000000
#define PIECE_BYTES 16384
#define SHOWN_BYTES 200 /* of what a failed command printed last */

struct measuring {
    const struct thaw_run_options *options;
    struct thaw_run_child child;
    struct thaw_run run;
    THAW_ARRAY(char) report;
    uint64_t begun_ns, deadline_ns; /* 0: none */
    bool killed, short_of_memory;
};

/* False: closed, there will be no more. */
static bool take_output(struct measuring *measuring)
{
    struct thaw_run *run = &measuring->run;
    char piece[PIECE_BYTES];
    ssize_t got = read(measuring->child.output, piece, sizeof(piece));

    if (got > 0)
        thaw_tail_keep(run->output, sizeof(run->output), &run->output_length, piece, (size_t)got);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

static void keep_report(struct measuring *measuring, const char *bytes, size_t length)
{
    size_t room = THAW_RUN_REPORT_MAX - measuring->report.count;

    if (length > room) {
        measuring->run.report_cut = true;
        length = room;
    }
    if (length == 0)
        return;
    if (!thaw_array_reserve(&measuring->report, measuring->report.count + length)) {
        measuring->short_of_memory = true;
        return;
    }
    memcpy(measuring->report.items + measuring->report.count, bytes, length);
    measuring->report.count += length;
}

/* The command waits: its clocks stand at the point. */
static void note_point(struct measuring *measuring)
{
    struct thaw_run *run = &measuring->run;

    run->wall_ns = thaw_clock_now_ns() - measuring->begun_ns;
    run->cpu_ns = thaw_run_child_cpu_ns(&measuring->child) - measuring->child.cpu_before_ns;
    run->told = true;
}

static bool take_channel(struct measuring *measuring)
{
    char piece[PIECE_BYTES];
    ssize_t got = recv(measuring->child.channel, piece, sizeof(piece), MSG_DONTWAIT);
    size_t skipped = 0;

    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    if (!measuring->run.told) {
        note_point(measuring);
        skipped = 1;
        if (send(measuring->child.channel, "g", 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
            return false; /* gone meanwhile: its end is seen next */
    }
    keep_report(measuring, piece + skipped, (size_t)got - skipped);
    return true;
}

static void kill_child(struct measuring *measuring, enum thaw_run_end why)
{
    if (measuring->killed)
        return;
    measuring->killed = true;
    measuring->run.end = why;
    kill(measuring->child.pid, SIGKILL); /* not waited for yet: the id is its own */
}

/* Until then, for poll(2): rounded up, -1 for ever. */
static int milliseconds_left(const struct measuring *measuring)
{
    uint64_t now = thaw_clock_now_ns(), left;

    if (measuring->deadline_ns == 0 || measuring->killed)
        return -1;
    if (now >= measuring->deadline_ns)
        return 0;
    left = (measuring->deadline_ns - now) / NS_PER_MILLISECOND + 1;
    return left < 60000 ? (int)left : 60000;
}

static int watch(struct measuring *measuring, struct thaw_error *error)
{
    enum { ENDED, CHANNEL, OUTPUT, STOP, COUNT };
    struct pollfd polls[COUNT] = {
        {.fd = measuring->child.pidfd, .events = POLLIN},
        {.fd = measuring->child.channel, .events = POLLIN},
        {.fd = measuring->child.output, .events = POLLIN},
        {.fd = measuring->options->stop, .events = POLLIN},
    };

    while (!polls[ENDED].revents) {
        if (poll(polls, COUNT, milliseconds_left(measuring)) < 0 && errno != EINTR)
            return thaw_error_system(error, -errno, "watching %s", measuring->options->command[0]);
        if (polls[CHANNEL].revents && !take_channel(measuring))
            polls[CHANNEL] = (struct pollfd){.fd = -1};
        if (polls[OUTPUT].revents && !take_output(measuring))
            polls[OUTPUT] = (struct pollfd){.fd = -1};
        if (polls[STOP].revents) {
            kill_child(measuring, THAW_RUN_STOPPED);
            polls[STOP] = (struct pollfd){.fd = -1};
        }
        if (milliseconds_left(measuring) == 0)
            kill_child(measuring, THAW_RUN_TIMED_OUT);
    }
    return 0;
}

/* What it left behind; others may hold the pipes open, so that their ends are not waited for. */
static void drain(struct measuring *measuring)
{
    for (size_t pieces = THAW_RUN_REPORT_MAX / PIECE_BYTES; pieces > 0; pieces--) {
        size_t before = measuring->report.count;

        if (!measuring->run.told || !take_channel(measuring) || measuring->report.count == before)
            break;
    }
    for (int pieces = 0; pieces < 8; pieces++) { /* a pipe has 64 KiB */
        if (!take_output(measuring))
            break;
    }
}

static uint64_t cpu_ns(const struct rusage *usage)
{
    return (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * NS_PER_SECOND +
           (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1000;
}

static uint64_t difference(uint64_t later, uint64_t earlier)
{
    return later > earlier ? later - earlier : 0;
}

static int take_end(struct measuring *measuring, struct thaw_error *error)
{
    const struct rusage *before = &measuring->child.before;
    struct thaw_run *run = &measuring->run;
    struct rusage usage;
    int status;
    pid_t ended;

    run->whole_wall_ns = thaw_clock_now_ns() - measuring->begun_ns;
    do {
        ended = wait4(measuring->child.pid, &status, 0, &usage);
    } while (ended < 0 && errno == EINTR);
    if (ended < 0)
        return thaw_error_system(error, -errno, "waiting for %s", measuring->options->command[0]);
    measuring->child.pid = -1;
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    if (!measuring->killed)
        run->end = WIFEXITED(status) ? THAW_RUN_EXITED : THAW_RUN_SIGNALLED;
    run->whole_cpu_ns = difference(cpu_ns(&usage), cpu_ns(before));
    run->minor_faults = difference(usage.ru_minflt, before->ru_minflt);
    run->major_faults = difference(usage.ru_majflt, before->ru_majflt);
    run->voluntary_switches = difference(usage.ru_nvcsw, before->ru_nvcsw);
    run->involuntary_switches = difference(usage.ru_nivcsw, before->ru_nivcsw);
    if (!run->told) {
        run->wall_ns = run->whole_wall_ns;
        run->cpu_ns = run->whole_cpu_ns;
    }
    return 0;
}

static int measure(struct measuring *measuring, struct thaw_error *error)
{
    int code;

    measuring->begun_ns = thaw_clock_now_ns();
    if (measuring->options->timeout_ns)
        measuring->deadline_ns = measuring->begun_ns + measuring->options->timeout_ns;
    code = thaw_run_child_release(&measuring->child, measuring->options->command[0], error);
    if (!code)
        code = watch(measuring, error);
    if (code)
        return code;
    drain(measuring);
    code = take_end(measuring, error);
    return !code && measuring->short_of_memory ? thaw_error_memory(error) : code;
}

int thaw_run(const struct thaw_run_options *options, struct thaw_run *ret, struct thaw_error *error)
{
    struct measuring measuring = {.options = options};
    int code = thaw_run_child_start(options, &measuring.child, error);

    if (code)
        return code;
    code = measure(&measuring, error);
    thaw_run_child_end(&measuring.child);
    if (code) {
        thaw_array_free(&measuring.report);
        return code;
    }
    measuring.run.report = measuring.report.items;
    measuring.run.report_length = measuring.report.count;
    *ret = measuring.run;
    return 0;
}

int thaw_run_check(const struct thaw_run *run, const char *name, struct thaw_error *error)
{
    char line[SHOWN_BYTES];
    const char *before;

    thaw_tail_line(run->output, run->output_length, line, sizeof(line));
    before = *line ? "; it printed last: " : "";
    switch (run->end) {
    case THAW_RUN_EXITED:
        if (run->status == 0)
            return 0;
        return thaw_error_set(error, -ECHILD, "%s ended with status %d%s%s", name, run->status,
                              before, line);
    case THAW_RUN_SIGNALLED:
        return thaw_error_set(error, -ECHILD, "%s was ended by signal %d (%s)%s%s", name,
                              run->status, strsignal(run->status), before, line);
    case THAW_RUN_TIMED_OUT:
        return thaw_error_set(error, -ETIME, "%s was not done after %.1f s and was killed%s%s",
                              name, (double)run->whole_wall_ns / (double)NS_PER_SECOND, before,
                              line);
    case THAW_RUN_STOPPED:
        return thaw_error_set(error, -EINTR, "%s was stopped", name);
    }
    return -EINVAL;
}

bool thaw_run_failed(int code)
{
    return code == -ECHILD || code == -ETIME;
}

void thaw_run_free(struct thaw_run *run)
{
    free(run->report);
    run->report = NULL;
    run->report_length = 0;
}
