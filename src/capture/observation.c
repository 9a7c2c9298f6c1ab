/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "capture/observation_parts.h"
#include "capture/session_probes.h"
#include "capture/trap_cost.h"

/* Some 10 ms of work, of which a second brings that much only in a flood. */
#define EVENTS_AT_ONCE 20000

static void ignore_connection(void *context, uint64_t socket)
{
    struct thaw_observation *observation = context;

    thaw_programs_ignore_connection(observation->programs, socket);
}

static void forget_connection(void *context, uint64_t socket)
{
    struct thaw_observation *observation = context;

    thaw_programs_forget_connection(observation->programs, socket);
}

static void copy_whole_connection(void *context, uint64_t socket)
{
    struct thaw_observation *observation = context;

    thaw_programs_copy_whole_connection(observation->programs, socket);
}

static void copy_begins_of_connection(void *context, uint64_t socket)
{
    struct thaw_observation *observation = context;

    thaw_programs_copy_begins_of_connection(observation->programs, socket);
}

void thaw_observation_free(struct thaw_observation *observation)
{
    if (!observation)
        return;
    thaw_ring_free(observation->ring);
    thaw_link_free(observation->link);
    thaw_coverage_free(observation->coverage);
    thaw_programs_free(observation->programs);
    thaw_recording_writer_close(observation->writer, NULL);
    thaw_told_free(&observation->told);
    free(observation);
}

/* The parts that take what the kernel tells. */
static int open_parts(struct thaw_observation *observation,
                      const struct thaw_observation_options *options, struct thaw_error *error)
{
    const struct thaw_link_control control = {observation, ignore_connection, forget_connection,
                                              copy_whole_connection, copy_begins_of_connection};
    const struct thaw_recording_sink sink = {&observation->told, thaw_told_event};
    const struct thaw_programs_options programs = {.production = true,
                                                   .ring_bytes = options->ring_bytes};
    int code = thaw_recording_writer_to(&sink, &observation->writer, error);

    if (!code)
        code = thaw_programs_load(options->support, &programs, &observation->programs, error);
    if (!code)
        thaw_programs_learn_root(observation->programs); /* else /proc is asked */
    if (!code)
        code = thaw_coverage_open(observation->programs, observation->writer, NULL,
                                  &observation->coverage, error);
    observation->servers.coverage = observation->coverage;
    if (!code)
        thaw_coverage_live_long(observation->coverage);
    if (!code)
        code = thaw_programs_follow_platform(observation->programs, options->only, error);
    if (!code)
        code =
            thaw_link_open(observation->writer, options->only, &control, &observation->link, error);
    if (code)
        return code;
    thaw_link_live_long(observation->link);
    code = thaw_ring_open(observation->programs, observation->writer, observation->coverage,
                          observation->link, &observation->servers, &observation->ring, error);
    if (!code)
        thaw_ring_select(observation->ring, observation->programs);
    return code;
}

int thaw_observation_open(const struct thaw_observation_options *options,
                          const struct thaw_observation_sink *sink, struct thaw_observation **ret,
                          struct thaw_error *error)
{
    struct thaw_observation *observation = calloc(1, sizeof(*observation));
    struct thaw_trap_cost cost;
    int code;

    if (!observation)
        return thaw_error_memory(error);
    observation->told.sink = *sink;
    observation->support = *options->support;
    code = open_parts(observation, options, error);
    if (!code)
        code = thaw_audit_probes_attach(observation->programs, observation->writer, error);
    observation->requests_counted = !code && !thaw_told_misses(&observation->told, "socket.");
    if (!code)
        code = thaw_coverage_attach(observation->coverage, NULL, "", options->pythons, error);
    if (!code)
        code = thaw_observation_look_around(observation, error);
    if (!code && !thaw_trap_cost_measure(options->support->way, &cost)) {
        observation->trap_ns = cost.entry_ns;
        observation->trap_return_ns = cost.return_ns;
    }
    if (code)
        thaw_observation_free(observation);
    else
        *ret = observation;
    return code;
}

int thaw_observation_descriptor(const struct thaw_observation *observation)
{
    return thaw_ring_descriptor(observation->ring);
}

int thaw_observation_drain(struct thaw_observation *observation, struct thaw_error *error)
{
    return thaw_ring_drain_some(observation->ring, EVENTS_AT_ONCE, error);
}

int thaw_observation_tend(struct thaw_observation *observation, struct thaw_error *error)
{
    int code = thaw_coverage_watch(observation->coverage, error);

    thaw_told_tend(&observation->told);
    if (!code)
        code = thaw_coverage_tend(observation->coverage, error);
    return code ? code : thaw_link_tend(observation->link, error);
}

void thaw_observation_started(struct thaw_observation *observation, uint32_t process)
{
    thaw_programs_warm(observation->programs, process);
    thaw_told_limit(&observation->told, process, THAW_TOLD_MESSAGES);
}

void thaw_observation_forget(struct thaw_observation *observation, uint32_t process)
{
    thaw_programs_untrace(observation->programs, process);
    thaw_coverage_left(observation->coverage, process);
    thaw_told_limit(&observation->told, process, THAW_TOLD_EXECS);
}

bool thaw_observation_requests(struct thaw_observation *observation, uint32_t process,
                               struct thaw_kernel_requests *ret)
{
    const struct thaw_kernel_exit *ending = thaw_ring_ending(observation->ring);

    if (!observation->requests_counted)
        return false;
    if (!ending || ending->header.tgid != process)
        return thaw_programs_requests(observation->programs, process, ret);
    *ret = ending->requests;
    return true;
}

int thaw_observation_split(struct thaw_observation *observation, bool on, struct thaw_error *error)
{
    int code = 0;

    if (on == observation->split)
        return 0;
    observation->split = on;
    if (on) {
        code = thaw_split_probes_attach(observation->programs, observation->writer, error);
        thaw_programs_split(observation->programs, true);
        thaw_coverage_split(observation->coverage, true);
    } else {
        thaw_programs_split(observation->programs, false);
        thaw_coverage_split(observation->coverage, false);
        thaw_programs_withdraw(observation->programs, THAW_LINKS_OF_SPLIT);
    }
    return code;
}
