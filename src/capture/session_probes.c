/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

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

/* Which rows are attached, and how. */
struct wish {
    bool (*is_for)(const struct thaw_probe_row *row);
    thaw_link_group group;
    bool required_alone; /* the user leaves out all others */
    const char *else_do; /* behind the reason why a required one fails */
};

/* How it went is left in *failure, for further rows of the same program. */
static int attach_tracepoint(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                             const struct thaw_probe_row *row, const struct wish *wish,
                             struct thaw_error *failure, struct thaw_error *error)
{
    memset(failure, 0, sizeof(*failure));
    if (!row->required && wish->required_alone)
        thaw_error_set(failure, -ENOENT, "left out, as --observe imports asks");
    else
        thaw_programs_attach_tracepoint(programs, row->program, wish->group, failure);
    if (failure->code && row->required)
        return thaw_error_set(error, failure->code, "%s%s", failure->message, wish->else_do);
    return thaw_probe_store(writer, row, row->target, "tracepoint", failure, error);
}

static int attach_tracepoints(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                              const struct wish *wish, struct thaw_error *error)
{
    size_t count;
    const struct thaw_probe_row *rows = thaw_probes(&count);
    struct thaw_error failure = {0};
    int code = 0;

    for (size_t i = 0; !code && i < count; i++) {
        if (rows[i].kind != THAW_PROBE_TRACEPOINT || !wish->is_for(&rows[i]))
            continue;
        if (i && !strcmp(rows[i].program, rows[i - 1].program)) /* it serves several rows */
            code =
                thaw_probe_store(writer, &rows[i], rows[i].target, "tracepoint", &failure, error);
        else
            code = attach_tracepoint(programs, writer, &rows[i], wish, &failure, error);
    }
    return code;
}

static bool is_for_records(const struct thaw_probe_row *row)
{
    return row->uses & THAW_PROBE_RECORDS;
}

static bool is_for_audits(const struct thaw_probe_row *row)
{
    return row->uses & THAW_PROBE_AUDITS;
}

static bool is_for_splits(const struct thaw_probe_row *row)
{
    return is_for_records(row) && !is_for_audits(row);
}

int thaw_session_probes_attach(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                               enum thaw_observe observe, struct thaw_error *error)
{
    const struct wish wish = {is_for_records, 0, observe == THAW_OBSERVE_IMPORTS,
                              "; try --backend importtime"};

    return attach_tracepoints(programs, writer, &wish, error);
}

int thaw_audit_probes_attach(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                             struct thaw_error *error)
{
    const struct wish wish = {is_for_audits, 0, false, ""};

    return attach_tracepoints(programs, writer, &wish, error);
}

int thaw_split_probes_attach(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                             struct thaw_error *error)
{
    const struct wish wish = {is_for_splits, THAW_LINKS_OF_SPLIT, false, ""};

    return attach_tracepoints(programs, writer, &wish, error);
}

/* Rows of the C library that share a program are attached at once: each link costs some 20 ms when
 * it is closed. */
#define LIBRARY_GROUP_MOST 8

struct library_group {
    const struct thaw_probe_row *rows; /* one after the other */
    size_t count;
    struct thaw_error failures[LIBRARY_GROUP_MOST]; /* of each row */
    struct thaw_attach_point points[LIBRARY_GROUP_MOST];
    size_t point_count;
};

static struct library_group group_from(const struct thaw_probe_row *rows, size_t count)
{
    struct library_group group = {.rows = rows, .count = 1};

    while (group.count < count && group.count < LIBRARY_GROUP_MOST &&
           rows[group.count].kind == THAW_PROBE_LIBRARY &&
           !strcmp(rows[group.count].program, rows->program))
        group.count++;
    return group;
}

static void find_functions(struct library_group *group, const char *path)
{
    struct thaw_error unreadable = {0};
    struct thaw_object *object = NULL;
    uint64_t offset, size;

    thaw_object_open(path, &object, &unreadable);
    for (size_t i = 0; i < group->count; i++) {
        group->failures[i] = unreadable;
        if (!unreadable.code && !thaw_object_function(object, group->rows[i].target, &offset, &size,
                                                      &group->failures[i]))
            group->points[group->point_count++].offset = offset;
    }
    thaw_object_close(object);
}

/* The return first, where it is wanted: nothing is to begin whose end is not seen. */
static void attach_group(struct thaw_programs *programs, const struct library_group *group,
                         const char *path, struct thaw_error *failure)
{
    struct thaw_attach_place place = {
        .path = path, .points = group->points, .count = group->point_count, .at_return = true};
    char program[64];

    snprintf(program, sizeof(program), "%s_return", group->rows->program);
    if (group->rows->returns && thaw_programs_attach(programs, program, &place, 0, failure))
        return;
    place.at_return = false;
    snprintf(program, sizeof(program), "%s_call", group->rows->program);
    thaw_programs_attach(programs, program, &place, 0, failure);
}

static int take_group(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                      struct library_group *group, const char *path, struct thaw_error *error)
{
    struct thaw_error failure = {0};
    int code = 0;

    find_functions(group, path);
    if (group->point_count)
        attach_group(programs, group, path, &failure);
    for (size_t i = 0; !code && i < group->count; i++)
        code = thaw_probe_store(writer, &group->rows[i], path, "uprobe",
                                group->failures[i].code ? &group->failures[i] : &failure, error);
    return code;
}

int thaw_library_probes_attach(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                               const char *path, struct thaw_error *error)
{
    size_t count;
    const struct thaw_probe_row *rows = thaw_probes(&count);
    int code = 0;

    for (size_t i = 0; !code && i < count; i++) {
        struct library_group group;

        if (rows[i].kind != THAW_PROBE_LIBRARY)
            continue;
        group = group_from(&rows[i], count - i);
        code = take_group(programs, writer, &group, path, error);
        i += group.count - 1;
    }
    return code;
}
