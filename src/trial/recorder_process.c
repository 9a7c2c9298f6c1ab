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
#include "trial/cold.h"
#include "trial/recorder_process.h"
#include "trial/tail.h"

#define NS_PER_SECOND UINT64_C(1000000000)
#define LOOK_MS 5 /* between looks at what is mapped */
#define TAIL_BYTES 2048

struct server {
    const struct thaw_repeat_options *options;
    int socket;
    int listed;
    int ready; /* in the child that records: its end of struct making's */
    bool told; /* what the first recording had to say holds for the others */
    struct thaw_cold cold;
};

/* One recording being made. */
struct making {
    struct server *server;
    const struct thaw_recorder_order *order;
    struct thaw_recorder_answer *answer;
    pid_t child;
    int pidfd, output, outcome;
    int ready; /* a byte comes when the command can be let go, and goes back when it may */
    uint64_t evicting_ns;
    struct thaw_error evicting; /* why that failed */
    char tail[TAIL_BYTES];      /* of what the command prints */
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

/* What attaching has read of the command's files is in memory again: they are evicted now. */
static int wait_for_eviction(void *context, struct thaw_error *error)
{
    const struct server *server = context;
    char byte = 'r';

    if (send(server->ready, &byte, 1, MSG_NOSIGNAL) != 1 || recv(server->ready, &byte, 1, 0) != 1)
        return thaw_error_set(error, -ECANCELED, "files could not be put out of memory");
    return 0;
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
    options.ready = order->evict ? wait_for_eviction : NULL;
    options.context = server;
    outcome.failure = set_streams(output, &outcome.error);
    if (!outcome.failure && command->directory && chdir(command->directory))
        outcome.failure = thaw_error_system(&outcome.error, -errno, "%s", command->directory);
    if (!outcome.failure)
        outcome.failure = thaw_record(&options, &outcome.result, &outcome.error);
    _exit(write(outcome_end, &outcome, sizeof(outcome)) == (ssize_t)sizeof(outcome) ? 0 : 1);
}

/* --- beside it --- */

/* False: there is nothing now, or will be no more. */
static bool take_output(struct making *making)
{
    char piece[16384];
    ssize_t got = read(making->output, piece, sizeof(piece));

    if (got > 0)
        thaw_tail_keep(making->tail, sizeof(making->tail), &making->tail_length, piece,
                       (size_t)got);
    return got > 0;
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

/* Closed, it tells the child that it failed. */
static void evict(struct making *making)
{
    struct server *server = making->server;
    uint64_t begun_ns = thaw_clock_now_ns();
    char byte;

    if (recv(making->ready, &byte, 1, MSG_DONTWAIT) != 1)
        return;
    if (thaw_cold_evict(&server->cold, server->listed, &making->answer->cold, &making->evicting) ||
        send(making->ready, &byte, 1, MSG_NOSIGNAL) != 1)
        shutdown(making->ready, SHUT_RDWR);
    making->evicting_ns = thaw_clock_now_ns() - begun_ns;
}

/* Until the recording's process has ended. */
static void watch(struct making *making)
{
    struct pollfd wait[] = {{.fd = making->pidfd, .events = POLLIN},
                            {.fd = making->server->socket, .events = POLLIN},
                            {.fd = making->output, .events = POLLIN},
                            {.fd = making->ready, .events = POLLIN}};

    while (!wait[0].revents) {
        poll(wait, 4, making->order->look ? LOOK_MS : -1);
        if (wait[3].revents) {
            evict(making);
            wait[3] = (struct pollfd){.fd = -1};
        }
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

static void take_end(struct making *making)
{
    struct thaw_recorder_answer *answer = making->answer;
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
        snprintf(answer->reason, sizeof(answer->reason), "%s",
                 making->evicting.code ? making->evicting.message : outcome.error.message);
    thaw_tail_line(making->tail, making->tail_length, answer->last_line, sizeof(answer->last_line));
}

/* Between a recording's process and this one: [0] is ours. */
struct ends {
    int output[2], outcome[2], ready[2];
};

static void close_ends(struct ends *ends, int side)
{
    int *const pairs[] = {ends->output, ends->outcome, ends->ready};

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (pairs[i][side] >= 0)
            close(pairs[i][side]);
        pairs[i][side] = -1;
    }
}

static int open_ends(struct ends *ends, struct thaw_error *error)
{
    int code;

    *ends = (struct ends){{-1, -1}, {-1, -1}, {-1, -1}};
    if (pipe2(ends->output, O_CLOEXEC) == 0 && pipe2(ends->outcome, O_CLOEXEC) == 0 &&
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends->ready) == 0) {
        fcntl(ends->output[0], F_SETFL, O_NONBLOCK);
        return 0;
    }
    code = thaw_error_system(error, -errno, "making pipes for a recording");
    close_ends(ends, 0);
    close_ends(ends, 1);
    return code;
}

static int start(struct making *making, struct ends *ends, struct thaw_error *error)
{
    making->child = fork();
    if (making->child == 0) {
        making->server->ready = ends->ready[1];
        close(ends->ready[0]);
        record(making->server, making->order, ends->output[1], ends->outcome[1]);
    }
    if (making->child < 0)
        return thaw_error_system(error, -errno, "starting a recording");
    making->pidfd = (int)syscall(SYS_pidfd_open, making->child, 0);
    if (making->pidfd >= 0)
        return 0;
    kill(making->child, SIGTERM);
    return thaw_error_system(error, -errno, "watching a recording");
}

static int make(struct making *making, struct thaw_error *error)
{
    uint64_t begun_ns = thaw_clock_now_ns();
    struct ends ends;
    int code = open_ends(&ends, error);

    if (code)
        return code;
    making->output = ends.output[0];
    making->outcome = ends.outcome[0];
    making->ready = ends.ready[0];
    code = start(making, &ends, error);
    close_ends(&ends, 1);
    if (!code) {
        watch(making);
        close(making->pidfd);
    }
    if (making->child > 0)
        take_end(making);
    making->answer->wall_ns = thaw_clock_now_ns() - begun_ns - making->evicting_ns;
    close_ends(&ends, 0);
    return code;
}

static void serve(struct server *server, const struct thaw_recorder_order *order)
{
    struct thaw_recorder_message message = {.kind = THAW_RECORDER_ANSWER};
    struct making making = {.server = server, .order = order, .answer = &message.answer};
    struct thaw_error error = {0};
    int code = make(&making, &error);

    if (code) {
        message.answer.failure = code;
        snprintf(message.answer.reason, sizeof(message.answer.reason), "%s", error.message);
    }
    server->told = true;
    send(server->socket, &message, sizeof(message), MSG_NOSIGNAL);
}

_Noreturn void thaw_recorder_main(const struct thaw_repeat_options *options, int socket, int listed)
{
    struct server server = {.options = options, .socket = socket, .listed = listed, .ready = -1};
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
