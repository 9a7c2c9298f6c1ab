/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/target.h"

/* In the child: waits for the release, then becomes the command. Never returns. */
static _Noreturn void child_main(const char *const *command, const struct thaw_identity *identity,
                                 int error_descriptor, int release, int failure)
{
    struct thaw_error error = {0};
    sigset_t none;
    char byte;
    int code;

    sigemptyset(&none);
    signal(SIGXFSZ, SIG_DFL);              /* thaw ignores it, and so would the command */
    sigprocmask(SIG_SETMASK, &none, NULL); /* thaw reads signals from a descriptor; the command
                                              is to have the usual mask */
    while (read(release, &byte, 1) < 0 && errno == EINTR)
        ;
    if (error_descriptor >= 0 && dup2(error_descriptor, STDERR_FILENO) < 0)
        code = -errno;
    else
        code = thaw_identity_become(identity, &error);
    if (!code) {
        execvp(command[0], (char *const *)command);
        code = -errno;
    }
    if (write(failure, &code, sizeof(code)) < 0)
        _exit(125);
    _exit(code == -ENOENT ? 127 : 126);
}

static int open_pipes(int release[2], int failure[2], struct thaw_error *error)
{
    if (pipe2(release, O_CLOEXEC))
        return thaw_error_system(error, -errno, "making a pipe");
    if (pipe2(failure, O_CLOEXEC)) {
        int code = -errno;

        close(release[0]);
        close(release[1]);
        return thaw_error_system(error, code, "making a pipe");
    }
    return 0;
}

int thaw_target_spawn(const char *const *command, const struct thaw_identity *identity,
                      int error_descriptor, struct thaw_target *ret, struct thaw_error *error)
{
    int release[2], failure[2];
    int code = open_pipes(release, failure, error);
    pid_t child;

    if (code)
        return code;
    memset(ret, 0, sizeof(*ret));
    ret->pidfd = -1;
    child = fork();
    if (child == 0) {
        close(release[1]);
        close(failure[0]);
        child_main(command, identity, error_descriptor, release[0], failure[1]);
    }
    code = child < 0 ? -errno : 0;
    close(release[0]);
    close(failure[1]);
    ret->pid = child;
    ret->release = release[1];
    ret->failure = failure[0];
    if (!code) {
        ret->pidfd = (int)syscall(SYS_pidfd_open, child, 0);
        code = ret->pidfd < 0 ? -errno : 0;
    }
    if (!code)
        return 0;
    thaw_target_close(ret);
    return thaw_error_system(error, code, "starting the command");
}

int thaw_target_release(struct thaw_target *target, const char *name, struct thaw_error *error)
{
    ssize_t got;
    int code = 0;

    if (write(target->release, "g", 1) != 1)
        return thaw_error_system(error, -errno, "releasing the command");
    close(target->release);
    target->release = -1;
    do {
        got = read(target->failure, &code, sizeof(code));
    } while (got < 0 && errno == EINTR);
    close(target->failure);
    target->failure = -1;
    if (got != (ssize_t)sizeof(code))
        return 0; /* closed by exec: it runs */
    thaw_target_collect(target, true, NULL);
    if (code == -ENOENT)
        return thaw_error_set(error, code, "%s: no such command; give its path, or check PATH",
                              name);
    return thaw_error_system(error, code, "%s: can't be executed", name);
}

int thaw_target_collect(struct thaw_target *target, bool wait, struct thaw_error *error)
{
    siginfo_t info = {0};
    int options = WEXITED | (wait ? 0 : WNOHANG);

    if (target->ended)
        return 0;
    while (waitid(P_PID, (id_t)target->pid, &info, options)) {
        if (errno != EINTR)
            return thaw_error_system(error, -errno, "waiting for the command");
    }
    if (!info.si_pid)
        return 0;
    target->ended = true;
    target->exit_status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
    return 0;
}

int thaw_target_end(struct thaw_target *target, int grace_ms, struct thaw_error *error)
{
    struct pollfd wait = {.fd = target->pidfd, .events = POLLIN};
    int code = thaw_target_collect(target, false, error);

    if (code || target->ended)
        return code;
    if (kill(target->pid, SIGTERM) == 0 && poll(&wait, 1, grace_ms) == 0)
        kill(target->pid, SIGKILL);
    return thaw_target_collect(target, true, error);
}

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

void thaw_target_close(struct thaw_target *target)
{
    close_descriptor(&target->failure);
    if (target->release >= 0 && target->pid > 0 && !target->ended) {
        /* It never ran: it would exec as soon as the pipe closes. */
        kill(target->pid, SIGKILL);
        thaw_target_collect(target, true, NULL);
    }
    close_descriptor(&target->release);
    close_descriptor(&target->pidfd);
}
