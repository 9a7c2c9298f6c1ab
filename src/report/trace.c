/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/keys.h"
#include "report/shown_text.h"
#include "report/summary.h"
#include "report/trace.h"
#include "report/writers.h"

enum { ns_per_ms = 1000000, most_causes = 8 };

static int compare_ids(const void *left, const void *right)
{
    uint64_t a = thaw_summary_number(*(const json_t *const *)left, "id");
    uint64_t b = thaw_summary_number(*(const json_t *const *)right, "id");

    return (a > b) - (a < b);
}

static bool index_processes(struct thaw_trace *trace)
{
    const json_t *list = json_object_get(trace->report, "processes"), *process;
    size_t i;

    trace->processes = calloc(json_array_size(list) + 1, sizeof(*trace->processes));
    if (!trace->processes)
        return false;
    json_array_foreach(list, i, process)
    {
        trace->processes[trace->process_count++] = process;
    }
    qsort(trace->processes, trace->process_count, sizeof(*trace->processes), compare_ids);
    return true;
}

int thaw_trace_begin(struct thaw_trace *trace, const json_t *report, const char *format,
                     struct thaw_error *error)
{
    const json_t *track;
    size_t i;
    int code;

    *trace = (struct thaw_trace){.report = report, .run = json_object_get(report, "run")};
    if (!json_is_object(trace->run))
        return thaw_error_set(error, -ENODATA,
                              "-f %s is about a recording, which `thaw record` makes; nothing of a "
                              "target alone can be said in it",
                              format);
    json_array_foreach(json_object_get(report, "tracks"), i, track)
    {
        if (!trace->track && thaw_summary_is(track, "headline"))
            trace->track = track;
    }
    code = thaw_import_lanes_build(report, &trace->lanes, error);
    if (!code && !index_processes(trace))
        code = thaw_error_memory(error);
    return code;
}

void thaw_trace_end(struct thaw_trace *trace)
{
    free(trace->processes);
    thaw_import_lanes_free(&trace->lanes);
    thaw_arena_free(&trace->arena);
}

static const char *kept(struct thaw_trace *trace, const char *text)
{
    trace->values.failed |= !text;
    return text ? text : "";
}

const char *thaw_trace_text(struct thaw_trace *trace, const json_t *object, const char *key)
{
    return kept(trace, thaw_shown_text(&trace->arena, object, key));
}

const char *thaw_trace_format(struct thaw_trace *trace, const char *format, ...)
{
    const char *kept_text;
    va_list arguments;
    char *text = NULL;
    int length;

    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return kept(trace, NULL);
    kept_text = kept(trace, thaw_arena_string(&trace->arena, text));
    free(text);
    return kept_text;
}

const char *thaw_trace_tool(struct thaw_trace *trace)
{
    const char *version = thaw_trace_text(trace, json_object_get(trace->report, "tool"), "version");

    return thaw_trace_format(trace, "thaw%s%s", *version ? " " : "", version);
}

const json_t *thaw_trace_process(const struct thaw_trace *trace, uint64_t id)
{
    size_t low = 0, high = trace->process_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (thaw_summary_number(trace->processes[middle], "id") < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < trace->process_count && thaw_summary_number(trace->processes[low], "id") == id
               ? trace->processes[low]
               : NULL;
}

const char *thaw_trace_process_title(struct thaw_trace *trace, const json_t *process,
                                     const char *number)
{
    const char *role = thaw_trace_text(trace, process, "role");
    const char *program = thaw_trace_text(trace, process, "executable");

    program = thaw_key_last_part(program);
    return thaw_trace_format(trace, "%s%s%s%s%s", *role ? role : "process", number,
                             *program ? " (" : "", program, *program ? ")" : "");
}

const char *thaw_trace_process_name(struct thaw_trace *trace, uint64_t id)
{
    const json_t *process = thaw_trace_process(trace, id);
    uint64_t pid = thaw_summary_number(process, "pid");

    return thaw_trace_process_title(trace, process, thaw_trace_format(trace, " %" PRIu64, pid));
}

const char *thaw_trace_lane_name(struct thaw_trace *trace, const struct thaw_import_lane *lane)
{
    const json_t *process = thaw_trace_process(trace, lane->process);
    const char *thread = "main thread";

    if (lane->tid != thaw_summary_number(process, "pid"))
        thread = thaw_trace_format(trace, "thread %" PRIu64, lane->tid);
    if (lane->strand)
        thread = thaw_trace_format(trace, "%s, stack %" PRIu64, thread, lane->strand);
    return thread;
}

const char *thaw_trace_module_name(struct thaw_trace *trace, const json_t *module)
{
    const char *name = thaw_trace_text(trace, module, "name");

    return *name ? name : "(no-name)";
}

const char *thaw_trace_module_mark(const json_t *module)
{
    static const char *const marks[] = {"failed", "not-found", "unfinished"};
    const char *status = thaw_key_string(module, "status");

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (!strcmp(status, marks[i]))
            return marks[i];
    return "";
}

const char *thaw_trace_module_label(struct thaw_trace *trace, const json_t *module)
{
    const char *name = thaw_trace_module_name(trace, module);
    const char *mark = thaw_trace_module_mark(module);

    return *mark ? thaw_trace_format(trace, "%s (%s)", name, mark) : name;
}

static const struct thaw_import_lane *longest(const struct thaw_trace *trace, uint64_t process)
{
    const struct thaw_import_lane *most = NULL;

    for (size_t i = 0; i < trace->lanes.count; i++) {
        const struct thaw_import_lane *lane = &trace->lanes.items[i];

        if ((!process || lane->process == process) && (!most || lane->total_ns > most->total_ns))
            most = lane;
    }
    return most;
}

const struct thaw_import_lane *thaw_trace_main_lane(const struct thaw_trace *trace)
{
    uint64_t process = thaw_summary_number(trace->track, "process");
    const struct thaw_import_lane *lane = process ? longest(trace, process) : NULL;

    return lane ? lane : longest(trace, 0);
}

const char *thaw_trace_incomplete(struct thaw_trace *trace)
{
    const json_t *losses = json_object_get(trace->report, "losses"), *loss;
    const char *words = "incomplete recording";
    size_t i;

    if (thaw_summary_is(trace->report, "complete"))
        return "";
    json_array_foreach(losses, i, loss)
    {
        if (i == most_causes)
            return thaw_trace_format(trace, "%s …", words);
        words = thaw_trace_format(trace, "%s%s %" PRIu64 " × %s", words, i ? "," : ":",
                                  thaw_summary_number(loss, "count"),
                                  thaw_trace_text(trace, loss, "cause"));
    }
    return words;
}

void thaw_trace_set(struct thaw_trace *trace, json_t *object, const char *key, const char *text)
{
    thaw_values_set(&trace->values, object, key, json_string(text));
}

static json_t *copy_of_texts(struct thaw_trace *trace, const json_t *from, const char *key)
{
    json_t *list = thaw_values_array(&trace->values);

    for (size_t i = 0; i < json_array_size(json_object_get(from, key)); i++)
        thaw_values_append(&trace->values, list,
                           json_string(kept(trace, thaw_shown_item(&trace->arena, from, key, i))));
    return list;
}

void thaw_trace_copy(struct thaw_trace *trace, json_t *object, const json_t *from, const char *key)
{
    json_t *value = json_object_get(from, key);

    if (json_is_string(value))
        thaw_trace_set(trace, object, key, thaw_trace_text(trace, from, key));
    else if (json_is_string(json_array_get(value, 0)))
        thaw_values_set(&trace->values, object, key, copy_of_texts(trace, from, key));
    else if (value && !json_is_null(value))
        thaw_values_set(&trace->values, object, key, json_incref(value));
}

void thaw_trace_copy_all(struct thaw_trace *trace, json_t *object, const json_t *from,
                         const char *const *keys)
{
    for (; *keys; keys++)
        thaw_trace_copy(trace, object, from, *keys);
}

int64_t thaw_trace_signed(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

int64_t thaw_trace_since(int64_t ns, int64_t origin_ns)
{
    int64_t since_ns;

    if (!__builtin_sub_overflow(ns, origin_ns, &since_ns))
        return since_ns;
    return ns < origin_ns ? INT64_MIN : INT64_MAX;
}

bool thaw_trace_unix_offset(const struct thaw_trace *trace, int64_t *offset_ns)
{
    const char *started = thaw_key_string(trace->run, "started"), *rest;
    struct tm utc = {0};
    int64_t unix_ns;

    rest = strptime(started, "%Y-%m-%dT%H:%M:%S", &utc);
    if (!rest || *rest != '.' || strspn(rest + 1, "0123456789") != 3 || strcmp(rest + 4, "Z") != 0)
        return false;
    if (__builtin_mul_overflow((int64_t)timegm(&utc) * 1000 + atoi(rest + 1), (int64_t)ns_per_ms,
                               &unix_ns))
        return false;
    return !__builtin_sub_overflow(unix_ns, thaw_trace_signed(trace->run, "start_ns"), offset_ns);
}

int thaw_trace_write(struct thaw_trace *trace, json_t *document, FILE *stream,
                     struct thaw_error *error)
{
    int code = trace->values.failed ? thaw_error_memory(error)
                                    : thaw_write_compact_json(document, stream, error);

    json_decref(document);
    return code;
}
