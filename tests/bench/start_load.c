/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts programs at a given pace, by vfork and exec, and tells what it saw of each.
 *
 *     start_load PER-MINUTE GROUP AT-ONCE MS MOST TRUTHS -- COMMAND… [-- COMMAND…]…
 *
 * For so many ms, so many a minute (0: as fast as it goes), a GROUP of them at a time, but never
 * more than AT-ONCE under way, and at most MOST in all (0: any); commands take turns. TRUTHS ("-"
 * none) gets a line of each, by its end, times by CLOCK_BOOTTIME in ns: number, pid, before vfork,
 * after its exec, after its end, status (as wait4 has it), CPU in us. stdout gets one line: starts,
 * failures, wall and CPU of the whole tree in ns. SIGTERM ends it before its time.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* SIGTERM: no more starts, the rest is waited for and told. */
static volatile sig_atomic_t ended_early;

static void end_early(int number)
{
    ended_early = number;
}

#define SECOND_NS 1000000000ull
#define MOST_COMMANDS 64
#define MOST_AT_ONCE 1024

struct start {
    pid_t pid; /* 0: free */
    uint64_t number, before_ns, executed_ns;
};

struct load {
    uint64_t per_minute, group, at_once, duration_ns, most;
    FILE *truths; /* NULL none */
    char **commands[MOST_COMMANDS];
    size_t command_count;
    struct start running[MOST_AT_ONCE];
    uint64_t running_count, begun, failed;
};

static uint64_t now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

static uint64_t usage_us(const struct rusage *usage)
{
    return (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
           (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

/* Its pid once it executes the command, or has failed to; nothing of the caller's is touched. */
__attribute__((noinline)) static pid_t execute(char *const *command, const sigset_t *unblocked)
{
    pid_t pid = vfork();
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, unblocked, NULL); /* an exec forgets the handler of SIGTERM */
        execv(command[0], command);
        _exit(127);
    }
    return pid;
}

static bool begin_one(struct load *load, const sigset_t *unblocked)
{
    char **command = load->commands[load->begun % load->command_count];
    struct start *start = load->running;
    while (start->pid)
        start++;
    start->number = load->begun;
    start->before_ns = now_ns(CLOCK_BOOTTIME);
    pid_t pid = execute(command, unblocked);
    if (pid < 0) {
        perror("start_load: vfork");
        return false;
    }
    start->executed_ns = now_ns(CLOCK_BOOTTIME);
    start->pid = pid;
    load->running_count++;
    load->begun++;
    return true;
}

/* Takes who has ended; waits for one if it may. */
static void reap(struct load *load, bool wait)
{
    struct rusage usage;
    int status;
    pid_t pid;
    while (load->running_count && (pid = wait4(-1, &status, wait ? 0 : WNOHANG, &usage)) > 0) {
        uint64_t end_ns = now_ns(CLOCK_BOOTTIME);
        struct start *start = load->running;
        while (start->pid != pid)
            start++;
        if (load->truths)
            fprintf(load->truths,
                    "%" PRIu64 " %d %" PRIu64 " %" PRIu64 " %" PRIu64 " %d %" PRIu64 "\n",
                    start->number, pid, start->before_ns, start->executed_ns, end_ns, status,
                    usage_us(&usage));
        load->failed += status != 0;
        start->pid = 0;
        load->running_count--;
        wait = false;
    }
}

/* Until it is due or somebody has ended. */
static void pause_until(uint64_t due_ns, const sigset_t *ended)
{
    uint64_t now = now_ns(CLOCK_MONOTONIC);
    if (now >= due_ns)
        return;
    struct timespec rest = {.tv_sec = (time_t)((due_ns - now) / SECOND_NS),
                            .tv_nsec = (long)((due_ns - now) % SECOND_NS)};
    sigtimedwait(ended, NULL, &rest);
}

static int run(struct load *load)
{
    sigset_t ended, unblocked;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ended, &unblocked);
    uint64_t begin_ns = now_ns(CLOCK_MONOTONIC), end_ns = begin_ns + load->duration_ns;
    while (!ended_early && load->begun < load->most && now_ns(CLOCK_MONOTONIC) < end_ns) {
        uint64_t due_ns = begin_ns;
        if (load->per_minute)
            due_ns += load->begun / load->group * load->group * 60 * SECOND_NS / load->per_minute;
        if (load->running_count >= load->at_once) {
            reap(load, true);
        } else if (due_ns >= end_ns) {
            break;
        } else if (now_ns(CLOCK_MONOTONIC) < due_ns) {
            pause_until(due_ns, &ended);
            reap(load, false);
        } else if (!begin_one(load, &unblocked)) {
            return 1;
        }
    }
    while (load->running_count)
        reap(load, true);
    uint64_t wall_ns = now_ns(CLOCK_MONOTONIC) - begin_ns, cpu_us = 0;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    cpu_us += usage_us(&usage);
    getrusage(RUSAGE_CHILDREN, &usage);
    cpu_us += usage_us(&usage);
    printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", load->begun, load->failed, wall_ns,
           cpu_us * 1000);
    return 0;
}

static bool read_commands(struct load *load, char **words)
{
    for (; *words; words++) {
        if (strcmp(*words, "--") != 0)
            continue;
        *words = NULL; /* the end of the one before */
        if (!words[1] || load->command_count == MOST_COMMANDS)
            return false;
        load->commands[load->command_count++] = words + 1;
    }
    return load->command_count > 0;
}

int main(int count, char **words)
{
    static struct load load;
    if (count < 9 || !read_commands(&load, words + 7)) {
        fputs("usage: start_load PER-MINUTE GROUP AT-ONCE MS MOST TRUTHS -- COMMAND…\n", stderr);
        return 2;
    }
    load.per_minute = strtoull(words[1], NULL, 10);
    load.group = strtoull(words[2], NULL, 10);
    load.at_once = strtoull(words[3], NULL, 10);
    load.duration_ns = strtoull(words[4], NULL, 10) * (SECOND_NS / 1000);
    load.most = strtoull(words[5], NULL, 10);
    if (!load.most)
        load.most = UINT64_MAX;
    if (!load.group || !load.at_once || load.at_once > MOST_AT_ONCE)
        return 2;
    if (strcmp(words[6], "-") != 0 && !(load.truths = fopen(words[6], "w"))) {
        perror(words[6]);
        return 1;
    }
    if (load.truths)
        setvbuf(load.truths, NULL, _IOLBF, 0);
    signal(SIGTERM, end_early);
    int status = run(&load);
    if (load.truths && fclose(load.truths) != 0)
        return 1;
    return status;
}
