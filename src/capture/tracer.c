/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capture/counts.h"
#include "capture/libraries.h"
#include "capture/traced.h"
#include "capture/tracer.h"

#define CALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */
#define WAKE_SIGNAL SIGUSR1
#define WAKE_NS 1000000

struct thaw_tracer {
    pthread_t thread;
    bool running; /* the thread is to be joined */
    sem_t ready;
    pid_t root;
    int refused; /* negative errno */
    atomic_bool ends;
    struct sigaction before; /* what WAKE_SIGNAL did */
    struct thaw_traced traced;
};

static int request(unsigned what, pid_t tid, uintptr_t address, uintptr_t data)
{
    return ptrace((enum __ptrace_request)what, tid, (void *)address, (void *)data) < 0 ? -errno : 0;
}

/* Takes the stop that was looked at, so that it is not told again. */
static void take_status(pid_t tid)
{
    siginfo_t info;

    waitid(P_PID, (id_t)tid, &info, WSTOPPED | WNOHANG | __WALL | __WNOTHREAD);
}

/* Where that fails it has been killed meanwhile: its end is told next. */
static void resume(pid_t tid, int signal)
{
    if (request(PTRACE_SYSCALL, tid, 0, (uintptr_t)signal))
        take_status(tid);
}

/* A line of CPython's import report: it is written because the backend asks for it. */
static bool is_report(pid_t tid, const struct thaw_call_entry *entry)
{
    static const char begin[] = "import time:";
    char bytes[sizeof(begin) - 1];
    struct iovec ours = {.iov_base = bytes, .iov_len = sizeof(bytes)};
    struct iovec theirs = {.iov_base = (void *)entry->arguments[1], .iov_len = sizeof(bytes)};

    return entry->number == SYS_write && entry->arguments[0] == STDERR_FILENO &&
           entry->arguments[2] > sizeof(bytes) &&
           process_vm_readv(tid, &ours, 1, &theirs, 1, 0) == (ssize_t)sizeof(bytes) &&
           !memcmp(bytes, begin, sizeof(bytes));
}

static void take_call(struct thaw_traced_thread *thread)
{
    struct __ptrace_syscall_info info;

    if (request(PTRACE_GET_SYSCALL_INFO, thread->tid, sizeof(info), (uintptr_t)&info))
        return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        struct thaw_call_entry entry = {.number = info.entry.nr};

        for (size_t i = 0; i < 6; i++)
            entry.arguments[i] = info.entry.args[i];
        if (!is_report(thread->tid, &entry))
            thaw_traced_enter(thread, &entry);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
        thaw_traced_leave(thread, info.exit.rval);
    }
}

static pid_t message_of(pid_t tid)
{
    unsigned long message;

    return request(PTRACE_GETEVENTMSG, tid, 0, (uintptr_t)&message) ? 0 : (pid_t)message;
}

/* A stop that is an event of its own. */
static void take_event(struct thaw_tracer *tracer, struct thaw_traced_thread *thread, int event,
                       int signal)
{
    pid_t tid = thread->tid;

    switch (event) {
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
        thaw_traced_started(&tracer->traced, thread, message_of(tid));
        break;
    case PTRACE_EVENT_EXEC: /* by any of its threads, which takes this number: untouchable before */
        take_status(tid);
        thaw_traced_executed(&tracer->traced, thread);
        break;
    case PTRACE_EVENT_EXIT:
        thaw_traced_exits(&tracer->traced, thread);
        request(PTRACE_DETACH, tid, 0, 0);
        return;
    case PTRACE_EVENT_STOP:
        if (signal != SIGTRAP) { /* stopped by a signal, as others are: until it is continued */
            request(PTRACE_LISTEN, tid, 0, 0);
            return;
        }
        break;
    default:
        break;
    }
    resume(tid, 0);
}

static void take_stop(struct thaw_tracer *tracer, pid_t tid, int status)
{
    struct thaw_traced_thread *thread = thaw_traced_thread(&tracer->traced, tid);
    int event = status >> 8, signal = status & 0xff;

    if (!thread) { /* memory is short: nothing is counted any more */
        atomic_store(&tracer->ends, true);
        return;
    }
    if (event) {
        take_event(tracer, thread, event, signal);
        return;
    }
    if (signal == CALL_STOP)
        take_call(thread);
    resume(tid, signal == CALL_STOP ? 0 : signal);
}

/*
 * One that was killed before it could stop for its end. Its parent learns of that when the tracer
 * has; but the command's own end is for thaw's main thread to take, after which there is nothing
 * more to be traced.
 */
static void take_end(struct thaw_tracer *tracer, pid_t tid)
{
    siginfo_t info;

    thaw_traced_gone(&tracer->traced, tid);
    if (tid == tracer->root)
        atomic_store(&tracer->ends, true);
    else
        waitid(P_PID, (id_t)tid, &info, WEXITED | __WALL | __WNOTHREAD);
}

/* The status is only looked at: so a signal that is on its way is not lost with the tracer. */
static void watch(struct thaw_tracer *tracer)
{
    while (!atomic_load(&tracer->ends)) {
        siginfo_t info = {0};

        if (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOWAIT | __WALL | __WNOTHREAD)) {
            if (errno == EINTR)
                continue;
            return; /* nobody is left */
        }
        if (info.si_code == CLD_TRAPPED || info.si_code == CLD_STOPPED)
            take_stop(tracer, info.si_pid, info.si_status);
        else
            take_end(tracer, info.si_pid);
    }
}

/* All that is traced goes on untraced when this thread ends. */
static void *run(void *context)
{
    const uintptr_t options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                              PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT;
    struct thaw_tracer *tracer = context;
    int refused;

    tracer->refused = request(PTRACE_SEIZE, tracer->root, 0, options);
    if (!tracer->refused) /* its calls are told from its first stop on */
        tracer->refused = request(PTRACE_INTERRUPT, tracer->root, 0, 0);
    refused = tracer->refused;
    sem_post(&tracer->ready);
    if (!refused)
        watch(tracer);
    return NULL;
}

static void wake(int signal)
{
    (void)signal; /* that it comes ends a wait */
}

static int start_thread(struct thaw_tracer *tracer)
{
    const struct sigaction action = {.sa_handler = wake};
    int code;

    if (sigaction(WAKE_SIGNAL, &action, &tracer->before))
        return -errno;
    code = pthread_create(&tracer->thread, NULL, run, tracer);
    tracer->running = !code;
    if (code)
        sigaction(WAKE_SIGNAL, &tracer->before, NULL);
    return -code;
}

int thaw_tracer_start(pid_t process, struct thaw_tracer **ret, struct thaw_error *error)
{
    struct thaw_tracer *tracer = calloc(1, sizeof(*tracer));
    int code;

    if (!tracer)
        return thaw_error_memory(error);
    tracer->root = process;
    tracer->traced.root = process;
    sem_init(&tracer->ready, 0, 0);
    code = start_thread(tracer);
    if (code) {
        thaw_tracer_free(tracer);
        return thaw_error_system(error, code, "starting a thread");
    }
    while (sem_wait(&tracer->ready) && errno == EINTR)
        ;
    code = tracer->refused;
    if (code) {
        thaw_tracer_free(tracer);
        return thaw_error_system(error, code, "tracing the command (ptrace)");
    }
    *ret = tracer;
    return 0;
}

void thaw_tracer_end(struct thaw_tracer *tracer)
{
    const struct timespec pause = {.tv_nsec = WAKE_NS};

    if (!tracer->running)
        return;
    atomic_store(&tracer->ends, true);
    while (pthread_tryjoin_np(tracer->thread, NULL) == EBUSY) {
        pthread_kill(tracer->thread, WAKE_SIGNAL); /* again: it may come just before the wait */
        nanosleep(&pause, NULL);
    }
    tracer->running = false;
    sigaction(WAKE_SIGNAL, &tracer->before, NULL);
}

int thaw_tracer_store(const struct thaw_tracer *tracer, const char *until,
                      struct thaw_recording_writer *writer, struct thaw_error *error)
{
    return thaw_traced_store(&tracer->traced, until, writer, error);
}

void thaw_tracer_free(struct thaw_tracer *tracer)
{
    if (!tracer)
        return;
    thaw_tracer_end(tracer);
    thaw_traced_free(&tracer->traced);
    sem_destroy(&tracer->ready);
    free(tracer);
}
