/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/observation.h"
#include "thaw/recording.h"

/*
 * Observes the machine into a recording: `observe_dump FILE PID`, of which only what that process
 * and its descendants do is kept. Says "ready", then takes lines from
 * standard input until that ends: "started PID", "forget PID", "split 0|1", "requests PID",
 * "state", "pause" (no drain until the next line), "drain". Answers each with one line or more, the
 * last of which is "done". Built by the tests that use it.
 */
struct dump {
    struct thaw_recording_writer *file;
    struct thaw_observation *observation;
    uint64_t told;
    uint64_t tended_ns;
    bool paused;
    uint32_t ancestor;
    bool descends[4194304]; /* by pid, PID_MAX_LIMIT */
    struct thaw_error error;
};

static int take(void *context, const struct thaw_event *event)
{
    struct dump *dump = context;

    dump->told++;
    if (event->kind == THAW_EVENT_PROCESS_FORK)
        dump->descends[event->pid] = event->process_fork.parent == dump->ancestor ||
                                     dump->descends[event->process_fork.parent];
    if (event->pid && !dump->descends[event->pid])
        return 0;
    return thaw_recording_writer_append(dump->file, event, &dump->error);
}

static int mark(struct dump *dump, uint16_t kind)
{
    struct thaw_event event = {.kind = kind, .time_ns = thaw_clock_now_ns()};

    if (kind == THAW_EVENT_SESSION_BEGIN) {
        event.session_begin.realtime_ns = thaw_clock_realtime_ns();
        event.session_begin.tool_version = event.session_begin.kernel = "0";
        event.session_begin.backend = "ebpf";
        event.session_begin.arch = event.session_begin.directory = event.session_begin.until = "";
        event.session_begin.platform = event.session_begin.session = "";
        event.session_begin.trial = 0;
        event.session_begin.cold = "";
    } else {
        event.session_end.reason = "interrupted";
        event.session_end.exit_status = -1;
    }
    return thaw_recording_writer_append(dump->file, &event, &dump->error);
}

static uint64_t cpu_ns(void)
{
    struct timespec used;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

static void show_state(struct dump *dump)
{
    struct thaw_observation_state state;

    thaw_observation_state(dump->observation, &state);
    printf("events %" PRIu64 "\ntold %" PRIu64 "\nbpf_ns %" PRIu64 "\ntraps_ns %" PRIu64 "\n",
           state.events, dump->told, state.bpf_ns, state.traps_ns);
    printf("interpreters %" PRIu64 "\nprocesses %" PRIu64 "\ncpu_ns %" PRIu64
           "\nrequests_counted %d\n",
           state.interpreters, state.processes, cpu_ns(), state.requests_counted);
    for (size_t i = 0; i < state.loss_count; i++)
        printf("loss %s %" PRIu64 "\n", state.losses[i].cause, state.losses[i].count);
    for (size_t i = 0; i < state.missing_count; i++)
        printf("missing %s %s %s\n", state.missing[i].name, state.missing[i].target,
               state.missing[i].reason);
}

static void show_requests(struct dump *dump, uint32_t process)
{
    struct thaw_kernel_requests requests;

    if (thaw_observation_requests(dump->observation, process, &requests))
        printf("requests %llu busy_ns %llu in_flight %u most %u\n", requests.requests,
               requests.busy_ns, requests.in_flight, requests.most_in_flight);
}

static int obey(struct dump *dump, const char *line)
{
    unsigned number = 0;
    int code = 0;

    dump->paused = !strncmp(line, "pause", 5);
    if (sscanf(line, "started %u", &number) == 1)
        thaw_observation_started(dump->observation, number);
    else if (sscanf(line, "forget %u", &number) == 1)
        thaw_observation_forget(dump->observation, number);
    else if (sscanf(line, "split %u", &number) == 1)
        code = thaw_observation_split(dump->observation, number != 0, &dump->error);
    else if (sscanf(line, "requests %u", &number) == 1)
        show_requests(dump, number);
    else if (!strncmp(line, "state", 5))
        show_state(dump);
    else if (!strncmp(line, "drain", 5))
        code = thaw_observation_drain(dump->observation, &dump->error);
    if (!code)
        code = thaw_recording_writer_flush(dump->file, &dump->error);
    puts("done");
    fflush(stdout);
    return code;
}

static int tend(struct dump *dump)
{
    uint64_t now = thaw_clock_now_ns();

    if (now - dump->tended_ns < 1000000000u)
        return 0;
    dump->tended_ns = now;
    return thaw_observation_tend(dump->observation, &dump->error);
}

static int observe(struct dump *dump)
{
    struct pollfd wait[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = thaw_observation_descriptor(dump->observation),
                              .events = POLLIN}};
    char line[128];
    int code = 0;

    while (!code) {
        wait[1].fd = dump->paused ? -1 : thaw_observation_descriptor(dump->observation);
        poll(wait, 2, 100);
        if (!dump->paused)
            code = thaw_observation_drain(dump->observation, &dump->error);
        if (!code && !dump->paused)
            code = tend(dump);
        if (code || !(wait[0].revents & (POLLIN | POLLHUP)))
            continue;
        if (!fgets(line, sizeof(line), stdin))
            break;
        code = obey(dump, line);
    }
    return code ? code : thaw_observation_drain(dump->observation, &dump->error);
}

int main(int argc, char **argv)
{
    struct thaw_kernel_support support;
    const struct thaw_observation_options options = {.support = &support};
    static struct dump dump;
    const struct thaw_observation_sink sink = {&dump, take};
    int code;

    setvbuf(stdin, NULL, _IONBF, 0); /* poll(2) is to see each line */
    thaw_kernel_probe(false, &support);
    dump.ancestor = (uint32_t)atoi(argv[argc - 1]);
    code = thaw_recording_writer_open(argv[argc - 2], &dump.file, &dump.error);
    if (!code)
        code = mark(&dump, THAW_EVENT_SESSION_BEGIN);
    if (!code)
        code = thaw_observation_open(&options, &sink, &dump.observation, &dump.error);
    if (!code) {
        printf("ready\n");
        fflush(stdout);
        code = observe(&dump);
    }
    if (!code)
        code = mark(&dump, THAW_EVENT_SESSION_END);
    thaw_observation_free(dump.observation);
    if (!code)
        code = thaw_recording_writer_close(dump.file, &dump.error);
    if (code)
        fprintf(stderr, "%s\n", dump.error.message);
    return code != 0;
}
