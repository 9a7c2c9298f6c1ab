/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "timeline/losses.h"

/* what lives as long as the timeline. */
static bool add_loss(struct thaw_build *build, const char *cause, uint64_t count, uint32_t process,
                     const char *what)
{
    struct thaw_loss *loss = what ? thaw_array_add(&build->memory->losses) : NULL;

    if (!loss)
        return false;
    *loss = (struct thaw_loss){.cause = cause, .count = count, .what = what, .process = process};
    return true;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* One that is missing was never there to be had, and is told by the report's list of probes. */
static bool is_lost_probe(const struct thaw_event *event)
{
    return event->kind == THAW_EVENT_PROBE && !strcmp(event->probe.status, "failed") &&
           *event->probe.without;
}

static bool add_lost_probe(struct thaw_build *build, const struct thaw_probe *probe)
{
    return add_loss(build, "probe-not-attached", 1, 0,
                    thaw_arena_format(&build->memory->arena,
                                      "the probe %s could not be attached to %s: not "
                                      "recorded are %s",
                                      probe->name, probe->target, probe->without));
}

static bool add_capture_losses(struct thaw_build *build)
{
    const struct thaw_recording *recording = build->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_LOSS && !add_loss(build, event->loss.cause, event->loss.count,
                                                        build->event_process[i], event->loss.what))
            return false;
        if (is_lost_probe(event) && !add_lost_probe(build, &event->probe))
            return false;
    }
    return true;
}

static bool add_file_losses(struct thaw_build *build)
{
    const struct thaw_recording *recording = build->recording;
    const char *defect = recording->defect;

    if (*defect && !add_loss(build, "recording-damaged", 1, 0,
                             thaw_arena_format(&build->memory->arena,
                                               "the recording is damaged (%s): what "
                                               "came behind that is missing",
                                               defect)))
        return false;
    if (!recording->finished &&
        !add_loss(build, "recording-unfinished", 1, 0,
                  "the recording was not closed: what happened after its last event "
                  "and the inventory may be missing"))
        return false;
    return !recording->unknown_kinds ||
           add_loss(build, "unknown-kinds", recording->unknown_kinds, 0,
                    "events of kinds this version does not know were passed over; a "
                    "newer thaw reads them");
}

static bool add_coverage_loss(struct thaw_build *build, const struct thaw_event *event,
                              uint32_t process)
{
    const struct thaw_interpreter *interpreter = &event->interpreter;
    bool refused = !strcmp(interpreter->coverage, "refused");
    const char *reason = *interpreter->reason ? interpreter->reason : "reason not told";

    if (!*interpreter->coverage || !strcmp(interpreter->coverage, "from start"))
        return true;
    return add_loss(
        build, refused ? "interpreter-refused" : "interpreter-late", 1, process,
        thaw_arena_format(&build->memory->arena,
                          refused ? "imports of Python %s in process %u were not recorded: %s"
                                  : "imports of Python %s in process %u were recorded from some "
                                    "point on only: %s",
                          interpreter->version, event->pid, reason));
}

static bool add_coverage_losses(struct thaw_build *build)
{
    const struct thaw_recording *recording = build->recording;

    for (size_t i = 0; i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_INTERPRETER &&
            !add_coverage_loss(build, &recording->events[i], build->event_process[i]))
            return false;
    return true;
}

/* After a first reply the recording ends on purpose: only what the track waited for counts. */
static bool is_missed(const struct thaw_build *build, size_t index)
{
    const struct thaw_module *module = &build->memory->modules.items[index];
    uint32_t track = thaw_build_facts(build, module->process)->track;

    if (build->module_facts.items[index].cut != THAW_CUT_OPEN)
        return false;
    return strcmp(build->timeline->end_reason, "first-reply") != 0 ||
           (track && module->start_ns < build->memory->tracks.items[track - 1].end_ns);
}

static uint64_t count_missed(const struct thaw_build *build, const struct thaw_process_facts *facts)
{
    uint64_t count = 0;

    for (size_t i = 0; i < facts->module_count; i++)
        count += is_missed(build, build->modules_by_process[facts->first_module + i]);
    return count;
}

/* Of CPython's own report: its nesting is one for all threads. */
static bool add_sum_loss(struct thaw_build *build, uint32_t id)
{
    const struct thaw_process_facts *facts = thaw_build_facts(build, id);

    return !facts->sum_faults ||
           add_loss(build, "import-times-no-sum", facts->sum_faults, id,
                    thaw_arena_format(&build->memory->arena,
                                      "the time of %" PRIu64
                                      " module%s of process %u is not %s own "
                                      "and that of the modules below: several threads or processes "
                                      "imported at once, or lines are missing; %.1f ms are "
                                      "nobody's own",
                                      facts->sum_faults, plural(facts->sum_faults),
                                      thaw_build_process(build, id)->pid,
                                      facts->sum_faults == 1 ? "its" : "their",
                                      (double)facts->unexplained_ns / 1e6));
}

static bool add_import_losses(struct thaw_build *build, uint32_t id)
{
    const struct thaw_process_facts *facts = thaw_build_facts(build, id);
    struct thaw_arena *arena = &build->memory->arena;
    uint32_t pid = thaw_build_process(build, id)->pid;
    uint64_t missed = count_missed(build, facts);

    if (missed && !add_loss(build, "imports-unfinished", missed, id,
                            thaw_arena_format(arena,
                                              "%" PRIu64 " import%s of process %u still ran when "
                                              "the recording ended",
                                              missed, plural(missed), pid)))
        return false;
    if (facts->lost_begins &&
        !add_loss(build, "begin-missing", facts->lost_begins, id,
                  thaw_arena_format(arena,
                                    "%" PRIu64 " import%s or librar%s of process %u "
                                    "ended whose beginning was not recorded",
                                    facts->lost_begins, plural(facts->lost_begins),
                                    facts->lost_begins == 1 ? "y" : "ies", pid)))
        return false;
    if (facts->lost_importers &&
        !add_loss(build, "importer-missing", facts->lost_importers, id,
                  thaw_arena_format(arena,
                                    "%" PRIu64 " module%s of process %u came from an "
                                    "import that was not over when the report ended",
                                    facts->lost_importers, plural(facts->lost_importers), pid)))
        return false;
    if (!add_sum_loss(build, id))
        return false;
    return !facts->clock_faults ||
           add_loss(build, "clock", facts->clock_faults, id,
                    thaw_arena_format(arena,
                                      "%" PRIu64 " module%s of process %u took less "
                                      "time than what they imported",
                                      facts->clock_faults, plural(facts->clock_faults), pid));
}

/* A worker that was there before the recording, and of whose start nothing is left to see. */
static bool add_start_loss(struct thaw_build *build, const struct thaw_track *track)
{
    const struct thaw_process_facts *facts = thaw_build_facts(build, track->process);

    if (!facts->was_running || facts->hello)
        return true;
    return add_loss(
        build, "start-not-seen", 1, track->process,
        thaw_arena_format(&build->memory->arena,
                          "process %u was already running when the recording began: what it did "
                          "before is missing",
                          thaw_build_process(build, track->process)->pid));
}

static bool add_native_loss(struct thaw_build *build)
{
    uint64_t beyond = build->timeline->native.beyond;

    return !beyond ||
           add_loss(build, "mappings-crowded", beyond, 0,
                    thaw_arena_format(&build->memory->arena,
                                      "%" PRIu64 " piece%s of mapped code beyond the most that "
                                      "processes have: samples in them are in no library",
                                      beyond, plural(beyond)));
}

bool thaw_losses_build(struct thaw_build *build)
{
    if (!add_file_losses(build) || !add_capture_losses(build) || !add_coverage_losses(build) ||
        !add_native_loss(build))
        return false;
    for (uint32_t id = 1; id <= build->facts_count; id++)
        if (!add_import_losses(build, id))
            return false;
    for (size_t i = 0; i < build->memory->tracks.count; i++)
        if (!add_start_loss(build, &build->memory->tracks.items[i]))
            return false;
    build->timeline->complete = !build->memory->losses.count;
    return true;
}
