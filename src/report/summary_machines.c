/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "report/keys.h"
#include "report/summary.h"

/* Virtual machines: the phases of each, what its guest marked, and what was recorded inside. */

enum { most_machines = 4, most_marks = 8 };

static const json_t *guest_track(const json_t *machine)
{
    const json_t *tracks = json_object_get(json_object_get(machine, "guest"), "tracks"), *track;
    size_t i;

    json_array_foreach(tracks, i, track) if (thaw_summary_is(track, "headline")) return track;
    return NULL;
}

/* What a guest's phase is called below the machine's phase in which the guest runs. */
static json_t *as_part(const json_t *phase)
{
    json_t *part = json_copy((json_t *)(uintptr_t)phase);
    const char *name = json_string_value(json_object_get(phase, "name"));

    if (part && json_object_set_new(part, "name", json_sprintf("guest.%s", name ? name : ""))) {
        json_decref(part);
        return NULL;
    }
    return part;
}

/* What was before the track: the guest's boot, and what recorded it getting ready. */
static json_t *before(const json_t *phase, const json_t *track)
{
    return json_pack("{s:s, s:O, s:O, s:b}", "name", "guest.before", "start_ns",
                     json_object_get(phase, "start_ns"), "end_ns",
                     json_object_get(track, "start_ns"), "counted", 1);
}

/* The phase "guest" with the phases of the guest's headline as its parts. */
static json_t *with_parts(const json_t *phase, const json_t *track)
{
    json_t *whole = json_copy((json_t *)(uintptr_t)phase), *parts = json_array();
    const json_t *one;
    size_t i;

    if (thaw_summary_number(track, "start_ns") > thaw_summary_number(phase, "start_ns") &&
        json_array_append_new(parts, before(phase, track))) {
        json_decref(whole);
        whole = NULL;
    }
    json_array_foreach(json_object_get(track, "phases"), i, one)
    {
        if (json_array_append_new(parts, as_part(one))) {
            json_decref(whole);
            whole = NULL;
        }
    }
    if (json_object_set_new(whole, "children", parts)) {
        json_decref(whole);
        return NULL;
    }
    return whole;
}

/* Host and guest in one waterfall; owned by the caller, NULL when memory is short. */
static json_t *joined(const json_t *machine)
{
    json_t *all = json_copy((json_t *)(uintptr_t)machine), *phases = json_array();
    const json_t *track = guest_track(machine), *phase;
    size_t i;

    json_array_foreach(json_object_get(machine, "phases"), i, phase)
    {
        const char *name = json_string_value(json_object_get(phase, "name"));
        bool guest = track && name && !strcmp(name, "guest");
        json_t *copy = guest ? with_parts(phase, track) : json_incref((json_t *)(uintptr_t)phase);

        if (json_array_append_new(phases, copy)) {
            json_decref(all);
            all = NULL;
        }
    }
    if (json_object_set_new(all, "phases", phases)) {
        json_decref(all);
        return NULL;
    }
    return all;
}

static void write_title(struct thaw_summary *summary, const json_t *machine)
{
    const json_t *monitor = thaw_summary_process(summary, thaw_summary_number(machine, "process"));
    uint64_t processors = thaw_summary_number(machine, "processors");
    uint64_t memory_bytes = thaw_summary_number(machine, "memory_bytes");
    const char *made = "", *memory = "";

    if (processors)
        made = thaw_summary_format(summary, ", %" PRIu64 " CPU%s", processors,
                                   processors == 1 ? "" : "s");
    if (memory_bytes)
        memory = thaw_summary_format(summary, ", %" PRIu64 " KiB", memory_bytes / 1024);
    thaw_summary_title(
        summary,
        thaw_summary_format(
            summary, "Virtual machine of %s (pid %" PRIu64 "), %s KVM%s%s",
            thaw_summary_fit(
                summary, thaw_key_last_part(thaw_summary_text(summary, monitor, "executable")), 30),
            thaw_summary_number(monitor, "pid"),
            thaw_summary_is(machine, "kvm") ? "with" : "without", made, memory));
}

static void write_marks(struct thaw_summary *summary, const json_t *machine)
{
    uint64_t start_ns = thaw_summary_number(machine, "start_ns"), counted, listed = 0;
    const json_t *step;
    size_t i;

    json_array_foreach(json_object_get(machine, "steps"), i, step)
    {
        const char *what = json_string_value(json_object_get(step, "what"));

        if (!what || strcmp(what, "mark") != 0 || listed++ >= most_marks)
            continue;
        thaw_summary_bullet(
            summary, THAW_STYLE_PLAIN,
            thaw_summary_format(
                summary, "mark 0x%" PRIx64 " at port 0x%" PRIx64 " after %s",
                thaw_summary_number(step, "value"), thaw_summary_number(step, "port"),
                thaw_summary_duration(summary, thaw_summary_number(step, "time_ns") - start_ns)));
    }
    counted = thaw_summary_number(machine, "port_marks");
    listed = listed < most_marks ? listed : most_marks;
    if (counted > listed)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary, "and %" PRIu64 " more mark%s",
                                                counted - listed,
                                                counted == listed + 1 ? "" : "s"));
}

static const char *plus_minus(const struct thaw_summary *summary)
{
    return summary->utf8 ? "\302\261" : "+-";
}

static const char *drift_words(struct thaw_summary *summary, const json_t *guest)
{
    const json_t *drift = json_object_get(guest, "drift_ppm");
    double ppm = json_number_value(drift);
    double error = json_number_value(json_object_get(guest, "drift_uncertainty_ppm"));

    if (!json_is_number(drift) || ppm < -1e6 || ppm > 1e6 || error > 1e6)
        return "";
    return thaw_summary_format(summary, "; it runs %d %s %d ppm slow",
                               (int)(ppm < 0 ? ppm - 0.5 : ppm + 0.5), plus_minus(summary),
                               (int)error + 1);
}

static void write_guest(struct thaw_summary *summary, const json_t *guest)
{
    const json_t *uncertainty = json_object_get(guest, "uncertainty_ns");
    uint64_t marks = thaw_summary_number(guest, "marks");
    const char *error = "at most, as it was not seen when its marks had left it";

    if (json_is_integer(uncertainty))
        error = thaw_summary_format(summary, "%s %" PRIu64 " us", plus_minus(summary),
                                    thaw_summary_number(guest, "uncertainty_ns") / 1000 + 1);
    thaw_summary_bullet(
        summary, THAW_STYLE_PLAIN,
        thaw_summary_format(
            summary, "its guest's clock began at this machine's %s, %s, by %" PRIu64 " mark%s%s%s",
            thaw_summary_duration(summary, thaw_summary_number(guest, "offset_ns")), error, marks,
            marks == 1 ? "" : "s", drift_words(summary, guest),
            thaw_summary_is(guest, "drifts") ? ": that is why it is not known better" : ""));
    if (!thaw_summary_is(guest, "complete"))
        thaw_summary_bullet(summary, THAW_STYLE_BAD,
                            "the guest's recording is incomplete: its own report says why");
}

static void write_machine(struct thaw_summary *summary, const json_t *machine)
{
    const json_t *guest = json_object_get(machine, "guest");
    json_t *all = joined(machine);

    summary->failed |= !all;
    write_title(summary, machine);
    thaw_summary_track(summary, all);
    json_decref(all);
    write_marks(summary, machine);
    if (json_is_object(guest))
        write_guest(summary, guest);
}

void thaw_summary_machines(struct thaw_summary *summary)
{
    const json_t *machines = thaw_summary_list(summary->report, "virtual_machines"), *machine;
    size_t count = json_array_size(machines), i;

    json_array_foreach(machines, i, machine)
    {
        if (i == most_machines) {
            thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                                thaw_summary_format(summary, "and %zu more virtual machines",
                                                    count - i));
            return;
        }
        write_machine(summary, machine);
    }
}
