/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/clock.h"
#include "capture/session_probes.h"
#include "native/object.h"

/* "missing": it can't be had here, "failed": it should have been. */
static const char *attempt_status(const struct thaw_error *failure)
{
    if (!failure->code)
        return "attached";
    return failure->code == -ENOENT ? "missing" : "failed";
}

int thaw_probe_store(struct thaw_recording_writer *writer, const struct thaw_probe_row *row,
                     const char *target, const char *how, const struct thaw_error *failure,
                     struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_PROBE, .time_ns = thaw_clock_now_ns()};

    event.probe.name = row->name;
    event.probe.target = target;
    event.probe.how = how;
    event.probe.status = attempt_status(failure);
    event.probe.reason = failure->code ? failure->message : "";
    event.probe.without = failure->code ? row->without : "";
    return thaw_recording_writer_append(writer, &event, error);
}

static int attach_tracepoint(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                             const struct thaw_probe_row *row, enum thaw_observe observe,
                             struct thaw_error *error)
{
    struct thaw_error failure = {0};

    if (!row->required && observe == THAW_OBSERVE_IMPORTS) {
        thaw_error_set(&failure, -ENOENT, "left out, as --observe imports asks");
        return thaw_probe_store(writer, row, row->target, "tracepoint", &failure, error);
    }
    thaw_programs_attach_tracepoint(programs, row->program, &failure);
    if (failure.code && row->required)
        return thaw_error_set(error, failure.code, "%s; try --backend importtime", failure.message);
    return thaw_probe_store(writer, row, row->target, "tracepoint", &failure, error);
}

int thaw_session_probes_attach(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                               enum thaw_observe observe, struct thaw_error *error)
{
    size_t count;
    const struct thaw_probe_row *rows = thaw_probes(&count);
    int code = 0;

    for (size_t i = 0; !code && i < count; i++)
        if (rows[i].kind == THAW_PROBE_TRACEPOINT)
            code = attach_tracepoint(programs, writer, &rows[i], observe, error);
    return code;
}

/* The return first: nothing is to begin whose end is not seen. */
static void attach_function(struct thaw_programs *programs, const char *path, uint64_t offset,
                            struct thaw_error *failure)
{
    const struct thaw_attach_point point = {.offset = offset};
    struct thaw_attach_place place = {
        .path = path, .points = &point, .count = 1, .at_return = true};

    if (thaw_programs_attach(programs, "loader_dlopen_return", &place, 0, failure))
        return;
    place.at_return = false;
    thaw_programs_attach(programs, "loader_dlopen_call", &place, 0, failure);
}

int thaw_library_probes_attach(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                               const char *path, struct thaw_error *error)
{
    size_t count;
    const struct thaw_probe_row *rows = thaw_probes(&count);
    int code = 0;

    for (size_t i = 0; !code && i < count; i++) {
        struct thaw_error failure = {0};
        struct thaw_object *object = NULL;
        uint64_t offset, size;

        if (rows[i].kind != THAW_PROBE_LIBRARY)
            continue;
        if (!thaw_object_open(path, &object, &failure) &&
            !thaw_object_function(object, rows[i].target, &offset, &size, &failure))
            attach_function(programs, path, offset, &failure);
        thaw_object_close(object);
        code = thaw_probe_store(writer, &rows[i], path, "uprobe", &failure, error);
    }
    return code;
}
