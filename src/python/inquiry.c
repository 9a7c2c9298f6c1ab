/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "python/inquiry.h"

#define NS_PER_SECOND ((uint64_t)1000000000)
#define NS_PER_MS ((uint64_t)1000000)

/* Exit statuses of ours before the interpreter takes over; as env(1) has them. */
#define EXIT_OURS 125
#define EXIT_NOT_EXECUTED 126

/* Descriptors of the child: input, answer, errors, one by whose end the parent knows that it is
 * done, and one by whose end it knows that it has been told all. */
#define CHILD_STREAMS 5

/* What parent and child share. */
struct streams {
    int input;
    int answer;
    int running[2];
    int waited[2]; /* -1: it need not wait for anything */
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static void streams_close(struct streams *streams)
{
    int *all[] = {&streams->input,      &streams->answer,    &streams->running[0],
                  &streams->running[1], &streams->waited[0], &streams->waited[1]};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (*all[i] >= 0)
            close(*all[i]);
        *all[i] = -1;
    }
}

/* Behind what is there, without moving the offset, which the child reads at. */
static int write_input(int file, const char *bytes, size_t length)
{
    struct stat status;
    off_t offset;

    if (fstat(file, &status) < 0)
        return -errno;
    offset = status.st_size;
    while (length) {
        ssize_t written = pwrite(file, bytes, length, offset);

        if (written < 0 && errno != EINTR)
            return -errno;
        bytes += written > 0 ? written : 0;
        offset += written > 0 ? written : 0;
        length -= written > 0 ? (size_t)written : 0;
    }
    return 0;
}

static int streams_open(const struct thaw_inquiry_question *question, struct streams *streams)
{
    int result;

    *streams = (struct streams){-1, -1, {-1, -1}, {-1, -1}};
    streams->input = question->input || question->more_follows
                         ? memfd_create("thaw-question", MFD_CLOEXEC)
                         : open("/dev/null", O_RDONLY | O_CLOEXEC);
    streams->answer = memfd_create("thaw-answer", MFD_CLOEXEC);
    result = streams->input < 0 || streams->answer < 0 || pipe2(streams->running, O_CLOEXEC) < 0 ||
                     (question->more_follows && pipe2(streams->waited, O_CLOEXEC) < 0)
                 ? -errno
                 : 0;
    if (result == 0 && question->input)
        result = write_input(streams->input, question->input, question->input_length);
    if (result < 0)
        streams_close(streams);
    return result;
}

/* In the child only calls that are safe between fork and exec. False: must not go on. */
static bool child_become(uid_t user, gid_t group)
{
    if (geteuid() == 0 && (setgroups(1, &group) < 0 || setresgid(group, group, group) < 0 ||
                           setresuid(user, user, user) < 0))
        return false;
    return getuid() == user && geteuid() == user;
}

/* First out of the way of 0 to 4, then there. */
static bool child_streams(const struct streams *streams)
{
    int from[CHILD_STREAMS] = {streams->input, streams->answer, open("/dev/null", O_WRONLY),
                               streams->running[1], streams->waited[0]};
    int count = streams->waited[0] >= 0 ? CHILD_STREAMS : CHILD_STREAMS - 1;

    for (int i = 0; i < count; i++) {
        from[i] = fcntl(from[i], F_DUPFD, CHILD_STREAMS);
        if (from[i] < 0)
            return false;
    }
    for (int i = 0; i < count; i++) {
        if (dup2(from[i], i) < 0)
            return false;
    }
    return close_range((unsigned)count, UINT_MAX, 0) == 0;
}

static void child_limit(int resource, rlim_t most)
{
    const struct rlimit limit = {most, most};

    setrlimit(resource, &limit);
}

static void child_limits(const struct thaw_inquiry_question *question, pid_t parent)
{
    sigset_t signals;

    setsid();
    sigemptyset(&signals);
    sigprocmask(SIG_SETMASK, &signals, NULL);
    signal(SIGPIPE, SIG_DFL);
    child_limit(RLIMIT_CORE, 0);
    child_limit(RLIMIT_CPU, question->seconds);
    child_limit(RLIMIT_FSIZE, question->answer_bytes);
    if (question->memory_bytes)
        child_limit(RLIMIT_AS, question->memory_bytes);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* after the change of user, which clears it */
    if (getppid() != parent)
        _exit(EXIT_OURS);
}

static void child_run(const struct thaw_inquiry_question *question, const struct streams *streams,
                      pid_t parent)
{
    char *const arguments[] = {(char *)question->executable, "-I", "-S", "-B", "-W", "ignore", "-c",
                               (char *)question->script,     NULL};
    char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", NULL};

    if (!child_become(question->user, question->group) || !child_streams(streams) || chdir("/") < 0)
        _exit(EXIT_OURS);
    child_limits(question, parent);
    execve(question->executable, arguments, environment);
    _exit(EXIT_NOT_EXECUTED);
}

int thaw_inquiry_start(const struct thaw_inquiry_question *question, struct thaw_inquiry *ret,
                       struct thaw_error *error)
{
    pid_t parent = getpid(), pid;
    struct streams streams;
    int result;

    if (geteuid() != 0 && geteuid() != question->user)
        return thaw_error_set(error, -EPERM, "%s: only root can ask it for user %u",
                              question->executable, (unsigned)question->user);
    result = streams_open(question, &streams);
    if (result < 0)
        return thaw_error_system(error, result, "%s: cannot be asked", question->executable);
    pid = fork();
    if (pid == 0)
        child_run(question, &streams, parent);
    result = pid < 0 ? -errno : 0;
    *ret = (struct thaw_inquiry){.pid = pid,
                                 .answer = streams.answer,
                                 .running = streams.running[0],
                                 .input = question->more_follows ? streams.input : -1,
                                 .waited = streams.waited[1],
                                 .executable = question->executable,
                                 .seconds = question->seconds,
                                 .deadline_ns = now_ns() + question->seconds * NS_PER_SECOND};
    if (result == 0) {
        streams.answer = streams.running[0] = streams.waited[1] = -1;
        if (question->more_follows)
            streams.input = -1;
    }
    streams_close(&streams);
    return result < 0
               ? thaw_error_system(error, result, "%s: cannot be started", question->executable)
               : 0;
}

/* The child's time begins when it knows what it is asked. */
int thaw_inquiry_tell(struct thaw_inquiry *inquiry, const void *bytes, size_t length,
                      struct thaw_error *error)
{
    int result = write_input(inquiry->input, bytes, length);

    if (result < 0)
        return thaw_error_system(error, result, "%s: cannot be asked", inquiry->executable);
    close(inquiry->waited);
    close(inquiry->input);
    inquiry->input = inquiry->waited = -1;
    inquiry->deadline_ns = now_ns() + inquiry->seconds * NS_PER_SECOND;
    return 0;
}

/* Until its end or the deadline. 0 or -ETIMEDOUT. */
static int inquiry_wait(const struct thaw_inquiry *inquiry)
{
    struct pollfd waited = {.fd = inquiry->running};

    for (;;) {
        uint64_t now = now_ns();
        uint64_t left = inquiry->deadline_ns > now ? inquiry->deadline_ns - now : 0;

        if (poll(&waited, 1, left ? (int)(left / NS_PER_MS) + 1 : 0) > 0)
            return 0;
        if (!left)
            return -ETIMEDOUT;
    }
}

/*
 * Kills it and its session. It is reaped last: until then nobody else can have its pid. Its exit
 * status, or -1.
 */
static int inquiry_stop(const struct thaw_inquiry *inquiry)
{
    int status = 0;

    kill(-inquiry->pid, SIGKILL);
    kill(inquiry->pid, SIGKILL); /* one that has no session of its own yet */
    while (waitpid(inquiry->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void inquiry_close(struct thaw_inquiry *inquiry)
{
    close(inquiry->answer);
    close(inquiry->running);
    if (inquiry->input >= 0)
        close(inquiry->input);
    if (inquiry->waited >= 0)
        close(inquiry->waited);
}

void thaw_inquiry_give_up(struct thaw_inquiry *inquiry)
{
    inquiry_stop(inquiry);
    inquiry_close(inquiry);
}

static int inquiry_read(const struct thaw_inquiry *inquiry, struct thaw_inquiry_answer *ret)
{
    struct stat status;

    if (fstat(inquiry->answer, &status) < 0 || !status.st_size)
        return 0;
    ret->bytes = malloc((size_t)status.st_size);
    if (!ret->bytes)
        return -ENOMEM;
    while (ret->length < (size_t)status.st_size) {
        ssize_t got = pread(inquiry->answer, ret->bytes + ret->length,
                            (size_t)status.st_size - ret->length, (off_t)ret->length);

        if (got == 0 || (got < 0 && errno != EINTR))
            break;
        ret->length += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

/* What its exit status, or that it had to be stopped, says. */
static int judge(const struct thaw_inquiry *inquiry, int status, struct thaw_error *error)
{
    if (!inquiry->is_late && (status == EXIT_OURS || status == EXIT_NOT_EXECUTED))
        return thaw_error_set(error, -EACCES, "%s: cannot be executed as its user",
                              inquiry->executable);
    if (inquiry->is_late)
        return thaw_error_set(error, -ETIMEDOUT, "%s: gave no answer within %u s",
                              inquiry->executable, inquiry->seconds);
    return 0;
}

int thaw_inquiry_hear(struct thaw_inquiry *inquiry, struct thaw_inquiry_answer *ret,
                      struct thaw_error *error)
{
    inquiry->is_late = inquiry_wait(inquiry) < 0;
    *ret = (struct thaw_inquiry_answer){0};
    return inquiry_read(inquiry, ret) < 0 ? thaw_error_memory(error) : 0;
}

int thaw_inquiry_end(struct thaw_inquiry *inquiry, struct thaw_error *error)
{
    int status = inquiry_stop(inquiry);

    inquiry_close(inquiry);
    return judge(inquiry, status, error);
}

int thaw_inquiry_finish(struct thaw_inquiry *inquiry, struct thaw_inquiry_answer *ret,
                        struct thaw_error *error)
{
    int status, read;

    inquiry->is_late = inquiry_wait(inquiry) < 0;
    status = inquiry_stop(inquiry);
    *ret = (struct thaw_inquiry_answer){.whole = status == 0 && !inquiry->is_late};
    read = inquiry_read(inquiry, ret);
    inquiry_close(inquiry);
    return read < 0 ? thaw_error_memory(error) : judge(inquiry, status, error);
}
