/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "inventory/interpreter_facts.h"

#define ANSWER_BYTES_MAX ((size_t)1 << 20)
#define SECONDS_MAX 5
#define NS_PER_SECOND ((uint64_t)1000000000)
#define NS_PER_MS ((uint64_t)1000000)

/* Exit statuses of ours before the interpreter takes over; as env(1) has them. */
#define EXIT_OURS 125
#define EXIT_NOT_EXECUTED 126

extern const char thaw_interpreter_script[];

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* Only calls that are safe between fork and exec. False: must not go on. */
static bool child_become(uid_t user, gid_t group)
{
    if (geteuid() == 0 && (setgroups(1, &group) < 0 || setresgid(group, group, group) < 0 ||
                           setresuid(user, user, user) < 0))
        return false;
    return getuid() == user && geteuid() == user;
}

static bool child_streams(int answer)
{
    int nothing = open("/dev/null", O_RDWR);

    return nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(nothing, STDERR_FILENO) >= 0 &&
           dup2(answer, STDOUT_FILENO) >= 0 && close_range(3, UINT_MAX, 0) == 0;
}

static void child_limits(pid_t parent)
{
    const struct rlimit none = {0, 0}, processor = {SECONDS_MAX, SECONDS_MAX};
    sigset_t signals;

    setsid();
    sigemptyset(&signals);
    sigprocmask(SIG_SETMASK, &signals, NULL);
    signal(SIGPIPE, SIG_DFL);
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_CPU, &processor);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* after the change of user, which clears it */
    if (getppid() != parent)
        _exit(EXIT_OURS);
}

static void child_run(const char *executable, uid_t user, gid_t group, int answer, pid_t parent)
{
    char *const arguments[] = {
        (char *)executable, "-I", "-S", "-B", "-c", (char *)thaw_interpreter_script, NULL};
    char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", NULL};

    if (!child_become(user, group) || !child_streams(answer) || chdir("/") < 0)
        _exit(EXIT_OURS);
    child_limits(parent);
    execve(executable, arguments, environment);
    _exit(EXIT_NOT_EXECUTED);
}

int thaw_interpreter_inquiry_start(const char *executable, uid_t user, gid_t group,
                                   struct thaw_interpreter_inquiry *ret, struct thaw_error *error)
{
    pid_t parent = getpid(), pid;
    int ends[2];

    if (geteuid() != 0 && geteuid() != user)
        return thaw_error_set(error, -EPERM, "%s: only root can ask it for user %u", executable,
                              (unsigned)user);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return thaw_error_system(error, -errno, "%s: cannot make a pipe", executable);
    pid = fork();
    if (pid == 0)
        child_run(executable, user, group, ends[1], parent);
    close(ends[1]);
    if (pid < 0) {
        int code = -errno;

        close(ends[0]);
        return thaw_error_system(error, code, "%s: cannot be started", executable);
    }
    *ret = (struct thaw_interpreter_inquiry){.pid = pid,
                                             .answer = ends[0],
                                             .executable = executable,
                                             .deadline_ns = now_ns() + SECONDS_MAX * NS_PER_SECOND};
    return 0;
}

/* 1: the descriptor is ready, 0: ask again, -ETIMEDOUT: the deadline has passed. */
static int inquiry_wait(const struct thaw_interpreter_inquiry *inquiry, int descriptor)
{
    struct pollfd waited = {.fd = descriptor, .events = POLLIN};
    uint64_t now = now_ns();
    int ready;

    if (now >= inquiry->deadline_ns)
        return -ETIMEDOUT;
    ready = poll(&waited, 1, (int)((inquiry->deadline_ns - now) / NS_PER_MS) + 1);
    if (ready < 0)
        return errno == EINTR ? 0 : -errno;
    return ready;
}

/* Up to the end of the answer. */
static int inquiry_read(const struct thaw_interpreter_inquiry *inquiry, char *bytes, size_t *length)
{
    *length = 0;
    while (*length < ANSWER_BYTES_MAX) {
        int ready = inquiry_wait(inquiry, inquiry->answer);
        ssize_t got;

        if (ready < 0)
            return ready;
        if (!ready)
            continue;
        got = read(inquiry->answer, bytes + *length, ANSWER_BYTES_MAX - *length);
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got == 0)
            return 0;
        *length += got > 0 ? (size_t)got : 0;
    }
    return -EPROTO;
}

/*
 * Lets it exit when it has answered, then kills it and its session. It is reaped last: until then
 * nobody else can have its pid. Its exit status, or -1.
 */
static int inquiry_end(const struct thaw_interpreter_inquiry *inquiry, bool answered)
{
    int process = pidfd_open(inquiry->pid, 0), status = 0;

    while (answered && process >= 0 && inquiry_wait(inquiry, process) == 0)
        ;
    kill(-inquiry->pid, SIGKILL);
    kill(inquiry->pid, SIGKILL);
    while (waitpid(inquiry->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (process >= 0)
        close(process);
    close(inquiry->answer);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int inquiry_judge(const struct thaw_interpreter_inquiry *inquiry, int result, int status,
                         struct thaw_error *error)
{
    if (result == -ETIMEDOUT)
        return thaw_error_set(error, result, "%s: gave no answer within %d s", inquiry->executable,
                              SECONDS_MAX);
    if (result == -ENOMEM)
        return thaw_error_memory(error);
    if (status == EXIT_OURS || status == EXIT_NOT_EXECUTED)
        return thaw_error_set(error, -EACCES, "%s: cannot be executed as its user",
                              inquiry->executable);
    if (result < 0)
        return thaw_error_set(error, result, "%s: gave no usable answer about itself",
                              inquiry->executable);
    return 0;
}

int thaw_interpreter_inquiry_finish(struct thaw_interpreter_inquiry *inquiry,
                                    struct thaw_arena *arena, struct thaw_interpreter_facts *ret,
                                    struct thaw_error *error)
{
    char *bytes = malloc(ANSWER_BYTES_MAX);
    size_t length = 0;
    int result = bytes ? inquiry_read(inquiry, bytes, &length) : -ENOMEM;
    int status = inquiry_end(inquiry, result == 0);

    if (result == 0)
        result = thaw_interpreter_facts_parse(bytes, length, arena, ret);
    free(bytes);
    return inquiry_judge(inquiry, result, status, error);
}
