/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "recording/importtime_log.h"
#include "timeline/boot.h"
#include "timeline/build.h"
#include "timeline/concurrency.h"
#include "timeline/coverage.h"
#include "timeline/durable.h"
#include "timeline/critical_path.h"
#include "timeline/cpu_accounts.h"
#include "timeline/effects.h"
#include "timeline/endings.h"
#include "timeline/exchanges.h"
#include "timeline/failures.h"
#include "timeline/host_files.h"
#include "timeline/imports.h"
#include "timeline/invocations.h"
#include "timeline/loading.h"
#include "timeline/losses.h"
#include "timeline/module_files.h"
#include "timeline/modules.h"
#include "timeline/native.h"
#include "timeline/not_visible.h"
#include "timeline/process_tree.h"
#include "timeline/retries.h"
#include "timeline/roots.h"
#include "timeline/servers.h"
#include "timeline/timed_imports.h"
#include "timeline/tracks.h"
#include "timeline/usage.h"
#include "timeline/virtual_machines.h"

bool thaw_build_is_closing(uint16_t kind)
{
    return kind == THAW_EVENT_SESSION_END || kind == THAW_EVENT_LIBRARY ||
           kind == THAW_EVENT_INVENTORY_SYMBOL || kind == THAW_EVENT_CALL ||
           kind == THAW_EVENT_CPU_ACCOUNT || kind == THAW_EVENT_VM_COUNT ||
           kind == THAW_EVENT_CONSOLE_MARK || kind == THAW_EVENT_PROCESS_COUNTS ||
           (kind >= THAW_EVENT_INVENTORY_INTERPRETER && kind <= THAW_EVENT_INVENTORY_REQUIREMENT);
}

bool thaw_build_is_log(const struct thaw_build *build)
{
    const struct thaw_session_begin *session = build->timeline->session;

    return session && !strcmp(session->backend, THAW_IMPORTTIME_LOG_BACKEND);
}

static void take_session_event(struct thaw_build *build, const struct thaw_event *event)
{
    struct thaw_timeline *timeline = build->timeline;

    if (event->kind == THAW_EVENT_SESSION_BEGIN && !timeline->session) {
        timeline->session = &event->session_begin;
        timeline->session_start_ns = event->time_ns;
    } else if (event->kind == THAW_EVENT_SESSION_END) {
        timeline->end_reason = event->session_end.reason;
    } else if (event->kind == THAW_EVENT_MACHINE) {
        timeline->machine = &event->machine;
    } else if (event->kind == THAW_EVENT_COST) {
        timeline->cost = &event->cost;
    }
    if (!thaw_build_is_closing(event->kind))
        build->observed_end_ns = event->time_ns;
}

static bool build_session(struct thaw_build *build)
{
    const struct thaw_recording *recording = build->recording;
    struct thaw_timeline *timeline = build->timeline;

    timeline->end_reason = "";
    timeline->platform = "";
    if (recording->count) {
        timeline->session_start_ns = recording->events[0].time_ns;
        timeline->session_end_ns = recording->events[recording->count - 1].time_ns;
        build->observed_end_ns = timeline->session_start_ns;
    }
    for (size_t i = 0; i < recording->count; i++) {
        take_session_event(build, &recording->events[i]);
        if (recording->events[i].kind == THAW_EVENT_SESSION_END)
            timeline->session_end_ns = recording->events[i].time_ns;
    }
    return true;
}

static bool started_command(const struct thaw_build *build)
{
    return build->timeline->session && build->timeline->session->command.count;
}

static bool build_platform(struct thaw_build *build)
{
    for (uint32_t id = 1; id <= build->facts_count; id++) {
        const struct thaw_timeline_process *process = thaw_build_process(build, id);

        if (*process->platform && !*build->timeline->platform)
            build->timeline->platform = process->platform;
        /* What a recorded command starts is found running, too, by the importtime backend. */
        build->facts[id - 1].was_running =
            build->facts[id - 1].start == THAW_START_PRESENT && !started_command(build);
        build->facts[id - 1].imports_seen = build->facts[id - 1].was_running;
    }
    return true;
}

struct step {
    bool (*build)(struct thaw_build *build);
    bool of_starts; /* what a start is reduced to needs it */
};

/* Each needs what those before it leave in the build. */
static const struct step steps[] = {
    {build_session, true},
    {thaw_process_tree_build, true},
    {build_platform, true},
    {thaw_coverage_build, true},
    {thaw_imports_build, true},
    {thaw_timed_imports_build, true},
    {thaw_modules_build, true},
    {thaw_loading_build, true},
    {thaw_usage_build, false},
    {thaw_effects_build, false},
    {thaw_exchanges_build, true},
    {thaw_roots_build, true},
    {thaw_module_files_build, true},
    {thaw_servers_build, true},
    {thaw_host_files_build, true},
    {thaw_retries_build, true},
    {thaw_tracks_build, true},
    {thaw_cpu_accounts_build, false},
    {thaw_boot_build, false},
    {thaw_endings_build, true},
    {thaw_critical_path_build, false},
    {thaw_failures_build, false},
    {thaw_invocations_build, true},
    {thaw_concurrency_build, false},
    {thaw_durable_build, false},
    {thaw_native_build, false},
    {thaw_losses_build, true},
    {thaw_not_visible_build, false},
    {thaw_virtual_machines_build, false},
};

static void publish(struct thaw_timeline *timeline)
{
    const struct thaw_timeline_memory *memory = timeline->memory;

    timeline->processes = memory->processes.items;
    timeline->process_count = memory->processes.count;
    timeline->modules = memory->modules.items;
    timeline->module_count = memory->modules.count;
    timeline->effects = memory->effects.items;
    timeline->effect_count = memory->effects.count;
    timeline->tracks = memory->tracks.items;
    timeline->track_count = memory->tracks.count;
    timeline->invocations = memory->invocations.items;
    timeline->invocation_count = memory->invocations.count;
    timeline->host_loads = memory->host_loads.items;
    timeline->host_load_count = memory->host_loads.count;
    timeline->durable.functions = memory->durable_functions.items;
    timeline->durable.function_count = memory->durable_functions.count;
    timeline->durable.instances = memory->durable_instances.items;
    timeline->durable.instance_count = memory->durable_instances.count;
    timeline->failures = memory->failures.items;
    timeline->failure_count = memory->failures.count;
    timeline->losses = memory->losses.items;
    timeline->loss_count = memory->losses.count;
    timeline->not_visible = memory->not_visible.items;
    timeline->not_visible_count = memory->not_visible.count;
    timeline->boot = memory->boot.items;
    timeline->boot_count = memory->boot.count;
    timeline->virtual_machines = memory->virtual_machines.items;
    timeline->virtual_machine_count = memory->virtual_machines.count;
    timeline->folders = memory->folders.items;
    timeline->folder_count = memory->folders.count;
}

static bool take_steps(struct thaw_build *build, bool starts)
{
    bool enough = true;

    for (size_t i = 0; enough && i < sizeof(steps) / sizeof(steps[0]); i++)
        if (steps[i].of_starts || !starts)
            enough = steps[i].build(build);
    thaw_process_tree_release(build);
    thaw_array_free(&build->module_facts);
    thaw_array_free(&build->exchanges);
    thaw_array_free(&build->sample_modules);
    free(build->modules_by_process);
    return enough;
}

static int build(const struct thaw_recording *recording, bool starts, struct thaw_timeline **ret,
                 struct thaw_error *error)
{
    struct thaw_timeline *timeline = calloc(1, sizeof(*timeline));
    struct thaw_build state = {.recording = recording, .timeline = timeline};

    if (!timeline)
        return thaw_error_memory(error);
    timeline->recording = recording;
    timeline->memory = calloc(1, sizeof(*timeline->memory));
    state.memory = timeline->memory;
    if (!state.memory || !take_steps(&state, starts)) {
        thaw_timeline_free(timeline);
        return thaw_error_memory(error);
    }
    publish(timeline);
    *ret = timeline;
    return 0;
}

int thaw_timeline_build(const struct thaw_recording *recording, struct thaw_timeline **ret,
                        struct thaw_error *error)
{
    return build(recording, false, ret, error);
}

int thaw_timeline_build_starts(const struct thaw_recording *recording, struct thaw_timeline **ret,
                               struct thaw_error *error)
{
    return build(recording, true, ret, error);
}

void thaw_timeline_free(struct thaw_timeline *timeline)
{
    struct thaw_timeline_memory *memory = timeline ? timeline->memory : NULL;

    if (memory) {
        thaw_array_free(&memory->processes);
        thaw_array_free(&memory->modules);
        thaw_array_free(&memory->effects);
        thaw_array_free(&memory->tracks);
        thaw_array_free(&memory->invocations);
        thaw_array_free(&memory->host_loads);
        thaw_array_free(&memory->durable_functions);
        thaw_array_free(&memory->durable_instances);
        thaw_array_free(&memory->failures);
        thaw_array_free(&memory->losses);
        thaw_array_free(&memory->not_visible);
        thaw_array_free(&memory->folders);
        thaw_array_free(&memory->boot);
        thaw_array_free(&memory->virtual_machines);
        thaw_array_free(&memory->native_libraries);
        thaw_array_free(&memory->native_shares.list);
        thaw_array_free(&memory->native_functions);
        thaw_array_free(&memory->native_paths);
        thaw_array_free(&memory->native_path_shares.list);
        thaw_arena_free(&memory->arena);
    }
    free(memory);
    free(timeline);
}

const struct thaw_track *thaw_timeline_headline(const struct thaw_timeline *timeline)
{
    for (size_t i = 0; i < timeline->track_count; i++) {
        if (timeline->tracks[i].headline)
            return &timeline->tracks[i];
    }
    return NULL;
}
