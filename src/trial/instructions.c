/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/text.h"
#include "trial/instructions.h"

#define TOOL "valgrind"
#define LOG_DESCRIPTOR 9
#define LOG_OPTION "--log-fd=9"
#define LINE_BYTES 512 /* of valgrind's log, and of what is kept of the command's output */
#define NS_PER_MS 1000000
#define WAIT_MS_MOST 60000
#define PIECES_AFTER_END 16 /* a pipe has 64 KiB */

/* The last line of a stream that had something in it, and the one that is not whole yet. */
struct lines {
    int descriptor;
    char line[LINE_BYTES], last[LINE_BYTES];
    size_t used;
};

struct counted_run {
    const struct thaw_instructions_options *options;
    pid_t pid;
    int pidfd;
    struct lines log, output;
    bool found;
    uint64_t instructions;
    bool stopped, late;
};

static bool is_program(const char *path)
{
    return access(path, X_OK) == 0;
}

/* As execvp(3) will look for it, in that folder. */
static bool find_program(const char *name, const char *directory)
{
    const char *folders = getenv("PATH");
    char path[PATH_MAX];
    size_t length;

    if (strchr(name, '/')) {
        snprintf(path, sizeof(path), "%s%s%s", directory && *name != '/' ? directory : "",
                 directory && *name != '/' ? "/" : "", name);
        return is_program(path);
    }
    for (; folders && *folders; folders += length + (folders[length] == ':')) {
        length = strcspn(folders, ":");
        if ((size_t)snprintf(path, sizeof(path), "%.*s/%s", (int)length, folders, name) <
                sizeof(path) &&
            is_program(path))
            return true;
    }
    return false;
}

/* What differs from run to run otherwise: hashes, addresses, and threads that wait for each other.
 */
static int hold_still(void)
{
    static const char *const settings[][2] = {{"PYTHONHASHSEED", "0"},
                                              {"OPENBLAS_NUM_THREADS", "1"},
                                              {"OMP_NUM_THREADS", "1"},
                                              {"MKL_NUM_THREADS", "1"}};
    int before = personality(0xffffffff);

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        if (setenv(settings[i][0], settings[i][1], 1))
            return -ENOMEM;
    if (before < 0 || personality((unsigned long)before | ADDR_NO_RANDOMIZE) < 0)
        return -errno;
    return 0;
}

static int set_streams(int log, int output)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(output, STDERR_FILENO) < 0)
        return -errno;
    if (log == LOG_DESCRIPTOR)
        return fcntl(log, F_SETFD, 0) ? -errno : 0;
    return dup2(log, LOG_DESCRIPTOR) < 0 ? -errno : 0;
}

static const char **make_command(const char *const *command)
{
    static const char *const head[] = {TOOL,
                                       "--tool=callgrind",
                                       "--cache-sim=no",
                                       "--callgrind-out-file=/dev/null",
                                       "--trace-children=no",
                                       LOG_OPTION,
                                       "--"};
    size_t heads = sizeof(head) / sizeof(head[0]), count = 0;
    const char **words;

    while (command[count])
        count++;
    words = calloc(heads + count + 1, sizeof(*words));
    if (!words)
        return NULL;
    memcpy(words, head, sizeof(head));
    memcpy(words + heads, command, count * sizeof(*words));
    return words;
}

/* In the child; returns only when it can't. A group of its own: what it starts ends with it. */
static void become_command(const struct counted_run *run, const char *const *words, int log,
                           int output, pid_t parent)
{
    sigset_t none;

    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL); /* thaw ignores it */
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent || setpgid(0, 0) || set_streams(log, output) || hold_still() ||
        (run->options->directory && chdir(run->options->directory)))
        return;
    execvp(words[0], (char *const *)words);
}

static int start(struct counted_run *run, const char *const *words)
{
    int log[2], output[2], code;
    pid_t parent = getpid();

    if (pipe2(log, O_CLOEXEC))
        return -errno;
    run->log.descriptor = log[0];
    if (pipe2(output, O_CLOEXEC)) {
        code = -errno;
        close(log[1]);
        return code;
    }
    run->output.descriptor = output[0];
    run->pid = fork();
    if (run->pid == 0) {
        become_command(run, words, log[1], output[1], parent);
        _exit(125);
    }
    code = run->pid < 0 ? -errno : 0;
    close(log[1]);
    close(output[1]);
    if (code || fcntl(log[0], F_SETFL, O_NONBLOCK) || fcntl(output[0], F_SETFL, O_NONBLOCK))
        return code ? code : -errno;
    run->pidfd = (int)syscall(SYS_pidfd_open, run->pid, 0);
    return run->pidfd < 0 ? -errno : 0;
}

/* "==123== Collected : 57284304": each process that it forks says so, too. */
static void take_figure(struct counted_run *run, const char *line)
{
    unsigned long long figure;
    int pid;

    if (sscanf(line, "==%d== Collected : %llu", &pid, &figure) == 2 && pid == (int)run->pid) {
        run->found = true;
        run->instructions = figure;
    }
}

static void end_line(struct counted_run *run, struct lines *lines)
{
    lines->line[lines->used] = '\0';
    if (lines == &run->log)
        take_figure(run, lines->line);
    if (lines->used)
        memcpy(lines->last, lines->line, lines->used + 1);
    lines->used = 0;
}

/* False: closed, or nothing is there now. */
static bool take(struct counted_run *run, struct lines *lines)
{
    char piece[4096];
    ssize_t got = read(lines->descriptor, piece, sizeof(piece));

    for (ssize_t i = 0; i < got; i++) {
        if (piece[i] == '\n')
            end_line(run, lines);
        else if (lines->used < LINE_BYTES - 1)
            lines->line[lines->used++] = piece[i];
    }
    return got > 0;
}

static int wait_ms(uint64_t deadline_ns)
{
    uint64_t now = thaw_clock_now_ns(), left;

    if (!deadline_ns)
        return -1;
    left = deadline_ns > now ? (deadline_ns - now) / NS_PER_MS + 1 : 0;
    return left < WAIT_MS_MOST ? (int)left : WAIT_MS_MOST;
}

static void end_early(struct counted_run *run)
{
    kill(-run->pid, SIGKILL); /* not waited for yet: the id is its own */
    kill(run->pid, SIGKILL);
}

static int watch(struct counted_run *run)
{
    uint64_t timeout_ns = run->options->timeout_ns;
    uint64_t deadline_ns = timeout_ns ? thaw_clock_now_ns() + timeout_ns : 0;
    struct pollfd polls[] = {{.fd = run->pidfd, .events = POLLIN},
                             {.fd = run->log.descriptor, .events = POLLIN},
                             {.fd = run->output.descriptor, .events = POLLIN},
                             {.fd = run->options->stop, .events = POLLIN}};

    while (!polls[0].revents) {
        if (poll(polls, 4, run->late || run->stopped ? -1 : wait_ms(deadline_ns)) < 0 &&
            errno != EINTR)
            return -errno;
        if (polls[1].revents && !take(run, &run->log))
            polls[1] = (struct pollfd){.fd = -1};
        if (polls[2].revents && !take(run, &run->output))
            polls[2] = (struct pollfd){.fd = -1};
        if (!polls[0].revents && polls[3].revents) {
            run->stopped = true;
            polls[3] = (struct pollfd){.fd = -1};
            end_early(run);
        }
        if (deadline_ns && thaw_clock_now_ns() >= deadline_ns && !run->late && !run->stopped &&
            !polls[0].revents) {
            run->late = true;
            end_early(run);
        }
    }
    return 0;
}

/* How it ended: what is wrong with that, in a line. */
static int judge(struct counted_run *run, int status, struct thaw_error *error)
{
    const char *name = run->options->command[0];
    char line[LINE_BYTES];
    const char *last = *run->output.last ? run->output.last : run->log.last;

    thaw_text_escape_terminal(line, sizeof(line), last, strlen(last));
    if (run->stopped)
        return thaw_error_set(error, -EINTR, "%s was stopped", name);
    if (run->late)
        return thaw_error_set(error, -ETIME, "%s was not done under " TOOL " after %.0f s", name,
                              (double)run->options->timeout_ns / 1e9);
    /* valgrind takes a breakpoint of the kernel's for one of the program's own. */
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGTRAP)
        return thaw_error_set(error, -ECHILD,
                              "%s met a breakpoint under " TOOL ": is something recorded with eBPF "
                              "meanwhile? Its probes stand in the files of the program",
                              name);
    if (WIFSIGNALED(status))
        return thaw_error_set(error, -ECHILD, "%s was ended by signal %d (%s) under " TOOL ": %s",
                              name, WTERMSIG(status), strsignal(WTERMSIG(status)), line);
    if (WEXITSTATUS(status))
        return thaw_error_set(error, -ECHILD, "%s ended with status %d under " TOOL ": %s", name,
                              WEXITSTATUS(status), line);
    if (!run->found)
        return thaw_error_set(error, -ECHILD,
                              TOOL " told no figure for %s: a command that executes another "
                                   "program in its own place can't be counted, name that program",
                              name);
    return 0;
}

static int finish(struct counted_run *run, struct thaw_error *error)
{
    int status;

    kill(-run->pid, SIGKILL); /* what it started and left behind */
    for (int i = 0; i < PIECES_AFTER_END && take(run, &run->log); i++)
        ;
    for (int i = 0; i < PIECES_AFTER_END && take(run, &run->output); i++)
        ;
    end_line(run, &run->log);
    end_line(run, &run->output);
    while (waitpid(run->pid, &status, 0) < 0)
        if (errno != EINTR)
            return thaw_error_system(error, -errno, "waiting for " TOOL);
    run->pid = -1;
    return judge(run, status, error);
}

static void close_run(struct counted_run *run)
{
    if (run->pid > 0) {
        end_early(run);
        while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (run->pidfd >= 0)
        close(run->pidfd);
    if (run->log.descriptor >= 0)
        close(run->log.descriptor);
    if (run->output.descriptor >= 0)
        close(run->output.descriptor);
}

int thaw_instructions(const struct thaw_instructions_options *options, uint64_t *ret,
                      struct thaw_error *error)
{
    struct counted_run run = {.options = options, .pid = -1, .pidfd = -1};
    const char **words;
    int code;

    run.log.descriptor = run.output.descriptor = -1;
    if (!find_program(TOOL, NULL))
        return thaw_error_set(error, -ENOENT,
                              "instructions are counted by " TOOL
                              ", which is not here: install it (apt-get install " TOOL ")");
    if (!find_program(options->command[0], options->directory))
        return thaw_error_set(error, -ENOENT, "%s: no such command; give its path, or check PATH",
                              options->command[0]);
    words = make_command(options->command);
    if (!words)
        return thaw_error_memory(error);
    code = start(&run, words);
    if (!code)
        code = watch(&run);
    if (code)
        thaw_error_system(error, code, "running %s under " TOOL, options->command[0]);
    else
        code = finish(&run, error);
    close_run(&run);
    free(words);
    if (!code)
        *ret = run.instructions;
    return code;
}
