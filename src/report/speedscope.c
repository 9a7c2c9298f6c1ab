/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "report/keys.h"
#include "report/shown_text.h"
#include "report/trace.h"
#include "report/trace_phases.h"
#include "report/writers.h"

/*
 * A file of speedscope (https://www.speedscope.app/file-format-schema.json): an evented profile for
 * the phases of the headline's track, and one for each thread that imported something, each in
 * nanoseconds from its own beginning. A frame is a module and its file, so that another try of an
 * import is the same frame. The frames of a profile must nest: imports that don't are left out of
 * it, and its name says how many.
 */
struct speedscope {
    struct thaw_trace trace;
    json_t *frames;
    json_t *places; /* of frames, by name and file */
    json_t *profiles;
};

/* Place of a frame in the list of all, added when it isn't there. */
static json_int_t frame_of(struct speedscope *made, const char *name, const char *file)
{
    struct thaw_values *values = &made->trace.values;
    const char *key = thaw_trace_format(&made->trace, "%s\n%s", name, file);
    const json_t *known = json_object_get(made->places, key);
    json_int_t place = (json_int_t)json_array_size(made->frames);
    json_t *frame;

    if (known)
        return json_integer_value(known);
    frame = thaw_values_object(values);
    thaw_trace_set(&made->trace, frame, "name", name);
    if (*file)
        thaw_trace_set(&made->trace, frame, "file", file);
    thaw_values_append(values, made->frames, frame);
    thaw_values_set(values, made->places, key, json_integer(place));
    return place;
}

static json_int_t frame_of_module(struct speedscope *made, const json_t *module)
{
    const char *file = thaw_trace_text(&made->trace, module, "path");

    if (!*file)
        file = thaw_trace_text(&made->trace, module, "file");
    return frame_of(made, thaw_trace_module_label(&made->trace, module), file);
}

static void add_event(struct thaw_values *values, json_t *events, const char *type,
                      json_int_t frame, int64_t at_ns)
{
    json_t *event = thaw_values_object(values);

    thaw_values_set(values, event, "type", json_string(type));
    thaw_values_set_signed(values, event, "frame", frame);
    thaw_values_set_signed(values, event, "at", at_ns);
    thaw_values_append(values, events, event);
}

/* A profile from begin_ns on; its events are added by the caller. */
static json_t *add_profile(struct speedscope *made, const char *name, int64_t begin_ns,
                           int64_t end_ns)
{
    struct thaw_values *values = &made->trace.values;
    json_t *profile = thaw_values_object(values), *events = thaw_values_array(values);

    thaw_values_set(values, profile, "type", json_string("evented"));
    thaw_trace_set(&made->trace, profile, "name", name);
    thaw_values_set(values, profile, "unit", json_string("nanoseconds"));
    thaw_values_set_number(values, profile, "startValue", 0);
    thaw_values_set_signed(values, profile, "endValue", thaw_trace_since(end_ns, begin_ns));
    thaw_values_set(values, profile, "events", events);
    thaw_values_append(values, made->profiles, profile);
    return events;
}

/* What is open when an import begins, innermost last: each import that nests lies in `above`. */
static size_t close_until(struct speedscope *made, json_t *events,
                          const struct thaw_interval *times, const json_int_t *frames, size_t open,
                          size_t above, int64_t begin_ns)
{
    for (; open != above; open = times[open].above)
        add_event(&made->trace.values, events, "C", frames[open],
                  thaw_trace_since(times[open].end_ns, begin_ns));
    return open;
}

struct extent {
    int64_t begin_ns, end_ns;
    size_t left_out;
};

static struct extent extent_of(const struct thaw_interval *times, size_t count)
{
    struct extent extent = {INT64_MAX, INT64_MIN, 0};

    for (size_t i = 0; i < count; i++) {
        if (!times[i].nests) {
            extent.left_out++;
            continue;
        }
        if (times[i].start_ns < extent.begin_ns)
            extent.begin_ns = times[i].start_ns;
        if (times[i].end_ns > extent.end_ns)
            extent.end_ns = times[i].end_ns;
    }
    return extent;
}

/* A profile of intervals, each with its frame. */
static void write_profile(struct speedscope *made, const char *name,
                          const struct thaw_interval *times, const size_t *order,
                          const json_int_t *frames, size_t count)
{
    struct extent extent = extent_of(times, count);
    size_t open = THAW_NESTING_NONE;
    json_t *events;

    if (extent.left_out == count)
        return;
    if (extent.left_out)
        name =
            thaw_trace_format(&made->trace, "%s, without %zu that overlap", name, extent.left_out);
    events = add_profile(made, name, extent.begin_ns, extent.end_ns);
    for (size_t i = 0; i < count; i++) {
        size_t place = order[i];

        if (!times[place].nests)
            continue;
        open = close_until(made, events, times, frames, open, times[place].above, extent.begin_ns);
        add_event(&made->trace.values, events, "O", frames[place],
                  thaw_trace_since(times[place].start_ns, extent.begin_ns));
        open = place;
    }
    close_until(made, events, times, frames, open, THAW_NESTING_NONE, extent.begin_ns);
}

static int write_phases(struct speedscope *made, struct thaw_error *error)
{
    struct thaw_trace_phases phases;
    json_int_t *frames = NULL;
    int code;

    if (!made->trace.track)
        return 0;
    code = thaw_trace_phases_build(made->trace.track, &phases, error);
    if (!code) {
        frames = calloc(phases.count, sizeof(*frames));
        code = frames ? 0 : thaw_error_memory(error);
    }
    for (size_t i = 0; i < phases.count && !code; i++)
        frames[i] =
            frame_of(made,
                     i ? thaw_trace_text(&made->trace, phases.items[i], "name") : "cold start", "");
    if (!code)
        write_profile(made, "phases of the cold start", phases.times, phases.order, frames,
                      phases.count);
    free(frames);
    thaw_trace_phases_free(&phases);
    return code;
}

static int write_imports(struct speedscope *made, const struct thaw_import_lane *lane,
                         struct thaw_error *error)
{
    const struct thaw_import_lanes *lanes = &made->trace.lanes;
    json_int_t *frames = calloc(lane->count, sizeof(*frames));
    const char *process = thaw_trace_process_name(&made->trace, lane->process);
    const char *thread = thaw_trace_lane_name(&made->trace, lane);

    if (!frames)
        return thaw_error_memory(error);
    for (size_t i = 0; i < lane->count; i++)
        frames[i] = frame_of_module(made, lanes->imports[lane->first + i].node->module);
    write_profile(made, thaw_trace_format(&made->trace, "imports of %s, %s", process, thread),
                  &lanes->times[lane->first], &lanes->order[lane->first], frames, lane->count);
    free(frames);
    return 0;
}

/* All profiles; a viewer shows the one at *active first. */
static int write_profiles(struct speedscope *made, size_t *active, struct thaw_error *error)
{
    const struct thaw_import_lane *main_lane = thaw_trace_main_lane(&made->trace);
    int code = write_phases(made, error);

    for (size_t i = 0; i < made->trace.lanes.count && !code; i++) {
        const struct thaw_import_lane *lane = &made->trace.lanes.items[i];

        if (lane == main_lane)
            *active = json_array_size(made->profiles);
        code = write_imports(made, lane, error);
    }
    if (!code && !json_array_size(made->profiles))
        add_profile(made, "nothing was recorded", thaw_trace_signed(made->trace.run, "start_ns"),
                    thaw_trace_signed(made->trace.run, "end_ns"));
    return code;
}

static const char *title(struct thaw_trace *trace)
{
    const char *incomplete = thaw_trace_incomplete(trace);
    const char *command = thaw_shown_item(&trace->arena, trace->run, "command", 0);

    if (!command || !*command)
        command = "recorded processes";
    return thaw_trace_format(trace, "%s%s%s", thaw_key_last_part(command), *incomplete ? ": " : "",
                             incomplete);
}

static json_t *document(struct speedscope *made, size_t active)
{
    struct thaw_values *values = &made->trace.values;
    json_t *file = thaw_values_object(values), *shared = thaw_values_object(values);

    thaw_values_set(values, file, "$schema",
                    json_string("https://www.speedscope.app/file-format-schema.json"));
    thaw_trace_set(&made->trace, file, "exporter", thaw_trace_tool(&made->trace));
    thaw_trace_set(&made->trace, file, "name", title(&made->trace));
    thaw_values_set_number(values, file, "activeProfileIndex", active);
    thaw_values_set(values, shared, "frames", json_incref(made->frames));
    thaw_values_set(values, file, "shared", shared);
    thaw_values_set(values, file, "profiles", json_incref(made->profiles));
    return file;
}

int thaw_write_speedscope(const json_t *report, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error)
{
    struct speedscope made = {.places = json_object()};
    int code = thaw_trace_begin(&made.trace, report, "speedscope", error);
    size_t active = 0;

    (void)options;
    made.frames = thaw_values_array(&made.trace.values);
    made.profiles = thaw_values_array(&made.trace.values);
    if (!code)
        code = write_profiles(&made, &active, error);
    if (!code)
        code = thaw_trace_write(&made.trace, document(&made, active), stream, error);
    json_decref(made.frames);
    json_decref(made.profiles);
    json_decref(made.places);
    thaw_trace_end(&made.trace);
    return code;
}
