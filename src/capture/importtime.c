/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The backend that needs no privilege: CPython's own import report, asked for through
 * PYTHONPROFILEIMPORTTIME, and /proc. The command's standard error becomes a socket, because the
 * kernel then says of every line which process wrote it; what isn't the report is passed on. (A
 * program that opens /dev/stderr by its path can't: sockets have no open.)
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uthash.h>

#include "base/arena.h"
#include "base/clock.h"
#include "capture/backend.h"
#include "capture/counts.h"
#include "capture/libraries.h"
#include "capture/probes.h"
#include "capture/tracer.h"
#include "capture/tree.h"
#include "python/importtime_line.h"
#include "python/interpreter.h"

#define LINE_MOST 4096

/* A process of the command's tree, and the line of its report that is not whole yet. */
struct reporter {
    uint32_t pid;
    bool python;
    bool reported; /* wrote at least one line of the report */
    uint64_t seen; /* the last walk on which it was there */
    size_t used;
    char line[LINE_MOST];
    UT_hash_handle hh;
};

struct importtime {
    const struct thaw_backend_session *session;
    int ours;   /* the end that is read */
    int theirs; /* the command's standard error */
    pid_t root;
    uint64_t cpu_begin_ns;
    uint64_t lines;
    uint64_t walks; /* over the command's tree */
    struct reporter *reporters;
    struct thaw_tracer *tracer; /* NULL: nothing is counted */
};

static void importtime_close(void *context)
{
    struct importtime *state = context;
    struct reporter *reporter, *next;

    thaw_tracer_free(state->tracer);
    HASH_ITER(hh, state->reporters, reporter, next)
    {
        HASH_DEL(state->reporters, reporter);
        free(reporter);
    }
    if (state->ours >= 0)
        close(state->ours);
    if (state->theirs >= 0)
        close(state->theirs);
    free(state);
}

static int append(struct importtime *state, const struct thaw_event *event,
                  struct thaw_error *error)
{
    return thaw_recording_writer_append(state->session->writer, event, error);
}

/* What this backend can't see, in the same words as everywhere: the probe table. */
static int store_probes(struct importtime *state, struct thaw_error *error)
{
    size_t count;
    const struct thaw_probe_row *rows = thaw_probes(&count);
    int code = 0;

    for (size_t i = 0; !code && i < count; i++) {
        struct thaw_event event = {.kind = THAW_EVENT_PROBE, .time_ns = thaw_clock_now_ns()};

        if (rows[i].kind == THAW_PROBE_VM || /* told of where a monitor is seen */
            !(rows[i].uses & THAW_PROBE_RECORDS))
            continue;
        event.probe.name = rows[i].name;
        event.probe.target = rows[i].target ? rows[i].target : "";
        event.probe.status = "missing";
        event.probe.how = "";
        event.probe.reason = "the importtime backend observes without eBPF";
        event.probe.without = rows[i].without;
        code = append(state, &event, error);
    }
    return code;
}

static int open_socket(struct importtime *state, struct thaw_error *error)
{
    int ends[2], on = 1;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return thaw_error_system(error, -errno, "making a socket for standard error");
    state->ours = ends[0];
    state->theirs = ends[1];
    if (setsockopt(state->ours, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)))
        return thaw_error_system(error, -errno, "asking for the writers' process ids");
    return 0;
}

static int importtime_prepare(const struct thaw_backend_session *session, void **ret_state,
                              struct thaw_error *error)
{
    struct importtime *state = calloc(1, sizeof(*state));
    int code;

    if (!state)
        return thaw_error_memory(error);
    state->session = session;
    state->ours = state->theirs = -1;
    state->cpu_begin_ns = thaw_clock_own_cpu_ns();
    code = open_socket(state, error);
    if (!code && setenv("PYTHONPROFILEIMPORTTIME", "1", 1))
        code = thaw_error_memory(error);
    if (!code)
        code = store_probes(state, error);
    if (code)
        importtime_close(state);
    else
        *ret_state = state;
    return code;
}

static int importtime_error_descriptor(void *context)
{
    struct importtime *state = context;

    return state->theirs;
}

/* Where that is refused, one line says so; the rest is recorded as without. */
static int begin_counting(struct importtime *state, struct thaw_error *error)
{
    const struct thaw_record_options *options = state->session->options;
    struct thaw_event event = {.kind = THAW_EVENT_PROBE, .time_ns = thaw_clock_now_ns()};
    struct thaw_error refusal = {0};
    char line[sizeof(refusal.message) + 160];
    int code = thaw_tracer_start(state->root, &state->tracer, &refusal);

    if (code == -ENOMEM)
        return thaw_error_memory(error);
    event.probe = (struct thaw_probe){
        .name = THAW_PROBE_COUNTING,
        .target = "the command",
        .status = code ? "failed" : "attached",
        .how = "ptrace",
        .reason = code ? refusal.message : "",
        .without = code ? "system calls, files opened, failed lookups, bytes read and threads of "
                          "each process"
                        : "",
    };
    if (code) {
        snprintf(line, sizeof(line),
                 "nothing is counted: %s; a container needs a seccomp profile that lets ptrace "
                 "through, and kernel.yama.ptrace_scope below 2",
                 refusal.message);
        options->say(options->context, line);
    }
    return append(state, &event, error);
}

static int importtime_spawned(void *context, pid_t process, struct thaw_error *error)
{
    struct importtime *state = context;

    state->root = process;
    return state->session->options->counting ? begin_counting(state, error) : 0;
}

/*
 * There is nothing to drop. The command's end of the socket stays open here as well, so that ours
 * never reads as ended, and ready all the time, when the command closes it early.
 */
static int importtime_settle(void *context, struct thaw_error *error)
{
    (void)context;
    (void)error;
    return 0;
}

static int importtime_descriptor(void *context)
{
    struct importtime *state = context;

    return state->ours;
}

static int store_interpreter(struct importtime *state, uint32_t pid, const char *executable,
                             struct thaw_arena *arena, bool *ret_python, struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_INTERPRETER,
        .time_ns = thaw_clock_now_ns(),
        .pid = pid,
        .tid = pid,
    };
    const char *started_as = thaw_interpreter_started_as((pid_t)pid, "", arena);
    struct thaw_interpreter_info info;

    *ret_python = thaw_interpreter_identify(executable, arena, &info, NULL) == 0;
    if (!*ret_python)
        return 0;
    event.interpreter.executable = started_as ? started_as : executable;
    event.interpreter.library = info.library;
    event.interpreter.version = info.version;
    event.interpreter.coverage = "from start";
    event.interpreter.reason = "";
    return append(state, &event, error);
}

/* The entry of a process; one that is new is looked at in /proc. NULL with *code set on failure. */
static struct reporter *reporter_of(struct importtime *state, uint32_t pid, int *code,
                                    struct thaw_error *error)
{
    struct reporter *reporter;
    struct thaw_arena arena = {0};
    struct thaw_tree_found found;

    HASH_FIND(hh, state->reporters, &pid, sizeof(pid), reporter);
    if (reporter)
        return reporter;
    reporter = calloc(1, sizeof(*reporter));
    if (!reporter) {
        *code = thaw_error_memory(error);
        return NULL;
    }
    reporter->pid = pid;
    HASH_ADD(hh, state->reporters, pid, sizeof(reporter->pid), reporter);
    *code = thaw_tree_found(pid, thaw_platforms_find(state->session->options->platform),
                            state->session->writer, &arena, &found, error);
    if (!*code)
        *code = store_interpreter(state, pid, found.executable, &arena, &reporter->python, error);
    else if (*code == -ESRCH)
        *code = 0; /* gone already; its report still counts */
    thaw_arena_free(&arena);
    return *code ? NULL : reporter;
}

static void pass_on(const char *bytes, size_t length)
{
    while (length) {
        ssize_t written = write(STDERR_FILENO, bytes, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return; /* nobody reads it: as for the command itself */
        bytes += written;
        length -= (size_t)written;
    }
}

static int store_import(struct importtime *state, struct reporter *reporter,
                        const struct thaw_importtime_line *line, struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_IMPORT_TIMED,
        .time_ns = thaw_clock_now_ns(),
        .pid = reporter->pid,
        .tid = reporter->pid,
    };
    struct thaw_arena arena = {0};
    int code;

    reporter->reported = true;
    state->lines++;
    event.import_timed.name = thaw_arena_text(&arena, line->name, line->name_bytes);
    event.import_timed.depth = line->depth;
    event.import_timed.self_ns = line->self_ns;
    event.import_timed.total_ns = line->total_ns;
    code = event.import_timed.name ? append(state, &event, error) : thaw_error_memory(error);
    thaw_arena_free(&arena);
    return code;
}

/* A whole line (without its end), or as much as fits of one that is too long. */
static int take_line(struct importtime *state, struct reporter *reporter, bool ended,
                     struct thaw_error *error)
{
    struct thaw_importtime_line line;
    size_t length = reporter->used;

    reporter->used = 0;
    switch (thaw_importtime_parse(reporter->line, length, &line)) {
    case THAW_IMPORTTIME_IMPORT:
        return store_import(state, reporter, &line, error);
    case THAW_IMPORTTIME_HEADER:
        reporter->reported = true;
        return 0;
    default:
        pass_on(reporter->line, length);
        if (ended)
            pass_on("\n", 1);
        return 0;
    }
}

static int take_bytes(struct importtime *state, struct reporter *reporter, const char *bytes,
                      size_t length, struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; !code && i < length; i++) {
        if (bytes[i] == '\n') {
            code = take_line(state, reporter, true, error);
            continue;
        }
        reporter->line[reporter->used++] = bytes[i];
        if (reporter->used == LINE_MOST)
            code = take_line(state, reporter, false, error);
    }
    return code;
}

/* One read: the kernel never joins bytes of different writers in it (unix(7), SO_PASSCRED). */
static ssize_t receive(int socket, char *bytes, size_t size, uint32_t *ret_pid)
{
    char control[CMSG_SPACE(sizeof(struct ucred))];
    struct iovec buffer = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &buffer,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof(control),
    };
    ssize_t length = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = length > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    struct ucred writer = {0};

    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_CREDENTIALS)
        memcpy(&writer, CMSG_DATA(header), sizeof(writer));
    *ret_pid = (uint32_t)writer.pid;
    return length;
}

/* One scan of the command's tree. */
struct scan {
    struct importtime *state;
    struct thaw_error *error;
};

static int visit(void *context, uint32_t pid)
{
    struct scan *scan = context;
    struct reporter *reporter;
    int code = 0;

    reporter = reporter_of(scan->state, pid, &code, scan->error);
    if (reporter)
        reporter->seen = scan->state->walks;
    return code;
}

static int importtime_drain(void *context, struct thaw_error *error)
{
    struct importtime *state = context;
    char bytes[16384];
    uint32_t pid;
    ssize_t length;
    int code = 0;

    while (!code && (length = receive(state->ours, bytes, sizeof(bytes), &pid)) > 0) {
        struct reporter *reporter = reporter_of(state, pid, &code, error);

        if (reporter)
            code = take_bytes(state, reporter, bytes, (size_t)length, error);
    }
    state->walks++;
    if (!code)
        code = thaw_tree_walk((uint32_t)state->root, visit,
                              &(struct scan){.state = state, .error = error});
    return code ? code : thaw_recording_writer_flush(state->session->writer, error);
}

static bool importtime_answered(void *context)
{
    (void)context;
    return false; /* replies are not seen */
}

/* An interpreter that reported nothing: says so, instead of showing an empty tree. */
static int store_silence(struct importtime *state, const struct reporter *reporter,
                         struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_LOSS,
        .time_ns = thaw_clock_now_ns(),
        .pid = reporter->pid,
        .tid = reporter->pid,
    };

    if (!reporter->python || reporter->reported)
        return 0;
    event.loss.cause = "no-import-report";
    event.loss.count = 1;
    event.loss.what = "a Python process wrote no import report: it ignores PYTHON… variables "
                      "(-I, -E) or its standard error leads elsewhere";
    return append(state, &event, error);
}

/* The CPU time of one that was there on the last walk: the command's also when it has ended, as
 * nobody has waited for it yet. */
static int store_times(struct importtime *state, const struct reporter *reporter,
                       struct thaw_error *error)
{
    const struct thaw_record_result *result = state->session->result;
    bool ended = reporter->pid == (uint32_t)state->root && result->end == THAW_END_EXIT;
    struct thaw_process_counts counts = {
        .by = "proc",
        .until = ended ? "exit" : thaw_counts_until(result),
        .known = THAW_COUNTED_CPU,
    };

    if (reporter->seen != state->walks || !thaw_counts_cpu(reporter->pid, &counts.cpu_ns))
        return 0;
    return thaw_counts_store(state->session->writer, reporter->pid, &counts, error);
}

/* Of what still runs the libraries are in its mappings; of what has ended the tracer knows. */
static int store_counts(struct importtime *state, struct thaw_error *error)
{
    const char *until = thaw_counts_until(state->session->result);
    struct reporter *reporter, *next;
    int code = 0;

    if (state->tracer) {
        thaw_tracer_end(state->tracer);
        code = thaw_tracer_store(state->tracer, until, state->session->writer, error);
    }
    HASH_ITER(hh, state->reporters, reporter, next)
    {
        if (!code && !state->tracer)
            code = store_times(state, reporter, error);
        if (!code && reporter->python && reporter->seen == state->walks)
            code = thaw_libraries_store(reporter->pid, state->session->writer, error);
    }
    return code;
}

static int importtime_finish(void *context, struct thaw_error *error)
{
    struct importtime *state = context;
    struct thaw_event event = {.kind = THAW_EVENT_COST};
    struct reporter *reporter, *next;
    int code = importtime_drain(state, error);

    if (!code)
        code = store_counts(state, error);
    HASH_ITER(hh, state->reporters, reporter, next)
    {
        if (!code && reporter->used)
            code = take_line(state, reporter, false, error);
        if (!code)
            code = store_silence(state, reporter, error);
    }
    event.time_ns = thaw_clock_now_ns();
    event.cost.reader_cpu_ns = thaw_clock_own_cpu_ns() - state->cpu_begin_ns;
    event.cost.events = state->lines;
    return code ? code : append(state, &event, error);
}

const struct thaw_backend_operations thaw_backend_importtime = {
    .name = "importtime",
    .prepare = importtime_prepare,
    .error_descriptor = importtime_error_descriptor,
    .spawned = importtime_spawned,
    .settle = importtime_settle,
    .descriptor = importtime_descriptor,
    .drain = importtime_drain,
    .answered = importtime_answered,
    .finish = importtime_finish,
    .close = importtime_close,
};
