/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/clock.h"
#include "capture/backend.h"
#include "capture/closing.h"
#include "capture/console_marks.h"
#include "capture/machine.h"
#include "capture/target.h"
#include "capture/trap_cost.h"
#include "capture/watch.h"

#define NS_PER_S 1e9
#define TICK_MS 20
#define WATCHED_MOST 256 /* attached processes whose end is watched */
#define ARGUMENT_MOST 4096
#define GRACE_MS 5000           /* between SIGTERM and SIGKILL */
#define INTERRUPT_GRACE_MS 2000 /* a command that got Ctrl-C too may end by itself */

#define SESSION_ID_BYTES 16

struct recorder {
    struct thaw_backend_session session;
    struct thaw_identity identity;
    struct thaw_kernel_support support;
    const struct thaw_backend_operations *backend;
    void *state; /* the backend's, NULL before prepare */
    struct thaw_target target;
    struct thaw_cpu_accounts accounts;
    THAW_ARRAY(int) attached; /* descriptors of the processes that were attached to */
    int signals;
    int console;                       /* that marks are written to, -1 none */
    char id[2 * SESSION_ID_BYTES + 1]; /* of this recording */
    uint64_t call_cost_ns;   /* of watching one system call; measured with --watch, 0 not known */
    uint64_t watch_until_ns; /* CLOCK_BOOTTIME, 0: no first reply yet */
    struct thaw_record_result *result;
};

const char *thaw_record_end_name(enum thaw_record_end end)
{
    static const char *const names[] = {
        [THAW_END_NONE] = "",
        [THAW_END_FIRST_REPLY] = "first-reply",
        [THAW_END_EXIT] = "exit",
        [THAW_END_DURATION] = "duration",
        [THAW_END_INTERRUPTED] = "interrupted",
        [THAW_END_ERROR] = "error",
    };

    return names[end];
}

static const char *until_name(enum thaw_until until)
{
    static const char *const names[] = {
        [THAW_UNTIL_AUTO] = "auto",
        [THAW_UNTIL_FIRST_REPLY] = "first-reply",
        [THAW_UNTIL_EXIT] = "exit",
        [THAW_UNTIL_DURATION] = "duration",
    };

    return names[until];
}

/* Chooses how to observe; says in three lines what is missing when that is not eBPF. */
static int choose_backend(struct recorder *recorder, const struct thaw_record_options *options,
                          struct thaw_error *error)
{
    const char *refusal;

    if (options->backend == THAW_BACKEND_IMPORTTIME && options->watch_ns)
        return thaw_error_set(error, -ENOTSUP, "--watch needs eBPF: importtime sees no replies");
    recorder->backend = &thaw_backend_importtime;
    recorder->result->backend = THAW_BACKEND_IMPORTTIME;
    if (options->backend == THAW_BACKEND_IMPORTTIME)
        return 0;
    thaw_kernel_probe(false, &recorder->support);
    refusal = thaw_kernel_refusal(&recorder->support);
    if (!refusal) {
        recorder->backend = &thaw_backend_ebpf;
        recorder->result->backend = THAW_BACKEND_EBPF;
        return 0;
    }
    if (options->backend == THAW_BACKEND_EBPF || options->until == THAW_UNTIL_FIRST_REPLY ||
        options->process_count)
        return thaw_error_set(error, -EPERM, "%s", refusal);
    options->say(options->context, refusal);
    options->say(options->context, "recording with the importtime backend instead: the import tree "
                                   "and process times, but no phases, messages or files");
    options->say(options->context, "`thaw doctor` shows what is missing here and how to get it");
    return 0;
}

/* The file is made by the command's user, whose it is to be. */
static int open_writer(struct recorder *recorder, const char *path, struct thaw_error *error)
{
    const struct thaw_identity *identity = &recorder->identity;
    uid_t uid = geteuid();
    gid_t gid = getegid();
    int code;

    if (identity->differs && (setegid(identity->gid) || seteuid(identity->uid)))
        return thaw_error_system(error, -errno, "becoming user %u", (unsigned)identity->uid);
    code = thaw_recording_writer_open(path, &recorder->session.writer, error);
    if (identity->differs && (seteuid(uid) || setegid(gid)) && !code)
        code = thaw_error_system(error, -errno, "returning to user %u", (unsigned)uid);
    return code;
}

/* The command as it was typed; an argument may be 128 KiB, nobody reads more than its beginning. */
static int copy_command(const char *const *command, struct thaw_arena *arena,
                        struct thaw_texts *ret)
{
    size_t count = 0;

    while (command[count])
        count++;
    ret->items = thaw_arena_allocate(arena, (count + 1) * sizeof(*ret->items));
    if (!ret->items)
        return -ENOMEM;
    for (; ret->count < count; ret->count++) {
        const char *word = command[ret->count];

        ret->items[ret->count] = thaw_arena_text(arena, word, strnlen(word, ARGUMENT_MOST));
        if (!ret->items[ret->count])
            return -ENOMEM;
    }
    return 0;
}

/* The command will be in thaw's own control groups, unless it goes elsewhere. */
static int store_machine(struct recorder *recorder, struct thaw_error *error)
{
    const struct thaw_record_options *options = recorder->session.options;
    pid_t process = options->process_count ? options->processes[0] : getpid();

    return thaw_machine_store(recorder->session.writer, process, options->boot, error);
}

/* A random id, by which a recording is found again in one of another machine. */
static int make_id(struct recorder *recorder, struct thaw_error *error)
{
    unsigned char bytes[SESSION_ID_BYTES];

    if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
        return thaw_error_system(error, -errno, "getting random bytes");
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(recorder->id + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

static int write_marks(struct recorder *recorder, struct thaw_error *error)
{
    if (recorder->console < 0)
        return 0;
    return thaw_console_marks_write(recorder->console, recorder->session.options->mark_console,
                                    recorder->id, recorder->session.writer, error);
}

static int store_begin(struct recorder *recorder, struct thaw_error *error)
{
    const struct thaw_record_options *options = recorder->session.options;
    struct thaw_event event = {.kind = THAW_EVENT_SESSION_BEGIN};
    struct thaw_session_begin *begin = &event.session_begin;
    char directory[PATH_MAX] = "";
    struct thaw_arena arena = {0};
    struct utsname system = {0};
    int code;

    if (!getcwd(directory, sizeof(directory)))
        directory[0] = '\0';
    uname(&system);
    event.time_ns = thaw_clock_now_ns();
    begin->realtime_ns = thaw_clock_realtime_ns();
    begin->tool_version = options->tool_version;
    begin->backend = recorder->backend->name;
    begin->kernel = system.release;
    begin->arch = system.machine;
    begin->cpus = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
    if (copy_command(options->command, &arena, &begin->command)) {
        thaw_arena_free(&arena);
        return thaw_error_memory(error);
    }
    begin->directory = directory;
    begin->until = until_name(options->until);
    begin->platform = options->platform;
    begin->session = recorder->id;
    begin->trial = options->trial;
    begin->trials = options->trials;
    begin->cold = options->cold ? options->cold : "";
    code = thaw_recording_writer_append(recorder->session.writer, &event, error);
    thaw_arena_free(&arena);
    return code ? code : store_machine(recorder, error);
}

/* The command's process begins, for a reader of the recording, when it is let go. */
static int store_fork(struct recorder *recorder, struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_PROCESS_FORK,
        .time_ns = thaw_clock_now_ns(),
        .pid = (uint32_t)recorder->target.pid,
        .tid = (uint32_t)recorder->target.pid,
    };

    event.process_fork.parent = (uint64_t)getpid();
    return thaw_recording_writer_append(recorder->session.writer, &event, error);
}

/* From here on the command exists; thaw_target_close() must follow. */
static int start_command(struct recorder *recorder, struct thaw_error *error)
{
    const struct thaw_record_options *options = recorder->session.options;
    const char *const *command = options->command;
    int code = thaw_target_spawn(command, &recorder->identity,
                                 recorder->backend->error_descriptor(recorder->state),
                                 &recorder->target, error);

    if (code)
        return code;
    code = recorder->backend->spawned(recorder->state, recorder->target.pid, error);
    if (!code)
        code = recorder->backend->settle(recorder->state, error);
    if (!code && options->ready)
        code = options->ready(options->context, error);
    if (!code)
        code = store_fork(recorder, error);
    if (!code) /* what it and its control group have used up to here is not the command's */
        code = thaw_cpu_accounts_process(&recorder->accounts, recorder->target.pid, error);
    if (!code)
        code = thaw_target_release(&recorder->target, command[0], error);
    recorder->result->started = !code;
    recorder->result->not_executed = code && recorder->target.ended;
    return code;
}

/* Their end is watched, unless they are too many: then the recording has another one. */
static int watch_processes(struct recorder *recorder, struct thaw_error *error)
{
    const struct thaw_record_options *options = recorder->session.options;

    for (size_t i = 0; i < options->process_count && options->process_count <= WATCHED_MOST; i++) {
        int descriptor = (int)syscall(SYS_pidfd_open, options->processes[i], 0);
        int *slot;

        if (descriptor < 0)
            continue; /* it is gone already */
        slot = thaw_array_add(&recorder->attached);
        if (!slot) {
            close(descriptor);
            return thaw_error_memory(error);
        }
        *slot = descriptor;
    }
    return 0;
}

static int attach_processes(struct recorder *recorder, struct thaw_error *error)
{
    const struct thaw_record_options *options = recorder->session.options;
    int code = watch_processes(recorder, error);

    for (size_t i = 0; !code && i < options->process_count; i++)
        code = recorder->backend->present(recorder->state, options->processes[i], error);
    if (!code)
        code = recorder->backend->settle(recorder->state, error);
    recorder->result->started = !code;
    return code;
}

/* Watching goes on: what that costs everybody is said when it begins. */
static void begin_watching(struct recorder *recorder)
{
    const struct thaw_record_options *options = recorder->session.options;
    double seconds = (double)options->watch_ns / NS_PER_S;
    char cost[96] = "", line[256];

    recorder->watch_until_ns = thaw_clock_now_ns() + options->watch_ns;
    if (recorder->call_cost_ns)
        snprintf(cost, sizeof(cost),
                 ": meanwhile each system call of this machine takes %llu ns "
                 "more, or longer",
                 (unsigned long long)recorder->call_cost_ns);
    snprintf(line, sizeof(line), "the first reply was seen; watching for %g s more%s", seconds,
             cost);
    options->say(options->context, line);
}

static enum thaw_record_end reply_ends(void *context)
{
    struct recorder *recorder = context;
    const struct thaw_record_options *options = recorder->session.options;
    enum thaw_until until = options->until;

    if ((until != THAW_UNTIL_AUTO && until != THAW_UNTIL_FIRST_REPLY) ||
        !recorder->backend->answered(recorder->state))
        return THAW_END_NONE;
    if (!options->watch_ns)
        return THAW_END_FIRST_REPLY;
    if (!recorder->watch_until_ns)
        begin_watching(recorder);
    return thaw_clock_now_ns() >= recorder->watch_until_ns ? THAW_END_DURATION : THAW_END_NONE;
}

/* Have all attached processes ended? (One that nobody waited for yet has.) */
static bool all_gone(void *context)
{
    struct recorder *recorder = context;

    for (size_t i = 0; i < recorder->attached.count; i++) {
        struct pollfd wait = {.fd = recorder->attached.items[i], .events = POLLIN};

        if (poll(&wait, 1, 0) == 0)
            return false;
    }
    return recorder->attached.count > 0;
}

static int drain(void *context, struct thaw_error *error)
{
    struct recorder *recorder = context;

    return recorder->backend->drain(recorder->state, error);
}

static int observe(struct recorder *recorder, struct thaw_error *error)
{
    const struct thaw_record_options *options = recorder->session.options;
    struct thaw_watch watch = {
        .ended = recorder->session.options->process_count ? -1 : recorder->target.pidfd,
        .gone = recorder->session.options->process_count ? all_gone : NULL,
        .signals = recorder->signals,
        .deadline_ns = options->duration_ns ? thaw_clock_now_ns() + options->duration_ns : 0,
        .descriptor = recorder->backend->descriptor(recorder->state),
        .tick_ms = TICK_MS,
        .drain = drain,
        .reached = reply_ends,
        .context = recorder,
    };

    return thaw_watch_run(&watch, &recorder->result->end, error);
}

/* The recording has ended: so does the command, unless it is to stay or already has. */
static int end_command(struct recorder *recorder, struct thaw_error *error)
{
    struct thaw_record_result *result = recorder->result;
    struct thaw_target *target = &recorder->target;
    struct pollfd wait = {.fd = target->pidfd, .events = POLLIN};
    int code;

    if (recorder->session.options->process_count) {
        result->left_running = true;
        return 0;
    }
    if (result->end == THAW_END_INTERRUPTED)
        poll(&wait, 1, INTERRUPT_GRACE_MS);
    code = thaw_target_collect(target, false, error);
    result->exited = target->ended;
    result->exit_status = target->exit_status;
    if (code || target->ended)
        return code;
    if (recorder->session.options->keep_running) {
        result->left_running = true;
        return 0;
    }
    return thaw_target_end(target, GRACE_MS, error);
}

static int store_end(struct recorder *recorder, struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_SESSION_END, .time_ns = thaw_clock_now_ns()};

    event.session_end.reason = thaw_record_end_name(recorder->result->end);
    event.session_end.exit_status = recorder->result->exited ? recorder->result->exit_status : -1;
    return thaw_recording_writer_append(recorder->session.writer, &event, error);
}

/* The command may have ended, but was not waited for yet: its own figures are there. */
static int store_last_accounts(struct recorder *recorder, struct thaw_error *error)
{
    int code;

    recorder->accounts.final = true;
    code = thaw_cpu_accounts_groups(&recorder->accounts, error);
    if (code || recorder->session.options->process_count)
        return code;
    return thaw_cpu_accounts_process(&recorder->accounts, recorder->target.pid, error);
}

static int record_command(struct recorder *recorder, struct thaw_error *error)
{
    int code = recorder->backend->prepare(&recorder->session, &recorder->state, error);
    int observed, ended;

    if (code)
        return code;
    /* Opened before privileges are dropped; the first ones before anything of interest happens. */
    if (recorder->session.options->mark_console)
        code = thaw_console_marks_open(recorder->session.options->mark_console, &recorder->console,
                                       error);
    if (!code)
        code = write_marks(recorder, error);
    if (code)
        return code;
    code = recorder->session.options->process_count ? attach_processes(recorder, error)
                                                    : start_command(recorder, error);
    if (!code) /* from here on the file tells what is observed, to whoever reads along */
        code = thaw_recording_writer_flush(recorder->session.writer, error);
    if (code)
        return code;
    observed = observe(recorder, error);
    /* After a failure there is still a command to end; its own trouble is then not the news. */
    code = observed ? observed : store_last_accounts(recorder, error);
    if (!code)
        code = recorder->backend->finish(recorder->state, error);
    if (!code)
        code = write_marks(recorder, error);
    ended = end_command(recorder, code ? NULL : error);
    if (!code)
        code = ended;
    if (!code && recorder->backend->conclude)
        code = recorder->backend->conclude(recorder->state, error);
    if (!code)
        code = thaw_closing_inventory(recorder->session.options->output, recorder->session.writer,
                                      &recorder->identity, error);
    return code ? code : store_end(recorder, error);
}

static void close_recorder(struct recorder *recorder)
{
    for (size_t i = 0; i < recorder->attached.count; i++)
        close(recorder->attached.items[i]);
    thaw_array_free(&recorder->attached);
    thaw_cpu_accounts_free(&recorder->accounts);
    if (recorder->target.pid > 0)
        thaw_target_close(&recorder->target);
    if (recorder->state)
        recorder->backend->close(recorder->state);
    if (recorder->signals >= 0)
        close(recorder->signals);
    if (recorder->console >= 0)
        close(recorder->console);
}

int thaw_record(const struct thaw_record_options *options, struct thaw_record_result *result,
                struct thaw_error *error)
{
    struct recorder recorder = {
        .signals = -1,
        .console = -1,
        .result = result,
        .target = {.pidfd = -1, .release = -1, .failure = -1},
    };
    int code, closed;

    memset(result, 0, sizeof(*result));
    recorder.session.options = options;
    recorder.session.identity = &recorder.identity;
    recorder.session.support = &recorder.support;
    recorder.session.accounts = &recorder.accounts;
    recorder.session.result = result;
    code = thaw_identity_of_caller(&recorder.identity, error);
    if (!code)
        code = make_id(&recorder, error);
    if (!code)
        code = choose_backend(&recorder, options, error);
    if (!code)
        code = open_writer(&recorder, options->output, error);
    if (code)
        return code;
    /* Now, as nothing is watched yet. */
    if (options->watch_ns && thaw_call_cost_measure(&recorder.call_cost_ns))
        recorder.call_cost_ns = 0;
    recorder.accounts.writer = recorder.session.writer;
    code = store_begin(&recorder, error);
    if (!code) {
        recorder.signals = thaw_watch_signals(error);
        code = recorder.signals < 0 ? recorder.signals : 0;
    }
    if (!code)
        code = record_command(&recorder, error);
    close_recorder(&recorder);
    closed = thaw_recording_writer_close(recorder.session.writer, code ? NULL : error);
    if (code && !result->started)
        unlink(options->output); /* there is nothing in it, though it would pass as complete */
    return code ? code : closed;
}
