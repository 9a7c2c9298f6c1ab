/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "capture/backend.h"
#include "capture/coverage.h"
#include "capture/hold.h"
#include "capture/kernel_counters.h"
#include "capture/link.h"
#include "capture/loss.h"
#include "capture/privilege.h"
#include "capture/programs.h"
#include "capture/ring.h"
#include "capture/sampler.h"
#include "capture/session_probes.h"
#include "capture/trap_cost.h"
#include "capture/tree.h"
#include "capture/vms.h"

struct ebpf {
    const struct thaw_backend_session *session;
    THAW_ARRAY(uint32_t) present; /* processes that ran before */
    struct thaw_programs *programs;
    struct thaw_coverage *coverage;
    struct thaw_link *link;
    struct thaw_servers servers;
    struct thaw_ring *ring;
    struct thaw_sampler *sampler;
    struct thaw_vms *vms;
    struct thaw_counts counts;
    struct thaw_hold *hold; /* NULL: nothing is held */
    bool answered;          /* and what was used of the CPUs by then is stored */
    uint64_t cpu_begin_ns;
    uint64_t cpu_recording_ns; /* from then on until the recording ended */
};

static void ignore_connection(void *context, uint64_t socket)
{
    struct ebpf *state = context;

    thaw_programs_ignore_connection(state->programs, socket);
}

static void forget_connection(void *context, uint64_t socket)
{
    struct ebpf *state = context;

    thaw_programs_forget_connection(state->programs, socket);
}

static void copy_whole_connection(void *context, uint64_t socket)
{
    struct ebpf *state = context;

    thaw_programs_copy_whole_connection(state->programs, socket);
}

static void copy_begins_of_connection(void *context, uint64_t socket)
{
    struct ebpf *state = context;

    thaw_programs_copy_begins_of_connection(state->programs, socket);
}

static void ebpf_close(void *context)
{
    struct ebpf *state = context;

    thaw_hold_close(state->hold);
    thaw_ring_free(state->ring);
    thaw_sampler_free(state->sampler);
    thaw_vms_free(state->vms);
    thaw_link_free(state->link);
    thaw_coverage_free(state->coverage);
    thaw_programs_free(state->programs);
    thaw_array_free(&state->present);
    free(state);
}

static int ebpf_prepare(const struct thaw_backend_session *session, void **ret_state,
                        struct thaw_error *error)
{
    const struct thaw_platform *only = thaw_platforms_find(session->options->platform);
    struct ebpf *state = calloc(1, sizeof(*state));
    const struct thaw_link_control control = {state, ignore_connection, forget_connection,
                                              copy_whole_connection, copy_begins_of_connection};
    int code;

    if (!state)
        return thaw_error_memory(error);
    state->session = session;
    code = thaw_programs_load(session->support, NULL, &state->programs, error);
    if (!code)
        code = thaw_coverage_open(state->programs, session->writer, session->accounts,
                                  &state->coverage, error);
    state->servers = (struct thaw_servers){
        .coverage = state->coverage,
        .until = session->options->until,
    };
    if (!code)
        code = thaw_programs_follow_platform(state->programs, only, error);
    if (!code)
        code = thaw_link_open(session->writer, only, &control, &state->link, error);
    if (!code)
        code = thaw_ring_open(state->programs, session->writer, state->coverage, state->link,
                              &state->servers, &state->ring, error);
    if (!code)
        code = thaw_session_probes_attach(state->programs, session->writer,
                                          session->options->observe, error);
    if (!code && session->options->observe == THAW_OBSERVE_ALL)
        code = thaw_vms_open(state->programs, session->writer, &state->vms, error);
    if (!code)
        code = thaw_sampler_open(state->programs, session->writer, session->options,
                                 &state->sampler, error);
    if (!code)
        code = thaw_coverage_attach(state->coverage, session->options->command,
                                    session->identity->home, session->options->pythons, error);
    if (!code && session->options->hold)
        code = thaw_hold_open(state->programs, &state->hold, error);
    if (!code) {
        thaw_ring_hold(state->ring, state->hold);
        thaw_coverage_hold(state->coverage, state->hold);
        thaw_ring_sample(state->ring, state->sampler);
        thaw_ring_vms(state->ring, state->vms);
        state->counts =
            (struct thaw_counts){.programs = state->programs, .writer = session->writer};
        thaw_ring_count(state->ring, &state->counts);
    }
    if (code)
        ebpf_close(state);
    else
        *ret_state = state;
    return code;
}

static int ebpf_error_descriptor(void *context)
{
    (void)context;
    return -1;
}

static int ebpf_spawned(void *context, pid_t process, struct thaw_error *error)
{
    struct ebpf *state = context;
    int code = thaw_sampler_trace(state->sampler, (uint32_t)process, error);

    return code ? code : thaw_programs_trace(state->programs, process, 0, error);
}

/* A walk over the processes that are there. */
struct presence {
    struct ebpf *state;
    struct thaw_error *error;
};

static bool is_present(const struct ebpf *state, uint32_t pid)
{
    for (size_t i = 0; i < state->present.count; i++) {
        if (state->present.items[i] == pid)
            return true;
    }
    return false;
}

/* The worker's connection is there already: its messages are found from the middle on. */
static int expect_link(struct ebpf *state, uint32_t pid, const struct thaw_tree_found *found,
                       struct thaw_error *error)
{
    int code;

    if (!found->platform || !found->port)
        return 0;
    code = thaw_link_expect(state->link, pid, found->port, found->platform, error);
    return code ? code : thaw_programs_follow_port(state->programs, found->port, error);
}

/* Traced first: what it starts from then on is told by the kernel. */
static int visit_present(void *context, uint32_t pid)
{
    struct presence *presence = context;
    struct ebpf *state = presence->state;
    struct thaw_arena arena = {0};
    struct thaw_tree_found found;
    uint32_t *slot;
    int code;

    if (is_present(state, pid) || pid == (uint32_t)getpid())
        return 0;
    slot = thaw_array_add(&state->present);
    if (!slot)
        return thaw_error_memory(presence->error);
    *slot = pid;
    /* Whatever it serves, it may have served before: it counts with what it forks from now on. */
    code = thaw_programs_trace(state->programs, (pid_t)pid,
                               THAW_PROCESS_LISTENS | THAW_PROCESS_SERVED, presence->error);
    if (!code)
        code = thaw_tree_found(pid, thaw_link_only(state->link), state->session->writer, &arena,
                               &found, presence->error);
    if (!code)
        code = thaw_sampler_present(state->sampler, pid, presence->error);
    if (!code)
        state->servers.platform |= found.platform != NULL;
    if (!code)
        code = expect_link(state, pid, &found, presence->error);
    if (!code)
        code = thaw_coverage_present(state->coverage, pid, found.executable, presence->error);
    thaw_arena_free(&arena);
    return code == -ESRCH ? 0 : code; /* gone meanwhile, or a kernel thread */
}

static int ebpf_present(void *context, pid_t process, struct thaw_error *error)
{
    struct presence presence = {.state = context, .error = error};

    return thaw_tree_walk((uint32_t)process, visit_present, &presence);
}

static int ebpf_settle(void *context, struct thaw_error *error)
{
    struct ebpf *state = context;
    int code = thaw_privilege_drop(state->session->support, error);

    state->cpu_begin_ns = thaw_clock_own_cpu_ns(); /* getting ready costs the command nothing */
    return code;
}

static int ebpf_descriptor(void *context)
{
    struct ebpf *state = context;

    return thaw_ring_descriptor(state->ring);
}

/* Who maps what is known from the ring buffer. */
static int drain_rings(struct ebpf *state, struct thaw_error *error)
{
    int code;

    thaw_sampler_mark(state->sampler);
    code = thaw_ring_drain(state->ring, error);
    return code ? code : thaw_sampler_drain(state->sampler, error);
}

static bool ebpf_answered(void *context)
{
    struct ebpf *state = context;

    return thaw_link_answered(state->link) || state->servers.answered;
}

/* The cold start is over: so is counting, also where the recording goes on (--watch). */
static bool ends_counting(struct ebpf *state)
{
    enum thaw_until until = state->session->options->until;

    return (until == THAW_UNTIL_AUTO || until == THAW_UNTIL_FIRST_REPLY) && ebpf_answered(state);
}

static int ebpf_drain(void *context, struct thaw_error *error)
{
    struct ebpf *state = context;
    int code = drain_rings(state, error);

    if (!code && ends_counting(state))
        code = thaw_counts_end(&state->counts, thaw_record_end_name(THAW_END_FIRST_REPLY), error);
    if (!code)
        code = thaw_coverage_watch(state->coverage, error);
    if (code || state->answered || !thaw_link_answered(state->link))
        return code;
    state->answered = true;
    return thaw_coverage_store_accounts(state->coverage, error);
}

static int store_losses(struct ebpf *state, struct thaw_error *error)
{
    uint64_t losses[THAW_LOSS_KINDS];
    int code = 0;

    thaw_programs_losses(state->programs, losses);
    for (size_t i = 0; !code && i < THAW_LOSS_KINDS; i++)
        code = thaw_loss_store(state->session->writer, thaw_kernel_loss_text(i)->cause, losses[i],
                               thaw_kernel_loss_text(i)->what, error);
    if (!code)
        code =
            thaw_loss_store(state->session->writer, "malformed", thaw_ring_malformed(state->ring),
                            "events from the kernel that could not be understood", error);
    return code;
}

/* Hits of probes times what a hit costs here; 0: not known. */
static uint64_t traps_ns(const struct ebpf *state, const struct thaw_kernel_account *accounts)
{
    struct thaw_trap_cost cost;
    uint64_t entries = 0;

    if (thaw_trap_cost_measure(state->session->support->way, &cost))
        return 0;
    for (size_t i = 0; i < THAW_PROGRAM_PROBES; i++)
        entries += i == THAW_PROGRAM_RETURN ? 0 : accounts[i].runs;
    return entries * cost.entry_ns + accounts[THAW_PROGRAM_RETURN].runs * cost.return_ns;
}

/* System calls times what one costs more while they are watched; 0: not known, or none was. */
static uint64_t calls_ns(const struct thaw_kernel_account *accounts)
{
    uint64_t calls = accounts[THAW_PROGRAM_CALL_END].runs, cost;

    return calls && !thaw_call_cost_measure(&cost) ? calls * cost : 0;
}

static int store_cost(struct ebpf *state, struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_COST, .time_ns = thaw_clock_now_ns()};
    struct thaw_kernel_account accounts[THAW_PROGRAM_KINDS];

    thaw_programs_accounts(state->programs, accounts);
    event.cost.bpf_ns = thaw_kernel_accounts_ns(accounts);
    event.cost.reader_cpu_ns = state->cpu_recording_ns;
    event.cost.closing_cpu_ns =
        thaw_clock_own_cpu_ns() - state->cpu_begin_ns - state->cpu_recording_ns;
    event.cost.traps_ns = traps_ns(state, accounts);
    event.cost.calls_ns = calls_ns(accounts);
    event.cost.events = thaw_ring_events(state->ring);
    return thaw_recording_writer_append(state->session->writer, &event, error);
}

/* Nothing is held any more, and all that was goes on. */
static int end_holding(struct ebpf *state, struct thaw_error *error)
{
    uint64_t expired = state->hold ? thaw_hold_expired(state->hold) : 0;

    thaw_ring_hold(state->ring, NULL);
    thaw_coverage_hold(state->coverage, NULL);
    thaw_hold_close(state->hold);
    state->hold = NULL;
    return thaw_loss_store(state->session->writer, "held-too-long", expired,
                           "processes that were continued before they were attached to, as that "
                           "took too long: some of their imports are missing",
                           error);
}

static int ebpf_finish(void *context, struct thaw_error *error)
{
    struct ebpf *state = context;
    int code;

    state->cpu_recording_ns = thaw_clock_own_cpu_ns() - state->cpu_begin_ns;
    /* Mappings first: a host may end its workers any moment now. */
    code = thaw_coverage_store_libraries(state->coverage, error);
    if (!code)
        code = thaw_coverage_store_accounts(state->coverage, error);
    thaw_programs_detach(state->programs);
    if (!code)
        code = drain_rings(state, error);
    if (!code)
        code = thaw_counts_end(&state->counts, thaw_counts_until(state->session->result), error);
    if (!code)
        code = thaw_sampler_finish(state->sampler, error);
    if (!code && state->vms)
        code = thaw_vms_finish(state->vms, error);
    if (!code)
        code = end_holding(state, error);
    if (!code)
        code = thaw_link_finish(state->link, error);
    if (!code)
        code = store_losses(state, error);
    return code ? code : store_cost(state, error);
}

static int ebpf_conclude(void *context, struct thaw_error *error)
{
    struct ebpf *state = context;

    return thaw_sampler_unwind(state->sampler, state->session->options->output, error);
}

const struct thaw_backend_operations thaw_backend_ebpf = {
    .name = "ebpf",
    .prepare = ebpf_prepare,
    .error_descriptor = ebpf_error_descriptor,
    .spawned = ebpf_spawned,
    .present = ebpf_present,
    .settle = ebpf_settle,
    .descriptor = ebpf_descriptor,
    .drain = ebpf_drain,
    .answered = ebpf_answered,
    .finish = ebpf_finish,
    .conclude = ebpf_conclude,
    .close = ebpf_close,
};
