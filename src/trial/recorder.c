/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/identity.h"
#include "capture/privilege.h"
#include "trial/recorder_process.h"

/* The starter reads what others wrote from now on: with the rights of the user it runs for. */
static int give_up_rights(struct thaw_error *error)
{
    struct thaw_identity identity;
    int code = thaw_identity_of_caller(&identity, error);

    if (!code)
        code = thaw_identity_become(&identity, error);
    return code ? code : thaw_privilege_give_up(error);
}

static int open_ends(int ends[2], int *ret_listed, struct thaw_error *error)
{
    *ret_listed = memfd_create("thaw-evict", MFD_CLOEXEC);
    if (*ret_listed < 0)
        return thaw_error_system(error, -errno, "making a file in memory");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
        int code = -errno;

        close(*ret_listed);
        return thaw_error_system(error, code, "making a socket");
    }
    return 0;
}

int thaw_recorder_start(const struct thaw_repeat_options *options, struct thaw_recorder *ret,
                        struct thaw_error *error)
{
    int ends[2], listed;
    int code = open_ends(ends, &listed, error);
    pid_t process;

    if (code)
        return code;
    fflush(NULL);
    process = fork();
    if (process == 0) {
        close(ends[0]);
        thaw_recorder_main(options, ends[1], listed);
    }
    code = process < 0 ? -errno : 0;
    close(ends[1]);
    *ret = (struct thaw_recorder){options, process, ends[0], listed};
    code = code ? thaw_error_system(error, code, "starting the process that records")
                : give_up_rights(error);
    if (code)
        thaw_recorder_end(ret);
    return code;
}

static int gone(struct thaw_error *error)
{
    return thaw_error_set(error, -EPIPE, "the process that records has ended unexpectedly");
}

/* False: the answer is there, or the process is gone (kind is another one then). */
static bool take_message(const struct thaw_recorder *recorder,
                         struct thaw_recorder_message *message)
{
    ssize_t got = recv(recorder->socket, message, sizeof(*message), 0);

    if (got < 0 && errno == EINTR)
        return true;
    if (got != (ssize_t)sizeof(*message)) {
        message->kind = THAW_RECORDER_STOP;
        return false;
    }
    if (message->kind != THAW_RECORDER_LINE)
        return false;
    recorder->options->record.say(recorder->options->record.context, message->line);
    return true;
}

static bool send_message(const struct thaw_recorder *recorder,
                         const struct thaw_recorder_message *message)
{
    return send(recorder->socket, message, sizeof(*message), MSG_NOSIGNAL) ==
           (ssize_t)sizeof(*message);
}

int thaw_recorder_record(const struct thaw_recorder *recorder,
                         const struct thaw_recorder_order *order, struct thaw_recorder_answer *ret,
                         struct thaw_error *error)
{
    struct pollfd wait[] = {{.fd = recorder->socket, .events = POLLIN},
                            {.fd = recorder->options->stop, .events = POLLIN}};
    struct thaw_recorder_message message = {.kind = THAW_RECORDER_ORDER, .order = *order};
    bool stopped = false, going = send_message(recorder, &message);

    if (!going)
        return gone(error);
    while (going) {
        if (poll(wait, 2, -1) < 0 && errno != EINTR)
            return thaw_error_system(error, -errno, "waiting for a recording");
        if (wait[1].revents) {
            stopped = true;
            wait[1] = (struct pollfd){.fd = -1};
            message = (struct thaw_recorder_message){.kind = THAW_RECORDER_STOP};
            send_message(recorder, &message); /* if it is gone, that is seen next */
        }
        if (wait[0].revents)
            going = take_message(recorder, &message);
    }
    if (message.kind != THAW_RECORDER_ANSWER)
        return gone(error);
    *ret = message.answer;
    return stopped;
}

void thaw_recorder_end(struct thaw_recorder *recorder)
{
    close(recorder->socket); /* by which it ends */
    close(recorder->listed);
    if (recorder->process > 0) {
        while (waitpid(recorder->process, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    *recorder = (struct thaw_recorder){.socket = -1, .listed = -1};
}
