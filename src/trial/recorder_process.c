/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "trial/cold.h"
#include "trial/recorder_process.h"

#define NS_PER_SECOND UINT64_C(1000000000)
#define LOOK_MS 5 /* between looks at what is mapped */
#define TAIL_BYTES 2048

struct server {
    const struct thaw_repeat_options *options;
    int socket;
    int listed;
    bool told; /* what the first recording had to say holds for the others */
    struct thaw_cold cold;
};

/* One recording being made. */
struct making {
    struct server *server;
    const struct thaw_recorder_order *order;
    pid_t child;
    int pidfd, output, outcome;
    char tail[TAIL_BYTES]; /* of what the command prints */
    size_t tail_length;
    bool stopped;
};

/* What the recording's own process comes to. */
struct outcome {
    int failure;
    struct thaw_error error;
    struct thaw_record_result result;
};

/* --- in the child that records --- */

static void pass_line(void *context, const char *line)
{
    const struct server *server = context;
    struct thaw_recorder_message message = {.kind = THAW_RECORDER_LINE};

    if (server->told)
        return;
    snprintf(message.line, sizeof(message.line), "%s", line);
    send(server->socket, &message, sizeof(message), MSG_NOSIGNAL);
}

static int set_streams(int output, struct thaw_error *error)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(output, STDERR_FILENO) < 0)
        return thaw_error_system(error, -errno, "preparing the command's streams");
    close(nothing);
    return 0;
}

static _Noreturn void record(struct server *server, const struct thaw_recorder_order *order,
                             int output, int outcome_end)
{
    const struct thaw_repeat_command *command = &server->options->commands[order->command];
    struct thaw_record_options options = server->options->record;
    struct outcome outcome = {0};

    options.command = command->command;
    options.output = order->path;
    options.trial = order->number;
    options.trials = order->number ? server->options->runs : 0;
    options.cold = order->number && server->options->cold ? "yes" : "no";
    options.counting = order->counting;
    options.say = pass_line;
    options.context = server;
    outcome.failure = set_streams(output, &outcome.error);
    if (!outcome.failure && command->directory && chdir(command->directory))
        outcome.failure = thaw_error_system(&outcome.error, -errno, "%s", command->directory);
    if (!outcome.failure)
        outcome.failure = thaw_record(&options, &outcome.result, &outcome.error);
    _exit(write(outcome_end, &outcome, sizeof(outcome)) == (ssize_t)sizeof(outcome) ? 0 : 1);
}

/* --- beside it --- */

static void keep_tail(struct making *making, const char *bytes, size_t length)
{
    size_t most = sizeof(making->tail), kept;

    if (length > most) {
        bytes += length - most;
        length = most;
    }
    kept = making->tail_length < most - length ? making->tail_length : most - length;
    memmove(making->tail, making->tail + making->tail_length - kept, kept);
    memcpy(making->tail + kept, bytes, length);
    making->tail_length = kept + length;
}

/* False: there is nothing now, or will be no more. */
static bool take_output(struct making *making)
{
    char piece[16384];
    ssize_t got = read(making->output, piece, sizeof(piece));

    if (got > 0)
        keep_tail(making, piece, (size_t)got);
    return got > 0;
}

static void last_line(const struct making *making, char *text, size_t size)
{
    size_t end = making->tail_length, start;

    while (end > 0 && (making->tail[end - 1] == '\n' || making->tail[end - 1] == ' '))
        end--;
    for (start = end; start > 0 && making->tail[start - 1] != '\n';)
        start--;
    thaw_text_escape_terminal(text, size, making->tail + start, end - start);
}

static void stop(struct making *making)
{
    if (!making->stopped)
        kill(making->child, SIGTERM); /* not waited for yet: the id is its own */
    making->stopped = true;
}

/* The starter may ask for the end, or be gone, which is the same. */
static void take_request(struct making *making)
{
    struct thaw_recorder_message message;
    ssize_t got = recv(making->server->socket, &message, sizeof(message), MSG_DONTWAIT);

    if (got >= 0 || (errno != EAGAIN && errno != EINTR))
        stop(making);
}

/* Until the recording's process has ended. */
static void watch(struct making *making)
{
    struct pollfd wait[] = {{.fd = making->pidfd, .events = POLLIN},
                            {.fd = making->server->socket, .events = POLLIN},
                            {.fd = making->output, .events = POLLIN}};

    while (!wait[0].revents) {
        poll(wait, 3, making->order->look ? LOOK_MS : -1);
        if (making->order->look)
            thaw_cold_look(&making->server->cold, making->child);
        if (wait[1].revents)
            take_request(making);
        if (making->stopped)
            wait[1] = (struct pollfd){.fd = -1};
        if (wait[2].revents && !take_output(making) && (wait[2].revents & POLLHUP))
            wait[2] = (struct pollfd){.fd = -1};
    }
    for (int pieces = 0; pieces < 8 && take_output(making); pieces++)
        ; /* a pipe has 64 KiB; others may hold its other end */
}

static uint64_t cpu_ns(const struct rusage *usage)
{
    return (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * NS_PER_SECOND +
           (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1000;
}

static void take_end(struct making *making, struct thaw_recorder_answer *answer)
{
    struct outcome outcome = {0};
    struct rusage usage = {0};

    while (wait4(making->child, NULL, 0, &usage) < 0 && errno == EINTR)
        ;
    answer->cpu_ns = cpu_ns(&usage);
    if (read(making->outcome, &outcome, sizeof(outcome)) != (ssize_t)sizeof(outcome))
        outcome.failure =
            thaw_error_set(&outcome.error, -ECHILD, "the process that records ended unexpectedly");
    answer->failure = outcome.failure;
    answer->result = outcome.result;
    if (outcome.failure)
        snprintf(answer->reason, sizeof(answer->reason), "%s", outcome.error.message);
    last_line(making, answer->last_line, sizeof(answer->last_line));
}

static int open_pipes(int output[2], int outcome[2], struct thaw_error *error)
{
    if (pipe2(output, O_CLOEXEC))
        return thaw_error_system(error, -errno, "making a pipe");
    if (pipe2(outcome, O_CLOEXEC)) {
        int code = -errno;

        close(output[0]);
        close(output[1]);
        return thaw_error_system(error, code, "making a pipe");
    }
    fcntl(output[0], F_SETFL, O_NONBLOCK);
    return 0;
}

static int make(struct making *making, struct thaw_recorder_answer *answer,
                struct thaw_error *error)
{
    int output[2], outcome[2], code = open_pipes(output, outcome, error);
    uint64_t begun_ns = thaw_clock_now_ns();

    if (code)
        return code;
    making->output = output[0];
    making->outcome = outcome[0];
    making->child = fork();
    if (making->child == 0)
        record(making->server, making->order, output[1], outcome[1]);
    code = making->child < 0 ? -errno : 0;
    close(output[1]);
    close(outcome[1]);
    making->pidfd = code ? -1 : (int)syscall(SYS_pidfd_open, making->child, 0);
    if (!code && making->pidfd < 0) {
        code = -errno;
        kill(making->child, SIGTERM);
    } else if (!code) {
        watch(making);
        close(making->pidfd);
    }
    if (making->child > 0)
        take_end(making, answer);
    answer->wall_ns = thaw_clock_now_ns() - begun_ns;
    close(output[0]);
    close(outcome[0]);
    return code ? thaw_error_system(error, code, "starting a recording") : 0;
}

static void serve(struct server *server, const struct thaw_recorder_order *order)
{
    struct thaw_recorder_message message = {.kind = THAW_RECORDER_ANSWER};
    struct thaw_recorder_answer *answer = &message.answer;
    struct making making = {.server = server, .order = order};
    struct thaw_error error = {0};
    int code = 0;

    if (order->evict)
        code = thaw_cold_evict(&server->cold, server->listed, &answer->cold, &error);
    if (!code)
        code = make(&making, answer, &error);
    if (code) {
        answer->failure = code;
        snprintf(answer->reason, sizeof(answer->reason), "%s", error.message);
    }
    server->told = true;
    send(server->socket, &message, sizeof(message), MSG_NOSIGNAL);
}

_Noreturn void thaw_recorder_main(const struct thaw_repeat_options *options, int socket, int listed)
{
    struct server server = {.options = options, .socket = socket, .listed = listed};
    struct thaw_recorder_message message;
    sigset_t ended_by_starter;
    ssize_t got;

    /* Ctrl-C meets the starter, too, who asks for the end then. */
    sigemptyset(&ended_by_starter);
    sigaddset(&ended_by_starter, SIGINT);
    sigaddset(&ended_by_starter, SIGTERM);
    sigaddset(&ended_by_starter, SIGHUP);
    sigprocmask(SIG_BLOCK, &ended_by_starter, NULL);
    do {
        got = recv(socket, &message, sizeof(message), 0);
        if (got == (ssize_t)sizeof(message) && message.kind == THAW_RECORDER_ORDER)
            serve(&server, &message.order);
    } while (got > 0 || (got < 0 && errno == EINTR));
    _exit(0);
}
