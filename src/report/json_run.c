/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "report/json_parts.h"

json_t *thaw_json_tool(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    json_t *tool = thaw_values_object(values);

    /* The version that recorded, not the one that reports: one recording, one report. */
    thaw_values_set_text(values, tool, "name", "thaw");
    thaw_values_set_name(values, tool, "version",
                         timeline->session ? timeline->session->tool_version : NULL);
    return tool;
}

json_t *thaw_json_recording(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    const struct thaw_recording *recording = timeline->recording;
    json_t *object;

    if (!recording)
        return json_null();
    object = thaw_values_object(values);
    thaw_values_set_boolean(values, object, "finished", recording->finished);
    thaw_values_set_name(values, object, "defect", recording->defect);
    thaw_values_set_number(values, object, "unknown_kinds", recording->unknown_kinds);
    return object;
}

static void set_limit(struct thaw_values *values, json_t *object, uint64_t millis)
{
    json_t *limit = millis ? json_real((double)millis / 1000) : json_null();

    thaw_values_set(values, object, "cpu_limit", limit);
}

static json_t *boot_array(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < timeline->boot_count; i++) {
        const struct thaw_machine_instant *instant = timeline->boot[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "what", instant->name);
        thaw_values_set_signed(values, object, "at_ns", instant->at_ns);
        thaw_values_set_number(values, object, "uncertainty_ns", instant->uncertainty_ns);
        thaw_values_set_text(values, object, "source", instant->source);
        thaw_values_append(values, array, object);
    }
    return array;
}

/* What the log does not say of a resume counts only where all of it was there to be read. */
static void set_resumed(struct thaw_values *values, json_t *object,
                        const struct thaw_timeline *timeline)
{
    bool resumed = false;

    for (size_t i = 0; i < timeline->boot_count; i++)
        resumed |= !strcmp(timeline->boot[i]->name, "resumed");
    if (resumed || !strcmp(timeline->machine->kernel_log, "read"))
        thaw_values_set_boolean(values, object, "resumed_from_snapshot", resumed);
}

static void set_boot(struct thaw_values *values, json_t *object,
                     const struct thaw_timeline *timeline)
{
    const struct thaw_machine_event *machine = timeline->machine;

    if (*machine->container)
        thaw_values_set_boolean(values, object, "container", !strcmp(machine->container, "yes"));
    set_resumed(values, object, timeline);
    thaw_values_set_text(values, object, "kernel_log", machine->kernel_log);
    thaw_values_set_number(values, object, "suspended_ns", machine->suspended_ns);
    thaw_values_set_boolean(values, object, "booted_for_this", machine->boot);
    thaw_values_set(values, object, "boot", boot_array(values, timeline));
}

json_t *thaw_json_machine(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    const struct thaw_session_begin *session = timeline->session;
    const struct thaw_machine_event *machine = timeline->machine;
    json_t *object = thaw_values_object(values);

    thaw_values_set_name(values, object, "kernel", session ? session->kernel : NULL);
    thaw_values_set_name(values, object, "arch", session ? session->arch : NULL);
    thaw_values_set_known(values, object, "cpus", session ? session->cpus : 0);
    if (!machine) /* null would say that there is no limit */
        return object;
    set_limit(values, object, machine->cpu_limit_millis);
    thaw_values_set_known(values, object, "memory_limit", machine->memory_limit_bytes);
    thaw_values_set_name(values, object, "hypervisor", machine->hypervisor);
    thaw_values_set_texts(values, object, "signs", machine->signs.items, machine->signs.count);
    if (*machine->kernel_log) /* else the recording is of a version that did not look */
        set_boot(values, object, timeline);
    return object;
}

/* RFC 3339 section 5.6 in UTC with milliseconds. A u64 of ns ends in the year 2554: 4 digits. */
void thaw_json_set_started(struct thaw_values *values, json_t *object, uint64_t realtime_ns)
{
    time_t seconds = (time_t)(realtime_ns / 1000000000);
    unsigned millis = (unsigned)(realtime_ns / 1000000 % 1000);
    char day[32], text[48];
    struct tm utc;

    if (!realtime_ns || !gmtime_r(&seconds, &utc) ||
        !strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &utc)) {
        thaw_values_set_null(values, object, "started");
        return;
    }
    snprintf(text, sizeof(text), "%s.%03uZ", day, millis);
    thaw_values_set_text(values, object, "started", text);
}

/* A single run has neither, so that its report is as ever. */
static void set_trial(struct thaw_values *values, json_t *run,
                      const struct thaw_session_begin *session)
{
    json_t *trial;

    if (session->cold && *session->cold)
        thaw_values_set_boolean(values, run, "cold", !strcmp(session->cold, "yes"));
    if (!session->trial || session->trial > session->trials)
        return;
    trial = thaw_values_object(values);
    thaw_values_set_number(values, trial, "number", session->trial);
    thaw_values_set_number(values, trial, "of", session->trials);
    thaw_values_set(values, run, "trial", trial);
}

static void set_session(struct thaw_values *values, json_t *run,
                        const struct thaw_timeline *timeline)
{
    static const struct thaw_session_begin unknown;
    const struct thaw_session_begin *session = timeline->session ? timeline->session : &unknown;

    thaw_values_set_texts(values, run, "command", session->command.items, session->command.count);
    thaw_values_set_name(values, run, "directory", session->directory);
    thaw_json_set_started(values, run, session->realtime_ns);
    thaw_values_set_name(values, run, "backend", session->backend);
    thaw_values_set_name(values, run, "platform", timeline->platform);
    thaw_values_set_name(values, run, "requested_platform", session->platform);
    thaw_values_set_name(values, run, "until", session->until);
    if (session->session && *session->session)
        thaw_values_set_text(values, run, "session", session->session);
    set_trial(values, run, session);
}

static void set_end(struct thaw_values *values, json_t *run, const struct thaw_timeline *timeline)
{
    const struct thaw_recording *recording = timeline->recording;
    int64_t status = -1;

    for (size_t i = 0; recording && i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_SESSION_END)
            status = recording->events[i].session_end.exit_status;
    thaw_values_set_name(values, run, "ended", timeline->end_reason);
    if (status < 0)
        thaw_values_set_null(values, run, "exit_status");
    else
        thaw_values_set_signed(values, run, "exit_status", status);
}

static json_t *run_cost(struct thaw_values *values, const struct thaw_cost *cost)
{
    json_t *object;

    if (!cost)
        return json_null();
    object = thaw_values_object(values);
    thaw_values_set_number(values, object, "bpf_ns", cost->bpf_ns);
    thaw_values_set_number(values, object, "traps_ns", cost->traps_ns);
    thaw_values_set_number(values, object, "reader_cpu_ns", cost->reader_cpu_ns);
    thaw_values_set_known(values, object, "closing_cpu_ns", cost->closing_cpu_ns);
    thaw_values_set_known(values, object, "calls_ns", cost->calls_ns);
    thaw_values_set_number(values, object, "events", cost->events);
    return object;
}

/* Did the command run under ptrace? */
static bool was_counting(const struct thaw_recording *recording)
{
    for (size_t i = 0; recording && i < recording->count; i++) {
        const struct thaw_probe *probe = &recording->events[i].probe;

        if (recording->events[i].kind == THAW_EVENT_PROBE &&
            !strcmp(probe->name, THAW_PROBE_COUNTING) && !strcmp(probe->status, "attached"))
            return true;
    }
    return false;
}

json_t *thaw_json_run(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    json_t *run = thaw_values_object(values);

    set_session(values, run, timeline);
    set_end(values, run, timeline);
    thaw_values_set_number(values, run, "start_ns", timeline->session_start_ns);
    thaw_values_set_number(values, run, "end_ns", timeline->session_end_ns);
    if (was_counting(timeline->recording))
        thaw_values_set_boolean(values, run, "counting", true);
    thaw_values_set(values, run, "cost", run_cost(values, timeline->cost));
    return run;
}
