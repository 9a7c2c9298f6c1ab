/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "capture/interpreter_probes.h"

/* What the probes of one interpreter share. */
struct attachment {
    struct thaw_programs *programs;
    const struct thaw_interpreter_info *info;
    const struct thaw_python_places *places;
    uint32_t interpreter;
    thaw_link_group group;
    pid_t process;
};

static uint64_t cookie_of(const struct attachment *attachment, unsigned result)
{
    return THAW_COOKIE(attachment->info->minor, result, attachment->interpreter) |
           (attachment->process ? THAW_COOKIE_SINGLE : 0);
}

static int attach(const struct attachment *attachment, const char *stem, const char *suffix,
                  const struct thaw_attach_point *points, size_t count, struct thaw_error *failure)
{
    struct thaw_attach_place place = {
        .path = attachment->info->open_path,
        .points = points,
        .count = count,
        .process = attachment->process,
    };
    char name[64];

    snprintf(name, sizeof(name), "%s%s", stem, suffix);
    return thaw_programs_attach(attachment->programs, name, &place, attachment->group, failure);
}

typedef struct thaw_attach_point (*point_maker)(const struct attachment *attachment,
                                                const struct thaw_call_return *call);

static struct thaw_attach_point return_point(const struct attachment *attachment,
                                             const struct thaw_call_return *call)
{
    return (struct thaw_attach_point){.offset = call->offset,
                                      .cookie = cookie_of(attachment, call->result)};
}

static struct thaw_attach_point call_point(const struct attachment *attachment,
                                           const struct thaw_call_return *call)
{
    return (struct thaw_attach_point){.offset = call->call, .cookie = cookie_of(attachment, 0)};
}

/* To each call of a function, or where it returns to. */
static int attach_sites(const struct attachment *attachment, const char *stem, const char *suffix,
                        const struct thaw_call_returns *returns, point_maker make,
                        struct thaw_error *failure)
{
    struct thaw_attach_point points[THAW_ATTACH_POINTS_MAX];
    size_t count =
        returns->count < THAW_ATTACH_POINTS_MAX ? returns->count : THAW_ATTACH_POINTS_MAX;

    if (!count)
        return thaw_error_set(failure, -ENOENT, "no call of it was found, so its end is not seen");
    for (size_t i = 0; i < count; i++)
        points[i] = make(attachment, &returns->items[i]);
    return attach(attachment, stem, suffix, points, count, failure);
}

/* Are the calls a better place than the function, which is called for much else? */
static bool probes_calls(const struct thaw_probe_row *row, const struct thaw_call_returns *returns)
{
    for (size_t i = 0; i < returns->count; i++)
        if (returns->items[i].call_instruction != THAW_INSTRUCTION_EMULATED)
            return false;
    return row->at_calls && returns->count;
}

/* The returns first: nothing is to begin whose end is not seen. */
static void attach_function(const struct attachment *attachment, const struct thaw_probe_row *row,
                            uint64_t offset, const struct thaw_call_returns *returns,
                            struct thaw_error *failure)
{
    struct thaw_attach_point point = {.offset = offset, .cookie = cookie_of(attachment, 0)};
    struct thaw_error returns_failure = {0};
    int code;

    if (row->returns)
        attach_sites(attachment, row->program, "_return", returns, return_point, &returns_failure);
    if (probes_calls(row, returns))
        code = attach_sites(attachment, row->program, "_site", returns, call_point, failure);
    else
        code = attach(attachment, row->program, "_call", &point, 1, failure);
    if (!code)
        *failure = returns_failure;
}

/* Two marks of CPython's own, or the function that collects: the builds differ. */
static void attach_collector(const struct attachment *attachment, const struct thaw_probe_row *row,
                             struct thaw_error *failure)
{
    const struct thaw_python_collector *collector = &attachment->places->collector;
    struct thaw_attach_point start = {collector->start.offset, collector->start.reference_counter,
                                      cookie_of(attachment, 0)};
    struct thaw_attach_point done = {collector->done.offset, collector->done.reference_counter,
                                     cookie_of(attachment, 0)};

    if (!attachment->places->collects)
        thaw_error_set(failure, -ENOENT, "this build has neither its own probes nor symbols");
    else if (!collector->marks)
        attach_function(attachment, row, collector->function,
                        &attachment->places->collector_returns, failure);
    else if (!attach(attachment, row->program, "_done", &done, 1, failure))
        attach(attachment, row->program, "_start", &start, 1, failure);
}

static void attach_method(const struct attachment *attachment, const struct thaw_probe_row *row,
                          struct thaw_error *failure)
{
    struct thaw_attach_point point = {.offset = attachment->places->methods[row->method],
                                      .cookie = cookie_of(attachment, 0)};

    if (!point.offset)
        thaw_error_set(failure, -ENOENT, "this build has no table that leads to it");
    else
        attach(attachment, row->program, "_call", &point, 1, failure);
}

static bool is_essential(const struct thaw_probe_row *row)
{
    return row->kind == THAW_PROBE_INTERPRETER &&
           (row->function == THAW_PYTHON_FIND || row->function == THAW_PYTHON_BODY);
}

static void attach_row(const struct attachment *attachment, const struct thaw_probe_row *row,
                       struct thaw_error *failure)
{
    const struct thaw_call_returns *returns = &attachment->places->returns[row->function];
    uint64_t offset = returns->body ? returns->body : attachment->info->offsets[row->function];

    if (row->kind == THAW_PROBE_METHOD)
        attach_method(attachment, row, failure);
    else if (row->kind == THAW_PROBE_COLLECTOR)
        attach_collector(attachment, row, failure);
    else if (!offset)
        thaw_error_set(failure, -ENOENT, "this build does not have %s",
                       attachment->info->row->symbols[row->function]);
    else
        attach_function(attachment, row, offset, returns, failure);
}

static bool is_for(const struct thaw_probe_row *row, const struct thaw_interpreter_info *info)
{
    return row->kind == THAW_PROBE_COLLECTOR || row->kind == THAW_PROBE_METHOD ||
           (row->kind == THAW_PROBE_INTERPRETER && info->row->symbols[row->function]);
}

static bool is_in(const struct thaw_probe_row *row, enum thaw_probe_set set)
{
    bool audits = row->uses & THAW_PROBE_AUDITS;

    return set == THAW_PROBES_ALL || audits == (set == THAW_PROBES_AUDIT);
}

static thaw_link_group group_of(uint32_t interpreter, pid_t process, enum thaw_probe_set set)
{
    if (process)
        return THAW_GROUP_OF_PROCESS(process);
    return set == THAW_PROBES_SPLIT ? THAW_GROUP_OF_SPLIT(interpreter) : interpreter;
}

void thaw_interpreter_probes_attach(struct thaw_programs *programs,
                                    const struct thaw_interpreter_info *info,
                                    const struct thaw_python_places *places, uint32_t interpreter,
                                    pid_t process, enum thaw_probe_set set,
                                    struct thaw_interpreter_probes *ret)
{
    const struct attachment attachment = {
        .programs = programs,
        .info = info,
        .places = places,
        .interpreter = interpreter,
        .group = group_of(interpreter, process, set),
        .process = process,
    };
    size_t count;
    const struct thaw_probe_row *rows = thaw_probes(&count);

    memset(ret, 0, sizeof(*ret));
    ret->attached = true;
    for (size_t i = 0; i < count && ret->count < THAW_PROBE_ATTEMPTS_MOST; i++) {
        struct thaw_probe_attempt *attempt = &ret->attempts[ret->count];

        if (!is_for(&rows[i], info) || !is_in(&rows[i], set))
            continue;
        ret->count++;
        attempt->row = &rows[i];
        attach_row(&attachment, &rows[i], &attempt->failure);
        if (attempt->failure.code && attempt->failure.code != -ENOENT && is_essential(&rows[i]))
            ret->attached = false;
    }
}
