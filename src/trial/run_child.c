/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/read_whole.h"
#include "trial/run_child.h"

#define NS_PER_SECOND UINT64_C(1000000000)

/* What the child says: once when it is ready, once more if it can't exec. */
struct message {
    struct thaw_error error;
    struct rusage before;
};

/* The ends that are the child's. */
struct ends {
    int channel, output, told;
};

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

static void close_ends(struct ends *ends)
{
    close_descriptor(&ends->channel);
    close_descriptor(&ends->output);
    close_descriptor(&ends->told);
}

static void usual_signals(void)
{
    sigset_t none;

    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL); /* thaw ignores it */
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int set_environment(const struct thaw_run_options *options, int channel,
                           struct thaw_error *error)
{
    char number[16];

    snprintf(number, sizeof(number), "%d", channel);
    unsetenv("PYTHONDONTWRITEBYTECODE");
    unsetenv("PYTHONPYCACHEPREFIX");
    for (size_t i = 0; options->environment && options->environment[i]; i++) {
        if (putenv((char *)options->environment[i]))
            return thaw_error_memory(error);
    }
    return setenv(THAW_RUN_VARIABLE, number, 1) ? thaw_error_memory(error) : 0;
}

static int set_streams(const struct ends *ends, struct thaw_error *error)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (nothing < 0)
        return thaw_error_system(error, -errno, "/dev/null");
    if (dup2(nothing, STDIN_FILENO) < 0 || dup2(ends->output, STDOUT_FILENO) < 0 ||
        dup2(ends->output, STDERR_FILENO) < 0 || fcntl(ends->channel, F_SETFD, 0) < 0)
        return thaw_error_system(error, -errno, "redirecting the command");
    return 0;
}

/* A group of its own: the terminal's Ctrl-C is thaw's to answer. */
static int become_command(const struct thaw_run_options *options, const struct ends *ends,
                          pid_t parent, struct thaw_error *error)
{
    int code;

    if (setpgid(0, 0))
        return thaw_error_system(error, -errno, "making a process group");
    code = thaw_sandbox_enter(options->sandbox, error);
    if (!code)
        code = set_environment(options, ends->channel, error);
    if (!code)
        code = set_streams(ends, error);
    if (code)
        return code;
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* after the change of user, which clears it */
    if (getppid() != parent)
        _exit(125);
    usual_signals();
    return 0;
}

static bool tell(const struct ends *ends, const struct message *message)
{
    return write(ends->told, message, sizeof(*message)) == (ssize_t)sizeof(*message);
}

/* In the child. Never returns. */
static _Noreturn void child_main(const struct thaw_run_options *options, const struct ends *ends,
                                 pid_t parent)
{
    struct message message;
    char byte;

    memset(&message, 0, sizeof(message));
    message.error.code = become_command(options, ends, parent, &message.error);
    getrusage(RUSAGE_SELF, &message.before);
    if (!tell(ends, &message) || message.error.code || read(ends->channel, &byte, 1) != 1)
        _exit(125);
    execvp(options->command[0], (char *const *)options->command);
    message.error.code = -errno;
    tell(ends, &message);
    _exit(message.error.code == -ENOENT ? 127 : 126);
}

static int open_ends(struct thaw_run_child *child, struct ends *ends)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return -errno;
    child->channel = pair[0];
    /* Not among the first three, which are the command's streams. */
    ends->channel = fcntl(pair[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(pair[1]);
    if (ends->channel < 0 || pipe2(pair, O_CLOEXEC))
        return -errno;
    child->output = pair[0];
    ends->output = pair[1];
    if (fcntl(child->output, F_SETFL, O_NONBLOCK) || pipe2(pair, O_CLOEXEC))
        return -errno;
    child->told = pair[0];
    ends->told = pair[1];
    return 0;
}

/* 1: a message; 0: closed, by exec or by the child's end. */
static int hear(struct thaw_run_child *child, struct message *message)
{
    size_t length = 0;
    int code = thaw_read_whole(child->told, (char *)message, sizeof(*message), &length);

    return code ? code : length == sizeof(*message);
}

static int wait_until_ready(struct thaw_run_child *child, struct thaw_error *error)
{
    struct message message;
    int heard = hear(child, &message);

    if (heard <= 0)
        return thaw_error_set(error, heard ? heard : -ECHILD,
                              "the command's process ended before it could start");
    if (message.error.code)
        return thaw_error_set(error, message.error.code, "%s", message.error.message);
    child->before = message.before;
    child->cpu_before_ns = thaw_run_child_cpu_ns(child);
    return 0;
}

int thaw_run_child_start(const struct thaw_run_options *options, struct thaw_run_child *ret,
                         struct thaw_error *error)
{
    struct ends ends = {-1, -1, -1};
    pid_t parent = getpid();
    int code;

    *ret = (struct thaw_run_child){.pid = -1, .pidfd = -1, .channel = -1, .output = -1, .told = -1};
    code = open_ends(ret, &ends);
    if (!code) {
        ret->pid = fork();
        if (ret->pid == 0)
            child_main(options, &ends, parent);
        code = ret->pid < 0 ? -errno : 0;
    }
    close_ends(&ends);
    if (!code) {
        ret->pidfd = (int)syscall(SYS_pidfd_open, ret->pid, 0);
        code = ret->pidfd < 0 ? -errno : 0;
    }
    if (code)
        thaw_error_system(error, code, "starting %s", options->command[0]);
    else
        code = wait_until_ready(ret, error);
    if (code)
        thaw_run_child_end(ret);
    return code;
}

int thaw_run_child_release(struct thaw_run_child *child, const char *name, struct thaw_error *error)
{
    struct message message;
    int heard;

    if (send(child->channel, "g", 1, MSG_NOSIGNAL) != 1)
        return thaw_error_system(error, -errno, "releasing %s", name);
    heard = hear(child, &message);
    if (heard < 0)
        return thaw_error_system(error, heard, "starting %s", name);
    if (heard == 0)
        return 0;
    if (message.error.code == -ENOENT)
        return thaw_error_set(error, -ENOENT, "%s: no such command; give its path, or check PATH",
                              name);
    return thaw_error_system(error, message.error.code, "%s: can't be executed", name);
}

uint64_t thaw_run_child_cpu_ns(const struct thaw_run_child *child)
{
    struct timespec spent;
    clockid_t clock;

    if (clock_getcpuclockid(child->pid, &clock) || clock_gettime(clock, &spent))
        return 0;
    return (uint64_t)spent.tv_sec * NS_PER_SECOND + (uint64_t)spent.tv_nsec;
}

void thaw_run_child_end(struct thaw_run_child *child)
{
    if (child->pid > 0) {
        kill(child->pid, SIGKILL);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    child->pid = -1;
    close_descriptor(&child->pidfd);
    close_descriptor(&child->channel);
    close_descriptor(&child->output);
    close_descriptor(&child->told);
}
